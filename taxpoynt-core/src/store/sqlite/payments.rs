//! The payment of a document: wanted once, sent after `sign`, and final when told.

use super::{
    after::{held_for, queue_after},
    fault::{Outcome, not_found, refusal},
    logs::{self, Note},
    queue,
    rows::{Columns, micros, stage_rank, word},
    submission,
};
use crate::{
    ErrorKind,
    store::{Fence, JobKind, Payment, PaymentState, Stage, WantedPayment},
};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use taxpoynt_ubl::PaymentStatus;
use uuid::Uuid;

/// How far it got.
pub(super) struct Step {
    pub(super) document: Uuid,
    pub(super) state: PaymentState,
    pub(super) message: Option<String>,
}

/// The document a payment belongs to.
struct Of {
    document: Uuid,
    tenant: Uuid,
    record: Uuid,
    is_signed: bool,
}

async fn read_document(connection: &mut SqliteConnection, document: Uuid) -> Outcome<Of> {
    let row = sqlx::query("SELECT tenant, record, stage >= ?2 AS signed FROM documents WHERE id = ?1")
        .bind(document.to_string())
        .bind(stage_rank(Stage::Signed))
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("document", document))?;
    let row = Columns(&row);
    Ok(Of {
        document,
        tenant: row.id("tenant")?,
        record: row.id("record")?,
        is_signed: row.int("signed")? == 1,
    })
}

/// Notes what is wanted, and queues it where the document is signed.
pub(super) async fn want(
    connection: &mut SqliteConnection,
    wish: WantedPayment,
    now: DateTime<Utc>,
) -> Outcome<Payment> {
    if !matches!(wish.status, PaymentStatus::Paid | PaymentStatus::Rejected) {
        let message = "a document starts as PENDING: report PAID or REJECTED";
        Err(refusal(ErrorKind::Config, message).with("field", "status"))?;
    }
    let of = read_document(connection, wish.document).await?;
    match payment(connection, wish.document).await? {
        None => insert(connection, &wish, now).await?,
        Some(known) if known.status == wish.status => {
            // A reference that comes later is still told, as long as nothing was sent.
            if known.state != PaymentState::Wanted
                || wish.reference.is_none()
                || known.reference == wish.reference
            {
                return Ok(known);
            }
            replace(connection, &wish).await?;
        }
        Some(known) if known.state == PaymentState::Wanted => replace(connection, &wish).await?,
        Some(known) => Err(refusal(
            ErrorKind::Conflict,
            format!(
                "the document was reported as {} already, which is final: correct it with a credit note",
                word(&known.status)?
            ),
        )
        .with("document", wish.document))?,
    }
    let detail = match &wish.reference {
        Some(reference) => format!("{} ({reference})", word(&wish.status)?),
        None => word(&wish.status)?,
    };
    note(connection, &of, "payment.wanted", &detail, now).await?;
    if of.is_signed {
        queue_after(connection, JobKind::Payment(wish.document), wish.document, now).await?;
    }
    payment(connection, wish.document).await?.ok_or_else(|| not_found("payment", wish.document).into())
}

async fn insert(connection: &mut SqliteConnection, wish: &WantedPayment, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO payments (document, status, reference, origin, state, requested_at)
         VALUES (?1, ?2, ?3, ?4, 'wanted', ?5)",
    )
    .bind(wish.document.to_string())
    .bind(word(&wish.status)?)
    .bind(&wish.reference)
    .bind(word(&wish.origin)?)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn replace(connection: &mut SqliteConnection, wish: &WantedPayment) -> Outcome<()> {
    sqlx::query("UPDATE payments SET status = ?2, reference = ?3, origin = ?4 WHERE document = ?1 AND state = 'wanted'")
        .bind(wish.document.to_string())
        .bind(word(&wish.status)?)
        .bind(&wish.reference)
        .bind(word(&wish.origin)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes back what was never sent. Its job finds nothing to do.
pub(super) async fn withdraw(
    connection: &mut SqliteConnection,
    document: Uuid,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let of = read_document(connection, document).await?;
    let gone =
        sqlx::query("DELETE FROM payments WHERE document = ?1 AND state = 'wanted' AND origin = 'record'")
            .bind(document.to_string())
            .execute(&mut *connection)
            .await?
            .rows_affected()
            == 1;
    if gone {
        note(connection, &of, "payment.withdrawn", "", now).await?;
    }
    Ok(gone)
}

/// The payment of a document.
pub(super) async fn payment(connection: &mut SqliteConnection, document: Uuid) -> Outcome<Option<Payment>> {
    let row = sqlx::query("SELECT * FROM payments WHERE document = ?1")
        .bind(document.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let row = Columns(&row);
    Ok(Some(Payment {
        document,
        status: row.word("status")?,
        reference: row.maybe_text("reference")?,
        origin: row.word("origin")?,
        state: row.word("state")?,
        message: row.maybe_text("message")?,
        requested_at: row.time("requested_at")?,
        sent_at: row.maybe_time("sent_at")?,
        settled_at: row.maybe_time("settled_at")?,
    }))
}

/// Whether there is something left to tell.
pub(super) async fn is_open(connection: &mut SqliteConnection, document: Uuid) -> Outcome<bool> {
    let open = sqlx::query("SELECT 1 FROM payments WHERE document = ?1 AND state IN ('wanted', 'sending')")
        .bind(document.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(open.is_some())
}

/// Records how far it got. The end stays.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    step: Step,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    held_for(connection, &JobKind::Payment(step.document), &fence, now).await?;
    let ends = matches!(step.state, PaymentState::Done | PaymentState::Refused);
    let moved = sqlx::query(
        "UPDATE payments SET state = ?2, message = ?3, settled_at = CASE WHEN ?4 THEN ?5 END,
             sent_at = CASE WHEN ?2 = 'sending' THEN coalesce(sent_at, ?5) ELSE sent_at END
         WHERE document = ?1 AND state IN ('wanted', 'sending') AND (state <> ?2 OR ?4)",
    )
    .bind(step.document.to_string())
    .bind(word(&step.state)?)
    .bind(&step.message)
    .bind(ends)
    .bind(micros(now))
    .execute(&mut *connection)
    .await?
    .rows_affected()
        == 1;
    if moved {
        let of = read_document(connection, step.document).await?;
        let event = format!("payment.{}", word(&step.state)?);
        note(connection, &of, &event, step.message.as_deref().unwrap_or_default(), now).await?;
    }
    if ends {
        queue::finish(connection, &fence, now).await
    } else {
        submission::renew(connection, &fence, now).await
    }
}

async fn note(
    connection: &mut SqliteConnection,
    of: &Of,
    event: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let note = Note { tenant: of.tenant, subject: of.document, record: Some(of.record), event, detail };
    logs::note(connection, note, now).await
}
