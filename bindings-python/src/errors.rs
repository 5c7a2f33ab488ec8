//! An error of the engine → the exception of its kind, whose classes are in `taxpoynt/errors.py`.

use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use taxpoynt_core::{Error, Result, Retry};

/// The exception for `error`.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let (retryable, retry_after) = match error.retry() {
        Retry::Now => (true, None),
        Retry::After(wait) => (true, Some(wait.as_millis())),
        // It may have taken effect: repeating it blindly is what must not happen.
        Retry::Never | Retry::Ambiguous => (false, None),
    };
    let faults: Vec<_> = error
        .faults()
        .iter()
        .map(|f| (f.id.clone(), f.severity, f.path.clone(), f.message.clone()))
        .collect();
    exception(py, |errors| {
        errors.getattr("_raised")?.call1((
            error.kind().name(),
            error.message(),
            error.operation(),
            retryable,
            retry_after,
            error.context().to_vec(),
            faults,
        ))
    })
}

/// The exception for a broken promise of the engine itself. What broke is in the log, not in the message.
pub(crate) fn internal(py: Python<'_>, operation: &'static str) -> PyErr {
    let message = "the engine broke one of its own rules and gave up this call; nothing was half done: please report it";
    exception(py, |errors| {
        let nothing: [(&str, &str); 0] = [];
        errors.getattr("_raised")?.call1(("internal", message, operation, false, None::<u64>, nothing, ()))
    })
}

/// A malformed value of a record, or of whatever else was handed in as Python data.
pub(crate) fn payload(py: Python<'_>, operation: &'static str, field: &str, message: String) -> PyErr {
    raised(py, &Error::payload(operation, field, message))
}

fn exception<'py>(
    py: Python<'py>,
    make: impl FnOnce(&Bound<'py, PyModule>) -> PyResult<Bound<'py, PyAny>>,
) -> PyErr {
    match py.import("taxpoynt.errors").and_then(|errors| make(&errors)) {
        Ok(value) => PyErr::from_value(value),
        Err(error) => error,
    }
}

/// Does native work without the GIL; neither an error nor a panic leaves as anything but the engine's exceptions.
pub(crate) fn native<T: Send>(
    py: Python<'_>,
    operation: &'static str,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(raised(py, &error)),
        Err(_) => Err(internal(py, operation)),
    }
}
