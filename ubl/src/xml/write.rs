//! From the document to UBL 2.1 XML.

use super::names::{
    BUYER, CUSTOMIZATION, DUE_NOW, GENERAL_NOTE, IN_WORDS, IRN, KIND, MEANS_IN_WORDS, MEANS_NEEDING_MORE,
    PAID, PLAIN_ALLOWANCE, PLAIN_CHARGE, PROFILE, SOURCE, STATUS,
};
use super::out::{Out, is_blank};
use super::write_party::{customer, derived_kind, supplier};
use crate::calculate::{amount_decimals, needs_reason};
use crate::codes::{UNIT_ONE, default_reason, document_type_code, tax_category_code};
use crate::rules::code_lists::{NOTE_SUBJECTS, PAYMENT_MEANS, UNITS};
use crate::{
    AllowanceCharge, Classification, Currency, DocumentReference, DocumentType, Error, Invoice, InvoiceKind,
    InvoiceLine, Irn, PaymentMeans, PaymentStatus, Result, Tax, TaxCategory, TaxSubtotal, round_half_up,
};
use rust_decimal::Decimal;

const NAMESPACES: &str = "xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
    xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\"";

/// Writes `invoice` as UBL 2.1: an `Invoice`, or a `CreditNote` for a credit note. UTF-8, elements in the order of the
/// schema, none empty, amounts with [`amount_decimals`], characters that XML forbids left out.
///
/// What is there is written; what is missing or contradictory is for [`validate`](crate::validate) to say. Run
/// [`calculate`](crate::calculate) first: totals are written as they are.
///
/// # Errors
/// `Document` where the number, a line's id or every line is missing: there is no UBL document without them.
pub fn to_xml(invoice: &Invoice) -> Result<Vec<u8>> {
    refuse_unwritable(invoice)?;
    let credit = invoice.document_type == DocumentType::CreditNote;
    let root = if credit { "CreditNote" } else { "Invoice" };
    let namespaces = format!("xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:{root}-2\" {NAMESPACES}");
    let mut out = Out::new(root, &namespaces);
    header(&mut out, invoice, credit);
    references(&mut out, invoice);
    supplier(&mut out, invoice);
    customer(&mut out, invoice);
    payment(&mut out, invoice, credit);
    let money = Amounts(invoice.currency);
    document_allowances(&mut out, invoice, money);
    totals(&mut out, invoice, money);
    for item in &invoice.lines {
        line(&mut out, item, credit, money, invoice);
    }
    Ok(out.finish(root))
}

/// Whether a part of the document is outside the scope of VAT: then no VAT identifier may be named (BR-O-02 to BR-O-04).
pub(super) fn outside_vat(invoice: &Invoice) -> bool {
    let document = invoice.allowances.iter().chain(&invoice.charges).filter_map(|a| a.tax.as_ref());
    let mut taxes = invoice.lines.iter().map(|l| &l.tax).chain(document);
    taxes.any(|t| t.category == TaxCategory::O)
}

fn refuse_unwritable(invoice: &Invoice) -> Result<()> {
    let missing = |path: String| {
        Err(Error::Document { path, message: "is empty; a UBL document cannot be written without it".into() })
    };
    if is_blank(&invoice.number) {
        return missing("number".into());
    }
    if invoice.lines.is_empty() {
        return missing("lines".into());
    }
    match invoice.lines.iter().position(|line| is_blank(&line.id)) {
        Some(at) => missing(format!("lines[{at}].id")),
        None => Ok(()),
    }
}

/// Writes amounts of one currency.
#[derive(Clone, Copy)]
struct Amounts(Currency);

impl Amounts {
    fn rounded(self, amount: Decimal) -> Decimal {
        round_half_up(amount, amount_decimals(self.0))
    }

    fn write(self, out: &mut Out, name: &str, amount: Decimal) {
        let text = format!("{:.*}", amount_decimals(self.0) as usize, self.rounded(amount));
        out.value_with(name, &text, &[("currencyID", self.0.code())]);
    }

    fn price(self, out: &mut Out, name: &str, price: Decimal) {
        let text = round_half_up(price, 10).normalize().to_string();
        out.value_with(name, &text, &[("currencyID", self.0.code())]);
    }
}

