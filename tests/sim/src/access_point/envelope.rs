//! How the access point words its answers: `status`, `message`, `data`, `execTime`, `error`.

use crate::faults;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

/// The body of a failure.
pub(super) fn failure(code: u16, error: &str) -> Value {
    json!({"status": code, "message": "request failed", "data": null, "execTime": 0.01, "error": error})
}

/// A failure.
pub(super) fn refused(status: StatusCode, error: &str) -> Response {
    faults::json(status, &failure(status.as_u16(), error))
}

/// A success.
pub(super) fn done(message: &str, data: &Value) -> Response {
    let body = json!({"status": 200, "message": message, "data": data, "execTime": 0.01, "error": ""});
    faults::json(StatusCode::OK, &body)
}
