//! The authority's API: one typed function a call; knows the codes and the forms a document travels in, and not which
//! call comes when, which is `submission`'s to say.
//!
//! The calls stand where they belong: submitting here, `listing` for search, `account` for taxpayers and the login,
//! `lookup` for who takes part, `resources` for code lists, `payment` and `report` for what follows a document.
//! `POST` and `GET invoice/party` (creating and listing parties) are left out: newer collections of the API no longer
//! have them, and parties travel inside each document.
//!
//! A deployment hands out one key pair, or two: one to the taxpayer's system integrator (SI) and one to its access point
//! (APP). Every function takes the pair it is to use. What the engine calls goes with the access point's where a tenant
//! has one, the login alone belongs to the integrator's; see [`AuthorityCredentials`](crate::tenant::AuthorityCredentials).

pub(super) mod account;
pub(super) mod details;
pub(super) mod errors;
pub(super) mod exchange;
pub(super) mod listing;
pub(super) mod lookup;
mod payment;
mod refusal;
pub(super) mod report;
pub(super) mod resources;
mod sentences;
mod wording;

pub use listing::Found;
pub use wording::Wording;

use crate::{Error, ErrorKind, Result, http::HttpService};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Africa::Lagos;
use errors::{Call, Effect};
use exchange::AcknowledgeBody;
use http::{HeaderValue, Method, Request, Response, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{fmt, sync::Arc};
use taxpoynt_ubl::Irn;
use url::Url;

/// The pair every call carries. It belongs to a tenant, or to the platform as a fallback.
#[derive(Clone)]
pub struct ApiKeys {
    /// `x-api-key`, a UUID.
    pub api_key: SecretString,
    /// `x-api-secret`.
    pub api_secret: SecretString,
}

impl ApiKeys {
    /// A pair.
    #[must_use]
    pub fn new(api_key: impl Into<String>, api_secret: impl Into<String>) -> Self {
        Self {
            api_key: SecretString::from(api_key.into()),
            api_secret: SecretString::from(api_secret.into()),
        }
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeys(redacted)")
    }
}

/// What `confirm` says of a registered document. It carries neither IRN nor amounts: comparing takes `search`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmation {
    /// Whether every party has acknowledged it.
    pub transmitted: Option<bool>,
    /// Whether the buyer's side has it.
    pub delivered: Option<bool>,
    /// Its issue date.
    pub issue_date: Option<NaiveDate>,
    /// Its due date.
    pub due_date: Option<NaiveDate>,
    /// The day it was last synchronised.
    pub sync_date: Option<NaiveDate>,
    /// `PENDING`, `PAID`, `REJECTED`.
    pub payment_status: Option<String>,
}

/// What `sign` says beside "done".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signed {
    /// The cryptographic stamp identifier, where an access point supplies one. The authority's documented answer has
    /// none, and we never make one.
    pub csid: Option<String>,
}

/// Calls one deployment of the authority.
#[derive(Clone)]
pub struct Client {
    http: Arc<dyn HttpService>,
    base_url: Url,
    pub(super) acknowledge_body: AcknowledgeBody,
    wording: Arc<Wording>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.base_url.host_str().unwrap_or_default();
        f.debug_struct("Client").field("host", &host).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the deployment at `base_url`; the API's paths are put behind its own. No default exists: at least
    /// five hosts are in use.
    #[must_use]
    pub fn new(http: Arc<dyn HttpService>, base_url: Url) -> Self {
        Self { http, base_url, acknowledge_body: AcknowledgeBody::default(), wording: Arc::default() }
    }

    /// Reads answers by these texts.
    #[must_use]
    pub fn worded(mut self, wording: Wording) -> Self {
        self.wording = Arc::new(wording);
        self
    }

    /// Has a document checked. Nothing is registered.
    ///
    /// # Errors
    /// `Rejected` with `field`; `Ambiguous` where the IRN may be registered already; see the module `errors` for the
    /// rest.
    pub async fn validate(&self, keys: &ApiKeys, body: Bytes) -> Result<()> {
        let call = Call { operation: "firs.validate", effect: Effect::Check };
        self.done(call, keys, Method::POST, &["invoice", "validate"], body).await.map(drop)
    }

    /// Registers a document: the legal submission, immutable from here on.
    ///
    /// # Errors
    /// `Rejected` with `field`; `Ambiguous` where the answer does not say whether it took effect: ask for the IRN
    /// before sending the same bytes again.
    pub async fn sign(&self, keys: &ApiKeys, body: Bytes) -> Result<Signed> {
        let call = Call { operation: "firs.sign", effect: Effect::Change };
        let done = self.done(call, keys, Method::POST, &["invoice", "sign"], body).await?;
        Ok(Signed { csid: csid(&done) })
    }

