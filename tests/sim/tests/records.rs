//! Records change while they are read, show late, are many, broken or gone; and calls can be too many.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use chrono::TimeDelta;
use common::desk::Desk;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use taxpoynt_sim::{Act, Cue, FaultKind, Options, Sale, Sim, Spoil, Stock};

fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

fn orders(limit: u32, cursor: Option<&Value>) -> Value {
    let mut asked = json!({
        "location_ids": ["SIMLOCLAGOS01"], "limit": limit,
        "query": {
            "filter": {"date_time_filter": {"updated_at": {"start_at": "2026-01-01T00:00:00Z"}}},
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        },
    });
    if let Some(cursor) = cursor {
        asked["cursor"] = cursor.clone();
    }
    asked
}

async fn all_orders(desk: &Desk, limit: u32) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let (status, page) = desk.square("POST", "v2/orders/search", &orders(limit, cursor.as_ref())).await;
        assert_eq!(status, 200, "{page}");
        found.extend(ids(&page["orders"]));
        match page.get("cursor") {
            Some(next) => cursor = Some(next.clone()),
            None => return found,
        }
    }
}

const SEARCH: &str = "crm/objects/2026-09/deals/search";

fn deals(filters: &Value, limit: u32, after: u32) -> Value {
    json!({
        "filterGroups": [{"filters": filters}], "limit": limit, "after": after.to_string(),
        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
    })
}

fn stock(count: u32) -> Stock {
    let at = |text: &str| text.parse().unwrap();
    Stock { seed: 5, count, from: at("2026-11-01T00:00:00Z"), to: at("2026-11-02T00:00:00Z"), equal: 200 }
}

#[tokio::test]
async fn a_record_that_changes_between_two_pages_shifts_the_others() {
    let desk = Desk::open();
    let made = desk.sim.square().stock(&stock(9));
    let all: BTreeSet<String> = all_orders(&desk, 4).await.into_iter().collect();
    assert_eq!(all, made.ids.iter().cloned().collect());
    let first = all_orders(&desk, 4).await[0].clone();
    desk.sim.square().cue(Cue { endpoint: "orders_search".into(), after: 1, act: Act::Touch(first.clone()) });
    let found = all_orders(&desk, 4).await;
    assert_eq!(found.iter().filter(|id| **id == first).count(), 2, "it is seen again at its new place");
    let missed = all.iter().filter(|id| !found.contains(id)).count();
    assert_eq!(missed, 1, "and one that moved up is seen by nobody");
}

#[tokio::test]
async fn by_seed_pages_shift_in_the_same_way_again() {
    let run = async |seed: u64| {
        let desk = Desk::open();
        desk.sim.square().stock(&stock(40));
        let plan = json!({"seed": seed, "shifts": 700, "calls": 0});
        desk.control("POST", "square/plan", &plan).await;
        (all_orders(&desk, 5).await, desk.sim.square().journal())
    };
    assert_eq!(run(1).await, run(1).await);
    assert_ne!(run(1).await.0, run(2).await.0);
}

#[tokio::test]
async fn the_same_seed_writes_the_same_journal() {
    let run = async |seed: u64| {
        let desk = Desk::open();
        desk.control(
            "POST",
            "hubspot/plan",
            &json!({"seed": seed, "kinds": ["500", "503", "429", "404", "empty"]}),
        )
        .await;
        for nth in 0..60 {
            desk.hubspot("GET", &format!("crm/objects/2026-09/deals/{}", nth % 20), &Value::Null).await;
        }
        desk.sim.hubspot().journal()
    };
    let one = run(11).await;
    assert_eq!(one, run(11).await);
    assert!(one.iter().any(|call| call.fault.is_some()) && one.iter().any(|call| call.fault.is_none()));
    assert_ne!(one, run(12).await);
}

