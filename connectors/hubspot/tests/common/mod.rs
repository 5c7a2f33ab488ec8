//! What the tests of this crate share.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests that fails, fails the test"
)]

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use rust_decimal::Decimal;
use serde_json::Value;
use std::path::PathBuf;
use taxpoynt_core::{
    Result,
    connector::Connector,
    model::{Deal, RawRecord, RecordKind, SourceDocument, SourceKey},
    webhook::{Secrets, WebhookEvent, WebhookRequest},
};
use taxpoynt_hubspot::HubSpot;

pub(crate) const URL: &str = "https://hooks.example.com/hubspot";
pub(crate) const SECRET: &str = "an-app-secret";

pub(crate) fn now() -> DateTime<Utc> {
    "2026-10-14T12:00:00Z".parse().unwrap()
}

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The directory of the reference data; the tests that need it fail without it.
fn reference_dir() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let dir = std::env::var_os("TAXPOYNT_REFERENCE").map_or_else(|| PathBuf::from(default), PathBuf::from);
    assert!(dir.is_dir(), "no reference data at {}: set TAXPOYNT_REFERENCE to its directory", dir.display());
    dir
}

pub(crate) fn reference(path: &str) -> Vec<u8> {
    let path = reference_dir().join(path);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn reference_json(path: &str) -> Value {
    serde_json::from_slice(&reference(path)).unwrap()
}

pub(crate) fn samples(dir: &str) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(reference_dir().join(dir)).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|ext| ext == "json"));
    let samples: Vec<_> =
        json.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect();
    assert!(samples.len() > 10, "{dir} holds only {} samples", samples.len());
    samples
}

pub(crate) fn fixture(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn normalize(body: &[u8]) -> Result<Vec<SourceDocument>> {
    let key = SourceKey::new(RecordKind::Deal, "any");
    HubSpot.normalize(&RawRecord { key, modified_at: None, body: Bytes::copy_from_slice(body) })
}

pub(crate) fn deal(record: &Value) -> Deal {
    only_deal(normalize(record.to_string().as_bytes()).unwrap())
}

pub(crate) fn only_deal(mut documents: Vec<SourceDocument>) -> Deal {
    assert_eq!(documents.len(), 1);
    match documents.remove(0) {
        SourceDocument::Deal(deal) => deal,
        other => panic!("not a deal: {other:?}"),
    }
}

/// The field that a record is refused for.
pub(crate) fn refused(record: &Value) -> String {
    let error = normalize(record.to_string().as_bytes()).expect_err("the record should be refused");
    assert_eq!(error.kind(), taxpoynt_core::ErrorKind::Payload, "{error}");
    error.get("field").expect("a field").to_owned()
}

pub(crate) fn sign(method: &str, uri: &str, body: &[u8], timestamp: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    for part in [method.as_bytes(), uri.as_bytes(), body, timestamp.as_bytes()] {
        mac.update(part);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The events of a body, signed and verified on the way.
pub(crate) fn events(body: &[u8]) -> Result<Vec<WebhookEvent>> {
    let timestamp = now().timestamp_millis().to_string();
    let mut headers = http::HeaderMap::new();
    headers.insert("x-hubspot-signature-v3", sign("POST", URL, body, &timestamp).parse().unwrap());
    headers.insert("x-hubspot-request-timestamp", timestamp.parse().unwrap());
    let request = WebhookRequest { method: "POST", url: URL, headers: &headers, body };
    let webhook = HubSpot.webhook().expect("HubSpot has webhooks");
    let verified = webhook.verify(&request, &Secrets(vec![SECRET.into()]), now())?;
    webhook.events(&verified)
}
