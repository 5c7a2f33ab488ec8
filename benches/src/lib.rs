//! What the benches are fed: a till order of any length, and the shop that sold it.

pub mod ubl;

pub use taxpoynt_tests::measure::pin;

use serde_json::{Value, json};
use std::sync::Arc;
use taxpoynt_core::{
    connector::{Connector, Registry},
    model::RawRecord,
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_ubl::{Address, Invoice, Party};

fn naira(kobo: i64) -> Value {
    json!({ "amount": kobo, "currency": "NGN" })
}

/// A completed Square order with `lines` lines at 7.5 % VAT, `id` in its identity, as record bytes.
#[must_use]
pub fn order(id: u64, lines: usize) -> Vec<u8> {
    let price = 400_000;
    let tax = price * 75 / 1000;
    let items: Vec<Value> = (0..lines)
        .map(|line| {
            json!({
                "uid": format!("line-{line}"), "catalog_object_id": format!("ITEM-{line}"),
                "name": format!("Ankara print, design {line}"), "quantity": "1", "item_type": "ITEM",
                "base_price_money": naira(price), "variation_total_price_money": naira(price),
                "gross_sales_money": naira(price), "total_discount_money": naira(0), "total_tax_money": naira(tax),
                "total_service_charge_money": naira(0), "total_money": naira(price + tax),
                "applied_taxes": [{ "uid": format!("applied-{line}"), "tax_uid": "vat", "applied_money": naira(tax) }],
            })
        })
        .collect();
    let count = i64::try_from(lines).unwrap_or_default();
    json!({
        "order": {
            "id": format!("ORDER-{id}"), "location_id": "LOC-1", "state": "COMPLETED", "version": 1,
            "created_at": "2026-11-02T09:00:00Z", "updated_at": "2026-11-02T09:05:00Z", "closed_at": "2026-11-02T09:05:00Z",
            "line_items": items,
            "taxes": [{ "uid": "vat", "catalog_object_id": "TAX-1", "name": "VAT", "percentage": "7.5", "type": "ADDITIVE",
                        "scope": "ORDER", "applied_money": naira(tax * count) }],
            "total_money": naira((price + tax) * count), "total_tax_money": naira(tax * count),
            "total_discount_money": naira(0), "total_tip_money": naira(0), "total_service_charge_money": naira(0),
            "tenders": [{ "id": "PAYMENT-1", "type": "CASH", "amount_money": naira((price + tax) * count) }],
        },
        "location": { "id": "LOC-1", "name": "Balogun", "timezone": "Africa/Lagos", "currency": "NGN", "country": "NG" },
    })
    .to_string()
    .into_bytes()
}

/// The shop.
///
/// # Panics
/// Where its own settings do not load.
#[must_use]
#[allow(clippy::expect_used, reason = "a bench has nobody to report to")]
pub fn tenant() -> Tenant {
    let text = json!({
        "name": "Balogun Textiles Ltd", "tin": "20194455-0001", "email": "accounts@balogun-textiles.example",
        "phone": "+2348012345670",
        "address": { "street": "14 Allen Avenue", "city": "Ikeja", "postal_code": "100281", "lga": "NG-LA-IKJ", "state": "NG-LA", "country": "NG" },
        "business_id": "0e3f6a52-6a0b-4f0a-9d55-1c2a3b4c5d6e", "service_id": "7A1B2C3D",
        "classification": { "default": { "hsn_code": "5208.52", "product_category": "Woven fabrics of cotton" } },
    });
    Tenant::from_json(text.to_string().as_bytes()).expect("the bench's tenant is valid")
}

/// The Square connector.
///
/// # Panics
/// Where it is not built in.
#[must_use]
#[allow(clippy::expect_used, reason = "a bench has nobody to report to")]
pub fn square() -> Arc<dyn Connector> {
    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    registry.get("square").expect("square is built in").clone()
}

/// A record ready to be read.
///
/// # Panics
/// Where the order has no id.
#[must_use]
#[allow(clippy::expect_used, reason = "a bench has nobody to report to")]
pub fn record(lines: usize) -> RawRecord {
    square().identify(&order(1, lines)).expect("the bench's order has an id")
}

/// The invoice of such an order.
///
/// # Panics
/// Where the order does not convert.
#[must_use]
#[allow(clippy::expect_used, clippy::panic, reason = "a bench has nobody to report to")]
pub fn invoice(lines: usize) -> Invoice {
    let outcomes = convert(&*square(), &order(1, lines), &tenant(), &ConvertOptions::default());
    match outcomes.expect("the bench's order converts").swap_remove(0) {
        Outcome::Document(document) => document.invoice,
        Outcome::Held(held) => panic!("held: {}", held.message),
    }
}

/// A company that buys.
#[must_use]
pub fn buyer() -> Party {
    let text = |text: &str| Some(text.to_owned());
    Party {
        name: "Kofar Mata Garments Ltd".to_owned(),
        tin: text("30917766-0001"),
        email: text("purchasing@kofar-mata.example"),
        phone: text("+2348035550144"),
        address: Address {
            street: text("21 Ibrahim Taiwo Road"),
            city: text("Kano"),
            postal_code: text("700213"),
            state: text("NG-KN"),
            country: text("NG"),
            ..Address::default()
        },
        ..Party::default()
    }
}
