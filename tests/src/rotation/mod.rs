//! Rotation under load: many credentials are sealed anew while they are read and refreshed, rotations are killed in the
//! middle, and another process still seals under the old key.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

mod bank;

use crate::Random;
use bank::{Bank, PLATFORM, Till, token};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use taxpoynt_core::{
    Vault,
    connector::Registry,
    engine::{Credentials, Engine, EngineOptions, KeyReport},
    store::Sqlite,
    tenant::{AuthorityCredentials, Tenant},
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Accounts of one tenant, as a shop with many tills has them.
const ACCOUNTS_OF_A_TENANT: usize = 100;

/// Reads of each reader before the rotation, to compare with.
const CALM_READS: usize = 100;

/// What to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Credentials of connections; there is one of a tenant for each hundred besides.
    pub count: usize,
    /// Tasks that read.
    pub readers: usize,
    /// Tasks that store new tokens; every other one in a process that seals under the old key.
    pub refreshers: usize,
    /// Decides which accounts are read and refreshed when.
    pub seed: u64,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Reads beside the rotations.
    pub reads: usize,
    /// Those that failed, or that got an older token than was stored before they began.
    pub failed_reads: Vec<String>,
    /// New tokens stored beside the rotations.
    pub refreshes: usize,
    /// How long reads took beside the rotations, sorted.
    pub read_times: Vec<Duration>,
    /// How long reads took without a rotation, sorted.
    pub calm_times: Vec<Duration>,
    /// Rotations that were stopped in the middle.
    pub killed: usize,
    /// How long the last rotation took.
    pub last_rotation: Duration,
    /// From the first rotation to the last.
    pub took: Duration,
    /// The report of the rotation after the last old writer had ended.
    pub report: KeyReport,
    /// Credentials read at the end with the new key alone.
    pub read_at_the_end: usize,
}

/// The world: a database, its keys, and which generation of each account's token was stored.
pub struct World {
    folder: PathBuf,
    old: SecretString,
    new: SecretString,
    bank: Arc<Bank>,
    settled: Arc<Vec<AtomicU64>>,
    connections: Arc<Vec<Uuid>>,
    tenants: Vec<Uuid>,
}

fn options(keys: &[&SecretString]) -> EngineOptions {
    let mut registry = Registry::new();
    registry.register(Till);
    EngineOptions::new(keys.iter().map(|key| (*key).clone()).collect(), registry)
}

async fn engine(folder: &Path, keys: &[&SecretString], bank: Arc<Bank>) -> Engine {
    let store = Sqlite::open(&format!("sqlite://{}/store.db", folder.display())).await.unwrap();
    Engine::assemble(Arc::new(store), bank, options(keys)).await.unwrap()
}

fn credentials(account: usize, generation: u64) -> Credentials {
    Credentials { access_token: token(account, generation).into(), ..Credentials::default() }
}

async fn connect(engine: &Engine, tenant: Uuid, account: usize, generation: u64) -> Uuid {
    let credentials = credentials(account, generation);
    engine.connect(PLATFORM, tenant, credentials, BTreeMap::new()).await.unwrap().id
}

/// Goes on with a rotation in the database of another process, until it is killed or through.
pub async fn rotate_in(folder: &Path, new: &str, old: &str) -> KeyReport {
    let (new, old) = (SecretString::from(new), SecretString::from(old));
    let engine = engine(folder, &[&new, &old], Arc::new(Bank::new(0))).await;
    let mut next = 0;
    let report = engine.rotate_keys_watched(|report| {
        if report.done >= next {
            println!("{} of {}", report.done, report.of);
            next = report.done + 1_000;
        }
    });
    report.await.unwrap()
}

