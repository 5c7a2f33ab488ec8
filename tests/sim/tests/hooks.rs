//! Webhooks of Square and HubSpot: subscribed, signed, spoiled on demand, lost and late by seed, tried again in time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use bytes::Bytes;
use chrono::TimeDelta;
use common::desk::{Desk, json as answer};
use http::Request;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};
use taxpoynt_sim::{
    Plan, Receiver, Sale, WebhookFault, hubspot_signature_v1, hubspot_signature_v3, square_signature,
};

/// Takes webhooks in this process and answers what it is told to.
struct Inbox {
    got: Arc<Mutex<Vec<Request<Bytes>>>>,
    answers: Arc<AtomicU16>,
}

impl Inbox {
    fn open(desk: &Desk) -> Self {
        let (got, answers) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
        let (keep, say): (Arc<Mutex<Vec<Request<Bytes>>>>, _) = (got.clone(), answers.clone());
        desk.sim.set_webhook_handler(Some(Arc::new(move |request| {
            keep.lock().unwrap().push(request);
            let status = say.load(Ordering::SeqCst);
            Box::pin(async move { (status > 0).then_some(status) })
        })));
        Self { got, answers }
    }

    fn answer(&self, status: u16) {
        self.answers.store(status, Ordering::SeqCst);
    }

    fn take(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}

fn body(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn text(request: &Request<Bytes>) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

const URL: &str = "https://host.example/hooks?from=platform";

fn is_squares(request: &Request<Bytes>, key: &str, url: &str) -> bool {
    header(request, "x-square-hmacsha256-signature") == square_signature(key, url, text(request))
}

/// What a strict receiver at `URL` at the time of the desk takes from HubSpot.
fn is_hubspots(request: &Request<Bytes>, secret: &str, now: i64) -> bool {
    let stamp = header(request, "x-hubspot-request-timestamp");
    let fresh = stamp.parse::<i64>().is_ok_and(|at| (now - at).abs() <= 300_000);
    let v3 = hubspot_signature_v3(secret, "POST", URL, text(request), stamp);
    fresh && header(request, "x-hubspot-signature-v3") == v3
}

fn subscription(types: &[&str]) -> Value {
    json!({"idempotency_key": "key-1", "subscription": {
        "name": "Till", "event_types": types, "notification_url": URL, "api_version": "2025-08-20",
    }})
}

const SUBSCRIPTIONS: &str = "v2/webhooks/subscriptions";

async fn subscribe(desk: &Desk, types: &[&str]) -> (String, String) {
    let (status, made) = desk.square("POST", SUBSCRIPTIONS, &subscription(types)).await;
    assert_eq!(status, 200, "{made}");
    let part = |name: &str| made["subscription"][name].as_str().unwrap().to_owned();
    (part("id"), part("signature_key"))
}

#[tokio::test]
async fn square_tells_a_subscription_what_it_asked_for_signed_with_its_own_key() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    let (id, key) = subscribe(&desk, &["payment.updated"]).await;
    desk.sim.square().sell(Sale::B2b).await;
    desk.sim.square().refund_partially().await.unwrap();
    let got = inbox.take();
    assert_eq!(got.len(), 1, "no refund.updated was asked for");
    assert!(got[0].uri() == URL && is_squares(&got[0], &key, URL));
    let path = format!("{SUBSCRIPTIONS}/{id}");
    desk.square("PUT", &path, &json!({"subscription": {"enabled": false}})).await;
    desk.sim.square().sell(Sale::B2b).await;
    assert!(inbox.take().is_empty());
    let types = json!({"subscription": {"enabled": true, "event_types": ["refund.updated"]}});
    desk.square("PUT", &path, &types).await;
    desk.sim.square().refund_partially().await.unwrap();
    assert_eq!(body(&inbox.take()[0])["type"], "refund.updated");
    assert_eq!(desk.square("DELETE", &path, &Value::Null).await, (200, json!({})));
    assert_eq!(desk.square("GET", &path, &Value::Null).await.0, 404);
}

#[tokio::test]
async fn square_shows_the_key_only_where_it_does() {
    let desk = Desk::open();
    let (id, key) = subscribe(&desk, &["payment.updated"]).await;
    let (_, again) = desk.square("POST", SUBSCRIPTIONS, &subscription(&["payment.updated"])).await;
    assert_eq!(again["subscription"]["id"], id.as_str(), "the same idempotency key makes nothing new");
    let (_, listed) = desk.square("GET", SUBSCRIPTIONS, &Value::Null).await;
    assert_eq!(listed["subscriptions"].as_array().unwrap().len(), 1);
    assert!(listed["subscriptions"][0].get("signature_key").is_none());
    let (_, one) = desk.square("GET", &format!("{SUBSCRIPTIONS}/{id}"), &Value::Null).await;
    assert_eq!(one["subscription"]["signature_key"], key.as_str());
    let renamed = json!({"subscription": {"name": "Other"}});
    let (_, put) = desk.square("PUT", &format!("{SUBSCRIPTIONS}/{id}"), &renamed).await;
    assert_eq!(put["subscription"]["name"], "Other");
    assert!(put["subscription"].get("signature_key").is_none());
    let off = json!({"subscription": {"enabled": false}});
    desk.square("PUT", &format!("{SUBSCRIPTIONS}/{id}"), &off).await;
    assert_eq!(desk.square("GET", SUBSCRIPTIONS, &Value::Null).await, (200, json!({})));
    let all = format!("{SUBSCRIPTIONS}?include_disabled=true&sort_order=DESC&limit=1");
    assert_eq!(desk.square("GET", &all, &Value::Null).await.1["subscriptions"][0]["enabled"], false);
}

#[tokio::test]
async fn square_rotates_a_key_at_once_and_the_one_before_can_still_come() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    let (id, old) = subscribe(&desk, &["payment.updated"]).await;
    let path = format!("{SUBSCRIPTIONS}/{id}/signature-key");
    let (_, rotated) = desk.square("POST", &path, &json!({})).await;
    let new = rotated["signature_key"].as_str().unwrap();
    assert_ne!(new, old);
    desk.sim.square().sell(Sale::WalkIn).await;
    desk.sim.square().spoil_webhooks(WebhookFault::PreviousSecret, 1);
    desk.sim.square().sell(Sale::WalkIn).await;
    let got = inbox.take();
    assert!(is_squares(&got[0], new, URL) && is_squares(&got[1], &old, URL));
}

