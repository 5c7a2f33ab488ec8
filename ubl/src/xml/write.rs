//! From the document to UBL 2.1 XML.

use super::out::{Out, Tag, is_blank, tag};
use super::own::{Written, written};
use super::read::time_text;
use super::write_line::line;
use super::write_parts::{billing_reference, delivery, payment_means, supporting_document};
use super::write_party::{lone_party, role};
use super::write_tax::{document_allowances, period, tax_exchange_rate, tax_total, totals};
use crate::codes::document_type_code;
use crate::vocabulary::Name;
use crate::{DocumentType, Error, Invoice, Result};

macro_rules! root {
    ($name:literal) => {
        (
            concat!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<",
                $name,
                " xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:",
                $name,
                "-2\" xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
                 xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\""
            ),
            concat!("</", $name, ">\n"),
        )
    };
}

/// Writes `invoice` as UBL 2.1: an `Invoice`, or a `CreditNote` for a credit note. UTF-8, elements in the order of the
/// schema, characters that XML forbids left out.
///
/// What is there is written; what is missing or contradictory is for [`validate`](crate::validate) to say. Run
/// [`calculate`](crate::calculate) first: totals are written as they are. Amounts get
/// [`amount_decimals`](crate::amount_decimals), no element is empty, and where the standard wants a text and the document
/// has none, one is put in. A document [`as_received`](Invoice::as_received) is written as it was, with what was changed
/// in it since.
///
/// # Errors
/// `Document` where the number, a line's id or every line is missing: there is no UBL document without them.
pub fn to_xml(invoice: &Invoice) -> Result<Vec<u8>> {
    refuse_unwritable(invoice)?;
    let credit = invoice.document_type == DocumentType::CreditNote;
    let (id, tags) =
        if credit { (Name::CreditNote, root!("CreditNote")) } else { (Name::Invoice, root!("Invoice")) };
    let parts = written(invoice);
    let mut unnamed = None;
    let mut out = Out::new(!invoice.as_received, invoice.currency, 4096 + invoice.lines.len() * 2048);
    out.root(id, tags, &invoice.rest, |out| {
        header(out, invoice, &parts, credit);
        references(out, invoice, &parts, credit);
        parties(out, invoice, &parts);
        payment(out, invoice, &parts, credit);
        // The two kinds of document have these in another order.
        if credit {
            tax_exchange_rate(out, invoice);
        }
        document_allowances(out, invoice);
        if !credit {
            tax_exchange_rate(out, invoice);
        }
        tax_total(out, invoice);
        totals(out, invoice);
        for (at, item) in invoice.lines.iter().enumerate() {
            // Looked at here, not before: a long document does not stay in the processor's cache from one pass to the next.
            if is_blank(&item.id) {
                unnamed = unnamed.or(Some(at));
            }
            line(out, item, credit, invoice);
        }
    });
    match unnamed {
        Some(at) => missing(format!("lines[{at}].id")),
        None => Ok(out.bytes),
    }
}

fn refuse_unwritable(invoice: &Invoice) -> Result<()> {
    if is_blank(&invoice.number) {
        return missing("number".into());
    }
    if invoice.lines.is_empty() {
        return missing("lines".into());
    }
    Ok(())
}

fn missing<T>(path: String) -> Result<T> {
    Err(Error::Document { path, message: "is empty; a UBL document cannot be written without it".into() })
}

fn header<'i>(out: &mut Out<'i>, invoice: &'i Invoice, parts: &Written<'_>, credit: bool) {
    out.optional(tag!("cbc:CustomizationID"), parts.customization);
    out.optional(tag!("cbc:ProfileID"), parts.profile);
    out.text(tag!("cbc:ID"), &invoice.number);
    out.date(tag!("cbc:IssueDate"), Some(invoice.issue_date));
    issue_time(out, invoice);
    let code = invoice.type_code.as_deref().filter(|code| !is_blank(code));
    if credit {
        out.date(tag!("cbc:TaxPointDate"), invoice.tax_point_date);
        type_code(out, tag!("cbc:CreditNoteTypeCode"), code, invoice.document_type);
        notes(out, invoice, parts);
    } else {
        due_date(out, invoice);
        type_code(out, tag!("cbc:InvoiceTypeCode"), code, invoice.document_type);
        notes(out, invoice, parts);
        out.date(tag!("cbc:TaxPointDate"), invoice.tax_point_date);
    }
    out.text(tag!("cbc:DocumentCurrencyCode"), invoice.currency.code());
    out.optional(tag!("cbc:TaxCurrencyCode"), invoice.tax_currency.as_ref().map(|c| c.code()));
    out.optional(tag!("cbc:AccountingCost"), invoice.accounting_reference.as_deref());
    out.optional(tag!("cbc:BuyerReference"), parts.buyer_reference);
}

