//! Paths into a record: aliases, indexes, bare roots, bindings, and exact numbers.

use crate::support::*;
use taxpoynt_core::{ErrorKind, connector::RecordShape, mapping::Record, model::ItemTax};

fn get(shape: &RecordShape, body: &str, path: &str) -> Option<String> {
    Record::new(body.as_bytes(), shape).unwrap().get(path).unwrap().map(str::to_owned)
}

#[test]
fn a_list_and_its_singular_are_the_same_member() {
    for body in [
        r#"{"deal":{},"companies":[{"properties":{"tin":"T"}}]}"#,
        r#"{"deal":{},"company":{"properties":{"tin":"T"}}}"#,
    ] {
        for path in [
            "company.properties.tin",
            "companies.properties.tin",
            "companies[0].properties.tin",
            "company[0].properties.tin",
        ] {
            assert_eq!(get(&CRM, body, path).as_deref(), Some("\"T\""), "{path} of {body}");
        }
        assert_eq!(get(&CRM, body, "companies[1].properties.tin"), None);
    }
    assert_eq!(get(&CRM, r#"{"deal":{},"companies":[]}"#, "company.properties.tin"), None);
    assert_eq!(
        get(&CRM, r#"{"deal":{},"companies":null,"company":{"a":1}}"#, "companies.a").as_deref(),
        Some("1")
    );
}

#[test]
fn a_bare_root_counts_as_the_record() {
    let bare = r#"{"id":"O-1","reference":"R"}"#;
    assert_eq!(get(&TILL, bare, "order.reference").as_deref(), Some("\"R\""));
    assert_eq!(get(&TILL, bare, "reference").as_deref(), Some("\"R\""));
    assert_eq!(get(&TILL, r#"{"reference":"R"}"#, "order.reference").as_deref(), Some("\"R\""));
    assert_eq!(get(&TILL, r#"{"customer":{"a":1}}"#, "order.a"), None, "a record that lacks its order");
    assert_eq!(get(&TILL, r#"{"order":{"id":1},"id":2}"#, "order.id").as_deref(), Some("1"));
    let record = Record::new(bare.as_bytes(), &TILL).unwrap();
    assert_eq!(record.root(), Some(bare));
}

#[test]
fn lists_are_found_inside_the_root_and_beside_it() {
    let nested = r#"{"id":1,"products":[{"tax":5},{"tax":7.5}]}"#;
    let gathered = r#"{"deal":{"id":1},"products":[{"tax":5},{"tax":7.5}]}"#;
    let wrapped = r#"{"deal":{"id":1,"products":[{"tax":5},{"tax":7.5}]}}"#;
    for body in [nested, gathered, wrapped] {
        for path in ["products[1].tax", "deal.products[1].tax"] {
            assert_eq!(get(&CRM, body, path).as_deref(), Some("7.5"), "{path} of {body}");
        }
    }
}

#[test]
fn numbers_keep_their_text() {
    let body = r#"{"order":{"a":36.0,"b":1234567890123456789.10,"c":"1.50","d":[1.0]}}"#;
    for (path, text) in [("order.a", "36.0"), ("order.b", "1234567890123456789.10"), ("order.d[0]", "1.0")] {
        assert_eq!(get(&TILL, body, path).as_deref(), Some(text));
    }
}

#[test]
fn odd_names_repeated_names_and_null_are_read_as_json_means_them() {
    let body =
        r#"{"order":{"a.b":1,"line items":{"x":2},"x\u0079":3,"twice":1,"twice":2,"nothing":null,"e":{}}}"#;
    for (path, text) in
        [("order.\"a.b\"", "1"), ("order.line items.x", "2"), ("order.xy", "3"), ("order.twice", "2")]
    {
        assert_eq!(get(&TILL, body, path).as_deref(), Some(text), "{path}");
    }
    for path in ["order.nothing", "order.nothing.more", "order.e.f", "order.twice.more", "nowhere"] {
        assert_eq!(get(&TILL, body, path), None, "{path}");
    }
}

#[test]
fn what_is_no_record_is_refused() {
    for body in ["", "[]", "null", "1", "{", "{} {}", "\"order\"", "{\"order\":}"] {
        let error = Record::new(body.as_bytes(), &TILL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Payload, "{body}");
    }
    assert_eq!(Record::new(b"{\"order\":\"\xff\"}", &TILL).unwrap_err().kind(), ErrorKind::Payload);
    let record = Record::new(b"{}", &TILL).unwrap();
    assert_eq!(record.get("a..b").unwrap_err().kind(), ErrorKind::Mapping);
    assert_eq!(record.get("order.taxes[].id").unwrap_err().kind(), ErrorKind::Mapping);
}

#[test]
fn debug_shows_no_customer() {
    let record = Record::new(br#"{"order":{"name":"Amina"}}"#, &TILL).unwrap();
    assert!(!format!("{record:?}").contains("Amina"));
}

#[test]
fn each_line_reads_the_element_it_came_from() {
    let rules = r#"[each.line]
        note = "raw.order.line_items[].note"
        sku = "raw.order.taxes[].uid""#;
    let items = vec![
        bound(ItemTax::Untaxed, &[("order.line_items", 1), ("order.taxes", 0)]),
        bound(ItemTax::Untaxed, &[("order.line_items", 0)]),
        item(ItemTax::Untaxed),
    ];
    let body = r#"{"order":{"line_items":[{"note":"first"},{"note":"second"}],"taxes":[{"uid":"vat"}]}}"#;
    let mapped = rules_over(rules, taxpoynt_core::model::Sale { items, ..sale() }, body);
    let notes: Vec<_> = mapped.lines.iter().map(|line| line.note.as_deref()).collect();
    assert_eq!(notes, [Some("second"), Some("first"), None]);
    let skus: Vec<_> = mapped.lines.iter().map(|line| line.sku.as_deref()).collect();
    assert_eq!(skus, [Some("vat"), Some("jr-01"), Some("jr-01")], "no binding: the base rule decides");
}

#[test]
fn bindings_and_paths_may_use_either_name_of_a_list() {
    for (binding, path) in [
        ("line_items", "line_item[].n"),
        ("line_item", "line_items[].n"),
        ("deal.line_items", "line_items[].n"),
        ("line_items", "deal.line_items[].n"),
    ] {
        for (body, index) in
            [(r#"{"deal":{},"line_items":[{},{"n":"x"}]}"#, 1), (r#"{"deal":{},"line_item":{"n":"x"}}"#, 0)]
        {
            let rules = format!("[each.line]\nnote = \"raw.{path}\"");
            let items = vec![bound(ItemTax::Untaxed, &[(binding, index)])];
            let document = deal(taxpoynt_core::model::Sale { items, ..sale() });
            let mapped = map(&tenant("{}"), &rules, &document, &CRM, body);
            assert_eq!(mapped.lines[0].note.as_deref(), Some("x"), "{binding} {path} {body}");
        }
    }
}

#[test]
fn a_list_inside_the_bound_element_is_searched() {
    let rules = r#"[each.line]
        note = { from = "raw.order.line_items[].applied_taxes[].tax_uid", apply = [{ lookup = { vat = "VAT" } }] }"#;
    let items = vec![bound(ItemTax::Untaxed, &[("order.line_items", 0)])];
    let body = r#"{"order":{"line_items":[{"applied_taxes":[{"tax_uid":"other"},{"tax_uid":"vat"}]}]}}"#;
    let mapped = rules_over(rules, taxpoynt_core::model::Sale { items, ..sale() }, body);
    assert_eq!(mapped.lines[0].note.as_deref(), Some("VAT"));
    let provenance = mapped.provenance();
    let set = provenance.iter().find(|p| p.target == "lines[0].note").unwrap();
    assert_eq!(set.source.as_deref(), Some("raw.order.line_items[0].applied_taxes[1].tax_uid"));
}

#[test]
fn a_thousand_bound_lines_split_their_list_once() {
    let count = 5_000;
    let element = |i: usize| format!(r#"{{"note":"n{i}","pad":"{}"}}"#, "x".repeat(200));
    let list: Vec<String> = (0..count).map(element).collect();
    let body = format!(r#"{{"order":{{"line_items":[{}]}}}}"#, list.join(","));
    let items = (0..count).map(|i| bound(ItemTax::Untaxed, &[("order.line_items", i)])).collect();
    let mapped = rules_over(
        "[each.line]\nnote = \"raw.order.line_items[].note\"",
        taxpoynt_core::model::Sale { items, ..sale() },
        &body,
    );
    assert_eq!(mapped.lines[count - 1].note.as_deref(), Some("n4999"));
}
