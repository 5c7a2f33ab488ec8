//! What is not kept for ever: webhooks whose work is done. What the law wants kept (records, documents, audit) is not here.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `purge_deliveries` | processed deliveries of one small batch that are old enough are gone with their events; nothing else |

use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// What one batch of a purge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Bodies that are gone.
    pub deliveries: u64,
    /// Events that are gone with them.
    pub events: u64,
    /// Where the next batch begins; none where only younger ones are left.
    pub next: Option<i64>,
}

/// Retention.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// Looks at the `limit` oldest deliveries from `after` on (0: from the first) and removes those that were received
    /// and last replayed before `before`, together with their events: from then on such an event counts as new again.
    ///
    /// One stays whose parts could not all be read, or that announced a record whose fetch still waits or is under way:
    /// it may have to be read again. Records, documents, jobs and the audit are untouched.
    async fn purge_deliveries(&self, before: DateTime<Utc>, after: i64, limit: u32) -> Result<Purged>;
}
