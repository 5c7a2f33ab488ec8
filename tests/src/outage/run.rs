//! One run: sales come in, the authority is out for a while, and everything is worked off.

use super::{
    authority::Authority,
    oracle::{self, Capacity},
    traffic::{HOUR, Sale, record, sale_of},
};
use crate::{TestClock, platforms};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{
    Clock, Vault,
    engine::{Alarm, Alarms, AuthorityOptions, Credentials, Engine, EngineOptions},
    firs::ApiKeys,
    store::{AlarmChange, DocumentFilter, DocumentState, Sqlite},
    tenant::{AuthorityCredentials, Tenant},
};
use uuid::Uuid;

/// In which order documents are submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As the engine does it.
    Deadlines,
    /// As they came: the control, made by a trigger in its database.
    Arrival,
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is sold.
    pub sales: Vec<Sale>,
    /// A call of the authority takes so many milliseconds.
    pub call: i64,
    /// The outage, in seconds after the beginning.
    pub outage: (i64, i64),
    /// The order.
    pub order: Order,
}

/// An alarm as the host was told it. Times are seconds after the beginning.
#[derive(Debug, Clone)]
pub struct Raised {
    /// When.
    pub at: i64,
    /// What it says about the one before.
    pub change: AlarmChange,
    /// The deadlines it says will be missed.
    pub covers: Option<(i64, i64)>,
    /// The sentence.
    pub message: String,
}

/// What came of it. Times are milliseconds after the beginning.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// When the authority signed each sale.
    pub signed_at: Vec<Option<i64>>,
    /// Documents that the authority registered more than once.
    pub doubled: usize,
    /// Sales without an accepted document, and documents nobody sold.
    pub lost: usize,
    /// Jobs given up.
    pub dead: usize,
    /// Consumers' sales.
    pub consumers: usize,
    /// How many of them were reported in time.
    pub in_time: usize,
    /// How many of them the fastest authority could be told of in time.
    pub possible: usize,
    /// How many of them the ideal schedule reports in time.
    pub feasible: usize,
    /// How many late ones were not foretold at least an hour before their deadline.
    pub unalarmed: usize,
    /// How long companies waited for their clearance while the authority answered, the longest tenth left out.
    pub clearance: i64,
    /// Every alarm.
    pub alarms: Vec<Raised>,
    /// Calls to the authority, and during the outage.
    pub calls: (u64, u64),
    /// Documents an hour while it had more to do than it could.
    pub per_hour: i64,
}

/// The first moment: 06:00 in Lagos is five hours after it.
fn start() -> DateTime<Utc> {
    "2026-11-19T00:00:00Z".parse().unwrap()
}

