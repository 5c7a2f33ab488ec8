//! Keeps calls within a platform's limits and learns those limits from its answers.
//!
//! The generic cell rate algorithm: every call moves a theoretical arrival time on by one interval; a call may come at
//! most `burst - 1` intervals before it. A 429 stops everybody until its time and doubles the interval; each good
//! answer takes a sixteenth of that back. The calls of a day are counted beside that, until midnight where the account
//! is.

mod limits;
mod state;

pub use limits::{Daily, DayEnds, Lane, Limits, Quota, RateHeaders, Unit};

use super::{
    Deadline, HttpService,
    retry_after::{retry_after, until},
};
use crate::{Clock, Error, ErrorKind, Result, Retry};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Response, StatusCode};
use limits::{number, span};
use state::{Day, Place, Queue};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Longer answers to a 429 are not read for its reason.
const LONGEST_REASON: usize = 64 * 1024;

/// The state of one account's limit, shared by everything that calls that account.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    longest_wait: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// First the quota's, then the lanes' in their order.
    queues: Vec<Queue>,
    day: Option<Day>,
}

impl Limiter {
    /// A limiter that starts with `quota`.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self::of(Limits::new(quota))
    }

    /// A limiter that starts with `limits`.
    #[must_use]
    pub fn of(limits: Limits) -> Self {
        let quotas = std::iter::once(limits.quota).chain(limits.lanes.iter().map(|lane| lane.quota));
        let state = State { queues: quotas.map(Queue::new).collect(), day: limits.daily.map(Day::new) };
        Self { limits, longest_wait: Duration::from_secs(60), state: Mutex::new(state) }
    }

    /// Also learns from these headers.
    #[must_use]
    pub fn with_headers(mut self, headers: RateHeaders) -> Self {
        self.limits.headers = headers;
        self
    }

    /// Queues no call longer than this (60 s unless said): it is refused with `RateLimited` instead.
    #[must_use]
    pub fn with_longest_wait(mut self, longest_wait: Duration) -> Self {
        self.longest_wait = longest_wait;
        self
    }

    /// What it started with.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The pause kept between two calls now, once the burst is used up.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.state().queues.first().map_or(Duration::ZERO, |queue| queue.interval)
    }

    /// Takes the next place and waits for it.
    async fn acquire(&self, clock: &dyn Clock, request: &http::Request<Bytes>, lane: usize) -> Result<()> {
        let mut spent = false;
        loop {
            let now = clock.now();
            let place = self.reserve(lane, now, request, spent).map_err(no_place)?;
            spent = true;
            let wait = until(place.at, now);
            if wait.is_zero() {
                return Ok(());
            }
            clock.sleep(wait).await;
            if self.state().queues.get(lane).is_none_or(|queue| queue.epoch == place.epoch) {
                return Ok(());
            }
        }
    }

    fn reserve(
        &self,
        lane: usize,
        now: DateTime<Utc>,
        request: &http::Request<Bytes>,
        spent: bool,
    ) -> Result<Place, Duration> {
        let allowed = |wait| wait <= self.longest_wait && Deadline::allows(request, now, wait);
        let mut state = self.state();
        let State { queues, day } = &mut *state;
        let Some(queue) = queues.get_mut(lane) else { return Ok(Place { at: now, epoch: 0 }) };
        // Who has paid for today's call and queues again does not pay twice.
        let earliest = if spent { now } else { day.as_mut().map_or(now, |day| day.earliest(now)) };
        let place = queue.reserve(now, earliest, allowed)?;
        if let (Some(day), false) = (day, spent) {
            day.spend();
        }
        Ok(place)
    }

    /// Which queue a request stands in.
    fn lane(&self, request: &http::Request<Bytes>) -> usize {
        let path = request.uri().path();
        let lane = self.limits.lanes.iter().position(|lane| path.ends_with(lane.ends_with));
        lane.map_or(0, |lane| lane + 1)
    }

    /// Takes from an answer what it says about limits.
    fn learn(&self, response: &Response<Bytes>, lane: usize, now: DateTime<Utc>) {
        let (status, headers, known) = (response.status(), response.headers(), &self.limits.headers);
        let window = known.window.and_then(|(name, unit)| span(headers, name, unit, now));
        let limit = known.limit.and_then(|name| number(headers, name));
        let reset = known.reset.and_then(|(name, unit)| span(headers, name, unit, now));
        let used_up = known.remaining.and_then(|name| number(headers, name)) == Some(0);
        let asked = retry_after(headers, now);
        let day_over = status == StatusCode::TOO_MANY_REQUESTS && self.says_day_over(response.body());
        let mut state = self.state();
        let State { queues, day } = &mut *state;
        let Some(queue) = queues.get_mut(lane) else { return };
        if let (Some(calls), Some(per)) = (limit, window) {
            queue.learn(calls, per);
        }
        if let (Some(day), Some(daily)) = (day.as_mut(), self.limits.daily) {
            let told = |name: Option<&str>| name.and_then(|name| number(headers, name));
            day.learn(told(daily.limit), told(daily.remaining), now);
            if day_over {
                // The shorter windows have nothing to do with it.
                return day.use_up(now);
            }
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let pause = asked.or(reset).or(window).unwrap_or(queue.base.max(Duration::from_secs(1)));
            queue.slow_down(now);
            queue.block(now, pause);
        } else if let (StatusCode::SERVICE_UNAVAILABLE, Some(pause)) = (status, asked) {
            queue.block(now, pause);
        } else if let (true, Some(pause)) = (used_up, reset.or(window)) {
            queue.block(now, pause);
        } else if status.is_success() {
            queue.recover();
        }
    }

    /// Whether a 429 is about the calls of the day.
    fn says_day_over(&self, body: &[u8]) -> bool {
        let Some((member, value)) = self.limits.daily.and_then(|daily| daily.used_up) else { return false };
        if body.len() > LONGEST_REASON {
            return false;
        }
        let json = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
        json.get(member).and_then(serde_json::Value::as_str) == Some(value)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a place before each call, and learns from each answer.
pub struct RateLimit {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    limiter: Arc<Limiter>,
}

impl RateLimit {
    /// Limits calls of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, limiter: Arc<Limiter>) -> Self {
        Self { inner, clock, limiter }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for RateLimit {
    async fn call(&self, request: http::Request<Bytes>) -> Result<Response<Bytes>> {
        let lane = self.limiter.lane(&request);
        self.limiter.acquire(&*self.clock, &request, lane).await?;
        let response = self.inner.call(request).await?;
        self.limiter.learn(&response, lane, self.clock.now());
        Ok(response)
    }
}

/// The error of a call that would have to wait too long.
fn no_place(wait: Duration) -> Error {
    let wait_for = match wait.as_secs() / 60 {
        minutes @ 2.. => format!("{minutes} minutes"),
        _ => format!("{wait:?}"),
    };
    let message = format!("the platform's call limit leaves no place for this call for {wait_for}");
    Error::new(ErrorKind::RateLimited, "http.rate_limit", message).retry_as(Retry::After(wait))
}
