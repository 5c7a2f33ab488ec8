//! The only place of the simulators that tells time or waits.

use chrono::{DateTime, SecondsFormat, Utc};
use std::{
    sync::{
        Mutex, PoisonError,
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
    /// Milliseconds of the last stamp given out.
    last: AtomicI64,
}

impl Clock {
    pub(crate) fn new(fixed: Option<DateTime<Utc>>, records_at: Option<DateTime<Utc>>) -> Self {
        Self { fixed: Mutex::new(fixed), records_at, last: AtomicI64::new(0) }
    }

    /// What records are dated from at the start.
    pub(crate) fn start(&self) -> DateTime<Utc> {
        self.records_at.or(self.standing()).unwrap_or_else(machine)
    }

    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.standing().unwrap_or_else(machine)
    }

    /// Moves a clock that stands still; stamps go on from there. One that runs is not touched.
    pub(crate) fn set(&self, now: DateTime<Utc>) {
        let mut fixed = self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        if fixed.is_some() {
            *fixed = Some(now);
        }
    }

    fn standing(&self) -> Option<DateTime<Utc>> {
        *self.fixed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A time for a change of state, later than every one given out before.
    ///
    /// Connectors tell versions of a record apart by this time, so two changes never share it. Under a fixed
    /// clock the stamps fill the second before it: a pull "until now" still sees them all.
    pub(crate) fn stamp(&self) -> DateTime<Utc> {
        if let Some(standing) = self.records_at.or(self.standing()) {
            let latest = standing.timestamp_millis() - 1;
            let next = |last: i64| (last + 1).max(latest - 999).min(latest);
            let last = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
            return last
                .ok()
                .and_then(|last| DateTime::from_timestamp_millis(next(last)))
                .unwrap_or(standing);
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
    use chrono::TimeDelta;

    #[test]
    fn a_fixed_clock_stamps_each_change_later_than_the_one_before_and_never_after_now() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let clock = Clock::new(Some(now), None);
        let (first, second) = (clock.stamp(), clock.stamp());
        assert!(first < second && second <= now);
        assert_eq!(clock.now(), now);
    }

    #[test]
    fn a_clock_that_is_moved_stamps_from_its_new_time_on() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let clock = Clock::new(Some(now), None);
        let first = clock.stamp();
        clock.set(now + TimeDelta::hours(1));
        let second = clock.stamp();
        assert!(second - first >= TimeDelta::minutes(59) && second < clock.now());
        let running = Clock::new(None, None);
        running.set(now);
        assert_ne!(running.now(), now);
    }

    #[test]
    fn the_real_clock_never_gives_the_same_stamp_twice() {
        let clock = Clock::new(None, None);
        let stamps: Vec<_> = (0..100).map(|_| clock.stamp()).collect();
        assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
