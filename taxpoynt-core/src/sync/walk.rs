//! The way through everything that changed in a window, page by page.

use super::window::Window;
use crate::{
    Error, ErrorKind, Result,
    connector::{Batch, Pull, PullOrder, PullRules},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const OPERATION: &str = "sync.walk";

/// Cursors that expire one after the other before the pull is given up for now.
const LOST: u32 = 5;

/// Where a pull stands. Its JSON is the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// What is left to list; the first is under way.
    parts: Vec<String>,
    /// What is asked of each part.
    whole: Window,
    /// What is left of the part under way, the next one last.
    todo: Vec<Window>,
    step: Step,
    /// No change is later than this; where an open window is split.
    ceiling: DateTime<Utc>,
    #[serde(default)]
    lost: u32,
}

/// How the next page of the window under way is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// By time: the first page of the window, which begins where the last page ended.
    Time,
    /// By the platform's cursor, because the page before told no time to go on from.
    Follow { cursor: String },
    /// By id.
    Id { after: String },
    /// From end to end by cursors, until two readings agree.
    Scan { cursor: Option<String>, reading: Reading, before: Option<Reading> },
}

/// What one reading of a window held: how many rows, and a sum over them that no order changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Reading {
    rows: u64,
    sum: u64,
}

impl Reading {
    fn add(&mut self, id: &str, at: Option<DateTime<Utc>>) {
        let stamp = at.map_or(i64::MIN, |at| at.timestamp_micros());
        let digest = Sha256::new().chain_update(stamp.to_be_bytes()).chain_update(id).finalize();
        let head = digest.iter().take(8).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        self.rows += 1;
        self.sum = self.sum.wrapping_add(head);
    }
}

/// What a page held, as far as the way goes on from it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Ids and times of change, in the page's order; rows that could not be read have no time and come last.
    pub rows: Vec<(String, Option<DateTime<Utc>>)>,
    /// The platform's cursor; none on the last page.
    pub next: Option<String>,
    /// The matches of the query, where it says so.
    pub total: Option<u64>,
    /// The last id, in the platform's order.
    pub last_id: Option<String>,
}

impl Seen {
    /// What a batch held.
    #[must_use]
    pub fn of(batch: &Batch) -> Self {
        let read = batch.records.iter().map(|raw| (raw.key.id.clone(), raw.modified_at));
        let unread = batch.failed.iter().map(|(key, _)| (key.id.clone(), None));
        Self {
            rows: read.chain(unread).collect(),
            next: batch.next.clone(),
            total: batch.total,
            last_id: batch.last_id.clone(),
        }
    }

    /// The latest time on it.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.rows.iter().filter_map(|(_, at)| *at).max()
    }

    /// The time of the last row that has one, where the rows are in order of time: everything before it was read.
    fn anchor(&self) -> Option<DateTime<Utc>> {
        let times = || self.rows.iter().filter_map(|(_, at)| *at);
        if times().is_sorted() { times().next_back() } else { None }
    }
}

impl Walk {
    /// The way through `window` of each of `parts`. No change is later than `ceiling`.
    #[must_use]
    pub fn new(window: Window, parts: Vec<String>, ceiling: DateTime<Utc>, rules: &PullRules) -> Self {
        let step = Step::first(rules);
        let todo = if parts.is_empty() { Vec::new() } else { vec![window] };
        Self { parts, whole: window, todo, step, ceiling, lost: 0 }
    }

    /// The next page; none at the end.
    #[must_use]
    pub fn ask(&self) -> Option<Pull> {
        let (part, window) = (self.parts.first()?, self.todo.last()?);
        let (order, checkpoint) = match &self.step {
            Step::Time => (PullOrder::Time, None),
            Step::Follow { cursor } => (PullOrder::Time, Some(cursor.clone())),
            Step::Id { after } => (PullOrder::Id { after: after.clone() }, None),
            Step::Scan { cursor, .. } => (PullOrder::Time, cursor.clone()),
        };
        let part = Some(part.clone());
        Some(Pull { since: window.since, until: window.until, part, order, checkpoint })
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.parts.is_empty()
    }

