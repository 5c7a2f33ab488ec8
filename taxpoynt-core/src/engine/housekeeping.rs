//! What an engine lets go of by and by: old webhooks, and what it keeps in memory for connections that others removed.

use super::{Engine, WebhookOptions};
use crate::{
    Error, ErrorKind, Result,
    store::{Connection, ConnectionState, Purged},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    sync::{
        PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// How often the workers do it, in microseconds.
const EVERY: i64 = 3600 * 1_000_000;

/// Deliveries looked at in one move: a webhook that comes meanwhile waits for a few milliseconds at most.
const BATCH: u32 = 50;

/// When the house was last kept, in microseconds.
#[derive(Debug, Default)]
pub(super) struct Kept(AtomicI64);

/// Refuses a span in which a platform's repetition would no longer be known for one.
pub(super) fn check(keep: Duration) -> Result<()> {
    if keep >= WebhookOptions::SHORTEST_KEEP {
        return Ok(());
    }
    let message = "webhooks are kept for at least 7 days: platforms repeat them for days, and a repetition is known only \
                   as long as the first one is kept";
    Err(Error::new(ErrorKind::Config, "engine.open", message).with("field", "webhooks.keep"))
}

impl Engine {
    /// Removes webhooks that were received longer ago than `WebhookOptions::keep` and whose work is done, batch by batch;
    /// records, documents and the audit stay, and so does a webhook that could not be read in full or whose record is
    /// still to be fetched. The workers do so once an hour; a host without workers calls this now and then.
    ///
    /// # Errors
    /// `Store`; what was removed before stays removed.
    pub async fn purge_webhooks(&self) -> Result<Purged> {
        let mut sum = Purged::default();
        let Some(before) = before(self.now(), self.inner.options.webhooks.keep) else { return Ok(sum) };
        let mut after = Some(0);
        while let Some(place) = after {
            let batch = self.store().purge_deliveries(before, place, BATCH).await?;
            sum.deliveries += batch.deliveries;
            sum.events += batch.events;
            after = batch.next;
        }
        if sum.deliveries > 0 {
            tracing::info!(deliveries = sum.deliveries, events = sum.events, "old webhooks were removed");
        }
        Ok(sum)
    }

    /// Once an hour, beside the work at hand.
    pub(super) fn keep_house(&self) {
        let (micros, kept_at) = (self.now().timestamp_micros(), &self.inner.kept.0);
        let last = kept_at.load(Ordering::Relaxed);
        // A clock that was put back must not keep everybody from it.
        let fresh = (0..EVERY).contains(&micros.saturating_sub(last));
        if fresh || kept_at.compare_exchange(last, micros, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let engine = self.clone();
        drop(tokio::spawn(async move {
            if let Err(error) = engine.purge_webhooks().await {
                tracing::error!("old webhooks could not be removed: {error}");
            }
            if let Err(error) = engine.let_go_of_removed().await {
                tracing::error!("removed connections could not be looked for: {error}");
            }
        }));
    }

    /// Drops what this process keeps for connections that another process has removed.
    async fn let_go_of_removed(&self) -> Result<()> {
        let none = self.inner.contexts.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        if none {
            return Ok(());
        }
        let all = self.store().connections(None).await?;
        let is_removed = |connection: &&Connection| connection.state == ConnectionState::Removed;
        all.iter().filter(is_removed).for_each(|connection| self.let_go(connection));
        Ok(())
    }
}

/// None where it is kept for longer than there is time.
fn before(now: DateTime<Utc>, keep: Duration) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(TimeDelta::from_std(keep).ok()?)
}
