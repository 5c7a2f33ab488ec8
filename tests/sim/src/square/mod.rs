//! Square: a till in Lagos that sells, is paid and refunds, with Square's own requests, errors and webhooks.

mod arithmetic;
mod goods;
mod handle;
mod hooks;
pub(crate) mod oauth;
mod pages;
mod till;

pub use handle::Square;
pub(crate) use hooks::Hooks;
pub use till::Sale;
pub(crate) use till::{LOCATION_ID, MERCHANT_ID, Till};

use crate::{
    faults::{self, FaultKind, Wording},
    limits,
    script::Act,
    webhook::Refused,
    world::{Desk, Gate, Shared, World, lock, pass},
};
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, delete, get, post, put as put_method},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header, request::Parts};
use pages::{OrderSearch, Page, Refusal};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn put(
    till: &mut Till,
    record: &Value,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(String, Vec<Value>), Refused> {
    let order = if record["order"].is_object() { &record["order"] } else { record };
    let list = |name: &str| record[name].as_array().cloned().unwrap_or_default();
    let (payments, refunds) = (list("payments"), list("refunds"));
    let named = [order].into_iter().chain(&payments).chain(&refunds);
    if named.into_iter().any(|record| !record["id"].is_string()) {
        return Err(Refused("every order, payment and refund needs a string `id`".to_owned()));
    }
    till.note(order["id"].as_str().unwrap_or_default(), at);
    Till::put(&mut till.orders, order.clone());
    for (name, list) in [
        ("source_order", &mut till.orders),
        ("customer", &mut till.customers),
        ("location", &mut till.locations),
    ] {
        if record[name]["id"].is_string() {
            Till::put(list, record[name].clone());
        }
    }
    let mut events = Vec::new();
    for payment in payments {
        Till::put(&mut till.payments, payment.clone());
        events.push(till.event("payment.updated", ("payment", &text(&payment["id"]), payment), at));
    }
    for refund in refunds {
        Till::put(&mut till.refunds, refund.clone());
        events.push(till.event("refund.updated", ("refund", &text(&refund["id"]), refund), at));
    }
    if events.is_empty() {
        events.push(order_event(till, order, at));
    }
    Ok((text(&order["id"]), events))
}

/// What a record does not have is not written.
fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

/// Order events name the order and do not carry it.
fn order_event(till: &mut Till, order: &Value, at: chrono::DateTime<chrono::Utc>) -> Value {
    let notice = without_nulls(json!({
        "order_id": order["id"], "version": order["version"], "state": order["state"],
        "location_id": order["location_id"], "created_at": order["created_at"], "updated_at": order["updated_at"],
    }));
    till.event("order.updated", ("order_updated", &text(&order["id"]), notice), at)
}

/// The desk: token check and wording.
pub(crate) fn desk() -> Desk {
    Desk::new(
        || Wording {
            server_error: errors("API_ERROR", "INTERNAL_SERVER_ERROR", "An internal error occurred.", None),
            too_many: errors("RATE_LIMIT_ERROR", "RATE_LIMITED", "Rate limit exceeded.", None),
            unauthorized: (StatusCode::UNAUTHORIZED, unauthorized()),
            more: special,
        },
        admit,
    )
    .with_journal(|world| &world.square_oauth)
    .with_records(limits::square(), act)
}

/// What Square says where a fault asks for more than the usual.
fn special(kind: FaultKind) -> Option<(u16, Value)> {
    let auth = |status, code, detail| Some((status, errors("AUTHENTICATION_ERROR", code, detail, None)));
    let api = |status, code, detail| Some((status, errors("API_ERROR", code, detail, None)));
    match kind {
        FaultKind::Expired => auth(401, "ACCESS_TOKEN_EXPIRED", "The provided access token has expired."),
        FaultKind::Forbidden => auth(403, "INSUFFICIENT_SCOPES", "The merchant did not grant a permission."),
        FaultKind::NotFound => {
            Some((404, errors("INVALID_REQUEST_ERROR", "NOT_FOUND", "Resource not found.", None)))
        }
        FaultKind::Unavailable => api(503, "SERVICE_UNAVAILABLE", "Service Unavailable."),
        FaultKind::GatewayTimeout => api(504, "GATEWAY_TIMEOUT", "Gateway Timeout."),
        FaultKind::DailyQuota | FaultKind::Secondly => {
            Some((429, errors("RATE_LIMIT_ERROR", "RATE_LIMITED", "Rate limit exceeded.", None)))
        }
        _ => None,
    }
}

/// A change between calls.
fn act(world: &World, act: &Act) {
    let at = world.clock.stamp();
    let mut till = lock(&world.till);
    let known = match act {
        Act::Touch(id) => till.touch(id, at),
        Act::Remove(id) => till.cancel(id, at),
        Act::Put(record) => put(&mut till, record, at).is_ok(),
        Act::Some(which) => till.touch_one(*which, at),
    };
    // A script that names no record changes nothing, as at the platform.
    let _ = known;
}

fn unauthorized() -> Value {
    errors("AUTHENTICATION_ERROR", "UNAUTHORIZED", "This request could not be authorized.", None)
}

fn admit(world: &World, endpoint: &'static str, head: &Parts) -> Option<Response> {
    let expected = format!("Bearer {}", world.credentials.square.access_token);
    let own = head.headers.get(header::AUTHORIZATION).is_some_and(|value| value == expected.as_str());
    if own || oauth::OPEN.contains(&endpoint) { None } else { oauth::admit(world, endpoint, &head.headers) }
}

fn errors(category: &str, code: &str, detail: &str, field: Option<&str>) -> Value {
    let mut error = json!({"category": category, "code": code, "detail": detail});
    if let Some(field) = field {
        error["field"] = Value::from(field);
    }
    json!({"errors": [error]})
}

fn bad_request((code, detail, field): Refusal) -> Response {
    faults::json(StatusCode::BAD_REQUEST, &errors("INVALID_REQUEST_ERROR", code, &detail, field))
}

fn not_found(detail: &str) -> Response {
    faults::json(StatusCode::NOT_FOUND, &errors("INVALID_REQUEST_ERROR", "NOT_FOUND", detail, None))
}

fn ok(body: &Value) -> Response {
    faults::json(StatusCode::OK, body)
}

async fn no_route() -> Response {
    not_found("API endpoint for this URL path and method not found.")
}

/// Square answers with the version it spoke: the caller's, else the application's.
async fn echo_version(request: Request, next: Next) -> Response {
    let asked = request.headers().get("square-version").cloned();
    let mut response = next.run(request).await;
    let version = asked.unwrap_or(HeaderValue::from_static("2025-08-20"));
    response.headers_mut().insert("square-version", version);
    response
}

/// Everything under `/square`.
pub(crate) fn router(world: &Shared) -> Router {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.square, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    Router::new()
        .route("/oauth2/authorize", at("authorize", get(oauth::authorize)))
        .route("/oauth2/token", at("token", post(oauth::token)))
        .route("/oauth2/revoke", at("revoke", post(oauth::revoke)))
        .route("/oauth2/token/status", at("token_status", post(oauth::status)))
        .route("/v2/merchants", at("merchants", get(merchants)))
        .route("/v2/merchants/{id}", at("merchant", get(merchant)))
        .route("/v2/locations", at("locations", get(locations)))
        .route("/v2/locations/{id}", at("location", get(location)))
        .route("/v2/orders/{id}", at("order", get(order)))
        .route("/v2/orders/batch-retrieve", at("orders_batch_retrieve", post(orders_batch_retrieve)))
        .route("/v2/orders/search", at("orders_search", post(orders_search)))
        .route("/v2/payments", at("payments", get(payments)))
        .route("/v2/payments/{id}", at("payment", get(payment)))
        .route("/v2/refunds", at("refunds", get(refunds)))
        .route("/v2/refunds/{id}", at("refund", get(refund)))
        .route("/v2/customers/{id}", at("customer", get(customer)))
        .route("/v2/customers/bulk-retrieve", at("customers_bulk_retrieve", post(customers_bulk_retrieve)))
        .merge(subscriptions(world))
        .fallback(no_route)
        .method_not_allowed_fallback(no_route)
        .layer(from_fn(echo_version))
        .with_state(world.clone())
}

/// The Webhook Subscriptions API.
fn subscriptions(world: &Shared) -> Router<Shared> {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.square, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    let all = "/v2/webhooks/subscriptions";
    let one = "/v2/webhooks/subscriptions/{id}";
    Router::new()
        .route("/v2/webhooks/event-types", at("webhook_event_types", get(hooks::event_types)))
        .route(all, at("subscriptions", get(hooks::list)))
        .route(all, at("subscription_create", post(hooks::create)))
        .route(one, at("subscription", get(hooks::one)))
        .route(one, at("subscription_update", put_method(hooks::update)))
        .route(one, at("subscription_delete", delete(hooks::delete)))
        .route("/v2/webhooks/subscriptions/{id}/signature-key", at("subscription_key", post(hooks::rotate)))
        .route("/v2/webhooks/subscriptions/{id}/test", at("subscription_test", post(hooks::test)))
}

async fn merchants(State(world): State<Shared>) -> Response {
    // The list is called `merchant`.
    ok(&json!({"merchant": [lock(&world.till).merchant]}))
}

async fn merchant(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match id.as_str() {
        "me" | MERCHANT_ID => ok(&json!({"merchant": lock(&world.till).merchant})),
        _ => not_found(&format!("Merchant `{id}` not found.")),
    }
}

async fn locations(State(world): State<Shared>) -> Response {
    ok(&json!({"locations": lock(&world.till).locations}))
}

async fn location(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let wanted = if id == "main" { LOCATION_ID } else { &id };
    one("location", &lock(&world.till).locations, wanted)
}

async fn order(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    one("order", &lock(&world.till).orders, &id)
}

async fn payment(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    one("payment", &lock(&world.till).payments, &id)
}

async fn refund(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    one("refund", &lock(&world.till).refunds, &id)
}

async fn customer(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    one("customer", &lock(&world.till).customers, &id)
}

fn find<'a>(list: &'a [Value], id: &str) -> Option<&'a Value> {
    list.iter().find(|record| record["id"] == id)
}

