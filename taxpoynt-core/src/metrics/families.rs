//! The families: their names, what they count, and the bounds of their buckets.

use super::{Counters, Gauges, Histograms};
use prometheus_client::{metrics::histogram::Histogram, registry::Registry};

/// Labels in the order they are printed. A platform's id is ours and a tenant's is a UUID: nothing from outside.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What [`Engine::metrics`](crate::Engine::metrics) is served as.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What kind of series a family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises; ends in `_total`.
    Counter,
    /// How things stand.
    Gauge,
    /// Times in seconds: `_bucket`, `_sum`, `_count`.
    Histogram,
}

/// A family of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Its name, as queries say it; a histogram's without its endings.
    pub name: &'static str,
    /// What kind.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// Whether [`MetricsOptions::per_tenant`](super::MetricsOptions::per_tenant) adds a `tenant`.
    pub by_tenant: bool,
    /// What it says, one sentence.
    pub help: &'static str,
}

const fn family(
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    help: &'static str,
) -> Family {
    Family { name, kind, labels, by_tenant: false, help }
}

const fn tenants(family: Family) -> Family {
    Family { by_tenant: true, ..family }
}

const PLATFORM: &[&str] = &["platform"];
const OUTCOME: &[&str] = &["platform", "outcome"];
const STATE: &[&str] = &["platform", "state"];

/// Every family there is.
pub const FAMILIES: &[Family] = &[
    tenants(family(
        "crm_deal_processing_time_seconds",
        Kind::Histogram,
        PLATFORM,
        "From the moment a deal was announced, pulled or handed in to its stored document (crm_deal_processing_time).",
    )),
    tenants(family(
        "pos_transaction_processing_time_seconds",
        Kind::Histogram,
        PLATFORM,
        "From the moment a till's sale was announced, pulled or handed in to its stored document.",
    )),
    family(
        "taxpoynt_sale_signed_seconds",
        Kind::Histogram,
        PLATFORM,
        "From the moment a sale was announced, pulled or handed in to the authority's signature.",
    ),
    tenants(family(
        "pos_transaction_volume_total",
        Kind::Counter,
        PLATFORM,
        "Sales of tills stored for the first time (pos_transaction_volume).",
    )),
    family(
        "taxpoynt_records_total",
        Kind::Counter,
        &["platform", "change"],
        "Records that platforms gave: new, changed, unchanged.",
    ),
    tenants(family(
        "invoice_generation_total",
        Kind::Counter,
        OUTCOME,
        "What became of records: prepared, held, invalid, failed (invoice_generation_success_rate).",
    )),
    family(
        "api_request_duration_seconds",
        Kind::Histogram,
        &["platform", "status"],
        "Each HTTP attempt at a platform or the authority, without our own waiting (api_error_rates).",
    ),
    family(
        "taxpoynt_webhooks_total",
        Kind::Counter,
        OUTCOME,
        "Webhooks: stored, duplicate, refused (signature or age), failed.",
    ),
    family(
        "taxpoynt_webhook_stored_seconds",
        Kind::Histogram,
        PLATFORM,
        "From the call of receive to the commit.",
    ),
    family(
        "taxpoynt_token_refreshes_total",
        Kind::Counter,
        OUTCOME,
        "Token refreshes: refreshed, refused (a person must connect again), failed (tried again).",
    ),
    family("taxpoynt_syncs_total", Kind::Counter, OUTCOME, "Pulls: completed, failed."),
    family(
        "taxpoynt_reconciliation_differences_total",
        Kind::Counter,
        &["platform", "kind"],
        "What reconciliation found: missing records, extra ones that the platform does not count, differing amounts (differs).",
    ),
    tenants(family(
        "taxpoynt_submissions_total",
        Kind::Counter,
        OUTCOME,
        "Documents at the authority: signed, accepted, rejected, postponed (each time), given_up.",
    )),
    family(
        "taxpoynt_store_move_seconds",
        Kind::Histogram,
        &["move"],
        "Each move of the store as its caller waits for it, commit included.",
    ),
    family("taxpoynt_store_up", Kind::Gauge, &[], "1 where the store answered this scrape, else 0."),
    family(
        "taxpoynt_queue_jobs",
        Kind::Gauge,
        &["lane", "state"],
        "Jobs: due, claimed (being worked on), later (waiting for a time).",
    ),
    family(
        "taxpoynt_queue_oldest_due_seconds",
        Kind::Gauge,
        &["lane"],
        "How long the longest waiting job has been due; 0 where none is.",
    ),
    family("taxpoynt_dead_letters", Kind::Gauge, &[], "Jobs given up that nobody has looked at yet."),
    family("taxpoynt_connections", Kind::Gauge, STATE, "Connections: active, paused, needs_reauth, removed."),
    family(
        "taxpoynt_sync_failures_in_a_row",
        Kind::Gauge,
        PLATFORM,
        "Failed pulls since the last good one, of the connection that fares worst.",
    ),
    family(
        "taxpoynt_breakers",
        Kind::Gauge,
        STATE,
        "Circuit breakers: closed (all calls pass), half_open (one call may pass), open (none).",
    ),
    family(
        "taxpoynt_deadlines_waiting",
        Kind::Gauge,
        &[],
        "Documents with a deadline ahead that the authority has not signed.",
    ),
    family(
        "taxpoynt_deadlines_at_risk",
        Kind::Gauge,
        &[],
        "Of these, those that will miss it at the present speed.",
    ),
    family("taxpoynt_deadlines_late", Kind::Gauge, &[], "Unsigned documents whose deadline has passed."),
    family(
        "taxpoynt_switches_off",
        Kind::Gauge,
        &["switch"],
        "Settings of a feature switch that let less than everything through.",
    ),
];

fn described(name: &str) -> &'static str {
    FAMILIES.iter().find(|family| family.name == name).map_or("", |family| family.help)
}

pub(super) fn counter(registry: &mut Registry, name: &'static str) -> Counters {
    let counters = Counters::default();
    // The encoder adds `_total`, and the full stop of the sentence.
    let short = name.strip_suffix("_total").unwrap_or(name);
    registry.register(short, sentence(name), counters.clone());
    counters
}

pub(super) fn gauge(registry: &mut Registry, name: &'static str) -> Gauges {
    let gauges = Gauges::default();
    registry.register(name, sentence(name), gauges.clone());
    gauges
}

pub(super) fn histogram(
    registry: &mut Registry,
    name: &'static str,
    buckets: fn() -> Histogram,
) -> Histograms {
    let histograms = Histograms::new_with_constructor(buckets);
    registry.register(name, sentence(name), histograms.clone());
    histograms
}

fn sentence(name: &str) -> &'static str {
    let help = described(name);
    help.strip_suffix('.').unwrap_or(help)
}

/// A sale on its way: the alert stands at 3 s, and what waits for an authority waits for hours.
pub(super) fn sale() -> Histogram {
    Histogram::new([0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 86_400.0])
}

/// One call over the network.
pub(super) fn call() -> Histogram {
    Histogram::new([0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
}

/// One move of the store: the alert stands at 500 ms.
pub(super) fn quick() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
}
