//! Every template with records of its platform, each with the totals it must come to or the reason why it waits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::Value;
use std::{fs, path::Path};
use taxpoynt_connectors::Declarative;
use taxpoynt_core::{
    connector::Connector,
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_ubl::Invoice;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

fn template(name: &str) -> Declarative {
    let text = fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
    Declarative::parse(&format!("{name}.toml"), &text).unwrap()
}

fn tenant() -> Tenant {
    Tenant::from_json(&fs::read(folder().join("fixtures/tenant.json")).unwrap()).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The only outcome of a record.
fn outcome(connector: &dyn Connector, record: &Value, tenant: &Tenant) -> Outcome {
    let mut outcomes =
        convert(connector, record.to_string().as_bytes(), tenant, &ConvertOptions::default()).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

fn figures(invoice: &Invoice) -> Value {
    let totals = &invoice.totals;
    let two = |amount: rust_decimal::Decimal| format!("{amount:.2}");
    let lines: Vec<String> = invoice.lines.iter().map(|line| two(line.net_amount)).collect();
    serde_json::json!({
        "lines": lines,
        "tax_exclusive": two(totals.tax_exclusive_amount),
        "tax": two(totals.tax_amount),
        "payable": two(totals.payable_amount),
    })
}

/// Holds a template to its fixtures; how many there are.
fn hold(name: &str) -> usize {
    let (connector, tenant) = (template(name), tenant());
    let mut files: Vec<_> = fs::read_dir(folder().join("fixtures").join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for path in &files {
        let case = json(path);
        let (what, expected) = (path.display(), &case["expected"]);
        match outcome(&connector, &case["record"], &tenant) {
            Outcome::Held(held) => {
                assert_eq!(expected["held"], held.code.as_ref(), "{what}: {}", held.message)
            }
            Outcome::Document(document) => {
                let found = figures(&document.invoice);
                for (name, value) in found.as_object().unwrap() {
                    assert_eq!(expected[name], *value, "{what}: {name}");
                }
                let buyer = document.invoice.customer.as_ref();
                let told = [
                    ("buyer", buyer.map(|buyer| &buyer.name)),
                    ("email", buyer.and_then(|buyer| buyer.email.as_ref())),
                    ("phone", buyer.and_then(|buyer| buyer.phone.as_ref())),
                ];
                for (name, found) in told.into_iter().filter(|(name, _)| !expected[*name].is_null()) {
                    assert_eq!(expected[name].as_str(), found.map(String::as_str), "{what}: {name}");
                }
            }
        }
    }
    files.len()
}

#[test]
fn pipedrive_comes_to_the_right_totals() {
    assert!(hold("pipedrive") >= 20);
}

#[test]
fn a_deal_that_says_no_tax_waits_until_the_tenant_says_why() {
    let case = json(&folder().join("fixtures/pipedrive/25-no-tax-chosen.json"));
    let mut tenant = tenant();
    tenant.tax.untaxed = None;
    let Outcome::Held(held) = outcome(&template("pipedrive"), &case["record"], &tenant) else {
        panic!("not held")
    };
    assert_eq!(held.code, "tax_unknown");
    assert!(
        held.message.contains("the platform applied no tax and nothing says why: fill tax.untaxed"),
        "{}",
        held.message
    );
}

#[test]
fn zoho_and_freshsales_come_to_the_right_totals_or_wait() {
    assert_eq!((hold("zoho"), hold("freshsales")), (4, 3));
}

#[test]
fn the_truth_of_the_peer_input_comes_out_to_the_kobo() {
    let reference = std::env::var("TAXPOYNT_REFERENCE")
        .unwrap_or_else(|_| format!("{}/../../shared/data", env!("CARGO_MANIFEST_DIR")));
    let inputs = Path::new(&reference).join("peer-inputs");
    let tenants = json(&inputs.join("tenants.json"));
    let tenant = Tenant::from_json(tenants["pipedrive"].to_string().as_bytes()).unwrap();
    let record = json(&inputs.join("pipedrive_deal_with_products.json"));
    let Outcome::Document(document) = outcome(&template("pipedrive"), &record, &tenant) else {
        panic!("held")
    };
    let totals = &document.invoice.totals;
    assert_eq!(totals.tax_exclusive_amount.to_string(), "853500.45");
    assert_eq!(
        (totals.tax_amount.to_string(), totals.payable_amount.to_string()),
        ("64012.53".into(), "917512.98".into())
    );
    assert_eq!(document.invoice.customer.as_ref().unwrap().name, "Polar Logistics Ltd");
}
