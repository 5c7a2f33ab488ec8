//! What documents were drafted under, and what they were refused for: kept so that both can be explained later.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `settle_prepare` | each document is stored together with its grounds, where it has any; those of one that is corrected take the place of the earlier ones, as its text does |
//! | `grounds` | the record, settings and rules of a document as they were when it was last drafted |
//! | `note_refusal` | the complaints are stored beside those of earlier refusals |

use super::StoredRules;
use crate::{Result, error::Fault, model::RawRecord};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};
use uuid::Uuid;

/// A text under its SHA-256, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptText {
    /// The hash.
    pub hash: String,
    /// The text.
    pub text: Cow<'static, str>,
}

/// What a document is drafted under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrounds {
    /// SHA-256 of the record's body.
    pub body_hash: String,
    /// The tenant as JSON, without credentials.
    pub settings: KeptText,
    /// The rules that hold for every platform.
    pub built_in: KeptText,
    /// The platform's own rules.
    pub platform: KeptText,
    /// The template that describes the platform, where one does.
    pub template: Option<KeptText>,
    /// The engine's version.
    pub engine: &'static str,
    /// Hash of the tenant's rule file.
    pub tenant_rules: Option<String>,
    /// Hash of the connection's rule file.
    pub connection_rules: Option<String>,
    /// Hash of each lookup table in force, by its name.
    pub tables: BTreeMap<String, String>,
}

/// What a document was drafted under.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// The record as it was then.
    pub raw: RawRecord,
    /// The tenant as JSON as it was then, without credentials.
    pub settings: KeptText,
    /// The rules that held for every platform.
    pub built_in: KeptText,
    /// The platform's own rules.
    pub platform: KeptText,
    /// The template that described the platform, where one did.
    pub template: Option<KeptText>,
    /// The version of the engine that drafted it; none where that was not noted.
    pub engine: Option<String>,
    /// The tenant's rule file, then the connection's, where there were any.
    pub rules: Vec<StoredRules>,
    /// The lookup tables that were in force, as CSV, by name.
    pub tables: BTreeMap<String, KeptText>,
}

/// The number a document took, and what it was drafted under.
#[derive(Debug, Clone)]
pub struct DocumentGrounds {
    /// The series.
    pub series: String,
    /// The number in it.
    pub series_number: u64,
    /// None for a document that was drafted before grounds were kept.
    pub grounds: Option<Grounds>,
}

/// A complaint as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Whose: `authority`, or the id of a rule.
    pub id: String,
    /// The field it names.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl From<&Fault> for Complaint {
    fn from(fault: &Fault) -> Self {
        Self { id: fault.id.clone(), path: fault.path.clone(), message: fault.message.clone() }
    }
}

/// Grounds of documents.
#[async_trait]
pub trait GroundStore: Send + Sync {
    /// What a document was last drafted under. `NotFound` for an unknown document.
    async fn grounds(&self, document: Uuid) -> Result<DocumentGrounds>;

    /// Notes what a document was refused for. `NotFound` for an unknown document.
    async fn note_refusal(&self, document: Uuid, complaints: &[Complaint], now: DateTime<Utc>) -> Result<()>;

    /// What a document was last refused for; empty where it never was, or nothing was complained of by field.
    async fn refusal(&self, document: Uuid) -> Result<Vec<Complaint>>;
}
