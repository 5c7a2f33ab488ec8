//! The simulated shop: one merchant, one location in Lagos, one company among its customers, and its sales.

use super::goods::{self, B2B, Line, Sums, WALK_IN, money};
use crate::{clock::rfc3339, spoil::Spoil};
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::HashMap;

pub(crate) const MERCHANT_ID: &str = "SIMMERCHANT01";
pub(crate) const LOCATION_ID: &str = "SIMLOCLAGOS01";
pub(crate) const CUSTOMER_ID: &str = "SIMCUSTOMERKOLA00000000001";
/// The tip on the company's order, in kobo.
const TIP: i64 = 500_000;
const OPENED: &str = "2025-02-03T08:00:00Z";

/// A sale the control endpoint can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sale {
    /// A company's order: three lines (an extra and 10 % off, a weighed good, one untaxed), VAT, a tip, by transfer.
    B2b,
    /// A walk-in's order, no customer, cash.
    WalkIn,
}

impl Sale {
    /// `b2b` or `walk_in`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "b2b" => Some(Self::B2b),
            "walk_in" => Some(Self::WalkIn),
            _ => None,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::B2b => "B2B",
            Self::WalkIn => "WALKIN",
        }
    }

    fn lines(self) -> &'static [Line] {
        match self {
            Self::B2b => B2B,
            Self::WalkIn => WALK_IN,
        }
    }

    fn tip(self) -> i64 {
        match self {
            Self::B2b => TIP,
            Self::WalkIn => 0,
        }
    }
}

/// Everything the shop has.
#[derive(Debug)]
pub(crate) struct Till {
    pub(super) merchant: Value,
    pub(super) locations: Vec<Value>,
    pub(super) customers: Vec<Value>,
    pub(super) orders: Vec<Value>,
    pub(super) payments: Vec<Value>,
    pub(super) refunds: Vec<Value>,
    /// How long a search of orders does not see a change, and what an order was before its last one.
    pub(super) search_lag: TimeDelta,
    before: HashMap<String, (DateTime<Utc>, Option<Value>)>,
    sold: [u32; 2],
    returned: u32,
    events: u64,
}

impl Default for Till {
    fn default() -> Self {
        Self {
            merchant: merchant(),
            locations: vec![location()],
            customers: vec![customer()],
            orders: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            search_lag: TimeDelta::zero(),
            before: HashMap::new(),
            sold: [0, 0],
            returned: 0,
            events: 0,
        }
    }
}

impl Till {
    /// Rings up a sale and takes the payment; gives both.
    pub(super) fn sell(&mut self, sale: Sale, at: DateTime<Utc>) -> (Value, Value) {
        let nth = &mut self.sold[usize::from(sale == Sale::WalkIn)];
        *nth += 1;
        let order_id = format!("SIM{}ORDER{:06}", sale.code(), nth);
        let payment_id = format!("SIM{}PAYMENT{:06}", sale.code(), nth);
        let order = order(sale, &order_id, &payment_id, at);
        let payment = payment(sale, &order, &payment_id, at);
        self.note(&order_id, at);
        self.orders.push(order.clone());
        self.payments.push(payment.clone());
        (order, payment)
    }

    /// Takes back one tray of the first company order; gives the return order and the refund.
    pub(super) fn refund_partially(&mut self, at: DateTime<Utc>) -> Result<(Value, Value), String> {
        let payment_id = "SIMB2BPAYMENT000001";
        let Some(payment) = self.payments.iter_mut().find(|payment| payment["id"] == payment_id) else {
            return Err("there is no b2b sale to refund yet: make one first".to_owned());
        };
        if self.returned == 2 {
            return Err("both trays of the b2b sale were returned already".to_owned());
        }
        self.returned += 1;
        let order_id = format!("SIMB2BRETURN{:06}", self.returned);
        let refund_id = format!("{payment_id}_SIMREFUND{:06}", self.returned);
        let order = return_order(&order_id, &refund_id, payment_id, at);
        let refund = refund(&refund_id, &order, payment_id, at);
        note_refund(payment, &refund, at);
        self.orders.push(order.clone());
        self.refunds.push(refund.clone());
        Ok((order, refund))
    }

    /// Remembers what an order is, before it changes.
    pub(super) fn note(&mut self, id: &str, at: DateTime<Utc>) {
        if self.search_lag > TimeDelta::zero() {
            let before = self.orders.iter().find(|order| order["id"] == id).cloned();
            self.before.insert(id.to_owned(), (at, before));
        }
    }

    /// The orders as a search sees them now.
    pub(super) fn indexed(&self, now: DateTime<Utc>) -> Vec<Value> {
        let shown = |order: &Value| match self.before.get(order["id"].as_str().unwrap_or_default()) {
            Some((at, before)) if now - *at < self.search_lag => before.clone(),
            _ => Some(order.clone()),
        };
        self.orders.iter().filter_map(shown).collect()
    }

