//! Durable storage as whole business moves: each method is one transaction.
//!
//! The truth of a sale is three rows: the *record* (what the platform holds, newest version), its *documents* (one per
//! purpose, never edited after `sign`), and at most one *job* that moves it on. Jobs, state changes and audit rows
//! commit together. A job is claimed with a lease; its fence is checked by every move made under it.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `ingest` | the body is on disk; each event counts once for ever; each new event's record will be fetched after it |
//! | `put_record` | the newest version is the stored one, every body is kept, a change will be prepared |
//! | `settle_prepare` | documents, numbers, their submissions and what is held: all of it or nothing; no number skipped |
//! | `settle_submission` | stages only rise, each is timed and noted; content is frozen from `Signing` on |
//! | `claim` | nobody else has these jobs until the lease ends; a later claim has a higher fence |
//! | `postpone`, `release_delayed` | what the authority's trouble delays costs no attempt, and is due when it is back |
//! | `finish`, `retry`, `bury` | the holder alone ends a job; what was asked for meanwhile runs once more |
//! | `hold_back`, `set_switch` | what a switch holds back costs nothing, and is due when it is switched on |
//! | `replay`, `discard` | a dead letter runs again from the start, or ends for a noted reason |
//! | any of them, refused | nothing changed: `Fenced` (the lease ended), `Conflict`, `NotFound` (also another tenant's) |
//!
//! There is at most one live job a subject. One that is asked for again while it *waits* serves both; while it is
//! *claimed*, it runs once more after it ends, because its worker may have read what was there before.

mod after;
mod approvals;
mod credentials;
mod deadlines;
mod grounds;
mod inbound;
mod issued;
mod operations;
mod retention;
mod rules;
mod sealed;
#[cfg(feature = "sqlite")]
mod sqlite;
mod switches;
mod sync;
mod tables;
mod types;
mod webhooks;

pub use after::{
    AfterStore, NewNotice, Notice, Noticed, Payment, PaymentOrigin, PaymentState, Reading, Transmission,
    TransmissionState, WantedPayment,
};
pub use approvals::{Approval, ApprovalFilter, ApprovalState, ApprovalStore, Decided, WantedApproval};
pub use credentials::{
    Authorization, CredentialStore, NewAuthorization, RefreshFailure, RefreshLease, RefreshTurn, Renewed,
};
pub use deadlines::{AlarmChange, AlarmEntry, Backlog, Claim, DeadlineStore, Signed, Slot, Stretch};
pub use grounds::{Complaint, DocumentGrounds, GroundStore, Grounds, KeptText, NewGrounds};
pub use inbound::{
    Announced, Inbound, InboundContent, InboundFilter, InboundListing, InboundOrigin, InboundState,
    InboundStep, InboundStore, TenantJob, TenantJobKind, TenantJobStore,
};
pub use issued::IssuedStore;
pub use operations::{LaneDepth, MoveWatcher, OperationsSnapshot, OperationsStore, SyncStreak};
pub use retention::{Purged, RetentionStore};
pub use rules::{RuleStore, RuleVersion, StoredRules, WantedRules};
pub use sealed::{KeyProbe, SealedColumn, SealedStore, SealedSwap, SealedValue};
#[cfg(feature = "sqlite")]
pub use sqlite::{Migration, Sqlite};
pub use switches::{
    HeldBack, Passenger, Rollout, SWITCHED_OFF, Spread, Switch, SwitchChange, SwitchEntry, SwitchSetting,
    SwitchStore, Switches,
};
pub use sync::{
    Deletion, DueSync, RecordCount, RunEnd, RunKind, RunState, SyncCounts, SyncPage, SyncPlan, SyncRun,
    SyncStore, WantedRun,
};
pub use tables::{TableStore, TableVersion, WantedTable};
pub use types::{
    AuditEntry, CatalogueChange, Change, Connection, ConnectionState, Cost, DeadLetter, Delivery, Document,
    DocumentFilter, DocumentState, Fence, Held, Ingested, Job, JobKind, Lane, NewConnection, NewDocument,
    Page, Pending, Postponed, Prepared, PreparedDocument, PutEntries, PutRecord, Record, RecordFilter,
    Revision, Stage, Submission, SyncEntry, Taken, Unclassified, Waiting,
};

