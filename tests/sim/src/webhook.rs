//! Sends webhooks over real HTTP, signed as each platform signs, and remembers them so that they can come again.

use crate::{
    clock::rfc3339,
    world::{World, lock},
};
use aws_lc_rs::{digest, hmac};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{io, sync::Mutex, time::Duration};

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
    fn signed(&self) -> &str {
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

/// One attempt at delivering one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// `square`, `hubspot` or `authority`.
    pub platform: &'static str,
    /// The platform's event identity.
    pub event_id: String,
    /// Such as `payment.updated`.
    pub event_type: String,
    /// 0 the first time.
    pub attempt: u32,
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
    /// A notice of the authority, unsigned: no official scheme is known.
    Authority { notice: Value },
}

#[derive(Debug, Clone)]
struct Sent {
    letter: Letter,
    first_at: DateTime<Utc>,
    attempts: u32,
}

#[derive(Debug, Default)]
struct Post {
    square: Option<Receiver>,
    hubspot: Option<Receiver>,
    authority: Option<Receiver>,
    sent: Vec<Sent>,
}

/// Everything that was sent.
#[derive(Debug)]
pub(crate) struct Outbox {
    client: reqwest::Client,
    post: Mutex<Post>,
}

impl Outbox {
    pub(crate) fn new() -> io::Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            // Square counts a 3xx as a failure; neither platform follows one.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client, post: Mutex::default() })
    }

    pub(crate) fn to_square(&self, receiver: Option<Receiver>) {
        lock(&self.post).square = receiver;
    }

    pub(crate) fn to_hubspot(&self, receiver: Option<Receiver>) {
        lock(&self.post).hubspot = receiver;
    }

    pub(crate) fn to_authority(&self, receiver: Option<Receiver>) {
        lock(&self.post).authority = receiver;
    }

    /// Whether the authority knows where to send its notices.
    pub(crate) fn has_authority(&self) -> bool {
        lock(&self.post).authority.is_some()
    }

    fn receiver(&self, letter: &Letter) -> Option<Receiver> {
        let post = lock(&self.post);
        match letter {
            Letter::Square { .. } => post.square.clone(),
            Letter::HubSpot { .. } => post.hubspot.clone(),
            Letter::Authority { .. } => post.authority.clone(),
        }
    }

    /// Sends letters now and remembers them, also those that nobody receives yet.
    pub(crate) async fn send(&self, world: &World, letters: Vec<Letter>) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for letter in letters {
            let sent = Sent { letter, first_at: world.clock.now(), attempts: 1 };
            lock(&self.post).sent.push(sent.clone());
            deliveries.extend(self.deliver(world, &sent, 0).await);
        }
        deliveries
    }

    /// Sends every letter so far again, as a platform does that saw no 2xx.
    pub(crate) async fn again(&self, world: &World) -> Vec<Delivery> {
        let letters = {
            let mut post = lock(&self.post);
            let letters = post.sent.clone();
            post.sent.iter_mut().for_each(|sent| sent.attempts += 1);
            letters
        };
        let mut deliveries = Vec::new();
        for sent in &letters {
            deliveries.extend(self.deliver(world, sent, sent.attempts).await);
        }
        deliveries
    }

    async fn deliver(&self, world: &World, sent: &Sent, attempt: u32) -> Option<Delivery> {
        let receiver = self.receiver(&sent.letter)?;
        let (headers, body) = envelope(world, sent, attempt, &receiver);
        let mut request = self.client.post(&receiver.url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await;
        let (platform, event_id, event_type) = identity(&sent.letter);
        Some(Delivery {
            platform,
            event_id,
            event_type,
            attempt,
            status: answer.as_ref().ok().map(|response| response.status().as_u16()),
            error: answer.err().map(|error| error.to_string()),
        })
    }
}

