//! Till orders in any number, and the platform that answers for their account.

use crate::Random;
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use taxpoynt_core::{Result, http::HttpService};

/// A platform that knows its account and answers nothing else.
#[derive(Debug)]
pub struct Account;

#[async_trait]
impl HttpService for Account {
    async fn call(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let body = br#"{"merchant":{"id":"MERCHANT-1","business_name":"Balogun"}}"#;
        Ok(http::Response::new(Bytes::from_static(body)))
    }
}

/// An order of one to five lines without tax, as Square keeps it, with this id.
#[must_use]
pub fn till_order(id: &str, random: &mut Random) -> Value {
    let lines: Vec<_> =
        (0..=random.below(5)).map(|line| line_of(line, 100 + random.below(500_000) as i64)).collect();
    let net: i64 = lines.iter().filter_map(|line| line["gross_sales_money"]["amount"].as_i64()).sum();
    json!({
        "id": id, "location_id": "L1", "state": "COMPLETED", "version": 1,
        "created_at": "2026-11-20T09:00:00Z", "closed_at": "2026-11-20T09:00:05Z", "updated_at": "2026-11-20T09:00:05Z",
        "line_items": lines, "total_money": naira(net), "total_tax_money": naira(0), "total_discount_money": naira(0),
        "total_tip_money": naira(0), "total_service_charge_money": naira(0), "net_amount_due_money": naira(0),
        "tenders": [{"id": "T", "type": "CASH", "amount_money": naira(net)}],
    })
}

fn naira(kobo: i64) -> Value {
    json!({ "amount": kobo, "currency": "NGN" })
}

fn line_of(nth: usize, amount: i64) -> Value {
    json!({
        "uid": format!("line-{nth}"), "name": format!("Item {nth}"), "quantity": "1", "item_type": "ITEM",
        "base_price_money": naira(amount), "gross_sales_money": naira(amount), "total_money": naira(amount),
        "total_tax_money": naira(0), "total_discount_money": naira(0),
    })
}
