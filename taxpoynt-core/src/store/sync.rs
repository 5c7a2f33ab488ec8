//! Pulls, deleted records and counted days: what the store keeps of them, and the moves.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `open_run` | one process has the connection's pull; what another one began goes on where it stopped |
//! | `put_page` | a page's records and the place after it are on disk together: a crash skips nothing |
//! | `settle_run` | the run ended or rests, its counts are logged, and the watermark moves only after the last page |
//! | `mark_deleted` | the record is known as deleted; what was not sent of it is withdrawn and will not be sent |
//! | any of them, refused | nothing changed: `Fenced`, `Conflict` (another process has it), `NotFound` |

use super::{Fence, Lane, Record};
use crate::{
    Result,
    connector::TallyEntry,
    model::{RawRecord, SourceKey},
    sync::{Evidence, Walk},
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// Pulls and what they are held against.
#[async_trait]
pub trait SyncStore: Send + Sync {
    /// Takes the connection's live run of this kind, or begins one. One that another process holds is a `Conflict` with
    /// `Retry::After` the rest of its lease; one that nobody holds is handed over as it stands, under a higher fence.
    /// Where `wanted.since` is earlier than the live run's, that one begins anew from there. With `wanted.only_due` it is a
    /// `Conflict` too where another process did meanwhile what was due, or a person ended it.
    async fn open_run(&self, wanted: &WantedRun, lease: Duration, now: DateTime<Utc>) -> Result<SyncRun>;

    /// Stores a page: its records as `put_record` would, a fetch job for each that could not be read, the walk after the
    /// page and the run's counts, all or nothing; the lease starts anew. A record known as deleted stays so, and is
    /// fetched where this version is new. `Fenced`; `Conflict` for a run that was cancelled or paused meanwhile.
    async fn put_page(&self, page: &SyncPage, fence: &Fence, now: DateTime<Utc>) -> Result<SyncCounts>;

    /// Ends a run or lets it rest, writes the log line, and sets when the connection is due next. The watermark moves only
    /// with `RunEnd::Done`, of a run that moves it. Failures are counted until a run is done. `Fenced`.
    async fn settle_run(&self, end: &RunEnd, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// Connections whose pull is due and runs that wait to go on, the longest waiting first; only of active connections,
    /// and none that a process has.
    async fn due_syncs(&self, every: Option<Duration>, now: DateTime<Utc>) -> Result<Vec<DueSync>>;

    /// Runs of a connection, newest first; at most 100.
    async fn runs(&self, connection: Uuid, kind: RunKind) -> Result<Vec<SyncRun>>;

    /// One run; `NotFound` where its connection is not `tenant`'s.
    async fn run(&self, id: Uuid, tenant: Option<Uuid>) -> Result<SyncRun>;

    /// Pauses, cancels or goes on with a run; whoever works on it is fenced off. `Conflict` where it has ended.
    async fn set_run_state(&self, id: Uuid, state: RunState, now: DateTime<Utc>) -> Result<()>;

    /// When a connection is pulled and how that went.
    async fn sync_plan(&self, connection: Uuid) -> Result<SyncPlan>;

    /// Sets how often a connection is pulled: `None` as the engine is set, zero never by itself.
    async fn set_sync_schedule(&self, connection: Uuid, every: Option<Duration>) -> Result<()>;

    /// Notes that deleted records were listed, and queues a fetch of those that are stored and not known as deleted.
    /// Returns how many.
    async fn check_deleted(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
        lane: Lane,
        swept: bool,
        now: DateTime<Utc>,
    ) -> Result<u64>;

    /// Notes under a fetch job that a record is gone, and finishes the job: documents of it that were not sent are
    /// withdrawn with code `record_deleted` and their submissions end; it is prepared once more, so that what was sent is
    /// dealt with as the tenant's policy says. False, and nothing done, where no such record is stored.
    async fn mark_deleted(
        &self,
        key: &SourceKey,
        why: &str,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<bool>;

    /// When a record was found deleted, and why.
    async fn deletion(&self, record: Uuid) -> Result<Option<Deletion>>;

    /// Records of the connection's account whose count is missing or of another version, at most `limit`.
    async fn uncounted(&self, connection: Uuid, limit: u32) -> Result<Vec<(Record, String)>>;

    /// Stores what records count for.
    async fn put_counts(&self, counts: &[RecordCount]) -> Result<()>;

    /// What the account's records count for within a span; `until` is not part of it. Deleted ones are left out.
    async fn counts(
        &self,
        connection: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<TallyEntry>>;

    /// What these records count for, whatever their day; of those that are stored and not deleted.
    async fn counts_of(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
    ) -> Result<Vec<(SourceKey, Option<TallyEntry>)>>;

    /// Queues a fetch of each.
    async fn fetch_all(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
        lane: Lane,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Stores a day's report in place of the one before. `report` is JSON.
    async fn put_reconciliation(
        &self,
        connection: Uuid,
        day: NaiveDate,
        equal: bool,
        report: &str,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Reports of a connection as JSON, newest day first; `unequal`: only of days that are not proved.
    async fn reconciliations(&self, connection: Uuid, unequal: bool, limit: u32) -> Result<Vec<String>>;

    /// Active connections whose days are to be counted, at most 20.
    async fn due_counts(&self, now: DateTime<Utc>) -> Result<Vec<Uuid>>;

    /// Says when a connection's days are counted next.
    async fn note_counted(&self, connection: Uuid, next: DateTime<Utc>) -> Result<()>;
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// What changed since the watermark.
    Incremental,
    /// An import from a date on.
    Backfill,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Under way, also between attempts.
    Running,
    /// Everything was read.
    Done,
    /// Given up by a person.
    Cancelled,
    /// Stopped by a person; it can go on.
    Paused,
}

/// A run to be taken or begun.
#[derive(Debug, Clone)]
pub struct WantedRun {
    /// Of this connection.
    pub connection: Uuid,
    /// What for.
    pub kind: RunKind,
    /// From when on. None: as far back as the platform goes.
    pub since: Option<DateTime<Utc>>,
    /// Up to when.
    pub until: Option<DateTime<Utc>>,
    /// Whether the watermark moves when it is done.
    pub moves_mark: bool,
    /// Whether it reads back as far as the platform's rules want once a day.
    pub deep: bool,
    /// Only where it is still due at the time it is taken.
    pub only_due: bool,
}

/// A run.
#[derive(Debug, Clone)]
pub struct SyncRun {
    /// The proof that this process has it; its `job` is the run's id.
    pub fence: Fence,
    /// Of this connection.
    pub connection: Uuid,
    /// What for.
    pub kind: RunKind,
    /// Where it is.
    pub state: RunState,
    /// From when on.
    pub since: Option<DateTime<Utc>>,
    /// Up to when.
    pub until: Option<DateTime<Utc>>,
    /// Where it stands; none before the first page.
    pub walk: Option<Walk>,
    /// What was known of the platform's time when it began.
    pub evidence: Option<Evidence>,
    /// What it found so far.
    pub counts: SyncCounts,
    /// How many records there are to read, where the platform says so.
    pub total: Option<u64>,
    /// Why it rests.
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it last came further.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a run found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SyncCounts {
    /// Pages.
    pub pages: u64,
    /// Records read.
    pub seen: u64,
    /// Not seen before.
    pub new: u64,
    /// Newer than the stored.
    pub changed: u64,
    /// As stored.
    pub unchanged: u64,
    /// Could not be read; each is fetched on its own.
    pub failed: u64,
}

/// A page to be stored.
#[derive(Debug, Clone)]
pub struct SyncPage {
    /// Its records.
    pub records: Vec<RawRecord>,
    /// Those that could not be read.
    pub failed: Vec<SourceKey>,
    /// The walk after it.
    pub walk: Walk,
    /// What is known of the platform's time when the run began.
    pub evidence: Evidence,
    /// The latest change on it.
    pub latest: Option<DateTime<Utc>>,
    /// How many records there are to read, where the platform says so.
    pub total: Option<u64>,
    /// The lane of the jobs.
    pub lane: Lane,
    /// The lease from now on.
    pub lease: Duration,
}

/// How a run ends or rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// Everything was read.
    Done {
        /// The new watermark.
        watermark: Option<DateTime<Utc>>,
        /// When the connection is due next; none where it is not by itself.
        next_at: Option<DateTime<Utc>>,
    },
    /// Something failed; it goes on from its walk.
    Failed {
        /// Why, one sentence.
        error: String,
        /// When to try again.
        at: DateTime<Utc>,
    },
    /// Another page may be read at once, by whoever comes.
    Rests,
}

/// A pull that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSync {
    /// The connection.
    pub connection: Uuid,
    /// What for.
    pub kind: RunKind,
}

/// When a connection is pulled and how that went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SyncPlan {
    /// How often; none: as the engine is set; zero: never by itself.
    pub every: Option<Duration>,
    /// When it is due next; none before the first pull.
    pub next_at: Option<DateTime<Utc>>,
    /// Pulls that failed one after the other.
    pub failures: u32,
    /// Why the last one failed.
    pub error: Option<String>,
    /// The latest change seen.
    pub seen_until: Option<DateTime<Utc>>,
    /// When a pull last read further back.
    pub deep_at: Option<DateTime<Utc>>,
    /// Where the platform's time stood when that pull began: the next one reads back from there.
    pub deep_mark: Option<DateTime<Utc>>,
    /// When deleted records were last listed.
    pub swept_at: Option<DateTime<Utc>>,
    /// When its days are counted next.
    pub count_at: Option<DateTime<Utc>>,
}

/// A record that is no longer at its platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deletion {
    /// When that was found.
    pub at: DateTime<Utc>,
    /// Why it counts as deleted, one sentence.
    pub why: String,
}

/// What a record counts for.
#[derive(Debug, Clone)]
pub struct RecordCount {
    /// The record.
    pub record: Uuid,
    /// The version it was read from.
    pub body_hash: String,
    /// What it counts; none where it counts on no day.
    pub entry: Option<TallyEntry>,
}
