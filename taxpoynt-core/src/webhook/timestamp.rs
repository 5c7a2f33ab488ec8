//! Refuses a webhook that was signed too long ago, or in the future: someone may be sending it again.

use super::refused;
use crate::{Error, ErrorKind, Result};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How a platform counts time since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
}

/// Checks that the moment in `header_value` is at most `tolerance` away from `now`, on either side. The value is only
/// proof of anything where it is part of the signed message.
///
/// ```
/// use std::time::Duration;
/// use taxpoynt_core::{ErrorKind, webhook::timestamp::{Unit, check}};
///
/// let now = chrono::DateTime::from_timestamp(1_763_690_400, 0).ok_or("no such time")?;
/// let five_minutes = Duration::from_secs(300);
/// check("1763690100000", Unit::Millis, now, five_minutes)?;
/// let stale = check("1763690099999", Unit::Millis, now, five_minutes);
/// assert_eq!(stale.map_err(|e| e.kind()), Err(ErrorKind::Replayed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `Replayed` where it is further away; `SignatureInvalid` where it is no such number.
pub fn check(header_value: &str, unit: Unit, now: DateTime<Utc>, tolerance: Duration) -> Result<()> {
    let signed_at = parse(header_value, unit).ok_or_else(|| {
        let unit = match unit {
            Unit::Millis => "milliseconds",
            Unit::Seconds => "seconds",
        };
        refused(format!("the webhook's timestamp is not a whole number of {unit} since 1970"))
    })?;
    let distance = now.signed_duration_since(signed_at);
    if distance.abs().to_std().is_ok_and(|distance| distance <= tolerance) {
        return Ok(());
    }
    let side = if distance > chrono::TimeDelta::zero() { "ago" } else { "in the future" };
    let message = format!(
        "the webhook was signed {} seconds {side}, more than the {} allowed: check the clock of this machine",
        distance.num_seconds().unsigned_abs(),
        tolerance.as_secs()
    );
    Err(Error::new(ErrorKind::Replayed, "webhook.verify", message))
}

fn parse(text: &str, unit: Unit) -> Option<DateTime<Utc>> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = text.parse::<i64>().ok()?;
    match unit {
        Unit::Millis => DateTime::from_timestamp_millis(number),
        Unit::Seconds => DateTime::from_timestamp(number, 0),
    }
}
