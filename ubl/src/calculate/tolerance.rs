//! How far a tax may be from what its rate gives.

use super::rules::Rounding;
use super::units::Units;
use crate::{Invoice, Result, TaxCategory, TaxSubtotal};
use rust_decimal::Decimal;

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
            expected: share(s.taxable_amount, s.percent).ok(),
        })
        .collect()
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
    let Ok(expected) = share(taxable.abs(), percent) else { return false };
    (tax.abs() - Decimal::ONE) < expected && tax.abs() + Decimal::ONE > expected
}

/// Rounds to a whole number as XPath does: halves go up, also below zero.
pub(crate) fn round_half_to_positive(value: Decimal) -> Decimal {
    value.checked_add(Decimal::new(5, 1)).map_or(value, |v| v.floor())
}

/// `amount` × `percent` ÷ 100 with two decimals, whatever the currency: so the rules compare.
fn share(amount: Decimal, percent: Decimal) -> Result<Decimal> {
    let units = Units { places: 2, rounding: Rounding::HalfUp };
    units.amount(units.multiply_divide(amount, percent, Decimal::ONE_HUNDRED)?)
}
