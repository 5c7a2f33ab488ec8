//! Square's Webhook Subscriptions API: the application says which events go where, and gets a key for each subscription.

use super::{bad_request, not_found, ok, pages, pages::Refusal, read};
use crate::{
    clock::rfc3339,
    webhook::{Letter, Receiver, Target, fresh_key},
    world::{Shared, lock},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use url::{Host, Url};

/// The endpoints for the application's own token only.
pub(super) const ENDPOINTS: [&str; 8] = [
    "webhook_event_types",
    "subscriptions",
    "subscription_create",
    "subscription",
    "subscription_update",
    "subscription_delete",
    "subscription_key",
    "subscription_test",
];

/// The events there are, as far as a till and its customers are concerned.
const EVENT_TYPES: [&str; 17] = [
    "catalog.version.updated",
    "customer.created",
    "customer.deleted",
    "customer.updated",
    "inventory.count.updated",
    "invoice.payment_made",
    "location.created",
    "location.updated",
    "loyalty.event.created",
    "oauth.authorization.revoked",
    "order.created",
    "order.fulfillment.updated",
    "order.updated",
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
];

/// One subscription, with its key beside it.
#[derive(Debug, Clone)]
struct Hook {
    shown: Value,
    key: String,
    key_before: Option<String>,
}

/// All subscriptions of the application.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    list: Vec<Hook>,
    /// What was asked under an idempotency key, and which subscription it made.
    asked: BTreeMap<String, (Value, usize)>,
    made: u32,
}

impl Hook {
    fn with_key(&self) -> Value {
        let mut shown = self.shown.clone();
        shown["signature_key"] = Value::from(self.key.clone());
        shown
    }

    fn takes(&self, kind: &Value) -> bool {
        self.shown["enabled"] == true
            && self.shown["event_types"].as_array().is_some_and(|types| types.contains(kind))
    }
}

impl Hooks {
    /// Who subscribed to an event.
    pub(crate) fn targets(&self, event: &Value) -> Vec<Target> {
        let takers = self.list.iter().filter(|hook| hook.takes(&event["type"]));
        let target = |hook: &Hook| Target {
            hook: None,
            receiver: Receiver::from(hook.shown["notification_url"].as_str().unwrap_or_default()),
            secret: hook.key.clone(),
            secret_before: hook.key_before.clone(),
        };
        takers.map(target).collect()
    }

    fn find(&mut self, id: &str) -> Option<&mut Hook> {
        self.list.iter_mut().find(|hook| hook.shown["id"] == id)
    }

    fn key(&mut self) -> String {
        self.made += 1;
        fresh_key("square", self.made)
    }
}

fn field(code: &'static str, detail: &str, field: &'static str) -> Refusal {
    (code, detail.to_owned(), Some(field))
}

/// Only https is taken, and loopback for tests.
fn check_url(url: &Value) -> Result<(), Refusal> {
    let wrong = |detail| Err(field("INVALID_VALUE", detail, "subscription.notification_url"));
    let Some(url) = url.as_str().and_then(|text| Url::parse(text).ok()) else {
        return wrong("The notification URL is not a URL.");
    };
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        _ => false,
    };
    if url.scheme() == "https" || loopback { Ok(()) } else { wrong("The notification URL must use HTTPS.") }
}

fn check_types(types: &Value) -> Result<(), Refusal> {
    let name = "subscription.event_types";
    let types = types.as_array().filter(|types| !types.is_empty());
    let types = types.ok_or(field("MISSING_REQUIRED_PARAMETER", "Field must not be empty.", name))?;
    match types.iter().find(|kind| !kind.as_str().is_some_and(|kind| EVENT_TYPES.contains(&kind))) {
        Some(unknown) => Err(field("INVALID_VALUE", &format!("{unknown} is not an event type."), name)),
        None => Ok(()),
    }
}

fn check(given: &Value) -> Result<(), Refusal> {
    if given["name"].as_str().is_some_and(|name| name.chars().count() > 64) {
        return Err(field("VALUE_TOO_LONG", "At most 64 characters.", "subscription.name"));
    }
    if !given["enabled"].is_null() && !given["enabled"].is_boolean() {
        return Err(field("EXPECTED_BOOLEAN", "Expected a boolean value.", "subscription.enabled"));
    }
    Ok(())
}

fn answer(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(body) => ok(&body),
        Err(refusal) => bad_request(refusal),
    }
}

pub(super) async fn event_types() -> Response {
    let metadata: Vec<Value> = EVENT_TYPES
        .iter()
        .map(|kind| json!({"event_type": kind, "api_version_introduced": "2020-02-26", "release_status": "PUBLIC"}))
        .collect();
    ok(&json!({"event_types": EVENT_TYPES, "metadata": metadata}))
}

pub(super) async fn list(
    State(world): State<Shared>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let disabled = asked.get("include_disabled").is_some_and(|text| text == "true");
    let mut found: Vec<Value> = lock(&world.square_hooks)
        .list
        .iter()
        .filter(|hook| disabled || hook.shown["enabled"] == true)
        .map(|hook| hook.shown.clone())
        .collect();
    if asked.get("sort_order").is_some_and(|order| order == "DESC") {
        found.reverse();
    }
    let limit = asked.get("limit").map_or(Value::Null, |text| text.parse::<u64>().unwrap_or(0).into());
    let page = pages::limit(&limit, 100, 100).and_then(|limit| {
        let query = json!([disabled, asked.get("sort_order")]).to_string();
        pages::page(found, &query, asked.get("cursor").map(String::as_str), limit)
    });
    answer(page.map(|page| super::listed("subscriptions", page)))
}

