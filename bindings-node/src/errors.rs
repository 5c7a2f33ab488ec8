//! An error of the engine → what `lib/errors.js` makes the class of its kind from.

use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use taxpoynt_core::{Error, Result, Retry};

/// The error as Node gets it: its facts are JSON in the message.
pub(crate) fn thrown(error: &Error) -> napi::Error {
    let (retryable, retry_after) = match error.retry() {
        Retry::Now => (true, None),
        Retry::After(wait) => (true, Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))),
        // It may have taken effect: repeating it blindly is what must not happen.
        Retry::Never | Retry::Ambiguous => (false, None),
    };
    described(json!({
        "kind": error.kind().name(),
        "message": error.message(),
        "operation": error.operation(),
        "retryable": retryable,
        "retryAfter": retry_after,
        "context": error.context(),
        "faults": error.faults(),
    }))
}

/// A broken promise of the engine itself. What broke is in the log, not in the message.
pub(crate) fn internal(operation: &'static str) -> napi::Error {
    let message = "the engine broke one of its own rules and gave up this call; nothing was half done: please \
                   report it";
    described(json!({
        "kind": "internal",
        "message": message,
        "operation": operation,
        "retryable": false,
        "retryAfter": null,
        "context": [],
        "faults": [],
    }))
}

fn described(facts: Value) -> napi::Error {
    napi::Error::from_reason(json!({ "taxpoynt": facts }).to_string())
}

/// Neither an error nor a panic leaves native work as anything but the engine's errors.
pub(crate) fn native<T>(operation: &'static str, work: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(thrown(&error)),
        Err(_) => Err(internal(operation)),
    }
}
