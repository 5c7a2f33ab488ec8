//! The platform's desk: answers calls in this process, as strictly as its manners say, while its book changes under them.

use super::{
    book::{Book, Sale, Version},
    manners::{Header, Manners, Order, Sabotage},
};
use crate::{Random, TestClock};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::DateTime;
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use taxpoynt_core::{Clock, Error, ErrorKind, Result, http::HttpService};
use tokio::sync::Notify;

/// What a proof must have met.
pub const MUST_HAPPEN: [&str; 15] = [
    "late commit",
    "late listing",
    "equal stamps",
    "offline till",
    "change while a page is read",
    "deleted",
    "restored",
    "webhook",
    "webhook twice",
    "webhook lost",
    "call failed",
    "process died",
    "cursor expired",
    "import",
    "future stamp",
];

/// A webhook on its way.
#[derive(Debug, Clone)]
pub struct Letter {
    pub event: String,
    pub id: u64,
    pub due: i64,
}

/// Ids from here on carry a stamp of the future.
const BLUNDERED: u64 = 999_000_000;

/// What changes.
pub struct State {
    pub book: Book,
    pub random: Random,
    /// The platform's time in milliseconds.
    pub now: i64,
    pub letters: Vec<Letter>,
    pub happened: BTreeMap<&'static str, u64>,
    /// Calls that no correct connector makes.
    pub wrong: Vec<String>,
    pub story: Option<Vec<String>>,
    calls: u64,
    events: u64,
    last_stamp: i64,
    cursors: BTreeMap<u64, (usize, String)>,
    /// From now on everything goes well.
    pub calm: bool,
    dead: bool,
}

/// The platform.
pub struct Desk {
    pub manners: Manners,
    clock: Arc<TestClock>,
    state: Mutex<State>,
    died: Notify,
}

