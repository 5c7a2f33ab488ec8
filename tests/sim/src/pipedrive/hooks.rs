//! Webhooks of version 2: who wants which events, with which password, and what becomes of those that do not answer.

use super::{
    goods::{self, COMPANY_ID, USER_ID},
    oauth::is_own,
};
use crate::{
    clock::rfc3339,
    faults,
    webhook::{Delivery, Receiver, Target},
    world::{Shared, World, lock},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use url::Url;

const ACTIONS: [&str; 4] = ["create", "change", "delete", "*"];
const OBJECTS: [&str; 17] = [
    "activity",
    "deal",
    "lead",
    "note",
    "organization",
    "person",
    "pipeline",
    "product",
    "stage",
    "user",
    "*",
    // Added in 2026; the stored specification does not list them.
    "deal_product",
    "deal_installment",
    "board",
    "phase",
    "project",
    "task",
];

/// At most so many for a user.
const MOST: usize = 40;
/// After so many first attempts that failed in a row a webhook is banned.
const FAILURES: u32 = 10;
const BAN: TimeDelta = TimeDelta::minutes(30);
/// A webhook that nobody answers for so long is gone.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// The webhook that the control endpoint makes, as if a person had done it in the settings.
const BY_HAND: u64 = 1;

/// One webhook.
#[derive(Debug, Clone)]
struct Hook {
    id: u64,
    shown: Value,
    secret: String,
    url: String,
    /// Failures of first attempts since the last success or ban.
    failures: u32,
    banned_until: Option<DateTime<Utc>>,
    /// The last success, or when it was made.
    alive_at: DateTime<Utc>,
}

/// All webhooks of the company.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    list: Vec<Hook>,
    made: u64,
}

impl Hook {
    fn takes(&self, event: &Value, now: DateTime<Utc>) -> bool {
        let wants = |name: &str, what: &Value| self.shown[name] == "*" || self.shown[name] == *what;
        wants("event_action", &event["meta"]["action"])
            && wants("event_object", &event["meta"]["entity"])
            && self.banned_until.is_none_or(|until| now >= until)
    }
}

impl Hooks {
    /// Who wants an event. What happens while a webhook is banned never reaches it.
    pub(crate) fn targets(&self, event: &Value, now: DateTime<Utc>) -> Vec<Target> {
        let target = |hook: &Hook| Target {
            hook: Some(hook.id),
            receiver: Receiver::from(hook.url.as_str()),
            secret: hook.secret.clone(),
            secret_before: None,
        };
        self.list.iter().filter(|hook| hook.takes(event, now)).map(target).collect()
    }

    /// What a delivery brings about.
    pub(crate) fn noted(&mut self, id: u64, delivery: &Delivery) {
        let Some(hook) = self.list.iter_mut().find(|hook| hook.id == id) else { return };
        hook.shown["last_http_status"] = delivery.status.into();
        hook.shown["last_delivery_time"] = rfc3339(delivery.at).into();
        if delivery.status.is_some_and(|status| (200..300).contains(&status)) {
            (hook.failures, hook.alive_at) = (0, delivery.at);
            return;
        }
        hook.failures += u32::from(delivery.attempt == 0);
        if hook.failures >= FAILURES {
            (hook.failures, hook.banned_until) = (0, Some(delivery.at + BAN));
        }
        if delivery.at - hook.alive_at >= PATIENCE {
            self.list.retain(|hook| hook.id != id);
        }
    }

    /// Makes, moves or takes away the webhook that a person made in the settings; it gets every event.
    pub(super) fn by_hand(&mut self, url: Option<&str>, secret: &str, now: DateTime<Utc>) {
        self.list.retain(|hook| hook.id != BY_HAND);
        if let Some(url) = url {
            let given = json!({"event_action": "*", "event_object": "*", "name": "By hand"});
            self.list.push(hook(BY_HAND, &given, url, secret, now));
        }
    }
}

fn hook(id: u64, given: &Value, url: &str, secret: &str, now: DateTime<Utc>) -> Hook {
    let user = given["user_id"].as_u64().unwrap_or(USER_ID);
    let shown = json!({
        "id": id, "company_id": COMPANY_ID, "owner_id": USER_ID, "user_id": user, "event_action": given["event_action"],
        "event_object": given["event_object"], "subscription_url": url, "version": "2.0", "is_active": 1,
        "add_time": rfc3339(now), "remove_time": null, "type": if id == BY_HAND { "general" } else { "application" },
        "http_auth_user": given["http_auth_user"], "http_auth_password": given["http_auth_password"],
        "remove_reason": null, "last_delivery_time": null, "last_http_status": null, "admin_id": USER_ID,
        "name": given["name"],
    });
    let (secret, url) = (secret.to_owned(), url.to_owned());
    Hook { id, shown, secret, url, failures: 0, banned_until: None, alive_at: now }
}

