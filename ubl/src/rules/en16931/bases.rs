//! What lines, allowances and charges add up to by category and rate, added up once per document.

use super::families::FAMILIES;
use super::vat::code_of;
use crate::rules::engine::{Facts, amount, at_top};
use crate::rules::number::decimal;
use crate::vocabulary::{Path, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A category by its place in the table of families, and a rate or all rates.
type Key = (usize, Option<Decimal>);

/// Sums by category and rate; none where a member is no number or the sum does not fit.
#[derive(Default)]
struct Sums(BTreeMap<Key, Option<Decimal>>);

impl Sums {
    /// Adds amounts under each key.
    fn add(&mut self, keys: &[Key], amounts: impl Iterator<Item = Option<Decimal>>) {
        for amount in amounts {
            for key in keys {
                let sum = self.0.entry(*key).or_insert(Some(Decimal::ZERO));
                *sum = sum.zip(amount).and_then(|(a, b)| a.checked_add(b));
            }
        }
    }

    fn get(&self, key: &Key) -> Option<Decimal> {
        self.0.get(key).copied().unwrap_or(Some(Decimal::ZERO))
    }
}

/// The sums of a document.
pub(super) struct Bases {
    invoice_lines: Sums,
    credit_note_lines: Sums,
    charges: Sums,
    allowances: Sums,
    /// Categories and rates of lines and of parts anywhere in the document.
    in_invoice_lines: BTreeSet<Key>,
    in_credit_note_lines: BTreeSet<Key>,
    in_parts: BTreeSet<Key>,
    any_invoice_line: bool,
    any_credit_note_line: bool,
}

impl Bases {
    pub(super) fn gather(facts: &Facts<'_>) -> Self {
        let (invoice_lines, in_invoice_lines) = lines(&facts.invoice_lines, &facts.net_amounts);
        let (credit_note_lines, in_credit_note_lines) = lines(&facts.credit_note_lines, &facts.net_amounts);
        let of_document = |part: &&Element<'_>| at_top(**part);
        let parts = |parts: &[Element<'_>]| {
            let mut sums = Sums::default();
            for part in parts.iter().filter(of_document) {
                let amounts = part.all(path!("cbc:Amount")).map(|e| decimal(&e.text()));
                sums.add(&keys(*part, OF_PART), amounts);
            }
            sums
        };
        Self {
            invoice_lines,
            credit_note_lines,
            charges: parts(&facts.charges),
            allowances: parts(&facts.allowances),
            in_invoice_lines,
            in_credit_note_lines,
            in_parts: facts.allowances_and_charges.iter().flat_map(|part| keys(*part, OF_PART)).collect(),
            any_invoice_line: !facts.invoice_lines.is_empty(),
            any_credit_note_line: !facts.credit_note_lines.is_empty(),
        }
    }

    /// Of invoice lines and of credit note lines: whether they count, and lines − allowances + charges.
    ///
    /// BR-S-08 lets them count where a line or part of the rate is there, the other rules where there is any line.
    pub(super) fn of(&self, code: &str, rate: Option<Decimal>) -> [(bool, Option<Decimal>); 2] {
        let key = (FAMILIES.iter().position(|family| family.code == code).unwrap_or(usize::MAX), rate);
        let base = |lines: &Sums| {
            let with_charges = lines.get(&key)?.checked_add(self.charges.get(&key)?)?;
            with_charges.checked_sub(self.allowances.get(&key)?)
        };
        let counts = |any: bool, used: &BTreeSet<Key>| {
            if code == "S" { used.contains(&key) || self.in_parts.contains(&key) } else { any }
        };
        [
            (counts(self.any_invoice_line, &self.in_invoice_lines), base(&self.invoice_lines)),
            (counts(self.any_credit_note_line, &self.in_credit_note_lines), base(&self.credit_note_lines)),
        ]
    }
}

const OF_LINE: Path = path!("cac:Item/cac:ClassifiedTaxCategory");
const OF_PART: Path = path!("cac:TaxCategory");

/// What the lines of the document add up to, and the categories and rates of lines anywhere.
fn lines(lines: &[Element<'_>], net_amounts: &[(u32, Option<Decimal>)]) -> (Sums, BTreeSet<Key>) {
    let mut net_amounts = net_amounts.iter().peekable();
    let (mut sums, mut used) = (Sums::default(), BTreeSet::new());
    for line in lines {
        let keys = keys(*line, OF_LINE);
        if at_top(*line) {
            while net_amounts.next_if(|(of, _)| *of < line.id()).is_some() {}
            let own = std::iter::from_fn(|| net_amounts.next_if(|(of, _)| *of == line.id()));
            sums.add(&keys, own.map(|(_, amount)| *amount));
        }
        for key in keys {
            if !used.contains(&key) {
                used.insert(key);
            }
        }
    }
    (sums, used)
}

/// Every category of the element with every rate of it, as the rules look for both on their own.
fn keys(element: Element<'_>, categories: Path) -> Vec<Key> {
    let mut used = [false; FAMILIES.len()];
    let mut rates = vec![None];
    for category in element.all(categories) {
        let code = code_of(category);
        if let Some(used) =
            FAMILIES.iter().position(|family| family.code == code).and_then(|at| used.get_mut(at))
        {
            *used = true;
        }
        rates.extend(amount(category, path!("cbc:Percent")).map(Some));
    }
    rates.sort_unstable();
    rates.dedup();
    let families = used.into_iter().enumerate().filter_map(|(family, used)| used.then_some(family));
    families.flat_map(|family| rates.iter().map(move |rate| (family, *rate))).collect()
}
