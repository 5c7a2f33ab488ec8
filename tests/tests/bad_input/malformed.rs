//! A record that is broken at one place: the refusal names exactly that place, and the engine keeps the record.

use crate::records::{converted, hubspot, square, with};
use serde_json::{Value, json};
use taxpoynt_core::ErrorKind;
use taxpoynt_tests::House;

type Case = (&'static str, Option<Value>, &'static str);

/// Where it is broken, with what, and the field that must be named.
fn square_cases() -> Vec<Case> {
    let missing = None;
    vec![
        ("/order", missing.clone(), "order"),
        ("/order", Some(json!("ORDER-1")), "order"),
        ("/order/id", missing.clone(), "order.id"),
        ("/order/id", Some(json!(17)), "order.id"),
        ("/order/closed_at", Some(json!("yesterday")), "order.closed_at"),
        ("/order/total_money/currency", missing.clone(), "order.total_money.currency"),
        ("/order/total_money/currency", Some(json!("NAIRA")), "order.total_money.currency"),
        ("/order/total_money/amount", missing.clone(), "order.total_money.amount"),
        ("/order/total_money/amount", Some(json!("abc")), "order.total_money.amount"),
        ("/order/total_money/amount", Some(json!(19.5)), "order.total_money.amount"),
        ("/order/total_money/amount", Some(json!(true)), "order.total_money.amount"),
        ("/order/line_items", Some(json!("two")), "order.line_items"),
        ("/order/line_items/0", Some(json!([])), "order.line_items[0]"),
        ("/order/line_items/0/quantity", missing.clone(), "order.line_items[0].quantity"),
        ("/order/line_items/0/quantity", Some(json!("two")), "order.line_items[0].quantity"),
        ("/order/line_items/0/quantity", Some(json!("-1")), "order.line_items[0].quantity"),
        ("/order/line_items/1/total_money", missing.clone(), "order.line_items[1].total_money"),
        (
            "/order/line_items/1/total_money/amount",
            Some(json!("abc")),
            "order.line_items[1].total_money.amount",
        ),
        (
            "/order/line_items/1/total_money/currency",
            missing.clone(),
            "order.line_items[1].total_money.currency",
        ),
        (
            "/order/line_items/1/total_money/currency",
            Some(json!("USD")),
            "order.line_items[1].total_money.currency",
        ),
        (
            "/order/line_items/0/base_price_money/amount",
            Some(json!(1.25)),
            "order.line_items[0].base_price_money.amount",
        ),
        (
            "/order/line_items/0/applied_taxes/0/tax_uid",
            Some(json!("none")),
            "order.line_items[0].applied_taxes[0].tax_uid",
        ),
        (
            "/order/line_items/0/applied_taxes/0/tax_uid",
            missing.clone(),
            "order.line_items[0].applied_taxes[0].tax_uid",
        ),
        (
            "/order/line_items/0/applied_discounts/0/applied_money",
            missing.clone(),
            "order.line_items[0].applied_discounts[0].applied_money",
        ),
        (
            "/order/line_items/0/applied_discounts/0/applied_money/amount",
            Some(json!(-1)),
            "order.line_items[0].applied_discounts[0].applied_money.amount",
        ),
        (
            "/order/line_items/0/modifiers/0/total_price_money/amount",
            Some(json!({})),
            "order.line_items[0].modifiers[0].total_price_money.amount",
        ),
        ("/order/taxes/0/percentage", Some(json!("seven")), "order.taxes[0].percentage"),
        ("/order/taxes/0/percentage", Some(json!("-7.5")), "order.taxes[0].percentage"),
        ("/order/taxes/0/percentage", missing.clone(), "order.taxes[0].percentage"),
        ("/order/total_tip_money/amount", Some(json!("1e40")), "order.total_tip_money.amount"),
        (
            "/order/tenders/0/amount_money/currency",
            Some(json!("GHS")),
            "order.tenders[0].amount_money.currency",
        ),
        ("/location/id", missing, "location.id"),
    ]
}

fn hubspot_cases() -> Vec<Case> {
    let missing = None;
    vec![
        ("/deal", missing.clone(), "deal"),
        ("/deal", Some(json!(900)), "deal"),
        ("/deal/id", missing.clone(), "deal.id"),
        ("/deal/properties", missing.clone(), "deal.properties"),
        ("/deal/properties", Some(json!("won")), "deal.properties"),
        ("/deal/properties/amount", Some(json!("abc")), "deal.properties.amount"),
        ("/deal/properties/amount", Some(json!("1,000.00")), "deal.properties.amount"),
        ("/deal/properties/deal_currency_code", Some(json!("NAIRA")), "deal.properties.deal_currency_code"),
        ("/deal/properties/closedate", Some(json!("soon")), "deal.properties.closedate"),
        ("/line_items", Some(json!({"id": 1})), "line_items"),
        ("/line_items/0", Some(json!("Generator")), "line_items[0]"),
        ("/line_items/0/properties", missing.clone(), "line_items[0].properties"),
        ("/line_items/0/properties/quantity", Some(json!("three")), "line_items[0].properties.quantity"),
        ("/line_items/0/properties/quantity", Some(json!("-3")), "line_items[0].properties.quantity"),
        ("/line_items/1/properties/price", Some(json!("abc")), "line_items[1].properties.price"),
        ("/line_items/1/properties/price", Some(json!("-500.00")), "line_items[1].properties.price"),
        ("/line_items/1/properties/amount", Some(json!("NaN")), "line_items[1].properties.amount"),
        (
            "/line_items/1/properties/hs_line_item_currency_code",
            Some(json!("USD")),
            "line_items[1].properties.hs_line_item_currency_code",
        ),
        (
            "/line_items/0/properties/hs_tax_rate_group_id",
            Some(json!("77")),
            "line_items[0].properties.hs_tax_rate_group_id",
        ),
        (
            "/line_items/0/properties/hs_total_discount",
            Some(json!("half")),
            "line_items[0].properties.hs_total_discount",
        ),
        (
            "/line_items/0/properties/hs_discount_percentage",
            Some(json!("-5")),
            "line_items[0].properties.hs_discount_percentage",
        ),
        ("/companies", Some(json!(1)), "companies"),
        ("/companies/0/properties", Some(json!([])), "companies[0].properties"),
    ]
}

