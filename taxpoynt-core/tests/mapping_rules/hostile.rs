//! Hostile rule files and records: refused or read quickly, never a panic.

use crate::support::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use taxpoynt_core::{
    mapping::{Record, Rules, apply},
    model::{ItemTax, Sale, TenderMethod},
};

fn refused(text: &str) -> String {
    let error = Rules::parse(text).unwrap_err();
    assert!(error.message().len() < 1_000, "a message quotes little of a hostile file");
    error.message().to_owned()
}

#[test]
fn deep_files_are_refused() {
    let deep = "[".repeat(100_000);
    assert!(refused(&format!("invoice = {deep}")).contains("not readable as TOML"));
    refused(&format!("{{\"invoice\": {deep}"));
    let closed = format!("{{\"invoice\": {}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(refused(&closed).contains("nested deeper"));
    let tables = format!("{{{}1{}", "\"a\":{".repeat(40), "}".repeat(41)).replacen("{\"a\"", "{\"buyer\"", 1);
    refused(&tables);
    let nots = format!(
        "[invoice]\nnote = {{ from = \"sale.id\", when = {}{} }}",
        "{ not = ".repeat(9),
        "}".repeat(9)
    );
    refused(&nots);
    refused(&format!("[{}]", vec!["a"; 50_000].join(".")));
}

#[test]
fn long_files_are_refused() {
    assert!(refused(&format!("# {}", "x".repeat(300_000))).contains("at most 262144 bytes"));
    let rules = "\"sale.id\",".repeat(2_001);
    assert!(refused(&format!("[invoice]\nnote = [{rules}]")).contains("at most 2000 rules"));
    let steps = "\"trim\",".repeat(17);
    assert!(
        refused(&format!("[invoice]\nnote = {{ from = \"sale.id\", apply = [{steps}] }}")).contains("16")
    );
    let paths = "\"sale.id\",".repeat(17);
    assert!(
        refused(&format!("[invoice]\nnote = {{ from = [{paths}], apply = [\"first\"] }}")).contains("16")
    );
    let tests = "\"sale.id\",".repeat(33);
    assert!(
        refused(&format!("[invoice]\nnote = {{ from = \"sale.id\", when = {{ present = [{tests}] }} }}"))
            .contains("32")
    );
    let template = "{sale.id}".repeat(33);
    assert!(
        refused(&format!("[invoice]\nnote = {{ apply = [{{ template = \"{template}\" }}] }}")).contains("32")
    );
    let long = "x".repeat(5_000);
    assert!(
        refused(&format!("[invoice]\nnote = {{ apply = [{{ template = \"{long}\" }}] }}")).contains("1000")
    );
    assert!(refused(&format!("[invoice]\nnote = {{ value = \"{long}\" }}")).contains("4000"));
    assert!(refused(&format!("[invoice]\nnote = \"raw.{long}\"")).contains("300"));
    refused(&format!("[invoice]\n{long} = \"sale.id\""));
    refused(&format!("[invoice]\nnote = {{ from = \"sale.id\", apply = [\"{long}\"] }}"));
    refused(&format!(
        "[each.line]\ntax = {{ value = {{ category = \"S\", percent = {} }} }}",
        "9".repeat(5_000)
    ));
}

#[test]
fn a_rule_cannot_grow_a_text_without_end() {
    let grow = "{ replace = [\"a\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"] },".repeat(16);
    let sale = Sale { reference: Some("a".into()), ..sale() };
    let rules = format!("[invoice]\nnote = {{ from = \"sale.reference\", apply = [{grow}] }}");
    let mapped = rules_over(&rules, sale, "{\"order\":{}}");
    assert_eq!(mapped.document.note, None);
    assert!(mapped.reasons.iter().any(|r| r.code == "mapping_failed" && r.target == "note"));
}

#[test]
fn deep_and_wide_records_are_read() {
    let deep = format!("{{\"order\":{{\"a\":{}1{}}}}}", "[".repeat(200_000), "]".repeat(200_000));
    let mapped = rules_over("[invoice]\nnote = \"raw.order.a\"", sale(), &deep);
    assert_eq!(mapped.document.note.as_deref(), Some("Thank you"), "lists in lists hold no text");
    let wide = format!("{{\"order\":{{{}\"a\":\"x\"}}}}", "\"k\":0,".repeat(200_000));
    assert_eq!(
        rules_over("[invoice]\nnote = \"raw.order.a\"", sale(), &wide).document.note.as_deref(),
        Some("x")
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,6})?".prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            Just("order".to_owned()),
            Just("deal".to_owned()),
            Just("line_items".to_owned()),
            Just("line_item".to_owned()),
            Just("id".to_owned()),
            Just("tax".to_owned()),
            Just("a".to_owned()),
            Just("properties".to_owned()),
            "\\PC{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..5)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

