//! How far a long pull got, for whoever waits for it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// How far a pull got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Records read.
    pub seen: u64,
    /// Records to read, where the platform says so.
    pub total: Option<u64>,
    /// Records an hour since it began; none before the first second.
    pub per_hour: Option<u64>,
    /// When it will be done at this speed; none where nobody can tell.
    pub done_at: Option<DateTime<Utc>>,
}

impl Progress {
    /// Of `seen` records since `began`. Where no total is known, how far the times of change got (`reached`, in
    /// thousandths of the way) stands for it.
    #[must_use]
    pub fn new(
        seen: u64,
        total: Option<u64>,
        reached: Option<u64>,
        began: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Self {
        let took = u64::try_from((now - began).num_seconds()).unwrap_or(0);
        let per_hour = seen.saturating_mul(3600).checked_div(took);
        let left = match (total, reached) {
            (Some(total), _) => took.saturating_mul(total.saturating_sub(seen)).checked_div(seen),
            (None, Some(reached)) => {
                took.saturating_mul(1000u64.saturating_sub(reached)).checked_div(reached)
            }
            (None, None) => None,
        };
        let left = left.and_then(|left| TimeDelta::try_seconds(i64::try_from(left).ok()?));
        Self { seen, total, per_hour, done_at: left.and_then(|left| now.checked_add_signed(left)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn speed_and_end_follow_from_what_was_read() {
        let half = Progress::new(500, Some(1000), None, at(0), at(100));
        assert_eq!((half.per_hour, half.done_at), (Some(18_000), Some(at(200))));
        let by_time = Progress::new(500, None, Some(250), at(0), at(100));
        assert_eq!(by_time.done_at, Some(at(400)));
    }

    #[test]
    fn before_the_first_second_nothing_is_foretold() {
        let new = Progress::new(0, Some(10), None, at(0), at(0));
        assert_eq!((new.per_hour, new.done_at), (None, None));
        assert_eq!(Progress::new(u64::MAX, None, None, at(0), at(9)).done_at, None);
    }
}
