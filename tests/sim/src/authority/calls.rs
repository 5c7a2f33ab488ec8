//! The endpoints, one function each, and the paths they answer on.

use super::{
    answer::{
        NO_WEBHOOK, RECORD_NOT_FOUND, TERMINAL, TRY_LATER, UNABLE, VALIDATION_FAILED, data, invalid,
        no_route, ok, record_not_found, refuse,
    },
    book::{Entry, NotUpdated, Refusal, Sign},
    check, envelope, inbox, lists, lookup, notice, schema,
    search::Paging,
    shapes,
};
use crate::{
    faults,
    webhook::Letter,
    world::{Gate, Shared, World, lock, pass},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    middleware::from_fn_with_state,
    response::Response,
    routing::{MethodRouter, get, patch, post},
};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Everything under `/authority`.
pub(crate) fn router(world: &Shared) -> Router {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.authority, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    let exchange = Router::new()
        .route("/self-health-check", at("self_health_check", get(self_health_check)))
        .route("/pull", at("pull", get(inbox::pull)))
        .route("/lookup/{irn}", at("lookup_irn", get(lookup::by_irn)))
        .route("/lookup/tin/{tin}", at("lookup_tin", get(lookup::by_tin)))
        .route("/lookup/party/{id}", at("lookup_party", get(lookup::by_party)))
        .route("/{irn}", at("transmit", post(transmit)).merge(at("acknowledge", patch(acknowledge))));
    let invoice = Router::new()
        .route("/irn/validate", at("irn_validate", post(irn_validate)))
        .route("/validate", at("validate", post(validate)))
        .route("/sign", at("sign", post(sign)))
        .route("/confirm/{irn}", at("confirm", get(confirm)))
        .route("/download/{irn}", at("download", get(download)))
        .route("/update/{irn}", at("update", patch(update)))
        .route("/party", at("party", post(lookup::note_party)))
        .route("/party/{business_id}", at("party", get(lookup::parties)))
        .route("/resources/{name}", at("resources", get(resources)))
        .route("/{business_id}", at("search", get(search)))
        .nest("/transmit", exchange);
    let api = Router::new()
        .route("/utilities/authenticate", at("authenticate", post(authenticate)))
        .route("/utilities/verify-tin", at("verify_tin", post(verify_tin)))
        .route("/utilities/verify-tin/", at("verify_tin", post(verify_tin)))
        .route("/entity", at("entity", get(entities)))
        .route("/entity/{id}", at("entity", get(entity)))
        .route("/vat/postpayment", at("postpayment", post(postpayment)))
        .nest("/invoice", invoice);
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
    data(&world, "authenticate", 200, answer)
}

async fn verify_tin(State(world): State<Shared>, body: Bytes) -> Response {
    let asked = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let Some(tin) = asked["tin"].as_str().filter(|tin| tin.chars().count() >= 5) else {
        let details = "tin must be at least in length or value 5";
        return refuse(&world, "handler", Some(details), VALIDATION_FAILED);
    };
    let name = lock(&world.book).taxpayer(tin);
    data(&world, "verify_tin", 200, verified(tin, name.as_deref().unwrap_or("SIMULATED TAXPAYER")))
}

fn verified(tin: &str, name: &str) -> Value {
    json!({
        "address": "1 SIMULATOR STREET", "email": "info@sim.example", "id": "1c0ffee0-0000-4000-8000-000000000001",
        "jtb_tin": "", "message": "TIN Information", "phone": "08030000000", "rc_number": "1000001",
        "status": "200 OK", "taxofficer_id": "1", "taxofficer_name": "SIMULATED OFFICE",
        "taxpayer_name": name, "taxpayer_type": "C", "tin": tin,
    })
}

async fn entities(State(world): State<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    let mut rows = vec![lock(&world.book).entity(&world.credentials.authority.entity_id)];
    rows.retain(|row| query.get("reference").is_none_or(|wanted| row["reference"] == **wanted));
    match Paging::of(&query).and_then(|paging| paging.of_values(&rows)) {
        Ok(page) => data(&world, "entity", 200, page),
        Err(fault) => refuse(&world, "entity_actions", Some(&fault), VALIDATION_FAILED),
    }
}

