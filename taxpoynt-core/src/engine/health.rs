//! Whether the engine is well, in sentences: what an operator looks at first.

use super::Engine;
use crate::{
    Result,
    store::{ConnectionState, OperationsSnapshot},
};
use serde::Serialize;

/// So many due jobs are too many; the alert rules say the same.
const QUEUE: u64 = 1_000;

/// A job that has been due this long waits for something that does not come.
const OLDEST_SECONDS: u64 = 300;

/// So many failed pulls of one connection in a row are no accident.
const FAILED_SYNCS: u64 = 3;

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Well.
    Ok,
    /// It works, and somebody should look.
    Warning,
    /// It does not work.
    Failing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What: `store`, `queue`, `oldest_job`, `breakers`, `connections`, `syncs`, `dead_letters`, `deadlines`,
    /// `switches`.
    pub name: &'static str,
    /// How well it is.
    pub state: CheckState,
    /// One sentence: what is, and what to do about it.
    pub sentence: String,
}

/// The engine's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The worst of the checks.
    pub state: CheckState,
    /// What was looked at. Without a store, that alone.
    pub checks: Vec<Check>,
}

impl Health {
    fn of(checks: Vec<Check>) -> Self {
        let state = checks.iter().map(|check| check.state).max().unwrap_or(CheckState::Ok);
        Self { state, checks }
    }
}

impl Engine {
    /// Looks at the store, the queue, the breakers, the connections, their pulls, dead letters, deadlines and
    /// switches. Never fails: what cannot be looked at is failing.
    pub async fn health(&self) -> Health {
        let mut checks =
            vec![Check { name: "store", state: CheckState::Ok, sentence: "The store answers.".to_owned() }];
        if let Err(error) = self.look_at_all(&mut checks).await {
            checks.retain(|check| check.name != "store");
            let sentence = format!(
                "The store does not answer ({}): nothing is received or worked until it does; look at the database.",
                error.message()
            );
            checks.insert(0, Check { name: "store", state: CheckState::Failing, sentence });
        }
        Health::of(checks)
    }

    async fn look_at_all(&self, checks: &mut Vec<Check>) -> Result<()> {
        let snapshot = self.store().snapshot(self.now()).await?;
        checks.extend(queue(&snapshot));
        checks.push(self.breakers());
        checks.push(self.connections_to_mend().await?);
        checks.push(syncs(&snapshot));
        checks.push(dead_letters(&snapshot));
        checks.push(self.deadlines().await?);
        checks.push(self.switched_off().await?);
        Ok(())
    }

    fn breakers(&self) -> Check {
        let counts = self.inner.metrics.count_breakers(self.now());
        let shut: Vec<String> = counts
            .into_iter()
            .filter(|((_, state), count)| *state != "closed" && *count > 0)
            .map(|((platform, state), count)| format!("{count} of {platform} {}", state.replace('_', " ")))
            .collect();
        let good = "Every platform and the authority take calls.";
        let sentence = |shut: &str| {
            format!(
                "Calls are held back, because the other side has not answered ({shut}); they are tried again by \
                 themselves, and nothing is lost."
            )
        };
        check("breakers", shut.is_empty(), good, CheckState::Warning, || sentence(&shut.join(", ")))
    }

    async fn connections_to_mend(&self) -> Result<Check> {
        let mut connections = self.store().connections(None).await?;
        connections.retain(|connection| connection.state == ConnectionState::NeedsReauth);
        let good = "No connection needs to be authorized again.";
        Ok(check("connections", connections.is_empty(), good, CheckState::Warning, || {
            let named: Vec<String> =
                connections.iter().take(5).map(|c| format!("{} {}", c.platform, c.id)).collect();
            format!(
                "{} connection(s) must be authorized again by the account's owner, or nothing more comes from them: {}.",
                connections.len(),
                named.join(", ")
            )
        }))
    }

    async fn deadlines(&self) -> Result<Check> {
        let forecast = self.forecast(None).await?;
        let state = if forecast.late > 0 { CheckState::Failing } else { CheckState::Warning };
        let good = format!("All {} waiting documents with a deadline can be in time.", forecast.waiting);
        let well = forecast.will_miss == 0 && forecast.late == 0;
        Ok(check("deadlines", well, &good, state, || forecast.sentence()))
    }

    async fn switched_off(&self) -> Result<Check> {
        let mut settings = self.store().switches().await?.settings;
        settings.retain(|setting| setting.rollout.percent < 100);
        let good = "No feature is switched off.";
        Ok(check("switches", settings.is_empty(), good, CheckState::Warning, || {
            let named: Vec<String> = settings
                .iter()
                .map(|s| format!("{} at {} % by {}", s.switch.as_str(), s.rollout.percent, s.set_by))
                .collect();
            format!(
                "Sales wait, as somebody decided: {}. They go on when it is switched on.",
                named.join(", ")
            )
        }))
    }
}

fn check(
    name: &'static str,
    well: bool,
    good: &str,
    otherwise: CheckState,
    sentence: impl FnOnce() -> String,
) -> Check {
    if well {
        return Check { name, state: CheckState::Ok, sentence: good.to_owned() };
    }
    Check { name, state: otherwise, sentence: sentence() }
}

fn queue(snapshot: &OperationsSnapshot) -> [Check; 2] {
    let due = snapshot.due();
    let depth = check("queue", due <= QUEUE, &format!("{due} jobs are due."), CheckState::Warning, || {
        format!("{due} jobs are due, more than {QUEUE}: start more workers, or look at what holds them up.")
    });
    let (lane, oldest) = snapshot
        .lanes
        .iter()
        .map(|lane| (lane.lane, lane.oldest_due_seconds))
        .max_by_key(|(_, seconds)| *seconds)
        .unwrap_or(("high", 0));
    let good = format!("No job has been due for longer than {oldest} s.");
    let age = check("oldest_job", oldest <= OLDEST_SECONDS, &good, CheckState::Warning, || {
        format!(
            "A job in lane {lane} has been due for {oldest} s: check that workers run, and whether the authority \
             answers."
        )
    });
    [depth, age]
}

fn syncs(snapshot: &OperationsSnapshot) -> Check {
    let failing: Vec<String> = snapshot
        .streaks
        .iter()
        .filter(|streak| streak.failures >= FAILED_SYNCS)
        .map(|streak| format!("{} {} ({} in a row)", streak.platform, streak.connection, streak.failures))
        .collect();
    let good = "No connection failed to be pulled three times in a row.";
    check("syncs", failing.is_empty(), good, CheckState::Warning, || {
        format!(
            "Pulls keep failing for {}: their sync log says why; what was missed is pulled when it is mended.",
            failing.join(", ")
        )
    })
}

fn dead_letters(snapshot: &OperationsSnapshot) -> Check {
    let dead = snapshot.dead_letters;
    check("dead_letters", dead == 0, "No job was given up.", CheckState::Warning, || {
        format!(
            "{dead} job(s) were given up: look at each dead letter's error, mend it, and replay or discard it."
        )
    })
}
