//! Says in time that deadlines are going to be missed. The workers look, between two claims; nothing runs for it alone.

use super::forecast::{Forecast, SlotForecast, project};
use crate::engine::Engine;
use crate::{
    Result,
    store::{AlarmChange, AlarmEntry},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Africa::Lagos;
use serde::Serialize;
use std::{
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

/// When deadlines are looked at, and how far ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineOptions {
    /// How often the workers look.
    pub every: Duration,
    /// A deadline that will be missed is told this long before it, or as soon as it is foreseen. Less than an hour
    /// counts as an hour.
    pub ahead: Duration,
    /// Percent taken off the measured speed, because other documents come in between.
    pub margin_percent: u32,
}

impl Default for DeadlineOptions {
    /// Every minute, four hours ahead, 15 %.
    fn default() -> Self {
        Self { every: Duration::from_secs(60), ahead: Duration::from_secs(4 * 3600), margin_percent: 15 }
    }
}

/// Told when deadlines are going to be missed: one alarm an episode, more when it gets worse, and an all-clear.
pub trait Alarms: Send + Sync {
    /// Called by a worker, after the alarm was stored. It should return soon.
    fn alarm(&self, alarm: &Alarm);
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// As it was stored, with the sentence for an operator.
    pub entry: AlarmEntry,
    /// What was foreseen, at the measured speed less the margin.
    pub forecast: Forecast,
}

/// What the workers share.
#[derive(Debug, Default)]
pub(in crate::engine) struct Watch {
    /// When somebody looked last, in microseconds.
    looked_at: AtomicI64,
    /// Recoveries of the authority that were seen.
    pub(super) recoveries: AtomicU64,
    /// Whether at the present speed not all can be in time.
    pub(super) overloaded: AtomicBool,
    /// How long a batch took lately, in microseconds.
    pub(super) batch: AtomicU64,
    /// When a look last foresaw that a deadline will be missed, in microseconds.
    foreseen_at: AtomicI64,
}

impl Watch {
    /// How long a batch took lately.
    pub(super) fn batch(&self) -> TimeDelta {
        let micros = i64::try_from(self.batch.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        TimeDelta::microseconds(micros).min(TimeDelta::days(1))
    }
}

/// An alarm grows by more than this part of what was told, or it is not told again.
const GROWTH: u64 = 4;

/// However fast it gets worse, it is told this often at most.
const UPDATES: TimeDelta = TimeDelta::minutes(15);

/// An all-clear comes when every look for this long, or for the length of two batches, foresaw nothing: a speed at the
/// limit looks well at one minute and not at the next.
const CALM: TimeDelta = TimeDelta::minutes(10);

impl Engine {
    /// The alarms so far, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn alarms(&self, limit: u32) -> Result<Vec<AlarmEntry>> {
        self.store().alarms(limit).await
    }

    /// Looks at the deadlines where nobody has for a while. A look that fails is made again at the next turn: work goes
    /// on without it.
    pub(in crate::engine) async fn watch_deadlines(&self) {
        let (now, options) = (self.now(), self.inner.options.deadlines);
        let looked_at = self.inner.watch.looked_at.load(Ordering::Relaxed);
        let every = i64::try_from(options.every.as_micros()).unwrap_or(i64::MAX);
        let micros = now.timestamp_micros();
        // A clock that was put back must not keep everybody from looking.
        let fresh = (0..every).contains(&micros.saturating_sub(looked_at));
        if fresh {
            return;
        }
        // Of several workers that come at once, one looks.
        let mine = self.inner.watch.looked_at.compare_exchange(
            looked_at,
            micros,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if mine.is_err() {
            return;
        }
        if let Err(error) = self.look_at_deadlines(now).await {
            tracing::error!("the deadlines could not be looked at: {error}");
        }
    }

    async fn look_at_deadlines(&self, now: DateTime<Utc>) -> Result<()> {
        let options = self.inner.options.deadlines;
        let backlog = self.store().backlog(None, super::forecast::SLOT, now).await?;
        let overloaded = |yes| self.inner.watch.overloaded.store(yes, Ordering::Relaxed);
        let told = self.store().alarms(1).await?.pop();
        if backlog.slots.is_empty() && told.as_ref().is_none_or(|told| told.change == AlarmChange::Cleared) {
            overloaded(false);
            return Ok(());
        }
        let forecast = self.forecast_of(&backlog, options.margin_percent).await?;
        overloaded(project(&backlog, forecast.pace, now).will_miss > 0);
        let calm = self.is_calm(&forecast);
        let Some(change) = change(told.as_ref(), &forecast, calm, options) else { return Ok(()) };
        let mut entry = AlarmEntry {
            seq: told.as_ref().map_or(1, |told| told.seq + 1),
            at: now,
            change,
            will_miss: forecast.will_miss,
            first: forecast.first_missed,
            last: forecast.last_missed,
            message: forecast.sentence(),
        };
        if change == AlarmChange::Cleared {
            (entry.first, entry.last) = told.map_or((None, None), |told| (told.first, told.last));
        }
        if !self.store().put_alarm(&entry, entry.seq - 1).await? {
            return Ok(());
        }
        match change {
            AlarmChange::Cleared => tracing::info!("{}", entry.message),
            AlarmChange::Raised | AlarmChange::Worse => tracing::error!("{}", entry.message),
        }
        if let Some(alarms) = &self.inner.options.alarms {
            alarms.alarm(&Alarm { entry, forecast });
        }
        Ok(())
    }

    /// Whether no look foresaw a missed deadline for a while, this one included. After a start nobody has looked yet;
    /// then the time since the last alarm decides alone.
    fn is_calm(&self, forecast: &Forecast) -> bool {
        let foreseen_at = &self.inner.watch.foreseen_at;
        if forecast.will_miss > 0 {
            foreseen_at.store(forecast.at.timestamp_micros(), Ordering::Relaxed);
            return false;
        }
        let foreseen_at = DateTime::from_timestamp_micros(foreseen_at.load(Ordering::Relaxed));
        let calm = CALM.max(self.inner.watch.batch() * 2);
        foreseen_at.is_none_or(|at| forecast.at - at >= calm)
    }
}

/// What there is to tell after what was told last.
fn change(
    told: Option<&AlarmEntry>,
    forecast: &Forecast,
    calm: bool,
    options: DeadlineOptions,
) -> Option<AlarmChange> {
    let ahead = TimeDelta::from_std(options.ahead).unwrap_or(TimeDelta::MAX).max(TimeDelta::hours(1));
    let horizon = forecast.at.checked_add_signed(ahead).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let open = told.filter(|told| told.change != AlarmChange::Cleared);
    let near = |slot: &&SlotForecast| slot.will_miss > 0 && slot.first <= horizon;
    let Some(told) = open else {
        let lost_already = forecast.even_if_back.is_some_and(|count| count > 0);
        return (forecast.slots.iter().any(|slot| near(&slot)) || lost_already)
            .then_some(AlarmChange::Raised);
    };
    let since = forecast.at - told.at;
    if forecast.will_miss == 0 {
        return (calm && since >= CALM && forecast.out_since.is_none()).then_some(AlarmChange::Cleared);
    }
    let untold = |slot: &SlotForecast| {
        told.first.is_none_or(|first| slot.first < first) || told.last.is_none_or(|last| slot.last > last)
    };
    let sooner_or_later = forecast.slots.iter().filter(near).any(untold);
    let more = forecast.will_miss > told.will_miss + told.will_miss / GROWTH;
    (since >= UPDATES && (sooner_or_later || more)).then_some(AlarmChange::Worse)
}

impl Forecast {
    /// It in plain words for an operator, with times as in Lagos.
    #[must_use]
    pub fn sentence(&self) -> String {
        let late = match self.late {
            0 => String::new(),
            late => format!(" {late} are late already and follow as soon as possible."),
        };
        let Some(first) = self.first_missed else {
            return format!("All {} waiting B2C documents can be in time.{late}", self.waiting);
        };
        let (misses, waiting, first) = (self.will_miss, self.waiting, clock(first));
        let Some(since) = self.out_since else {
            let speed = self.pace.per_hour().unwrap_or(0);
            return format!(
                "At the present speed of {speed} documents an hour, {misses} of {waiting} waiting B2C documents will \
                 miss their deadline, the first at {first}.{late}"
            );
        };
        let even = match self.even_if_back {
            None | Some(0) => String::new(),
            // How fast it can be, nobody knows before it is asked to.
            Some(count) => {
                format!(
                    " Even if it comes back now, {count} of them will be late at the speed it had before."
                )
            }
        };
        format!(
            "The tax authority has not answered since {}, and {waiting} B2C documents wait: unless it comes back, the \
             first misses its deadline at {first}.{even}{late}",
            clock(since)
        )
    }
}

fn clock(at: DateTime<Utc>) -> String {
    at.with_timezone(&Lagos).format("%H:%M on %-d %B (Lagos)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::waiting::forecast::Pace;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    /// At `now`: slots as (deadline, documents, how many will miss).
    fn forecast(now: i64, slots: &[(i64, u64, u64)]) -> Forecast {
        let slots: Vec<_> = slots
            .iter()
            .map(|(first, waiting, will_miss)| SlotForecast {
                first: at(*first),
                last: at(first + 9),
                waiting: *waiting,
                will_miss: *will_miss,
                done_at: None,
            })
            .collect();
        let missed = || slots.iter().filter(|slot| slot.will_miss > 0);
        Forecast {
            at: at(now),
            out_since: None,
            pace: Pace::Measured { documents: 20, seconds: 60 },
            waiting: slots.iter().map(|slot| slot.waiting).sum(),
            will_miss: slots.iter().map(|slot| slot.will_miss).sum(),
            first_missed: missed().map(|slot| slot.first).next(),
            last_missed: missed().map(|slot| slot.last).next_back(),
            worst_seconds: None,
            late: 0,
            clearances: 0,
            unhurried: 0,
            stuck: 0,
            stuck_first: None,
            even_if_back: None,
            slots,
        }
    }

    /// What is told after `told`, and the entry that is stored then.
    fn tell(told: Option<&AlarmEntry>, forecast: &Forecast) -> Option<AlarmEntry> {
        let change = change(told, forecast, true, DeadlineOptions::default())?;
        Some(AlarmEntry {
            seq: 1,
            at: forecast.at,
            change,
            will_miss: forecast.will_miss,
            first: forecast.first_missed,
            last: forecast.last_missed,
            message: forecast.sentence(),
        })
    }

    #[test]
    fn an_alarm_is_raised_four_hours_ahead_and_not_before() {
        let misses = |now| forecast(now, &[(600, 50, 7)]);
        assert_eq!(tell(None, &misses(359)), None);
        assert_eq!(tell(None, &misses(360)).unwrap().change, AlarmChange::Raised);
        assert_eq!(tell(None, &forecast(360, &[(600, 50, 0)])), None);
    }

    #[test]
    fn it_is_raised_at_least_an_hour_ahead_whatever_the_host_sets() {
        let options = DeadlineOptions { ahead: Duration::ZERO, ..DeadlineOptions::default() };
        assert_eq!(change(None, &forecast(0, &[(60, 5, 1)]), false, options), Some(AlarmChange::Raised));
        assert_eq!(change(None, &forecast(0, &[(61, 5, 1)]), false, options), None);
    }

    #[test]
    fn an_outage_is_told_as_soon_as_some_are_lost_even_if_it_ended_now() {
        let out = |even_if_back| Forecast {
            out_since: Some(at(-60)),
            pace: Pace::Stopped,
            even_if_back,
            ..forecast(0, &[(900, 50, 50)])
        };
        assert_eq!(tell(None, &out(None)), None, "all may still be well");
        assert_eq!(tell(None, &out(Some(0))), None);
        assert_eq!(tell(None, &out(Some(3))).unwrap().change, AlarmChange::Raised);
    }

    #[test]
    fn an_episode_is_told_once_and_again_only_when_it_gets_worse() {
        let raised = tell(None, &forecast(0, &[(120, 50, 40)])).unwrap();
        let next =
            |now, slots: &[(i64, u64, u64)]| tell(Some(&raised), &forecast(now, slots)).map(|e| e.change);
        assert_eq!(next(30, &[(120, 50, 45)]), None, "about as bad");
        assert_eq!(next(10, &[(120, 90, 80)]), None, "not twice within a quarter of an hour");
        assert_eq!(next(30, &[(120, 90, 80)]), Some(AlarmChange::Worse), "more");
        assert_eq!(next(30, &[(90, 9, 1), (120, 50, 30)]), Some(AlarmChange::Worse), "sooner");
        assert_eq!(next(30, &[(120, 50, 30), (200, 9, 1)]), Some(AlarmChange::Worse), "later ones too");
        assert_eq!(next(30, &[(120, 50, 30), (900, 9, 1)]), None, "later ones, but there is time");
    }

    #[test]
    fn an_all_clear_ends_it_and_the_next_alarm_is_another() {
        let raised = tell(None, &forecast(0, &[(120, 50, 40)])).unwrap();
        let well = |now| forecast(now, &[(120, 50, 0)]);
        assert_eq!(tell(Some(&raised), &well(9)), None, "too soon to be sure");
        assert_eq!(
            change(Some(&raised), &well(30), false, DeadlineOptions::default()),
            None,
            "a moment ago it was not well"
        );
        let out = Forecast { out_since: Some(at(5)), ..well(30) };
        assert_eq!(tell(Some(&raised), &out), None, "not while the authority is out");
        let cleared = tell(Some(&raised), &well(10)).unwrap();
        assert_eq!(cleared.change, AlarmChange::Cleared);
        assert_eq!(tell(Some(&cleared), &well(11)), None);
        assert_eq!(tell(Some(&cleared), &forecast(12, &[(120, 50, 1)])).unwrap().change, AlarmChange::Raised);
    }

    #[test]
    fn the_sentence_says_how_many_and_when_in_lagos() {
        let at_speed = forecast(0, &[(125, 50, 7), (300, 10, 0)]);
        assert_eq!(
            at_speed.sentence(),
            "At the present speed of 1200 documents an hour, 7 of 60 waiting B2C documents will miss their deadline, the \
             first at 14:11 on 18 November (Lagos)."
        );
        let out = Forecast {
            out_since: Some(at(-60)),
            pace: Pace::Stopped,
            even_if_back: Some(3),
            late: 2,
            ..forecast(0, &[(125, 50, 50)])
        };
        assert_eq!(
            out.sentence(),
            "The tax authority has not answered since 11:06 on 18 November (Lagos), and 50 B2C documents wait: unless it \
             comes back, the first misses its deadline at 14:11 on 18 November (Lagos). Even if it comes back now, 3 of \
             them will be late at the speed it had before. 2 are late already and follow as soon as possible."
        );
        assert_eq!(forecast(0, &[(125, 50, 0)]).sentence(), "All 50 waiting B2C documents can be in time.");
    }
}
