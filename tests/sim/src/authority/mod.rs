//! The tax authority (NRS, formerly FIRS): registers invoices, strictly, and answers in its own words.

mod book;
mod check;
mod envelope;
mod lists;
mod schema;
mod shapes;
mod totals;

pub(crate) use book::Book;
pub use book::{Business, Refusal, Registered};

use crate::{
    faults::{self, Fault, Wording},
    webhook::{Happened, Letter, Receiver, Refused},
    world::{Desk, Gate, Shared, World, lock, pass},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    middleware::from_fn_with_state,
    response::Response,
    routing::{MethodRouter, get, patch, post},
};
use book::Sign;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The wrapper that almost every refusal carries.
const VALIDATION_FAILED: &str =
    "validation failed: we are unable to process your request. also confirm this is not a duplicate request";
/// How a missing field is worded.
const UNABLE: &str = "validation failed: unable to process your request";
/// A repeated IRN and a passing fault of the server look alike.
const TRY_LATER: &str = "unable to complete this operation at this time, kindly try again later";
const NOT_FOUND: &str = "record not found";

/// The handle of the simulated authority.
#[derive(Clone)]
pub struct Authority {
    pub(crate) world: Shared,
}

impl Authority {
    /// Every invoice registered so far, in the order of registration.
    #[must_use]
    pub fn registered(&self) -> Vec<Registered> {
        lock(&self.world.book).registered.clone()
    }

    /// How often each endpoint was called, refused calls included.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.world.authority.counted()
    }

    /// How often `sign` was called again for an IRN that was registered.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        lock(&self.world.book).duplicates
    }

    /// The payloads refused so far, each with all its faults; the answer itself names only the first.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        lock(&self.world.book).refusals.clone()
    }

    /// Reads a QR stamp with the private key (RSA, PKCS#1 v1.5) as only the authority can.
    ///
    /// # Errors
    /// Where the text is not base64 or was not made with this run's public key and that padding.
    pub fn decrypt_stamp(&self, stamp: &str) -> Result<String, Refused> {
        self.world.keys.decrypt(stamp).map_err(Refused)
    }

    /// The private key of this run, PKCS#8 PEM, for a check of the stamp with other tools. It protects nothing.
    #[must_use]
    pub fn private_key_pem(&self) -> String {
        self.world.keys.private_pem().to_owned()
    }

    /// Orders a fault; several are used up in the order they were asked for.
    pub fn fail_next(&self, fault: Fault) {
        self.world.authority.faults.order(fault);
    }

    /// Takes back every fault that has not struck yet.
    pub fn clear_faults(&self) {
        self.world.authority.faults.clear();
    }

    /// Whether sums are recomputed (they are, unless switched off here).
    pub fn strict_totals(&self, on: bool) {
        lock(&self.world.book).strict_totals = on;
    }

    /// Enables another taxpayer beside the one in the credentials.
    pub fn add_business(&self, business: Business) {
        lock(&self.world.book).businesses.push(business);
    }

    /// Sets where the authority's own notices go; `None`: nowhere.
    pub fn set_webhook_url(&self, receiver: Option<Receiver>) {
        self.world.outbox.to_authority(receiver);
    }

    /// The buyer's access point acknowledges a transmitted invoice; two notices follow.
    ///
    /// # Errors
    /// Where the invoice is not registered or was not transmitted.
    pub async fn acknowledge(&self, irn: &str) -> Result<Happened, Refused> {
        let marked = lock(&self.world.book).acknowledge(irn);
        if !marked {
            return Err(Refused(format!("{irn} is not a transmitted invoice")));
        }
        let notices = ["ACKNOWLEDGED", "TRANSMITTED"].map(|message| notice(irn, message));
        let deliveries = self.world.outbox.send(&self.world, notices.to_vec()).await;
        Ok(Happened { id: irn.to_owned(), deliveries })
    }
}

fn notice(irn: &str, message: &str) -> Letter {
    Letter::Authority { notice: json!({"irn": irn, "message": message}) }
}

