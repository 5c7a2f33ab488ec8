//! From a template's text to what a connector works with.

use crate::{
    check::{check, refuse_at},
    facts::{guide, info, limits},
    hints, lasting,
    template::{Family, Template},
};
use std::fmt;
use taxpoynt_core::{
    Result,
    connector::ConnectorInfo,
    http::rate_limit::Limits,
    mapping::{Fields, Part, Rules},
    model::RecordKind,
    webhook::guide::Template as Guide,
};

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

/// A template that was read and found right; nothing of it stays yet.
pub(crate) struct Read {
    template: Template,
    fields: Fields,
    rules: String,
    text: String,
}

impl Read {
    /// Reads a template.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self> {
        if text.len() > MAX_FILE {
            let message = format!("a template has at most {MAX_FILE} bytes, found {}", text.len());
            return Err(refuse_at(file, text, 0, message));
        }
        let template: Template = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            refuse_at(file, text, at, hints::with_hint(error.message().trim_end()))
        })?;
        let fields = Fields::parse(file, text)?;
        check(&template, &fields).map_err(|fault| fault.into_error(file, text))?;
        let rules = rules(file, text, &template)?;
        Ok(Self { template, fields, rules, text: text.to_owned() })
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
    pub(crate) guide: Option<&'static Guide>,
    /// The list that holds the events of a webhook.
    pub(crate) events: Option<&'static str>,
    /// The header that proves a webhook.
    pub(crate) proof: &'static str,
    /// The template as it was read.
    pub(crate) text: &'static str,
    pub(crate) template: Template,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("id", &self.info.id).finish_non_exhaustive()
    }
}

/// The parts of a field map that go through a list.
pub(crate) const EACH: [Part; 4] = [Part::Item, Part::Discount, Part::Charge, Part::Payment];

impl Plan {
    /// Makes what a template says stay.
    pub(crate) fn of(Read { template, fields, rules, text }: Read) -> Self {
        let (rules, text) = (lasting::text(rules), lasting::text(text));
        let guide = template.webhook.as_ref().map(|webhook| lasting::value(guide(webhook)));
        let each = |part: Part| {
            let table = template.map.get(part.table().trim_start_matches("map."))?;
            table.get("each")?.as_str().map(lasting::text)
        };
        Self {
            info: info(&template, rules),
            limits: limits(&template.limits),
            kind: match template.family {
                Family::Crm => RecordKind::Deal,
                Family::Pos => RecordKind::Order,
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
            text,
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
fn rules(file: &str, text: &str, template: &Template) -> Result<String> {
    let before = text.find(template.rules.trim_end()).map_or(0, |at| text[..at].matches('\n').count());
    let padded = format!("{}{}", "\n".repeat(before), template.rules);
    Rules::parse_named(file, &padded)?;
    Ok(padded)
}
