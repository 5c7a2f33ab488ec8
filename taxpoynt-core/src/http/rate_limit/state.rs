//! The arithmetic of a limiter: places in lanes, and the calls of a day.

use super::{
    super::retry_after::{LONGEST, later, until},
    limits::{Daily, Quota, UNKNOWN_DAY},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// However often a platform says 429, no interval grows beyond this many times the quota's own.
const SLOWEST: u32 = 32;

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: DateTime<Utc>,
    pub(super) epoch: u64,
}

/// Calls that are counted together.
#[derive(Debug)]
pub(super) struct Queue {
    burst: u32,
    /// The quota's interval.
    pub(super) base: Duration,
    /// The interval kept now; longer than `base` after a 429.
    pub(super) interval: Duration,
    /// When the next call would be due if all came evenly.
    arrival: DateTime<Utc>,
    /// Nobody calls before this.
    blocked_until: DateTime<Utc>,
    /// Rises when a block makes reserved places void.
    pub(super) epoch: u64,
    /// The latest time seen.
    seen: DateTime<Utc>,
}

impl Queue {
    pub(super) fn new(quota: Quota) -> Self {
        let interval = quota.interval();
        Self {
            burst: quota.burst.max(1),
            base: interval,
            interval,
            arrival: DateTime::<Utc>::MIN_UTC,
            blocked_until: DateTime::<Utc>::MIN_UTC,
            epoch: 0,
            seen: DateTime::<Utc>::MIN_UTC,
        }
    }

    /// The next place that is not before `earliest`, or how far away it would be where `allowed` says that is too far.
    pub(super) fn reserve(
        &mut self,
        now: DateTime<Utc>,
        earliest: DateTime<Utc>,
        allowed: impl Fn(Duration) -> bool,
    ) -> Result<Place, Duration> {
        self.follow_clock(now);
        let lead = self.interval.saturating_mul(self.burst - 1);
        let at = earlier(self.arrival, lead).max(self.blocked_until).max(earliest).max(now);
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
    pub(super) fn block(&mut self, now: DateTime<Utc>, pause: Duration) {
        let end = later(now, pause.min(LONGEST));
        if end > self.blocked_until {
            self.blocked_until = end;
            self.arrival = later(end, self.interval.saturating_mul(self.burst - 1));
            self.epoch += 1;
        }
    }

    /// Doubles the interval, once for all the calls that were turned away together.
    pub(super) fn slow_down(&mut self, now: DateTime<Utc>) {
        if now >= self.blocked_until {
            let slowest = self.base.saturating_mul(SLOWEST);
            self.interval = self.interval.saturating_mul(2).min(slowest);
        }
    }

    pub(super) fn recover(&mut self) {
        self.interval = (self.interval - self.interval / 16).max(self.base);
    }

    /// Takes over what the platform says its window is: a burst and what follows it evenly stay within it together.
    pub(super) fn learn(&mut self, calls: u64, per: Duration) {
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        let evenly = calls.saturating_sub(self.burst - 1).max(1);
        let base = Quota { calls: evenly, per, burst: self.burst }.interval();
        if base != self.base {
            self.base = base;
            self.interval = base;
        }
    }
}

/// The calls of a day.
#[derive(Debug)]
pub(super) struct Day {
    daily: Daily,
    /// How many a day has, as far as we know.
    calls: Option<u64>,
    /// How many are left of today's; none where nobody counts.
    left: Option<u64>,
    /// When today began for us, and when it is over.
    today: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Nobody calls before this.
    blocked_until: DateTime<Utc>,
}

impl Day {
    pub(super) fn new(daily: Daily) -> Self {
        Self { daily, calls: daily.calls, left: None, today: None, blocked_until: DateTime::<Utc>::MIN_UTC }
    }

    /// Before when there is no call; `now` where there is one.
    pub(super) fn earliest(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.turn(now);
        let end = self.today.map_or(now, |(_, end)| end);
        let used_up = if self.left == Some(0) { end } else { now };
        used_up.max(self.blocked_until).max(now)
    }

    /// One call is going to be made.
    pub(super) fn spend(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
    }

    /// What a header says: calls of a day, calls left of today's. An answer that overtook another teaches nothing.
    pub(super) fn learn(&mut self, limit: Option<u64>, left: Option<u64>, now: DateTime<Utc>) {
        self.turn(now);
        self.calls = limit.or(self.calls);
        let Some(left) = left else { return };
        if self.today.is_some() {
            self.left = Some(self.left.map_or(left, |known| known.min(left)));
        } else if left == 0 {
            self.use_up(now);
        }
    }

    /// The platform says that today's calls are used up.
    pub(super) fn use_up(&mut self, now: DateTime<Utc>) {
        self.turn(now);
        match self.today {
            Some(_) => self.left = Some(0),
            None => self.blocked_until = later(now, UNKNOWN_DAY),
        }
    }

    /// Begins a new day when it is time, or when the clock was put back behind the day's beginning.
    fn turn(&mut self, now: DateTime<Utc>) {
        if self.today.is_none_or(|(begin, end)| now < begin || now >= end) {
            self.today = self.daily.ends.after(now).map(|end| (now, end));
            self.left = self.today.and(self.calls);
        }
        if self.blocked_until > later(now, UNKNOWN_DAY) {
            self.blocked_until = now;
        }
    }
}

pub(super) fn earlier(moment: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| moment.checked_sub_signed(span))
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}
