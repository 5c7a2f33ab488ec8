//! Stored webhooks: what came, what was ignored, what could not be read, and reading it again.

use super::super::Engine;
use crate::{
    Error, ErrorKind, Result,
    store::{ConnectionState, DeliveryFilter, Page, ReadAgain, StoredDelivery},
    webhook::Verified,
};
use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

/// What replaying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ReplayReport {
    /// Deliveries that were read again.
    pub deliveries: u64,
    /// Fetches that were queued.
    pub queued: u64,
    /// Deliveries of which parts still cannot be read.
    pub faulty: u64,
}

impl Engine {
    /// Stored webhooks, newest first, with what was ignored and what could not be read. No bodies.
    ///
    /// # Errors
    /// `Store`.
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Page<StoredDelivery>> {
        self.store().deliveries(filter).await
    }

    /// One stored webhook with its body. A body that may hold events of others is `PermissionDenied` for a tenant.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`, `Store`.
    pub async fn delivery(&self, id: Uuid, tenant: Option<Uuid>) -> Result<(StoredDelivery, Bytes)> {
        let (delivery, body) = self.store().delivery(id, tenant).await?;
        if delivery.shared && tenant.is_some() {
            let message = "this webhook also holds events of other accounts: only the operator may read it";
            return Err(Error::new(ErrorKind::PermissionDenied, "engine.delivery", message));
        }
        Ok((delivery, body))
    }

    /// Reads a stored webhook again, as the connector reads it today, and fetches every record that it announces once
    /// more, whether or not that was done before. Says how many fetches.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where its connection was removed; `Store`.
    pub async fn replay_delivery(&self, id: Uuid, tenant: Option<Uuid>) -> Result<u32> {
        let (delivery, body) = self.store().delivery(id, tenant).await?;
        let (queued, _) = self.read_delivery(&delivery, body).await?;
        self.inner.bell.notify_waiters();
        Ok(queued)
    }

    /// As `replay_delivery`, for every delivery of a listing, to its end.
    ///
    /// # Errors
    /// As `replay_delivery`, for the first that fails; the ones before it stay replayed.
    pub async fn replay_deliveries(&self, filter: &DeliveryFilter) -> Result<ReplayReport> {
        let (mut filter, mut report) = (filter.clone(), ReplayReport::default());
        loop {
            let page = self.store().deliveries(&filter).await?;
            for delivery in &page.items {
                let (_, body) = self.store().delivery(delivery.id, None).await?;
                let (queued, is_faulty) = self.read_delivery(delivery, body).await?;
                report.deliveries += 1;
                report.queued += u64::from(queued);
                report.faulty += u64::from(is_faulty);
            }
            self.inner.bell.notify_waiters();
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return Ok(report),
            }
        }
    }

    async fn read_delivery(&self, delivery: &StoredDelivery, body: Bytes) -> Result<(u32, bool)> {
        let connection = self.store().connection(delivery.connection, None).await?;
        if connection.state == ConnectionState::Removed {
            let message = "the connection of this webhook was removed: connect the account again first";
            return Err(Error::new(ErrorKind::Conflict, "engine.replay_delivery", message));
        }
        let (events, faults) = self.read_events(&connection.platform, &Verified::stored(body))?;
        let theirs =
            events.into_iter().filter(|e| e.account.as_ref().is_none_or(|a| *a == connection.account));
        let again = ReadAgain {
            id: delivery.id,
            events: theirs.map(|e| (e.event_id, e.kind, e.record)).collect(),
            faults,
            lane: self.lane(&connection.platform)?,
        };
        let is_faulty = !again.faults.is_empty();
        Ok((self.store().replay_delivery(&again, self.now()).await?, is_faulty))
    }
}