const EVERYTHING: &str = r#"
[invoice]
note = { from = "raw.order.a", apply = ["trim", "upper", { max_len = 5 }, { replace = ["A", "bb"] }, { template = "{} {sale.id}" }] }
payment_terms = { from = "raw.order", apply = ["first", "bool", { lookup = { true = "yes" } }] }
order_reference = { from = ["raw.order.a", "raw.order.line_items", "custom.a"], apply = [{ join = "," }, { default = "x" }] }
due_date = { from = "raw.order.a", apply = ["datetime", "date"] }
due_days = { from = "raw.order.tax", apply = [{ decimal = 0 }] }
buyer_reference = { from = "raw.order.tax", apply = [{ datetime = "unix_ms" }, { template = "{}" }] }
[buyer]
name = ["raw.order.line_items[0].a", "raw.order"]
tin = { from = "raw.deal.line_item.id", apply = [{ strip_prefix = "T" }, { split_first = "-" }, "require"] }
phone = { from = "raw.order.a", apply = [{ phone = "234" }] }
address.state = { from = "raw.order.a", apply = [{ lookup = "ng_states" }] }
address.country = { from = "raw.order.a", apply = [{ lookup = "countries" }] }
[each.line]
note = { from = "raw.order.line_items[].a", apply = ["minor_units"] }
sku = { from = "raw.order.line_items[].line_items[].a", when = { not = { equals = { "raw.order.line_items[].tax" = 0 } } } }
unit = { from = "raw.order.a", apply = [{ date = "%d/%m/%Y" }, { template = "{}" }] }
tax = { from = "raw.order.line_items[].tax", apply = [{ percent = "fraction" }] }
"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn applying_rules_to_any_record_never_panics(record in any_json(), index in 0usize..4, years in -262_000i32..262_000) {
        let record = json!({ "order": record.clone(), "line_items": record.clone(), "x": record });
        let closed_at = chrono::NaiveDate::from_ymd_opt(years, 1, 1)
            .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
        let sale = Sale {
            items: vec![bound(ItemTax::NotCarried, &[("order.line_items", index), ("line_items", index)])],
            charges: vec![charge(ItemTax::Untaxed)],
            tenders: vec![tender(TenderMethod::Transfer)],
            customer: Some(customer()),
            closed_at,
            ..sale()
        };
        let tenant = tenant("{}");
        let closed = Rules::parse("[invoice]\ndue_date = { from = \"sale.closed_at\", apply = [\"date\"] }").unwrap();
        for shape in [&TILL, &CRM] {
            let rules = layered(&tenant, EVERYTHING);
            for body in [record.to_string(), record["x"].to_string()] {
                let Ok(record) = Record::new(body.as_bytes(), shape) else { continue };
                let document = transaction(sale.clone());
                let mapped = apply(&rules, &document, &record, &tenant).unwrap();
                prop_assert_eq!(mapped.lines.len(), 1);
                prop_assert!(mapped.lines[0].tax.is_some() || !mapped.reasons.is_empty());
                apply(&closed, &document, &record, &tenant).unwrap();
            }
        }
    }

    #[test]
    fn parsing_any_text_never_panics(text in "(\\PC|\n){0,200}") {
        if let Err(error) = Rules::parse(&text) {
            prop_assert!(error.get("line").is_some() && error.get("column").is_some());
        }
    }

    #[test]
    fn parsing_damaged_rules_never_panics(at in 0usize..2_000, cut in 0usize..40, with in "(\\PC|\n){0,8}") {
        let text: Vec<char> = EVERYTHING.chars().collect();
        let at = at.min(text.len());
        let rest = text[at..].iter().skip(cut);
        let damaged: String = text[..at].iter().copied().chain(with.chars()).chain(rest.copied()).collect();
        let _ = Rules::parse(&damaged).map_err(|error| error.to_string());
    }
}
