//! A record as the platform sent it, and what identifies it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of record a platform keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordKind {
    /// A CRM deal or opportunity.
    Deal,
    /// A till's sale, refund or exchange: one order.
    Order,
}

impl RecordKind {
    /// The name used in storage and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deal => "deal",
            Self::Order => "order",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "deal" => Some(Self::Deal),
            "order" => Some(Self::Order),
            _ => None,
        }
    }
}

/// Identifies a record within one connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceKey {
    /// What it is.
    pub kind: RecordKind,
    /// The platform's id.
    pub id: String,
}

impl SourceKey {
    /// A key.
    pub fn new(kind: RecordKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.id)
    }
}

/// What `fetch` gathered: one JSON object whose members are the platform's own resources, unaltered.
#[derive(Debug, Clone)]
pub struct RawRecord {
    /// Which record.
    pub key: SourceKey,
    /// When the platform last changed it; the newest version of a record wins.
    pub modified_at: Option<DateTime<Utc>>,
    /// The JSON text, UTF-8.
    pub body: Bytes,
}
