//! The proof of pulls: a platform that commits late, stamps alike, shifts its pages, deletes, caps its answers and sends
//! webhooks as a seed decides; engines that pull from it, crash and take over from each other; and then the platform's
//! book beside the store, record by record.
//!
//! Each history follows from the seed and its number alone, so one that went wrong is replayed by running it again.

mod book;
mod connector;
mod desk;
mod manners;
mod oracle;
mod run;

pub use manners::{Manners, Sabotage};
pub use oracle::{Kind, Verdict};
pub use run::{Outcome, run_history};

use std::collections::BTreeMap;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// How many histories.
    pub count: u64,
    /// How the pulls are broken on purpose, if at all.
    pub sabotage: Sabotage,
}

/// What the histories came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Histories.
    pub histories: u64,
    /// What happened in them, by name.
    pub happened: BTreeMap<&'static str, u64>,
    /// What went wrong: history and verdict.
    pub failures: Vec<(u64, Verdict)>,
}

impl Report {
    /// Adds a history.
    pub fn add(&mut self, nth: u64, outcome: Outcome) {
        self.histories += 1;
        for (what, count) in outcome.happened {
            *self.happened.entry(what).or_default() += count;
        }
        self.failures.extend(outcome.failures.into_iter().map(|verdict| (nth, verdict)));
    }

    /// How many records went wrong in this way.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.failures.iter().filter(|(_, verdict)| verdict.kind == kind).count()
    }

    /// What a proof must have met and did not.
    #[must_use]
    pub fn untouched(&self) -> Vec<&'static str> {
        desk::MUST_HAPPEN.into_iter().filter(|what| !self.happened.contains_key(what)).collect()
    }
}

/// Runs all histories of a plan, one after the other.
pub fn run(plan: &Plan, mut each: impl FnMut(u64, &Report)) -> Report {
    let mut report = Report::default();
    for nth in 0..plan.count {
        report.add(nth, run_history(plan, nth, false));
        each(nth, &report);
    }
    report
}
