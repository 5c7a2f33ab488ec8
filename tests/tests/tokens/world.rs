//! An engine, a platform without a socket, and a clock that moves when it is told to.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{
    Engine, Result, Vault,
    engine::{Callback, ConnectionEvent, ConnectionWatcher, EngineOptions},
    http::HttpService,
    store::{Connection, ConnectionState, Sqlite},
    tenant::Tenant,
};
use taxpoynt_tests::{
    TestClock,
    tokens::{Direct, Gate, KINDS, Turning, options},
};
use uuid::Uuid;

pub(crate) const REDIRECT: &str = "https://host.example/callback";

/// Keeps what it is told.
#[derive(Default)]
pub(crate) struct Ear(pub(crate) Mutex<Vec<ConnectionEvent>>);

impl ConnectionWatcher for Ear {
    fn changed(&self, event: &ConnectionEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

pub(crate) struct World {
    pub(crate) gate: Arc<Gate>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) engine: Engine,
    pub(crate) tenant: Uuid,
    pub(crate) ear: Arc<Ear>,
    pub(crate) database: PathBuf,
    key: SecretString,
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

impl World {
    pub(crate) async fn new(turning: Turning) -> Self {
        let gate = Gate::new(turning);
        let folder = std::env::temp_dir().join(format!("taxpoynt-gate-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        let database = folder.join("taxpoynt.db");
        let (clock, ear) = (Arc::new(TestClock::new(start())), Arc::new(Ear::default()));
        let key = SecretString::from(Vault::generate_key());
        let network = Arc::new(Direct(gate.clone()));
        let engine = open(&database, &key, &clock, &ear, network, |_| {}).await;
        let tenant = Tenant { name: "Shop".into(), ..Tenant::default() };
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        Self { gate, clock, engine, tenant, ear, database, key }
    }

    /// Another engine on the same database, as another process has.
    pub(crate) async fn another(&self, network: Arc<dyn HttpService>) -> Engine {
        self.another_of(network, |_| {}).await
    }

    /// The same with options changed.
    pub(crate) async fn another_of(
        &self,
        network: Arc<dyn HttpService>,
        edit: impl FnOnce(&mut EngineOptions),
    ) -> Engine {
        open(&self.database, &self.key, &self.clock, &self.ear, network, edit).await
    }

    pub(crate) async fn another_direct(&self) -> Engine {
        self.another(Arc::new(Direct(self.gate.clone()))).await
    }

    /// The store, by hand.
    pub(crate) async fn store(&self) -> Sqlite {
        Sqlite::open(&format!("sqlite://{}", self.database.display())).await.unwrap()
    }

    pub(crate) async fn authorize(&self, kind: usize) -> Result<Connection> {
        let url = self.engine.authorize_url(KINDS[kind], self.tenant, REDIRECT, BTreeMap::new()).await?;
        let (code, state) = self.gate.consent(&url);
        self.engine.exchange(KINDS[kind], self.tenant, Callback::new(code, state)).await
    }

    /// A connection by authorization code.
    pub(crate) async fn connected(&self, kind: usize) -> Connection {
        self.authorize(kind).await.unwrap()
    }

    /// A connection whose token has ended a minute ago.
    pub(crate) async fn with_ended_token(&self, kind: usize) -> Connection {
        let connection = self.connected(kind).await;
        self.clock.advance(Duration::from_secs(1860));
        self.gate.end_access();
        connection
    }

    pub(crate) async fn used(&self, connection: &Connection) -> Result<()> {
        self.engine.test_connection(connection.id, Some(self.tenant)).await.map(drop)
    }

    pub(crate) async fn state(&self, connection: &Connection) -> ConnectionState {
        let all = self.engine.connections(Some(self.tenant)).await.unwrap();
        all.into_iter().find(|known| known.id == connection.id).unwrap().state
    }

    pub(crate) async fn history(&self, connection: &Connection) -> Vec<String> {
        let log = self.engine.connection_log(connection.id, Some(self.tenant)).await.unwrap();
        log.into_iter().map(|line| format!("{}: {}", line.event, line.detail)).collect()
    }

    pub(crate) fn told(&self) -> Vec<ConnectionState> {
        self.ear.0.lock().unwrap().iter().map(|event| event.state).collect()
    }

    /// Nothing secret stands in `text`.
    pub(crate) fn keeps_quiet(&self, text: &str) {
        for secret in self.gate.secrets().iter().map(String::as_str).chain(["gate-secret", "canary"]) {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(self.database.parent().unwrap()));
    }
}

async fn open(
    database: &std::path::Path,
    key: &SecretString,
    clock: &Arc<TestClock>,
    ear: &Arc<Ear>,
    network: Arc<dyn HttpService>,
    edit: impl FnOnce(&mut EngineOptions),
) -> Engine {
    let mut options = options(key.clone());
    options.clock = clock.clone();
    options.connections = Some(ear.clone());
    edit(&mut options);
    let store = Sqlite::open(&format!("sqlite://{}", database.display())).await.unwrap();
    Engine::assemble(Arc::new(store), network, options).await.unwrap()
}
