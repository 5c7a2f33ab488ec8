//! Debit notes: what a buyer owes beyond an accepted invoice, issued by a person.

use super::{
    Preparation,
    correct::{Ask, provenance, reference_to},
    invoice_of,
};
use crate::engine::Engine;
use crate::{
    Error, ErrorKind, Result,
    pipeline::Draft,
    store::{Document, Lane, Stage},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use taxpoynt_ubl::{DocumentType, Invoice, InvoiceLine, PaymentStatus, Tax, calculate};
use uuid::Uuid;

/// What the purpose of a debit note starts with.
pub(in crate::engine) const DEBIT: &str = "debit_note:";

/// What is charged in addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebitNote {
    /// The host's own key: the same key for the same invoice is the same debit note, however often it is asked for. 1
    /// to 64 letters, digits, hyphens or underscores.
    pub key: String,
    /// Why, for the buyer and the authority.
    pub reason: String,
    /// What: lines with their tax and classification, as on an invoice. `net_amount` counts.
    #[serde(default)]
    pub lines: Vec<InvoiceLine>,
    /// Or an amount without tax, where the invoice has one tax and one classification: it becomes one line under them.
    #[serde(default)]
    pub amount: Option<Decimal>,
}

impl Engine {
    /// Issues a debit note to an accepted invoice: for the same buyer in the same currency, with the invoice as billing
    /// reference, in the tenant's `debit_note_series`. Returns its id; asked for again under the same key, the same.
    ///
    /// # Errors
    /// `Payload`, naming the field, for a key, reason, amount or lines that cannot be used. `Conflict` where the document
    /// is no signed invoice, or was taken back, or where the key stands for another debit note. `Validation` where it
    /// would break a rule. `NotFound`; `Store`.
    pub async fn debit_note(&self, document: Uuid, note: &DebitNote, tenant: Option<Uuid>) -> Result<Uuid> {
        check(note)?;
        let document = self.store().document(document, tenant).await?;
        let ids = self.prepare_as(document.record, Lane::Normal, None, Ask::Debit(document.id, note)).await?;
        self.inner.bell.notify_waiters();
        if let Some(id) = ids.first() {
            return Ok(*id);
        }
        let purpose = purpose(&document, note);
        let all = self.store().documents_of(document.record).await?;
        all.iter()
            .find(|d| d.document.purpose == purpose)
            .map(|d| d.id)
            .ok_or_else(|| conflict("the debit note was not made"))
    }
}

impl Preparation<'_> {
    /// Drafts the debit note. What the record itself waits for stays as it is.
    pub(super) async fn debit(&mut self, document: Uuid, note: &DebitNote) -> Result<()> {
        let found = self.existing.iter().find(|d| d.id == document).cloned();
        let sent = found.filter(|d| d.stage >= Stage::Signed).ok_or_else(|| {
            conflict("a debit note adds to a document that the authority has: wait until it is signed")
        })?;
        if sent.document.document_type != DocumentType::Invoice {
            return Err(conflict("a debit note adds to an invoice"));
        }
        let live = self.engine.not_taken_back(vec![sent.clone()]).await?;
        if live.is_empty() {
            return Err(conflict("the invoice was taken back in full by a credit note"));
        }
        let draft = drafted(&sent, note)?;
        let same = self.existing.iter().find(|d| d.document.purpose == draft.purpose);
        if let Some(same) = same {
            let (stored, asked) = (invoice_of(same)?, &draft.invoice);
            if stored.lines != asked.lines || stored.note != asked.note {
                let message =
                    format!("this key stands for {} already, which says something else", stored.number);
                return Err(conflict(message));
            }
            self.prepared.held.clone_from(&self.record.held);
            return Ok(());
        }
        self.issue_correction(draft).await?;
        if let Some(held) = self.prepared.held.take() {
            return Err(conflict(held.message).with("code", held.code));
        }
        self.prepared.held.clone_from(&self.record.held);
        Ok(())
    }
}

fn conflict(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Conflict, "engine.debit_note", message)
}

fn refused(field: &'static str, message: &str) -> Error {
    Error::payload("engine.debit_note", field, message)
}

fn check(note: &DebitNote) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !(1..=64).contains(&note.key.len()) || !note.key.bytes().all(fits) {
        return Err(refused("key", "key must have 1 to 64 letters, digits, hyphens or underscores"));
    }
    if note.reason.trim().is_empty() {
        return Err(refused("reason", "reason must say why more is charged"));
    }
    match (&note.lines[..], note.amount) {
        ([], None) => Err(refused("lines", "say what is charged: lines, or an amount")),
        ([], Some(amount)) if amount <= Decimal::ZERO => {
            Err(refused("amount", "amount must be above zero; what is given back takes a credit note"))
        }
        ([_, ..], Some(_)) => Err(refused("amount", "give lines or an amount, not both")),
        _ => Ok(()),
    }
}

fn purpose(document: &Document, note: &DebitNote) -> String {
    // Under the invoice's own purpose: the same key may serve two versions of one sale.
    format!("{DEBIT}{}:{}", document.document.purpose, note.key)
}

fn drafted(sent: &Document, note: &DebitNote) -> Result<Draft> {
    let original = invoice_of(sent)?;
    let lines = match note.amount {
        Some(amount) => vec![one_line(&original, amount, note.reason.trim())?],
        None => note.lines.clone(),
    };
    let mut invoice = Invoice {
        document_type: DocumentType::DebitNote,
        note: Some(note.reason.trim().to_owned()),
        references: vec![reference_to(&original)],
        payment_status: PaymentStatus::Pending,
        payment_means: Vec::new(),
        due_date: None,
        number: String::new(),
        irn: None,
        lines,
        allowances: Vec::new(),
        charges: Vec::new(),
        totals: Default::default(),
        tax_subtotals: Vec::new(),
        ..original
    };
    calculate(&mut invoice).map_err(|e| refused("lines", &e.to_string()))?;
    // At the rate of the invoice it adds to.
    if let Some(rate) = &invoice.tax_exchange_rate {
        invoice.tax_amount_in_tax_currency = rate.convert(invoice.totals.tax_amount);
    }
    let purpose = purpose(sent, note);
    let provenance = vec![provenance(&purpose, sent, note.reason.trim())];
    Ok(Draft {
        purpose,
        invoice,
        provenance,
        sold_at: None,
        remarks: Vec::new(),
        unclassified: Vec::new(),
        approval: None,
        undated: false,
    })
}

/// The amount under the invoice's only tax and classification.
fn one_line(original: &Invoice, amount: Decimal, reason: &str) -> Result<InvoiceLine> {
    let several = || {
        let message = "the invoice has several taxes or classifications: give the lines with theirs";
        refused("amount", message)
    };
    let first = original.lines.first().ok_or_else(several)?;
    let alike = |line: &InvoiceLine| {
        line.tax.category == first.tax.category
            && line.tax.percent == first.tax.percent
            && line.classification == first.classification
    };
    if !original.lines.iter().all(alike) {
        return Err(several());
    }
    Ok(InvoiceLine {
        id: "1".to_owned(),
        name: reason.to_owned(),
        quantity: Decimal::ONE,
        unit: taxpoynt_ubl::UNIT_ONE.to_owned(),
        unit_price: amount,
        base_quantity: Decimal::ONE,
        net_amount: amount,
        tax: Tax { amount: None, ..first.tax.clone() },
        classification: first.classification.clone(),
        ..InvoiceLine::default()
    })
}
