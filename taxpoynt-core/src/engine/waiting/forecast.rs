//! How the waiting documents will fare: "at the present speed n documents will miss 18:00".

use crate::engine::Engine;
use crate::{
    Result,
    store::{Backlog, Slot},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// Documents whose deadlines lie in the same stretch of this length are counted together, as if all had the earliest.
pub(super) const SLOT: Duration = Duration::from_secs(600);

/// The speed is measured over this much time, or since the first signature in it.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Where a batch takes long, over so many batches at least: signatures come in bursts, one burst a batch, and over one or
/// two of them any speed can be measured.
const BATCHES: i32 = 4;

/// A shorter stretch is too short to measure a speed over.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

/// Where nothing has waited longer than this, the engine keeps up, whatever little was signed.
const KEEPS_UP: TimeDelta = TimeDelta::minutes(2);

/// Fewer signatures tell no speed: a single document that failed and came back has waited, too.
const ENOUGH: u64 = 16;

/// How fast the authority signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// What comes is signed at once: there is no backlog to measure by.
    KeepsUp,
    /// So many documents in so many seconds.
    Measured {
        /// Documents.
        documents: u64,
        /// Seconds; at least 1.
        seconds: u64,
    },
    /// Nothing is signed.
    Stopped,
}

impl Pace {
    /// Documents an hour; none where it is not measured.
    #[must_use]
    pub fn per_hour(self) -> Option<u64> {
        match self {
            Self::KeepsUp => None,
            Self::Measured { documents, seconds } => Some(documents.saturating_mul(3600) / seconds.max(1)),
            Self::Stopped => Some(0),
        }
    }

    /// How many documents it signs in `time`; none where that is not limited.
    fn within(self, time: TimeDelta) -> Option<u64> {
        match self {
            Self::KeepsUp => None,
            Self::Stopped => Some(0),
            Self::Measured { documents, seconds } => {
                let millis = u128::try_from(time.num_milliseconds()).unwrap_or(0);
                let signed =
                    u128::from(documents).saturating_mul(millis) / (u128::from(seconds.max(1)) * 1000);
                Some(u64::try_from(signed).unwrap_or(u64::MAX))
            }
        }
    }

    /// When it will have signed so many; none where it never will, or nobody can say.
    fn after(self, count: u64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::KeepsUp => Some(now),
            Self::Measured { documents, seconds } if documents > 0 => {
                let spent = u128::from(count).saturating_mul(u128::from(seconds)).saturating_mul(1000);
                let millis = spent / u128::from(documents);
                now.checked_add_signed(TimeDelta::try_milliseconds(i64::try_from(millis).ok()?)?)
            }
            _ => None,
        }
    }

    /// The same less a margin of `percent`: other documents come in between, and speeds fall.
    pub(super) fn cautious(self, percent: u32) -> Self {
        match self {
            Self::Measured { documents, seconds } => Self::Measured {
                documents: documents.saturating_mul(u64::from(100 - percent.min(99))),
                seconds: seconds.saturating_mul(100),
            },
            other => other,
        }
    }
}

/// Documents with deadlines near each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SlotForecast {
    /// The earliest deadline among them.
    pub first: DateTime<Utc>,
    /// The latest.
    pub last: DateTime<Utc>,
    /// How many wait.
    pub waiting: u64,
    /// How many of them will miss their deadline.
    pub will_miss: u64,
    /// When the last that can be in time is signed; none where none can, or nobody can say.
    pub done_at: Option<DateTime<Utc>>,
}

/// How the waiting documents will fare at a speed. Only B2C documents have a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Since when the authority has not answered; none while it does.
    pub out_since: Option<DateTime<Utc>>,
    /// The present speed.
    pub pace: Pace,
    /// Documents with a deadline ahead.
    pub waiting: u64,
    /// How many of them will miss it.
    pub will_miss: u64,
    /// The earliest deadline that will be missed.
    pub first_missed: Option<DateTime<Utc>>,
    /// The latest.
    pub last_missed: Option<DateTime<Utc>>,
    /// By how many seconds the first of them will miss it at most: late documents come after all that can be in time.
    /// None where nobody can say.
    pub worst_seconds: Option<i64>,
    /// Documents whose deadline has passed.
    pub late: u64,
    /// Documents to be cleared before their buyers get them. They go before reports that have time.
    pub clearances: u64,
    /// Documents without a deadline.
    pub unhurried: u64,
    /// Refused or given up with a deadline ahead: a person must see to them, no speed will.
    pub stuck: u64,
    /// The earliest deadline among the stuck.
    pub stuck_first: Option<DateTime<Utc>>,
    /// In an outage: how many will miss their deadline even if the authority comes back this minute, at the speed it had
    /// when documents last queued for it, else at the best of the last day. None where the authority answers or no speed
    /// is known.
    pub even_if_back: Option<u64>,
    /// By deadline, earliest first.
    pub slots: Vec<SlotForecast>,
}

