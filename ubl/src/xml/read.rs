//! From UBL 2.1 XML to the document.

use super::names::{
    BUYER, DUE_NOW, GENERAL_NOTE, IN_WORDS, IRN, KIND, PAID, PLAIN_ALLOWANCE, PLAIN_CHARGE, SOURCE, STATUS,
    WALK_IN,
};
use super::out::is_blank;
use super::read_line::line;
use super::read_party::{business_id, party};
use super::tree::{Element, Tree, is_space};
use super::write::stand_in_reference;
use super::write_party::derived_kind;
use crate::codes::{default_reason, document_type, tax_category};
use crate::vocabulary::{Name, Path, path};
use crate::{
    AllowanceCharge, Currency, DocumentReference, DocumentType, Error, Invoice, InvoiceKind, Irn, Party,
    PaymentMeans, PaymentStatus, Result, Tax, TaxCategory, TaxSubtotal, Totals,
};
use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;

/// Reads a UBL 2.1 `Invoice` or `CreditNote`: ours back, field for field, or anyone else's as far as the document
/// model goes; elements it has no field for are passed over. Nothing is calculated or checked against rules.
///
/// Not in UBL, so never read back: the tax a platform stated for a line ([`Tax::amount`]). Blank texts are read as none,
/// and so are the texts that [`to_xml`](crate::to_xml) puts in where the standard wants one and the document has none.
///
/// # Errors
/// `Xml` where the bytes are not well-formed XML or hostile; `Document`, naming the element, where something the model
/// needs is missing or cannot be held.
pub fn parse(xml: &[u8]) -> Result<Invoice> {
    let tree = Tree::read(xml)?;
    let root = tree.root();
    let credit = match root.name() {
        Name::Invoice => false,
        Name::CreditNote => true,
        _ => return Err(fault(root, "is not the Invoice or CreditNote of UBL 2.1")),
    };
    let mut invoice = header(root, credit)?;
    annotations(root, &mut invoice);
    payment(root, credit, &mut invoice)?;
    invoice.tax_subtotals = root
        .all(path!("cac:TaxTotal/cac:TaxSubtotal"))
        .filter(|e| in_currency(*e, invoice.currency))
        .map(subtotal)
        .collect::<Result<_>>()?;
    for part in root.all(path!("cac:AllowanceCharge")) {
        let (parsed, charge) = allowance(part)?;
        let list = if charge { &mut invoice.charges } else { &mut invoice.allowances };
        list.push(parsed);
    }
    invoice.totals = totals(root, invoice.currency)?;
    let lines = if credit { path!("cac:CreditNoteLine") } else { path!("cac:InvoiceLine") };
    invoice.lines = root.all(lines).map(line).collect::<Result<_>>()?;
    if invoice.lines.is_empty() {
        return Err(fault(root, format!("has no {lines}")));
    }
    share_reasons(&mut invoice);
    Ok(invoice)
}

/// A refusal that names an element.
pub(super) fn fault(element: Element<'_>, message: impl Into<String>) -> Error {
    Error::Document { path: element.path(), message: message.into() }
}

/// A text as written, none where blank.
pub(super) fn text(element: Element<'_>, path: Path) -> Option<String> {
    element.first(path).map(|e| e.text().into_owned()).filter(|t| !is_blank(t))
}

/// A text without white space around it: codes and identifiers.
pub(super) fn code(element: Element<'_>, path: Path) -> Option<String> {
    text(element, path).map(|t| t.trim_matches(is_space).to_owned())
}

/// A number, if the element is there.
pub(super) fn number(element: Element<'_>, path: Path) -> Result<Option<Decimal>> {
    element.first(path).map(number_of).transpose()
}

/// The number an element holds.
pub(super) fn number_of(element: Element<'_>) -> Result<Decimal> {
    let written = element.text();
    crate::rules::number::decimal(&written).ok_or_else(|| {
        fault(element, format!("is {:?}, not a decimal number of at most 28 digits", shorten(&written)))
    })
}

/// A number that must be there.
pub(super) fn required_number(element: Element<'_>, path: Path) -> Result<Decimal> {
    number(element, path)?.ok_or_else(|| fault(element, format!("has no {path}")))
}

/// The beginning of a value, for messages.
pub(super) fn shorten(value: &str) -> String {
    value.chars().take(60).collect()
}

