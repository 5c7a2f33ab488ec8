//! A tenant's rules for lines hold for what is taken back: a credit note is classified and taxed as its invoice was.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::json;
use taxpoynt_core::{
    pipeline::{ConvertOptions, Issued, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_square::Square;
use taxpoynt_ubl::{Classification, DocumentType, Invoice, TaxCategory};

fn tenant() -> Tenant {
    let goods = |code: &str| json!({ "hsn_code": code, "product_category": "By item" });
    let text = json!({
        "name": "Shirt Shop Ltd", "country": "NG",
        "tax": {
            "untaxed": { "category": "E", "percent": "0", "reason": "exempt" },
            "by_field": { "field": "order.taxes[].catalog_object_id", "values": { "TAX-VAT": { "category": "S", "percent": "7.5" } } },
        },
        "classification": {
            "default": goods("9999.99"),
            "by_field": { "field": "order.line_items[].catalog_object_id", "values": { "SHIRT-M": goods("6105.10"), "RICE": goods("1006.30"), "INSULIN": goods("3004.31") } },
        },
    });
    Tenant::from_json(text.to_string().as_bytes()).unwrap()
}

fn credit_note(fixture: &str, original: &str) -> Invoice {
    let path = format!("{}/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
    let issued = [Issued {
        source_id: original.to_owned(),
        number: "INV000001".into(),
        issue_date: "2026-11-01".parse().unwrap(),
        irn: None,
        invoice: None,
    }];
    let options = ConvertOptions { issued: &issued, ..ConvertOptions::default() };
    let record = std::fs::read_to_string(path).unwrap().replace("\"PENDING\"", "\"COMPLETED\"");
    let outcomes = convert(&Square, record.as_bytes(), &tenant(), &options).unwrap();
    let note = outcomes.into_iter().find_map(|outcome| match outcome {
        Outcome::Document(d) if d.invoice.document_type == DocumentType::CreditNote => Some(d.invoice),
        Outcome::Held(held) => panic!("held: {}", held.message),
        Outcome::Document(_) => None,
    });
    note.expect("a credit note")
}

fn codes(note: &Invoice) -> Vec<String> {
    let code =
        |line: &taxpoynt_ubl::InvoiceLine| match line.classification.as_ref().expect("a classification") {
            Classification::Goods { hsn_code, .. } => hsn_code.clone(),
            Classification::Service { isic_code, .. } => isic_code.clone(),
        };
    note.lines.iter().map(code).collect()
}

#[test]
fn a_returned_line_is_classified_and_taxed_by_its_own_item_and_tax() {
    let note = credit_note("refund_itemised", "ORIG1");
    assert_eq!(codes(&note), ["6105.10"]);
    assert_eq!(note.lines[0].tax.category, TaxCategory::S);
    assert_eq!(note.references[0].number, "INV000001");
}

#[test]
fn the_returned_part_of_an_exchange_is_not_classified_by_what_was_sold() {
    let note = credit_note("exchange", "ORIG1");
    assert_eq!(codes(&note), ["6105.10"]);
}

#[test]
fn a_refund_of_an_amount_is_classified_by_the_items_of_its_sale() {
    let note = credit_note("refund_amount", "ORIG2");
    assert_eq!(codes(&note), ["1006.30", "3004.31"]);
}
