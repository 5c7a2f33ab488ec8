//! Records that are gone from their platform: what was not sent of them is withdrawn.

use super::{
    fault::Outcome,
    logs::{self, Note},
    queue::{self, NewJob},
    records,
    rows::{Columns, micros},
    sync, tenants,
};
use crate::{
    model::SourceKey,
    store::{Deletion, Fence, Held, JobKind, Lane},
};
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// The code of a document that was withdrawn because its record is gone.
const WITHDRAWN: &str = "record_deleted";

/// The code of a document that was withdrawn because its record waits for something by now.
pub(super) const RECORD_WAITS: &str = "record_waits";

const MESSAGE: &str =
    "The record was deleted at its platform before this document was sent, so it is not sent.";

/// When a record was found deleted.
pub(super) async fn deletion(connection: &mut SqliteConnection, record: Uuid) -> Outcome<Option<Deletion>> {
    let row = sqlx::query("SELECT deleted_at, why FROM record_deletions WHERE record = ?1")
        .bind(record.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(Deletion { at: Columns(&row).time("deleted_at")?, why: Columns(&row).text("why")? }))
        .transpose()
}

/// Queues a fetch of what a listing of deleted records names and we have.
pub(super) async fn check(
    connection: &mut SqliteConnection,
    id: Uuid,
    keys: Vec<SourceKey>,
    lane: Lane,
    swept: bool,
    now: DateTime<Utc>,
) -> Outcome<u64> {
    let account = tenants::connection(connection, id, None).await?;
    let mut queued = 0;
    for key in keys {
        let Some(stored) = records::current(connection, &account, &key).await? else { continue };
        if deletion(connection, stored.id).await?.is_none() {
            sync::fetch_anew(connection, &account, key, lane, now).await?;
            queued += 1;
        }
    }
    if swept {
        sqlx::query(
            "INSERT INTO sync_plans (connection, swept_at) VALUES (?1, ?2)
             ON CONFLICT (connection) DO UPDATE SET swept_at = excluded.swept_at",
        )
        .bind(id.to_string())
        .bind(micros(now))
        .execute(connection)
        .await?;
    }
    Ok(queued)
}

/// Notes that a record is gone.
pub(super) async fn mark(
    connection: &mut SqliteConnection,
    key: SourceKey,
    why: String,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let job = queue::held(connection, &fence, now).await?;
    let account = tenants::connection(connection, job.connection, None).await?;
    let Some(stored) = records::current(connection, &account, &key).await? else { return Ok(false) };
    let record = stored.id;
    let noted = sqlx::query(
        "INSERT INTO record_deletions (record, deleted_at, why) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )
    .bind(record.to_string())
    .bind(micros(now))
    .bind(&why)
    .execute(&mut *connection)
    .await?;
    if noted.rows_affected() == 1 {
        withdraw(connection, account.tenant, record, now).await?;
        let (tenant, subject) = (account.tenant, record);
        let note = Note { tenant, subject, record: Some(record), event: "record.deleted", detail: &why };
        logs::note(connection, note, now).await?;
        let kind = JobKind::Prepare(record);
        let next = NewJob { kind, tenant, connection: account.id, lane: job.lane };
        queue::enqueue(connection, &next, now).await?;
    }
    queue::finish(connection, &fence, now).await?;
    Ok(true)
}

/// Ends the submissions of what the authority cannot have yet: a worker that is at it is fenced off before `sign`. What
/// takes an accepted invoice back is sent all the same.
async fn withdraw(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    record: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let rows = sqlx::query(
        "UPDATE documents SET state = 'dead', code = ?2, message = ?3, updated_at = ?4
         WHERE record = ?1 AND stage < 20 AND purpose NOT LIKE 'correction_credit_note:%' RETURNING id, number",
    )
    .bind(record.to_string())
    .bind(WITHDRAWN)
    .bind(MESSAGE)
    .bind(micros(now))
    .fetch_all(&mut *connection)
    .await?;
    note_withdrawn(connection, &rows, tenant, record, now).await
}

/// The record waits for something by now: what nobody has of it yet is not sent. Where it becomes a document again, that
/// is made under the same number, as one that was refused.
pub(super) async fn withdraw_held(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, Uuid),
    held: &Held,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let message = format!("The record changed before the document was sent. {}", held.message);
    let rows = sqlx::query(
        "UPDATE documents SET state = 'rejected', code = ?2, message = ?3, updated_at = ?4
         WHERE record = ?1 AND stage < 20 AND state NOT IN ('rejected', 'dead')
             AND purpose NOT LIKE 'correction_credit_note:%' AND purpose NOT LIKE 'debit_note%'
         RETURNING id, number",
    )
    .bind(record.to_string())
    .bind(RECORD_WAITS)
    .bind(message)
    .bind(micros(now))
    .fetch_all(&mut *connection)
    .await?;
    note_withdrawn(connection, &rows, tenant, record, now).await
}

/// Takes documents that were withdrawn, rows of `id` and `number`, off the way to the authority.
pub(super) async fn note_withdrawn(
    connection: &mut SqliteConnection,
    rows: &[SqliteRow],
    tenant: Uuid,
    record: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    for row in rows {
        let (id, number) = (Columns(row).id("id")?, Columns(row).text("number")?);
        sqlx::query("DELETE FROM jobs WHERE kind = 'submit' AND subject = ?1 AND state <> 'discarded'")
            .bind(id.to_string())
            .execute(&mut *connection)
            .await?;
        let (record, event) = (Some(record), "document.withdrawn");
        logs::note(connection, Note { tenant, subject: id, record, event, detail: &number }, now).await?;
    }
    Ok(())
}

/// A fetch found a record: it is not gone, or no longer. What was withdrawn is prepared and sent after all.
pub(super) async fn restore(
    connection: &mut SqliteConnection,
    record: Uuid,
    lane: Lane,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let gone = sqlx::query("DELETE FROM record_deletions WHERE record = ?1")
        .bind(record.to_string())
        .execute(&mut *connection)
        .await?;
    if gone.rows_affected() == 0 {
        return Ok(());
    }
    // As a refused one it is made again under its number.
    sqlx::query("UPDATE documents SET state = 'rejected', updated_at = ?3 WHERE record = ?1 AND code = ?2 AND stage < 20")
        .bind(record.to_string())
        .bind(WITHDRAWN)
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    let stored = records::record(connection, record, None).await?;
    let (tenant, subject) = (stored.tenant, record);
    let note = Note { tenant, subject, record: Some(record), event: "record.restored", detail: "" };
    logs::note(connection, note, now).await?;
    let job = NewJob { kind: JobKind::Prepare(record), tenant, connection: stored.connection, lane };
    queue::enqueue(connection, &job, now).await
}
