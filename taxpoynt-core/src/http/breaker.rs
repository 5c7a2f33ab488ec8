//! Leaves a side that does not answer alone for a while, then lets one call find out whether it is back.

use super::{HttpService, retry::is_transient};
use crate::{Clock, Error, ErrorKind, Result, Retry};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Response, StatusCode};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What one outcome says about the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answers.
    Alive,
    /// It does not, or only that it is in trouble.
    Failing,
    /// Nothing: the call never left us.
    Unsaid,
}

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerOptions {
    /// So many failures one after the other open it; 0 counts as 1.
    pub failures: u32,
    /// So long it stays open before one call is let through.
    pub pause: Duration,
    /// What an outcome counts as.
    pub judge: fn(&Result<Response<Bytes>>) -> Verdict,
}

impl Default for BreakerOptions {
    /// Five failures in a row, 30 s, [`judge`].
    fn default() -> Self {
        Self { failures: 5, pause: Duration::from_secs(30), judge }
    }
}

/// The usual reading: no connection, no answer in time, a lost answer, 408 and passing 5xx are failures; any other
/// answer shows that the other side is there, a 429 too. What our own limits or settings refuse says nothing.
#[must_use]
pub fn judge(outcome: &Result<Response<Bytes>>) -> Verdict {
    match outcome {
        Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => Verdict::Alive,
        Ok(response) if is_transient(response.status()) => Verdict::Failing,
        Ok(_) => Verdict::Alive,
        Err(error) => match error.kind() {
            ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::Ambiguous => Verdict::Failing,
            _ => Verdict::Unsaid,
        },
    }
}

/// What a breaker lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Everything.
    Free,
    /// One call, to find out.
    Probe,
    /// Nothing before this moment; while a probe is under way, the moment it is given up.
    Closed(DateTime<Utc>),
}

/// The state of one other side, shared by everything that calls it.
///
/// ```text
/// free ──5 failures in a row──► closed for 30 s ──► one probe ──it answers──► free
///                                      ▲                 │
///                                      └────it fails─────┘
/// ```
#[derive(Debug)]
pub struct Breaker {
    options: BreakerOptions,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Failures in a row, while free.
    failures: u32,
    /// Set while nothing or only a probe may pass: when the next probe may.
    probe_at: Option<DateTime<Utc>>,
    /// When nothing passed for the first time in this outage.
    since: Option<DateTime<Utc>>,
    /// Rises whenever it opens or closes: what was begun before says nothing about now.
    epoch: u64,
    /// How often the other side came back.
    recoveries: u64,
}

impl Breaker {
    /// A breaker that lets everything through until it learns otherwise.
    #[must_use]
    pub fn new(options: BreakerOptions) -> Self {
        Self { options, state: Mutex::default() }
    }

    /// What may pass now.
    #[must_use]
    pub fn passage(&self, now: DateTime<Utc>) -> Passage {
        match self.state().probe_at {
            None => Passage::Free,
            Some(at) if self.due(at, now) => Passage::Probe,
            Some(at) => Passage::Closed(at),
        }
    }

    /// Since when nothing passes; none while everything does.
    #[must_use]
    pub fn out_since(&self) -> Option<DateTime<Utc>> {
        self.state().since
    }

    /// How often the other side came back so far.
    #[must_use]
    pub fn recoveries(&self) -> u64 {
        self.state().recoveries
    }

    /// A moment further away than any pause was set by a clock that has been put back since.
    fn due(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        at <= now || at > after(now, self.options.pause)
    }

    /// Takes a place: the epoch it is taken in, or the moment to come back.
    fn enter(&self, now: DateTime<Utc>) -> Result<(u64, bool), DateTime<Utc>> {
        let mut state = self.state();
        match state.probe_at {
            None => Ok((state.epoch, false)),
            Some(at) if self.due(at, now) => {
                // Whoever comes while it is under way waits as if it had failed.
                state.probe_at = Some(after(now, self.options.pause));
                state.epoch += 1;
                Ok((state.epoch, true))
            }
            Some(at) => Err(at),
        }
    }

    /// Takes in how a call that entered at `epoch` ended.
    fn learn(&self, epoch: u64, verdict: Verdict, now: DateTime<Utc>) {
        let mut state = self.state();
        if state.epoch != epoch {
            return;
        }
        match (verdict, state.probe_at) {
            (Verdict::Unsaid, None) => {}
            // The probe never left us, so the next may go at once.
            (Verdict::Unsaid, Some(_)) => state.probe_at = Some(now),
            (Verdict::Alive, None) => state.failures = 0,
            (Verdict::Alive, Some(_)) => {
                let (epoch, recoveries) = (state.epoch + 1, state.recoveries + 1);
                *state = State { epoch, recoveries, ..State::default() };
            }
            (Verdict::Failing, None) => {
                state.failures = state.failures.saturating_add(1);
                if state.failures >= self.options.failures.max(1) {
                    state.probe_at = Some(after(now, self.options.pause));
                    state.since = Some(now);
                    state.epoch += 1;
                }
            }
            (Verdict::Failing, Some(_)) => state.probe_at = Some(after(now, self.options.pause)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses calls while the breaker lets nothing through. A refused call was not sent: see [`is_refusal`].
pub struct CircuitBreaker {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    breaker: Arc<Breaker>,
}

impl CircuitBreaker {
    /// Guards calls of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, breaker: Arc<Breaker>) -> Self {
        Self { inner, clock, breaker }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for CircuitBreaker {
    async fn call(&self, request: http::Request<Bytes>) -> Result<Response<Bytes>> {
        let now = self.clock.now();
        let (epoch, probing) = self.breaker.enter(now).map_err(|at| refused(at, now))?;
        // A probe that is dropped half-way would otherwise be waited for in vain.
        let mut probe = Probe { guard: self, epoch, waiting: probing };
        let outcome = self.inner.call(request).await;
        probe.waiting = false;
        self.breaker.learn(epoch, (self.breaker.options.judge)(&outcome), self.clock.now());
        outcome
    }
}

struct Probe<'a> {
    guard: &'a CircuitBreaker,
    epoch: u64,
    waiting: bool,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if self.waiting {
            self.guard.breaker.learn(self.epoch, Verdict::Unsaid, self.guard.clock.now());
        }
    }
}

const OPERATION: &str = "http.breaker";

fn refused(at: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let message = format!(
        "the other side has not answered for a while, so calls wait; it is tried again at {} UTC",
        at.format("%H:%M:%S")
    );
    let wait = at.signed_duration_since(now).to_std().unwrap_or_default();
    Error::new(ErrorKind::Unavailable, OPERATION, message)
        .retry_as(Retry::After(wait))
        .with(HELD_BACK, at.to_rfc3339())
}

/// Under this name the error of a call that was held back carries the moment of the next probe.
const HELD_BACK: &str = "held_back_until";

/// Whether `error`, or what caused it, is a breaker's refusal: nothing was sent, and nobody failed.
#[must_use]
pub fn is_refusal(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<Error>().is_some_and(|error| error.get(HELD_BACK).is_some()) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn after(now: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| now.checked_add_signed(span))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
