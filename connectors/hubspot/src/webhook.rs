//! HubSpot's webhooks: the version 3 signature, the true identity of an event, and which deal it is about.

use crate::wire::Text;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::time::Duration;
use taxpoynt_core::{
    Error, Result,
    connector::Webhook,
    json,
    model::{RecordKind, SourceKey},
    webhook::{
        Secrets, Verified, WebhookEvent, WebhookRequest,
        guide::{Step, Template, Value},
        hmac,
        timestamp::{Unit, check},
    },
};

/// The header with the version 3 signature. Versions 1 and 2 cover less and are not accepted.
const SIGNATURE: &str = "x-hubspot-signature-v3";
const TIMESTAMP: &str = "x-hubspot-request-timestamp";
/// HubSpot refuses anything older itself (request validation, version 3).
const TOLERANCE: Duration = Duration::from_secs(300);
/// Events in one delivery.
const MOST_EVENTS: usize = 100;
/// The only sequences that are decoded before signing (request validation); all others stay as received.
const DECODED: &[(&[u8; 2], u8)] = &[
    (b"3A", b':'),
    (b"2F", b'/'),
    (b"3F", b'?'),
    (b"40", b'@'),
    (b"21", b'!'),
    (b"24", b'$'),
    (b"27", b'\''),
    (b"28", b'('),
    (b"29", b')'),
    (b"2A", b'*'),
    (b"2C", b','),
    (b"3B", b';'),
];

/// HubSpot's webhooks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HubSpotWebhook;

impl Webhook for HubSpotWebhook {
    fn verify(
        &self,
        request: &WebhookRequest<'_>,
        secrets: &Secrets,
        now: DateTime<Utc>,
    ) -> Result<Verified> {
        let timestamp = request.header(TIMESTAMP)?;
        let uri = decoded(request.url);
        // The timestamp goes in as received: reading it as a number and writing it again broke HubSpot's own client.
        let message = [request.method.as_bytes(), &uri, request.body, timestamp.as_bytes()];
        let verified = hmac::verify_base64(request, SIGNATURE, secrets, &message)?;
        check(timestamp, Unit::Millis, now, TOLERANCE)?;
        Ok(verified)
    }

    fn events(&self, verified: &Verified) -> Result<Vec<WebhookEvent>> {
        let (events, faults): (Vec<_>, Vec<_>) =
            self.each_event(verified)?.into_iter().partition(std::result::Result::is_ok);
        // One bad event never blocks the rest; where all are bad, the first says why.
        let rest = if events.is_empty() { faults } else { events };
        rest.into_iter().collect()
    }

    fn each_event(&self, verified: &Verified) -> Result<Vec<Result<WebhookEvent>>> {
        let events: Vec<&RawValue> = json::read("hubspot.webhook", verified.body())?;
        if events.is_empty() || events.len() > MOST_EVENTS {
            let message = format!("a delivery has 1 to {MOST_EVENTS} events, found {}", events.len());
            return Err(Error::payload("hubspot.webhook", "", message));
        }
        Ok(events.into_iter().enumerate().map(|(index, event)| read(index, event)).collect())
    }

    fn guide(&self) -> Option<&'static Template> {
        Some(&GUIDE)
    }
}

/// One event of a delivery.
fn read(index: usize, raw: &RawValue) -> Result<WebhookEvent> {
    let event: Event = json::read("hubspot.webhook", raw.get().as_bytes()).map_err(|error| {
        let field = format!("[{index}]{}", error.get("field").map_or_else(String::new, |f| format!(".{f}")));
        Error::payload("hubspot.webhook", field, format!("event {index}: {}", error.message()))
    })?;
    event.announce(index)
}

/// How a project app declares its webhooks; the file is uploaded with the project. `webhooks-hsmeta.json` and its member
/// names are the project platform's (2025.2 and later); HubSpot registers no webhook of such an app by REST.
const DECLARATION: &str = r#"{
  "uid": "taxpoynt_webhooks",
  "type": "webhooks",
  "config": {
    "settings": { "targetUrl": "{url}", "maxConcurrentRequests": 10 },
    "subscriptions": {
      "legacyCrmObjects": [
        { "subscriptionType": "deal.creation", "active": true },
        { "subscriptionType": "deal.propertyChange", "propertyName": "dealstage", "active": true },
        { "subscriptionType": "deal.propertyChange", "propertyName": "amount", "active": true },
        { "subscriptionType": "deal.propertyChange", "propertyName": "deal_currency_code", "active": true },
        { "subscriptionType": "deal.propertyChange", "propertyName": "closedate", "active": true },
        { "subscriptionType": "deal.associationChange", "active": true },
        { "subscriptionType": "deal.merge", "active": true },
        { "subscriptionType": "deal.deletion", "active": true },
        { "subscriptionType": "deal.restore", "active": true }
      ]
    }
  }
}
"#;

