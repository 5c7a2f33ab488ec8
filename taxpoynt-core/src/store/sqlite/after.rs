//! What happens to documents after `sign`: the moves, and how the end of a submission calls for them.

use super::{
    Sqlite, documents,
    fault::{Outcome, not_found},
    notices, payments,
    queue::{self, HeldJob, NewJob},
    rows::Columns,
};
use crate::{
    Result,
    store::{
        AfterStore, Document, Fence, JobKind, Lane, NewNotice, Notice, Noticed, Payment, PaymentState,
        Reading, Stage, Transmission, WantedPayment,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use uuid::Uuid;

#[async_trait]
impl AfterStore for Sqlite {
    async fn want_payment(&self, wanted: &WantedPayment, now: DateTime<Utc>) -> Result<Payment> {
        let wanted = wanted.clone();
        self.write("store.want_payment", move |c| Box::pin(payments::want(c, wanted, now))).await
    }

    async fn withdraw_payment(&self, document: Uuid, now: DateTime<Utc>) -> Result<bool> {
        self.write("store.withdraw_payment", move |c| Box::pin(payments::withdraw(c, document, now))).await
    }

    async fn payment(&self, document: Uuid) -> Result<Option<Payment>> {
        self.read("store.payment", move |c| Box::pin(payments::payment(c, document))).await
    }

    async fn settle_payment(
        &self,
        document: Uuid,
        state: PaymentState,
        message: Option<&str>,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let step = payments::Step { document, state, message: message.map(str::to_owned) };
        let fence = fence.clone();
        self.write("store.settle_payment", move |c| Box::pin(payments::settle(c, step, fence, now))).await
    }

    async fn receive_notice(&self, notice: &NewNotice, now: DateTime<Utc>) -> Result<Noticed> {
        let notice = notice.clone();
        self.write("store.receive_notice", move |c| Box::pin(notices::receive(c, notice, now))).await
    }

    async fn want_reading(&self, document: Uuid, now: DateTime<Utc>) -> Result<()> {
        let kind = JobKind::Confirm(document);
        self.write("store.want_reading", move |c| Box::pin(queue_after(c, kind, document, now))).await
    }

    async fn notices(&self, irn: &str) -> Result<Vec<Notice>> {
        let irn = irn.to_owned();
        self.read("store.notices", move |c| Box::pin(notices::notices(c, irn))).await
    }

    async fn transmission(&self, document: Uuid) -> Result<Option<Transmission>> {
        self.read("store.transmission", move |c| Box::pin(notices::transmission(c, document))).await
    }

    async fn settle_reading(&self, reading: &Reading, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let (reading, fence) = (reading.clone(), fence.clone());
        self.write("store.settle_reading", move |c| Box::pin(notices::settle(c, reading, fence, now))).await
    }

    async fn notes_to(&self, tenant: Uuid, irn: &str) -> Result<Vec<Document>> {
        let irn = irn.to_owned();
        self.read("store.notes_to", move |c| Box::pin(documents::notes_to(c, tenant, irn))).await
    }
}

/// Queues what waited for a submission to get this far.
pub(super) async fn follow(
    connection: &mut SqliteConnection,
    document: &Document,
    stage: Stage,
    finished: bool,
    now: DateTime<Utc>,
) -> Outcome<()> {
    if document.stage < Stage::Signed && stage >= Stage::Signed {
        resume_correction(connection, document, now).await?;
    }
    if stage >= Stage::Signed && payments::is_open(connection, document.id).await? {
        queue_after(connection, JobKind::Payment(document.id), document.id, now).await?;
    }
    if finished && stage >= Stage::Signed && notices::is_waiting(connection, document.id).await? {
        queue_after(connection, JobKind::Confirm(document.id), document.id, now).await?;
    }
    Ok(())
}

/// A record that changed, or was cancelled, while its document was on its way can be corrected now.
async fn resume_correction(
    connection: &mut SqliteConnection,
    document: &Document,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let waits = sqlx::query(
        "SELECT 1 FROM records WHERE id = ?1 AND held_code IN ('correction_waits', 'changed_after_submission', 'sale_canceled')",
    )
    .bind(document.record.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    match waits {
        Some(_) => queue_after(connection, JobKind::Prepare(document.record), document.id, now).await,
        None => Ok(()),
    }
}

/// Queues a job about a document, under its record's connection.
pub(super) async fn queue_after(
    connection: &mut SqliteConnection,
    kind: JobKind,
    document: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let row = sqlx::query(
        "SELECT r.tenant, r.connection FROM documents d JOIN records r ON r.id = d.record WHERE d.id = ?1",
    )
    .bind(document.to_string())
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| not_found("document", document))?;
    let row = Columns(&row);
    let job =
        NewJob { kind, tenant: row.id("tenant")?, connection: row.id("connection")?, lane: Lane::Normal };
    queue::enqueue(connection, &job, now).await
}

/// The job of a fence, where it is this one.
pub(super) async fn held_for(
    connection: &mut SqliteConnection,
    kind: &JobKind,
    fence: &Fence,
    now: DateTime<Utc>,
) -> Outcome<HeldJob> {
    let job = queue::held(connection, fence, now).await?;
    if job.kind != *kind {
        Err(queue::fenced(fence))?;
    }
    Ok(job)
}
