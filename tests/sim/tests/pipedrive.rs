//! Pipedrive's lists and records: its parameters, its pages, its refusals, and the shapes of its own examples.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use chrono::TimeDelta;
use common::{desk::Desk, reference};
use serde_json::{Value, json};
use taxpoynt_sim::{AmountDiscount, Offer, Stock};

async fn get(desk: &Desk, path: &str) -> Value {
    let (status, body) = desk.pipedrive("GET", path, &Value::Null).await;
    assert_eq!((status, body["success"].clone()), (200, json!(true)), "{path}: {body}");
    body
}

async fn refused(desk: &Desk, path: &str, expected: u16) -> String {
    let (status, body) = desk.pipedrive("GET", path, &Value::Null).await;
    assert_eq!(
        (status, body["success"].clone(), body["data"].clone()),
        (expected, json!(false), Value::Null),
        "{path}: {body}"
    );
    body["error"].as_str().unwrap().to_owned()
}

fn ids(body: &Value) -> Vec<u64> {
    body["data"].as_array().unwrap().iter().map(|record| record["id"].as_u64().unwrap()).collect()
}

/// The members of an example are those of ours, and each has its type where both have a value.
fn same_shape(example: &Value, ours: &Value, left_out: &[&str]) {
    for (name, value) in example.as_object().unwrap() {
        if left_out.contains(&name.as_str()) {
            continue;
        }
        let own = &ours[name.as_str()];
        assert!(ours.get(name).is_some(), "{name} is missing in {ours}");
        let same = std::mem::discriminant(own) == std::mem::discriminant(value);
        assert!(same || own.is_null() || value.is_null(), "{name} is {value} there and {own} here");
    }
    for name in ours.as_object().unwrap().keys() {
        assert!(example.get(name).is_some(), "{name} is not in the platform's example");
    }
}

#[tokio::test]
async fn records_have_the_members_of_the_platforms_own_examples() {
    let desk = Desk::open();
    let won = desk.sim.pipedrive().offer(Offer::Untaxed).await.id;
    desk.sim.pipedrive().win(&won).await.unwrap();
    let examples = [
        ("deals-200", format!("api/v2/deals?ids={won}")),
        ("deal-products-200", format!("api/v2/deals/products?deal_ids={won}")),
        ("deal-discounts-200", format!("api/v2/deals/{won}/discounts")),
        ("deal-installments-200", format!("api/v2/deals/installments?deal_ids={won}")),
        ("persons-200", "api/v2/persons".to_owned()),
        ("organizations-200", "api/v2/organizations".to_owned()),
        ("pipelines-200", "api/v2/pipelines".to_owned()),
        ("stages-200", "api/v2/stages".to_owned()),
        ("deal-fields-200", "api/v2/dealFields".to_owned()),
    ];
    for (name, path) in examples {
        let example = reference(&format!("platforms/pipedrive/{name}.json"));
        let ours = get(&desk, &path).await;
        // Contact sync, the lead a deal came from and field visibility come only where they are asked for or bought;
        // an organisation's `org_id` stands in the example alone.
        let extras = [
            "source_lead_id",
            "notes",
            "im",
            "birthday",
            "job_title",
            "postal_address",
            "ui_visibility",
            "important_fields",
            "required_fields",
            "org_id",
        ];
        let left_out: &[&str] = if name == "deals-200" { &extras[..1] } else { &extras };
        let mut example = example["data"][0].clone();
        if name == "persons-200" {
            example["org_id"] = Value::Null;
        }
        same_shape(&example, &ours["data"][0], left_out);
    }
}

