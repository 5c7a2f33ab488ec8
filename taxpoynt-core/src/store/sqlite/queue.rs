//! The steps of a job inside other moves: queue it, check the fence, finish it.

use super::{
    fault::{Fault, Outcome, Refusal, refusal},
    rows::{Columns, json, lane_rank, micros, new_id},
};
use crate::{
    ErrorKind,
    model::{RecordKind, SourceKey},
    store::{Fence, JobKind, Lane},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// A job to be queued.
#[derive(Debug, Clone)]
pub(super) struct NewJob {
    pub(super) kind: JobKind,
    pub(super) tenant: Uuid,
    pub(super) connection: Uuid,
    pub(super) lane: Lane,
}

/// A day in microseconds.
pub(super) const DAY: i64 = 24 * 3600 * 1_000_000;

/// What kind of hurry a job is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Fetches and prepares: until then nobody knows the deadline.
    Discover,
    /// A document to be cleared before its buyer gets it.
    Clear,
    /// A report that can be in time.
    Report,
    /// A report that is late or has no deadline, and what the authority is told or asked after it signed.
    Late,
}

impl Class {
    pub(super) const fn rank(self) -> i64 {
        match self {
            Self::Discover => 0,
            Self::Clear => 1,
            Self::Report => 2,
            Self::Late => 3,
        }
    }
}

/// When what is no report should be taken by, in microseconds.
pub(super) const fn in_lane(lane: Lane, now: i64) -> i64 {
    now + match lane {
        Lane::High => 0,
        Lane::Normal => 5 * 60 * 1_000_000,
        Lane::Bulk => DAY,
    }
}

/// A job's class and the moment it should be taken by.
async fn turn(connection: &mut SqliteConnection, job: &NewJob, now: DateTime<Utc>) -> Outcome<(Class, i64)> {
    let now = micros(now);
    let in_lane = in_lane(job.lane, now);
    let document = match &job.kind {
        JobKind::Fetch(_) | JobKind::Prepare(_) => return Ok((Class::Discover, in_lane)),
        JobKind::Submit(document) => document,
        JobKind::Payment(_) | JobKind::Confirm(_) => return Ok((Class::Late, now + DAY)),
    };
    let row = sqlx::query("SELECT kind, report_by FROM documents WHERE id = ?1")
        .bind(document.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok((Class::Clear, in_lane)) };
    let row = Columns(&row);
    Ok(match row.maybe_time("report_by")?.map(micros) {
        Some(report_by) if report_by > now => (Class::Report, report_by),
        Some(_) => (Class::Late, now + DAY),
        None if row.text("kind")? == "B2C" => (Class::Late, now + DAY),
        None => (Class::Clear, in_lane),
    })
}

/// How a kind of job is kept: its name, and what makes two of them the same.
pub(super) fn identity(kind: &JobKind, connection: Uuid) -> (&'static str, String) {
    match kind {
        JobKind::Fetch(key) => ("fetch", format!("{connection}/{key}")),
        JobKind::Prepare(record) => ("prepare", record.to_string()),
        JobKind::Submit(document) => ("submit", document.to_string()),
        JobKind::Payment(document) => ("payment", document.to_string()),
        JobKind::Confirm(document) => ("confirm", document.to_string()),
    }
}

/// The kind of a stored job.
pub(super) fn read_kind(row: &SqliteRow) -> Outcome<JobKind> {
    let row = Columns(row);
    match row.text("kind")?.as_str() {
        "fetch" => {
            let kind =
                RecordKind::from_name(&row.text("record_kind")?).ok_or(Fault::Damaged("record_kind"))?;
            Ok(JobKind::Fetch(SourceKey::new(kind, row.text("external_id")?)))
        }
        "prepare" => Ok(JobKind::Prepare(row.id("subject")?)),
        "submit" => Ok(JobKind::Submit(row.id("subject")?)),
        "payment" => Ok(JobKind::Payment(row.id("subject")?)),
        "confirm" => Ok(JobKind::Confirm(row.id("subject")?)),
        _ => Err(Fault::Damaged("kind")),
    }
}

/// Queues a job. One that waits already serves both, in the faster lane; one that is being worked on runs once more
/// afterwards, because it may have read what was there before. A fetch that backs off keeps its time, since the
/// platform asked for it; nobody else asked a prepare job to wait.
pub(super) async fn enqueue(
    connection: &mut SqliteConnection,
    job: &NewJob,
    now: DateTime<Utc>,
) -> Outcome<()> {
    enqueue_since(connection, job, None, now).await
}

/// As `enqueue`, for what was received at `since`; where that is not known, now.
pub(super) async fn enqueue_since(
    connection: &mut SqliteConnection,
    job: &NewJob,
    since: Option<i64>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (kind, subject) = identity(&job.kind, job.connection);
    let key = match &job.kind {
        JobKind::Fetch(key) => Some(key),
        _ => None,
    };
    let (class, take_by) = turn(connection, job, now).await?;
    let at = micros(now);
    let row = Row {
        id: new_id(now),
        kind,
        subject,
        record_kind: key.map(|key| key.kind.as_str()),
        external_id: key.map(|key| key.id.as_str()),
        tenant: job.tenant,
        connection: job.connection,
        lane: lane_rank(job.lane),
        due_at: at,
        class: class.rank(),
        take_by,
        received_at: since.unwrap_or(at),
    };
    put(connection, &[row]).await
}

