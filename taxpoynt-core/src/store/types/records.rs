//! What platforms hold: announced, fetched, stored, held.

use super::Lane;
use crate::model::{RawRecord, RecordKind, SourceKey};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A verified webhook body.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The connection it is for.
    pub connection: Uuid,
    /// The body as it arrived.
    pub body: Bytes,
    /// Its events for this connection: identity, the platform's name, the record where there is one.
    pub events: Vec<(String, String, Option<SourceKey>)>,
    /// Lane of the fetch jobs.
    pub lane: Lane,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    /// Events seen for the first time.
    pub new: u32,
    /// Events seen before.
    pub duplicates: u32,
}

/// A fetched record to be stored.
#[derive(Debug, Clone)]
pub struct PutRecord {
    /// The connection it came through.
    pub connection: Uuid,
    /// It.
    pub raw: RawRecord,
    /// Lane of the prepare job.
    pub lane: Lane,
    /// Whether to queue a prepare job for a new or changed record. False where the caller prepares it at once.
    pub queue: bool,
}

/// What storing a record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Not seen before.
    New,
    /// Newer, and another body.
    Changed,
    /// Nothing.
    Unchanged,
}

/// A stored record.
#[derive(Debug, Clone)]
pub struct Record {
    /// The engine's id.
    pub id: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// The connection it last came through.
    pub connection: Uuid,
    /// `square`.
    pub platform: String,
    /// The platform account.
    pub account: String,
    /// The newest version.
    pub raw: RawRecord,
    /// Why nothing more happens to it for now.
    pub held: Option<Held>,
    /// When it was first and last stored.
    pub first_seen: DateTime<Utc>,
    /// See `first_seen`.
    pub last_seen: DateTime<Utc>,
}

/// Why a sale waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Stable: `deal_not_won`, `totals_disagree`.
    pub code: String,
    /// One sentence a bookkeeper understands.
    pub message: String,
}

/// Which records. Absent: all.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Whose.
    pub tenant: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<RecordKind>,
    /// Only held ones.
    pub held: bool,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows a page; 100 unless said, at most 1,000.
    pub limit: Option<u32>,
}
