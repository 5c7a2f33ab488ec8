//! One tracing span for each attempt: what was called, how it ended and how long it took. Nothing in it is a secret.

use super::HttpService;
use crate::{Clock, Result};
use async_trait::async_trait;
use bytes::Bytes;
use std::{
    fmt::{self, Write},
    sync::Arc,
};
use tracing::{Instrument, field::Empty};

/// Which attempt a request is, counted from 1. Travels with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt(pub u32);

/// What a request is for, a dotted name such as `square.fetch`. Travels with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation(pub &'static str);

/// Opens the span `http` around each attempt: `operation`, `method`, `host`, `path` as [`PathTemplate`] shows it,
/// `attempt`; when it is over also `status` or the kind of `error`, and `took_ms` with the wait for a place in it.
/// Query strings, headers and bodies are never in it.
pub struct Trace {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
}

impl Trace {
    /// Traces calls of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, clock }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Trace {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let span = span(&request);
        if span.is_disabled() {
            return self.inner.call(request).await;
        }
        let begun = self.clock.now();
        let outcome = self.inner.call(request).instrument(span.clone()).await;
        span.record("took_ms", (self.clock.now() - begun).num_milliseconds());
        match &outcome {
            Ok(response) => span.record("status", response.status().as_u16()),
            Err(error) => span.record("error", error.kind().name()),
        };
        outcome
    }
}

fn span(request: &http::Request<Bytes>) -> tracing::Span {
    let extensions = request.extensions();
    tracing::info_span!(
        "http",
        operation = extensions.get::<Operation>().map(|operation| operation.0),
        method = request.method().as_str(),
        host = request.uri().host().unwrap_or_default(),
        path = %PathTemplate(request.uri().path()),
        attempt = extensions.get::<Attempt>().map_or(1, |attempt| attempt.0),
        status = Empty,
        error = Empty,
        took_ms = Empty,
    )
}

/// Shows a path without what identifies anybody: every segment that is not a plain word or a version is `{}`.
///
/// ```
/// use taxpoynt_core::http::trace::PathTemplate;
///
/// let shown = |path| PathTemplate(path).to_string();
/// assert_eq!(shown("/v2/orders/CAISENgvlJ6jLWAzERDzjyHVybY"), "/v2/orders/{}");
/// assert_eq!(shown("/crm/objects/2026-09/line_items/batch/read"), "/crm/objects/2026-09/line_items/batch/read");
/// assert_eq!(shown("/users/ada%40shop.example/17"), "/users/{}/{}");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PathTemplate<'a>(pub &'a str);

impl fmt::Display for PathTemplate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.split('/').enumerate() {
            if place > 0 {
                f.write_char('/')?;
            }
            f.write_str(if is_name(segment) { segment } else { "{}" })?;
        }
        Ok(())
    }
}

/// Words of an API: short, lower case, without digits. And its versions: `v2`, `v2.0`, `2026-09`, `2026-09-15`.
fn is_name(segment: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_');
    let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    if segment.len() <= 24 && segment.bytes().all(word) {
        return true;
    }
    match segment.strip_prefix('v') {
        Some(version) => version.len() <= 4 && version.bytes().all(digits),
        None => segment.starts_with("20") && matches!(segment.len(), 7 | 10) && is_date(segment.as_bytes()),
    }
}

fn is_date(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(place, byte)| match place {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    })
}
