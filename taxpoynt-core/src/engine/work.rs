//! The workers: claim a job, do it, and when it fails decide whether and when to come back.

use super::{Engine, spans, spans::Sale, timer::Timer, waiting::After};
use crate::{
    Error, ErrorKind, Result, Retry,
    store::{Claim, Job, JobKind, Passenger, Pending, PutRecord, Switch},
};
use std::time::Duration;
use tokio::task::JoinSet;
use tracing::Instrument;

/// How long a claimed job is ours. Longer than every deadline of the HTTP stack together.
const LEASE: Duration = Duration::from_secs(300);

/// How long an idle worker waits before it looks again without having been rung.
const IDLE: Duration = Duration::from_millis(500);

/// Jobs of received documents claimed at once, beside those of sales.
const CLAIM_RECEIVED: u32 = 4;

/// Waiting times before the second, third, … attempt; the last one repeats.
const BACKOFF: [u64; 8] = [1, 5, 15, 60, 300, 900, 1_800, 3_600];

/// How long a fetch waits for a new authorization before it looks whether there is one.
const AUTHORIZATION: Duration = Duration::from_secs(3_600);

/// Attempts before a job becomes a dead letter: about a day and a half.
const ATTEMPTS: u32 = 40;

/// Background workers; they end when this is dropped, after the job at hand.
#[derive(Debug)]
pub struct Workers {
    tasks: JoinSet<()>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Workers {
    /// Lets every worker finish its job, then ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Detached, not aborted: a move is never abandoned half-way.
        self.stop.send_replace(true);
        self.tasks.detach_all();
    }
}

/// What was left when `drain` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Drained {
    /// Whether nothing is due any more.
    pub empty: bool,
    /// Jobs due or being worked on.
    pub due: u64,
    /// Jobs waiting for a later attempt.
    pub later: u64,
}

impl Engine {
    /// Starts `count` background workers on the current tokio runtime.
    #[must_use]
    pub fn workers(&self, count: usize) -> Workers {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut tasks = JoinSet::new();
        for _ in 0..count.max(1) {
            tasks.spawn(work(self.clone(), stopped.clone()));
        }
        Workers { tasks, stop }
    }

    /// Works the queue until nothing is due, or until `timeout` by the engine's clock. Jobs that wait for a later
    /// attempt, or for an authority that does not answer, are not waited for beyond it. Can run beside workers.
    ///
    /// # Errors
    /// `Store`. A job that fails is not an error here: it is retried or becomes a dead letter.
    pub async fn drain(&self, timeout: Duration) -> Result<Drained> {
        let until = self.now() + timeout;
        loop {
            let worked = self.work_once().await?;
            let pending = self.reachable(self.pending().await?, worked);
            let soon = pending.next_at.is_some_and(|at| at <= until);
            let open = pending.due + pending.claimed;
            if (open == 0 && !soon) || self.now() >= until {
                return Ok(Drained { empty: open == 0, due: open, later: pending.later });
            }
            if worked == 0 {
                self.clock().sleep(self.until_next(&pending)).await;
            }
        }
    }

    /// What is left to do in both queues.
    async fn pending(&self) -> Result<Pending> {
        let sales = self.store().pending(self.now()).await?;
        let received = self.store().pending_tenant_jobs(self.now()).await?;
        Ok(Pending {
            due: sales.due + received.due,
            claimed: sales.claimed + received.claimed,
            later: sales.later + received.later,
            next_at: sales.next_at.into_iter().chain(received.next_at).min(),
        })
    }

    fn until_next(&self, pending: &Pending) -> Duration {
        let nothing_claimed = pending.due + pending.claimed == 0;
        let wait = pending.next_at.and_then(|at| (at - self.now()).to_std().ok());
        match wait {
            Some(wait) if nothing_claimed => wait.max(Duration::from_millis(1)),
            _ => Duration::from_millis(10),
        }
    }