fn text(value: &Value, member: &str) -> String {
    match &value[member] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn identity(letter: &Letter) -> (&'static str, String, String) {
    match letter {
        Letter::Square { event } => ("square", text(event, "event_id"), text(event, "type")),
        Letter::HubSpot { events } => {
            let first = events.first().unwrap_or(&Value::Null);
            ("hubspot", text(first, "eventId"), text(first, "subscriptionType"))
        }
        Letter::Authority { notice } => ("authority", text(notice, "irn"), text(notice, "message")),
    }
}

type Envelope = (Vec<(&'static str, String)>, String);

fn envelope(world: &World, sent: &Sent, attempt: u32, receiver: &Receiver) -> Envelope {
    let (mut headers, body) = match &sent.letter {
        Letter::Square { event } => square(world, event, sent.first_at, attempt, receiver.signed()),
        Letter::HubSpot { events } => hubspot(world, events, attempt, receiver.signed()),
        Letter::Authority { notice } => (Vec::new(), notice.to_string()),
    };
    headers.push(("content-type", "application/json".to_owned()));
    (headers, body)
}

fn square(world: &World, event: &Value, first_at: DateTime<Utc>, attempt: u32, url: &str) -> Envelope {
    let body = event.to_string();
    let mut headers = vec![
        (
            "x-square-hmacsha256-signature",
            square_signature(&world.credentials.square.signature_key, url, &body),
        ),
        ("square-environment", "Production".to_owned()),
        ("square-initial-delivery-timestamp", rfc3339(first_at)),
        ("user-agent", "Square Connect v2".to_owned()),
    ];
    if attempt > 0 {
        headers.push(("square-retry-number", attempt.to_string()));
        headers.push(("square-retry-reason", "http_error".to_owned()));
    }
    (headers, body)
}

fn hubspot(world: &World, events: &[Value], attempt: u32, url: &str) -> Envelope {
    let mut events = events.to_vec();
    for event in &mut events {
        event["attemptNumber"] = Value::from(attempt);
    }
    let body = Value::from(events).to_string();
    let secret = &world.credentials.hubspot.client_secret;
    let timestamp = world.clock.now().timestamp_millis().to_string();
    let headers = vec![
        ("x-hubspot-signature", hubspot_signature_v1(secret, &body)),
        ("x-hubspot-signature-version", "v1".to_owned()),
        ("x-hubspot-signature-v3", hubspot_signature_v3(secret, "POST", url, &body, &timestamp)),
        ("x-hubspot-request-timestamp", timestamp),
        ("x-hubspot-timeout-millis", "10000".to_owned()),
        (
            "user-agent",
            "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)".to_owned(),
        ),
    ];
    (headers, body)
}

/// Square: base64 of HMAC-SHA256 over the notification URL followed by the raw body.
#[must_use]
pub fn square_signature(signature_key: &str, notification_url: &str, body: &str) -> String {
    hmac_base64(signature_key, &[notification_url, body])
}

/// HubSpot v1 (CRM webhooks): hex of SHA-256 over client secret and raw body.
#[must_use]
pub fn hubspot_signature_v1(client_secret: &str, body: &str) -> String {
    sha256_hex(&[client_secret, body])
}

/// HubSpot v2 (workflow webhooks, CRM cards): hex of SHA-256 over client secret, method, URI and raw body.
#[must_use]
pub fn hubspot_signature_v2(client_secret: &str, method: &str, uri: &str, body: &str) -> String {
    sha256_hex(&[client_secret, method, uri, body])
}

/// HubSpot v3: base64 of HMAC-SHA256 over method, URI (twelve escapes decoded), raw body and timestamp.
#[must_use]
pub fn hubspot_signature_v3(
    client_secret: &str,
    method: &str,
    uri: &str,
    body: &str,
    timestamp: &str,
) -> String {
    hmac_base64(client_secret, &[method, &decode_listed(uri), body, timestamp])
}

fn hmac_base64(key: &str, parts: &[&str]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()));
    parts.iter().for_each(|part| context.update(part.as_bytes()));
    BASE64_STANDARD.encode(context.sign())
}

fn sha256_hex(parts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part.as_bytes()));
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The only escapes HubSpot decodes before it signs (its page on request validation); all others stay.
const DECODED: [(&str, char); 12] = [
    ("%3A", ':'),
    ("%2F", '/'),
    ("%3F", '?'),
    ("%40", '@'),
    ("%21", '!'),
    ("%24", '$'),
    ("%27", '\''),
    ("%28", '('),
    ("%29", ')'),
    ("%2A", '*'),
    ("%2C", ','),
    ("%3B", ';'),
];

fn decode_listed(uri: &str) -> String {
    let mut decoded = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(first) = rest.chars().next() {
        let known = rest.get(..3).and_then(|escape| {
            DECODED.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(escape)).map(|(_, plain)| *plain)
        });
        decoded.push(known.unwrap_or(first));
        rest = &rest[if known.is_some() { 3 } else { first.len_utf8() }..];
    }
    decoded
}
