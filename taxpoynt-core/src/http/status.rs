//! What an HTTP status means to the engine.

use super::{excerpt::excerpt, retry_after::retry_after_by_date};
use crate::{Error, ErrorKind, Retry};
use http::{HeaderMap, StatusCode};
use std::time::Duration;

/// How long to wait after a 429 that does not say.
const UNSAID: Duration = Duration::from_secs(10);

/// How long to wait for an account that is being moved, where nobody says.
const MOVING: Duration = Duration::from_secs(60 * 60);

/// The error of an answer that is not a success. Its message carries what the platform said, its context `status`
/// and, where the platform gave one, `code`. Whether it may be repeated is said for a call without effect;
/// [`post_json`](super::api::post_json) says otherwise for calls that have one.
///
/// ```
/// use taxpoynt_core::{ErrorKind, http::api::status_error};
///
/// let body = br#"{"errors":[{"code":"NOT_FOUND","detail":"Order not found."}]}"#;
/// let error = status_error("square.fetch", http::StatusCode::NOT_FOUND, &http::HeaderMap::new(), body);
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert_eq!(error.get("code"), Some("NOT_FOUND"));
/// ```
#[must_use]
pub fn status_error(operation: &'static str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let asked = retry_after_by_date(headers);
    let after = |unsaid: Retry| asked.map_or(unsaid, Retry::After);
    let (kind, retry, sentence) = match status.as_u16() {
        300..=399 => {
            (ErrorKind::Platform, Retry::Never, "the platform answers elsewhere: check the base URL")
        }
        401 => {
            (ErrorKind::Unauthenticated, Retry::Never, "the platform refuses the credentials: connect again")
        }
        403 => (ErrorKind::PermissionDenied, Retry::Never, "the credentials lack a permission for this"),
        404 | 410 => (ErrorKind::NotFound, Retry::Never, "the platform does not have this"),
        408 => (ErrorKind::TimedOut, after(Retry::Now), "the platform gave up waiting"),
        409 => (ErrorKind::Conflict, Retry::Never, "the platform says this conflicts with what it has"),
        423 | 425 => {
            (ErrorKind::Unavailable, after(Retry::After(Duration::from_secs(2))), "not available yet")
        }
        // A CRM's own code for an account that is being moved, with Retry-After up to a day.
        477 => (ErrorKind::Unavailable, after(Retry::After(MOVING)), "the platform is moving this account"),
        429 => (ErrorKind::RateLimited, after(Retry::After(UNSAID)), "too many calls"),
        501 | 505 => (ErrorKind::Platform, Retry::Never, "the platform does not support this call"),
        500..=599 => (ErrorKind::Unavailable, after(Retry::Now), "the platform is in trouble"),
        _ => (ErrorKind::Platform, Retry::Never, "the platform refused the call"),
    };
    let said = excerpt(body);
    let message = match said.message {
        Some(words) => format!("{sentence}; it says: {words}"),
        None => sentence.to_owned(),
    };
    let error =
        Error::new(kind, operation, message).retry_as(retry).with("status", status.as_u16().to_string());
    match said.code {
        Some(code) => error.with("code", code),
        None => error,
    }
}
