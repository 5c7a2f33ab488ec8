//! While the authority does not answer: documents wait at no cost to themselves, and all are due when it is back.

use super::hold::HOLD;
use crate::engine::{Engine, work::next_attempt};
use crate::{
    Error, ErrorKind, Result, Retry,
    firs::lifecycle::{Event, hold_code},
    http::breaker::{Passage, is_refusal},
    store::{Cost, Job, Pending, Postponed},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{sync::atomic::Ordering, time::Duration};

/// Waiting times of a document that fails while others get through; the last one repeats.
const PAUSES: [u64; 5] = [1, 5, 15, 60, 300];

/// A document that found out that the authority is still out lets others find out before its next turn.
const AFTER_PROBE: Duration = Duration::from_secs(120);

/// A document that failed so often while others got through is the trouble itself: about a day and a half.
const TROUBLES: u32 = 400;

/// What follows a submission that failed.
#[derive(Debug)]
pub(in crate::engine) enum After {
    /// A submission waits, and its document says why.
    Wait(Postponed),
    /// Another job comes back after so long.
    Retry(Duration),
    /// It waits for new credentials, whatever its attempts.
    Park,
    /// A person must look at it.
    GiveUp,
}

impl Engine {
    /// How many submissions may be claimed now. The first claim after the authority came back makes all of them due.
    pub(in crate::engine) async fn submits_now(&self, most: u32) -> Result<u32> {
        let breaker = &self.inner.breaker;
        let recoveries = breaker.recoveries();
        if self.inner.watch.recoveries.swap(recoveries, Ordering::Relaxed) != recoveries {
            let released = self.store().release_delayed(self.now()).await?;
            tracing::info!(released, "the authority answers again");
        }
        Ok(match breaker.passage(self.now()) {
            Passage::Free => most,
            Passage::Probe => 1,
            Passage::Closed(_) => 0,
        })
    }

    /// What a report needs from its claim to its signature, where not all can be in time: one that has less left would
    /// take the place of another in vain.
    pub(in crate::engine) fn spare(&self) -> Duration {
        let watch = &self.inner.watch;
        let overloaded = watch.overloaded.load(Ordering::Relaxed);
        Duration::from_micros(if overloaded { watch.batch.load(Ordering::Relaxed) } else { 0 })
    }

    /// Remembers how long a batch took; a short one makes a long one forgotten slowly.
    pub(in crate::engine) fn took(&self, jobs: usize, time: TimeDelta) {
        let time = u64::try_from(time.num_microseconds().unwrap_or(0)).unwrap_or(0);
        let batch = &self.inner.watch.batch;
        let before = batch.load(Ordering::Relaxed);
        if jobs > 0 {
            batch.store(time.max(before - before / 8), Ordering::Relaxed);
        }
    }

    /// What is left to do, seen through the breaker: what nobody may claim now is due at the next probe.
    pub(in crate::engine) fn reachable(&self, pending: Pending, worked: usize) -> Pending {
        match self.inner.breaker.passage(self.now()) {
            Passage::Closed(at) if worked == 0 && pending.claimed == 0 && pending.due > 0 => Pending {
                due: 0,
                claimed: 0,
                later: pending.later + pending.due,
                next_at: pending.next_at.map_or(Some(at), |next| Some(next.min(at))),
            },
            _ => pending,
        }
    }

    /// What follows a failed submission. What is missing in our settings at the authority uses no attempt up, and
    /// neither does an authority that is unreachable, too slow, overloaded or unclear, however long it lasts: an outage
    /// never makes a dead letter.
    pub(in crate::engine) fn after_failure(&self, job: &Job, error: &Error, now: DateTime<Utc>) -> After {
        let asked = match error.retry() {
            Retry::After(wait) => Some(wait),
            _ => None,
        };
        let wait = match error.kind() {
            _ if Event::of(error) == Event::Forbidden => {
                let wait = asked.unwrap_or(HOLD);
                return After::Wait(Postponed {
                    code: Some(hold_code(error).to_owned()),
                    ..postponed(error, now + wait, Cost::Nothing)
                });
            }
            _ if error.retry() == Retry::Never => None,
            ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::Ambiguous | ErrorKind::RateLimited => {
                return self.while_in_trouble(job, error, asked.unwrap_or_default(), now);
            }
            _ => next_attempt(job, error),
        };
        wait.map_or(After::GiveUp, |wait| After::Wait(postponed(error, now + wait, Cost::Attempt)))
    }

    fn while_in_trouble(&self, job: &Job, error: &Error, asked: Duration, now: DateTime<Utc>) -> After {
        if is_refusal(error) {
            return After::Wait(postponed(error, now + asked, Cost::Nothing));
        }
        if job.troubles + 1 >= TROUBLES {
            return After::GiveUp;
        }
        let step = match self.inner.breaker.passage(now) {
            Passage::Free => Duration::from_secs(PAUSES[(job.troubles as usize).min(PAUSES.len() - 1)]),
            Passage::Probe | Passage::Closed(_) => AFTER_PROBE,
        };
        After::Wait(postponed(error, now + asked.max(step), Cost::Trouble))
    }
}

fn postponed(error: &Error, at: DateTime<Utc>, cost: Cost) -> Postponed {
    let (message, error_kind) = (error.message().to_owned(), error.kind().name().to_owned());
    Postponed { at, code: None, message, error_kind, cost }
}
