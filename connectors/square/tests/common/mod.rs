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
    model::{RawRecord, RecordKind, Refund, Sale, SourceDocument, SourceKey},
    webhook::{Secrets, WebhookEvent, WebhookRequest},
};
use taxpoynt_square::Square;

pub(crate) fn square() -> Square {
    Square
}

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

pub(crate) fn samples(dir: &str) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(reference_dir().join(dir)).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|ext| ext == "json"));
    let samples: Vec<_> =
        json.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect();
    assert!(samples.len() > 20, "{dir} holds only {} samples", samples.len());
    samples
}

pub(crate) fn normalize(body: &[u8]) -> Result<Vec<SourceDocument>> {
    let key = SourceKey::new(RecordKind::Order, "any");
    Square.normalize(&RawRecord { key, modified_at: None, body: Bytes::copy_from_slice(body) })
}

pub(crate) fn documents(record: &Value) -> Vec<SourceDocument> {
    normalize(record.to_string().as_bytes()).unwrap()
}

pub(crate) fn sale(documents: &[SourceDocument]) -> Sale {
    let sales: Vec<_> = documents.iter().filter(|d| matches!(d, SourceDocument::Transaction(_))).collect();
    assert_eq!(sales.len(), 1, "expected one sale");
    sales[0].sale().clone()
}

pub(crate) fn refund(documents: &[SourceDocument]) -> Refund {
    let mut refunds = documents.iter().filter_map(|document| match document {
        SourceDocument::Refund(refund) => Some(refund.clone()),
        _ => None,
    });
    let refund = refunds.next().expect("a refund");
    assert!(refunds.next().is_none(), "more than one refund");
    refund
}

/// The events of a body, signed and verified on the way.
pub(crate) fn events(body: &[u8]) -> Result<Vec<WebhookEvent>> {
    let url = "https://hooks.example.com/square";
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"test-key").unwrap();
    mac.update(url.as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let mut headers = http::HeaderMap::new();
    headers.insert("x-square-hmacsha256-signature", signature.parse().unwrap());
    let request = WebhookRequest { method: "POST", url, headers: &headers, body };
    let webhook = Square.webhook().expect("Square has webhooks");
    let verified = webhook.verify(&request, &Secrets(vec!["test-key".into()]), now())?;
    webhook.events(&verified)
}
