//! What is known of a platform's limits before it has said anything, and where it says more.

use super::super::retry_after::{LONGEST, until};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use http::HeaderMap;
use std::time::Duration;

/// So many calls in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Calls; 0 counts as 1.
    pub calls: u32,
    /// In this time.
    pub per: Duration,
    /// How many of them may come at once; 0 counts as 1.
    pub burst: u32,
}

impl Quota {
    /// `calls` a second, all of which may come at once.
    #[must_use]
    pub const fn per_second(calls: u32) -> Self {
        Self { calls, per: Duration::from_secs(1), burst: calls }
    }

    pub(super) fn interval(self) -> Duration {
        self.per.min(LONGEST) / self.calls.max(1)
    }
}

/// How a header counts time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Milliseconds from now.
    Millis,
    /// Seconds from now.
    Seconds,
    /// Seconds since 1970: a moment.
    UnixSeconds,
}

/// Under which names a platform tells its limits. All optional; unreadable values teach nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct RateHeaders {
    /// Calls allowed in a window. Needs `window` to mean anything.
    pub limit: Option<&'static str>,
    /// How long a window is.
    pub window: Option<(&'static str, Unit)>,
    /// Calls left in this window: at 0 we wait for `reset`, or else a whole `window`.
    pub remaining: Option<&'static str>,
    /// When the window ends.
    pub reset: Option<(&'static str, Unit)>,
}

impl RateHeaders {
    /// `X-RateLimit-Remaining` and `X-RateLimit-Reset` in seconds from now, as many platforms send.
    pub const COMMON: Self = Self {
        limit: None,
        window: None,
        remaining: Some("x-ratelimit-remaining"),
        reset: Some(("x-ratelimit-reset", Unit::Seconds)),
    };
}

/// Calls that a platform counts by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Those whose path ends so: `/search`.
    pub ends_with: &'static str,
    /// How many there may be.
    pub quota: Quota,
}

/// When a day's calls are counted anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayEnds {
    /// At midnight in this zone.
    Midnight(Tz),
    /// Nobody told us the zone: what is used up is tried again once an hour, and nothing is counted by us.
    #[default]
    Unknown,
}

/// A limit on the calls of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Daily {
    /// How many, where that is known beforehand. Counted by this process alone, until the platform's header corrects it.
    pub calls: Option<u64>,
    /// When they are counted anew.
    pub ends: DayEnds,
    /// The header with the calls of a day.
    pub limit: Option<&'static str>,
    /// The header with the calls left today.
    pub remaining: Option<&'static str>,
    /// Which member with which value the JSON body of a 429 has where the day's calls are used up, and not a shorter
    /// window's.
    pub used_up: Option<(&'static str, &'static str)>,
}

/// How long a used-up day is left alone where nobody knows when it ends.
pub(super) const UNKNOWN_DAY: Duration = Duration::from_secs(60 * 60);

impl DayEnds {
    /// When the day that holds `now` is over; none where that is not known.
    pub(super) fn after(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Self::Midnight(zone) = self else { return None };
        let today = now.with_timezone(&zone).date_naive();
        let midnight = today.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
        // Where clocks go forward at midnight, the day begins with the first time that exists.
        (0..=12)
            .filter_map(|quarters| midnight.checked_add_signed(TimeDelta::minutes(15 * quarters)))
            .find_map(|local| zone.from_local_datetime(&local).earliest())
            .map(|moment| moment.with_timezone(&Utc))
    }
}

/// What is known of a platform's limits beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For calls that no lane counts.
    pub quota: Quota,
    /// Where it tells more.
    pub headers: RateHeaders,
    /// Calls that are counted by themselves; the first lane that fits counts.
    pub lanes: &'static [Lane],
    /// A limit on the calls of a day, of all lanes together.
    pub daily: Option<Daily>,
}

impl Limits {
    /// `quota` for all calls; no header is known.
    #[must_use]
    pub const fn new(quota: Quota) -> Self {
        Self {
            quota,
            headers: RateHeaders { limit: None, window: None, remaining: None, reset: None },
            lanes: &[],
            daily: None,
        }
    }
}

pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

pub(super) fn span(headers: &HeaderMap, name: &str, unit: Unit, now: DateTime<Utc>) -> Option<Duration> {
    let number = number(headers, name)?;
    Some(match unit {
        Unit::Millis => Duration::from_millis(number),
        Unit::Seconds => Duration::from_secs(number),
        Unit::UnixSeconds => until(DateTime::from_timestamp(i64::try_from(number).ok()?, 0)?, now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(zone: Tz, now: &str) -> String {
        let now = now.parse::<DateTime<Utc>>().unwrap();
        DayEnds::Midnight(zone).after(now).unwrap().to_rfc3339()
    }

    #[test]
    fn a_day_ends_at_midnight_of_its_zone() {
        assert_eq!(end(Tz::Africa__Lagos, "2026-11-21T08:00:00Z"), "2026-11-21T23:00:00+00:00");
        assert_eq!(end(Tz::Africa__Lagos, "2026-11-21T23:00:00Z"), "2026-11-22T23:00:00+00:00");
        assert_eq!(end(Tz::America__New_York, "2026-11-21T04:59:59Z"), "2026-11-21T05:00:00+00:00");
        assert_eq!(end(Tz::Asia__Kolkata, "2026-11-21T08:00:00Z"), "2026-11-21T18:30:00+00:00");
    }

    #[test]
    fn a_day_of_25_or_23_hours_ends_at_its_own_midnight() {
        // New York, 2026: clocks go back on 1 November, forward on 8 March.
        assert_eq!(end(Tz::America__New_York, "2026-11-01T04:00:00Z"), "2026-11-02T05:00:00+00:00");
        assert_eq!(end(Tz::America__New_York, "2026-03-08T05:00:00Z"), "2026-03-09T04:00:00+00:00");
    }

    #[test]
    fn where_midnight_does_not_exist_the_day_begins_an_hour_later() {
        // Cairo, 24 April 2026: 00:00 is skipped to 01:00, which is 22:00 UTC.
        assert_eq!(end(Tz::Africa__Cairo, "2026-04-23T12:00:00Z"), "2026-04-23T22:00:00+00:00");
    }

    #[test]
    fn at_the_end_of_time_no_day_ends() {
        assert_eq!(DayEnds::Midnight(Tz::UTC).after(DateTime::<Utc>::MAX_UTC), None);
        assert_eq!(DayEnds::Unknown.after(DateTime::<Utc>::MIN_UTC), None);
    }
}
