//! From UBL 2.1 XML to the document.

use super::keep::{Context, Keep, append, fault, shorten};
use super::own;
use super::read_line::line;
use super::read_parts::{billing_reference, delivery, payment_means, supporting_document};
use super::read_party::{lone_party, role};
use super::read_tax::{allowance, exchange_rate, period, tax_totals, totals};
use super::tree::{Element, Tree, is_space};
use crate::codes::{document_type, document_type_code};
use crate::vocabulary::{Cac, Cbc, Name, path};
use crate::{Currency, DocumentType, Invoice, Result};
use chrono::NaiveTime;

/// Reads a UBL 2.1 `Invoice` or `CreditNote`: ours back, field for field, or anyone else's, with [`Rest`](crate::Rest)
/// holding what the document model has no field for. Nothing is calculated or checked against rules.
///
/// Ours is what [`to_xml`](crate::to_xml) would have written so: there the texts that it puts in where the standard wants
/// one and the document has none are read as none. Any other document is marked
/// [`as_received`](Invoice::as_received) and read as it stands. Not in UBL, so never read back: the tax a platform stated
/// for a line ([`Tax::amount`](crate::Tax::amount)).
///
/// # Errors
/// `Xml` where the bytes are not well-formed XML or hostile; `Document`, naming the element, where something the model
/// needs is missing or cannot be held: number, issue date, currency, a line, a line's id or tax category, a number that
/// is none.
pub fn parse(xml: &[u8]) -> Result<Invoice> {
    let tree = Tree::read(xml)?;
    let root = tree.root();
    let credit = match root.name() {
        Name::Invoice => false,
        Name::CreditNote => true,
        _ => return Err(fault(root, "is not the Invoice or CreditNote of UBL 2.1")),
    };
    let cx = Context::of(currency(root)?);
    let mut invoice = Invoice { currency: cx.currency, ..Invoice::default() };
    // Lines of an invoice are longer than this; room for what may be none would be as large as its maker likes.
    invoice.lines.reserve_exact(tree.lines().min(xml.len() / 1024));
    let mut reading = Reading { keep: Keep::of(&cx, root), credit, found: Found::default() };
    reading.children(root, &mut invoice)?;
    reading.settle(root, &mut invoice)?;
    invoice.rest = reading.keep.done();
    own::recognise(&mut invoice, cx.own());
    Ok(invoice)
}

/// Every amount is read by it, so it is looked for first.
fn currency(root: Element<'_>) -> Result<Currency> {
    let element = root
        .first(path!("cbc:DocumentCurrencyCode"))
        .ok_or_else(|| fault(root, "has no cbc:DocumentCurrencyCode"))?;
    let written = element.own_text().trim_matches(is_space);
    Currency::parse(written).map_err(|e| fault(element, e.to_string()))
}

/// What is settled when all children are read.
#[derive(Default)]
struct Found<'t> {
    number: Option<String>,
    issue_date: Option<chrono::NaiveDate>,
    type_code: Option<String>,
    currency: Option<String>,
    tax_currency: Option<String>,
    supplier: bool,
    order: bool,
    terms: bool,
    /// Despatch, receipt, tender, contract, project.
    references: [bool; 5],
    tax_totals: Vec<Element<'t>>,
    totals: Option<Element<'t>>,
}

struct Reading<'c, 't> {
    keep: Keep<'c>,
    credit: bool,
    found: Found<'t>,
}

