//! From the field that the authority complains of back to the platform's field or the tenant's setting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use taxpoynt_core::{
    firs::{Source, expected_source, source_of},
    mapping::{Provenance, Rules},
    tenant::Tenant,
};

fn set(target: &str, rule: &str, source: Option<&str>, value: &str) -> Provenance {
    Provenance {
        target: target.into(),
        rule: rule.into(),
        source: source.map(str::to_owned),
        value: value.into(),
    }
}

/// What rules decided about a sale with two lines, two tenders and a tip.
fn provenance() -> Vec<Provenance> {
    vec![
        set("note", "base:5", Some("sale.description"), "Thank you"),
        set("due_days", "tenant-rules:4", None, "14"),
        set("tip_tax", "tenant:policy.tips", None, "E 0"),
        set("buyer.name", "base:22", Some("customer.name"), "Zuma Bread"),
        set("buyer.tin", "tenant:buyer.tin_path", Some("raw.company.properties.tin"), "123"),
        set("buyer.contact.email", "base:40", Some("customer.contact.email"), "a@b.example"),
        set("buyer.address.city", "shop:9", Some("raw.a.city + raw.a.town"), "Garki Abuja"),
        set("lines[0].name", "base:60", Some("item.name"), "Bread"),
        set("lines[0].tax", "base:applied", Some("item.tax.rate"), "S 7.5"),
        set(
            "lines[0].classification",
            "tenant:classification.by_field",
            Some("raw.order.line_items[0].id"),
            "1",
        ),
        set("lines[1].name", "base:60", Some("item.name"), "Books"),
        set("lines[1].tax", "tenant:tax.zero_rate", None, "Z 0"),
        set("lines[1].sku", "shop:12", Some("setting.name"), "x"),
        set("lines[1].classification", "shop:3", None, "4901.10 Books"),
        set("charges[0].tax", "tenant:tax.export", None, "G 0"),
        set("payment_means[1].code", "base:80", Some("tender.method"), "10"),
    ]
}

#[test]
fn every_field_leads_to_what_set_it() {
    let provenance = provenance();
    for (field, source, remedy) in [
        ("business_id", "tenant.business_id", "set business_id of the tenant"),
        ("irn", "tenant.service_id", "set service_id of the tenant"),
        (
            "accounting_supplier_party/postal_address/lga",
            "tenant.address.lga",
            "set address.lga of the tenant",
        ),
        ("accounting_supplier_party/party_name", "tenant.name", "set name of the tenant"),
        (
            "accounting_customer_party/tin",
            "company.properties.tin",
            "correct it in company.properties.tin of deal 123 at hubspot",
        ),
        ("accounting_customer_party", "customer.name", "correct it in customer.name of deal 123 at hubspot"),
        // The contact's stands in for the organisation's, as in the document.
        (
            "accounting_customer_party/email",
            "customer.contact.email",
            "correct it in customer.contact.email of deal 123 at hubspot",
        ),
        (
            "accounting_customer_party/postal_address/city_name",
            "a.city + a.town",
            "correct it in a.city + a.town of deal 123 at hubspot",
        ),
        ("invoice_line/0/item/name", "item.name", "correct it in item.name of deal 123 at hubspot"),
        ("invoice_line/0/item/description", "item.name", "correct it in item.name of deal 123 at hubspot"),
        // The table is the tenant's; the platform only gives its key.
        (
            "invoice_line/0/hsn_code",
            "tenant.classification.by_field",
            "set classification.by_field of the tenant",
        ),
        ("invoice_line/1/product_category", "rule shop:3", "change the mapping rule shop:3"),
        ("invoice_line/1/item/sellers_item_identification", "tenant.name", "set name of the tenant"),
        (
            "invoice_line/1/invoiced_quantity",
            "item.quantity",
            "correct it in item.quantity of deal 123 at hubspot",
        ),
        ("note", "sale.description", "correct it in sale.description of deal 123 at hubspot"),
        ("due_date", "rule tenant-rules:4", "change the mapping rule tenant-rules:4"),
        ("tax_point_date", "sale.closed_at", "correct it in sale.closed_at of deal 123 at hubspot"),
        // The first tender had no code.
        (
            "payment_means/0/payment_means_code",
            "tender.method",
            "correct it in tender.method of deal 123 at hubspot",
        ),
        (
            "tax_total/0/tax_subtotal/0/tax_category/id",
            "item.tax.rate",
            "correct it in item.tax.rate of deal 123 at hubspot",
        ),
        // Exports and zero rates are one category there, so the third subtotal is the tip's.
        (
            "tax_total/0/tax_subtotal/1/tax_category/percent",
            "tenant.tax.zero_rate",
            "set tax.zero_rate of the tenant",
        ),
        ("tax_total/0/tax_subtotal/2/tax_category/id", "tenant.policy.tips", "set policy.tips of the tenant"),
    ] {
        let found = source_of(field, &provenance).unwrap_or_else(|| panic!("{field}"));
        assert_eq!(found.to_string(), source, "{field}");
        assert_eq!(found.remedy("deal 123 at hubspot"), remedy, "{field}");
    }
}

