//! The rate at which an amount is accounted in another currency.

use crate::{Currency, round_half_up};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A rate of exchange: one unit of `from` is `rate` units of `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRate {
    /// The currency of the document.
    pub from: Currency,
    /// The currency it is accounted in.
    pub to: Currency,
    /// Units of `to` for one of `from`.
    #[serde(with = "rust_decimal::serde::str")]
    pub rate: Decimal,
    /// The day it is the rate of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// Who published it: `CBN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl ExchangeRate {
    /// An amount of `from` in `to`, rounded half up to the minor unit of `to`, at most two decimals; `None` where it
    /// exceeds 28 digits.
    ///
    /// ```
    /// use taxpoynt_ubl::{Currency, ExchangeRate};
    /// let dollars = ExchangeRate {
    ///     from: Currency::parse("USD")?,
    ///     to: Currency::NGN,
    ///     rate: "1530.255".parse()?,
    ///     date: None,
    ///     source: Some("CBN".into()),
    /// };
    /// assert_eq!(dollars.convert("7.50".parse()?), Some("11476.91".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn convert(&self, amount: Decimal) -> Option<Decimal> {
        let places = crate::amount_decimals(self.to);
        Some(round_half_up(amount.checked_mul(self.rate)?, places))
    }
}
