//! From the lines to the payable amount, in one fixed order, with exact arithmetic.

use crate::{
    AllowanceCharge, Currency, Error, Invoice, Result, Tax, TaxCategory, TaxSubtotal, round_half_up,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Amounts at or above this are refused. Below it no sum of a document can lose a digit of a 28-digit decimal.
const LIMIT: i128 = 10_i128.pow(20);

/// Decimals of every amount of a document: the currency's minor unit, but never more than two, which is all EN 16931
/// allows (BR-DEC-01 and its siblings). A dinar amount is therefore rounded to two of its three decimals.
#[must_use]
pub fn amount_decimals(currency: Currency) -> u32 {
    currency.minor_units().min(2)
}

/// Fills every total and the VAT breakdown of `invoice` from its lines, its document allowances and charges,
/// `totals.prepaid_amount` and `totals.rounding_amount`. Always in this order:
///
/// 1. The inputs are rounded half up to [`amount_decimals`].
/// 2. Line extension amount = Σ line net amounts (BR-CO-10); allowance and charge totals likewise (BR-CO-11, BR-CO-12).
/// 3. Tax exclusive amount = lines − allowances + charges (BR-CO-13).
/// 4. Lines, allowances (subtracted) and charges are grouped by category and rate, sorted by both. The tax of a group is
///    the sum of what its members state as [`Tax::amount`], copied and never recomputed, plus rate × the taxable amount
///    of those that state none, rounded half up once for the group.
/// 5. Tax amount = Σ groups (BR-CO-14); tax inclusive = exclusive + tax (BR-CO-15);
///    payable = inclusive − prepaid + rounding (BR-CO-16).
///
/// # Errors
/// `Document` where an allowance or charge of the document has no tax; `Overflow` where an amount is beyond 10²⁰. The
/// invoice is unchanged then.
pub fn calculate(invoice: &mut Invoice) -> Result<()> {
    let mut done = invoice.clone();
    round_inputs(&mut done)?;
    let groups = groups(&done)?;
    let places = amount_decimals(done.currency);
    let subtotals =
        groups.into_iter().map(|(key, group)| group.subtotal(key, places)).collect::<Result<Vec<_>>>()?;

    let totals = &mut done.totals;
    totals.line_extension_amount = sum(done.lines.iter().map(|l| l.net_amount))?;
    totals.allowance_total = sum(done.allowances.iter().map(|a| a.amount))?;
    totals.charge_total = sum(done.charges.iter().map(|c| c.amount))?;
    totals.tax_exclusive_amount =
        sum([totals.line_extension_amount, -totals.allowance_total, totals.charge_total])?;
    totals.tax_amount = sum(subtotals.iter().map(|s| s.tax_amount))?;
    totals.tax_inclusive_amount = sum([totals.tax_exclusive_amount, totals.tax_amount])?;
    totals.payable_amount =
        sum([totals.tax_inclusive_amount, -totals.prepaid_amount, totals.rounding_amount])?;
    done.tax_subtotals = subtotals;
    *invoice = done;
    Ok(())
}

/// A subtotal whose tax is not what its rate gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxDifference {
    /// The category of the subtotal.
    pub category: TaxCategory,
    /// Its rate in percent.
    pub percent: Decimal,
    /// What the tax is on.
    pub taxable_amount: Decimal,
    /// The tax as stated.
    pub stated: Decimal,
    /// The tax by the rate; none where it does not fit 28 digits.
    pub expected: Option<Decimal>,
}

/// The subtotals whose tax differs from taxable amount × rate by 1.00 or more: exactly those for which BR-CO-17 fires.
/// Smaller differences come from tills that round each line and are allowed.
#[must_use]
pub fn tax_differences(invoice: &Invoice) -> Vec<TaxDifference> {
    let differs = |s: &&TaxSubtotal| {
        let percent = (s.category != TaxCategory::O).then_some(s.percent);
        !tax_fits_rate(s.tax_amount, s.taxable_amount, percent)
    };
    invoice
        .tax_subtotals
        .iter()
        .filter(differs)
        .map(|s| TaxDifference {
            category: s.category,
            percent: s.percent,
            taxable_amount: s.taxable_amount,
            stated: s.tax_amount,
            expected: share(s.taxable_amount, s.percent, 2).ok(),
        })
        .collect()
}

