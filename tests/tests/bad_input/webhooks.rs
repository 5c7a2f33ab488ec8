//! Webhooks: what does not verify is refused and leaves no trace; what verifies is kept, readable or not.

use http::HeaderMap;
use serde_json::{Value, json};
use taxpoynt_core::{Clock, engine::Receipt};
use taxpoynt_sim::{
    Sale, hubspot_signature_v1, hubspot_signature_v2, hubspot_signature_v3, square_signature,
};
use taxpoynt_tests::House;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

/// Rows of everything a webhook could leave behind.
async fn traces(house: &House) -> [i64; 4] {
    [
        house.rows("deliveries").await,
        house.rows("events").await,
        house.rows("records").await,
        house.rows("jobs").await,
    ]
}

async fn refused(house: &House, platform: &str, headers: &HeaderMap, body: &str, what: &str) {
    let before = traces(house).await;
    for target in [platform.to_owned(), connection(house, platform)] {
        let receipt =
            house.engine.receive(&target, "POST", &house.hooks.url(platform), headers, body.as_bytes()).await;
        assert_eq!(receipt.unwrap().status, 401, "{what} to {target}");
    }
    assert_eq!(traces(house).await, before, "{what} left a trace");
}

fn connection(house: &House, platform: &str) -> String {
    if platform == "square" { house.square.id.to_string() } else { house.hubspot.id.to_string() }
}

fn payment_updated(event_id: &str) -> String {
    json!({
        "merchant_id": "SIMMERCHANT01", "type": "payment.updated", "event_id": event_id,
        "created_at": "2026-11-20T10:00:00Z",
        "data": {"type": "payment", "id": "p", "object": {"payment": {"id": "p", "order_id": "ORDER-1"}}},
    })
    .to_string()
}

fn square_signed(house: &House, body: &str) -> HeaderMap {
    let key = &house.sim.credentials().square.signature_key;
    let signature = square_signature(key, &house.hooks.url("square"), body);
    headers(&[("x-square-hmacsha256-signature", &signature)])
}

#[tokio::test]
async fn a_square_webhook_that_does_not_verify_is_refused_and_leaves_no_trace() {
    let house = House::open().await;
    let body = payment_updated("e1");
    let good = square_signed(&house, &body);
    let url = house.hooks.url("square");
    refused(&house, "square", &good, &body.replace("ORDER-1", "ORDER-2"), "a tampered body").await;
    refused(&house, "square", &good, &format!("{body} "), "a byte more").await;
    refused(&house, "square", &HeaderMap::new(), &body, "a missing header").await;
    let forged = square_signature("another key", &url, &body);
    refused(&house, "square", &headers(&[("x-square-hmacsha256-signature", &forged)]), &body, "a wrong key")
        .await;
    let empty = square_signature("", &url, &body);
    refused(&house, "square", &headers(&[("x-square-hmacsha256-signature", &empty)]), &body, "an empty key")
        .await;
    let key = &house.sim.credentials().square.signature_key;
    let elsewhere = square_signature(key, "http://elsewhere.example/", &body);
    refused(
        &house,
        "square",
        &headers(&[("x-square-hmacsha256-signature", &elsewhere)]),
        &body,
        "another URL",
    )
    .await;
    for text in ["", "AAAA", "not base64!", "="] {
        refused(&house, "square", &headers(&[("x-square-hmacsha256-signature", text)]), &body, text).await;
    }
    let mut twice = good.clone();
    twice.append("x-square-hmacsha256-signature", good["x-square-hmacsha256-signature"].clone());
    refused(&house, "square", &twice, &body, "the header twice").await;
}

fn deal_changed(event_id: u64) -> String {
    json!([{
        "eventId": event_id, "subscriptionId": 1, "portalId": 46_128_835, "occurredAt": 1_795_000_000_000_u64,
        "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": 31_400_500_601_u64,
        "propertyName": "dealstage", "propertyValue": "closedwon",
    }])
    .to_string()
}

fn hubspot_signed(house: &House, body: &str, seconds_from_now: i64) -> HeaderMap {
    let secret = &house.sim.credentials().hubspot.client_secret;
    let at = (house.clock.now().timestamp_millis() + seconds_from_now * 1000).to_string();
    let signature = hubspot_signature_v3(secret, "POST", &house.hooks.url("hubspot"), body, &at);
    headers(&[("x-hubspot-signature-v3", &signature), ("x-hubspot-request-timestamp", &at)])
}

#[tokio::test]
async fn a_hubspot_webhook_that_does_not_verify_is_refused_and_leaves_no_trace() {
    let house = House::open().await;
    let body = deal_changed(1);
    let secret = &house.sim.credentials().hubspot.client_secret;
    let url = house.hooks.url("hubspot");
    refused(
        &house,
        "hubspot",
        &hubspot_signed(&house, &body, 0),
        &body.replace("won", "lost"),
        "a tampered body",
    )
    .await;
    refused(&house, "hubspot", &hubspot_signed(&house, &body, -301), &body, "a stale timestamp").await;
    refused(&house, "hubspot", &hubspot_signed(&house, &body, 301), &body, "a timestamp in the future").await;
    refused(&house, "hubspot", &hubspot_signed(&house, &body, 86_400 * 365), &body, "a year ahead").await;
    refused(&house, "hubspot", &HeaderMap::new(), &body, "no headers").await;
    for name in ["x-hubspot-signature-v3", "x-hubspot-request-timestamp"] {
        let mut without = hubspot_signed(&house, &body, 0);
        without.remove(name);
        refused(&house, "hubspot", &without, &body, name).await;
    }
    let mut moved = hubspot_signed(&house, &body, 0);
    let later = (house.clock.now().timestamp_millis() + 1).to_string();
    moved.insert("x-hubspot-request-timestamp", later.parse().unwrap());
    refused(&house, "hubspot", &moved, &body, "another timestamp than was signed").await;
    let v1 = hubspot_signature_v1(secret, &body);
    let v2 = hubspot_signature_v2(secret, "POST", &url, &body);
    for (version, signature) in [("v1", v1), ("v2", v2)] {
        let at = house.clock.now().timestamp_millis().to_string();
        let old = headers(&[
            ("x-hubspot-signature", &signature),
            ("x-hubspot-signature-version", version),
            ("x-hubspot-request-timestamp", &at),
        ]);
        refused(&house, "hubspot", &old, &body, version).await;
    }
}