fn header(out: &mut Out, invoice: &Invoice, credit: bool) {
    out.value("cbc:CustomizationID", CUSTOMIZATION);
    out.value("cbc:ProfileID", PROFILE);
    out.value("cbc:ID", &invoice.number);
    out.value("cbc:IssueDate", &invoice.issue_date.to_string());
    if let Some(time) = invoice.issue_time {
        out.value("cbc:IssueTime", &time.format("%H:%M:%S%.f").to_string());
    }
    let due = invoice.due_date.map(|d| d.to_string());
    let tax_point = invoice.tax_point_date.map(|d| d.to_string());
    let code = document_type_code(invoice.document_type);
    if credit {
        out.optional("cbc:TaxPointDate", tax_point.as_deref());
        out.value("cbc:CreditNoteTypeCode", code);
        note(out, invoice);
    } else {
        out.optional("cbc:DueDate", due.as_deref());
        out.value("cbc:InvoiceTypeCode", code);
        note(out, invoice);
        out.optional("cbc:TaxPointDate", tax_point.as_deref());
    }
    out.value("cbc:DocumentCurrencyCode", invoice.currency.code());
    out.value("cbc:BuyerReference", own_reference(invoice).unwrap_or_else(|| stand_in_reference(invoice)));
}

/// A buyer's reference is required (PEPPOL-EN16931-R003), so the next best thing the buyer may know stands in.
pub(super) fn stand_in_reference(invoice: &Invoice) -> &str {
    let known = [&invoice.order_reference, &invoice.source_id];
    known.into_iter().flatten().map(String::as_str).find(|r| !is_blank(r)).unwrap_or(&invoice.number)
}

fn own_reference(invoice: &Invoice) -> Option<&str> {
    invoice.buyer_reference.as_deref().filter(|r| !is_blank(r))
}

fn note(out: &mut Out, invoice: &Invoice) {
    let Some(note) = &invoice.note else { return };
    if subject(note).is_some_and(|s| !NOTE_SUBJECTS.contains(s)) || note.starts_with(GENERAL_NOTE) {
        out.value("cbc:Note", &format!("{GENERAL_NOTE}{note}"));
    } else {
        out.value("cbc:Note", note);
    }
}

/// What a reader takes for a subject code in a note: three characters between its first two `#` (BR-CL-08).
fn subject(note: &str) -> Option<&str> {
    let subject = note.split('#').nth(1).filter(|_| note.matches('#').count() > 1)?;
    (subject.chars().count() == 3).then_some(subject)
}

fn references(out: &mut Out, invoice: &Invoice) {
    out.group("cac:OrderReference", |out| out.optional("cbc:ID", invoice.order_reference.as_deref()));
    for reference in &invoice.references {
        out.group("cac:BillingReference", |out| {
            out.group("cac:InvoiceDocumentReference", |out| billing_reference(out, reference));
        });
    }
    let mut additional = |description: &str, id: Option<&str>| {
        if id.is_some_and(|id| !is_blank(id)) {
            out.group("cac:AdditionalDocumentReference", |out| {
                out.optional("cbc:ID", id);
                out.value("cbc:DocumentDescription", description);
            });
        }
    };
    additional(IRN, invoice.irn.as_ref().map(Irn::as_str));
    additional(SOURCE, invoice.source_id.as_deref());
    additional(KIND, (invoice.kind != derived_kind(invoice.customer.as_ref())).then(|| kind(invoice.kind)));
    additional(STATUS, status(invoice.payment_status));
    additional(BUYER, own_reference(invoice).filter(|own| *own == stand_in_reference(invoice)));
}

fn kind(kind: InvoiceKind) -> &'static str {
    match kind {
        InvoiceKind::B2B => "B2B",
        InvoiceKind::B2C => "B2C",
        InvoiceKind::B2G => "B2G",
    }
}

fn status(status: PaymentStatus) -> Option<&'static str> {
    match status {
        PaymentStatus::Pending => None,
        PaymentStatus::Paid => Some("PAID"),
        PaymentStatus::Rejected => Some("REJECTED"),
    }
}

fn billing_reference(out: &mut Out, reference: &DocumentReference) {
    let irn = reference.irn.as_deref().filter(|irn| !is_blank(irn));
    out.value("cbc:ID", irn.unwrap_or(&reference.number));
    out.optional("cbc:IssueDate", reference.issue_date.map(|d| d.to_string()).as_deref());
    let told = irn.is_none_or(|irn| Irn::parse(irn).is_ok_and(|irn| irn.number() == reference.number));
    if !told {
        out.value("cbc:DocumentDescription", &reference.number);
    }
}