impl Desk {
    pub fn new(
        manners: Manners,
        random: Random,
        clock: Arc<TestClock>,
        begun: i64,
        tells: bool,
    ) -> Arc<Self> {
        let state = State {
            book: Book::default(),
            random,
            now: begun,
            letters: Vec::new(),
            happened: BTreeMap::new(),
            wrong: Vec::new(),
            story: tells.then(Vec::new),
            calls: 0,
            events: 0,
            last_stamp: begun,
            cursors: BTreeMap::new(),
            calm: false,
            dead: false,
        };
        Arc::new(Self { manners, clock, state: Mutex::new(state), died: Notify::new() })
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when a process died.
    pub async fn death(&self) {
        self.died.notified().await;
    }

    /// The next process finds the network as it was.
    pub fn bury(&self) {
        self.lock().dead = false;
    }

    /// Lets time pass, here and there.
    pub fn pass(&self, millis: i64) {
        self.clock.advance(std::time::Duration::from_millis(millis.unsigned_abs()));
        self.lock().now += millis;
    }

    fn answer(&self, request: &Request<Bytes>) -> (StatusCode, Value) {
        let mut state = self.lock();
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let path = request.uri().path().to_owned();
        state.tell(|| format!("call {path} {body}"));
        match path.as_str() {
            "/me" => (StatusCode::OK, json!({"id": "the shop"})),
            "/search" => state.search(&self.manners, &body),
            "/deleted" => {
                let now = state.now;
                let gone = if self.manners.sabotage == Sabotage::NoSweep {
                    Vec::new()
                } else {
                    state.book.gone(now)
                };
                (StatusCode::OK, json!({"ids": gone}))
            }
            _ => {
                let id = path.trim_start_matches("/sales/").parse().unwrap_or_default();
                let now = state.now;
                match state.book.find(id, now) {
                    Some((id, number, version)) => (StatusCode::OK, shown(id, number, version)),
                    None => (StatusCode::NOT_FOUND, json!({"code": "NOT_FOUND", "message": "no such sale"})),
                }
            }
        }
    }

    fn date(&self, now: i64) -> Option<String> {
        let at = match self.manners.header {
            Header::Missing => return None,
            Header::Right => now,
            Header::Off(by) => now + by,
            Header::Ours => self.clock.now().timestamp_millis(),
        };
        let at = DateTime::from_timestamp_millis(at)?;
        Some(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }
}

/// A sale as the platform writes it.
fn shown(id: u64, number: usize, version: &Version) -> Value {
    json!({"id": id.to_string(), "version": number, "stamp": version.stamp, "amount": version.amount,
        "closed": version.closed})
}

#[async_trait]
impl HttpService for Desk {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let before = self.lock().before(&self.manners);
        match before {
            Weather::Fair => {}
            Weather::Refused => {
                return Err(Error::new(ErrorKind::Unavailable, "desk", "the line is dead"));
            }
            Weather::Death => {
                self.died.notify_one();
                return std::future::pending().await;
            }
        }
        let (status, body) = self.answer(&request);
        let died = self.lock().after(&self.manners);
        if died {
            self.died.notify_one();
            return std::future::pending().await;
        }
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = status;
        let now = self.lock().now;
        if let Some(date) = self.date(now).and_then(|date| date.parse().ok()) {
            response.headers_mut().insert(header::DATE, date);
        }
        Ok(response)
    }
}

enum Weather {
    Fair,
    Refused,
    Death,
}

impl State {
    pub fn note(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:>12} {}", self.now % 1_000_000_000, what()));
        }
    }

    fn before(&mut self, manners: &Manners) -> Weather {
        self.calls += 1;
        self.now += 1;
        if self.dead {
            return Weather::Death;
        }
        if self.calm {
            return Weather::Fair;
        }
        self.stir(manners);
        if self.random.one_in(manners.fails) {
            self.note("call failed");
            return Weather::Refused;
        }
        self.dies(manners).map_or(Weather::Fair, |()| Weather::Death)
    }

    fn after(&mut self, manners: &Manners) -> bool {
        if self.calm || self.dead {
            return self.dead;
        }
        self.stir(manners);
        self.dies(manners).is_some()
    }

    /// The process that called is no more: no call of it goes out or comes back from now on.
    fn dies(&mut self, manners: &Manners) -> Option<()> {
        if manners.deadly == 0 || !self.random.one_in(2 * manners.deadly) {
            return None;
        }
        self.note("process died");
        self.tell(|| "the process dies".to_owned());
        self.dead = true;
        Some(())
    }

    fn stir(&mut self, manners: &Manners) {
        if self.random.one_in(2 * manners.lively) {
            self.note("change while a page is read");
            self.change(manners);
        }
    }

    /// Something happens at the shop.
    pub fn change(&mut self, manners: &Manners) {
        let known: Vec<u64> = self.book.sales.keys().copied().collect();
        match self.random.below(10) {
            0..=3 => self.sell(manners, 1),
            4 if self.random.one_in(4) => {
                let crowd = 2 + self.random.below(manners.crowd);
                self.sell(manners, crowd);
            }
            9 if manners.rules.deletes && !known.is_empty() => {
                let id = *self.random.pick(&known);
                self.remove(manners, id);
            }
            _ if !known.is_empty() => {
                let id = *self.random.pick(&known);
                self.modify(manners, id);
            }
            _ => self.sell(manners, 1),
        }
    }

    /// A stamp of now, or the same as the last one where that is not long ago.
    fn stamp(&mut self, manners: &Manners) -> i64 {
        // One that can sort neither by time nor by id is not asked for more of one moment than it gives.
        let sales = self.book.sales.values().flat_map(|sale| &sale.versions);
        let crowd = sales.filter(|version| version.stamp == self.last_stamp).count();
        let full = manners.rules.cap.is_some() && !manners.rules.by_id && crowd >= manners.page;
        if !full && self.now - self.last_stamp < 1_000 && self.random.one_in(2) {
            self.note("equal stamps");
            return self.last_stamp;
        }
        // Two crowds are not of one moment.
        self.now += i64::from(self.now == self.last_stamp);
        self.last_stamp = self.now;
        self.now
    }

    /// When a change stamped so is committed and listed.
    fn delays(&mut self, manners: &Manners, stamp: i64) -> (i64, i64) {
        let room = (stamp + manners.latest - self.now).max(0);
        let commit = if self.random.one_in(4) { self.random.between(0, room) } else { 0 };
        let committed = self.now + commit;
        let lag = if self.random.one_in(3) { self.random.between(0, room - commit) } else { 0 };
        if commit > 0 {
            self.note("late commit");
        }
        if lag > 0 {
            self.note("late listing");
        }
        (committed, committed + lag)
    }

    pub fn sell(&mut self, manners: &Manners, count: usize) {
        let stamp = self.stamp(manners);
        for _ in 0..count {
            let id = 1_000 + self.book.sales.len() as u64 * 7;
            let version = self.version(manners, stamp);
            self.tell(|| format!("sells {id} {version:?}"));
            self.write(manners, id, version.committed);
            self.book.sales.insert(id, Sale { versions: vec![version], deleted: None });
        }
    }

    fn version(&mut self, manners: &Manners, stamp: i64) -> Version {
        let (mut committed, mut listed) = self.delays(manners, stamp);
        let mut stamp = stamp;
        if manners.offline > 0 && self.random.one_in(6) {
            // It was sold some time ago, and the platform keeps that time.
            self.note("offline till");
            stamp = self.now - self.random.between(0, manners.offline);
            (committed, listed) = (self.now, self.now);
        }
        Version {
            stamp,
            committed,
            listed,
            amount: self.random.between(100, 99_999),
            closed: !self.random.one_in(4),
        }
    }

    fn modify(&mut self, manners: &Manners, id: u64) {
        let stamp = self.stamp(manners);
        let (committed, listed) = self.delays(manners, stamp);
        let Some(sale) = self.book.sales.get(&id) else { return };
        let Some(last) = sale.versions.last() else { return };
        // A platform locks a row that is being written, and nobody changes what was deleted.
        if sale.deleted.is_some() || last.committed > self.now || last.stamp > stamp {
            return;
        }
        let listed = listed.max(last.listed);
        let (amount, closed) = (self.random.between(100, 99_999), last.closed || !self.random.one_in(3));
        let version = Version { stamp, committed, listed, amount, closed };
        self.tell(|| format!("changes {id} {version:?}"));
        self.write(manners, id, committed);
        if let Some(sale) = self.book.sales.get_mut(&id) {
            sale.versions.push(version);
        }
    }

    fn remove(&mut self, manners: &Manners, id: u64) {
        let (now, lag) = (self.now, self.random.between(0, manners.latest));
        // What carries a stamp of the future never changes again.
        if id >= BLUNDERED {
            return;
        }
        let Some(sale) = self.book.sales.get_mut(&id) else { return };
        if sale.versions.last().is_none_or(|last| last.committed > now) {
            return;
        }
        if let Some((_, _)) = sale.deleted.take() {
            let Some(mut last) = sale.versions.last().cloned() else { return };
            (last.stamp, last.committed, last.listed) = (now, now, now + lag);
            sale.versions.push(last);
            self.note("restored");
            self.tell(|| format!("restores {id}"));
        } else {
            sale.deleted = Some((now, now + lag));
            self.note("deleted");
            self.tell(|| format!("deletes {id}"));
        }
        self.write(manners, id, now);
    }

    /// A record whose stamp lies in the future, by somebody's mistake; it never changes again.
    pub fn blunder(&mut self, manners: &Manners) {
        let id = BLUNDERED + self.book.sales.len() as u64;
        let mut version = self.version(manners, self.now);
        version.stamp = self.now + 10 * 24 * 3_600_000;
        self.note("future stamp");
        self.tell(|| format!("blunders {id} {version:?}"));
        self.book.sales.insert(id, Sale { versions: vec![version], deleted: None });
    }

    /// Webhooks come after the commit, late, twice or not at all.
    fn write(&mut self, manners: &Manners, id: u64, committed: i64) {
        if !manners.webhooks {
            return;
        }
        if self.random.one_in(manners.lost) {
            self.note("webhook lost");
            return;
        }
        self.events += 1;
        let event = format!("event-{}", self.events);
        let copies = if self.random.one_in(6) { 2 } else { 1 };
        if copies == 2 {
            self.note("webhook twice");
        }
        for _ in 0..copies {
            let due = committed + self.random.between(0, 600_000);
            self.letters.push(Letter { event: event.clone(), id, due });
        }
    }

    /// The webhooks that are due, in no order.
    pub fn post(&mut self) -> Vec<Letter> {
        let now = self.now;
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.letters).into_iter().partition(|letter| letter.due <= now);
        self.letters = later;
        for place in (1..due.len()).rev() {
            let other = self.random.below(place + 1);
            due.swap(place, other);
        }
        due
    }

    fn search(&mut self, manners: &Manners, body: &Value) -> (StatusCode, Value) {
        let refuse = |state: &mut Self, why: &str| {
            state.wrong.push(format!("{why}: {body}"));
            (StatusCode::BAD_REQUEST, json!({"code": "BAD_REQUEST", "message": why}))
        };
        let by_id = body["order"] == "id";
        if by_id && !manners.rules.by_id {
            return refuse(self, "this platform does not sort by id");
        }
        let span = |name: &str, open: i64| body[name].as_i64().unwrap_or(open);
        let (since, until) = (span("since", i64::MIN), span("until", i64::MAX));
        let after = body["after_id"].as_u64().unwrap_or_default();
        let identity = json!([since, until, by_id, after]).to_string();
        let offset = match body["cursor"].as_str().map(|cursor| self.offset(manners, cursor, &identity)) {
            None => 0,
            Some(Some(offset)) => offset,
            Some(None) => {
                self.note("cursor expired");
                return (StatusCode::BAD_REQUEST, json!({"code": "CURSOR_EXPIRED", "message": "too late"}));
            }
        };
        let cap = manners.rules.cap.map_or(usize::MAX, |cap| usize::try_from(cap).unwrap_or(usize::MAX));
        if offset >= cap {
            return refuse(self, "so many results are not given");
        }
        let rows = self.book.listed(manners, since, until, self.now, by_id);
        let rows: Vec<_> = rows.into_iter().filter(|(id, _, _)| !by_id || *id > after).collect();
        let total = rows.len();
        let page: Vec<Value> = rows
            .into_iter()
            .skip(offset)
            .take(manners.page.min(cap - offset))
            .map(|(id, number, version)| shown(id, number, version))
            .collect();
        let end = offset + page.len();
        let mut answer = json!({"sales": page});
        if end < total {
            answer["next"] = self.cursor(end, identity).into();
        }
        if manners.tells_total {
            answer["total"] = total.into();
        }
        (StatusCode::OK, answer)
    }

    fn cursor(&mut self, offset: usize, identity: String) -> String {
        let name = self.calls;
        self.cursors.insert(name, (offset, identity));
        name.to_string()
    }

    fn offset(&mut self, manners: &Manners, cursor: &str, identity: &str) -> Option<usize> {
        let (offset, of) = self.cursors.get(&cursor.parse().ok()?)?;
        let (offset, same) = (*offset, of == identity);
        if !same {
            self.wrong.push("a cursor of another query".to_owned());
            return None;
        }
        let expired = !self.calm && manners.fragile > 0 && self.random.one_in(manners.fragile);
        (!expired).then_some(offset)
    }
}

impl Manners {
    /// Whether a listing may be trusted to be in order of time.
    #[must_use]
    pub fn sorts(&self) -> bool {
        self.order == Order::Time
    }
}