    /// Everything that changed before this time was read in the part under way; none where nothing is known yet.
    #[must_use]
    pub fn reached(&self) -> Option<DateTime<Utc>> {
        self.todo.last().and_then(|window| window.since)
    }

    /// How many parts are left, the one under way among them.
    #[must_use]
    pub fn parts_left(&self) -> usize {
        self.parts.len()
    }

    /// Goes on after a page.
    ///
    /// # Errors
    /// `Platform` where the platform repeats itself, or holds more in one moment than it gives.
    pub fn advance(&mut self, rules: &PullRules, page: &Seen) -> Result<()> {
        self.lost = 0;
        let Some(window) = self.todo.last().copied() else { return Ok(()) };
        match std::mem::replace(&mut self.step, Step::Time) {
            Step::Time => self.after_time(rules, page, window, None),
            Step::Follow { cursor } => self.after_time(rules, page, window, Some(cursor)),
            Step::Id { after } => self.after_id(rules, page, &after),
            Step::Scan { cursor, reading, before } => {
                self.after_scan(rules, page, window, cursor, reading, before)
            }
        }
    }

    /// The platform does not take its cursor any more: begins again before it.
    ///
    /// # Errors
    /// `Platform` where that happens again and again.
    pub fn lose_cursor(&mut self) -> Result<()> {
        self.lost += 1;
        if self.lost > LOST {
            return Err(trouble("the platform's page cursors expire before they can be used"));
        }
        match &mut self.step {
            Step::Follow { .. } => self.step = Step::Time,
            Step::Scan { cursor, reading, .. } => (*cursor, *reading) = (None, Reading::default()),
            Step::Time | Step::Id { .. } => {}
        }
        Ok(())
    }

    fn after_time(
        &mut self,
        rules: &PullRules,
        page: &Seen,
        window: Window,
        cursor: Option<String>,
    ) -> Result<()> {
        let Some(next) = &page.next else {
            self.finish_window(rules);
            return Ok(());
        };
        match page.anchor() {
            Some(last) if window.since.is_none_or(|since| last > since) => {
                self.replace(Window { since: Some(last), ..window });
                self.step = Step::Time;
            }
            Some(last) if window.since == Some(last) => self.enter_moment(rules, window),
            // Also where the platform lists what is older than was asked for: then times are no way through its list.
            _ if cursor.as_ref() == Some(next) => return Err(repeats()),
            _ => self.step = Step::Follow { cursor: next.clone() },
        }
        Ok(())
    }

    /// One moment fills a page: it is read on its own, then what follows it.
    fn enter_moment(&mut self, rules: &PullRules, window: Window) {
        let Some(at) = window.since else { return };
        self.replace(Window { since: at.checked_add_signed(step(rules)), ..window });
        self.todo.push(Window::moment(at));
        self.step = Step::whole(rules);
    }

    fn after_id(&mut self, rules: &PullRules, page: &Seen, after: &str) -> Result<()> {
        if page.next.is_none() {
            self.finish_window(rules);
            return Ok(());
        }
        let last = page.last_id.clone().filter(|last| last != after).ok_or_else(repeats)?;
        self.step = Step::Id { after: last };
        Ok(())
    }

    fn after_scan(
        &mut self,
        rules: &PullRules,
        page: &Seen,
        window: Window,
        cursor: Option<String>,
        mut reading: Reading,
        before: Option<Reading>,
    ) -> Result<()> {
        page.rows.iter().for_each(|(id, at)| reading.add(id, *at));
        let matches = page.total.unwrap_or(0).max(reading.rows + u64::from(page.next.is_some()));
        if rules.cap.is_some_and(|cap| matches > cap) {
            return self.split(rules, window);
        }
        match &page.next {
            Some(next) if cursor.as_ref() == Some(next) => return Err(repeats()),
            Some(next) => self.step = Step::Scan { cursor: Some(next.clone()), reading, before },
            // One page is one look: nothing can have shifted.
            None if cursor.is_none() || before == Some(reading) => self.finish_window(rules),
            None => {
                let before = Some(reading);
                self.step = Step::Scan { cursor: None, reading: Reading::default(), before };
            }
        }
        Ok(())
    }

