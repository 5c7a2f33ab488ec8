//! Keeps calls within a platform's limits and learns those limits from its answers.
//!
//! The generic cell rate algorithm: every call moves a theoretical arrival time on by one interval; a call may come at
//! most `burst - 1` intervals before it. A 429 stops everybody until its time and doubles the interval; each good
//! answer takes a sixteenth of that back.

use super::{
    Deadline, HttpService,
    retry_after::{LONGEST, later, retry_after, until},
};
use crate::{Clock, Error, ErrorKind, Result, Retry};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// However often a platform says 429, no interval grows beyond this many times the quota's own.
const SLOWEST: u32 = 32;

/// So many calls in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Calls; 0 counts as 1.
    pub calls: u32,
    /// In this time.
    pub per: Duration,
    /// How many of them may come at once; 0 counts as 1.
    pub burst: u32,
}

impl Quota {
    /// `calls` a second, all of which may come at once.
    #[must_use]
    pub const fn per_second(calls: u32) -> Self {
        Self { calls, per: Duration::from_secs(1), burst: calls }
    }

    fn interval(self) -> Duration {
        self.per.min(LONGEST) / self.calls.max(1)
    }
}

/// How a header counts time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Milliseconds from now.
    Millis,
    /// Seconds from now.
    Seconds,
    /// Seconds since 1970: a moment.
    UnixSeconds,
}

