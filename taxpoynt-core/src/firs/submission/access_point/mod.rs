//! An access point before the authority that wants every request signed: the second way through the same seam.
//!
//! | stage stored | call | stage after |
//! |---|---|---|
//! | Draft | validate, where there is such a call | Validated |
//! | Validated (Signing is stored first) | sign | Signed, with the CSID it may supply |
//! | Signing | content, else confirm; nothing there: stays, `asked` | Signed, Signing |
//! | Signing, asked | sign the same bytes | Signed |
//! | Signed, B2B and B2G (Transmitting is stored first) | transmit | Transmitted |
//! | Transmitting | confirm; not shown as transmitted: stays, `asked` | Transmitted, Transmitting |
//! | Transmitting, asked | transmit | Transmitted |
//! | Signed, B2C; Transmitted | confirm | Confirmed |
//!
//! The rules are those of the authority's own API: the intent is stored before a call whose effect could get lost,
//! nothing is sent again before the access point was asked, what is there is adopted only where its content is ours,
//! and another content is held for a person as `quarantined`.
//!
//! ```no_run
//! # fn example(http: std::sync::Arc<dyn taxpoynt_core::http::HttpService>) -> taxpoynt_core::Result<()> {
//! use std::sync::Arc;
//! use taxpoynt_core::{SystemClock, firs::{AccessPoint, AccessPointOptions}};
//!
//! let base_url = url::Url::parse("https://access-point.example/").map_err(|_| taxpoynt_core::Error::payload("example", "base_url", "no address"))?;
//! let mut options = AccessPointOptions::new(base_url);
//! options.paths.content = Some("api/v1/app/invoice/{irn}".to_owned());
//! let transmitter = Arc::new(AccessPoint::new(http, Arc::new(SystemClock), options));
//! // engine_options.transmitter = Some(transmitter);
//! # let _ = transmitter;
//! # Ok(())
//! # }
//! ```

mod answer;
mod content;
mod options;
mod signed;

pub use options::{AccessPointOptions, Names, Paths, PaymentCodes, SignatureForm, TimestampForm, Unseen};

use super::lifecycle;
use super::transmitter::{Step, Submittable, Transmitter};
use crate::firs::client::{
    ApiKeys, Confirmation,
    errors::{Call, Effect},
};
use crate::firs::codes;
use crate::{
    Clock, Error, ErrorKind, Result, Retry,
    http::{HttpService, StackOptions, stack},
    store::Stage,
};
use answer::{member, words};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use std::{fmt, sync::Arc, time::Duration};
use taxpoynt_ubl::{InvoiceKind, Irn, PaymentStatus};

/// How long a signed document may stay invisible to `confirm` before it is asked for again.
const NOT_YET: Duration = Duration::from_secs(60);
/// No more than this is kept of what an access point calls a CSID.
const LONGEST_CSID: usize = 8 * 1024;

/// An access point with HMAC-signed requests: `X-API-Key`, `X-API-Timestamp` and `X-API-Signature`.
#[derive(Clone)]
pub struct AccessPoint {
    http: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    options: Arc<AccessPointOptions>,
}

impl fmt::Debug for AccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.options.base_url.host_str().unwrap_or_default();
        f.debug_struct("AccessPoint").field("host", &host).finish_non_exhaustive()
    }
}

impl AccessPoint {
    /// Over a network, with the clock that requests are dated with. Each call is made once: what may be repeated is
    /// decided by the document's stage.
    #[must_use]
    pub fn new(network: Arc<dyn HttpService>, clock: Arc<dyn Clock>, options: AccessPointOptions) -> Self {
        let mut layers = StackOptions::new(network, clock.clone(), options.base_url.clone());
        layers.retry.attempts = 1;
        Self { http: stack(layers), clock, options: Arc::new(options) }
    }