#[test]
fn what_the_engine_sets_itself_leads_nowhere() {
    for field in [
        "",
        "tax_currency_code",
        "issue_date",
        "invoice_type_code",
        "legal_monetary_total/payable_amount",
        "invoice_line",
        "invoice_line/x/item/name",
        "invoice_line/9/item/name",
        "invoice_line/99999999999999999999/item/name",
        "tax_total/0/tax_subtotal/7/tax_category/id",
        "tax_total/0/tax_subtotal/18446744073709551615/tax_category/id",
        "payment_means/5/payment_means_code",
        "accounting_customer_party/telephone",
        "accounting_customer_party/whatever",
        "///",
    ] {
        assert_eq!(source_of(field, &provenance()), None, "{field}");
    }
}

fn rules(settings: &str) -> Rules {
    let tenant = Tenant::from_json(settings.as_bytes()).unwrap();
    let platform =
        Rules::parse_named("shop/mapping.toml", "[buyer]\ntin = \"raw.companies[0].properties.tin\"")
            .unwrap();
    let own = Rules::of_tenant(&tenant).unwrap();
    Rules::merged(&[Rules::base(), &platform, &own])
}

#[test]
fn what_nothing_set_is_looked_for_where_the_rules_in_force_read_it() {
    let plain = rules(r#"{"name":"Ogi"}"#);
    let told = rules(r#"{"name":"Ogi","buyer":{"tin_path":"company.properties.tax_no"}}"#);
    let table = rules(
        r#"{"name":"Ogi","classification":{"by_field":{"field":"order.line_items[].id","values":{"A":{"hsn_code":"1101.00","product_category":"Flour"}}}}}"#,
    );
    for (rules, field, remedy) in [
        (
            &plain,
            "accounting_customer_party/tin",
            "enter it in companies[0].properties.tin of order 9 at shop",
        ),
        (&told, "accounting_customer_party/tin", "enter it in company.properties.tax_no of order 9 at shop"),
        (&plain, "accounting_customer_party/email", "enter it in customer.email of order 9 at shop"),
        (
            &plain,
            "accounting_customer_party/postal_address/street_name",
            "enter it in customer.address.street of order 9 at shop",
        ),
        (
            &plain,
            "invoice_line/3/item/sellers_item_identification",
            "enter it in item.sku of order 9 at shop",
        ),
        (&plain, "order_reference", "enter it in sale.reference of order 9 at shop"),
        (&plain, "invoice_line/0/hsn_code", "set classification.default of the tenant"),
        (&table, "invoice_line/0/hsn_code", "set classification.by_field of the tenant"),
    ] {
        let source = expected_source(field, rules).unwrap_or_else(|| panic!("{field}"));
        assert_eq!(source.remedy("order 9 at shop"), remedy, "{field}");
    }
    for field in [
        "tax_currency_code",
        "invoice_line/0/price/price_amount",
        "payment_terms_note",
        "buyer_reference",
        "",
    ] {
        assert_eq!(expected_source(field, &plain), None, "{field}");
    }
    let bare = expected_source("accounting_customer_party/tin", &Rules::default());
    assert_eq!(bare, Some(Source::Record { path: "customer.tin".into(), is_set: false }));
}
