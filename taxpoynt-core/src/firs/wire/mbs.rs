//! An invoice as the authority's JSON (schema v1.1): flat snake_case, amounts as exact numbers, never an empty string.
//!
//! The same bytes go to `validate` and to `sign`, and after an unclear answer they go again, so they are made once.
//! What the schema has no field for (rounding, prepaid amounts, reasons, line taxes) stays in the UBL document.

use super::shape::{
    Category, Charge, Item, Line, MbsAddress, MbsInvoice, MbsParty, Means, MonetaryTotal, Price, Reference,
    Subtotal, TaxTotal,
};
use crate::firs::codes::{self, ExemptCode};
use crate::{Error, ErrorKind, Result};
use bytes::Bytes;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::borrow::Cow;
use taxpoynt_ubl::{
    Address, AllowanceCharge, Classification, DocumentReference, DocumentType, Invoice, InvoiceKind,
    InvoiceLine, Irn, Party, TaxSubtotal, round_half_up,
};

const OPERATION: &str = "firs.mbs";

/// How one deployment of the authority differs from another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MbsOptions {
    /// Whether its category list has `EXEMPTED`.
    pub exempt: ExemptCode,
    /// Whether a line's discount is sent under the official sample's misspelt names (`dicount_rate`) as well.
    pub misspelt_discount: bool,
}

/// The JSON of `invoice` as bytes: what is stored and sent.
///
/// # Errors
/// As `to_mbs`.
pub fn mbs_bytes(invoice: &Invoice) -> Result<Bytes> {
    to_mbs(invoice)?.to_bytes()
}

/// The authority's form of `invoice`. What is known is written; what is missing is `precheck::missing`'s to say.
///
/// # Errors
/// `Config` where `business_id` or `irn` is missing, `Validation` where a tax category or a document type has no
/// counterpart or an amount exceeds 28 digits; `field` names it.
pub fn to_mbs(invoice: &Invoice) -> Result<MbsInvoice<'_>> {
    to_mbs_with(invoice, MbsOptions::default())
}

/// As `to_mbs`, for a deployment that differs.
///
/// # Errors
/// As `to_mbs`.
pub fn to_mbs_with(invoice: &Invoice, options: MbsOptions) -> Result<MbsInvoice<'_>> {
    let business_id = known(invoice.business_id.as_ref())
        .ok_or_else(|| absent("business_id", "the seller's business_id at the authority"))?;
    let irn =
        invoice.irn.as_ref().ok_or_else(|| absent("irn", "an IRN, so the seller needs a service_id"))?;
    let code = codes::document_type_code(invoice.document_type)
        .ok_or_else(|| unsupported("type", "the authority has no code for this document type".into()))?;
    let amount = Amounts { places: invoice.currency.minor_units().max(2) };
    Ok(MbsInvoice {
        business_id,
        irn: irn.as_str(),
        issue_date: invoice.issue_date,
        due_date: invoice.due_date,
        issue_time: invoice.issue_time,
        invoice_type_code: code,
        invoice_kind: codes::kind_code(invoice.kind),
        payment_status: codes::payment_status_code(invoice.payment_status),
        note: known(invoice.note.as_ref()),
        tax_point_date: invoice.tax_point_date,
        document_currency_code: invoice.currency,
        tax_currency_code: "NGN",
        buyer_reference: known(invoice.buyer_reference.as_ref()),
        order_reference: known(invoice.order_reference.as_ref()),
        billing_reference: billing_references(invoice),
        accounting_supplier_party: party(&invoice.supplier),
        accounting_customer_party: customer(invoice),
        payment_means: payment_means(invoice),
        payment_terms_note: known(invoice.payment_terms.as_ref()),
        allowance_charge: allowance_charges(invoice, amount),
        tax_total: tax_total(invoice, options.exempt, amount)?,
        legal_monetary_total: MonetaryTotal {
            line_extension_amount: amount.of(invoice.totals.line_extension_amount),
            tax_exclusive_amount: amount.of(invoice.totals.tax_exclusive_amount),
            tax_inclusive_amount: amount.of(invoice.totals.tax_inclusive_amount),
            payable_amount: amount.of(invoice.totals.payable_amount),
        },
        invoice_line: invoice
            .lines
            .iter()
            .enumerate()
            .map(|(index, l)| line(l, index, options, amount))
            .collect::<Result<_>>()?,
    })
}

fn absent(field: &'static str, what: &str) -> Error {
    Error::new(ErrorKind::Config, OPERATION, format!("{field} is missing: the authority's JSON needs {what}"))
        .with("field", field)
}

fn unsupported(field: impl Into<String>, message: String) -> Error {
    Error::new(ErrorKind::Validation, OPERATION, message).with("field", field)
}

/// Rounds amounts to what the currency can pay, at least two decimals. Prices and quantities are not amounts: they
/// keep their digits, else quantity × price would no longer give the line.
#[derive(Debug, Clone, Copy)]
struct Amounts {
    places: u32,
}

