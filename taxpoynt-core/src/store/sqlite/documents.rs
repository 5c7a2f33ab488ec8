//! Invoices and credit notes: how they are found and read.

use super::{
    Sqlite,
    fault::{Fault, Outcome, not_found},
    page, prepare,
    rows::{Columns, json, stage_of, time_of, word},
    submission,
};
use crate::{
    Result,
    model::RecordKind,
    store::{Document, DocumentFilter, DocumentStore, Fence, NewDocument, Page, Prepared, Stage, Submission},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl DocumentStore for Sqlite {
    async fn next_number(&self, tenant: Uuid, series: &str) -> Result<u64> {
        let series = series.to_owned();
        self.read("store.next_number", move |c| Box::pin(prepare::next_number(c, tenant, series))).await
    }

    async fn documents_of(&self, record: Uuid) -> Result<Vec<Document>> {
        self.read("store.documents_of", move |c| Box::pin(documents_of(c, record))).await
    }

    async fn issued(&self, tenant: Uuid, platform: &str, source_ids: &[String]) -> Result<Vec<Document>> {
        let (platform, ids) = (platform.to_owned(), source_ids.to_vec());
        self.read("store.issued", move |c| Box::pin(issued(c, tenant, platform, ids))).await
    }

    async fn settle_prepare(
        &self,
        prepared: &Prepared,
        fence: Option<&Fence>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Uuid>> {
        let (prepared, fence) = (prepared.clone(), fence.cloned());
        self.write("store.settle_prepare", move |c| Box::pin(prepare::settle(c, prepared, fence, now))).await
    }

    async fn document(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Document> {
        self.read("store.document", move |c| Box::pin(document(c, id, tenant))).await
    }

    async fn documents(&self, filter: &DocumentFilter) -> Result<Page<Document>> {
        let filter = filter.clone();
        self.read("store.documents", move |c| Box::pin(documents(c, filter))).await
    }

    async fn settle_submission(
        &self,
        submission: &Submission,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (submission, fence) = (submission.clone(), fence.clone());
        self.write("store.settle_submission", move |c| {
            Box::pin(submission::settle(c, submission, fence, now))
        })
        .await
    }
}

const SELECT: &str = "SELECT d.*, r.platform, r.account, r.kind AS source_kind, r.external_id,
        (SELECT group_concat(s.stage || ' ' || s.at) FROM document_stages s WHERE s.document = d.id) AS stages
    FROM documents d JOIN records r ON r.id = d.record";

/// One document; of `tenant` only, where one is given.
pub(super) async fn document(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
) -> Outcome<Document> {
    let row =
        sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE d.id = ?1 AND (?2 IS NULL OR d.tenant = ?2)")))
            .bind(id.to_string())
            .bind(tenant.map(|tenant| tenant.to_string()))
            .fetch_optional(connection)
            .await?
            .ok_or_else(|| not_found("document", id))?;
    read_document(&row)
}

async fn documents_of(connection: &mut SqliteConnection, record: Uuid) -> Outcome<Vec<Document>> {
    let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE d.record = ?1 ORDER BY d.purpose")))
        .bind(record.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(read_document).collect()
}

async fn issued(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    platform: String,
    source_ids: Vec<String>,
) -> Outcome<Vec<Document>> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} WHERE r.tenant = ?1 AND r.platform = ?2 AND d.document_type = 'invoice'
            AND r.external_id IN (SELECT value FROM json_each(?3))
         ORDER BY d.seq"
    )))
    .bind(tenant.to_string())
    .bind(platform)
    .bind(json(&source_ids)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_document).collect()
}

/// The notes that refer to an IRN.
pub(super) async fn notes_to(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    irn: String,
) -> Outcome<Vec<Document>> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} WHERE d.tenant = ?1 AND d.document_type <> 'invoice' AND json_valid(d.invoice)
            AND json_extract(d.invoice, '$.references[0].irn') = ?2
         ORDER BY d.seq"
    )))
    .bind(tenant.to_string())
    .bind(irn)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_document).collect()
}

async fn documents(connection: &mut SqliteConnection, filter: DocumentFilter) -> Outcome<Page<Document>> {
    let (limit, before) = page::ask(filter.limit, filter.cursor.as_deref())?;
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} WHERE d.seq < ?1 AND (?2 IS NULL OR d.tenant = ?2) AND (?3 IS NULL OR d.state = ?3)
            AND (?4 IS NULL OR d.record = ?4) AND (?6 IS NULL OR d.code = ?6)
         ORDER BY d.seq DESC LIMIT ?5"
    )))
    .bind(before)
    .bind(filter.tenant.map(|tenant| tenant.to_string()))
    .bind(filter.state.map(|state| word(&state)).transpose()?)
    .bind(filter.record.map(|record| record.to_string()))
    .bind(limit + 1)
    .bind(filter.code)
    .fetch_all(connection)
    .await?;
    page::cut(&rows, limit, read_document)
}

fn read_document(row: &SqliteRow) -> Outcome<Document> {
    let document = read_content(row)?;
    let row = Columns(row);
    Ok(Document {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        record: row.id("record")?,
        platform: row.text("platform")?,
        account: row.text("account")?,
        source_kind: RecordKind::from_name(&row.text("source_kind")?).ok_or(Fault::Damaged("kind"))?,
        source_id: row.text("external_id")?,
        document,
        state: row.word("state")?,
        stage: row.stage("stage")?,
        message: row.maybe_text("message")?,
        code: row.maybe_text("code")?,
        csid: row.maybe_text("csid")?,
        created_at: row.time("created_at")?,
        stages: read_stages(row.maybe_text("stages")?.as_deref().unwrap_or_default())?,
    })
}

fn read_content(row: &SqliteRow) -> Outcome<NewDocument> {
    let row = Columns(row);
    Ok(NewDocument {
        purpose: row.text("purpose")?,
        document_type: row.word("document_type")?,
        kind: row.text("kind")?,
        number: row.text("number")?,
        irn: row.text("irn")?,
        issue_date: row.text("issue_date")?.parse().map_err(|_| Fault::Damaged("issue_date"))?,
        report_by: row.maybe_time("report_by")?,
        currency: row.text("currency")?,
        payable_amount: row.text("payable_amount")?,
        content_hash: row.text("content_hash")?,
        invoice: row.text("invoice")?,
        ubl: row.bytes("ubl")?,
        mbs: row.bytes("mbs")?,
        stamp: row.text("stamp")?,
        provenance: row.text("provenance")?,
    })
}

/// `rank time,rank time`, as the query gathers them.
fn read_stages(gathered: &str) -> Outcome<Vec<(Stage, DateTime<Utc>)>> {
    let one = |entry: &str| {
        let (rank, at) = entry.split_once(' ')?;
        Some((stage_of(rank.parse().ok()?)?, time_of(at.parse().ok()?)?))
    };
    let mut stages = gathered
        .split(',')
        .filter(|entry| !entry.is_empty())
        .map(|entry| one(entry).ok_or(Fault::Damaged("stages")))
        .collect::<Outcome<Vec<_>>>()?;
    stages.sort();
    Ok(stages)
}
