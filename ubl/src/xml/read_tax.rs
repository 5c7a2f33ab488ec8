//! Taxes, allowances and charges, and totals read from UBL.

use super::keep::{Context, Keep, append, fault, shorten};
use super::out::is_blank;
use super::tree::Element;
use super::write_tax::MULTIPLY;
use crate::codes::tax_category;
use crate::vocabulary::{Cac, Cbc, Name};
use crate::{
    AllowanceCharge, Currency, ExchangeRate, Invoice, Period, Result, Tax, TaxCategory, TaxSubtotal,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The tax of a `cac:TaxCategory` or `cac:ClassifiedTaxCategory`.
pub(super) fn tax(cx: &Context, element: Element<'_>) -> Result<Tax> {
    let mut keep = Keep::of(cx, element);
    let mut tax = tax_children(&mut keep, element)?;
    tax.rest = keep.done();
    Ok(tax)
}

fn tax_children(keep: &mut Keep<'_>, element: Element<'_>) -> Result<Tax> {
    let (mut id, mut percent, mut scheme, mut seen) = (None, None, false, false);
    let mut tax = Tax::default();
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.code(child, &mut id),
            Name::Cbc(Cbc::Percent) => keep.number(child, &mut percent)?,
            Name::Cbc(Cbc::TaxExemptionReasonCode) => keep.code(child, &mut tax.reason_code),
            Name::Cbc(Cbc::TaxExemptionReason) => keep.text(child, &mut tax.reason),
            Name::Cac(Cac::TaxScheme) => {
                if keep.group(child, &mut seen) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.constant(child, "VAT", &mut scheme),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    let id = id.ok_or_else(|| fault(element, "has no cbc:ID"))?;
    tax.category = tax_category(&id).ok_or_else(|| {
        fault(element, format!("has category {:?}; EN 16931 has S Z E AE K G O L M B", shorten(&id)))
    })?;
    if !scheme {
        keep.absent("cac:TaxScheme/cbc:ID");
    }
    // Outside the scope of VAT there is no rate (BR-O-05), everywhere else there is.
    match percent {
        Some(percent) if tax.category == TaxCategory::O => {
            keep.stands("cbc:Percent", &percent.to_string());
            tax.percent = percent;
        }
        Some(percent) => tax.percent = percent,
        None if tax.category != TaxCategory::O => keep.absent("cbc:Percent"),
        None => {}
    }
    Ok(tax)
}

/// An allowance, or a charge where the flag says so.
pub(super) fn allowance(cx: &Context, element: Element<'_>) -> Result<(AllowanceCharge, bool)> {
    let mut keep = Keep::of(cx, element);
    let (mut charge, mut amount) = (None, None);
    let mut read = AllowanceCharge::default();
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ChargeIndicator) => keep.indicator(child, &mut charge),
            Name::Cbc(Cbc::AllowanceChargeReasonCode) => keep.code(child, &mut read.reason_code),
            Name::Cbc(Cbc::AllowanceChargeReason) => keep.text(child, &mut read.reason),
            Name::Cbc(Cbc::MultiplierFactorNumeric) => keep.number(child, &mut read.percent)?,
            Name::Cbc(Cbc::Amount) => keep.amount(child, &mut amount)?,
            Name::Cbc(Cbc::BaseAmount) => keep.amount(child, &mut read.base_amount)?,
            Name::Cac(Cac::TaxCategory) if read.tax.is_none() => read.tax = Some(tax(cx, child)?),
            _ => keep.element(child),
        }
    }
    let charge = charge.ok_or_else(|| fault(element, "has no cbc:ChargeIndicator that is true or false"))?;
    read.amount = amount.unwrap_or_else(|| absent(&mut keep, "cbc:Amount"));
    if read.reason.is_none() && read.reason_code.is_none() {
        cx.foreign();
    }
    read.rest = keep.done();
    Ok((read, charge))
}

fn absent(keep: &mut Keep<'_>, path: &str) -> Decimal {
    keep.absent(path);
    keep.cx.foreign();
    Decimal::ZERO
}

