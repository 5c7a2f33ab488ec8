//! One world: a simulator, a store, a clock, two processes, and sales until nothing is left to do.

use super::{
    Plan, Verdict,
    check::{Books, compare},
    rough::{Peers, Recovery, Rough},
    till::{Counter, Sold, Till},
    wire::{Chance, Process, Wire},
};
use crate::{TestClock, shop};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, Vault,
    connector::Registry,
    engine::{AuthorityOptions, Credentials, Engine, EngineOptions},
    firs::{Client, Mbs},
    http::{StackOptions, stack},
    store::{Document, DocumentFilter, JobStore, Record, RecordFilter, Sqlite},
};
use taxpoynt_sim::{AuthoritySettings, NotFound, Options, Outage, SearchShape, Sim, Struck};
use uuid::Uuid;

/// So many sales are handed in at once.
const WAVE: usize = 250;

/// A document that takes longer than this is stuck.
const LONGEST: TimeDelta = TimeDelta::days(3);

/// What came of a world.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sales made.
    pub sold: u64,
    /// What became of them.
    pub ended: BTreeMap<&'static str, u64>,
    /// Invoices that were paid after they were handed in, and the authority knows.
    pub paid: u64,
    /// Faults that struck.
    pub struck: Struck,
    /// Calls to the authority.
    pub calls: u64,
    /// Processes that died.
    pub deaths: u64,
    /// Processes that slept past their lease.
    pub naps: u64,
    /// How long it took by its own clock.
    pub took: TimeDelta,
    /// Every call and every note of every document: two runs of one seed have the same.
    pub diary: Vec<String>,
    /// What went wrong.
    pub failures: Vec<Verdict>,
    /// The history of the document that was asked for.
    pub watched: Vec<String>,
}

/// The number of the world an IRN is from, as its number says.
#[must_use]
pub fn world_of(irn: &str) -> Option<usize> {
    irn.strip_prefix('W')?.get(..4)?.parse().ok()
}

struct World {
    sim: Arc<Sim>,
    store: Sqlite,
    clock: Arc<TestClock>,
    wire: Arc<Wire>,
    peers: Arc<Peers>,
    key: SecretString,
    chance: Chance,
    recovery: Recovery,
    begun: DateTime<Utc>,
}

/// Runs the `nth` world of a plan; `watch` is an IRN whose history is wanted.
///
/// # Panics
/// Where the world itself cannot be built.
#[must_use]
pub fn run_world(plan: &Plan, nth: usize, watch: Option<&str>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = plan.worlds()[nth];
    let outcome = runtime.block_on(async {
        let world = World::open(plan, nth).await;
        let (tenant, connection) = world.shop(nth).await;
        let sold = world.sell(plan, nth, count, connection, tenant).await;
        let done = world.drain().await;
        world.outcome(&sold, done, watch).await
    });
    // What a dead process left behind never ends by itself.
    runtime.shutdown_background();
    outcome
}

impl World {
    async fn open(plan: &Plan, nth: usize) -> Self {
        let begun: DateTime<Utc> = "2026-11-20T06:00:00Z".parse().unwrap();
        let (sim, _) = Sim::in_process(Options { now: Some(begun), ..Options::default() }).unwrap();
        let seed = crate::Random::seeded(plan.seed ^ ((nth as u64) << 32)).bits();
        sim.authority().set_plan(Some(faults(seed, begun)));
        sim.authority().set(|settings| manners(nth, settings));
        let (sim, clock) = (Arc::new(sim), Arc::new(TestClock::new(begun)));
        let chance = Chance(seed);
        let world = Self {
            wire: Wire::new(sim.clone(), clock.clone(), chance),
            sim,
            store: Sqlite::open("sqlite::memory:").await.unwrap(),
            clock,
            peers: Arc::default(),
            key: SecretString::from(Vault::generate_key()),
            chance,
            recovery: plan.recovery,
            begun,
        };
        world.start(0).await;
        world.start(1).await;
        world
    }

