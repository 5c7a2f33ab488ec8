//! Rules applied once more for a person who asks: for each target every rule that was looked at, what it read, what each
//! transform made of it, and how it ended. Nothing else runs this; `apply` pays nothing for it.

use super::{
    MappedBuyer, Rules,
    catalog::{Facts, Section, TARGETS, document_kind, target_index},
    path::Path,
    provenance,
    record::Record,
    rule::{From, Rule},
    source::{Cx, Source},
    tax,
    transform::{Failure, Transform},
    tree::{Node, Tree},
    value::{Kind, Value},
    when,
};
use crate::{
    Error, ErrorKind, Result,
    model::{Sale, SourceDocument},
    tenant::Tenant,
};
use serde::Serialize;
use std::borrow::Cow;

/// Characters of a parameter that are shown.
const SHOWN: usize = 60;

/// The rules of one target, in the order they were tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traced {
    /// As [`Provenance::target`](super::Provenance::target), counted as the record counts its items: `lines[0].tax`.
    pub target: String,
    /// Up to and with the one that decided.
    pub rules: Vec<Looked>,
}

impl Traced {
    /// The rule that set the target.
    #[must_use]
    pub fn decided(&self) -> Option<&Looked> {
        self.rules.last().filter(|rule| matches!(rule.end, End::Set { .. }))
    }
}

/// A rule that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// The layer it belongs to: `base`, `square/mapping.toml`, `tenant` (the settings), `rules@1f3a5c7e9b2d`.
    pub layer: String,
    /// The line of that file, from 1.
    pub line: usize,
    /// Its own name, where it has one: of the settings' rules the setting.
    pub name: Option<String>,
    /// What it reads, in its order; none for a fixed value.
    pub sources: Vec<Read>,
    /// What its `when` looks at, each path once.
    pub when: Vec<Read>,
    /// What each transform made of it.
    pub steps: Vec<Step>,
    /// How it ended.
    pub end: End,
}

/// A source that a rule reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Read {
    /// With indexes filled in: `raw.order.line_items[0].name`.
    pub path: String,
    /// What it holds; none where there is nothing.
    pub value: Option<String>,
    /// Of a field of the model where the connector reads it in the record, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// A transform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// As written: `max_len 35`.
    pub transform: String,
    /// What it gave; none: nothing.
    pub value: Option<String>,
}

/// How a rule ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum End {
    /// It set the target.
    Set {
        /// To what.
        value: String,
    },
    /// Its `when` does not hold.
    DoesNotApply,
    /// There is nothing at its source.
    Nothing,
    /// It sets nothing, on purpose.
    Skipped,
    /// What it read cannot be used, or something required is missing.
    Failed {
        /// Why.
        why: String,
    },
}

/// Every target of a document with the rules that were looked at for it.
///
/// # Errors
/// `Config` where the tenant names no time zone that exists.
pub fn trace(
    rules: &Rules,
    document: &SourceDocument,
    record: &Record<'_>,
    tenant: &Tenant,
) -> Result<Vec<Traced>> {
    let sale = document.sale();
    let zone = tenant.zone().map_err(|message| Error::new(ErrorKind::Config, "mapping.trace", message))?;
    let customer = sale.customer.as_ref();
    let facts = Facts {
        document,
        sale,
        customer,
        contact: customer.and_then(|customer| customer.billing_contact()),
        tenant,
        item: None,
        charge: None,
        tender: None,
    };
    let nobody = MappedBuyer::default();
    let cx = Cx { facts, record, bindings: &[], buyer: &nobody, zone, tables: rules.tables() };
    let mut tracer = Tracer { rules, traced: Vec::new() };
    tracer.all(sale, &cx);
    Ok(tracer.traced)
}

struct Tracer<'v> {
    rules: &'v Rules,
    traced: Vec<Traced>,
}

