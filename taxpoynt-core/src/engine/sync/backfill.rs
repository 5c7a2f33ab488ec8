//! Imports from a date on: in the slow lane, a page at a time, beside everything else.

use super::reader::{LEASE, Reader};
use crate::{
    Engine, ErrorKind, Result,
    store::{Connection, Lane, RunEnd, RunKind, RunState, SyncCounts, SyncRun, WantedRun},
    sync::Progress,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// An import.
#[derive(Debug, Clone, Serialize)]
pub struct Backfill {
    /// Its id.
    pub id: Uuid,
    /// The connection.
    pub connection: Uuid,
    /// Where it is.
    pub state: RunState,
    /// From when on.
    pub since: Option<DateTime<Utc>>,
    /// Up to when.
    pub until: Option<DateTime<Utc>>,
    /// What it found.
    pub counts: SyncCounts,
    /// How far it got.
    pub progress: Progress,
    /// Why it waits for another attempt.
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Backfill {
    fn of(run: &SyncRun, now: DateTime<Utc>) -> Self {
        let until = run.finished_at.unwrap_or(now);
        let reached = thousandths(run, now);
        let progress = Progress::new(run.counts.seen, run.total, reached, run.started_at, until);
        Self {
            id: run.fence.job,
            connection: run.connection,
            state: run.state,
            since: run.since,
            until: run.until,
            counts: run.counts,
            progress,
            error: run.error.clone(),
            started_at: run.started_at,
            finished_at: run.finished_at,
        }
    }
}

/// How far the times of change got, where there is one part and a first date.
fn thousandths(run: &SyncRun, now: DateTime<Utc>) -> Option<u64> {
    let walk = run.walk.as_ref().filter(|walk| walk.parts_left() == 1)?;
    let (since, reached) = (run.since?, walk.reached()?);
    let whole = (run.until.unwrap_or(now) - since).num_seconds();
    let gone = (reached - since).num_seconds();
    u64::try_from(gone.checked_mul(1000)?.checked_div(whole)?).ok().filter(|part| *part <= 1000)
}

impl Engine {
    /// Imports what changed at the platform since `since`, in the slow lane: workers read it a page at a time, live sales
    /// go first, and one that stopped goes on where it stopped. Where one of the connection is under way already, that
    /// one is meant; it begins anew where this one reaches further back. Returns its id.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where one is under way at this moment, or paused; `Store`.
    pub async fn backfill(
        &self,
        connection: Uuid,
        tenant: Option<Uuid>,
        since: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Uuid> {
        let connection = self.store().connection(connection, tenant).await?;
        let (kind, since) = (RunKind::Backfill, Some(since));
        let wanted = WantedRun {
            connection: connection.id,
            kind,
            since,
            until,
            moves_mark: false,
            deep: false,
            only_due: false,
        };
        let run = self.store().open_run(&wanted, LEASE, self.now()).await?;
        self.store().settle_run(&RunEnd::Rests, &run.fence, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(run.fence.job)
    }

    /// The imports of a connection, newest first.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn backfills(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<Vec<Backfill>> {
        let connection = self.store().connection(connection, tenant).await?;
        let runs = self.store().runs(connection.id, RunKind::Backfill).await?;
        Ok(runs.iter().map(|run| Backfill::of(run, self.now())).collect())
    }

    /// How far an import got.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn backfill_progress(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Backfill> {
        Ok(Backfill::of(&self.store().run(id, tenant).await?, self.now()))
    }

    /// Stops an import for good. What was imported stays.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where it has ended; `Store`.
    pub async fn cancel_backfill(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        self.set_backfill(id, tenant, RunState::Cancelled).await
    }

    /// Stops an import until it is resumed.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where it has ended; `Store`.
    pub async fn pause_backfill(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        self.set_backfill(id, tenant, RunState::Paused).await
    }

    /// Goes on with an import that was paused or waits for another attempt.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where it has ended; `Store`.
    pub async fn resume_backfill(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        self.set_backfill(id, tenant, RunState::Running).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    async fn set_backfill(&self, id: Uuid, tenant: Option<Uuid>, state: RunState) -> Result<()> {
        let run = self.store().run(id, tenant).await?;
        if run.kind != RunKind::Backfill {
            let message = "there is no import with this id";
            return Err(crate::Error::new(ErrorKind::NotFound, "engine.backfill", message));
        }
        self.store().set_run_state(run.fence.job, state, self.now()).await
    }

    /// Reads one page of a connection's import; false where nobody had to.
    pub(super) async fn backfill_page(&self, connection: &Connection) -> Result<bool> {
        let live = self.store().runs(connection.id, RunKind::Backfill).await?;
        let Some(live) = live.into_iter().find(|run| run.state == RunState::Running) else {
            return Ok(false);
        };
        let wanted = WantedRun {
            connection: connection.id,
            kind: RunKind::Backfill,
            since: live.since,
            until: live.until,
            moves_mark: false,
            deep: false,
            only_due: true,
        };
        let run = match self.store().open_run(&wanted, LEASE, self.now()).await {
            Err(error) if error.kind() == ErrorKind::Conflict => return Ok(false),
            run => run?,
        };
        let mut reader = Reader::new(self, connection, run, Lane::Bulk)?;
        let read = reader.page().await;
        let end = match &read {
            Ok(true) => RunEnd::Rests,
            Ok(false) => RunEnd::Done { watermark: None, next_at: None },
            Err(error) => self.failed_run(connection, error).await?,
        };
        match self.store().settle_run(&end, reader.fence(), self.now()).await {
            // Cancelled, paused or taken over meanwhile.
            Err(error) if error.kind() == ErrorKind::Fenced => return Ok(false),
            settled => settled?,
        }
        self.tell_progress(reader.run()).await;
        self.inner.bell.notify_waiters();
        read.map(|_| true)
    }

    async fn tell_progress(&self, run: &SyncRun) {
        let Some(observer) = &self.inner.options.sync.observer else { return };
        if let Ok(run) = self.store().run(run.fence.job, None).await {
            observer.progress(&Backfill::of(&run, self.now()));
        }
    }
}
