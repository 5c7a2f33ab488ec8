//! Peppol BIS Billing 3.0: the rules on top of EN 16931, those of the network first, then those of each country.

mod allowances;
mod check_digits;
mod codes;
mod denmark;
mod document;
mod double;
mod germany;
mod greece;
mod iceland;
mod identifiers;
mod italy;
mod lines;
mod netherlands;
mod norway;
mod party;
mod setting;
mod skonto;
mod sweden;
mod values;

use super::engine::{Facts, Group, Part, Report, Told};
use super::{Fault, Ruleset};
use crate::vocabulary::Name;
pub(in crate::rules) use setting::Setting;
use std::sync::LazyLock;

/// Rules that look at an element independently of those of other parts, and the documents they are about.
struct Chapter {
    applies: fn(&Facts<'_>) -> bool,
    part: Part,
}

fn chapter(applies: fn(&Facts<'_>) -> bool, lists: &[&'static [Group]]) -> Chapter {
    Chapter { applies, part: Part::of(lists) }
}

static CHAPTERS: LazyLock<Vec<Chapter>> = LazyLock::new(|| {
    vec![
        chapter(
            |_| true,
            &[
                document::GROUPS,
                party::GROUPS,
                allowances::GROUPS,
                codes::AMOUNTS,
                lines::GROUPS,
                identifiers::GROUPS,
            ],
        ),
        chapter(|_| true, &[document::OF_CREDIT_NOTES, codes::GROUPS]),
        chapter(|facts| norway::applies(facts.setting()), &[norway::GROUPS]),
        chapter(|facts| denmark::applies(facts.setting()), &[denmark::GROUPS]),
        chapter(|facts| denmark::applies_at_home(facts.setting()), &[denmark::AT_HOME]),
        chapter(|facts| italy::applies(facts.setting()), &[italy::GROUPS]),
        chapter(sweden::applies, &[sweden::GROUPS]),
        chapter(sweden::applies_at_home, &[sweden::AT_HOME]),
        chapter(sweden::applies_to_rates, &[sweden::RATES]),
        chapter(|facts| greece::applies(facts.setting()), &[greece::GROUPS]),
        chapter(|facts| greece::applies_with_greek_address(facts.setting()), &[greece::WITH_GREEK_ADDRESS]),
        chapter(|facts| greece::applies_to_seller(facts.setting()), &[greece::OF_SELLER]),
        chapter(|facts| greece::applies_at_home(facts.setting()), &[greece::AT_HOME]),
        chapter(|facts| iceland::applies(facts.setting()), &[iceland::GROUPS]),
        chapter(|facts| iceland::applies_at_home(facts.setting()), &[iceland::AT_HOME]),
        chapter(|facts| netherlands::applies(facts.setting()), &[netherlands::GROUPS]),
        chapter(|facts| netherlands::applies_at_home(facts.setting()), &[netherlands::AT_HOME]),
        chapter(
            |facts| netherlands::applies_to_representative(facts.setting()),
            &[netherlands::OF_REPRESENTATIVE],
        ),
        chapter(|facts| germany::applies(facts.setting()), &[germany::GROUPS]),
    ]
});

/// By the number of a name: a bit for each chapter that is about elements so called.
static CHAPTERS_OF_NAME: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut masks = vec![0; Name::COUNT];
    for name in Name::all() {
        let about = |chapter: &Chapter| chapter.part.knows(name);
        if let Some(mask) = masks.get_mut(name.number()) {
            *mask = bits(about);
        }
    }
    masks
});

/// A bit for each chapter that something holds of.
fn bits(holds: impl Fn(&Chapter) -> bool) -> u32 {
    CHAPTERS.iter().enumerate().filter(|(_, chapter)| holds(chapter)).map(|(at, _)| 1 << at).sum()
}

/// Every rule in words.
pub(super) fn told() -> Vec<Told> {
    let not_empty = document::NOT_EMPTY.told("any element");
    CHAPTERS.iter().flat_map(|chapter| chapter.part.told()).chain([not_empty]).collect()
}

/// Runs every rule over the document.
pub(super) fn check(facts: &Facts<'_>, faults: &mut Vec<Fault>) {
    let tree = facts.tree;
    let mut report = Report::new(Ruleset::Peppol, tree, faults);
    let applicable = bits(|chapter| (chapter.applies)(facts));
    let of_name = &*CHAPTERS_OF_NAME;
    for element in tree.elements() {
        let mut chapters = of_name.get(element.name().number()).copied().unwrap_or_default() & applicable;
        while let Some(chapter) = CHAPTERS.get(chapters.trailing_zeros() as usize) {
            chapter.part.check(facts, element, &mut report);
            chapters &= chapters - 1;
        }
        if document::is_empty(element) {
            report.apply(&document::NOT_EMPTY, facts, element);
        }
    }
}
