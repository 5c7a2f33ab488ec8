//! The authority's JSON as an invoice: the way back of `to_mbs`, for documents that others made.
//!
//! What the JSON leaves open is decided here and said: a [`Finding`] for each assumption. What cannot be decided is an
//! error that names the field; the caller keeps the bytes.

use super::fields::{Fields, wrong, wrong_as};
use super::finding::Finding;
use super::foreign::IrnParts;
use super::from_mbs_parts::{address, charges, line, party, payment_means, reference};
use super::line_tax::{Division, Part, divide};
use crate::Result;
use crate::firs::codes;
use rust_decimal::Decimal;
use taxpoynt_ubl::{
    AllowanceCharge, Classification, Currency, Delivery, DocumentReference, Invoice, InvoiceKind,
    InvoiceLine, Irn, Party, PaymentStatus, Period, SupportingDocument, Tax, TaxCategory, TaxSubtotal,
    Totals,
};

/// A document read, and what had to be assumed for it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// It.
    pub invoice: Invoice,
    /// Assumptions, and what the document says that an invoice cannot.
    pub findings: Vec<Finding>,
}

/// Reads the authority's JSON as an invoice.
///
/// # Errors
/// As [`read_mbs`].
pub fn from_mbs(json: &[u8]) -> Result<Invoice> {
    read_mbs(json).map(|reading| reading.invoice)
}

/// As [`from_mbs`], with what had to be assumed.
///
/// # Errors
/// `Payload`, `field` naming where: it is not JSON, a name is written twice, the IRN, type or currency is missing or
/// not one of an invoice, or a value is not of its kind.
pub fn read_mbs(json: &[u8]) -> Result<Reading> {
    let text = std::str::from_utf8(json).map_err(|_| wrong("", "is not UTF-8"))?;
    let fields = Fields::read(text.trim_start_matches('\u{feff}'), String::new())?;
    let mut findings = Vec::new();
    let irn = fields.text("irn")?.ok_or_else(|| fields.missing("irn"))?;
    let mut invoice = head(&fields, &irn, &mut findings)?;
    parties(&fields, &mut invoice)?;
    references(&fields, &irn, &mut invoice)?;
    let lines = fields.objects("invoice_line")?;
    invoice.lines =
        lines.iter().enumerate().map(|(n, l)| line(l, n, &mut findings)).collect::<Result<_>>()?;
    (invoice.allowances, invoice.charges) = charges(&fields)?;
    invoice.payment_means = payment_means(&fields, invoice.due_date.unwrap_or(invoice.issue_date))?;
    invoice.tax_subtotals = tax_subtotals(&fields, &mut findings)?;
    invoice.totals = totals(&fields, &invoice, &mut findings)?;
    tax_lines(&mut invoice, &mut findings);
    Ok(Reading { invoice, findings })
}

fn head(fields: &Fields<'_>, irn: &str, findings: &mut Vec<Finding>) -> Result<Invoice> {
    let code = fields.text("invoice_type_code")?.ok_or_else(|| fields.missing("invoice_type_code"))?;
    let document_type = codes::document_type(&code).ok_or_else(|| {
        let what =
            "must be 381 (invoice), 380 (credit note) or 384 (debit note); this is another kind of document";
        wrong_as("type_unsupported", "invoice_type_code", what)
    })?;
    let code =
        fields.text("document_currency_code")?.ok_or_else(|| fields.missing("document_currency_code"))?;
    let currency = Currency::parse(&code)
        .map_err(|_| wrong("document_currency_code", "must be a currency of ISO 4217 such as NGN"))?;
    let parts = IrnParts::read(irn);
    let issue_date = match (fields.date("issue_date")?, parts) {
        (Some(date), _) => date,
        (None, Some(parts)) => {
            findings
                .push(Finding::assumed("issue_date", "There is no issue date; the one in the IRN is taken."));
            parts.issue_date
        }
        (None, None) => return Err(fields.missing("issue_date")),
    };
    let period = fields.object("invoice_delivery_period")?;
    let period = match period {
        Some(p) => {
            Some(Period { start: p.date("start_date")?, end: p.date("end_date")?, ..Period::default() })
        }
        None => None,
    };
    Ok(Invoice {
        document_type,
        kind: InvoiceKind::B2C,
        number: parts.map_or(irn, |parts| parts.number).to_owned(),
        irn: Irn::parse(irn).ok(),
        business_id: fields.text("business_id")?,
        issue_date,
        issue_time: fields.time("issue_time")?,
        due_date: fields.date("due_date")?,
        tax_point_date: fields.date("tax_point_date")?,
        currency,
        payment_status: payment_status(fields.text("payment_status")?.as_deref()),
        note: fields.text("note")?,
        buyer_reference: fields.text("buyer_reference")?,
        order_reference: fields.text("order_reference")?,
        accounting_reference: fields.text("accounting_cost")?,
        payment_terms: fields.text("payment_terms_note")?,
        period,
        ..Invoice::default()
    })
}