fn date(element: Element<'_>, path: Path) -> Result<Option<NaiveDate>> {
    let Some(found) = element.first(path) else { return Ok(None) };
    let written = found.text();
    if is_blank(&written) {
        return Ok(None);
    }
    crate::rules::number::date(&written)
        .map(Some)
        .ok_or_else(|| fault(found, format!("is {:?}, not a date written YYYY-MM-DD", shorten(&written))))
}

fn time(element: Element<'_>, path: Path) -> Result<Option<NaiveTime>> {
    let Some(found) = element.first(path) else { return Ok(None) };
    let written = found.text();
    let whole = written.trim_matches(is_space);
    let clock = whole.split_at_checked(8).map(|(hms, rest)| {
        let fraction: String = rest.chars().take_while(|c| *c == '.' || c.is_ascii_digit()).collect();
        format!("{hms}{fraction}")
    });
    let parsed = clock.and_then(|t| NaiveTime::parse_from_str(&t, "%H:%M:%S%.f").ok());
    parsed
        .map(Some)
        .ok_or_else(|| fault(found, format!("is {:?}, not a time written HH:MM:SS", shorten(&written))))
}

fn header(root: Element<'_>, credit: bool) -> Result<Invoice> {
    let required = |path: Path| code(root, path).ok_or_else(|| fault(root, format!("has no {path}")));
    let type_path = if credit { path!("cbc:CreditNoteTypeCode") } else { path!("cbc:InvoiceTypeCode") };
    let document_type = match code(root, type_path) {
        Some(_) if credit => DocumentType::CreditNote,
        Some(written) => document_type(&written).ok_or_else(|| {
            fault(root, format!("has {type_path} {written:?}, which EN 16931 does not know"))
        })?,
        None if credit => DocumentType::CreditNote,
        None => DocumentType::Invoice,
    };
    let currency = required(path!("cbc:DocumentCurrencyCode"))?;
    let currency = Currency::parse(&currency)
        .map_err(|e| fault(root.first(path!("cbc:DocumentCurrencyCode")).unwrap_or(root), e.to_string()))?;
    let seller = root
        .first(path!("cac:AccountingSupplierParty"))
        .ok_or_else(|| fault(root, "has no cac:AccountingSupplierParty"))?;
    let customer = root.first(path!("cac:AccountingCustomerParty")).map(party).transpose()?;
    Ok(Invoice {
        document_type,
        kind: InvoiceKind::B2C,
        number: text(root, path!("cbc:ID")).ok_or_else(|| fault(root, "has no cbc:ID"))?,
        irn: None,
        business_id: business_id(seller),
        issue_date: date(root, path!("cbc:IssueDate"))?.ok_or_else(|| fault(root, "has no cbc:IssueDate"))?,
        issue_time: time(root, path!("cbc:IssueTime"))?,
        due_date: None,
        tax_point_date: date(root, path!("cbc:TaxPointDate"))?,
        currency,
        source_id: None,
        payment_status: PaymentStatus::Pending,
        note: note(root),
        buyer_reference: text(root, path!("cbc:BuyerReference")),
        order_reference: text(root, path!("cac:OrderReference/cbc:ID")),
        payment_terms: None,
        supplier: party(seller)?,
        customer: customer.filter(|c| !is_walk_in(c)),
        lines: Vec::new(),
        allowances: Vec::new(),
        charges: Vec::new(),
        payment_means: Vec::new(),
        totals: Totals::default(),
        tax_subtotals: Vec::new(),
        references: references(root)?,
    })
}

