//! HubSpot holds a deal until it is won: its requests, its searches, its errors and its webhooks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Inbox, Run};
use serde_json::{Value, json};
use taxpoynt_sim::{Fault, FaultKind, Receiver, hubspot_signature_v1, hubspot_signature_v3};

fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_deal_comes_with_the_properties_and_links_asked_for() {
    let run = Run::start().await;
    let deal = run.sim.hubspot().deal_id();
    let path = format!(
        "crm/objects/2026-09/deals/{deal}?properties=dealname,closedate,no_such_thing&associations=line_items,companies,contacts"
    );
    let (status, body) = run.hubspot("GET", &path, None).await;
    assert_eq!(status, 200);
    let properties = body["properties"].as_object().unwrap();
    let names: Vec<&String> = properties.keys().collect();
    assert_eq!(names, ["closedate", "createdate", "dealname", "hs_lastmodifieddate", "hs_object_id"]);
    assert_eq!((&properties["closedate"], &properties["hs_object_id"]), (&Value::Null, &json!(deal)));
    assert_eq!(ids(&body["associations"]["line items"]["results"]).len(), 3);
    let company = &body["associations"]["companies"]["results"];
    assert_eq!(
        (company[0]["id"].clone(), company[1]["type"].clone()),
        (company[1]["id"].clone(), json!("deal_to_company_unlabeled"))
    );
}

#[tokio::test]
async fn a_batch_read_gives_text_or_null_and_names_what_is_missing() {
    let run = Run::start().await;
    let inputs = |ids: &[&str]| ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>();
    let asked = json!({
        "inputs": inputs(&["41400500901", "41400500903"]),
        "properties": ["price", "quantity", "hs_discount_percentage", "hs_tax_rate", "hs_tax_rate_group_id"],
    });
    let (status, body) = run.hubspot("POST", "crm/objects/2026-03/line_items/batch/read", Some(&asked)).await;
    assert_eq!(status, 200);
    for record in body["results"].as_array().unwrap() {
        assert!(
            record["properties"]
                .as_object()
                .unwrap()
                .values()
                .all(|value| value.is_string() || value.is_null())
        );
    }
    let zero = &body["results"][1]["properties"];
    assert_eq!((&zero["hs_tax_rate"], &zero["hs_tax_rate_group_id"]), (&json!("0"), &Value::Null));
    let asked = json!({"inputs": inputs(&["21400500701", "1"]), "properties": ["tin"]});
    let (status, body) = run.hubspot("POST", "crm/objects/2026-09/0-2/batch/read", Some(&asked)).await;
    assert_eq!((status, body["errors"][0]["context"]["ids"].clone()), (207, json!(["1"])));
    assert!(body["results"][0]["properties"]["tin"].is_string());
}

#[tokio::test]
async fn associations_name_numbers_types_and_labels() {
    let run = Run::start().await;
    let asked = json!({"inputs": [{"id": run.sim.hubspot().deal_id()}, {"id": "7"}]});
    let (status, body) =
        run.hubspot("POST", "crm/associations/2026-09/deals/contacts/batch/read", Some(&asked)).await;
    assert_eq!(status, 207);
    let to = &body["results"][0]["to"];
    assert_eq!(to[0]["toObjectId"], 11_400_500_801_u64);
    assert_eq!(to[0]["associationTypes"][1]["label"], "Billing contact");
    assert_eq!(to.as_array().unwrap().len(), 2);
    assert_eq!(body["errors"][0]["subCategory"], "crm.associations.NO_ASSOCIATIONS_FOUND");
}

fn search(operator: &str, value: &str) -> Value {
    json!({
        "filterGroups": [{"filters": [{"propertyName": "hs_lastmodifieddate", "operator": operator, "value": value}]}],
        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
        "properties": ["dealstage", "hs_is_closed_won"], "limit": 1,
    })
}

