//! Rate limits in simulated time: so many calls in a rolling window, so many searches a second, so many calls a day.

use crate::world::lock;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Mutex};

/// Every switch of a platform's limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LimitSettings {
    /// Whether a call beyond a limit is refused; without it, only headers tell.
    pub enforced: bool,
    /// So many calls in a window.
    pub burst: u32,
    /// The same for callers with an OAuth token.
    pub burst_oauth: u32,
    /// The window.
    pub burst_milliseconds: u32,
    /// So many calls a day, of callers without an OAuth token; `null`: no limit. Pipedrive counts what each call costs.
    pub daily: Option<u32>,
    /// Whether calls with an OAuth token count for the day, too.
    pub daily_of_all: bool,
    /// When the day begins: minutes that the account's clock is ahead of UTC.
    pub day_begins_minutes: i32,
    /// So many searches a second; they count in no other limit. `null`: a search is a call like any other.
    pub searches: Option<u32>,
    /// `Retry-After` of a refusal; `null`: none.
    pub retry_after_seconds: Option<u32>,
    /// Whoever goes on after so many refusals in a row meets the shield before the platform; `null`: there is none.
    pub shield_after: Option<u32>,
    /// For so long the shield lets nothing through.
    pub shield_seconds: u32,
}

/// Square publishes no numbers: these are invented.
pub(crate) fn square() -> LimitSettings {
    LimitSettings {
        enforced: false,
        burst: 50,
        burst_oauth: 50,
        burst_milliseconds: 1000,
        daily: None,
        daily_of_all: false,
        day_begins_minutes: 0,
        searches: None,
        retry_after_seconds: None,
        shield_after: None,
        shield_seconds: 60,
    }
}

/// A private app of a professional account, and a public one; the account keeps Lagos time.
pub(crate) fn hubspot() -> LimitSettings {
    LimitSettings {
        burst: 190,
        burst_oauth: 110,
        burst_milliseconds: 10_000,
        daily: Some(625_000),
        day_begins_minutes: 60,
        searches: Some(5),
        ..square()
    }
}

/// One seat on Pipedrive's smallest plan: 20 calls in two seconds, 80 with OAuth, and 30,000 tokens a day for everybody
/// together. When its day begins and when its shield goes up are assumed.
pub(crate) fn pipedrive() -> LimitSettings {
    LimitSettings {
        burst: 20,
        burst_oauth: 80,
        burst_milliseconds: 2000,
        daily: Some(30_000),
        daily_of_all: true,
        shield_after: Some(20),
        ..square()
    }
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    Burst,
    Daily,
    Searches,
    /// Too many calls came in spite of refusals.
    Shield,
}

/// A call, as far as limits go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    /// Whether it carries an OAuth token.
    pub(crate) oauth: bool,
    /// Whether it is a search.
    pub(crate) search: bool,
    /// What it takes of the day.
    pub(crate) cost: u32,
}

/// What is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) burst: u32,
    pub(crate) remaining: u32,
    /// Until the oldest call of the window is forgotten.
    pub(crate) reset_seconds: u32,
    /// Of the day: how much there is, and how much is left.
    pub(crate) daily: Option<(u32, u32)>,
}

#[derive(Debug, Default)]
struct Used {
    calls: VecDeque<DateTime<Utc>>,
    searches: VecDeque<DateTime<Utc>>,
    day: Option<NaiveDate>,
    today: u32,
    /// Refusals since the last call that was let through.
    refused: u32,
    shielded_until: Option<DateTime<Utc>>,
}

/// The limits of one account and what is used of them.
#[derive(Debug)]
pub(crate) struct Limits(Mutex<(LimitSettings, Used)>);

fn forget(times: &mut VecDeque<DateTime<Utc>>, before: DateTime<Utc>) {
    while times.front().is_some_and(|at| *at <= before) {
        times.pop_front();
    }
}