/// The net amount of a line: quantity × price ÷ base quantity, rounded half up to [`amount_decimals`], less the
/// allowances, plus the charges.
///
/// ```
/// use taxpoynt_ubl::{Currency, line_amount};
/// let three_for_hundred = line_amount(1.into(), 100.into(), 3.into(), &[], &[], Currency::NGN)?;
/// assert_eq!(three_for_hundred.to_string(), "33.33");
/// # Ok::<(), taxpoynt_ubl::Error>(())
/// ```
///
/// # Errors
/// `Overflow`, also for a base quantity of zero.
pub fn line_amount(
    quantity: Decimal,
    price: Decimal,
    base_quantity: Decimal,
    allowances: &[AllowanceCharge],
    charges: &[AllowanceCharge],
    currency: Currency,
) -> Result<Decimal> {
    let places = amount_decimals(currency);
    let gross = multiply_divide(quantity, price, base_quantity, places)?;
    let less = allowances.iter().map(|a| -round_half_up(a.amount, places));
    let plus = charges.iter().map(|c| round_half_up(c.amount, places));
    sum(std::iter::once(gross).chain(less).chain(plus))
}

/// Whether a tax is what BR-CO-17 accepts for a rate: less than 1.00 away, or, for a rate that rounds to zero or is
/// absent, rounding to zero itself.
pub(crate) fn tax_fits_rate(tax: Decimal, taxable: Decimal, percent: Option<Decimal>) -> bool {
    match percent {
        Some(percent) if !round_half_to_positive(percent).is_zero() => tax_near(tax, taxable, percent),
        _ => round_half_to_positive(tax).is_zero(),
    }
}

/// Whether a tax is less than 1.00 away from what the rate gives (BR-S-09).
pub(crate) fn tax_near(tax: Decimal, taxable: Decimal, percent: Decimal) -> bool {
    let Ok(expected) = share(taxable.abs(), percent, 2) else { return false };
    (tax.abs() - Decimal::ONE) < expected && tax.abs() + Decimal::ONE > expected
}

/// Rounds to a whole number as XPath does: halves go up, also below zero.
pub(crate) fn round_half_to_positive(value: Decimal) -> Decimal {
    value.checked_add(Decimal::new(5, 1)).map_or(value, |v| v.floor())
}

/// `amount` × `percent` ÷ 100, rounded half up.
fn share(amount: Decimal, percent: Decimal, places: u32) -> Result<Decimal> {
    multiply_divide(amount, percent, Decimal::ONE_HUNDRED, places)
}

/// a × b ÷ c in integers, rounded half away from zero once: no digit is lost before that.
fn multiply_divide(a: Decimal, b: Decimal, c: Decimal, places: u32) -> Result<Decimal> {
    let (a, b, c) = (a.normalize(), b.normalize(), c.normalize());
    let power = |exponent: u32| 10_i128.checked_pow(exponent).ok_or(Error::Overflow);
    let up = c.scale() + places;
    let down = a.scale() + b.scale();
    let product = a.mantissa().checked_mul(b.mantissa()).ok_or(Error::Overflow)?;
    let numerator = product.checked_mul(power(up.saturating_sub(down))?).ok_or(Error::Overflow)?;
    let denominator = c.mantissa().checked_mul(power(down.saturating_sub(up))?).ok_or(Error::Overflow)?;
    let quotient = numerator.checked_div(denominator).ok_or(Error::Overflow)?;
    let rest = (numerator % denominator).unsigned_abs();
    let away = if rest >= denominator.unsigned_abs() - rest { 1 } else { 0 };
    let rounded = if (numerator < 0) == (denominator < 0) { quotient + away } else { quotient - away };
    let value = Decimal::try_from_i128_with_scale(rounded, places).map_err(|_| Error::Overflow)?;
    within_limit(value)
}

