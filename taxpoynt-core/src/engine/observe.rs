//! What the engine's rooms tell its metrics, and the metrics as text.

use super::{Engine, receive::Receipt};
use crate::{
    Clock, Result,
    connector::Family,
    metrics::{Generation, Metrics, Standing, Submitted, WebhookOutcome, Whose},
    store::{Connection, Document, Job, JobKind, MoveWatcher, Prepared},
};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use tracing::Span;
use uuid::Uuid;

/// Times the moves of the store by the engine's clock.
pub(super) struct MoveTimes {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
}

impl MoveWatcher for MoveTimes {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn moved(&self, operation: &'static str, took: Duration) {
        self.metrics.moved(operation, took);
    }
}

/// What a preparation came to; none where the record says nothing new.
pub(super) fn outcome_of(prepared: &Prepared) -> Option<Generation> {
    match &prepared.held {
        _ if !prepared.documents.is_empty() => Some(Generation::Prepared),
        Some(held) if super::prepare::INVALID.contains(&held.code.as_str()) => Some(Generation::Invalid),
        Some(_) => Some(Generation::Held),
        None => None,
    }
}

impl Engine {
    /// The engine's metrics as OpenMetrics text, which Prometheus scrapes: serve it as
    /// [`metrics::CONTENT_TYPE`](crate::metrics::CONTENT_TYPE). What was counted is this engine's own; the queue,
    /// connections and deadlines are the store's, whoever works on it. Where the store does not answer,
    /// `taxpoynt_store_up` is 0 and what it alone knows is left out.
    pub async fn metrics(&self) -> String {
        let at = self.now();
        let snapshot = self.store().snapshot(at).await.ok();
        let (mut forecast, mut switches) = (None, Vec::new());
        if snapshot.is_some() {
            forecast = self.forecast(None).await.ok();
            switches = self.store().switches().await.map(|s| s.settings).unwrap_or_default();
        }
        self.inner.metrics.text(&Standing { at, snapshot, forecast, switches })
    }

    /// What the engine's own rooms tell their news to, for parts that a host brings along: an access point, a scheduler.
    #[must_use]
    pub fn recorder(&self) -> Arc<Metrics> {
        self.inner.metrics.clone()
    }

    /// The labels of a sale of this platform and tenant.
    pub(super) fn whose<'a>(&self, platform: &'a str, tenant: Uuid) -> Whose<'a> {
        let family = self.connector(platform).map_or(Family::Pos, |connector| connector.info().family);
        Whose { platform, family, tenant }
    }

    pub(super) fn whose_connection<'a>(&self, connection: &'a Connection) -> Whose<'a> {
        self.whose(&connection.platform, connection.tenant)
    }

    pub(super) fn whose_document<'a>(&self, document: &'a Document) -> Whose<'a> {
        self.whose(&document.platform, document.tenant)
    }

    /// A preparation was stored.
    pub(super) fn tell_generated(&self, platform: &str, tenant: Uuid, prepared: &Prepared) {
        if let Some(outcome) = outcome_of(prepared) {
            let count = prepared.documents.len().max(1) as u64;
            self.inner.metrics.generated(self.whose(platform, tenant), outcome, count);
        }
        Self::tell_prepared(prepared);
    }

    /// How long ago what the job serves was received.
    pub(super) fn since_received(&self, job: &Job) -> Option<Duration> {
        job.received_at.and_then(|at| (self.now() - at).to_std().ok())
    }

    /// A job failed, and is given up or comes back.
    pub(super) async fn tell_failed(&self, job: &Job, gives_up: bool) {
        let Ok(connection) = self.store().connection(job.connection, None).await else { return };
        let whose = self.whose_connection(&connection);
        match job.kind {
            JobKind::Submit(_) => {
                let outcome = if gives_up { Submitted::GivenUp } else { Submitted::Postponed };
                self.inner.metrics.submitted(whose, outcome);
            }
            JobKind::Prepare(_) if gives_up => self.inner.metrics.generated(whose, Generation::Failed, 1),
            _ => {}
        }
    }

    /// A webhook was received. `platform` may be a stranger's word: one that is no platform of ours is not counted.
    pub(super) fn tell_received(
        &self,
        platform: &str,
        received: &Result<Receipt>,
        began: DateTime<Utc>,
        span: &Span,
    ) {
        let Ok(connector) = self.connector(platform) else { return };
        let platform = connector.info().id;
        let outcome = match received {
            Ok(receipt) if receipt.status != 200 => WebhookOutcome::Refused,
            Ok(receipt) if receipt.new == 0 && receipt.duplicates > 0 => WebhookOutcome::Duplicate,
            Ok(_) => WebhookOutcome::Stored,
            Err(_) => WebhookOutcome::Failed,
        };
        let took = (self.now() - began).to_std().unwrap_or_default();
        self.inner.metrics.webhook(platform, outcome, took);
        span.record("platform", platform);
        if let Ok(receipt) = received {
            span.record("status", receipt.status).record("new", receipt.new);
            span.record("duplicates", receipt.duplicates);
        }
    }
}
