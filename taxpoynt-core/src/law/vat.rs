//! The rate of value added tax by date.

use super::{ACTS_OF_2025, Source, Validity, day, million};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A rate and when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VatRate {
    /// Percent.
    pub percent: Decimal,
    /// When.
    pub validity: Validity,
    /// Why.
    pub source: Source,
}

/// Seven and a half.
const SEVEN_AND_A_HALF: Decimal = Decimal::from_parts(75, 0, 0, false, 1);

/// The rates, oldest first, without a gap between them. What held before the first is not kept: no e-invoice is older.
pub const VAT_RATES: [VatRate; 2] = [
    VatRate {
        percent: SEVEN_AND_A_HALF,
        validity: Validity { from: day(2020, 2, 1), until: Some(day(2025, 12, 31)) },
        // The text of this Act is not among our sources.
        source: Source::unconfirmed("Finance Act 2019"),
    },
    VatRate {
        percent: SEVEN_AND_A_HALF,
        validity: Validity::since(ACTS_OF_2025),
        source: Source::official("Nigeria Tax Act 2025"),
    },
];

/// Companies of at most this turnover are reported not to have to charge VAT. What the seller charges is the seller's
/// setting: the engine never leaves VAT away because of a turnover.
pub const SMALL_COMPANY_TURNOVER: (Decimal, Source) =
    (million(100), Source::third_party("reported; no section found"));

/// The standard rate on a day; none before the first rate kept here.
///
/// ```
/// use taxpoynt_core::law::vat_rate;
///
/// let day = "2026-11-21".parse()?;
/// assert_eq!(vat_rate(day).map(|rate| rate.percent.to_string()).as_deref(), Some("7.5"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn vat_rate(on: NaiveDate) -> Option<&'static VatRate> {
    VAT_RATES.iter().find(|rate| rate.validity.covers(on))
}

#[cfg(test)]
mod tests {
    use super::{super::Standing, *};

    fn on(date: &str) -> Option<(&'static str, Standing)> {
        vat_rate(date.parse().unwrap()).map(|rate| {
            assert_eq!(rate.percent.to_string(), "7.5");
            (rate.source.text, rate.source.standing)
        })
    }

    #[test]
    fn each_day_has_the_rate_of_the_act_in_force() {
        assert_eq!(on("2020-01-31"), None);
        assert_eq!(on("2020-02-01"), Some(("Finance Act 2019", Standing::Unconfirmed)));
        assert_eq!(on("2025-12-31"), Some(("Finance Act 2019", Standing::Unconfirmed)));
        assert_eq!(on("2026-01-01"), Some(("Nigeria Tax Act 2025", Standing::Official)));
        assert_eq!(on("2031-06-30"), Some(("Nigeria Tax Act 2025", Standing::Official)));
    }

    #[test]
    fn between_two_rates_is_no_gap_and_no_overlap() {
        for pair in VAT_RATES.windows(2) {
            let last = pair[0].validity.until.unwrap();
            assert_eq!(last.succ_opt(), Some(pair[1].validity.from));
        }
        assert_eq!(VAT_RATES.last().unwrap().validity.until, None);
    }
}
