//! Who may enter: the key, the time, the signature over the raw body and the time, and no request twice.

use super::envelope;
use crate::world::{Shared, World, lock};
use aws_lc_rs::hmac;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, StatusCode, request::Parts};
use std::collections::HashMap;

/// Requests may be this much early or late.
const TOLERANCE: i64 = 300;
/// Where the verdict travels from the check, which sees the body, to the gate, which counts and orders faults.
const VERDICT: &str = "x-simulated-verdict";

/// The changing requests that came, by path and signature, with the time they were signed for.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<(String, String), i64>);

impl Seen {
    /// Whether this is the first of its kind; what is too old to come again is forgotten.
    fn is_new(&mut self, path: &str, signature: &str, signed_for: i64, now: i64) -> bool {
        if self.0.len() > 10_000 {
            self.0.retain(|_, at| now.abs_diff(*at) <= TOLERANCE.unsigned_abs());
        }
        self.0.insert((path.to_owned(), signature.to_owned()), signed_for).is_none()
    }
}

/// The signature of a request: HMAC-SHA256 over the raw body followed by the timestamp.
fn signed(secret: &str, body: &[u8], timestamp: &str) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    context.update(body);
    context.update(timestamp.as_bytes());
    context.sign()
}

/// What goes into `X-API-Signature`, in hexadecimal, for a client of the simulated access point.
#[must_use]
pub fn access_point_signature(secret: &str, body: &str, timestamp: &str) -> String {
    hex(signed(secret, body.as_bytes(), timestamp).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 3339, or seconds since 1970.
fn seconds(timestamp: &str) -> Option<i64> {
    let written = DateTime::parse_from_rfc3339(timestamp).map(|at| at.with_timezone(&Utc).timestamp());
    written.ok().or_else(|| timestamp.parse().ok())
}

/// Reads the body and notes in a header what is wrong with the request, for the gate to refuse.
pub(super) async fn check(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 4 << 20).await else {
        return envelope::refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
    };
    let verdict = verdict(&world, &head.method, head.uri.path(), &head.headers, &body);
    head.headers.insert(VERDICT, HeaderValue::from_static(verdict.unwrap_or("in order")));
    next.run(Request::from_parts(head, Body::from(body))).await
}

fn verdict(
    world: &World,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<&'static str> {
    let text = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let one = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(one)
    };
    let (Some(key), Some(timestamp), Some(signature)) =
        (text("x-api-key"), text("x-api-timestamp"), text("x-api-signature"))
    else {
        return Some("X-API-Key, X-API-Timestamp and X-API-Signature are required, once each");
    };
    let credentials = &world.credentials.access_point;
    if key != credentials.api_key {
        return Some("unknown X-API-Key");
    }
    let now = world.clock.now().timestamp();
    let Some(at) = seconds(timestamp) else { return Some("X-API-Timestamp is not a time") };
    if now.abs_diff(at) > TOLERANCE.unsigned_abs() {
        return Some("X-API-Timestamp is more than 5 minutes away");
    }
    let mut point = lock(&world.point);
    let expected = signed(&credentials.api_secret, body, timestamp);
    let expected = match point.settings.signature {
        super::SignatureEncoding::Hex => hex(expected.as_ref()),
        super::SignatureEncoding::Base64 => BASE64_STANDARD.encode(expected),
    };
    if signature != expected {
        return Some("X-API-Signature does not match the body and the timestamp");
    }
    // Reads have no body: two of one second are signed alike, and do no harm.
    let changes = method != Method::GET;
    if changes && point.settings.refuse_replays && !point.seen.is_new(path, signature, at, now) {
        return Some("this request was received before");
    }
    None
}

/// What the gate asks.
pub(super) fn admit(_: &World, _: &'static str, head: &Parts) -> Option<Response> {
    let verdict = head.headers.get(VERDICT).and_then(|verdict| verdict.to_str().ok()).unwrap_or_default();
    (verdict != "in order").then(|| envelope::refused(StatusCode::UNAUTHORIZED, verdict))
}
