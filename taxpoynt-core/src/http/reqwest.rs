//! Sends over the network: the one place that does.

use super::{
    HttpService,
    guard::{AllowHosts, Refused},
    repeat::{Lost, is_repeatable, lost},
};
use crate::{Error, ErrorKind, Result, Retry};
use ::reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use std::{error::Error as StdError, sync::Arc, time::Duration};
use url::Url;

/// How to send.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Hosts that may be called although their addresses are private, each exactly: `127.0.0.1`, `odoo.internal`.
    pub allow_hosts: Vec<String>,
    /// The largest answer that is read, after decompression.
    pub max_response_bytes: usize,
    /// To reach the other side and agree on TLS.
    pub connect_timeout: Duration,
    /// Who is calling.
    pub user_agent: String,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            max_response_bytes: 16 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("taxpoynt-engine/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Sends with reqwest: pooled connections, TLS by rustls, gzip.
///
/// Redirects are never followed (a redirect would carry credentials to a host nobody checked) and proxies of the
/// environment are not used (a proxy would connect to addresses nobody checked). There is no time limit here beyond
/// connecting: that is [`Timeout`](super::timeout::Timeout)'s.
///
/// ```no_run
/// use taxpoynt_core::http::{ClientOptions, ReqwestService};
///
/// let options = ClientOptions { allow_hosts: vec!["127.0.0.1".into()], ..ClientOptions::default() };
/// let service = ReqwestService::new(options)?;
/// # Ok::<(), taxpoynt_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReqwestService {
    client: Client,
    allow: Arc<AllowHosts>,
    max_response_bytes: usize,
}

impl ReqwestService {
    /// A client with its own pool. One serves the whole process.
    ///
    /// # Errors
    /// `Config` where an option is not usable or the machine has no TLS roots.
    pub fn new(options: ClientOptions) -> Result<Self> {
        let allow = Arc::new(AllowHosts::new(&options.allow_hosts)?);
        let client = Client::builder()
            .dns_resolver(GuardedResolver { allow: Arc::clone(&allow) })
            .redirect(Policy::none())
            // Repeating is our own layer's, which counts attempts and knows what may be repeated.
            .retry(::reqwest::retry::never())
            // A server that closes an idle connection just as a POST sets out makes that POST ambiguous.
            .pool_idle_timeout(Duration::from_secs(15))
            .no_proxy()
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .user_agent(options.user_agent)
            .build()
            .map_err(|e| config("the HTTP client cannot be set up").caused_by(e))?;
        Ok(Self { client, allow, max_response_bytes: options.max_response_bytes })
    }

    /// Reads the body, which reqwest has decompressed, up to the limit.
    async fn body(&self, response: &mut Response, repeatable: bool) -> Result<Bytes> {
        let declared = response.content_length().and_then(|length| usize::try_from(length).ok());
        if declared.is_some_and(|length| length > self.max_response_bytes) {
            return Err(self.too_large(repeatable));
        }
        let mut body = BytesMut::with_capacity(declared.unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|e| broken(&e, repeatable))? {
            if chunk.len() > self.max_response_bytes - body.len() {
                return Err(self.too_large(repeatable));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn too_large(&self, repeatable: bool) -> Error {
        let message = format!("the answer is larger than {} bytes and was not read", self.max_response_bytes);
        let retry = if repeatable { Retry::Never } else { Retry::Ambiguous };
        Error::new(ErrorKind::Platform, "http.call", message).retry_as(retry)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for ReqwestService {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let repeatable = is_repeatable(&request);
        // What is sent is the URL that was checked, in the form `url` normalised it to.
        let url =
            Url::parse(&request.uri().to_string()).map_err(|_| config("the address is not a full URL"))?;
        self.allow.check(&url)?;
        let (parts, body) = request.into_parts();
        let mut sent = ::reqwest::Request::new(parts.method, url);
        *sent.headers_mut() = parts.headers;
        *sent.body_mut() = (!body.is_empty()).then(|| body.into());
        let mut response = self.client.execute(sent).await.map_err(|e| not_answered(&e, repeatable))?;
        let body = self.body(&mut response, repeatable).await?;
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.version_mut() = response.version();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Asks the system's resolver and keeps only addresses that may be called.
#[derive(Debug)]
struct GuardedResolver {
    allow: Arc<AllowHosts>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed = allow.filter(name.as_str(), found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The error of a request that got no answer.
fn not_answered(error: &::reqwest::Error, repeatable: bool) -> Error {
    if let Some(refused) = causes(error).find_map(|cause| cause.downcast_ref::<Refused>()) {
        return refused.clone().into();
    }
    if error.is_builder() {
        return config("the request cannot be sent as it is").with("cause", innermost(error));
    }
    if error.is_connect() {
        return Error::new(ErrorKind::Unavailable, "http.call", "no connection could be made")
            .retry_as(Retry::Now)
            .with("cause", innermost(error));
    }
    broken(error, repeatable)
}

/// The error of an exchange that ended half-way.
fn broken(error: &::reqwest::Error, repeatable: bool) -> Error {
    let (how, message) = match error.is_timeout() {
        true => (Lost::TimedOut, "the other side did not answer in time"),
        false => (Lost::Broken, "the connection broke before the whole answer had come"),
    };
    lost(repeatable, how, message).with("cause", innermost(error))
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

/// What lies at the bottom, such as `connection refused`. Never the outer texts: they show the URL with its query.
fn innermost(error: &::reqwest::Error) -> String {
    let bottom = causes(error).skip(1).last();
    bottom.map_or_else(|| "none given".to_owned(), ToString::to_string)
}

fn config(message: &'static str) -> Error {
    Error::new(ErrorKind::Config, "http.call", message)
}