fn ok(status: StatusCode, data: &Value) -> Response {
    faults::json(status, &json!({"status": "ok", "success": true, "data": data}))
}

/// Errors of webhooks name the field they are about.
fn wrong(status: StatusCode, field: &str, what: &str) -> Response {
    faults::json(status, &json!({"status": "error", "success": false, "errors": {field: [what]}}))
}

/// An app sees the webhooks it made; the user's own token shows all.
pub(super) async fn list(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let all = is_own(&world, &headers);
    let hooks = lock(&world.pipedrive_hooks);
    let shown = hooks.list.iter().filter(|hook| all || hook.id != BY_HAND).map(|hook| hook.shown.clone());
    ok(StatusCode::OK, &shown.collect())
}

/// What is wrong with a request: a field and what about it.
fn fault(given: &Value) -> Option<(&'static str, &'static str)> {
    for name in ["subscription_url", "event_action", "event_object", "name"] {
        if given[name].as_str().is_none_or(str::is_empty) {
            return Some((name, "cannot be blank"));
        }
    }
    let one_of = |name: &str, words: &[&str]| given[name].as_str().is_some_and(|text| words.contains(&text));
    if !one_of("event_action", &ACTIONS) {
        return Some(("event_action", "is not included in the list"));
    }
    if !one_of("event_object", &OBJECTS) {
        return Some(("event_object", "is not included in the list"));
    }
    if given["name"].as_str().is_some_and(|name| name.chars().count() > 255) {
        return Some(("name", "is too long"));
    }
    // Version 1.0 has other bodies, which nobody should ask for any more: they are not simulated.
    if !given["version"].is_null() && given["version"] != "2.0" {
        return Some(("version", "is not included in the list"));
    }
    for name in ["http_auth_user", "http_auth_password"] {
        if !given[name].is_null() && !given[name].is_string() {
            return Some((name, "is not a text"));
        }
    }
    let user = given["user_id"].as_u64();
    if !given["user_id"].is_null()
        && !goods::users().iter().any(|known| user.is_some_and(|id| known["id"] == id))
    {
        return Some(("user_id", "not found"));
    }
    None
}

/// A URL that can be sent to: not Pipedrive itself, and somebody answers there without a redirect.
async fn reachable(world: &World, text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let own = text.starts_with(&world.urls.pipedrive)
        || url.host_str().is_some_and(|host| host == "pipedrive.com" || host.ends_with(".pipedrive.com"));
    matches!(url.scheme(), "http" | "https") && !own && world.outbox.reaches(text).await
}

pub(super) async fn create(State(world): State<Shared>, body: Bytes) -> Response {
    let given = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    if let Some((field, what)) = fault(&given) {
        return wrong(StatusCode::BAD_REQUEST, field, what);
    }
    let url = given["subscription_url"].as_str().unwrap_or_default();
    if !reachable(&world, url).await {
        return wrong(StatusCode::BAD_REQUEST, "subscription_url", "invalid or non-reachable URL");
    }
    let now = world.clock.now();
    let mut hooks = lock(&world.pipedrive_hooks);
    let user = given["user_id"].as_u64().unwrap_or(USER_ID);
    if hooks.list.iter().filter(|hook| hook.shown["user_id"] == user).count() >= MOST {
        return wrong(StatusCode::UNPROCESSABLE_ENTITY, "user_id", "has reached the limit of 40 webhooks");
    }
    hooks.made += 1;
    let id = 4_710_000 + hooks.made;
    let text = |name: &str| given[name].as_str().unwrap_or_default();
    let secret = match text("http_auth_user") {
        "" => String::new(),
        user => format!("{user}:{}", text("http_auth_password")),
    };
    let made = hook(id, &given, url, &secret, now);
    let shown = made.shown.clone();
    hooks.list.push(made);
    ok(StatusCode::CREATED, &shown)
}

pub(super) async fn remove(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let all = is_own(&world, &headers);
    let mut hooks = lock(&world.pipedrive_hooks);
    let Some(id) = id.parse::<u64>().ok().filter(|id| hooks.list.iter().any(|hook| hook.id == *id)) else {
        return wrong(StatusCode::NOT_FOUND, "id", "not found");
    };
    if id == BY_HAND && !all {
        return faults::json(StatusCode::FORBIDDEN, &json!({"success": false, "message": "Forbidden"}));
    }
    hooks.list.retain(|hook| hook.id != id);
    faults::json(StatusCode::OK, &json!({"status": "ok", "success": true}))
}