    /// Claims and does one batch; returns how many jobs were done. Calls to platforms and the authority are made side
    /// by side, so that one slow answer holds up nobody and their commits share a sync; records are prepared one after
    /// the other, so that their numbers follow in order.
    ///
    /// # Errors
    /// `Store`.
    pub async fn work_once(&self) -> Result<usize> {
        self.watch_deadlines().await;
        self.look_at_switches().await?;
        self.watch_subscriptions().await;
        self.keep_house();
        let claimed_at = self.now();
        let limit = self.inner.options.side_by_side.max(1);
        let (submits, spare) = (self.submits_now(limit).await?, self.spare());
        let claim = Claim { limit, submits, spare, lease: LEASE };
        let jobs = self.store().claim_some(&claim, claimed_at).await?;
        let received = self.store().claim_tenant_jobs(CLAIM_RECEIVED.min(limit), LEASE, self.now()).await?;
        let count = jobs.len() + received.len();
        let is_pure = |job: &Job| matches!(job.kind, JobKind::Prepare(_));
        let (pure, calls): (Vec<_>, Vec<_>) = jobs.into_iter().partition(is_pure);
        let mut running = JoinSet::new();
        for job in calls {
            let engine = self.clone();
            running.spawn(async move { engine.run(job).await });
        }
        for job in received {
            let engine = self.clone();
            running.spawn(async move { engine.run_tenant_job(job).await });
        }
        let mut done = Ok(());
        for job in pure {
            done = done.and(self.run(job).await);
        }
        while let Some(joined) = running.join_next().await {
            done = done.and(joined.unwrap_or_else(|defect| Err(abnormal(&defect))));
        }
        self.took(count, self.now() - claimed_at);
        done.map(|()| count)
    }

    async fn run(&self, job: Job) -> Result<()> {
        let span = spans::of_job(&job);
        self.run_in_span(job).instrument(span).await
    }

    async fn run_in_span(&self, job: Job) -> Result<()> {
        // A task of its own: whoever waits for it may stop waiting, and a defect ends one job, not the worker.
        let (engine, claimed) = (self.clone(), job.clone());
        let done = match tokio::spawn(async move { engine.attempt(&claimed).await }.in_current_span()).await {
            Ok(done) => done,
            Err(defect) => Err(abnormal(&defect)),
        };
        match done {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Fenced => Ok(()),
            Err(error) => self.failed(&job, error).await,
        }
    }

    async fn attempt(&self, job: &Job) -> Result<()> {
        match &job.kind {
            JobKind::Fetch(key) => self.fetch(job, key).await,
            JobKind::Prepare(record) => self.prepare_job(*record, job).await,
            JobKind::Submit(document) => self.submit(*document, job).await,
            JobKind::Payment(document) => self.report_payment(*document, &job.fence).await,
            JobKind::Confirm(document) => self.read_again(*document, &job.fence).await,
        }
    }

    async fn prepare_job(&self, record: uuid::Uuid, job: &Job) -> Result<()> {
        let made = self.prepare(record, job.lane, Some(&job.fence)).await?;
        if let (false, Some(took)) = (made.is_empty(), self.since_received(job)) {
            let connection = self.store().connection(job.connection, None).await?;
            self.inner.metrics.processed(self.whose_connection(&connection), took);
        }
        Ok(())
    }

    async fn fetch(&self, job: &Job, key: &crate::model::SourceKey) -> Result<()> {
        let connection = self.store().connection(job.connection, None).await?;
        Sale::of_key(&connection, key).tell();
        let passenger = Passenger { tenant: connection.tenant, platform: &connection.platform, id: &key.id };
        if self.held_back(Switch::ProcessWebhooks, passenger, &job.fence).await? {
            return Ok(());
        }
        let mut timer = Timer::start(self, &key.id);
        let connector = self.connector(&connection.platform)?;
        let raw = match connector.fetch(&self.context(&connection)?, key).await {
            Err(error) if error.kind() == ErrorKind::NotFound && connector.info().pull.deletes => {
                return self.is_gone(job, key, error).await;
            }
            raw => raw?,
        };
        timer.lap("fetch");
        if raw.key != *key {
            return self.is_another(job, key, raw).await;
        }
        let put = PutRecord { connection: connection.id, raw, lane: job.lane, queue: true };
        let (_, change) = self.store().put_record(&put, Some(&job.fence), self.now()).await?;
        self.inner.metrics.record_stored(self.whose_connection(&connection), change);
        timer.lap("store");
        Ok(())
    }

