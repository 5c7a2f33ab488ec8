//! Taxes, allowances and charges, and totals in UBL.

use super::names::{PLAIN_ALLOWANCE, PLAIN_CHARGE};
use super::out::{Out, Tag, is_blank, tag};
use super::own::known_reason;
use crate::calculate::{amount_decimals, needs_reason};
use crate::codes::{default_reason, tax_category_code};
use crate::{AllowanceCharge, Invoice, Period, Tax, TaxCategory, TaxSubtotal, round_half_up};
use rust_decimal::Decimal;

/// How a rate is applied: source amount times rate.
pub(super) const MULTIPLY: &str = "multiply";

/// An amount of the document's currency: in our own documents with as many decimals as it has, else as it is.
pub(super) fn amount(out: &mut Out<'_>, tag: &'static Tag, amount: Decimal) {
    amount_if(out, tag, amount, true);
}

/// The same where `usual`, or where it was kept that it stands.
fn amount_if(out: &mut Out<'_>, tag: &'static Tag, amount: Decimal, usual: bool) {
    let currency = out.currency;
    let value = if out.own { padded(amount, amount_decimals(currency)) } else { amount };
    out.number(tag, value, usual, &[("currencyID", currency.code())]);
}

fn padded(amount: Decimal, places: u32) -> Decimal {
    if amount.scale() == places {
        return amount;
    }
    let mut rounded = round_half_up(amount, places);
    rounded.rescale(places);
    rounded
}

/// A price: any number of decimals, in our own documents at most ten.
pub(super) fn price(out: &mut Out<'_>, tag: &'static Tag, price: Decimal) {
    let value = if out.own { round_half_up(price, 10).normalize() } else { price };
    let currency = out.currency;
    out.number(tag, value, true, &[("currencyID", currency.code())]);
}

/// A number in its shortest form in our own documents, else as it is.
pub(super) fn shortest(out: &Out<'_>, value: Decimal) -> Decimal {
    if out.own { value.normalize() } else { value }
}

/// A `cac:InvoicePeriod`.
pub(super) fn period<'i>(out: &mut Out<'i>, period: &'i Period) {
    out.aggregate(tag!("cac:InvoicePeriod"), &period.rest, |out| {
        out.date(tag!("cbc:StartDate"), period.start);
        out.date(tag!("cbc:EndDate"), period.end);
        out.optional(tag!("cbc:DescriptionCode"), period.tax_point_code.as_deref());
    });
}

pub(super) fn document_allowances<'i>(out: &mut Out<'i>, invoice: &'i Invoice) {
    let parts =
        invoice.allowances.iter().map(|a| (a, false)).chain(invoice.charges.iter().map(|c| (c, true)));
    for (part, charge) in parts {
        allowance(out, part, charge, invoice);
    }
}

pub(super) fn allowance<'i>(
    out: &mut Out<'i>,
    part: &'i AllowanceCharge,
    charge: bool,
    invoice: &'i Invoice,
) {
    out.aggregate(tag!("cac:AllowanceCharge"), &part.rest, |out| {
        out.indicator(tag!("cbc:ChargeIndicator"), charge);
        let reason = part.reason.as_deref().filter(|r| !is_blank(r));
        let plain = if charge { PLAIN_CHARGE } else { PLAIN_ALLOWANCE };
        let stand_in = (out.own && reason.is_none()).then_some(plain);
        out.optional(tag!("cbc:AllowanceChargeReasonCode"), part.reason_code.as_deref().or(stand_in));
        out.optional(tag!("cbc:AllowanceChargeReason"), reason);
        if let Some(percent) = part.percent {
            out.number(tag!("cbc:MultiplierFactorNumeric"), shortest(out, percent), true, &[]);
        }
        amount(out, tag!("cbc:Amount"), part.amount);
        if let Some(base) = part.base_amount {
            amount(out, tag!("cbc:BaseAmount"), base);
        }
        if let Some(tax) = &part.tax {
            member_tax(out, tag!("cac:TaxCategory"), tax, invoice);
        }
    });
}

/// The tax of a line, an allowance or a charge. In our own documents the reason belongs to the tax subtotal; a member
/// repeats it only where it has another.
pub(super) fn member_tax<'i>(out: &mut Out<'i>, tag: &'static Tag, tax: &'i Tax, invoice: &'i Invoice) {
    let reason = tax.reason.as_deref();
    let told = out.own && reason.is_some() && reason == known_reason(invoice, tax.category);
    let reason = reason.filter(|_| !told);
    out.aggregate(tag, &tax.rest, |out| {
        category(out, tax.category, tax.percent, tax.reason_code.as_deref(), reason);
    });
}

