//! What an explanation is made from, and the ways a value can have come about.

use super::entry::{Origin, RuleOrigin};
use crate::{
    connector::CopiedFrom,
    mapping::{End, Looked, Provenance, Read, Record, Traced},
    model::{Item, Sale},
    pipeline::{Share, TracedDraft, shares},
    tenant::{Tenant, VoucherPolicy},
};
use rust_decimal::Decimal;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt,
};
use taxpoynt_ubl::{Invoice, Part, amount_decimals, round_half_up};

/// An element of a list that a connector chooses by more than its place.
const ANY: &str = "[*]";

/// So many elements of such a list are looked into.
const ELEMENTS: usize = 20;

/// A path with the element filled in that it leaves open.
fn element(path: &str, at: usize) -> Cow<'_, str> {
    if path.contains(ANY) { path.replace(ANY, &format!("[{at}]")).into() } else { path.into() }
}

/// A document and what it was made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) invoice: &'a Invoice,
    /// As it was written.
    pub(crate) xml: &'a [u8],
    /// What set its fields, as it was kept with it.
    pub(crate) provenance: &'a [Provenance],
    /// With its settings of then; none where they are not known any more.
    pub(crate) tenant: Option<&'a Tenant>,
    /// The same document drafted again; none where that gives another one.
    pub(crate) draft: Option<&'a TracedDraft>,
    pub(crate) record: Option<&'a (dyn Reads + 'a)>,
    /// Where the connector reads what it copies.
    pub(crate) copied: &'a [CopiedFrom<'a>],
    pub(crate) made: Made<'a>,
    pub(crate) series: (&'a str, Option<u64>),
    pub(crate) issued: IssueDay,
    /// The SHA-256 of each rule set, by its name.
    pub(crate) versions: &'a BTreeMap<String, String>,
}

/// Where paths into a raw record lead. A record cannot be borrowed for less than it borrows itself, a trait object can.
pub(crate) trait Reads: fmt::Debug {
    fn read(&self, path: &str, bindings: &[(&str, usize)], pick: usize) -> Option<Read>;
}

impl Reads for Record<'_> {
    fn read(&self, path: &str, bindings: &[(&str, usize)], pick: usize) -> Option<Read> {
        Record::read(self, path, bindings, pick)
    }
}

/// How a document came about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Made<'a> {
    /// From a record; a refund has the invoice that it takes back from, where that is at hand.
    FromRecord(Option<&'a Invoice>),
    /// It takes another one back in full.
    TakesBack(&'a Invoice),
    /// A person added it to another one.
    AddsTo(&'a Invoice),
}

/// Whence the issue date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IssueDay {
    /// It is the day of the sale.
    OfSale,
    /// Whoever converted the record said it.
    Given,
    /// The day it was prepared.
    Prepared,
}

/// Where a value came from, and what was done to write it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) origin: Origin,
    pub(super) written: Option<String>,
}

impl Told {
    pub(super) fn written(self, how: impl Into<String>) -> Self {
        Self { written: Some(how.into()), ..self }
    }

    pub(super) fn written_if(self, is: bool, how: impl FnOnce() -> String) -> Self {
        if is { self.written(how()) } else { self }
    }
}

impl From<Origin> for Told {
    fn from(origin: Origin) -> Self {
        Self { origin, written: None }
    }
}

pub(super) fn fixed(why: impl Into<String>) -> Told {
    Origin::Fixed { why: why.into() }.into()
}

pub(super) fn calculated(step: impl Into<String>) -> Told {
    Origin::Calculated { step: step.into() }.into()
}

pub(super) fn setting(name: impl Into<String>) -> Told {
    Origin::Setting { name: name.into() }.into()
}

/// A subject with what is looked up again and again.
pub(super) struct Explainer<'a> {
    pub(super) subject: Subject<'a>,
    targets: HashMap<&'a str, &'a Traced>,
    provenance: HashMap<&'a str, &'a Provenance>,
    /// For each line of the document its place among the items of the sale.
    items: Vec<usize>,
    /// For each payment means of the document what stands before its targets: `payment_means[1].`.
    means: Vec<String>,
    /// For each discount of the document which of the sale it is part of.
    pub(super) shares: Vec<Share>,
    /// What each additional document reference says it holds.
    pub(super) facts: Vec<String>,
}

