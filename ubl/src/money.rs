//! Exact amounts: a decimal with its currency, and the other two numbers of an invoice line.

use crate::{Currency, Error, Result};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Rounds half away from zero ("commercial" rounding, as EN 16931 computes), to `places` decimals.
///
/// ```
/// use taxpoynt_ubl::round_half_up;
/// assert_eq!(round_half_up("89275.02675".parse().unwrap(), 2).to_string(), "89275.03");
/// assert_eq!(round_half_up("-0.125".parse().unwrap(), 2).to_string(), "-0.13");
/// ```
#[must_use]
pub fn round_half_up(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount in one currency, in major units (naira, not kobo).
///
/// ```
/// use taxpoynt_ubl::{Currency, Money};
/// let naira = Currency::parse("NGN")?;
/// let price = Money::from_minor(450_000, naira);
/// assert_eq!(price.to_string(), "4500.00 NGN");
/// assert!(price.checked_add(Money::from_minor(1, Currency::parse("JPY")?)).is_err());
/// # Ok::<(), taxpoynt_ubl::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

impl Money {
    /// An amount in major units.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// An amount in the currency's minor units (ISO 4217 exponent: 2 for NGN, 0 for JPY, 3 for KWD).
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { amount: Decimal::new(minor, currency.minor_units()), currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::ZERO, currency }
    }

    /// The number, in major units.
    #[must_use]
    pub const fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.amount.is_zero()
    }

    /// The sum.
    ///
    /// # Errors
    /// `CurrencyMismatch`, or `Overflow` past 28 digits.
    pub fn checked_add(self, other: Self) -> Result<Self> {
        self.combine(other, Decimal::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// `CurrencyMismatch`, or `Overflow` past 28 digits.
    pub fn checked_sub(self, other: Self) -> Result<Self> {
        self.combine(other, Decimal::checked_sub)
    }

    /// Rounded half up to the currency's minor unit.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self { amount: round_half_up(self.amount, self.currency.minor_units()), currency: self.currency }
    }

    fn combine(self, other: Self, op: fn(Decimal, Decimal) -> Option<Decimal>) -> Result<Self> {
        if self.currency != other.currency {
            return Err(Error::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let amount = op(self.amount, other.amount).ok_or(Error::Overflow)?;
        Ok(Self { amount, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.currency.minor_units().max(self.amount.normalize().scale()) as usize;
        write!(f, "{:.places$} {}", self.amount, self.currency)
    }
}

/// How many units were sold: zero or more, with as many decimals as the till sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(Decimal);

impl Quantity {
    /// One unit.
    pub const ONE: Self = Self(Decimal::ONE);

    /// A quantity.
    ///
    /// # Errors
    /// `NegativeQuantity`: returns are credit notes with positive quantities.
    pub fn new(value: Decimal) -> Result<Self> {
        if value.is_sign_negative() && !value.is_zero() {
            Err(Error::NegativeQuantity(value))
        } else {
            Ok(Self(value))
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> Decimal {
        self.0
    }
}

/// A percentage from 0 to 100: `7.5` is 7.5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(Decimal);

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A rate in percent.
    ///
    /// # Errors
    /// `RateOutOfRange` outside 0 to 100.
    pub fn percent(value: Decimal) -> Result<Self> {
        if value < Decimal::ZERO || value > Decimal::ONE_HUNDRED {
            Err(Error::RateOutOfRange(value))
        } else {
            Ok(Self(value))
        }
    }

    /// The percentage.
    #[must_use]
    pub const fn get(self) -> Decimal {
        self.0
    }

    /// This share of `amount`, unrounded; `None` past 28 digits.
    #[must_use]
    pub fn checked_of(self, amount: Decimal) -> Option<Decimal> {
        amount.checked_mul(self.0)?.checked_div(Decimal::ONE_HUNDRED)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}