fn issue_time(out: &mut Out<'_>, invoice: &Invoice) {
    let Some(time) = invoice.issue_time else { return };
    out.formed(tag!("cbc:IssueTime"), &time_text(time), |form| super::read::time(form) == Some(time));
}

fn type_code(out: &mut Out<'_>, tag: &'static Tag, code: Option<&str>, document_type: DocumentType) {
    if code.is_some() || !out.is_absent(tag) {
        out.text(tag, code.unwrap_or_else(|| document_type_code(document_type)));
    }
}

/// A due date that is only that of a payment means stays there.
fn due_date(out: &mut Out<'_>, invoice: &Invoice) {
    let there = invoice.payment_means.iter().any(|m| m.due_date.is_some() && m.due_date == invoice.due_date);
    if !(there && out.is_absent(tag!("cbc:DueDate"))) {
        out.date(tag!("cbc:DueDate"), invoice.due_date);
    }
}

fn notes(out: &mut Out<'_>, invoice: &Invoice, parts: &Written<'_>) {
    out.optional(tag!("cbc:Note"), parts.note.as_deref());
    for (index, note) in invoice.further_notes.iter().enumerate() {
        out.numbered(tag!("cbc:Note"), index + 2, note, &[]);
    }
}

fn references<'i>(out: &mut Out<'i>, invoice: &'i Invoice, parts: &'i Written<'_>, credit: bool) {
    if let Some(found) = &invoice.period {
        period(out, found);
    }
    out.group(tag!("cac:OrderReference"), |out| {
        out.optional(tag!("cbc:ID"), invoice.order_reference.as_deref());
        out.optional(tag!("cbc:SalesOrderID"), invoice.sales_order_reference.as_deref());
    });
    for reference in &invoice.references {
        billing_reference(out, reference);
    }
    only_id(out, tag!("cac:DespatchDocumentReference"), invoice.despatch_reference.as_deref());
    only_id(out, tag!("cac:ReceiptDocumentReference"), invoice.receipt_reference.as_deref());
    if !credit {
        only_id(out, tag!("cac:OriginatorDocumentReference"), invoice.tender_reference.as_deref());
    }
    only_id(out, tag!("cac:ContractDocumentReference"), invoice.contract_reference.as_deref());
    for document in parts.documents.iter() {
        supporting_document(out, document);
    }
    if credit {
        only_id(out, tag!("cac:OriginatorDocumentReference"), invoice.tender_reference.as_deref());
    } else {
        only_id(out, tag!("cac:ProjectReference"), invoice.project_reference.as_deref());
    }
}

fn only_id(out: &mut Out<'_>, tag: &'static Tag, id: Option<&str>) {
    out.group(tag, |out| out.optional(tag!("cbc:ID"), id));
}

fn parties<'i>(out: &mut Out<'i>, invoice: &'i Invoice, parts: &'i Written<'i>) {
    role(out, tag!("cac:AccountingSupplierParty"), &parts.supplier);
    if let Some(customer) = &parts.customer {
        role(out, tag!("cac:AccountingCustomerParty"), customer);
    }
    if let Some(payee) = &invoice.payee {
        lone_party(out, tag!("cac:PayeeParty"), payee);
    }
    if let Some(representative) = &invoice.tax_representative {
        lone_party(out, tag!("cac:TaxRepresentativeParty"), representative);
    }
    if let Some(found) = &invoice.delivery {
        delivery(out, found);
    }
}

fn payment<'i>(out: &mut Out<'i>, invoice: &'i Invoice, parts: &'i Written<'_>, credit: bool) {
    for means in parts.payment_means.iter() {
        payment_means(out, means);
    }
    let elsewhere = parts.payment_means.iter().any(|m| m.due_date.is_some());
    out.group(tag!("cac:PaymentTerms"), |out| {
        out.optional(tag!("cbc:Note"), parts.payment_terms);
        if credit && !elsewhere {
            out.date(tag!("cbc:PaymentDueDate"), invoice.due_date);
        }
    });
}
