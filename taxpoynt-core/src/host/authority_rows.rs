//! What the engine knows about the authority as JSON: deadlines, lists, catalogue, received documents, what follows `sign`. No secret is in it.

use crate::{
    catalogue::Entry,
    engine::{Classified, Forecast, Pace, RefreshedList},
    firs::{CodeList, CodeLists, ListName, Origin},
    store::{Inbound, Notice, Payment, Transmission},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// A forecast, with its sentence for an operator.
#[must_use]
pub fn forecast(forecast: &Forecast) -> Value {
    let pace = match forecast.pace {
        Pace::KeepsUp => "keeps_up",
        Pace::Measured { .. } => "measured",
        Pace::Stopped => "stopped",
    };
    json!({
        "at": forecast.at,
        "message": forecast.sentence(),
        "out_since": forecast.out_since,
        "pace": pace,
        "documents_per_hour": forecast.pace.per_hour(),
        "waiting": forecast.waiting,
        "will_miss": forecast.will_miss,
        "first_missed": forecast.first_missed,
        "last_missed": forecast.last_missed,
        "worst_seconds": forecast.worst_seconds,
        "late": forecast.late,
        "clearances": forecast.clearances,
        "unhurried": forecast.unhurried,
        "stuck": forecast.stuck,
        "stuck_first": forecast.stuck_first,
        "even_if_back": forecast.even_if_back,
        "slots": forecast.slots,
    })
}

/// Every code list with its rows.
#[must_use]
pub fn code_lists(lists: &CodeLists) -> Value {
    ListName::ALL.into_iter().map(|name| code_list(lists.get(name))).collect()
}

fn code_list(list: &CodeList) -> Value {
    let codes: Vec<_> = (list.codes().iter())
        .map(|row| json!({ "code": row.code, "name": row.name, "state": row.state }))
        .collect();
    let (shipped_on, refreshed_at) = origin(list.origin());
    json!({ "name": list.name(), "shipped_on": shipped_on, "refreshed_at": refreshed_at, "codes": codes })
}

/// What became of a list.
#[must_use]
pub fn refreshed(list: &RefreshedList) -> Value {
    let (shipped_on, refreshed_at) = origin(list.origin);
    json!({
        "name": list.list,
        "shipped_on": shipped_on,
        "refreshed_at": refreshed_at,
        "rows": list.rows,
        "added": list.added,
        "removed": list.removed,
        "kept": list.kept,
    })
}

/// The day it was shipped as of, or the moment it was read.
fn origin(origin: Origin) -> (Value, Value) {
    match origin {
        Origin::Shipped(day) => (json!(day), Value::Null),
        Origin::Refreshed(at) => (Value::Null, json!(at)),
    }
}

/// An answer for an item.
#[must_use]
pub fn classified(done: &Classified) -> Value {
    json!({ "entry": entry(&done.entry), "released": done.released, "problems": done.problems })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "key": entry.key(),
        "platform": entry.platform,
        "item_id": entry.item_id,
        "sku": entry.sku,
        "name": entry.name,
        "name_pattern": entry.name_pattern,
        "category": entry.category,
        "classification": entry.classification,
    })
}

/// A received document; its content is there when it was asked for alone.
#[must_use]
pub fn inbound(document: &Inbound) -> Value {
    let content = &document.content;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    json!({
        "id": document.id,
        "tenant_id": document.tenant,
        "irn": document.irn,
        "origin": document.origin,
        "state": document.state,
        "code": document.code,
        "message": document.message,
        "faulty": content.is_faulty(),
        "supplier_name": content.supplier_name,
        "supplier_tin": content.supplier_tin,
        "number": content.number,
        "issue_date": content.issue_date,
        "type": content.document_type,
        "currency": content.currency,
        "payable_amount": content.payable_amount,
        "findings": content.findings,
        "announced_at": document.announced_at,
        "downloaded_at": document.downloaded_at,
        "checked_at": document.checked_at,
        "acknowledged_at": document.acknowledged_at,
        "raw_text": document.raw.as_deref().map(text),
        "mbs_text": content.json,
        "ubl_text": content.ubl.as_deref().map(text),
        "pdf_base64": content.pdf.as_deref().map(|pdf| BASE64_STANDARD.encode(pdf)),
    })
}

/// A payment, as far as it was reported.
#[must_use]
pub fn payment(payment: &Payment) -> Value {
    json!({
        "document_id": payment.document,
        "status": payment.status,
        "reference": payment.reference,
        "origin": payment.origin,
        "state": payment.state,
        "message": payment.message,
        "requested_at": payment.requested_at,
        "sent_at": payment.sent_at,
        "settled_at": payment.settled_at,
    })
}

/// How the sending of a document to its buyer goes.
#[must_use]
pub fn transmission(transmission: &Transmission) -> Value {
    json!({
        "document_id": transmission.document,
        "state": transmission.state,
        "transmitted_at": transmission.transmitted_at,
        "acknowledged_at": transmission.acknowledged_at,
        "failed_at": transmission.failed_at,
        "resent": transmission.resent,
        "message": transmission.message,
    })
}

/// What was announced about a document.
#[must_use]
pub fn notice(notice: &Notice) -> Value {
    json!({
        "irn": notice.irn,
        "event": notice.event,
        "seen": notice.seen,
        "received_at": notice.received_at,
        "handled_at": notice.handled_at,
        "body_text": String::from_utf8_lossy(&notice.body),
    })
}