impl<'v> Tracer<'v> {
    fn all(&mut self, sale: &'v Sale, cx: &Cx<'_, 'v, '_>) {
        let kind = document_kind(cx.facts.document);
        if let Some(index) = target_index(Section::Trigger, kind) {
            let (rules, _) = self.target(index, cx);
            self.traced.push(Traced { target: format!("trigger.{kind}"), rules });
        }
        self.section(Section::Invoice, "", cx);
        let buyer = self.buyer(cx);
        let cx = Cx { buyer: &buyer, ..*cx };
        for (i, item) in sale.items.iter().enumerate() {
            let cx = Cx { facts: Facts { item: Some(item), ..cx.facts }, bindings: &item.bindings, ..cx };
            self.section(Section::Line, &format!("lines[{i}]."), &cx);
        }
        for (i, charge) in sale.charges.iter().enumerate() {
            let facts = Facts { charge: Some(charge), ..cx.facts };
            let cx = Cx { facts, bindings: &charge.bindings, ..cx };
            self.section(Section::Charge, &format!("charges[{i}]."), &cx);
        }
        for (i, tender) in sale.tenders.iter().enumerate() {
            let cx = Cx { facts: Facts { tender: Some(tender), ..cx.facts }, ..cx };
            self.section(Section::Payment, &format!("payment_means[{i}]."), &cx);
        }
    }

    /// Its targets one after the other: a rule can read what was decided before its own.
    fn buyer(&mut self, cx: &Cx<'_, 'v, '_>) -> MappedBuyer<'v> {
        let mut buyer = MappedBuyer::default();
        for (index, target) in TARGETS.iter().enumerate().filter(|(_, t)| t.section == Section::Buyer) {
            let (rules, value) = self.target(index, &Cx { buyer: &buyer, ..*cx });
            buyer.put(index, value.map(Cow::Owned));
            self.traced.push(Traced { target: format!("buyer.{}", target.name), rules });
        }
        buyer
    }

    fn section(&mut self, section: Section, at: &str, cx: &Cx<'_, 'v, '_>) {
        for (index, target) in TARGETS.iter().enumerate().filter(|(_, t)| t.section == section) {
            let (rules, _) = self.target(index, cx);
            self.traced.push(Traced { target: format!("{at}{}", target.name), rules });
        }
    }

    /// The rules of a target up to the one that decides, and what it decides.
    fn target(&self, index: usize, cx: &Cx<'_, 'v, '_>) -> (Vec<Looked>, Option<String>) {
        let kind = TARGETS.get(index).map_or(Kind::Any, |target| target.kind);
        let mut looked = Vec::new();
        for rule in self.rules.of(index) {
            // Of several elements that `[]` could stand for, the first that decides counts, else the first.
            let mut all = (0..rule.picks(cx)).map(|pick| rule.looked(cx, pick, kind));
            let first = all.next();
            let undecided = |one: &Looked| matches!(one.end, End::DoesNotApply | End::Nothing);
            let one = match first {
                Some(first) if undecided(&first) => all.find(|one| !undecided(one)).or(Some(first)),
                first => first,
            };
            let Some(one) = one else { continue };
            let value = if let End::Set { value } = &one.end { Some(value.clone()) } else { None };
            let is_over = !undecided(&one);
            looked.push(one);
            if is_over {
                return (looked, value);
            }
        }
        (looked, None)
    }
}

impl Rule {
    fn looked<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize, kind: Kind) -> Looked {
        let (layer, name) = self.label.split_once(':').unwrap_or((&self.label, ""));
        let is_line = name.parse() == Ok(self.line);
        let mut looked = Looked {
            layer: layer.to_owned(),
            line: self.line,
            name: (!is_line && !name.is_empty()).then(|| name.to_owned()),
            sources: self.reads(cx, pick),
            when: self.conditions(cx, pick),
            steps: Vec::new(),
            end: End::DoesNotApply,
        };
        if when::hold(&self.when, cx, pick) {
            looked.end = self.traced(cx, pick, kind, &mut looked.steps);
        }
        looked
    }

    fn reads<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Vec<Read> {
        let own: &[Source] = match &self.from {
            From::Source(source) => std::slice::from_ref(source),
            From::Sources(sources) => sources,
            From::Skip | From::Nothing | From::Constant(_) => &[],
        };
        let all = own.iter().chain(self.apply.iter().flat_map(Transform::sources));
        all.map(|source| source.told(cx, pick)).collect()
    }

    fn conditions<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Vec<Read> {
        let mut all: Vec<Read> = Vec::new();
        for read in when::sources(&self.when).into_iter().map(|source| source.told(cx, pick)) {
            if !all.iter().any(|known| known.path == read.path) {
                all.push(read);
            }
        }
        all
    }

