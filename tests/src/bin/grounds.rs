//! What it costs to keep with each document what it was drafted under: statements, processor time and room on disk.
//!
//! `cargo run --release -p taxpoynt-tests --bin grounds -- --sales 100000`
//!
//! First an engine prepares sales, as it always does, which says what a whole prepare costs. Then the documents it made are
//! settled again in two stores, in turns of five hundred: with their grounds in one, without in the other. What the two
//! differ in is the price, and it is shown beside the whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run must stop, and it asks the machine for the time"
)]

use bytes::Bytes;
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use taxpoynt_core::{
    Vault,
    engine::{AuthorityOptions, Credentials, Engine, EngineOptions},
    model::{RawRecord, RecordKind, SourceKey},
    store::{
        Document, Lane, NewConnection, NewGrounds, Prepared, PreparedDocument, PutRecord, Rollout, Sqlite,
        Store, Switch, SwitchChange, Taken, Waiting,
    },
    tenant::Tenant,
};
use taxpoynt_sim::{Options, Sim};
use taxpoynt_tests::{
    Place, Random,
    measure::{number, processor_time},
    platforms, shop,
    tills::{Account, till_order},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};
use uuid::Uuid;

/// What may be spent on it, in per mille of a whole prepare and of a whole database.
const TIME: u64 = 30;
const ROOM: u64 = 30;

/// Documents a turn.
const TURN: u64 = 500;

/// Counts what the store asks of SQLite, while somebody wants to know.
#[derive(Clone, Default)]
struct Statements(Arc<(AtomicBool, AtomicU64)>);

impl Statements {
    fn start(&self) {
        self.0.1.store(0, Ordering::SeqCst);
        self.0.0.store(true, Ordering::SeqCst);
        tracing::callsite::rebuild_interest_cache();
    }

    fn stop(&self) -> u64 {
        self.0.0.store(false, Ordering::SeqCst);
        tracing::callsite::rebuild_interest_cache();
        self.0.1.load(Ordering::SeqCst)
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn register_callsite(
        &self,
        metadata: &'static tracing::Metadata<'static>,
    ) -> tracing::subscriber::Interest {
        match metadata.target() == "sqlx::query" && self.0.0.load(Ordering::SeqCst) {
            true => tracing::subscriber::Interest::always(),
            false => tracing::subscriber::Interest::never(),
        }
    }

    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sqlx::query" && self.0.0.load(Ordering::SeqCst)
    }

    fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
        self.0.1.fetch_add(1, Ordering::SeqCst);
    }
}

/// What a number of sales took.
#[derive(Debug, Clone, Copy, Default)]
struct Took {
    sales: u64,
    processor: Duration,
    wall: Duration,
}

impl Took {
    async fn by(sales: u64, work: impl Future<Output = ()>) -> Self {
        let (processor, began) = (processor_time(), Instant::now());
        work.await;
        Self { sales, processor: processor_time() - processor, wall: began.elapsed() }
    }

    fn add(&mut self, other: Self) {
        self.sales += other.sales;
        self.processor += other.processor;
        self.wall += other.wall;
    }

    /// Processor time of one, in nanoseconds.
    fn each(&self) -> u64 {
        (self.processor / u32::try_from(self.sales.max(1)).unwrap()).as_nanos() as u64
    }
}

fn main() {
    let sales = number("--sales", 100_000);
    let statements = Statements::default();
    tracing_subscriber::registry().with(statements.clone()).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if !runtime.block_on(measure(sales, &statements)) {
        std::process::exit(1);
    }
}

