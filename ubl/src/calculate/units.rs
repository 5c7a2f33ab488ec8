//! Amounts of one document as whole numbers of the smallest unit it writes, so that sums cannot lose a digit.

use super::amount_decimals;
use super::rules::Rounding;
use crate::{Currency, Error, Result};
use rust_decimal::Decimal;

/// Amounts of 10 to this power and more are refused. Below it a decimal holds every sum of a document with two decimals.
const LIMIT_DIGITS: u32 = 20;

/// 10⁰ to 10³⁸, all that an `i128` holds.
const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

pub(super) fn power(exponent: u32) -> Result<i128> {
    POWERS.get(exponent as usize).copied().ok_or(Error::Overflow)
}

/// How many decimals amounts have, and how they are brought to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    pub(super) places: u32,
    pub(super) rounding: Rounding,
}

impl Units {
    pub(super) fn new(currency: Currency, rounding: Rounding) -> Self {
        Self { places: amount_decimals(currency), rounding }
    }

    /// The amount with no more than these decimals.
    pub(super) fn rounded(self, amount: Decimal) -> Decimal {
        if amount.scale() <= self.places {
            amount
        } else {
            amount.round_dp_with_strategy(self.places, self.rounding.strategy())
        }
    }

    /// The amount, rounded, in units.
    pub(super) fn of(self, amount: Decimal) -> Result<i128> {
        let limit = POWERS.get((LIMIT_DIGITS + amount.scale()) as usize).copied().unwrap_or(i128::MAX);
        if amount.mantissa().abs() >= limit {
            return Err(Error::Overflow);
        }
        let rounded = self.rounded(amount);
        Ok(rounded.mantissa() * power(self.places.saturating_sub(rounded.scale()))?)
    }

    /// Units as an amount.
    pub(super) fn amount(self, units: i128) -> Result<Decimal> {
        let units = self.within(Some(units))?;
        Decimal::try_from_i128_with_scale(units, self.places).map_err(|_| Error::Overflow)
    }

    /// What was computed, unless it did not fit or is beyond the limit.
    pub(super) fn within(self, units: Option<i128>) -> Result<i128> {
        let limit = power(LIMIT_DIGITS + self.places)?;
        units.filter(|units| -limit < *units && *units < limit).ok_or(Error::Overflow)
    }

    /// `units` × `percent` ÷ 100, rounded once.
    pub(super) fn share(self, units: i128, percent: Decimal) -> Result<i128> {
        let of = |percent: Decimal| {
            let numerator = units.checked_mul(percent.mantissa())?;
            self.rounding.quotient(numerator, power(percent.scale() + 2).ok()?)
        };
        self.within(of(percent).or_else(|| of(percent.normalize())))
    }

    /// a × b ÷ c in units, rounded once.
    pub(super) fn multiply_divide(self, a: Decimal, b: Decimal, c: Decimal) -> Result<i128> {
        let exact = |a: Decimal, b: Decimal, c: Decimal| {
            let (up, down) = (c.scale() + self.places, a.scale() + b.scale());
            let product = a.mantissa().checked_mul(b.mantissa())?;
            let numerator = product.checked_mul(power(up.saturating_sub(down)).ok()?)?;
            let denominator = c.mantissa().checked_mul(power(down.saturating_sub(up)).ok()?)?;
            self.rounding.quotient(numerator, denominator)
        };
        // Zeros behind the point are cut off only where they are in the way.
        self.within(exact(a, b, c).or_else(|| exact(a.normalize(), b.normalize(), c.normalize())))
    }
}

/// A sum of decimals of any scale, exact or refused.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Exact {
    mantissa: i128,
    scale: u32,
}

impl Exact {
    pub(super) fn add(&mut self, amount: Decimal) -> Result<()> {
        let scale = self.scale.max(amount.scale());
        let aligned = |mantissa: i128, from: u32| mantissa.checked_mul(power(scale - from).ok()?);
        let sum = aligned(self.mantissa, self.scale)
            .zip(aligned(amount.mantissa(), amount.scale()))
            .and_then(|(a, b)| a.checked_add(b));
        *self = Self { mantissa: sum.ok_or(Error::Overflow)?, scale };
        Ok(())
    }

    /// The sum, rounded once.
    pub(super) fn units(self, units: Units) -> Result<i128> {
        let up = power(units.places.saturating_sub(self.scale))?;
        let down = power(self.scale.saturating_sub(units.places))?;
        let mantissa = self.mantissa.checked_mul(up).ok_or(Error::Overflow)?;
        units.within(units.rounding.quotient(mantissa, down))
    }
}