/// The third value is `REJECTED` here and `CANCELED` there.
fn payment_status(status: Option<&str>) -> PaymentStatus {
    match status {
        Some("PAID") => PaymentStatus::Paid,
        Some("REJECTED" | "CANCELED" | "CANCELLED") => PaymentStatus::Rejected,
        _ => PaymentStatus::Pending,
    }
}

fn parties(fields: &Fields<'_>, invoice: &mut Invoice) -> Result<()> {
    let of = |name: &str| fields.object(name)?.map(|p| party(&p)).transpose();
    let supplier: Option<Party> = of("accounting_supplier_party")?;
    invoice.supplier = supplier.ok_or_else(|| fields.missing("accounting_supplier_party"))?;
    invoice.customer = of("accounting_customer_party")?.filter(|customer| *customer != Party::default());
    invoice.payee = of("payee_party")?;
    invoice.tax_representative = of("tax_representative_party")?;
    let stated = fields.text("invoice_kind")?;
    let has_tin = invoice.customer.as_ref().is_some_and(|customer| customer.tin.is_some());
    invoice.kind = stated.and_then(|kind| codes::kind(&kind)).unwrap_or(if has_tin {
        InvoiceKind::B2B
    } else {
        InvoiceKind::B2C
    });
    let ship_to = fields.object("ship_party")?;
    let date = fields.date("actual_delivery_date")?;
    if ship_to.is_some() || date.is_some() {
        let party_name = ship_to.as_ref().map(|p| p.text("party_name")).transpose()?.flatten();
        let address = ship_to.as_ref().map(address).transpose()?.flatten();
        invoice.delivery = Some(Delivery { date, party_name, address, ..Delivery::default() });
    }
    Ok(())
}

fn references(fields: &Fields<'_>, irn: &str, invoice: &mut Invoice) -> Result<()> {
    let corrected = fields.objects("billing_reference")?;
    invoice.references = corrected
        .iter()
        .filter_map(|r| reference(r).transpose())
        .collect::<Result<Vec<DocumentReference>>>()?;
    let irn_of = |name: &str| -> Result<Option<String>> {
        fields.objects(name)?.first().map_or(Ok(None), |r| r.text("irn"))
    };
    invoice.despatch_reference = irn_of("dispatch_document_reference")?;
    invoice.receipt_reference = irn_of("receipt_document_reference")?;
    invoice.tender_reference = irn_of("originator_document_reference")?;
    invoice.contract_reference = irn_of("contract_document_reference")?;
    let document = |id: String, description: Option<&str>| SupportingDocument {
        id,
        description: description.map(str::to_owned),
        ..SupportingDocument::default()
    };
    if invoice.irn.is_none() {
        // Where the writer would put it, had it been one of ours.
        invoice.documents.push(document(irn.to_owned(), Some("IRN")));
    }
    for name in ["additional_document_reference", "_document_reference"] {
        for other in fields.objects(name)? {
            invoice.documents.extend(other.text("irn")?.map(|id| document(id, None)));
        }
    }
    Ok(())
}

fn tax_subtotals(fields: &Fields<'_>, findings: &mut Vec<Finding>) -> Result<Vec<TaxSubtotal>> {
    let mut subtotals = Vec::new();
    for total in fields.objects("tax_total")? {
        for row in total.objects("tax_subtotal")? {
            let category = row.object("tax_category")?.ok_or_else(|| row.missing("tax_category"))?;
            let id = category.text("id")?.ok_or_else(|| category.missing("id"))?;
            let tax_amount = row.number("tax_amount")?.unwrap_or_default();
            let known = codes::tax_category(&id);
            if known.is_none() {
                findings.push(Finding::other_tax(&category.at("id"), &id, tax_amount));
            }
            subtotals.push(TaxSubtotal {
                // No VAT: outside its scope, and said so.
                category: known.unwrap_or(TaxCategory::O),
                percent: category.number("percent")?.unwrap_or_default(),
                taxable_amount: row.number("taxable_amount")?.unwrap_or_default(),
                tax_amount,
                ..TaxSubtotal::default()
            });
        }
    }
    Ok(subtotals)
}

