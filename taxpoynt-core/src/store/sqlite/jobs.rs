//! The queue: what is left to do, and the ways a job ends.

use super::{
    Sqlite,
    fault::{Outcome, not_found},
    logs::{self, Note},
    queue::{self, HeldJob, NewJob},
    rows::{Columns, micros},
    submission,
};
use crate::{
    Error, Result,
    firs::lifecycle,
    store::{Claim, DeadLetter, DeadlineStore, Fence, Job, JobKind, JobStore, Pending},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use std::time::Duration;
use uuid::Uuid;

#[async_trait]
impl JobStore for Sqlite {
    async fn claim(&self, limit: u32, lease: Duration, now: DateTime<Utc>) -> Result<Vec<Job>> {
        self.claim_some(&Claim { limit, submits: limit, spare: Duration::ZERO, lease }, now).await
    }

    async fn finish(&self, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let fence = fence.clone();
        self.write("store.finish", move |c| Box::pin(finish(c, fence, now))).await
    }

    async fn retry(&self, fence: &Fence, error: &Error, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
        let (fence, why) = (fence.clone(), Why::of(error));
        self.write("store.retry", move |c| Box::pin(retry(c, fence, why, at, now))).await
    }

    async fn bury(&self, fence: &Fence, error: &Error, now: DateTime<Utc>) -> Result<()> {
        let (fence, why) = (fence.clone(), Why::of(error));
        self.write("store.bury", move |c| Box::pin(bury(c, fence, why, now))).await
    }

    async fn pending(&self, now: DateTime<Utc>) -> Result<Pending> {
        self.read("store.pending", move |c| Box::pin(pending(c, now))).await
    }

    async fn dead_letters(&self, tenant: Option<Uuid>) -> Result<Vec<DeadLetter>> {
        self.read("store.dead_letters", move |c| Box::pin(dead_letters(c, tenant))).await
    }

    async fn replay(&self, job: Uuid, tenant: Option<Uuid>, now: DateTime<Utc>) -> Result<()> {
        self.write("store.replay", move |c| Box::pin(replay(c, job, tenant, now))).await
    }

    async fn discard(&self, job: Uuid, tenant: Option<Uuid>, reason: &str, now: DateTime<Utc>) -> Result<()> {
        let reason = reason.to_owned();
        self.write("store.discard", move |c| Box::pin(discard(c, job, tenant, reason, now))).await
    }
}

/// An error as a job keeps it.
struct Why {
    kind: String,
    message: String,
    code: Option<String>,
}

impl Why {
    fn of(error: &Error) -> Self {
        Self {
            kind: error.kind().name().to_owned(),
            message: error.message().to_owned(),
            code: error.get("code").map(str::to_owned),
        }
    }
}

async fn finish(connection: &mut SqliteConnection, fence: Fence, now: DateTime<Utc>) -> Outcome<()> {
    queue::held(connection, &fence, now).await?;
    queue::finish(connection, &fence, now).await
}

async fn retry(
    connection: &mut SqliteConnection,
    fence: Fence,
    why: Why,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    queue::held(connection, &fence, now).await?;
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?2, parked = (?2 > ?5), lease = NULL, lease_until = NULL,
             again = 0, attempts = attempts + 1, error_kind = ?3, error = ?4
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(micros(at))
    .bind(why.kind)
    .bind(why.message)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn bury(connection: &mut SqliteConnection, fence: Fence, why: Why, now: DateTime<Utc>) -> Outcome<()> {
    let job = queue::held(connection, &fence, now).await?;
    let again: bool = sqlx::query_scalar(
        "UPDATE jobs SET state = 'dead', lease = NULL, lease_until = NULL, attempts = attempts + 1,
             error_kind = ?2, error = ?3, ended_at = ?4
         WHERE id = ?1 RETURNING again",
    )
    .bind(fence.job.to_string())
    .bind(&why.kind)
    .bind(&why.message)
    .bind(micros(now))
    .fetch_one(&mut *connection)
    .await?;
    if let JobKind::Submit(document) = job.kind {
        give_up_document(connection, document, &why, now).await?;
    }
    note(connection, &job, "dead", &why.message, now).await?;
    if again {
        // What was announced while it ran may be what mends it.
        let HeldJob { kind, tenant, connection: connected, lane, .. } = job;
        queue::enqueue(connection, &NewJob { kind, tenant, connection: connected, lane }, now).await?;
    }
    Ok(())
}

/// A document the authority accepted or refused has its answer already; one that is signed stays submitted, whatever
/// could not be done after it.
async fn give_up_document(
    connection: &mut SqliteConnection,
    document: Uuid,
    why: &Why,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let code = why.code.as_deref().filter(|code| *code == lifecycle::TRANSMIT_REFUSED);
    sqlx::query(
        "UPDATE documents SET state = CASE WHEN stage >= 30 THEN state ELSE 'dead' END, message = ?2, code = ?4,
             updated_at = ?3
         WHERE id = ?1 AND state IN ('prepared', 'submitted')",
    )
    .bind(document.to_string())
    .bind(&why.message)
    .bind(micros(now))
    .bind(code.unwrap_or(lifecycle::GIVEN_UP))
    .execute(connection)
    .await?;
    Ok(())
}

async fn pending(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<Pending> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM jobs WHERE state = 'waiting' AND due_at <= ?1)
              + (SELECT count(*) FROM jobs WHERE state = 'claimed' AND lease_until <= ?1) AS due,
            (SELECT count(*) FROM jobs WHERE state = 'claimed' AND lease_until > ?1) AS claimed,
            (SELECT count(*) FROM jobs WHERE state = 'waiting' AND due_at > ?1) AS later,
            (SELECT min(due_at) FROM jobs WHERE state = 'waiting' AND due_at > ?1) AS next_at",
    )
    .bind(micros(now))
    .fetch_one(connection)
    .await?;
    let row = Columns(&row);
    Ok(Pending {
        due: row.count("due")?,
        claimed: row.count("claimed")?,
        later: row.count("later")?,
        next_at: row.maybe_time("next_at")?,
    })
}

