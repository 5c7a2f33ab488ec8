//! Which requests may be sent twice, and what a lost answer means for each.

use crate::{Error, ErrorKind, Retry};
use bytes::Bytes;
use http::Method;

/// Marks a request that has no effect, or the same effect however often it is sent: a search done by `POST`.
///
/// ```
/// use taxpoynt_core::http::{Idempotent, is_repeatable};
///
/// let mut search = http::Request::post("https://platform.example/search").body(bytes::Bytes::new())?;
/// assert!(!is_repeatable(&search));
/// search.extensions_mut().insert(Idempotent);
/// assert!(is_repeatable(&search));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idempotent;

/// Whether `request` may be sent again although it may have arrived: a safe method (RFC 9110, 9.2.1) or marked
/// [`Idempotent`]. `PUT` and `DELETE` need the mark: a platform's idea of them is not always the standard's.
#[must_use]
pub fn is_repeatable(request: &http::Request<Bytes>) -> bool {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(request.method());
    safe || request.extensions().get::<Idempotent>().is_some()
}

/// How an exchange ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nothing came in time.
    TimedOut,
    /// The connection broke.
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only a real connection breaks"))]
    Broken,
}

/// The error of a request that may have arrived and whose answer is lost.
pub(crate) fn lost(repeatable: bool, how: Lost, message: impl Into<String>) -> Error {
    let kind = match (repeatable, how) {
        (false, _) => ErrorKind::Ambiguous,
        (true, Lost::TimedOut) => ErrorKind::TimedOut,
        (true, Lost::Broken) => ErrorKind::Unavailable,
    };
    let retry = if repeatable { Retry::Now } else { Retry::Ambiguous };
    Error::new(kind, "http.call", message).retry_as(retry)
}
