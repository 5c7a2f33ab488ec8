//! What the Nigerian tax authority would refuse.
//!
//! Fatal is what its schema v1.1, its server or a provider before it refuses, and what keeps a document from becoming
//! the authority's JSON at all; a warning is what is passed over, cut or asked for by some only. The numbers are ours,
//! permanent and never used again; `docs/nigeria-rules.md` lists them with their sources. Lists that the authority
//! changes (currencies, services) are only warned about.
//!
//! Not checked, because a document cannot show it: whether the business id and the service id are the seller's own,
//! whether an IRN was used before, whether codes of goods and areas are in lists that are not published in full, and
//! what day it is. Not checked, because UBL has no place for it that is sent: `integrator_service_id`, `accounting_cost`
//! and the references other than those to corrected invoices.

pub(crate) mod codes;
mod document;
mod lines;
mod parties;
mod references;
mod totals;

use super::engine::{Facts, Report, Rule, Told, shorten};
use super::number::decimal;
use super::{Fault, Ruleset};
use crate::Currency;
use crate::vocabulary::{Cac, Name, Path, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Every rule, by what it looks at.
const RULES: &[(&str, &[Rule])] = &[
    ("the document", document::ROOT),
    ("dates", document::DATES),
    ("cac:PaymentMeans", document::PAYMENT),
    ("the document", parties::ROOT),
    ("cac:AccountingSupplierParty", parties::SELLER),
    ("cac:AccountingCustomerParty", parties::BUYER_NAME),
    ("cac:AccountingCustomerParty", parties::BUYER),
    ("the document", references::ROOT),
    ("cac:BillingReference", references::REFERENCE),
    ("the document", totals::ROOT),
    ("cac:AllowanceCharge", totals::ALLOWANCE),
    ("cac:TaxTotal", totals::TAX),
    ("cac:TaxSubtotal", totals::SUBTOTAL),
    ("cac:InvoiceLine", lines::LINE),
];

/// Every rule in words.
pub(super) fn told() -> Vec<Told> {
    RULES.iter().flat_map(|(concerns, rules)| rules.iter().map(|rule| rule.told(concerns))).collect()
}

/// Runs every rule over the document.
pub(super) fn check(facts: &Facts<'_>, faults: &mut Vec<Fault>) {
    let tree = facts.tree;
    let root = facts.root;
    let mut report = Report::new(Ruleset::Nigeria, tree, faults);
    let mut apply = |rules: &[Rule], element| {
        for rule in rules {
            report.apply(rule, facts, element);
        }
    };
    for rules in [document::ROOT, parties::ROOT, references::ROOT, totals::ROOT] {
        apply(rules, root);
    }
    let currency = currency(root);
    let business = parties::kind(root) != "B2C";
    let note = references::corrects(root);
    for element in root.children() {
        let Name::Cac(name) = element.name() else {
            if document::is_date(element) {
                apply(document::DATES, element);
            }
            continue;
        };
        match name {
            Cac::AccountingSupplierParty => apply(parties::SELLER, element),
            Cac::AccountingCustomerParty => {
                apply(parties::BUYER_NAME, element);
                if business && !parties::is_walk_in(element) {
                    apply(parties::BUYER, element);
                }
            }
            Cac::BillingReference => {
                for reference in element.all(path!("cac:InvoiceDocumentReference")) {
                    reference.all(path!("cbc:IssueDate")).for_each(|date| apply(document::DATES, date));
                    if note {
                        apply(references::REFERENCE, reference);
                    }
                }
            }
            Cac::PaymentMeans => {
                element.all(path!("cbc:PaymentDueDate")).for_each(|date| apply(document::DATES, date));
                apply(document::PAYMENT, element);
            }
            Cac::PaymentTerms => {
                element.all(path!("cbc:PaymentDueDate")).for_each(|date| apply(document::DATES, date));
            }
            Cac::AllowanceCharge => apply(totals::ALLOWANCE, element),
            Cac::TaxTotal if in_currency(element, currency) => apply(totals::TAX, element),
            Cac::InvoiceLine | Cac::CreditNoteLine => apply(lines::LINE, element),
            _ => {}
        }
        if name == Cac::TaxTotal {
            let subtotals = element.all(path!("cac:TaxSubtotal"));
            subtotals.filter(|e| in_currency(*e, currency)).for_each(|e| apply(totals::SUBTOTAL, e));
        }
    }
}

/// The text a path leads to first, as written; none where it says nothing.
fn text(element: Element<'_>, path: Path) -> Option<Cow<'_, str>> {
    element.first(path).map(|e| e.text()).filter(|t| !t.trim().is_empty())
}

/// The text of the additional reference that says what it is by `description`: our writer keeps there what UBL has no
/// element for.
fn annotation<'t>(root: Element<'t>, description: &str) -> Option<Cow<'t, str>> {
    root.all(path!("cac:AdditionalDocumentReference"))
        .find(|e| text(*e, path!("cbc:DocumentDescription")).as_deref() == Some(description))
        .and_then(|e| text(e, path!("cbc:ID")))
}

/// The document's currency, where it is one.
fn currency(root: Element<'_>) -> Option<Currency> {
    let code = text(root, path!("cbc:DocumentCurrencyCode"))?;
    Currency::parse(code.trim()).ok()
}

/// Whether the tax amount of a total or subtotal is in the document's currency, as one that does not say is.
fn in_currency(element: Element<'_>, currency: Option<Currency>) -> bool {
    let written = element.first(path!("cbc:TaxAmount")).and_then(|a| a.attribute("currencyID"));
    match (written, currency) {
        (Some(written), Some(currency)) => written.trim() == currency.code(),
        _ => true,
    }
}

/// 10^15: no invoice reaches it, and what reaches it loses its kobo in a JSON reader.
const LARGEST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// The number an element holds.
fn number(element: Element<'_>, path: Path) -> Result<Decimal, String> {
    let written = element.text();
    match decimal(&written) {
        Some(number) if number.abs() < LARGEST => Ok(number),
        Some(_) => Err(format!("{path} has more than 15 digits")),
        None => Err(format!("{path} is {:?}, not a number", shorten(&written))),
    }
}

/// The number a path leads to, if it leads anywhere.
fn optional(element: Element<'_>, path: Path) -> Result<Option<Decimal>, String> {
    element.first(path).map(|found| number(found, path)).transpose()
}

/// The number a path must lead to.
fn required(element: Element<'_>, path: Path) -> Result<Decimal, String> {
    optional(element, path)?.ok_or_else(|| format!("{path} is missing"))
}

/// A number that must be there and not below zero.
fn not_negative(element: Element<'_>, path: Path) -> Result<Decimal, String> {
    match required(element, path)? {
        number if number < Decimal::ZERO => Err(format!("{path} is {number}")),
        number => Ok(number),
    }
}

/// What was found wrong, all of it in one sentence; nothing where nothing was.
fn all_of(found: impl IntoIterator<Item = Result<(), String>>) -> Result<(), String> {
    let wrong: Vec<String> = found.into_iter().filter_map(Result::err).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join(" and ")) }
}