#[tokio::test]
async fn square_tests_a_subscription_and_says_what_it_answered() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    inbox.answer(404);
    let (id, key) = subscribe(&desk, &["payment.created", "refund.updated"]).await;
    let path = format!("{SUBSCRIPTIONS}/{id}/test");
    let (_, told) = desk.square("POST", &path, &json!({"event_type": "refund.updated"})).await;
    assert_eq!(told["subscription_test_result"]["status_code"], 404);
    let got = inbox.take();
    assert_eq!(told["subscription_test_result"]["payload"], text(&got[0]));
    assert!(is_squares(&got[0], &key, URL));
    assert_eq!(desk.sim.webhooks_waiting().0, 0, "a test is not tried again");
    let (status, refused) = desk.square("POST", &path, &json!({"event_type": "order.created"})).await;
    assert_eq!((status, refused["errors"][0]["code"].clone()), (400, json!("INVALID_VALUE")));
}

#[tokio::test]
async fn a_subscription_that_square_would_refuse_is_refused() {
    let desk = Desk::open();
    let right = subscription(&["payment.updated"]);
    for (pointer, value, code) in [
        ("/subscription/event_types", json!([]), "MISSING_REQUIRED_PARAMETER"),
        ("/subscription/event_types", json!(["payment.eaten"]), "INVALID_VALUE"),
        ("/subscription/notification_url", json!("http://host.example/in"), "INVALID_VALUE"),
        ("/subscription/notification_url", json!("nowhere"), "INVALID_VALUE"),
        ("/subscription/name", json!("n".repeat(65)), "VALUE_TOO_LONG"),
        ("/subscription/enabled", json!("yes"), "EXPECTED_BOOLEAN"),
        ("/idempotency_key", json!("k".repeat(46)), "VALUE_TOO_LONG"),
        ("/subscription", json!(null), "MISSING_REQUIRED_PARAMETER"),
    ] {
        let mut asked = right.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        asked.pointer_mut(parent).unwrap()[name] = value;
        let (status, refused) = desk.square("POST", SUBSCRIPTIONS, &asked).await;
        assert_eq!((status, refused["errors"][0]["code"].clone()), (400, json!(code)), "{pointer}");
    }
    subscribe(&desk, &["payment.updated"]).await;
    let other = subscription(&["refund.updated"]);
    let (status, refused) = desk.square("POST", SUBSCRIPTIONS, &other).await;
    assert_eq!((status, refused["errors"][0]["code"].clone()), (400, json!("IDEMPOTENCY_KEY_REUSED")));
    let seller = desk.sim.square().oauth().grant(&["ORDERS_READ"], false).access_token;
    let url = format!("{}{SUBSCRIPTIONS}", desk.sim.urls().square);
    assert_eq!(desk.bearer("GET", &url, &seller, &Value::Null).await.0, 401, "only the application's token");
    for (method, path) in [
        ("GET", "none"),
        ("PUT", "none"),
        ("DELETE", "none"),
        ("POST", "none/test"),
        ("POST", "none/signature-key"),
    ] {
        assert_eq!(
            desk.square(method, &format!("{SUBSCRIPTIONS}/{path}"), &json!({})).await.0,
            404,
            "{path}"
        );
    }
    let (_, types) = desk.square("GET", "v2/webhooks/event-types", &Value::Null).await;
    assert!(types["event_types"].as_array().unwrap().contains(&json!("payment.updated")));
}