/// The desk: key check and wording.
pub(crate) fn desk() -> Desk {
    Desk::new(
        || Wording {
            server_error: error(500, "invoice_actions", Some(TRY_LATER), TRY_LATER, 0),
            too_many: error(429, "handler", None, "too many requests", 0),
            unauthorized: (StatusCode::BAD_REQUEST, error(400, "handler", None, KEY_REFUSED, 0)),
        },
        admit,
    )
}

const KEY_REFUSED: &str = "unable to validate api key";

fn admit(world: &World, headers: &HeaderMap) -> Option<Response> {
    let has = |name: &str, expected: &str| headers.get(name).is_some_and(|value| value == expected);
    let credentials = &world.credentials.authority;
    let known = has("x-api-key", &credentials.api_key) && has("x-api-secret", &credentials.api_secret);
    // A bad key is a 400 here, never a 401.
    (!known).then(|| refuse(world, "handler", None, KEY_REFUSED))
}

fn error(code: u16, handler: &str, details: Option<&str>, public_message: &str, nth: u64) -> Value {
    let mut error = json!({
        "id": format!("00000000-0000-4000-8000-{nth:012}"),
        "handler": handler,
        "public_message": public_message,
    });
    if let Some(details) = details {
        error["details"] = Value::from(details);
    }
    json!({"code": code, "data": null, "message": "error has occurred", "error": error})
}

fn refuse(world: &World, handler: &str, details: Option<&str>, public_message: &str) -> Response {
    let nth = lock(&world.book).next_error();
    faults::json(StatusCode::BAD_REQUEST, &error(400, handler, details, public_message, nth))
}

pub(crate) fn record_not_found(world: &World) -> Response {
    refuse(world, "invoice_actions", Some(NOT_FOUND), NOT_FOUND)
}

fn data(code: u16, data: Value) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::OK);
    faults::json(status, &json!({"code": code, "data": data}))
}

fn ok(code: u16) -> Response {
    data(code, json!({"ok": true}))
}

async fn no_route() -> Response {
    let message = "no route found for this path. kindly check your request and try again";
    faults::json(StatusCode::NOT_FOUND, &json!({"code": 404, "data": null, "message": message}))
}

/// Everything under `/authority`.
pub(crate) fn router(world: &Shared) -> Router {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.authority, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    let api = Router::new()
        .route("/utilities/authenticate", at("authenticate", post(authenticate)))
        .route("/utilities/verify-tin", at("verify_tin", post(verify_tin)))
        .route("/utilities/verify-tin/", at("verify_tin", post(verify_tin)))
        .route("/entity", at("entity", get(entities)))
        .route("/entity/{id}", at("entity", get(entity)))
        .route("/invoice/irn/validate", at("irn_validate", post(irn_validate)))
        .route("/invoice/validate", at("validate", post(validate)))
        .route("/invoice/sign", at("sign", post(sign)))
        .route(
            "/invoice/transmit/{irn}",
            at("transmit", post(transmit)).merge(at("acknowledge", patch(acknowledge))),
        )
        .route("/invoice/confirm/{irn}", at("confirm", get(confirm)))
        .route("/invoice/download/{irn}", at("download", get(download)))
        .route("/invoice/update/{irn}", at("update", patch(update)))
        .route("/invoice/resources/{name}", at("resources", get(resources)))
        .route("/invoice/{business_id}", at("search", get(search)))
        .route("/vat/postpayment", at("postpayment", post(postpayment)));
    Router::new()
        .route("/api", get(health))
        .nest("/api/v1", api)
        .fallback(no_route)
        .method_not_allowed_fallback(no_route)
        .with_state(world.clone())
}

async fn health() -> Response {
    faults::json(StatusCode::OK, &json!({"healthy": true}))
}

async fn authenticate(State(world): State<Shared>, body: Bytes) -> Response {
    let given = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    if !given["email"].is_string() || !given["password"].is_string() {
        return refuse(&world, "entity_actions", Some("email and password are required"), UNABLE);
    }
    let credentials = &world.credentials.authority;
    let answer = json!({
        "entity_id": credentials.entity_id,
        "id": credentials.business_id,
        "message": "User logged in",
        "received_at": world.clock.now().to_rfc3339(),
        "status": "200 OK",
    });
    data(200, answer)
}

