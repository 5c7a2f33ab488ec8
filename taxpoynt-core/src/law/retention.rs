//! How long documents are kept.

use super::Source;
use chrono::{Months, NaiveDate};

/// Years that documents are kept unless the host decides otherwise. No text was found: the general rule is commonly
/// given as 6 years, one paper says 7; the longer one is the default.
pub const RETENTION_YEARS: (u32, Source) =
    (7, Source::unconfirmed("6 years commonly given, 7 in one paper; the longer one"));

/// How long documents are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Years after the day.
    pub years: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { years: RETENTION_YEARS.0 }
    }
}

impl Retention {
    /// The last day a document of this day is kept; the end of time where it lies beyond.
    #[must_use]
    pub fn until(self, date: NaiveDate) -> NaiveDate {
        let months = self.years.checked_mul(12).map(Months::new);
        months.and_then(|months| date.checked_add_months(months)).unwrap_or(NaiveDate::MAX)
    }
}

/// The last day a document of this day is kept, by default.
///
/// ```
/// use taxpoynt_core::law::retained_until;
///
/// assert_eq!(retained_until("2026-11-21".parse()?), "2033-11-21".parse()?);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn retained_until(date: NaiveDate) -> NaiveDate {
    Retention::default().until(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_seven_years_unless_the_host_says_otherwise() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(retained_until(day("2026-01-01")), day("2033-01-01"));
        // The 29th of February of a year that has none is its last day.
        assert_eq!(retained_until(day("2028-02-29")), day("2035-02-28"));
        assert_eq!(Retention { years: 6 }.until(day("2026-11-21")), day("2032-11-21"));
        assert_eq!(Retention { years: u32::MAX }.until(day("2026-11-21")), NaiveDate::MAX);
    }
}