impl<'a> Explainer<'a> {
    pub(super) fn new(subject: Subject<'a>, parts: &[Part]) -> Self {
        let draft = subject.draft;
        let targets = draft.iter().flat_map(|d| &d.targets).map(|t| (t.target.as_str(), t)).collect();
        let provenance = subject.provenance.iter().map(|p| (p.target.as_str(), p)).collect();
        let sale = draft.map(|draft| draft.document.sale());
        let skips = subject.tenant.is_some_and(|tenant| tenant.policy.vouchers == VoucherPolicy::Skip);
        let kept = |(_, item): &(usize, &Item)| !(item.voucher && skips);
        let items = match sale {
            Some(sale) => sale.items.iter().enumerate().filter(kept).map(|(at, _)| at).collect(),
            None => Vec::new(),
        };
        let shares = sale.map_or_else(Vec::new, |sale| {
            shares(&subject.invoice.lines, &sale.discounts, subject.invoice.currency)
        });
        let codes = subject.provenance.iter().filter_map(|p| p.target.strip_suffix("code"));
        let means = codes.filter(|t| t.starts_with("payment_means[")).map(str::to_owned).collect();
        let says = |part: &&Part| {
            let end = "/cbc:DocumentDescription";
            part.path.contains("/cac:AdditionalDocumentReference") && part.path.ends_with(end)
        };
        let facts = parts.iter().filter(says).filter_map(|part| part.value.clone()).collect();
        Self { subject, targets, provenance, items, means, shares, facts }
    }

