//! Webhooks: what arrived, the proof that it was checked, and what it announces.
//!
//! A connector's `verify` names the header and the parts that its platform signs; the check itself, and with it every
//! [`Verified`], is made here.
//!
//! ```
//! use secrecy::SecretString;
//! use taxpoynt_core::webhook::{Secrets, WebhookRequest, hmac};
//!
//! let mut headers = http::HeaderMap::new();
//! headers.insert("x-signature", "dtxucLYF3gMMp23xez1ZhG5JqZTvc7/zAGlL9GbeHis=".parse()?);
//! let request = WebhookRequest {
//!     method: "POST",
//!     url: "https://shop.example/hook",
//!     headers: &headers,
//!     body: br#"{"id":1}"#,
//! };
//! let secrets = Secrets::one(SecretString::from("key"));
//! let message: [&[u8]; 2] = [request.url.as_bytes(), request.body];
//! let verified = hmac::verify_base64(&request, "x-signature", &secrets, &message)?;
//! assert_eq!(verified.body(), request.body);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod basic;
pub mod guide;
pub mod hmac;
pub mod identity;
pub mod rsa;
pub mod subscription;
pub mod timestamp;
pub mod token;

use crate::{Error, ErrorKind, Result, model::SourceKey};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::Choice;

/// A request as the host's web framework received it. Nothing is re-encoded: signatures cover the raw bytes.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The public URL the platform was told, byte for byte.
    pub url: &'a str,
    /// The headers.
    pub headers: &'a http::HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

impl WebhookRequest<'_> {
    /// The value of a header that must be there exactly once: of two, nobody knows which one was checked.
    ///
    /// # Errors
    /// `SignatureInvalid` where it is missing, repeated or no plain text.
    pub fn header(&self, name: &'static str) -> Result<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next().ok_or_else(|| {
            refused(format!(
                "the header {name} is missing: the request is not from the platform, or a proxy removed it"
            ))
        })?;
        if values.next().is_some() {
            return Err(refused(format!("the header {name} is there more than once")));
        }
        first.to_str().map_err(|_| refused(format!("the header {name} is not plain text")))
    }

    /// Checks that it was posted, exactly so: methods have one spelling (RFC 9110, section 9.1).
    ///
    /// # Errors
    /// `SignatureInvalid`.
    pub fn posted(&self) -> Result<()> {
        if self.method == "POST" {
            Ok(())
        } else {
            Err(refused("a webhook is posted: the method must be POST"))
        }
    }
}

/// Shows sizes only: headers carry credentials and bodies carry customers.
impl fmt::Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The secrets a signature may be made with: one, or two while one is being rotated.
#[derive(Debug, Clone, Default)]
pub struct Secrets(pub Vec<SecretString>);

impl Secrets {
    /// The only one.
    #[must_use]
    pub fn one(secret: SecretString) -> Self {
        Self(vec![secret])
    }

    /// Those that can prove anything: an empty one is no secret.
    fn usable(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let bytes = self.0.iter().map(|secret| secret.expose_secret().as_bytes());
        bytes.enumerate().filter(|(_, secret)| !secret.is_empty())
    }

    /// The body, where at least one secret passes `check`. Every secret is tried, whichever passes: the time taken tells
    /// nothing.
    fn prove(
        &self,
        request: &WebhookRequest<'_>,
        check: impl Fn(&[u8]) -> Choice,
        refusal: impl FnOnce() -> String,
    ) -> Result<Verified> {
        let tried: Vec<(usize, Choice)> =
            self.usable().map(|(place, secret)| (place, check(secret))).collect();
        if tried.is_empty() {
            return Err(refused("the connection has no webhook secret: store the one the platform shows"));
        }
        let any = tried.iter().fold(Choice::from(0), |any, (_, passed)| any | *passed);
        if !bool::from(any) {
            return Err(refused(refusal()));
        }
        let by =
            tried.into_iter().filter(|(_, passed)| bool::from(*passed)).map(|(place, _)| place).collect();
        Ok(Verified { body: Bytes::copy_from_slice(request.body), by })
    }
}

/// A body whose sender was proved. Only this module's verifiers make one:
///
/// ```compile_fail
/// let forged = taxpoynt_core::webhook::Verified { body: bytes::Bytes::new(), by: Vec::new() };
/// ```
#[derive(Clone)]
pub struct Verified {
    body: Bytes,
    by: Vec<usize>,
}

impl Verified {
    /// The body that was signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Which of the secrets proved it, by their places in [`Secrets`]: more than one where two are the same. Empty
    /// where a public key did.
    #[must_use]
    pub fn by(&self) -> &[usize] {
        &self.by
    }

    /// A body that was verified when it was stored.
    pub(crate) fn stored(body: Bytes) -> Self {
        Self { body, by: Vec::new() }
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("body_bytes", &self.body.len()).finish()
    }
}

/// What a webhook announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The platform's true identity of the event: equal for every repetition, different for every other event. Empty
    /// where the platform gives none: then the engine takes a hash of the body.
    pub event_id: String,
    /// The platform's name of what happened: `payment.updated`, `deal.propertyChange`.
    pub kind: String,
    /// The platform's id of the account it happened in.
    pub account: Option<String>,
    /// The record to fetch; none where the event is none of ours.
    pub record: Option<SourceKey>,
    /// When it happened.
    pub occurred_at: Option<DateTime<Utc>>,
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::SignatureInvalid, "webhook.verify", message)
}
