//! What a document says, and whether a sale says something else by now.

use crate::{Result, store::Document};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use taxpoynt_ubl::Invoice;

pub(in crate::engine) fn invoice_of(document: &Document) -> Result<Invoice> {
    crate::json::read("prepare.invoice", document.document.invoice.as_bytes())
}

/// Whether the sale says something else than the document that was submitted. The seller's own settings are not the
/// sale: who moves house has not changed what was sold before. Nor is whether and how it was paid: that has a report of
/// its own.
pub(in crate::engine) fn has_changed(submitted: &Document, mut now: Invoice) -> Result<bool> {
    let then = invoice_of(submitted)?;
    now.business_id.clone_from(&then.business_id);
    now.supplier.clone_from(&then.supplier);
    now.payment_status = then.payment_status;
    now.payment_means.clone_from(&then.payment_means);
    for (line, sold) in now.lines.iter_mut().zip(&then.lines) {
        line.classification.clone_from(&sold.classification);
    }
    Ok(content_hash(&now)? != submitted.document.content_hash)
}

/// Hash of what a document says, apart from when and under which number it says it.
pub(in crate::engine) fn content_hash(invoice: &Invoice) -> Result<String> {
    let mut content = invoice.clone();
    content.number.clear();
    content.irn = None;
    content.issue_date = NaiveDate::default();
    content.issue_time = None;
    content.due_date = None;
    let json = crate::json::write("prepare.hash", &content)?;
    Ok(Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}
