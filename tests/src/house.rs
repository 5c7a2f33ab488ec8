//! A shop with a till and a CRM, its engine and the authority, all in this process and on loopback.

use crate::{Crash, Hooks, Place, TestClock, platforms};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, sqlite::SqliteConnectOptions};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, Result, Vault,
    connector::Context,
    engine::{AuthorityOptions, Credentials, Engine, EngineOptions},
    http::{
        ClientOptions, HttpService, ReqwestService, StackOptions,
        auth::StaticToken,
        stack::{Auth, stack},
    },
    model::{RecordKind, SourceKey},
    store::{Connection, Document, DocumentFilter, DocumentState, Held, Record, RecordFilter, Sqlite},
    tenant::{AuthorityCredentials, Tenant},
};
use taxpoynt_sim::{Options, Sim};
use taxpoynt_ubl::Invoice;
use uuid::Uuid;

/// Everything that runs.
pub struct House {
    /// The authority and the platforms.
    pub sim: Sim,
    /// The engine that is at work.
    pub engine: Engine,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// The webhook endpoint.
    pub hooks: Hooks,
    /// The shop.
    pub tenant: Uuid,
    /// Its till.
    pub square: Connection,
    /// Its CRM.
    pub hubspot: Connection,
    site: Site,
    newer_key: SecretString,
    place: Place,
}

/// What it takes to open the engine, here or in another process.
#[derive(Clone)]
pub struct Site {
    authority: url::Url,
    database: PathBuf,
    clock: Arc<dyn Clock>,
    /// The newest first.
    keys: Vec<SecretString>,
    keys_lost: bool,
}

impl Site {
    /// An engine on the house's database over this network.
    ///
    /// # Panics
    /// Where it does not open.
    pub async fn engine(&self, network: Arc<dyn HttpService>) -> Engine {
        self.try_engine(network).await.unwrap()
    }

    /// As `engine`, with options changed.
    ///
    /// # Errors
    /// As the engine, where it does not open.
    pub async fn engine_of(
        &self,
        network: Arc<dyn HttpService>,
        edit: impl FnOnce(&mut EngineOptions),
    ) -> Result<Engine> {
        let store = Sqlite::open(&format!("sqlite://{}", self.database.display())).await.unwrap();
        let mut options = self.options();
        edit(&mut options);
        Engine::assemble(Arc::new(store), network, options).await
    }

    async fn try_engine(&self, network: Arc<dyn HttpService>) -> Result<Engine> {
        self.engine_of(network, |_| {}).await
    }

    fn options(&self) -> EngineOptions {
        let mut options = EngineOptions::new(self.keys.clone(), platforms());
        options.allow_hosts = vec!["127.0.0.1".into()];
        options.authority =
            Some(AuthorityOptions { base_url: self.authority.clone(), keys: None, webhook_secret: None });
        options.clock = self.clock.clone();
        options.keys_lost = self.keys_lost;
        options
    }
}

/// The shop, as the simulated authority knows it.
#[must_use]
pub fn shop(sim: &Sim) -> Tenant {
    let authority = &sim.credentials().authority;
    let text = json!({
        "name": authority.name, "tin": authority.tin, "email": "accounts@kitchen.example", "phone": "+2348012345670",
        "business_id": authority.business_id, "service_id": authority.service_id,
        "address": {
            "street": "27 Herbert Macaulay Way", "city": "Yaba", "postal_code": "101212", "lga": "NG-LA-IKJ",
            "state": "NG-LA", "country": "NG",
        },
        "tax": {
            "default": {"category": "S", "percent": "7.5"},
            "untaxed": {"category": "E", "percent": "0", "reason": "Basic food items"},
            "zero_rate": {"category": "Z", "percent": "0"},
            "percent_field": "line_items[].properties.hs_tax_rate",
        },
        "classification": {"default": {"hsn_code": "2106.90", "product_category": "Food preparations"}},
    });
    let mut tenant = Tenant::from_json(text.to_string().as_bytes()).unwrap();
    tenant.authority = Some(AuthorityCredentials {
        api_key: Some(authority.api_key.clone()),
        api_secret: Some(authority.api_secret.clone()),
        crypto_keys: Some(authority.crypto_keys.clone()),
        ..AuthorityCredentials::default()
    });
    tenant
}

