//! Pulls that are due, as work for the workers: each connection by its own schedule, one process at a time.

use crate::{
    Engine, Error, ErrorKind, Result, Retry,
    store::{Connection, DueSync, RunKind, RunState, SyncPlan, WantedRun},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often workers look whether a pull is due.
const LOOK: i64 = 5_000_000;

/// Waiting times after the first, second, … failure in a row; the last one repeats.
const BACKOFF: [u64; 6] = [30, 60, 300, 900, 1_800, 3_600];

/// Failures in a row after which somebody should look.
const FLAGGED: u32 = 3;

/// What the workers of a process share.
#[derive(Debug, Default)]
pub(in crate::engine) struct Tending {
    looked_at: AtomicI64,
    busy: AtomicBool,
}

/// How the pulls of a connection get on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncHealth {
    /// When and how.
    pub plan: SyncPlan,
    /// Everything that changed before this time was read.
    pub watermark: Option<DateTime<Utc>>,
    /// Three pulls in a row have failed: somebody should look.
    pub failing: bool,
}

impl Engine {
    /// Sets how often workers pull a connection: `None` as the engine is set, zero never by itself.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn set_sync_schedule(
        &self,
        connection: Uuid,
        tenant: Option<Uuid>,
        every: Option<Duration>,
    ) -> Result<()> {
        let connection = self.store().connection(connection, tenant).await?;
        self.store().set_sync_schedule(connection.id, every).await
    }

    /// How the pulls of a connection get on.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn sync_health(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<SyncHealth> {
        let connection = self.store().connection(connection, tenant).await?;
        let plan = self.store().sync_plan(connection.id).await?;
        let watermark = self.store().watermark(connection.id).await?;
        let failing = plan.failures >= FLAGGED;
        Ok(SyncHealth { plan, watermark, failing })
    }

    /// Does the pulls that are due, one page of each import, and the days that are to be counted. Returns how many came further; workers do this by
    /// themselves.
    ///
    /// # Errors
    /// `Store`. A pull that fails is no error here: it is counted, and tried again later.
    pub async fn sync_due(&self) -> Result<usize> {
        let due = self.store().due_syncs(self.inner.options.sync.every, self.now()).await?;
        let (pulls, imports): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|due| due.kind == RunKind::Incremental);
        let mut done = 0;
        for some in pulls.chunks(self.inner.options.sync.side_by_side.max(1)) {
            done += self.side_by_side(some).await?;
        }
        // A page each, then live work is looked at again.
        for import in imports {
            done += usize::from(self.one_due(import).await?);
        }
        Ok(done + self.count_nights().await?)
    }

    async fn side_by_side(&self, some: &[DueSync]) -> Result<usize> {
        if let [one] = some {
            return Ok(usize::from(self.one_due(*one).await?));
        }
        let mut running = JoinSet::new();
        for due in some.iter().copied() {
            let engine = self.clone();
            running.spawn(async move { engine.one_due(due).await });
        }
        let mut done = 0;
        while let Some(joined) = running.join_next().await {
            match joined {
                Ok(came_further) => done += usize::from(came_further?),
                Err(defect) => tracing::error!("a pull ended abnormally: {defect}"),
            }
        }
        Ok(done)
    }

    /// Whether it came further. What the platform answers is no error here.
    async fn one_due(&self, due: DueSync) -> Result<bool> {
        let connection = self.store().connection(due.connection, None).await?;
        match self.may_sync(&connection).await {
            // It stays due, and is done when it is switched on.
            Err(error) if error.kind() == ErrorKind::Config => return Ok(false),
            may => may?,
        }
        let done = match due.kind {
            RunKind::Incremental => self.pull_due(&connection).await,
            RunKind::Backfill => self.backfill_page(&connection).await,
        };
        match done {
            Err(error) if error.kind() == ErrorKind::Store => Err(error),
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Fenced) => Ok(false),
            Err(error) => {
                tracing::warn!(connection = %due.connection, "the pull failed: {error}");
                Ok(false)
            }
            done => done,
        }
    }

    async fn pull_due(&self, connection: &Connection) -> Result<bool> {
        let plan = self.store().sync_plan(connection.id).await?;
        let live = self.store().runs(connection.id, RunKind::Incremental).await?;
        let live = live.into_iter().find(|run| run.state == RunState::Running);
        let since = match (self.store().watermark(connection.id).await?, live) {
            (Some(_), _) => None,
            // It goes on where it stopped.
            (None, Some(live)) => live.since,
            (None, None) => Some(self.first_since(connection).await?),
        };
        let wanted = WantedRun { only_due: true, ..self.wanted(connection, &plan, since).await? };
        self.pull(connection, &wanted).await.map(|_| true)
    }

    /// The first pull by itself begins when the connection was made: what was sold before is imported only where
    /// somebody asks for it. That time is by our clock, so it is moved by what our clock is ahead of the platform's.
    async fn first_since(&self, connection: &Connection) -> Result<DateTime<Utc>> {
        let connector = self.connector(&connection.platform)?;
        let overlap = TimeDelta::from_std(connector.info().pull.overlap).unwrap_or(TimeDelta::hours(1));
        let mut context = self.context(connection)?;
        let dates = std::sync::Arc::new(super::dates::Dates::new(context.http.clone()));
        context.http = dates.clone();
        connector.check(&context).await?;
        // Without a header nobody knows how wrong our clock is.
        let ahead =
            dates.first().map_or(TimeDelta::days(1), |there| (self.now() - there).max(TimeDelta::zero()));
        let back = overlap.checked_add(&ahead).unwrap_or(overlap);
        Ok(connection.created_at.checked_sub_signed(back).unwrap_or(connection.created_at))
    }

    /// Has a task look after pulls, where none does and it is time to look.
    pub(in crate::engine) fn tend_syncs(&self, stopped: &tokio::sync::watch::Receiver<bool>) {
        let (now, tending) = (self.now().timestamp_micros(), &self.inner.tending);
        let looked_at = tending.looked_at.load(Ordering::Relaxed);
        // A clock that was put back must not keep everybody from looking.
        if (0..LOOK).contains(&now.saturating_sub(looked_at)) || tending.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        tending.looked_at.store(now, Ordering::Relaxed);
        let (engine, stopped) = (self.clone(), stopped.clone());
        tokio::spawn(async move {
            let _free = Free(&engine.inner.tending.busy);
            while !*stopped.borrow() {
                match engine.sync_due().await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!("the pulls that are due cannot be read: {error}");
                        break;
                    }
                }
            }
        });
    }
}

/// Says that nobody looks after pulls any more, however it ended.
struct Free<'a>(&'a AtomicBool);

impl Drop for Free<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// How long to wait after a failure that follows `failures` others.
pub(super) fn wait_after(failures: u32, error: &Error) -> Duration {
    let step = BACKOFF[(failures as usize).min(BACKOFF.len() - 1)];
    let step = Duration::from_secs(step);
    match error.retry() {
        Retry::After(wait) => wait.max(step),
        _ => step,
    }
}
