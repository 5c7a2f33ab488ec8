//! Says in time that deadlines are going to be missed. The workers look, between two claims; nothing runs for it alone.

use super::{
    Engine,
    forecast::{Forecast, project},
};
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
pub(super) struct Watch {
    /// When somebody looked last, in microseconds.
    looked_at: AtomicI64,
    /// Recoveries of the authority that were seen.
    pub(super) recoveries: AtomicU64,
    /// Whether at the present speed not all can be in time.
    pub(super) overloaded: AtomicBool,
    /// How long a batch took lately, in microseconds.
    pub(super) batch: AtomicU64,
}

/// An alarm grows by more than this part of what was told, or it is not told again.
const GROWTH: u64 = 4;

/// However fast it gets worse, it is told this often at most.
const UPDATES: TimeDelta = TimeDelta::minutes(15);

/// An all-clear follows an alarm this much later at the soonest, so that a speed at the limit does not make two a minute.
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
    pub(super) async fn watch_deadlines(&self) {
        let (now, options) = (self.now(), self.inner.options.deadlines);
        let looked_at = self.inner.watch.looked_at.load(Ordering::Relaxed);
        let every = i64::try_from(options.every.as_micros()).unwrap_or(i64::MAX);
        let micros = now.timestamp_micros();
        // A clock that was put back must not keep everybody from looking.
        let fresh = (0..every).contains(&micros.saturating_sub(looked_at));
        let exchange = self.inner.watch.looked_at.compare_exchange(
            looked_at,
            micros,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if fresh || exchange.is_err() {
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
        let Some(change) = change(told.as_ref(), &forecast, options) else { return Ok(()) };
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
}

/// What there is to tell after what was told last.
fn change(told: Option<&AlarmEntry>, forecast: &Forecast, options: DeadlineOptions) -> Option<AlarmChange> {
    let ahead = TimeDelta::from_std(options.ahead).unwrap_or(TimeDelta::MAX).max(TimeDelta::hours(1));
    let horizon = forecast.at.checked_add_signed(ahead).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let open = told.filter(|told| told.change != AlarmChange::Cleared);
    let near = |slot: &&super::SlotForecast| slot.will_miss > 0 && slot.first <= horizon;
    let Some(told) = open else {
        let lost_already = forecast.even_if_back.is_some_and(|count| count > 0);
        return (forecast.slots.iter().any(|slot| near(&slot)) || lost_already)
            .then_some(AlarmChange::Raised);
    };
    let since = forecast.at - told.at;
    if forecast.will_miss == 0 {
        return (since >= CALM && forecast.out_since.is_none()).then_some(AlarmChange::Cleared);
    }
    let untold = |slot: &super::SlotForecast| {
        told.first.is_none_or(|first| slot.first < first) || told.last.is_none_or(|last| slot.last > last)
    };
    let sooner_or_later = forecast.slots.iter().filter(near).any(|slot| untold(slot));
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
            Some(count) => format!(" Even if it comes back now, {count} of them will be late."),
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
