//! HubSpot: a portal with one deal that can be won, HubSpot's own requests, errors and signed webhooks.

mod batch;
mod crm;
mod handle;
mod hooks;
pub(crate) mod oauth;
mod portal;
mod search;

pub(crate) use crm::{APP_ID, COMPANY_ID, Crm, DEAL_ID, PORTAL_ID};
pub use handle::HubSpot;
pub(crate) use hooks::Hooks;

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
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, delete, get, patch, post, put as put_method},
};
use bytes::Bytes;
use crm::Record;
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

fn put(crm: &mut Crm, records: &Value, at: chrono::DateTime<chrono::Utc>) -> Result<String, Refused> {
    let id = |record: &Value| match &record["id"] {
        Value::String(id) => Ok(id.clone()),
        Value::Number(id) => Ok(id.to_string()),
        _ => Err(Refused("every record needs an `id`".to_owned())),
    };
    let deal = &records["deal"];
    let deal_id = if deal.is_null() { DEAL_ID.to_owned() } else { id(deal)? };
    if !deal.is_null() {
        crm.put("deals", &deal_id, &deal["properties"], at);
    }
    for (kind, type_id) in [("line_items", 19), ("companies", 341), ("contacts", 3)] {
        for record in records[kind].as_array().into_iter().flatten() {
            let id = id(record)?;
            crm.put(kind, &id, &record["properties"], at);
            crm.link(("deals", &deal_id), (kind, &id), vec![("HUBSPOT_DEFINED", type_id, None)]);
        }
    }
    Ok(deal_id)
}

/// The desk: token check and wording.
pub(crate) fn desk() -> Desk {
    Desk::new(
        || Wording {
            server_error: error("An internal error occurred.", "INTERNAL_ERROR"),
            too_many: too_many(),
            unauthorized: (StatusCode::UNAUTHORIZED, unauthorized()),
            more: special,
        },
        admit,
    )
    .with_journal(|world| &world.hubspot_oauth)
    .with_records(limits::hubspot(), act)
}

/// A change between calls.
fn act(world: &World, act: &Act) {
    let at = world.clock.stamp();
    let mut crm = lock(&world.crm);
    let known = match act {
        Act::Touch(id) => crm.touch(id, at),
        Act::Remove(id) => crm.archive("deals", id, true, at).is_some(),
        Act::Put(records) => put(&mut crm, records, at).is_ok(),
        Act::Some(which) => crm.touch_one(*which, at),
    };
    // A script that names no record changes nothing, as at the platform.
    let _ = known;
}

const CORRELATION_ID: &str = "00000000-0000-4000-8000-00000000c0de";

fn error(message: &str, category: &str) -> Value {
    json!({"status": "error", "message": message, "correlationId": CORRELATION_ID, "category": category})
}

fn too_many() -> Value {
    limited("TEN_SECONDLY_ROLLING")
}

/// A 429; only the search's says no request id.
fn limited(policy: &str) -> Value {
    let mut body = json!({
        "status": "error", "message": format!("You have reached your {} limit.", policy.to_lowercase()),
        "errorType": "RATE_LIMIT", "correlationId": CORRELATION_ID, "policyName": policy,
    });
    if policy != "SECONDLY" {
        body["requestId"] = Value::from(CORRELATION_ID);
    }
    body
}

/// What HubSpot says where a fault asks for more than the usual.
fn special(kind: FaultKind) -> Option<(u16, Value)> {
    Some(match kind {
        FaultKind::Expired => (401, oauth::expired(12)),
        FaultKind::Forbidden => (403, oauth::forbidden(&["crm.objects.deals.read"])),
        FaultKind::NotFound => (404, error("resource not found", "OBJECT_NOT_FOUND")),
        FaultKind::Locked => (423, error("The resource is locked.", "LOCKED")),
        FaultKind::Migrating => (477, error("The account is being migrated.", "MIGRATION_IN_PROGRESS")),
        FaultKind::DailyQuota => (429, limited("DAILY")),
        FaultKind::Secondly => (429, limited("SECONDLY")),
        FaultKind::Unavailable => (503, error("The service is unavailable.", "SERVICE_UNAVAILABLE")),
        FaultKind::GatewayTimeout => (504, error("The request took too long.", "TIMEOUT")),
        _ => return None,
    })
}

fn unauthorized() -> Value {
    error("Authentication credentials not found or not valid for this account.", "INVALID_AUTHENTICATION")
}

fn admit(world: &World, endpoint: &'static str, head: &Parts) -> Option<Response> {
    let expected = format!("Bearer {}", world.credentials.hubspot.access_token);
    let own = head.headers.get(header::AUTHORIZATION).is_some_and(|value| value == expected.as_str());
    if hooks::ENDPOINTS.contains(&endpoint) {
        let developer = hooks::is_developer(world, &head.headers);
        return (!developer).then(|| faults::json(StatusCode::UNAUTHORIZED, &unauthorized()));
    }
    if own || oauth::OPEN.contains(&endpoint) {
        return None;
    }
    oauth::admit(world, endpoint, head.uri.path(), &head.headers)
}