impl<'t> Reading<'_, 't> {
    fn children(&mut self, root: Element<'t>, invoice: &mut Invoice) -> Result<()> {
        let cx = self.keep.cx;
        for child in root.children() {
            match child.name() {
                Name::Cbc(name) => self.basic(name, child, invoice),
                Name::Cac(Cac::InvoiceLine) if !self.credit => invoice.lines.push(line(cx, child, false)?),
                Name::Cac(Cac::CreditNoteLine) if self.credit => invoice.lines.push(line(cx, child, true)?),
                Name::Cac(Cac::AllowanceCharge) => {
                    let (parsed, charge) = allowance(cx, child)?;
                    let list = if charge { &mut invoice.charges } else { &mut invoice.allowances };
                    append(list, parsed);
                }
                Name::Cac(Cac::TaxTotal) => self.found.tax_totals.push(child),
                Name::Cac(Cac::LegalMonetaryTotal) if self.found.totals.is_none() => {
                    self.found.totals = Some(child);
                }
                Name::Cac(name) => self.aggregate(name, child, invoice),
                _ => self.keep.element(child),
            }
        }
        Ok(())
    }

    fn basic(&mut self, name: Cbc, child: Element<'_>, invoice: &mut Invoice) {
        let (keep, found) = (&mut self.keep, &mut self.found);
        match name {
            Cbc::CustomizationID => keep.text(child, &mut invoice.customization_id),
            Cbc::ProfileID => keep.text(child, &mut invoice.profile_id),
            Cbc::ID => keep.text(child, &mut found.number),
            Cbc::IssueDate => keep.date(child, &mut found.issue_date),
            Cbc::IssueTime => issue_time(keep, child, &mut invoice.issue_time),
            Cbc::DueDate if !self.credit => keep.date(child, &mut invoice.due_date),
            Cbc::InvoiceTypeCode if !self.credit => keep.code(child, &mut found.type_code),
            Cbc::CreditNoteTypeCode if self.credit => keep.code(child, &mut found.type_code),
            Cbc::Note => keep.texts(child, &mut invoice.note, &mut invoice.further_notes),
            Cbc::TaxPointDate => keep.date(child, &mut invoice.tax_point_date),
            Cbc::DocumentCurrencyCode => keep.code(child, &mut found.currency),
            Cbc::TaxCurrencyCode => match Currency::parse(child.own_text().trim_matches(is_space)) {
                Ok(currency) if found.tax_currency.is_none() => {
                    keep.code(child, &mut found.tax_currency);
                    invoice.tax_currency = found.tax_currency.as_ref().map(|_| currency);
                }
                _ => keep.element(child),
            },
            Cbc::AccountingCost => keep.text(child, &mut invoice.accounting_reference),
            Cbc::BuyerReference => keep.text(child, &mut invoice.buyer_reference),
            _ => keep.element(child),
        }
    }

    fn aggregate(&mut self, name: Cac, child: Element<'_>, invoice: &mut Invoice) {
        let cx = self.keep.cx;
        let filled = child.has_children();
        let [despatch, receipt, tender, contract, project] = &mut self.found.references;
        let keep = &mut self.keep;
        match name {
            Cac::InvoicePeriod if invoice.period.is_none() && filled => {
                invoice.period = Some(period(cx, child));
            }
            Cac::OrderReference => {
                if keep.group(child, &mut self.found.order) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.text(child, &mut invoice.order_reference),
                            Name::Cbc(Cbc::SalesOrderID) => {
                                keep.text(child, &mut invoice.sales_order_reference);
                            }
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            Cac::BillingReference => match billing_reference(cx, child) {
                Some(reference) => append(&mut invoice.references, reference),
                None => keep.element(child),
            },
            Cac::DespatchDocumentReference => {
                reference(keep, child, despatch, &mut invoice.despatch_reference);
            }
            Cac::ReceiptDocumentReference => {
                reference(keep, child, receipt, &mut invoice.receipt_reference);
            }
            Cac::OriginatorDocumentReference => {
                reference(keep, child, tender, &mut invoice.tender_reference);
            }
            Cac::ContractDocumentReference => {
                reference(keep, child, contract, &mut invoice.contract_reference);
            }
            Cac::ProjectReference if !self.credit => {
                reference(keep, child, project, &mut invoice.project_reference);
            }
            Cac::AdditionalDocumentReference => match supporting_document(cx, child) {
                Some(document) => append(&mut invoice.documents, document),
                None => keep.element(child),
            },
            Cac::AccountingSupplierParty if !self.found.supplier && filled => {
                invoice.supplier = role(cx, child);
                self.found.supplier = true;
            }
            Cac::AccountingCustomerParty if invoice.customer.is_none() && filled => {
                invoice.customer = Some(role(cx, child));
            }
            Cac::PayeeParty if invoice.payee.is_none() && filled => {
                invoice.payee = Some(lone_party(cx, child));
            }
            Cac::TaxRepresentativeParty if invoice.tax_representative.is_none() && filled => {
                invoice.tax_representative = Some(lone_party(cx, child));
            }
            Cac::Delivery if invoice.delivery.is_none() && filled => {
                invoice.delivery = Some(delivery(cx, child));
            }
            Cac::PaymentMeans if filled => append(&mut invoice.payment_means, payment_means(cx, child)),
            Cac::PaymentTerms => self.payment_terms(child, invoice),
            Cac::TaxExchangeRate if invoice.tax_exchange_rate.is_none() => match exchange_rate(child) {
                Some(rate) => invoice.tax_exchange_rate = Some(rate),
                None => keep.element(child),
            },
            _ => keep.element(child),
        }
    }

    fn payment_terms(&mut self, element: Element<'_>, invoice: &mut Invoice) {
        let keep = &mut self.keep;
        if !keep.group(element, &mut self.found.terms) {
            return;
        }
        // A credit note has its due date here where no payment means has it.
        let due_here = self.credit
            && !element.parent().is_some_and(|root| root.has(path!("cac:PaymentMeans/cbc:PaymentDueDate")));
        for child in element.children() {
            match child.name() {
                Name::Cbc(Cbc::Note) => keep.text(child, &mut invoice.payment_terms),
                Name::Cbc(Cbc::PaymentDueDate) if due_here => keep.date(child, &mut invoice.due_date),
                _ => keep.element(child),
            }
        }
        keep.leave();
    }

    fn settle(&mut self, root: Element<'_>, invoice: &mut Invoice) -> Result<()> {
        let (keep, found) = (&mut self.keep, &mut self.found);
        invoice.number = found.number.take().ok_or_else(|| fault(root, "has no cbc:ID"))?;
        let date = root.first(path!("cbc:IssueDate"));
        invoice.issue_date = found.issue_date.ok_or_else(|| match date {
            Some(element) => {
                let written = shorten(element.own_text());
                fault(element, format!("is {written:?}, not a date written YYYY-MM-DD"))
            }
            None => fault(root, "has no cbc:IssueDate"),
        })?;
        if invoice.lines.is_empty() {
            let lines = if self.credit { "cac:CreditNoteLine" } else { "cac:InvoiceLine" };
            return Err(fault(root, format!("has no {lines}")));
        }
        let code = found.type_code.take();
        invoice.document_type = match code.as_deref().and_then(document_type) {
            _ if self.credit => DocumentType::CreditNote,
            Some(DocumentType::DebitNote) => DocumentType::DebitNote,
            _ => DocumentType::Invoice,
        };
        if code.is_none() {
            keep.absent(if self.credit { "cbc:CreditNoteTypeCode" } else { "cbc:InvoiceTypeCode" });
            keep.cx.foreign();
        }
        invoice.type_code = code.filter(|code| code != document_type_code(invoice.document_type));
        let tax_totals_found = std::mem::take(&mut found.tax_totals);
        tax_totals(keep, &tax_totals_found, invoice)?;
        if let Some(element) = found.totals.filter(|e| keep.enter(*e, 1)) {
            totals(keep, element, invoice)?;
            keep.leave();
        } else {
            totals_missing(keep, invoice);
        }
        let due = invoice.payment_means.iter().find_map(|m| m.due_date);
        if invoice.due_date.is_none() && due.is_some() {
            invoice.due_date = due;
            if !self.credit {
                keep.absent("cbc:DueDate");
            }
        }
        Ok(())
    }
}