    fn change(&mut self, id: &str, at: DateTime<Utc>, change: impl FnOnce(&mut Value)) -> bool {
        self.note(id, at);
        let Some(order) = self.orders.iter_mut().find(|order| order["id"] == id) else { return false };
        order["updated_at"] = rfc3339(at).into();
        change(order);
        true
    }

    /// Moves an order's modified time on.
    pub(super) fn touch(&mut self, id: &str, at: DateTime<Utc>) -> bool {
        self.change(id, at, |_| {})
    }

    /// Touches one of the orders, told by any number.
    pub(super) fn touch_one(&mut self, which: u64, at: DateTime<Utc>) -> bool {
        let count = u64::try_from(self.orders.len()).unwrap_or(u64::MAX).max(1);
        let nth = usize::try_from(which % count).unwrap_or_default();
        let id = self.orders.get(nth).and_then(|order| order["id"].as_str()).map(str::to_owned);
        id.is_some_and(|id| self.touch(&id, at))
    }

    /// Cancels an order and its payments: Square deletes neither.
    pub(super) fn cancel(&mut self, id: &str, at: DateTime<Utc>) -> bool {
        for payment in self.payments.iter_mut().filter(|payment| payment["order_id"] == id) {
            payment["status"] = "CANCELED".into();
            payment["updated_at"] = rfc3339(at).into();
        }
        self.change(id, at, |order| order["state"] = "CANCELED".into())
    }

    /// Spoils an order for good.
    pub(super) fn spoil(&mut self, id: &str, how: Spoil) -> bool {
        let order = self.orders.iter_mut().find(|order| order["id"] == id);
        order.map(|order| how.apply(order)).is_some()
    }

    /// Puts a record of one's own into the shop, replacing what has the same id.
    pub(super) fn put(list: &mut Vec<Value>, record: Value) {
        match list.iter_mut().find(|known| known["id"] == record["id"]) {
            Some(known) => *known = record,
            None => list.push(record),
        }
    }

    /// A webhook's envelope.
    pub(super) fn event(&mut self, kind: &str, object: (&str, &str, Value), at: DateTime<Utc>) -> Value {
        self.events += 1;
        let (name, id, value) = object;
        super::without_nulls(json!({
            "merchant_id": MERCHANT_ID, "location_id": value["location_id"], "type": kind,
            "event_id": format!("5ca1ab1e-0000-4000-8000-{:012}", self.events),
            "created_at": rfc3339(at),
            "data": {"type": name, "id": id, "object": {name: value}},
        }))
    }
}

fn merchant() -> Value {
    json!({
        "id": MERCHANT_ID, "business_name": "Simulated Kitchen", "country": "NG", "language_code": "en-NG",
        "currency": goods::CURRENCY, "status": "ACTIVE", "main_location_id": LOCATION_ID, "created_at": OPENED,
    })
}

fn location() -> Value {
    json!({
        "id": LOCATION_ID, "merchant_id": MERCHANT_ID, "name": "Yaba", "business_name": "Simulated Kitchen",
        "address": {
            "address_line_1": "27 Herbert Macaulay Way", "locality": "Lagos",
            "administrative_district_level_1": "Lagos", "postal_code": "101212", "country": "NG",
        },
        "timezone": "Africa/Lagos", "country": "NG", "currency": goods::CURRENCY, "language_code": "en-NG",
        "phone_number": "+234 1 270 0001", "status": "ACTIVE", "type": "PHYSICAL", "capabilities": [],
        "created_at": OPENED,
    })
}

/// A company; its tax number travels in the reference, as Square has no field for it outside Europe.
fn customer() -> Value {
    json!({
        "id": CUSTOMER_ID, "company_name": "Kola & Daughters Events Ltd", "given_name": "Folake", "family_name": "Kola",
        "email_address": "accounts@kola-events.example", "phone_number": "+2348035550142",
        "reference_id": "TIN:20394857-0001", "creation_source": "DIRECTORY", "version": 2,
        "address": {
            "address_line_1": "8 Bode Thomas Street", "locality": "Surulere",
            "administrative_district_level_1": "Lagos", "postal_code": "101283", "country": "NG",
        },
        "preferences": {"email_unsubscribed": false}, "created_at": OPENED, "updated_at": OPENED,
    })
}

