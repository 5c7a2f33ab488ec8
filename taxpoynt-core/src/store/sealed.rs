//! Sealed values wherever they are stored, so that all of them can be sealed anew under another key.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `swap_sealed` | each value that was still the one named is replaced, any other is left alone; nothing else of the row changes |
//! | `add_key_probe`, `drop_key_probe` | which keys the stored values may need is known before any value is sealed under one |
//!
//! Whoever stores a new token at the same moment wins: a value is replaced only where it still is, byte for byte, what was
//! read. A move that stores new credentials must therefore not ask in turn whether the sealed text is what it was: the
//! text changes under rotation while the credentials stay. It asks for its lease.

use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::fmt;

/// A column that holds sealed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// The table's key: unique, text.
    pub key: &'static str,
    /// Its name.
    pub column: &'static str,
}

impl fmt::Display for SealedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// A sealed value and its row.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// The key of its row.
    pub key: String,
    /// It.
    pub sealed: String,
}

impl fmt::Debug for SealedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedValue").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A value to be replaced where it still is what was read.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSwap {
    /// What was read, and where.
    pub old: SealedValue,
    /// The same under another key.
    pub new: String,
}

impl fmt::Debug for SealedSwap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSwap").field("key", &self.old.key).finish_non_exhaustive()
    }
}

/// A word sealed under a key that values were sealed with. A list of keys of which none opens it lacks that key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyProbe {
    /// Its number.
    pub id: i64,
    /// The sealed word.
    pub sealed: String,
    /// When an engine first sealed with the key.
    pub first_used: DateTime<Utc>,
}

impl fmt::Debug for KeyProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyProbe")
            .field("id", &self.id)
            .field("first_used", &self.first_used)
            .finish_non_exhaustive()
    }
}

/// Sealed values, and the keys they need.
#[async_trait]
pub trait SealedStore: Send + Sync {
    /// Every column that holds sealed values. Rotation goes through these and no others, so a new one belongs here.
    fn sealed_columns(&self) -> &'static [SealedColumn];

    /// How many values a column holds.
    async fn count_sealed(&self, column: SealedColumn) -> Result<u64>;

    /// Up to `limit` values of a column in the order of their keys, after `after`.
    async fn sealed_values(
        &self,
        column: SealedColumn,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SealedValue>>;

    /// Replaces values, each only where it still is what was read; not even the time of the row's last change is
    /// touched. Says how many it replaced.
    async fn swap_sealed(&self, column: SealedColumn, swaps: &[SealedSwap]) -> Result<u64>;

    /// The keys that stored values may need.
    async fn key_probes(&self) -> Result<Vec<KeyProbe>>;

    /// Notes a key that values will be sealed with.
    async fn add_key_probe(&self, sealed: &str, now: DateTime<Utc>) -> Result<()>;

    /// Forgets a key that no value needs any more.
    async fn drop_key_probe(&self, id: i64) -> Result<()>;
}