/// A record to be fetched because it was announced.
pub(super) struct Fetch<'a> {
    pub(super) key: &'a SourceKey,
    pub(super) tenant: Uuid,
    pub(super) connection: Uuid,
    pub(super) lane: Lane,
    pub(super) now: DateTime<Utc>,
}

/// As `enqueue`, for many at once.
pub(super) async fn enqueue_fetches(connection: &mut SqliteConnection, fetches: &[Fetch<'_>]) -> Outcome<()> {
    if fetches.is_empty() {
        return Ok(());
    }
    put(connection, &fetches.iter().map(Fetch::row).collect::<Vec<_>>()).await
}

impl<'a> Fetch<'a> {
    fn row(&self) -> Row<'a> {
        let Self { key, tenant, connection, lane, now } = *self;
        let (kind, subject) = identity(&JobKind::Fetch(key.clone()), connection);
        let at = micros(now);
        Row {
            id: new_id(now),
            kind,
            subject,
            record_kind: Some(key.kind.as_str()),
            external_id: Some(key.id.as_str()),
            tenant,
            connection,
            lane: lane_rank(lane),
            due_at: at,
            class: Class::Discover.rank(),
            take_by: in_lane(lane, at),
            received_at: at,
        }
    }
}

/// A new job as its columns.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    kind: &'static str,
    subject: String,
    record_kind: Option<&'a str>,
    external_id: Option<&'a str>,
    tenant: Uuid,
    connection: Uuid,
    lane: i64,
    due_at: i64,
    class: i64,
    take_by: i64,
    received_at: i64,
}

async fn put(connection: &mut SqliteConnection, rows: &[Row<'_>]) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO jobs (id, kind, subject, record_kind, external_id, tenant, connection, lane, state, due_at,
             token, attempts, again, class, take_by, received_at)
         SELECT value ->> 'id', value ->> 'kind', value ->> 'subject', value ->> 'record_kind', value ->> 'external_id',
             value ->> 'tenant', value ->> 'connection', value ->> 'lane', 'waiting', value ->> 'due_at', 0, 0, 0,
             value ->> 'class', value ->> 'take_by', value ->> 'received_at'
         FROM json_each(?1) WHERE true
         ON CONFLICT (kind, subject) WHERE state IN ('waiting', 'claimed') DO UPDATE SET
             lane = min(lane, excluded.lane),
             due_at = CASE kind WHEN 'fetch' THEN due_at ELSE min(due_at, excluded.due_at) END,
             parked = CASE kind WHEN 'fetch' THEN parked ELSE 0 END,
             take_by = CASE WHEN class = excluded.class AND class <> 2 THEN min(take_by, excluded.take_by)
                 ELSE excluded.take_by END,
             class = excluded.class,
             received_at = coalesce(received_at, excluded.received_at),
             again = (state = 'claimed')",
    )
    .bind(json(&rows)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Queues a job from the start: whoever works on it now is fenced off, because what it works with has changed.
pub(super) async fn restart(
    connection: &mut SqliteConnection,
    job: &NewJob,
    since: Option<i64>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (kind, subject) = identity(&job.kind, job.connection);
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?3, parked = 0, lease = NULL, lease_until = NULL, attempts = 0,
             troubles = 0
         WHERE kind = ?1 AND subject = ?2 AND state IN ('waiting', 'claimed')",
    )
    .bind(kind)
    .bind(subject)
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    enqueue_since(connection, job, since, now).await
}

/// A job held under a fence.
pub(super) struct HeldJob {
    pub(super) kind: JobKind,
    pub(super) tenant: Uuid,
    pub(super) connection: Uuid,
    pub(super) lane: Lane,
    /// When what it serves was received.
    pub(super) received_at: Option<i64>,
}

/// The job of a fence that still holds.
pub(super) async fn held(
    connection: &mut SqliteConnection,
    fence: &Fence,
    now: DateTime<Utc>,
) -> Outcome<HeldJob> {
    let row = sqlx::query(
        "SELECT kind, subject, record_kind, external_id, tenant, connection, lane, received_at FROM jobs
         WHERE id = ?1 AND token = ?2 AND state = 'claimed' AND lease_until > ?3",
    )
    .bind(fence.job.to_string())
    .bind(fence.token)
    .bind(micros(now))
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| fenced(fence))?;
    let columns = Columns(&row);
    Ok(HeldJob {
        kind: read_kind(&row)?,
        tenant: columns.id("tenant")?,
        connection: columns.id("connection")?,
        lane: columns.lane("lane")?,
        received_at: columns.maybe_time("received_at")?.map(micros),
    })
}

/// The refusal for a fence that no longer holds.
pub(super) fn fenced(fence: &Fence) -> Refusal {
    let message = "the lease of this job ran out, or the job was taken over: what was done is discarded";
    refusal(ErrorKind::Fenced, message).with("job", fence.job)
}

/// Ends a held job, or starts it anew where it was asked for again meanwhile.
pub(super) async fn finish(
    connection: &mut SqliteConnection,
    fence: &Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let anew = sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?2, received_at = ?2, lease = NULL, lease_until = NULL, attempts = 0,
             troubles = 0, again = 0, error_kind = NULL, error = NULL
         WHERE id = ?1 AND again = 1",
    )
    .bind(fence.job.to_string())
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    if anew.rows_affected() == 0 {
        sqlx::query("DELETE FROM jobs WHERE id = ?1").bind(fence.job.to_string()).execute(connection).await?;
    }
    Ok(())
}
