//! Sends over the network: the one place that does.

use super::{
    HttpService,
    body::{self, Body, Limits, Refusal},
    guard::{AllowHosts, Names, Refused, SystemNames},
    repeat::{Lost, is_repeatable, lost},
};
use crate::{Error, ErrorKind, Result, Retry};
use ::reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use std::{error::Error as StdError, sync::Arc, time::Duration};
use url::Url;

/// How to send.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Hosts that may be called although their addresses are private, each exactly: `127.0.0.1`, `odoo.internal`.
    pub allow_hosts: Vec<String>,
    /// The largest answer that is read, on the wire and unpacked.
    pub max_response_bytes: usize,
    /// The most that names and values of an answer's headers may be together. Over HTTP/1.1 they are at most 100, hyper's
    /// own limit; the heap is spared what setting it would cost.
    pub max_header_bytes: usize,
    /// To reach the other side and agree on TLS.
    pub connect_timeout: Duration,
    /// Who is calling.
    pub user_agent: String,
    /// Finds the addresses of names.
    pub names: Arc<dyn Names>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            max_response_bytes: 16 * 1024 * 1024,
            max_header_bytes: 64 * 1024,
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("taxpoynt-engine/", env!("CARGO_PKG_VERSION")).to_owned(),
            names: Arc::new(SystemNames),
        }
    }
}

/// Sends with reqwest: pooled connections, TLS by rustls. Answers may be packed with gzip, once.
///
/// Redirects are never followed here (a redirect would carry credentials to a host nobody checked; see
/// [`Redirects`](super::redirect::Redirects)) and proxies of the environment are not used (a proxy would connect to
/// addresses nobody checked). There is no time limit here beyond
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
    limits: Limits,
}

impl ReqwestService {
    /// A client with its own pool. One serves the whole process.
    ///
    /// # Errors
    /// `Config` where an option is not usable or the machine has no TLS roots.
    pub fn new(options: ClientOptions) -> Result<Self> {
        let allow = Arc::new(AllowHosts::new(&options.allow_hosts)?);
        let client = Client::builder()
            .dns_resolver(GuardedResolver { allow: Arc::clone(&allow), names: options.names })
            .redirect(Policy::none())
            // Repeating is our own layer's, which counts attempts and knows what may be repeated.
            .retry(::reqwest::retry::never())
            // A server that closes an idle connection just as a POST sets out makes that POST ambiguous.
            .pool_idle_timeout(Duration::from_secs(15))
            .no_proxy()
            .referer(false)
            .http2_max_header_list_size(u32::try_from(options.max_header_bytes).unwrap_or(u32::MAX))
            .connect_timeout(options.connect_timeout)
            .user_agent(options.user_agent)
            .build()
            .map_err(|e| config("the HTTP client cannot be set up").caused_by(e))?;
        let limits = Limits { body: options.max_response_bytes, headers: options.max_header_bytes };
        Ok(Self { client, allow, limits })
    }

    /// Reads the body within the limits.
    async fn body(&self, response: &mut Response, repeatable: bool) -> Result<Bytes> {
        let refused = |refusal: Refusal| refused(refusal, repeatable);
        body::check_headers(response.headers(), self.limits.headers).map_err(refused)?;
        let mut body = Body::new(response.headers_mut(), self.limits.body).map_err(refused)?;
        while let Some(chunk) = response.chunk().await.map_err(|e| broken(&e, repeatable))? {
            body.push(&chunk).map_err(refused)?;
        }
        body.finish().map_err(refused)
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
        sent.headers_mut().entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
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

/// Asks for addresses and keeps only those that may be called. Its answer is what is connected to: nobody asks again.
#[derive(Debug)]
struct GuardedResolver {
    allow: Arc<AllowHosts>,
    names: Arc<dyn Names>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, names) = (Arc::clone(&self.allow), Arc::clone(&self.names));
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            let allowed = allow.filter(name.as_str(), found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The error of an answer that was not read.
fn refused(refusal: Refusal, repeatable: bool) -> Error {
    if refusal == Refusal::NotGzip {
        return lost(repeatable, Lost::Broken, refusal.to_string());
    }
    let retry = if repeatable { Retry::Never } else { Retry::Ambiguous };
    Error::new(ErrorKind::Platform, "http.call", refusal.to_string()).retry_as(retry)
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
