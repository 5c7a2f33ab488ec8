//! Adds a connection's credentials to its requests, and to no others.

use super::HttpService;
use crate::{Error, ErrorKind, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};
use std::{fmt, sync::Arc};
use url::{Origin, Url};

/// Where a bearer token comes from.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// The token to send.
    ///
    /// # Errors
    /// `Unauthenticated` where there is none and a person must authorize again; else as the refresh says.
    async fn token(&self) -> Result<SecretString>;

    /// Told that the platform refused `rejected`: gets a new token, unless another caller has done so already.
    /// Whether [`token`](Self::token) now gives another one. It is called once for each refused request, by several
    /// callers at a time.
    ///
    /// # Errors
    /// `Unauthenticated` where the platform refuses to refresh; else as the call for it says.
    async fn refresh(&self, rejected: &SecretString) -> Result<bool>;
}

/// A token that its owner pasted: it cannot be refreshed.
#[derive(Debug, Clone)]
pub struct StaticToken(SecretString);

impl StaticToken {
    /// Always this token.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl TokenSource for StaticToken {
    async fn token(&self) -> Result<SecretString> {
        Ok(self.0.clone())
    }

    async fn refresh(&self, _rejected: &SecretString) -> Result<bool> {
        Ok(false)
    }
}

/// Sends `Authorization: Bearer`. On a 401 it refreshes the token and sends the request once more, whatever its
/// method: a refused request did nothing.
pub struct Bearer {
    inner: Arc<dyn HttpService>,
    source: Arc<dyn TokenSource>,
    origin: Origin,
    header: HeaderName,
    prefix: &'static str,
}

impl Bearer {
    /// Authenticates calls of `inner` to the origin (scheme, host and port) of `base_url`; others are refused.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, source: Arc<dyn TokenSource>, base_url: &Url) -> Self {
        Self { inner, source, origin: base_url.origin(), header: AUTHORIZATION, prefix: "Bearer " }
    }

    /// As `new`, with the token in a header of the platform's own, after `prefix`.
    #[must_use]
    pub fn keyed(
        inner: Arc<dyn HttpService>,
        source: Arc<dyn TokenSource>,
        base_url: &Url,
        (header, prefix): (HeaderName, &'static str),
    ) -> Self {
        Self { inner, source, origin: base_url.origin(), header, prefix }
    }

    async fn send(
        &self,
        mut request: http::Request<Bytes>,
        token: &SecretString,
    ) -> Result<http::Response<Bytes>> {
        let value = sensitive("access token", &format!("{}{}", self.prefix, token.expose_secret()))?;
        request.headers_mut().insert(&self.header, value);
        self.inner.call(request).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Bearer {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        same_origin(&request, &self.origin)?;
        let token = self.source.token().await?;
        let response = self.send(request.clone(), &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED || !self.source.refresh(&token).await? {
            return Ok(response);
        }
        let token = self.source.token().await?;
        self.send(request, &token).await
    }
}

/// Sends the same secret headers with every request: `x-api-key` and `x-api-secret`.
pub struct StaticHeaders {
    inner: Arc<dyn HttpService>,
    headers: SecretHeaders,
    origin: Origin,
}

impl StaticHeaders {
    /// Adds `headers` to calls of `inner` to the origin of `base_url`; others are refused.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, headers: SecretHeaders, base_url: &Url) -> Self {
        Self { inner, headers, origin: base_url.origin() }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for StaticHeaders {
    async fn call(&self, mut request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        same_origin(&request, &self.origin)?;
        for (name, value) in &self.headers.0 {
            request.headers_mut().insert(name, value.clone());
        }
        self.inner.call(request).await
    }
}

/// Header values that are credentials. They never show in `Debug`.
#[derive(Clone)]
pub struct SecretHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecretHeaders {
    /// Headers by name.
    ///
    /// # Errors
    /// `Config` where a value cannot stand in a header: a line break that was pasted along.
    pub fn new(pairs: &[(HeaderName, SecretString)]) -> Result<Self> {
        let header = |(name, value): &(HeaderName, SecretString)| {
            Ok((name.clone(), sensitive(name.as_str(), value.expose_secret())?))
        };
        pairs.iter().map(header).collect::<Result<_>>().map(Self)
    }
}

impl fmt::Debug for SecretHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name.as_str())).finish()
    }
}

/// A header value that `Debug` does not show and HTTP/2 does not index.
fn sensitive(what: &str, value: &str) -> Result<HeaderValue> {
    let mut header = HeaderValue::from_str(value).map_err(|_| {
        let message = format!("the {what} holds characters that cannot stand in a header: paste it again");
        Error::new(ErrorKind::Config, "http.auth", message)
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// Credentials go only to where they belong, whatever link a platform's answer contained.
fn same_origin(request: &http::Request<Bytes>, origin: &Origin) -> Result<()> {
    let asked = Url::parse(&request.uri().to_string()).map(|url| url.origin());
    if asked.as_ref().is_ok_and(|asked| asked == origin) {
        return Ok(());
    }
    let message = format!(
        "the connection's credentials are for {}: the request goes elsewhere and was not sent",
        origin.ascii_serialization()
    );
    Err(Error::new(ErrorKind::Config, "http.auth", message))
}