impl Engine {
    /// How the documents of a tenant, or all of them, will fare at the present speed. The backlog is counted inside the
    /// database; documents of other tenants take their turn in it.
    ///
    /// # Errors
    /// `NotFound` for a tenant that is not there; `Store`.
    pub async fn forecast(&self, tenant: Option<Uuid>) -> Result<Forecast> {
        if let Some(tenant) = tenant {
            self.store().tenant(tenant).await?;
        }
        let backlog = self.store().backlog(tenant, SLOT, self.now()).await?;
        self.forecast_of(&backlog, 0).await
    }

    /// The forecast for a backlog, with a margin of `percent` off the measured speed.
    pub(super) async fn forecast_of(&self, backlog: &Backlog, percent: u32) -> Result<Forecast> {
        let now = self.now();
        let out_since = self.inner.breaker.out_since();
        let pace = if out_since.is_some() { Pace::Stopped } else { self.pace(backlog, now).await? };
        let mut forecast = project(backlog, pace.cautious(percent), now);
        forecast.pace = pace;
        forecast.out_since = out_since;
        if pace == Pace::Stopped {
            let before = self.pace_before(now).await?.map(|pace| pace.cautious(percent));
            forecast.even_if_back = before.map(|pace| project(backlog, pace, now).will_miss);
        }
        Ok(forecast)
    }

    async fn pace(&self, backlog: &Backlog, now: DateTime<Utc>) -> Result<Pace> {
        if backlog.oldest.is_none_or(|oldest| now - oldest < KEEPS_UP) {
            return Ok(Pace::KeepsUp);
        }
        let batch = self.inner.watch.batch();
        let signed = self.store().signed(now - window(batch), now).await?;
        Ok(match signed.first {
            None => Pace::Stopped,
            Some(first) => measured(signed.count, busy(now - first, batch)),
        })
    }

    /// The speed before it went out. When documents last queued for it says it best: the best of a day may be from the
    /// morning, and without a queue what was signed is what came. Where nothing queued, the best of the day is at least
    /// reached.
    async fn pace_before(&self, now: DateTime<Utc>) -> Result<Option<Pace>> {
        let batch = self.inner.watch.batch();
        let window = window(batch);
        let (length, waited) = (window.to_std().unwrap_or_default(), KEEPS_UP.to_std().unwrap_or_default());
        if let Some(queued) = self.store().signed_of_queue(length, waited, ENOUGH, now).await? {
            return Ok(Some(measured(queued.count, busy(queued.last - queued.first, batch))));
        }
        let best = self.store().most_signed(length, now).await?;
        Ok((best > 0).then(|| measured(best, busy(window, batch))))
    }
}

/// How far back signatures are counted.
fn window(batch: TimeDelta) -> TimeDelta {
    WINDOW.max(batch * BATCHES)
}

/// The time that signatures took of which the first is `since` ago: the batch that made the first began before it.
/// Without that time a burst would pass for the speed.
fn busy(since: TimeDelta, batch: TimeDelta) -> TimeDelta {
    (since + batch).max(SHORTEST)
}

fn measured(documents: u64, span: TimeDelta) -> Pace {
    Pace::Measured { documents, seconds: u64::try_from(span.num_seconds()).unwrap_or(0).max(1) }
}

/// Clearances first, then reports by deadline; one whose deadline passes before its turn gives its turn to the next.
pub(super) fn project(backlog: &Backlog, pace: Pace, now: DateTime<Utc>) -> Forecast {
    let mut ahead = backlog.clearances;
    let slots: Vec<_> = backlog.slots.iter().map(|slot| fare(slot, pace, now, &mut ahead)).collect();
    let total = backlog.slots.iter().fold(0_u64, |total, slot| total.saturating_add(slot.waiting));
    let missed = || slots.iter().filter(|slot| slot.will_miss > 0);
    let first_missed = missed().map(|slot| slot.first).next();
    let end = pace.after(backlog.clearances.saturating_add(total), now);
    let worst = first_missed.and_then(|first| Some((end? - first).num_seconds().max(0)));
    Forecast {
        at: now,
        out_since: None,
        pace,
        waiting: slots.iter().map(|slot| slot.waiting).sum(),
        will_miss: slots.iter().map(|slot| slot.will_miss).sum(),
        first_missed,
        last_missed: missed().map(|slot| slot.last).next_back(),
        worst_seconds: worst,
        late: backlog.late,
        clearances: backlog.clearances,
        unhurried: backlog.unhurried,
        stuck: backlog.stuck,
        stuck_first: backlog.stuck_first,
        even_if_back: None,
        slots,
    }
}

