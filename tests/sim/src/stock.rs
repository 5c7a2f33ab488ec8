//! Many records at once, dated by a seed: what a backfill, a cap or a reconciliation has to deal with.

use crate::plan::Plan;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How many records, and when they are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    /// Decides the times.
    #[serde(default)]
    pub seed: u64,
    /// How many.
    pub count: u32,
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after them.
    pub to: DateTime<Utc>,
    /// Of a thousand so many share the time of the one before.
    #[serde(default)]
    pub equal: u32,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stocked {
    /// The ids, in the order they were made, which is not that of their times.
    pub ids: Vec<String>,
    /// What they come to, in kobo.
    pub sum: i64,
}

impl Stock {
    /// Makes each record at its time; `make` gives id and amount.
    pub(crate) fn fill(&self, mut make: impl FnMut(DateTime<Utc>) -> (String, i64)) -> Stocked {
        let plan = Plan::of(self.seed);
        let span = u64::try_from((self.to - self.from).num_milliseconds()).unwrap_or(0).max(1);
        let (mut stocked, mut at) = (Stocked::default(), self.from);
        for nth in 0..self.count {
            let same = nth > 0 && plan.draw("equal", "", "", nth) % 1000 < u64::from(self.equal);
            if !same {
                let after = i64::try_from(plan.draw("time", "", "", nth) % span).unwrap_or(0);
                at = self.from + TimeDelta::milliseconds(after);
            }
            let (id, amount) = make(at);
            stocked.ids.push(id);
            stocked.sum += amount;
        }
        stocked
    }
}