pub use webhooks::{
    DeliveryFilter, Incoming, Part, ReadAgain, SecretOrigin, StoredDelivery, StoredEvent, StoredSecret,
    StoredSubscription, SubscriptionState, WebhookSetup, WebhookStore,
};

use crate::{Result, catalogue::Entry, firs::CodeList, tenant::Tenant};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// Everything the engine keeps. Sealed: the moves and their guarantees belong together.
pub trait Store:
    TenantStore
    + RecordStore
    + DocumentStore
    + SubmissionStore
    + AfterStore
    + JobStore
    + DeadlineStore
    + LogStore
    + InboundStore
    + TenantJobStore
    + CatalogueStore
    + WebhookStore
    + SyncStore
    + OperationsStore
    + SwitchStore
    + CredentialStore
    + SealedStore
    + RetentionStore
    + RuleStore
    + TableStore
    + ApprovalStore
    + GroundStore
    + IssuedStore
    + fmt::Debug
    + private::Sealed
{
}

pub(crate) mod private {
    pub trait Sealed {}
}

/// Tenants, connections and their sealed credentials.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// Creates the tables, or brings them up to date.
    async fn migrate(&self) -> Result<()>;

    /// Stores a tenant. The one with its id, else with the same `business_id`, else with the same TIN, is updated and
    /// keeps its id; two tenants that each have a `business_id` of their own stay two, even under one TIN. A new
    /// tenant takes `tenant.id` where that is given. `tenant.authority` must be `None`; `sealed` is its sealed form,
    /// and without one the stored form stays.
    async fn put_tenant(&self, tenant: &Tenant, sealed: Option<&str>, now: DateTime<Utc>) -> Result<Uuid>;

    /// A tenant with its sealed authority credentials. `NotFound`.
    async fn tenant(&self, id: Uuid) -> Result<(Tenant, Option<String>)>;

    /// Stores a connection. The same (tenant, platform, account) is updated and keeps its id.
    async fn put_connection(&self, connection: &NewConnection, now: DateTime<Utc>) -> Result<Connection>;

    /// One connection; `NotFound` where it is not `tenant`'s (`None`: any, for the engine's own use).
    async fn connection(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Connection>;

    /// Connections, of one tenant or all, oldest first.
    async fn connections(&self, tenant: Option<Uuid>) -> Result<Vec<Connection>>;

    /// The connections of a platform account (several tenants may connect one), except removed ones.
    async fn connections_of(&self, platform: &str, account: &str) -> Result<Vec<Connection>>;

    /// Replaces sealed credentials.
    async fn put_credentials(&self, connection: Uuid, sealed: &str, now: DateTime<Utc>) -> Result<()>;

    /// Changes a connection's state.
    async fn set_connection_state(&self, id: Uuid, state: ConnectionState, now: DateTime<Utc>) -> Result<()>;
}

/// What platforms sent.
#[async_trait]
pub trait RecordStore: Send + Sync {
    /// Stores a verified webhook body and one fetch job per new event that names a record. An event seen before (same
    /// connection and event id) adds nothing. When this returns, the sender may be told 2xx.
    async fn ingest(&self, delivery: &Delivery, now: DateTime<Utc>) -> Result<Ingested>;

    /// Stores a fetched record. New, or newer with another body: replaces the stored one and queues a prepare job in
    /// `lane`. Older or equal: changes nothing. At the same time, or where a version has no time, another body is
    /// newer. Under a fence it also finishes that job.
    async fn put_record(
        &self,
        put: &PutRecord,
        fence: Option<&Fence>,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Change)>;

