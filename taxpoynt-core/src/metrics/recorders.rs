//! What the rooms tell as it happens: one small call each, that takes no lock for longer than a look-up.

use super::{
    Counters, Difference, Generation, Metrics, Refresh, Submitted, SyncResult, WebhookOutcome,
    families::Labels,
};
use crate::{
    ErrorKind, Result,
    connector::Family,
    http::{breaker::Breaker, measure::Attempts},
    store::Change,
};
use bytes::Bytes;
use http::Response;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Whose sale: how a family that may be split by tenant is labelled.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// The platform's id.
    pub platform: &'a str,
    /// Whether it is a till or a CRM.
    pub family: Family,
    /// The tenant.
    pub tenant: Uuid,
}

impl Metrics {
    /// Starts a platform's counters at 0.
    pub(super) fn begin(&self, platform: &str) {
        drop(self.volume.get_or_create(&vec![of(platform)]));
        for change in [Change::New, Change::Changed, Change::Unchanged] {
            drop(self.records.get_or_create(&vec![of(platform), ("change", change_name(change).into())]));
        }
        start(&self.generation, platform, "outcome", Generation::ALL, Generation::as_str);
        start(&self.webhooks, platform, "outcome", WebhookOutcome::ALL, WebhookOutcome::as_str);
        start(&self.refreshes, platform, "outcome", Refresh::ALL, Refresh::as_str);
        start(&self.syncs, platform, "outcome", SyncResult::ALL, SyncResult::as_str);
        start(&self.differences, platform, "kind", Difference::ALL, Difference::as_str);
        start(&self.submissions, platform, "outcome", Submitted::ALL, Submitted::as_str);
    }

    /// A record was stored, or was there already. A till's new one is volume.
    pub fn record_stored(&self, whose: Whose<'_>, change: Change) {
        self.records_stored(whose, change, 1);
    }

    /// The same of `count` records that were stored together.
    pub fn records_stored(&self, whose: Whose<'_>, change: Change, count: u64) {
        if count == 0 {
            return;
        }
        let labels = vec![of(whose.platform), ("change", change_name(change).to_owned())];
        self.records.get_or_create(&labels).inc_by(count);
        if whose.family == Family::Pos && change == Change::New {
            self.volume.get_or_create(&self.split(whose, None)).inc_by(count);
        }
    }

    /// `count` documents, or one record, came to this.
    pub fn generated(&self, whose: Whose<'_>, outcome: Generation, count: u64) {
        self.generation.get_or_create(&self.split(whose, Some(outcome.as_str()))).inc_by(count);
    }

    /// A record became documents, `took` after it was announced, pulled or handed in.
    pub fn processed(&self, whose: Whose<'_>, took: Duration) {
        let seconds = match whose.family {
            Family::Crm => &self.deal_seconds,
            Family::Pos => &self.transaction_seconds,
        };
        seconds.get_or_create(&self.split(whose, None)).observe(took.as_secs_f64());
    }

    /// A submission's turn ended like this.
    pub fn submitted(&self, whose: Whose<'_>, outcome: Submitted) {
        self.submissions.get_or_create(&self.split(whose, Some(outcome.as_str()))).inc();
    }

    /// The authority signed a document, `took` after its sale was announced, pulled or handed in.
    pub fn signed(&self, whose: Whose<'_>, took: Duration) {
        self.submitted(whose, Submitted::Signed);
        self.signed_seconds.get_or_create(&vec![of(whose.platform)]).observe(took.as_secs_f64());
    }

    /// A webhook was received, `took` before it was answered.
    pub fn webhook(&self, platform: &str, outcome: WebhookOutcome, took: Duration) {
        self.webhooks.get_or_create(&ended(platform, outcome.as_str())).inc();
        if matches!(outcome, WebhookOutcome::Stored | WebhookOutcome::Duplicate) {
            self.webhook_seconds.get_or_create(&vec![of(platform)]).observe(took.as_secs_f64());
        }
    }

    /// A token refresh ended.
    pub fn token_refreshed(&self, platform: &str, outcome: Refresh) {
        self.refreshes.get_or_create(&ended(platform, outcome.as_str())).inc();
    }

