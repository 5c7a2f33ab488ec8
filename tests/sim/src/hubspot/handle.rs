//! The handle of simulated HubSpot: what a test makes happen in the portal, and what it may ask afterwards.

use super::{DEAL_ID, put};
use crate::{
    handle::as_every_platform,
    spoil::Spoil,
    stock::{Stock, Stocked},
    webhook::{Happened, Letter, Receiver, Refused},
    world::{Shared, lock},
};
use chrono::TimeDelta;
use serde_json::Value;

/// The handle of simulated HubSpot.
#[derive(Clone)]
pub struct HubSpot {
    pub(crate) world: Shared,
}

as_every_platform!(HubSpot, hubspot);

impl HubSpot {
    /// Sets where webhooks go; `None`: nowhere.
    pub fn set_webhook_url(&self, receiver: Option<Receiver>) {
        self.world.outbox.to_hubspot(receiver);
    }

    /// The id of the deal that is there from the start.
    #[must_use]
    pub fn deal_id(&self) -> &'static str {
        DEAL_ID
    }

    /// Moves a deal to `closedwon`; a batch with one `deal.propertyChange` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn win(&self, deal_id: &str) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let event = lock(&self.world.crm).win(deal_id, at);
        self.tell(deal_id, event).await
    }

    /// Puts records of one's own into the portal: `{deal, line_items, companies, contacts}`, each
    /// `{id, properties}`; the others are linked to the deal. No webhook follows: win the deal.
    ///
    /// # Errors
    /// Where a record has no `id`.
    pub fn put(&self, records: &Value) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let id = put(&mut lock(&self.world.crm), records, at)?;
        Ok(Happened { id, deliveries: Vec::new() })
    }

    /// Sets a property of a deal; a batch with one `deal.propertyChange` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn change(&self, deal_id: &str, name: &str, value: &str) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let event = lock(&self.world.crm).set(deal_id, (name, value), at);
        self.tell(deal_id, event).await
    }

    /// Archives a deal; a batch with one `deal.deletion` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn archive(&self, deal_id: &str) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let event = lock(&self.world.crm).archive("deals", deal_id, true, at);
        self.tell(deal_id, event).await
    }

    /// Restores an archived deal; a batch with one `deal.restore` follows.
    ///
    /// # Errors
    /// Where no such deal is archived.
    pub async fn restore(&self, deal_id: &str) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let event = lock(&self.world.crm).archive("deals", deal_id, false, at);
        self.tell(deal_id, event).await
    }

    /// Moves the modified time of a record on, without a webhook; says whether there is one.
    pub fn touch(&self, id: &str) -> bool {
        let at = self.world.clock.stamp();
        lock(&self.world.crm).touch(id, at)
    }

    /// Spoils a record for good; says whether there is one.
    pub fn spoil(&self, id: &str, how: Spoil) -> bool {
        let at = self.world.clock.stamp();
        lock(&self.world.crm).spoil(id, how, at)
    }

    /// Won deals of one line each, dated by a seed; no webhook follows.
    pub fn stock(&self, stock: &Stock) -> Stocked {
        let mut crm = lock(&self.world.crm);
        stock.fill(|at| crm.stock(at))
    }

    /// For so long a search does not see a change.
    pub fn set_search_lag(&self, lag: TimeDelta) {
        lock(&self.world.crm).search_lag = lag;
    }

    async fn tell(&self, deal_id: &str, event: Option<Value>) -> Result<Happened, Refused> {
        let Some(event) = event else { return Err(Refused(format!("there is no deal {deal_id}"))) };
        let letters = vec![Letter::HubSpot { events: vec![event] }];
        let deliveries = self.world.outbox.send(&self.world, letters).await;
        Ok(Happened { id: deal_id.to_owned(), deliveries })
    }

    /// Gives the app a new client secret, which signs from now on; the token endpoint still takes the first one.
    #[must_use]
    pub fn rotate_webhook_secret(&self) -> String {
        self.world.outbox.rotate_secret(&self.world)
    }
}
