//! Square's webhooks: HMAC over the registered URL and the body, and which order an event is about.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use taxpoynt_core::{
    Result,
    connector::Webhook,
    json,
    model::{RecordKind, SourceKey},
    webhook::{
        Secrets, Verified, WebhookEvent, WebhookRequest,
        guide::{Step, Template, Value},
        hmac,
    },
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

    fn guide(&self) -> Option<&'static Template> {
        Some(&GUIDE)
    }
}

/// What is asked for. Orders rung up in the Square app send no `order.*`, so payments and refunds tell of them.
pub(crate) const EVENTS: &[&str] = &[
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
    "order.created",
    "order.updated",
    "order.fulfillment.updated",
];

const GUIDE: Template = Template {
    before: "You need the sign-in of the person who owns the app in Square's Developer Console, \
             https://developer.squareup.com/apps. Have the page where TaxPoynt asks for the webhook secret open beside it. \
             It takes about five minutes.",
    steps: &[
        Step {
            text: "Sign in to the Developer Console and open the app that TaxPoynt is connected with.",
            value: Value::Text("https://developer.squareup.com/apps"),
        },
        Step {
            text: "At the top, switch from Sandbox to Production, unless you are only trying things out.",
            value: Value::None,
        },
        Step {
            text: "On the left choose Webhooks, then Subscriptions, then Add subscription.",
            value: Value::None,
        },
        Step { text: "As webhook name type:", value: Value::Text("TaxPoynt") },
        Step { text: "As URL paste this address, exactly as it stands here:", value: Value::Url },
        Step {
            text: "As API version choose this one, or the nearest in the list:",
            value: Value::Text(crate::api::SQUARE_VERSION),
        },
        Step { text: "Under Events tick each of these:", value: Value::Events },
        Step {
            text: "Save. Open the new subscription, press Show next to Signature key, and copy the key.",
            value: Value::None,
        },
        Step {
            text: "Paste the key into TaxPoynt as the webhook secret of the Square connection, without a blank before or \
                   after it.",
            value: Value::None,
        },
    ],
    events: &[
        ("payment.created", "a sale is being paid"),
        ("payment.updated", "a payment is complete: the invoice is due"),
        ("refund.created", "money is going back"),
        ("refund.updated", "a refund is complete: the credit note is due"),
        ("order.created", "an order was made through Square's API"),
        ("order.updated", "an order changed"),
        ("order.fulfillment.updated", "an order was handed over or shipped"),
    ],
    secret: "Square calls it the Signature key. It is shown on the page of the subscription, under Show. In TaxPoynt it is \
             the connection's webhook secret.",
    check: "On the page of the subscription choose More, then Send test event, take payment.updated and send it. Square \
            must show the response 200. If it shows 401, the key or the address differs by a character.",
    files: &[],
};

#[derive(Debug, Deserialize)]
#[serde(expecting = "a webhook of Square: a JSON object with a type")]
struct Envelope {
    merchant_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    /// Missing, the event is known by the hash of the body.
    #[serde(default)]
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