    /// A pull ended.
    pub fn synced(&self, platform: &str, result: SyncResult) {
        self.syncs.get_or_create(&ended(platform, result.as_str())).inc();
    }

    /// Reconciliation of a connection and day found so many differences; 0 is worth telling too. A day that is counted
    /// again is told again.
    pub fn reconciled(&self, platform: &str, difference: Difference, count: u64) {
        let labels = vec![of(platform), ("kind", difference.as_str().to_owned())];
        self.differences.get_or_create(&labels).inc_by(count);
    }

    /// A move of the store took this long, `store.` left off its name.
    pub fn moved(&self, operation: &'static str, took: Duration) {
        let name = operation.strip_prefix("store.").unwrap_or(operation);
        self.moves.get_or_create(&vec![("move", name.to_owned())]).observe(took.as_secs_f64());
    }

    /// Shows this breaker among its platform's from now on, as long as somebody holds it; once, however often it is told.
    pub fn watch_breaker(&self, platform: &str, breaker: &Arc<Breaker>) {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        // Before it would grow, so that where nobody asks for the text those that are gone do not heap up.
        if breakers.len() == breakers.capacity() {
            breakers.retain(|_, (_, known)| known.strong_count() > 0);
        }
        let address = Arc::as_ptr(breaker) as usize;
        breakers.entry(address).or_insert_with(|| (platform.to_owned(), Arc::downgrade(breaker)));
    }

    /// What counts a platform's HTTP attempts. The statuses that rules ask for start at 0.
    #[must_use]
    pub fn of_platform(self: &Arc<Self>, platform: &str) -> Arc<PlatformMetrics> {
        for status in ["2xx", "401", "429", "5xx", "timed_out", "unreachable"] {
            drop(self.requests.get_or_create(&vec![of(platform), ("status", status.to_owned())]));
        }
        Arc::new(PlatformMetrics { metrics: self.clone(), platform: platform.to_owned() })
    }

    /// Labels of a family that may be split by tenant.
    fn split(&self, whose: Whose<'_>, outcome: Option<&'static str>) -> Labels {
        let mut labels = vec![of(whose.platform)];
        labels.extend(outcome.map(|outcome| ("outcome", outcome.to_owned())));
        if self.options.per_tenant {
            labels.push(("tenant", whose.tenant.to_string()));
        }
        labels
    }
}

fn start<T: Copy>(
    counters: &Counters,
    platform: &str,
    label: &'static str,
    all: &[T],
    name: fn(T) -> &'static str,
) {
    for one in all {
        drop(counters.get_or_create(&vec![of(platform), (label, name(*one).to_owned())]));
    }
}

fn of(platform: &str) -> (&'static str, String) {
    ("platform", platform.to_owned())
}

fn ended(platform: &str, outcome: &'static str) -> Labels {
    vec![of(platform), ("outcome", outcome.to_owned())]
}

const fn change_name(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Changed => "changed",
        Change::Unchanged => "unchanged",
    }
}

/// Counts the HTTP attempts of one platform.
#[derive(Debug)]
pub struct PlatformMetrics {
    metrics: Arc<Metrics>,
    platform: String,
}

impl Attempts for PlatformMetrics {
    fn attempt(&self, outcome: &Result<Response<Bytes>>, took: Duration) {
        let labels = vec![of(&self.platform), ("status", status(outcome).to_owned())];
        self.metrics.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

/// The class of an attempt's end. 401, 403, 404 and 429 have their own: what to do about each is another thing.
fn status(outcome: &Result<Response<Bytes>>) -> &'static str {
    match outcome {
        Ok(response) => match response.status().as_u16() {
            401 => "401",
            403 => "403",
            404 => "404",
            429 => "429",
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        },
        Err(error) => match error.kind() {
            ErrorKind::TimedOut => "timed_out",
            ErrorKind::Unavailable => "unreachable",
            ErrorKind::Ambiguous => "lost",
            _ => "refused_here",
        },
    }
}
