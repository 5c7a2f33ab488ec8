//! From a template's text to what a connector works with: everything that can be wrong is said here, at load.

use crate::{
    auth, lasting,
    template::{Daily, Family as Written, Limits as WrittenLimits, Template, Unit as WrittenUnit, Webhook},
};
use std::{collections::BTreeSet, fmt, time::Duration};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{Capability, ConnectorInfo, Family, PullRules, RecordShape, Setting},
    http::rate_limit::{Daily as DailyLimit, DayEnds, Limits, Quota, RateHeaders, Unit},
    mapping::{Fields, Part, Record, Rules},
    model::RecordKind,
    webhook::guide::{self, Step, Value},
};
use url::Url;

/// A larger file describes no platform.
const MAX_FILE: usize = 256 * 1_024;

/// What the errors of each operation name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operations {
    pub(crate) check: &'static str,
    pub(crate) pull: &'static str,
    pub(crate) fetch: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) pipelines: &'static str,
    pub(crate) locations: &'static str,
    pub(crate) normalize: &'static str,
    pub(crate) identify: &'static str,
    pub(crate) webhook: &'static str,
}

impl Operations {
    fn of(id: &str) -> Self {
        let name = |what: &str| lasting::text(format!("{id}.{what}"));
        Self {
            check: name("check"),
            pull: name("pull"),
            fetch: name("fetch"),
            deleted: name("deleted"),
            pipelines: name("pipelines"),
            locations: name("locations"),
            normalize: name("normalize"),
            identify: name("identify"),
            webhook: name("webhook"),
        }
    }
}

/// A template, ready for use.
pub(crate) struct Plan {
    pub(crate) info: ConnectorInfo,
    pub(crate) limits: Limits,
    pub(crate) kind: RecordKind,
    pub(crate) operations: Operations,
    pub(crate) fields: Fields,
    /// The list that each part with `each` goes through.
    pub(crate) lists: [Option<&'static str>; 4],
    /// The name of each step of `gather`, for errors.
    pub(crate) members: Vec<&'static str>,
    pub(crate) guide: Option<&'static guide::Template>,
    /// The list that holds the events of a webhook.
    pub(crate) events: Option<&'static str>,
    /// The header that proves a webhook.
    pub(crate) proof: &'static str,
    pub(crate) template: Template,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("id", &self.info.id).finish_non_exhaustive()
    }
}

/// The parts of a field map that go through a list.
pub(crate) const EACH: [Part; 4] = [Part::Item, Part::Discount, Part::Charge, Part::Payment];

/// An error at a place of the file; `at` is a byte offset.
fn refuse_at(file: &str, text: &str, at: usize, message: impl fmt::Display) -> Error {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Error::new(
        ErrorKind::Mapping,
        "template.parse",
        format!("{file}, line {line}, column {column}: {message}"),
    )
    .with("file", file)
    .with("line", line.to_string())
    .with("column", column.to_string())
}

/// What is wrong with a value that reads well, told by the name it stands under.
struct Fault {
    /// `pull.list.pages`.
    field: String,
    message: String,
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { field: field.into(), message: message.into() }
}

impl Fault {
    /// Placed at the line that says it, as well as that can be told: the last name of the field below its table.
    fn into_error(self, file: &str, text: &str) -> Error {
        let at = place(text, &self.field);
        refuse_at(file, text, at, format_args!("{}: {}", self.field, self.message)).with("field", self.field)
    }
}

/// Where a field stands: the table with the longest name the field begins with, and below it the line of its next name.
fn place(text: &str, field: &str) -> usize {
    let mut best = (0, 0);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let header = line.trim().trim_start_matches('[').split(']').next().unwrap_or_default();
        let is_header = line.trim_start().starts_with('[');
        if is_header && header.len() > best.1 && format!("{field}.").starts_with(&format!("{header}.")) {
            best = (offset, header.len());
        }
        offset += line.len();
    }
    let rest = field.get(best.1..).unwrap_or_default().trim_start_matches('.');
    let name = rest.split('.').next().unwrap_or_default();
    if name.is_empty() {
        return best.0;
    }
    let mut offset = best.0;
    for (nth, line) in text.get(best.0..).unwrap_or_default().split_inclusive('\n').enumerate() {
        let starts_table = line.trim_start().starts_with('[') && !(nth == 0 && best.1 > 0);
        if starts_table {
            break;
        }
        if line.split(['=', '.', ' ']).next().is_some_and(|first| first.trim() == name) {
            return offset;
        }
        offset += line.len();
    }
    best.0
}

