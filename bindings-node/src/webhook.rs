//! Webhooks as the host's web framework received them.

use crate::{errors::native, time};
use http::{HeaderMap, HeaderName, HeaderValue};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use secrecy::SecretString;
use serde_json::{Value, json};
use taxpoynt_connectors::shared;
use taxpoynt_core::{
    Clock, Error, Result, SystemClock,
    webhook::{Secrets, WebhookEvent, WebhookRequest},
};

/// A request: names and values of headers follow each other.
#[napi(object)]
pub(crate) struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<String>,
    pub body: Buffer,
}

/// Checks who sent a webhook and lists what it announces, as JSON.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn verify_webhook(
    platform: String,
    request: Request,
    secrets: Vec<String>,
    now: Option<String>,
) -> napi::Result<String> {
    native("webhook.verify", || {
        let now = time::utc("webhook.verify", "now", now.as_deref())?;
        let headers = header_map("webhook.verify", &request.headers)?;
        let registry = shared();
        let webhook = registry.get(&platform)?.as_webhook()?;
        let request = WebhookRequest {
            method: &request.method,
            url: &request.url,
            headers: &headers,
            body: &request.body,
        };
        let secrets = Secrets(secrets.into_iter().map(SecretString::from).collect());
        let verified = webhook.verify(&request, &secrets, now.unwrap_or_else(|| SystemClock.now()))?;
        let events: Value = webhook.events(&verified)?.iter().map(row).collect();
        Ok(events.to_string())
    })
}

fn row(event: &WebhookEvent) -> Value {
    json!({
        "event_id": event.event_id,
        "kind": event.kind,
        "account": event.account,
        "record_kind": event.record.as_ref().map(|key| key.kind),
        "record_id": event.record.as_ref().map(|key| &key.id),
        "occurred_at": event.occurred_at,
    })
}

/// Headers under names without case; a repeated name keeps every value.
pub(crate) fn header_map(operation: &'static str, headers: &[String]) -> Result<HeaderMap> {
    let (pairs, _) = headers.as_chunks::<2>();
    let mut map = HeaderMap::with_capacity(pairs.len());
    for [name, value] in pairs {
        let refused = |what: &str| Error::payload(operation, "headers", format!("{name:?} {what}"));
        let name =
            HeaderName::from_bytes(&wire(name)).map_err(|_| refused("is not the name of an HTTP header"))?;
        let value = HeaderValue::from_bytes(&wire(value))
            .map_err(|_| refused("has a value with a control character"))?;
        map.append(name, value);
    }
    Ok(map)
}

/// The bytes of the wire: Node reads each as one character. No other character comes from there.
fn wire(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}