/// A `cac:InvoicePeriod`.
pub(super) fn period(cx: &Context, element: Element<'_>) -> Period {
    let mut keep = Keep::of(cx, element);
    let mut period = Period::default();
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::StartDate) => keep.date(child, &mut period.start),
            Name::Cbc(Cbc::EndDate) => keep.date(child, &mut period.end),
            Name::Cbc(Cbc::DescriptionCode) => keep.code(child, &mut period.tax_point_code),
            _ => keep.element(child),
        }
    }
    period.rest = keep.done();
    period
}

/// A `cac:TaxExchangeRate` as we write it; `None` where it is written otherwise, so that it is kept as it is.
pub(super) fn exchange_rate(element: Element<'_>) -> Option<ExchangeRate> {
    let (mut from, mut to, mut rate, mut date, mut source, mut multiplied) =
        (None, None, None, None, None, false);
    if element.attributes().next().is_some() {
        return None;
    }
    let mut names = element.children().map(|child| child.name());
    let usual = [
        Cbc::SourceCurrencyCode,
        Cbc::TargetCurrencyCode,
        Cbc::ExchangeMarketID,
        Cbc::CalculationRate,
        Cbc::MathematicOperatorCode,
        Cbc::Date,
    ];
    let mut expected = usual.iter().map(|name| Name::Cbc(*name));
    if !names.all(|name| expected.any(|usual| usual == name)) {
        return None;
    }
    for child in element.children() {
        if child.attributes().next().is_some() || child.has_children() {
            return None;
        }
        let text = child.own_text();
        match child.name() {
            Name::Cbc(Cbc::SourceCurrencyCode) => from = Some(Currency::parse(text).ok()?),
            Name::Cbc(Cbc::TargetCurrencyCode) => to = Some(Currency::parse(text).ok()?),
            Name::Cbc(Cbc::ExchangeMarketID) => {
                source = Some(text.to_owned()).filter(|text| !is_blank(text));
                source.as_ref()?;
            }
            Name::Cbc(Cbc::CalculationRate) => {
                rate = text.parse::<Decimal>().ok().filter(|rate| rate.to_string() == text);
                rate?;
            }
            Name::Cbc(Cbc::MathematicOperatorCode) => multiplied = text == MULTIPLY,
            _ => date = Some(text.parse().ok().filter(|date: &NaiveDate| date.to_string() == text)?),
        }
    }
    let same = |currency: &Currency, name| {
        element.children().any(|child| child.name() == name && child.own_text() == currency.code())
    };
    let (from, to) = (from?, to?);
    let as_written = multiplied
        && same(&from, Name::Cbc(Cbc::SourceCurrencyCode))
        && same(&to, Name::Cbc(Cbc::TargetCurrencyCode));
    as_written.then_some(ExchangeRate { from, to, rate: rate?, date, source })
}

/// The breakdown in the document's currency, and the total in the currency of the tax.
pub(super) fn tax_totals(keep: &mut Keep<'_>, totals: &[Element<'_>], invoice: &mut Invoice) -> Result<()> {
    let document = totals.iter().position(|e| in_currency(*e, invoice.currency));
    let accounting = invoice
        .tax_currency
        .filter(|c| *c != invoice.currency)
        .and_then(|currency| totals.iter().position(|e| tax_currency_code(*e) == Some(currency.code())));
    let mut amount = None;
    for (at, element) in totals.iter().enumerate() {
        if Some(at) == document && keep.enter(*element, 1) {
            for child in element.children() {
                match child.name() {
                    Name::Cbc(Cbc::TaxAmount) => keep.amount(child, &mut amount)?,
                    Name::Cac(Cac::TaxSubtotal) => {
                        append(&mut invoice.tax_subtotals, subtotal(keep.cx, child)?);
                    }
                    _ => keep.element(child),
                }
            }
            keep.leave();
        } else if Some(at) == accounting && keep.enter(*element, 2) {
            for child in element.children() {
                match (child.name(), invoice.tax_currency) {
                    (Name::Cbc(Cbc::TaxAmount), Some(currency)) => {
                        keep.amount_in(child, &mut invoice.tax_amount_in_tax_currency, currency)?;
                    }
                    _ => keep.element(child),
                }
            }
            keep.leave();
        } else if Some(at) != document && Some(at) != accounting {
            keep.element(*element);
        }
    }
    invoice.totals.tax_amount = amount.unwrap_or_else(|| absent(keep, "cac:TaxTotal/cbc:TaxAmount"));
    Ok(())
}

