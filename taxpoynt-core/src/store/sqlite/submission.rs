//! How far a submission got: stages only rise, and each is timed and noted.

use super::{
    after,
    documents::document,
    fault::Outcome,
    logs::{self, Note},
    queue,
    rows::{micros, stage_rank, word},
};
use crate::store::{Document, DocumentState, Fence, JobKind, Submission};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

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
    // What the authority has confirmed, no later answer takes back.
    let accepted = before.state == DocumentState::Accepted;
    let state = if accepted { before.state } else { submission.state };
    sqlx::query(
        "UPDATE documents SET stage = ?2, state = ?3, message = ?4, updated_at = ?5, csid = coalesce(csid, nullif(?6, ''))
         WHERE id = ?1",
    )
    .bind(submission.document.to_string())
    .bind(stage_rank(stage))
    .bind(word(&state)?)
    .bind(&submission.message)
    .bind(micros(now))
    .bind(&submission.csid)
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