    fn traced<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize, kind: Kind, steps: &mut Vec<Step>) -> End {
        let mut value = match &self.from {
            From::Skip => return End::Skipped,
            From::Nothing => None,
            From::Constant(constant) => Some(constant.value()),
            From::Source(source) => source.read(cx, pick),
            From::Sources(sources) => {
                let values: Vec<_> = sources.iter().filter_map(|source| source.read(cx, pick)).collect();
                (!values.is_empty()).then_some(Value::Several(values))
            }
        };
        for (transform, written) in self.apply.iter().zip(&self.written) {
            let row = match (transform, &value) {
                (Transform::Kept(kept), Some(key)) => {
                    key.clone().into_text().ok().and_then(|key| kept.row(&key, cx.tables))
                }
                _ => None,
            };
            match transform.apply(value, cx, pick) {
                Ok(given) => value = given,
                Err(failure) => return End::Failed { why: why(failure) },
            }
            let transform = row.map_or_else(|| written.clone(), |row| format!("{written} ({row})"));
            steps.push(Step { transform, value: value.as_ref().map(text_of) });
        }
        match value {
            None => End::Nothing,
            Some(value) => End::of(value, kind),
        }
    }
}

impl Source {
    fn told<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Read {
        let value = self.read(cx, pick).as_ref().map(text_of);
        Read { path: self.resolved(cx, pick), value, record: None }
    }
}

impl End {
    fn of(value: Value<'_>, kind: Kind) -> Self {
        let tax = if kind == Kind::Tax { tax::of(&value) } else { None };
        if let Some(tax) = &tax {
            return Self::Set { value: provenance::tax(tax) };
        }
        match (kind, value) {
            (Kind::Text, value) => match value.into_text() {
                Ok(text) if text.trim().is_empty() => Self::Nothing,
                Ok(text) => Self::Set { value: text.trim().to_owned() },
                Err(why) => Self::Failed { why },
            },
            (_, value) => Self::Set { value: text_of(&value) },
        }
    }
}

fn why(failure: Failure) -> String {
    match failure {
        Failure::Unusable(why) => why,
        Failure::Missing(why) => why.unwrap_or_else(|| "is required, but there is nothing".to_owned()),
    }
}

/// A value as a person reads it; a text as it stands, with its blanks.
fn text_of(value: &Value<'_>) -> String {
    match value {
        Value::Several(values) => values.iter().map(text_of).collect::<Vec<_>>().join(", "),
        Value::Object => "(an object)".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Classification(classification) => provenance::classification(classification),
        value => match tax::of(value).filter(|_| matches!(value, Value::Tax(_))) {
            Some(tax) => provenance::tax(&tax),
            None => value.clone().into_text().unwrap_or_default().trim().to_owned(),
        },
    }
}

impl Record<'_> {
    /// What stands at a path that may have `[]`; none where there is nothing.
    pub(crate) fn read(&self, path: &str, bindings: &[(&str, usize)], pick: usize) -> Option<Read> {
        let path = self.concrete(&Path::parse(path).ok()?, bindings, pick)?;
        let parsed = Path::parse(&path).ok()?;
        let value = Value::raw(self.resolve(&parsed, &[], 0)?.value)?;
        Some(Read { path: format!("raw.{path}"), value: Some(text_of(&value)), record: None })
    }
}

/// A transform as it is written in the file, shortened.
pub(super) fn written(node: &Node) -> String {
    match &node.value {
        Tree::Table(entries) => match entries.as_slice() {
            [(name, parameter)] => format!("{} {}", name.text, parameter_of(parameter)),
            _ => String::new(),
        },
        _ => parameter_of(node),
    }
}

fn parameter_of(node: &Node) -> String {
    let text = match &node.value {
        Tree::Text(text) | Tree::Number(text) => text.clone(),
        Tree::Bool(yes) => yes.to_string(),
        Tree::List(all) => all.iter().map(parameter_of).collect::<Vec<_>>().join(" -> "),
        Tree::Table(entries) => match entries.len() {
            1 => "(1 value)".to_owned(),
            n => format!("({n} values)"),
        },
    };
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