fn note(root: Element<'_>) -> Option<String> {
    let notes: Vec<String> = root
        .all(path!("cbc:Note"))
        .map(|e| e.text().into_owned())
        .filter(|t| !is_blank(t))
        .map(|t| t.strip_prefix(GENERAL_NOTE).map(str::to_owned).unwrap_or(t))
        .collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

fn is_walk_in(customer: &Party) -> bool {
    let mut bare = Party { name: WALK_IN.to_owned(), ..Party::default() };
    bare.address.country.clone_from(&customer.address.country);
    *customer == bare
}

fn references(root: Element<'_>) -> Result<Vec<DocumentReference>> {
    let mut all = Vec::new();
    for reference in root.all(path!("cac:BillingReference/cac:InvoiceDocumentReference")) {
        let Some(id) = text(reference, path!("cbc:ID")) else { continue };
        let issue_date = date(reference, path!("cbc:IssueDate"))?;
        let (number, irn) = match (text(reference, path!("cbc:DocumentDescription")), Irn::parse(&id)) {
            (Some(number), _) => (number, Some(id)),
            (None, Ok(irn)) => (irn.number().to_owned(), Some(id)),
            (None, Err(_)) => (id, None),
        };
        all.push(DocumentReference { number, irn, issue_date });
    }
    Ok(all)
}

/// What the writer keeps in additional document references, and what follows from it.
fn annotations(root: Element<'_>, invoice: &mut Invoice) {
    let find = |description: &str| {
        root.all(path!("cac:AdditionalDocumentReference"))
            .find(|e| text(*e, path!("cbc:DocumentDescription")).as_deref() == Some(description))
            .and_then(|e| text(e, path!("cbc:ID")))
    };
    invoice.irn = find(IRN).and_then(|irn| Irn::parse(irn.trim_matches(is_space)).ok());
    invoice.source_id = find(SOURCE);
    invoice.kind = match find(KIND).as_deref() {
        Some("B2B") => InvoiceKind::B2B,
        Some("B2C") => InvoiceKind::B2C,
        Some("B2G") => InvoiceKind::B2G,
        _ => derived_kind(invoice.customer.as_ref()),
    };
    invoice.payment_status = match find(STATUS).as_deref() {
        Some("PAID") => PaymentStatus::Paid,
        Some("REJECTED") => PaymentStatus::Rejected,
        _ => PaymentStatus::Pending,
    };
    let stand_in = stand_in_reference(invoice).to_owned();
    if find(BUYER).is_none() {
        invoice.buyer_reference = invoice.buyer_reference.take().filter(|written| *written != stand_in);
    }
}

fn payment(root: Element<'_>, credit: bool, invoice: &mut Invoice) -> Result<()> {
    for element in root.all(path!("cac:PaymentMeans")) {
        invoice.payment_means.push(payment_means(element)?);
    }
    invoice.due_date = match date(root, path!("cbc:DueDate"))? {
        Some(due) => Some(due),
        None if credit => match date(root, path!("cac:PaymentMeans/cbc:PaymentDueDate"))? {
            Some(due) => Some(due),
            None => date(root, path!("cac:PaymentTerms/cbc:PaymentDueDate"))?,
        },
        None => date(root, path!("cac:PaymentMeans/cbc:PaymentDueDate"))?,
    };
    let terms: Vec<String> = root
        .all(path!("cac:PaymentTerms/cbc:Note"))
        .map(|e| e.text().into_owned())
        .filter(|t| !is_blank(t) && t != DUE_NOW && t != PAID)
        .collect();
    invoice.payment_terms = (!terms.is_empty()).then(|| terms.join("\n"));
    Ok(())
}

fn payment_means(element: Element<'_>) -> Result<PaymentMeans> {
    let code_element = element
        .first(path!("cbc:PaymentMeansCode"))
        .ok_or_else(|| fault(element, "has no cbc:PaymentMeansCode"))?;
    let own_code = code_element.text().trim_matches(is_space).to_owned();
    let own_name = code_element.attribute("name").filter(|n| !is_blank(n)).map(str::to_owned);
    let words = text(element, path!("cbc:InstructionNote")).and_then(|note| {
        let note = note.strip_prefix(IN_WORDS)?;
        let (code, name) = note.split_once(": ").map_or((note, None), |(c, n)| (c, Some(n.to_owned())));
        Some((code.to_owned(), name))
    });
    let payment_id =
        text(element, path!("cbc:PaymentID")).or_else(|| text(element, path!("cbc:InstructionID")));
    let (code, name) = words.unwrap_or((own_code, own_name));
    Ok(PaymentMeans { code, name, payment_id })
}

fn in_currency(subtotal: Element<'_>, currency: Currency) -> bool {
    let amount = subtotal.first(path!("cbc:TaxAmount")).and_then(|a| a.attribute("currencyID"));
    amount.is_none_or(|c| c.trim() == currency.code())
}

fn subtotal(element: Element<'_>) -> Result<TaxSubtotal> {
    let category =
        element.first(path!("cac:TaxCategory")).ok_or_else(|| fault(element, "has no cac:TaxCategory"))?;
    let tax = tax(category)?;
    let reason = tax.reason.filter(|r| Some(r.as_str()) != default_reason(tax.category));
    Ok(TaxSubtotal {
        category: tax.category,
        percent: tax.percent,
        taxable_amount: required_number(element, path!("cbc:TaxableAmount"))?,
        tax_amount: required_number(element, path!("cbc:TaxAmount"))?,
        reason,
    })
}

/// The tax of a `cac:TaxCategory` or `cac:ClassifiedTaxCategory`.
pub(super) fn tax(element: Element<'_>) -> Result<Tax> {
    let id = code(element, path!("cbc:ID")).ok_or_else(|| fault(element, "has no cbc:ID"))?;
    let category = tax_category(&id).ok_or_else(|| {
        fault(element, format!("has category {:?}; EN 16931 has S Z E AE K G O L M B", shorten(&id)))
    })?;
    let percent = number(element, path!("cbc:Percent"))?.unwrap_or_default();
    let reason = text(element, path!("cbc:TaxExemptionReason"))
        .or_else(|| code(element, path!("cbc:TaxExemptionReasonCode")));
    Ok(Tax { category, percent, reason, amount: None })
}

/// An allowance, or a charge where the flag says so.
pub(super) fn allowance(element: Element<'_>) -> Result<(AllowanceCharge, bool)> {
    let charge = match code(element, path!("cbc:ChargeIndicator")).as_deref() {
        Some("true" | "1") => true,
        Some("false" | "0") => false,
        _ => return Err(fault(element, "has no cbc:ChargeIndicator that is true or false")),
    };
    let plain = if charge { PLAIN_CHARGE } else { PLAIN_ALLOWANCE };
    let by_code = || code(element, path!("cbc:AllowanceChargeReasonCode")).filter(|c| c != plain);
    let amount = required_number(element, path!("cbc:Amount"))?;
    let reason = text(element, path!("cbc:AllowanceChargeReason")).or_else(by_code);
    let tax = element.first(path!("cac:TaxCategory")).map(tax).transpose()?;
    Ok((AllowanceCharge { amount, reason, tax }, charge))
}

fn totals(root: Element<'_>, currency: Currency) -> Result<Totals> {
    let sums = root
        .first(path!("cac:LegalMonetaryTotal"))
        .ok_or_else(|| fault(root, "has no cac:LegalMonetaryTotal"))?;
    let or_zero = |path: Path| number(sums, path).map(Option::unwrap_or_default);
    let tax_total = root.all(path!("cac:TaxTotal")).find(|e| in_currency(*e, currency));
    let tax_amount =
        tax_total.map(|e| required_number(e, path!("cbc:TaxAmount"))).transpose()?.unwrap_or_default();
    Ok(Totals {
        line_extension_amount: required_number(sums, path!("cbc:LineExtensionAmount"))?,
        allowance_total: or_zero(path!("cbc:AllowanceTotalAmount"))?,
        charge_total: or_zero(path!("cbc:ChargeTotalAmount"))?,
        tax_exclusive_amount: required_number(sums, path!("cbc:TaxExclusiveAmount"))?,
        tax_amount,
        tax_inclusive_amount: required_number(sums, path!("cbc:TaxInclusiveAmount"))?,
        prepaid_amount: or_zero(path!("cbc:PrepaidAmount"))?,
        rounding_amount: or_zero(path!("cbc:PayableRoundingAmount"))?,
        payable_amount: required_number(sums, path!("cbc:PayableAmount"))?,
    })
}

/// The reason of a tax stands once, in the subtotal: every member without one of its own has it too.
fn share_reasons(invoice: &mut Invoice) {
    let subtotals = &invoice.tax_subtotals;
    let reason = |category: TaxCategory| {
        subtotals.iter().find(|s| s.category == category).and_then(|s| s.reason.clone())
    };
    let document = invoice.allowances.iter_mut().chain(&mut invoice.charges).filter_map(|a| a.tax.as_mut());
    for tax in invoice.lines.iter_mut().map(|l| &mut l.tax).chain(document) {
        if tax.reason.is_none() {
            tax.reason = reason(tax.category);
        }
    }
}