    /// A record that was there is gone; one that never was is a failure as any other.
    async fn is_gone(&self, job: &Job, key: &crate::model::SourceKey, error: Error) -> Result<()> {
        let why = "the platform has no record with this id any more";
        match self.store().mark_deleted(key, why, &job.fence, self.now()).await? {
            true => Ok(()),
            false => Err(error),
        }
    }

    /// The platform answers with another record: this one was merged into it.
    async fn is_another(
        &self,
        job: &Job,
        key: &crate::model::SourceKey,
        raw: crate::model::RawRecord,
    ) -> Result<()> {
        let why = format!("it was merged into {}", raw.key);
        let put = PutRecord { connection: job.connection, raw, lane: job.lane, queue: true };
        let (_, change) = self.store().put_record(&put, None, self.now()).await?;
        let connection = self.store().connection(job.connection, None).await?;
        self.inner.metrics.record_stored(self.whose_connection(&connection), change);
        match self.store().mark_deleted(key, &why, &job.fence, self.now()).await? {
            true => Ok(()),
            false => self.store().finish(&job.fence, self.now()).await,
        }
    }

    /// Retried while it may help and attempts are left; else a dead letter, which can be replayed.
    async fn failed(&self, job: &Job, error: Error) -> Result<()> {
        let now = self.now();
        tracing::warn!(job = ?job.kind, attempt = job.attempts + 1, "{error}");
        let follows = match &job.kind {
            JobKind::Submit(_) => self.after_failure(job, &error, now),
            // Its connection needs a person: no attempt is used up, and it goes on when there are new credentials.
            JobKind::Fetch(_) if error.kind() == ErrorKind::Unauthenticated => After::Park,
            _ => next_attempt(job, &error).map_or(After::GiveUp, After::Retry),
        };
        self.tell_failed(job, matches!(follows, After::GiveUp)).await;
        let settled = match follows {
            After::Wait(postponed) => self.store().postpone(&postponed, &job.fence, now).await,
            After::Retry(wait) => self.store().retry(&job.fence, &error, now + wait, now).await,
            After::Park => self.store().park(&job.fence, &error, now + AUTHORIZATION, now).await,
            After::GiveUp => self.store().bury(&job.fence, &error, now).await,
        };
        match settled {
            // Who no longer holds the job has nothing to settle.
            Err(error) if error.kind() == ErrorKind::Fenced => Ok(()),
            settled => settled,
        }
    }
}

/// How long to wait before the next attempt; none where it would not help or they are used up.
pub(super) fn next_attempt(job: &Job, error: &Error) -> Option<Duration> {
    let step = Duration::from_secs(BACKOFF[(job.attempts as usize).min(BACKOFF.len() - 1)]);
    let wait = match error.retry() {
        Retry::Never => None,
        Retry::After(wait) => Some(wait.max(step)),
        Retry::Now | Retry::Ambiguous => Some(step),
    };
    wait.filter(|_| job.attempts + 1 < ATTEMPTS)
}

/// What a panic says is not repeated: it may quote what the job had in hand. The process's own panic message names the
/// place.
pub(in crate::engine) fn abnormal(defect: &tokio::task::JoinError) -> Error {
    let how =
        if defect.is_panic() { "it panicked: see the process's own output" } else { "it was cancelled" };
    Error::new(ErrorKind::Internal, "engine.work", format!("the job ended abnormally: {how}"))
}

async fn work(engine: Engine, mut stopped: tokio::sync::watch::Receiver<bool>) {
    while !*stopped.borrow() {
        engine.tend_syncs(&stopped);
        let rung = engine.inner.bell.notified();
        engine.refresh_idle_beside();
        match engine.work_once().await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!("the queue cannot be worked: {error}"),
        }
        tokio::select! {
            () = rung => {}
            () = engine.clock().sleep(IDLE) => {}
            _ = stopped.changed() => {}
        }
    }
}
