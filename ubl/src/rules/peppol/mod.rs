//! Peppol BIS Billing 3.0: the rules on top of EN 16931.

use super::Fault;
use super::engine::Told;
use crate::xml::tree::Tree;

/// Every rule in words.
pub(super) fn told() -> Vec<Told> {
    Vec::new()
}

/// Runs every rule over the document.
pub(super) fn check(_tree: &Tree<'_>, _faults: &mut Vec<Fault>) {}
