//! Square sells in Lagos: its requests, its pages, its errors and its webhooks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Inbox, Run};
use serde_json::{Value, json};
use taxpoynt_sim::{Fault, FaultKind, Receiver, Sale, square_signature};

const LOCATION: &str = "SIMLOCLAGOS01";

fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_seller_its_location_and_its_customer_can_be_read() {
    let run = Run::start().await;
    let (_, merchant) = run.square("GET", "v2/merchants/me", None).await;
    assert_eq!(merchant["merchant"]["id"], run.sim.credentials().square.merchant_id.as_str());
    let (_, location) = run.square("GET", &format!("v2/locations/{LOCATION}"), None).await;
    let location = &location["location"];
    assert_eq!(
        (location["timezone"].clone(), location["currency"].clone()),
        (json!("Africa/Lagos"), json!("NGN"))
    );
    let (_, locations) = run.square("GET", "v2/locations", None).await;
    assert_eq!(ids(&locations["locations"]), [LOCATION]);
    let asked = json!({"customer_ids": ["SIMCUSTOMERKOLA00000000001", "NOBODY"]});
    let (_, customers) = run.square("POST", "v2/customers/bulk-retrieve", Some(&asked)).await;
    let customer = &customers["responses"]["SIMCUSTOMERKOLA00000000001"]["customer"];
    assert!(customer["reference_id"].as_str().unwrap().starts_with("TIN:"));
    assert_eq!(customers["responses"]["NOBODY"]["errors"][0]["code"], "NOT_FOUND");
    let (_, status) = run.square("POST", "oauth2/token/status", None).await;
    assert_eq!(status["merchant_id"], run.sim.credentials().square.merchant_id.as_str());
}

#[tokio::test]
async fn a_sale_can_be_read_as_order_and_payment() {
    let run = Run::start().await;
    let order_id = run.sim.square().sell(Sale::B2b).await.id;
    let (_, order) = run.square("GET", &format!("v2/orders/{order_id}"), None).await;
    let order = &order["order"];
    assert_eq!((order["state"].clone(), order["customer_id"].is_string()), (json!("COMPLETED"), true));
    assert_eq!(order["closed_at"], "2026-11-20T09:59:59.000Z");
    assert!(order.get("version").is_none(), "orders of the till carry no version");
    let payment_id = order["tenders"][0]["id"].as_str().unwrap();
    let (_, payment) = run.square("GET", &format!("v2/payments/{payment_id}"), None).await;
    assert_eq!(payment["payment"]["order_id"], order_id.as_str());
    assert_eq!(payment["payment"]["total_money"], order["total_money"]);
    let walk_in = run.sim.square().sell(Sale::WalkIn).await.id;
    let asked = json!({"order_ids": [walk_in, "NONE", order_id]});
    let (_, batch) = run.square("POST", "v2/orders/batch-retrieve", Some(&asked)).await;
    assert_eq!(ids(&batch["orders"]), [walk_in.as_str(), order_id.as_str()]);
    assert!(batch["orders"][0].get("customer_id").is_none());
    assert_eq!(batch["orders"][0]["tenders"][0]["type"], "CASH");
}

#[tokio::test]
async fn a_partial_refund_is_a_refund_and_a_return_order() {
    let run = Run::start().await;
    assert!(run.sim.square().refund_partially().await.is_err(), "nothing was sold yet");
    let sold = run.sim.square().sell(Sale::B2b).await.id;
    let refund_id = run.sim.square().refund_partially().await.unwrap().id;
    let (_, refund) = run.square("GET", &format!("v2/refunds/{refund_id}"), None).await;
    let refund = &refund["refund"];
    assert_eq!(refund["status"], "COMPLETED");
    let (_, order) =
        run.square("GET", &format!("v2/orders/{}", refund["order_id"].as_str().unwrap()), None).await;
    let back = &order["order"]["returns"][0];
    assert_eq!(
        (order["order"]["state"].clone(), back["source_order_id"].clone()),
        (json!("COMPLETED"), json!(sold))
    );
    let line = &back["return_line_items"][0];
    assert_eq!(
        (line["quantity"].clone(), line["source_line_item_uid"].clone()),
        (json!("1"), json!("line-tray"))
    );
    assert_eq!(line["total_money"], refund["amount_money"]);
    assert_eq!(order["order"]["return_amounts"]["total_money"], refund["amount_money"]);
    let (_, listed) = run.square("GET", "v2/refunds", None).await;
    assert_eq!(ids(&listed["refunds"]), [refund_id.as_str()]);
    let (_, payment) = run.square("GET", "v2/payments/SIMB2BPAYMENT000001", None).await;
    assert_eq!(payment["payment"]["refunded_money"], refund["amount_money"]);
}

fn search(start: &str, end: &str, limit: u32) -> Value {
    json!({
        "location_ids": [LOCATION], "limit": limit,
        "query": {
            "filter": {
                "state_filter": {"states": ["COMPLETED", "CANCELED"]},
                "date_time_filter": {"updated_at": {"start_at": start, "end_at": end}},
            },
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        },
    })
}

