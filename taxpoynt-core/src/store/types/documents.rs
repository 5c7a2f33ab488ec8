//! Documents: made from records, on their way to the authority, found again.

use super::{Held, Lane};
use crate::{
    catalogue::WaitingItem,
    model::RecordKind,
    store::{NewGrounds, WantedApproval},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

/// Where a document is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DocumentState {
    /// Numbered and stamped, not yet at the authority.
    Prepared,
    /// The authority has it; something is still to be done.
    Submitted,
    /// Signed and confirmed.
    Accepted,
    /// The authority refused it.
    Rejected,
    /// Attempts used up before the authority had it.
    Dead,
}

/// How far a submission got. A later stage is never left for an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Nothing sent.
    Draft,
    /// `validate` said ok.
    Validated,
    /// `sign` is on its way: ask before sending it again.
    Signing,
    /// `sign` said ok, or the authority knows the IRN: immutable.
    Signed,
    /// `transmit` is on its way.
    Transmitting,
    /// `transmit` said ok. Skipped for B2C.
    Transmitted,
    /// `confirm` shows it.
    Confirmed,
}

/// A document to be stored.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Unique within the record: `invoice`, `credit_note`.
    pub purpose: String,
    /// Which of the three.
    pub document_type: DocumentType,
    /// `B2B`, `B2C`, `B2G`.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Its IRN; unique in the store.
    pub irn: String,
    /// Issue date, ISO.
    pub issue_date: chrono::NaiveDate,
    /// Until when the authority must have signed it; none where it is cleared before the buyer gets it.
    pub report_by: Option<DateTime<Utc>>,
    /// Currency code.
    pub currency: String,
    /// Payable amount, as decimal text.
    pub payable_amount: String,
    /// Hash of what it says, without number, IRN and dates: a record that changes nothing makes no new document.
    pub content_hash: String,
    /// The whole invoice as JSON.
    pub invoice: String,
    /// UBL XML.
    pub ubl: Bytes,
    /// The exact bytes sent to the authority, every time.
    pub mbs: Bytes,
    /// The QR stamp's text. The first one stored is *the* stamp.
    pub stamp: String,
    /// Which rule and source set which field, as JSON.
    pub provenance: String,
}

/// A document as `settle_prepare` takes it, with the number it was rendered with.
#[derive(Debug, Clone)]
pub struct PreparedDocument {
    /// It.
    pub document: NewDocument,
    /// The series number it took.
    pub taken: Taken,
    /// What it was drafted under; with none it is explained by what is in force when somebody asks.
    pub grounds: Option<Arc<NewGrounds>>,
}

/// A number taken from a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The series, `INV{seq:06}`.
    pub series: String,
    /// The number; must still be the next one.
    pub number: u64,
}

/// What became of a record.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The record.
    pub record: Uuid,
    /// New documents, each with its number.
    pub documents: Vec<PreparedDocument>,
    /// Set or cleared on the record.
    pub held: Option<Held>,
    /// The items it waits for, in place of those it waited for before.
    pub waiting: Waiting,
    /// Lane of the submit jobs.
    pub lane: Lane,
}

/// The items and approvals that a held sale waits for.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// The revision of the tenant's catalogue that did not classify them.
    pub revision: u64,
    /// Each once.
    pub items: Vec<WaitingItem>,
    /// Drafts that a person approves first.
    pub approvals: Vec<WantedApproval>,
    /// Whether the record makes no document any more as it is now, so that what nobody has yet of it is not sent.
    pub withdrawn: bool,
}

/// A stored document.
#[derive(Debug, Clone)]
pub struct Document {
    /// The engine's id.
    pub id: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// The record it was made from.
    pub record: Uuid,
    /// `square`.
    pub platform: String,
    /// The platform account it came from.
    pub account: String,
    /// What kind of record that is.
    pub source_kind: RecordKind,
    /// The platform's id of that record.
    pub source_id: String,
    /// What was stored.
    pub document: NewDocument,
    /// Where it is.
    pub state: DocumentState,
    /// How far its submission got.
    pub stage: Stage,
    /// What the authority last said, one sentence.
    pub message: Option<String>,
    /// Why it stopped or waits, stable: `quarantined`, `sign_failed`, `keys_refused`, …; see `firs::lifecycle`.
    pub code: Option<String>,
    /// The cryptographic stamp identifier that an access point supplied; never one of our making.
    pub csid: Option<String>,
    /// When it was prepared.
    pub created_at: DateTime<Utc>,
    /// When each stage was reached.
    pub stages: Vec<(Stage, DateTime<Utc>)>,
}

impl Document {
    /// Whether nobody has it, so that it may be corrected instead of being taken back.
    #[must_use]
    pub fn is_open(&self) -> bool {
        crate::firs::lifecycle::is_open(self.stage, self.state, self.code.as_deref())
    }
}

/// How far a submission got.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The document.
    pub document: Uuid,
    /// The stage reached.
    pub stage: Stage,
    /// The state that follows.
    pub state: DocumentState,
    /// What the authority said.
    pub message: Option<String>,
    /// Why it stopped, stable; `None` where it goes on.
    pub code: Option<String>,
    /// Whether the job is done.
    pub finished: bool,
    /// The CSID that came with this step. The first one stored stays.
    pub csid: Option<String>,
}

/// Which documents. Absent: all.
#[derive(Debug, Clone, Default)]
pub struct DocumentFilter {
    /// Whose.
    pub tenant: Option<Uuid>,
    /// In this state.
    pub state: Option<DocumentState>,
    /// Stopped or waiting with this code.
    pub code: Option<String>,
    /// Made from this record.
    pub record: Option<Uuid>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows a page; 100 unless said, at most 1,000.
    pub limit: Option<u32>,
}