/// A call of HubSpot's developer.
async fn developer(desk: &Desk, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let key = &desk.sim.credentials().hubspot.developer_key;
    let app = desk.sim.credentials().hubspot.app_id;
    let url = format!("{}webhooks/2026-03/{app}/{path}", desk.sim.urls().hubspot);
    desk.bearer(method, &url, key, body).await
}

#[tokio::test]
async fn hubspots_developer_sets_the_target_and_what_comes_there() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    assert_eq!(developer(&desk, "GET", "settings", &Value::Null).await.0, 404);
    let settings = json!({"targetUrl": URL, "throttling": {"maxConcurrentRequests": 10}});
    let (status, set) = developer(&desk, "PUT", "settings", &settings).await;
    assert_eq!((status, set["targetUrl"].clone()), (200, json!(URL)));
    let deal = desk.sim.hubspot().deal_id();
    desk.sim.hubspot().win(deal).await.unwrap();
    let got = inbox.take();
    assert_eq!(body(&got[0])[0]["subscriptionId"], 3_310_042);
    developer(&desk, "PATCH", "subscriptions/3310042", &json!({"active": false})).await;
    desk.sim.hubspot().win(deal).await.unwrap();
    assert!(inbox.take().is_empty(), "nobody asked for it");
    developer(&desk, "DELETE", "subscriptions/3310042", &Value::Null).await;
    let asked = json!({"eventType": "deal.propertyChange", "propertyName": "dealstage", "active": true});
    let (status, made) = developer(&desk, "POST", "subscriptions", &asked).await;
    assert_eq!(status, 201, "{made}");
    desk.sim.hubspot().win(deal).await.unwrap();
    assert_eq!(body(&inbox.take()[0])[0]["subscriptionId"].to_string(), made["id"].as_str().unwrap());
    assert_eq!(developer(&desk, "DELETE", "settings", &Value::Null).await.0, 204);
    desk.sim.hubspot().win(deal).await.unwrap();
    assert!(inbox.take().is_empty());
}

