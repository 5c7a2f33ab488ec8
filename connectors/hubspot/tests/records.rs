//! Our own records in HubSpot's shape: won and not, taxed and not, and every way to be malformed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::{deal, dec, fixture, normalize, refused};
use serde_json::{Value, json};
use taxpoynt_core::{
    ErrorKind,
    model::{ContactRole, CustomerKind, ItemTax},
};

fn record() -> Value {
    fixture("deal_taxed.json")
}

fn property(record: &mut Value, of: &str, name: &str, value: Value) {
    record.pointer_mut(of).expect(of)["properties"][name] = value;
}

#[test]
fn a_tax_group_is_applied_and_the_other_lines_are_untaxed() {
    let deal = deal(&record());
    let [first, second] = deal.sale.items.as_slice() else { panic!("two lines") };
    let ItemTax::Applied(taxes) = &first.tax else { panic!("{:?}", first.tax) };
    assert_eq!((taxes[0].rate.get(), taxes[0].amount), (dec("7.5"), Some(dec("26775.00"))));
    assert_eq!(taxes[0].name.as_deref(), Some("VAT 7.5%"));
    assert_eq!(first.bindings, [("line_items", 0), ("tax_rates", 1)]);
    assert_eq!(second.tax, ItemTax::Untaxed);
    assert_eq!(second.bindings, [("line_items", 1)]);
    assert_eq!(deal.sale.disagreements, []);
    assert_eq!(deal.amount, Some(dec("999")), "a deal amount is no control total");
}

#[test]
fn a_discount_per_unit_counts_for_each_unit() {
    let item = deal(&record()).sale.items.remove(0);
    assert_eq!((item.net_amount, item.discounts[0].amount), (dec("357000.00"), dec("3000.00")));
    assert_eq!((item.quantity.get(), item.unit_price), (dec("3"), dec("120000.00")));
}

#[test]
fn without_an_amount_the_price_less_its_discount_is_rounded_to_the_minor_unit() {
    let item = deal(&record()).sale.items.remove(1);
    assert_eq!(item.quantity.get(), dec("1"), "a missing quantity is one");
    // 45000.50 less 10 % is 40500.45.
    assert_eq!((item.net_amount, item.discounts[0].amount), (dec("40500.45"), dec("4500.05")));
    assert_eq!(item.discounts[0].name.as_deref(), Some("10 %"));
}

#[test]
fn an_amount_that_no_discount_explains_is_a_disagreement() {
    let mut record = record();
    property(&mut record, "/line_items/0", "amount", json!("356999.00"));
    property(&mut record, "/line_items/0", "hs_post_tax_amount", Value::Null);
    let found = deal(&record).sale.disagreements;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "line_items[0].properties.amount");
    assert_eq!((found[0].stated, found[0].computed), (dec("356999.00"), dec("357000.00")));
    property(&mut record, "/line_items/0", "amount", json!("357000.02"));
    assert_eq!(deal(&record).sale.disagreements, []);
}

#[test]
fn amount_and_tax_are_compared_with_the_amount_after_tax() {
    let mut record = record();
    property(&mut record, "/line_items/0", "hs_post_tax_amount", json!("383776.00"));
    assert_eq!(deal(&record).sale.disagreements[0].path, "line_items[0].properties.hs_post_tax_amount");
}

#[test]
fn a_deal_without_tax_groups_carries_no_tax() {
    let mut record = record();
    property(&mut record, "/line_items/0", "hs_tax_rate_group_id", json!(""));
    property(&mut record, "/line_items/0", "hs_post_tax_amount", Value::Null);
    assert!(deal(&record).sale.items.iter().all(|item| item.tax == ItemTax::NotCarried));
}

#[test]
fn won_is_hubspots_answer_then_the_stages_then_the_default_stage() {
    let mut record = record();
    let won = |record: &Value| deal(record).won;
    assert!(won(&record));
    property(&mut record, "/deal", "hs_is_closed_won", json!("false"));
    assert!(!won(&record));
    property(&mut record, "/deal", "hs_is_closed_won", Value::Null);
    for (stage, expected) in [("3310", true), ("3311", false), ("3312", false), ("3399", false)] {
        property(&mut record, "/deal", "dealstage", json!(stage));
        assert_eq!(won(&record), expected, "stage {stage}");
    }
    record["pipeline"] = Value::Null;
    property(&mut record, "/deal", "dealstage", json!("closedwon"));
    assert!(!won(&record));
    for (probability, expected) in [("1.0", true), ("1", true), ("0.9", false)] {
        property(&mut record, "/deal", "hs_deal_stage_probability", json!(probability));
        assert_eq!(won(&record), expected, "probability {probability}");
    }
    property(&mut record, "/deal", "dealstage", json!("decision"));
    assert!(!won(&record));
}