fn order(sale: Sale, id: &str, payment_id: &str, at: DateTime<Utc>) -> Value {
    let basket = goods::basket(sale.lines());
    let amounts = goods::price(&basket);
    let (sums, tip) = (goods::sums(&amounts), sale.tip());
    let items: Vec<Value> = basket
        .iter()
        .zip(&amounts)
        .map(|((line, quantity), amounts)| goods::sold(line, *quantity, *amounts))
        .collect();
    let mut order = json!({
        "id": id, "location_id": LOCATION_ID, "source": {"name": "Point of Sale"}, "state": "COMPLETED",
        "line_items": items, "taxes": [goods::tax(sums.tax)],
        "tenders": [tender(sale, id, payment_id, sums.total + tip, at)],
        "created_at": rfc3339(at - TimeDelta::seconds(45)), "updated_at": rfc3339(at), "closed_at": rfc3339(at),
        "total_money": money(sums.total + tip), "total_tax_money": money(sums.tax),
        "total_discount_money": money(sums.discount), "total_tip_money": money(tip),
        "total_service_charge_money": money(0), "net_amount_due_money": money(0),
        "net_amounts": goods::money_amounts(sums, tip),
    });
    // No `version`: orders rung up at the till carry none.
    let discounts = goods::discounts(&basket, &amounts);
    if !discounts.is_empty() {
        order["discounts"] = Value::from(discounts);
    }
    if sale == Sale::B2b {
        order["customer_id"] = Value::from(CUSTOMER_ID);
    }
    order
}

fn tender(sale: Sale, order_id: &str, payment_id: &str, amount: i64, at: DateTime<Utc>) -> Value {
    let mut tender = json!({
        "id": payment_id, "payment_id": payment_id, "location_id": LOCATION_ID, "transaction_id": order_id,
        "created_at": rfc3339(at), "amount_money": money(amount),
    });
    match sale {
        Sale::B2b => {
            tender["type"] = Value::from("OTHER");
            tender["tip_money"] = money(TIP);
            tender["customer_id"] = Value::from(CUSTOMER_ID);
        }
        Sale::WalkIn => {
            tender["type"] = Value::from("CASH");
            tender["cash_details"] = cash(amount);
        }
    }
    tender
}

/// Paid with the next full thousand naira.
fn cash(amount: i64) -> Value {
    let given = (amount + 99_999) / 100_000 * 100_000;
    json!({"buyer_tendered_money": money(given), "change_back_money": money(given - amount)})
}

fn payment(sale: Sale, order: &Value, id: &str, at: DateTime<Utc>) -> Value {
    let total = order["total_money"]["amount"].as_i64().unwrap_or_default();
    let mut payment = json!({
        "id": id, "order_id": order["id"], "location_id": LOCATION_ID, "status": "COMPLETED",
        // Square counts the tip outside amount_money here, and inside it on the tender.
        "amount_money": money(total - sale.tip()), "total_money": money(total), "approved_money": money(total),
        "application_details": {"square_product": "SQUARE_POS", "application_id": "sim-app"},
        "receipt_number": id.get(3..7), "version_token": format!("{id}-1"),
        "created_at": rfc3339(at - TimeDelta::seconds(5)), "updated_at": rfc3339(at),
    });
    match sale {
        Sale::B2b => {
            payment["source_type"] = Value::from("EXTERNAL");
            payment["tip_money"] = money(TIP);
            payment["customer_id"] = Value::from(CUSTOMER_ID);
            payment["external_details"] = json!({"type": "BANK_TRANSFER", "source": "Transfer"});
        }
        Sale::WalkIn => {
            payment["source_type"] = Value::from("CASH");
            let paid = cash(total);
            payment["cash_details"] = json!({
                "buyer_supplied_money": paid["buyer_tendered_money"], "change_back_money": paid["change_back_money"],
            });
        }
    }
    payment
}

/// An order that sells nothing and takes back one tray.
fn return_order(id: &str, refund_id: &str, payment_id: &str, at: DateTime<Utc>) -> Value {
    let basket = [(&B2B[0], Decimal::ONE)];
    let amounts = goods::price(&basket);
    let sums = goods::sums(&amounts);
    let mut tax = goods::tax(sums.tax);
    tax["source_tax_uid"] = Value::from("vat");
    let mut discounts = goods::discounts(&basket, &amounts);
    for discount in &mut discounts {
        discount["source_discount_uid"] = discount["uid"].clone();
    }
    let back = Sums { total: -sums.total, tax: -sums.tax, discount: -sums.discount };
    json!({
        "id": id, "location_id": LOCATION_ID, "customer_id": CUSTOMER_ID, "source": {"name": "Point of Sale"},
        "state": "COMPLETED",
        "returns": [{
            "uid": format!("{id}-return"), "source_order_id": "SIMB2BORDER000001",
            "return_line_items": [goods::returned(&B2B[0], Decimal::ONE, amounts[0])],
            "return_taxes": [tax], "return_discounts": discounts,
            "return_amounts": goods::money_amounts(sums, 0),
        }],
        "return_amounts": goods::money_amounts(sums, 0), "net_amounts": goods::money_amounts(back, 0),
        "refunds": [{
            // The order words the status differently from the refund itself.
            "id": refund_id, "status": "APPROVED", "location_id": LOCATION_ID, "tender_id": payment_id,
            "transaction_id": "SIMB2BORDER000001", "reason": "Returned goods",
            "amount_money": money(sums.total), "created_at": rfc3339(at),
        }],
        "created_at": rfc3339(at), "updated_at": rfc3339(at), "closed_at": rfc3339(at),
        "total_money": money(0), "total_tax_money": money(0), "total_discount_money": money(0),
        "total_tip_money": money(0), "total_service_charge_money": money(0), "net_amount_due_money": money(0),
    })
}

