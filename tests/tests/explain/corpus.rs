//! Every record that fixtures, documentation and reference data give, and the sellers they are sold by.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use taxpoynt_core::{
    connector::Connector,
    mapping::Rules,
    pipeline::{ConvertOptions, Issued, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_tests::{platforms, reference};

/// A record and where it is from.
pub struct Golden {
    pub name: String,
    pub platform: &'static str,
    pub body: Vec<u8>,
}

const PEERS: [(&str, &str); 4] = [
    ("square", "square_payment_order_ngn.json"),
    ("square", "square_payment_order_usd.json"),
    ("hubspot", "hubspot_deal_with_line_items.json"),
    ("pipedrive", "pipedrive_deal_with_products.json"),
];

/// All records that a connector can read.
pub fn records() -> Vec<Golden> {
    let mut all = Vec::new();
    for (platform, file) in PEERS {
        all.push(Golden { name: file.to_owned(), platform, body: reference(&format!("peer-inputs/{file}")) });
    }
    for platform in ["square", "hubspot"] {
        let fixtures = format!("{}/../connectors/{platform}/fixtures", env!("CARGO_MANIFEST_DIR"));
        all.extend(of_folder(platform, Path::new(&fixtures)));
        all.extend(of_folder(platform, &reference_folder(&format!("platforms/{platform}"))));
    }
    all.extend(of_template("pipedrive"));
    all.extend(own());
    let readable = |golden: &Golden| {
        let registry = platforms();
        let connector = registry.get(golden.platform).unwrap();
        connector.identify(&golden.body).and_then(|raw| connector.normalize(&raw)).is_ok()
    };
    all.retain(readable);
    all
}

fn reference_folder(path: &str) -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    std::env::var_os("TAXPOYNT_REFERENCE").map_or_else(|| PathBuf::from(default), PathBuf::from).join(path)
}

fn of_folder(platform: &'static str, folder: &Path) -> Vec<Golden> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    files.sort();
    let golden = |path: PathBuf| Golden {
        name: format!("{platform}/{}", path.file_name().unwrap().to_string_lossy()),
        platform,
        body: std::fs::read(&path).unwrap(),
    };
    files.into_iter().map(golden).collect()
}

/// The fixtures of a platform that a template describes: each holds its record beside what it comes to.
fn of_template(platform: &'static str) -> Vec<Golden> {
    let folder = format!("{}/../connectors/templates/fixtures/{platform}", env!("CARGO_MANIFEST_DIR"));
    let record = |golden: Golden| {
        let case: Value = serde_json::from_slice(&golden.body).unwrap();
        Golden { body: case["record"].to_string().into_bytes(), ..golden }
    };
    of_folder(platform, Path::new(&folder)).into_iter().map(record).collect()
}

fn own() -> Vec<Golden> {
    let golden = |name: &str, platform, record: Value| Golden {
        name: name.to_owned(),
        platform,
        body: record.to_string().into_bytes(),
    };
    let money = |amount: i64| json!({ "amount": amount, "currency": "NGN" });
    let line = |name: &str, amount: i64| {
        json!({ "uid": name, "name": name, "quantity": "2", "note": "with pepper", "catalog_object_id": format!("C-{name}"),
            "base_price_money": money(amount / 2), "gross_sales_money": money(amount), "total_tax_money": money(0),
            "total_discount_money": money(0), "total_money": money(amount) })
    };
    let order = json!({
        "id": "OWN-1", "location_id": "L1", "state": "COMPLETED", "reference_id": "PO #1 #2",
        "created_at": "2026-03-01T23:30:00Z", "closed_at": "2026-03-01T23:40:00Z",
        "total_money": money(60_500), "total_tip_money": money(500), "total_tax_money": money(0),
        "line_items": [line("Jollof", 20_000), line("Suya", 40_000),
            { "uid": "g", "name": "Card", "item_type": "GIFT_CARD", "quantity": "1", "base_price_money": money(0),
              "total_tax_money": money(0), "total_money": money(0) }],
        "tenders": [
            { "id": "T1", "type": "CASH", "amount_money": money(30_500), "tip_money": money(500) },
            { "id": "T2", "type": "CARD", "amount_money": money(30_000) },
        ],
    });
    let customer = json!({ "id": "C1", "company_name": "Adaeze & Sons Ltd", "given_name": "Adaeze", "family_name": "Obi",
        "email_address": "pay@adaeze.example", "phone_number": "0803 000 0000", "reference_id": "TIN: 20394857-0001",
        "note": "RC 1234",
        "address": { "address_line_1": "7 Creek Road", "locality": "Apapa", "country": "NG",
            "administrative_district_level_1": "Lagos", "postal_code": "102272" } });
    let abroad = json!({ "id": "C2", "given_name": "Kofi", "address": { "country": "GH" } });
    let deal = json!({ "deal": { "id": "D-1", "properties": { "dealname": "Website", "dealstage": "closedwon", "hs_is_closed_won": "true",
        "amount": "150000", "closedate": "2026-05-05T10:00:00Z", "deal_currency_code": "NGN", "description": "#PMT#100#" } },
        "companies": [{ "id": "1", "properties": { "name": "Oriental Ltd", "country": "Nigeria", "tin": "12345678-0001" } }] });
    let lines = json!([
        { "id": "l1", "properties": { "name": "Design", "quantity": "3", "price": "333.333", "amount": "1000.00", "hs_sku": "D-1" } },
        { "id": "l2", "properties": { "name": "Hosting", "quantity": "1", "price": "500", "discount": "50", "amount": "450", "description": "a year" } },
    ]);
    let mut with_lines = deal.clone();
    with_lines["line_items"] = lines;
    let mut lost = with_lines.clone();
    lost["deal"]["properties"]["hs_is_closed_won"] = json!("false");
    vec![
        golden("a walk-in with two tenders, a tip and a gift card", "square", json!({ "order": order })),
        golden("a company", "square", json!({ "order": order, "customer": customer })),
        golden("a person abroad", "square", json!({ "order": order, "customer": abroad })),
        golden("a deal without lines", "hubspot", deal),
        golden("a deal with lines", "hubspot", with_lines),
        golden("a deal that is not won", "hubspot", lost),
    ]
}

