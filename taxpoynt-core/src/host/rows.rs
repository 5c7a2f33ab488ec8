//! What the store gives, as JSON. No secret is in it.

use crate::{
    engine::{Drained, Receipt},
    store::{AuditEntry, Connection, DeadLetter, Document, Held, JobKind, Page, Record, SyncEntry},
    tenant::Tenant,
};
use serde_json::{Value, json};

/// A tenant as it was stored, without credentials.
#[must_use]
pub fn tenant(tenant: &Tenant) -> Value {
    let mut settings = json!(tenant);
    if let Some(members) = settings.as_object_mut() {
        members.remove("authority");
    }
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "tin": tenant.tin,
        "business_id": tenant.business_id,
        "service_id": tenant.service_id,
        "settings": settings,
    })
}

/// A connection, without credentials.
#[must_use]
pub fn connection(connection: &Connection) -> Value {
    json!({
        "id": connection.id,
        "tenant_id": connection.tenant,
        "platform": connection.platform,
        "account": connection.account,
        "account_name": connection.account_name,
        "settings": connection.settings,
        "state": connection.state,
        "created_at": connection.created_at,
    })
}

/// What to answer the sender of a webhook.
#[must_use]
pub fn receipt(receipt: &Receipt) -> Value {
    json!({
        "status": receipt.status,
        "reply": receipt.reply,
        "new": receipt.new,
        "duplicates": receipt.duplicates,
        "ignored": receipt.ignored,
    })
}

/// What was left in the queue.
#[must_use]
pub fn drained(drained: &Drained) -> Value {
    json!({ "empty": drained.empty, "due": drained.due, "later": drained.later })
}

/// A document with its texts.
#[must_use]
pub fn document(document: &Document) -> Value {
    let d = &document.document;
    let stages: Vec<_> =
        document.stages.iter().map(|(stage, at)| json!({ "stage": stage, "at": at })).collect();
    json!({
        "id": document.id,
        "tenant_id": document.tenant,
        "record_id": document.record,
        "platform": document.platform,
        "source_id": document.source_id,
        "purpose": d.purpose,
        "type": d.document_type,
        "kind": d.kind,
        "number": d.number,
        "irn": d.irn,
        "issue_date": d.issue_date,
        "currency": d.currency,
        "payable_amount": d.payable_amount,
        "state": document.state,
        "stage": document.stage,
        "message": document.message,
        "code": document.code,
        "phase": crate::firs::lifecycle::phase(document.stage, document.state, document.code.as_deref()),
        "created_at": document.created_at,
        "stages": stages,
        "stamp_payload": d.stamp,
        "csid": document.csid,
        "invoice_json": d.invoice,
        "ubl_text": String::from_utf8_lossy(&d.ubl),
        "mbs_text": String::from_utf8_lossy(&d.mbs),
    })
}

/// A record as its platform holds it.
#[must_use]
pub fn record(record: &Record) -> Value {
    json!({
        "id": record.id,
        "tenant_id": record.tenant,
        "connection_id": record.connection,
        "platform": record.platform,
        "account": record.account,
        "kind": record.raw.key.kind,
        "source_id": record.raw.key.id,
        "modified_at": record.raw.modified_at,
        "held": record.held.as_ref().map(held),
        "first_seen": record.first_seen,
        "last_seen": record.last_seen,
        "body_text": String::from_utf8_lossy(&record.raw.body),
    })
}

fn held(held: &Held) -> Value {
    json!({ "code": held.code, "message": held.message })
}

/// A job given up.
#[must_use]
pub fn dead_letter(letter: &DeadLetter) -> Value {
    let (kind, subject) = match &letter.kind {
        JobKind::Fetch(key) => ("fetch", key.to_string()),
        JobKind::Prepare(record) => ("prepare", record.to_string()),
        JobKind::Submit(document) => ("submit", document.to_string()),
        JobKind::Payment(document) => ("payment", document.to_string()),
        JobKind::Confirm(document) => ("confirm", document.to_string()),
    };
    json!({
        "id": letter.id,
        "kind": kind,
        "subject": subject,
        "tenant_id": letter.tenant,
        "connection_id": letter.connection,
        "attempts": letter.attempts,
        "error_kind": letter.error_kind,
        "error": letter.error,
        "at": letter.at,
    })
}

/// A line of a history.
#[must_use]
pub fn audit(entry: &AuditEntry) -> Value {
    json!({ "at": entry.at, "event": entry.event, "detail": entry.detail })
}

/// A pull.
#[must_use]
pub fn sync(entry: &SyncEntry) -> Value {
    json!({
        "connection_id": entry.connection,
        "started_at": entry.started_at,
        "finished_at": entry.finished_at,
        "seen": entry.seen,
        "new": entry.new,
        "changed": entry.changed,
        "unchanged": entry.unchanged,
        "failed": entry.failed,
        "error": entry.error,
    })
}

/// A page of rows.
#[must_use]
pub fn page<T>(page: &Page<T>, row: fn(&T) -> Value) -> Value {
    json!({ "items": page.items.iter().map(row).collect::<Vec<_>>(), "next": page.next })
}