fn tax_currency_code<'t>(total: Element<'t>) -> Option<&'t str> {
    let amount = total.children().find(|e| e.is(Name::Cbc(Cbc::TaxAmount)))?;
    amount.attribute("currencyID").map(str::trim)
}

fn in_currency(total: Element<'_>, currency: Currency) -> bool {
    tax_currency_code(total).is_none_or(|code| code == currency.code())
}

fn subtotal(cx: &Context, element: Element<'_>) -> Result<TaxSubtotal> {
    let mut keep = Keep::of(cx, element);
    let (mut taxable, mut amount, mut tax, mut seen) = (None, None, None, false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::TaxableAmount) => keep.amount(child, &mut taxable)?,
            Name::Cbc(Cbc::TaxAmount) => keep.amount(child, &mut amount)?,
            Name::Cac(Cac::TaxCategory) => {
                if keep.group(child, &mut seen) {
                    tax = Some(tax_children(&mut keep, child)?);
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    let tax = tax.ok_or_else(|| fault(element, "has no cac:TaxCategory"))?;
    Ok(TaxSubtotal {
        category: tax.category,
        percent: tax.percent,
        taxable_amount: taxable.unwrap_or_else(|| absent(&mut keep, "cbc:TaxableAmount")),
        tax_amount: amount.unwrap_or_else(|| absent(&mut keep, "cbc:TaxAmount")),
        reason: tax.reason,
        reason_code: tax.reason_code,
        rest: keep.done(),
    })
}

/// The `cac:LegalMonetaryTotal`. What it holds beyond the totals is kept by the document.
pub(super) fn totals(keep: &mut Keep<'_>, element: Element<'_>, invoice: &mut Invoice) -> Result<()> {
    let mut found = [None; 8];
    let [lines, exclusive, inclusive, allowances, charges, prepaid, rounding, payable] = &mut found;
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::LineExtensionAmount) => keep.amount(child, lines)?,
            Name::Cbc(Cbc::TaxExclusiveAmount) => keep.amount(child, exclusive)?,
            Name::Cbc(Cbc::TaxInclusiveAmount) => keep.amount(child, inclusive)?,
            Name::Cbc(Cbc::AllowanceTotalAmount) => keep.amount(child, allowances)?,
            Name::Cbc(Cbc::ChargeTotalAmount) => keep.amount(child, charges)?,
            Name::Cbc(Cbc::PrepaidAmount) => keep.amount(child, prepaid)?,
            Name::Cbc(Cbc::PayableRoundingAmount) => keep.amount(child, rounding)?,
            Name::Cbc(Cbc::PayableAmount) => keep.amount(child, payable)?,
            _ => keep.element(child),
        }
    }
    let mut settle = |path: &str, found: Option<Decimal>, always: bool| match found {
        None if always => absent(keep, path),
        Some(zero) if zero.is_zero() && !always => {
            keep.stands(path, &zero.to_string());
            zero
        }
        found => found.unwrap_or_default(),
    };
    let totals = &mut invoice.totals;
    totals.line_extension_amount = settle("cbc:LineExtensionAmount", *lines, true);
    totals.tax_exclusive_amount = settle("cbc:TaxExclusiveAmount", *exclusive, true);
    totals.tax_inclusive_amount = settle("cbc:TaxInclusiveAmount", *inclusive, true);
    totals.allowance_total = settle("cbc:AllowanceTotalAmount", *allowances, !invoice.allowances.is_empty());
    totals.charge_total = settle("cbc:ChargeTotalAmount", *charges, !invoice.charges.is_empty());
    totals.prepaid_amount = settle("cbc:PrepaidAmount", *prepaid, false);
    totals.rounding_amount = settle("cbc:PayableRoundingAmount", *rounding, false);
    totals.payable_amount = settle("cbc:PayableAmount", *payable, true);
    Ok(())
}