fn ok(body: &Value) -> Response {
    faults::json(StatusCode::OK, body)
}

fn bad_request(message: &str) -> Response {
    faults::json(StatusCode::BAD_REQUEST, &error(message, "VALIDATION_ERROR"))
}

fn not_found(message: &str) -> Response {
    faults::json(StatusCode::NOT_FOUND, &error(message, "OBJECT_NOT_FOUND"))
}

async fn no_route() -> Response {
    not_found("There is no such path.")
}

/// What is left of the limits; searches carry none.
async fn rate_limits(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let search = request.uri().path().ends_with("/search");
    let oauth = world.hubspot.by_oauth(&world, request.headers());
    let mut response = next.run(request).await;
    if let Some(limits) = world.hubspot.limits.as_ref().filter(|_| !search) {
        for (name, value) in limits.headers(world.clock.now(), oauth) {
            response.headers_mut().insert(name, HeaderValue::from(value));
        }
    }
    response
}

/// Everything under `/hubspot`; any version is taken in a dated path.
pub(crate) fn router(world: &Shared) -> Router {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.hubspot, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    Router::new()
        .route("/oauth/authorize", at("authorize", get(oauth::authorize)))
        .route("/oauth/{v}/token", at("token", post(oauth::token)))
        .route("/oauth/{v}/token/introspect", at("introspect", post(oauth::introspect)))
        .route("/oauth/{v}/token/revoke", at("revoke", post(oauth::revoke)))
        .route("/crm/objects/{v}/{kind}", at("list", get(list)))
        .route("/crm/objects/{v}/{kind}/{id}", at("get", get(one)))
        .route("/crm/objects/{v}/{kind}/search", at("search", post(find)))
        .route("/crm/objects/{v}/{kind}/batch/read", at("batch_read", post(batch::read)))
        .route("/crm/associations/{v}/{from}/{to}/batch/read", at("associations", post(batch::associations)))
        .route("/crm/pipelines/{v}/{kind}", at("pipelines", get(pipelines)))
        .route("/tax-rates/{v}/tax-rates", at("tax_rates", get(tax_rates)))
        .route("/account-info/{v}/details", at("account", get(account)))
        .route("/integrations/v1/me", at("account", get(account)))
        .merge(subscriptions(world, "/webhooks/{v}/{app}"))
        .merge(subscriptions(world, "/app-webhooks/{v}/{app}"))
        .fallback(no_route)
        .method_not_allowed_fallback(no_route)
        .layer(from_fn_with_state(world.clone(), rate_limits))
        .with_state(world.clone())
}

/// Settings and subscriptions, under the path of 2026-03 and earlier and under that of 2026-09.
fn subscriptions(world: &Shared, under: &str) -> Router<Shared> {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.hubspot, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    let (settings, all) = (format!("{under}/settings"), format!("{under}/subscriptions"));
    let one = format!("{all}/{{id}}");
    Router::new()
        .route(&settings, at("hook_settings", get(hooks::shown_settings)))
        .route(&settings, at("hook_settings_put", put_method(hooks::put_settings)))
        .route(&settings, at("hook_settings_delete", delete(hooks::delete_settings)))
        .route(&all, at("hooks", get(hooks::list)))
        .route(&all, at("hook_create", post(hooks::create)))
        .route(&one, at("hook", get(hooks::one)))
        .route(&one, at("hook_update", patch(hooks::update)))
        .route(&one, at("hook_delete", delete(hooks::delete)))
}

async fn account() -> Response {
    ok(&json!({
        "portalId": PORTAL_ID, "accountType": "STANDARD", "timeZone": "Africa/Lagos", "companyCurrency": "NGN",
        "additionalCurrencies": [], "utcOffset": "+01:00", "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
    }))
}

async fn pipelines(Path((_, kind)): Path<(String, String)>) -> Response {
    match crm::type_name(&kind) {
        Some("deals") => ok(&portal::pipelines()),
        _ => not_found("There are no pipelines of this type."),
    }
}

async fn tax_rates() -> Response {
    ok(&portal::tax_rates())
}

type Asked = HashMap<String, String>;

