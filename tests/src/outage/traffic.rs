//! What is sold: a shop chain's ordinary day, and one three times as busy.

use crate::Random;
use serde_json::{Value, json};

/// An hour in seconds.
pub const HOUR: i64 = 3600;

/// A report may follow its sale by this much: the law's number, written down a second time on purpose.
pub const WITHIN: i64 = 24 * HOUR;

/// A sale. Times are seconds after the beginning of the first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// Its number.
    pub id: usize,
    /// When it was made.
    pub sold_at: i64,
    /// When the till told us; hours later where it was offline.
    pub arrives_at: i64,
    /// Whether a company bought.
    pub b2b: bool,
}

impl Sale {
    /// Until when it must be reported; none where it is cleared instead.
    #[must_use]
    pub fn report_by(&self) -> Option<i64> {
        (!self.b2b).then_some(self.sold_at + WITHIN)
    }
}

/// Sales in each hour of an ordinary day, in thousandths of the day.
const PROFILE: [usize; 24] =
    [2, 1, 1, 1, 2, 8, 20, 40, 58, 66, 70, 74, 80, 78, 66, 60, 62, 74, 82, 70, 44, 24, 12, 5];

/// What to sell.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// Decides every sale.
    pub seed: u64,
    /// Sales of an ordinary day.
    pub a_day: usize,
    /// How long sales go on.
    pub hours: i64,
    /// From when to when there are so many times more.
    pub busy: (i64, i64, usize),
}

/// Every sale in the order in which it reaches us.
///
/// One in twelve is to a company. One till in fifteen is offline at any time and brings its sales in hours later, so
/// that what comes last is not what is due last.
#[must_use]
pub fn sales(traffic: &Traffic) -> Vec<Sale> {
    let mut random = Random::seeded(traffic.seed);
    let mut sales = Vec::new();
    for hour in 0..traffic.hours {
        let (from, until, times) = traffic.busy;
        let share = PROFILE[usize::try_from(hour % 24).unwrap_or_default()];
        let factor = if (from..until).contains(&(hour * HOUR)) { times } else { 1 };
        // What is left after dividing decides by chance, so that small days keep their shape.
        let thousandths = traffic.a_day * share * factor;
        let extra = usize::from(random.below(1000) < thousandths % 1000);
        for _ in 0..thousandths / 1000 + extra {
            let sold_at = hour * HOUR + random.between(0, HOUR - 1);
            let offline = random.one_in(15);
            let delay = if offline { random.between(3 * HOUR, 21 * HOUR) } else { random.between(1, 20) };
            let b2b = random.one_in(12);
            sales.push(Sale { id: 0, sold_at, arrives_at: sold_at + delay, b2b });
        }
    }
    sales.sort_by_key(|sale| (sale.arrives_at, sale.sold_at));
    for (id, sale) in sales.iter_mut().enumerate() {
        sale.id = id;
    }
    sales
}

fn naira(kobo: i64) -> Value {
    json!({"amount": kobo, "currency": "NGN"})
}

/// The sale as the till's platform holds it.
#[must_use]
pub fn record(sale: &Sale, start: chrono::DateTime<chrono::Utc>) -> Vec<u8> {
    let at = (start + chrono::TimeDelta::seconds(sale.sold_at)).to_rfc3339();
    let (price, tax) = (400_000, 30_000);
    let mut record = json!({
        "order": {
            "id": order_id(sale.id), "location_id": "LOC-1", "state": "COMPLETED", "version": 1,
            "created_at": at, "updated_at": at, "closed_at": at,
            "line_items": [{
                "uid": "line-1", "name": "Ankara print", "quantity": "1", "item_type": "ITEM",
                "base_price_money": naira(price), "variation_total_price_money": naira(price),
                "gross_sales_money": naira(price), "total_discount_money": naira(0), "total_tax_money": naira(tax),
                "total_service_charge_money": naira(0), "total_money": naira(price + tax),
                "applied_taxes": [{"uid": "applied-1", "tax_uid": "vat", "applied_money": naira(tax)}],
            }],
            "taxes": [{"uid": "vat", "catalog_object_id": "TAX-1", "name": "VAT", "percentage": "7.5",
                       "type": "ADDITIVE", "scope": "ORDER", "applied_money": naira(tax)}],
            "total_money": naira(price + tax), "total_tax_money": naira(tax), "total_discount_money": naira(0),
            "total_tip_money": naira(0), "total_service_charge_money": naira(0),
            "tenders": [{"id": "PAYMENT-1", "type": "CASH", "amount_money": naira(price + tax)}],
        },
        "location": {"id": "LOC-1", "name": "Balogun", "timezone": "Africa/Lagos", "currency": "NGN", "country": "NG"},
    });
    if sale.b2b {
        record["customer"] = json!({
            "id": "CUSTOMER-1", "company_name": "Kofar Mata Garments Ltd", "email_address": "buying@kofar.example",
            "reference_id": "30917766-0001",
            "address": {"address_line_1": "21 Ibrahim Taiwo Road", "locality": "Kano",
                        "administrative_district_level_1": "NG-KN", "country": "NG"},
        });
    }
    record.to_string().into_bytes()
}

/// The till's id of a sale.
#[must_use]
pub fn order_id(id: usize) -> String {
    format!("ORDER-{id:06}")
}

/// The sale of a till's id.
#[must_use]
pub fn sale_of(order_id: &str) -> Option<usize> {
    order_id.strip_prefix("ORDER-")?.parse().ok()
}
