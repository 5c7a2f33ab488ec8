//! The webhooks of a HubSpot app: one target URL, and subscriptions that say which events of every portal go there.

use super::{APP_ID, bad_request, not_found, ok, read};
use crate::{
    clock::rfc3339,
    faults,
    webhook::Receiver,
    world::{Shared, World, lock},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use url::{Host, Url};

/// The endpoints for the developer's key only.
pub(super) const ENDPOINTS: [&str; 8] = [
    "hook_settings",
    "hook_settings_put",
    "hook_settings_delete",
    "hooks",
    "hook_create",
    "hook",
    "hook_update",
    "hook_delete",
];

/// What the app's own file declares: type, property, id.
const DECLARED: [(&str, Option<&str>, u64); 12] = [
    ("deal.propertyChange", Some("dealstage"), 3_310_042),
    ("deal.propertyChange", Some("amount"), 3_310_043),
    ("deal.propertyChange", Some("deal_currency_code"), 3_310_044),
    ("deal.propertyChange", Some("closedate"), 3_310_045),
    ("deal.creation", None, 3_310_046),
    ("deal.deletion", None, 3_310_047),
    ("deal.restore", None, 3_310_048),
    ("deal.merge", None, 3_310_049),
    ("deal.associationChange", None, 3_310_050),
    ("line_item.propertyChange", Some("quantity"), 3_310_051),
    ("line_item.propertyChange", Some("price"), 3_310_052),
    ("contact.privacyDeletion", None, 3_310_053),
];

const KINDS: [&str; 5] = ["contact", "company", "deal", "line_item", "product"];
const CHANGES: [&str; 7] =
    ["creation", "deletion", "restore", "merge", "propertyChange", "associationChange", "privacyDeletion"];

/// At most so many for one app.
const MOST: usize = 1000;

/// Settings and subscriptions of the app.
#[derive(Debug)]
pub(crate) struct Hooks {
    list: Vec<Value>,
    concurrent: u64,
    created_at: String,
    updated_at: String,
    made: u64,
}

impl Hooks {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let now = rfc3339(now);
        let list =
            DECLARED.iter().map(|(kind, name, id)| subscription(*id, kind, *name, true, &now)).collect();
        Self { list, concurrent: 10, created_at: now.clone(), updated_at: now, made: 0 }
    }

    /// The events that an active subscription asks for, with its id.
    pub(crate) fn claimed(&self, events: Vec<Value>) -> Vec<Value> {
        let claim = |mut event: Value| {
            let hook = self.list.iter().find(|hook| {
                hook["active"] == true
                    && hook["eventType"] == event["subscriptionType"]
                    && (hook["propertyName"].is_null() || hook["propertyName"] == event["propertyName"])
            })?;
            event["subscriptionId"] = hook["id"].as_str()?.parse::<u64>().ok()?.into();
            Some(event)
        };
        events.into_iter().filter_map(claim).collect()
    }

    fn find(&mut self, id: &str) -> Option<&mut Value> {
        self.list.iter_mut().find(|hook| hook["id"] == id)
    }
}

fn subscription(id: u64, kind: &str, name: Option<&str>, active: bool, now: &str) -> Value {
    let mut hook = json!({
        "id": id.to_string(), "eventType": kind, "active": active, "createdAt": now, "updatedAt": now,
    });
    if let Some(name) = name {
        hook["propertyName"] = Value::from(name);
    }
    hook
}

/// Whether the developer asks; nobody else may.
pub(super) fn is_developer(world: &World, headers: &HeaderMap) -> bool {
    let expected = format!("Bearer {}", world.credentials.hubspot.developer_key);
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == expected.as_str())
}

fn wrong_app(app: &str) -> Option<Response> {
    (app != APP_ID.to_string()).then(|| not_found(&format!("There is no app {app}.")))
}

type App = Path<(String, String)>;
type Hook = Path<(String, String, String)>;

fn settings(world: &World, hooks: &Hooks) -> Option<Value> {
    let receiver = world.outbox.hubspot_receiver()?;
    Some(json!({
        "targetUrl": receiver.signed(), "throttling": {"maxConcurrentRequests": hooks.concurrent},
        "createdAt": hooks.created_at, "updatedAt": hooks.updated_at,
    }))
}

pub(super) async fn shown_settings(State(world): State<Shared>, Path((_, app)): App) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    match settings(&world, &lock(&world.hubspot_hooks)) {
        Some(settings) => ok(&settings),
        None => not_found("This app has no webhook settings."),
    }
}