    /// Starts the process at a place, in place of the one there.
    async fn start(&self, at: usize) {
        let process = Process::start(self.wire.clone());
        let base_url: url::Url = self.sim.urls().authority.parse().unwrap();
        let mut calls = StackOptions::new(process.clone(), self.clock.clone(), base_url.clone());
        // As the engine makes its own: each call once.
        calls.retry.attempts = 1;
        let mbs = Mbs::new(Client::new(stack(calls), base_url.clone()));
        let (peers, clock) = (self.peers.clone(), self.clock.clone());
        let mut registry = Registry::new();
        registry.register(Counter);
        let mut options = EngineOptions::new(vec![self.key.clone()], registry);
        options.authority = Some(AuthorityOptions { base_url, keys: None, webhook_secret: None });
        options.clock = self.clock.clone();
        // One after the other: what overlaps are the processes, and when is the seed's to say.
        options.side_by_side = 1;
        options.transmitter =
            Some(Arc::new(Rough::new(mbs, self.recovery, peers, 1 - at, clock, self.chance)));
        let engine = Engine::assemble(Arc::new(self.store.clone()), process.clone(), options).await.unwrap();
        self.peers.put(at, engine, process);
    }

    async fn shop(&self, nth: usize) -> (Uuid, Uuid) {
        let mut tenant = shop(&self.sim);
        tenant.number_series = Some(format!("W{nth:04}N{{seq:06}}"));
        tenant.credit_note_series = Some(format!("W{nth:04}C{{seq:06}}"));
        tenant.tax.percent_field = None;
        let (engine, _) = self.peers.get(0);
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        let credentials =
            Credentials { access_token: SecretString::from("none".to_owned()), webhook_secret: None };
        let connection = engine.connect("counter", tenant, credentials, BTreeMap::new()).await.unwrap();
        (tenant, connection.id)
    }

    /// Hands sales in, wave after wave, while the processes work.
    async fn sell(&self, plan: &Plan, nth: usize, count: usize, connection: Uuid, tenant: Uuid) -> Vec<Sold> {
        let mut till = Till::seeded(plan.seed.wrapping_add(nth as u64));
        let mut sold = Vec::with_capacity(count);
        while sold.len() < count {
            let (engine, _) = self.peers.get(0);
            for _ in 0..WAVE.min(count - sold.len()) {
                let sale = till.sell();
                let record = sale.record.to_string();
                engine.ingest(connection, Some(tenant), record.as_bytes()).await.unwrap();
                sold.push(sale);
            }
            self.work().await;
            self.clock.advance(Duration::from_secs(60));
            self.pay(&mut sold, connection, tenant).await;
        }
        sold
    }

    /// Some buyers of the last wave pay, whether the authority has their invoice by now or not.
    async fn pay(&self, sold: &mut [Sold], connection: Uuid, tenant: Uuid) {
        let (engine, _) = self.peers.get(0);
        let last = sold.len().saturating_sub(WAVE);
        for sale in sold[last..].iter_mut().filter(|sale| sale.is_on_account()) {
            if self.chance.one_in(3, "pays", &sale.id, 0) {
                let record = sale.pay().to_string();
                engine.ingest(connection, Some(tenant), record.as_bytes()).await.unwrap();
            }
        }
    }

    /// Lets the processes take turns until nothing is due.
    async fn work(&self) {
        let mut idle = 0;
        for turn in 0.. {
            let at = turn % 2;
            idle = if self.turn(at).await == 0 { idle + 1 } else { 0 };
            if idle == 2 {
                return;
            }
        }
    }

    /// One turn of a process; where it dies, another is started in its place.
    async fn turn(&self, at: usize) -> usize {
        let (engine, process) = self.peers.get(at);
        let worked = if process.is_dead() {
            None
        } else {
            tokio::select! {
                biased;
                () = process.death() => None,
                worked = engine.work_once() => Some(worked.unwrap()),
            }
        };
        let Some(worked) = worked else {
            self.start(at).await;
            return 1;
        };
        worked
    }