    fn split(&mut self, rules: &PullRules, window: Window) -> Result<()> {
        if let Some((early, late)) = window.halves(step(rules), self.ceiling) {
            self.todo.pop();
            self.todo.extend([late, early]);
            self.step = Step::first(rules);
        } else if rules.by_id {
            self.step = Step::Id { after: String::new() };
        } else {
            let error =
                trouble("more records changed in one moment than the platform lists: ask its support");
            return Err(error.with("moment", window.since.map(|at| at.to_rfc3339()).unwrap_or_default()));
        }
        Ok(())
    }

    fn replace(&mut self, window: Window) {
        self.todo.pop();
        if !window.is_empty() {
            self.todo.push(window);
        }
    }

    fn finish_window(&mut self, rules: &PullRules) {
        self.todo.pop();
        if self.todo.is_empty() && !self.parts.is_empty() {
            self.parts.remove(0);
            if !self.parts.is_empty() {
                self.todo.push(self.whole);
            }
        }
        self.step = Step::first(rules);
    }
}

impl Step {
    /// The best way through a window.
    fn first(rules: &PullRules) -> Self {
        if rules.by_time { Self::Time } else { Self::whole(rules) }
    }

    /// Without going by time.
    fn whole(rules: &PullRules) -> Self {
        if rules.by_id {
            Self::Id { after: String::new() }
        } else {
            Self::Scan { cursor: None, reading: Reading::default(), before: None }
        }
    }
}

fn step(rules: &PullRules) -> TimeDelta {
    TimeDelta::from_std(rules.resolution)
        .unwrap_or(TimeDelta::milliseconds(1))
        .max(TimeDelta::microseconds(1))
}

fn repeats() -> Error {
    trouble("the platform repeats the same page cursor")
}

fn trouble(message: &str) -> Error {
    Error::new(ErrorKind::Platform, OPERATION, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a list of times, two a page, with a platform that filters by time or does not; the calls it took.
    fn read(filters: bool) -> Option<(usize, usize)> {
        let at = |second: i64| DateTime::from_timestamp(second, 0).unwrap();
        let all: Vec<_> = (0..7).map(|nth| (nth.to_string(), Some(at(100 + nth / 3)))).collect();
        let rules = PullRules::DEFAULT;
        let mut walk = Walk::new(Window { since: None, until: None }, vec![String::new()], at(9_999), &rules);
        let (mut calls, mut seen) = (0, std::collections::BTreeSet::new());
        while let Some(pull) = walk.ask() {
            calls += 1;
            if calls > 50 {
                return None;
            }
            let fits = |time: &Option<DateTime<Utc>>| {
                !filters
                    || (pull.since.is_none_or(|since| *time >= Some(since))
                        && pull.until.is_none_or(|until| *time <= Some(until)))
            };
            let matching: Vec<_> = all.iter().filter(|(_, time)| fits(time)).cloned().collect();
            let start: usize = pull.checkpoint.as_deref().map_or(0, |cursor| cursor.parse().unwrap());
            let rows: Vec<_> = matching.iter().skip(start).take(2).cloned().collect();
            let next = (start + 2 < matching.len()).then(|| (start + 2).to_string());
            seen.extend(rows.iter().map(|(id, _)| id.clone()));
            walk.advance(&rules, &Seen { rows, next, total: None, last_id: None }).unwrap();
        }
        Some((seen.len(), calls))
    }

    #[test]
    fn a_platform_that_lists_what_was_not_asked_for_is_read_to_its_end_all_the_same() {
        assert_eq!(read(true).map(|(seen, _)| seen), Some(7));
        assert_eq!(read(false).map(|(seen, _)| seen), Some(7));
    }
}