async fn measure(sales: u64, statements: &Statements) -> bool {
    let place = Place::new();
    let office = Office::open(&place).await;
    let whole = (sales / 20).clamp(100, 5_000);
    office.receive(whole).await;
    let prepare = Took::by(whole, office.prepare()).await;
    office.receive(20).await;
    statements.start();
    office.prepare().await;
    let prepare_statements = statements.stop() / 20;
    let made = office.made().await;
    println!(
        "a whole prepare, claim to commit: {} us of processor time ({} us by the clock), {prepare_statements} statements",
        prepare.each() / 1000,
        prepare.wall.as_micros() / u128::from(whole),
    );

    let mut arms = [Arm::open(&place, "with", true).await, Arm::open(&place, "without", false).await];
    let turns = sales.div_ceil(TURN);
    for turn in 0..turns {
        // Whoever goes second finds the machine as the first left it.
        for nth in [turn % 2, 1 - turn % 2] {
            let arm = &mut arms[nth as usize];
            let ready = arm.ready(&made, TURN).await;
            let took = Took::by(TURN, arm.settle(ready)).await;
            arm.took.add(took);
        }
    }
    let mut counted = Vec::new();
    for arm in &mut arms {
        let ready = arm.ready(&made, 20).await;
        statements.start();
        arm.settle_alone(ready).await;
        counted.push(statements.stop() / 20);
    }
    let [with, without] = arms;
    let more = |one: u64, other: u64| one as i64 - other as i64;
    let time = more(with.took.each(), without.took.each());
    println!(
        "settling it: {} us with its grounds, {} us without, {time} ns more: {} per mille of a prepare",
        with.took.each() / 1000,
        without.took.each() / 1000,
        time * 1000 / prepare.each() as i64
    );
    println!(
        "statements: {} with, {} without, {} more of {prepare_statements}",
        counted[0],
        counted[1],
        more(counted[0], counted[1])
    );
    let hashing = made.hashing();
    println!("hashing record and settings: {hashing} ns, {} per mille", hashing * 1000 / prepare.each());
    let (with, without) = (with.close().await, without.close().await);
    let documents = turns * TURN + 20;
    let content = more(with.content(), without.content());
    println!(
        "database of {documents} sales: {} MB with, {} MB without; {} bytes of content more a document, {} per mille",
        with.size / 1_000_000,
        without.size / 1_000_000,
        content / documents as i64,
        content * 1000 / without.content() as i64
    );
    for (name, bytes) in &with.tables {
        let bare = without.tables.get(name).copied().unwrap_or_default();
        let each = more(*bytes, bare) / documents as i64;
        if each != 0 {
            println!("  {name}: {each} bytes more a document");
        }
    }
    let kept = time.max(0) as u64 + hashing <= prepare.each() * TIME / 1000
        && content.max(0) as u64 <= without.content() * ROOM / 1000
        && with.size.saturating_sub(without.size) <= without.size * ROOM / 1000;
    println!("{}", if kept { "kept: each is under 30 per mille" } else { "FAILED: over 30 per mille" });
    kept
}

/// An engine that prepares and sends nothing.
struct Office {
    engine: Engine,
    store: Arc<dyn Store>,
    connection: Uuid,
    random: std::sync::Mutex<(u64, Random)>,
}

impl Office {
    async fn open(place: &Place) -> Self {
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&place.url("office.db")).await.unwrap());
        let mut options = EngineOptions::new(vec![Vault::generate_key().into()], platforms());
        let base_url = "https://authority.example/".parse().unwrap();
        options.authority = Some(AuthorityOptions { base_url, keys: None, webhook_secret: None });
        let engine = Engine::assemble(store.clone(), Arc::new(Account), options).await.unwrap();
        let sim = Sim::start(Options::default()).await.unwrap();
        let tenant = engine.add_tenant(shop(&sim)).await.unwrap().id.unwrap();
        let credentials = Credentials { access_token: "token".into(), webhook_secret: None };
        let till = engine.connect("square", tenant, credentials, BTreeMap::new()).await.unwrap();
        let change = SwitchChange {
            switch: Switch::Submit,
            platform: None,
            tenant: None,
            to: Some(Rollout::OFF),
            who: "the measurement".into(),
            reason: "only preparing is measured".into(),
        };
        engine.switch(&change).await.unwrap();
        Self { engine, store, connection: till.id, random: std::sync::Mutex::new((0, Random::seeded(42))) }
    }

    async fn receive(&self, sales: u64) {
        for _ in 0..sales {
            let order = {
                let (nth, random) = &mut *self.random.lock().unwrap();
                *nth += 1;
                till_order(&format!("SALE-{nth:08}"), random)
            };
            self.engine.ingest(self.connection, None, order.to_string().as_bytes()).await.unwrap();
        }
    }

    async fn prepare(&self) {
        let drained = self.engine.drain(Duration::from_secs(3600)).await.unwrap();
        assert!(drained.empty, "{drained:?}");
    }

    async fn made(&self) -> Made {
        let page = self.engine.invoices(&Default::default()).await.unwrap();
        let document = page.items.into_iter().next().expect("the engine made documents");
        let record = self.store.record(document.record, None).await.unwrap();
        let found = self.store.grounds(document.id).await.unwrap().grounds.expect("it kept its grounds");
        let grounds = NewGrounds {
            body_hash: String::new(),
            settings: found.settings,
            built_in: found.built_in,
            platform: found.platform,
            template: None,
            engine: "0.1.0",
            tenant_rules: None,
            connection_rules: None,
            tables: BTreeMap::new(),
        };
        Made { document, body: record.raw.body, grounds }
    }
}

/// A document as the engine made it, to be made again under other numbers.
struct Made {
    document: Document,
    body: Bytes,
    grounds: NewGrounds,
}

impl Made {
    /// What a prepare spends on hashing its record and its settings, in nanoseconds.
    fn hashing(&self) -> u64 {
        const TIMES: u32 = 10_000;
        let tenant: Tenant = serde_json::from_str(&self.grounds.settings.text).unwrap();
        let began = Instant::now();
        for _ in 0..TIMES {
            std::hint::black_box(Sha256::digest(&self.body));
            let settings = serde_json::to_vec(std::hint::black_box(&tenant)).unwrap();
            std::hint::black_box(Sha256::digest(&settings));
        }
        (began.elapsed() / TIMES).as_nanos() as u64
    }
}