impl Amounts {
    fn of(self, amount: Decimal) -> Decimal {
        if amount.scale() <= self.places { amount } else { round_half_up(amount, self.places) }
    }
}

/// A text that says something.
pub(in crate::firs) fn known(text: Option<&String>) -> Option<&str> {
    text.map(|t| t.trim()).filter(|t| !t.is_empty())
}

/// The first `most` characters. Only for descriptive texts: cutting a street is better than losing the invoice.
fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    text.char_indices().nth(most).map_or(text, |(end, _)| text[..end].trim_end())
}

/// The e-mail the authority will take: the organisation's, else the contact's.
pub(super) fn email(party: &Party) -> Option<&str> {
    let contact = party.contact.as_ref().and_then(|c| c.email.as_ref());
    [known(party.email.as_ref()), known(contact)].into_iter().flatten().find(|text| codes::is_email(text))
}

/// The TIN, where it is long enough for the authority.
pub(in crate::firs) fn tin(party: &Party) -> Option<&str> {
    known(party.tin.as_ref()).filter(|tin| codes::is_tin(tin))
}

/// The country, alpha-2 in capitals.
pub(super) fn country(address: &Address) -> Option<Cow<'_, str>> {
    let code = known(address.country.as_ref())?;
    match code.as_bytes() {
        [b'A'..=b'Z', b'A'..=b'Z'] => Some(Cow::Borrowed(code)),
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            Some(Cow::Owned(code.to_ascii_uppercase()))
        }
        _ => None,
    }
}

/// As `codes::phone`; what is right already is not made anew.
fn phone<'a>(text: &'a str, country: &str) -> Option<Cow<'a, str>> {
    if codes::is_phone(text) {
        Some(Cow::Borrowed(text))
    } else {
        codes::phone(text, country).map(Cow::Owned)
    }
}

fn party(party: &Party) -> MbsParty<'_> {
    let country = country(&party.address);
    let contact = party.contact.as_ref().and_then(|c| c.phone.as_ref());
    let telephone = [known(party.phone.as_ref()), known(contact)]
        .into_iter()
        .flatten()
        .find_map(|text| phone(text, country.as_deref().unwrap_or("NG")));
    let description = known(party.business_description.as_ref()).filter(|text| text.chars().count() >= 5);
    MbsParty {
        party_name: party.name.trim(),
        tin: tin(party),
        email: email(party),
        telephone,
        business_description: description.map(|text| cut(text, 255)),
        postal_address: postal_address(&party.address, country),
    }
}

fn postal_address<'a>(address: &'a Address, country: Option<Cow<'a, str>>) -> Option<MbsAddress<'a>> {
    let nigerian = country.as_deref() == Some("NG");
    let lga = known(address.lga.as_ref()).filter(|lga| nigerian && codes::is_lga_code(lga));
    let stated = known(address.state.as_ref()).filter(|_| nigerian).and_then(codes::state_code);
    // An LGA code starts with its state's, so the state follows from it; one of another state is a mistake.
    let state = stated.or_else(|| lga.and_then(|lga| codes::state_code(lga.get(..5)?)));
    let lga = lga.filter(|lga| state.is_some_and(|state| lga.starts_with(state)));
    let written = MbsAddress {
        street_name: known(address.street.as_ref()).map(|text| cut(text, 150)),
        city_name: known(address.city.as_ref()).map(|text| cut(text, 100)),
        postal_zone: known(address.postal_code.as_ref()).filter(|zone| zone.chars().count() <= 20),
        lga,
        state,
        country,
    };
    let empty = written.street_name.is_none() && written.city_name.is_none() && written.country.is_none();
    (!empty).then_some(written)
}

/// The buyer. A consumer is named only with everything the authority wants of a party; it asks for none of it.
fn customer(invoice: &Invoice) -> Option<MbsParty<'_>> {
    let customer = invoice.customer.as_ref()?;
    let written = party(customer);
    if invoice.kind != InvoiceKind::B2C {
        return Some(written);
    }
    let address = written.postal_address.as_ref();
    let located =
        address.is_some_and(|a| a.street_name.is_some() && a.city_name.is_some() && a.country.is_some());
    let named = (2..=100).contains(&written.party_name.chars().count());
    (named && located && written.tin.is_some() && written.email.is_some()).then_some(written)
}

fn billing_references(invoice: &Invoice) -> Vec<Reference<'_>> {
    if invoice.document_type == DocumentType::Invoice {
        return Vec::new();
    }
    invoice.references.iter().filter_map(reference).collect()
}

fn reference(reference: &DocumentReference) -> Option<Reference<'_>> {
    let irn = known(reference.irn.as_ref())?;
    Some(Reference { irn, issue_date: reference.issue_date.or_else(|| irn_date(irn))? })
}

/// The date in somebody else's IRN, whose number part may break our rules.
fn irn_date(irn: &str) -> Option<NaiveDate> {
    let date = irn.rsplit('-').next()?;
    Irn::parse(&format!("X-00000000-{date}")).ok()?.issue_date()
}

