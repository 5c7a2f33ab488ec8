//! What platforms sent: webhook bodies, events and records.

use super::{
    Sqlite,
    fault::{Fault, Outcome, not_found},
    logs::{self, Note},
    page,
    queue::{self, NewJob},
    rows::{Columns, hash, micros, new_id},
    sync_deleted, tenants, webhooks,
};
use crate::{
    Result,
    model::{RawRecord, RecordKind, SourceKey},
    store::{
        Change, Connection, Delivery, Fence, Held, Ingested, JobKind, Lane, Page, PutRecord, Record,
        RecordFilter, RecordStore,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl RecordStore for Sqlite {
    async fn ingest(&self, delivery: &Delivery, now: DateTime<Utc>) -> Result<Ingested> {
        let delivery = delivery.clone();
        self.write("store.ingest", move |c| Box::pin(webhooks::ingest(c, delivery, now))).await
    }

    async fn put_record(
        &self,
        put: &PutRecord,
        fence: Option<&Fence>,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Change)> {
        let (put, fence) = (put.clone(), fence.cloned());
        self.write("store.put_record", move |c| Box::pin(put_record(c, put, fence, now))).await
    }

    async fn record(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Record> {
        self.read("store.record", move |c| Box::pin(record(c, id, tenant))).await
    }

    async fn record_by_key(&self, connection: Uuid, key: &SourceKey) -> Result<Option<Record>> {
        let key = key.clone();
        self.read("store.record_by_key", move |c| Box::pin(record_by_key(c, connection, key))).await
    }

    async fn records(&self, filter: &RecordFilter) -> Result<Page<Record>> {
        let filter = filter.clone();
        self.read("store.records", move |c| Box::pin(records(c, filter))).await
    }

    async fn requeue_record(&self, id: Uuid, lane: Lane, now: DateTime<Utc>) -> Result<()> {
        self.write("store.requeue_record", move |c| Box::pin(requeue(c, id, lane, now))).await
    }
}

pub(super) async fn put_record(
    connection: &mut SqliteConnection,
    put: PutRecord,
    fence: Option<Fence>,
    now: DateTime<Utc>,
) -> Outcome<(Uuid, Change)> {
    let received_at = match &fence {
        Some(fence) => queue::held(connection, fence, now).await?.received_at,
        None => None,
    };
    let account = tenants::connection(connection, put.connection, None).await?;
    let body_hash = hash(&put.raw.body);
    let (record, change) = match current(connection, &account, &put.raw.key).await? {
        None => (insert(connection, &account, &put.raw, &body_hash, now).await?, Change::New),
        Some(current) => (current.id, replace(connection, &current, &put, &body_hash, now).await?),
    };
    if change != Change::Unchanged {
        keep_version(connection, record, &put.raw, &body_hash, now).await?;
        let event = if change == Change::New { "record.stored" } else { "record.changed" };
        let detail = put.raw.key.to_string();
        let note =
            Note { tenant: account.tenant, subject: record, record: Some(record), event, detail: &detail };
        logs::note(connection, note, now).await?;
        if put.queue {
            let kind = JobKind::Prepare(record);
            let job = NewJob { kind, tenant: account.tenant, connection: account.id, lane: put.lane };
            queue::enqueue_since(connection, &job, received_at, now).await?;
        }
    }
    if let Some(fence) = &fence {
        // A fetch found it: whatever was said of it, it is there.
        sync_deleted::restore(connection, record, put.lane, now).await?;
        queue::finish(connection, fence, now).await?;
    }
    Ok((record, change))
}

/// What is stored of a record.
pub(super) struct Current {
    pub(super) id: Uuid,
    modified_at: Option<i64>,
    body_hash: String,
}

pub(super) async fn current(
    connection: &mut SqliteConnection,
    account: &Connection,
    key: &SourceKey,
) -> Outcome<Option<Current>> {
    let row = sqlx::query(
        "SELECT id, modified_at, body_hash FROM records
         WHERE tenant = ?1 AND platform = ?2 AND account = ?3 AND kind = ?4 AND external_id = ?5",
    )
    .bind(account.tenant.to_string())
    .bind(&account.platform)
    .bind(&account.account)
    .bind(key.kind.as_str())
    .bind(&key.id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let row = Columns(&row);
        let modified_at = row.maybe_time("modified_at")?.map(micros);
        Ok(Current { id: row.id("id")?, modified_at, body_hash: row.text("body_hash")? })
    })
    .transpose()
}

async fn insert(
    connection: &mut SqliteConnection,
    account: &Connection,
    raw: &RawRecord,
    body_hash: &str,
    now: DateTime<Utc>,
) -> Outcome<Uuid> {
    let id = new_id(now);
    sqlx::query(
        "INSERT INTO records (id, tenant, connection, platform, account, kind, external_id, modified_at, body_hash,
             first_seen, last_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
    )
    .bind(&id)
    .bind(account.tenant.to_string())
    .bind(account.id.to_string())
    .bind(&account.platform)
    .bind(&account.account)
    .bind(raw.key.kind.as_str())
    .bind(&raw.key.id)
    .bind(raw.modified_at.map(micros))
    .bind(body_hash)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Uuid::parse_str(&id).map_err(|_| Fault::Damaged("id"))
}

/// Makes the body the newest version, unless it is older or the same. The platform's time decides where both versions
/// have one; at the same time, or without one, a body that differs came later. A version without a time keeps the last
/// one known, so that a late older version still loses.
async fn replace(
    connection: &mut SqliteConnection,
    current: &Current,
    put: &PutRecord,
    body_hash: &str,
    now: DateTime<Utc>,
) -> Outcome<Change> {
    let modified_at = put.raw.modified_at.map(micros);
    let older = matches!((modified_at, current.modified_at), (Some(new), Some(old)) if new < old);
    let same_body = current.body_hash == body_hash;
    if older || (same_body && modified_at.is_none_or(|new| current.modified_at == Some(new))) {
        return Ok(Change::Unchanged);
    }
    sqlx::query(
        "UPDATE records SET modified_at = coalesce(?2, modified_at), body_hash = ?3, connection = ?4, last_seen = ?5
         WHERE id = ?1",
    )
    .bind(current.id.to_string())
    .bind(modified_at)
    .bind(body_hash)
    .bind(put.connection.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(if same_body { Change::Unchanged } else { Change::Changed })
}

/// Keeps the body for good. A record that went back to an earlier body has that one already.
async fn keep_version(
    connection: &mut SqliteConnection,
    record: Uuid,
    raw: &RawRecord,
    body_hash: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO record_versions (record, body_hash, modified_at, body, stored_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (record, body_hash) DO NOTHING",
    )
    .bind(record.to_string())
    .bind(body_hash)
    .bind(raw.modified_at.map(micros))
    .bind(raw.body.as_ref())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) const SELECT: &str = "SELECT r.*, v.body FROM records r
    JOIN record_versions v ON v.record = r.id AND v.body_hash = r.body_hash";

pub(super) async fn record(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
) -> Outcome<Record> {
    let row =
        sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE r.id = ?1 AND (?2 IS NULL OR r.tenant = ?2)")))
            .bind(id.to_string())
            .bind(tenant.map(|tenant| tenant.to_string()))
            .fetch_optional(connection)
            .await?
            .ok_or_else(|| not_found("record", id))?;
    read_record(&row)
}

async fn record_by_key(
    connection: &mut SqliteConnection,
    id: Uuid,
    key: SourceKey,
) -> Outcome<Option<Record>> {
    let account = tenants::connection(connection, id, None).await?;
    match current(connection, &account, &key).await? {
        Some(current) => record(connection, current.id, None).await.map(Some),
        None => Ok(None),
    }
}

async fn records(connection: &mut SqliteConnection, filter: RecordFilter) -> Outcome<Page<Record>> {
    let (limit, before) = page::ask(filter.limit, filter.cursor.as_deref())?;
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} WHERE r.seq < ?1 AND (?2 IS NULL OR r.tenant = ?2) AND (?3 IS NULL OR r.kind = ?3)
            AND (NOT ?4 OR r.held_code IS NOT NULL)
         ORDER BY r.seq DESC LIMIT ?5"
    )))
    .bind(before)
    .bind(filter.tenant.map(|tenant| tenant.to_string()))
    .bind(filter.kind.map(RecordKind::as_str))
    .bind(filter.held)
    .bind(limit + 1)
    .fetch_all(connection)
    .await?;
    page::cut(&rows, limit, read_record)
}

async fn requeue(connection: &mut SqliteConnection, id: Uuid, lane: Lane, now: DateTime<Utc>) -> Outcome<()> {
    let stored = record(connection, id, None).await?;
    let kind = JobKind::Prepare(id);
    let job = NewJob { kind, tenant: stored.tenant, connection: stored.connection, lane };
    queue::enqueue(connection, &job, now).await
}

pub(super) fn read_record(row: &SqliteRow) -> Outcome<Record> {
    let row = Columns(row);
    let kind = RecordKind::from_name(&row.text("kind")?).ok_or(Fault::Damaged("kind"))?;
    let held = match (row.maybe_text("held_code")?, row.maybe_text("held_message")?) {
        (Some(code), message) => Some(Held { code, message: message.unwrap_or_default() }),
        (None, _) => None,
    };
    Ok(Record {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        connection: row.id("connection")?,
        platform: row.text("platform")?,
        account: row.text("account")?,
        raw: RawRecord {
            key: SourceKey::new(kind, row.text("external_id")?),
            modified_at: row.maybe_time("modified_at")?,
            body: row.bytes("body")?,
        },
        held,
        first_seen: row.time("first_seen")?,
        last_seen: row.time("last_seen")?,
    })
}