#[tokio::test]
async fn search_pages_through_every_order_once_and_both_ends_belong_to_the_range() {
    let run = Run::start().await;
    let mut sold = Vec::new();
    for _ in 0..5 {
        sold.push(run.sim.square().sell(Sale::WalkIn).await.id);
    }
    let mut asked = search("2026-11-20T09:59:59.000Z", "2026-11-20T09:59:59.004Z", 2);
    let mut found = Vec::new();
    loop {
        let (status, page) = run.square("POST", "v2/orders/search", Some(&asked)).await;
        assert_eq!(status, 200, "{page}");
        found.extend(ids(&page["orders"]));
        if page["cursor"].is_null() {
            break;
        }
        asked["cursor"] = page["cursor"].clone();
    }
    assert_eq!(found, sold);
    let inner = search("2026-11-20T09:59:59.001Z", "2026-11-20T09:59:59.003Z", 500);
    let (_, page) = run.square("POST", "v2/orders/search", Some(&inner)).await;
    assert_eq!(ids(&page["orders"]), sold[1..4]);
    let later = search("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", 500);
    assert_eq!(run.square("POST", "v2/orders/search", Some(&later)).await, (200, json!({})));
}

#[tokio::test]
async fn entries_name_orders_and_leave_out_the_version_a_till_does_not_give() {
    let run = Run::start().await;
    let order_id = run.sim.square().sell(Sale::WalkIn).await.id;
    let asked = json!({"location_ids": [LOCATION], "return_entries": true});
    let (_, page) = run.square("POST", "v2/orders/search", Some(&asked)).await;
    assert_eq!(page, json!({"order_entries": [{"order_id": order_id, "location_id": LOCATION}]}));
}

#[tokio::test]
async fn a_cursor_continues_only_its_own_query() {
    let run = Run::start().await;
    for _ in 0..2 {
        run.sim.square().sell(Sale::WalkIn).await;
    }
    let mut asked = search("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", 1);
    let (_, page) = run.square("POST", "v2/orders/search", Some(&asked)).await;
    asked = search("2026-11-19T00:00:00Z", "2026-11-21T00:00:00Z", 1);
    asked["cursor"] = page["cursor"].clone();
    let (status, refused) = run.square("POST", "v2/orders/search", Some(&asked)).await;
    assert_eq!((status, refused["errors"][0]["code"].clone()), (400, json!("INVALID_CURSOR")));
}

#[tokio::test]
async fn a_search_that_square_would_refuse_is_refused() {
    let run = Run::start().await;
    let right = search("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", 1);
    let table = [
        ("/location_ids", json!([]), "MISSING_REQUIRED_PARAMETER"),
        ("/location_ids", json!(vec!["L"; 11]), "ARRAY_LENGTH_TOO_LONG"),
        ("/limit", json!(1001), "VALUE_TOO_HIGH"),
        ("/limit", json!(0), "VALUE_TOO_LOW"),
        ("/query/sort/sort_field", json!("CREATED_AT"), "BAD_REQUEST"),
        ("/query/sort/sort_field", json!("NAME"), "INVALID_ENUM_VALUE"),
        (
            "/query/filter/date_time_filter/created_at",
            json!({"start_at": "2026-11-20T00:00:00Z"}),
            "BAD_REQUEST",
        ),
        ("/query/filter/date_time_filter/updated_at/start_at", json!("yesterday"), "INVALID_TIME"),
    ];
    for (pointer, value, code) in table {
        let mut asked = right.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        asked.pointer_mut(parent).unwrap()[name] = value;
        let (status, refused) = run.square("POST", "v2/orders/search", Some(&asked)).await;
        assert_eq!((status, refused["errors"][0]["code"].clone()), (400, json!(code)), "{pointer}");
    }
    let mut closed = right.clone();
    closed["query"] = json!({
        "filter": {"date_time_filter": {"closed_at": {"start_at": "2026-11-20T00:00:00Z"}}},
        "sort": {"sort_field": "CLOSED_AT"},
    });
    assert_eq!(run.square("POST", "v2/orders/search", Some(&closed)).await.0, 400);
}

#[tokio::test]
async fn payments_page_and_filter_by_their_change() {
    let run = Run::start().await;
    for _ in 0..3 {
        run.sim.square().sell(Sale::WalkIn).await;
    }
    let path = "v2/payments?sort_field=UPDATED_AT&sort_order=ASC&limit=2";
    let (_, first) = run.square("GET", path, None).await;
    let cursor = first["cursor"].as_str().unwrap();
    let (_, second) = run.square("GET", &format!("{path}&cursor={cursor}"), None).await;
    assert_eq!(ids(&first["payments"]).len() + ids(&second["payments"]).len(), 3);
    assert!(second["cursor"].is_null());
    let since = "v2/payments?updated_at_begin_time=2026-11-20T09:59:59.002Z&sort_field=UPDATED_AT";
    let (_, changed) = run.square("GET", since, None).await;
    assert_eq!(ids(&changed["payments"]), ["SIMWALKINPAYMENT000003"]);
}

