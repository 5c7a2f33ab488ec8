//! EN 16931 for UBL: the rules in the groups the standard has them in.

mod bases;
mod codes;
mod document;
mod families;
mod line;
mod party;
mod syntax;
mod tally;
mod totals;
mod unused;
mod unused_paths;
mod vat;

use super::engine::{Facts, Part, Report};
use super::{Fault, Ruleset};
use crate::vocabulary::Name;
use crate::xml::tree::Tree;
use std::sync::LazyLock;

/// Parts of the rule set that look at an element independently of each other. Within a part an element is only seen by
/// the first group it belongs to.
static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
    vec![
        Part::of(&[document::GROUPS, party::GROUPS, line::GROUPS, totals::GROUPS]),
        Part::of(&[syntax::GROUPS]),
        Part::of(&[codes::GROUPS]),
    ]
});

static IDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let of_groups = PARTS.iter().flat_map(Part::groups);
    let mut ids: Vec<_> = of_groups.flat_map(|group| group.rules.iter().map(|rule| rule.id)).collect();
    ids.extend(document::ROOT.iter().chain(syntax::ROOT).map(|rule| rule.id));
    ids.extend(vat::ids());
    ids.extend(syntax::ids());
    ids.extend(unused::ids());
    ids.sort_unstable();
    ids.dedup();
    ids
});

pub(super) fn ids() -> &'static [&'static str] {
    &IDS
}

/// Runs every rule over the document.
pub(super) fn check(tree: &Tree<'_>, faults: &mut Vec<Fault>) {
    let facts = Facts::gather(tree);
    let bases = bases::Bases::gather(&facts);
    let mut report = Report::new(Ruleset::En16931, tree, faults);
    for rule in document::ROOT.iter().chain(syntax::ROOT) {
        report.apply(rule, &facts, facts.root);
    }
    vat::check_document(&facts, &mut report);
    syntax::check_attributes(&facts, &mut report);
    unused::check(&facts, &mut report);
    for element in tree.elements().skip(1) {
        if matches!(element.name(), Name::Cac(_) | Name::Cbc(_)) {
            for part in PARTS.iter() {
                part.check(&facts, element, &mut report);
            }
        }
        vat::check_category(&bases, element, &mut report);
        syntax::check_element(&facts, element, &mut report);
        unused::check_anywhere(element, &mut report);
    }
}
