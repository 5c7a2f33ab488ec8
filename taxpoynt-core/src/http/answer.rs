//! Answers as values: a platform's JSON, or the platform's trouble in place of it.

use super::api::{Headers, get_with, query_json_with};
use crate::{Error, ErrorKind, Result, Retry, connector::Context, json};
use serde::{Serialize, de::DeserializeOwned, de::IgnoredAny};

/// As [`get_with`], with the answer read.
///
/// # Errors
/// As [`get_with`] and [`read_answer`].
pub async fn get_as<T: DeserializeOwned>(
    cx: &Context,
    operation: &'static str,
    path_and_query: &str,
    headers: Headers<'_>,
) -> Result<T> {
    read_answer(operation, &get_with(cx, operation, path_and_query, headers).await?)
}

/// As [`query_json_with`], with the answer read.
///
/// # Errors
/// As [`query_json_with`] and [`read_answer`].
pub async fn query_as<T: DeserializeOwned>(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &(impl Serialize + Sync + ?Sized),
    headers: Headers<'_>,
) -> Result<T> {
    read_answer(operation, &query_json_with(cx, operation, path, body, headers).await?)
}

/// Reads the body of a success.
///
/// ```
/// use taxpoynt_core::{ErrorKind, Retry, http::api::read_answer};
///
/// let page = read_answer::<Vec<u32>>("platform.list", b"<html>Welcome to our proxy</html>").unwrap_err();
/// assert_eq!((page.kind(), page.retry()), (ErrorKind::Unavailable, Retry::Now));
/// let shape = read_answer::<Vec<u32>>("platform.list", br#"["one"]"#).unwrap_err();
/// assert_eq!((shape.kind(), shape.get("field")), (ErrorKind::Payload, Some("[0]")));
/// ```
///
/// # Errors
/// `Unavailable`, to be repeated, where it is no JSON at all: a proxy's page, an answer that was cut. `Payload`, naming
/// the field, where it is JSON of another shape: that would come again.
pub fn read_answer<T: DeserializeOwned>(operation: &'static str, body: &[u8]) -> Result<T> {
    json::read(operation, body).map_err(|error| match serde_json::from_slice::<IgnoredAny>(body) {
        Ok(_) => error,
        Err(_) => {
            let message =
                "the platform's answer is not JSON: it was cut, or something between us and it answered";
            Error::new(ErrorKind::Unavailable, operation, message).retry_as(Retry::Now)
        }
    })
}
