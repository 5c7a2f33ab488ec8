//! Times from Python, which must say their zone.

use crate::errors::payload;
use chrono::{DateTime, Utc};
use pyo3::{prelude::*, sync::PyOnceLock};

/// An aware `datetime` in whatever zone, as UTC.
pub(crate) fn utc(
    time: Option<&Bound<'_, PyAny>>,
    operation: &'static str,
    field: &str,
) -> PyResult<Option<DateTime<Utc>>> {
    static UTC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(time) = time.filter(|time| !time.is_none()) else { return Ok(None) };
    if time.getattr("tzinfo")?.is_none() {
        let message = format!("{field} must say its time zone: use datetime.now(timezone.utc)");
        return Err(payload(time.py(), operation, field, message));
    }
    let zone = UTC.get_or_try_init(time.py(), || {
        PyResult::Ok(time.py().import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind())
    })?;
    time.call_method1("astimezone", (zone,))?.extract().map(Some)
}