impl House {
    /// A house on a database file of its own; nothing has been sold yet.
    pub async fn open() -> Self {
        Self::of(|_| {}).await
    }

    /// As `open`, with settings of the shop changed.
    ///
    /// # Panics
    /// Where anything of it cannot start.
    pub async fn of(edit: impl FnOnce(&mut Tenant)) -> Self {
        let now: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let sim = Sim::start(Options { now: Some(now), ..Options::default() }).await.unwrap();
        let hooks = Hooks::listen().await;
        let clock = Arc::new(TestClock::new(now));
        let place = Place::new();
        let site = Site {
            authority: sim.urls().authority.parse().unwrap(),
            database: place.0.join("taxpoynt.db"),
            clock: clock.clone(),
            keys: vec![SecretString::from(Vault::generate_key())],
            keys_lost: false,
        };
        let engine = site.engine(network()).await;
        let mut tenant = shop(&sim);
        edit(&mut tenant);
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        let square = connect_square(&engine, &sim, &hooks, tenant).await;
        let hubspot = connect_hubspot(&engine, &sim, &hooks, tenant).await;
        hooks.serve(Some(engine.clone()));
        let house = Self {
            sim,
            engine,
            clock,
            hooks,
            tenant,
            square,
            hubspot,
            site,
            newer_key: Vault::generate_key().into(),
            place,
        };
        house.listen();
        house
    }

    /// The platforms post to us from now on.
    pub fn listen(&self) {
        self.sim.square().set_webhook_url(Some(self.hooks.url("square").into()));
        self.sim.hubspot().set_webhook_url(Some(self.hooks.url("hubspot").into()));
    }

    /// No webhook comes from now on.
    pub fn deafen(&self) {
        self.sim.square().set_webhook_url(None);
        self.sim.hubspot().set_webhook_url(None);
    }

    /// What it takes to open the engine elsewhere.
    #[must_use]
    pub fn site(&self) -> Site {
        self.site.clone()
    }

    /// Another engine on the same database, as another process would open it.
    pub async fn another_engine(&self) -> Engine {
        self.site.engine(network()).await
    }

    /// Another engine whose network ends as `crash` says.
    pub async fn engine_over(&self, crash: &Arc<Crash>) -> Engine {
        self.site.engine(crash.clone()).await
    }

    /// Another engine with a clock of its own.
    pub async fn engine_with_clock(&self, clock: Arc<dyn Clock>) -> Engine {
        Site { clock, ..self.site() }.engine(network()).await
    }

    /// Another engine that was given the wrong key.
    ///
    /// # Errors
    /// As it does not start.
    pub async fn engine_with_another_key(&self) -> Result<Engine> {
        self.with_keys(vec![Vault::generate_key().into()]).try_engine(network()).await
    }

    /// Another engine that was given the wrong key and told that the right one is lost.
    pub async fn engine_with_keys_lost(&self) -> Engine {
        let site = self.with_keys(vec![Vault::generate_key().into()]);
        Site { keys_lost: true, ..site }.engine(network()).await
    }

    /// Another engine that has a newer key before the house's.
    pub async fn engine_with_newer_key(&self) -> Engine {
        let keys = std::iter::once(&self.newer_key).chain(&self.site.keys).cloned().collect();
        self.with_keys(keys).engine(network()).await
    }