/// All payment means of a document must share one code and one payment id (UBL-SR-44, UBL-SR-47), so of several the
/// first is written in codes and what the others differ in is written in words.
fn payment(out: &mut Out, invoice: &Invoice, credit: bool) {
    let due = invoice.due_date.filter(|_| credit).map(|d| d.to_string());
    let writable = |code: &str| PAYMENT_MEANS.contains(code) && !MEANS_NEEDING_MORE.contains(&code);
    let shared = invoice
        .payment_means
        .first()
        .map_or(MEANS_IN_WORDS, |m| if writable(&m.code) { m.code.as_str() } else { MEANS_IN_WORDS });
    let shared_id = invoice.payment_means.first().and_then(|m| m.payment_id.as_deref());
    for (index, means) in invoice.payment_means.iter().enumerate() {
        let in_codes = means.code == shared && (index == 0 || means.name.is_none());
        let id_shared = means.payment_id.as_deref() == shared_id;
        let name = means.name.as_deref().filter(|_| in_codes).unwrap_or_default();
        out.group("cac:PaymentMeans", |out| {
            out.value_with("cbc:PaymentMeansCode", shared, &[("name", name)]);
            out.optional("cbc:PaymentDueDate", due.as_deref().filter(|_| index == 0));
            if !id_shared {
                out.optional("cbc:InstructionID", means.payment_id.as_deref());
            }
            if !in_codes {
                out.value("cbc:InstructionNote", &in_words(means));
            }
            if id_shared {
                out.optional("cbc:PaymentID", means.payment_id.as_deref());
            }
        });
    }
    terms(out, invoice, due.as_deref().filter(|_| invoice.payment_means.is_empty()));
}

fn in_words(means: &PaymentMeans) -> String {
    match &means.name {
        Some(name) => format!("{IN_WORDS}{}: {name}", means.code),
        None => format!("{IN_WORDS}{}", means.code),
    }
}

fn terms(out: &mut Out, invoice: &Invoice, due_of_credit: Option<&str>) {
    let given = invoice.payment_terms.as_deref().filter(|t| !is_blank(t));
    let payable = Amounts(invoice.currency).rounded(invoice.totals.payable_amount);
    let open = payable > Decimal::ZERO && invoice.due_date.is_none();
    let stand_in = if invoice.payment_status == PaymentStatus::Paid { PAID } else { DUE_NOW };
    out.group("cac:PaymentTerms", |out| {
        out.optional("cbc:Note", given.or(open.then_some(stand_in)));
        out.optional("cbc:PaymentDueDate", due_of_credit);
    });
}

fn document_allowances(out: &mut Out, invoice: &Invoice, money: Amounts) {
    let known = |category: TaxCategory| {
        invoice.tax_subtotals.iter().find(|s| s.category == category).and_then(|s| s.reason.as_deref())
    };
    let parts =
        invoice.allowances.iter().map(|a| (a, false)).chain(invoice.charges.iter().map(|c| (c, true)));
    for (part, charge) in parts {
        out.group("cac:AllowanceCharge", |out| {
            allowance(out, part, charge, money);
            if let Some(tax) = &part.tax {
                tax_category(out, "cac:TaxCategory", tax, known(tax.category));
            }
        });
    }
}

fn allowance(out: &mut Out, part: &AllowanceCharge, charge: bool, money: Amounts) {
    out.value("cbc:ChargeIndicator", if charge { "true" } else { "false" });
    match part.reason.as_deref().filter(|r| !is_blank(r)) {
        Some(reason) => out.value("cbc:AllowanceChargeReason", reason),
        None => {
            let code = if charge { PLAIN_CHARGE } else { PLAIN_ALLOWANCE };
            out.value("cbc:AllowanceChargeReasonCode", code);
        }
    }
    money.write(out, "cbc:Amount", part.amount);
}

/// The reason belongs to the tax subtotal; a member repeats it only where it has another.
fn tax_category(out: &mut Out, name: &'static str, tax: &Tax, known: Option<&str>) {
    out.group(name, |out| {
        category_and_percent(out, tax.category, tax.percent);
        out.optional("cbc:TaxExemptionReason", tax.reason.as_deref().filter(|r| Some(*r) != known));
        out.group("cac:TaxScheme", |out| out.value("cbc:ID", "VAT"));
    });
}

/// Outside the scope of VAT there is no rate (BR-O-05).
fn category_and_percent(out: &mut Out, category: TaxCategory, percent: Decimal) {
    out.value("cbc:ID", tax_category_code(category));
    if category != TaxCategory::O {
        out.value("cbc:Percent", &percent.normalize().to_string());
    }
}