#[tokio::test]
async fn a_sale_tells_the_webhook_with_squares_signature() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    run.control("POST", "square/webhook_url", Some(&json!({"url": inbox.url}))).await;
    let (_, answer) = run.control("POST", "square/sales/b2b", None).await;
    assert_eq!(answer["status"], 204);
    let received = &inbox.received()[0];
    let key = &run.sim.credentials().square.signature_key;
    let signature = square_signature(key, &inbox.url, &received.body);
    assert_eq!(received.header("x-square-hmacsha256-signature"), signature);
    let event = received.json();
    assert_eq!(
        (event["type"].clone(), event["event_id"].clone()),
        (json!("payment.updated"), json!("5ca1ab1e-0000-4000-8000-000000000001"))
    );
    assert_eq!(event["data"]["object"]["payment"]["order_id"], answer["id"]);
    assert_eq!(received.header("square-retry-number"), "");
}

#[tokio::test]
async fn a_webhook_comes_again_unchanged_but_counted() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    // Sold before anyone listened: it comes when everything is sent again.
    run.sim.square().sell(Sale::WalkIn).await;
    run.sim.square().set_webhook_url(Some(Receiver::from(inbox.url.as_str())));
    run.sim.square().sell(Sale::B2b).await;
    let again = run.sim.redeliver().await;
    assert_eq!(again.iter().map(|delivery| delivery.attempt).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(run.sim.redeliver().await[0].attempt, 2);
    let received = inbox.received();
    assert_eq!(received.len(), 5);
    assert_eq!(
        (received[0].body.clone(), received[2].header("square-retry-number")),
        (received[2].body.clone(), "1")
    );
    assert_eq!(
        received[0].header("x-square-hmacsha256-signature"),
        received[2].header("x-square-hmacsha256-signature")
    );
}

#[tokio::test]
async fn behind_a_proxy_the_public_url_is_signed() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    let public = "https://shop.example/webhooks/square";
    let to = json!({"url": inbox.url, "signed_url": public});
    run.control("POST", "square/webhook_url", Some(&to)).await;
    run.sim.square().sell(Sale::WalkIn).await;
    let received = &inbox.received()[0];
    let expected = square_signature(&run.sim.credentials().square.signature_key, public, &received.body);
    assert_eq!(received.header("x-square-hmacsha256-signature"), expected);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_as_an_error() {
    let run = Run::start().await;
    run.sim.square().set_webhook_url(Some(Receiver::from("http://127.0.0.1:9/none")));
    let happened = run.sim.square().sell(Sale::WalkIn).await;
    assert_eq!(happened.status(), None);
    assert!(happened.deliveries[0].error.is_some());
}

#[tokio::test]
async fn errors_come_in_squares_envelope_with_the_version_echoed() {
    let run = Run::start().await;
    let url = format!("{}v2/locations", run.sim.urls().square);
    let response = run.raw("GET", url, &[("square-version", "2026-05-20")], None).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.headers()["square-version"].clone()),
        (401, "2026-05-20".parse().unwrap())
    );
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body["errors"][0]["category"], "AUTHENTICATION_ERROR");
    let (status, missing) = run.square("GET", "v2/orders/NONE", None).await;
    assert_eq!((status, missing["errors"][0]["code"].clone()), (404, json!("NOT_FOUND")));
    run.sim.square().fail_next(Fault::next("order", FaultKind::TooManyRequests));
    let (status, limited) = run.square("GET", "v2/orders/NONE", None).await;
    assert_eq!((status, limited["errors"][0]["code"].clone()), (429, json!("RATE_LIMITED")));
}

#[tokio::test]
async fn an_order_of_ones_own_is_served_and_told() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    run.sim.square().set_webhook_url(Some(Receiver::from(inbox.url.as_str())));
    let order = json!({"id": "MINE1", "location_id": LOCATION, "state": "COMPLETED", "updated_at": "2026-11-20T09:00:00Z"});
    let (_, answer) = run.control("POST", "square/orders", Some(&order)).await;
    assert_eq!((answer["id"].clone(), answer["status"].clone()), (json!("MINE1"), json!(204)));
    let notice = inbox.received()[0].json()["data"]["object"]["order_updated"].clone();
    assert_eq!((notice["order_id"].clone(), notice.get("version")), (json!("MINE1"), None));
    let record = json!({
        "order": {"id": "MINE2", "location_id": "OTHER"}, "payments": [{"id": "PAY2", "order_id": "MINE2"}],
        "customer": {"id": "CUST2"}, "location": {"id": "OTHER", "timezone": "Africa/Lagos"},
    });
    run.control("POST", "square/orders", Some(&record)).await;
    assert_eq!(inbox.received()[1].json()["type"], "payment.updated");
    for path in ["orders/MINE2", "payments/PAY2", "customers/CUST2", "locations/OTHER"] {
        assert_eq!(run.square("GET", &format!("v2/{path}"), None).await.0, 200, "{path}");
    }
    assert_eq!(run.control("POST", "square/orders", Some(&json!({"order": {}}))).await.0, 409);
}