    /// Another engine that has the newer key and no other.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn engine_with_newer_key_alone(&self) -> Result<Engine> {
        self.with_keys(vec![self.newer_key.clone()]).try_engine(network()).await
    }

    /// A vault with the newer key alone.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn newer_vault(&self) -> Vault {
        Vault::new(&[self.newer_key.expose_secret()]).unwrap()
    }

    fn with_keys(&self, keys: Vec<SecretString>) -> Site {
        Site { keys, ..self.site() }
    }

    /// The key the house's engine was opened with.
    #[must_use]
    pub fn key(&self) -> &SecretString {
        &self.site.keys[0]
    }

    /// Changes the database behind the engine's back.
    ///
    /// # Panics
    /// Where it cannot be changed.
    pub async fn execute(&self, sql: &'static str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        sqlx::query(sql).execute(&mut options.connect().await.unwrap()).await.unwrap();
    }

    /// What the engine was opened with.
    #[must_use]
    pub fn options(&self) -> EngineOptions {
        self.site.options()
    }

    /// A sale as the till holds it: order, payments and customer.
    ///
    /// # Panics
    /// Where the till cannot be read.
    pub async fn till_record(&self, order_id: &str) -> Value {
        let context = self.till_context();
        let key = SourceKey::new(RecordKind::Order, order_id);
        let raw = platforms().get("square").unwrap().fetch(&context, &key).await.unwrap();
        serde_json::from_slice(&raw.body).unwrap()
    }

    /// The till without an engine between.
    fn till_context(&self) -> Context {
        let base_url: url::Url = self.sim.urls().square.parse().unwrap();
        let token = self.sim.credentials().square.access_token.clone();
        let mut options = StackOptions::new(network(), self.clock.clone(), base_url.clone());
        options.auth = Auth::Bearer(Arc::new(StaticToken::new(token.into())));
        let (settings, clock) = (BTreeMap::new(), self.clock.clone());
        Context { http: stack(options), base_url, settings, account: None, clock }
    }

    /// Changes the shop's settings, as its bookkeeper does.
    ///
    /// # Panics
    /// Where the settings are refused.
    pub async fn mend(&self, edit: impl FnOnce(&mut Tenant)) {
        let mut tenant = Tenant { id: Some(self.tenant), ..shop(&self.sim) };
        edit(&mut tenant);
        assert_eq!(self.engine.add_tenant(tenant).await.unwrap().id, Some(self.tenant));
    }

    /// Works until nothing is left, however long attempts have to wait.
    ///
    /// # Panics
    /// Where it does not come to an end.
    pub async fn settle(&self) {
        self.settle_with(&self.engine).await;
    }

    /// As `settle`, by another engine.
    ///
    /// # Panics
    /// Where it does not come to an end.
    pub async fn settle_with(&self, engine: &Engine) {
        for _ in 0..1000 {
            let drained = engine.drain(Duration::from_millis(500)).await.unwrap();
            match (drained.empty, drained.later) {
                (true, 0) => return,
                (true, _) => self.clock.advance(Duration::from_secs(60)),
                (false, _) => tokio::task::yield_now().await,
            }
        }
        panic!("the queue never becomes empty");
    }

    /// All documents, oldest first.
    ///
    /// # Panics
    /// Where the store fails.
    pub async fn documents(&self) -> Vec<Document> {
        let filter =
            DocumentFilter { tenant: Some(self.tenant), limit: Some(1000), ..DocumentFilter::default() };
        let mut items = self.engine.invoices(&filter).await.unwrap().items;
        items.reverse();
        items
    }

    /// The only document of a record.
    ///
    /// # Panics
    /// Where it has none or several.
    pub async fn document(&self, source_id: &str) -> Document {
        let mut found = self.documents().await.into_iter().filter(|d| d.source_id == source_id);
        let document = found.next().unwrap_or_else(|| panic!("no document was made of {source_id}"));
        assert!(found.next().is_none(), "several documents were made of {source_id}");
        document
    }

    /// All records, oldest first.
    ///
    /// # Panics
    /// Where the store fails.
    pub async fn records(&self) -> Vec<Record> {
        let filter = RecordFilter { tenant: Some(self.tenant), limit: Some(1000), ..RecordFilter::default() };
        let mut items = self.engine.records(&filter).await.unwrap().items;
        items.reverse();
        items
    }

    /// A record by the platform's id.
    ///
    /// # Panics
    /// Where it was not stored.
    pub async fn record(&self, source_id: &str) -> Record {
        let all = self.records().await;
        let found = all.into_iter().find(|record| record.raw.key.id == source_id);
        found.unwrap_or_else(|| panic!("no record {source_id} was stored"))
    }

    /// Why a record waits.
    pub async fn held(&self, source_id: &str) -> Option<Held> {
        self.record(source_id).await.held
    }

    /// Holds every promise about what was sent: each document accepted, each registered once, nothing given up.
    ///
    /// # Panics
    /// Where one is broken.
    pub async fn assert_all_accepted_once(&self, count: usize) {
        let documents = self.documents().await;
        assert_eq!(documents.len(), count, "documents");
        for document in &documents {
            assert_eq!(document.state, DocumentState::Accepted, "{document:?}");
        }
        let registered = self.sim.authority().registered();
        let mut sent: Vec<_> = registered.iter().map(|r| r.irn.clone()).collect();
        let mut ours: Vec<_> = documents.iter().map(|d| d.document.irn.clone()).collect();
        sent.sort();
        ours.sort();
        assert_eq!(sent, ours, "what the authority has is what we have");
        assert!(registered.iter().all(|r| r.signed_count == 1), "signed twice");
        assert_eq!(self.sim.authority().duplicates(), 0);
        let dead = self.engine.dead_letters(None).await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
    }

    /// How many rows a table of the database has.
    ///
    /// # Panics
    /// Where there is no such table.
    pub async fn rows(&self, table: &'static str) -> i64 {
        let options = SqliteConnectOptions::new().filename(self.database()).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap()
    }

    /// The database with its journal, byte for byte.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn database_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(&self.place.0).unwrap().map(|entry| entry.unwrap().path());
        files.flat_map(|path| std::fs::read(path).unwrap()).collect()
    }

    /// Where the database is, for a reader of its own.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.site.database.clone()
    }
}