/// The target must be https, and loopback is taken for tests.
fn is_target(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        _ => false,
    };
    url.scheme() == "https" || loopback
}

pub(super) async fn put_settings(State(world): State<Shared>, Path((_, app)): App, body: Bytes) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    let body = match read(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let Some(url) = body["targetUrl"].as_str().filter(|url| is_target(url)) else {
        return bad_request("targetUrl must be an https URL.");
    };
    let concurrent = body["throttling"]["maxConcurrentRequests"].as_u64();
    let Some(concurrent) = concurrent.filter(|count| *count > 5) else {
        return bad_request("throttling.maxConcurrentRequests must be greater than 5.");
    };
    world.outbox.to_hubspot(Some(Receiver::from(url)));
    let mut hooks = lock(&world.hubspot_hooks);
    (hooks.concurrent, hooks.updated_at) = (concurrent, rfc3339(world.clock.now()));
    settings(&world, &hooks).map_or_else(|| not_found("This app has no webhook settings."), |all| ok(&all))
}

fn no_content() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

pub(super) async fn delete_settings(State(world): State<Shared>, Path((_, app)): App) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    world.outbox.to_hubspot(None);
    no_content()
}

pub(super) async fn list(State(world): State<Shared>, Path((_, app)): App) -> Response {
    wrong_app(&app).unwrap_or_else(|| ok(&json!({"results": lock(&world.hubspot_hooks).list})))
}

/// What a subscription is asked for: type, property, whether it is active.
fn asked(body: &Value) -> Result<(&str, Option<&str>, bool), String> {
    let kind = body["eventType"].as_str().ok_or("eventType is missing.")?;
    let known = kind.split_once('.').is_some_and(|(kind, change)| {
        (KINDS.contains(&kind) && CHANGES.contains(&change))
            || (kind == "object" && CHANGES.contains(&change))
    });
    if !known {
        return Err(format!("{kind} is not an event type."));
    }
    let name = body["propertyName"].as_str();
    if kind.ends_with("propertyChange") != name.is_some() {
        return Err("propertyName belongs to a propertyChange, and only there.".to_owned());
    }
    Ok((kind, name, body["active"].as_bool().unwrap_or(false)))
}

pub(super) async fn create(State(world): State<Shared>, Path((_, app)): App, body: Bytes) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    let body = match read(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let (kind, name, active) = match asked(&body) {
        Ok(asked) => asked,
        Err(why) => return bad_request(&why),
    };
    let mut hooks = lock(&world.hubspot_hooks);
    let same = |hook: &Value| hook["eventType"] == kind && hook["propertyName"].as_str() == name;
    if hooks.list.iter().any(same) {
        let body = super::error("This subscription exists already.", "CONFLICT");
        return faults::json(StatusCode::CONFLICT, &body);
    }
    if hooks.list.len() >= MOST {
        return bad_request("An app has at most 1000 subscriptions.");
    }
    hooks.made += 1;
    let hook = subscription(3_320_000 + hooks.made, kind, name, active, &rfc3339(world.clock.now()));
    hooks.list.push(hook.clone());
    faults::json(StatusCode::CREATED, &hook)
}

fn unknown(id: &str) -> Response {
    not_found(&format!("There is no subscription {id}."))
}

pub(super) async fn one(State(world): State<Shared>, Path((_, app, id)): Hook) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    match lock(&world.hubspot_hooks).find(&id) {
        Some(hook) => ok(hook),
        None => unknown(&id),
    }
}

/// Only `active` can be changed.
pub(super) async fn update(State(world): State<Shared>, Path((_, app, id)): Hook, body: Bytes) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    let body = match read(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let Some(active) = body["active"].as_bool() else { return bad_request("active must be true or false.") };
    let mut hooks = lock(&world.hubspot_hooks);
    let Some(hook) = hooks.find(&id) else { return unknown(&id) };
    hook["active"] = Value::from(active);
    hook["updatedAt"] = Value::from(rfc3339(world.clock.now()));
    ok(hook)
}

pub(super) async fn delete(State(world): State<Shared>, Path((_, app, id)): Hook) -> Response {
    if let Some(refusal) = wrong_app(&app) {
        return refusal;
    }
    let mut hooks = lock(&world.hubspot_hooks);
    let before = hooks.list.len();
    hooks.list.retain(|hook| hook["id"] != id);
    if hooks.list.len() < before { no_content() } else { unknown(&id) }
}