fn one(name: &str, list: &[Value], id: &str) -> Response {
    find(list, id).map_or_else(
        || not_found(&format!("No {name} has the ID `{id}`.")),
        |found| ok(&json!({name: found})),
    )
}

fn read(body: &Bytes) -> Result<Value, Refusal> {
    let unreadable = |detail: String| ("BAD_REQUEST", detail, None);
    let value: Value =
        serde_json::from_slice(body).map_err(|error| unreadable(format!("The body is not JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(unreadable("The body must be an object.".to_owned())) }
}

fn ids(body: &Bytes, field: &'static str) -> Result<Vec<String>, Refusal> {
    let body = read(body)?;
    let ids: Vec<String> = body[field]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect();
    match ids.len() {
        0 => Err(("MISSING_REQUIRED_PARAMETER", "Field must not be empty.".to_owned(), Some(field))),
        1..=100 => Ok(ids),
        _ => Err(("ARRAY_LENGTH_TOO_LONG", "At most 100 ids.".to_owned(), Some(field))),
    }
}

async fn orders_batch_retrieve(State(world): State<Shared>, body: Bytes) -> Response {
    match ids(&body, "order_ids") {
        // Unknown ids are left out without a word.
        Ok(ids) => {
            let till = lock(&world.till);
            let orders: Vec<&Value> = ids.iter().filter_map(|id| find(&till.orders, id)).collect();
            ok(&json!({"orders": orders}))
        }
        Err(refusal) => bad_request(refusal),
    }
}

async fn customers_bulk_retrieve(State(world): State<Shared>, body: Bytes) -> Response {
    let ids = match ids(&body, "customer_ids") {
        Ok(ids) => ids,
        Err(refusal) => return bad_request(refusal),
    };
    let till = lock(&world.till);
    let responses: Map<String, Value> = ids
        .into_iter()
        .map(|id| {
            let answer = find(&till.customers, &id).map_or_else(
                || {
                    errors(
                        "INVALID_REQUEST_ERROR",
                        "NOT_FOUND",
                        &format!("Customer with ID `{id}` not found."),
                        None,
                    )
                },
                |customer| json!({"customer": customer}),
            );
            (id, answer)
        })
        .collect();
    ok(&json!({"responses": responses}))
}

async fn orders_search(State(world): State<Shared>, body: Bytes) -> Response {
    let found = read(&body).and_then(|request| {
        let page = OrderSearch::read(&request)?.run(lock(&world.till).indexed(world.clock.now()))?;
        Ok((page, request["return_entries"] == true))
    });
    match found {
        Ok((page, true)) => {
            let entries = page.records.iter().map(entry).collect();
            ok(&listed("order_entries", Page { records: entries, cursor: page.cursor }))
        }
        Ok((page, false)) => ok(&listed("orders", page)),
        Err(refusal) => bad_request(refusal),
    }
}

/// An order in a list of entries.
fn entry(order: &Value) -> Value {
    without_nulls(json!({
        "order_id": order["id"], "location_id": order["location_id"], "version": order["version"],
    }))
}

/// An empty list is not written at all, and the last page has no cursor.
fn listed(name: &str, page: Page) -> Value {
    let mut body = json!({});
    if !page.records.is_empty() {
        body[name] = Value::from(page.records);
    }
    if let Some(cursor) = page.cursor {
        body["cursor"] = Value::from(cursor);
    }
    body
}

type Asked = HashMap<String, String>;

async fn payments(State(world): State<Shared>, Query(asked): Query<Asked>) -> Response {
    let mut asked = asked;
    // Without a location, Square lists the main one only.
    asked.entry("location_id".to_owned()).or_insert_with(|| LOCATION_ID.to_owned());
    list("payments", &lock(&world.till).payments, &asked)
}

async fn refunds(State(world): State<Shared>, Query(asked): Query<Asked>) -> Response {
    list("refunds", &lock(&world.till).refunds, &asked)
}

fn list(name: &str, records: &[Value], asked: &Asked) -> Response {
    match listing(records, asked) {
        Ok(page) => ok(&listed(name, page)),
        Err(refusal) => bad_request(refusal),
    }
}

fn listing(records: &[Value], asked: &Asked) -> Result<Page, Refusal> {
    let get = |name: &str| asked.get(name).map_or(Value::Null, |text| Value::from(text.clone()));
    let limit = match asked.get("limit") {
        Some(text) => pages::limit(&text.parse::<u64>().map_or(Value::from(0), Value::from), 100, 100)?,
        None => 100,
    };
    let same =
        |record: &Value, member: &str| asked.get(member).is_none_or(|wanted| record[member] == **wanted);
    let mut found: Vec<Value> = records
        .iter()
        .filter(|record| same(record, "location_id") && same(record, "status") && same(record, "source_type"))
        .filter(|record| pages::within(record, "created_at", &get("begin_time"), &get("end_time")))
        .filter(|record| {
            pages::within(record, "updated_at", &get("updated_at_begin_time"), &get("updated_at_end_time"))
        })
        .cloned()
        .collect();
    let by = if get("sort_field") == "UPDATED_AT" { "updated_at" } else { "created_at" };
    pages::sort(&mut found, by, get("sort_order") == "ASC");
    let identity: BTreeMap<&String, &String> =
        asked.iter().filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit")).collect();
    pages::page(found, &json!(identity).to_string(), asked.get("cursor").map(String::as_str), limit)
}
