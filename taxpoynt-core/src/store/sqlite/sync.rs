//! Pulls: runs with their leases, pages stored together with the place after them, and when a connection is due.

use super::{
    Sqlite,
    fault::{Outcome, Refusal, not_found, refusal},
    logs::{self, Note},
    queue::{self, NewJob},
    records,
    rows::{Columns, json, micros, new_id, word},
    sync_counts, sync_deleted, tenants,
};
use crate::{
    ErrorKind, Result, Retry,
    connector::TallyEntry,
    model::SourceKey,
    store::{
        Change, Connection, Deletion, DueSync, Fence, JobKind, Lane, PutRecord, Record, RecordCount, RunEnd,
        RunKind, RunState, SyncCounts, SyncEntry, SyncPage, SyncPlan, SyncRun, SyncStore, WantedRun,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use std::time::Duration;
use uuid::Uuid;

#[async_trait]
impl SyncStore for Sqlite {
    async fn open_run(&self, wanted: &WantedRun, lease: Duration, now: DateTime<Utc>) -> Result<SyncRun> {
        let wanted = wanted.clone();
        self.write("store.open_run", move |c| Box::pin(open_run(c, wanted, lease, now))).await
    }

    async fn put_page(&self, page: &SyncPage, fence: &Fence, now: DateTime<Utc>) -> Result<SyncCounts> {
        let (page, fence) = (page.clone(), fence.clone());
        self.write("store.put_page", move |c| Box::pin(put_page(c, page, fence, now))).await
    }

    async fn settle_run(&self, end: &RunEnd, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let (end, fence) = (end.clone(), fence.clone());
        self.write("store.settle_run", move |c| Box::pin(settle_run(c, end, fence, now))).await
    }

    async fn due_syncs(&self, every: Option<Duration>, now: DateTime<Utc>) -> Result<Vec<DueSync>> {
        self.read("store.due_syncs", move |c| Box::pin(due_syncs(c, every, now))).await
    }

    async fn runs(&self, connection: Uuid, kind: RunKind) -> Result<Vec<SyncRun>> {
        self.read("store.runs", move |c| Box::pin(runs(c, connection, kind))).await
    }

    async fn run(&self, id: Uuid, tenant: Option<Uuid>) -> Result<SyncRun> {
        self.read("store.run", move |c| Box::pin(run(c, id, tenant))).await
    }

    async fn set_run_state(&self, id: Uuid, state: RunState, now: DateTime<Utc>) -> Result<()> {
        self.write("store.set_run_state", move |c| Box::pin(set_run_state(c, id, state, now))).await
    }

    async fn sync_plan(&self, connection: Uuid) -> Result<SyncPlan> {
        self.read("store.sync_plan", move |c| Box::pin(plan(c, connection))).await
    }

    async fn set_sync_schedule(&self, connection: Uuid, every: Option<Duration>) -> Result<()> {
        self.write("store.set_sync_schedule", move |c| Box::pin(set_schedule(c, connection, every))).await
    }

    async fn check_deleted(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
        lane: Lane,
        swept: bool,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        let keys = keys.to_vec();
        self.write("store.check_deleted", move |c| {
            Box::pin(sync_deleted::check(c, connection, keys, lane, swept, now))
        })
        .await
    }

    async fn mark_deleted(
        &self,
        key: &SourceKey,
        why: &str,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let (key, why, fence) = (key.clone(), why.to_owned(), fence.clone());
        self.write("store.mark_deleted", move |c| Box::pin(sync_deleted::mark(c, key, why, fence, now))).await
    }

    async fn deletion(&self, record: Uuid) -> Result<Option<Deletion>> {
        self.read("store.deletion", move |c| Box::pin(sync_deleted::deletion(c, record))).await
    }

    async fn uncounted(&self, connection: Uuid, limit: u32) -> Result<Vec<(Record, String)>> {
        self.read("store.uncounted", move |c| Box::pin(sync_counts::uncounted(c, connection, limit))).await
    }

    async fn put_counts(&self, counts: &[RecordCount]) -> Result<()> {
        let counts = counts.to_vec();
        self.write("store.put_counts", move |c| Box::pin(sync_counts::put(c, counts))).await
    }

    async fn counts(
        &self,
        connection: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<TallyEntry>> {
        self.read("store.counts", move |c| Box::pin(sync_counts::within(c, connection, from, until))).await
    }

    async fn counts_of(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
    ) -> Result<Vec<(SourceKey, Option<TallyEntry>)>> {
        let keys = keys.to_vec();
        self.read("store.counts_of", move |c| Box::pin(sync_counts::of(c, connection, keys))).await
    }

    async fn fetch_all(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
        lane: Lane,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let keys = keys.to_vec();
        self.write("store.fetch_all", move |c| Box::pin(fetch_all(c, connection, keys, lane, now))).await
    }

    async fn put_reconciliation(
        &self,
        connection: Uuid,
        day: NaiveDate,
        equal: bool,
        report: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let report = report.to_owned();
        self.write("store.put_reconciliation", move |c| {
            Box::pin(sync_counts::put_report(c, (connection, day), equal, report, now))
        })
        .await
    }

    async fn reconciliations(&self, connection: Uuid, unequal: bool, limit: u32) -> Result<Vec<String>> {
        self.read("store.reconciliations", move |c| {
            Box::pin(sync_counts::reports(c, connection, unequal, limit))
        })
        .await
    }

    async fn due_counts(&self, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
        self.read("store.due_counts", move |c| Box::pin(sync_counts::due(c, now))).await
    }

    async fn note_counted(&self, connection: Uuid, next: DateTime<Utc>) -> Result<()> {
        self.write("store.note_counted", move |c| Box::pin(sync_counts::note(c, connection, next))).await
    }
}

/// The live run of a connection.
async fn live(connection: &mut SqliteConnection, wanted: &WantedRun) -> Outcome<Option<SqliteRow>> {
    let row = sqlx::query(
        "SELECT * FROM sync_runs WHERE connection = ?1 AND kind = ?2 AND state IN ('running', 'paused')",
    )
    .bind(wanted.connection.to_string())
    .bind(word(&wanted.kind)?)
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

async fn open_run(
    connection: &mut SqliteConnection,
    wanted: WantedRun,
    lease: Duration,
    now: DateTime<Utc>,
) -> Outcome<SyncRun> {
    tenants::connection(connection, wanted.connection, None).await?;
    sqlx::query("INSERT INTO sync_plans (connection) VALUES (?1) ON CONFLICT DO NOTHING")
        .bind(wanted.connection.to_string())
        .execute(&mut *connection)
        .await?;
    if wanted.only_due && !still_due(connection, &wanted, now).await? {
        Err(refusal(
            ErrorKind::Conflict,
            "it is not due any more: it was done meanwhile, or ended by a person",
        ))?;
    }
    let id = match live(connection, &wanted).await? {
        None => begin(connection, &wanted, now).await?,
        Some(row) => {
            let held = Columns(&row).maybe_time("lease_until")?.filter(|until| *until > now);
            if let Some(until) = held {
                Err(busy(until - now))?;
            }
            let live = read_run(&row)?;
            if live.state == RunState::Paused {
                Err(refusal(ErrorKind::Conflict, "this import is paused: let it go on first"))?;
            }
            let further = match (wanted.since, live.since) {
                (None, Some(_)) => true,
                (Some(wanted), Some(live)) => wanted < live,
                _ => false,
            };
            if further {
                begin_anew(connection, live.fence.job, &wanted).await?;
            }
            live.fence.job
        }
    };
    let row =
        sqlx::query("UPDATE sync_runs SET token = token + 1, lease_until = ?2 WHERE id = ?1 RETURNING *")
            .bind(id.to_string())
            .bind(after(now, lease))
            .fetch_one(connection)
            .await?;
    read_run(&row)
}

/// Of two processes that saw a connection due, the later one comes here when it has been pulled.
async fn still_due(
    connection: &mut SqliteConnection,
    wanted: &WantedRun,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let due = match wanted.kind {
        RunKind::Incremental => {
            "SELECT coalesce(next_at, ?2) <= ?2 FROM sync_plans WHERE connection = ?1"
        }
        RunKind::Backfill => {
            "SELECT EXISTS (SELECT 1 FROM sync_runs WHERE connection = ?1 AND kind = 'backfill' AND state = 'running'
                 AND due_at <= ?2)"
        }
    };
    let due = sqlx::query_scalar(due).bind(wanted.connection.to_string()).bind(micros(now));
    Ok(due.fetch_one(connection).await?)
}

fn busy(left: chrono::TimeDelta) -> Refusal {
    let message = "another process is pulling this connection: it is done there, or after its lease here";
    let wait = left.to_std().unwrap_or_default().max(Duration::from_millis(1));
    refusal(ErrorKind::Conflict, message).retry(Retry::After(wait))
}

async fn begin(connection: &mut SqliteConnection, wanted: &WantedRun, now: DateTime<Utc>) -> Outcome<Uuid> {
    let id = new_id(now);
    sqlx::query(
        "INSERT INTO sync_runs (id, connection, kind, state, since, until, moves_mark, deep, started_at, updated_at,
             token, due_at)
         VALUES (?1, ?2, ?3, 'running', ?4, ?5, ?6, ?7, ?8, ?8, 0, ?8)",
    )
    .bind(&id)
    .bind(wanted.connection.to_string())
    .bind(word(&wanted.kind)?)
    .bind(wanted.since.map(micros))
    .bind(wanted.until.map(micros))
    .bind(wanted.moves_mark)
    .bind(wanted.deep)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Uuid::parse_str(&id).map_err(|_| super::fault::Fault::Damaged("id"))
}

async fn begin_anew(connection: &mut SqliteConnection, id: Uuid, wanted: &WantedRun) -> Outcome<()> {
    sqlx::query(
        "UPDATE sync_runs SET since = ?2, walk = NULL, evidence = NULL, moves_mark = max(moves_mark, ?3) WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(wanted.since.map(micros))
    .bind(wanted.moves_mark)
    .execute(connection)
    .await?;
    Ok(())
}

/// The run of a fence that still holds.
async fn held(connection: &mut SqliteConnection, fence: &Fence, now: DateTime<Utc>) -> Outcome<SqliteRow> {
    let row = sqlx::query(
        "SELECT * FROM sync_runs WHERE id = ?1 AND token = ?2 AND state = 'running' AND lease_until > ?3",
    )
    .bind(fence.job.to_string())
    .bind(fence.token)
    .bind(micros(now))
    .fetch_optional(connection)
    .await?;
    Ok(row.ok_or_else(|| queue::fenced(fence))?)
}

async fn put_page(
    connection: &mut SqliteConnection,
    page: SyncPage,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<SyncCounts> {
    let run = read_run(&held(connection, &fence, now).await?)?;
    let account = tenants::connection(connection, run.connection, None).await?;
    let mut counts = SyncCounts {
        pages: 1,
        seen: (page.records.len() + page.failed.len()) as u64,
        failed: page.failed.len() as u64,
        ..SyncCounts::default()
    };
    for raw in page.records {
        let key = raw.key.clone();
        let put = PutRecord { connection: account.id, raw, lane: page.lane, queue: true };
        let (record, change) = records::put_record(connection, put, None, now).await?;
        match change {
            Change::New => counts.new += 1,
            Change::Changed => counts.changed += 1,
            Change::Unchanged => counts.unchanged += 1,
        }
        // A listing may be behind: only a fetch says that what was deleted is back.
        let deletion = sync_deleted::deletion(connection, record).await?;
        if deletion.is_some_and(|gone| change == Change::Changed || gone.at + BEHIND < now) {
            fetch_anew(connection, &account, key, page.lane, now).await?;
        }
    }
    for key in page.failed.into_iter().filter(|key| !key.id.is_empty()) {
        fetch(connection, &account, key, page.lane, now).await?;
    }
    sqlx::query(
        "UPDATE sync_runs SET walk = ?2, evidence = ?3, pages = pages + 1, seen = seen + ?4, new = new + ?5,
             changed = changed + ?6, unchanged = unchanged + ?7, failed = failed + ?8,
             total = coalesce(total, ?9), error = NULL, updated_at = ?10, lease_until = ?11
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(json(&page.walk)?)
    .bind(json(&page.evidence)?)
    .bind(number(counts.seen))
    .bind(number(counts.new))
    .bind(number(counts.changed))
    .bind(number(counts.unchanged))
    .bind(number(counts.failed))
    .bind(page.total.map(number))
    .bind(micros(now))
    .bind(after(now, page.lease))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE sync_plans SET seen_until = max(coalesce(seen_until, ?2), ?2) WHERE connection = ?1 AND ?2 IS NOT NULL")
        .bind(account.id.to_string())
        .bind(page.latest.map(micros))
        .execute(connection)
        .await?;
    Ok(counts)
}

/// No listing is behind by more: what it still shows then was hardly deleted.
const BEHIND: TimeDelta = TimeDelta::hours(1);

/// Queues a fetch, unless one of this record was given up and waits for a person.
pub(super) async fn fetch(
    connection: &mut SqliteConnection,
    account: &Connection,
    key: SourceKey,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let kind = JobKind::Fetch(key);
    let (name, subject) = queue::identity(&kind, account.id);
    let dead = sqlx::query("SELECT 1 FROM jobs WHERE kind = ?1 AND subject = ?2 AND state = 'dead'")
        .bind(name)
        .bind(subject)
        .fetch_optional(&mut *connection)
        .await?;
    if dead.is_some() {
        return Ok(());
    }
    let job = NewJob { kind, tenant: account.tenant, connection: account.id, lane };
    queue::enqueue(connection, &job, now).await
}

/// Queues a fetch for a reason of its own, in place of one that was given up.
pub(super) async fn fetch_anew(
    connection: &mut SqliteConnection,
    account: &Connection,
    key: SourceKey,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (name, subject) = queue::identity(&JobKind::Fetch(key.clone()), account.id);
    sqlx::query("DELETE FROM jobs WHERE kind = ?1 AND subject = ?2 AND state = 'dead'")
        .bind(name)
        .bind(subject)
        .execute(&mut *connection)
        .await?;
    fetch(connection, account, key, lane, now).await
}

async fn fetch_all(
    connection: &mut SqliteConnection,
    id: Uuid,
    keys: Vec<SourceKey>,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let account = tenants::connection(connection, id, None).await?;
    for key in keys {
        fetch_anew(connection, &account, key, lane, now).await?;
    }
    Ok(())
}

async fn settle_run(
    connection: &mut SqliteConnection,
    end: RunEnd,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let row = held(connection, &fence, now).await?;
    let run = read_run(&row)?;
    match &end {
        RunEnd::Rests => release(connection, &fence, None, now, now).await,
        RunEnd::Failed { error, at } => {
            release(connection, &fence, Some(error), *at, now).await?;
            log(connection, &run, Some(error.clone()), None, now).await?;
            if run.kind == RunKind::Incremental {
                failed(connection, &run, error, *at, now).await
            } else {
                Ok(())
            }
        }
        RunEnd::Done { watermark, next_at } => {
            sqlx::query(
                "UPDATE sync_runs SET state = 'done', lease_until = NULL, error = NULL, finished_at = ?2, updated_at = ?2
                 WHERE id = ?1",
            )
            .bind(fence.job.to_string())
            .bind(micros(now))
            .execute(&mut *connection)
            .await?;
            let moves = Columns(&row).int("moves_mark")? == 1;
            log(connection, &run, None, watermark.filter(|_| moves), now).await?;
            if run.kind == RunKind::Incremental {
                done(connection, &run, Columns(&row).int("deep")? == 1, *watermark, *next_at).await?;
            }
            Ok(())
        }
    }
}

/// Lets go of a run until `at`.
async fn release(
    connection: &mut SqliteConnection,
    fence: &Fence,
    error: Option<&String>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE sync_runs SET lease_until = NULL, error = ?2, due_at = ?3, updated_at = ?4 WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(error)
    .bind(micros(at))
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Failures in a row after which a connection is flagged.
const FLAGGED: i64 = 3;

async fn failed(
    connection: &mut SqliteConnection,
    run: &SyncRun,
    error: &str,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let failures: i64 = sqlx::query_scalar(
        "UPDATE sync_plans SET failures = failures + 1, error = ?2, next_at = ?3 WHERE connection = ?1
         RETURNING failures",
    )
    .bind(run.connection.to_string())
    .bind(error)
    .bind(micros(at))
    .fetch_one(&mut *connection)
    .await?;
    if failures != FLAGGED {
        return Ok(());
    }
    let account = tenants::connection(connection, run.connection, None).await?;
    let (tenant, subject) = (account.tenant, account.id);
    let note = Note { tenant, subject, record: None, event: "connection.sync_failing", detail: error };
    logs::note(connection, note, now).await
}

async fn done(
    connection: &mut SqliteConnection,
    run: &SyncRun,
    deep: bool,
    mark: Option<DateTime<Utc>>,
    next_at: Option<DateTime<Utc>>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE sync_plans SET failures = 0, error = NULL, next_at = ?2,
             deep_at = CASE WHEN ?3 THEN ?4 ELSE deep_at END,
             deep_mark = CASE WHEN ?3 THEN coalesce(?5, deep_mark) ELSE deep_mark END
         WHERE connection = ?1",
    )
    .bind(run.connection.to_string())
    .bind(next_at.map(micros))
    .bind(deep)
    .bind(micros(run.started_at))
    .bind(mark.map(micros))
    .execute(connection)
    .await?;
    Ok(())
}

async fn log(
    connection: &mut SqliteConnection,
    run: &SyncRun,
    error: Option<String>,
    watermark: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let SyncCounts { seen, new, changed, unchanged, failed, .. } = run.counts;
    let (started_at, finished_at) = (run.started_at, now);
    let entry = SyncEntry {
        connection: run.connection,
        started_at,
        finished_at,
        seen,
        new,
        changed,
        unchanged,
        failed,
        error,
    };
    logs::log_sync(connection, entry, watermark).await
}

async fn due_syncs(
    connection: &mut SqliteConnection,
    every: Option<Duration>,
    now: DateTime<Utc>,
) -> Outcome<Vec<DueSync>> {
    let rows = sqlx::query(
        "SELECT id AS connection, kind FROM (
             SELECT c.id, 'incremental' AS kind,
                 coalesce(p.next_at, c.created_at + 1000000 * coalesce(p.every, ?2)) AS due_at, c.seq
             FROM connections c LEFT JOIN sync_plans p ON p.connection = c.id
             WHERE c.state = 'active' AND coalesce(p.every, ?2, 0) > 0
                 AND NOT EXISTS (SELECT 1 FROM sync_runs r WHERE r.connection = c.id AND r.kind = 'incremental'
                     AND r.state = 'running' AND r.lease_until > ?1)
             UNION ALL
             SELECT c.id, r.kind, r.due_at, c.seq
             FROM sync_runs r JOIN connections c ON c.id = r.connection
             WHERE r.state = 'running' AND r.kind = 'backfill' AND c.state = 'active'
                 AND (r.lease_until IS NULL OR r.lease_until <= ?1)
         ) WHERE due_at <= ?1 ORDER BY kind DESC, due_at, seq LIMIT 100",
    )
    .bind(micros(now))
    .bind(every.map(|every| number(every.as_secs())))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            Ok(DueSync { connection: row.id("connection")?, kind: row.word("kind")? })
        })
        .collect()
}

async fn runs(connection: &mut SqliteConnection, id: Uuid, kind: RunKind) -> Outcome<Vec<SyncRun>> {
    let rows = sqlx::query(
        "SELECT * FROM sync_runs WHERE connection = ?1 AND kind = ?2 ORDER BY seq DESC LIMIT 100",
    )
    .bind(id.to_string())
    .bind(word(&kind)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_run).collect()
}

async fn run(connection: &mut SqliteConnection, id: Uuid, tenant: Option<Uuid>) -> Outcome<SyncRun> {
    let row = sqlx::query(
        "SELECT r.* FROM sync_runs r JOIN connections c ON c.id = r.connection
         WHERE r.id = ?1 AND (?2 IS NULL OR c.tenant = ?2)",
    )
    .bind(id.to_string())
    .bind(tenant.map(|tenant| tenant.to_string()))
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| not_found("import", id))?;
    read_run(&row)
}

async fn set_run_state(
    connection: &mut SqliteConnection,
    id: Uuid,
    state: RunState,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let before = run(connection, id, None).await?;
    if matches!(before.state, RunState::Done | RunState::Cancelled) {
        Err(refusal(ErrorKind::Conflict, "this import has ended: begin another one").with("id", id))?;
    }
    let ended = matches!(state, RunState::Done | RunState::Cancelled);
    sqlx::query(
        "UPDATE sync_runs SET state = ?2, token = token + 1, lease_until = NULL, due_at = ?3, updated_at = ?3,
             finished_at = CASE WHEN ?4 THEN ?3 END
         WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(word(&state)?)
    .bind(micros(now))
    .bind(ended)
    .execute(&mut *connection)
    .await?;
    if state == RunState::Cancelled {
        log(connection, &before, Some("cancelled".to_owned()), None, now).await?;
    }
    Ok(())
}

async fn plan(connection: &mut SqliteConnection, id: Uuid) -> Outcome<SyncPlan> {
    let row = sqlx::query("SELECT * FROM sync_plans WHERE connection = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(SyncPlan::default()) };
    let row = Columns(&row);
    Ok(SyncPlan {
        every: row.maybe_count("every")?.map(Duration::from_secs),
        next_at: row.maybe_time("next_at")?,
        failures: u32::try_from(row.count("failures")?).unwrap_or(u32::MAX),
        error: row.maybe_text("error")?,
        seen_until: row.maybe_time("seen_until")?,
        deep_at: row.maybe_time("deep_at")?,
        deep_mark: row.maybe_time("deep_mark")?,
        swept_at: row.maybe_time("swept_at")?,
        count_at: row.maybe_time("count_at")?,
    })
}

/// Also sets when it is due: a new rhythm begins with a pull.
async fn set_schedule(connection: &mut SqliteConnection, id: Uuid, every: Option<Duration>) -> Outcome<()> {
    tenants::connection(connection, id, None).await?;
    sqlx::query(
        "INSERT INTO sync_plans (connection, every) VALUES (?1, ?2)
         ON CONFLICT (connection) DO UPDATE SET every = excluded.every, next_at = NULL",
    )
    .bind(id.to_string())
    .bind(every.map(|every| number(every.as_secs())))
    .execute(connection)
    .await?;
    Ok(())
}

fn read_run(row: &SqliteRow) -> Outcome<SyncRun> {
    let row = Columns(row);
    Ok(SyncRun {
        fence: Fence { job: row.id("id")?, token: row.int("token")? },
        connection: row.id("connection")?,
        kind: row.word("kind")?,
        state: row.word("state")?,
        since: row.maybe_time("since")?,
        until: row.maybe_time("until")?,
        walk: row.maybe_json("walk")?,
        evidence: row.maybe_json("evidence")?,
        counts: SyncCounts {
            pages: row.count("pages")?,
            seen: row.count("seen")?,
            new: row.count("new")?,
            changed: row.count("changed")?,
            unchanged: row.count("unchanged")?,
            failed: row.count("failed")?,
        },
        total: row.maybe_count("total")?,
        error: row.maybe_text("error")?,
        started_at: row.time("started_at")?,
        updated_at: row.time("updated_at")?,
        finished_at: row.maybe_time("finished_at")?,
    })
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn after(now: DateTime<Utc>, lease: Duration) -> i64 {
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    micros(now).saturating_add(lease.min(366 * queue::DAY))
}