impl Plan {
    /// Reads a template.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self> {
        if text.len() > MAX_FILE {
            let message = format!("a template has at most {MAX_FILE} bytes, found {}", text.len());
            return Err(refuse_at(file, text, 0, message));
        }
        let template: Template = toml::from_str(text).map_err(|error| {
            refuse_at(file, text, error.span().map_or(0, |span| span.start), error.message().trim_end())
        })?;
        let fields = Fields::parse(file, text)?;
        check(&template, &fields).map_err(|fault| fault.into_error(file, text))?;
        let rules = rules(file, text, &template)?;
        Ok(Self::of(template, fields, rules))
    }

    fn of(template: Template, fields: Fields, rules: &'static str) -> Self {
        let guide = template.webhook.as_ref().map(|webhook| lasting::value(of_guide(webhook)));
        let each = |part: Part| {
            let table = template.map.get(part.table().trim_start_matches("map."))?;
            table.get("each")?.as_str().map(lasting::text)
        };
        Self {
            info: info(&template, rules),
            limits: limits(&template.limits),
            kind: match template.family {
                Written::Crm => RecordKind::Deal,
                Written::Pos => RecordKind::Order,
            },
            operations: Operations::of(&template.id),
            lists: EACH.map(each),
            members: template.gather.iter().map(|step| lasting::text(&step.member)).collect(),
            events: template
                .webhook
                .as_ref()
                .and_then(|webhook| webhook.event.get("each")?.as_str())
                .map(lasting::text),
            proof: template.webhook.as_ref().map_or("", |webhook| lasting::text(webhook.verify.header())),
            fields,
            guide,
            template,
        }
    }

    /// The list a part of the field map goes through.
    pub(crate) fn list(&self, part: Part) -> Option<&'static str> {
        EACH.iter().zip(self.lists).find(|(each, _)| **each == part).and_then(|(_, list)| list)
    }

    /// The member of the root resource that is its id.
    pub(crate) fn id(&self) -> &str {
        &self.template.record.id
    }
}

/// The platform's own mapping rules, with as many empty lines before them as the template has: so errors and provenance
/// name the lines of the template.
fn rules(file: &str, text: &str, template: &Template) -> Result<&'static str> {
    let before = text.find(template.rules.trim_end()).map_or(0, |at| text[..at].matches('\n').count());
    let padded = format!("{}{}", "\n".repeat(before), template.rules);
    Rules::parse_named(file, &padded)?;
    Ok(lasting::text(padded))
}