impl World {
    /// A database in `folder` with all credentials under the old key.
    ///
    /// # Panics
    /// Where anything of it cannot be stored.
    pub async fn build(folder: PathBuf, plan: &Plan) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let (old, new) = (Vault::generate_key().into(), Vault::generate_key().into());
        let bank = Arc::new(Bank::new(plan.count));
        let engine = engine(&folder, &[&old], bank.clone()).await;
        let mut tenants = Vec::new();
        for n in 0..plan.count.div_ceil(ACCOUNTS_OF_A_TENANT) {
            let authority = AuthorityCredentials {
                api_key: Some(format!("key-{n}")),
                api_secret: Some(format!("secret-{n}")),
                base_url: Some("https://authority.example/".into()),
                ..AuthorityCredentials::default()
            };
            let (business_id, authority) = (Some(Uuid::now_v7().to_string()), Some(authority));
            let tenant = Tenant { name: format!("Shop {n}"), business_id, authority, ..Tenant::default() };
            tenants.push(engine.add_tenant(tenant).await.unwrap().id.unwrap());
        }
        let mut connections = vec![Uuid::nil(); plan.count];
        let mut joining = JoinSet::new();
        for account in 0..plan.count {
            let (engine, tenant) = (engine.clone(), tenants[account / ACCOUNTS_OF_A_TENANT]);
            joining.spawn(async move { (account, connect(&engine, tenant, account, 1).await) });
            if joining.len() >= 256 {
                let (account, id) = joining.join_next().await.unwrap().unwrap();
                connections[account] = id;
            }
        }
        while let Some(joined) = joining.join_next().await {
            let (account, id) = joined.unwrap();
            connections[account] = id;
        }
        let settled = Arc::new((0..plan.count).map(|_| AtomicU64::new(1)).collect());
        Self { folder, old, new, bank, settled, connections: Arc::new(connections), tenants }
    }

    /// Where the database is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The new key and the old one.
    #[must_use]
    pub fn keys(&self) -> (&SecretString, &SecretString) {
        (&self.new, &self.old)
    }

    /// An engine that has the new key first.
    pub async fn engine(&self) -> Engine {
        engine(&self.folder, &[&self.new, &self.old], self.bank.clone()).await
    }

    /// Rotates under load; `kill` begins rotations and stops them in the middle, and says how often.
    ///
    /// # Panics
    /// Where the engine fails other than in a read.
    pub async fn rotate_under_load(&self, plan: &Plan, kill: impl AsyncFnOnce(&Self) -> usize) -> Outcome {
        let (rotator, late) =
            (self.engine().await, engine(&self.folder, &[&self.old, &self.new], self.bank.clone()).await);
        let calm = self.load(plan, (&rotator, &rotator), CALM_READS).run_out().await;
        assert!(calm.failed_reads.is_empty(), "before any rotation: {:?}", calm.failed_reads);

        let load = self.load(plan, (&rotator, &late), usize::MAX);
        let start = Instant::now();
        let killed = kill(self).await;
        let last = Instant::now();
        rotator.rotate_keys().await.unwrap();
        let last_rotation = last.elapsed();
        let took = start.elapsed();
        let mut outcome = load.end().await;
        // The process with the old list has ended, and what it sealed goes too.
        drop(late);
        outcome.report = rotator.rotate_keys().await.unwrap();
        Outcome { calm_times: calm.read_times, killed, last_rotation, took, ..outcome }
    }

    /// Reads every credential with the new key alone, and says how many: each must be the last that was stored.
    ///
    /// # Panics
    /// Where one cannot be read or is not the last.
    pub async fn read_all(&self) -> usize {
        let engine = engine(&self.folder, &[&self.new], self.bank.clone()).await;
        let mut reading = JoinSet::new();
        for (account, connection) in self.connections.iter().copied().enumerate() {
            let (engine, bank, settled) = (engine.clone(), self.bank.clone(), self.settled.clone());
            reading.spawn(async move {
                engine.sync(connection, None, None).await.unwrap();
                let (sent, stored) = (bank.last(account), settled[account].load(Ordering::SeqCst));
                assert_eq!(sent, stored, "account {account} lost a token");
            });
            if reading.len() >= 256 {
                reading.join_next().await.unwrap().unwrap();
            }
        }
        while let Some(read) = reading.join_next().await {
            read.unwrap();
        }
        let report = engine.key_report().await.unwrap();
        let all = (self.connections.len() + self.tenants.len()) as u64;
        assert_eq!((report.of, report.done, report.left, report.failed), (all, all, 0, 0), "{report:?}");
        self.connections.len()
    }

    /// Starts readers of so many reads each, and refreshers of which every other one stores through the second engine.
    fn load(&self, plan: &Plan, (engine, late): (&Engine, &Engine), reads: usize) -> Load {
        let mut load = Load::default();
        for nth in 0..plan.readers.min(plan.count) {
            let reader = Reader {
                engine: engine.clone(),
                bank: self.bank.clone(),
                settled: self.settled.clone(),
                connections: self.connections.clone(),
                mine: Share { nth, of: plan.readers.min(plan.count) },
                random: Random::seeded(plan.seed ^ nth as u64),
            };
            load.readers.spawn(reader.read(load.stop.clone(), reads));
        }
        for nth in 0..plan.refreshers.min(plan.count) {
            let engine = if nth % 2 == 0 { late.clone() } else { engine.clone() };
            let share = Share { nth, of: plan.refreshers.min(plan.count) };
            let (settled, tenants) = (self.settled.clone(), self.tenants.clone());
            let (stop, refreshes) = (load.stop.clone(), load.refreshes.clone());
            let mut random = Random::seeded(plan.seed ^ 0xA5A5 ^ nth as u64);
            load.refreshers.spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let account = share.pick(&mut random, settled.len());
                    let generation = settled[account].load(Ordering::SeqCst) + 1;
                    connect(&engine, tenants[account / ACCOUNTS_OF_A_TENANT], account, generation).await;
                    settled[account].store(generation, Ordering::SeqCst);
                    refreshes.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            });
        }
        load
    }
}

