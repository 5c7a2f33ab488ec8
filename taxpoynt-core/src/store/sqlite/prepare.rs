//! What became of a record: numbers are taken, documents stored or corrected, submissions queued, all in one move.

use super::{
    approvals,
    fault::{Outcome, Refusal, not_found, refusal},
    grounds,
    logs::{self, Note},
    queue::{self, NewJob},
    rows::{Columns, micros, new_id, stage_rank, word},
    sync_deleted, waiting,
};
use crate::{
    ErrorKind,
    firs::lifecycle,
    store::{Fence, Held, JobKind, NewDocument, Prepared, PreparedDocument, Stage, Taken},
};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

/// The record that is settled.
struct Of {
    seq: i64,
    record: Uuid,
    tenant: Uuid,
    connection: Uuid,
    held: Option<Held>,
}

/// Settles a record.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    prepared: Prepared,
    fence: Option<Fence>,
    now: DateTime<Utc>,
) -> Outcome<Vec<Uuid>> {
    let received_at = match &fence {
        Some(fence) => queue::held(connection, fence, now).await?.received_at,
        None => None,
    };
    let of = read_record(connection, prepared.record).await?;
    not_deleted(connection, &prepared).await?;
    let mut ids = Vec::with_capacity(prepared.documents.len());
    for document in &prepared.documents {
        let id = store(connection, &of, document, now).await?;
        let kind = JobKind::Submit(id);
        let job = NewJob { kind, tenant: of.tenant, connection: of.connection, lane: prepared.lane };
        queue::restart(connection, &job, received_at, now).await?;
        ids.push(id);
    }
    waiting::settle(connection, (of.tenant, of.seq), &prepared.waiting, now).await?;
    approvals::settle(connection, (of.tenant, of.record), &prepared.waiting.approvals, now).await?;
    if let Some(held) = prepared.held.as_ref().filter(|_| prepared.waiting.withdrawn) {
        sync_deleted::withdraw_held(connection, (of.tenant, of.record), held, now).await?;
    }
    hold(connection, &of, prepared.held.as_ref(), now).await?;
    if let Some(fence) = &fence {
        queue::finish(connection, fence, now).await?;
    }
    Ok(ids)
}

/// What was found deleted while it was prepared is invoiced no more; what takes an invoice back is.
async fn not_deleted(connection: &mut SqliteConnection, prepared: &Prepared) -> Outcome<()> {
    let invoices =
        prepared.documents.iter().any(|d| !d.document.purpose.starts_with("correction_credit_note:"));
    if invoices && sync_deleted::deletion(connection, prepared.record).await?.is_some() {
        let message = "the record was deleted at its platform meanwhile: prepare it again";
        Err(refusal(ErrorKind::Conflict, message).with("record", prepared.record).again())?;
    }
    Ok(())
}

async fn read_record(connection: &mut SqliteConnection, record: Uuid) -> Outcome<Of> {
    let row =
        sqlx::query("SELECT seq, tenant, connection, held_code, held_message FROM records WHERE id = ?1")
            .bind(record.to_string())
            .fetch_optional(connection)
            .await?
            .ok_or_else(|| not_found("record", record))?;
    let row = Columns(&row);
    let held = row.maybe_text("held_code")?.zip(row.maybe_text("held_message")?);
    Ok(Of {
        seq: row.int("seq")?,
        record,
        tenant: row.id("tenant")?,
        connection: row.id("connection")?,
        held: held.map(|(code, message)| Held { code, message }),
    })
}

/// Stores a new document, or corrects the one of this purpose.
async fn store(
    connection: &mut SqliteConnection,
    of: &Of,
    prepared: &PreparedDocument,
    now: DateTime<Utc>,
) -> Outcome<Uuid> {
    let document = &prepared.document;
    let row = sqlx::query(
        "SELECT id, stage, state, code, number FROM documents WHERE record = ?1 AND purpose = ?2",
    )
    .bind(of.record.to_string())
    .bind(&document.purpose)
    .fetch_optional(&mut *connection)
    .await?;
    let under = Under::of(connection, prepared).await?;
    let (id, event) = match row {
        None => {
            take(connection, of.tenant, &prepared.taken).await?;
            (insert(connection, of, prepared, &under, now).await?, "document.prepared")
        }
        Some(row) => {
            let row = Columns(&row);
            let id = row.id("id")?;
            let (stage, code) = (row.stage("stage")?, row.maybe_text("code")?);
            let is_open = lifecycle::is_open(stage, row.word("state")?, code.as_deref());
            may_be_corrected(is_open, &row.text("number")?, document)?;
            is_free(connection, of.tenant, Some(id), document).await?;
            correct(connection, id, document, &under, now).await?;
            (id, "document.corrected")
        }
    };
    let note =
        Note { tenant: of.tenant, subject: id, record: Some(of.record), event, detail: &document.number };
    logs::note(connection, note, now).await?;
    Ok(id)
}

