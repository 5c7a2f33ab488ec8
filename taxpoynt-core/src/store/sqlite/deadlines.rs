//! Deadlines: what the authority's trouble delays, what waits for its signature, and what operators were told.

use super::{
    Sqlite, claim,
    fault::Outcome,
    queue,
    rows::{Columns, micros},
};
use crate::{
    Result,
    store::{AlarmEntry, Backlog, Claim, DeadlineStore, Job, Signed, Slot, Stretch},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

#[async_trait]
impl DeadlineStore for Sqlite {
    async fn claim_some(&self, wanted: &Claim, now: DateTime<Utc>) -> Result<Vec<Job>> {
        let (claims, wanted) = (Arc::clone(&self.claims), *wanted);
        self.write("store.claim", move |c| {
            Box::pin(async move { claim::claim(c, &claims, wanted, now).await })
        })
        .await
    }

    async fn release_delayed(&self, now: DateTime<Utc>) -> Result<u64> {
        self.write("store.release_delayed", move |c| Box::pin(release_delayed(c, now))).await
    }

    async fn backlog(&self, tenant: Option<Uuid>, slot: Duration, now: DateTime<Utc>) -> Result<Backlog> {
        self.read("store.backlog", move |c| Box::pin(backlog(c, tenant, slot, now))).await
    }

    async fn signed(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Signed> {
        self.read("store.signed", move |c| Box::pin(signed(c, from, to))).await
    }

    async fn most_signed(&self, window: Duration, now: DateTime<Utc>) -> Result<u64> {
        self.read("store.most_signed", move |c| Box::pin(most_signed(c, window, now))).await
    }

    async fn signed_of_queue(
        &self,
        window: Duration,
        waited: Duration,
        enough: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<Stretch>> {
        self.read("store.signed_of_queue", move |c| Box::pin(of_queue(c, window, waited, enough, now))).await
    }

    async fn put_alarm(&self, entry: &AlarmEntry, after: u64) -> Result<bool> {
        let entry = entry.clone();
        self.write("store.put_alarm", move |c| Box::pin(put_alarm(c, entry, after))).await
    }

    async fn alarms(&self, limit: u32) -> Result<Vec<AlarmEntry>> {
        self.read("store.alarms", move |c| Box::pin(alarms(c, limit))).await
    }
}

async fn release_delayed(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<u64> {
    let released = sqlx::query(
        "UPDATE jobs SET due_at = ?1, parked = 0
         WHERE state = 'waiting' AND parked = 1 AND class > 0
             AND error_kind IN ('unavailable', 'timed_out', 'ambiguous')",
    )
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(released.rows_affected())
}

/// Read off the index that holds exactly what waits; what comes back is one row a slot.
const WAITING: &str = "SELECT kind = 'B2C' AS reported,
        min(report_by) AS first, max(report_by) AS last, count(*) AS waiting,
        count(CASE WHEN ?3 IS NULL OR tenant = ?3 THEN 1 END) AS own, min(created_at) AS oldest
    FROM documents WHERE stage < 30 AND state = 'prepared'
    GROUP BY 1, report_by <= ?1, CASE WHEN report_by > ?1 THEN report_by / ?2 END
    ORDER BY first";

const STUCK: &str = "SELECT count(*) AS stuck, min(report_by) AS first FROM documents
    WHERE stage < 30 AND state IN ('rejected', 'dead') AND report_by > ?1 AND (?2 IS NULL OR tenant = ?2)";

async fn backlog(
    connection: &mut SqliteConnection,
    tenant: Option<Uuid>,
    slot: Duration,
    now: DateTime<Utc>,
) -> Outcome<Backlog> {
    let tenant = tenant.map(|tenant| tenant.to_string());
    let width = i64::try_from(slot.as_micros()).unwrap_or(i64::MAX).max(1);
    let rows =
        sqlx::query(WAITING).bind(micros(now)).bind(width).bind(&tenant).fetch_all(&mut *connection).await?;
    let stuck = sqlx::query(STUCK).bind(micros(now)).bind(&tenant).fetch_one(connection).await?;
    let mut backlog = Backlog {
        stuck: Columns(&stuck).count("stuck")?,
        stuck_first: Columns(&stuck).maybe_time("first")?,
        ..Backlog::default()
    };
    for row in &rows {
        add(&mut backlog, &Columns(row), now)?;
    }
    Ok(backlog)
}

fn add(backlog: &mut Backlog, row: &Columns<'_>, now: DateTime<Utc>) -> Outcome<()> {
    let (waiting, own) = (row.count("waiting")?, row.count("own")?);
    backlog.oldest = [backlog.oldest, row.maybe_time("oldest")?].into_iter().flatten().min();
    match (row.maybe_time("first")?, row.maybe_time("last")?) {
        (Some(first), Some(last)) if first > now => {
            backlog.slots.push(Slot { first, last, waiting, own });
        }
        (Some(_), _) => backlog.late += own,
        _ if row.int("reported")? == 1 => backlog.unhurried += own,
        _ => backlog.clearances += waiting,
    }
    Ok(())
}

async fn signed(
    connection: &mut SqliteConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Outcome<Signed> {
    let row = sqlx::query(
        "SELECT count(*) AS count, min(at) AS first FROM document_stages WHERE stage = 30 AND at > ?1 AND at <= ?2",
    )
    .bind(micros(from))
    .bind(micros(to))
    .fetch_one(connection)
    .await?;
    Ok(Signed { count: Columns(&row).count("count")?, first: Columns(&row).maybe_time("first")? })
}

async fn most_signed(
    connection: &mut SqliteConnection,
    window: Duration,
    now: DateTime<Utc>,
) -> Outcome<u64> {
    let row = sqlx::query(
        "SELECT coalesce(max(signed), 0) AS most FROM (
             SELECT count(*) AS signed FROM document_stages
             WHERE stage = 30 AND at <= ?1
                 AND at > (SELECT max(at) FROM document_stages WHERE stage = 30 AND at <= ?1) - ?2
             GROUP BY at / ?3)",
    )
    .bind(micros(now))
    .bind(queue::DAY)
    .bind(i64::try_from(window.as_micros()).unwrap_or(i64::MAX).max(1))
    .fetch_one(connection)
    .await?;
    Columns(&row).count("most")
}

async fn of_queue(
    connection: &mut SqliteConnection,
    window: Duration,
    waited: Duration,
    enough: u64,
    now: DateTime<Utc>,
) -> Outcome<Option<Stretch>> {
    let micros_of = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    let row = sqlx::query(
        "WITH newest (at) AS (SELECT max(at) FROM document_stages WHERE stage = 30 AND at <= ?1),
         signatures (at, back, queued) AS (
             SELECT s.at, (newest.at - s.at) / ?3, s.at - d.at > ?4
             FROM newest JOIN document_stages s ON s.stage = 30 AND s.at <= ?1 AND s.at > newest.at - ?2
             JOIN document_stages d ON d.document = s.document AND d.stage = 0)
         SELECT sum(queued) AS count, min(CASE WHEN queued THEN at END) AS first,
             max(CASE WHEN queued THEN at END) AS last
         FROM signatures GROUP BY back HAVING sum(queued) * 2 > count(*) AND sum(queued) >= ?5 ORDER BY back LIMIT 1",
    )
    .bind(micros(now))
    .bind(queue::DAY)
    .bind(micros_of(window).max(1))
    .bind(micros_of(waited))
    .bind(i64::try_from(enough).unwrap_or(i64::MAX))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let row = Columns(&row);
    let stretch = row.maybe_time("first")?.zip(row.maybe_time("last")?);
    let count = row.count("count")?;
    Ok(stretch.map(|(first, last)| Stretch { count, first, last }))
}

async fn put_alarm(connection: &mut SqliteConnection, entry: AlarmEntry, after: u64) -> Outcome<bool> {
    let stored = sqlx::query(
        "INSERT INTO alarms (at, change, will_miss, first, last, message)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?7 >= (SELECT coalesce(max(seq), 0) FROM alarms)",
    )
    .bind(micros(entry.at))
    .bind(super::rows::word(&entry.change)?)
    .bind(i64::try_from(entry.will_miss).unwrap_or(i64::MAX))
    .bind(entry.first.map(micros))
    .bind(entry.last.map(micros))
    .bind(&entry.message)
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .execute(&mut *connection)
    .await?;
    if stored.rows_affected() == 0 {
        return Ok(false);
    }
    if let (Some(first), Some(last)) = (entry.first, entry.last) {
        sqlx::query(
            "INSERT INTO audit (tenant, subject, at, event, detail)
             SELECT DISTINCT tenant, tenant, ?1, 'deadline.' || ?2, ?3 FROM documents
             WHERE stage < 30 AND state = 'prepared' AND report_by BETWEEN ?4 AND ?5",
        )
        .bind(micros(entry.at))
        .bind(super::rows::word(&entry.change)?)
        .bind(&entry.message)
        .bind(micros(first))
        .bind(micros(last))
        .execute(connection)
        .await?;
    }
    Ok(true)
}

async fn alarms(connection: &mut SqliteConnection, limit: u32) -> Outcome<Vec<AlarmEntry>> {
    let rows = sqlx::query("SELECT * FROM alarms ORDER BY seq DESC LIMIT ?1")
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(read_alarm).collect()
}

fn read_alarm(row: &SqliteRow) -> Outcome<AlarmEntry> {
    let row = Columns(row);
    Ok(AlarmEntry {
        seq: row.count("seq")?,
        at: row.time("at")?,
        change: row.word("change")?,
        will_miss: row.count("will_miss")?,
        first: row.maybe_time("first")?,
        last: row.maybe_time("last")?,
        message: row.text("message")?,
    })
}