fn refund(id: &str, order: &Value, payment_id: &str, at: DateTime<Utc>) -> Value {
    json!({
        "id": id, "status": "COMPLETED", "location_id": LOCATION_ID, "payment_id": payment_id,
        "order_id": order["id"], "amount_money": order["return_amounts"]["total_money"], "reason": "Returned goods",
        "destination_type": "EXTERNAL", "created_at": rfc3339(at), "updated_at": rfc3339(at),
    })
}

/// What a refund changes on the payment.
fn note_refund(payment: &mut Value, refund: &Value, at: DateTime<Utc>) {
    let amount = |money: &Value| money["amount"].as_i64().unwrap_or_default();
    let refunded = amount(&payment["refunded_money"]) + amount(&refund["amount_money"]);
    payment["refunded_money"] = money(refunded);
    payment["updated_at"] = Value::from(rfc3339(at));
    let mut ids = payment["refund_ids"].as_array().cloned().unwrap_or_default();
    ids.push(refund["id"].clone());
    payment["refund_ids"] = Value::from(ids);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn amount(money: &Value) -> i64 {
        money["amount"].as_i64().unwrap()
    }

    fn sum(list: &Value, member: &str) -> i64 {
        list.as_array().unwrap().iter().map(|entry| amount(&entry[member])).sum()
    }

    #[test]
    fn every_order_adds_up_to_the_kobo() {
        for sale in [Sale::B2b, Sale::WalkIn] {
            let (order, payment) = Till::default().sell(sale, at());
            let lines = &order["line_items"];
            assert_eq!(
                amount(&order["total_money"]),
                sum(lines, "total_money") + amount(&order["total_tip_money"])
            );
            assert_eq!(amount(&order["total_tax_money"]), sum(lines, "total_tax_money"));
            assert_eq!(amount(&order["taxes"][0]["applied_money"]), sum(lines, "total_tax_money"));
            assert_eq!(amount(&order["total_discount_money"]), sum(lines, "total_discount_money"));
            assert_eq!(amount(&order["tenders"][0]["amount_money"]), amount(&order["total_money"]));
            assert_eq!(amount(&payment["total_money"]), amount(&order["total_money"]));
            for line in lines.as_array().unwrap() {
                let net = amount(&line["gross_sales_money"]) - amount(&line["total_discount_money"]);
                assert_eq!(amount(&line["total_money"]), net + amount(&line["total_tax_money"]));
            }
        }
    }

    /// Worked by hand: 2 x (18,450.00 + 1,275.50) = 39,451.00, less 10 % = 35,505.90; 1.365 x 9,680.50 = 13,213.88;
    /// 7.5 % of 48,719.78 = 3,653.98; 3 x 2,150.00 untaxed; tip 5,000.00.
    #[test]
    fn the_company_order_costs_what_a_hand_calculation_says() {
        let (order, _) = Till::default().sell(Sale::B2b, at());
        assert_eq!(amount(&order["total_tax_money"]), 365_398);
        assert_eq!(amount(&order["total_discount_money"]), 394_510);
        assert_eq!(amount(&order["total_money"]), 3_550_590 + 1_321_388 + 645_000 + 365_398 + 500_000);
    }

    #[test]
    fn returning_both_trays_gives_back_exactly_what_their_line_cost() {
        let mut till = Till::default();
        let (order, _) = till.sell(Sale::B2b, at());
        let refunds: i64 =
            (0..2).map(|_| amount(&till.refund_partially(at()).unwrap().1["amount_money"])).sum();
        assert_eq!(refunds, amount(&order["line_items"][0]["total_money"]));
        assert!(till.refund_partially(at()).is_err());
        assert_eq!(amount(&till.payments[0]["refunded_money"]), refunds);
    }

    #[test]
    fn ids_are_the_same_in_every_run() {
        let run = || {
            let mut till = Till::default();
            let (order, payment) = till.sell(Sale::WalkIn, at());
            (
                order["id"].clone(),
                payment["id"].clone(),
                till.event("payment.updated", ("payment", "x", payment), at()),
            )
        };
        assert_eq!(run(), run());
    }
}
