//! One history: the shop sells, engines pull, processes die, time passes.

use super::{
    Plan,
    connector::{Ledger, SIGNATURE},
    desk::Desk,
    manners::{Header, Manners},
    oracle::{Kind, Stored, Verdict, compare},
};
use crate::{Random, TestClock};
use ::hmac::{Hmac, KeyInit, Mac};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};
use taxpoynt_core::{
    Clock, Vault,
    connector::Registry,
    engine::{Credentials, Engine, EngineOptions},
    store::{DocumentStore, RecordFilter, RecordStore, RunState, Sqlite, SyncStore},
    tenant::Tenant,
};
use uuid::Uuid;

const SECRET: &str = "the webhooks' secret";

/// Longer than a run stays a dead process's.
const PAST_THE_LEASE: i64 = 301_000;

/// What a history came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What happened in it, by name.
    pub happened: BTreeMap<&'static str, u64>,
    /// What went wrong.
    pub failures: Vec<Verdict>,
    /// All that happened, where somebody asked for it.
    pub story: Vec<String>,
}

/// Runs one history.
///
/// # Panics
/// Where the machine has no room for it.
#[must_use]
pub fn run_history(plan: &Plan, nth: u64, tells: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut history = History::open(plan, nth, tells).await;
        history.live().await;
        history.settle().await;
        history.judge().await
    })
}

/// A key pair for stamps: the same for all, because making one takes long.
fn seller(invoices: bool) -> Tenant {
    static SELLER: OnceLock<Tenant> = OnceLock::new();
    let mut tenant = SELLER
        .get_or_init(|| {
            let (sim, _) = taxpoynt_sim::Sim::in_process(taxpoynt_sim::Options::default()).unwrap();
            let mut tenant = crate::shop(&sim);
            tenant.tax.percent_field = None;
            tenant
        })
        .clone();
    if !invoices {
        tenant.authority = None;
    }
    tenant
}

struct History {
    desk: Arc<Desk>,
    clock: Arc<TestClock>,
    store: Sqlite,
    engines: Vec<Engine>,
    key: SecretString,
    random: Random,
    connection: Uuid,
    invoices: bool,
    failures: Vec<Verdict>,
}

impl History {
    async fn open(plan: &Plan, nth: u64, tells: bool) -> Self {
        let mut random = Random::seeded(plan.seed ^ nth.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let manners = Manners::of(&mut random, plan.sabotage);
        let begun: DateTime<Utc> = "2026-11-20T06:00:00Z".parse().unwrap();
        let clock = Arc::new(TestClock::new(begun));
        let there = begun.timestamp_millis() - manners.ahead;
        let course = Random::seeded(random.bits());
        let desk = Desk::new(manners, course, clock.clone(), there, tells);
        let manners = desk.manners.clone();
        desk.lock().tell(|| format!("{manners:?}"));
        let invoices = nth.is_multiple_of(10);
        let mut history = Self {
            desk,
            clock,
            store: Sqlite::open("sqlite::memory:").await.unwrap(),
            engines: Vec::new(),
            key: SecretString::from(Vault::generate_key()),
            random,
            connection: Uuid::nil(),
            invoices,
            failures: Vec::new(),
        };
        history.start().await;
        history.connect().await;
        history
    }

    async fn start(&mut self) {
        self.engines.clear();
        for _ in 0..2 {
            let mut registry = Registry::new();
            registry.register(Ledger::new(&self.desk.manners));
            let mut options = EngineOptions::new(vec![self.key.clone()], registry);
            options.clock = self.clock.clone();
            options.side_by_side = 1;
            options.sync.side_by_side = 1;
            options.sync.reconcile = false;
            let engine = Engine::assemble(Arc::new(self.store.clone()), self.desk.clone(), options).await;
            self.engines.push(engine.unwrap());
        }
    }

    async fn connect(&mut self) {
        {
            let mut state = self.desk.lock();
            state.calm = true;
            for _ in 0..self.random.below(8) {
                state.now += 60_000;
                self.clock.advance(Duration::from_secs(60));
                state.change(&self.desk.manners);
            }
        }
        let tenant = self.engines[0].add_tenant(seller(self.invoices)).await.unwrap().id.unwrap();
        let secret = |text: &str| SecretString::from(text.to_owned());
        let credentials = Credentials { access_token: secret("none"), webhook_secret: Some(secret(SECRET)) };
        let made = self.engines[0].connect("ledger", tenant, credentials, BTreeMap::new()).await.unwrap();
        self.connection = made.id;
        self.desk.lock().calm = false;
        // What was sold before the account was connected comes by an import, or by a first pull of everything.
        if self.desk.manners.imports {
            let since = made.created_at - TimeDelta::days(365);
            self.engines[0].backfill(made.id, None, since, None).await.unwrap();
            self.desk.lock().note("import");
        } else {
            let engine = self.engines[0].clone();
            let id = self.connection;
            for _ in 0..20 {
                let done = self.alive(async { engine.sync(id, None, None).await }).await;
                if done.is_some_and(|done| done.is_ok()) {
                    break;
                }
                self.desk.pass(PAST_THE_LEASE);
            }
        }
    }

    /// Does something, unless the process dies over it; then others are started.
    async fn alive<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let desk = self.desk.clone();
        let done = tokio::select! {
            biased;
            () = desk.death() => None,
            done = work => Some(done),
        };
        if done.is_none() {
            self.desk.bury();
            self.start().await;
        }
        done
    }

