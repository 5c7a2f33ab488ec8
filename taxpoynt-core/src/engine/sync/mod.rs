//! Records in without a webhook: pulled from the platform, imported from a date on, handed in by the host, or asked for by
//! id; and the proof that nothing is missing.

mod backfill;
mod dates;
mod due;
mod options;
mod reader;
mod reconcile;
mod records;

pub use backfill::Backfill;
pub use due::SyncHealth;
pub use options::{SyncObserver, SyncOptions};

pub(super) use due::Tending;

use super::{Engine, spans};
use crate::{
    Result,
    connector::Capability,
    metrics::SyncResult,
    store::{Connection, RunEnd, RunKind, SyncCounts, SyncPlan, WantedRun},
};
use chrono::{DateTime, TimeDelta, Utc};
use reader::{LEASE, Reader};
use std::time::Duration;
use tracing::Instrument;
use uuid::Uuid;

/// How often a pull reads back as far as the platform's rules want, and deleted records are listed.
const DEEP_EACH: TimeDelta = TimeDelta::hours(24);

/// What a pull found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct SyncReport {
    /// Records read.
    pub seen: u64,
    /// Not seen before.
    pub new: u64,
    /// Newer than the stored.
    pub changed: u64,
    /// As stored.
    pub unchanged: u64,
    /// Could not be read. Each is fetched on its own, and becomes a dead letter where that fails too.
    pub failed: u64,
}

impl From<SyncCounts> for SyncReport {
    fn from(counts: SyncCounts) -> Self {
        let SyncCounts { seen, new, changed, unchanged, failed, .. } = counts;
        Self { seen, new, changed, unchanged, failed }
    }
}

impl Engine {
    /// Pulls what changed since `since`, else since the last pull less the platform's overlap, and queues it. One that
    /// stopped half-way goes on where it stopped.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` with `Retry::After` while another process pulls this connection; what the platform answers.
    /// What was stored before an error stays, and the next pull goes on from there.
    pub async fn sync(
        &self,
        connection: Uuid,
        tenant: Option<Uuid>,
        since: Option<DateTime<Utc>>,
    ) -> Result<SyncReport> {
        let connection = self.store().connection(connection, tenant).await?;
        self.may_sync(&connection).await?;
        let plan = self.store().sync_plan(connection.id).await?;
        let wanted = self.wanted(&connection, &plan, since).await?;
        self.pull(&connection, &wanted).await.map(SyncReport::from)
    }

    /// From when on the next pull reads.
    async fn wanted(
        &self,
        connection: &Connection,
        plan: &SyncPlan,
        since: Option<DateTime<Utc>>,
    ) -> Result<WantedRun> {
        let rules = self.connector(&connection.platform)?.info().pull;
        let watermark = self.store().watermark(connection.id).await?;
        let deep = rules.rescan.is_some() && plan.deep_at.is_none_or(|at| !self.is_recent(at));
        let before = |mark: DateTime<Utc>, span: Duration| {
            let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
            mark.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC)
        };
        let usual = watermark.map(|mark| before(mark, rules.overlap));
        // What came late just after the last reading back was not seen by it: the next one begins where that one stood.
        let further = |mark: DateTime<Utc>| {
            before(
                plan.deep_mark.unwrap_or(mark).min(mark),
                rules.rescan.unwrap_or_default().max(rules.overlap),
            )
        };
        let reach = if deep { watermark.map(further) } else { usual };
        // One that begins later leaves a gap behind it.
        let moves_mark = since.is_none() || watermark.is_none() || since <= usual;
        Ok(WantedRun {
            connection: connection.id,
            kind: RunKind::Incremental,
            since: since.or(reach),
            until: None,
            moves_mark,
            deep: deep && (since.is_none() || since <= reach),
            only_due: false,
        })
    }

    fn is_recent(&self, at: DateTime<Utc>) -> bool {
        // A clock that was put back must not keep it from being done.
        (TimeDelta::zero()..DEEP_EACH).contains(&(self.now() - at))
    }

    /// Pulls to the end.
    async fn pull(&self, connection: &Connection, wanted: &WantedRun) -> Result<SyncCounts> {
        let run = self.store().open_run(wanted, LEASE, self.now()).await?;
        let mut reader = Reader::new(self, connection, run, self.lane(&connection.platform)?)?;
        let span = spans::sync(connection);
        let read = self.read_to_end(connection, &mut reader).instrument(span.clone()).await;
        let counts = reader.counts();
        span.record("seen", counts.seen).record("new", counts.new);
        span.record("changed", counts.changed).record("failed", counts.failed);
        let ended = if read.is_ok() { SyncResult::Completed } else { SyncResult::Failed };
        self.inner.metrics.synced(&connection.platform, ended);
        self.inner.bell.notify_waiters();
        match read {
            Ok(()) => {
                let end = self.done(connection, &reader).await?;
                self.store().settle_run(&end, reader.fence(), self.now()).await?;
                Ok(reader.counts())
            }
            Err(error) => {
                let end = self.failed_run(connection, &error).await?;
                match self.store().settle_run(&end, reader.fence(), self.now()).await {
                    // Who no longer has the run has nothing to settle.
                    Err(fenced) if fenced.kind() == crate::ErrorKind::Fenced => {}
                    settled => settled?,
                }
                Err(error)
            }
        }
    }

    async fn read_to_end(&self, connection: &Connection, reader: &mut Reader<'_>) -> Result<()> {
        while reader.page().await? {}
        self.sweep_deleted(connection, reader).await
    }

    async fn done(&self, connection: &Connection, reader: &Reader<'_>) -> Result<RunEnd> {
        let before = self.store().watermark(connection.id).await?;
        let watermark = reader.evidence().and_then(|evidence| evidence.watermark(before));
        let plan = self.store().sync_plan(connection.id).await?;
        let every = plan.every.or(self.inner.options.sync.every).filter(|every| !every.is_zero());
        Ok(RunEnd::Done { watermark, next_at: every.and_then(|every| self.in_time(every)) })
    }

    async fn failed_run(&self, connection: &Connection, error: &crate::Error) -> Result<RunEnd> {
        let plan = self.store().sync_plan(connection.id).await?;
        let wait = due::wait_after(plan.failures, error);
        let at = self.in_time(wait).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Ok(RunEnd::Failed { error: error.message().to_owned(), at })
    }

    fn in_time(&self, span: Duration) -> Option<DateTime<Utc>> {
        self.now().checked_add_signed(TimeDelta::from_std(span).ok()?)
    }

    /// Has a worker look at what the platform lists as deleted.
    async fn sweep_deleted(&self, connection: &Connection, reader: &Reader<'_>) -> Result<()> {
        let connector = self.connector(&connection.platform)?;
        if !connector.info().can(Capability::Deletions) {
            return Ok(());
        }
        let plan = self.store().sync_plan(connection.id).await?;
        if plan.swept_at.is_some_and(|at| self.is_recent(at)) {
            return Ok(());
        }
        let lane = self.lane(&connection.platform)?;
        let mut checkpoint = None;
        loop {
            let gone = connector.deleted(reader.context(), checkpoint.clone()).await?;
            let more = gone.next.is_some() && gone.next != checkpoint;
            self.store().check_deleted(connection.id, &gone.keys, lane, !more, self.now()).await?;
            if !more {
                return Ok(());
            }
            checkpoint = gone.next;
        }
    }
}
