//! What is wrong with a template, and where: everything that the types do not say is said here, at load.

use crate::{
    plan::EACH,
    template::{Family, Pages, Template},
};
use std::{collections::BTreeSet, fmt};
use taxpoynt_core::{
    Error, ErrorKind,
    connector::RecordShape,
    mapping::{Fields, Part, Record},
};
use url::Url;

/// An error at a place of the file; `at` is a byte offset.
pub(crate) fn refuse_at(file: &str, text: &str, at: usize, message: impl fmt::Display) -> Error {
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
pub(crate) struct Fault {
    /// `pull.list.pages`.
    field: String,
    message: String,
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { field: field.into(), message: message.into() }
}

impl Fault {
    /// Placed at the line that says it, as well as that can be told: the last name of the field below its table.
    pub(crate) fn into_error(self, file: &str, text: &str) -> Error {
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

/// What the types do not say.
pub(crate) fn check(template: &Template, fields: &Fields) -> Result<(), Fault> {
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
        Family::Crm if template.pipelines.is_none() => {
            Err(fault("pipelines", "a CRM has pipelines: say where they are listed"))
        }
        Family::Pos if template.locations.is_none() => {
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