fn payment_means(invoice: &Invoice) -> Vec<Means> {
    let due = invoice.due_date.unwrap_or(invoice.issue_date);
    let means = invoice.payment_means.iter();
    means
        .map(|m| Means {
            payment_means_code: codes::payment_means_code(&m.code),
            payment_due_date: m.due_date.unwrap_or(due),
        })
        .collect()
}

fn allowance_charges(invoice: &Invoice, amount: Amounts) -> Vec<Charge> {
    let allowances = invoice.allowances.iter().map(|a| (false, a));
    let charges = invoice.charges.iter().map(|c| (true, c));
    let all = allowances.chain(charges);
    all.map(|(charge_indicator, a)| Charge { charge_indicator, amount: amount.of(a.amount) }).collect()
}

/// One element with one subtotal per category and rate: categories that the authority does not tell apart are added.
fn tax_total(invoice: &Invoice, exempt: ExemptCode, amount: Amounts) -> Result<[TaxTotal; 1]> {
    let mut rows: Vec<(Category, Decimal, Decimal)> = Vec::new();
    for (index, subtotal) in invoice.tax_subtotals.iter().enumerate() {
        let category = category(subtotal, index, exempt)?;
        let row = match rows.iter().position(|(c, ..)| *c == category) {
            Some(row) => row,
            None => {
                rows.push((category, Decimal::ZERO, Decimal::ZERO));
                rows.len() - 1
            }
        };
        let field = || format!("tax_subtotals[{index}]");
        rows[row].1 = sum(rows[row].1, subtotal.taxable_amount, field)?;
        rows[row].2 = sum(rows[row].2, subtotal.tax_amount, field)?;
    }
    let tax_subtotal = rows
        .into_iter()
        .map(|(tax_category, taxable, tax)| Subtotal {
            taxable_amount: amount.of(taxable),
            tax_amount: amount.of(tax),
            tax_category,
        })
        .collect();
    Ok([TaxTotal { tax_amount: amount.of(invoice.totals.tax_amount), tax_subtotal }])
}

fn category(subtotal: &TaxSubtotal, index: usize, exempt: ExemptCode) -> Result<Category> {
    let id = codes::tax_category_code(subtotal.category, exempt).ok_or_else(|| {
        let message = format!(
            "tax category {:?} has no counterpart in Nigeria: use S, Z, E, G or O",
            subtotal.category
        );
        unsupported(format!("tax_subtotals[{index}].category"), message)
    })?;
    Ok(Category { id, percent: subtotal.percent })
}

fn sum(left: Decimal, right: Decimal, field: impl Fn() -> String) -> Result<Decimal> {
    left.checked_add(right).ok_or_else(|| unsupported(field(), format!("{} does not fit 28 digits", field())))
}

fn line<'a>(line: &'a InvoiceLine, index: usize, options: MbsOptions, amount: Amounts) -> Result<Line<'a>> {
    let (hsn_code, product_category, isic_code, service_category) = match &line.classification {
        Some(Classification::Goods { hsn_code, product_category }) => {
            (known(Some(hsn_code)), known(Some(product_category)), None, None)
        }
        Some(Classification::Service { isic_code, service_category }) => {
            (None, None, known(Some(isic_code)), known(Some(service_category)))
        }
        None => (None, None, None, None),
    };
    let field = |list: &str| format!("lines[{index}].{list}");
    let discount = total(&line.allowances, || field("allowances"))?;
    let fee = total(&line.charges, || field("charges"))?;
    let name = line.name.trim();
    Ok(Line {
        hsn_code,
        product_category,
        isic_code,
        service_category,
        discount_rate: rate(discount, line),
        discount_amount: amount.of(discount),
        misspelt_discount: options.misspelt_discount,
        fee_rate: rate(fee, line),
        fee_amount: amount.of(fee),
        invoiced_quantity: line.quantity,
        line_extension_amount: amount.of(line.net_amount),
        item: Item {
            name,
            description: known(line.description.as_ref()).unwrap_or(name),
            sellers_item_identification: known(line.sku.as_ref()),
        },
        price: Price { price_amount: line.unit_price, base_quantity: line.base_quantity },
    })
}

fn total(list: &[AllowanceCharge], field: impl Fn() -> String) -> Result<Decimal> {
    list.iter().try_fold(Decimal::ZERO, |total, entry| sum(total, entry.amount, &field))
}

/// `part` in percent of quantity × price ÷ base quantity, to two decimals; zero where there is nothing to divide by.
fn rate(part: Decimal, line: &InvoiceLine) -> Decimal {
    // Most lines have neither discount nor fee, and a division costs more than the rest of the line.
    if part.is_zero() {
        return Decimal::ZERO;
    }
    let gross = line.quantity.checked_mul(line.unit_price).and_then(|g| g.checked_div(line.base_quantity));
    let rate = gross.and_then(|gross| part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(gross));
    round_half_up(rate.unwrap_or(Decimal::ZERO), 2)
}