/// A store that settles documents, with their grounds or without.
struct Arm {
    store: Arc<Sqlite>,
    file: std::path::PathBuf,
    keeps: bool,
    connection: Uuid,
    next: u64,
    took: Took,
}

impl Arm {
    async fn open(place: &Place, name: &str, keeps: bool) -> Self {
        use taxpoynt_core::store::TenantStore;
        let name = format!("{name}.db");
        let (file, now) = (place.0.join(&name), now());
        let store = Arc::new(Sqlite::open(&place.url(&name)).await.unwrap());
        store.migrate().await.unwrap();
        let tenant = Tenant { id: Some(Uuid::now_v7()), name: "Balogun".into(), ..Tenant::default() };
        let tenant = store.put_tenant(&tenant, None, now).await.unwrap();
        let connection = NewConnection {
            tenant,
            platform: "square".into(),
            family: "pos",
            account: "MERCHANT-1".into(),
            account_name: None,
            settings: BTreeMap::new(),
            sealed: "x".into(),
        };
        let connection = store.put_connection(&connection, now).await.unwrap().id;
        Self { store, file, keeps, connection, next: 1, took: Took::default() }
    }

    /// The next records, stored and drafted.
    async fn ready(&mut self, made: &Made, count: u64) -> Vec<Prepared> {
        let mut ready = Vec::new();
        let mut moves = tokio::task::JoinSet::new();
        for nth in self.next..self.next + count {
            let id = format!("SALE-{nth:08}");
            let body = String::from_utf8(made.body.to_vec()).unwrap().replace(&made.document.source_id, &id);
            let key = SourceKey::new(RecordKind::Order, id);
            let raw = RawRecord { key, modified_at: Some(now()), body: body.into() };
            let put = PutRecord { connection: self.connection, raw, lane: Lane::High, queue: false };
            let store = self.store.clone();
            moves.spawn(async move {
                use taxpoynt_core::store::RecordStore;
                let (record, _) = store.put_record(&put, None, now()).await.unwrap();
                (nth, record, put.raw.body)
            });
        }
        while let Some(stored) = moves.join_next().await {
            let (nth, record, body) = stored.unwrap();
            ready.push((nth, self.prepared(made, record, nth, &body)));
        }
        self.next += count;
        ready.sort_by_key(|(nth, _)| *nth);
        ready.into_iter().map(|(_, prepared)| prepared).collect()
    }

    fn prepared(&self, made: &Made, record: Uuid, nth: u64, body: &[u8]) -> Prepared {
        let number = format!("INV{nth:06}");
        let mut document = made.document.document.clone();
        document.irn = document.irn.replacen(&document.number, &number, 1);
        document.number = number;
        let body_hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        let grounds = self.keeps.then(|| Arc::new(NewGrounds { body_hash, ..made.grounds.clone() }));
        let taken = Taken { series: "INV{seq:06}".into(), number: nth };
        Prepared {
            record,
            documents: vec![PreparedDocument { document, taken, grounds }],
            held: None,
            waiting: Waiting::default(),
            lane: Lane::High,
        }
    }

    /// Settles them as fast as it goes: they share commits, so that the disk is not what is measured.
    async fn settle(&self, ready: Vec<Prepared>) {
        use taxpoynt_core::store::DocumentStore;
        let mut moves = tokio::task::JoinSet::new();
        for prepared in ready {
            let store = self.store.clone();
            moves.spawn(async move { store.settle_prepare(&prepared, None, now()).await.unwrap() });
        }
        while let Some(done) = moves.join_next().await {
            done.unwrap();
        }
    }

    /// Settles them one after the other, each with a commit of its own.
    async fn settle_alone(&self, ready: Vec<Prepared>) {
        use taxpoynt_core::store::DocumentStore;
        for prepared in ready {
            self.store.settle_prepare(&prepared, None, now()).await.unwrap();
        }
    }

    async fn close(self) -> Closed {
        let store = Arc::into_inner(self.store).expect("nobody else has the store");
        store.close().await;
        let size = std::fs::metadata(&self.file).unwrap().len();
        let mut connection = SqliteConnectOptions::new().filename(&self.file).connect().await.unwrap();
        Closed { size, tables: sizes(&mut connection).await }
    }
}

/// A database that nobody writes any more: its file, and what each table and index holds in it. A file grows by whole
/// pages, and documents of one length may all just fit theirs.
struct Closed {
    size: u64,
    tables: BTreeMap<String, u64>,
}

impl Closed {
    fn content(&self) -> u64 {
        self.tables.values().sum()
    }
}

async fn sizes(connection: &mut SqliteConnection) -> BTreeMap<String, u64> {
    let rows = sqlx::query("SELECT name, sum(payload) AS bytes FROM dbstat GROUP BY name")
        .fetch_all(connection)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get("name"), row.get::<i64, _>("bytes").unsigned_abs())).collect()
}

fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}
