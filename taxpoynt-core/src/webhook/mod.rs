//! Webhooks: what arrived, the proof that it was checked, and what it announces.

use crate::model::SourceKey;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// A request as the host's web framework received it. Nothing is re-encoded: signatures cover the raw bytes.
#[derive(Debug, Clone, Copy)]
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

/// The secrets a signature may be made with: one, or two while one is being rotated.
#[derive(Debug, Clone, Default)]
pub struct Secrets(pub Vec<SecretString>);

/// A body whose sender was proved. Only this module's verifiers make one.
#[derive(Debug, Clone)]
pub struct Verified {
    body: Bytes,
}

impl Verified {
    /// The body that was signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// What a webhook announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The platform's true identity of the event: equal for every repetition, different for every other event.
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
