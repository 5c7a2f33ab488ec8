//! What was found, until all of it can be told in the order of the document.

use super::Rule;
use crate::xml::tree::Element;

/// Most findings that are kept of one rule: as many as are listed.
const MOST_OF_A_RULE: usize = 1000;

pub(super) struct Finding<'t> {
    pub(super) rule: Rule,
    pub(super) at: Element<'t>,
    pub(super) message: String,
}

#[derive(Default)]
pub(super) struct Findings<'t> {
    found: Vec<Finding<'t>>,
    counts: [usize; super::RULES.len()],
}

impl<'t> Findings<'t> {
    /// The message is only made if it is kept.
    pub(super) fn add(&mut self, rule: Rule, at: Element<'t>, message: impl FnOnce() -> String) {
        if let Some(count) = self.counts.get_mut(rule as usize).filter(|count| **count < MOST_OF_A_RULE) {
            *count += 1;
            self.found.push(Finding { rule, at, message: message() });
        }
    }

    pub(super) fn in_document_order(mut self) -> Vec<Finding<'t>> {
        self.found.sort_by_key(|finding| finding.at.id());
        self.found
    }
}
