//! What happened: the audit trail, pulls and their watermarks.

use super::{
    Sqlite,
    fault::{Fault, Outcome},
    rows::{Columns, micros, time_of},
    tenants,
};
use crate::{
    Result,
    store::{AuditEntry, LogStore, SyncEntry},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl LogStore for Sqlite {
    async fn audit(&self, subject: Uuid) -> Result<Vec<AuditEntry>> {
        self.read("store.audit", move |c| Box::pin(audit(c, subject))).await
    }

    async fn watermark(&self, connection: Uuid) -> Result<Option<DateTime<Utc>>> {
        self.read("store.watermark", move |c| Box::pin(watermark(c, connection))).await
    }

    async fn log_sync(&self, entry: &SyncEntry, watermark: Option<DateTime<Utc>>) -> Result<()> {
        let entry = entry.clone();
        self.write("store.log_sync", move |c| Box::pin(log_sync(c, entry, watermark))).await
    }

    async fn sync_log(&self, connection: Uuid) -> Result<Vec<SyncEntry>> {
        self.read("store.sync_log", move |c| Box::pin(sync_log(c, connection))).await
    }
}

/// A line of the audit trail.
pub(super) struct Note<'a> {
    pub(super) tenant: Uuid,
    /// A record, a document or a connection.
    pub(super) subject: Uuid,
    /// The record whose history it is part of.
    pub(super) record: Option<Uuid>,
    pub(super) event: &'a str,
    pub(super) detail: &'a str,
}

/// Adds a line.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    note: Note<'_>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO audit (tenant, subject, record, at, event, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(note.tenant.to_string())
    .bind(note.subject.to_string())
    .bind(note.record.map(|record| record.to_string()))
    .bind(micros(now))
    .bind(note.event)
    .bind(note.detail)
    .execute(connection)
    .await?;
    Ok(())
}

/// A record's history has its documents' lines; a document's has the lines of its record, not of its siblings.
async fn audit(connection: &mut SqliteConnection, subject: Uuid) -> Outcome<Vec<AuditEntry>> {
    let rows = sqlx::query(
        "SELECT at, event, detail FROM audit
         WHERE subject = ?1 OR record = ?1 OR subject = (SELECT record FROM documents WHERE id = ?1)
         ORDER BY seq",
    )
    .bind(subject.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            Ok(AuditEntry { at: row.time("at")?, event: row.text("event")?, detail: row.text("detail")? })
        })
        .collect()
}

async fn watermark(connection: &mut SqliteConnection, id: Uuid) -> Outcome<Option<DateTime<Utc>>> {
    let at: Option<i64> = sqlx::query_scalar("SELECT at FROM watermarks WHERE connection = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    at.map(|at| time_of(at).ok_or(Fault::Damaged("at"))).transpose()
}

/// The watermark is where it is told to be, also further back: one set by a wrong clock must not stay for ever.
pub(super) async fn log_sync(
    connection: &mut SqliteConnection,
    entry: SyncEntry,
    watermark: Option<DateTime<Utc>>,
) -> Outcome<()> {
    tenants::connection(connection, entry.connection, None).await?;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO sync_log (connection, started_at, finished_at, seen, new, changed, unchanged, failed, error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(entry.connection.to_string())
    .bind(micros(entry.started_at))
    .bind(micros(entry.finished_at))
    .bind(count(entry.seen))
    .bind(count(entry.new))
    .bind(count(entry.changed))
    .bind(count(entry.unchanged))
    .bind(count(entry.failed))
    .bind(&entry.error)
    .execute(&mut *connection)
    .await?;
    if let Some(at) = watermark {
        sqlx::query(
            "INSERT INTO watermarks (connection, at) VALUES (?1, ?2)
             ON CONFLICT (connection) DO UPDATE SET at = excluded.at",
        )
        .bind(entry.connection.to_string())
        .bind(micros(at))
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// The last 1,000 are shown; all are kept.
async fn sync_log(connection: &mut SqliteConnection, id: Uuid) -> Outcome<Vec<SyncEntry>> {
    let rows = sqlx::query("SELECT * FROM sync_log WHERE connection = ?1 ORDER BY seq DESC LIMIT 1000")
        .bind(id.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(read_pull).collect()
}

fn read_pull(row: &SqliteRow) -> Outcome<SyncEntry> {
    let row = Columns(row);
    Ok(SyncEntry {
        connection: row.id("connection")?,
        started_at: row.time("started_at")?,
        finished_at: row.time("finished_at")?,
        seen: row.count("seen")?,
        new: row.count("new")?,
        changed: row.count("changed")?,
        unchanged: row.count("unchanged")?,
        failed: row.count("failed")?,
        error: row.maybe_text("error")?,
    })
}