    /// Sends a signed document to its buyer.
    ///
    /// # Errors
    /// As `sign`; the document stays signed whatever this says.
    pub async fn transmit(&self, keys: &ApiKeys, irn: &Irn) -> Result<()> {
        let call = Call { operation: "firs.transmit", effect: Effect::Change };
        let body = Bytes::from_static(b"{}");
        self.done(call, keys, Method::POST, &["invoice", "transmit", irn.as_str()], body).await.map(drop)
    }

    /// Has an IRN checked against the taxpayer's template; `invoice_reference` is its number part. Nothing is registered.
    ///
    /// # Errors
    /// `Rejected` with `field` `irn` where it does not fit, `Ambiguous` as `validate`.
    pub async fn validate_irn(&self, keys: &ApiKeys, business_id: &str, irn: &Irn) -> Result<()> {
        let call = Call { operation: "firs.validate_irn", effect: Effect::Check };
        let question = IrnQuestion { business_id, invoice_reference: irn.number(), irn: irn.as_str() };
        let body = body(call, &question)?;
        self.done(call, keys, Method::POST, &["invoice", "irn", "validate"], body).await.map(drop)
    }

    /// Whether the authority has the document. Not registered is `None`, in each of the three forms it is told (400
    /// "record not found", 404, or no data).
    ///
    /// # Errors
    /// Of a read only: `Unavailable`, `RateLimited`, `Unauthenticated`, `Config`, …
    pub async fn confirm(&self, keys: &ApiKeys, irn: &Irn) -> Result<Option<Confirmation>> {
        let call = Call { operation: "firs.confirm", effect: Effect::Read };
        let url = self.url(call, &["invoice", "confirm", irn.as_str()])?;
        let Some(data) = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)? else {
            return Ok(None);
        };
        let read = serde_json::from_str::<WireConfirmation<'_>>(data.get())
            .ok()
            .filter(|_| data.get().starts_with('{'));
        let read =
            read.filter(WireConfirmation::says_something).ok_or_else(|| unread(call, "a confirmation"))?;
        Ok(Some(Confirmation {
            transmitted: read.transmitted.and_then(|raw| serde_json::from_str(raw.get()).ok()),
            delivered: read.delivered.and_then(|raw| serde_json::from_str(raw.get()).ok()),
            issue_date: date(read.issue_date),
            due_date: date(read.due_date),
            sync_date: date(read.sync_date),
            payment_status: words(read.payment_status),
        }))
    }

    /// Whether the deployment is up. This is the only answer without an envelope: `{"healthy": true}`.
    ///
    /// # Errors
    /// Of a read: `Unavailable`, `Unauthenticated`, `Config`, …
    pub async fn health(&self, keys: &ApiKeys) -> Result<bool> {
        let call = Call { operation: "firs.health", effect: Effect::Read };
        let url = self.below(call, &["api"], &[])?;
        let response = self.ask(call, keys, Method::GET, url, Bytes::new()).await?;
        errors::read(call, &self.wording, &response)?;
        let health: Result<Health, _> = serde_json::from_slice(response.body());
        health.map(|health| health.healthy).map_err(|_| unread(call, "whether it is healthy"))
    }

    /// Has the authority send a test notice to our webhook: it proves the keys and the address set on the dashboard.
    /// The notice itself comes to the webhook, not here.
    ///
    /// # Errors
    /// `Config` with `code` `webhook_missing` where no webhook is set there; else as `health`.
    pub async fn check_webhook(&self, keys: &ApiKeys) -> Result<()> {
        let call = Call { operation: "firs.check_webhook", effect: Effect::Read };
        let url = self.url(call, &["invoice", "transmit", "self-health-check"])?;
        match self.send(call, keys, Method::GET, url, Bytes::new()).await? {
            Some(data) if is_denied(&data) => Err(unread(call, "that a test notice is on its way")),
            _ => Ok(()),
        }
    }

    pub(super) async fn done(
        &self,
        call: Call,
        keys: &ApiKeys,
        method: Method,
        path: &[&str],
        body: Bytes,
    ) -> Result<Box<RawValue>> {
        let url = self.url(call, path)?;
        let data = self.send(call, keys, method, url, body).await?;
        data.filter(|data| serde_json::from_str::<Done>(data.get()).is_ok_and(|done| done.ok))
            .ok_or_else(|| errors::unclear(call, 0, "answered without saying that it is done"))
    }

    pub(super) async fn send(
        &self,
        call: Call,
        keys: &ApiKeys,
        method: Method,
        url: Url,
        body: Bytes,
    ) -> Result<Option<Box<RawValue>>> {
        let response = self.ask(call, keys, method, url, body).await?;
        errors::read(call, &self.wording, &response)
    }

    async fn ask(
        &self,
        call: Call,
        keys: &ApiKeys,
        method: Method,
        url: Url,
        body: Bytes,
    ) -> Result<Response<Bytes>> {
        let request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("x-api-key", header(call, "api_key", &keys.api_key)?)
            .header("x-api-secret", header(call, "api_secret", &keys.api_secret)?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
            .map_err(|_| base_url(call))?;
        self.http.call(request).await.map_err(|error| errors::transport(call, error))
    }

    /// The address of a call; each part is percent-encoded.
    pub(super) fn url(&self, call: Call, parts: &[&str]) -> Result<Url> {
        self.below(call, &["api", "v1"], parts)
    }

    fn below(&self, call: Call, root: &[&str], parts: &[&str]) -> Result<Url> {
        let mut url = self.base_url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut().map_err(|()| base_url(call))?.pop_if_empty().extend(root).extend(parts);
        Ok(url)
    }
}

