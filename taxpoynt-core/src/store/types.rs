//! What the store takes and gives.

use super::WantedApproval;
use crate::catalogue::{SoldItem, WaitingItem};
use crate::model::{RawRecord, RecordKind, SourceKey};
use crate::store::NewGrounds;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, sync::Arc};
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

/// Whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionState {
    /// In use.
    Active,
    /// The host paused it; webhooks are still stored.
    Paused,
    /// The platform refuses the credentials: the account's owner must authorize again.
    NeedsReauth,
    /// Removed; its history stays.
    Removed,
}

/// A connection to be stored.
#[derive(Clone)]
pub struct NewConnection {
    /// Whose.
    pub tenant: Uuid,
    /// `square`.
    pub platform: String,
    /// `crm` or `pos`.
    pub family: &'static str,
    /// The platform's id of the account.
    pub account: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// Settings, `base_url` and `webhook_url` among them. No secrets.
    pub settings: BTreeMap<String, String>,
    /// Credentials, sealed.
    pub sealed: String,
}

/// A stored connection.
#[derive(Clone)]
pub struct Connection {
    /// The engine's id.
    pub id: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// `square`.
    pub platform: String,
    /// The platform's id of the account.
    pub account: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// Settings.
    pub settings: BTreeMap<String, String>,
    /// Credentials, sealed.
    pub sealed: String,
    /// Rises whenever the credentials are others; not when the same ones are sealed under another key.
    pub generation: u64,
    /// State.
    pub state: ConnectionState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for NewConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewConnection")
            .field("tenant", &self.tenant)
            .field("platform", &self.platform)
            .field("account", &self.account)
            .field("settings", &self.settings.keys())
            .finish_non_exhaustive()
    }
}

/// Settings by name only: a webhook's address may have a secret path.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .field("platform", &self.platform)
            .field("account", &self.account)
            .field("settings", &self.settings.keys())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

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

/// A page of a listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where to go on; none on the last page.
    pub next: Option<String>,
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
