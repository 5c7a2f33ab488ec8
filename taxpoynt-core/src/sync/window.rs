//! A span of times of change, both ends included.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// From and to, each of them open where it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    /// The first moment.
    pub since: Option<DateTime<Utc>>,
    /// The last moment.
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// One moment.
    #[must_use]
    pub fn moment(at: DateTime<Utc>) -> Self {
        Self { since: Some(at), until: Some(at) }
    }

    /// Whether nothing can be in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!((self.since, self.until), (Some(since), Some(until)) if since > until)
    }

    /// The two halves, the earlier one first; none for a single moment, and for what lies behind `ceiling` with an open
    /// end. Platforms are younger than `floor`.
    pub(super) fn halves(&self, step: TimeDelta, ceiling: DateTime<Utc>) -> Option<(Self, Self)> {
        let floor = DateTime::from_timestamp(946_684_800, 0)?;
        let first = self.since.unwrap_or(floor.min(ceiling));
        let last = self.until.unwrap_or(ceiling);
        let span = last.signed_duration_since(first);
        if span < step {
            return None;
        }
        let middle = first.checked_add_signed(whole(span / 2, step))?;
        let after = middle.checked_add_signed(step)?;
        Some((
            Self { since: self.since, until: Some(middle) },
            Self { since: Some(after), until: self.until },
        ))
    }
}

/// `span` without what is less than a step.
fn whole(span: TimeDelta, step: TimeDelta) -> TimeDelta {
    let (Some(span_us), Some(step_us)) = (span.num_microseconds(), step.num_microseconds()) else {
        return span;
    };
    if step_us <= 0 { span } else { TimeDelta::microseconds(span_us - span_us % step_us) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn halves_meet_without_gap_or_overlap_down_to_one_moment() {
        let step = TimeDelta::milliseconds(1);
        let mut windows =
            vec![Window { since: Some(at(0)), until: Some(at(0) + TimeDelta::milliseconds(9)) }];
        while let Some(place) = windows.iter().position(|w| w.halves(step, at(99)).is_some()) {
            let (early, late) = windows[place].halves(step, at(99)).unwrap();
            windows.splice(place..=place, [early, late]);
        }
        let moments: Vec<_> = (0..10).map(|ms| Window::moment(at(0) + TimeDelta::milliseconds(ms))).collect();
        assert_eq!(windows, moments);
    }

    #[test]
    fn an_open_end_stays_open_and_what_lies_behind_the_ceiling_is_not_split() {
        let step = TimeDelta::milliseconds(1);
        let open = Window { since: Some(at(0)), until: None };
        let (early, late) = open.halves(step, at(100)).unwrap();
        assert_eq!((early.until, late.until), (Some(at(50)), None));
        assert_eq!(Window { since: Some(at(100)), until: None }.halves(step, at(100)), None);
    }
}