async fn entity(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    if let Some(fault) = shapes::uuid_fault(&id) {
        return refuse(&world, "entity_actions", Some(&fault), VALIDATION_FAILED);
    }
    if id != world.credentials.authority.entity_id {
        return refuse(&world, "entity_actions", Some(RECORD_NOT_FOUND), RECORD_NOT_FOUND);
    }
    let entity = lock(&world.book).entity(&id);
    data(&world, "entity", 200, entity)
}

/// A JSON object, or the refusal.
fn object(world: &World, body: &Bytes) -> Result<Value, Box<Response>> {
    let fault = match serde_json::from_slice::<Value>(body) {
        Ok(value) if value.is_object() => return Ok(value),
        Ok(_) => "the body must be a JSON object".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Box::new(refuse(world, "invoice_actions", Some(&fault), UNABLE)))
}

async fn irn_validate(State(world): State<Shared>, body: Bytes) -> Response {
    let asked = match object(&world, &body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let (business_id, reference, irn) = (text("business_id"), text("invoice_reference"), text("irn"));
    if let Some(fault) = shapes::uuid_fault(&business_id) {
        return invalid(&world, &fault);
    }
    let fits = lock(&world.book).fits(&business_id, &reference, &irn);
    if fits { ok(&world, "irn_validate", 200) } else { invalid(&world, "irn validation failed") }
}

/// Every fault of a payload, noted down; none: it may be registered.
pub(crate) fn judged(world: &World, endpoint: &str, invoice: &Value) -> Vec<String> {
    let settings = lock(&world.book).settings.clone();
    let mut faults = check::faults(invoice, &settings);
    let mut book = lock(&world.book);
    if faults.is_empty() {
        faults.extend(book.stranger(invoice));
    }
    if !faults.is_empty() {
        book.refusals.push(Refusal {
            endpoint: endpoint.to_owned(),
            irn: invoice["irn"].as_str().map(str::to_owned),
            details: faults.clone(),
        });
    }
    faults
}

/// The checked payload, or the refusal that names the first fault.
fn accepted(world: &World, endpoint: &str, body: &Bytes) -> Result<Value, Box<Response>> {
    let invoice = object(world, body)?;
    let faults = judged(world, endpoint, &invoice);
    let Some(first) = faults.first() else { return Ok(invoice) };
    let public_message = if first.ends_with("is required") { UNABLE } else { VALIDATION_FAILED };
    Err(Box::new(refuse(world, "invoice_actions", Some(first), public_message)))
}

async fn validate(State(world): State<Shared>, body: Bytes) -> Response {
    match accepted(&world, "validate", &body) {
        Ok(_) => ok(&world, "validate", 200),
        Err(refusal) => *refusal,
    }
}

async fn sign(State(world): State<Shared>, body: Bytes) -> Response {
    let invoice = match accepted(&world, "sign", &body) {
        Ok(invoice) => invoice,
        Err(refusal) => return *refusal,
    };
    let at = world.clock.stamp();
    let signed = lock(&world.book).sign(&invoice, body, at);
    match signed {
        Sign::Registered => ok(&world, "sign", 201),
        Sign::Duplicate => invalid(&world, TRY_LATER),
    }
}

/// Why an invoice cannot be handed over.
pub(crate) fn not_transmittable(world: &World, irn: &str) -> Option<&'static str> {
    let book = lock(&world.book);
    let Some(kind) = book.find(irn).map(|entry| entry.kind) else { return Some(RECORD_NOT_FOUND) };
    let deaf = book.settings.webhook_required && !world.outbox.has_authority();
    match kind {
        // There is no receiving business: such invoices are reported, not transmitted.
        "B2C" => Some("unable to transmit a B2C invoice, there is no receiving business"),
        _ => deaf.then_some(NO_WEBHOOK),
    }
}

