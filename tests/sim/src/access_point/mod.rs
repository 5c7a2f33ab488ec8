//! An access point before the authority, in the manner of one provider's public pages: signed requests, an envelope of
//! its own, payment states as numbers. What it takes is registered at the simulated authority.

mod door;
mod envelope;

pub use door::access_point_signature;

use crate::{
    authority::{self, NotUpdated, Sign},
    faults::{Fault, Wording},
    webhook::Letter,
    world::{Desk, Gate, Shared, World, lock, pass},
};
use aws_lc_rs::digest;
use axum::{
    Router,
    extract::{Path, State},
    middleware::from_fn_with_state,
    response::Response,
    routing::{MethodRouter, get, patch, post},
};
use bytes::Bytes;
use door::Seen;
use envelope::{done, refused};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureEncoding {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

/// How this access point behaves where its pages leave it open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AccessPointSettings {
    /// How the signature is written.
    pub signature: SignatureEncoding,
    /// Whether a changing request that came before is refused.
    pub refuse_replays: bool,
    /// Whether `sign` supplies a CSID.
    pub supplies_csid: bool,
    /// Whether a registered document's content can be read back.
    pub shows_content: bool,
}

impl Default for AccessPointSettings {
    fn default() -> Self {
        Self {
            signature: SignatureEncoding::default(),
            refuse_replays: true,
            supplies_csid: true,
            shows_content: true,
        }
    }
}

/// What the access point knows beside the authority's book.
#[derive(Debug, Default)]
pub(crate) struct Point {
    settings: AccessPointSettings,
    seen: Seen,
}

/// The handle of the simulated access point.
#[derive(Clone)]
pub struct AccessPoint {
    pub(crate) world: Shared,
}

impl AccessPoint {
    /// How often each endpoint was called, refused calls included.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.world.access_point.counted()
    }

    /// Orders a fault; several are used up in the order they were asked for.
    pub fn fail_next(&self, fault: Fault) {
        self.world.access_point.faults.order(fault);
    }

    /// How it behaves.
    #[must_use]
    pub fn settings(&self) -> AccessPointSettings {
        lock(&self.world.point).settings.clone()
    }

    /// Changes how it behaves from the next call on.
    pub fn set(&self, change: impl FnOnce(&mut AccessPointSettings)) {
        change(&mut lock(&self.world.point).settings);
    }

    /// The CSID that `sign` supplied for a registered document.
    #[must_use]
    pub fn csid(&self, irn: &str) -> Option<String> {
        lock(&self.world.book).find(irn).map(|entry| csid(entry.text()))
    }
}

/// A digest of the document: opaque to everybody else, the same on every question.
fn csid(text: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, text);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("SIM-CSID-{hex}")
}

/// The desk: what the gate says.
pub(crate) fn desk() -> Desk {
    Desk::new(
        || Wording {
            server_error: envelope::failure(500, "unable to complete this operation at this time"),
            too_many: envelope::failure(429, "too many requests"),
            unauthorized: (StatusCode::UNAUTHORIZED, envelope::failure(401, "unknown X-API-Key")),
            more: |_| None,
        },
        door::admit,
    )
}

/// Everything under `/access_point`; any version in the paths.
pub(crate) fn router(world: &Shared) -> Router {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.access_point, endpoint };
        // The check is outermost: it reads the body that the gate does not see.
        handler.layer(from_fn_with_state(gate, pass)).layer(from_fn_with_state(world.clone(), door::check))
    };
    let invoice = Router::new()
        .route("/validate", at("validate", post(validate)))
        .route("/sign", at("sign", post(sign)))
        .route("/validate-irn", at("irn_validate", post(irn_validate)))
        .route("/transmit", at("transmit", post(transmit)))
        .route("/confirm/{irn}", at("confirm", get(confirm)))
        .route("/update/{irn}", at("update", patch(update)))
        .route("/{irn}", at("content", get(content)));
    Router::new()
        .nest("/api/{version}/app/invoice", invoice)
        .fallback(no_route)
        .method_not_allowed_fallback(no_route)
        .with_state(world.clone())
}

async fn no_route() -> Response {
    refused(StatusCode::NOT_FOUND, "no such path")
}

/// The path's version and IRN.
type Named = Path<(String, String)>;

fn bad(error: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, error)
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "invoice not found")
}

fn object(body: &Bytes) -> Result<Value, Box<Response>> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(Box::new(bad("the body must be a JSON object"))),
        Err(error) => Err(Box::new(bad(&error.to_string()))),
    }
}

