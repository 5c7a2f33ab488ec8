//! What was announced about documents, and what a look at the authority showed of their transmission.

use super::{
    after::{held_for, queue_after},
    documents::document,
    fault::{Outcome, not_found},
    logs::{self, Note},
    queue,
    rows::{Columns, micros, word},
    submission,
};
use crate::store::{Fence, JobKind, NewNotice, Notice, Noticed, Reading, Transmission, TransmissionState};
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// Anyone may post: of IRNs that are not ours the newest are kept.
const OF_NOBODY: i64 = 10_000;

/// The event that may truly happen more than once.
const FAILED: &str = "FAILED";

/// Stores a notice; a new one about a document of ours queues a look at it.
pub(super) async fn receive(
    connection: &mut SqliteConnection,
    notice: NewNotice,
    now: DateTime<Utc>,
) -> Outcome<Noticed> {
    let ours = sqlx::query("SELECT id FROM documents WHERE irn = ?1")
        .bind(&notice.irn)
        .fetch_optional(&mut *connection)
        .await?;
    let ours = ours.map(|row| Columns(&row).id("id")).transpose()?;
    let known = sqlx::query("SELECT handled_at FROM authority_notices WHERE irn = ?1 AND event = ?2")
        .bind(&notice.irn)
        .bind(&notice.event)
        .fetch_optional(&mut *connection)
        .await?;
    let new = match known {
        None => {
            insert(connection, &notice, ours, now).await?;
            true
        }
        Some(row) => {
            // Each failure after another sending is one of its own, and looking once more never harms.
            let anew = notice.event == FAILED && Columns(&row).maybe_time("handled_at")?.is_some();
            again(connection, &notice, anew).await?;
            anew
        }
    };
    if let Some(id) = ours.filter(|_| new) {
        let of = document(connection, id, None).await?;
        let event = format!("notice.{}", notice.event.to_lowercase());
        let note =
            Note { tenant: of.tenant, subject: id, record: Some(of.record), event: &event, detail: "" };
        logs::note(connection, note, now).await?;
        queue_after(connection, JobKind::Confirm(id), id, now).await?;
    }
    Ok(Noticed { new, document: ours })
}

async fn insert(
    connection: &mut SqliteConnection,
    notice: &NewNotice,
    ours: Option<Uuid>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO authority_notices (irn, event, document, body, seen, received_at) VALUES (?1, ?2, ?3, ?4, 1, ?5)",
    )
    .bind(&notice.irn)
    .bind(&notice.event)
    .bind(ours.map(|id| id.to_string()))
    .bind(notice.body.as_ref())
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    if ours.is_none() {
        sqlx::query(
            "DELETE FROM authority_notices WHERE seq IN (SELECT seq FROM authority_notices WHERE document IS NULL
                 ORDER BY seq DESC LIMIT -1 OFFSET ?1)",
        )
        .bind(OF_NOBODY)
        .execute(connection)
        .await?;
    }
    Ok(())
}