    async fn live(&mut self) {
        let blunders = self.random.one_in(12) && self.desk.manners.sorts();
        for step in 0..10 + self.random.below(8) {
            if blunders && step == 4 {
                self.blunder();
            }
            let engine = self.random.pick(&self.engines).clone();
            let id = self.connection;
            match self.random.below(10) {
                0..=2 => {
                    let count = 1 + self.random.below(4);
                    (0..count).for_each(|_| self.desk.lock().change(&self.desk.manners));
                }
                3 | 4 => self.wait(),
                5 => self.deliver().await,
                6 => drop(self.alive(async { engine.sync(id, None, None).await }).await),
                7 => drop(self.alive(async { engine.sync_due().await }).await),
                8 => self.meddle(&engine).await,
                _ => {
                    let turns = 1 + self.random.below(4);
                    let work = async {
                        for _ in 0..turns {
                            engine.work_once().await?;
                        }
                        taxpoynt_core::Result::<()>::Ok(())
                    };
                    self.alive(work).await;
                }
            }
        }
    }

    fn blunder(&self) {
        // It is told apart by a second witness of the time: the header, or a clock of ours that is right.
        let manners = &self.desk.manners;
        let witness = match manners.header {
            Header::Right => true,
            Header::Missing => manners.ahead <= 0,
            Header::Off(by) => by <= 0,
            Header::Ours => false,
        };
        if witness {
            self.desk.lock().blunder(manners);
        }
    }

    fn wait(&mut self) {
        let millis = match self.random.below(4) {
            0 => self.random.between(1, 2_000),
            1 => self.random.between(1_000, 120_000),
            2 => self.random.between(60_000, 900_000),
            _ => self.random.between(900_000, 20_000_000),
        };
        self.desk.pass(millis);
    }

    /// A person pauses, resumes or asks for an import.
    async fn meddle(&mut self, engine: &Engine) {
        let Ok(imports) = engine.backfills(self.connection, None).await else { return };
        let Some(live) = imports.first() else {
            let since = self.clock.now() - TimeDelta::days(400);
            drop(engine.backfill(self.connection, None, since, None).await);
            return;
        };
        let done = match live.state {
            RunState::Running if self.random.one_in(2) => engine.pause_backfill(live.id, None).await,
            RunState::Paused => engine.resume_backfill(live.id, None).await,
            _ => Ok(()),
        };
        drop(done);
    }

    async fn deliver(&mut self) {
        let letters = self.desk.lock().post();
        for letter in letters {
            self.desk.lock().note("webhook");
            let body = json!({"event": letter.event, "id": letter.id}).to_string();
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(body.as_bytes());
            let signature: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
            let mut headers = http::HeaderMap::new();
            headers.insert(SIGNATURE, signature.parse().unwrap());
            let target = self.connection.to_string();
            let receipt =
                self.engines[0].receive(&target, "POST", "http://x/", &headers, body.as_bytes()).await;
            assert_eq!(receipt.unwrap().status, 200);
        }
    }

    /// Everything that is on its way arrives, and the engines pull as they do by themselves.
    async fn settle(&mut self) {
        self.desk.lock().calm = true;
        let quiet = self.desk.lock().book.quiet_at();
        let now = self.desk.lock().now;
        self.desk.pass((quiet - now).max(0) + PAST_THE_LEASE);
        // Imports that were paused go on.
        for import in self.engines[0].backfills(self.connection, None).await.unwrap() {
            if import.state == RunState::Paused {
                self.engines[0].resume_backfill(import.id, None).await.unwrap();
            }
        }
        for day in 0..3 {
            // The second day is past the daily reading-again, the third past what failed before.
            self.desk.pass(if day == 0 { 3_700_000 } else { 25 * 3_600_000 });
            self.desk.lock().letters.iter_mut().for_each(|letter| letter.due = 0);
            self.deliver().await;
            if !self.idle().await {
                let what = "the engine does not come to rest".to_owned();
                self.failures.push(Verdict { kind: Kind::Misbehaved, what });
                return;
            }
        }
    }

    /// Pulls and works until nothing is left.
    async fn idle(&mut self) -> bool {
        for _ in 0..3_000 {
            let pulled = self.engines[0].sync_due().await.unwrap();
            let worked = self.engines[0].work_once().await.unwrap();
            if pulled + worked == 0 {
                return true;
            }
        }
        false
    }

    async fn judge(mut self) -> Outcome {
        let stored = self.stored().await;
        let desk = self.desk.clone();
        let mut state = desk.lock();
        let now = state.now;
        self.failures.extend(compare(&state.book, &stored, now, self.invoices));
        let wrong = std::mem::take(&mut state.wrong).into_iter();
        self.failures.extend(wrong.map(|what| Verdict { kind: Kind::Misbehaved, what }));
        Outcome {
            happened: std::mem::take(&mut state.happened),
            failures: self.failures,
            story: state.story.take().unwrap_or_default(),
        }
    }

    async fn stored(&self) -> Vec<Stored> {
        let mut filter = RecordFilter { limit: Some(1000), ..RecordFilter::default() };
        let mut all = Vec::new();
        loop {
            let page = self.store.records(&filter).await.unwrap();
            for record in page.items {
                let audit = self.engines[0].audit(record.id, None).await.unwrap();
                all.push(Stored {
                    deletion: self.store.deletion(record.id).await.unwrap(),
                    documents: self.store.documents_of(record.id).await.unwrap(),
                    born: audit.iter().filter(|entry| entry.event == "record.stored").count(),
                    record,
                });
            }
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return all,
            }
        }
    }
}
