//! The text: what was counted, and how things stand at the moment it is asked for.

use super::{Gauges, Metrics, families};
use crate::{
    engine::Forecast,
    http::breaker::Passage,
    store::{OperationsSnapshot, SwitchSetting},
};
use chrono::{DateTime, Utc};
use prometheus_client::{encoding::text::encode, registry::Registry};
use std::{collections::BTreeMap, sync::PoisonError};

/// How things stand, as far as the store could say.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) at: DateTime<Utc>,
    pub(crate) snapshot: Option<OperationsSnapshot>,
    pub(crate) forecast: Option<Forecast>,
    pub(crate) switches: Vec<SwitchSetting>,
}

/// The gauges that a rendering sets.
pub(super) struct StandingGauges {
    store_up: Gauges,
    jobs: Gauges,
    oldest: Gauges,
    dead_letters: Gauges,
    connections: Gauges,
    failures: Gauges,
    breakers: Gauges,
    waiting: Gauges,
    at_risk: Gauges,
    late: Gauges,
    switches: Gauges,
}

impl StandingGauges {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            store_up: families::gauge(registry, "taxpoynt_store_up"),
            jobs: families::gauge(registry, "taxpoynt_queue_jobs"),
            oldest: families::gauge(registry, "taxpoynt_queue_oldest_due_seconds"),
            dead_letters: families::gauge(registry, "taxpoynt_dead_letters"),
            connections: families::gauge(registry, "taxpoynt_connections"),
            failures: families::gauge(registry, "taxpoynt_sync_failures_in_a_row"),
            breakers: families::gauge(registry, "taxpoynt_breakers"),
            waiting: families::gauge(registry, "taxpoynt_deadlines_waiting"),
            at_risk: families::gauge(registry, "taxpoynt_deadlines_at_risk"),
            late: families::gauge(registry, "taxpoynt_deadlines_late"),
            switches: families::gauge(registry, "taxpoynt_switches_off"),
        }
    }

    /// Forgets what an earlier rendering said: what is not known now is not shown.
    fn clear(&self) {
        for gauges in [
            &self.store_up,
            &self.jobs,
            &self.oldest,
            &self.dead_letters,
            &self.connections,
            &self.failures,
            &self.breakers,
            &self.waiting,
            &self.at_risk,
            &self.late,
            &self.switches,
        ] {
            gauges.clear();
        }
    }

    fn set_snapshot(&self, snapshot: &OperationsSnapshot) {
        for lane in &snapshot.lanes {
            let states = [("due", lane.due), ("claimed", lane.claimed), ("later", lane.later)];
            for (state, count) in states {
                set(&self.jobs, &[("lane", lane.lane), ("state", state)], count);
            }
            set(&self.oldest, &[("lane", lane.lane)], lane.oldest_due_seconds);
        }
        set(&self.dead_letters, &[], snapshot.dead_letters);
        for (platform, state, count) in &snapshot.connections {
            set(&self.connections, &[("platform", platform), ("state", state)], *count);
        }
        for (platform, worst) in snapshot.worst_streaks() {
            set(&self.failures, &[("platform", platform)], worst);
        }
    }

    fn set_forecast(&self, forecast: &Forecast) {
        set(&self.waiting, &[], forecast.waiting);
        set(&self.at_risk, &[], forecast.will_miss);
        set(&self.late, &[], forecast.late);
    }

    fn set_switches(&self, settings: &[SwitchSetting]) {
        for switch in crate::store::Switch::ALL {
            let off = settings.iter().filter(|s| s.switch == *switch && s.rollout.percent < 100).count();
            set(&self.switches, &[("switch", switch.as_str())], off as u64);
        }
    }
}

impl Metrics {
    /// The text.
    pub(crate) fn text(&self, standing: &Standing) -> String {
        let breakers = self.count_breakers(standing.at);
        // Held to the end: two renderings at once would print each other's halves.
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let gauges = &self.gauges;
        gauges.clear();
        set(&gauges.store_up, &[], u64::from(standing.snapshot.is_some()));
        for ((platform, state), count) in &breakers {
            set(&gauges.breakers, &[("platform", platform), ("state", state)], *count);
        }
        if let Some(snapshot) = &standing.snapshot {
            gauges.set_snapshot(snapshot);
            gauges.set_switches(&standing.switches);
        }
        if let Some(forecast) = &standing.forecast {
            gauges.set_forecast(forecast);
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }

    /// How many breakers of each platform are in each state.
    pub(crate) fn count_breakers(&self, now: DateTime<Utc>) -> BTreeMap<(String, &'static str), u64> {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        breakers.retain(|_, (_, known)| known.strong_count() > 0);
        let mut counts = BTreeMap::new();
        for (platform, breaker) in breakers.values() {
            let Some(breaker) = breaker.upgrade() else { continue };
            let state = match breaker.passage(now) {
                Passage::Free => "closed",
                Passage::Probe => "half_open",
                Passage::Closed(_) => "open",
            };
            for one in ["closed", "half_open", "open"] {
                *counts.entry((platform.clone(), one)).or_default() += u64::from(one == state);
            }
        }
        counts
    }
}

fn set(gauges: &Gauges, labels: &[(&'static str, &str)], value: u64) {
    let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    gauges.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
}