#[tokio::test]
async fn what_hubspots_developer_asks_wrongly_is_refused() {
    let desk = Desk::open();
    for settings in [
        json!({"targetUrl": "http://host.example/in", "throttling": {"maxConcurrentRequests": 10}}),
        json!({"targetUrl": URL, "throttling": {"maxConcurrentRequests": 5}}),
        json!({"targetUrl": URL}),
    ] {
        assert_eq!(developer(&desk, "PUT", "settings", &settings).await.0, 400, "{settings}");
    }
    for (asked, status) in [
        (json!({"eventType": "deal.eaten"}), 400),
        (json!({"eventType": "deal.propertyChange"}), 400),
        (json!({"eventType": "deal.creation", "propertyName": "amount"}), 400),
        (json!({"eventType": "deal.creation"}), 409),
    ] {
        assert_eq!(developer(&desk, "POST", "subscriptions", &asked).await.0, status, "{asked}");
    }
    assert_eq!(developer(&desk, "PATCH", "subscriptions/3310042", &json!({})).await.0, 400);
    for method in ["GET", "DELETE"] {
        assert_eq!(developer(&desk, method, "subscriptions/1", &Value::Null).await.0, 404);
    }
    assert_eq!(developer(&desk, "PATCH", "subscriptions/1", &json!({"active": true})).await.0, 404);
    let other = format!("{}app-webhooks/2026-09/1/settings", desk.sim.urls().hubspot);
    let key = &desk.sim.credentials().hubspot.developer_key;
    assert_eq!(desk.bearer("GET", &other, key, &Value::Null).await.0, 404, "another app's");
    let app = desk.sim.credentials().hubspot.app_id;
    let own = format!("app-webhooks/2026-09/{app}/subscriptions");
    assert_eq!(desk.hubspot("GET", &own, &Value::Null).await.0, 401, "a portal's token is not enough");
    let url = format!("{}{own}", desk.sim.urls().hubspot);
    assert_eq!(desk.bearer("GET", &url, key, &Value::Null).await.1["results"].as_array().unwrap().len(), 12);
}

#[tokio::test]
async fn a_spoiled_webhook_is_wrong_in_just_the_way_it_says() {
    for fault in WebhookFault::ALL {
        let desk = Desk::open();
        let inbox = Inbox::open(&desk);
        desk.sim.square().set_webhook_url(Some(Receiver::from(URL)));
        desk.sim.hubspot().set_webhook_url(Some(Receiver::from(URL)));
        desk.sim.square().spoil_webhooks(fault, 1);
        desk.sim.hubspot().spoil_webhooks(fault, 1);
        desk.sim.square().sell(Sale::WalkIn).await;
        desk.sim.hubspot().win(desk.sim.hubspot().deal_id()).await.unwrap();
        desk.sim.square().sell(Sale::WalkIn).await;
        let got = inbox.take();
        let (key, secret) =
            (&desk.sim.credentials().square.signature_key, &desk.sim.credentials().hubspot.client_secret);
        let now = common::desk::start().timestamp_millis();
        // Where nothing but the event tells the time, and where the body is signed as it is, the signature is right.
        let signed = matches!(
            fault,
            WebhookFault::PreviousSecret
                | WebhookFault::Stale
                | WebhookFault::Future
                | WebhookFault::MissingTimestamp
                | WebhookFault::TornBody
                | WebhookFault::EmptyBody
        );
        assert_eq!(is_squares(&got[0], key, URL), signed, "{fault:?}");
        let fresh =
            !matches!(fault, WebhookFault::Stale | WebhookFault::Future | WebhookFault::MissingTimestamp);
        assert_eq!(is_hubspots(&got[1], secret, now), signed && fresh, "{fault:?}");
        let whole = !matches!(fault, WebhookFault::TornBody | WebhookFault::EmptyBody);
        assert_eq!(
            serde_json::from_slice::<Value>(got[0].body()).is_ok() || fault == WebhookFault::AlteredBody,
            whole
        );
        assert!(is_squares(&got[2], key, URL), "only one was ordered");
        assert_eq!(desk.sim.deliveries()[0].fault, Some(fault));
    }
}