/// One slot, after `ahead` documents that go before it.
fn fare(slot: &Slot, pace: Pace, now: DateTime<Utc>, ahead: &mut u64) -> SlotForecast {
    let made = match pace.within(slot.first - now) {
        None => slot.waiting,
        Some(signed) => signed.saturating_sub(*ahead).min(slot.waiting),
    };
    *ahead = ahead.saturating_add(made);
    let missed = slot.waiting - made;
    // A tenant's share of what a slot of all tenants misses, rounded up.
    let own = u128::from(missed) * u128::from(slot.own);
    let own = own.div_ceil(u128::from(slot.waiting.max(1)));
    SlotForecast {
        first: slot.first,
        last: slot.last,
        waiting: slot.own,
        will_miss: u64::try_from(own).unwrap_or(slot.own),
        done_at: if made > 0 { pace.after(*ahead, now) } else { None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn bursts_of_signatures_do_not_pass_for_the_speed() {
        // Sixteen documents at the end of every twelve minutes: 80 an hour.
        let batch = TimeDelta::minutes(12);
        assert_eq!(window(batch), TimeDelta::minutes(48));
        for since_last in 0..12 {
            let ages = (0..).map(|burst| TimeDelta::minutes(since_last + 12 * burst));
            let seen: Vec<_> = ages.take_while(|age| *age < window(batch)).collect();
            let signed = 16 * seen.len() as u64;
            let per_hour = measured(signed, busy(seen[seen.len() - 1], batch)).per_hour().unwrap();
            assert!((64..=80).contains(&per_hour), "{per_hour} an hour, {since_last} minutes after a burst");
        }
        // Where batches are short, nothing changes.
        assert_eq!(window(TimeDelta::seconds(3)), WINDOW);
        assert_eq!(busy(TimeDelta::seconds(5), TimeDelta::seconds(3)), SHORTEST);
    }

    fn slot(first: i64, waiting: u64) -> Slot {
        Slot { first: at(first), last: at(first + 9), waiting, own: waiting }
    }

    fn backlog(clearances: u64, slots: Vec<Slot>) -> Backlog {
        Backlog { clearances, slots, oldest: Some(at(-60)), ..Backlog::default() }
    }

    /// One document a minute.
    const ONE: Pace = Pace::Measured { documents: 1, seconds: 60 };

    fn missed(forecast: &Forecast) -> Vec<u64> {
        forecast.slots.iter().map(|slot| slot.will_miss).collect()
    }

    #[test]
    fn each_slot_is_done_after_those_before_it() {
        let forecast = project(&backlog(0, vec![slot(30, 10), slot(60, 40), slot(120, 70)]), ONE, at(0));
        assert_eq!(missed(&forecast), [0, 0, 0]);
        let done: Vec<_> = forecast.slots.iter().map(|slot| slot.done_at).collect();
        assert_eq!(done, [Some(at(10)), Some(at(50)), Some(at(120))]);
        assert_eq!((forecast.waiting, forecast.will_miss, forecast.first_missed), (120, 0, None));
    }

    #[test]
    fn what_cannot_be_in_time_gives_its_turn_to_the_next() {
        let forecast = project(&backlog(5, vec![slot(30, 40), slot(60, 40), slot(200, 10)]), ONE, at(0));
        // 25 of the first fit behind five clearances, 30 of the second behind those; the third has time.
        assert_eq!(missed(&forecast), [15, 10, 0]);
        assert_eq!((forecast.first_missed, forecast.last_missed), (Some(at(30)), Some(at(69))));
        // The late ones follow: all 95 documents are done after 95 minutes, 65 after the first deadline.
        assert_eq!(forecast.worst_seconds, Some(65 * 60));
    }

    #[test]
    fn without_any_speed_all_will_miss_and_while_it_keeps_up_nobody_will() {
        let backlog = backlog(0, vec![slot(30, 10), slot(600, 5)]);
        let stopped = project(&backlog, Pace::Stopped, at(0));
        assert_eq!((missed(&stopped), stopped.worst_seconds), (vec![10, 5], None));
        let well = project(&backlog, Pace::KeepsUp, at(0));
        assert_eq!(missed(&well), [0, 0]);
    }

    #[test]
    fn a_tenant_is_shown_its_share_of_what_all_miss_together() {
        let theirs = Slot { own: 3, ..slot(30, 40) };
        let forecast = project(&backlog(0, vec![theirs]), ONE, at(0));
        // Ten of forty will miss: of three, one.
        assert_eq!((forecast.waiting, forecast.will_miss), (3, 1));
    }

    #[test]
    fn a_margin_makes_the_speed_smaller_and_no_number_overflows() {
        assert_eq!(ONE.cautious(15).per_hour(), Some(51));
        assert_eq!(ONE.per_hour(), Some(60));
        let huge = Pace::Measured { documents: u64::MAX, seconds: 1 };
        assert_eq!(huge.within(TimeDelta::days(365)), Some(u64::MAX));
        let slow = Pace::Measured { documents: 1, seconds: u64::MAX };
        assert_eq!(slow.after(u64::MAX, at(0)), None);
        assert_eq!(Pace::Measured { documents: 0, seconds: 0 }.after(1, at(0)), None);
        let forecast = project(&backlog(u64::MAX, vec![slot(30, 1)]), ONE, at(0));
        assert_eq!(missed(&forecast), [1]);
    }
}
