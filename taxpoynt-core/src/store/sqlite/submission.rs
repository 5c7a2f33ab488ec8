//! How far a submission got: stages only rise, and each is timed and noted; why one waits, and how it is sent on.

use super::{
    Sqlite, after,
    documents::document,
    fault::{Outcome, Refusal, refusal},
    logs::{self, Note},
    queue::{self, NewJob},
    rows::{json, micros, stage_rank, word},
};
use crate::{
    ErrorKind, Result,
    firs::lifecycle,
    store::{
        Cost, Document, DocumentState, Fence, JobKind, Lane, Postponed, Stage, Submission, SubmissionStore,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use uuid::Uuid;

#[async_trait]
impl SubmissionStore for Sqlite {
    async fn postpone(&self, postponed: &Postponed, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let (postponed, fence) = (postponed.clone(), fence.clone());
        self.write("store.postpone", move |c| Box::pin(postpone(c, postponed, fence, now))).await
    }

    async fn hasten(&self, tenant: Uuid, now: DateTime<Utc>) -> Result<u64> {
        self.write("store.hasten", move |c| Box::pin(hasten(c, tenant, now))).await
    }

    async fn resubmit(&self, document: Uuid, tenant: Option<Uuid>, now: DateTime<Utc>) -> Result<()> {
        self.write("store.resubmit", move |c| Box::pin(resubmit(c, document, tenant, now))).await
    }
}

/// Settles a step of a submission.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    submission: Submission,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let job = queue::held(connection, &fence, now).await?;
    if job.kind != JobKind::Submit(submission.document) {
        Err(queue::fenced(&fence).with("document", submission.document))?;
    }
    let before = document(connection, submission.document, None).await?;
    let stage = before.stage.max(submission.stage);
    // What the authority has confirmed, no later answer takes back; what is told of an earlier stage comes late.
    let accepted = before.state == DocumentState::Accepted;
    let state = if accepted || submission.stage < stage { before.state } else { submission.state };
    allowed(&before, stage, state)?;
    sqlx::query(
        "UPDATE documents SET stage = ?2, state = ?3, message = ?4, updated_at = ?5,
             csid = coalesce(csid, nullif(?6, '')), code = nullif(?7, '')
         WHERE id = ?1",
    )
    .bind(submission.document.to_string())
    .bind(stage_rank(stage))
    .bind(word(&state)?)
    .bind(&submission.message)
    .bind(micros(now))
    .bind(&submission.csid)
    .bind(submission.code.as_ref().filter(|_| !accepted))
    .execute(&mut *connection)
    .await?;
    if stage > before.stage {
        time(connection, &submission, now).await?;
        note(connection, &before, &word(&stage)?, &submission, now).await?;
    }
    if state != before.state && state != DocumentState::Submitted {
        note(connection, &before, &word(&state)?, &submission, now).await?;
    }
    after::follow(connection, &before, stage, submission.finished, now).await?;
    if submission.finished {
        queue::finish(connection, &fence, now).await
    } else {
        renew(connection, &fence, now).await
    }
}

/// Only what the table of moves has: nothing jumps over `sign`, and nothing that is signed is refused.
fn allowed(before: &Document, stage: Stage, state: DocumentState) -> Result<(), Refusal> {
    if lifecycle::leads(before.stage, stage) && lifecycle::stands(stage, state) {
        return Ok(());
    }
    let message = "a submission does not move like this: see the table in docs/submission.md";
    let moved = format!("{:?} {:?} to {stage:?} {state:?}", before.stage, before.state);
    Err(refusal(ErrorKind::Conflict, message).with("document", before.id).with("moved", moved))
}

/// So recent a signature shows that others get through.
const RECENTLY: i64 = 10 * 60 * 1_000_000;

async fn postpone(
    connection: &mut SqliteConnection,
    postponed: Postponed,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let JobKind::Submit(document) = queue::held(connection, &fence, now).await?.kind else {
        Err(refusal(ErrorKind::Conflict, "only a submission waits with a reason on its document"))?
    };
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?2, parked = (?2 > ?6), lease = NULL, lease_until = NULL,
             again = 0, attempts = attempts + ?3, error_kind = ?4, error = ?5,
             troubles = troubles + (?7 AND EXISTS (SELECT 1 FROM document_stages
                 WHERE stage = 30 AND at > ?6 - ?8 AND at <= ?6 AND document <> subject))
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(micros(postponed.at))
    .bind(i64::from(postponed.cost == Cost::Attempt))
    .bind(&postponed.error_kind)
    .bind(&postponed.message)
    .bind(micros(now))
    .bind(i64::from(postponed.cost == Cost::Trouble))
    .bind(RECENTLY)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE documents SET message = ?2, code = ?3, updated_at = ?4
         WHERE id = ?1 AND state IN ('prepared', 'submitted')",
    )
    .bind(document.to_string())
    .bind(&postponed.message)
    .bind(&postponed.code)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn hasten(connection: &mut SqliteConnection, tenant: Uuid, now: DateTime<Utc>) -> Outcome<u64> {
    let hastened = sqlx::query(
        "UPDATE jobs SET due_at = min(due_at, ?2)
         WHERE kind = 'submit' AND state = 'waiting' AND tenant = ?1 AND subject IN (
             SELECT id FROM documents WHERE tenant = ?1 AND code IN (SELECT value FROM json_each(?3)))",
    )
    .bind(tenant.to_string())
    .bind(micros(now))
    .bind(json(&lifecycle::HOLDS)?)
    .execute(connection)
    .await?;
    Ok(hastened.rows_affected())
}

async fn resubmit(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let document = document(connection, id, tenant).await?;
    if document.state == DocumentState::Accepted {
        let message = "the authority has accepted this document: there is nothing left to send";
        Err(refusal(ErrorKind::Conflict, message).with("document", id))?;
    }
    if document.code.as_deref() == Some(crate::pipeline::APPROVAL_REQUIRED) {
        let message = "what this document says now waits for a person's approval: approve it, and it is sent";
        Err(refusal(ErrorKind::Conflict, message).with("document", id))?;
    }
    if document.code.as_deref() == Some(super::sync_deleted::RECORD_WAITS) {
        let message = "the record of this document waits for something by now: look at what it waits for";
        Err(refusal(ErrorKind::Conflict, message).with("document", id))?;
    }
    let gone = super::sync_deleted::deletion(connection, document.record).await?;
    if gone.is_some() && document.stage < crate::store::Stage::Signing {
        let message = "the record of this document was deleted at its platform: restore it there first";
        Err(refusal(ErrorKind::Conflict, message).with("document", id))?;
    }
    sqlx::query("DELETE FROM jobs WHERE kind = 'submit' AND subject = ?1 AND state = 'dead'")
        .bind(id.to_string())
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query("SELECT connection FROM records WHERE id = ?1")
        .bind(document.record.to_string())
        .fetch_one(&mut *connection)
        .await?;
    let connected = super::rows::Columns(&row).id("connection")?;
    let job = NewJob {
        kind: JobKind::Submit(id),
        tenant: document.tenant,
        connection: connected,
        lane: Lane::Normal,
    };
    queue::enqueue(connection, &job, now).await?;
    go_on(connection, id, now).await?;
    let (tenant, record) = (document.tenant, Some(document.record));
    let note = Note { tenant, subject: id, record, event: "document.resubmitted", detail: "" };
    logs::note(connection, note, now).await
}

/// Puts a document that stopped back on its way, at the stage it has.
pub(super) async fn go_on(
    connection: &mut SqliteConnection,
    document: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE documents SET state = CASE WHEN stage >= 30 THEN 'submitted' ELSE 'prepared' END, code = NULL,
             updated_at = ?2
         WHERE id = ?1 AND state <> 'accepted'",
    )
    .bind(document.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn time(connection: &mut SqliteConnection, submission: &Submission, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO document_stages (document, stage, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )
    .bind(submission.document.to_string())
    .bind(stage_rank(submission.stage))
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn note(
    connection: &mut SqliteConnection,
    document: &Document,
    word: &str,
    submission: &Submission,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let event = format!("document.{word}");
    let detail = submission.message.as_deref().unwrap_or_default();
    let (tenant, subject, record) = (document.tenant, document.id, Some(document.record));
    logs::note(connection, Note { tenant, subject, record, event: &event, detail }, now).await
}

/// A worker that reports a step is alive: its lease starts anew.
pub(super) async fn renew(
    connection: &mut SqliteConnection,
    fence: &Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query("UPDATE jobs SET lease_until = max(lease_until, ?2 + lease) WHERE id = ?1")
        .bind(fence.job.to_string())
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(())
}
