//! The language: merging, order, skipping, the built-in layer, provenance, and what is decided about the buyer.

use crate::support::*;
use taxpoynt_core::{
    mapping::{Record, Rules, apply},
    model::{CustomerKind, ItemTax, Location, Sale, TenderMethod},
};

fn note(rules: &str) -> Option<String> {
    rules_over(rules, sale(), r#"{"order":{"a":"A","n":5,"yes":true,"list":["x","y"]}}"#)
        .document
        .note
        .map(|note| note.into_owned())
}

#[test]
fn the_first_rule_that_applies_decides() {
    let rules = r#"[invoice]
        note = [
            { value = "never", when = { equals = { "sale.kind" = "deal" } } },
            "raw.order.missing",
            "raw.order.a",
            { value = "too late" },
        ]"#;
    assert_eq!(note(rules).as_deref(), Some("A"));
}

#[test]
fn later_layers_are_asked_first_and_fall_back() {
    let low = Rules::parse_named(
        "low",
        "[invoice]\nnote = { value = \"low\" }\npayment_terms = { value = \"30 days\" }",
    )
    .unwrap();
    let high = Rules::parse_named(
        "high",
        "[invoice]\nnote = { value = \"high\", when = { present = \"raw.order.a\" } }",
    )
    .unwrap();
    let merged = Rules::merged(&[&low, &high]);
    let tenant = tenant("{}");
    for (body, expected, rule) in
        [(r#"{"order":{"a":1}}"#, "high", "high:2"), (r#"{"order":{}}"#, "low", "low:2")]
    {
        let record = Record::new(body.as_bytes(), &TILL).unwrap();
        let document = transaction(sale());
        let mapped = apply(&merged, &document, &record, &tenant).unwrap();
        assert_eq!(mapped.document.note.as_deref(), Some(expected));
        assert_eq!(mapped.document.payment_terms.as_deref(), Some("30 days"));
        assert_eq!(mapped.provenance()[0].rule, rule);
    }
    assert_eq!(format!("{:?}", Rules::merged(&[])), "{}");
}

#[test]
fn skip_silences_the_layers_below() {
    assert_eq!(note("").as_deref(), Some("Thank you"));
    assert_eq!(note("[invoice]\nnote = { skip = true }"), None);
    let when = "[invoice]\nnote = { skip = true, when = { equals = { \"sale.kind\" = \"deal\" } } }";
    assert_eq!(note(when).as_deref(), Some("Thank you"));
}

#[test]
fn predicates_hold_as_they_say() {
    for (when, holds) in [
        (r#"{ equals = { "raw.order.a" = "A" } }"#, true),
        (r#"{ equals = { raw.order.a = "A" } }"#, true),
        (r#"{ equals = { "raw.order.a" = "a" } }"#, false),
        (r#"{ equals = { "raw.order.n" = 5.0 } }"#, true),
        (r#"{ equals = { "raw.order.n" = "5" } }"#, true),
        (r#"{ equals = { "raw.order.yes" = true } }"#, true),
        (r#"{ equals = { "raw.order.yes" = "true" } }"#, true),
        (r#"{ equals = { "sale.paid" = true } }"#, true),
        (r#"{ equals = { "sale.tip" = 0 } }"#, true),
        (r#"{ equals = { "raw.order.missing" = "A" } }"#, false),
        (r#"{ equals = { "raw.order.a" = "A", "raw.order.n" = 6 } }"#, false),
        (r#"{ in = { "raw.order.a" = ["B", "A"] } }"#, true),
        (r#"{ in = { "raw.order.a" = ["B"] } }"#, false),
        (r#"{ present = "raw.order.a" }"#, true),
        (r#"{ present = ["raw.order.a", "raw.order.missing"] }"#, false),
        (r#"{ present = "raw.order" }"#, true),
        (r#"{ absent = "raw.order.missing" }"#, true),
        (r#"{ absent = ["raw.order.missing", "raw.order.a"] }"#, false),
        (r#"{ not = { equals = { "raw.order.a" = "B" } } }"#, true),
        (r#"{ not = { equals = { "raw.order.a" = "A" }, present = "raw.order.n" } }"#, false),
        (r#"{ not = { not = { present = "raw.order.a" } } }"#, true),
        (r#"{ present = "deal.id" }"#, false),
        (r#"{ present = "transaction.id" }"#, true),
    ] {
        let rules = format!("[invoice]\nnote = [{{ value = \"yes\", when = {when} }}, {{ value = \"no\" }}]");
        assert_eq!(note(&rules).as_deref(), Some(if holds { "yes" } else { "no" }), "{when}");
    }
}

#[test]
fn sources_of_each_kind_are_read() {
    let body =
        r#"{"deal":{"id":"9","properties":{"buyer_po":"PO-1"},"custom_fields":{"project":"P"},"plain":"Q"}}"#;
    for (source, expected) in [
        ("deal.title", "ERP rollout"),
        ("deal.amount", "100.50"),
        ("deal.id", "S-1"),
        ("sale.reference", "POS-2026-000417"),
        ("sale.currency", "NGN"),
        ("customer.name", "Zenith Foods Ltd"),
        ("customer.contact.name", "Ada Obi"),
        ("custom.buyer_po", "PO-1"),
        ("custom.project", "P"),
        ("custom.plain", "Q"),
        ("raw.deal.properties.buyer_po", "PO-1"),
        ("setting.name", "Adire Works Ltd"),
        ("setting.country", "NG"),
        ("transaction.id", "none"),
        ("refund.reason", "none"),
    ] {
        let rules = format!("[invoice]\nnote = [\"{source}\", {{ value = \"none\" }}]");
        let document = deal(Sale { customer: Some(customer()), ..sale() });
        let mapped = map(&tenant("{}"), &rules, &document, &CRM, body);
        assert_eq!(mapped.document.note.as_deref(), Some(expected), "{source}");
    }
}

#[test]
fn the_built_in_layer_knows_the_buyer() {
    let mapped = rules_over("", Sale { customer: Some(customer()), ..sale() }, "{\"order\":{}}");
    let buyer = mapped.buyer.party().unwrap();
    assert_eq!(buyer.name, "Zenith Foods Ltd");
    assert_eq!(buyer.trading_name.as_deref(), Some("Zenith"));
    assert_eq!(buyer.tin.as_deref(), Some("12345678-0001"));
    assert_eq!(buyer.registration_number.as_deref(), Some("RC123456"));
    assert_eq!(buyer.email.as_deref(), Some("ap@zenith.example"));
    assert_eq!(buyer.phone.as_deref(), Some("+2348030000000"));
    assert_eq!(buyer.address.state.as_deref(), Some("NG-LA"));
    assert_eq!(buyer.address.country.as_deref(), Some("NG"));
    let contact = buyer.contact.unwrap();
    assert_eq!(contact.name.as_deref(), Some("Ada Obi"), "finance before the primary one");
    assert_eq!(contact.phone.as_deref(), Some("+2348051111111"));
}

#[test]
fn a_foreign_buyer_keeps_its_state_and_number() {
    let mut abroad = foreign("United States");
    abroad.organization.phone = Some("0803 000 0000".into());
    let buyer =
        rules_over("", Sale { customer: Some(abroad), ..sale() }, "{\"order\":{}}").buyer.party().unwrap();
    assert_eq!(buyer.address.country.as_deref(), Some("US"));
    assert_eq!(buyer.address.state.as_deref(), Some("Delta"), "no Nigerian state");
    assert_eq!(buyer.phone.as_deref(), Some("0803 000 0000"), "no Nigerian number");

    let mut nowhere = customer();
    nowhere.organization.address.country = None;
    let buyer =
        rules_over("", Sale { customer: Some(nowhere), ..sale() }, "{\"order\":{}}").buyer.party().unwrap();
    assert_eq!((buyer.address.country, buyer.address.state.as_deref()), (None, Some("NG-LA")));
    assert_eq!(buyer.phone.as_deref(), Some("+2348030000000"), "without a country, the seller's");
}

#[test]
fn a_walk_in_is_no_buyer_and_a_person_is_named() {
    assert_eq!(rules_over("", sale(), "{\"order\":{}}").buyer.party(), None);
    let nobody = taxpoynt_core::model::Customer { id: Some("C".into()), ..Default::default() };
    assert_eq!(
        rules_over("", Sale { customer: Some(nobody), ..sale() }, "{\"order\":{}}").buyer.party(),
        None
    );
    let mut person = customer();
    person.kind = CustomerKind::Individual;
    person.organization = taxpoynt_core::model::Organization::default();
    let buyer =
        rules_over("", Sale { customer: Some(person), ..sale() }, "{\"order\":{}}").buyer.party().unwrap();
    assert_eq!(buyer.name, "Ada Obi");
    assert_eq!(buyer.email.as_deref(), Some("ada@zenith.example"));
}

#[test]
fn the_buyers_tin_is_stripped_of_its_prefix_only_where_it_has_one() {
    let path = r#""tin_path":"customer.reference_id""#;
    for (settings, value, expected) in [
        (format!("{path}, \"strip_prefix\":\"TIN:\""), "TIN: 87654321-0001 ", Some("87654321-0001")),
        (format!("{path}, \"strip_prefix\":\"TIN:\""), "LOYALTY-77", None),
        (format!("{path}, \"strip_prefix\":\"TIN:\""), "X TIN:1", None),
        (format!("{path}, \"strip_prefix\":\"TIN:\""), "TIN:", None),
        (path.to_owned(), "87654321-0001", Some("87654321-0001")),
        (path.to_owned(), "  ", None),
    ] {
        let settings = tenant(&format!("{{\"buyer\":{{{settings}}}}}"));
        let body = serde_json::json!({"order": {}, "customer": {"reference_id": value}}).to_string();
        for (customer, fallback) in [(None, None), (Some(customer()), Some("12345678-0001"))] {
            let document = transaction(Sale { customer, ..sale() });
            let buyer = map(&settings, "", &document, &TILL, &body).buyer.party();
            let tin = buyer.and_then(|buyer| buyer.tin);
            assert_eq!(tin.as_deref(), expected.or(fallback), "{settings:?} {value:?}");
        }
    }
}

#[test]
fn payments_take_the_code_of_their_method() {
    let methods = [
        (TenderMethod::Cash, "10"),
        (TenderMethod::Card, "48"),
        (TenderMethod::Cheque, "20"),
        (TenderMethod::Transfer, "ZZZ"),
        (TenderMethod::Other, "ZZZ"),
    ];
    let tenders = methods.iter().map(|(method, _)| tender(*method)).collect();
    let mapped = rules_over("", Sale { tenders, ..sale() }, "{\"order\":{}}");
    let codes: Vec<&str> = mapped.payment_means.iter().map(|means| means.code.as_ref()).collect();
    assert_eq!(codes, methods.map(|(_, code)| code));
    assert_eq!(mapped.payment_means[0].id.as_deref(), Some("T-1"));
    assert_eq!(mapped.payment_means[1].name.as_deref(), Some("Bank card"));
}

#[test]
fn a_line_keeps_what_the_item_says() {
    let mapped = rules_over("", sale(), "{\"order\":{}}");
    let line = &mapped.lines[0];
    assert_eq!((line.name.as_ref(), line.description.as_deref()), ("Jollof rice", Some("Large")));
    assert_eq!(
        (line.sku.as_deref(), line.unit.as_deref(), line.note.as_deref()),
        (Some("jr-01"), None, None)
    );
    assert_eq!(mapped.document.order_reference.as_deref(), Some("POS-2026-000417"));

    let nameless = taxpoynt_core::model::Item {
        name: " ".into(),
        description: None,
        sku: None,
        ..item(applied("7.5", "7.50"))
    };
    let mapped = rules_over("", Sale { items: vec![nameless], ..sale() }, "{\"order\":{}}");
    assert_eq!(
        (codes(&mapped), mapped.reasons[0].target.as_str()),
        (vec!["field_required"], "lines[0].name")
    );
}

#[test]
fn classification_is_by_field_and_else_the_default() {
    let settings = r#"{"classification":{
        "default":{"hsn_code":"2106.90","product_category":"Food preparations"},
        "by_field":{"field":"order.line_items[].catalog_object_id","values":{"ABC":{"isic_code":"5610","service_category":"Restaurants"}}}}}"#;
    let items = (0..3).map(|i| bound(applied("7.5", "1"), &[("order.line_items", i)])).collect();
    let body = r#"{"order":{"line_items":[{"catalog_object_id":"ABC"},{"catalog_object_id":"X"},{}]}}"#;
    let document = transaction(Sale { items, ..sale() });
    let mapped = map(&tenant(settings), "", &document, &TILL, body);
    let found: Vec<String> = mapped
        .lines
        .iter()
        .map(|line| serde_json::to_string(line.classification.as_ref().unwrap()).unwrap())
        .collect();
    let food = r#"{"hsn_code":"2106.90","product_category":"Food preparations"}"#;
    assert_eq!(found, [r#"{"isic_code":"5610","service_category":"Restaurants"}"#, food, food]);
    assert_eq!(rules_over("", sale(), "{\"order\":{}}").lines[0].classification, None);
}

#[test]
fn days_are_counted_in_the_zone_of_the_shop() {
    let rules =
        "[invoice]\ndue_date = { from = \"sale.closed_at\", apply = [\"date\"] }\ndue_days = { value = 14 }";
    let mapped = rules_over(rules, sale(), "{\"order\":{}}");
    assert_eq!(mapped.document.due_date.unwrap().to_string(), "2026-10-15", "Lagos is an hour ahead");
    assert_eq!(mapped.document.due_days, Some(14));
    let location = Some(Location { timezone: Some("America/New_York".into()), ..Location::default() });
    let mapped = rules_over(rules, Sale { location, ..sale() }, "{\"order\":{}}");
    assert_eq!(mapped.document.due_date.unwrap().to_string(), "2026-10-14");
    for bad in ["1.5", "-1", "70000"] {
        let mapped = rules_over(
            "[invoice]\ndue_days = { from = \"raw.order.terms\", apply = [\"decimal\"] }",
            sale(),
            &format!("{{\"order\":{{\"terms\":{bad}}}}}"),
        );
        assert!(mapped.document.due_days.is_none() && codes(&mapped).contains(&"mapping_failed"), "{bad}");
        assert!(!mapped.provenance().iter().any(|p| p.target == "due_days"), "what was not set has no rule");
    }
}

#[test]
fn what_a_rule_cannot_use_is_a_reason_with_its_place() {
    for (rule, says) in [
        (r#""raw.order""#, "is an object"),
        (r#""raw.order.list""#, "is a list"),
        (r#"{ from = "raw.order.a", apply = ["decimal"] }"#, "holds \"A\", which is not a decimal number"),
        (r#"{ from = "raw.order.a", apply = ["bool", { lookup = { true = "t" } }] }"#, "neither yes nor no"),
        (r#"{ from = "raw.order.a", apply = ["date", { template = "{}" }] }"#, "is not a date"),
    ] {
        let mapped = rules_over(
            &format!("[invoice]\nnote = {rule}"),
            sale(),
            r#"{"order":{"a":"A","list":["x","y"]}}"#,
        );
        assert_eq!(mapped.document.note, None, "{rule}");
        let reason = mapped.reasons.iter().find(|reason| reason.target == "note").unwrap();
        assert_eq!(reason.code, "mapping_failed");
        assert!(reason.message.contains(says) && reason.message.contains("rules:2"), "{}", reason.message);
        assert!(!mapped.provenance().iter().any(|p| p.target == "note"));
    }
}

#[test]
fn every_target_that_is_set_says_by_which_rule() {
    let sale = Sale { customer: Some(customer()), items: vec![item(ItemTax::Untaxed)], ..sale() };
    let settings = tenant(r#"{"tax":{"untaxed":{"category":"E"}}}"#);
    let mapped =
        map(&settings, "[buyer]\nemail = \"setting.name\"", &transaction(sale), &TILL, "{\"order\":{}}");
    let provenance = mapped.provenance();
    let of = |target: &str| {
        let p = provenance.iter().find(|p| p.target == target).unwrap_or_else(|| panic!("{target}"));
        format!("{} <- {} by {}", p.value, p.source.as_deref().unwrap_or("-"), p.rule)
    };
    assert_eq!(of("buyer.email"), "Adire Works Ltd <- setting.name by rules:2");
    assert_eq!(of("lines[0].tax"), "E 0 <- - by tenant:tax.untaxed");
    assert_eq!(of("buyer.address.state"), "NG-LA <- customer.address.state by base:20");
    let mut targets: Vec<&str> = provenance.iter().map(|p| p.target.as_str()).collect();
    let count = targets.len();
    targets.sort_unstable();
    targets.dedup();
    assert_eq!(targets.len(), count, "each target once");
}

#[test]
fn the_schema_lists_every_target_of_the_built_in_rules() {
    let schema = Rules::json_schema();
    for path in [
        "/properties/trigger/properties/deal",
        "/properties/invoice/properties/note",
        "/properties/invoice/properties/due_days",
        "/properties/buyer/properties/address/properties/country",
        "/properties/each/properties/line/properties/tax",
        "/properties/each/properties/charge/properties/reason",
        "/properties/each/properties/payment/properties/code",
    ] {
        let rule = schema.pointer(path).unwrap_or_else(|| panic!("{path}"));
        let reference = rule.pointer("/anyOf/0/$ref").unwrap().as_str().unwrap();
        assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let line = schema.pointer("/$defs/path.each.line/anyOf/0/enum").unwrap().as_array().unwrap();
    assert!(line.iter().any(|name| name == "item.tax.state"));
    let buyer = schema.pointer("/$defs/path.buyer/anyOf/0/enum").unwrap().as_array().unwrap();
    assert!(!buyer.iter().any(|name| name == "item.sku"));
    assert_eq!(
        schema.to_string().matches("amount").count(),
        schema.to_string().matches(".amount").count() + schema.to_string().matches("_amount").count(),
        "amounts are read, never set"
    );
}