async fn verify_tin(State(world): State<Shared>, body: Bytes) -> Response {
    let asked = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let Some(tin) = asked["tin"].as_str().filter(|tin| tin.chars().count() >= 5) else {
        return refuse(
            &world,
            "handler",
            Some("tin must be at least in length or value 5"),
            VALIDATION_FAILED,
        );
    };
    match lock(&world.book).taxpayer(tin) {
        Some(name) => data(200, verified(tin, &name)),
        None => data(200, verified(tin, "SIMULATED TAXPAYER")),
    }
}

fn verified(tin: &str, name: &str) -> Value {
    json!({
        "address": "1 SIMULATOR STREET", "email": "info@sim.example", "id": "1c0ffee0-0000-4000-8000-000000000001",
        "jtb_tin": "", "message": "TIN Information", "phone": "08030000000", "rc_number": "1000001",
        "status": "200 OK", "taxofficer_id": "1", "taxofficer_name": "SIMULATED OFFICE",
        "taxpayer_name": name, "taxpayer_type": "C", "tin": tin,
    })
}

async fn entities(State(world): State<Shared>) -> Response {
    let items = [lock(&world.book).entity(&world.credentials.authority.entity_id)];
    data(200, json!({"items": items, "page": 1, "size": 20, "total": 1, "has_next_page": false}))
}

async fn entity(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    if let Some(fault) = shapes::uuid_fault(&id) {
        return refuse(&world, "entity_actions", Some(&fault), VALIDATION_FAILED);
    }
    if id != world.credentials.authority.entity_id {
        return refuse(&world, "entity_actions", Some(NOT_FOUND), NOT_FOUND);
    }
    let entity = lock(&world.book).entity(&id);
    data(200, entity)
}

/// A JSON object, or the refusal.
fn object(world: &World, body: &Bytes) -> Result<Value, Box<Response>> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => {
            Err(Box::new(refuse(world, "invoice_actions", Some("the body must be a JSON object"), UNABLE)))
        }
        Err(error) => Err(Box::new(refuse(world, "invoice_actions", Some(&error.to_string()), UNABLE))),
    }
}