#[tokio::test]
async fn hubspot_signs_with_a_new_secret_from_its_rotation_on() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    desk.sim.hubspot().set_webhook_url(Some(Receiver::from(URL)));
    let new = desk.sim.hubspot().rotate_webhook_secret();
    let deal = desk.sim.hubspot().deal_id();
    desk.sim.hubspot().win(deal).await.unwrap();
    desk.sim.hubspot().spoil_webhooks(WebhookFault::PreviousSecret, 1);
    desk.sim.hubspot().win(deal).await.unwrap();
    let got = inbox.take();
    let now = common::desk::start().timestamp_millis();
    let old = &desk.sim.credentials().hubspot.client_secret;
    assert!(is_hubspots(&got[0], &new, now) && is_hubspots(&got[1], old, now));
    assert_eq!(header(&got[0], "x-hubspot-signature"), hubspot_signature_v1(&new, text(&got[0])));
}

#[tokio::test]
async fn what_is_not_taken_comes_again_on_the_platforms_schedule_until_it_is() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    inbox.answer(503);
    desk.sim.square().set_webhook_url(Some(Receiver::from(URL)));
    desk.sim.square().sell(Sale::WalkIn).await;
    inbox.take();
    assert_eq!(desk.sim.webhooks_waiting(), (1, Some(common::desk::start() + TimeDelta::minutes(1))));
    desk.pass(TimeDelta::seconds(59));
    assert!(desk.sim.catch_up().await.is_empty(), "its time has not come");
    desk.pass(TimeDelta::seconds(1));
    assert_eq!(desk.sim.catch_up().await[0].attempt, 1);
    let again = inbox.take();
    assert_eq!(
        (header(&again[0], "square-retry-number"), header(&again[0], "square-retry-reason")),
        ("1", "http_error")
    );
    desk.pass(TimeDelta::minutes(2));
    inbox.answer(200);
    assert_eq!(desk.sim.catch_up().await[0].status, Some(200));
    assert_eq!(desk.sim.webhooks_waiting().0, 0);
}

#[tokio::test]
async fn after_a_day_a_platform_gives_up() {
    for square in [true, false] {
        let desk = Desk::open();
        let inbox = Inbox::open(&desk);
        inbox.answer(0);
        if square {
            desk.sim.square().set_webhook_url(Some(Receiver::from(URL)));
            desk.sim.square().sell(Sale::WalkIn).await;
        } else {
            desk.sim.hubspot().set_webhook_url(Some(Receiver::from(URL)));
            desk.sim.hubspot().win(desk.sim.hubspot().deal_id()).await.unwrap();
        }
        for _ in 0..26 {
            desk.pass(TimeDelta::hours(1));
            desk.sim.catch_up().await;
        }
        let sent = inbox.take();
        assert_eq!(sent.len(), if square { 29 } else { 11 });
        assert_eq!(desk.sim.webhooks_waiting(), (0, None));
        if !square {
            assert_eq!(body(&sent[10])[0]["attemptNumber"], 10);
        }
    }
}

#[tokio::test]
async fn held_webhooks_come_shuffled_by_seed_and_hubspots_in_batches() {
    let run = async |seed: u64| {
        let desk = Desk::open();
        let inbox = Inbox::open(&desk);
        desk.sim.square().set_webhook_url(Some(Receiver::from(URL)));
        desk.sim.hubspot().set_webhook_url(Some(Receiver::from(URL)));
        desk.sim.hold_webhooks();
        for _ in 0..30 {
            desk.sim.square().sell(Sale::WalkIn).await;
        }
        for _ in 0..250 {
            desk.sim.hubspot().win(desk.sim.hubspot().deal_id()).await.unwrap();
        }
        assert!(inbox.take().is_empty());
        desk.sim.release_webhooks(seed).await;
        let (mut sales, mut batches) = (Vec::new(), Vec::new());
        for request in inbox.take() {
            match body(&request) {
                Value::Array(events) => {
                    batches.push(events.iter().map(|e| e["eventId"].to_string()).collect::<Vec<_>>())
                }
                event => sales.push(event["event_id"].to_string()),
            }
        }
        (sales, batches)
    };
    let (sales, batches) = run(7).await;
    assert_eq!((sales.clone(), batches.clone()), run(7).await);
    assert_ne!(sales, run(8).await.0);
    let mut sorted = sales.clone();
    sorted.sort();
    assert!(sorted != sales && sorted.len() == 30);
    assert!(batches.len() > 2 && batches.iter().all(|batch| (1..=100).contains(&batch.len())));
    assert_eq!(batches.concat().len(), 250);
}

