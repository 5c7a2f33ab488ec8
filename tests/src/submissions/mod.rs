//! The proof of submissions: documents of every sort through an engine whose authority, network and processes fail as a
//! seed decides, and then the authority's book beside the store, document by document.
//!
//! A run is split into worlds of a few thousand documents, each with a simulator, a store and a clock of its own. Each
//! world follows from the seed and its number alone, so a document that went wrong is replayed by running its world.

mod check;
mod rough;
mod till;
mod wire;
mod world;

pub use check::{Kind, Verdict};
pub use rough::Recovery;
pub use till::{Counter, Sold, Sort, Till};
pub use world::{Outcome, run_world, world_of};

use std::collections::BTreeMap;
use taxpoynt_sim::{FaultKind, Struck};

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// How many documents are sold.
    pub count: usize,
    /// How many of them a world has.
    pub per_world: usize,
    /// How documents are recovered.
    pub recovery: Recovery,
}

impl Plan {
    /// How many documents each world has.
    #[must_use]
    pub fn worlds(&self) -> Vec<usize> {
        let per = self.per_world.max(1);
        (0..self.count.div_ceil(per)).map(|world| per.min(self.count - world * per)).collect()
    }
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Sales made.
    pub sold: u64,
    /// What became of them, by word.
    pub ended: BTreeMap<&'static str, u64>,
    /// Invoices that were paid after they were handed in, and the authority knows.
    pub paid: u64,
    /// How often which fault struck which endpoint.
    pub struck: Struck,
    /// Calls in all.
    pub calls: u64,
    /// Processes that died in the middle of their work.
    pub deaths: u64,
    /// Processes that slept past their lease.
    pub naps: u64,
    /// What went wrong.
    pub failures: Vec<Verdict>,
}

impl Report {
    /// Adds a world.
    pub fn add(&mut self, outcome: Outcome) {
        self.sold += outcome.sold;
        self.calls += outcome.calls;
        self.deaths += outcome.deaths;
        self.naps += outcome.naps;
        self.paid += outcome.paid;
        for (word, count) in outcome.ended {
            *self.ended.entry(word).or_default() += count;
        }
        for (endpoint, kinds) in outcome.struck {
            let struck = self.struck.entry(endpoint).or_default();
            for (kind, count) in kinds {
                *struck.entry(kind).or_default() += count;
            }
        }
        self.failures.extend(outcome.failures);
    }

    /// How many documents went wrong in this way.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.failures.iter().filter(|verdict| verdict.kind == kind).count()
    }

    /// Endpoints that a submission calls and faults that never struck them: a proof that has not met them proves
    /// nothing about them.
    #[must_use]
    pub fn untouched(&self) -> Vec<String> {
        let mut untouched = Vec::new();
        for endpoint in ENDPOINTS {
            for kind in FaultKind::ALL {
                let struck = self.struck.get(endpoint).and_then(|kinds| kinds.get(&kind.name()));
                if struck.is_none_or(|count| *count == 0) {
                    untouched.push(format!("{} at {endpoint}", kind.name()));
                }
            }
        }
        for (what, count) in [("a process that dies", self.deaths), ("a process that sleeps", self.naps)] {
            if count == 0 {
                untouched.push(what.to_owned());
            }
        }
        untouched
    }
}

/// What a submission and a payment after it call.
pub const ENDPOINTS: [&str; 7] = ["validate", "sign", "search", "confirm", "download", "transmit", "update"];
