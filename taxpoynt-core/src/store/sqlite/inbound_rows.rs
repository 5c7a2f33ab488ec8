//! Received documents as rows: listed, read, and their content written.

use super::{
    fault::{Fault, Outcome},
    page,
    rows::{Columns, json, micros, word},
};
use crate::store::{Inbound, InboundContent, InboundFilter, Page};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

pub(super) async fn list(connection: &mut SqliteConnection, filter: InboundFilter) -> Outcome<Page<Inbound>> {
    let (limit, before) = page::ask(filter.limit, filter.cursor.as_deref())?;
    let rows = sqlx::query(
        "SELECT seq, id, tenant, irn, origin, state, code, message, supplier_name, supplier_tin, number, issue_date,
             document_type, currency, payable_amount, findings, announced_at, downloaded_at, checked_at,
             acknowledged_at
         FROM inbound
         WHERE seq < ?1 AND (?2 IS NULL OR tenant = ?2) AND (?3 IS NULL OR state = ?3) AND faulty >= ?4
         ORDER BY seq DESC LIMIT ?5",
    )
    .bind(before)
    .bind(filter.tenant.map(|tenant| tenant.to_string()))
    .bind(filter.state.as_ref().map(word).transpose()?)
    .bind(i64::from(filter.faulty))
    .bind(i64::from(limit) + 1)
    .fetch_all(connection)
    .await?;
    page::cut(&rows, limit, |row| read(row, false))
}

/// A row; `whole`: with its content.
pub(super) fn read(row: &SqliteRow, whole: bool) -> Outcome<Inbound> {
    let row = Columns(row);
    let blob = |column: &'static str| if whole { row.maybe_bytes(column) } else { Ok(None) };
    let content = InboundContent {
        supplier_name: row.maybe_text("supplier_name")?,
        supplier_tin: row.maybe_text("supplier_tin")?,
        number: row.maybe_text("number")?,
        issue_date: row.maybe_text("issue_date")?.map(|text| day(&text, "issue_date")).transpose()?,
        document_type: match row.maybe_text("document_type")? {
            Some(_) => Some(row.word("document_type")?),
            None => None,
        },
        currency: row.maybe_text("currency")?,
        payable_amount: row.maybe_text("payable_amount")?,
        json: if whole { row.maybe_text("json")? } else { None },
        ubl: blob("ubl")?,
        pdf: blob("pdf")?,
        findings: row.json("findings")?,
    };
    Ok(Inbound {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        irn: row.text("irn")?,
        origin: row.word("origin")?,
        state: row.word("state")?,
        code: row.maybe_text("code")?,
        message: row.maybe_text("message")?,
        raw: blob("raw")?,
        content,
        announced_at: row.time("announced_at")?,
        downloaded_at: row.maybe_time("downloaded_at")?,
        checked_at: row.maybe_time("checked_at")?,
        acknowledged_at: row.maybe_time("acknowledged_at")?,
    })
}

pub(super) fn day(text: &str, column: &'static str) -> Outcome<NaiveDate> {
    text.parse().map_err(|_| Fault::Damaged(column))
}

/// Writes what was read of a document.
pub(super) async fn content_columns(
    connection: &mut SqliteConnection,
    id: Uuid,
    content: &InboundContent,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let bytes = |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| bytes.to_vec());
    sqlx::query(
        "UPDATE inbound SET supplier_name = ?2, supplier_tin = ?3, number = ?4, issue_date = ?5, document_type = ?6,
             currency = ?7, payable_amount = ?8, json = ?9, ubl = ?10, pdf = ?11, findings = ?12, faulty = ?13,
             checked_at = ?14
         WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(&content.supplier_name)
    .bind(&content.supplier_tin)
    .bind(&content.number)
    .bind(content.issue_date.map(|day| day.to_string()))
    .bind(content.document_type.as_ref().map(word).transpose()?)
    .bind(&content.currency)
    .bind(&content.payable_amount)
    .bind(&content.json)
    .bind(bytes(&content.ubl))
    .bind(bytes(&content.pdf))
    .bind(json(&content.findings)?)
    .bind(i64::from(content.is_faulty()))
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}