#[tokio::test]
async fn by_seed_webhooks_are_lost_doubled_late_delayed_and_forged_and_the_same_again() {
    let run = async |seed: u64| {
        let desk = Desk::open();
        let inbox = Inbox::open(&desk);
        desk.sim.square().set_webhook_url(Some(Receiver::from(URL)));
        let plan = json!({
            "seed": seed, "calls": 0, "webhooks_lost": 150, "webhooks_repeated": 150, "webhooks_late": 150,
            "webhooks_delayed": 150, "webhooks_delay_seconds": 600, "webhooks_forged": 150,
        });
        desk.control("POST", "square/plan", &plan).await;
        for _ in 0..120 {
            desk.sim.square().sell(Sale::WalkIn).await;
        }
        let at_once = inbox.take();
        desk.pass(TimeDelta::minutes(10));
        let delayed = desk.sim.catch_up().await.len();
        let key = desk.sim.credentials().square.signature_key.clone();
        let good: Vec<String> = at_once
            .iter()
            .filter(|request| is_squares(request, &key, URL))
            .map(|request| body(request)["event_id"].to_string())
            .collect();
        (good, at_once.len(), delayed)
    };
    let (good, all, delayed) = run(3).await;
    assert_eq!((good.clone(), all, delayed), run(3).await);
    assert_ne!(good, run(4).await.0);
    let mut each = good.clone();
    each.sort();
    each.dedup();
    assert!(each.len() < good.len(), "some came twice");
    assert!(each.len() + delayed < 120, "some were lost");
    assert!(all > good.len(), "some were forged");
    assert!(good.windows(2).any(|pair| pair[0] > pair[1]), "some came late");
    assert!(delayed > 5);
}

#[tokio::test]
async fn webhooks_are_scripted_over_http_too() {
    let desk = Desk::open();
    let inbox = Inbox::open(&desk);
    desk.sim.hubspot().set_webhook_url(Some(Receiver::from(URL)));
    let deal = desk.sim.hubspot().deal_id();
    let win = format!("hubspot/deals/{deal}/win");
    desk.control("POST", "hubspot/webhook_faults", &json!({"fault": "altered_body"})).await;
    desk.control("POST", &win, &Value::Null).await;
    let (_, log) = desk.control("GET", "webhooks/log", &Value::Null).await;
    assert_eq!(log["deliveries"][0]["fault"], "altered_body");
    let (_, secret) = desk.control("POST", "hubspot/rotate_secret", &Value::Null).await;
    desk.control("POST", "webhooks/hold", &Value::Null).await;
    desk.control("POST", &win, &Value::Null).await;
    inbox.take();
    let (_, released) = desk.control("POST", "webhooks/release", &json!({"seed": 1})).await;
    assert_eq!(released["deliveries"].as_array().unwrap().len(), 1);
    let now = common::desk::start().timestamp_millis();
    assert!(is_hubspots(&inbox.take()[0], secret["client_secret"].as_str().unwrap(), now));
    assert_eq!(desk.control("POST", "webhooks/catch_up", &Value::Null).await.1["deliveries"], json!([]));
    let wrong = json!({"fault": "altered_body"});
    assert_eq!(desk.control("POST", "authority/webhook_faults", &wrong).await.0, 404);
    let (_, plan) = desk.control("POST", "hubspot/plan", &json!({"seed": 5})).await;
    assert_eq!(plan["plan"], serde_json::to_value(Plan::platform(5)).unwrap());
    let response =
        desk.raw("GET", &format!("{}_sim/", desk.sim.urls().control.replace("control/", "")), &[], "").await;
    assert_eq!(answer(&response), (200, desk.sim.describe()));
}