async fn dead_letters(connection: &mut SqliteConnection, tenant: Option<Uuid>) -> Outcome<Vec<DeadLetter>> {
    let rows = sqlx::query(
        "SELECT * FROM jobs WHERE state = 'dead' AND (?1 IS NULL OR tenant = ?1) ORDER BY ended_at DESC, seq DESC",
    )
    .bind(tenant.map(|tenant| tenant.to_string()))
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_dead_letter).collect()
}

fn read_dead_letter(row: &SqliteRow) -> Outcome<DeadLetter> {
    let kind = queue::read_kind(row)?;
    let row = Columns(row);
    Ok(DeadLetter {
        id: row.id("id")?,
        kind,
        tenant: row.id("tenant")?,
        connection: row.id("connection")?,
        attempts: u32::try_from(row.count("attempts")?).unwrap_or(u32::MAX),
        error_kind: row.maybe_text("error_kind")?.unwrap_or_default(),
        error: row.maybe_text("error")?.unwrap_or_default(),
        at: row.time("ended_at")?,
    })
}

async fn dead(connection: &mut SqliteConnection, id: Uuid, tenant: Option<Uuid>) -> Outcome<HeldJob> {
    let row =
        sqlx::query("SELECT * FROM jobs WHERE id = ?1 AND state = 'dead' AND (?2 IS NULL OR tenant = ?2)")
            .bind(id.to_string())
            .bind(tenant.map(|tenant| tenant.to_string()))
            .fetch_optional(connection)
            .await?
            .ok_or_else(|| not_found("dead letter", id))?;
    let columns = Columns(&row);
    Ok(HeldJob {
        kind: queue::read_kind(&row)?,
        tenant: columns.id("tenant")?,
        connection: columns.id("connection")?,
        lane: columns.lane("lane")?,
        received_at: columns.maybe_time("received_at")?.map(micros),
    })
}

async fn replay(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let job = dead(connection, id, tenant).await?;
    let (kind, subject) = queue::identity(&job.kind, job.connection);
    let live = sqlx::query(
        "SELECT 1 FROM jobs WHERE kind = ?1 AND subject = ?2 AND state IN ('waiting', 'claimed')",
    )
    .bind(kind)
    .bind(subject)
    .fetch_optional(&mut *connection)
    .await?;
    if live.is_some() {
        // That job does what this one would; asked for once more, it also covers what happened since it was claimed.
        sqlx::query("DELETE FROM jobs WHERE id = ?1").bind(id.to_string()).execute(&mut *connection).await?;
        let (kind, connected) = (job.kind.clone(), job.connection);
        let again = NewJob { kind, tenant: job.tenant, connection: connected, lane: job.lane };
        queue::enqueue(connection, &again, now).await?;
    } else {
        revive(connection, id, now).await?;
    }
    if let JobKind::Submit(document) = job.kind {
        submission::go_on(connection, document, now).await?;
    }
    note(connection, &job, "replayed", "", now).await
}

async fn revive(connection: &mut SqliteConnection, id: Uuid, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?2, received_at = ?2, parked = 0, attempts = 0, troubles = 0, again = 0,
             ended_at = NULL, error_kind = NULL, error = NULL
         WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn discard(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
    reason: String,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let job = dead(connection, id, tenant).await?;
    sqlx::query("UPDATE jobs SET state = 'discarded', ended_at = ?2 WHERE id = ?1")
        .bind(id.to_string())
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    note(connection, &job, "discarded", &reason, now).await
}

/// Notes the end of a job where people will look for it: at its document, its record, or else its connection.
async fn note(
    connection: &mut SqliteConnection,
    job: &HeldJob,
    event: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (subject, record, thing) = match &job.kind {
        JobKind::Fetch(_) => (job.connection, None, "fetch"),
        JobKind::Prepare(record) => (*record, Some(*record), "record"),
        JobKind::Submit(document) => (*document, Some(record_of(connection, *document).await?), "document"),
        JobKind::Payment(document) => (*document, Some(record_of(connection, *document).await?), "payment"),
        JobKind::Confirm(document) => (*document, Some(record_of(connection, *document).await?), "confirm"),
    };
    let event = format!("{thing}.{event}");
    let detail = match &job.kind {
        JobKind::Fetch(key) => format!("{key}: {detail}"),
        _ => detail.to_owned(),
    };
    logs::note(connection, Note { tenant: job.tenant, subject, record, event: &event, detail: &detail }, now)
        .await
}

async fn record_of(connection: &mut SqliteConnection, document: Uuid) -> Outcome<Uuid> {
    let row = sqlx::query("SELECT record FROM documents WHERE id = ?1")
        .bind(document.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("document", document))?;
    Columns(&row).id("record")
}
