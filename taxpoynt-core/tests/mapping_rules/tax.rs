//! The tax of a line: each row of the precedence, for items and for charges.

use crate::support::*;
use taxpoynt_core::{
    mapping::Rules,
    model::{ItemTax, Sale},
};

const TWO_TAXES: &str = r#"{"order":{"taxes":[
    {"uid":"u1","catalog_object_id":"TAX-A","percentage":"7.5"},
    {"uid":"u2","catalog_object_id":"TAX-B","percentage":"5"}]}}"#;

const BY_FIELD: &str = r#"{"tax":{"by_field":{"field":"order.taxes[].catalog_object_id","values":{
    "TAX-A":{"category":"S","percent":"7.5"},"ZERO":{"category":"E","percent":"0"}}}}}"#;

fn decided(settings: &str, item: taxpoynt_core::model::Item, body: &str) -> Mapped {
    let sale = Sale { items: vec![item], ..sale() };
    map(&tenant(settings), "", &transaction(sale), &TILL, body)
}

#[test]
fn by_field_stands_before_everything_and_copies_the_amount() {
    let settings = BY_FIELD.replace(
        "\"tax\":{",
        r#""tax":{"default":{"category":"E"},"untaxed":{"category":"O"},"percent_field":"order.percent","#,
    );
    let body = TWO_TAXES.replace("\"taxes\"", "\"percent\":\"20\",\"taxes\"");
    for (tax, expected) in [
        (applied("5", "5.01"), "S 7.5 amount 5.01"),
        (ItemTax::Untaxed, "S 7.5"),
        (ItemTax::NotCarried, "S 7.5"),
    ] {
        let mapped = decided(&settings, bound(tax, &[("order.taxes", 0)]), &body);
        assert_eq!(shown(mapped.lines[0].tax.as_ref()), expected);
        let provenance = mapped.provenance();
        let set = provenance.iter().find(|p| p.target == "lines[0].tax").unwrap();
        assert_eq!(set.rule, "tenant:tax.by_field");
        assert_eq!(set.source.as_deref(), Some("raw.order.taxes[0].catalog_object_id"));
        assert_eq!(set.value, "S 7.5");
    }
}

#[test]
fn a_value_that_by_field_does_not_list_falls_through() {
    let mapped = decided(BY_FIELD, bound(applied("5", "5.00"), &[("order.taxes", 1)]), TWO_TAXES);
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "S 5 amount 5.00");
}

#[test]
fn a_stated_percent_decides_and_zero_is_what_the_tenant_says_it_is() {
    let field = r#""percent_field":"order.line_items[].tax""#;
    let zero = r#""zero_rate":{"category":"E","percent":"0"}"#;
    let body = |tax: &str| format!(r#"{{"order":{{"line_items":[{{}},{{"tax":{tax}}}]}}}}"#);
    let default = r#""default":{"category":"S","percent":"7.5"}"#;
    for (settings, value, expected) in [
        (format!("{field}, {default}"), "5", "S 5"),
        (format!("{field}, {default}"), "\"12.50\"", "S 12.5"),
        (format!("{field}, {default}"), "\"12.5 %\"", "S 12.5"),
        (format!("{field}, {default}"), "0", "Z 0"),
        (format!("{field}, {default}"), "\"0.00\"", "Z 0"),
        (format!("{field}, {zero}, {default}"), "0.0", "E 0"),
        (format!("{field}, {zero}, {default}"), "\"0%\"", "E 0"),
        (format!("{field}, {default}"), "\"\"", "S 7.5"),
        (format!("{field}, {default}"), "null", "S 7.5"),
    ] {
        let settings = format!("{{\"tax\":{{{settings}}}}}");
        let item = bound(ItemTax::NotCarried, &[("order.line_items", 1)]);
        let mapped = decided(&settings, item, &body(value));
        assert_eq!(shown(mapped.lines[0].tax.as_ref()), expected, "{settings} {value}");
    }
    let item = bound(applied("5", "5.00"), &[("order.line_items", 1)]);
    let mapped = decided(&format!("{{\"tax\":{{{field}}}}}"), item, &body("7.5"));
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "S 7.5 amount 5.00");
}

