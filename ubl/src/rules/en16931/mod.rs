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

use super::engine::{Facts, Part, Report, Told};
use super::{Fault, Ruleset, Severity};
use crate::vocabulary::Name;
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

/// Whether any rule is about an element of a name, by its number. Most names of a document have none.
static OF_INTEREST: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut of_interest = vec![true; Name::COUNT];
    for name in Name::all() {
        let known = PARTS.iter().any(|part| part.knows(name))
            || vat::knows(name)
            || syntax::knows(name)
            || unused::knows(name);
        if let Some(slot) = of_interest.get_mut(name.number()) {
            *slot = known;
        }
    }
    of_interest
});

/// Rules that are published with a test that always passes: two texts cannot be compared for meaning.
const NEVER_FAIL: [(&str, &str); 4] = [
    ("BR-CO-05", "the code and the text of a document allowance give the same reason"),
    ("BR-CO-06", "the code and the text of a document charge give the same reason"),
    ("BR-CO-07", "the code and the text of a line's allowance give the same reason"),
    ("BR-CO-08", "the code and the text of a line's charge give the same reason"),
];

/// Every rule in words.
pub(super) fn told() -> Vec<Told> {
    let of_root = document::ROOT.iter().chain(syntax::ROOT).map(|rule| rule.told("the document"));
    let never = NEVER_FAIL.map(|(id, wants)| {
        Told::new(id, Severity::Fatal, "cac:AllowanceCharge", format!("{wants}; for people to compare"))
    });
    PARTS
        .iter()
        .flat_map(Part::told)
        .chain(of_root)
        .chain(vat::told())
        .chain(syntax::told())
        .chain(unused::told())
        .chain(never)
        .collect()
}

/// Runs every rule over the document.
pub(super) fn check(facts: &Facts<'_>, faults: &mut Vec<Fault>) {
    let tree = facts.tree;
    let bases = bases::Bases::gather(facts);
    let mut report = Report::new(Ruleset::En16931, tree, faults);
    for rule in document::ROOT.iter().chain(syntax::ROOT) {
        report.apply(rule, facts, facts.root);
    }
    vat::check_document(facts, &mut report);
    syntax::check_attributes(facts, &mut report);
    unused::check(facts, &mut report);
    let of_interest = &*OF_INTEREST;
    for element in tree.elements().skip(1) {
        let name = element.name();
        if of_interest.get(name.number()).is_some_and(|known| *known) {
            for part in PARTS.iter() {
                part.check(facts, element, &mut report);
            }
            vat::check_category(&bases, element, &mut report);
            syntax::check_element(facts, element, &mut report);
            unused::check_anywhere(element, &mut report);
        }
    }
}
