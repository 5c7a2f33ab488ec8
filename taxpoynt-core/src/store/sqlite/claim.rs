//! Claims: which jobs go first.

use super::{
    fault::Outcome,
    queue::{self, Class},
    rows::{Columns, micros},
};
use crate::store::{Claim, Fence, Job};
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Keeps the end of a lease within the range of the column.
const LONGEST_LEASE: Duration = Duration::from_secs(366 * 24 * 3600);

/// Each tenth claim that gives anything takes the oldest fetches and preparations first, whatever their lane.
const OLDEST_EACH: u64 = 10;

/// A report this near its deadline goes before all that has time.
const LAST_STRETCH: i64 = 30 * 60 * 1_000_000;

/// Claims jobs.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    claims: &AtomicU64,
    wanted: Claim,
    now: DateTime<Utc>,
) -> Outcome<Vec<Job>> {
    expire(connection, now).await?;
    unpark(connection, wanted.spare, now).await?;
    let mut jobs = Vec::new();
    if claims.load(Ordering::Relaxed) % OLDEST_EACH == OLDEST_EACH - 1 {
        jobs.extend(take_oldest(connection, wanted, now).await?);
    }
    let left = Claim { limit: wanted.limit.saturating_sub(jobs.len() as u32), ..wanted };
    if left.limit > 0 {
        jobs.extend(take_in_turn(connection, left, now).await?);
    }
    if !jobs.is_empty() {
        claims.fetch_add(1, Ordering::Relaxed);
    }
    Ok(jobs)
}

/// Makes jobs whose lease ran out due again. The claim was an attempt: a job that kills its worker must not do so for
/// ever unnoticed.
async fn expire(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = lease_until, lease = NULL, lease_until = NULL,
             attempts = attempts + 1
         WHERE state = 'claimed' AND lease_until <= ?1",
    )
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets jobs whose waiting time is over take their place, and moves reports whose deadline passed behind those that can
/// still be in time. Each job is touched once by either, so a claim itself reads only what it takes.
async fn unpark(connection: &mut SqliteConnection, spare: Duration, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query("UPDATE jobs SET parked = 0 WHERE state = 'waiting' AND parked = 1 AND due_at <= ?1")
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE jobs SET class = 3, take_by = ?1 + ?2
         WHERE state = 'waiting' AND parked = 0 AND class = 2 AND take_by <= ?1 + ?3",
    )
    .bind(micros(now))
    .bind(queue::DAY)
    .bind(micros_of(spare.min(LONGEST_LEASE)))
    .execute(connection)
    .await?;
    Ok(())
}

/// One statement, read off one index in a few short stretches. Within the inner lists the order is the index's own.
const TAKE_IN_TURN: &str =
    "UPDATE jobs SET state = 'claimed', token = token + 1, lease = ?3, lease_until = ?1 + ?3,
        again = 0
    WHERE seq IN (
        SELECT seq FROM (
            SELECT seq, min(rank) AS rank, take_by FROM (
                SELECT * FROM (SELECT seq, 0 AS rank, take_by FROM jobs WHERE state = 'waiting' AND parked = 0
                    AND class = 0 AND take_by <= ?1 AND due_at <= ?1 ORDER BY take_by, seq LIMIT (?2 + 1) / 2)
                UNION ALL
                SELECT * FROM (SELECT seq, 1 AS rank, take_by FROM jobs WHERE state = 'waiting' AND parked = 0
                    AND class = 0 AND due_at <= ?1 ORDER BY take_by, seq LIMIT ?2)
                UNION ALL
                SELECT * FROM (
                    SELECT seq, min(rank) AS rank, take_by FROM (
                        SELECT * FROM (SELECT seq, 0 AS rank, take_by FROM jobs WHERE state = 'waiting'
                            AND parked = 0 AND class = 2 AND take_by <= ?1 + ?5 AND due_at <= ?1
                            ORDER BY take_by, seq LIMIT (?2 + 1) / 2)
                        UNION ALL
                        SELECT * FROM (SELECT seq, 1 AS rank, take_by FROM jobs WHERE state = 'waiting'
                            AND parked = 0 AND class = 1 AND due_at <= ?1 ORDER BY take_by, seq LIMIT ?4)
                        UNION ALL
                        SELECT * FROM (SELECT seq, 1 AS rank, take_by FROM jobs WHERE state = 'waiting'
                            AND parked = 0 AND class = 2 AND due_at <= ?1 ORDER BY take_by, seq LIMIT ?4)
                        UNION ALL
                        SELECT * FROM (SELECT seq, 1 AS rank, take_by FROM jobs WHERE state = 'waiting'
                            AND parked = 0 AND class = 3 AND due_at <= ?1 ORDER BY take_by, seq LIMIT ?4)
                    ) GROUP BY seq ORDER BY rank, take_by, seq LIMIT ?4)
            ) GROUP BY seq ORDER BY rank, take_by, seq LIMIT ?2))
    RETURNING *";