#[tokio::test]
async fn pages_of_a_list_hold_every_record_once_and_a_cursor_continues_only_its_own_query() {
    let desk = Desk::open();
    let (from, to) = ("2026-10-01T00:00:00Z".parse().unwrap(), "2026-11-01T00:00:00Z".parse().unwrap());
    let stock = Stock { seed: 3, count: 230, from, to, equal: 300 };
    let mut made: Vec<u64> =
        desk.sim.pipedrive().stock(&stock).ids.iter().map(|id| id.parse().unwrap()).collect();
    let query = "api/v2/deals?status=won&sort_by=update_time&sort_direction=asc";
    let (mut found, mut times, mut cursor, mut pages) = (Vec::new(), Vec::new(), String::new(), 0);
    loop {
        let page = get(&desk, &format!("{query}&limit={}{cursor}", 60 + pages)).await;
        found.extend(ids(&page));
        let of_page = page["data"].as_array().unwrap().iter();
        times.extend(of_page.map(|deal| deal["update_time"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["additional_data"]["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, 4);
    assert!(times.is_sorted(), "{times:?}");
    made.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, made);
    for other in ["status=won&sort_by=id", "status=lost&sort_by=update_time", "sort_by=update_time"] {
        let sentence = refused(&desk, &format!("api/v2/deals?{other}{cursor}"), 400).await;
        assert!(sentence.contains("cursor"), "{sentence}");
    }
    refused(&desk, &format!("api/v2/persons?sort_by=update_time{cursor}"), 400).await;
}

#[tokio::test]
async fn nothing_is_skipped_where_a_record_moves_between_pages() {
    let desk = Desk::open();
    let stock = Stock {
        seed: 5,
        count: 40,
        from: "2026-10-01T00:00:00Z".parse().unwrap(),
        to: "2026-11-01T00:00:00Z".parse().unwrap(),
        equal: 0,
    };
    desk.sim.pipedrive().stock(&stock);
    let query = "api/v2/deals?status=won&sort_by=update_time&limit=10";
    let first = get(&desk, query).await;
    for id in ids(&first) {
        assert!(desk.sim.pipedrive().touch(&id.to_string()));
    }
    let (mut found, mut next) = (Vec::new(), first["additional_data"]["next_cursor"].clone());
    while let Some(cursor) = next.as_str() {
        let page = get(&desk, &format!("{query}&cursor={cursor}")).await;
        found.extend(ids(&page));
        next = page["additional_data"]["next_cursor"].clone();
    }
    // The thirty that were to come, and the ten that moved to the end.
    assert_eq!(found.len(), 40);
}

#[tokio::test]
async fn what_pipedrive_would_refuse_is_refused_with_its_envelope() {
    let desk = Desk::open();
    let hundred_and_one = (1..=101).map(|id: u64| id.to_string()).collect::<Vec<_>>().join(",");
    let sixteen = vec!["0123456789012345678901234567890123456789"; 16].join(",");
    for query in [
        "deals?limit=0".to_owned(),
        "deals?limit=501".to_owned(),
        "deals?limit=many".to_owned(),
        "deals?status=closed".to_owned(),
        "deals?status=won,closed".to_owned(),
        "deals?status=".to_owned(),
        "deals?sort_by=title".to_owned(),
        "deals?sort_direction=up".to_owned(),
        "deals?updated_since=2026-11-20".to_owned(),
        "deals?updated_until=1795168798".to_owned(),
        "deals?include_fields=everything".to_owned(),
        "deals?include_option_labels=yes".to_owned(),
        "deals?cursor=abc".to_owned(),
        "deals?no_such_parameter=1".to_owned(),
        "deals?status=won&status=lost".to_owned(),
        format!("deals?ids={hundred_and_one}"),
        format!("deals?custom_fields={sixteen}"),
        "deals/products".to_owned(),
        format!("deals/products?deal_ids={hundred_and_one}"),
        "deals/products?deal_ids=8801,x".to_owned(),
        "deals/products?deal_ids=8801&deal_ids=8802".to_owned(),
        "deals/installments?deal_ids=8801,8802".to_owned(),
        "deals/installments".to_owned(),
        "products?updated_until=2026-11-20T10:00:00Z".to_owned(),
        "deals/first".to_owned(),
    ] {
        refused(&desk, &format!("api/v2/{query}"), 400).await;
    }
    for path in [
        "deals/1",
        "deals/1/products",
        "deals/1/discounts",
        "persons/1",
        "organizations/1",
        "products/1",
        "leads",
        "deals?filter_id=1",
    ] {
        refused(&desk, &format!("api/v2/{path}"), 404).await;
    }
    refused(&desk, "api/v1/users/1", 404).await;
    refused(&desk, "api/v3/deals", 404).await;
}

#[tokio::test]
async fn a_time_is_to_the_second_and_since_includes_it_while_until_does_not() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    let (one, other) = (pipedrive.offer(Offer::Bare).await.id, pipedrive.offer(Offer::Bare).await.id);
    let deal = get(&desk, &format!("api/v2/deals/{one}")).await;
    let at = deal["data"]["update_time"].as_str().unwrap().to_owned();
    assert_eq!(at, "2026-11-20T09:59:59Z");
    assert_eq!(get(&desk, &format!("api/v2/deals/{other}")).await["data"]["update_time"], json!(at));
    assert_eq!(ids(&get(&desk, &format!("api/v2/deals?updated_since={at}")).await).len(), 2);
    assert_eq!(ids(&get(&desk, "api/v2/deals?updated_since=2026-11-20T10:59:59%2B01:00").await).len(), 2);
    assert_eq!(ids(&get(&desk, "api/v2/deals?updated_since=2026-11-20T10:00:00Z").await).len(), 0);
    assert_eq!(ids(&get(&desk, &format!("api/v2/deals?updated_until={at}")).await).len(), 1);
}

#[tokio::test]
async fn deleted_deals_show_where_their_status_is_asked_for_and_archived_ones_in_their_own_list() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    let (gone, away) = (pipedrive.offer(Offer::Bare).await.id, pipedrive.offer(Offer::Bare).await.id);
    pipedrive.delete(&gone).await.unwrap();
    pipedrive.archive(&away).await.unwrap();
    let number = |id: &str| id.parse::<u64>().unwrap();
    let start = number(&pipedrive.deal_id());
    assert_eq!(ids(&get(&desk, "api/v2/deals").await), [start]);
    let deleted = get(&desk, "api/v2/deals?status=deleted").await;
    assert_eq!(ids(&deleted), [number(&gone)]);
    assert_eq!(
        (&deleted["data"][0]["is_deleted"], &deleted["data"][0]["status"]),
        (&json!(true), &json!("deleted"))
    );
    let all = get(&desk, "api/v2/deals?status=open,won,lost,deleted").await;
    assert_eq!(ids(&all), [start, number(&gone)]);
    assert_eq!(ids(&get(&desk, "api/v2/deals/archived").await), [number(&away)]);
    refused(&desk, &format!("api/v2/deals/{gone}"), 404).await;
    assert_eq!(ids(&get(&desk, &format!("api/v2/deals/products?deal_ids={gone},{start}")).await).len(), 3);
    assert!(pipedrive.delete(&gone).await.is_err());
    desk.pass(TimeDelta::days(31));
    assert!(ids(&get(&desk, "api/v2/deals?status=deleted").await).is_empty());
}

#[tokio::test]
async fn lines_of_many_deals_come_in_one_call_with_disabled_ones_and_lost_products() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    let inclusive = pipedrive.offer(Offer::Inclusive).await.id;
    let start = pipedrive.deal_id();
    let lines =
        get(&desk, &format!("api/v2/deals/products?deal_ids={start},{inclusive},77&sort_by=deal_id&limit=4"))
            .await;
    let next = lines["additional_data"]["next_cursor"].as_str().unwrap();
    let rest = get(
        &desk,
        &format!("api/v2/deals/products?deal_ids={start},{inclusive},77&sort_by=deal_id&cursor={next}"),
    )
    .await;
    assert_eq!((ids(&lines).len(), ids(&rest).len()), (4, 1));
    assert_eq!(lines["data"][2]["is_enabled"], false);
    assert_eq!(rest["data"][0]["product_id"], Value::Null);
    let sum = |line: &Value| line["sum"].to_string();
    assert_eq!((sum(&lines["data"][0]), sum(&lines["data"][1])), ("450000".into(), "22000".into()));
    let deal = get(&desk, &format!("api/v2/deals/{start}")).await;
    assert_eq!(deal["data"]["value"], 467_000);
    assert_eq!(ids(&get(&desk, &format!("api/v2/deals/{start}/products")).await).len(), 3);
}

#[tokio::test]
async fn a_changed_line_moves_its_deal_only_where_the_switch_says_so() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    let (deal, path) = (pipedrive.deal_id(), format!("api/v2/deals/{}", pipedrive.deal_id()));
    let before = get(&desk, &path).await;
    let line = pipedrive.lines(&deal)[1].clone();
    pipedrive.set(|settings| settings.amount_discount = AmountDiscount::PerUnit);
    pipedrive.change_line(&line, "quantity", &json!(10)).await.unwrap();
    let after = get(&desk, &path).await;
    // 10 × 1,850 less 1,125 for each of the ten.
    assert_eq!(after["data"]["value"], 450_000 + 7_250 - 5_000);
    assert_eq!(after["data"]["update_time"], before["data"]["update_time"]);
    pipedrive.set(|settings| settings.lines_touch_deals = true);
    pipedrive.change_line(&line, "quantity", &json!(11)).await.unwrap();
    assert_ne!(get(&desk, &path).await["data"]["update_time"], before["data"]["update_time"]);
}

