//! How long an answer asks to wait: `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3).

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use http::{HeaderMap, header};
use std::time::Duration;

/// No answer makes us wait longer: beyond this a header is nonsense and arithmetic on it a risk.
pub(crate) const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What `Retry-After` asks for, seen from `now`. None where it is absent or unreadable; a date in the past is zero.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match seconds(value) {
        Some(seconds) => Duration::from_secs(seconds),
        None => until(http_date(value)?, now),
    };
    Some(wait.min(LONGEST))
}

/// As [`retry_after`] where no clock is at hand: a date is read against the answer's own `Date`.
pub(crate) fn retry_after_by_date(headers: &HeaderMap) -> Option<Duration> {
    let date = headers.get(header::DATE).and_then(|v| v.to_str().ok()).and_then(http_date);
    match date {
        Some(date) => retry_after(headers, date),
        None => {
            let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
            Some(Duration::from_secs(seconds(value)?).min(LONGEST))
        }
    }
}

/// `moment` as seen from `now`; zero where it has passed.
pub(crate) fn until(moment: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    moment.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO)
}

/// `now` plus `wait`, at most the end of time.
pub(crate) fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Whole seconds; a fraction, which some platforms send against the standard, is rounded up.
fn seconds(value: &str) -> Option<u64> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    // More digits than a u64 holds still mean "very long".
    let whole = whole.parse::<u64>().unwrap_or(u64::MAX);
    Some(if fraction.bytes().any(|b| b != b'0') { whole.saturating_add(1) } else { whole })
}

/// The three forms of an HTTP date (RFC 9110, 5.6.7).
fn http_date(value: &str) -> Option<DateTime<Utc>> {
    let fixdate = DateTime::parse_from_rfc2822(value).ok().map(|date| date.with_timezone(&Utc));
    fixdate.or_else(|| {
        ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(value, format).ok())
            .map(|date| date.and_utc())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn asked(value: &str) -> Option<Duration> {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 8, 49, 0).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers, now)
    }

    #[test]
    fn seconds_and_all_three_http_dates_are_read() {
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(asked("1.2"), Some(Duration::from_secs(2)));
        assert_eq!(asked("1.000"), Some(Duration::from_secs(1)));
        assert_eq!(asked("Sat, 21 Nov 2026 08:49:37 GMT"), Some(Duration::from_secs(37)));
        assert_eq!(asked("Saturday, 21-Nov-26 08:49:37 GMT"), Some(Duration::from_secs(37)));
        assert_eq!(asked("Sat Nov 21 08:49:37 2026"), Some(Duration::from_secs(37)));
    }

    #[test]
    fn a_past_date_is_no_wait_and_nonsense_is_no_answer() {
        assert_eq!(asked("Sat, 21 Nov 2026 08:00:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["", "-1", "soon", "1e9", "1.", ".5", "0x10", "Sat, 99 Nov 2026 08:00:00 GMT"] {
            assert_eq!(asked(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn absurd_waits_are_capped_and_never_overflow() {
        assert_eq!(asked("99999999999999999999999999"), Some(LONGEST));
        assert_eq!(asked("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LONGEST));
        assert_eq!(later(DateTime::<Utc>::MAX_UTC, LONGEST), DateTime::<Utc>::MAX_UTC);
        assert_eq!(later(Utc.timestamp_opt(0, 0).unwrap(), Duration::MAX), DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn a_date_is_read_against_the_answers_own_date() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, "Sat, 21 Nov 2026 08:50:00 GMT".parse().unwrap());
        assert_eq!(retry_after_by_date(&headers), None);
        headers.insert(header::DATE, "Sat, 21 Nov 2026 08:49:30 GMT".parse().unwrap());
        assert_eq!(retry_after_by_date(&headers), Some(Duration::from_secs(30)));
    }
}
