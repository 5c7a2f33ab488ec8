//! What one engine measures, as Prometheus text: counters and times by platform, and how things stand at the moment.
//!
//! Each engine has a registry of its own; nothing here is process-wide. The rooms tell it what happened
//! ([`Metrics::synced`], [`Metrics::token_refreshed`], …) as it happens; what is a state rather than an event (the queue,
//! the connections, the breakers) is read when the text is asked for. No label ever holds what a platform or a buyer
//! wrote, and none a tenant, unless [`MetricsOptions::per_tenant`] says so. The families are listed in [`FAMILIES`].

mod families;
mod outcomes;
mod recorders;
mod text;

pub use families::{CONTENT_TYPE, FAMILIES, Family, Kind};
pub use outcomes::{Difference, Generation, Refresh, Submitted, SyncResult, WebhookOutcome};
pub use recorders::{PlatformMetrics, Whose};
pub(crate) use text::Standing;

use crate::http::breaker::Breaker;
use families::Labels;
use prometheus_client::{
    metrics::{counter::Counter, family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, Weak},
};

/// What is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MetricsOptions {
    /// Splits [`Family::by_tenant`] families by tenant, with its id. Each tenant then adds some fifty series: for hosts
    /// with few tenants.
    pub per_tenant: bool,
}

type Counters = family::Family<Labels, Counter>;
type Gauges = family::Family<Labels, Gauge>;
type Histograms = family::Family<Labels, Histogram, fn() -> Histogram>;

/// The metrics of one engine.
pub struct Metrics {
    options: MetricsOptions,
    /// Also what one rendering holds: the gauges it sets are the gauges it prints.
    registry: Mutex<Registry>,
    deal_seconds: Histograms,
    transaction_seconds: Histograms,
    signed_seconds: Histograms,
    volume: Counters,
    records: Counters,
    generation: Counters,
    requests: Histograms,
    webhooks: Counters,
    webhook_seconds: Histograms,
    refreshes: Counters,
    syncs: Counters,
    differences: Counters,
    submissions: Counters,
    moves: Histograms,
    gauges: text::StandingGauges,
    /// By address, so that each is counted once however often it is shown; a held `Weak` keeps its address from being
    /// used again.
    breakers: Mutex<HashMap<usize, (String, Weak<Breaker>)>>,
}

impl Metrics {
    /// A registry for these platforms. Their counters start at 0, so that the first event is an increase.
    #[must_use]
    pub fn new<'a>(options: MetricsOptions, platforms: impl IntoIterator<Item = &'a str>) -> Self {
        let mut registry = Registry::default();
        let r = &mut registry;
        let metrics = Self {
            options,
            deal_seconds: families::histogram(r, "crm_deal_processing_time_seconds", families::sale),
            transaction_seconds: families::histogram(
                r,
                "pos_transaction_processing_time_seconds",
                families::sale,
            ),
            signed_seconds: families::histogram(r, "taxpoynt_sale_signed_seconds", families::sale),
            volume: families::counter(r, "pos_transaction_volume_total"),
            records: families::counter(r, "taxpoynt_records_total"),
            generation: families::counter(r, "invoice_generation_total"),
            requests: families::histogram(r, "api_request_duration_seconds", families::call),
            webhooks: families::counter(r, "taxpoynt_webhooks_total"),
            webhook_seconds: families::histogram(r, "taxpoynt_webhook_stored_seconds", families::quick),
            refreshes: families::counter(r, "taxpoynt_token_refreshes_total"),
            syncs: families::counter(r, "taxpoynt_syncs_total"),
            differences: families::counter(r, "taxpoynt_reconciliation_differences_total"),
            submissions: families::counter(r, "taxpoynt_submissions_total"),
            moves: families::histogram(r, "taxpoynt_store_move_seconds", families::quick),
            gauges: text::StandingGauges::new(r),
            breakers: Mutex::default(),
            registry: Mutex::new(registry),
        };
        for platform in platforms {
            metrics.begin(platform);
        }
        metrics
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("options", &self.options).finish_non_exhaustive()
    }
}
