//! The only place of the simulators that tells time or waits.

use crate::world::lock;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// The machine's clock, or one that stands still.
#[derive(Debug)]
pub(crate) struct Clock {
    fixed: Mutex<Option<DateTime<Utc>>>,
    /// What records are dated from, where that is another time than now.
    records_at: Option<DateTime<Utc>>,
    /// Milliseconds of the last stamp given out (real clock), or how many were given out (fixed clock).
    last: AtomicI64,
}

impl Clock {
    pub(crate) fn new(fixed: Option<DateTime<Utc>>, records_at: Option<DateTime<Utc>>) -> Self {
        Self { fixed: Mutex::new(fixed), records_at: records_at.or(fixed), last: AtomicI64::new(0) }
    }

    /// Shows `now` and stands still there.
    pub(crate) fn set(&self, now: DateTime<Utc>) {
        *lock(&self.fixed) = Some(now);
    }

    /// What records are dated from at the start.
    pub(crate) fn start(&self) -> DateTime<Utc> {
        self.records_at.unwrap_or_else(machine)
    }

    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        lock(&self.fixed).unwrap_or_else(machine)
    }

    /// A time for a change of state, later than every one given out before.
    ///
    /// Connectors tell versions of a record apart by this time, so two changes never share it. Under a fixed
    /// clock the stamps fill the second before it: a pull "until now" still sees them all.
    pub(crate) fn stamp(&self) -> DateTime<Utc> {
        if let Some(fixed) = self.records_at {
            let nth = self.last.fetch_add(1, Ordering::SeqCst).min(999);
            return fixed - TimeDelta::milliseconds(1000 - nth);
        }
        let now = machine().timestamp_millis();
        let before = self
            .last
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(now.max(last + 1)))
            .unwrap_or(now);
        DateTime::from_timestamp_millis(now.max(before + 1)).unwrap_or_else(machine)
    }

    /// Waits in real time: what a slow server does to its caller.
    #[allow(clippy::disallowed_methods, reason = "the one place that waits")]
    pub(crate) async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
fn machine() -> DateTime<Utc> {
    Utc::now()
}

/// RFC 3339 with milliseconds and `Z`, as Square and HubSpot write times.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stamps_each_change_later_than_the_one_before_and_never_after_now() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let clock = Clock::new(Some(now), None);
        let (first, second) = (clock.stamp(), clock.stamp());
        assert!(first < second && second <= now);
        assert_eq!(clock.now(), now);
    }

    #[test]
    fn the_real_clock_never_gives_the_same_stamp_twice() {
        let clock = Clock::new(None, None);
        let stamps: Vec<_> = (0..100).map(|_| clock.stamp()).collect();
        assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