fn split(asked: &Asked, name: &str) -> Vec<String> {
    let parts = asked.get(name).map(String::as_str).unwrap_or_default().split(',');
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn listed(request: &Value, name: &str) -> Vec<String> {
    request[name]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// What HubSpot returns when no property is asked for.
fn usual(kind: &str) -> &'static [&'static str] {
    match kind {
        "deals" => &["amount", "closedate", "dealname", "dealstage", "pipeline"],
        "companies" => &["name", "domain"],
        "contacts" => &["email", "firstname", "lastname", "lastmodifieddate"],
        "line_items" => &["amount", "name", "price", "quantity"],
        _ => &[],
    }
}

/// A record with the properties asked for: text, null where it has none, absent where the portal has no such property.
fn shown(crm: &Crm, kind: &str, record: &Record, asked: &[String]) -> Value {
    let usual: Vec<String> = usual(kind).iter().map(|name| (*name).to_owned()).collect();
    let wanted = if asked.is_empty() { &usual[..] } else { asked };
    let always = ["createdate", "hs_lastmodifieddate", "hs_object_id"];
    let names = wanted.iter().map(String::as_str).chain(always);
    let properties: Map<String, Value> = names
        .filter(|name| crm.knows(kind, name))
        .map(|name| (name.to_owned(), record.properties.get(name).cloned().unwrap_or_default()))
        .collect();
    let mut shown = json!({
        "id": record.id, "properties": properties, "createdAt": record.created_at, "updatedAt": record.updated_at,
        "archived": record.archived_at.is_some(),
        "url": format!("https://app.hubspot.com/contacts/{PORTAL_ID}/record/{kind}/{}", record.id),
    });
    if let Some(at) = &record.archived_at {
        shown["archivedAt"] = Value::from(at.clone());
    }
    shown
}

/// Links as they appear on a record: `line items` with a space, a company once for each of its link types.
fn links(crm: &Crm, kind: &str, id: &str, asked: &[String]) -> Option<Value> {
    let mut associations = Map::new();
    for to in asked.iter().filter_map(|name| crm::type_name(name)) {
        let mut results = Vec::new();
        for link in crm.linked(kind, id, to) {
            let base = format!("{}_to_{}", crm::single(kind), crm::single(to));
            results.push(json!({"id": link.to.1, "type": base}));
            if to == "companies" {
                results.push(json!({"id": link.to.1, "type": format!("{base}_unlabeled")}));
            }
        }
        if !results.is_empty() {
            associations.insert(to.replace('_', " "), json!({"results": results}));
        }
    }
    (!associations.is_empty()).then_some(Value::Object(associations))
}

fn with_links(crm: &Crm, kind: &str, record: &Record, asked: &Asked) -> Value {
    let mut value = shown(crm, kind, record, &split(asked, "properties"));
    if let Some(associations) = links(crm, kind, &record.id, &split(asked, "associations")) {
        value["associations"] = associations;
    }
    value
}

async fn one(
    State(world): State<Shared>,
    Path((_, kind, id)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let crm = lock(&world.crm);
    let Some(kind) = crm::type_name(&kind) else { return unknown_type(&kind) };
    let archived = asked.get("archived").is_some_and(|text| text == "true");
    match crm.any(kind, &id).filter(|record| record.archived_at.is_some() == archived) {
        Some(record) => ok(&with_links(&crm, kind, record, &asked)),
        None => not_found(&format!("No {} with ID {id} exists.", crm::single(kind))),
    }
}

fn unknown_type(kind: &str) -> Response {
    bad_request(&format!("Unable to infer object type from: {kind}"))
}

async fn list(
    State(world): State<Shared>,
    Path((_, kind)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let crm = lock(&world.crm);
    let Some(kind) = crm::type_name(&kind) else { return unknown_type(&kind) };
    let limit = asked.get("limit").map_or(Ok(10), |text| text.parse::<usize>());
    let Ok(limit @ 1..=100) = limit else { return bad_request("The limit must be between 1 and 100.") };
    let archived = asked.get("archived").is_some_and(|text| text == "true");
    let mut records: Vec<&Record> =
        crm.all(kind).iter().filter(|record| record.archived_at.is_some() == archived).collect();
    records.sort_by(|left, right| left.id.cmp(&right.id));
    // `after` is the id of the first record of the next page.
    let mut rest =
        records.into_iter().skip_while(|record| asked.get("after").is_some_and(|after| record.id < *after));
    let page: Vec<Value> =
        rest.by_ref().take(limit).map(|record| with_links(&crm, kind, record, &asked)).collect();
    let mut body = json!({"results": page});
    if let Some(next) = rest.next() {
        body["paging"] = json!({"next": {"after": next.id}});
    }
    ok(&body)
}

fn read(body: &Bytes) -> Result<Value, Box<Response>> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) if value.is_object() => Ok(value),
        _ => Err(Box::new(bad_request("Invalid input JSON: the body must be an object."))),
    }
}

async fn find(State(world): State<Shared>, Path((_, kind)): Path<(String, String)>, body: Bytes) -> Response {
    let request = match read(&body) {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    let crm = lock(&world.crm);
    let Some(kind) = crm::type_name(&kind) else { return unknown_type(&kind) };
    match search::search(crm.indexed(kind, world.clock.now()), &request) {
        Ok(found) => {
            let asked = listed(&request, "properties");
            let results: Vec<Value> =
                found.page.iter().map(|record| shown(&crm, kind, record, &asked)).collect();
            let mut body = json!({"total": found.total, "results": results});
            if let Some(next) = found.next {
                body["paging"] = json!({"next": {"after": next.to_string()}});
            }
            ok(&body)
        }
        Err(message) => bad_request(&message),
    }
}