/// The document, checked as the authority checks it.
fn judged(world: &World, endpoint: &str, body: &Bytes) -> Result<Value, Box<Response>> {
    let invoice = object(body)?;
    let faults = authority::judged(world, endpoint, &invoice);
    match faults.first() {
        Some(first) => Err(Box::new(bad(first))),
        None => Ok(invoice),
    }
}

async fn validate(State(world): State<Shared>, body: Bytes) -> Response {
    match judged(&world, "validate", &body) {
        Ok(invoice) => done("Invoice validated successfully", &json!({"irn": invoice["irn"]})),
        Err(refusal) => *refusal,
    }
}

async fn sign(State(world): State<Shared>, body: Bytes) -> Response {
    let invoice = match judged(&world, "sign", &body) {
        Ok(invoice) => invoice,
        Err(refusal) => return *refusal,
    };
    let at = world.clock.stamp();
    let supplied = lock(&world.point).settings.supplies_csid.then(|| csid(&body));
    let signed = lock(&world.book).sign(&invoice, body, at);
    match signed {
        Sign::Registered => {
            let mut data = json!({"irn": invoice["irn"], "timestamp": at.to_rfc3339()});
            if let Some(csid) = supplied {
                data["csid"] = Value::from(csid);
            }
            done("Invoice signed successfully", &data)
        }
        // It passes on what the authority says, which does not tell a repetition from trouble.
        Sign::Duplicate => bad("unable to complete this operation at this time, kindly try again later"),
    }
}

async fn irn_validate(State(world): State<Shared>, body: Bytes) -> Response {
    let asked = match object(&body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    if lock(&world.book).fits(text("business_id"), text("invoice_number"), text("irn")) {
        done("IRN validated successfully", &json!({"irn": asked["irn"]}))
    } else {
        bad("irn validation failed")
    }
}

async fn transmit(State(world): State<Shared>, body: Bytes) -> Response {
    let asked = match object(&body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let irn = asked["irn"].as_str().unwrap_or_default().to_owned();
    match authority::not_transmittable(&world, &irn) {
        Some(authority::RECORD_NOT_FOUND) => unknown(),
        Some(why) => bad(why),
        None => {
            let at = world.clock.stamp();
            lock(&world.book).transmit(&irn, at);
            let data =
                json!({"irn": irn, "transactionId": format!("SIM-{irn}"), "timestamp": at.to_rfc3339()});
            let letter = Letter::Authority { notice: json!({"irn": irn, "message": "TRANSMITTING"}) };
            tokio::spawn(async move { world.outbox.send(&world, vec![letter]).await });
            done("Invoice transmitted successfully", &data)
        }
    }
}

async fn confirm(State(world): State<Shared>, Path((_, irn)): Named) -> Response {
    let shown = lock(&world.book).find(&irn).map(|entry| {
        let mut shown = entry.confirmation();
        shown["payment_status"] = Value::from(number(&entry.payment_status));
        shown
    });
    shown.map_or_else(unknown, |shown| done("Invoice confirmed successfully", &shown))
}

/// The document as it was signed. No public page shows such a call: assumed.
async fn content(State(world): State<Shared>, Path((_, irn)): Named) -> Response {
    let settings = lock(&world.point).settings.clone();
    if !settings.shows_content {
        return no_route().await;
    }
    let shown = lock(&world.book).find(&irn).map(|entry| {
        let mut shown = entry.invoice();
        shown["payment_status"] = Value::from(number(&entry.payment_status));
        if settings.supplies_csid {
            shown["csid"] = Value::from(csid(entry.text()));
        }
        shown
    });
    shown.map_or_else(unknown, |shown| done("Invoice found", &shown))
}

/// 0 rejected, 1 pending, 2 paid.
fn number(status: &str) -> u8 {
    match status {
        "REJECTED" => 0,
        "PAID" => 2,
        _ => 1,
    }
}

async fn update(State(world): State<Shared>, Path((_, irn)): Named, body: Bytes) -> Response {
    let asked = match object(&body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let status = match &asked["payment_status"] {
        Value::Number(number) if number.as_u64() == Some(0) => "REJECTED",
        Value::Number(number) if number.as_u64() == Some(1) => "PENDING",
        Value::Number(number) if number.as_u64() == Some(2) => "PAID",
        _ => return bad("payment_status must be one of 0 1 2"),
    };
    let updated = lock(&world.book).update(&irn, status);
    match updated {
        Ok(()) => done("Invoice updated successfully", &json!({"irn": irn})),
        Err(NotUpdated::Unknown) => unknown(),
        Err(NotUpdated::Terminal) => bad("invoice is in a terminal state and cannot be updated"),
    }
}
