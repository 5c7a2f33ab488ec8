//! Properties as values: amounts and times, refused by the name of the property.

use crate::wire::Object;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use std::fmt;
use taxpoynt_core::{Error, Result, json};

/// The operation that every error of `normalize` names.
pub(crate) const OPERATION: &str = "hubspot.normalize";

/// A malformed value at `field`.
pub(crate) fn refuse(field: impl fmt::Display, message: impl fmt::Display) -> Error {
    let field = field.to_string();
    let message = format!("{field}: {message}");
    Error::payload(OPERATION, field, message)
}

/// The path of a property, as errors write it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a>(pub(crate) &'a str, pub(crate) &'a str);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.properties.{}", self.0, self.1)
    }
}

/// No amount is this large. Below it, sums and differences of a few amounts cannot leave the decimal type.
pub(crate) const LARGEST: Decimal = Decimal::from_parts(0, 0, 0x0100_0000, false, 0);

/// A decimal property; none where it is missing, null or empty.
pub(crate) fn decimal(object: &Object, at: &str, name: &str) -> Result<Option<Decimal>> {
    let read = |text| json::decimal_of(text).map_err(|message| refuse(At(at, name), message));
    let value = object.property(name).map(read).transpose()?;
    match value {
        Some(value) if value.abs() >= LARGEST => Err(refuse(At(at, name), "is too large for an amount")),
        value => Ok(value),
    }
}

/// As [`decimal`], refused below zero.
pub(crate) fn positive(object: &Object, at: &str, name: &str) -> Result<Option<Decimal>> {
    let value = decimal(object, at, name)?;
    match value {
        Some(value) if value < Decimal::ZERO => Err(refuse(At(at, name), "cannot be negative")),
        value => Ok(value),
    }
}

/// A time property: ISO 8601, a date, or milliseconds since 1970.
pub(crate) fn time(object: &Object, at: &str, name: &str) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = object.property(name) else { return Ok(None) };
    let read = parse_time(text);
    read.map(Some).ok_or_else(|| refuse(At(at, name), format_args!("{text:?} is no date or time")))
}

/// Reads a time as HubSpot writes it.
pub(crate) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let millis = || text.parse().ok().and_then(DateTime::from_timestamp_millis);
    let date = || text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN).and_utc());
    text.parse().ok().or_else(millis).or_else(date)
}
