//! Which sales wait for which items: kept with what is held, listed and released without reading a record's body.

use super::{
    catalogue::revision,
    fault::{Fault, Outcome, refusal},
    queue::{Class, in_lane},
    rows::{Columns, json, lane_rank, micros},
};
use crate::{
    ErrorKind,
    catalogue::WaitingItem,
    store::{Lane, Unclassified, Waiting},
};
use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// Amounts are kept in ten-thousandths: no currency has more decimals.
const SCALE: u32 = 4;

/// An item as a settled sale notes it.
#[derive(Serialize)]
struct Row {
    key: String,
    item: String,
    currency: String,
    amount: i64,
}

fn row(waiting: &WaitingItem) -> Outcome<Row> {
    let amount = waiting.amount.round_dp(SCALE).checked_mul(Decimal::from(10_000)).and_then(|a| a.to_i64());
    // 9 * 10^14 of the currency: what exceeds that is no sale, and is only shown.
    let bound = if waiting.amount.is_sign_negative() { i64::MIN } else { i64::MAX };
    Ok(Row {
        key: waiting.item.key(),
        item: json(&waiting.item)?,
        currency: waiting.currency.clone(),
        amount: amount.unwrap_or(bound),
    })
}

/// Sets what a record waits for, in place of what it waited for before.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, i64),
    waiting: &Waiting,
    now: DateTime<Utc>,
) -> Outcome<()> {
    if !waiting.items.is_empty() && revision(connection, tenant).await?.revision != waiting.revision {
        let message = "the catalogue changed meanwhile: prepare again with the new one";
        Err(refusal(ErrorKind::Conflict, message).again())?;
    }
    let before = sqlx::query("SELECT item FROM unclassified WHERE record = ?1")
        .bind(record)
        .fetch_all(&mut *connection)
        .await?;
    if !before.is_empty() {
        sqlx::query("DELETE FROM unclassified WHERE record = ?1")
            .bind(record)
            .execute(&mut *connection)
            .await?;
    }
    if !waiting.items.is_empty() {
        note(connection, (tenant, record), &waiting.items, now).await?;
    }
    let before: Vec<i64> = before.iter().map(|row| Columns(row).int("item")).collect::<Outcome<_>>()?;
    forget(connection, &before).await
}

async fn note(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, i64),
    items: &[WaitingItem],
    now: DateTime<Utc>,
) -> Outcome<()> {
    let rows = json(&items.iter().map(row).collect::<Outcome<Vec<_>>>()?)?;
    sqlx::query(
        "INSERT INTO unclassified_items (tenant, key, item, first_seen)
         SELECT ?1, value ->> 'key', value ->> 'item', ?3 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(tenant.to_string())
    .bind(&rows)
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO unclassified (item, currency, record, amount)
         SELECT i.id, n.value ->> 'currency', ?3, n.value ->> 'amount'
         FROM json_each(?2) n JOIN unclassified_items i
             ON i.tenant = ?1 AND i.key = n.value ->> 'key' AND i.item = n.value ->> 'item'
         WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(tenant.to_string())
    .bind(&rows)
    .bind(record)
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes the items of these that nobody waits for any more.
async fn forget(connection: &mut SqliteConnection, items: &[i64]) -> Outcome<()> {
    if items.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM unclassified_items WHERE id IN (SELECT value FROM json_each(?1))
             AND NOT EXISTS (SELECT 1 FROM unclassified u WHERE u.item = unclassified_items.id)",
    )
    .bind(json(&items)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// What the sales of a tenant wait for. The two halves of a sum cannot overflow where their whole might.
pub(super) async fn list(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<Vec<Unclassified>> {
    let rows = sqlx::query(
        "SELECT i.id, i.key, i.item, i.first_seen, u.currency, count(*) AS waiting,
             sum(u.amount / 1000000) AS high, sum(u.amount % 1000000) AS low
         FROM unclassified_items i JOIN unclassified u ON u.item = i.id
         WHERE i.tenant = ?1 GROUP BY i.id, u.currency",
    )
    .bind(tenant.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Outcome<Unclassified> {
    let row = Columns(row);
    let amount = i128::from(row.int("high")?) * 1_000_000 + i128::from(row.int("low")?);
    Ok(Unclassified {
        id: row.int("id")?,
        key: row.text("key")?,
        item: row.json("item")?,
        first_seen: row.time("first_seen")?,
        waiting: row.count("waiting")?,
        currency: row.text("currency")?,
        amount: Decimal::try_from_i128_with_scale(amount, SCALE)
            .map_err(|_| Fault::Damaged("amount"))?
            .normalize(),
    })
}

/// Queues the sales that wait for these items. Ids of jobs are UUIDs of version 7, as elsewhere, made by SQLite so that
/// 100,000 sales are one statement.
pub(super) async fn release(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    items: Vec<i64>,
    revision: u64,
    now: DateTime<Utc>,
) -> Outcome<u64> {
    let queued = sqlx::query(
        "INSERT INTO jobs (id, kind, subject, tenant, connection, lane, state, due_at, token, attempts, again, class,
             take_by)
         SELECT printf('%08x-%04x-7%03x-%04x-%012x', ?4 >> 16, ?4 & 0xffff, random() & 0xfff,
                 0x8000 | (random() & 0x3fff), random() & 0xffffffffffff),
             'prepare', r.id, r.tenant, r.connection, ?5, 'waiting', ?3, 0, 0, 0, ?6, ?7
         FROM (SELECT DISTINCT u.record FROM unclassified_items i JOIN unclassified u ON u.item = i.id
               WHERE i.tenant = ?1 AND i.id IN (SELECT value FROM json_each(?2))) w
         JOIN records r ON r.seq = w.record
         WHERE true
         ON CONFLICT (kind, subject) WHERE state IN ('waiting', 'claimed') DO UPDATE SET
             lane = min(lane, excluded.lane), due_at = min(due_at, excluded.due_at), parked = 0,
             take_by = min(take_by, excluded.take_by), again = (state = 'claimed')",
    )
    .bind(tenant.to_string())
    .bind(json(&items)?)
    .bind(micros(now))
    .bind(now.timestamp_millis())
    .bind(lane_rank(Lane::Normal))
    .bind(Class::Discover.rank())
    .bind(in_lane(Lane::Normal, micros(now)))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE catalogues SET released = max(released, ?2) WHERE tenant = ?1")
        .bind(tenant.to_string())
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(queued.rows_affected())
}