#[tokio::test]
async fn a_search_sees_a_change_only_after_its_lag_and_a_read_sees_it_at_once() {
    let desk = Desk::open();
    let deal = desk.sim.hubspot().deal_id();
    desk.sim.hubspot().set_search_lag(TimeDelta::seconds(30));
    desk.sim.square().set_search_lag(TimeDelta::seconds(30));
    desk.sim.hubspot().change(deal, "dealname", "Renamed").await.unwrap();
    let sold = desk.sim.square().sell(Sale::WalkIn).await.id;
    let named = json!([{"propertyName": "dealname", "operator": "EQ", "value": "Renamed"}]);
    let before = json!([{"propertyName": "dealname", "operator": "EQ", "value": "Cold room sensors"}]);
    let total =
        async |filters: &Value| desk.hubspot("POST", SEARCH, &deals(filters, 10, 0)).await.1["total"].clone();
    assert_eq!((total(&named).await, total(&before).await), (json!(0), json!(1)), "the index shows what was");
    let path = format!("crm/objects/2026-09/deals/{deal}?properties=dealname");
    assert_eq!(desk.hubspot("GET", &path, &Value::Null).await.1["properties"]["dealname"], "Renamed");
    assert!(all_orders(&desk, 10).await.is_empty());
    assert_eq!(desk.square("GET", &format!("v2/orders/{sold}"), &Value::Null).await.0, 200);
    desk.pass(TimeDelta::seconds(30));
    assert_eq!((total(&named).await, total(&before).await), (json!(1), json!(0)));
    assert_eq!(all_orders(&desk, 10).await, [sold]);
}

#[tokio::test]
async fn without_a_lag_a_search_sees_everything_however_fast_it_came() {
    let (sim, direct) = Sim::in_process(Options::default()).unwrap();
    for nth in 0..400 {
        sim.hubspot().put(&json!({"deal": {"id": format!("7{nth:05}"), "properties": {}}})).unwrap();
    }
    let request = http::Request::post(format!("{}{SEARCH}", sim.urls().hubspot))
        .header("authorization", format!("Bearer {}", sim.credentials().hubspot.access_token))
        .body("{}".into())
        .unwrap();
    let found = common::desk::json(&direct.call(request).await.unwrap());
    assert_eq!((found.0, found.1["total"].clone()), (200, json!(401)));
}

#[tokio::test]
async fn an_order_that_comes_late_carries_its_old_time() {
    let desk = Desk::open();
    let late = json!({"id": "LATE1", "location_id": "SIMLOCLAGOS01", "state": "COMPLETED",
        "created_at": "2026-11-17T10:00:00Z", "updated_at": "2026-11-17T10:00:05Z"});
    desk.sim.square().cue(Cue { endpoint: "orders_search".into(), after: 1, act: Act::Put(late) });
    assert!(all_orders(&desk, 10).await.is_empty());
    assert_eq!(all_orders(&desk, 10).await, ["LATE1"]);
}

#[tokio::test]
async fn hubspot_ends_every_search_at_ten_thousand() {
    let desk = Desk::open();
    let made = desk.sim.hubspot().stock(&stock(10_150));
    let won = json!([{"propertyName": "dealstage", "operator": "EQ", "value": "closedwon"}]);
    let (status, last) = desk.hubspot("POST", SEARCH, &deals(&won, 200, 9_800)).await;
    assert_eq!((status, last["total"].clone()), (200, json!(10_150)));
    assert_eq!(last["paging"]["next"]["after"], "10000");
    let (status, refused) = desk.hubspot("POST", SEARCH, &deals(&won, 200, 10_000)).await;
    assert_eq!((status, refused["category"].clone()), (400, json!("VALIDATION_ERROR")));
    assert_eq!(made.ids.iter().collect::<BTreeSet<_>>().len(), 10_150);
    let (_, one) = desk
        .hubspot(
            "GET",
            &format!("crm/objects/2026-09/deals/{}?associations=line_items,companies", made.ids[0]),
            &Value::Null,
        )
        .await;
    assert_eq!(ids(&one["associations"]["line items"]["results"]).len(), 1);
}