pub(super) async fn create(State(world): State<Shared>, body: Bytes) -> Response {
    let now = rfc3339(world.clock.now());
    answer(read(&body).and_then(|body| make(&mut lock(&world.square_hooks), &body, &now)))
}

fn make(hooks: &mut Hooks, body: &Value, now: &str) -> Result<Value, Refusal> {
    let given = &body["subscription"];
    if !given.is_object() {
        return Err(field("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "subscription"));
    }
    let idempotency = body["idempotency_key"].as_str();
    if idempotency.is_some_and(|key| key.len() > 45) {
        return Err(field("VALUE_TOO_LONG", "At most 45 characters.", "idempotency_key"));
    }
    if let Some((before, nth)) = idempotency.and_then(|key| hooks.asked.get(key)) {
        let same = before == given;
        let detail = "The idempotency key was used for another request.";
        return match hooks.list.iter().find(|hook| hook.shown["id"] == id(*nth)).filter(|_| same) {
            Some(hook) => Ok(json!({"subscription": hook.with_key()})),
            None => Err(field("IDEMPOTENCY_KEY_REUSED", detail, "idempotency_key")),
        };
    }
    check(given)?;
    check_url(&given["notification_url"])?;
    check_types(&given["event_types"])?;
    let key = hooks.key();
    let nth = usize::try_from(hooks.made).unwrap_or_default();
    let enabled = given["enabled"].as_bool().unwrap_or(true);
    let version = given["api_version"].as_str().unwrap_or("2025-08-20");
    let shown = json!({
        "id": id(nth), "name": given["name"].as_str().unwrap_or_default(), "enabled": enabled,
        "event_types": given["event_types"], "notification_url": given["notification_url"], "api_version": version,
        "created_at": now, "updated_at": now,
    });
    let hook = Hook { shown, key, key_before: None };
    let body = json!({"subscription": hook.with_key()});
    hooks.list.push(hook);
    if let Some(key) = idempotency {
        hooks.asked.insert(key.to_owned(), (given.clone(), nth));
    }
    Ok(body)
}

fn id(nth: usize) -> String {
    format!("wbhk_51a0b5e700000000000000{nth:010}")
}

fn unknown(id: &str) -> Response {
    not_found(&format!("No webhook subscription has the ID `{id}`."))
}

pub(super) async fn one(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match lock(&world.square_hooks).find(&id) {
        Some(hook) => ok(&json!({"subscription": hook.with_key()})),
        None => unknown(&id),
    }
}

/// Only what is named changes.
pub(super) async fn update(State(world): State<Shared>, Path(id): Path<String>, body: Bytes) -> Response {
    let now = rfc3339(world.clock.now());
    let mut hooks = lock(&world.square_hooks);
    let Some(hook) = hooks.find(&id) else { return unknown(&id) };
    answer(read(&body).and_then(|body| {
        let given = &body["subscription"];
        check(given)?;
        if !given["notification_url"].is_null() {
            check_url(&given["notification_url"])?;
        }
        if !given["event_types"].is_null() {
            check_types(&given["event_types"])?;
        }
        for name in ["name", "enabled", "event_types", "notification_url"] {
            if !given[name].is_null() {
                hook.shown[name] = given[name].clone();
            }
        }
        hook.shown["updated_at"] = Value::from(now);
        Ok(json!({"subscription": hook.shown}))
    }))
}

pub(super) async fn delete(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let mut hooks = lock(&world.square_hooks);
    let before = hooks.list.len();
    hooks.list.retain(|hook| hook.shown["id"] != id);
    if hooks.list.len() < before { ok(&json!({})) } else { unknown(&id) }
}

/// A new key, which signs from now on.
pub(super) async fn rotate(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let mut hooks = lock(&world.square_hooks);
    let key = hooks.key();
    match hooks.find(&id) {
        Some(hook) => {
            hook.key_before = Some(std::mem::replace(&mut hook.key, key));
            ok(&json!({"signature_key": hook.key}))
        }
        None => unknown(&id),
    }
}

/// Sends a test event to the subscription, whether it is enabled or not.
pub(super) async fn test(State(world): State<Shared>, Path(id): Path<String>, body: Bytes) -> Response {
    let asked = if body.is_empty() { Ok(json!({})) } else { read(&body) };
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => return bad_request(refusal),
    };
    let Some(hook) = lock(&world.square_hooks).find(&id).cloned() else { return unknown(&id) };
    let types = hook.shown["event_types"].as_array().cloned().unwrap_or_default();
    let kind = if asked["event_type"].is_null() { types.first() } else { Some(&asked["event_type"]) };
    let Some(kind) = kind.filter(|kind| types.contains(kind)).and_then(Value::as_str) else {
        let detail = "The event type must be one of the subscription's.";
        return bad_request(field("INVALID_VALUE", detail, "event_type"));
    };
    let at = world.clock.stamp();
    let name = kind.split('.').next().unwrap_or_default();
    let event = lock(&world.till).event(kind, (name, "SIMTEST", json!({"id": "SIMTEST"})), at);
    let target = Target {
        hook: None,
        receiver: Receiver::from(hook.shown["notification_url"].as_str().unwrap_or_default()),
        secret: hook.key.clone(),
        secret_before: hook.key_before,
    };
    let delivery = world.outbox.probe(&world, Letter::Square { event: event.clone() }, &target).await;
    let now = rfc3339(at);
    ok(&json!({"subscription_test_result": {
        "id": event["event_id"], "status_code": delivery.status, "payload": event.to_string(),
        "created_at": now, "updated_at": now,
    }}))
}