fn totals(fields: &Fields<'_>, invoice: &Invoice, findings: &mut Vec<Finding>) -> Result<Totals> {
    let stated =
        fields.object("legal_monetary_total")?.ok_or_else(|| fields.missing("legal_monetary_total"))?;
    let mut told = |name: &str, sum: Option<Decimal>| match (stated.number(name)?, sum) {
        (Some(amount), _) => Ok(amount),
        (None, Some(sum)) => {
            findings.push(Finding::assumed(
                &stated.at(name),
                "This total is missing; it was added up from the rest.",
            ));
            Ok(sum)
        }
        (None, None) => Err(wrong(&stated.at(name), "is missing and does not fit 28 digits")),
    };
    let add =
        |list: &[AllowanceCharge]| list.iter().try_fold(Decimal::ZERO, |sum, a| sum.checked_add(a.amount));
    let overflow = || wrong("allowance_charge", "adds up to more than 28 digits");
    let allowance_total = add(&invoice.allowances).ok_or_else(overflow)?;
    let charge_total = add(&invoice.charges).ok_or_else(overflow)?;
    let net = invoice.lines.iter().try_fold(Decimal::ZERO, |sum, l| sum.checked_add(l.net_amount));
    let line_extension_amount = told("line_extension_amount", net)?;
    let exclusive =
        line_extension_amount.checked_sub(allowance_total).and_then(|a| a.checked_add(charge_total));
    let tax_exclusive_amount = told("tax_exclusive_amount", exclusive)?;
    let tax_amount = tax_amount(fields, invoice)?;
    let tax_inclusive_amount = told("tax_inclusive_amount", tax_exclusive_amount.checked_add(tax_amount))?;
    let payable_amount = told("payable_amount", Some(tax_inclusive_amount))?;
    Ok(Totals {
        line_extension_amount,
        allowance_total,
        charge_total,
        tax_exclusive_amount,
        tax_amount,
        tax_inclusive_amount,
        prepaid_amount: Decimal::ZERO,
        rounding_amount: rounding(tax_inclusive_amount, payable_amount),
        payable_amount,
    })
}

fn tax_amount(fields: &Fields<'_>, invoice: &Invoice) -> Result<Decimal> {
    let overflow = || wrong("tax_total", "adds up to more than 28 digits");
    let mut sum = Decimal::ZERO;
    let mut stated = false;
    for total in fields.objects("tax_total")? {
        if let Some(amount) = total.number("tax_amount")? {
            stated = true;
            sum = sum.checked_add(amount).ok_or_else(overflow)?;
        }
    }
    if stated {
        return Ok(sum);
    }
    let each = invoice.tax_subtotals.iter().map(|s| s.tax_amount);
    each.into_iter().try_fold(Decimal::ZERO, |sum, tax| sum.checked_add(tax).ok_or_else(overflow))
}

/// The JSON has no field for a rounded amount to pay, so less than one unit of difference is taken for rounding; more
/// stays a difference, and the rules say so.
fn rounding(inclusive: Decimal, payable: Decimal) -> Decimal {
    let difference = payable.checked_sub(inclusive).unwrap_or_default();
    if difference.abs() < Decimal::ONE { difference } else { Decimal::ZERO }
}

/// Gives each line, allowance and charge its tax.
fn tax_lines(invoice: &mut Invoice, findings: &mut Vec<Finding>) {
    let taxable: Vec<Decimal> = invoice.tax_subtotals.iter().map(|s| s.taxable_amount).collect();
    let found = match (taxable.is_empty(), divide(&parts(invoice), &taxable)) {
        (true, _) => {
            findings.push(Finding::no_tax());
            Vec::new()
        }
        (false, Division::Found(found)) => {
            if taxable.len() > 1 {
                findings.push(Finding::rates_inferred());
            }
            found
        }
        (false, Division::Impossible) => {
            findings.push(Finding::rates_disagree());
            Vec::new()
        }
        (false, Division::GivenUp) => {
            findings.push(Finding::rates_unknown());
            Vec::new()
        }
    };
    let most = invoice.tax_subtotals.iter().max_by_key(|s| s.taxable_amount);
    let otherwise = most.map_or(Tax { category: TaxCategory::O, ..Tax::default() }, tax_of);
    let taxes: Vec<Tax> = invoice.tax_subtotals.iter().map(tax_of).collect();
    let mut found = found.into_iter();
    let mut next = || {
        let of_part = found.next().and_then(|rate| taxes.get(rate));
        of_part.unwrap_or(&otherwise).clone()
    };
    for InvoiceLine { tax, .. } in &mut invoice.lines {
        *tax = next();
    }
    for entry in invoice.allowances.iter_mut().chain(&mut invoice.charges) {
        entry.tax = Some(next());
    }
}

fn tax_of(subtotal: &TaxSubtotal) -> Tax {
    Tax { category: subtotal.category, percent: subtotal.percent, ..Tax::default() }
}

/// Lines, allowances and charges, in this order, as amounts to be divided.
fn parts(invoice: &Invoice) -> Vec<Part> {
    let lines = invoice.lines.iter().map(|line| {
        let code = match &line.classification {
            Some(Classification::Goods { hsn_code, .. }) => format!("H{hsn_code}"),
            Some(Classification::Service { isic_code, .. }) => format!("S{isic_code}"),
            None => format!("N{}", line.name),
        };
        Part { amount: line.net_amount, code }
    });
    let alone = |sign: &str, n: usize, amount: Decimal| Part { amount, code: format!("{sign}{n}") };
    let allowances = invoice.allowances.iter().enumerate().map(|(n, a)| alone("-", n, -a.amount));
    let charges = invoice.charges.iter().enumerate().map(|(n, c)| alone("+", n, c.amount));
    lines.chain(allowances).chain(charges).collect()
}
