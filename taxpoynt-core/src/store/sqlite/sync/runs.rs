//! Runs of pulls: one live run a connection and kind, held by one process under a lease.

use super::plans;
use crate::{
    ErrorKind, Retry,
    store::{
        Fence, RunEnd, RunKind, RunState, SyncCounts, SyncEntry, SyncRun, WantedRun,
        sqlite::{
            fault::{Fault, Outcome, Refusal, not_found, refusal},
            logs, queue,
            rows::{Columns, micros, new_id, word},
            tenants,
        },
    },
};
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use std::time::Duration;
use uuid::Uuid;

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

pub(super) async fn open_run(
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
    Uuid::parse_str(&id).map_err(|_| Fault::Damaged("id"))
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
pub(super) async fn held(
    connection: &mut SqliteConnection,
    fence: &Fence,
    now: DateTime<Utc>,
) -> Outcome<SqliteRow> {
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

pub(super) async fn settle_run(
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
                plans::failed(connection, &run, error, *at, now).await
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
                plans::done(connection, &run, Columns(&row).int("deep")? == 1, *watermark, *next_at).await?;
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

pub(super) async fn runs(
    connection: &mut SqliteConnection,
    id: Uuid,
    kind: RunKind,
) -> Outcome<Vec<SyncRun>> {
    let rows = sqlx::query(
        "SELECT * FROM sync_runs WHERE connection = ?1 AND kind = ?2 ORDER BY seq DESC LIMIT 100",
    )
    .bind(id.to_string())
    .bind(word(&kind)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_run).collect()
}

pub(super) async fn run(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
) -> Outcome<SyncRun> {
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

pub(super) async fn set_run_state(
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

pub(super) fn read_run(row: &SqliteRow) -> Outcome<SyncRun> {
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

pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn after(now: DateTime<Utc>, lease: Duration) -> i64 {
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    micros(now).saturating_add(lease.min(366 * queue::DAY))
}