const GUIDE: Template = Template {
    before: "You need the HubSpot project of the app that TaxPoynt is connected with, and the right to upload it \
             (developer tools, `hs project upload`). The webhooks of an app are set once and serve every HubSpot account \
             that installs it. It takes about ten minutes.",
    steps: &[
        Step {
            text: "In the folder of the project, put the file printed below into this place:",
            value: Value::Text("src/app/webhooks/webhooks-hsmeta.json"),
        },
        Step {
            text: "Check that targetUrl in it is this address, exactly as it stands here:",
            value: Value::Url,
        },
        Step {
            text: "In the file of the app, app-hsmeta.json, check that these scopes are asked for:",
            value: Value::Text(
                "crm.objects.deals.read crm.objects.line_items.read crm.objects.companies.read",
            ),
        },
        Step {
            text: "Upload the project and wait until it says that it is deployed:",
            value: Value::Text("hs project upload"),
        },
        Step {
            text: "In HubSpot open Development, Projects, the project, the app, then Auth. Press Show next to Client secret, \
                   and copy it.",
            value: Value::None,
        },
        Step {
            text: "Paste it into TaxPoynt as the client secret of the HubSpot app, without a blank before or after it.",
            value: Value::None,
        },
        Step {
            text: "Only for an old app that is not a project (a legacy public app): open its page, Webhooks, paste the \
                   address as Target URL, and create a subscription for each of these:",
            value: Value::Events,
        },
    ],
    events: &[
        ("deal.creation", "a deal was made"),
        ("deal.propertyChange of dealstage", "a deal was won: the invoice is due"),
        ("deal.propertyChange of amount", "the amount of a deal changed"),
        ("deal.propertyChange of deal_currency_code", "the currency of a deal changed"),
        ("deal.propertyChange of closedate", "the date of a deal changed"),
        ("deal.associationChange", "a line, company or contact was added to a deal or taken from it"),
        ("deal.merge", "two deals became one"),
        ("deal.deletion", "a deal was deleted"),
        ("deal.restore", "a deleted deal came back"),
    ],
    secret: "HubSpot signs with the Client secret of the app; there is no other. It is shown on the app's page, under Auth. \
             In TaxPoynt it is the client secret of the HubSpot app.",
    check: "In a test account move a deal to a won stage. Under Monitoring, Logs, Webhooks HubSpot must show the response 200 \
            within a minute. If it shows 401, the secret or the address differs by a character.",
    files: &[("webhooks-hsmeta.json", DECLARATION)],
};

/// The URI with the listed sequences decoded, once.
fn decoded(uri: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .first_chunk::<2>()
            .filter(|_| *first == b'%')
            .map(|code| code.map(|b| b.to_ascii_uppercase()));
        match code.and_then(|code| DECODED.iter().find(|(known, _)| **known == code)) {
            Some((_, plain)) => {
                out.push(*plain);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an event of HubSpot: a JSON object")]
struct Event {
    event_id: Text,
    subscription_id: Text,
    portal_id: Text,
    occurred_at: Text,
    subscription_type: Text,
    /// What the guide's table calls `subscriptionType`.
    event_type: Text,
    object_id: Text,
    object_type_id: Text,
    property_name: Text,
    property_value: Text,
    association_type: Text,
    from_object_id: Text,
    from_object_type_id: Text,
    to_object_id: Text,
    to_object_type_id: Text,
    primary_object_id: Text,
    new_object_id: Text,
}

/// The type id of deals.
const DEALS: &str = "0-3";

impl Event {
    fn announce(&self, index: usize) -> Result<WebhookEvent> {
        let kind = self.subscription_type.get().or(self.event_type.get()).ok_or_else(|| {
            let field = format!("[{index}].subscriptionType");
            Error::payload("hubspot.webhook", field.clone(), format!("{field}: missing"))
        })?;
        let millis = self.occurred_at.get().and_then(|at| at.parse().ok());
        Ok(WebhookEvent {
            event_id: self.identity(kind),
            kind: kind.to_owned(),
            account: self.portal_id.get().map(str::to_owned),
            record: self.deal(kind).map(|id| SourceKey::new(RecordKind::Deal, id)),
            occurred_at: millis.and_then(DateTime::from_timestamp_millis),
        })
    }

    /// `eventId` is not unique, and `attemptNumber` differs between repetitions: what is left says which event it is.
    /// An association has two ends instead of an object.
    fn identity(&self, kind: &str) -> String {
        let parts = [
            &self.portal_id.0,
            &self.subscription_id.0,
            kind,
            &self.object_id.0,
            &self.property_name.0,
            &self.property_value.0,
            &self.occurred_at.0,
            &self.event_id.0,
            &self.from_object_id.0,
            &self.to_object_id.0,
        ];
        let mut hash = Sha256::new();
        for part in parts {
            // With its length, so that no two lists of parts run into the same text.
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The deal to fetch.
    fn deal(&self, kind: &str) -> Option<&str> {
        let (object, what) = kind.split_once('.')?;
        let is_deal = object == "deal" || (object == "object" && self.object_type_id.get() == Some(DEALS));
        match what {
            "associationChange" if is_deal || object == "object" => self.associated_deal(is_deal),
            "merge" if is_deal => {
                self.new_object_id.get().or(self.primary_object_id.get()).or(self.object_id.get())
            }
            _ if is_deal => self.object_id.get(),
            _ => None,
        }
    }

    /// The end of an association that is a deal: `DEAL_TO_LINE_ITEM`, or the ends' type ids.
    fn associated_deal(&self, is_deal: bool) -> Option<&str> {
        let name = self.association_type.get().unwrap_or_default();
        if name.starts_with("DEAL_TO_") || self.from_object_type_id.get() == Some(DEALS) {
            self.from_object_id.get()
        } else if name.ends_with("_TO_DEAL") || self.to_object_type_id.get() == Some(DEALS) {
            self.to_object_id.get()
        } else if is_deal && name.is_empty() {
            self.from_object_id.get()
        } else {
            None
        }
    }
}
