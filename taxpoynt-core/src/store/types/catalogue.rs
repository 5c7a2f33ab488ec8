//! A tenant's catalogue as it changes, and what waits for it.

use crate::catalogue::SoldItem;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

/// The state of a tenant's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revision {
    /// Rises with each change; 0 for a tenant without a catalogue.
    pub revision: u64,
    /// Up to which revision the sales that waited for an entry were queued again.
    pub released: u64,
}

/// What becomes of the entries a catalogue has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutEntries {
    /// They stay, apart from those with the key of a new one.
    Merge,
    /// They go.
    Replace,
}

/// What a change of a catalogue came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CatalogueChange {
    /// The revision it has now.
    pub revision: u64,
    /// Entries with a new key.
    pub added: u64,
    /// Entries that say something else now.
    pub changed: u64,
    /// Entries that were there as they are.
    pub unchanged: u64,
    /// Entries that are gone.
    pub removed: u64,
}

/// One spelling of an item that sales of a tenant wait for, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclassified {
    /// The spelling's id in the store.
    pub id: i64,
    /// The item's key; spellings of one item share it.
    pub key: String,
    /// As it was sold.
    pub item: SoldItem,
    /// When a sale first waited for it.
    pub first_seen: DateTime<Utc>,
    /// Sales that wait.
    pub waiting: u64,
    /// The currency of `amount`.
    pub currency: String,
    /// What it comes to in all of them, without tax.
    pub amount: Decimal,
}