/// Under which names a platform tells its limits. All optional; unreadable values teach nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct RateHeaders {
    /// Calls allowed in a window. Needs `window` to mean anything.
    pub limit: Option<&'static str>,
    /// How long a window is.
    pub window: Option<(&'static str, Unit)>,
    /// Calls left in this window: at 0 we wait for `reset`, or else a whole `window`.
    pub remaining: Option<&'static str>,
    /// When the window ends.
    pub reset: Option<(&'static str, Unit)>,
}

impl RateHeaders {
    /// `X-RateLimit-Remaining` and `X-RateLimit-Reset` in seconds from now, as many platforms send.
    pub const COMMON: Self = Self {
        limit: None,
        window: None,
        remaining: Some("x-ratelimit-remaining"),
        reset: Some(("x-ratelimit-reset", Unit::Seconds)),
    };
}

/// The state of one account's limit, shared by everything that calls that account.
#[derive(Debug)]
pub struct Limiter {
    burst: u32,
    headers: RateHeaders,
    longest_wait: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The quota's interval.
    base: Duration,
    /// The interval kept now; longer than `base` after a 429.
    interval: Duration,
    /// When the next call would be due if all came evenly.
    arrival: DateTime<Utc>,
    /// Nobody calls before this.
    blocked_until: DateTime<Utc>,
    /// Rises when a block makes reserved places void.
    epoch: u64,
    /// The latest time seen.
    seen: DateTime<Utc>,
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    at: DateTime<Utc>,
    epoch: u64,
}

impl Limiter {
    /// A limiter that starts with `quota`.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        let interval = quota.interval();
        Self {
            burst: quota.burst.max(1),
            headers: RateHeaders::default(),
            longest_wait: Duration::from_secs(60),
            state: Mutex::new(State {
                base: interval,
                interval,
                arrival: DateTime::<Utc>::MIN_UTC,
                blocked_until: DateTime::<Utc>::MIN_UTC,
                epoch: 0,
                seen: DateTime::<Utc>::MIN_UTC,
            }),
        }
    }

    /// Also learns from these headers.
    #[must_use]
    pub fn with_headers(mut self, headers: RateHeaders) -> Self {
        self.headers = headers;
        self
    }

    /// Queues no call longer than this (60 s unless said): it is refused with `RateLimited` instead.
    #[must_use]
    pub fn with_longest_wait(mut self, longest_wait: Duration) -> Self {
        self.longest_wait = longest_wait;
        self
    }

    /// The pause kept between two calls now, once the burst is used up.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.state().interval
    }

    /// Takes the next place and waits for it.
    async fn acquire(&self, clock: &dyn Clock, request: &http::Request<Bytes>) -> Result<()> {
        loop {
            let now = clock.now();
            let allowed = |wait| wait <= self.longest_wait && Deadline::allows(request, now, wait);
            let place = self.state().reserve(now, self.burst, allowed).map_err(no_place)?;
            let wait = until(place.at, now);
            if wait.is_zero() {
                return Ok(());
            }
            clock.sleep(wait).await;
            if self.state().epoch == place.epoch {
                return Ok(());
            }
        }
    }

    /// Takes from an answer what it says about limits.
    fn learn(&self, status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) {
        let window = self.headers.window.and_then(|(name, unit)| span(headers, name, unit, now));
        let limit = self.headers.limit.and_then(|name| number(headers, name));
        let reset = self.headers.reset.and_then(|(name, unit)| span(headers, name, unit, now));
        let used_up = self.headers.remaining.and_then(|name| number(headers, name)) == Some(0);
        let asked = retry_after(headers, now);
        let mut state = self.state();
        if let (Some(calls), Some(per)) = (limit, window) {
            state.set_base(Quota { calls: calls.try_into().unwrap_or(u32::MAX), per, burst: 1 }.interval());
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let pause = asked.or(reset).or(window).unwrap_or(state.base.max(Duration::from_secs(1)));
            state.slow_down(now);
            state.block(now, pause, self.burst);
        } else if let (StatusCode::SERVICE_UNAVAILABLE, Some(pause)) = (status, asked) {
            state.block(now, pause, self.burst);
        } else if let (true, Some(pause)) = (used_up, reset.or(window)) {
            state.block(now, pause, self.burst);
        } else if status.is_success() {
            state.recover();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next place, or how far away it would be where `allowed` says that is too far.
    fn reserve(
        &mut self,
        now: DateTime<Utc>,
        burst: u32,
        allowed: impl Fn(Duration) -> bool,
    ) -> Result<Place, Duration> {
        self.follow_clock(now);
        let lead = self.interval.saturating_mul(burst - 1);
        let at = earlier(self.arrival, lead).max(self.blocked_until).max(now);
        let wait = until(at, now);
        if !allowed(wait) {
            return Err(wait);
        }
        self.arrival = later(self.arrival.max(at), self.interval);
        Ok(Place { at, epoch: self.epoch })
    }

    /// A machine's clock may be set back: the queue moves with it, else everybody would wait for the lost time.
    fn follow_clock(&mut self, now: DateTime<Utc>) {
        let back = until(self.seen, now);
        if !back.is_zero() {
            self.arrival = earlier(self.arrival, back);
            self.blocked_until = earlier(self.blocked_until, back);
        }
        self.seen = now;
    }

    /// Stops everybody for `pause`; whoever waits already queues again. Afterwards calls come evenly, not in a burst.
    fn block(&mut self, now: DateTime<Utc>, pause: Duration, burst: u32) {
        let end = later(now, pause.min(LONGEST));
        if end > self.blocked_until {
            self.blocked_until = end;
            self.arrival = later(end, self.interval.saturating_mul(burst - 1));
            self.epoch += 1;
        }
    }

    /// Doubles the interval, once for all the calls that were turned away together.
    fn slow_down(&mut self, now: DateTime<Utc>) {
        if now >= self.blocked_until {
            let slowest = self.base.saturating_mul(SLOWEST);
            self.interval = self.interval.saturating_mul(2).min(slowest);
        }
    }

    fn recover(&mut self) {
        self.interval = (self.interval - self.interval / 16).max(self.base);
    }

    fn set_base(&mut self, base: Duration) {
        if base != self.base {
            self.base = base;
            self.interval = base;
        }
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
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        self.limiter.acquire(&*self.clock, &request).await?;
        let response = self.inner.call(request).await?;
        self.limiter.learn(response.status(), response.headers(), self.clock.now());
        Ok(response)
    }
}

fn no_place(wait: Duration) -> Error {
    let message = format!("the platform's call limit leaves no place for this call for {wait:?}");
    Error::new(ErrorKind::RateLimited, "http.rate_limit", message).retry_as(Retry::After(wait))
}

fn earlier(moment: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| moment.checked_sub_signed(span))
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn span(headers: &HeaderMap, name: &str, unit: Unit, now: DateTime<Utc>) -> Option<Duration> {
    let number = number(headers, name)?;
    Some(match unit {
        Unit::Millis => Duration::from_millis(number),
        Unit::Seconds => Duration::from_secs(number),
        Unit::UnixSeconds => until(DateTime::from_timestamp(i64::try_from(number).ok()?, 0)?, now),
    })
}