/// What a document was drafted under.
struct Under<'p> {
    grounds: Option<i64>,
    version: Option<&'p str>,
}

impl<'p> Under<'p> {
    async fn of(connection: &mut SqliteConnection, prepared: &'p PreparedDocument) -> Outcome<Self> {
        let Some(kept) = &prepared.grounds else { return Ok(Self { grounds: None, version: None }) };
        Ok(Self { grounds: Some(grounds::kept(connection, kept).await?), version: Some(&kept.body_hash) })
    }
}

/// What nobody has may be corrected; it keeps its number, and with it its IRN unless the seller's service id was wrong.
fn may_be_corrected(is_open: bool, number: &str, new: &NewDocument) -> Result<(), Refusal> {
    if !is_open {
        let message = "the authority may have this document already, so it is not edited: prepare it again, which corrects it";
        return Err(refusal(ErrorKind::Conflict, message).with("number", number).again());
    }
    if number != new.number {
        let message = "this document keeps its number when it is corrected: prepare it with the stored one";
        return Err(refusal(ErrorKind::Conflict, message).with("number", number).again());
    }
    Ok(())
}

/// The number the next document of a series takes.
pub(super) async fn next_number(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    series: String,
) -> Outcome<u64> {
    let row = sqlx::query("SELECT next FROM number_series WHERE tenant = ?1 AND series = ?2")
        .bind(tenant.to_string())
        .bind(series)
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(1), |row| Columns(&row).count("next"))
}

async fn take(connection: &mut SqliteConnection, tenant: Uuid, taken: &Taken) -> Outcome<()> {
    let next = next_number(connection, tenant, taken.series.clone()).await?;
    if taken.number != next {
        let message = "this number was taken by another document: prepare again with the next one";
        Err(refusal(ErrorKind::Conflict, message).with("series", &taken.series).with("next", next).again())?;
    }
    sqlx::query(
        "INSERT INTO number_series (tenant, series, next) VALUES (?1, ?2, 2)
         ON CONFLICT (tenant, series) DO UPDATE SET next = next + 1",
    )
    .bind(tenant.to_string())
    .bind(&taken.series)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    of: &Of,
    prepared: &PreparedDocument,
    under: &Under<'_>,
    now: DateTime<Utc>,
) -> Outcome<Uuid> {
    let document = &prepared.document;
    is_free(connection, of.tenant, None, document).await?;
    takes_no_more(connection, of.tenant, document).await?;
    let id = new_id(now);
    sqlx::query(
        "INSERT INTO documents (id, tenant, record, purpose, series, series_number, number, irn, stamp, document_type,
             kind, issue_date, currency, payable_amount, content_hash, invoice, ubl, mbs, provenance, state, stage,
             created_at, updated_at, report_by, grounds, drafted_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 'prepared', 0,
             ?20, ?20, ?21, ?22, ?23)",
    )
    .bind(&id)
    .bind(of.tenant.to_string())
    .bind(of.record.to_string())
    .bind(&document.purpose)
    .bind(&prepared.taken.series)
    .bind(i64::try_from(prepared.taken.number).unwrap_or(i64::MAX))
    .bind(&document.number)
    .bind(&document.irn)
    .bind(&document.stamp)
    .bind(word(&document.document_type)?)
    .bind(&document.kind)
    .bind(document.issue_date.to_string())
    .bind(&document.currency)
    .bind(&document.payable_amount)
    .bind(&document.content_hash)
    .bind(&document.invoice)
    .bind(document.ubl.as_ref())
    .bind(document.mbs.as_ref())
    .bind(&document.provenance)
    .bind(micros(now))
    .bind(document.report_by.map(micros))
    .bind(under.grounds)
    .bind(under.version)
    .execute(&mut *connection)
    .await?;
    reach_draft(connection, &id, now).await?;
    Uuid::parse_str(&id).map_err(|_| super::fault::Fault::Damaged("id"))
}

