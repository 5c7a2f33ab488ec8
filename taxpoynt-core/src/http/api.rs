//! What connectors call: a path below the connection's base URL in, the body of a success out.

pub use super::{
    answer::{get_as, query_as, read_answer},
    status::status_error,
};

use super::{Idempotent, trace::Operation};
use crate::{Error, ErrorKind, Result, Retry, connector::Context};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Serialize;
use url::Url;

/// Extra headers of a call, such as a platform's API version.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

/// Reads `path_and_query`, which is relative to the connection's base URL.
///
/// # Errors
/// As [`status_error`] and the HTTP layers say; `Payload` where the path leaves the base URL.
pub async fn get(cx: &Context, operation: &'static str, path_and_query: &str) -> Result<Bytes> {
    get_with(cx, operation, path_and_query, &[]).await
}

/// As [`get`], with more headers.
///
/// # Errors
/// As [`get`]; `Config` where a header cannot be sent.
pub async fn get_with(
    cx: &Context,
    operation: &'static str,
    path_and_query: &str,
    headers: Headers<'_>,
) -> Result<Bytes> {
    let request = request(cx, operation, Method::GET, path_and_query, headers, Bytes::new())?;
    send(cx, operation, request).await
}

/// As [`get_with`], with the headers of the answer: some platforms say there where a list goes on. An answer 304 to a
/// request that asked for no more than what changed is a success without a body.
///
/// # Errors
/// As [`get_with`].
pub async fn get_whole(
    cx: &Context,
    operation: &'static str,
    path_and_query: &str,
    headers: Headers<'_>,
) -> Result<Response<Bytes>> {
    let request = request(cx, operation, Method::GET, path_and_query, headers, Bytes::new())?;
    respond(cx, operation, request).await
}

/// Sends a change. It is never repeated once it may have arrived: an error then says `Retry::Ambiguous`.
///
/// # Errors
/// As [`get`].
pub async fn post_json(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &(impl Serialize + Sync + ?Sized),
) -> Result<Bytes> {
    post_json_with(cx, operation, path, body, &[]).await
}

/// As [`post_json`], with more headers.
///
/// # Errors
/// As [`post_json`].
pub async fn post_json_with(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &(impl Serialize + Sync + ?Sized),
    headers: Headers<'_>,
) -> Result<Bytes> {
    let request = request(cx, operation, Method::POST, path, headers, json(operation, body)?)?;
    send(cx, operation, request).await
}

/// Replaces a resource. It is repeated like a `GET`: a second time changes nothing.
///
/// # Errors
/// As [`get`].
pub async fn put_json_with(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &(impl Serialize + Sync + ?Sized),
    headers: Headers<'_>,
) -> Result<Bytes> {
    let request = request(cx, operation, Method::PUT, path, headers, json(operation, body)?)?;
    send(cx, operation, request).await
}

/// Deletes a resource. It is repeated like a `GET`, so that a first answer that was lost makes the second `NotFound`.
///
/// # Errors
/// As [`get`].
pub async fn delete_with(
    cx: &Context,
    operation: &'static str,
    path: &str,
    headers: Headers<'_>,
) -> Result<Bytes> {
    let request = request(cx, operation, Method::DELETE, path, headers, Bytes::new())?;
    send(cx, operation, request).await
}

/// A read that the platform wants as a `POST`: a search. It is repeated like a `GET`.
///
/// # Errors
/// As [`get`].
pub async fn query_json(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &(impl Serialize + Sync + ?Sized),
) -> Result<Bytes> {
    query_json_with(cx, operation, path, body, &[]).await
}

/// As [`query_json`], with more headers.
///
/// # Errors
/// As [`query_json`].
pub async fn query_json_with(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &(impl Serialize + Sync + ?Sized),
    headers: Headers<'_>,
) -> Result<Bytes> {
    let mut request = request(cx, operation, Method::POST, path, headers, json(operation, body)?)?;
    request.extensions_mut().insert(Idempotent);
    send(cx, operation, request).await
}

