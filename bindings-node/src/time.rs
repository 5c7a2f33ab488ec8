//! Times and dates from JavaScript, as ISO 8601 text.

use chrono::{DateTime, NaiveDate, Utc};
use taxpoynt_core::{Error, Result};

/// A time in whatever zone, as UTC. It must say its zone.
pub(crate) fn utc(
    operation: &'static str,
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = text else { return Ok(None) };
    DateTime::parse_from_rfc3339(text).map(|time| Some(time.to_utc())).map_err(|_| {
        let message = format!(
            "{field} {text:?} is not a time with its zone such as \"2026-11-02T09:30:00Z\"; a Date is one too"
        );
        Error::payload(operation, field, message)
    })
}

/// A calendar date.
pub(crate) fn date(operation: &'static str, field: &'static str, text: &str) -> Result<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| {
        Error::payload(operation, field, format!("{field} {text:?} is not a date such as \"2026-11-02\""))
    })
}
