//! Square's webhooks: HMAC over the registered URL and the body, and which order an event is about.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use taxpoynt_core::{
    Result,
    connector::Webhook,
    json,
    model::{RecordKind, SourceKey},
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest, hmac},
};

/// The header with the signature.
const SIGNATURE: &str = "x-square-hmacsha256-signature";

/// Square's webhooks. The signed data holds no time, so a repetition is known by its `event_id` alone.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SquareWebhook;

impl Webhook for SquareWebhook {
    fn verify(
        &self,
        request: &WebhookRequest<'_>,
        secrets: &Secrets,
        _now: DateTime<Utc>,
    ) -> Result<Verified> {
        hmac::verify_base64(request, SIGNATURE, secrets, &[request.url.as_bytes(), request.body])
    }

    fn events(&self, verified: &Verified) -> Result<Vec<WebhookEvent>> {
        let envelope: Envelope = json::read("square.webhook", verified.body())?;
        let record = envelope.order_id().map(|id| SourceKey::new(RecordKind::Order, id));
        let occurred_at = envelope.created_at.as_deref().and_then(|at| at.parse().ok());
        Ok(vec![WebhookEvent {
            event_id: envelope.event_id,
            kind: envelope.kind,
            account: envelope.merchant_id,
            record,
            occurred_at,
        }])
    }
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a webhook of Square: a JSON object with type and event_id")]
struct Envelope {
    merchant_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    event_id: String,
    created_at: Option<String>,
    data: Option<Data>,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: Option<Object>,
}

/// What changed. `order.*` carries only ids and the state; the others the whole object.
#[derive(Debug, Deserialize)]
struct Object {
    payment: Option<Reference>,
    refund: Option<Reference>,
    order_created: Option<Reference>,
    order_updated: Option<Reference>,
    order_fulfillment_updated: Option<Reference>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    order_id: Option<String>,
}

impl Envelope {
    /// The order to fetch: a payment's, a refund's return order, or the order itself.
    fn order_id(&self) -> Option<&str> {
        let object = self.data.as_ref()?.object.as_ref()?;
        let reference = match self.kind.split('.').next()? {
            "payment" => &object.payment,
            "refund" => &object.refund,
            "order" => [&object.order_created, &object.order_updated, &object.order_fulfillment_updated]
                .into_iter()
                .find(|reference| reference.is_some())?,
            _ => return None,
        };
        reference.as_ref()?.order_id.as_deref().filter(|id| !id.is_empty())
    }
}