/// The machine's network, with loopback allowed.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn network() -> Arc<dyn HttpService> {
    let options = ClientOptions { allow_hosts: vec!["127.0.0.1".into()], ..ClientOptions::default() };
    Arc::new(ReqwestService::new(options).unwrap())
}

async fn connect_square(engine: &Engine, sim: &Sim, hooks: &Hooks, tenant: Uuid) -> Connection {
    let credentials = &sim.credentials().square;
    let settings = BTreeMap::from([
        ("base_url".to_owned(), sim.urls().square.clone()),
        ("webhook_url".to_owned(), hooks.url("square")),
    ]);
    let credentials = Credentials {
        access_token: credentials.access_token.clone().into(),
        webhook_secret: Some(credentials.signature_key.clone().into()),
    };
    engine.connect("square", tenant, credentials, settings).await.unwrap()
}

async fn connect_hubspot(engine: &Engine, sim: &Sim, hooks: &Hooks, tenant: Uuid) -> Connection {
    let credentials = &sim.credentials().hubspot;
    let settings = BTreeMap::from([
        ("base_url".to_owned(), sim.urls().hubspot.clone()),
        ("webhook_url".to_owned(), hooks.url("hubspot")),
        ("properties".to_owned(), "tin,hs_tax_rate".to_owned()),
    ]);
    let credentials = Credentials {
        access_token: credentials.access_token.clone().into(),
        webhook_secret: Some(credentials.client_secret.clone().into()),
    };
    engine.connect("hubspot", tenant, credentials, settings).await.unwrap()
}

/// A document's invoice.
///
/// # Panics
/// Where the stored text is none.
#[must_use]
pub fn invoice_of(document: &Document) -> Invoice {
    serde_json::from_str(&document.document.invoice).unwrap()
}

/// The payload that the authority registered under an IRN.
///
/// # Panics
/// Where it has none.
#[must_use]
pub fn payload_of(sim: &Sim, irn: &str) -> Value {
    let registered = sim.authority().registered();
    let found = registered.into_iter().find(|r| r.irn == irn);
    found.unwrap_or_else(|| panic!("the authority does not have {irn}")).invoice
}