    /// Signs and sends one request. `about` fills the path: IRN and business id.
    async fn call(
        &self,
        call: Call,
        keys: &ApiKeys,
        (method, path): (Method, &str),
        (irn, business_id): (&str, &str),
        body: Bytes,
    ) -> Result<Option<Box<RawValue>>> {
        options::usable(keys)?;
        let url = options::address(&self.options, path, irn, business_id)?;
        let timestamp = signed::timestamp(self.clock.now(), self.options.timestamp);
        let signature = signed::signature(keys, &body, &timestamp, self.options.signature);
        let request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("x-api-key", secret(call, keys.api_key.expose_secret().trim())?)
            .header("x-api-timestamp", &timestamp)
            .header("x-api-signature", secret(call, &signature.unwrap_or_default())?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
            .map_err(|_| {
                let message = "base_url must be an address such as https://access-point.example";
                Error::new(ErrorKind::Config, call.operation, message).with("field", "base_url")
            })?;
        let response = self.http.call(request).await.map_err(|error| answer::transport(call, error))?;
        answer::read(call, &self.options.names, &response)
    }

    async fn validate(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let Some(path) = &self.options.paths.validate else {
            return Ok(Step::to(Stage::Validated));
        };
        let call = Call { operation: "access_point.validate", effect: Effect::Check };
        let about = about(document);
        match self.call(call, keys, (Method::POST, path), about, document.body.clone()).await {
            Ok(_) => Ok(Step::to(Stage::Validated)),
            // It may be there already: registered before, and our store was put back, perhaps.
            Err(error) if error.kind() == ErrorKind::Ambiguous => {
                let there = self.look_up(document, keys).await?;
                there.ok_or_else(|| {
                    let message = "The access point cannot check the document at the moment.";
                    Error::new(ErrorKind::Unavailable, call.operation, message)
                        .retry_as(Retry::After(NOT_YET))
                        .caused_by(error)
                })
            }
            Err(error) => Err(error),
        }
    }

    async fn sign(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let call = Call { operation: "access_point.sign", effect: Effect::Change };
        let path = (Method::POST, self.options.paths.sign.as_str());
        let done = self.call(call, keys, path, about(document), document.body.clone()).await?;
        if !is_ours(done.as_deref(), &document.irn) {
            return Err(answer::unclear(call, 0, "answered something else than yes or no"));
        }
        let csid = done.and_then(|data| self.csid(&data));
        Ok(Step::to(Stage::Signed).with_csid(csid))
    }

    async fn ask_before_signing(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        match self.look_up(document, keys).await? {
            Some(adopted) => Ok(adopted),
            None => Ok(Step::to(Stage::Signing)),
        }
    }

    /// The document as it is there, adopted; `None` where it is certainly not there.
    async fn look_up(&self, document: &Submittable, keys: &ApiKeys) -> Result<Option<Step>> {
        if let Some(path) = &self.options.paths.content {
            let call = Call { operation: "access_point.content", effect: Effect::Read };
            let asked = self.call(call, keys, (Method::GET, path), about(document), Bytes::new()).await;
            if let Some(data) = found(asked)? {
                if !content::is_proof(&data) {
                    return Err(answer::unclear(call, 0, "shows a document in a shape we do not know"));
                }
                content::same(document, &data)?;
                return Ok(Some(self.adopted(&data)));
            }
        }
        let Some(data) = self.shown(keys, document.irn.as_str(), &document.business_id).await? else {
            return Ok(None);
        };
        content::same(document, &data)?;
        match self.options.unseen {
            // What shows content did not show it: it may lag behind.
            _ if self.options.paths.content.is_some() => {
                let message = "The access point knows the IRN but does not show the document yet; it is asked again later.";
                Err(Error::new(ErrorKind::Ambiguous, "access_point.look_up", message)
                    .with("irn", document.irn.as_str()))
            }
            Unseen::AdoptByDate if content::shows(&data, "issue_date") => Ok(Some(self.adopted(&data))),
            Unseen::AdoptByDate | Unseen::Quarantine => Err(content::unknown(document)),
        }
    }

    async fn shown(&self, keys: &ApiKeys, irn: &str, business_id: &str) -> Result<Option<Box<RawValue>>> {
        let call = Call { operation: "access_point.confirm", effect: Effect::Read };
        let path = (Method::GET, self.options.paths.confirm.as_str());
        let Some(data) = found(self.call(call, keys, path, (irn, business_id), Bytes::new()).await)? else {
            return Ok(None);
        };
        let says = ["transmitted", "delivered", "issue_date", "payment_status"];
        if says.iter().any(|name| member(&data, name).is_some()) {
            Ok(Some(data))
        } else {
            Err(answer::unclear(call, 0, "answered in a shape we do not know, expected a confirmation"))
        }
    }

    fn state_in(&self, data: &RawValue) -> Confirmation {
        let flag = |name: &str| member(data, name).and_then(|raw| serde_json::from_str(raw.get()).ok());
        let status = member(data, "payment_status").and_then(words);
        let status = status.and_then(|status| self.options.payment_codes.read(&status));
        Confirmation {
            transmitted: flag("transmitted"),
            delivered: flag("delivered"),
            payment_status: status.map(|status| codes::payment_status_code(status).to_owned()),
            ..Confirmation::default()
        }
    }

    async fn transmit(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let call = Call { operation: "access_point.transmit", effect: Effect::Change };
        let path = (Method::POST, self.options.paths.transmit.as_str());
        let body = Bytes::from(serde_json::json!({"irn": document.irn.as_str()}).to_string());
        match self.call(call, keys, path, about(document), body).await {
            Ok(data) if is_ours(data.as_deref(), &document.irn) => {
                let csid = data.and_then(|data| self.csid(&data));
                Ok(Step::to(Stage::Transmitted).with_csid(csid))
            }
            Ok(_) => Err(answer::unclear(call, 0, "answered something else than yes or no")),
            // The document is signed and stays so: only the sending was refused.
            Err(error) if error.kind() == ErrorKind::Rejected => {
                let message =
                    format!("The document is signed, but was not sent to the buyer: {}", error.message());
                Err(Error::new(ErrorKind::Authority, call.operation, message)
                    .with("code", lifecycle::TRANSMIT_REFUSED)
                    .caused_by(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn ask_before_transmitting(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let data = self.shown(keys, document.irn.as_str(), &document.business_id).await?;
        if data.is_some_and(|data| self.state_in(&data).transmitted == Some(true)) {
            return Ok(Step::to(Stage::Transmitted).saying("The access point shows it as transmitted."));
        }
        Ok(Step::to(Stage::Transmitting))
    }

    async fn confirm(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let data = self.shown(keys, document.irn.as_str(), &document.business_id).await?;
        let Some(data) = data else {
            let message = "The access point signed the document but does not show it yet.";
            return Err(Error::new(ErrorKind::NotFound, "access_point.confirm", message)
                .retry_as(Retry::After(NOT_YET))
                .with("irn", document.irn.as_str()));
        };
        let open = is_transmitted(document) && self.state_in(&data).transmitted == Some(false);
        let text = if open { "Confirmed; not every party has acknowledged it yet." } else { "Confirmed." };
        Ok(Step::to(Stage::Confirmed).saying(text).with_csid(self.csid(&data)))
    }

    fn adopted(&self, data: &RawValue) -> Step {
        let payment = self.state_in(data).payment_status;
        Step::to(Stage::Signed)
            .saying("The access point had the document already, with the same content.")
            .with_csid(self.csid(data))
            .with_payment(payment.as_deref().and_then(codes::payment_status))
    }

    /// The CSID as it came, where one came. Nobody on our side makes one.
    fn csid(&self, data: &RawValue) -> Option<String> {
        let csid = self.options.names.csid.iter().find_map(|name| member(data, name)).and_then(words)?;
        Some(csid).filter(|csid| csid.len() <= LONGEST_CSID)
    }
}

#[async_trait]
impl Transmitter for AccessPoint {
    async fn advance(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        match document.stage {
            Stage::Draft => self.validate(document, keys).await,
            Stage::Validated => self.sign(document, keys).await,
            Stage::Signing if document.asked => self.sign(document, keys).await,
            Stage::Signing => self.ask_before_signing(document, keys).await,
            Stage::Signed if is_transmitted(document) => self.transmit(document, keys).await,
            Stage::Transmitting if document.asked => self.transmit(document, keys).await,
            Stage::Transmitting => self.ask_before_transmitting(document, keys).await,
            Stage::Signed | Stage::Transmitted => self.confirm(document, keys).await,
            Stage::Confirmed => Ok(Step::to(Stage::Confirmed)),
        }
    }

    async fn confirmation(&self, irn: &Irn, keys: &ApiKeys) -> Result<Option<Confirmation>> {
        let data = self.shown(keys, irn.as_str(), "").await?;
        Ok(data.map(|data| self.state_in(&data)))
    }

    async fn update_payment(
        &self,
        irn: &Irn,
        status: PaymentStatus,
        reference: Option<&str>,
        keys: &ApiKeys,
    ) -> Result<()> {
        let call = Call { operation: "access_point.update_payment", effect: Effect::Change };
        let mut body = serde_json::json!({"payment_status": self.options.payment_codes.code(status)});
        if let Some(reference) = reference {
            body["reference"] = reference.into();
        }
        let path = self.options.paths.update.as_str();
        let body = Bytes::from(body.to_string());
        self.call(call, keys, (Method::PATCH, path), (irn.as_str(), ""), body).await.map(drop)
    }
}

fn is_transmitted(document: &Submittable) -> bool {
    document.kind != InvoiceKind::B2C
}

fn about(document: &Submittable) -> (&str, &str) {
    (document.irn.as_str(), &document.business_id)
}

/// Whether a success speaks of our document: it names no other IRN, does not say "not ok", and is no list or text.
fn is_ours(data: Option<&RawValue>, irn: &Irn) -> bool {
    data.is_none_or(|data| {
        let named = member(data, "irn").and_then(words);
        let denied = member(data, "ok").is_some_and(|ok| ok.get() == "false");
        data.get().starts_with('{') && !denied && named.is_none_or(|named| named == irn.as_str())
    })
}

/// `NotFound` is an answer here, not a failure.
fn found(result: Result<Option<Box<RawValue>>>) -> Result<Option<Box<RawValue>>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other,
    }
}

fn secret(call: Call, text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = "api_key of the access point has characters that no header can carry";
        Error::new(ErrorKind::Config, call.operation, message).with("field", "api_key")
    })?;
    value.set_sensitive(true);
    Ok(value)
}