#[test]
fn the_buyer_is_the_primary_company_and_the_billing_contact_is_named() {
    let customer = deal(&record()).sale.customer.unwrap();
    assert_eq!((customer.kind, customer.id.as_deref()), (CustomerKind::Organization, Some("902")));
    assert_eq!(customer.organization.phone, None, "an empty text says nothing");
    assert_eq!(customer.organization.address.state.as_deref(), Some("Rivers"));
    let contact = customer.billing_contact().unwrap();
    assert_eq!((contact.role, contact.name.as_deref()), (ContactRole::Finance, Some("Ibiso")));
    let mut record = record();
    record["associations"] = Value::Null;
    assert_eq!(deal(&record).sale.customer.unwrap().id.as_deref(), Some("901"), "else the first");
    record["deal"]["associations"] = json!({"companies": {"results": [{"id": "901", "type": "deal_to_company_unlabeled"}, {"id": "902", "type": "deal_to_company"}]}});
    assert_eq!(deal(&record).sale.customer.unwrap().id.as_deref(), Some("902"));
}

#[test]
fn a_contact_alone_is_an_individual_and_nobody_is_nobody() {
    let mut record = record();
    record["companies"] = Value::Null;
    let customer = deal(&record).sale.customer.unwrap();
    assert_eq!(
        (customer.kind, customer.organization.legal_name.as_str()),
        (CustomerKind::Individual, "Tamuno Briggs")
    );
    record["contacts"] = json!([]);
    assert!(deal(&record).sale.customer.is_none());
}

#[test]
fn times_are_read_in_each_form_hubspot_writes() {
    let deal = deal(&record());
    assert_eq!(deal.sale.closed_at.unwrap().to_rfc3339(), "2026-11-01T10:00:00+00:00");
    assert_eq!(deal.sale.created_at.unwrap().to_rfc3339(), "2026-10-01T00:00:00+00:00");
}

#[test]
fn singular_members_and_a_bare_deal_are_records() {
    let mut record = record();
    let line = record["line_items"][1].clone();
    record["line_item"] = line;
    record["line_items"] = Value::Null;
    assert_eq!(deal(&record).sale.items.len(), 1);
    property(&mut record, "/line_item", "price", json!("abc"));
    assert_eq!(refused(&record), "line_item.properties.price");
    let mut bare = record["deal"].clone();
    assert_eq!((deal(&bare).sale.items.len(), deal(&bare).amount), (0, Some(dec("999"))));
    bare["properties"]["amount"] = json!("12,5");
    assert_eq!(refused(&bare), "deal.properties.amount");
}

#[test]
fn the_currency_is_the_deals_else_its_lines_else_the_tenants() {
    let mut record = record();
    property(&mut record, "/deal", "deal_currency_code", Value::Null);
    assert_eq!(deal(&record).sale.currency.unwrap().code(), "NGN");
    for line in ["/line_items/0", "/line_items/1"] {
        property(&mut record, line, "hs_line_item_currency_code", Value::Null);
    }
    assert_eq!(deal(&record).sale.currency, None);
}

