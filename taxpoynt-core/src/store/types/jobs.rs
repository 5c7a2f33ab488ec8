//! Jobs: what is to be done, by whom, and what becomes of what cannot be done.

use crate::model::SourceKey;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which jobs go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Tills.
    High,
    /// CRM, manual.
    Normal,
    /// Backfill.
    Bulk,
}

/// Why and until when a submission waits.
#[derive(Debug, Clone)]
pub struct Postponed {
    /// When to come back.
    pub at: DateTime<Utc>,
    /// With which code the document waits; `None`: with none.
    pub code: Option<String>,
    /// Why, one sentence.
    pub message: String,
    /// The error's kind.
    pub error_kind: String,
    /// What it cost.
    pub cost: Cost,
}

/// What a failure costs a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Nothing: it waits for a person, or was not tried.
    Nothing,
    /// One of the attempts after which it is given up.
    Attempt,
    /// Nothing while the whole authority is in trouble. Where another document was signed within the last ten minutes,
    /// it is counted in `Job::troubles`: then it may be this one.
    Trouble,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "subject")]
#[non_exhaustive]
pub enum JobKind {
    /// Fetch a record from its platform.
    Fetch(SourceKey),
    /// Turn a record into documents.
    Prepare(Uuid),
    /// Submit a document.
    Submit(Uuid),
    /// Tell the authority of a document's payment.
    Payment(Uuid),
    /// Read a document's state at the authority again.
    Confirm(Uuid),
}

/// Proof that a worker holds a job: the id and the claim's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The job.
    pub job: Uuid,
    /// Rises with each claim.
    pub token: i64,
}

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// The proof.
    pub fence: Fence,
    /// What to do.
    pub kind: JobKind,
    /// Its lane.
    pub lane: Lane,
    /// Whose.
    pub tenant: Uuid,
    /// The connection.
    pub connection: Uuid,
    /// Attempts made before this one.
    pub attempts: u32,
    /// Times it failed for the authority's sake while other documents got through.
    pub troubles: u32,
    /// When what it serves was announced, pulled or handed in; none for a job of an older version.
    pub received_at: Option<DateTime<Utc>>,
}

/// What is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pending {
    /// Due now.
    pub due: u64,
    /// Claimed and not finished.
    pub claimed: u64,
    /// Waiting for a later time.
    pub later: u64,
    /// When the earliest of `later` is due.
    pub next_at: Option<DateTime<Utc>>,
}

/// A job given up.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The job's id.
    pub id: Uuid,
    /// What it was.
    pub kind: JobKind,
    /// Whose.
    pub tenant: Uuid,
    /// The connection.
    pub connection: Uuid,
    /// Attempts made.
    pub attempts: u32,
    /// The error's kind.
    pub error_kind: String,
    /// The error's sentence.
    pub error: String,
    /// When it was given up.
    pub at: DateTime<Utc>,
}
