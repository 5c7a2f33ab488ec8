//! The handle of simulated Pipedrive: what a test makes happen in the company, and what it may ask afterwards.

use super::{Offer, PipedriveSettings, goods::DEAL_ID};
use crate::{
    handle::as_every_platform,
    spoil::Spoil,
    stock::{Stock, Stocked},
    webhook::{Happened, Letter, Receiver, Refused},
    world::{Shared, lock},
};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The handle of simulated Pipedrive.
#[derive(Clone)]
pub struct Pipedrive {
    pub(crate) world: Shared,
}

as_every_platform!(Pipedrive, pipedrive);

type Change<'a> = dyn FnOnce(&mut super::Company, u64, DateTime<Utc>) -> Option<Value> + Send + 'a;

impl Pipedrive {
    /// Makes a webhook for every event with the user and password of the credentials, as a person would in the settings;
    /// `None` takes it away. Those that an app makes by the API are not touched.
    pub fn set_webhook_url(&self, receiver: Option<Receiver>) {
        let own = &self.world.credentials.pipedrive;
        let secret = format!("{}:{}", own.webhook_user, own.webhook_password);
        let url = receiver.as_ref().map(|receiver| receiver.url.as_str());
        lock(&self.world.pipedrive_hooks).by_hand(url, &secret, self.world.clock.now());
    }

    /// The id of the deal that is there from the start.
    #[must_use]
    pub fn deal_id(&self) -> String {
        DEAL_ID.to_string()
    }

    /// The custom field of organisations that holds their tax identification number.
    #[must_use]
    pub fn tin_field(&self) -> &'static str {
        super::TIN_FIELD
    }

    /// The switches, as they stand.
    #[must_use]
    pub fn settings(&self) -> PipedriveSettings {
        lock(&self.world.company).settings.clone()
    }

    /// Changes switches, from now on.
    pub fn set(&self, change: impl FnOnce(&mut PipedriveSettings)) {
        change(&mut lock(&self.world.company).settings);
    }

    /// Makes an open deal; a `deal.create` follows.
    pub async fn offer(&self, offer: Offer) -> Happened {
        let at = self.world.clock.stamp();
        let (id, event) = lock(&self.world.company).offer(offer, at);
        self.send(id.to_string(), event).await
    }

    /// Wins a deal; a `deal.change` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn win(&self, deal_id: &str) -> Result<Happened, Refused> {
        self.close(deal_id, "won").await
    }

    /// Makes a deal `open`, `won` or `lost`; a `deal.change` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn close(&self, deal_id: &str, status: &str) -> Result<Happened, Refused> {
        self.happen(deal_id, Box::new(|company, id, at| company.close(id, status, at))).await
    }

    /// Sets a member or a custom field of a deal; a `deal.change` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn change(&self, deal_id: &str, name: &str, value: &Value) -> Result<Happened, Refused> {
        self.happen(deal_id, Box::new(|company, id, at| company.set(id, (name, value), at))).await
    }

    /// Sets a member of a line of a deal; a `deal_product.change` follows, and no event of the deal.
    ///
    /// # Errors
    /// Where there is no such line.
    pub async fn change_line(&self, line_id: &str, name: &str, value: &Value) -> Result<Happened, Refused> {
        self.happen(line_id, Box::new(|company, id, at| company.set_line(id, (name, value), at))).await
    }

    /// Deletes a deal; a `deal.delete` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn delete(&self, deal_id: &str) -> Result<Happened, Refused> {
        self.happen(deal_id, Box::new(|company, id, at| company.delete(id, at))).await
    }

    /// Archives a deal, which lists do not show any more; a `deal.change` follows.
    ///
    /// # Errors
    /// Where there is no such deal.
    pub async fn archive(&self, deal_id: &str) -> Result<Happened, Refused> {
        self.happen(deal_id, Box::new(|company, id, at| company.archive(id, at))).await
    }

    /// The ids of a deal's lines, disabled ones too.
    #[must_use]
    pub fn lines(&self, deal_id: &str) -> Vec<String> {
        let company = lock(&self.world.company);
        let lines = company.lines_of(&[deal_id.parse().unwrap_or_default()]);
        lines.into_iter().map(|line| line["id"].to_string()).collect()
    }

    /// Puts records of one's own into the company: `{deal, products, discounts, installments, organizations, persons}`.
    /// Every member of the API can be given, the others are filled in; lines and the deal are added up. No webhook
    /// follows: win the deal.
    ///
    /// # Errors
    /// Where the deal, an organisation or a person has no number as its `id`.
    pub fn put(&self, records: &Value) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let id = lock(&self.world.company).put(records, at)?;
        Ok(Happened { id: id.to_string(), deliveries: Vec::new() })
    }

    /// Moves the modified time of a record on, without a webhook; says whether there is one.
    pub fn touch(&self, id: &str) -> bool {
        let at = self.world.clock.stamp();
        lock(&self.world.company).touch(id.parse().unwrap_or_default(), at)
    }

    /// Spoils a record for good; says whether there is one.
    pub fn spoil(&self, id: &str, how: Spoil) -> bool {
        lock(&self.world.company).spoil(id.parse().unwrap_or_default(), how)
    }

    /// Won deals of one line each, dated by a seed; no webhook follows.
    pub fn stock(&self, stock: &Stock) -> Stocked {
        let mut company = lock(&self.world.company);
        stock.fill(|at| company.stock(at))
    }

    async fn happen(&self, id: &str, change: Box<Change<'_>>) -> Result<Happened, Refused> {
        let at = self.world.clock.stamp();
        let known = id.parse().ok().and_then(|id| change(&mut lock(&self.world.company), id, at));
        let event = known.ok_or_else(|| Refused(format!("there is no record {id}")))?;
        Ok(self.send(id.to_owned(), event).await)
    }

    async fn send(&self, id: String, event: Value) -> Happened {
        let letters = vec![Letter::Pipedrive { event }];
        Happened { id, deliveries: self.world.outbox.send(&self.world, letters).await }
    }
}