#[tokio::test]
async fn counts_and_sums_of_a_day_agree_with_what_was_made() {
    let desk = Desk::open();
    let sales = desk.sim.square().stock(&stock(60));
    let mut sum = 0;
    for id in all_orders(&desk, 25).await {
        let (_, order) = desk.square("GET", &format!("v2/orders/{id}"), &Value::Null).await;
        sum += order["order"]["total_money"]["amount"].as_i64().unwrap();
    }
    assert_eq!(sum, sales.sum);
    let deals_made = desk.sim.hubspot().stock(&stock(60));
    let won = json!([{"propertyName": "dealstage", "operator": "EQ", "value": "closedwon"}]);
    let mut asked = deals(&won, 100, 0);
    asked["properties"] = json!(["amount"]);
    let (_, page) = desk.hubspot("POST", SEARCH, &asked).await;
    let kobo = |deal: &Value| {
        deal["properties"]["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap()
    };
    assert_eq!(page["results"].as_array().unwrap().iter().map(kobo).sum::<i64>(), deals_made.sum);
    assert_eq!(desk.sim.square().stock(&stock(0)).sum, 0);
    let times: BTreeSet<String> = page["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|deal| deal["properties"]["hs_lastmodifieddate"].as_str().unwrap().to_owned())
        .collect();
    assert!(times.len() < 55, "some share their time: {}", times.len());
}

#[tokio::test]
async fn an_archived_deal_is_gone_but_for_those_who_ask_for_the_archive() {
    let desk = Desk::open();
    let hubspot = desk.sim.hubspot();
    let deal = hubspot.deal_id();
    hubspot.archive(deal).await.unwrap();
    assert!(hubspot.archive(deal).await.is_err() && hubspot.win(deal).await.is_err());
    let path = format!("crm/objects/2026-09/deals/{deal}");
    assert_eq!(desk.hubspot("GET", &path, &Value::Null).await.0, 404);
    let (status, gone) = desk.hubspot("GET", &format!("{path}?archived=true"), &Value::Null).await;
    assert_eq!((status, gone["archived"].clone()), (200, json!(true)));
    assert!(gone["archivedAt"].is_string());
    assert_eq!(desk.hubspot("POST", SEARCH, &json!({})).await.1["total"], 0);
    let list = async |query: &str| {
        ids(
            &desk.hubspot("GET", &format!("crm/objects/2026-09/deals{query}"), &Value::Null).await.1["results"],
        )
    };
    assert!(list("").await.is_empty());
    assert_eq!(list("?archived=true").await, [deal]);
    hubspot.restore(deal).await.unwrap();
    assert_eq!(list("").await, [deal]);
    assert!(hubspot.restore(deal).await.is_err());
}

#[tokio::test]
async fn a_cancelled_order_stays_and_says_so() {
    let desk = Desk::open();
    let sold = desk.sim.square().sell(Sale::WalkIn).await.id;
    desk.sim.square().cancel(&sold).await.unwrap();
    let (_, order) = desk.square("GET", &format!("v2/orders/{sold}"), &Value::Null).await;
    assert_eq!(order["order"]["state"], "CANCELED");
    let (_, payment) = desk.square("GET", "v2/payments/SIMWALKINPAYMENT000001", &Value::Null).await;
    assert_eq!(payment["payment"]["status"], "CANCELED");
    assert!(desk.sim.square().cancel("NONE").await.is_err());
}

#[tokio::test]
async fn a_spoiled_record_is_broken_and_the_others_of_its_page_are_not() {
    for how in Spoil::ALL {
        let desk = Desk::open();
        let sold: Vec<String> =
            [desk.sim.square().sell(Sale::B2b).await.id, desk.sim.square().sell(Sale::B2b).await.id].into();
        let (_, before) = desk.square("POST", "v2/orders/search", &orders(10, None)).await;
        assert!(desk.sim.square().spoil(&sold[0], how) && !desk.sim.square().spoil("NONE", how));
        let (_, after) = desk.square("POST", "v2/orders/search", &orders(10, None)).await;
        let of = |page: &Value, id: &str| {
            let all = page["orders"].as_array().unwrap();
            all.iter().find(|order| order["id"] == id).cloned()
        };
        assert_ne!(of(&before, &sold[0]), of(&after, &sold[0]), "{how:?}");
        if of(&after, &sold[1]).is_some() {
            assert_eq!(of(&before, &sold[1]), of(&after, &sold[1]), "{how:?}");
        }
        let line = "41400500901";
        assert!(desk.sim.hubspot().spoil(line, how));
    }
    let desk = Desk::open();
    for _ in 0..3 {
        desk.sim.square().sell(Sale::WalkIn).await;
    }
    desk.control("POST", "square/faults", &json!({"endpoint": "orders_search", "fault": "malformed"})).await;
    let (status, page) = desk.square("POST", "v2/orders/search", &orders(10, None)).await;
    assert_eq!((status, page["orders"][1]["line_items"].clone()), (200, json!("a list")));
    assert!(page["orders"][0]["line_items"].is_array() && page["orders"][2]["line_items"].is_array());
}

#[tokio::test]
async fn each_platform_fault_shows_as_its_platform_words_it() {
    let desk = Desk::open();
    for (kind, hubspot, square) in [
        (FaultKind::Expired, (401, "EXPIRED_AUTHENTICATION"), (401, "ACCESS_TOKEN_EXPIRED")),
        (FaultKind::Forbidden, (403, "MISSING_SCOPES"), (403, "INSUFFICIENT_SCOPES")),
        (FaultKind::NotFound, (404, "OBJECT_NOT_FOUND"), (404, "NOT_FOUND")),
        (FaultKind::DailyQuota, (429, "DAILY"), (429, "RATE_LIMITED")),
        (FaultKind::Secondly, (429, "SECONDLY"), (429, "RATE_LIMITED")),
        (FaultKind::Unavailable, (503, "SERVICE_UNAVAILABLE"), (503, "SERVICE_UNAVAILABLE")),
        (FaultKind::GatewayTimeout, (504, "TIMEOUT"), (504, "GATEWAY_TIMEOUT")),
        (FaultKind::Locked, (423, "LOCKED"), (423, "INTERNAL_SERVER_ERROR")),
        (FaultKind::Migrating, (477, "MIGRATION_IN_PROGRESS"), (477, "INTERNAL_SERVER_ERROR")),
        (FaultKind::PlainText, (503, ""), (503, "")),
        (FaultKind::HtmlOk, (200, ""), (200, "")),
        (FaultKind::Empty, (200, ""), (200, "")),
    ] {
        let order = json!({"endpoint": "*", "fault": kind});
        for platform in ["square", "hubspot"] {
            desk.control("POST", &format!("{platform}/faults"), &order).await;
        }
        let (status, body) = desk.hubspot("GET", "account-info/2026-03/details", &Value::Null).await;
        let said = body["policyName"].as_str().or(body["category"].as_str()).unwrap_or_default();
        assert_eq!((status, said), hubspot, "{kind:?}");
        let (status, body) = desk.square("GET", "v2/locations", &Value::Null).await;
        assert_eq!((status, body["errors"][0]["code"].as_str().unwrap_or_default()), square, "{kind:?}");
    }
}

/// The limits that an answer's headers tell: left in the window, left of the day.
async fn left(desk: &Desk, token: &str) -> (u16, Option<u32>, Option<u32>) {
    let bearer = format!("Bearer {token}");
    let url = format!("{}account-info/2026-03/details", desk.sim.urls().hubspot);
    let response = desk.raw("GET", &url, &[("authorization", &bearer)], Vec::new()).await;
    let of = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().parse().unwrap());
    let (window, day) = ("x-hubspot-ratelimit-remaining", "x-hubspot-ratelimit-daily-remaining");
    (response.status().as_u16(), of(window), of(day))
}

#[tokio::test]
async fn hubspot_counts_down_and_refuses_beyond_its_limits_until_their_time_is_over() {
    let desk = Desk::open();
    let own = desk.sim.credentials().hubspot.access_token.clone();
    assert_eq!(left(&desk, &own).await, (200, Some(189), Some(624_999)));
    desk.sim.hubspot().set_limits(|limits| {
        limits.enforced = true;
        (limits.burst, limits.daily, limits.searches) = (3, Some(5), Some(2));
    });
    assert_eq!(left(&desk, &own).await, (200, Some(1), Some(3)));
    assert_eq!(left(&desk, &own).await.0, 200);
    let path = "account-info/2026-03/details";
    let (status, body) = desk.hubspot("GET", path, &Value::Null).await;
    assert_eq!((status, body["policyName"].clone()), (429, json!("TEN_SECONDLY_ROLLING")));
    desk.pass(TimeDelta::seconds(10));
    assert_eq!(left(&desk, &own).await, (200, Some(2), Some(1)), "what was refused does not count");
    left(&desk, &own).await;
    let (status, body) = desk.hubspot("GET", path, &Value::Null).await;
    assert_eq!((status, body["policyName"].clone()), (429, json!("DAILY")));
    let oauth = desk.sim.hubspot().oauth().grant(&["oauth"], false).access_token;
    assert_eq!(left(&desk, &oauth).await, (200, Some(107), None), "a public app has no daily limit");
    for status in [200, 200, 429] {
        let (got, body) = desk.hubspot("POST", SEARCH, &json!({})).await;
        assert_eq!(got, status, "{body}");
        if status == 429 {
            assert_eq!((body["policyName"].clone(), body.get("requestId")), (json!("SECONDLY"), None));
        }
    }
    // 10:00:10 UTC is 11:00:10 in Lagos: the day there ends at 23:00 UTC.
    desk.pass(TimeDelta::hours(13) - TimeDelta::seconds(11));
    assert_eq!(left(&desk, &own).await.0, 429);
    desk.pass(TimeDelta::seconds(1));
    assert_eq!(left(&desk, &own).await, (200, Some(2), Some(4)));
}

#[tokio::test]
async fn square_refuses_too_many_calls_with_and_without_retry_after() {
    let desk = Desk::open();
    desk.control("POST", "square/limits", &json!({"enforced": true, "burst": 1, "retry_after_seconds": 3}))
        .await;
    let token = format!("Bearer {}", desk.sim.credentials().square.access_token);
    let url = format!("{}v2/locations", desk.sim.urls().square);
    let call = async || desk.raw("GET", &url, &[("authorization", &token)], Vec::new()).await;
    assert_eq!(call().await.status(), 200);
    let refused = call().await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "3"));
    desk.sim.square().set_limits(|limits| limits.retry_after_seconds = None);
    assert!(call().await.headers().get("retry-after").is_none());
    desk.pass(TimeDelta::seconds(1));
    assert_eq!(call().await.status(), 200);
    assert_eq!(desk.sim.square().limits().unwrap().burst, 1);
}

