//! A source path of a rule, checked when it loads and read without parsing when it is applied.

use super::{
    buyer::MappedBuyer,
    catalog::{Facts, Field, GROUPS, Scope, Section, TARGETS, document_kind},
    path::Path,
    problem::{Problem, shown},
    record::Record,
    table::Tables,
    value::{Kind, Value},
};
use std::borrow::Cow;

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// As written.
    pub(super) text: String,
    from: From,
}

#[derive(Debug, Clone)]
enum From {
    /// A typed source, limited to a kind of document or not.
    Field(Option<&'static str>, &'static Field),
    /// `raw.*`.
    Raw(Path),
    /// `custom.*`.
    Custom(String),
    /// `buyer.*`: the index of the target.
    Decided(usize),
}

/// Everything rules read while they are applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cx<'d, 'v, 'r> {
    pub(super) facts: Facts<'v>,
    pub(super) record: &'v Record<'r>,
    pub(super) bindings: &'v [(&'v str, usize)],
    /// The buyer's targets decided so far.
    pub(super) buyer: &'d MappedBuyer<'v>,
    /// The tenant's time zone.
    pub(super) zone: chrono_tz::Tz,
    /// The tables that lookups name.
    pub(super) tables: Option<&'v Tables>,
}

impl Cx<'_, '_, '_> {
    /// The time zone of the sale's location, else the tenant's.
    pub(super) fn zone(&self) -> chrono_tz::Tz {
        let location = self.facts.sale.location.as_ref().and_then(|location| location.timezone.as_deref());
        location.and_then(|name| name.parse().ok()).unwrap_or(self.zone)
    }
}

impl Source {
    /// Reads a source for a rule that sets `TARGETS[target]`. A problem's place is left to the caller.
    pub(super) fn parse(text: &str, target: usize) -> Result<Self, Problem> {
        let section = TARGETS[target].section;
        let (prefix, rest) = text.split_once('.').unwrap_or((text, ""));
        let from = match prefix {
            "raw" => {
                let path = Path::parse(rest)?;
                if path.is_bound() && !section.has_elements() {
                    let able = "[each.line] and [each.charge]";
                    return Err(Problem::at(0, format!("{text:?} has [], which only {able} can bind")));
                }
                From::Raw(path)
            }
            "custom" => From::Custom(custom(rest)?),
            _ if section.is_map() => {
                let hint = "; a field map reads the record: raw.<path>, or custom.<name>";
                return Err(Problem::at(0, format!("unknown source {:?}{hint}", shown(text))));
            }
            "buyer" => From::Decided(decided(text, rest, target)?),
            _ => typed(text, prefix, rest, section)?,
        };
        Ok(Self { text: text.to_owned(), from })
    }

    /// What kind of value it gives.
    pub(super) fn kind(&self) -> Kind {
        match &self.from {
            From::Field(_, field) => field.kind,
            From::Raw(_) | From::Custom(_) => Kind::Any,
            From::Decided(_) => Kind::Text,
        }
    }