/// Two series whose templates can print the same text, or two tenants with one service id: preparing again would not
/// help, so this is no conflict of two writers.
async fn is_free(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    of: Option<Uuid>,
    document: &NewDocument,
) -> Outcome<()> {
    let used = sqlx::query(
        "SELECT 1 FROM documents WHERE (irn = ?1 OR (tenant = ?2 AND number = ?3)) AND (?4 IS NULL OR id <> ?4)",
    )
    .bind(&document.irn)
    .bind(tenant.to_string())
    .bind(&document.number)
    .bind(of.map(|id| id.to_string()))
    .fetch_optional(connection)
    .await?;
    if used.is_some() {
        let message =
            "another document has this number or IRN already: give the tenant a number series of its own";
        Err(refusal(ErrorKind::Config, message)
            .with("field", "number_series")
            .with("number", &document.number))?;
    }
    Ok(())
}

/// A document that a credit note took back in full takes no further note, and one that has a note is not taken back in
/// full: the same amount would go back twice. Whoever was not seen when the note was drafted is seen next time.
async fn takes_no_more(connection: &mut SqliteConnection, tenant: Uuid, note: &NewDocument) -> Outcome<()> {
    if note.document_type == DocumentType::Invoice {
        return Ok(());
    }
    let other = sqlx::query(
        "SELECT d.number FROM documents d
         WHERE d.tenant = ?1 AND d.document_type <> 'invoice' AND json_valid(d.invoice)
             AND json_extract(d.invoice, '$.references[0].irn') = json_extract(?2, '$.references[0].irn')
             AND (?3 LIKE 'correction_credit_note:%' OR d.purpose LIKE 'correction_credit_note:%')
         LIMIT 1",
    )
    .bind(tenant.to_string())
    .bind(&note.invoice)
    .bind(&note.purpose)
    .fetch_optional(connection)
    .await?;
    match other {
        None => Ok(()),
        Some(row) => {
            let message = "another note corrects the same document: look at it before drafting this one";
            Err(refusal(ErrorKind::Conflict, message).with("number", Columns(&row).text("number")?).again())?
        }
    }
}

/// Replaces what the document says. The stamp stays with the IRN it was made for: the first one stored is *the* stamp.
async fn correct(
    connection: &mut SqliteConnection,
    id: Uuid,
    document: &NewDocument,
    under: &Under<'_>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE documents SET stamp = CASE irn WHEN ?13 THEN stamp ELSE ?14 END, irn = ?13, document_type = ?2,
             kind = ?3, issue_date = ?4, currency = ?5, payable_amount = ?6, content_hash = ?7, invoice = ?8, ubl = ?9,
             mbs = ?10, provenance = ?11, state = 'prepared', stage = 0, message = NULL, code = NULL, updated_at = ?12,
             report_by = ?15, grounds = ?16, drafted_from = ?17
         WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(word(&document.document_type)?)
    .bind(&document.kind)
    .bind(document.issue_date.to_string())
    .bind(&document.currency)
    .bind(&document.payable_amount)
    .bind(&document.content_hash)
    .bind(&document.invoice)
    .bind(document.ubl.as_ref())
    .bind(document.mbs.as_ref())
    .bind(&document.provenance)
    .bind(micros(now))
    .bind(&document.irn)
    .bind(&document.stamp)
    .bind(document.report_by.map(micros))
    .bind(under.grounds)
    .bind(under.version)
    .execute(&mut *connection)
    .await?;
    // What the authority validated was the old text.
    sqlx::query("DELETE FROM document_stages WHERE document = ?1 AND stage > ?2")
        .bind(id.to_string())
        .bind(stage_rank(Stage::Draft))
        .execute(connection)
        .await?;
    Ok(())
}

async fn reach_draft(connection: &mut SqliteConnection, id: &str, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query("INSERT INTO document_stages (document, stage, at) VALUES (?1, ?2, ?3)")
        .bind(id)
        .bind(stage_rank(Stage::Draft))
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets or clears why the record waits.
async fn hold(
    connection: &mut SqliteConnection,
    of: &Of,
    held: Option<&Held>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    if of.held.as_ref() == held {
        return Ok(());
    }
    sqlx::query("UPDATE records SET held_code = ?2, held_message = ?3 WHERE id = ?1")
        .bind(of.record.to_string())
        .bind(held.map(|held| &held.code))
        .bind(held.map(|held| &held.message))
        .execute(&mut *connection)
        .await?;
    let (event, detail) = held.map_or(("record.released", ""), |held| ("record.held", held.message.as_str()));
    let note = Note { tenant: of.tenant, subject: of.record, record: Some(of.record), event, detail };
    logs::note(connection, note, now).await
}
