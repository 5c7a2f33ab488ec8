//! Counting a day at a platform, and listing what was deleted there.

use crate::model::SourceKey;
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A day as the seller's calendar has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The date.
    pub date: NaiveDate,
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment of the next day.
    pub until: DateTime<Utc>,
}

impl Day {
    /// The day `date` in `zone`. Where clocks are put forward over midnight, it begins after the gap.
    #[must_use]
    pub fn new(date: NaiveDate, zone: Tz) -> Self {
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
        Self { date, from: begins(date, zone), until: begins(next, zone) }
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn has(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }
}

fn begins(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    (0..=23)
        .filter_map(|hour| date.and_hms_opt(hour, 0, 0))
        .find_map(|at| zone.from_local_datetime(&at).earliest())
        .map_or_else(|| date.and_time(chrono::NaiveTime::MIN).and_utc(), |at| at.to_utc())
}

/// What a platform, or we, count of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallyEntry {
    /// Which record.
    pub key: SourceKey,
    /// When it was closed: the day it counts on.
    pub at: DateTime<Utc>,
    /// Its amount, as the platform states it.
    pub amount: Option<Decimal>,
    /// The amount's currency.
    pub currency: Option<String>,
}

/// One page of a day's count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TallyPage {
    /// Records that count on the day.
    pub entries: Vec<TallyEntry>,
    /// How many there are in all, where the platform says so.
    pub total: Option<u64>,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
}

/// One page of deleted records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gone {
    /// The records.
    pub keys: Vec<SourceKey>,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_sellers_and_not_greenwichs() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let day = Day::new(date, chrono_tz::Africa::Lagos);
        assert_eq!(day.from.to_rfc3339(), "2026-11-20T23:00:00+00:00");
        assert!(day.has(day.from) && !day.has(day.until));
    }

    #[test]
    fn a_day_that_has_no_midnight_begins_after_the_gap() {
        // Beirut put its clocks forward at midnight of 26 March 2023.
        let date = NaiveDate::from_ymd_opt(2023, 3, 30).unwrap();
        let day = Day::new(date, chrono_tz::Asia::Beirut);
        assert!(day.until > day.from);
    }
}
