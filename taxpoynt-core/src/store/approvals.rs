//! Drafts that a person approves before they are sent.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `settle_prepare` with `approvals` | each draft waits for a decision of its own content; drafts of an older content wait no more, and what was made of it is withdrawn where nobody has it yet |
//! | `decide` | the decision stands for that content for ever, is noted, and the record is prepared again |

use super::Page;
use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A draft to be asked about.
#[derive(Debug, Clone)]
pub struct WantedApproval {
    /// Which document of its record: `invoice`.
    pub purpose: String,
    /// Hash of what it says: an approval holds for this alone.
    pub content_hash: String,
    /// The rule that asks for it.
    pub rule: String,
    /// ISO 4217.
    pub currency: String,
    /// What the buyer would pay.
    pub payable_amount: String,
    /// The draft as JSON, without number.
    pub invoice: String,
}

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApprovalState {
    /// Nobody has decided.
    Waiting,
    /// This content may be sent.
    Approved,
    /// This content is not sent.
    Refused,
    /// The record says something else by now, or waits for something else.
    Outdated,
}

/// A draft, and what was decided about it.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The engine's id of it.
    pub id: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// Of which record.
    pub record: Uuid,
    /// The platform's id of that.
    pub source_id: String,
    /// The draft.
    pub wanted: WantedApproval,
    /// Where it stands.
    pub state: ApprovalState,
    /// Since when it waits.
    pub asked_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// By whom.
    pub decided_by: Option<String>,
    /// In their words.
    pub note: Option<String>,
}

/// Which approvals to list.
#[derive(Debug, Clone, Default)]
pub struct ApprovalFilter {
    /// Whose; none: everybody's.
    pub tenant: Option<Uuid>,
    /// Where they stand.
    pub state: Option<ApprovalState>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// At most this many; 100 unless said, 1000 at most.
    pub limit: Option<u32>,
}

/// What a person decides.
#[derive(Debug, Clone)]
pub struct Decided {
    /// About which draft.
    pub id: Uuid,
    /// Only where it is this tenant's.
    pub tenant: Option<Uuid>,
    /// Whether it may be sent.
    pub approved: bool,
    /// Who says so.
    pub by: String,
    /// Why.
    pub note: Option<String>,
}

/// Approvals.
#[async_trait]
pub trait ApprovalStore: Send + Sync {
    /// Drafts and what was decided about them, newest first.
    async fn approvals(&self, filter: &ApprovalFilter) -> Result<Page<Approval>>;

    /// One; another tenant's is `NotFound`.
    async fn approval(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Approval>;

    /// What was decided about this content of a record's document; none where nobody was asked.
    async fn decision(
        &self,
        record: Uuid,
        purpose: &str,
        content_hash: &str,
    ) -> Result<Option<ApprovalState>>;

    /// Decides, and queues the record. The same decision again changes nothing. `Conflict` where it was decided
    /// otherwise, or the record says something else by now; `NotFound`.
    async fn decide(&self, decided: &Decided, now: DateTime<Utc>) -> Result<Approval>;
}
