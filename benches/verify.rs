//! A webhook's signature and events. The limit beside it: the bare HMAC over the same bytes.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use divan::Bencher;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use taxpoynt_benches::square;
use taxpoynt_core::webhook::{Secrets, WebhookRequest};

const URL: &str = "https://pos.example/webhooks/square";
const KEY: &str = "a signature key of a usual length, 44 characters";

fn main() {
    divan::main();
}

fn body() -> Vec<u8> {
    let payment = serde_json::json!({
        "id": "PAYMENT-1", "order_id": "ORDER-1", "status": "COMPLETED", "note": "x".repeat(1200),
        "amount_money": { "amount": 430_000, "currency": "NGN" },
    });
    serde_json::json!({
        "merchant_id": "MERCHANT-1", "type": "payment.updated", "event_id": "6f5c1f9e-1d3b-4a61-8f0e-0c0d2f6f7a11",
        "created_at": "2026-11-02T09:05:01Z",
        "data": { "type": "payment", "id": "PAYMENT-1", "object": { "payment": payment } },
    })
    .to_string()
    .into_bytes()
}

fn mac(body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(URL.as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

#[divan::bench]
fn verify_and_read_events(bencher: Bencher) {
    let (connector, body) = (square(), body());
    let webhook = connector.webhook().unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("x-square-hmacsha256-signature", STANDARD.encode(mac(&body)).parse().unwrap());
    let secrets = Secrets(vec![KEY.to_owned().into()]);
    let now: DateTime<Utc> = "2026-11-02T09:05:02Z".parse().unwrap();
    bencher.bench(|| {
        let request =
            WebhookRequest { method: "POST", url: URL, headers: &headers, body: divan::black_box(&body) };
        let verified = webhook.verify(&request, &secrets, now).unwrap();
        webhook.events(&verified).unwrap()
    });
}

#[divan::bench]
fn limit_bare_hmac(bencher: Bencher) {
    let body = body();
    bencher.bench(|| mac(divan::black_box(&body)));
}