async fn again(connection: &mut SqliteConnection, notice: &NewNotice, anew: bool) -> Outcome<()> {
    sqlx::query(
        "UPDATE authority_notices SET seen = seen + 1, handled_at = CASE WHEN ?3 THEN NULL ELSE handled_at END
         WHERE irn = ?1 AND event = ?2",
    )
    .bind(&notice.irn)
    .bind(&notice.event)
    .bind(anew)
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a notice about a document was not looked into yet.
pub(super) async fn is_waiting(connection: &mut SqliteConnection, document: Uuid) -> Outcome<bool> {
    let waiting =
        sqlx::query("SELECT 1 FROM authority_notices WHERE document = ?1 AND handled_at IS NULL LIMIT 1")
            .bind(document.to_string())
            .fetch_optional(connection)
            .await?;
    Ok(waiting.is_some())
}

/// The notices of an IRN.
pub(super) async fn notices(connection: &mut SqliteConnection, irn: String) -> Outcome<Vec<Notice>> {
    let rows = sqlx::query("SELECT * FROM authority_notices WHERE irn = ?1 ORDER BY seq")
        .bind(irn)
        .fetch_all(connection)
        .await?;
    rows.iter().map(read_notice).collect()
}

fn read_notice(row: &SqliteRow) -> Outcome<Notice> {
    let row = Columns(row);
    Ok(Notice {
        irn: row.text("irn")?,
        event: row.text("event")?,
        body: row.bytes("body")?,
        seen: row.count("seen")?,
        received_at: row.time("received_at")?,
        handled_at: row.maybe_time("handled_at")?,
    })
}

/// The transmission of a document.
pub(super) async fn transmission(
    connection: &mut SqliteConnection,
    document: Uuid,
) -> Outcome<Option<Transmission>> {
    let row = sqlx::query("SELECT * FROM transmissions WHERE document = ?1")
        .bind(document.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let row = Columns(&row);
    Ok(Some(Transmission {
        document,
        state: row.word("state")?,
        transmitted_at: row.maybe_time("transmitted_at")?,
        acknowledged_at: row.maybe_time("acknowledged_at")?,
        failed_at: row.maybe_time("failed_at")?,
        resent: u32::try_from(row.count("resent")?).unwrap_or(u32::MAX),
        message: row.maybe_text("message")?,
    }))
}

/// Records what was read.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    reading: Reading,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    held_for(connection, &JobKind::Confirm(reading.document), &fence, now).await?;
    let before = transmission(connection, reading.document).await?;
    store(connection, &reading, now).await?;
    if before.as_ref().map(|before| before.state) != Some(reading.state) {
        note(connection, &reading, now).await?;
    }
    for (event, seen) in &reading.handled {
        sqlx::query(
            "UPDATE authority_notices SET handled_at = ?4
             WHERE document = ?1 AND event = ?2 AND seen = ?3 AND handled_at IS NULL",
        )
        .bind(reading.document.to_string())
        .bind(event)
        .bind(i64::try_from(*seen).unwrap_or(i64::MAX))
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    }
    if reading.finished {
        queue::finish(connection, &fence, now).await
    } else {
        submission::renew(connection, &fence, now).await
    }
}

/// First times stay; the last failure counts.
async fn store(connection: &mut SqliteConnection, reading: &Reading, now: DateTime<Utc>) -> Outcome<()> {
    let reached = |states: &[TransmissionState]| states.contains(&reading.state).then(|| micros(now));
    sqlx::query(
        "INSERT INTO transmissions (document, state, transmitted_at, acknowledged_at, failed_at, resent, message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (document) DO UPDATE SET
             state = excluded.state,
             transmitted_at = coalesce(transmitted_at, excluded.transmitted_at),
             acknowledged_at = coalesce(acknowledged_at, excluded.acknowledged_at),
             failed_at = coalesce(excluded.failed_at, failed_at),
             resent = resent + excluded.resent,
             message = excluded.message",
    )
    .bind(reading.document.to_string())
    .bind(word(&reading.state)?)
    .bind(reached(&[TransmissionState::Transmitted, TransmissionState::Acknowledged]))
    .bind(reached(&[TransmissionState::Acknowledged]))
    .bind(reached(&[TransmissionState::TransmitFailed]))
    .bind(i64::from(reading.resent))
    .bind(&reading.message)
    .execute(connection)
    .await?;
    Ok(())
}

async fn note(connection: &mut SqliteConnection, reading: &Reading, now: DateTime<Utc>) -> Outcome<()> {
    let row = sqlx::query("SELECT tenant, record FROM documents WHERE id = ?1")
        .bind(reading.document.to_string())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| not_found("document", reading.document))?;
    let row = Columns(&row);
    let event = match reading.state {
        // A submission notes this word itself; here it is what the authority shows.
        TransmissionState::Transmitted => "document.shown_transmitted".to_owned(),
        TransmissionState::Transmitting => "document.shown_transmitting".to_owned(),
        state => format!("document.{}", word(&state)?),
    };
    let detail = reading.message.as_deref().unwrap_or_default();
    let (tenant, record) = (row.id("tenant")?, Some(row.id("record")?));
    logs::note(connection, Note { tenant, subject: reading.document, record, event: &event, detail }, now)
        .await
}