fn base_url(call: Call) -> Error {
    Error::new(
        ErrorKind::Config,
        call.operation,
        "base_url must be an address such as https://authority.example",
    )
    .with("field", "base_url")
}

fn header(call: Call, field: &'static str, secret: &SecretString) -> Result<HeaderValue> {
    let text = secret.expose_secret().trim();
    let mut value = HeaderValue::from_str(text).ok().filter(|_| !text.is_empty()).ok_or_else(|| {
        let message = format!("{field} is empty or has characters that no header can carry");
        Error::new(ErrorKind::Config, call.operation, message).with("field", field)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// `NotFound` is an answer here, not a failure.
pub(super) fn found(result: Result<Option<Box<RawValue>>>) -> Result<Option<Box<RawValue>>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other,
    }
}

/// The JSON of a request.
pub(super) fn body(call: Call, request: &impl Serialize) -> Result<Bytes> {
    serde_json::to_vec(request).map(Bytes::from).map_err(|error| {
        Error::new(ErrorKind::Internal, call.operation, "the request cannot be written as JSON")
            .caused_by(error)
    })
}

#[derive(Serialize)]
struct IrnQuestion<'a> {
    business_id: &'a str,
    invoice_reference: &'a str,
    irn: &'a str,
}

#[derive(Deserialize)]
struct Health {
    healthy: bool,
}

#[derive(Deserialize)]
struct Done {
    ok: bool,
}

/// Whether a success says in its data that it is none.
pub(super) fn is_denied(data: &RawValue) -> bool {
    serde_json::from_str::<Done>(data.get()).is_ok_and(|done| !done.ok)
}

/// The two spellings that clients look for. It is taken as it stands: what it means is the access point's to say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Supplied<'a> {
    #[serde(borrow)]
    csid: Option<&'a RawValue>,
    #[serde(borrow, rename = "CSID")]
    upper: Option<&'a RawValue>,
}

/// No more than this is kept of what an access point calls a CSID (those seen are signatures of a few hundred bytes).
const LONGEST_CSID: usize = 8 * 1024;

pub(super) fn csid(data: &RawValue) -> Option<String> {
    // An array would read as a struct, member by member.
    let object = Some(data.get()).filter(|text| text.starts_with('{'))?;
    let supplied: Supplied<'_> = serde_json::from_str(object).ok()?;
    let csid = words(supplied.csid).or_else(|| words(supplied.upper))?;
    Some(csid).filter(|csid| csid.len() <= LONGEST_CSID)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireConfirmation<'a> {
    #[serde(borrow)]
    transmitted: Option<&'a RawValue>,
    #[serde(borrow)]
    delivered: Option<&'a RawValue>,
    #[serde(borrow)]
    issue_date: Option<&'a RawValue>,
    #[serde(borrow)]
    due_date: Option<&'a RawValue>,
    #[serde(borrow)]
    sync_date: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_status: Option<&'a RawValue>,
}

impl WireConfirmation<'_> {
    fn says_something(&self) -> bool {
        [self.transmitted, self.delivered, self.issue_date, self.payment_status].iter().any(Option::is_some)
    }
}

/// A text or a number, as text; nothing where empty or null.
pub(super) fn words(raw: Option<&RawValue>) -> Option<String> {
    let raw = raw?.get();
    let text = serde_json::from_str::<String>(raw)
        .ok()
        .or_else(|| raw.starts_with(|c: char| c.is_ascii_digit()).then(|| raw.to_owned()))?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A date, or the day of a timestamp in Lagos (midnight there is 23:00 UTC of the day before).
pub(super) fn date(raw: Option<&RawValue>) -> Option<NaiveDate> {
    let text = words(raw)?;
    match DateTime::parse_from_rfc3339(&text) {
        Ok(time) => Some(time.with_timezone(&Lagos).date_naive()),
        Err(_) => NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok(),
    }
}

/// An answer of another shape proves nothing, least of all that a document is not there.
pub(super) fn unread(call: Call, expected: &str) -> Error {
    errors::unclear(call, 0, &format!("answered in a shape we do not know, expected {expected}"))
}