fn within_limit(amount: Decimal) -> Result<Decimal> {
    if amount.abs() < Decimal::from_i128_with_scale(LIMIT, 0) { Ok(amount) } else { Err(Error::Overflow) }
}

fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Result<Decimal> {
    amounts
        .into_iter()
        .try_fold(Decimal::ZERO, |a, b| within_limit(a.checked_add(within_limit(b)?).ok_or(Error::Overflow)?))
}

fn round_inputs(invoice: &mut Invoice) -> Result<()> {
    let places = amount_decimals(invoice.currency);
    let lines = invoice.lines.iter_mut().flat_map(|line| {
        let parts = line.allowances.iter_mut().chain(&mut line.charges).map(|a| &mut a.amount);
        std::iter::once(&mut line.net_amount).chain(parts)
    });
    let document = invoice.allowances.iter_mut().chain(&mut invoice.charges).map(|a| &mut a.amount);
    let totals = [&mut invoice.totals.prepaid_amount, &mut invoice.totals.rounding_amount];
    for amount in lines.chain(document).chain(totals) {
        *amount = round_half_up(within_limit(*amount)?, places);
    }
    Ok(())
}

/// What lines, allowances and charges of one category and rate add up to.
#[derive(Default)]
struct Group {
    taxable: Decimal,
    stated_tax: Decimal,
    taxable_without_stated_tax: Decimal,
    reason: Option<String>,
}

impl Group {
    fn add(&mut self, amount: Decimal, tax: &Tax, sign: Decimal) -> Result<()> {
        let amount = amount * sign;
        self.taxable = sum([self.taxable, amount])?;
        match tax.amount {
            Some(stated) => self.stated_tax = sum([self.stated_tax, within_limit(stated)? * sign])?,
            None => self.taxable_without_stated_tax = sum([self.taxable_without_stated_tax, amount])?,
        }
        if self.reason.is_none() && needs_reason(tax.category) {
            self.reason.clone_from(&tax.reason);
        }
        Ok(())
    }

    fn subtotal(self, (category, percent): (TaxCategory, Decimal), places: u32) -> Result<TaxSubtotal> {
        let by_rate = share(self.taxable_without_stated_tax, percent, places)?;
        let tax_amount = sum([round_half_up(self.stated_tax, places), by_rate])?;
        Ok(TaxSubtotal {
            category,
            percent,
            taxable_amount: self.taxable,
            tax_amount,
            reason: self.reason,
            ..TaxSubtotal::default()
        })
    }
}

/// Whether the standard wants a reason for the category (BR-E-10, BR-G-10, …); elsewhere it forbids one (BR-S-10).
pub(crate) fn needs_reason(category: TaxCategory) -> bool {
    use TaxCategory::{AE, E, G, K, O};
    matches!(category, E | G | O | AE | K)
}

fn groups(invoice: &Invoice) -> Result<BTreeMap<(TaxCategory, Decimal), Group>> {
    let mut groups: BTreeMap<(TaxCategory, Decimal), Group> = BTreeMap::new();
    let mut add = |amount: Decimal, tax: &Tax, sign: Decimal| {
        groups.entry((tax.category, tax.percent.normalize())).or_default().add(amount, tax, sign)
    };
    for line in &invoice.lines {
        add(line.net_amount, &line.tax, Decimal::ONE)?;
    }
    let parts =
        [("allowances", &invoice.allowances, -Decimal::ONE), ("charges", &invoice.charges, Decimal::ONE)];
    for (field, list, sign) in parts {
        for (index, part) in list.iter().enumerate() {
            let tax = part.tax.as_ref().ok_or_else(|| Error::Document {
                path: format!("{field}[{index}].tax"),
                message: "is missing; an allowance or charge of the whole document needs its tax category"
                    .into(),
            })?;
            add(part.amount, tax, sign)?;
        }
    }
    Ok(groups)
}