    pub(super) fn sale(&self) -> Option<&'a Sale> {
        self.subject.draft.map(|draft| draft.document.sale())
    }

    pub(super) fn item(&self, line: usize) -> Option<&'a Item> {
        self.sale()?.items.get(*self.items.get(line)?)
    }

    /// What the rules call a field of a payment means of the document.
    pub(super) fn of_means(&self, nth: usize, name: &str) -> String {
        match self.means.get(nth) {
            Some(prefix) => format!("{prefix}{name}"),
            None => format!("payment_means[{nth}].{name}"),
        }
    }

    /// What set a target, counted as the document counts its lines.
    pub(super) fn rule(&self, target: &str) -> Option<Told> {
        let kept = self.provenance.get(target);
        if let Some(kept) = kept.filter(|kept| kept.rule.starts_with("catalogue entry ")) {
            let found_by = kept.source.clone().unwrap_or_default();
            return Some(Origin::Catalogue { entry: kept.rule.clone(), found_by }.into());
        }
        let traced = self.targets.get(self.recorded(target).as_str()).and_then(|traced| traced.decided());
        let origin = match (traced, kept) {
            (Some(looked), _) => self.of_looked(target, looked)?,
            (None, Some(kept)) => self.of_kept(kept),
            (None, None) => return None,
        };
        Some(Origin::Rule(origin).into())
    }

    /// The value a rule gave a target.
    pub(super) fn decided(&self, target: &str) -> Option<&'a str> {
        self.provenance.get(target).map(|kept| kept.value.as_str())
    }

    /// The provenance of a target that is no rule's, such as `tax_exchange_rate`.
    pub(super) fn kept(&self, target: &str) -> Option<&'a Provenance> {
        self.provenance.get(target).copied()
    }

    /// The target as the record counts its items.
    fn recorded(&self, target: &str) -> String {
        let split = target.strip_prefix("lines[").and_then(|rest| rest.split_once(']'));
        let item = split.and_then(|(line, rest)| Some((self.items.get(line.parse::<usize>().ok()?)?, rest)));
        item.map_or_else(|| target.to_owned(), |(item, rest)| format!("lines[{item}]{rest}"))
    }

    fn of_looked(&self, target: &str, looked: &Looked) -> Option<RuleOrigin> {
        let End::Set { value } = &looked.end else { return None };
        Some(RuleOrigin {
            target: target.to_owned(),
            version: self.version(&looked.layer),
            set: looked.layer.clone(),
            line: Some(looked.line),
            name: looked.name.clone(),
            sources: looked.sources.iter().map(|source| self.located(target, source)).collect(),
            when: looked.when.iter().map(|source| self.located(target, source)).collect(),
            steps: looked.steps.clone(),
            value: value.clone(),
        })
    }

    fn of_kept(&self, kept: &Provenance) -> RuleOrigin {
        let (set, rest) = kept.rule.split_once(':').unwrap_or((&kept.rule, ""));
        let line = rest.parse().ok();
        let source = kept.source.iter().map(|path| Read { path: path.clone(), value: None, record: None });
        RuleOrigin {
            target: kept.target.clone(),
            version: self.version(set),
            set: set.to_owned(),
            line,
            name: (line.is_none() && !rest.is_empty()).then(|| rest.to_owned()),
            sources: source.collect(),
            when: Vec::new(),
            steps: Vec::new(),
            value: kept.value.clone(),
        }
    }

    fn version(&self, set: &str) -> Option<String> {
        self.subject.versions.get(set).cloned()
    }

    /// Copied from the platform, a field of the whole sale.
    pub(super) fn copied(&self, field: &str) -> Told {
        self.copied_at(field, &[], 0)
    }

    /// Copied from the platform, a field of what these bindings name; `pick` chooses in a list below it.
    pub(super) fn copied_at(&self, field: &str, bindings: &[(&str, usize)], pick: usize) -> Told {
        let found = self.found(field, bindings, pick);
        let (sources, how) = found.unwrap_or_default();
        Origin::Copied { field: field.to_owned(), sources, how }.into()
    }

    /// Where a value stands that the connector read: of several places, and of several elements of a list, those that
    /// hold it. Of a value that was made of several, each is a part of it.
    fn holding(
        &self,
        field: &str,
        bindings: &[(&str, usize)],
        pick: usize,
        value: &str,
    ) -> Option<Vec<Read>> {
        let record = self.subject.record?;
        let value = value.trim().to_lowercase();
        let is_part = |read: &Read, alone: bool| {
            let part = read.value.as_deref().unwrap_or_default().trim().to_lowercase();
            part == value || (!alone && value.contains(&part))
        };
        let read = |paths: &[Cow<'_, str>], at: usize| -> Option<Vec<Read>> {
            let all = paths.iter().filter_map(|path| record.read(&element(path, at), bindings, pick));
            let reads: Vec<Read> = all.collect();
            let holds = !reads.is_empty() && reads.iter().all(|read| is_part(read, reads.len() == 1));
            // Of several places for one value any will do.
            holds
                .then(|| reads.clone())
                .or_else(|| reads.into_iter().find(|one| is_part(one, true)).map(|one| vec![one]))
        };
        let of_field = self.subject.copied.iter().filter(|copied| copied.field == field);
        of_field.map(|copied| copied.paths.as_slice()).find_map(|paths| {
            let several = paths.iter().any(|path| path.contains(ANY));
            let others = (0..ELEMENTS).filter(|at| several && *at != pick);
            std::iter::once(pick).chain(others).find_map(|at| read(paths, at))
        })
    }

    /// Where the connector reads a field, and what it makes of it: of several places the first that is there.
    fn found(
        &self,
        field: &str,
        bindings: &[(&str, usize)],
        pick: usize,
    ) -> Option<(Vec<Read>, Option<String>)> {
        let record = self.subject.record?;
        let of_field = self.subject.copied.iter().filter(|copied| copied.field == field);
        of_field
            .map(|copied| {
                let read = |path: &Cow<'_, str>| record.read(&element(path, pick), bindings, pick);
                let first = copied.paths.first().and_then(read)?;
                let rest = copied.paths.iter().skip(1).filter_map(read);
                let how = (!copied.how.is_empty()).then(|| copied.how.to_owned());
                Some((std::iter::once(first).chain(rest).collect(), how))
            })
            .find_map(|found| found)
    }

    /// A source of a rule with where the connector reads it.
    fn located(&self, target: &str, source: &Read) -> Read {
        let model = ["sale", "deal", "transaction", "refund", "customer", "item", "charge", "tender"];
        let (group, rest) = source.path.split_once('.').unwrap_or((&source.path, ""));
        if !model.contains(&group) {
            return source.clone();
        }
        let (bindings, pick) = self.bindings_of(target);
        // What a deal, a sale and a refund share has one name in a connector's list.
        let shared = format!("sale.{rest}");
        let is_shared = ["deal", "transaction", "refund"].contains(&group);
        let names = [source.path.as_str(), if is_shared { &shared } else { &source.path }];
        let holding = |value: &str| names.iter().find_map(|name| self.holding(name, bindings, pick, value));
        let found = source.value.as_deref().and_then(holding);
        let found = found.or_else(|| {
            names.iter().find_map(|name| self.found(name, bindings, pick).map(|(reads, _)| reads))
        });
        let paths = found.map(|reads| reads.into_iter().map(|read| read.path).collect::<Vec<_>>());
        Read { record: paths.map(|paths| paths.join(" + ")), ..source.clone() }
    }

    /// The bindings of the item or charge that a target is of, and the place of a tender.
    fn bindings_of(&self, target: &str) -> (&'a [(&'static str, usize)], usize) {
        let place =
            |prefix: &str| -> Option<usize> { target.strip_prefix(prefix)?.split_once(']')?.0.parse().ok() };
        let sale = self.sale();
        if let Some(item) = place("lines[").and_then(|line| self.item(line)) {
            return (&item.bindings, 0);
        }
        if let Some(charge) = place("charges[").and_then(|at| sale?.charges.get(at)) {
            return (&charge.bindings, 0);
        }
        (&[], place("payment_means[").unwrap_or(0))
    }

    /// Taken over from the document that this one corrects or adds to.
    pub(super) fn taken_over(&self, original: &Invoice) -> Told {
        Origin::Original { number: original.number.clone(), what: "taken over from".to_owned() }.into()
    }

    /// An amount as it is written.
    pub(super) fn money(&self, amount: Decimal) -> String {
        let places = amount_decimals(self.subject.invoice.currency);
        let mut rounded = round_half_up(amount, places);
        rounded.rescale(places);
        if rounded.is_zero() {
            rounded.set_sign_positive(true);
        }
        rounded.to_string()
    }
}