#[test]
fn bad_input_is_refused_by_the_name_of_the_field() {
    let cases: &[(&str, &str, Value, &str)] = &[
        ("/deal", "amount", json!("abc"), "deal.properties.amount"),
        ("/deal", "amount", json!("1e40"), "deal.properties.amount"),
        ("/deal", "deal_currency_code", json!("naira"), "deal.properties.deal_currency_code"),
        ("/deal", "closedate", json!("soon"), "deal.properties.closedate"),
        ("/line_items/1", "price", json!("-1"), "line_items[1].properties.price"),
        ("/line_items/1", "price", json!("x"), "line_items[1].properties.price"),
        ("/line_items/1", "price", Value::Null, "line_items[1].properties.price"),
        ("/line_items/1", "quantity", json!("-2"), "line_items[1].properties.quantity"),
        ("/line_items/1", "quantity", json!("two"), "line_items[1].properties.quantity"),
        ("/line_items/0", "amount", json!("NaN"), "line_items[0].properties.amount"),
        ("/line_items/0", "amount", json!("-5"), "line_items[0].properties.amount"),
        ("/line_items/0", "discount", json!("half"), "line_items[0].properties.discount"),
        ("/line_items/1", "hs_discount_percentage", json!("110"), "line_items[1].properties.discount"),
        ("/line_items/0", "hs_tax_amount", json!("?"), "line_items[0].properties.hs_tax_amount"),
        (
            "/line_items/0",
            "hs_tax_rate_group_id",
            json!("1"),
            "line_items[0].properties.hs_tax_rate_group_id",
        ),
        (
            "/line_items/0",
            "hs_line_item_currency_code",
            json!("USD"),
            "line_items[0].properties.hs_line_item_currency_code",
        ),
        (
            "/line_items/0",
            "hs_line_item_currency_code",
            json!("xx"),
            "line_items[0].properties.hs_line_item_currency_code",
        ),
    ];
    for (of, name, value, field) in cases {
        let mut record = record();
        property(&mut record, of, name, value.clone());
        assert_eq!(refused(&record), *field, "{of} {name} = {value}");
    }
    let mut rate = record();
    rate["tax_rates"][1]["percentageRate"] = json!(175);
    assert_eq!(refused(&rate), "tax_rates[1].percentageRate");
    let mut nothing = record();
    nothing["line_items"] = json!([]);
    property(&mut nothing, "/deal", "amount", json!(""));
    assert_eq!(refused(&nothing), "deal.properties.amount");
    let mut no_properties = record();
    no_properties["deal"].as_object_mut().unwrap().remove("properties");
    assert_eq!(refused(&no_properties), "deal.properties");
    no_properties["line_items"][1]["properties"] = json!(7);
    no_properties["deal"]["properties"] = json!({});
    assert_eq!(refused(&no_properties), "line_items[1].properties");
    for body in ["", "[]", "3", "null", "{", "{}", "{\"deal\":{}} x"] {
        assert_eq!(normalize(body.as_bytes()).unwrap_err().kind(), ErrorKind::Payload, "{body}");
    }
}

#[test]
fn large_numbers_are_refused_and_never_overflow() {
    for price in
        ["99999999999999999999999999", "300000000000000000000000000", "79228162514264337593543950335"]
    {
        for (name, value) in
            [("quantity", price), ("discount", price), ("amount", price), ("hs_total_discount", price)]
        {
            let mut record = record();
            property(&mut record, "/line_items/0", "price", json!(price));
            property(&mut record, "/line_items/0", name, json!(value));
            let _ = normalize(record.to_string().as_bytes());
        }
    }
}

/// Every byte of the fixture, changed in a few ways: read or refused, never a panic.
#[test]
fn no_single_byte_can_make_it_panic() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let body = serde_json::to_vec(&record()).unwrap();
    let delivery = json!([{"subscriptionType": "deal.merge", "objectId": 1, "portalId": 2, "occurredAt": 1, "newObjectId": 4}]);
    let delivery = delivery.to_string().into_bytes();
    for source in [body, delivery] {
        for at in 0..source.len() {
            for _ in 0..4 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let mut mutated = source.clone();
                mutated[at] = match seed % 4 {
                    0 => b'9',
                    1 => b'-',
                    2 => b'e',
                    _ => u8::try_from(seed >> 56).unwrap(),
                };
                let _ = normalize(&mutated);
                let _ = common::events(&mutated);
            }
        }
    }
}

#[test]
fn associations_name_the_end_that_is_a_deal() {
    let cases = [
        (
            json!({"subscriptionType": "deal.associationChange", "associationType": "DEAL_TO_LINE_ITEM", "fromObjectId": 1, "toObjectId": 2}),
            Some("1"),
        ),
        (
            json!({"subscriptionType": "deal.associationChange", "associationType": "CONTACT_TO_DEAL", "fromObjectId": 1, "toObjectId": 2}),
            Some("2"),
        ),
        (
            json!({"subscriptionType": "contact.associationChange", "associationType": "CONTACT_TO_COMPANY", "fromObjectId": 1, "toObjectId": 2}),
            None,
        ),
        (
            json!({"subscriptionType": "object.associationChange", "fromObjectTypeId": "0-3", "fromObjectId": 1, "toObjectId": 2}),
            Some("1"),
        ),
        (json!({"subscriptionType": "object.creation", "objectTypeId": "0-1", "objectId": 1}), None),
        (
            json!({"eventType": "deal.merge", "objectId": 1, "primaryObjectId": 2, "newObjectId": 3}),
            Some("3"),
        ),
        (json!({"eventType": "deal.merge", "objectId": 1, "primaryObjectId": 2}), Some("2")),
        (json!({"eventType": "line_item.creation", "objectId": 1}), None),
    ];
    for (event, deal) in cases {
        let found = common::events(json!([event]).to_string().as_bytes()).unwrap().remove(0);
        assert_eq!(found.record.as_ref().map(|key| key.id.as_str()), deal, "{event}");
    }
}