    /// The kind of document it is there for; none for all.
    pub(super) fn document(&self) -> Option<&'static str> {
        if let From::Field(document, _) = &self.from { *document } else { None }
    }

    /// The only values it takes; empty: any.
    pub(super) fn one_of(&self) -> &'static [&'static str] {
        if let From::Field(_, field) = &self.from { field.one_of } else { &[] }
    }

    /// How many elements of the record it could stand for here; 1 for everything without `[]`.
    pub(super) fn picks(&self, cx: &Cx<'_, '_, '_>) -> usize {
        match &self.from {
            From::Raw(path) if path.is_bound() => cx.record.picks(path, cx.bindings),
            _ => 1,
        }
    }

    /// Whether it is nothing where the record names no customer.
    pub(super) fn is_of_customer(&self) -> bool {
        matches!(self.from, From::Field(..)) && self.text.starts_with("customer.")
    }

    /// Whether it has `[]`.
    pub(super) fn is_bound(&self) -> bool {
        matches!(&self.from, From::Raw(path) if path.is_bound())
    }

    /// Of a path with `[]`: what stands before it as written, and the list as bindings name it.
    pub(super) fn list(&self) -> Option<(&str, &str)> {
        let From::Raw(path) = &self.from else { return None };
        let before = self.text.strip_prefix("raw.")?.split_once("[]")?.0;
        path.is_bound().then(|| (before, path.list().text))
    }

    /// The value; none where it is missing, null or blank.
    pub(super) fn read<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Option<Value<'v>> {
        match &self.from {
            From::Field(document, field) => {
                document.is_none_or(|kind| kind == document_kind(cx.facts.document)).then_some(())?;
                (field.get)(&cx.facts)
            }
            From::Raw(path) => Value::raw(cx.record.resolve(path, cx.bindings, pick)?.value),
            From::Custom(name) => Value::raw(cx.record.custom(name)?.0),
            From::Decided(target) => Some(Value::Text(cx.buyer.at(*target)?.clone())),
        }
    }

    /// As `read`, to be looked at only: what was decided about the buyer is not copied.
    pub(super) fn peek<'p, 'v: 'p>(&'v self, cx: &Cx<'p, 'v, '_>, pick: usize) -> Option<Value<'p>> {
        match &self.from {
            From::Decided(target) => Some(Value::Text(Cow::Borrowed(cx.buyer.at(*target)?))),
            _ => self.read(cx, pick),
        }
    }

    /// The path with every `[]` and alias filled in, for people who ask where a value came from.
    pub(super) fn resolved(&self, cx: &Cx<'_, '_, '_>, pick: usize) -> String {
        let found = match &self.from {
            From::Raw(path) if path.is_bound() => {
                cx.record.resolve(path, cx.bindings, pick).map(|found| found.path(&self.text))
            }
            From::Custom(name) => cx.record.custom_path(name).map(|path| format!("raw.{path}")),
            _ => None,
        };
        found.unwrap_or_else(|| self.text.clone())
    }
}

fn custom(name: &str) -> Result<String, Problem> {
    let path = Path::parse(name)?;
    match path.steps.as_slice() {
        [super::path::Step::Member(name)] => Ok(name.clone()),
        _ => Err(Problem::at(0, "custom.* names one field; write a longer path as raw.*")),
    }
}

fn decided(text: &str, name: &str, target: usize) -> Result<usize, Problem> {
    let buyer = || TARGETS.iter().enumerate().filter(|(_, t)| t.section == Section::Buyer);
    match buyer().find(|(_, t)| t.name == name) {
        Some((index, _)) if index < target => Ok(index),
        Some(_) => Err(Problem::at(0, format!("{text:?} is decided after {:?}", TARGETS[target].name))),
        None => {
            let names: Vec<String> = buyer().map(|(_, t)| format!("buyer.{}", t.name)).collect();
            Err(Problem::unknown(0, "source", text, names.iter().map(String::as_str)))
        }
    }
}

fn typed(text: &str, prefix: &str, rest: &str, section: Section) -> Result<From, Problem> {
    let Some(group) = GROUPS.iter().find(|group| group.prefix == prefix) else {
        return Err(unknown(text, section));
    };
    if let Scope::Only(only) = group.scope
        && only != section
    {
        return Err(Problem::at(0, format!("{text:?} can be read only in [{}]", only.table())));
    }
    match group.fields().find(|field| field.name == rest) {
        Some(field) => Ok(From::Field(group.document, field)),
        None => Err(unknown(text, section)),
    }
}

/// Names every source a rule of this section could have meant.
fn unknown(text: &str, section: Section) -> Problem {
    let mut names = names(section);
    if let Some((prefix, rest)) = text.split_once('.')
        && !GROUPS.iter().any(|group| group.prefix == prefix)
    {
        names.extend([format!("raw.{rest}"), format!("custom.{rest}")]);
    }
    let problem = Problem::unknown(0, "source", text, names.iter().map(String::as_str));
    if text.contains('.') {
        problem
    } else {
        problem.hint("; a fixed text is written { value = \"...\" }, a field of the record raw.<path>")
    }
}

/// The typed sources of a section.
pub(super) fn names(section: Section) -> Vec<String> {
    GROUPS
        .iter()
        .filter(|group| group.scope == Scope::Anywhere || group.scope == Scope::Only(section))
        .flat_map(|group| group.fields().map(|field| format!("{}.{}", group.prefix, field.name)))
        .collect()
}