    /// One record; `NotFound` where it is not `tenant`'s.
    async fn record(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Record>;

    /// The record of a connection's account with this kind and platform id.
    async fn record_by_key(&self, connection: Uuid, key: &crate::model::SourceKey) -> Result<Option<Record>>;

    /// Records, newest first.
    async fn records(&self, filter: &RecordFilter) -> Result<Page<Record>>;

    /// Queues a prepare job for a record that has none waiting.
    async fn requeue_record(&self, id: Uuid, lane: Lane, now: DateTime<Utc>) -> Result<()>;
}

/// Invoices and credit notes.
#[async_trait]
pub trait DocumentStore: Send + Sync {
    /// The number the next document of a series takes (1 for a new series). Nothing is reserved: `settle_prepare`
    /// compares and takes.
    async fn next_number(&self, tenant: Uuid, series: &str) -> Result<u64>;

    /// The documents of a record, by purpose.
    async fn documents_of(&self, record: Uuid) -> Result<Vec<Document>>;

    /// The invoices of a tenant made from this platform record (to find what a refund takes back).
    async fn issued(&self, tenant: Uuid, platform: &str, source_ids: &[String]) -> Result<Vec<Document>>;

    /// Stores what became of a record: takes the numbers, stores documents, queues their submission, notes what is
    /// held, finishes the job. `Conflict` where a number was taken meanwhile: peek again (`Retry::Now`). `Fenced` where
    /// the lease ran out. Returns the ids of the stored documents, in their order.
    ///
    /// Where the record has a document of this purpose already, that one is corrected and `taken` is not read: pass the
    /// stored number, else it is a `Conflict`. It keeps its stamp unless the IRN is another (the seller's service id was
    /// wrong), is a draft again and is submitted anew; a submission under way is fenced off. One that is not
    /// [open](Document::is_open) is not edited: `Conflict` with `Retry::Now`, because whoever prepared it saw it open.
    /// `Config` where another document has the number or IRN: two series print the same.
    ///
    /// `Conflict` with `Retry::Now`, too, where it waits for items and the tenant's catalogue is no longer of
    /// `waiting.revision`: what was imported meanwhile may classify them.
    async fn settle_prepare(
        &self,
        prepared: &Prepared,
        fence: Option<&Fence>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Uuid>>;

    /// One document; `NotFound` where it is not `tenant`'s.
    async fn document(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Document>;

    /// Documents, newest first.
    async fn documents(&self, filter: &DocumentFilter) -> Result<Page<Document>>;

    /// Records how far a submission got, as `firs::lifecycle` allows: `Conflict` for a move that its table does not
    /// have. A stage never goes back, and `Accepted` is never left. With `finished` the job ends too, else it stays
    /// claimed and its lease starts anew. The first CSID stays. `Fenced` where the job is another document's.
    async fn settle_submission(
        &self,
        submission: &Submission,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<()>;
}

/// Submissions that wait, and those that a person sends on.
#[async_trait]
pub trait SubmissionStore: Send + Sync {
    /// Gives a submit job back for `postponed.at` and says on its document why, all or nothing; `postponed.cost` says
    /// what is counted. A document the authority has accepted or refused is not touched. `Fenced`
    /// where the lease ran out; `Conflict` for a job that submits nothing.
    async fn postpone(&self, postponed: &Postponed, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// Makes the submissions of a tenant due that wait for what a person had to mend (`firs::lifecycle::HOLDS`).
    /// Returns how many.
    async fn hasten(&self, tenant: Uuid, now: DateTime<Utc>) -> Result<u64>;

    /// Queues the submission of a document that stopped (refused, quarantined, given up, not transmitted): from its
    /// stage, with the bytes it has, its attempts at zero; a dead letter of it is used up. One that is on its way
    /// already goes on at once. `Conflict` where the authority has accepted it; `NotFound` where it is not `tenant`'s.
    async fn resubmit(&self, document: Uuid, tenant: Option<Uuid>, now: DateTime<Utc>) -> Result<()>;
}

/// The queue.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// Claims up to `limit` due jobs in the order of [`DeadlineStore::claim_some`]: tills before CRM before backfill,
    /// reports by their deadlines. Every tenth claim takes the oldest fetches and preparations first. A job whose lease
    /// ran out is due again under a new fence, and that was an attempt.
    async fn claim(&self, limit: u32, lease: Duration, now: DateTime<Utc>) -> Result<Vec<Job>>;

    /// Finishes a job that has nothing more to store.
    async fn finish(&self, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// Gives a job back for `at`, counting the attempt.
    async fn retry(
        &self,
        fence: &Fence,
        error: &crate::Error,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Gives up on a job: it becomes a dead letter with the error. The document of a submit job becomes `Dead`, unless
    /// the authority has accepted or rejected it.
    async fn bury(&self, fence: &Fence, error: &crate::Error, now: DateTime<Utc>) -> Result<()>;

    /// What is left to do.
    async fn pending(&self, now: DateTime<Utc>) -> Result<Pending>;

    /// Dead letters, newest first.
    async fn dead_letters(&self, tenant: Option<Uuid>) -> Result<Vec<DeadLetter>>;

    /// Queues a dead letter again with its attempts at zero; where its subject has a live job, that one does it.
    /// `NotFound` where it is not `tenant`'s.
    async fn replay(&self, job: Uuid, tenant: Option<Uuid>, now: DateTime<Utc>) -> Result<()>;

    /// Ends a dead letter for a reason.
    async fn discard(&self, job: Uuid, tenant: Option<Uuid>, reason: &str, now: DateTime<Utc>) -> Result<()>;
}

/// What happened.
#[async_trait]
pub trait LogStore: Send + Sync {
    /// What happened to a record and its documents, or to a document and its record, oldest first.
    async fn audit(&self, subject: Uuid) -> Result<Vec<AuditEntry>>;

    /// Where a connection's last pull ended: records changed since then are still to come.
    async fn watermark(&self, connection: Uuid) -> Result<Option<DateTime<Utc>>>;

    /// Notes a finished pull and sets the watermark, also further back.
    async fn log_sync(&self, entry: &SyncEntry, watermark: Option<DateTime<Utc>>) -> Result<()>;

    /// The last 1,000 pulls of a connection, newest first.
    async fn sync_log(&self, connection: Uuid) -> Result<Vec<SyncEntry>>;
}

/// Catalogues, the sales that wait for an entry in one, and code lists.
#[async_trait]
pub trait CatalogueStore: Send + Sync {
    /// The lists of a deployment of the authority as last stored; one never stored is not among them.
    async fn code_lists(&self, deployment: &str) -> Result<Vec<CodeList>>;

    /// Stores a refreshed list in place of the one before. A shipped one is refused: `Config`.
    async fn put_code_list(&self, deployment: &str, list: &CodeList) -> Result<()>;

    /// The state of a tenant's catalogue.
    async fn catalogue_revision(&self, tenant: Uuid) -> Result<Revision>;

    /// A tenant's entries by key, all of one revision.
    async fn catalogue(&self, tenant: Uuid) -> Result<(Revision, Vec<Entry>)>;

    /// Stores entries, all or none. The revision rises unless nothing changed. `NotFound` where there is no such tenant.
    async fn put_entries(
        &self,
        tenant: Uuid,
        entries: &[Entry],
        put: PutEntries,
        now: DateTime<Utc>,
    ) -> Result<CatalogueChange>;

    /// What the sales of a tenant wait for, one row for each spelling of an item and currency, in no order. No record's
    /// body is read.
    async fn unclassified(&self, tenant: Uuid) -> Result<Vec<Unclassified>>;

    /// Queues every sale of a tenant that waits for one of these spellings (`Unclassified::id`), each once, and notes
    /// that revision `revision` of the catalogue has been gone through. Says how many. No record's body is read.
    async fn release(&self, tenant: Uuid, items: &[i64], revision: u64, now: DateTime<Utc>) -> Result<u64>;
}
