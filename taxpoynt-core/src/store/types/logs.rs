//! What is written down as it happens.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// `record.stored`, `record.held`, `document.prepared`, `document.signed`, …
    pub event: String,
    /// More, one sentence.
    pub detail: String,
}

/// One pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncEntry {
    /// The connection.
    pub connection: Uuid,
    /// When it started and ended.
    pub started_at: DateTime<Utc>,
    /// See `started_at`.
    pub finished_at: DateTime<Utc>,
    /// Records read.
    pub seen: u64,
    /// Not seen before.
    pub new: u64,
    /// Newer than the stored.
    pub changed: u64,
    /// As stored.
    pub unchanged: u64,
    /// Could not be read.
    pub failed: u64,
    /// Why it ended early.
    pub error: Option<String>,
}