#[tokio::test]
async fn search_pages_through_every_changed_deal_once() {
    let run = Run::start().await;
    for nth in 0..4 {
        let deal =
            json!({"deal": {"id": format!("9000{nth}"), "properties": {"dealname": format!("Deal {nth}")}}});
        run.control("POST", "hubspot/records", Some(&deal)).await;
    }
    // 2026-11-20T09:59:59Z: what was touched on this day.
    let mut asked = search("GTE", "1795168799000");
    let mut found = Vec::new();
    loop {
        let (status, page) = run.hubspot("POST", "crm/objects/2026-09/deals/search", Some(&asked)).await;
        assert_eq!((status, page["total"].clone()), (200, json!(4)), "{page}");
        found.extend(ids(&page["results"]));
        match page["paging"]["next"]["after"].as_str() {
            Some(after) => asked["after"] = json!(after),
            None => break,
        }
    }
    assert_eq!(found, ["90000", "90001", "90002", "90003"]);
    let (_, before) =
        run.hubspot("POST", "crm/objects/2026-09/deals/search", Some(&search("LT", "1795168799000"))).await;
    assert_eq!(ids(&before["results"]), [run.sim.hubspot().deal_id()]);
}

#[tokio::test]
async fn filters_compare_as_hubspot_does() {
    let run = Run::start().await;
    let table = [
        ("amount", "GTE", json!({"value": "1486700"}), 1),
        ("amount", "GT", json!({"value": "1486700.00"}), 0),
        ("amount", "BETWEEN", json!({"value": "900000", "highValue": "2000000"}), 1),
        ("dealstage", "EQ", json!({"value": "closedwon"}), 0),
        ("dealstage", "NEQ", json!({"value": "closedwon"}), 1),
        ("dealstage", "IN", json!({"values": ["closedwon", "contractsent"]}), 1),
        ("dealstage", "NOT_IN", json!({"values": ["contractsent"]}), 0),
        ("closedate", "HAS_PROPERTY", json!({}), 0),
        ("closedate", "NOT_HAS_PROPERTY", json!({}), 1),
        ("dealname", "CONTAINS_TOKEN", json!({"value": "*sensors"}), 1),
        ("createdate", "LTE", json!({"value": "2026-11-20T10:00:00Z"}), 1),
    ];
    for (property, operator, mut filter, total) in table {
        filter["propertyName"] = json!(property);
        filter["operator"] = json!(operator);
        let asked = json!({"filterGroups": [{"filters": [filter]}]});
        let (_, body) = run.hubspot("POST", "crm/objects/2026-09/deals/search", Some(&asked)).await;
        assert_eq!(body["total"], total, "{property} {operator}");
    }
}

