//! The handle of simulated Square: what a test makes happen at the till, and what it may ask afterwards.

use super::{Sale, put, text};
use crate::{
    handle::as_every_platform,
    spoil::Spoil,
    stock::{Stock, Stocked},
    webhook::{Happened, Letter, Receiver, Refused},
    world::{Shared, lock},
};
use chrono::TimeDelta;
use serde_json::Value;

/// The handle of simulated Square.
#[derive(Clone)]
pub struct Square {
    pub(crate) world: Shared,
}

as_every_platform!(Square, square);

impl Square {
    /// Sets where webhooks go; `None`: nowhere.
    pub fn set_webhook_url(&self, receiver: Option<Receiver>) {
        self.world.outbox.to_square(receiver);
    }

    /// Makes a sale; one `payment.updated` follows, because a till's orders send no order event.
    pub async fn sell(&self, sale: Sale) -> Happened {
        let at = self.world.clock.stamp();
        let (id, letter) = {
            let mut till = lock(&self.world.till);
            let (order, payment) = till.sell(sale, at);
            let id = text(&payment["id"]);
            (text(&order["id"]), till.event("payment.updated", ("payment", &id, payment), at))
        };
        self.tell(id, vec![letter]).await
    }

    /// Takes back one tray of the first company order; one `refund.updated` follows.
    ///
    /// # Errors
    /// Where that order was not made yet, or both its trays came back.
    pub async fn refund_partially(&self) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let (id, letter) = {
            let mut till = lock(&self.world.till);
            let (_, refund) = till.refund_partially(at).map_err(Refused)?;
            let id = text(&refund["id"]);
            let letter = till.event("refund.updated", ("refund", &id, refund), at);
            (id, letter)
        };
        Ok(self.tell(id, vec![letter]).await)
    }

    /// Puts an order of one's own into the shop: a bare order, or `{order, payments, refunds, customer, location,
    /// source_order}`. A `payment.updated` follows for each payment and a `refund.updated` for each refund; where
    /// there are none, one `order.updated`.
    ///
    /// # Errors
    /// Where a record has no `id`.
    pub async fn put(&self, record: &Value) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let (id, letters) = put(&mut lock(&self.world.till), record, at)?;
        Ok(self.tell(id, letters).await)
    }

    /// Cancels an order and its payments; a `payment.updated` follows for each.
    ///
    /// # Errors
    /// Where there is no such order.
    pub async fn cancel(&self, order_id: &str) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let events = {
            let mut till = lock(&self.world.till);
            if !till.cancel(order_id, at) {
                return Err(Refused(format!("there is no order {order_id}")));
            }
            let payments = till.payments.iter().filter(|payment| payment["order_id"] == order_id);
            let payments: Vec<Value> = payments.cloned().collect();
            let event = |payment: Value| {
                till.event("payment.updated", ("payment", &text(&payment["id"]), payment), at)
            };
            payments.into_iter().map(event).collect()
        };
        Ok(self.tell(order_id.to_owned(), events).await)
    }

    /// Moves the modified time of an order on, without a webhook; says whether there is one.
    pub fn touch(&self, order_id: &str) -> bool {
        let at = self.world.clock.stamp();
        lock(&self.world.till).touch(order_id, at)
    }

    /// Spoils an order for good; says whether there is one.
    pub fn spoil(&self, order_id: &str, how: Spoil) -> bool {
        lock(&self.world.till).spoil(order_id, how)
    }

    /// Walk-in sales, dated by a seed; no webhook follows.
    pub fn stock(&self, stock: &Stock) -> Stocked {
        let mut till = lock(&self.world.till);
        stock.fill(|at| {
            let (order, _) = till.sell(Sale::WalkIn, at);
            (text(&order["id"]), order["total_money"]["amount"].as_i64().unwrap_or_default())
        })
    }

    /// For so long a search of orders does not see a change.
    pub fn set_search_lag(&self, lag: TimeDelta) {
        lock(&self.world.till).search_lag = lag;
    }

    pub(super) async fn tell(&self, id: String, events: Vec<Value>) -> Happened {
        let letters = events.into_iter().map(|event| Letter::Square { event }).collect();
        Happened { id, deliveries: self.world.outbox.send(&self.world, letters).await }
    }
}