/// Outside the scope of VAT there is no rate (BR-O-05).
fn category(
    out: &mut Out<'_>,
    category: TaxCategory,
    percent: Decimal,
    reason_code: Option<&str>,
    reason: Option<&str>,
) {
    out.text(tag!("cbc:ID"), tax_category_code(category));
    out.number(tag!("cbc:Percent"), shortest(out, percent), category != TaxCategory::O, &[]);
    out.optional(tag!("cbc:TaxExemptionReasonCode"), reason_code);
    out.optional(tag!("cbc:TaxExemptionReason"), reason);
    out.group(tag!("cac:TaxScheme"), |out| out.constant(tag!("cbc:ID"), "VAT"));
}

/// The rate of the tax in the currency it is accounted in.
pub(super) fn tax_exchange_rate(out: &mut Out<'_>, invoice: &Invoice) {
    let Some(rate) = &invoice.tax_exchange_rate else { return };
    out.plain_group(tag!("cac:TaxExchangeRate"), |out| {
        out.text(tag!("cbc:SourceCurrencyCode"), rate.from.code());
        out.text(tag!("cbc:TargetCurrencyCode"), rate.to.code());
        out.optional(tag!("cbc:ExchangeMarketID"), rate.source.as_deref());
        out.number(tag!("cbc:CalculationRate"), rate.rate, true, &[]);
        out.text(tag!("cbc:MathematicOperatorCode"), MULTIPLY);
        out.date(tag!("cbc:Date"), rate.date);
    });
}

/// The tax total with the breakdown, and the one in the currency the tax is accounted in.
pub(super) fn tax_total<'i>(out: &mut Out<'i>, invoice: &'i Invoice) {
    out.group(tag!("cac:TaxTotal"), |out| {
        amount(out, tag!("cbc:TaxAmount"), invoice.totals.tax_amount);
        for subtotal in &invoice.tax_subtotals {
            tax_subtotal(out, subtotal);
        }
    });
    let Some((currency, tax)) = invoice.tax_currency.zip(invoice.tax_amount_in_tax_currency) else { return };
    let value = if out.own { padded(tax, amount_decimals(currency)) } else { tax };
    out.numbered_group(tag!("cac:TaxTotal"), 2, |out| {
        out.number(tag!("cbc:TaxAmount"), value, true, &[("currencyID", currency.code())]);
    });
}

fn tax_subtotal<'i>(out: &mut Out<'i>, subtotal: &'i TaxSubtotal) {
    let mut reason = subtotal.reason.as_deref().filter(|r| !is_blank(r));
    if out.own {
        let stand_in = default_reason(subtotal.category).filter(|_| subtotal.reason_code.is_none());
        reason = reason.or(stand_in).filter(|_| needs_reason(subtotal.category));
    }
    out.aggregate(tag!("cac:TaxSubtotal"), &subtotal.rest, |out| {
        amount(out, tag!("cbc:TaxableAmount"), subtotal.taxable_amount);
        amount(out, tag!("cbc:TaxAmount"), subtotal.tax_amount);
        out.group(tag!("cac:TaxCategory"), |out| {
            category(out, subtotal.category, subtotal.percent, subtotal.reason_code.as_deref(), reason);
        });
    });
}

/// The totals of the document. An allowance or charge total stands where there is one to sum.
pub(super) fn totals<'i>(out: &mut Out<'i>, invoice: &'i Invoice) {
    let totals = &invoice.totals;
    let places = amount_decimals(out.currency);
    let own = out.own;
    let any =
        |amount: Decimal| if own { !round_half_up(amount, places).is_zero() } else { !amount.is_zero() };
    let allowances = any(totals.allowance_total) || !invoice.allowances.is_empty();
    let charges = any(totals.charge_total) || !invoice.charges.is_empty();
    out.group(tag!("cac:LegalMonetaryTotal"), |out| {
        amount(out, tag!("cbc:LineExtensionAmount"), totals.line_extension_amount);
        amount(out, tag!("cbc:TaxExclusiveAmount"), totals.tax_exclusive_amount);
        amount(out, tag!("cbc:TaxInclusiveAmount"), totals.tax_inclusive_amount);
        amount_if(out, tag!("cbc:AllowanceTotalAmount"), totals.allowance_total, allowances);
        amount_if(out, tag!("cbc:ChargeTotalAmount"), totals.charge_total, charges);
        amount_if(out, tag!("cbc:PrepaidAmount"), totals.prepaid_amount, any(totals.prepaid_amount));
        amount_if(
            out,
            tag!("cbc:PayableRoundingAmount"),
            totals.rounding_amount,
            any(totals.rounding_amount),
        );
        amount(out, tag!("cbc:PayableAmount"), totals.payable_amount);
    });
}
