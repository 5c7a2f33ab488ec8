//! What an unclassified item may be: what the tenant's own entries and the authority's lists say about like names.

use super::{Catalogue, SoldItem};
use crate::firs::{CodeLists, ListName};
use serde::Serialize;
use taxpoynt_ubl::Classification;

/// A classification that may fit, and why. A person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The pair.
    pub classification: Classification,
    /// Where it is from, in words.
    pub why: String,
}

/// Suggestions for one item: what the tenant chose for like names first, then like goods, then like services.
const MOST: usize = 3;

/// What may fit an item; empty where nothing is like it.
#[must_use]
pub fn suggestions(item: &SoldItem, catalogue: &Catalogue, lists: &CodeLists) -> Vec<Suggestion> {
    let text = format!("{} {}", item.name, item.category.as_deref().unwrap_or_default());
    let mut found: Vec<Suggestion> = Vec::new();
    for entry in catalogue.search(&text, MOST) {
        let classification = entry.classification.clone();
        found.push(Suggestion { classification, why: format!("like the {entry}") });
    }
    for row in lists.get(ListName::HsCodes).search(&text, MOST) {
        let (hsn_code, product_category) = (row.code.clone(), row.name.clone());
        let classification = Classification::Goods { hsn_code, product_category };
        found.push(Suggestion { classification, why: "in the authority's list of goods".into() });
    }
    for row in lists.get(ListName::ServiceCodes).search(&text, MOST) {
        let (isic_code, service_category) = (row.code.clone(), row.name.clone());
        let classification = Classification::Service { isic_code, service_category };
        found.push(Suggestion { classification, why: "in the authority's list of services".into() });
    }
    let mut kept: Vec<Suggestion> = Vec::new();
    for suggestion in found {
        if kept.len() < MOST && kept.iter().all(|k| k.classification != suggestion.classification) {
            kept.push(suggestion);
        }
    }
    kept
}
