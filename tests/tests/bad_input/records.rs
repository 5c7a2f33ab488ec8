//! Two good records, small enough to see what a test breaks in them.

use serde_json::{Value, json};
use taxpoynt_core::{
    Result,
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_tests::platforms;

fn naira(kobo: i64) -> Value {
    json!({"amount": kobo, "currency": "NGN"})
}

/// Two lines at 7.5 %, one with a modifier and a discount; a tip; 1,935.00 + 100.00.
pub(crate) fn square() -> Value {
    json!({
        "order": {
            "id": "ORDER-1", "location_id": "L1", "state": "COMPLETED",
            "created_at": "2026-11-20T09:00:00Z", "updated_at": "2026-11-20T09:01:00Z", "closed_at": "2026-11-20T09:01:00Z",
            "line_items": [
                {
                    "uid": "one", "name": "Jollof rice", "quantity": "2", "item_type": "ITEM",
                    "base_price_money": naira(45_000), "variation_total_price_money": naira(90_000),
                    "modifiers": [{"uid": "m", "name": "Plantain", "base_price_money": naira(5_000), "total_price_money": naira(10_000)}],
                    "gross_sales_money": naira(100_000),
                    "applied_discounts": [{"uid": "d", "discount_uid": "ten", "applied_money": naira(10_000)}],
                    "total_discount_money": naira(10_000),
                    "applied_taxes": [{"uid": "t", "tax_uid": "vat", "applied_money": naira(6_750)}],
                    "total_tax_money": naira(6_750), "total_money": naira(96_750),
                },
                {
                    "uid": "two", "name": "Chapman", "quantity": "1", "item_type": "ITEM",
                    "base_price_money": naira(90_000), "variation_total_price_money": naira(90_000),
                    "gross_sales_money": naira(90_000), "total_discount_money": naira(0),
                    "applied_taxes": [{"uid": "t", "tax_uid": "vat", "applied_money": naira(6_750)}],
                    "total_tax_money": naira(6_750), "total_money": naira(96_750),
                },
            ],
            "taxes": [{"uid": "vat", "name": "VAT", "percentage": "7.5", "type": "ADDITIVE", "applied_money": naira(13_500)}],
            "discounts": [{"uid": "ten", "name": "Regular guest", "percentage": "10", "applied_money": naira(10_000)}],
            "tenders": [{"id": "p1", "type": "CASH", "amount_money": naira(203_500), "tip_money": naira(10_000)}],
            "total_money": naira(203_500), "total_tax_money": naira(13_500), "total_discount_money": naira(10_000),
            "total_tip_money": naira(10_000),
        },
        "location": {"id": "L1", "timezone": "Africa/Lagos", "country": "NG"},
    })
}

/// A won deal of two lines.
pub(crate) fn hubspot() -> Value {
    let line = |id: &str, name: &str, price: &str, quantity: &str, amount: &str| {
        json!({"id": id, "properties": {
            "name": name, "price": price, "quantity": quantity, "amount": amount, "hs_line_item_currency_code": "NGN",
        }})
    };
    json!({
        "deal": {"id": "900", "properties": {
            "dealname": "Generators", "dealstage": "closedwon", "hs_is_closed_won": "true", "amount": "3500.00",
            "deal_currency_code": "NGN", "createdate": "2026-11-01T08:00:00Z", "closedate": "2026-11-20T08:00:00Z",
            "hs_lastmodifieddate": "2026-11-20T08:00:00Z",
        }},
        "line_items": [
            line("1", "Generator", "1000.00", "3", "3000.00"),
            line("2", "Delivery", "500.00", "1", "500.00"),
        ],
        "companies": [{"id": "70", "properties": {
            "name": "Oriental Cold Rooms Ltd", "tin": "30586721-0001", "email": "pay@oriental.example",
            "address": "14 Trans Amadi Road", "city": "Port Harcourt", "country": "Nigeria",
        }}],
    })
}

/// A seller for both.
pub(crate) fn seller() -> Tenant {
    let text = json!({
        "name": "Kitchen Ltd", "tin": "10203040-0001", "service_id": "4B7E8E41",
        "tax": {
            "default": {"category": "S", "percent": "7.5"},
            "untaxed": {"category": "E", "percent": "0", "reason": "Basic food items"},
        },
    });
    Tenant::from_json(text.to_string().as_bytes()).unwrap()
}

/// Straight to documents.
pub(crate) fn converted(platform: &str, record: &[u8]) -> Result<Vec<Outcome>> {
    let registry = platforms();
    convert(&**registry.get(platform).unwrap(), record, &seller(), &ConvertOptions::default())
}

/// With the value at a JSON pointer replaced; taken out where it is `None`.
pub(crate) fn with(mut record: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = record.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} has no parent"));
    match (parent, value) {
        (Value::Object(members), None) => assert!(members.remove(name).is_some(), "{pointer} is not there"),
        (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value)),
        (Value::Array(elements), Some(value)) => elements[name.parse::<usize>().unwrap()] = value,
        (other, _) => panic!("{pointer} is inside {other}"),
    }
    record
}

#[test]
fn the_good_records_are_good() {
    for (platform, record, payable) in [("square", square(), "1935.00"), ("hubspot", hubspot(), "3762.50")] {
        let outcomes = converted(platform, record.to_string().as_bytes()).unwrap();
        let [Outcome::Document(document)] = &outcomes[..] else { panic!("{outcomes:?}") };
        assert_eq!(document.invoice.totals.payable_amount.to_string(), payable, "{platform}");
    }
}
