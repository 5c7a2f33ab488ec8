//! Peppol BIS Billing 3.0: the rules on top of EN 16931.

use super::Fault;
use crate::xml::tree::Tree;

pub(super) fn ids() -> &'static [&'static str] {
    &[]
}

/// Runs every rule over the document.
pub(super) fn check(_tree: &Tree<'_>, _faults: &mut Vec<Fault>) {}
