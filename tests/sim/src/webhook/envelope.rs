//! The request of a webhook: body and headers as each platform makes them, and what a fault makes of them.

use super::{Letter, Receiver, WebhookFault, sign};
use crate::clock::rfc3339;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// What a request is made of.
pub(super) struct Circumstances<'a> {
    pub(super) hook: Option<u64>,
    pub(super) now: DateTime<Utc>,
    pub(super) first_at: DateTime<Utc>,
    pub(super) attempt: u32,
    pub(super) receiver: &'a Receiver,
    pub(super) secret: &'a str,
    pub(super) secret_before: Option<&'a str>,
    pub(super) fault: Option<WebhookFault>,
}

/// Headers and body.
pub(super) type Envelope = (Vec<(&'static str, String)>, Vec<u8>);

impl Circumstances<'_> {
    fn secret(&self) -> &str {
        self.fault.map_or(self.secret, |fault| fault.secret(self.secret, self.secret_before))
    }

    fn url(&self) -> &str {
        match self.fault {
            Some(WebhookFault::OtherUrl) => "https://elsewhere.example/webhooks",
            _ => self.receiver.signed(),
        }
    }

    fn body(&self, body: String) -> String {
        self.fault.map_or(body.clone(), |fault| fault.before_signing(body))
    }

    /// How far the time of the request is from the true one.
    fn skew(&self) -> TimeDelta {
        match self.fault {
            Some(WebhookFault::Stale) => TimeDelta::seconds(-301),
            Some(WebhookFault::Future) => TimeDelta::hours(1),
            _ => TimeDelta::zero(),
        }
    }
}

pub(super) fn envelope(letter: &Letter, how: &Circumstances<'_>) -> Envelope {
    let (mut headers, body) = match letter {
        Letter::Square { event } => square(event, how),
        Letter::HubSpot { events } => hubspot(events, how),
        Letter::Pipedrive { event } => pipedrive(event, how),
        Letter::Authority { notice } => (Vec::new(), notice.to_string()),
    };
    let mut body = body.into_bytes();
    if let Some(fault) = how.fault {
        fault.after_signing(&mut headers, &mut body);
    }
    headers.push(("content-type", "application/json".to_owned()));
    (headers, body)
}

type Signed = (Vec<(&'static str, String)>, String);

fn square(event: &Value, how: &Circumstances<'_>) -> Signed {
    let mut event = event.clone();
    match how.fault {
        // No time is signed beside the body: only the event itself tells how old it is.
        Some(WebhookFault::Stale) => event["created_at"] = rfc3339(how.now - TimeDelta::days(4)).into(),
        Some(WebhookFault::Future) => event["created_at"] = rfc3339(how.now + how.skew()).into(),
        _ => {}
    }
    let body = how.body(event.to_string());
    let mut headers = vec![
        ("x-square-hmacsha256-signature", sign::square_signature(how.secret(), how.url(), &body)),
        ("square-environment", "Production".to_owned()),
        ("square-initial-delivery-timestamp", rfc3339(how.first_at)),
        ("user-agent", "Square Connect v2".to_owned()),
    ];
    if how.attempt > 0 {
        headers.push(("square-retry-number", how.attempt.to_string()));
        headers.push(("square-retry-reason", "http_error".to_owned()));
    }
    (headers, body)
}

fn hubspot(events: &[Value], how: &Circumstances<'_>) -> Signed {
    let mut events = events.to_vec();
    for event in &mut events {
        event["attemptNumber"] = Value::from(how.attempt);
    }
    let body = how.body(Value::from(events).to_string());
    let timestamp = (how.now + how.skew()).timestamp_millis().to_string();
    let headers = vec![
        ("x-hubspot-signature", sign::hubspot_signature_v1(how.secret(), &body)),
        ("x-hubspot-signature-version", "v1".to_owned()),
        (
            "x-hubspot-signature-v3",
            sign::hubspot_signature_v3(how.secret(), "POST", how.url(), &body, &timestamp),
        ),
        ("x-hubspot-request-timestamp", timestamp),
        ("x-hubspot-timeout-millis", "10000".to_owned()),
        (
            "user-agent",
            "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)".to_owned(),
        ),
    ];
    (headers, body)
}

/// Nothing is signed: user and password come as they were given when the webhook was made.
fn pipedrive(event: &Value, how: &Circumstances<'_>) -> Signed {
    let mut event = event.clone();
    let meta = &mut event["meta"];
    meta["webhook_id"] = how.hook.unwrap_or_default().to_string().into();
    meta["attempt"] = (how.attempt + 1).into();
    match how.fault {
        Some(WebhookFault::Stale) => meta["timestamp"] = rfc3339(how.now - TimeDelta::days(4)).into(),
        Some(WebhookFault::Future) => meta["timestamp"] = rfc3339(how.now + how.skew()).into(),
        _ => {}
    }
    let body = how.body(event.to_string());
    let mut headers = vec![("user-agent", "Pipedrive Webhooks".to_owned())];
    if let Some((user, password)) = how.secret.split_once(':') {
        let password = if how.secret() == how.secret { password } else { how.secret() };
        headers.push(("authorization", sign::basic_authorization(user, password)));
    }
    (headers, body)
}