/// The URL of `path_and_query` below `base`. A leading slash makes no difference.
///
/// ```
/// use taxpoynt_core::http::api::{join, path_segment};
///
/// let base = url::Url::parse("https://platform.example/api/")?;
/// let url = join(&base, &format!("orders/{}?limit=5", path_segment("a/b")))?;
/// assert_eq!(url.as_str(), "https://platform.example/api/orders/a%2Fb?limit=5");
/// assert!(join(&base, "../admin").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `Payload` where the result would not be below `base`: an id that is `..`, a path with a host of its own.
pub fn join(base: &Url, path_and_query: &str) -> Result<Url> {
    let escapes = || Error::payload("http.join", "path", "the path leaves the base URL and is not called");
    let relative = path_and_query.strip_prefix('/').unwrap_or(path_and_query);
    let path = relative.split('?').next().unwrap_or_default();
    let strange = relative.contains(|c: char| c.is_control() || c.is_whitespace() || c == '#' || c == '\\');
    if strange || path.split('/').any(is_dots) {
        return Err(escapes());
    }
    let mut root = base.clone();
    root.set_query(None);
    root.set_fragment(None);
    if !root.path().ends_with('/') {
        root.set_path(&format!("{}/", base.path()));
    }
    // Text, not `Url::join`: a relative reference may name a scheme or a host of its own.
    let url = Url::parse(&format!("{root}{relative}")).map_err(|_| escapes())?;
    let inside = url.origin() == root.origin() && url.path().starts_with(root.path());
    if inside { Ok(url) } else { Err(escapes()) }
}

/// `text` as one segment of a path: every character outside `A-Z a-z 0-9 - . _ ~` percent-encoded. `.` and `..` have
/// no encoding that servers agree on: [`join`] refuses them.
#[must_use]
pub fn path_segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// A query string without its question mark.
///
/// ```
/// use taxpoynt_core::http::api::query_string;
///
/// assert_eq!(query_string(&[("name", "a b&c"), ("limit", "5")]), "name=a+b%26c&limit=5");
/// ```
#[must_use]
pub fn query_string(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Whether a server might read this segment as `.` or `..`.
fn is_dots(segment: &str) -> bool {
    let decoded = segment.to_ascii_lowercase().replace("%2e", ".");
    decoded == "." || decoded == ".."
}

fn json(operation: &'static str, body: &(impl Serialize + ?Sized)) -> Result<Bytes> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|e| Error::payload(operation, "body", "the request cannot be written as JSON").caused_by(e))
}

fn request(
    cx: &Context,
    operation: &'static str,
    method: Method,
    path: &str,
    headers: Headers<'_>,
    body: Bytes,
) -> Result<Request<Bytes>> {
    let url = join(&cx.base_url, path)?;
    let bad = |what: &'static str| Error::new(ErrorKind::Config, operation, what);
    let uri = url.as_str().parse::<http::Uri>().map_err(|_| bad("the base URL cannot be called"))?;
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let map = request.headers_mut();
    map.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if !request.body().is_empty() {
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).map_err(|_| bad("a header name is not valid"))?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| bad("a header value is not valid").with("header", name.as_str()))?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

async fn send(cx: &Context, operation: &'static str, request: Request<Bytes>) -> Result<Bytes> {
    respond(cx, operation, request).await.map(Response::into_body)
}

async fn respond(
    cx: &Context,
    operation: &'static str,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>> {
    request.extensions_mut().insert(Operation(operation));
    let repeatable = super::is_repeatable(&request);
    let response = cx.http.call(request).await?;
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(response);
    }
    let error = status_error(operation, status, response.headers(), response.body());
    let may_have_acted = !repeatable && (status.is_server_error() || status.as_u16() == 408);
    Err(if may_have_acted { error.retry_as(Retry::Ambiguous) } else { error })
}
