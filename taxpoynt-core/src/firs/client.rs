//! The authority's API: one typed function a call. Which call comes when is the transmitter's to say.

use super::errors::{self, Call, Effect};
use super::exchange::AcknowledgeBody;
use crate::{Error, ErrorKind, Result, http::HttpService, json::Exact};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Africa::Lagos;
use http::{HeaderValue, Method, Request, header::CONTENT_TYPE};
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fmt, sync::Arc};
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

/// A registered document as `search` shows it; whatever the answer left out is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its IRN.
    pub irn: String,
    /// Its issue date.
    pub issue_date: Option<NaiveDate>,
    /// The authority's document type code.
    pub type_code: Option<String>,
    /// The currency of its amounts.
    pub currency: Option<String>,
    /// The amount to pay.
    pub payable: Option<Decimal>,
    /// The amount with tax.
    pub tax_inclusive: Option<Decimal>,
    /// The buyer's TIN.
    pub buyer_tin: Option<String>,
    /// `PENDING`, `PAID`, `REJECTED`.
    pub payment_status: Option<String>,
    /// The cryptographic stamp identifier, where an access point supplies one.
    pub csid: Option<String>,
    /// The row as it came, JSON: everything it shows is compared before a document is taken for ours.
    pub shown: String,
}

/// Calls one deployment of the authority.
#[derive(Clone)]
pub struct Client {
    http: Arc<dyn HttpService>,
    base_url: Url,
    pub(super) acknowledge_body: AcknowledgeBody,
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
        Self { http, base_url, acknowledge_body: AcknowledgeBody::default() }
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
            payment_status: words(read.payment_status),
        }))
    }

    /// Looks a document up by its IRN among those of a business. Rows of other documents are passed over, since a
    /// deployment may ignore the filter.
    ///
    /// # Errors
    /// As `confirm`.
    pub async fn search(&self, keys: &ApiKeys, business_id: &str, irn: &Irn) -> Result<Option<Found>> {
        let call = Call { operation: "firs.search", effect: Effect::Read };
        let mut url = self.url(call, &["invoice", business_id])?;
        url.query_pairs_mut()
            .append_pair("size", "20")
            .append_pair("page", "1")
            .append_pair("irn", irn.as_str());
        let Some(data) = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)? else {
            return Ok(None);
        };
        let rows = rows(&data).ok_or_else(|| unread(call, "a list of documents"))?;
        let mut found =
            rows.iter().filter_map(|raw| Some((serde_json::from_str::<Row<'_>>(raw.get()).ok()?, *raw)));
        Ok(found.find(|(row, _)| words(row.irn).as_deref() == Some(irn.as_str())).map(|(row, raw)| Found {
            csid: csid(raw),
            shown: raw.get().to_owned(),
            ..row.found(irn)
        }))
    }

    async fn done(
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
        let request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("x-api-key", header(call, "api_key", &keys.api_key)?)
            .header("x-api-secret", header(call, "api_secret", &keys.api_secret)?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
            .map_err(|_| base_url(call))?;
        let response = self.http.call(request).await.map_err(|error| errors::transport(call, error))?;
        errors::read(call, &response)
    }

    /// The address of a call; each part is percent-encoded.
    pub(super) fn url(&self, call: Call, parts: &[&str]) -> Result<Url> {
        let mut url = self.base_url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut()
            .map_err(|()| base_url(call))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(parts);
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

#[derive(Deserialize)]
struct Done {
    ok: bool,
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

fn csid(data: &RawValue) -> Option<String> {
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
    payment_status: Option<&'a RawValue>,
}

impl WireConfirmation<'_> {
    fn says_something(&self) -> bool {
        [self.transmitted, self.delivered, self.issue_date, self.payment_status].iter().any(Option::is_some)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow)]
    irn: Option<&'a RawValue>,
    #[serde(borrow)]
    issue_date: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice_type_code: Option<&'a RawValue>,
    #[serde(borrow)]
    document_currency_code: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_status: Option<&'a RawValue>,
    #[serde(borrow)]
    legal_monetary_total: Option<&'a RawValue>,
    #[serde(borrow)]
    accounting_customer_party: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTotal<'a> {
    #[serde(borrow)]
    payable_amount: Option<&'a RawValue>,
    #[serde(borrow)]
    tax_inclusive_amount: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireParty<'a> {
    #[serde(borrow)]
    tin: Option<&'a RawValue>,
}

impl Row<'_> {
    fn found(&self, irn: &Irn) -> Found {
        let total: WireTotal<'_> = part(self.legal_monetary_total);
        let buyer: WireParty<'_> = part(self.accounting_customer_party);
        Found {
            irn: irn.as_str().to_owned(),
            issue_date: date(self.issue_date),
            type_code: words(self.invoice_type_code),
            currency: words(self.document_currency_code),
            payable: number(total.payable_amount),
            tax_inclusive: number(total.tax_inclusive_amount),
            buyer_tin: words(buyer.tin),
            payment_status: words(self.payment_status),
            csid: None,
            shown: String::new(),
        }
    }
}

fn part<'a, T: Default + Deserialize<'a>>(raw: Option<&'a RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
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

fn number(raw: Option<&RawValue>) -> Option<Decimal> {
    serde_json::from_str::<Exact>(raw?.get()).ok().map(|exact| exact.0)
}

/// An answer of another shape proves nothing, least of all that a document is not there.
pub(super) fn unread(call: Call, expected: &str) -> Error {
    errors::unclear(call, 0, &format!("answered in a shape we do not know, expected {expected}"))
}

/// A page of rows: an array, or an object that holds one under whatever name (`items` is assumed, not recorded), or
/// the document itself.
pub(super) fn rows(data: &RawValue) -> Option<Vec<&RawValue>> {
    if data.get().starts_with('[') {
        return serde_json::from_str(data.get()).ok();
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(data.get()).ok()?;
    if members.contains_key("irn") {
        return Some(vec![data]);
    }
    let usual = ["items", "invoices", "data", "results", "rows", "content"];
    let usual = usual.iter().find_map(|name| members.get(*name));
    let list = usual.or_else(|| members.values().find(|value| value.get().starts_with('[')))?;
    if list.get() == "null" { Some(Vec::new()) } else { serde_json::from_str(list.get()).ok() }
}