#[tokio::test]
async fn a_won_deal_says_when_and_its_first_win_only_where_it_is_asked_for() {
    let desk = Desk::open();
    let (pipedrive, path) =
        (desk.sim.pipedrive(), format!("api/v2/deals/{}", desk.sim.pipedrive().deal_id()));
    pipedrive.win(&pipedrive.deal_id()).await.unwrap();
    let deal = get(&desk, &path).await["data"].clone();
    assert_eq!((&deal["status"], &deal["local_won_date"]), (&json!("won"), &json!("2026-11-20")));
    assert!(deal.get("first_won_time").is_none() && deal["won_time"] == deal["close_time"]);
    pipedrive.close(&pipedrive.deal_id(), "open").await.unwrap();
    let asked =
        get(&desk, &format!("{path}?include_fields=first_won_time,products_count")).await["data"].clone();
    assert_eq!((&asked["won_time"], &asked["products_count"]), (&Value::Null, &json!(3)));
    assert_eq!(asked["first_won_time"], deal["won_time"]);
}

#[tokio::test]
async fn custom_fields_come_by_key_and_options_with_their_labels_where_they_are_asked_for() {
    let desk = Desk::open();
    let fields = get(&desk, "api/v2/dealFields?limit=500").await;
    let urgency =
        fields["data"].as_array().unwrap().iter().find(|field| field["field_name"] == "Urgency").unwrap();
    let key = urgency["field_code"].as_str().unwrap();
    let path = format!("api/v2/deals/{}?custom_fields={key}", desk.sim.pipedrive().deal_id());
    assert_eq!(get(&desk, &path).await["data"]["custom_fields"], json!({key: 12}));
    let labelled = get(&desk, &format!("{path}&include_option_labels=true")).await;
    assert_eq!(labelled["data"]["custom_fields"], json!({key: {"id": 12, "label": "At once"}}));
    let organization = get(&desk, "api/v2/organizations/501").await;
    assert_eq!(organization["data"]["custom_fields"][desk.sim.pipedrive().tin_field()], "40506070-0001");
}

#[tokio::test]
async fn version_one_still_tells_users_and_currencies() {
    let desk = Desk::open();
    for root in ["api/v1", "v1"] {
        let me = get(&desk, &format!("{root}/users/me")).await;
        let example = reference("platforms/pipedrive/openapi/pipedrive-v1-subset.json");
        let example = &example["paths"]["/users/me"]["get"]["responses"]["200"]["content"]["application/json"]
            ["example"];
        same_shape(&example["data"], &me["data"], &[]);
        assert_eq!(me["data"]["company_id"], desk.sim.credentials().pipedrive.company_id);
    }
    let currencies = get(&desk, "api/v1/currencies?term=point").await;
    assert_eq!(currencies["data"][0]["is_custom_flag"], true);
    assert_eq!(get(&desk, "api/v1/users").await["data"].as_array().unwrap().len(), 2);
}
