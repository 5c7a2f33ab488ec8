//! Webhooks as the host's web framework received them.

use crate::{
    errors::{native, payload},
    time,
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use pyo3::prelude::*;
use secrecy::SecretString;
use taxpoynt_connectors::shared;
use taxpoynt_core::{
    Clock, SystemClock,
    webhook::{Secrets, WebhookEvent, WebhookRequest},
};

/// Name and value, each as the bytes of the wire.
pub(crate) type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// Event id, kind, account, kind and id of the record, time.
type EventRow = (String, String, Option<String>, Option<&'static str>, Option<String>, Option<DateTime<Utc>>);

/// Checks who sent a webhook and lists what it announces.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value, reason = "the signature hosts know")]
pub(crate) fn verify_webhook(
    py: Python<'_>,
    platform: &str,
    method: &str,
    url: &str,
    headers: Headers,
    body: &[u8],
    secrets: Vec<String>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<EventRow>> {
    let now = time::utc(now, "webhook.verify", "now")?;
    let headers = header_map(py, "webhook.verify", &headers)?;
    native(py, "webhook.verify", || {
        let registry = shared();
        let webhook = registry.get(platform)?.as_webhook()?;
        let request = WebhookRequest { method, url, headers: &headers, body };
        let secrets = Secrets(secrets.into_iter().map(SecretString::from).collect());
        let verified = webhook.verify(&request, &secrets, now.unwrap_or_else(|| SystemClock.now()))?;
        Ok(webhook.events(&verified)?.into_iter().map(row).collect())
    })
}

fn row(event: WebhookEvent) -> EventRow {
    let (kind, id) = event.record.map(|key| (key.kind.as_str(), key.id)).unzip();
    (event.event_id, event.kind, event.account, kind, id, event.occurred_at)
}

/// Headers under names without case; a repeated name keeps every value.
pub(crate) fn header_map(py: Python<'_>, operation: &'static str, headers: &Headers) -> PyResult<HeaderMap> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let shown = String::from_utf8_lossy(name);
        let refused = |what: &str| payload(py, operation, "headers", format!("{shown:?} {what}"));
        let name = HeaderName::from_bytes(name).map_err(|_| refused("is not the name of an HTTP header"))?;
        let value =
            HeaderValue::from_bytes(value).map_err(|_| refused("has a value with a control character"))?;
        map.append(name, value);
    }
    Ok(map)
}