async fn irn_validate(State(world): State<Shared>, body: Bytes) -> Response {
    let asked = match object(&world, &body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let (business_id, reference, irn) = (text("business_id"), text("invoice_reference"), text("irn"));
    if let Some(fault) = shapes::uuid_fault(&business_id) {
        return refuse(&world, "invoice_actions", Some(&fault), VALIDATION_FAILED);
    }
    let fits = shapes::irn(&irn)
        && shapes::irn_parts(&irn).is_some_and(|(number, service_id, _)| {
            number == reference && lock(&world.book).issues(&business_id, service_id)
        });
    if fits {
        ok(200)
    } else {
        refuse(&world, "invoice_actions", Some("irn validation failed"), VALIDATION_FAILED)
    }
}

/// The checked payload, or the refusal.
fn accepted(world: &World, endpoint: &str, body: &Bytes) -> Result<Value, Box<Response>> {
    let invoice = object(world, body)?;
    let strict_totals = lock(&world.book).strict_totals;
    let mut faults = check::faults(&invoice, strict_totals);
    if faults.is_empty() {
        faults.extend(lock(&world.book).stranger(&invoice));
    }
    let Some(first) = faults.first().cloned() else { return Ok(invoice) };
    lock(&world.book).refusals.push(Refusal {
        endpoint: endpoint.to_owned(),
        irn: invoice["irn"].as_str().map(str::to_owned),
        details: faults,
    });
    let public_message = if first.ends_with("is required") { UNABLE } else { VALIDATION_FAILED };
    Err(Box::new(refuse(world, "invoice_actions", Some(&first), public_message)))
}

async fn validate(State(world): State<Shared>, body: Bytes) -> Response {
    match accepted(&world, "validate", &body) {
        Ok(_) => ok(200),
        Err(refusal) => *refusal,
    }
}

async fn sign(State(world): State<Shared>, body: Bytes) -> Response {
    let invoice = match accepted(&world, "sign", &body) {
        Ok(invoice) => invoice,
        Err(refusal) => return *refusal,
    };
    let at = world.clock.stamp();
    let signed = lock(&world.book).sign(invoice, at);
    match signed {
        Sign::Registered => ok(201),
        Sign::Duplicate => refuse(&world, "invoice_actions", Some(TRY_LATER), VALIDATION_FAILED),
    }
}

async fn transmit(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let kind = lock(&world.book).find(&irn).map(|entry| entry.kind.clone());
    match kind.as_deref() {
        None => record_not_found(&world),
        // There is no receiving business: such invoices are reported, not transmitted.
        Some("B2C") => {
            let details = "unable to transmit a B2C invoice, there is no receiving business";
            refuse(&world, "invoice_actions", Some(details), VALIDATION_FAILED)
        }
        Some(_) => {
            lock(&world.book).transmit(&irn);
            let letter = notice(&irn, "TRANSMITTING");
            // The answer does not wait for our webhook.
            tokio::spawn(async move { world.outbox.send(&world, vec![letter]).await });
            ok(200)
        }
    }
}

async fn acknowledge(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    if lock(&world.book).acknowledge(&irn) { ok(200) } else { record_not_found(&world) }
}

async fn confirm(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let answer = lock(&world.book).find(&irn).map(Registered::confirmation);
    answer.map_or_else(|| record_not_found(&world), |answer| data(200, answer))
}

async fn download(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let invoice = lock(&world.book).find(&irn).map(|entry| entry.invoice.to_string());
    let Some(invoice) = invoice else { return record_not_found(&world) };
    match envelope::seal(&world.credentials.authority.api_key, &invoice) {
        Some(sealed) => data(200, sealed),
        None => refuse(&world, "invoice_actions", Some(TRY_LATER), VALIDATION_FAILED),
    }
}

async fn update(State(world): State<Shared>, Path(irn): Path<String>, body: Bytes) -> Response {
    let asked = match object(&world, &body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let Some(status) = asked["payment_status"].as_str().filter(|status| schema::payment_status(status))
    else {
        let details = "payment_status must be one of PENDING PAID REJECTED";
        return refuse(&world, "invoice_actions", Some(details), VALIDATION_FAILED);
    };
    let updated = lock(&world.book).update(&irn, status);
    match updated {
        Ok(()) => ok(200),
        Err(why) => refuse(&world, "invoice_actions", Some(why), why),
    }
}

async fn search(
    State(world): State<Shared>,
    Path(business_id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if let Some(fault) = shapes::uuid_fault(&business_id) {
        return refuse(&world, "invoice_actions", Some(&fault), VALIDATION_FAILED);
    }
    let page = lock(&world.book).search(&business_id, &query);
    data(200, page)
}

async fn resources(Path(name): Path<String>) -> Response {
    match lists::resource(&name) {
        Some(rows) => data(200, rows),
        None => no_route().await,
    }
}

/// The report of VAT collected; every member is a string.
const POSTPAYMENT: [&str; 13] = [
    "agent_tin",
    "base_amount",
    "beneficiary_tin",
    "currency",
    "item_description",
    "irn",
    "other_taxes",
    "total_amount",
    "transaction_date",
    "integrator_service_id",
    "vat_calculated",
    "vat_rate",
    "vat_status",
];

async fn postpayment(State(world): State<Shared>, body: Bytes) -> Response {
    let report = match object(&world, &body) {
        Ok(report) => report,
        Err(refusal) => return *refusal,
    };
    if let Some(name) = POSTPAYMENT.iter().find(|name| !report[**name].is_string()) {
        return refuse(&world, "vat_actions", Some(&format!("{name} is required")), UNABLE);
    }
    let irn = report["irn"].as_str().unwrap_or_default();
    if lock(&world.book).find(irn).is_none() {
        return record_not_found(&world);
    }
    ok(200)
}
