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
    /// So many calls a day, of callers without an OAuth token; `null`: no limit.
    pub daily: Option<u32>,
    /// When the day begins: minutes that the account's clock is ahead of UTC.
    pub day_begins_minutes: i32,
    /// So many searches a second; they count in no other limit. `null`: a search is a call like any other.
    pub searches: Option<u32>,
    /// `Retry-After` of a refusal; `null`: none.
    pub retry_after_seconds: Option<u32>,
}

/// Square publishes no numbers: these are invented.
pub(crate) fn square() -> LimitSettings {
    LimitSettings {
        enforced: false,
        burst: 50,
        burst_oauth: 50,
        burst_milliseconds: 1000,
        daily: None,
        day_begins_minutes: 0,
        searches: None,
        retry_after_seconds: None,
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

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    Burst,
    Daily,
    Searches,
}

#[derive(Debug, Default)]
struct Used {
    calls: VecDeque<DateTime<Utc>>,
    searches: VecDeque<DateTime<Utc>>,
    day: Option<NaiveDate>,
    today: u32,
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
    pub(crate) fn call(&self, now: DateTime<Utc>, oauth: bool, search: bool) -> Option<Reached> {
        let (settings, used) = &mut *lock(&self.0);
        used.pass(settings, now);
        let search = search.then_some(settings.searches).flatten();
        let burst = if oauth { settings.burst_oauth } else { settings.burst };
        let reached = match search {
            Some(most) if count(&used.searches) >= most => Some(Reached::Searches),
            Some(_) => None,
            None if !oauth && settings.daily.is_some_and(|most| used.today >= most) => Some(Reached::Daily),
            None if count(&used.calls) >= burst => Some(Reached::Burst),
            None => None,
        };
        if settings.enforced && reached.is_some() {
            return reached;
        }
        if search.is_some() {
            used.searches.push_back(now);
        } else {
            used.calls.push_back(now);
            used.today = used.today.saturating_add(u32::from(!oauth));
        }
        None
    }

    /// HubSpot's headers: those of the day only without OAuth.
    pub(crate) fn headers(&self, now: DateTime<Utc>, oauth: bool) -> Vec<(&'static str, u32)> {
        let (settings, used) = &mut *lock(&self.0);
        used.pass(settings, now);
        let burst = if oauth { settings.burst_oauth } else { settings.burst };
        let mut headers = vec![
            ("x-hubspot-ratelimit-interval-milliseconds", settings.burst_milliseconds),
            ("x-hubspot-ratelimit-max", burst),
            ("x-hubspot-ratelimit-remaining", burst.saturating_sub(count(&used.calls))),
        ];
        if let Some(daily) = settings.daily.filter(|_| !oauth) {
            headers.push(("x-hubspot-ratelimit-daily", daily));
            headers.push(("x-hubspot-ratelimit-daily-remaining", daily.saturating_sub(used.today)));
        }
        headers
    }
}

impl Used {
    fn pass(&mut self, settings: &LimitSettings, now: DateTime<Utc>) {
        forget(&mut self.calls, now - TimeDelta::milliseconds(i64::from(settings.burst_milliseconds)));
        forget(&mut self.searches, now - TimeDelta::seconds(1));
        let day = (now + TimeDelta::minutes(i64::from(settings.day_begins_minutes))).date_naive();
        if self.day != Some(day) {
            (self.day, self.today) = (Some(day), 0);
        }
    }
}
