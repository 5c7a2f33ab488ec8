//! Where the next pull begins, by the platform's own time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Two clocks that differ by no more than this vouch for each other.
const AGREE: TimeDelta = TimeDelta::minutes(10);

/// What is known of the platform's time when a pull began. No clock is believed alone: ours may be wrong, a header may
/// come from a proxy, and a record may carry a time of the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Our clock when the first page was asked for.
    pub ours: DateTime<Utc>,
    /// The `Date` header of the first answer.
    pub header: Option<DateTime<Utc>>,
    /// The latest change that any pull had seen before this one began.
    pub seen_before: Option<DateTime<Utc>>,
    /// The latest change on the first page.
    pub first_page: Option<DateTime<Utc>>,
}

impl Evidence {
    /// Our clock and nothing else, before the first page.
    #[must_use]
    pub fn of_clock(ours: DateTime<Utc>, seen_before: Option<DateTime<Utc>>) -> Self {
        Self { ours, header: None, seen_before, first_page: None }
    }

    /// A time that the platform's clock had reached when the pull began: what changes later, a later pull reads. It may be
    /// too early, which costs reading again, and is not too late while one of our clock and the header is right.
    ///
    /// Where header and clock agree, it is the earlier of the two. Else it is the latest change that was seen, which the
    /// platform's own clock has stamped, but not later than the header, or without one than our clock.
    #[must_use]
    pub fn began(&self) -> Option<DateTime<Utc>> {
        if let Some(header) = self.header
            && (header - self.ours).abs() <= AGREE
        {
            return Some(header.min(self.ours));
        }
        let seen = self.seen_before.max(self.first_page)?;
        Some(seen.min(self.header.unwrap_or(self.ours)))
    }

    /// The watermark after a pull that came to its end. The one before stays where it is later, unless it is later than
    /// now can be: one set by a wrong clock must not stay for ever.
    #[must_use]
    pub fn watermark(&self, before: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let latest = self.header.map_or(self.ours, |header| header.max(self.ours));
        before.filter(|before| *before <= latest).max(self.began())
    }

    /// By how much our clock is ahead of the platform's, where the header tells it.
    #[must_use]
    pub fn ahead(&self) -> Option<TimeDelta> {
        self.header.map(|header| self.ours - header).filter(|ahead| *ahead > TimeDelta::zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn evidence(ours: i64, header: Option<i64>, seen: Option<i64>) -> Evidence {
        Evidence { ours: at(ours), header: header.map(at), seen_before: seen.map(at), first_page: None }
    }

    #[test]
    fn our_clock_alone_moves_nothing() {
        assert_eq!(evidence(500, None, None).began(), None);
        assert_eq!(evidence(500, None, Some(3)).began(), Some(at(3)));
        assert_eq!(evidence(500, Some(100), Some(3)).began(), Some(at(3)), "neither is believed");
    }

    #[test]
    fn a_header_and_a_clock_that_agree_are_believed_the_earlier_of_them() {
        assert_eq!(evidence(100, Some(104), Some(3)).began(), Some(at(100)));
        assert_eq!(evidence(104, Some(100), Some(3)).began(), Some(at(100)));
    }

    #[test]
    fn a_record_from_the_future_does_not_carry_the_watermark_along() {
        assert_eq!(evidence(100, Some(50), Some(9_999)).began(), Some(at(50)));
        assert_eq!(evidence(100, None, Some(9_999)).began(), Some(at(100)));
    }

    #[test]
    fn the_watermark_never_goes_back_unless_it_was_impossible() {
        let now = evidence(100, Some(100), Some(40));
        assert_eq!(now.watermark(Some(at(90))), Some(at(100)));
        let weak = evidence(100, None, Some(40));
        assert_eq!(weak.watermark(Some(at(90))), Some(at(90)));
        assert_eq!(weak.watermark(Some(at(9_999))), Some(at(40)));
    }
}
