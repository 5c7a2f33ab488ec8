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

use super::engine::Report;
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

/// In the order of [`Rule`].
const IDS: &[&str] = &[
    "UBL21-01", "UBL21-02", "UBL21-03", "UBL21-04", "UBL21-05", "UBL21-06", "UBL21-07", "UBL21-08",
    "UBL21-09", "UBL21-10", "UBL21-11", "UBL21-12", "UBL21-13", "UBL21-14", "UBL21-15", "UBL21-16",
    "UBL21-17", "UBL21-18",
];

pub(super) fn ids() -> &'static [&'static str] {
    IDS
}

/// Runs every rule over the document.
pub(super) fn check(tree: &Tree<'_>, faults: &mut Vec<Fault>) {
    let mut judge = judge::Judge::new();
    judge.element(tree.root());
    let mut report = Report::new(Ruleset::Ubl21, tree, faults);
    for finding in judge.findings.in_document_order() {
        let id = IDS.get(finding.rule as usize).copied().unwrap_or_default();
        report.add(id, Severity::Fatal, finding.at, finding.message);
    }
}
