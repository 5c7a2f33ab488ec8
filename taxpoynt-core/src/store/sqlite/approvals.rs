//! Drafts that a person approves, asked about in the move that settles their record.

use super::{
    Sqlite,
    fault::{Outcome, not_found, refusal},
    logs::{self, Note},
    page,
    queue::{self, NewJob},
    records,
    rows::{Columns, micros, new_id, word},
    sync_deleted,
};
use crate::{
    ErrorKind, Result,
    pipeline::APPROVAL_REQUIRED,
    store::{
        Approval, ApprovalFilter, ApprovalState, ApprovalStore, Decided, JobKind, Lane, Page, WantedApproval,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl ApprovalStore for Sqlite {
    async fn approvals(&self, filter: &ApprovalFilter) -> Result<Page<Approval>> {
        let filter = filter.clone();
        self.read("store.approvals", move |c| Box::pin(list(c, filter))).await
    }

    async fn approval(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Approval> {
        self.read("store.approval", move |c| Box::pin(one(c, id, tenant))).await
    }

    async fn decision(
        &self,
        record: Uuid,
        purpose: &str,
        content_hash: &str,
    ) -> Result<Option<ApprovalState>> {
        let (purpose, content_hash) = (purpose.to_owned(), content_hash.to_owned());
        self.read("store.decision", move |c| Box::pin(state_of(c, record, purpose, content_hash))).await
    }

    async fn decide(&self, decided: &Decided, now: DateTime<Utc>) -> Result<Approval> {
        let decided = decided.clone();
        self.write("store.decide", move |c| Box::pin(decide(c, decided, now))).await
    }
}

const COLUMNS: &str =
    "a.seq, a.id, a.tenant, a.record, r.external_id, a.purpose, a.content_hash, a.rule, a.currency,
    a.payable_amount, a.invoice, a.state, a.asked_at, a.decided_at, a.decided_by, a.note";

async fn list(connection: &mut SqliteConnection, filter: ApprovalFilter) -> Outcome<Page<Approval>> {
    let (limit, before) = page::ask(filter.limit, filter.cursor.as_deref())?;
    let state = filter.state.map(|state| word(&state)).transpose()?;
    let query = format!(
        "SELECT {COLUMNS} FROM approvals a JOIN records r ON r.id = a.record
         WHERE (?1 IS NULL OR a.tenant = ?1) AND (?2 IS NULL OR a.state = ?2) AND a.seq < ?3
         ORDER BY a.seq DESC LIMIT ?4"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(query))
        .bind(filter.tenant.map(|tenant| tenant.to_string()))
        .bind(state)
        .bind(before)
        .bind(limit + 1)
        .fetch_all(connection)
        .await?;
    page::cut(&rows, limit, read)
}

async fn one(connection: &mut SqliteConnection, id: Uuid, tenant: Option<Uuid>) -> Outcome<Approval> {
    let query = format!(
        "SELECT {COLUMNS} FROM approvals a JOIN records r ON r.id = a.record
         WHERE a.id = ?1 AND (?2 IS NULL OR a.tenant = ?2)"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(query))
        .bind(id.to_string())
        .bind(tenant.map(|tenant| tenant.to_string()))
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("approval", id))?;
    read(&row)
}

fn read(row: &SqliteRow) -> Outcome<Approval> {
    let row = Columns(row);
    Ok(Approval {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        record: row.id("record")?,
        source_id: row.text("external_id")?,
        wanted: WantedApproval {
            purpose: row.text("purpose")?,
            content_hash: row.text("content_hash")?,
            rule: row.text("rule")?,
            currency: row.text("currency")?,
            payable_amount: row.text("payable_amount")?,
            invoice: row.text("invoice")?,
        },
        state: row.word("state")?,
        asked_at: row.time("asked_at")?,
        decided_at: row.maybe_time("decided_at")?,
        decided_by: row.maybe_text("decided_by")?,
        note: row.maybe_text("note")?,
    })
}

async fn state_of(
    connection: &mut SqliteConnection,
    record: Uuid,
    purpose: String,
    content_hash: String,
) -> Outcome<Option<ApprovalState>> {
    let row =
        sqlx::query("SELECT state FROM approvals WHERE record = ?1 AND purpose = ?2 AND content_hash = ?3")
            .bind(record.to_string())
            .bind(purpose)
            .bind(content_hash)
            .fetch_optional(connection)
            .await?;
    row.map(|row| Columns(&row).word("state")).transpose()
}

/// What a record's drafts wait for from now on; what else of it waited is outdated.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, Uuid),
    wanted: &[WantedApproval],
    now: DateTime<Utc>,
) -> Outcome<()> {
    let outdated = sqlx::query(
        "UPDATE approvals SET state = 'outdated' WHERE record = ?1 AND state = 'waiting' RETURNING purpose, content_hash",
    )
    .bind(record.to_string())
    .fetch_all(&mut *connection)
    .await?;
    for wanted in wanted {
        let same = |row: &SqliteRow| {
            let row = Columns(row);
            Ok::<_, super::fault::Fault>(
                row.text("purpose")? == wanted.purpose && row.text("content_hash")? == wanted.content_hash,
            )
        };
        let waited = outdated.iter().map(same).collect::<Outcome<Vec<bool>>>()?.contains(&true);
        ask(connection, (tenant, record), wanted, now).await?;
        if !waited {
            let detail = format!(
                "{} {} {}, by {}",
                wanted.purpose, wanted.payable_amount, wanted.currency, wanted.rule
            );
            let (subject, event) = (record, "approval.asked");
            let note = Note { tenant, subject, record: Some(record), event, detail: &detail };
            logs::note(connection, note, now).await?;
        }
        withdraw(connection, (tenant, record), wanted, now).await?;
    }
    Ok(())
}

/// A content that was asked about before keeps its id, and since when it waits.
async fn ask(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, Uuid),
    wanted: &WantedApproval,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO approvals (id, tenant, record, purpose, content_hash, rule, currency, payable_amount, invoice, state,
             asked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?10)
         ON CONFLICT (record, purpose, content_hash) DO UPDATE SET state = 'waiting', rule = excluded.rule,
             invoice = excluded.invoice
         WHERE state = 'outdated'",
    )
    .bind(new_id(now))
    .bind(tenant.to_string())
    .bind(record.to_string())
    .bind(&wanted.purpose)
    .bind(&wanted.content_hash)
    .bind(&wanted.rule)
    .bind(&wanted.currency)
    .bind(&wanted.payable_amount)
    .bind(&wanted.invoice)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// What was approved and prepared before is not what the record says now: where nobody has it yet, it is not sent. A
/// worker that is at it is fenced off before `sign`. Once approved, it is made again under its number, as one that was
/// refused.
async fn withdraw(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, Uuid),
    wanted: &WantedApproval,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let rows = sqlx::query(
        "UPDATE documents SET state = 'rejected', code = ?5, updated_at = ?4,
             message = 'The record changed before the document was sent: what it says now waits for approval.'
         WHERE record = ?1 AND purpose = ?2 AND content_hash <> ?3 AND stage < 20 AND state <> 'rejected'
         RETURNING id, number",
    )
    .bind(record.to_string())
    .bind(&wanted.purpose)
    .bind(&wanted.content_hash)
    .bind(micros(now))
    .bind(APPROVAL_REQUIRED)
    .fetch_all(&mut *connection)
    .await?;
    sync_deleted::note_withdrawn(connection, &rows, tenant, record, now).await
}

async fn decide(
    connection: &mut SqliteConnection,
    decided: Decided,
    now: DateTime<Utc>,
) -> Outcome<Approval> {
    let approval = one(connection, decided.id, decided.tenant).await?;
    let wanted = if decided.approved { ApprovalState::Approved } else { ApprovalState::Refused };
    match approval.state {
        state if state == wanted => return Ok(approval),
        ApprovalState::Waiting => {}
        ApprovalState::Outdated => {
            let message = "the record says something else by now, or waits for something else: look at what it waits for";
            Err(refusal(ErrorKind::Conflict, message).with("approval", approval.id))?;
        }
        _ => {
            let message = "this was decided otherwise already, and a decision stays: change the record, which asks again";
            Err(refusal(ErrorKind::Conflict, message).with("approval", approval.id))?;
        }
    }
    sqlx::query("UPDATE approvals SET state = ?2, decided_at = ?3, decided_by = ?4, note = ?5 WHERE id = ?1")
        .bind(approval.id.to_string())
        .bind(word(&wanted)?)
        .bind(micros(now))
        .bind(&decided.by)
        .bind(&decided.note)
        .execute(&mut *connection)
        .await?;
    let event = if decided.approved { "approval.given" } else { "approval.refused" };
    let why = decided.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    let detail = format!("{} by {}{why}", approval.wanted.purpose, decided.by);
    let (tenant, subject) = (approval.tenant, approval.record);
    let note = Note { tenant, subject, record: Some(subject), event, detail: &detail };
    logs::note(connection, note, now).await?;
    let stored = records::record(connection, approval.record, None).await?;
    let job = NewJob {
        kind: JobKind::Prepare(stored.id),
        tenant,
        connection: stored.connection,
        lane: Lane::Normal,
    };
    queue::enqueue(connection, &job, now).await?;
    one(connection, decided.id, decided.tenant).await
}
