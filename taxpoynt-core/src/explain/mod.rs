//! Where every element of a document came from: the rule and the source that set it, the figures it was worked out from,
//! the setting, the series, the law. Everything here is computed from the document, the raw record and the rules and
//! settings of then; nothing is stored for it but what those were.

mod conversion;
mod entry;
mod fields;
mod header;
mod lines;
mod parties;
mod place;
mod remedy;
mod subject;
mod terms;
mod text;
mod totals;
mod why;

pub use conversion::conversion;
pub(crate) use conversion::{original_of, why_held};
pub use entry::{Entry, Origin, RuleOrigin};
pub(crate) use remedy::{remedy, target};
pub(crate) use subject::{IssueDay, Made, Reads, Subject};
pub use why::{WhyHeld, WhyRejected};

use crate::{
    Error, ErrorKind, Result,
    connector::Connector,
    mapping::{End, Looked, Provenance, Rules},
    tenant::Tenant,
};
use place::Place;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};
use subject::{Explainer, Told};
use taxpoynt_ubl::Part;

/// Where everything on a document came from, or why there is none. Displayed, it is a table for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The document's number; empty where there is no document.
    pub number: String,
    /// The platform's id of the record.
    pub source_id: String,
    /// Which rule and which source set which field, as it is kept with the document.
    pub fields: Vec<Provenance>,
    /// Every element and attribute of the UBL document, in its order.
    pub elements: Vec<Entry>,
    /// Why the sale waits.
    pub held: Vec<WhyHeld>,
    /// Why the document was refused.
    pub rejected: Vec<WhyRejected>,
    /// What else a reader must know: differences that held nothing back, or why something cannot be told any more.
    pub notes: Vec<String>,
}

/// The SHA-256 of each rule set that is part of the engine, and of the tenant's settings as rules.
pub(crate) fn versions(connector: &dyn Connector, tenant: &Tenant) -> BTreeMap<String, String> {
    let info = connector.info();
    let hash = |text: &str| hash_of(text.as_bytes());
    BTreeMap::from([
        ("base".to_owned(), hash(Rules::text_of_base())),
        (format!("{}/mapping.toml", info.id), hash(info.rules)),
        ("tenant".to_owned(), hash(&Rules::text_of_tenant(tenant))),
    ])
}

/// SHA-256 in hexadecimal, as the store keeps texts under it.
pub(crate) fn hash_of(text: &[u8]) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A rule that was looked at, on one line.
struct Looks<'l>(&'l Looked);

impl fmt::Display for Looks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Looked { layer, line, name, sources, when, end, .. } = self.0;
        match name {
            Some(name) => write!(f, "rule {name} in {layer}, line {line}")?,
            None => write!(f, "rule in {layer}, line {line}")?,
        }
        for source in sources {
            match &source.value {
                Some(value) => write!(f, ", {} {value:?}", source.path)?,
                None => write!(f, ", {} (nothing)", source.path)?,
            }
        }
        match end {
            End::Set { value } => write!(f, ": sets {value:?}"),
            End::DoesNotApply => {
                let found: Vec<String> = when.iter().map(entry::read).collect();
                write!(f, ": its when does not hold: {}", found.join(", "))
            }
            End::Nothing => f.write_str(": there is nothing"),
            End::Skipped => f.write_str(": sets nothing, on purpose"),
            End::Failed { why } => write!(f, ": {why}"),
        }
    }
}

/// An entry for every element and attribute of a document, in the order of the document.
pub(crate) fn elements(subject: Subject<'_>) -> Result<Vec<Entry>> {
    let parts = taxpoynt_ubl::parts(subject.xml)
        .map_err(|e| Error::new(ErrorKind::Validation, "explain.read", e.to_string()))?;
    let explainer = Explainer::new(subject, &parts);
    Ok(parts.into_iter().map(|part| explainer.entry(part)).collect())
}

impl Explainer<'_> {
    fn entry(&self, part: Part) -> Entry {
        let place = Place::of(&part.path);
        let Told { origin, written } = match &part.value {
            None => Origin::Holds.into(),
            Some(value) => self.told(&place, value).unwrap_or_else(untold),
        };
        let (term, words) = terms::term(&place, self.discounts(&place));
        let words = self.words_of_fact(&place).unwrap_or(words);
        Entry { term, words, origin, written, value: part.value, path: part.path }
    }

    fn told(&self, place: &Place<'_>, value: &str) -> Option<Told> {
        if place.attribute == Some("currencyID") {
            return Some(self.currency_of(place));
        }
        match place.names().first().copied()? {
            "line" => self.line(place, value),
            "seller" => self.seller(place, value),
            "buyer" => self.buyer(place, value),
            "AllowanceCharge" => self.adjustment(place),
            "TaxTotal" | "LegalMonetaryTotal" => self.totals(place),
            _ => self.header(place, value).or_else(|| self.payment(place, value)),
        }
    }

    /// How many of the allowances and charges around an element are allowances.
    fn discounts(&self, place: &Place<'_>) -> usize {
        let invoice = self.subject.invoice;
        match place.names().first() {
            Some(&"line") => invoice.lines.get(place.nth(0)).map_or(0, |line| line.allowances.len()),
            _ => invoice.allowances.len(),
        }
    }
}

fn untold() -> Told {
    Origin::Unknown { why: "the engine does not know where this came from".to_owned() }.into()
}