/// A seller, and rules on top of its settings.
pub struct Seller {
    pub name: String,
    pub tenant: Tenant,
    pub rules: Option<Rules>,
}

/// Sets every target that the built-in rules leave alone.
pub const ALL_RULES: &str = r##"
version = 1
[invoice]
note = { value = "Thank you", name = "thanks" }
buyer_reference = ["raw.order.reference_id", "custom.dealname"]
payment_terms = { value = "Within a fortnight" }
due_days = { value = 14 }
[buyer]
registration_number = { from = "raw.customer.note", apply = [{ strip_prefix = "RC" }, "trim"] }
trading_name = { from = "customer.name", apply = ["upper", { max_len = 12 }] }
business_description = { value = "Catering" }
address.lga = { value = "NG-LA-APP" }
[each.line]
note = { apply = [{ template = "{item.name}, as ordered" }] }
unit = { value = "BOX" }
[each.payment]
code = { from = "tender.method", apply = [{ lookup = { cash = "10", card = "48" } }, { default = "30" }] }
"##;

/// The tenants of the peer inputs, and others that decide differently.
pub fn sellers() -> Vec<Seller> {
    let text: Value = serde_json::from_slice(&reference("peer-inputs/tenants.json")).unwrap();
    let read = |value: &Value| Tenant::from_json(value.to_string().as_bytes()).unwrap();
    let mut all: Vec<Seller> = text
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, tenant)| Seller { name: name.clone(), tenant: read(tenant), rules: None })
        .collect();
    let base = text["square"].clone();
    let mut other = base.clone();
    other["business_description"] = json!("Textiles");
    other["country"] = Value::Null;
    other["address"] = json!({ "street": "1 Market", "city": "Ikeja" });
    other["currency"] = json!("NGN");
    other["business_id"] = Value::Null;
    other["tax"] = json!({
        "default": { "category": "O", "percent": "0", "reason": "not in the scope of VAT" },
        "untaxed": { "category": "E", "percent": "0" }, "export": { "category": "G", "percent": "0" },
        "zero_rate": { "category": "Z", "percent": "0" },
    });
    other["policy"] =
        json!({ "tips": "charge", "vouchers": "zero_rate", "amount_without_lines": "one_line" });
    let mut outside = other.clone();
    outside["tax"]["untaxed"] =
        json!({ "category": "O", "percent": "0", "reason": "not in the scope of VAT" });
    let mut bare = json!({ "name": "Bare", "policy": { "tips": "charge" } });
    bare["tax"] = json!({ "by_field": { "field": "order.taxes[].uid", "values": { "x": { "category": "S", "percent": "7.5" } } } });
    let rules = || Some(Rules::parse_named("rules@000000000000", ALL_RULES).unwrap());
    all.push(Seller { name: "decides otherwise".into(), tenant: read(&other), rules: None });
    all.push(Seller { name: "decides otherwise, all rules".into(), tenant: read(&other), rules: rules() });
    all.push(Seller { name: "outside VAT, all rules".into(), tenant: read(&outside), rules: rules() });
    all.push(Seller { name: "all rules".into(), tenant: read(&base), rules: rules() });
    all.push(Seller { name: "bare".into(), tenant: read(&bare), rules: None });
    all
}

/// What was invoiced before, for every sale that a refund of the corpus takes back: once with the invoice at hand, once
/// by its number alone.
pub fn issued(connector: &dyn Connector, body: &[u8], with_invoice: bool) -> Vec<Issued> {
    let raw = connector.identify(body).unwrap();
    let mut all = Vec::new();
    for document in connector.normalize(&raw).unwrap() {
        let taxpoynt_core::model::SourceDocument::Refund(refund) = document else { continue };
        let Some(id) = refund.original_id else { continue };
        let issue_date = "2026-10-01".parse().unwrap();
        let irn = Some("INV000900-7E1F0C2D-20261001".to_owned());
        let invoice = with_invoice.then(|| Box::new(original()));
        all.push(Issued { source_id: id, number: "INV000900".into(), issue_date, irn, invoice });
    }
    all
}

fn original() -> taxpoynt_ubl::Invoice {
    let seller = sellers().remove(0);
    let golden = own().remove(1);
    let registry = platforms();
    let connector = registry.get("square").unwrap();
    let options = ConvertOptions { sequence: Some(900), ..ConvertOptions::default() };
    let mut tenant = seller.tenant;
    tenant.tax.untaxed.get_or_insert(taxpoynt_core::tenant::TaxRule {
        category: taxpoynt_ubl::TaxCategory::E,
        percent: 0.into(),
        reason: None,
    });
    match convert(&**connector, &golden.body, &tenant, &options).unwrap().remove(0) {
        Outcome::Document(document) => document.invoice,
        Outcome::Held(held) => panic!("{held:?}"),
    }
}
