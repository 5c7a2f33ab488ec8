//! Pages of a pull: stored together with the place after them, and the fetches they ask for.

use super::runs::{after, held, number, read_run};
use crate::{
    model::SourceKey,
    store::{
        Change, Connection, Fence, JobKind, Lane, PutRecord, SyncCounts, SyncPage,
        sqlite::{
            fault::Outcome,
            queue::{self, NewJob},
            records,
            rows::{json, micros},
            sync_deleted, tenants,
        },
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;
use uuid::Uuid;

pub(super) async fn put_page(
    connection: &mut SqliteConnection,
    page: SyncPage,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<SyncCounts> {
    let run = read_run(&held(connection, &fence, now).await?)?;
    let account = tenants::connection(connection, run.connection, None).await?;
    let mut counts = SyncCounts {
        pages: 1,
        seen: (page.records.len() + page.failed.len()) as u64,
        failed: page.failed.len() as u64,
        ..SyncCounts::default()
    };
    for raw in page.records {
        let key = raw.key.clone();
        let put = PutRecord { connection: account.id, raw, lane: page.lane, queue: true };
        let (record, change) = records::put_record(connection, put, None, now).await?;
        match change {
            Change::New => counts.new += 1,
            Change::Changed => counts.changed += 1,
            Change::Unchanged => counts.unchanged += 1,
        }
        // A listing may be behind: only a fetch says that what was deleted is back.
        let deletion = sync_deleted::deletion(connection, record).await?;
        if deletion.is_some_and(|gone| change == Change::Changed || gone.at + BEHIND < now) {
            fetch_anew(connection, &account, key, page.lane, now).await?;
        }
    }
    for key in page.failed.into_iter().filter(|key| !key.id.is_empty()) {
        fetch(connection, &account, key, page.lane, now).await?;
    }
    sqlx::query(
        "UPDATE sync_runs SET walk = ?2, evidence = ?3, pages = pages + 1, seen = seen + ?4, new = new + ?5,
             changed = changed + ?6, unchanged = unchanged + ?7, failed = failed + ?8,
             total = coalesce(total, ?9), error = NULL, updated_at = ?10, lease_until = ?11
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(json(&page.walk)?)
    .bind(json(&page.evidence)?)
    .bind(number(counts.seen))
    .bind(number(counts.new))
    .bind(number(counts.changed))
    .bind(number(counts.unchanged))
    .bind(number(counts.failed))
    .bind(page.total.map(number))
    .bind(micros(now))
    .bind(after(now, page.lease))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE sync_plans SET seen_until = max(coalesce(seen_until, ?2), ?2) WHERE connection = ?1 AND ?2 IS NOT NULL")
        .bind(account.id.to_string())
        .bind(page.latest.map(micros))
        .execute(connection)
        .await?;
    Ok(counts)
}

/// No listing is behind by more: what it still shows then was hardly deleted.
const BEHIND: TimeDelta = TimeDelta::hours(1);

/// Queues a fetch, unless one of this record was given up and waits for a person.
async fn fetch(
    connection: &mut SqliteConnection,
    account: &Connection,
    key: SourceKey,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let kind = JobKind::Fetch(key);
    let (name, subject) = queue::identity(&kind, account.id);
    let dead = sqlx::query("SELECT 1 FROM jobs WHERE kind = ?1 AND subject = ?2 AND state = 'dead'")
        .bind(name)
        .bind(subject)
        .fetch_optional(&mut *connection)
        .await?;
    if dead.is_some() {
        return Ok(());
    }
    let job = NewJob { kind, tenant: account.tenant, connection: account.id, lane };
    queue::enqueue(connection, &job, now).await
}

/// Queues a fetch for a reason of its own, in place of one that was given up.
pub(in crate::store::sqlite) async fn fetch_anew(
    connection: &mut SqliteConnection,
    account: &Connection,
    key: SourceKey,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (name, subject) = queue::identity(&JobKind::Fetch(key.clone()), account.id);
    sqlx::query("DELETE FROM jobs WHERE kind = ?1 AND subject = ?2 AND state = 'dead'")
        .bind(name)
        .bind(subject)
        .execute(&mut *connection)
        .await?;
    fetch(connection, account, key, lane, now).await
}

pub(super) async fn fetch_all(
    connection: &mut SqliteConnection,
    id: Uuid,
    keys: Vec<SourceKey>,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let account = tenants::connection(connection, id, None).await?;
    for key in keys {
        fetch_anew(connection, &account, key, lane, now).await?;
    }
    Ok(())
}
