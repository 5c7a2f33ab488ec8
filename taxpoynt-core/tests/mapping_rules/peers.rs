//! The reference tenants and records, with the sales a connector would read from them made by hand.

use crate::support::*;
use std::path::PathBuf;
use taxpoynt_core::{
    connector::RecordShape,
    mapping::Rules,
    model::{AppliedTax, Customer, CustomerKind, Item, ItemTax, Organization, Sale, SourceDocument},
    tenant::Tenant,
};
use taxpoynt_ubl::Address;

fn reference(file: &str) -> Vec<u8> {
    let root = std::env::var_os("TAXPOYNT_REFERENCE")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join("peer-inputs").join(file);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{} is missing ({error}): set TAXPOYNT_REFERENCE to the reference data", path.display())
    })
}

fn reference_tenant(platform: &str) -> Tenant {
    let all: serde_json::Value = serde_json::from_slice(&reference("tenants.json")).unwrap();
    Tenant::from_json(all[platform].to_string().as_bytes()).unwrap()
}

fn mapped(tenant: &Tenant, file: &str, shape: &RecordShape, document: &SourceDocument) -> Mapped {
    let body = reference(file);
    let rules = Rules::merged(&[Rules::base(), &Rules::of_tenant(tenant).unwrap()]);
    apply_kept(rules, document, shape, &body, tenant)
}

fn lines(mapped: &Mapped) -> Vec<String> {
    mapped.lines.iter().map(|line| shown(line.tax.as_ref())).collect()
}

fn organization(name: &str, state: &str, country: &str) -> Customer {
    Customer {
        kind: CustomerKind::Organization,
        organization: Organization {
            legal_name: name.into(),
            address: Address {
                state: Some(state.into()),
                country: Some(country.into()),
                ..Address::default()
            },
            ..Organization::default()
        },
        ..Customer::default()
    }
}

#[test]
fn square_taxes_are_copied_and_the_untaxed_line_is_exempt() {
    let vat = |amount: &str| {
        ItemTax::Applied(vec![AppliedTax {
            id: Some("TAX-VAT-NG".into()),
            ..taxed("vat", "7.5", Some(amount))
        }])
    };
    let line = |i, tax| bound(tax, &[("order.line_items", i), ("order.taxes", 0)]);
    let untaxed = bound(ItemTax::Untaxed, &[("order.line_items", 2)]);
    let items: Vec<Item> = vec![line(0, vat("1012.50")), line(1, vat("639.27")), untaxed];
    let customer = Some(organization("Okafor Catering Ltd", "Lagos", "NG"));
    let document = transaction(Sale { items, customer, tip: dec("500"), ..sale() });
    let mut tenant = reference_tenant("square");
    tenant.buyer.tin_path = Some("customer.reference_id".into());
    tenant.buyer.strip_prefix = Some("TIN:".into());
    let mapped = mapped(&tenant, "square_payment_order_ngn.json", &TILL, &document);

    assert_eq!(lines(&mapped), ["S 7.5 amount 1012.50", "S 7.5 amount 639.27", "E 0"]);
    assert_eq!(mapped.lines[2].tax.unwrap().reason, Some("exempt supply"));
    let classification = serde_json::to_string(mapped.lines[0].classification.as_ref().unwrap()).unwrap();
    assert_eq!(classification, r#"{"hsn_code":"5208.52","product_category":"Woven cotton fabrics"}"#);
    let buyer = mapped.buyer.party().unwrap();
    assert_eq!(
        (buyer.tin.as_deref(), buyer.address.state.as_deref()),
        (Some("12345678-0001"), Some("NG-LA"))
    );
    assert_eq!(
        shown(mapped.document.tip_tax.as_ref()),
        "E 0",
        "a tip is outside the tax where it is charged"
    );
    assert!(mapped.reasons.is_empty(), "{:?}", mapped.reasons);
}

#[test]
fn hubspot_reads_the_percent_of_a_line_and_the_tin_of_the_company() {
    let items = (0..3).map(|i| bound(ItemTax::NotCarried, &[("line_items", i)])).collect();
    let customer = Some(organization("Zenith Foods Ltd", "Lagos", "Nigeria"));
    let document = deal(Sale { items, customer, ..sale() });
    let tenant = reference_tenant("hubspot");
    let mapped = mapped(&tenant, "hubspot_deal_with_line_items.json", &CRM, &document);
    assert_eq!(lines(&mapped), ["S 7.5", "S 7.5", "Z 0"]);
    let provenance = mapped.provenance();
    let set = provenance.iter().find(|p| p.target == "lines[2].tax").unwrap();
    assert_eq!(set.rule, "tenant:tax.percent_field");
    let buyer = mapped.buyer.party().unwrap();
    assert_eq!(buyer.tin.as_deref(), Some("12345678-0001"));
    assert_eq!(buyer.address.country.as_deref(), Some("NG"));
    assert!(mapped.reasons.is_empty(), "{:?}", mapped.reasons);
}

#[test]
fn salesforce_takes_the_default() {
    let shape = RecordShape {
        root: "opportunity",
        currency: "opportunity.currency",
        lists: &[("line_items", "line_item")],
        singles: &["organization"],
        stand_ins: &[],
    };
    let items = (0..3).map(|i| bound(ItemTax::NotCarried, &[("line_items", i)])).collect();
    let document = deal(Sale { items, ..sale() });
    let tenant = reference_tenant("salesforce");
    let mapped = mapped(&tenant, "salesforce_opportunity_with_lines.json", &shape, &document);
    assert_eq!(lines(&mapped), ["S 7.5", "S 7.5", "S 7.5"]);
    assert!(mapped.buyer.is_empty() && mapped.reasons.is_empty());
}

#[test]
fn pipedrive_reads_the_percent_inside_a_bare_deal() {
    let shape = RecordShape {
        root: "deal",
        currency: "deal.currency",
        lists: &[("products", "product"), ("discounts", "discount")],
        singles: &["organization", "person"],
        stand_ins: &[],
    };
    for binding in ["products", "deal.products"] {
        let items = (0..2).map(|i| bound(ItemTax::NotCarried, &[(binding, i)])).collect();
        let document = deal(Sale { items, ..sale() });
        let tenant = reference_tenant("pipedrive");
        let mapped = mapped(&tenant, "pipedrive_deal_with_products.json", &shape, &document);
        assert_eq!(lines(&mapped), ["S 7.5", "S 7.5"], "{binding}");
        let provenance = mapped.provenance();
        let set = provenance.iter().find(|p| p.target == "lines[1].tax").unwrap();
        assert_eq!(set.source.as_deref(), Some("raw.products[1].tax"));
    }
}
