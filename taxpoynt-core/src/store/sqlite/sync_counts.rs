//! What records count for on their day, and the reports of counted days.

use super::{
    fault::{Fault, Outcome},
    records,
    rows::{Columns, micros},
    tenants,
};
use crate::{
    connector::TallyEntry,
    model::{RecordKind, SourceKey},
    store::{Record, RecordCount},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// Records whose count is missing or of another version.
pub(super) async fn uncounted(
    connection: &mut SqliteConnection,
    id: Uuid,
    limit: u32,
) -> Outcome<Vec<(Record, String)>> {
    let account = tenants::connection(connection, id, None).await?;
    let select = records::SELECT;
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{select} LEFT JOIN record_counts n ON n.record = r.id
         WHERE r.tenant = ?1 AND r.platform = ?2 AND r.account = ?3 AND n.body_hash IS NOT r.body_hash LIMIT ?4"
    )))
    .bind(account.tenant.to_string())
    .bind(&account.platform)
    .bind(&account.account)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((records::read_record(row)?, Columns(row).text("body_hash")?))).collect()
}

/// Stores what records count for.
pub(super) async fn put(connection: &mut SqliteConnection, counts: Vec<RecordCount>) -> Outcome<()> {
    for count in counts {
        let entry = count.entry.as_ref();
        sqlx::query(
            "INSERT INTO record_counts (record, body_hash, tenant, platform, account, counted_at, amount, currency)
             SELECT id, ?2, tenant, platform, account, ?3, ?4, ?5 FROM records WHERE id = ?1
             ON CONFLICT (record) DO UPDATE SET body_hash = excluded.body_hash, counted_at = excluded.counted_at,
                 amount = excluded.amount, currency = excluded.currency",
        )
        .bind(count.record.to_string())
        .bind(&count.body_hash)
        .bind(entry.map(|entry| micros(entry.at)))
        .bind(entry.and_then(|entry| entry.amount).map(|amount| amount.to_string()))
        .bind(entry.and_then(|entry| entry.currency.clone()))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

const COUNTED: &str = "SELECT r.kind, r.external_id, n.counted_at, n.amount, n.currency FROM records r
    JOIN record_counts n ON n.record = r.id
    WHERE r.tenant = ?1 AND r.platform = ?2 AND r.account = ?3
        AND NOT EXISTS (SELECT 1 FROM record_deletions d WHERE d.record = r.id)";

/// What counts within a span.
pub(super) async fn within(
    connection: &mut SqliteConnection,
    id: Uuid,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Outcome<Vec<TallyEntry>> {
    let account = tenants::connection(connection, id, None).await?;
    let rows = sqlx::query(
        "SELECT r.kind, r.external_id, n.counted_at, n.amount, n.currency
         FROM record_counts n JOIN records r ON r.id = n.record
         WHERE n.tenant = ?1 AND n.platform = ?2 AND n.account = ?3 AND n.counted_at >= ?4 AND n.counted_at < ?5
             AND NOT EXISTS (SELECT 1 FROM record_deletions d WHERE d.record = r.id)",
    )
    .bind(account.tenant.to_string())
    .bind(&account.platform)
    .bind(&account.account)
    .bind(micros(from))
    .bind(micros(until))
    .fetch_all(connection)
    .await?;
    let entries = rows.iter().map(read).collect::<Outcome<Vec<_>>>()?;
    Ok(entries.into_iter().filter_map(|(_, entry)| entry).collect())
}

/// What these records count for.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    id: Uuid,
    keys: Vec<SourceKey>,
) -> Outcome<Vec<(SourceKey, Option<TallyEntry>)>> {
    let account = tenants::connection(connection, id, None).await?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let row = sqlx::query(AssertSqlSafe(format!("{COUNTED} AND r.kind = ?4 AND r.external_id = ?5")))
            .bind(account.tenant.to_string())
            .bind(&account.platform)
            .bind(&account.account)
            .bind(key.kind.as_str())
            .bind(&key.id)
            .fetch_optional(&mut *connection)
            .await?;
        found.extend(row.as_ref().map(read).transpose()?);
    }
    Ok(found)
}

fn read(row: &SqliteRow) -> Outcome<(SourceKey, Option<TallyEntry>)> {
    let row = Columns(row);
    let kind = RecordKind::from_name(&row.text("kind")?).ok_or(Fault::Damaged("kind"))?;
    let key = SourceKey::new(kind, row.text("external_id")?);
    let amount = row.maybe_text("amount")?.map(|amount| amount.parse().map_err(|_| Fault::Damaged("amount")));
    let (amount, currency) = (amount.transpose()?, row.maybe_text("currency")?);
    let entry = row.maybe_time("counted_at")?.map(|at| TallyEntry { key: key.clone(), at, amount, currency });
    Ok((key, entry))
}

/// Stores a day's report.
pub(super) async fn put_report(
    connection: &mut SqliteConnection,
    (id, day): (Uuid, NaiveDate),
    equal: bool,
    report: String,
    now: DateTime<Utc>,
) -> Outcome<()> {
    tenants::connection(connection, id, None).await?;
    sqlx::query(
        "INSERT INTO reconciliations (connection, day, at, equal, report) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (connection, day) DO UPDATE SET at = excluded.at, equal = excluded.equal,
             report = excluded.report",
    )
    .bind(id.to_string())
    .bind(day.to_string())
    .bind(micros(now))
    .bind(equal)
    .bind(report)
    .execute(connection)
    .await?;
    Ok(())
}

/// The reports of a connection, newest day first.
pub(super) async fn reports(
    connection: &mut SqliteConnection,
    id: Uuid,
    unequal: bool,
    limit: u32,
) -> Outcome<Vec<String>> {
    let reports = sqlx::query_scalar(
        "SELECT report FROM reconciliations WHERE connection = ?1 AND (NOT ?2 OR equal = 0)
         ORDER BY day DESC LIMIT ?3",
    )
    .bind(id.to_string())
    .bind(unequal)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(reports)
}

/// Active connections whose days are to be counted.
pub(super) async fn due(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<Vec<Uuid>> {
    let rows = sqlx::query(
        "SELECT c.id FROM connections c LEFT JOIN sync_plans p ON p.connection = c.id
         WHERE c.state = 'active' AND coalesce(p.count_at, 0) <= ?1 ORDER BY p.count_at, c.seq LIMIT 20",
    )
    .bind(micros(now))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Columns(row).id("id")).collect()
}

/// Says when a connection's days are counted next.
pub(super) async fn note(connection: &mut SqliteConnection, id: Uuid, next: DateTime<Utc>) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO sync_plans (connection, count_at) VALUES (?1, ?2)
         ON CONFLICT (connection) DO UPDATE SET count_at = excluded.count_at",
    )
    .bind(id.to_string())
    .bind(micros(next))
    .execute(connection)
    .await?;
    Ok(())
}