/// What the types do not say.
fn check(template: &Template, fields: &Fields) -> Result<(), Fault> {
    if template.version != 1 {
        return Err(fault("version", "this engine reads version = 1 of templates"));
    }
    let plain = |text: &str| {
        (1..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !plain(&template.id) {
        return Err(fault("id", "an id is 1 to 40 small letters, digits and underscores, such as pipedrive"));
    }
    if template.name.trim().is_empty() {
        return Err(fault("name", "the platform's name is missing"));
    }
    let url = Url::parse(&template.base_url)
        .ok()
        .filter(|url| url.scheme() == "https" && url.path().ends_with('/'));
    if url.is_none() {
        return Err(fault("base_url", "a base URL begins with https:// and ends with a slash"));
    }
    let mut names = BTreeSet::new();
    for setting in &template.settings {
        if !plain(&setting.name) || !names.insert(&setting.name) {
            return Err(fault("settings", format!("{:?} is no name, or is there twice", setting.name)));
        }
        if !setting.description.ends_with('.') {
            return Err(fault(
                "settings",
                format!("describe {} in a sentence, with a full stop", setting.name),
            ));
        }
    }
    if template.limits.calls == 0 || template.limits.seconds == 0 {
        return Err(fault("limits.calls", "with no call in no time nothing could ever be read"));
    }
    let auth = &template.auth;
    if auth.oauth.is_none() && auth.key.is_none() && !auth.bearer {
        return Err(fault("auth", "say how a connection proves who it is: oauth, key, or bearer = true"));
    }
    check_record(template, fields)?;
    check_lists(template)?;
    match template.family {
        Written::Crm if template.pipelines.is_none() => {
            Err(fault("pipelines", "a CRM has pipelines: say where they are listed"))
        }
        Written::Pos if template.locations.is_none() => {
            Err(fault("locations", "a till has shops: say where they are listed"))
        }
        _ => Ok(()),
    }
}

fn check_record(template: &Template, fields: &Fields) -> Result<(), Fault> {
    let record = &template.record;
    let first = record.currency.split('.').next().unwrap_or_default();
    if record.root.is_empty()
        || (first != record.root && !record.members.iter().any(|member| member == first))
    {
        let message = format!("a path that begins with {}. or with a member of the record", record.root);
        return Err(fault("record.currency", message));
    }
    let mut paths = vec![&record.currency, &record.id];
    paths.extend(template.gather.iter().flat_map(|step| step.of.iter().chain(step.when.keys())));
    let shape = RecordShape { root: "", lists: &[], currency: "", singles: &[], stand_ins: &[] };
    let probe = Record::new(b"{}", &shape).map_err(|error| fault("record", error.message()))?;
    for path in paths {
        probe.get(path).map_err(|error| fault("record", error.message()))?;
    }
    if !fields.sets(Part::Sale, "id") {
        return Err(fault("map.sale", "say where the id of a record is: id = \"raw.…\""));
    }
    for part in EACH {
        let name = part.table();
        let table = template.map.get(name.trim_start_matches("map."));
        let each = table.and_then(|table| table.get("each"));
        match each {
            Some(toml::Value::String(path)) if probe.get(path).is_ok() => {}
            Some(_) => {
                return Err(fault(
                    format!("{name}.each"),
                    "each is the path of a list of the record: \"products\"",
                ));
            }
            None if fields.has(part) => {
                return Err(fault(name, "say which list it goes through: each = \"products\""));
            }
            None => {}
        }
    }
    let events = template.webhook.as_ref().and_then(|webhook| webhook.event.get("each"));
    match events {
        None => {}
        Some(toml::Value::String(path)) if path.is_empty() || probe.get(path).is_ok() => {}
        Some(_) => {
            return Err(fault(
                "webhook.event.each",
                "each is the path of a list of the delivery: \"events\"",
            ));
        }
    }
    if template.webhook.is_some() && !fields.sets(Part::Event, "kind") {
        return Err(fault("webhook.event", "say what kind of event it is: kind = \"raw.…\""));
    }
    Ok(())
}

fn check_lists(template: &Template) -> Result<(), Fault> {
    use crate::template::Pages;
    let mut lists = Vec::new();
    lists.extend(template.pull.as_ref().map(|pull| ("pull.list", &pull.list)));
    lists.extend(template.gather.iter().map(|step| ("gather.list", &step.list)));
    lists.extend(template.deleted.as_ref().map(|list| ("deleted", list)));
    lists.extend(template.pipelines.as_ref().map(|pipelines| ("pipelines.list", &pipelines.list)));
    lists.extend(
        template
            .pipelines
            .as_ref()
            .and_then(|p| p.stages.list.as_ref())
            .map(|l| ("pipelines.stages.list", l)),
    );
    lists.extend(template.locations.as_ref().map(|locations| ("locations.list", &locations.list)));
    for (field, list) in lists {
        let ends = match &list.pages {
            Some(Pages::Page { more, last, size, .. }) => more.is_some() || last.is_some() || size.is_some(),
            Some(Pages::Offset { more, size, .. }) => more.is_some() || size.is_some(),
            _ => true,
        };
        if !ends {
            return Err(fault(format!("{field}.pages"), "say how the list ends: more, last or size"));
        }
        check_places(field, &list.get, template)?;
    }
    if !template.fetch.get.contains("{id}")
        && !template.fetch.query.values().any(|value| value.text().contains("{id}"))
    {
        return Err(fault("fetch.get", "the call for one record names it: {id}"));
    }
    check_places("fetch", &template.fetch.get, template)?;
    for step in &template.gather {
        if !template.record.lists.contains_key(&step.member)
            && !template.record.members.contains(&step.member)
        {
            let message = format!("{:?} is none of record.lists and record.members", step.member);
            return Err(fault("gather.member", message));
        }
        if step.batch.is_some() && !step.list.names("{ids}") {
            return Err(fault("gather.list", "nothing names what is asked for: {ids}"));
        }
        if step.batch == Some(0) {
            return Err(fault("gather.batch", "at least 1"));
        }
        let alone = step.batch.is_none() && step.list.names("{id}");
        if !alone && step.of.is_none() && step.belongs.is_none() {
            return Err(fault("gather.belongs", "say by which member each of them tells whose it is"));
        }
    }
    Ok(())
}

/// That every place of a path is one we fill.
fn check_places(field: &str, path: &str, template: &Template) -> Result<(), Fault> {
    for place in path.split('{').skip(1) {
        let name = place.split('}').next().unwrap_or_default();
        let setting = name.strip_prefix("setting.");
        let known = setting.map_or(matches!(name, "id" | "ids" | "since" | "until"), |setting| {
            template.settings.iter().any(|known| known.name == setting)
        });
        if !known {
            let message = format!(
                "unknown place {{{name}}}: there are {{id}}, {{ids}}, {{since}}, {{until}} and {{setting.NAME}}"
            );
            return Err(fault(field, message));
        }
    }
    Ok(())
}

fn info(template: &Template, rules: &'static str) -> ConnectorInfo {
    let settings = template.settings.iter().map(|setting| Setting {
        name: lasting::text(&setting.name),
        description: lasting::text(&setting.description),
        required: setting.required,
    });
    let record = &template.record;
    let claimed = [
        (Capability::Pull, template.pull.is_some()),
        (Capability::Fetch, true),
        (Capability::Webhook, template.webhook.is_some()),
        (Capability::Locations, template.family == Written::Pos),
        (Capability::Pipelines, template.family == Written::Crm),
        (Capability::Refunds, refunds(template)),
        (Capability::Deletions, template.deleted.is_some()),
    ];
    ConnectorInfo {
        id: lasting::text(&template.id),
        name: lasting::text(&template.name),
        family: match template.family {
            Written::Crm => Family::Crm,
            Written::Pos => Family::Pos,
        },
        auth: lasting::list(auth::schemes(&template.auth)),
        capabilities: lasting::list(
            claimed.into_iter().filter(|(_, claimed)| *claimed).map(|(what, _)| what),
        ),
        base_url: lasting::text(&template.base_url),
        hosts: lasting::list(template.hosts.iter().map(lasting::text)),
        settings: lasting::list(settings),
        record: RecordShape {
            root: lasting::text(&record.root),
            lists: lasting::pairs(&record.lists),
            currency: lasting::text(&record.currency),
            singles: lasting::list(record.members.iter().map(lasting::text)),
            stand_ins: &[],
        },
        rules,
        pull: pull_rules(template),
        calls_per_second: (template.limits.calls
            / u32::try_from(template.limits.seconds).unwrap_or(u32::MAX))
        .max(1),
    }
}

fn refunds(template: &Template) -> bool {
    let sale = template.map.get("sale");
    sale.is_some_and(|sale| sale.contains_key("refund_of") || sale.contains_key("refund"))
}

fn pull_rules(template: &Template) -> PullRules {
    let usual = PullRules { deletes: template.fetch.missing_is_deleted, ..PullRules::DEFAULT };
    let Some(pull) = &template.pull else { return usual };
    PullRules {
        overlap: pull.overlap_seconds.map_or(usual.overlap, Duration::from_secs),
        rescan: pull.rescan_hours.map(|hours| Duration::from_secs(hours.saturating_mul(3600))),
        by_time: pull.by_time && pull.newest_first.is_none(),
        by_id: false,
        cap: pull.cap,
        resolution: if pull.whole_seconds { Duration::from_secs(1) } else { usual.resolution },
        ..usual
    }
}

fn limits(written: &WrittenLimits) -> Limits {
    let burst = written.burst.unwrap_or(written.calls);
    let mut limits =
        Limits::new(Quota { calls: written.calls, per: Duration::from_secs(written.seconds), burst });
    if let Some(headers) = &written.headers {
        let unit = match headers.reset_in {
            WrittenUnit::Millis => Unit::Millis,
            WrittenUnit::Seconds => Unit::Seconds,
            WrittenUnit::UnixSeconds => Unit::UnixSeconds,
        };
        limits.headers = RateHeaders {
            limit: None,
            window: None,
            remaining: headers.remaining.as_ref().map(lasting::text),
            reset: headers.reset.as_ref().map(|name| (lasting::text(name), unit)),
        };
    }
    limits.daily = written.daily.as_ref().map(|Daily { limit, remaining, used_up }| DailyLimit {
        calls: None,
        ends: DayEnds::Unknown,
        limit: limit.as_ref().map(lasting::text),
        remaining: remaining.as_ref().map(lasting::text),
        used_up: used_up.as_ref().map(|(name, value)| (lasting::text(name), lasting::text(value))),
    });
    limits
}

fn of_guide(webhook: &Webhook) -> guide::Template {
    let guide = &webhook.guide;
    let steps = guide.steps.iter().map(|step| Step {
        text: lasting::text(&step.text),
        value: match step.paste.as_deref() {
            None => Value::None,
            Some("{url}") => Value::Url,
            Some("{events}") => Value::Events,
            Some(text) => Value::Text(lasting::text(text)),
        },
    });
    guide::Template {
        before: lasting::text(&guide.before),
        steps: lasting::list(steps),
        events: lasting::list(
            guide.events.iter().map(|(name, why)| (lasting::text(name), lasting::text(why))),
        ),
        secret: lasting::text(&guide.secret),
        check: lasting::text(&guide.check),
        files: &[],
    }
}
