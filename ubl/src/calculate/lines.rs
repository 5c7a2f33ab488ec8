//! The amounts of a line, from quantity and price.

use super::rules::Rounding;
use super::units::Units;
use crate::{AllowanceCharge, Currency, InvoiceLine, Result};
use rust_decimal::Decimal;

/// The net amount of a line: quantity × price ÷ base quantity, rounded half up to
/// [`amount_decimals`](crate::amount_decimals), less the allowances, plus the charges, each rounded alike.
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
    let units = Units::new(currency, Rounding::HalfUp);
    let gross = units.multiply_divide(quantity, price, base_quantity)?;
    units.amount(gross + sum(units, charges)? - sum(units, allowances)?)
}

/// The amount of an allowance or charge given as a percentage: base amount × percent, rounded half up to
/// [`amount_decimals`](crate::amount_decimals). BT-92 from BT-93 and BT-94, and its siblings for charges and lines.
///
/// ```
/// use taxpoynt_ubl::{Currency, allowance_amount};
/// let five_percent_off = allowance_amount("1999.90".parse().unwrap(), 5.into(), Currency::NGN)?;
/// assert_eq!(five_percent_off.to_string(), "100.00");
/// # Ok::<(), taxpoynt_ubl::Error>(())
/// ```
///
/// # Errors
/// `Overflow`.
pub fn allowance_amount(base_amount: Decimal, percent: Decimal, currency: Currency) -> Result<Decimal> {
    let units = Units::new(currency, Rounding::HalfUp);
    units.amount(units.multiply_divide(base_amount, percent, Decimal::ONE_HUNDRED)?)
}

/// [`line_amount`] of a line of a document, in units.
pub(super) fn from_price(units: Units, line: &InvoiceLine) -> Result<i128> {
    let gross = units.multiply_divide(line.quantity, line.unit_price, line.base_quantity)?;
    Ok(gross + sum(units, &line.charges)? - sum(units, &line.allowances)?)
}

/// The sum of amounts, each rounded.
pub(super) fn sum(units: Units, parts: &[AllowanceCharge]) -> Result<i128> {
    parts.iter().try_fold(0, |sum, part| Ok(sum + units.of(part.amount)?))
}