#[tokio::test]
async fn records_are_scripted_over_http_too() {
    let desk = Desk::open();
    let made = json!({"count": 3, "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"});
    for platform in ["square", "hubspot"] {
        let (status, stocked) = desk.control("POST", &format!("{platform}/stock"), &made).await;
        assert_eq!((status, stocked["count"].clone()), (200, json!(3)));
        let id = stocked["ids"][0].as_str().unwrap();
        for (path, body, status) in [
            (format!("touch/{id}"), Value::Null, 200),
            ("touch/NONE".to_owned(), Value::Null, 409),
            (format!("spoil/{id}"), json!({"how": "hollow"}), 200),
            ("spoil/NONE".to_owned(), json!({"how": "hollow"}), 409),
            ("search_lag".to_owned(), json!({"seconds": 5}), 200),
            ("cues".to_owned(), json!({"endpoint": "*", "act": {"touch": id}}), 200),
            ("cues".to_owned(), json!({"endpoint": "*", "act": {"eat": id}}), 400),
        ] {
            let answer = desk.control("POST", &format!("{platform}/{path}"), &body).await;
            assert_eq!(answer.0, status, "{platform} {path}: {}", answer.1);
        }
        let (_, limits) = desk.control("GET", &format!("{platform}/limits"), &Value::Null).await;
        assert_eq!(limits["enforced"], false);
    }
    let deal = desk.sim.hubspot().deal_id();
    let change = json!({"property": "amount", "value": "5.00"});
    for (path, body, status) in [
        (format!("hubspot/deals/{deal}/change"), change, 200),
        (format!("hubspot/deals/{deal}/archive"), Value::Null, 200),
        (format!("hubspot/deals/{deal}/archive"), Value::Null, 409),
        (format!("hubspot/deals/{deal}/restore"), Value::Null, 200),
        ("square/orders/SIMWALKINORDER000001/cancel".to_owned(), Value::Null, 200),
        ("square/orders/NONE/cancel".to_owned(), Value::Null, 409),
        ("authority/limits".to_owned(), json!({}), 404),
        ("authority/stock".to_owned(), made.clone(), 404),
    ] {
        assert_eq!(desk.control("POST", &path, &body).await.0, status, "{path}");
    }
}
