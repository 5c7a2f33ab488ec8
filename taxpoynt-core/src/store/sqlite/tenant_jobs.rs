//! Jobs that belong to a tenant and to no connection: claims under a lease, and how they end.

use super::{
    Sqlite,
    fault::{Fault, Outcome},
    queue,
    rows::{Columns, micros, new_id},
};
use crate::{
    Error, Result,
    store::{Fence, Pending, TenantJob, TenantJobKind, TenantJobStore},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use std::time::Duration;
use uuid::Uuid;

/// Keeps the end of a lease within the range of the column.
const LONGEST_LEASE: Duration = Duration::from_secs(366 * 24 * 3600);

#[async_trait]
impl TenantJobStore for Sqlite {
    async fn claim_tenant_jobs(
        &self,
        limit: u32,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<TenantJob>> {
        // Most engines receive nothing most of the time: that must not cost a commit.
        let pending = self.pending_tenant_jobs(now).await?;
        if pending.due == 0 {
            return Ok(Vec::new());
        }
        self.write("store.claim_tenant_jobs", move |c| Box::pin(claim(c, limit, lease, now))).await
    }

    async fn pending_tenant_jobs(&self, now: DateTime<Utc>) -> Result<Pending> {
        self.read("store.pending_tenant_jobs", move |c| Box::pin(pending(c, now))).await
    }

    async fn finish_tenant_job(&self, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let fence = fence.clone();
        self.write("store.finish_tenant_job", move |c| {
            Box::pin(async move {
                held(c, &fence, now).await?;
                finish(c, &fence).await
            })
        })
        .await
    }

    async fn retry_tenant_job(
        &self,
        fence: &Fence,
        error: &Error,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let fence = fence.clone();
        let (kind, message) = (error.kind().name(), error.message().to_owned());
        self.write("store.retry_tenant_job", move |c| Box::pin(retry(c, fence, kind, message, at, now))).await
    }
}

/// How a kind of job is kept.
fn identity(kind: TenantJobKind) -> (&'static str, String) {
    match kind {
        TenantJobKind::ReceiveInbound(id) => ("receive_inbound", id.to_string()),
    }
}

fn read_kind(row: &SqliteRow) -> Outcome<TenantJobKind> {
    let row = Columns(row);
    match row.text("kind")?.as_str() {
        "receive_inbound" => Ok(TenantJobKind::ReceiveInbound(row.id("subject")?)),
        _ => Err(Fault::Damaged("kind")),
    }
}

/// Queues a job, or makes the one there is due at once. One that is being worked on stays with its worker.
pub(super) async fn enqueue(
    connection: &mut SqliteConnection,
    kind: TenantJobKind,
    tenant: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (kind, subject) = identity(kind);
    sqlx::query(
        "INSERT INTO tenant_jobs (id, kind, subject, tenant, due_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (kind, subject) DO UPDATE SET due_at = min(due_at, excluded.due_at)",
    )
    .bind(new_id(now))
    .bind(kind)
    .bind(subject)
    .bind(tenant.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn claim(
    connection: &mut SqliteConnection,
    limit: u32,
    lease: Duration,
    now: DateTime<Utc>,
) -> Outcome<Vec<TenantJob>> {
    // The claim whose lease ran out was an attempt: a job that kills its worker must not do so for ever unnoticed.
    sqlx::query(
        "UPDATE tenant_jobs SET due_at = lease_until, lease_until = NULL, attempts = attempts + 1
         WHERE lease_until <= ?1",
    )
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    let lease = i64::try_from(lease.min(LONGEST_LEASE).as_micros()).unwrap_or(i64::MAX);
    let rows = sqlx::query(
        "UPDATE tenant_jobs SET token = token + 1, lease_until = ?1 + ?2
         WHERE seq IN (SELECT seq FROM tenant_jobs WHERE lease_until IS NULL AND due_at <= ?1
             ORDER BY due_at, seq LIMIT ?3)
         RETURNING *",
    )
    .bind(micros(now))
    .bind(lease)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    let mut jobs = rows.iter().map(read_job).collect::<Outcome<Vec<_>>>()?;
    // What RETURNING gives has no order.
    jobs.sort_by_key(|(due_at, seq, _)| (*due_at, *seq));
    Ok(jobs.into_iter().map(|(_, _, job)| job).collect())
}

fn read_job(row: &SqliteRow) -> Outcome<(i64, i64, TenantJob)> {
    let kind = read_kind(row)?;
    let row = Columns(row);
    let job = TenantJob {
        fence: Fence { job: row.id("id")?, token: row.int("token")? },
        kind,
        tenant: row.id("tenant")?,
        attempts: u32::try_from(row.count("attempts")?).unwrap_or(u32::MAX),
    };
    Ok((row.int("due_at")?, row.int("seq")?, job))
}

/// The job of a fence that still holds, as (what, whose).
pub(super) async fn held(
    connection: &mut SqliteConnection,
    fence: &Fence,
    now: DateTime<Utc>,
) -> Outcome<(TenantJobKind, Uuid)> {
    let row = sqlx::query(
        "SELECT kind, subject, tenant FROM tenant_jobs WHERE id = ?1 AND token = ?2 AND lease_until > ?3",
    )
    .bind(fence.job.to_string())
    .bind(fence.token)
    .bind(micros(now))
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| queue::fenced(fence))?;
    Ok((read_kind(&row)?, Columns(&row).id("tenant")?))
}

/// Ends a held job.
pub(super) async fn finish(connection: &mut SqliteConnection, fence: &Fence) -> Outcome<()> {
    sqlx::query("DELETE FROM tenant_jobs WHERE id = ?1")
        .bind(fence.job.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Starts the lease of a held job anew: its worker reported a step.
pub(super) async fn renew(
    connection: &mut SqliteConnection,
    fence: &Fence,
    until: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query("UPDATE tenant_jobs SET lease_until = max(lease_until, ?2) WHERE id = ?1")
        .bind(fence.job.to_string())
        .bind(micros(until))
        .execute(connection)
        .await?;
    Ok(())
}

async fn retry(
    connection: &mut SqliteConnection,
    fence: Fence,
    error_kind: &'static str,
    error: String,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    held(connection, &fence, now).await?;
    sqlx::query(
        "UPDATE tenant_jobs SET due_at = ?2, lease_until = NULL, attempts = attempts + 1, error_kind = ?3, error = ?4
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(micros(at))
    .bind(error_kind)
    .bind(error)
    .execute(connection)
    .await?;
    Ok(())
}

async fn pending(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<Pending> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM tenant_jobs WHERE lease_until IS NULL AND due_at <= ?1)
              + (SELECT count(*) FROM tenant_jobs WHERE lease_until <= ?1) AS due,
            (SELECT count(*) FROM tenant_jobs WHERE lease_until > ?1) AS claimed,
            (SELECT count(*) FROM tenant_jobs WHERE lease_until IS NULL AND due_at > ?1) AS later,
            (SELECT min(due_at) FROM tenant_jobs WHERE lease_until IS NULL AND due_at > ?1) AS next_at",
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
