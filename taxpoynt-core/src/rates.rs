//! Rates of exchange: where they come from is the host's business, or the bookkeeper's.

use crate::{Error, ErrorKind, Result, tenant::Tenant};
use async_trait::async_trait;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::fmt;
use taxpoynt_ubl::{Currency, ExchangeRate};

/// A source of rates of exchange: a bank's list, a table, a service.
#[async_trait]
pub trait Rates: Send + Sync + fmt::Debug {
    /// The rate of a day, with its own date and source; `None` where it has none, which is no error.
    ///
    /// # Errors
    /// As `retry` says: the sale is then prepared later.
    async fn rate(&self, from: Currency, to: Currency, on: NaiveDate) -> Result<Option<ExchangeRate>>;
}

/// The rate of a tenant's own list: the newest that holds on a day.
#[must_use]
pub fn of_tenant(tenant: &Tenant, from: Currency, to: Currency, on: NaiveDate) -> Option<ExchangeRate> {
    if to != Currency::NGN {
        return None;
    }
    let holds = tenant.exchange_rates.iter().filter(|rate| rate.currency == from && rate.from <= on);
    let rate = holds.max_by_key(|rate| rate.from)?;
    Some(ExchangeRate { from, to, rate: rate.rate, date: Some(rate.from), source: Some(rate.source.clone()) })
}

/// Refuses what is no rate of this pair.
///
/// # Errors
/// `Config`, naming the field.
pub(crate) fn checked(rate: ExchangeRate, from: Currency, to: Currency) -> Result<ExchangeRate> {
    let refused = |field: &'static str, message: String| {
        Err(Error::new(ErrorKind::Config, "rates.rate", message).with("field", field))
    };
    if (rate.from, rate.to) != (from, to) {
        let message = format!(
            "asked for the rate from {} to {}, given one from {} to {}",
            from.code(),
            to.code(),
            rate.from.code(),
            rate.to.code()
        );
        return refused("from", message);
    }
    if rate.rate <= Decimal::ZERO {
        return refused("rate", format!("the rate from {} to {} must be above zero", from.code(), to.code()));
    }
    Ok(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::TenantRate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_rate_that_holds_on_the_day_is_taken() {
        let rate = |currency, from: &str, rate: &str| TenantRate {
            currency: Currency::parse(currency).unwrap(),
            from: day(from),
            rate: rate.parse().unwrap(),
            source: "CBN".into(),
        };
        let exchange_rates = vec![
            rate("USD", "2026-11-10", "1520.00"),
            rate("USD", "2026-11-01", "1500.00"),
            rate("USD", "2026-11-21", "1600.00"),
            rate("EUR", "2026-11-20", "1700.00"),
        ];
        let tenant = Tenant { exchange_rates, ..Tenant::default() };
        let usd = Currency::parse("USD").unwrap();
        let of =
            |on: &str| of_tenant(&tenant, usd, Currency::NGN, day(on)).map(|r| (r.rate.to_string(), r.date));
        assert_eq!(of("2026-11-20"), Some(("1520.00".into(), Some(day("2026-11-10")))));
        assert_eq!(of("2026-11-21"), Some(("1600.00".into(), Some(day("2026-11-21")))));
        assert_eq!(of("2026-10-31"), None);
        assert_eq!(of_tenant(&tenant, Currency::NGN, usd, day("2026-11-20")), None);
    }

    #[test]
    fn a_rate_of_another_pair_or_of_nothing_is_refused() {
        let (usd, ngn) = (Currency::parse("USD").unwrap(), Currency::NGN);
        let rate = |rate: &str| ExchangeRate {
            from: usd,
            to: ngn,
            rate: rate.parse().unwrap(),
            date: None,
            source: None,
        };
        assert!(checked(rate("1500"), usd, ngn).is_ok());
        assert_eq!(checked(rate("0"), usd, ngn).unwrap_err().get("field"), Some("rate"));
        assert_eq!(checked(rate("1500"), ngn, usd).unwrap_err().get("field"), Some("from"));
    }
}