fn count(times: &VecDeque<DateTime<Utc>>) -> u32 {
    u32::try_from(times.len()).unwrap_or(u32::MAX)
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self(Mutex::new((settings, Used::default())))
    }

    pub(crate) fn settings(&self) -> LimitSettings {
        lock(&self.0).0.clone()
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut LimitSettings)) {
        change(&mut lock(&self.0).0);
    }

    /// Counts a call, or says which limit refuses it; what is refused does not count.
    pub(crate) fn call(&self, now: DateTime<Utc>, call: Weight) -> Option<Reached> {
        let (settings, used) = &mut *lock(&self.0);
        used.pass(settings, now);
        let search = call.search.then_some(settings.searches).flatten();
        let of_day = !call.oauth || settings.daily_of_all;
        let reached = match search {
            Some(most) if count(&used.searches) >= most => Some(Reached::Searches),
            Some(_) => None,
            None if of_day && settings.daily.is_some_and(|most| used.today >= most) => Some(Reached::Daily),
            None if count(&used.calls) >= settings.burst_of(call.oauth) => Some(Reached::Burst),
            None => None,
        };
        if settings.enforced && (reached.is_some() || used.shielded_until.is_some()) {
            return used.refuse(settings, now, reached);
        }
        used.refused = 0;
        if search.is_some() {
            used.searches.push_back(now);
        } else {
            used.calls.push_back(now);
            used.today = used.today.saturating_add(if of_day { call.cost } else { 0 });
        }
        None
    }

    /// What is left to a caller.
    pub(crate) fn left(&self, now: DateTime<Utc>, oauth: bool) -> Left {
        let (settings, used) = &mut *lock(&self.0);
        used.pass(settings, now);
        let burst = settings.burst_of(oauth);
        let window = TimeDelta::milliseconds(i64::from(settings.burst_milliseconds));
        let reset = used.calls.front().map_or(TimeDelta::zero(), |first| *first + window - now);
        Left {
            burst,
            remaining: burst.saturating_sub(count(&used.calls)),
            // Whole seconds, and never one too few.
            reset_seconds: u32::try_from((reset.num_milliseconds() + 999) / 1000).unwrap_or(0),
            daily: settings
                .daily
                .filter(|_| !oauth || settings.daily_of_all)
                .map(|daily| (daily, daily.saturating_sub(used.today))),
        }
    }

    /// HubSpot's headers: those of the day only without OAuth.
    pub(crate) fn headers(&self, now: DateTime<Utc>, oauth: bool) -> Vec<(&'static str, u32)> {
        let left = self.left(now, oauth);
        let mut headers = vec![
            ("x-hubspot-ratelimit-interval-milliseconds", self.settings().burst_milliseconds),
            ("x-hubspot-ratelimit-max", left.burst),
            ("x-hubspot-ratelimit-remaining", left.remaining),
        ];
        if let Some((daily, remaining)) = left.daily {
            headers.push(("x-hubspot-ratelimit-daily", daily));
            headers.push(("x-hubspot-ratelimit-daily-remaining", remaining));
        }
        headers
    }
}

impl LimitSettings {
    fn burst_of(&self, oauth: bool) -> u32 {
        if oauth { self.burst_oauth } else { self.burst }
    }
}

impl Used {
    /// Counts a refusal; after so many of them the shield goes up.
    fn refuse(
        &mut self,
        settings: &LimitSettings,
        now: DateTime<Utc>,
        reached: Option<Reached>,
    ) -> Option<Reached> {
        if self.shielded_until.is_some() {
            return Some(Reached::Shield);
        }
        self.refused = self.refused.saturating_add(1);
        if settings.shield_after.is_some_and(|most| self.refused > most) {
            self.shielded_until = Some(now + TimeDelta::seconds(i64::from(settings.shield_seconds)));
            return Some(Reached::Shield);
        }
        reached
    }

    fn pass(&mut self, settings: &LimitSettings, now: DateTime<Utc>) {
        forget(&mut self.calls, now - TimeDelta::milliseconds(i64::from(settings.burst_milliseconds)));
        forget(&mut self.searches, now - TimeDelta::seconds(1));
        if self.shielded_until.is_some_and(|until| now >= until) {
            (self.shielded_until, self.refused) = (None, 0);
        }
        let day = (now + TimeDelta::minutes(i64::from(settings.day_begins_minutes))).date_naive();
        if self.day != Some(day) {
            (self.day, self.today) = (Some(day), 0);
        }
    }
}