/// Every `of`th account from `nth` on: nobody else of the same trade touches them.
#[derive(Clone, Copy)]
struct Share {
    nth: usize,
    of: usize,
}

impl Share {
    fn pick(self, random: &mut Random, accounts: usize) -> usize {
        let mine = (accounts - self.nth).div_ceil(self.of);
        self.nth + random.below(mine) * self.of
    }
}

struct Reader {
    engine: Engine,
    bank: Arc<Bank>,
    settled: Arc<Vec<AtomicU64>>,
    connections: Arc<Vec<Uuid>>,
    mine: Share,
    random: Random,
}

/// How long its reads took, and what went wrong.
type Read = (Vec<Duration>, Vec<String>);

impl Reader {
    async fn read(mut self, stop: Arc<AtomicBool>, reads: usize) -> Read {
        let (mut times, mut failed) = Read::default();
        while !stop.load(Ordering::SeqCst) && times.len() + failed.len() < reads {
            let account = self.mine.pick(&mut self.random, self.connections.len());
            let stored = self.settled[account].load(Ordering::SeqCst);
            let start = Instant::now();
            match self.engine.sync(self.connections[account], None, None).await {
                Err(error) => failed.push(format!("account {account}: {error}")),
                Ok(_) if self.bank.last(account) < stored => {
                    failed.push(format!("account {account} sent an older token than was stored before"));
                }
                Ok(_) => times.push(start.elapsed()),
            }
        }
        (times, failed)
    }
}

/// What runs beside the rotations.
#[derive(Default)]
struct Load {
    stop: Arc<AtomicBool>,
    refreshes: Arc<AtomicUsize>,
    readers: JoinSet<Read>,
    refreshers: JoinSet<()>,
}

impl Load {
    /// Ends now.
    async fn end(self) -> Outcome {
        self.stop.store(true, Ordering::SeqCst);
        self.run_out().await
    }

    /// Ends when the readers have read as often as they should.
    async fn run_out(mut self) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(read) = self.readers.join_next().await {
            let (times, failed) = read.unwrap();
            outcome.reads += times.len() + failed.len();
            outcome.read_times.extend(times);
            outcome.failed_reads.extend(failed);
        }
        self.stop.store(true, Ordering::SeqCst);
        while let Some(refreshed) = self.refreshers.join_next().await {
            refreshed.unwrap();
        }
        outcome.read_times.sort_unstable();
        outcome.refreshes = self.refreshes.load(Ordering::SeqCst);
        outcome
    }
}

impl Outcome {
    /// The time that `percent` of the reads did not take longer than.
    #[must_use]
    pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }
}
