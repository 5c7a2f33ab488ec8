//! Webhooks: what is sent, to whom, signed how, spoiled how, and when it is sent again.

mod envelope;
mod outbox;
mod sign;
mod spoil;

pub(crate) use outbox::{Outbox, Target};
pub use sign::{
    basic_authorization, hubspot_signature_v1, hubspot_signature_v2, hubspot_signature_v3, square_signature,
};
pub use spoil::WebhookFault;

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{pin::Pin, sync::Arc};

/// Where a platform sends its webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// Where the request goes.
    pub url: String,
    /// The URL that is signed, where the receiver sits behind a proxy and its public URL differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_url: Option<String>,
}

impl Receiver {
    pub(crate) fn signed(&self) -> &str {
        self.signed_url.as_deref().unwrap_or(&self.url)
    }
}

impl From<&str> for Receiver {
    fn from(url: &str) -> Self {
        Self { url: url.to_owned(), signed_url: None }
    }
}

impl From<String> for Receiver {
    fn from(url: String) -> Self {
        Self { url, signed_url: None }
    }
}

/// Takes webhooks in place of the network, and answers a status; `None`: as if nobody could be reached.
pub type WebhookHandler =
    Arc<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Option<u16>> + Send>> + Send + Sync>;

/// One attempt at delivering one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// `square`, `hubspot`, `pipedrive` or `authority`.
    pub platform: &'static str,
    /// The platform's event identity; of a batch, that of its first event.
    pub event_id: String,
    /// Such as `payment.updated`.
    pub event_type: String,
    /// How many events came in this request.
    pub events: usize,
    /// 0 the first time.
    pub attempt: u32,
    /// By the simulator's clock.
    pub at: DateTime<Utc>,
    /// What was wrong with it on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<WebhookFault>,
    /// What the receiver answered; `None`: it could not be reached.
    pub status: Option<u16>,
    /// Why it could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a control operation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happened {
    /// The id of the record that was made or changed; empty where there is none.
    pub id: String,
    /// The webhooks that followed; none where no webhook URL is set.
    pub deliveries: Vec<Delivery>,
}

impl Happened {
    /// The receiver's answer to the last webhook; `None`: nothing was sent or it could not be reached.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.deliveries.last().and_then(|delivery| delivery.status)
    }
}

/// Why a control operation was refused, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Whose webhook it is, and what that platform's form needs.
#[derive(Debug, Clone)]
pub(crate) enum Letter {
    /// One event an envelope.
    Square { event: Value },
    /// A batch of events.
    HubSpot { events: Vec<Value> },
    /// One event; each webhook that wants it gets a copy with its own id.
    Pipedrive { event: Value },
    /// A notice of the authority, unsigned: no official scheme is known.
    Authority { notice: Value },
}

/// A key for signatures: the same in every run, and no two alike.
pub(crate) fn fresh_key(platform: &str, nth: u32) -> String {
    let text = format!("sim-{platform}-signature-key-{nth}");
    let digest = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    format!("sim-key-{}", digest.get(..22).unwrap_or_default())
}

fn text(value: &Value, member: &str) -> String {
    match &value[member] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl Letter {
    fn platform(&self) -> &'static str {
        match self {
            Self::Square { .. } => "square",
            Self::HubSpot { .. } => "hubspot",
            Self::Pipedrive { .. } => "pipedrive",
            Self::Authority { .. } => "authority",
        }
    }

    /// The event's identity, its type, and how many there are.
    fn identity(&self) -> (String, String, usize) {
        match self {
            Self::Square { event } => (text(event, "event_id"), text(event, "type"), 1),
            Self::HubSpot { events } => {
                let first = events.first().unwrap_or(&Value::Null);
                (text(first, "eventId"), text(first, "subscriptionType"), events.len())
            }
            Self::Pipedrive { event } => {
                let meta = &event["meta"];
                (text(meta, "id"), format!("{}.{}", text(meta, "entity"), text(meta, "action")), 1)
            }
            Self::Authority { notice } => (text(notice, "irn"), text(notice, "message"), 1),
        }
    }

    /// How long after the first attempt it is tried again, at most.
    fn schedule(&self) -> (fn(i64) -> TimeDelta, &'static [i64]) {
        match self {
            // 1, 2, 4, … 32 minutes after the one before, then every hour, for 24 hours.
            Self::Square { .. } => (
                TimeDelta::minutes,
                &[
                    1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423, 483, 543, 603, 663, 723, 783, 843,
                    903, 963, 1023, 1083, 1143, 1203, 1263, 1323, 1383,
                ],
            ),
            // Ten times in 24 hours; the distances are assumed.
            Self::HubSpot { .. } => (TimeDelta::minutes, &[1, 3, 8, 20, 45, 90, 180, 360, 720, 1440]),
            // That all three count from the first attempt is assumed.
            Self::Pipedrive { .. } => (TimeDelta::seconds, &[3, 30, 150]),
            Self::Authority { .. } => (TimeDelta::seconds, &[]),
        }
    }

    /// The fault itself, or the nearest one where this platform's proof does not cover what is altered: nobody could
    /// tell such a webhook from a right one.
    fn provable(&self, fault: WebhookFault) -> WebhookFault {
        match (self, fault) {
            (Self::Pipedrive { .. }, WebhookFault::AlteredBody | WebhookFault::OtherUrl) => {
                WebhookFault::WrongSecret
            }
            _ => fault,
        }
    }
}