async fn transmit(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    match not_transmittable(&world, &irn) {
        Some(RECORD_NOT_FOUND) => record_not_found(&world),
        Some(NO_WEBHOOK) => refuse(&world, "invoice_actions", Some(NO_WEBHOOK), NO_WEBHOOK),
        Some(details) => invalid(&world, details),
        None => {
            let at = world.clock.stamp();
            lock(&world.book).transmit(&irn, at);
            let answer = ok(&world, "transmit", 200);
            let letter = notice(&irn, "TRANSMITTING");
            // The answer does not wait for our webhook.
            tokio::spawn(async move { world.outbox.send(&world, vec![letter]).await });
            answer
        }
    }
}

/// Sends a test notice to our webhook and says whether it was taken. The notice's content is assumed.
async fn self_health_check(State(world): State<Shared>) -> Response {
    let service_id = &world.credentials.authority.service_id;
    let letter = Letter::Authority {
        notice: json!({"irn": format!("SELFCHECK-{service_id}-20260101"), "message": "TRANSMITTING"}),
    };
    let deliveries = world.outbox.send(&world, vec![letter]).await;
    match deliveries.first() {
        None => refuse(&world, "invoice_actions", Some(NO_WEBHOOK), NO_WEBHOOK),
        Some(delivery) if delivery.status.is_some_and(|status| (200..300).contains(&status)) => {
            ok(&world, "self_health_check", 200)
        }
        Some(_) => invalid(&world, "webhook url did not acknowledge the test notification"),
    }
}

async fn acknowledge(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let marked = lock(&world.book).acknowledge(&irn);
    if marked { ok(&world, "acknowledge", 200) } else { record_not_found(&world) }
}

async fn confirm(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let answer = lock(&world.book).find(&irn).map(Entry::confirmation);
    answer.map_or_else(|| record_not_found(&world), |answer| data(&world, "confirm", 200, answer))
}

async fn download(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let ours = lock(&world.book)
        .find(&irn)
        .map(|entry| envelope::seal(&world.credentials.authority.api_key, entry.text()));
    match ours.or_else(|| inbox::download(&world, &irn)) {
        None => record_not_found(&world),
        Some(Some(sealed)) => data(&world, "download", 200, sealed),
        Some(None) => invalid(&world, TRY_LATER),
    }
}

async fn update(State(world): State<Shared>, Path(irn): Path<String>, body: Bytes) -> Response {
    let asked = match object(&world, &body) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let Some(status) = asked["payment_status"].as_str().filter(|status| schema::payment_status(status))
    else {
        return invalid(&world, "payment_status must be one of PENDING PAID REJECTED");
    };
    let updated = lock(&world.book).update(&irn, status);
    match updated {
        Ok(()) => ok(&world, "update", 200),
        Err(NotUpdated::Unknown) => record_not_found(&world),
        Err(NotUpdated::Terminal) => refuse(&world, "invoice_actions", Some(TERMINAL), TERMINAL),
    }
}

async fn search(
    State(world): State<Shared>,
    Path(business_id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if let Some(fault) = shapes::uuid_fault(&business_id) {
        return invalid(&world, &fault);
    }
    let page = lock(&world.book).search(&business_id, &query);
    match page {
        Ok(page) => data(&world, "search", 200, page),
        Err(fault) => invalid(&world, &fault),
    }
}

async fn resources(State(world): State<Shared>, Path(name): Path<String>) -> Response {
    let rows = lists::resource(&name, &lock(&world.book).settings);
    match rows {
        Some(rows) => data(&world, "resources", 200, rows),
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
    let status = report["vat_status"].as_str().unwrap_or_default();
    if !["STANDARD_VAT", "ZERO_VAT", "REDUCED_VAT"].contains(&status) {
        let details = "vat_status must be one of STANDARD_VAT ZERO_VAT REDUCED_VAT";
        return refuse(&world, "vat_actions", Some(details), VALIDATION_FAILED);
    }
    let irn = report["irn"].as_str().unwrap_or_default();
    if lock(&world.book).find(irn).is_none() {
        return record_not_found(&world);
    }
    ok(&world, "postpayment", 200)
}
