//! Follows a redirect to the same origin, and no other.

use super::{HttpService, is_repeatable};
use crate::Result;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, Uri, header::LOCATION};
use std::sync::Arc;
use url::Url;

/// Follows what leads elsewhere on the same scheme, host and port, a few times.
///
/// | answer | `GET`, `HEAD` | marked `Idempotent` | any other |
/// |---|---|---|---|
/// | 301, 302, 303 | followed | handed back: clients disagree on the method | handed back |
/// | 307, 308 | followed | followed with its body | handed back |
///
/// Credentials belong to one origin, so what leads to another one is handed back, to plain http of the same host too;
/// [`status_error`](super::api::status_error) then says so. Each hop goes through all layers inside this one: it
/// waits for its place and its address is checked like any other.
pub struct Redirects {
    inner: Arc<dyn HttpService>,
    hops: u32,
}

impl Redirects {
    /// Follows at most `hops` redirects of `inner`, one after the other. What comes after the last is handed back.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, hops: u32) -> Self {
        Self { inner, hops }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Redirects {
    async fn call(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
        if !is_repeatable(&request) {
            return self.inner.call(request).await;
        }
        for _ in 0..self.hops {
            let response = self.inner.call(request.clone()).await?;
            let Some(next) = next(&request, &response) else { return Ok(response) };
            *request.uri_mut() = next;
        }
        self.inner.call(request).await
    }
}

/// Where an answer leads, if we go there.
fn next(request: &Request<Bytes>, response: &Response<Bytes>) -> Option<Uri> {
    let bare = matches!(*request.method(), Method::GET | Method::HEAD);
    let follows = match response.status().as_u16() {
        301..=303 => bare,
        307 | 308 => true,
        _ => false,
    };
    let location = follows.then(|| response.headers().get(LOCATION)).flatten()?.to_str().ok()?;
    let here = Url::parse(&request.uri().to_string()).ok()?;
    let mut there = here.join(location).ok()?;
    there.set_fragment(None);
    let named = !there.username().is_empty() || there.password().is_some();
    let same = there.origin() == here.origin() && !named;
    same.then(|| there.as_str().parse().ok()).flatten()
}