fn moment(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

fn seconds(at: DateTime<Utc>) -> i64 {
    (at - start()).num_seconds()
}

#[derive(Default)]
struct Ear(Mutex<Vec<Raised>>);

impl Alarms for Ear {
    fn alarm(&self, alarm: &Alarm) {
        let entry = &alarm.entry;
        let covers = entry.first.map(seconds).zip(entry.last.map(seconds));
        self.0.lock().unwrap().push(Raised {
            at: seconds(entry.at),
            change: entry.change,
            covers,
            message: entry.message.clone(),
        });
    }
}

/// What runs.
struct World {
    clock: Arc<TestClock>,
    authority: Arc<Authority>,
    ear: Arc<Ear>,
    engine: Engine,
    tenant: Uuid,
    connection: Uuid,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a plan to its end.
///
/// # Panics
/// Where the engine fails, or does not come to an end.
pub async fn run(plan: &Plan) -> Outcome {
    let world = World::of(plan).await;
    world.work(plan).await;
    world.outcome(plan).await
}

impl World {
    async fn of(plan: &Plan) -> Self {
        let clock = Arc::new(TestClock::new(start()));
        let outage = (moment(plan.outage.0), moment(plan.outage.1));
        let call = Duration::from_millis(plan.call.unsigned_abs());
        let authority = Arc::new(Authority::new(clock.clone(), call, outage));
        let ear = Arc::new(Ear::default());
        // Where the machine has a disk in memory, nobody waits for a real one.
        let place =
            Some(PathBuf::from("/dev/shm")).filter(|shm| shm.is_dir()).unwrap_or_else(std::env::temp_dir);
        let folder = place.join(format!("taxpoynt-outage-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("taxpoynt.db");
        let store = Sqlite::open(&format!("sqlite://{}", file.display())).await.unwrap();
        let mut options = EngineOptions::new(vec![SecretString::from(Vault::generate_key())], platforms());
        let base_url = "https://authority.example/".parse().unwrap();
        options.authority = Some(AuthorityOptions {
            base_url,
            keys: Some(ApiKeys::new("key", "secret")),
            webhook_secret: None,
        });
        options.allow_hosts = vec!["till.example".into()];
        options.clock = clock.clone();
        options.alarms = Some(ear.clone());
        let engine = Engine::assemble(Arc::new(store), authority.clone(), options).await.unwrap();
        if plan.order == Order::Arrival {
            in_order_of_arrival(&file).await;
        }
        let tenant = engine.add_tenant(chain().await).await.unwrap().id.unwrap();
        let credentials = Credentials { access_token: "token".to_owned().into(), webhook_secret: None };
        let settings = BTreeMap::from([("base_url".to_owned(), "https://till.example/".to_owned())]);
        let connection = engine.connect("square", tenant, credentials, settings).await.unwrap().id;
        Self { clock, authority, ear, engine, tenant, connection, folder }
    }

    fn now(&self) -> i64 {
        seconds(self.clock.now())
    }

    async fn work(&self, plan: &Plan) {
        let mut coming = plan.sales.iter().peekable();
        loop {
            while let Some(sale) = coming.next_if(|sale| sale.arrives_at <= self.now()) {
                let record = record(sale, start());
                self.engine.ingest(self.connection, Some(self.tenant), &record).await.unwrap();
            }
            if self.engine.work_once().await.unwrap() > 0 {
                continue;
            }
            let wait = match coming.peek() {
                Some(sale) => sale.arrives_at - self.now(),
                None if self.is_done().await => return,
                None => 15,
            };
            self.clock.advance(Duration::from_secs(wait.clamp(1, 15).unsigned_abs()));
            assert!(self.now() < plan.outage.1 + 240 * HOUR, "the queue never becomes empty");
        }
    }

    async fn is_done(&self) -> bool {
        let drained = self.engine.drain(Duration::ZERO).await.unwrap();
        drained.empty && drained.later == 0
    }

    /// The sale and the state of each document, by IRN.
    async fn documents(&self) -> HashMap<String, (usize, DocumentState)> {
        let mut filter = DocumentFilter { limit: Some(1000), ..DocumentFilter::default() };
        let mut found = HashMap::new();
        loop {
            let page = self.engine.invoices(&filter).await.unwrap();
            for document in page.items {
                let sale = sale_of(&document.source_id).unwrap();
                found.insert(document.document.irn, (sale, document.state));
            }
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return found,
            }
        }
    }

    async fn outcome(&self, plan: &Plan) -> Outcome {
        let (documents, registered) = (self.documents().await, self.authority.registered());
        let mut signed_at = vec![None; plan.sales.len()];
        let mut strangers = 0;
        for (irn, entry) in &registered {
            match documents.get(irn) {
                Some((sale, DocumentState::Accepted)) => {
                    signed_at[*sale] = Some((entry.at - start()).num_milliseconds());
                }
                _ => strangers += 1,
            }
        }
        let alarms = self.ear.0.lock().unwrap().clone();
        let consumers: Vec<_> = plan.sales.iter().filter_map(|s| Some((s.id, s.report_by()?))).collect();
        let late: Vec<_> = consumers
            .iter()
            .filter(|(id, report_by)| signed_at[*id].is_none_or(|at| at > report_by * 1000))
            .collect();
        let capacity = Capacity { call: plan.call, outage: (plan.outage.0 * 1000, plan.outage.1 * 1000) };
        Outcome {
            doubled: registered.values().filter(|entry| entry.times != 1).count(),
            lost: strangers + signed_at.iter().filter(|at| at.is_none()).count(),
            dead: self.engine.dead_letters(None).await.unwrap().len(),
            consumers: consumers.len(),
            in_time: consumers.len() - late.len(),
            possible: oracle::possible(&plan.sales, capacity.outage),
            feasible: oracle::in_time(&plan.sales, capacity),
            unalarmed: late.iter().filter(|(_, report_by)| !foretold(&alarms, *report_by)).count(),
            clearance: clearance(plan, &signed_at),
            calls: self.authority.calls(),
            per_hour: per_hour(plan, &signed_at),
            alarms,
            signed_at,
        }
    }
}

/// Whether an alarm in force an hour before named this deadline.
fn foretold(alarms: &[Raised], report_by: i64) -> bool {
    let in_time = alarms.iter().filter(|alarm| alarm.at <= report_by - HOUR);
    let since_the_last_all_clear = in_time.rev().take_while(|alarm| alarm.change != AlarmChange::Cleared);
    since_the_last_all_clear
        .filter_map(|alarm| alarm.covers)
        .any(|(first, last)| (first..=last).contains(&report_by))
}

/// How long companies' sales of which the authority could be told at once waited, all but the slowest tenth.
fn clearance(plan: &Plan, signed_at: &[Option<i64>]) -> i64 {
    let out = plan.outage.0..plan.outage.1;
    let companies = plan.sales.iter().filter(|sale| sale.b2b && !out.contains(&sale.arrives_at));
    let mut waits: Vec<_> =
        companies.filter_map(|sale| Some(signed_at[sale.id]? - sale.arrives_at * 1000)).collect();
    waits.sort_unstable();
    waits.get(waits.len() * 9 / 10).copied().unwrap_or_default()
}

/// What it signed in the two hours after the outage, when there was more to do than it could.
fn per_hour(plan: &Plan, signed_at: &[Option<i64>]) -> i64 {
    let hours = plan.outage.1 * 1000..(plan.outage.1 + 2 * HOUR) * 1000;
    signed_at.iter().flatten().filter(|at| hours.contains(*at)).count() as i64 / 2
}

async fn chain() -> Tenant {
    let sim = taxpoynt_sim::Sim::start(taxpoynt_sim::Options::default()).await.unwrap();
    let text = json!({
        "name": "Balogun Textiles Ltd", "tin": "20194455-0001", "email": "accounts@balogun-textiles.example",
        "address": {"street": "14 Allen Avenue", "city": "Ikeja", "lga": "NG-LA-IKJ", "state": "NG-LA", "country": "NG"},
        "business_id": "0e3f6a52-6a0b-4f0a-9d55-1c2a3b4c5d6e", "service_id": "7A1B2C3D",
        "classification": {"default": {"hsn_code": "5208.52", "product_category": "Woven fabrics of cotton"}},
        "buyer": {"tin_path": "customer.reference_id"},
    });
    let mut tenant = Tenant::from_json(text.to_string().as_bytes()).unwrap();
    let crypto_keys = Some(sim.credentials().authority.crypto_keys.clone());
    tenant.authority = Some(AuthorityCredentials { crypto_keys, ..AuthorityCredentials::default() });
    tenant
}

/// Every submission is taken as if it were of one kind and due when it came.
async fn in_order_of_arrival(file: &std::path::Path) {
    let mut hands = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let trigger = "CREATE TRIGGER in_order_of_arrival AFTER INSERT ON jobs WHEN NEW.kind = 'submit'
        BEGIN UPDATE jobs SET class = 1, take_by = NEW.due_at WHERE seq = NEW.seq; END";
    sqlx::query(trigger).execute(&mut hands).await.unwrap();
}
