//! The structure of UBL 2.1: what its XML Schema would refuse, without the schema.
//!
//! The verdict is that of libxml2, which the official validators run: where it reads a text otherwise than the standard
//! of XML Schema has it, so do we.

mod attributes;
mod calendar;
mod component;
mod extension;
mod findings;
mod form;
mod judge;
mod lax;
mod order;
#[cfg(test)]
mod schema_test;
mod sequence;
mod signature;
mod uri;

use super::engine::{Report, Told};
use super::{Fault, Ruleset, Severity};
use crate::xml::tree::Tree;

/// A rule, by what it is about. The number behind `UBL21-` is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// `UBL21-01`: an element that UBL does not have.
    Unknown,
    /// `UBL21-02`: an element of UBL that has no place in its parent.
    Homeless,
    /// `UBL21-03`: an element before or behind its place.
    Misplaced,
    /// `UBL21-04`: an element more often than it may stand.
    Repeated,
    /// `UBL21-05`: an element that must stand and does not.
    Missing,
    /// `UBL21-06`: text where only elements may stand.
    Text,
    /// `UBL21-07`: an element where only text may stand.
    Element,
    /// `UBL21-08`: a text that is no date.
    Date,
    /// `UBL21-09`: a text that is no time.
    Time,
    /// `UBL21-10`: a text that is no decimal number.
    Decimal,
    /// `UBL21-11`: a text that is neither `true` nor `false`.
    Indicator,
    /// `UBL21-12`: a text that is no Base64.
    Base64,
    /// `UBL21-13`: an attribute that may not stand.
    Attribute,
    /// `UBL21-14`: an attribute that must stand and does not.
    AttributeMissing,
    /// `UBL21-15`: an attribute that is not in its form.
    AttributeForm,
    /// `UBL21-16`: an extension that holds something else than one element of another namespace.
    Extension,
    /// `UBL21-17`: a signature within an extension that is not as its schema has it.
    Signature,
    /// `UBL21-18`: `xsi:nil`, or an `xsi:type` that is not the element's own.
    Instance,
}

/// Ids with what they are about and what they want, in the order of [`Rule`].
const RULES: [(&str, &str, &str); 18] = [
    ("UBL21-01", "any element", "it is one that UBL 2.1 has"),
    ("UBL21-02", "any element", "it stands in an element that has a place for it"),
    ("UBL21-03", "any element", "it stands in the order of the schema"),
    ("UBL21-04", "any element", "it stands no more often than its parent takes"),
    ("UBL21-05", "any element", "what it must hold is there"),
    ("UBL21-06", "elements of cac:", "they hold elements only, no text"),
    ("UBL21-07", "elements of cbc:", "they hold text only, no elements"),
    ("UBL21-08", "dates", "they are written YYYY-MM-DD, with or without a time zone"),
    ("UBL21-09", "times", "they are written HH:MM:SS, with or without a fraction and a time zone"),
    (
        "UBL21-10",
        "amounts, quantities, percentages and other numbers",
        "they are decimal numbers without an exponent",
    ),
    ("UBL21-11", "indicators", "they are true or false, or 1 or 0"),
    ("UBL21-12", "attachments", "their content is Base64"),
    ("UBL21-13", "any element", "it has no attribute but those of its kind"),
    ("UBL21-14", "amounts, measures and attachments", "they have currencyID, unitCode or mimeCode"),
    ("UBL21-15", "attributes", "they are written in their form"),
    ("UBL21-16", "ext:ExtensionContent", "it holds one element of a namespace that is not of extensions"),
    ("UBL21-17", "signatures in extensions", "they are as their schema has them"),
    ("UBL21-18", "any element", "it is not nil, and of no other type than its own"),
];

/// Every rule in words.
pub(super) fn told() -> Vec<Told> {
    RULES.map(|(id, concerns, wants)| Told::new(id, Severity::Fatal, concerns, wants)).into()
}

/// Runs every rule over the document.
pub(super) fn check(tree: &Tree<'_>, faults: &mut Vec<Fault>) {
    let mut judge = judge::Judge::new();
    judge.element(tree.root());
    let mut report = Report::new(Ruleset::Ubl21, tree, faults);
    for finding in judge.findings.in_document_order() {
        let id = RULES.get(finding.rule as usize).map_or("", |(id, ..)| id);
        report.add(id, Severity::Fatal, finding.at, finding.message);
    }
}