#[test]
fn a_percent_that_is_none_holds_the_document() {
    let settings = r#"{"tax":{"percent_field":"order.tax","default":{"category":"S","percent":"7.5"}}}"#;
    for value in ["\"n/a\"", "-1", "101", "true", "{}", "[1,2]"] {
        let mapped =
            decided(settings, item(ItemTax::NotCarried), &format!(r#"{{"order":{{"tax":{value}}}}}"#));
        assert_eq!(codes(&mapped), ["mapping_failed"], "{value}");
        assert!(mapped.lines[0].tax.is_none());
        assert!(mapped.reasons[0].message.contains("raw.order.tax"), "{}", mapped.reasons[0].message);
    }
}

#[test]
fn one_applied_tax_is_copied() {
    for (settings, tax, expected) in [
        ("{}", applied("7.5", "7.50"), "S 7.5 amount 7.50"),
        ("{}", ItemTax::Applied(vec![taxed("a", "7.5", None)]), "S 7.5"),
        ("{}", applied("0", "0"), "Z 0 amount 0"),
        (r#"{"tax":{"zero_rate":{"category":"E"}}}"#, applied("0", "0"), "E 0 amount 0"),
        (r#"{"tax":{"zero_rate":{"category":"E"}}}"#, applied("7.5", "7.50"), "S 7.5 amount 7.50"),
        (
            r#"{"tax":{"default":{"category":"O"},"untaxed":{"category":"O"}}}"#,
            applied("7.5", "1"),
            "S 7.5 amount 1",
        ),
    ] {
        let mapped = decided(settings, item(tax), r#"{"order":{}}"#);
        assert_eq!(shown(mapped.lines[0].tax.as_ref()), expected, "{settings}");
        assert!(mapped.reasons.is_empty(), "{:?}", mapped.reasons);
    }
}

#[test]
fn several_taxes_on_a_line_are_held_unless_by_field_names_the_vat() {
    let two = || ItemTax::Applied(vec![taxed("u1", "7.5", Some("7.50")), taxed("u2", "5", Some("5.00"))]);
    let both = [("order.taxes", 0), ("order.taxes", 1)];

    let mapped = decided("{}", bound(two(), &both), TWO_TAXES);
    assert_eq!(codes(&mapped), ["several_taxes"]);
    assert!(mapped.reasons[0].message.contains("Tax u1 7.5 %, Tax u2 5 %"), "{}", mapped.reasons[0].message);
    assert_eq!(mapped.reasons[0].target, "lines[0].tax");

    let mapped = decided(BY_FIELD, bound(two(), &both), TWO_TAXES);
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "S 7.5 amount 7.50");
    let mapped = decided(BY_FIELD, bound(two(), &[("order.taxes", 1), ("order.taxes", 0)]), TWO_TAXES);
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "S 7.5 amount 5.00", "the binding's place says which");

    let by_uid = BY_FIELD.replace("catalog_object_id", "uid").replace("TAX-A", "u2");
    let mapped = decided(&by_uid, bound(two(), &[("order.taxes", 1), ("order.taxes", 0)]), TWO_TAXES);
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "S 7.5 amount 5.00", "the id says which");

    let names_both = BY_FIELD.replace("ZERO", "TAX-B");
    let mapped = decided(&names_both, bound(two(), &both), TWO_TAXES);
    assert_eq!(codes(&mapped), ["several_taxes"], "two answers are none");

    let percent = r#"{"tax":{"percent_field":"order.taxes[].percentage"}}"#;
    let mapped = decided(percent, bound(two(), &both), TWO_TAXES);
    assert_eq!(codes(&mapped), ["several_taxes"]);
    let by_product =
        r#"{"tax":{"by_field":{"field":"order.id","values":{"O":{"category":"S","percent":"7.5"}}}}}"#;
    let mapped = decided(by_product, bound(two(), &both), r#"{"order":{"id":"O"}}"#);
    assert_eq!(codes(&mapped), ["several_taxes"], "the product does not say which of its taxes is VAT");
}

#[test]
fn a_buyer_abroad_is_export_where_the_platform_carries_no_tax() {
    let settings = r#"{"tax":{"default":{"category":"S","percent":"7.5"},"export":{"category":"G"}}}"#;
    let tax_of = |settings: &str, customer, tax| {
        let sale = Sale { customer, items: vec![item(tax)], ..sale() };
        let mapped = map(&tenant(settings), "", &deal(sale), &CRM, r#"{"deal":{}}"#);
        (shown(mapped.lines[0].tax.as_ref()), mapped)
    };
    assert_eq!(tax_of(settings, Some(foreign("Ghana")), ItemTax::NotCarried).0, "G 0");
    assert_eq!(tax_of(settings, Some(foreign("gh")), ItemTax::NotCarried).0, "G 0");
    assert_eq!(tax_of(settings, Some(foreign("Nigeria")), ItemTax::NotCarried).0, "S 7.5");
    assert_eq!(tax_of(settings, Some(foreign("NG")), ItemTax::NotCarried).0, "S 7.5");
    assert_eq!(tax_of(settings, None, ItemTax::NotCarried).0, "S 7.5");
    assert_eq!(tax_of(settings, Some(foreign("Ghana")), applied("7.5", "7.50")).0, "S 7.5 amount 7.50");
    let without = r#"{"tax":{"default":{"category":"S","percent":"7.5"}}}"#;
    assert_eq!(tax_of(without, Some(foreign("Ghana")), ItemTax::NotCarried).0, "S 7.5");

    let (tax, mapped) = tax_of(settings, Some(foreign("Nigera")), ItemTax::NotCarried);
    assert_eq!((tax.as_str(), codes(&mapped)), ("S 7.5", vec!["field_required"]), "a slip is no export");
    assert_eq!(mapped.reasons[0].target, "buyer.address.country");
}

#[test]
fn untaxed_and_default_are_told_apart() {
    let both = r#"{"tax":{"default":{"category":"S","percent":"7.5"},"untaxed":{"category":"E"}}}"#;
    let tax_of = |settings: &str, tax| {
        let mapped = decided(settings, item(tax), r#"{"order":{}}"#);
        (shown(mapped.lines[0].tax.as_ref()), mapped)
    };
    assert_eq!(tax_of(both, ItemTax::Untaxed).0, "E 0");
    assert_eq!(tax_of(both, ItemTax::NotCarried).0, "S 7.5");
    for (settings, tax, setting) in [
        (r#"{"tax":{"default":{"category":"S","percent":"7.5"}}}"#, ItemTax::Untaxed, "tax.untaxed"),
        (r#"{"tax":{"untaxed":{"category":"E"}}}"#, ItemTax::NotCarried, "tax.default"),
    ] {
        let (tax, mapped) = tax_of(settings, tax);
        assert_eq!((tax.as_str(), codes(&mapped)), ("none", vec!["tax_unknown"]));
        assert!(mapped.reasons[0].message.contains(setting), "{}", mapped.reasons[0].message);
    }
}

#[test]
fn exemptions_say_why() {
    for (category, reason) in [
        (r#"{"category":"E"}"#, Some("Exempt from VAT")),
        (r#"{"category":"E","reason":" "}"#, Some("Exempt from VAT")),
        (r#"{"category":"E","reason":"Medicines"}"#, Some("Medicines")),
        (r#"{"category":"G"}"#, Some("Export of goods or services, zero rated")),
        (r#"{"category":"O"}"#, Some("Outside the scope of VAT")),
        (r#"{"category":"Z"}"#, None),
        (r#"{"category":"S","percent":"7.5"}"#, None),
    ] {
        let settings = format!(r#"{{"tax":{{"untaxed":{category}}}}}"#);
        let mapped = decided(&settings, item(ItemTax::Untaxed), r#"{"order":{}}"#);
        assert_eq!(mapped.lines[0].tax.unwrap().reason, reason, "{category}");
    }
}

#[test]
fn charges_are_taxed_by_the_same_settings() {
    let settings = r#"{"tax":{"untaxed":{"category":"E"},"by_field":{"field":"order.service_charges[].id",
        "values":{"SC":{"category":"O"}}}},"policy":{"tips":"charge","vouchers":"zero_rate"}}"#;
    let by_field = taxpoynt_core::model::Charge {
        bindings: vec![("order.service_charges", 1)],
        ..charge(applied("7.5", "0.75"))
    };
    let charges =
        vec![charge(applied("7.5", "0.75")), charge(ItemTax::Untaxed), by_field, charge(ItemTax::NotCarried)];
    let sale = Sale { charges, ..sale() };
    let body = r#"{"order":{"service_charges":[{},{"id":"SC"}]}}"#;
    let mapped = map(&tenant(settings), "", &transaction(sale), &TILL, body);
    let taxes: Vec<String> = mapped.charges.iter().map(|c| shown(c.tax.as_ref())).collect();
    assert_eq!(taxes, ["S 7.5 amount 0.75", "E 0", "O 0 amount 0.75", "none"]);
    assert_eq!(mapped.charges[0].reason.as_deref(), Some("Service"));
    assert_eq!(mapped.reasons.last().unwrap().target, "charges[3].tax");
    assert_eq!(shown(mapped.document.tip_tax.as_ref()), "E 0", "a tip that is a charge is untaxed");
}

#[test]
fn a_voucher_that_is_a_line_is_zero_rated() {
    let settings = r#"{"tax":{"untaxed":{"category":"E"}},"policy":{"vouchers":"zero_rate"}}"#;
    let voucher = taxpoynt_core::model::Item { voucher: true, ..item(ItemTax::Untaxed) };
    let mapped = decided(settings, voucher, r#"{"order":{}}"#);
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "Z 0");
}

#[test]
fn a_setting_that_cannot_work_is_named() {
    for (settings, field, says) in [
        (r#"{"tax":{"percent_field":"products[.tax"}}"#, "tax.percent_field", "bad path"),
        (r#"{"tax":{"default":{"category":"Z","percent":"5"}}}"#, "tax.default", "percent 0"),
        (r#"{"tax":{"untaxed":{"category":"S"}}}"#, "tax.untaxed", "above 0"),
        (r#"{"tax":{"zero_rate":{"category":"S","percent":"101"}}}"#, "tax.zero_rate", "0 to 100"),
        (r#"{"buyer":{"tin_path":"customers[].tin"}}"#, "buyer.tin_path", "[]"),
        (r#"{"buyer":{"tin_path":""}}"#, "buyer.tin_path", "name is missing"),
        (
            r#"{"classification":{"by_field":{"field":"a..b","values":{"x":{"isic_code":"1","service_category":"c"}}}}}"#,
            "classification.by_field",
            "bad path",
        ),
    ] {
        let error = Rules::of_tenant(&tenant(settings)).unwrap_err();
        assert_eq!(error.get("field"), Some(field), "{error}");
        assert!(error.message().contains(says), "{error}");
    }
}

#[test]
fn any_text_in_a_setting_stays_a_text() {
    let odd = "a\"b\\c\n\u{7f}\u{1}{}₦";
    let settings = serde_json::json!({"tax": {"untaxed": {"category": "E", "reason": odd},
        "by_field": {"field": "order.id", "values": {odd: {"category": "O"}}}}});
    let body = serde_json::json!({"order": {"id": odd}}).to_string();
    let mapped = decided(&settings.to_string(), item(ItemTax::Untaxed), &body);
    assert_eq!(shown(mapped.lines[0].tax.as_ref()), "O 0");
    let mapped = decided(&settings.to_string(), item(ItemTax::Untaxed), r#"{"order":{}}"#);
    assert_eq!(mapped.lines[0].tax.unwrap().reason, Some(odd));
}