#[tokio::test]
async fn a_search_that_hubspot_would_refuse_is_refused() {
    let run = Run::start().await;
    let filter = json!({"propertyName": "amount", "operator": "EQ", "value": "1"});
    for asked in [
        json!({"limit": 201}),
        json!({"after": "10000"}),
        json!({"after": "x"}),
        json!({"sorts": ["amount", "dealname"]}),
        json!({"filterGroups": vec![json!({"filters": [filter]}); 6]}),
        json!({"filterGroups": [{"filters": vec![filter.clone(); 7]}]}),
        json!({"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "LIKE"}]}]}),
    ] {
        let (status, body) = run.hubspot("POST", "crm/objects/2026-09/deals/search", Some(&asked)).await;
        assert_eq!((status, body["category"].clone()), (400, json!("VALIDATION_ERROR")), "{asked}");
    }
}

#[tokio::test]
async fn the_account_its_pipelines_and_tax_rates_can_be_read() {
    let run = Run::start().await;
    for path in ["account-info/2026-03/details", "integrations/v1/me"] {
        let (_, account) = run.hubspot("GET", path, None).await;
        assert_eq!(account["portalId"], run.sim.credentials().hubspot.portal_id);
    }
    let (_, pipelines) = run.hubspot("GET", "crm/pipelines/2026-09/deals", None).await;
    let won =
        pipelines["results"][0]["stages"].as_array().unwrap().iter().find(|stage| stage["id"] == "closedwon");
    assert_eq!(won.unwrap()["metadata"], json!({"isClosed": "true", "probability": "1.0"}));
    let (_, rates) = run.hubspot("GET", "tax-rates/2026-03/tax-rates", None).await;
    assert_eq!(rates["results"][0]["percentageRate"].to_string(), "7.5");
}

#[tokio::test]
async fn winning_a_deal_tells_the_webhook_with_both_signatures() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    run.control("POST", "hubspot/webhook_url", Some(&json!({"url": inbox.url}))).await;
    let deal = run.sim.hubspot().deal_id();
    let (_, answer) = run.control("POST", &format!("hubspot/deals/{deal}/win"), None).await;
    assert_eq!(answer["status"], 204);
    let received = &inbox.received()[0];
    let secret = &run.sim.credentials().hubspot.client_secret;
    let timestamp = received.header("x-hubspot-request-timestamp");
    assert_eq!(timestamp, "1795168800000");
    let v3 = hubspot_signature_v3(secret, "POST", &inbox.url, &received.body, timestamp);
    assert_eq!(received.header("x-hubspot-signature-v3"), v3);
    assert_eq!(received.header("x-hubspot-signature"), hubspot_signature_v1(secret, &received.body));
    let event = &received.json()[0];
    assert_eq!(event["objectId"].to_string(), deal);
    assert_eq!(
        (event["propertyName"].clone(), event["propertyValue"].clone()),
        (json!("dealstage"), json!("closedwon"))
    );
    let path = format!("crm/objects/2026-09/deals/{deal}?properties=dealstage,hs_is_closed_won,closedate");
    let (_, body) = run.hubspot("GET", &path, None).await;
    let properties = &body["properties"];
    assert_eq!(
        (&properties["dealstage"], &properties["hs_is_closed_won"]),
        (&json!("closedwon"), &json!("true"))
    );
    assert_eq!(properties["closedate"], properties["hs_lastmodifieddate"]);
    assert_eq!(run.control("POST", "hubspot/deals/1/win", None).await.0, 409);
}

#[tokio::test]
async fn a_repeated_event_differs_only_in_its_attempt() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    run.sim.hubspot().set_webhook_url(Some(Receiver::from(inbox.url.as_str())));
    run.sim.hubspot().win(run.sim.hubspot().deal_id()).await.unwrap();
    let (_, answer) = run.control("POST", "redeliver", None).await;
    assert_eq!(answer["deliveries"][0]["attempt"], 1);
    let bodies: Vec<Value> = inbox.received().iter().map(common::Received::json).collect();
    let mut second = bodies[1][0].clone();
    assert_eq!(second["attemptNumber"], 1);
    second["attemptNumber"] = json!(0);
    assert_eq!(bodies[0][0], second);
}

#[tokio::test]
async fn records_of_ones_own_are_served_and_linked() {
    let run = Run::start().await;
    let records = json!({
        "deal": {"id": "501", "properties": {"dealname": "Mine", "amount": 250000}},
        "line_items": [{"id": "601", "properties": {"name": "Thing", "price": "250000", "quantity": 1}}],
        "companies": [{"id": "701", "properties": {"name": "Mine Ltd"}}],
    });
    run.sim.hubspot().put(&records).unwrap();
    let (_, deal) = run
        .hubspot("GET", "crm/objects/2026-09/deals/501?properties=amount&associations=line_items", None)
        .await;
    assert_eq!(deal["properties"]["amount"], "250000");
    assert_eq!(ids(&deal["associations"]["line items"]["results"]), ["601"]);
    assert!(run.sim.hubspot().put(&json!({"deal": {}})).is_err());
    let (_, first) = run.hubspot("GET", "crm/objects/2026-09/deals?limit=1", None).await;
    let after = first["paging"]["next"]["after"].as_str().unwrap();
    let (_, second) =
        run.hubspot("GET", &format!("crm/objects/2026-09/deals?limit=1&after={after}"), None).await;
    assert_ne!(ids(&first["results"]), ids(&second["results"]));
    assert!(second["paging"].is_null());
}

#[tokio::test]
async fn errors_come_in_hubspots_envelope_and_limits_in_headers() {
    let run = Run::start().await;
    let url = format!("{}account-info/2026-03/details", run.sim.urls().hubspot);
    let response = run.raw("GET", url, &[], None).await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["x-hubspot-ratelimit-max"], "190");
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body["category"], "INVALID_AUTHENTICATION");
    assert_eq!(run.hubspot("GET", "crm/objects/2026-09/deals/1", None).await.0, 404);
    run.sim.hubspot().fail_next(Fault::next("search", FaultKind::TooManyRequests));
    let (status, limited) = run.hubspot("POST", "crm/objects/2026-09/deals/search", Some(&json!({}))).await;
    assert_eq!((status, limited["policyName"].clone()), (429, json!("TEN_SECONDLY_ROLLING")));
}
