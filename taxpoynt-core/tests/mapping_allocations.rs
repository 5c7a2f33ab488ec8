//! No field that no rule touches, and no value that no rule changes, costs an allocation. Counted by an allocator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "mapping_rules/support.rs"]
#[allow(dead_code, reason = "shared with the other tests of rules")]
mod support;

use allocation_counter::measure;
use std::hint::black_box;
use support::*;
use taxpoynt_core::{
    mapping::{Record, Rules, apply},
    model::{Item, ItemTax, Sale, SourceDocument, TenderMethod},
    tenant::Tenant,
};

/// A sale of so many lines to a company, and its record.
fn sale_of(lines: usize) -> (SourceDocument, String) {
    let element = |i: usize| format!(r#"{{"note":"note {i}","code":"C-{i}","tags":["a"]}}"#);
    let list: Vec<String> = (0..lines).map(element).collect();
    let body =
        format!(r#"{{"order":{{"po":"PO-7","line_items":[{}]}},"customer":{{"ref":"R"}}}}"#, list.join(","));
    let line = |i| Item {
        description: Some("Large".into()),
        sku: Some("jr-01".into()),
        unit: Some("KGM".into()),
        ..bound(ItemTax::NotCarried, &[("order.line_items", i)])
    };
    let items = (0..lines).map(line).collect();
    let tenders = vec![tender(TenderMethod::Card)];
    (transaction(Sale { items, tenders, customer: Some(customer()), ..sale() }), body)
}

/// How often memory is asked for while rules are applied to a record that was looked into before.
fn allocations(rules: &Rules, document: &SourceDocument, body: &str, tenant: &Tenant) -> (u64, usize) {
    let record = Record::new(body.as_bytes(), &TILL).unwrap();
    let first = apply(rules, document, &record, tenant).unwrap();
    assert!(first.reasons.is_empty(), "nothing is held, which costs a sentence: {:?}", first.reasons);
    let counted = measure(|| {
        black_box(apply(rules, document, &record, tenant).unwrap());
    });
    (counted.count_total, first.fields())
}

fn rules(text: &str) -> Rules {
    Rules::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Sets what every line needs, and no more.
const LEAST: &str =
    "[each.line]\nname = \"item.name\"\ntax = { value = { category = \"E\", reason = \"Food\" } }\n";

#[test]
fn the_allocator_counts() {
    let counted = measure(|| {
        black_box(vec![1_u8; 3]);
    });
    assert_eq!(counted.count_total, 1);
}

#[test]
fn a_target_that_no_rule_sets_costs_nothing() {
    let shop = tenant("{}");
    let least = rules(LEAST);
    let counted: Vec<(u64, usize)> = [1, 10, 1000]
        .iter()
        .map(|lines| {
            let (document, body) = sale_of(*lines);
            allocations(&least, &document, &body, &shop)
        })
        .collect();
    let [(one, 2), (ten, 20), (thousand, 2000)] = counted[..] else { panic!("{counted:?}") };
    assert_eq!(
        (one, ten),
        (thousand, thousand),
        "six untouched targets a line, whatever the number of lines"
    );
    assert!(one <= 5, "only the lists of what comes out: {one}");
}

#[test]
fn a_rule_whose_when_fails_costs_nothing() {
    let shop = tenant("{}");
    let (document, body) = sale_of(50);
    let (least, _) = allocations(&rules(LEAST), &document, &body, &shop);
    let failing = [
        r#"equals = { "sale.id" = "another" }"#,
        r#"equals = { "sale.total" = 7 }"#,
        r#"in = { "item.sku" = ["a", "b", "c"] }"#,
        r#"present = "item.product_id""#,
        r#"absent = "item.sku""#,
        r#"equals = { "raw.order.po" = "another" }"#,
        r#"equals = { "raw.order.line_items[].note" = "another" }"#,
        r#"present = "raw.order.line_items[].tags[].name""#,
        r#"present = "raw.order.taxes[].name""#,
        r#"present = "custom.nothing""#,
        r#"equals = { "buyer.name" = "another" }"#,
        r#"not = { present = ["sale.id", "item.name"] }"#,
    ];
    for when in failing {
        let rule = format!("{{ value = \"never\", when = {{ {when} }} }}");
        let targets =
            ["description", "sku", "unit", "category", "note"].map(|t| format!("{t} = [{rule}, {rule}]\n"));
        let (with, fields) =
            allocations(&rules(&format!("{LEAST}{}", targets.concat())), &document, &body, &shop);
        assert_eq!((with, fields), (least, 100), "{when}");
    }
}

#[test]
fn a_value_passed_through_unchanged_costs_nothing() {
    let shop = tenant("{}");
    let (document, body) = sale_of(50);
    let (least, _) = allocations(&rules(LEAST), &document, &body, &shop);
    let passed = r#"
        [invoice]
        note = "raw.order.po"
        order_reference = "sale.reference"
        payment_terms = { value = "On receipt" }
        due_days = { value = 14 }
        [buyer]
        name = { from = ["customer.name", "customer.trading_name"], apply = [{ default = "Nobody" }] }
        tin = { from = "customer.tin", apply = ["trim", "require"] }
        email = { from = "customer.email", when = { present = "buyer.name" } }
        [each.line]
        name = { from = "raw.order.line_items[].code", apply = ["trim", { max_len = 35 }] }
        description = ["item.product_id", "item.description"]
        sku = { from = "item.sku", apply = [{ lookup = { jr-01 = "JR" } }] }
        unit = "item.unit"
        tax = { value = { category = "E", reason = "Food" } }
        category = { from = "raw.order.line_items[].note", apply = [{ split_first = ";" }] }
        classification = { value = { isic_code = "5610", service_category = "Restaurants" } }
        note = "raw.order.line_items[].note"
        [each.payment]
        code = { from = "tender.method", apply = [{ lookup = { card = "48" } }] }
        id = "tender.id"
    "#;
    let (touched, fields) = allocations(
        &rules(
            &passed
                .replace("from = [\"customer.name\", \"customer.trading_name\"]", "from = \"customer.name\""),
        ),
        &document,
        &body,
        &shop,
    );
    assert_eq!(fields, 4 + 3 + 50 * 8 + 2);
    assert!(
        touched <= least + 2,
        "{touched} instead of {least}: a list of payments, and nothing for {fields} fields"
    );
}

#[test]
fn a_value_that_is_changed_costs_its_own_text_and_no_more() {
    let shop = tenant("{}");
    let (document, body) = sale_of(50);
    let (least, _) = allocations(&rules(LEAST), &document, &body, &shop);
    let upper = format!("{LEAST}note = {{ from = \"item.name\", apply = [\"upper\"] }}\n");
    let (with, _) = allocations(&rules(&upper), &document, &body, &shop);
    assert_eq!(with, least + 50);
}

#[test]
fn looking_into_the_record_costs_each_object_once() {
    let shop = tenant("{}");
    let (document, body) = sale_of(50);
    let reading = |targets: &[&str]| {
        let rule = |target: &&str| format!("{target} = \"raw.order.line_items[].{target}\"\n");
        let text: String = targets.iter().map(rule).collect();
        let rules = rules(&format!("{LEAST}{text}"));
        let counted = measure(|| {
            let record = Record::new(body.as_bytes(), &TILL).unwrap();
            black_box(apply(&rules, &document, &record, &shop).unwrap());
        });
        counted.count_total
    };
    assert_eq!(reading(&["note"]), reading(&["note", "sku", "unit", "category", "description"]));
}
