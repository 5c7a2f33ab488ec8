//! When a connection is due, and how its pulls fare.

use super::runs::number;
use crate::store::{
    DueSync, SyncPlan, SyncRun,
    sqlite::{
        fault::Outcome,
        logs::{self, Note},
        rows::{Columns, micros},
        tenants,
    },
};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::time::Duration;
use uuid::Uuid;

pub(super) async fn due_syncs(
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

pub(super) async fn plan(connection: &mut SqliteConnection, id: Uuid) -> Outcome<SyncPlan> {
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
pub(super) async fn set_schedule(
    connection: &mut SqliteConnection,
    id: Uuid,
    every: Option<Duration>,
) -> Outcome<()> {
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

/// Failures in a row after which a connection is flagged.
const FLAGGED: i64 = 3;

pub(super) async fn failed(
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

pub(super) async fn done(
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