fn totals(out: &mut Out, invoice: &Invoice, money: Amounts) {
    let totals = &invoice.totals;
    out.group("cac:TaxTotal", |out| {
        money.write(out, "cbc:TaxAmount", totals.tax_amount);
        for subtotal in &invoice.tax_subtotals {
            out.group("cac:TaxSubtotal", |out| tax_subtotal(out, subtotal, money));
        }
    });
    let if_any = |out: &mut Out, name: &str, amount: Decimal, any: bool| {
        if any || !money.rounded(amount).is_zero() {
            money.write(out, name, amount);
        }
    };
    out.group("cac:LegalMonetaryTotal", |out| {
        money.write(out, "cbc:LineExtensionAmount", totals.line_extension_amount);
        money.write(out, "cbc:TaxExclusiveAmount", totals.tax_exclusive_amount);
        money.write(out, "cbc:TaxInclusiveAmount", totals.tax_inclusive_amount);
        if_any(out, "cbc:AllowanceTotalAmount", totals.allowance_total, !invoice.allowances.is_empty());
        if_any(out, "cbc:ChargeTotalAmount", totals.charge_total, !invoice.charges.is_empty());
        if_any(out, "cbc:PrepaidAmount", totals.prepaid_amount, false);
        if_any(out, "cbc:PayableRoundingAmount", totals.rounding_amount, false);
        money.write(out, "cbc:PayableAmount", totals.payable_amount);
    });
}

fn tax_subtotal(out: &mut Out, subtotal: &TaxSubtotal, money: Amounts) {
    money.write(out, "cbc:TaxableAmount", subtotal.taxable_amount);
    money.write(out, "cbc:TaxAmount", subtotal.tax_amount);
    let reason = subtotal.reason.as_deref().filter(|r| !is_blank(r));
    let reason = reason.or_else(|| default_reason(subtotal.category));
    out.group("cac:TaxCategory", |out| {
        category_and_percent(out, subtotal.category, subtotal.percent);
        out.optional("cbc:TaxExemptionReason", reason.filter(|_| needs_reason(subtotal.category)));
        out.group("cac:TaxScheme", |out| out.value("cbc:ID", "VAT"));
    });
}

fn line(out: &mut Out, line: &InvoiceLine, credit: bool, money: Amounts, invoice: &Invoice) {
    let unit = unit(&line.unit);
    let group = if credit { "cac:CreditNoteLine" } else { "cac:InvoiceLine" };
    out.group(group, |out| {
        out.value("cbc:ID", &line.id);
        out.optional("cbc:Note", line.note.as_deref());
        let quantity = if credit { "cbc:CreditedQuantity" } else { "cbc:InvoicedQuantity" };
        out.value_with(quantity, &line.quantity.normalize().to_string(), &[("unitCode", unit)]);
        money.write(out, "cbc:LineExtensionAmount", line.net_amount);
        let parts = line.allowances.iter().map(|a| (a, false)).chain(line.charges.iter().map(|c| (c, true)));
        for (part, charge) in parts {
            out.group("cac:AllowanceCharge", |out| allowance(out, part, charge, money));
        }
        out.group("cac:Item", |out| item(out, line, invoice));
        out.group("cac:Price", |out| {
            money.price(out, "cbc:PriceAmount", line.unit_price);
            if line.base_quantity != Decimal::ONE {
                let base = line.base_quantity.normalize().to_string();
                out.value_with("cbc:BaseQuantity", &base, &[("unitCode", unit)]);
            }
        });
    });
}

/// The unit where it is one of recommendation 20 (BR-CL-23), else `ZZ`, agreed between the parties.
fn unit(unit: &str) -> &str {
    if is_blank(unit) {
        UNIT_ONE
    } else if UNITS.contains(unit) {
        unit
    } else {
        "ZZ"
    }
}

fn item(out: &mut Out, line: &InvoiceLine, invoice: &Invoice) {
    out.optional("cbc:Description", line.description.as_deref());
    out.value("cbc:Name", &line.name);
    out.group("cac:SellersItemIdentification", |out| out.optional("cbc:ID", line.sku.as_deref()));
    out.group("cac:CommodityClassification", |out| match &line.classification {
        Some(Classification::Goods { hsn_code, product_category }) => out.value_with(
            "cbc:ItemClassificationCode",
            hsn_code,
            &[("name", product_category), ("listID", "HS")],
        ),
        Some(Classification::Service { isic_code, service_category }) => out.value_with(
            "cbc:ItemClassificationCode",
            isic_code,
            &[("name", service_category), ("listID", "ZZZ"), ("listVersionID", "ISIC")],
        ),
        None => {}
    });
    let subtotal = invoice.tax_subtotals.iter().find(|s| s.category == line.tax.category);
    tax_category(out, "cac:ClassifiedTaxCategory", &line.tax, subtotal.and_then(|s| s.reason.as_deref()));
}
