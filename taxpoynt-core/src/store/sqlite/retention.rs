//! Old webhooks: removed a few at a time, oldest first, so that nobody waits for the writer.

use super::{
    Sqlite,
    fault::{Fault, Outcome},
    queue,
    rows::{Columns, micros},
};
use crate::{
    Result,
    model::{RecordKind, SourceKey},
    store::{JobKind, Purged, RetentionStore},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl RetentionStore for Sqlite {
    async fn purge_deliveries(&self, before: DateTime<Utc>, after: i64, limit: u32) -> Result<Purged> {
        self.write("store.purge_deliveries", move |c| Box::pin(purge(c, micros(before), after, limit))).await
    }
}

/// A delivery as far as its age goes.
struct Old {
    seq: i64,
    id: Uuid,
    connection: Uuid,
    is_old: bool,
    is_faulty: bool,
}

async fn purge(connection: &mut SqliteConnection, before: i64, after: i64, limit: u32) -> Outcome<Purged> {
    let oldest = oldest(connection, before, after, limit).await?;
    let mut purged = Purged::default();
    for old in &oldest {
        if old.is_old && !old.is_faulty && is_done(connection, old, before).await? {
            purged.events += remove("DELETE FROM events WHERE delivery = ?1", connection, old).await?;
            purged.deliveries += remove("DELETE FROM deliveries WHERE id = ?1", connection, old).await?;
        }
    }
    // Rows stand in the order they came in: where none is old, those behind are not either.
    let goes_on = oldest.len() >= limit as usize && oldest.iter().any(|old| old.is_old);
    purged.next = oldest.last().filter(|_| goes_on).map(|last| last.seq);
    Ok(purged)
}

/// By their place, which is the order they came in: an index of ages would cost every webhook that comes.
async fn oldest(connection: &mut SqliteConnection, before: i64, after: i64, limit: u32) -> Outcome<Vec<Old>> {
    let rows = sqlx::query(
        "SELECT rowid AS seq, id, connection, max(received_at, ifnull(replayed_at, received_at)) < ?1 AS is_old,
             faults IS NOT NULL AS is_faulty
         FROM deliveries WHERE rowid > ?2 ORDER BY rowid LIMIT ?3",
    )
    .bind(before)
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    let read = |row: &SqliteRow| {
        let row = Columns(row);
        Ok(Old {
            seq: row.int("seq")?,
            id: row.id("id")?,
            connection: row.id("connection")?,
            is_old: row.int("is_old")? != 0,
            is_faulty: row.int("is_faulty")? != 0,
        })
    };
    rows.iter().map(read).collect()
}

/// Whether nothing of it is young, and no record that it announced waits for its fetch.
async fn is_done(connection: &mut SqliteConnection, old: &Old, before: i64) -> Outcome<bool> {
    let rows = sqlx::query("SELECT received_at, record_kind, external_id FROM events WHERE delivery = ?1")
        .bind(old.id.to_string())
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let row = Columns(row);
        if row.int("received_at")? >= before {
            return Ok(false);
        }
        let Some(id) = row.maybe_text("external_id")? else { continue };
        let kind = row.maybe_text("record_kind")?.and_then(|kind| RecordKind::from_name(&kind));
        let key = SourceKey::new(kind.ok_or(Fault::Damaged("record_kind"))?, id);
        let (kind, subject) = queue::identity(&JobKind::Fetch(key), old.connection);
        let live = sqlx::query(
            "SELECT 1 FROM jobs WHERE kind = ?1 AND subject = ?2 AND state IN ('waiting', 'claimed')",
        )
        .bind(kind)
        .bind(subject)
        .fetch_optional(&mut *connection)
        .await?;
        if live.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn remove(sql: &'static str, connection: &mut SqliteConnection, old: &Old) -> Outcome<u64> {
    Ok(sqlx::query(sql).bind(old.id.to_string()).execute(connection).await?.rows_affected())
}