#[tokio::test]
async fn the_edge_of_the_tolerance_is_still_accepted() {
    let house = House::open().await;
    for (nth, offset) in [-300, 0, 300].into_iter().enumerate() {
        let body = deal_changed(nth as u64);
        let receipt = give(&house, "hubspot", &hubspot_signed(&house, &body, offset), &body).await;
        assert_eq!((receipt.status, receipt.new), (200, 1), "{offset} s");
    }
}

async fn give(house: &House, target: &str, headers: &HeaderMap, body: &str) -> Receipt {
    house.engine.receive(target, "POST", "http://elsewhere.example/", headers, body.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn a_verified_webhook_that_cannot_be_read_is_answered_and_kept_as_it_came() {
    let house = House::open().await;
    let mut kept = 0;
    let bodies = ["", "{", "[]", "null", "not json", "{\"type\":17}", "{\"merchant_id\":\"SIMMERCHANT01\"}"];
    for body in bodies {
        let receipt = give(&house, "square", &square_signed(&house, body), body).await;
        assert_eq!((receipt.status, receipt.new), (200, 0), "{body:?}");
        kept += 1;
        assert_eq!(traces(&house).await, [kept, 0, 0, 0], "{body:?}");
        // A platform that repeats it adds nothing.
        let id = connection(&house, "square");
        assert_eq!(give(&house, &id, &square_signed(&house, body), body).await.status, 200);
        assert_eq!(traces(&house).await, [kept, 0, 0, 0], "{body:?} again");
    }
    for body in ["{}", "[17]", "[{}]", "[[]]"] {
        let receipt = give(&house, "hubspot", &hubspot_signed(&house, body, 0), body).await;
        assert_eq!((receipt.status, receipt.new), (200, 0), "{body:?}");
        kept += 1;
        assert_eq!(traces(&house).await, [kept, 0, 0, 0], "{body:?}");
    }
    house.settle().await;
    assert!(house.engine.dead_letters(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unknown_kind_of_event_is_answered_kept_and_makes_no_job() {
    let house = House::open().await;
    for (nth, kind) in ["loyalty.event.created", "inventory.count.updated", "dispute.state.updated", "x"]
        .into_iter()
        .enumerate()
    {
        let body = json!({"merchant_id": "SIMMERCHANT01", "type": kind, "event_id": format!("e{nth}"), "data": {"object": {"thing": 1}}});
        let body = body.to_string();
        let receipt = give(&house, "square", &square_signed(&house, &body), &body).await;
        assert_eq!((receipt.status, receipt.new), (200, 1), "{kind}");
        let seen = nth as i64 + 1;
        assert_eq!(traces(&house).await, [seen, seen, 0, 0], "{kind}");
    }
    let body =
        json!([{"eventId": 5, "portalId": 46_128_835, "subscriptionType": "ticket.creation", "objectId": 1}])
            .to_string();
    let receipt = give(&house, "hubspot", &hubspot_signed(&house, &body, 0), &body).await;
    assert_eq!((receipt.status, receipt.new), (200, 1));
    assert_eq!(house.rows("jobs").await, 0);
}

#[tokio::test]
async fn an_event_of_another_account_is_not_taken_for_ours() {
    let house = House::open().await;
    let body = payment_updated("e1").replace("SIMMERCHANT01", "SOMEONE-ELSE");
    for target in ["square".to_owned(), connection(&house, "square")] {
        let receipt = give(&house, &target, &square_signed(&house, &body), &body).await;
        assert_eq!((receipt.status, receipt.new), (200, 0), "{target}");
    }
    assert_eq!((house.rows("events").await, house.rows("jobs").await), (0, 0));
}

#[tokio::test]
async fn a_webhook_for_an_order_that_does_not_exist_is_given_up_with_its_reason() {
    let house = House::open().await;
    let body = payment_updated("e1");
    assert_eq!(give(&house, "square", &square_signed(&house, &body), &body).await.new, 1);
    house.settle().await;
    let letters = house.engine.dead_letters(None).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].error_kind.to_lowercase().contains("not"), "{letters:?}");
    assert!(house.documents().await.is_empty());
}

#[tokio::test]
async fn one_bad_event_does_not_keep_the_next_from_coming_through() {
    let house = House::open().await;
    let body = "not json";
    give(&house, "square", &square_signed(&house, body), body).await;
    let tampered: Value = serde_json::from_str(&payment_updated("e1")).unwrap();
    assert_eq!(give(&house, "square", &HeaderMap::new(), &tampered.to_string()).await.status, 401);
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}