    /// Works until nothing is left, however long attempts have to wait; false where that never comes.
    async fn drain(&self) -> bool {
        loop {
            self.work().await;
            let now = self.clock.now();
            let pending = self.store.pending(now).await.unwrap();
            if pending.due + pending.claimed + pending.later == 0 {
                return true;
            }
            if now - self.begun > LONGEST {
                return false;
            }
            let wait = pending.next_at.map_or(TimeDelta::seconds(60), |at| at - now);
            let wait = if pending.claimed > 0 { wait.min(TimeDelta::seconds(60)) } else { wait };
            self.clock.advance(wait.to_std().unwrap_or_default().max(Duration::from_millis(1)));
        }
    }

    async fn outcome(&self, sold: &[Sold], done: bool, watch: Option<&str>) -> Outcome {
        let authority = self.sim.authority();
        let (documents, records) = (self.documents().await, self.records().await);
        let (registered, planted) = (authority.registered(), authority.planted());
        let (unasked, overtaken) = (authority.signed_unasked(), self.peers.overtaken());
        let findings = compare(&Books {
            sold,
            documents: &documents,
            records: &records,
            registered: &registered,
            planted: &planted,
            unasked: &unasked,
            overtaken: &overtaken,
        });
        let mut diary = Vec::new();
        for document in &documents {
            let irn = &document.document.irn;
            diary.push(format!("{irn} {:?} {:?}", document.stages, authority.history(irn)));
        }
        diary.sort();
        let mut failures = Vec::new();
        for (kind, irn, what) in findings.wrong {
            let history = self.history(&documents, &irn).await;
            let what = if done { what } else { format!("{what} (the queue never became empty)") };
            failures.push(Verdict { kind, irn, what, history });
        }
        let watched = match watch {
            Some(irn) => self.history(&documents, irn).await,
            None => Vec::new(),
        };
        Outcome {
            sold: sold.len() as u64,
            ended: findings.ended,
            paid: findings.paid,
            struck: authority.struck(),
            calls: authority.calls().values().sum(),
            deaths: self.wire.deaths(),
            naps: self.peers.naps(),
            took: self.clock.now() - self.begun,
            diary,
            failures,
            watched,
        }
    }

    /// What the authority saw of a document, and what the store noted.
    async fn history(&self, documents: &[Document], irn: &str) -> Vec<String> {
        let mut history = self.sim.authority().history(irn);
        if let Some(document) = documents.iter().find(|d| d.document.irn == irn || d.source_id == irn) {
            let (engine, _) = self.peers.get(0);
            for entry in engine.audit(document.id, None).await.unwrap_or_default() {
                history.push(format!("{} {} {}", entry.at.format("%d %H:%M:%S"), entry.event, entry.detail));
            }
        }
        history
    }

    async fn documents(&self) -> Vec<Document> {
        let (engine, _) = self.peers.get(0);
        let mut filter = DocumentFilter { limit: Some(1000), ..DocumentFilter::default() };
        let mut all = Vec::new();
        loop {
            let page = engine.invoices(&filter).await.unwrap();
            all.extend(page.items);
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return all,
            }
        }
    }

    async fn records(&self) -> Vec<Record> {
        let (engine, _) = self.peers.get(0);
        let mut filter = RecordFilter { held: true, limit: Some(1000), ..RecordFilter::default() };
        let mut all = Vec::new();
        loop {
            let page = engine.records(&filter).await.unwrap();
            all.extend(page.items);
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return all,
            }
        }
    }
}

/// A rough day, with two outages.
fn faults(seed: u64, begun: DateTime<Utc>) -> taxpoynt_sim::Plan {
    let mut plan = taxpoynt_sim::Plan::of(seed);
    plan.outages = [(30, 90), (600, 660)]
        .map(|(from, to)| Outage {
            from: begun + TimeDelta::minutes(from),
            to: begun + TimeDelta::minutes(to),
        })
        .to_vec();
    plan
}

/// Each world's authority has manners of its own: how it lists, how it says "not there", and whether it can be searched.
fn manners(nth: usize, settings: &mut AuthoritySettings) {
    settings.search =
        [SearchShape::Items, SearchShape::Whole, SearchShape::List, SearchShape::Invoices][nth % 4];
    settings.not_found = [NotFound::Refused, NotFound::NullData, NotFound::Status404][nth % 3];
    settings.search_ignores_irn = nth % 5 == 4;
    settings.search_is_blind = nth % 4 == 3;
}