const TAKE_OLDEST: &str =
    "UPDATE jobs SET state = 'claimed', token = token + 1, lease = ?3, lease_until = ?1 + ?3,
        again = 0
    WHERE seq IN (SELECT seq FROM jobs WHERE state = 'waiting' AND class = 0 AND due_at <= ?1
        ORDER BY due_at, seq LIMIT ?2)
    RETURNING *";

async fn take_in_turn(
    connection: &mut SqliteConnection,
    wanted: Claim,
    now: DateTime<Utc>,
) -> Outcome<Vec<Job>> {
    let rows = sqlx::query(TAKE_IN_TURN)
        .bind(micros(now))
        .bind(wanted.limit)
        .bind(lease(wanted))
        .bind(wanted.submits.min(wanted.limit))
        .bind(LAST_STRETCH)
        .fetch_all(connection)
        .await?;
    // What RETURNING gives has no order.
    in_order(&rows, |row| {
        let row = Columns(row);
        let (class, take_by) = (row.int("class")?, row.int("take_by")?);
        let hurries = class == Class::Report.rank() && take_by <= micros(now) + LAST_STRETCH;
        Ok((!hurries, take_by, row.int("seq")?))
    })
}

async fn take_oldest(
    connection: &mut SqliteConnection,
    wanted: Claim,
    now: DateTime<Utc>,
) -> Outcome<Vec<Job>> {
    let rows = sqlx::query(TAKE_OLDEST)
        .bind(micros(now))
        .bind(wanted.limit)
        .bind(lease(wanted))
        .fetch_all(connection)
        .await?;
    in_order(&rows, |row| Ok((Columns(row).int("due_at")?, Columns(row).int("seq")?)))
}

fn micros_of(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn lease(wanted: Claim) -> i64 {
    micros_of(wanted.lease.min(LONGEST_LEASE))
}

fn in_order<K: Ord>(rows: &[SqliteRow], key: impl Fn(&SqliteRow) -> Outcome<K>) -> Outcome<Vec<Job>> {
    let keyed = rows.iter().map(|row| Ok((key(row)?, read_job(row)?)));
    let mut jobs = keyed.collect::<Outcome<Vec<_>>>()?;
    jobs.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(jobs.into_iter().map(|(_, job)| job).collect())
}

fn read_job(row: &SqliteRow) -> Outcome<Job> {
    let kind = queue::read_kind(row)?;
    let row = Columns(row);
    Ok(Job {
        fence: Fence { job: row.id("id")?, token: row.int("token")? },
        kind,
        lane: row.lane("lane")?,
        tenant: row.id("tenant")?,
        connection: row.id("connection")?,
        attempts: u32::try_from(row.count("attempts")?).unwrap_or(u32::MAX),
        troubles: u32::try_from(row.count("troubles")?).unwrap_or(u32::MAX),
        received_at: row.maybe_time("received_at")?,
    })
}