fn broken() -> Vec<(&'static str, Value, &'static str, String)> {
    let square = square_cases().into_iter().map(|case| ("square", square(), case));
    let hubspot = hubspot_cases().into_iter().map(|case| ("hubspot", hubspot(), case));
    let all = square.chain(hubspot);
    all.map(|(platform, good, (pointer, value, field))| {
        let what = format!("{platform} {pointer} = {value:?}");
        (platform, with(good, pointer, value), field, what)
    })
    .collect()
}

#[test]
fn a_malformed_record_is_refused_by_the_name_of_the_field() {
    let mut wrong = Vec::new();
    for (platform, record, field, what) in broken() {
        match converted(platform, record.to_string().as_bytes()) {
            Ok(outcomes) => wrong.push(format!("{what}: read as {outcomes:?}")),
            Err(error) => {
                if error.kind() != ErrorKind::Payload || error.get("field") != Some(field) {
                    wrong.push(format!("{what}: expected {field}, got {error}"));
                }
                if !error.message().contains(field) {
                    wrong.push(format!("{what}: the sentence does not say {field}: {}", error.message()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_record_with_neither_lines_nor_an_amount_is_refused_by_name() {
    let mut order = with(square(), "/order/total_money", None);
    order = with(order, "/order/line_items", Some(json!([])));
    let error = converted("square", order.to_string().as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("order.total_money")));
    assert!(error.message().contains("no line_items"), "{error}");

    let mut deal = with(hubspot(), "/deal/properties/amount", None);
    deal = with(deal, "/line_items", Some(json!([])));
    let error = converted("hubspot", deal.to_string().as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("deal.properties.amount")));
    assert!(error.message().contains("no line_items"), "{error}");
}

#[test]
fn a_deal_without_any_currency_is_refused_and_never_guessed() {
    let mut deal = with(hubspot(), "/deal/properties/deal_currency_code", None);
    for line in 0..2 {
        deal = with(deal, &format!("/line_items/{line}/properties/hs_line_item_currency_code"), None);
    }
    let error = converted("hubspot", deal.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Payload);
    assert_eq!(error.get("field"), Some("deal.properties.deal_currency_code"));
}

#[test]
fn what_is_no_json_object_is_refused() {
    for (platform, root) in [("square", "order"), ("hubspot", "deal")] {
        for body in [
            "",
            "null",
            "17",
            "\"x\"",
            "[]",
            "[1,2]",
            "{",
            "{}",
            "{\"a\":1}",
            "\u{0}",
            "{\"order\":{}",
            "nan",
        ] {
            let error = converted(platform, body.as_bytes())
                .err()
                .unwrap_or_else(|| panic!("{platform} read {body:?}"));
            assert_eq!(error.kind(), ErrorKind::Payload, "{platform} {body:?}: {error}");
            assert!(error.get("field").is_some(), "{platform} {body:?} ({root}): {error}");
        }
    }
}

#[tokio::test]
async fn a_malformed_record_is_kept_and_held_with_the_same_sentence() {
    let house = House::open().await;
    let mut kept = 0;
    for (nth, (platform, record, field, what)) in broken().into_iter().enumerate() {
        let root = if platform == "square" { "/order/id" } else { "/deal/id" };
        // One without an identity cannot be stored: it is refused at the door.
        let connection = if platform == "square" { house.square.id } else { house.hubspot.id };
        if !record.pointer(root).is_some_and(Value::is_string)
            || record.pointer(&root.replace("id", "properties")).is_some_and(|p| !p.is_object())
        {
            let refused =
                house.engine.ingest(connection, None, record.to_string().as_bytes()).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Payload, "{what}: {refused}");
            continue;
        }
        let id = format!("RECORD-{nth}");
        let body = with(record, root, Some(json!(id))).to_string();
        let key = match house.engine.ingest(connection, Some(house.tenant), body.as_bytes()).await {
            Ok(key) => key,
            Err(error) => {
                assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some(field)), "{what}");
                continue;
            }
        };
        assert_eq!(key.id, id);
        house.settle().await;
        let stored = house.record(&id).await;
        assert_eq!(stored.raw.body, body.as_bytes(), "{what}: the raw record is kept as it came");
        let held = stored.held.unwrap_or_else(|| panic!("{what} is not held"));
        assert_eq!(held.code, "payload_invalid", "{what}");
        assert_eq!(held.message, converted(platform, body.as_bytes()).unwrap_err().message(), "{what}");
        kept += 1;
    }
    assert!(kept > 35, "only {kept} records were kept");
    assert!(house.documents().await.is_empty());
    assert!(house.engine.dead_letters(None).await.unwrap().is_empty());
}