fn totals_missing(keep: &mut Keep<'_>, invoice: &Invoice) {
    keep.cx.foreign();
    let lists = [("AllowanceTotalAmount", &invoice.allowances), ("ChargeTotalAmount", &invoice.charges)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(name, _)| name);
    let always = ["LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"];
    for name in always.into_iter().chain(lists) {
        keep.absent(&format!("cac:LegalMonetaryTotal/cbc:{name}"));
    }
}

/// A reference of which the model has the identifier.
fn reference(keep: &mut Keep<'_>, element: Element<'_>, seen: &mut bool, field: &mut Option<String>) {
    if keep.group(element, seen) {
        for child in element.children() {
            match child.name() {
                Name::Cbc(Cbc::ID) => keep.text(child, field),
                _ => keep.element(child),
            }
        }
        keep.leave();
    }
}

fn issue_time(keep: &mut Keep<'_>, child: Element<'_>, field: &mut Option<NaiveTime>) {
    match time(child.own_text()) {
        Some(time) if field.is_none() => {
            *field = Some(time);
            keep.timed(child, &time_text(time));
        }
        _ => keep.element(child),
    }
}

/// A time as the writer writes it.
pub(super) fn time_text(time: NaiveTime) -> String {
    time.format("%H:%M:%S%.f").to_string()
}

/// An `xs:time`; a time zone behind it is passed over.
pub(super) fn time(written: &str) -> Option<NaiveTime> {
    let (clock, rest) = written.trim_matches(is_space).split_at_checked(8)?;
    let digits = rest.strip_prefix('.').map_or(0, |f| f.bytes().take_while(u8::is_ascii_digit).count() + 1);
    let fraction = rest.get(..digits).filter(|f| f.len() != 1)?;
    NaiveTime::parse_from_str(&format!("{clock}{fraction}"), "%H:%M:%S%.f").ok()
}
