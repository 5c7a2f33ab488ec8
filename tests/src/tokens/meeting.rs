//! One connection that several processes share.

use super::{
    Gate, KINDS, Listening, Order, Turning, child,
    process::{Done, options},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use taxpoynt_core::{
    Engine, Vault,
    engine::{Callback, EngineOptions},
    store::{Connection, Sqlite},
    tenant::Tenant,
};
use uuid::Uuid;

/// A platform on a port, and a connection to it in a database file.
pub struct Shared {
    /// The platform.
    pub gate: Arc<Gate>,
    /// Its port.
    pub listening: Listening,
    /// The connection.
    pub connection: Connection,
    key: SecretString,
    folder: PathBuf,
}

impl Shared {
    /// Connects an account whose first token has ended.
    ///
    /// # Panics
    /// Where anything fails.
    pub async fn new(turning: Turning) -> Self {
        let gate = Gate::new(turning);
        let listening = Listening::on(gate.clone()).await;
        let folder = std::env::temp_dir().join(format!("taxpoynt-tokens-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        let key = SecretString::from(Vault::generate_key());
        let engine = open(&folder, options(key.clone())).await;
        let tenant = Tenant { name: "Shop".into(), ..Tenant::default() };
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        gate.lives(json!(0));
        let platform = match turning {
            Turning::Never => KINDS[0],
            Turning::Grace => KINDS[1],
            Turning::AtOnce => KINDS[2],
        };
        let settings = BTreeMap::from([("base_url".to_owned(), listening.url.clone())]);
        let redirect = "https://host.example/callback";
        let url = engine.authorize_url(platform, tenant, redirect, settings).await.unwrap();
        let (code, state) = gate.consent(&url);
        let connection = engine.exchange(platform, tenant, Callback::new(code, state)).await.unwrap();
        gate.end_access();
        gate.lives(json!(1800));
        Self { gate, listening, connection, key, folder }
    }

    /// What a process is told.
    #[must_use]
    pub fn order(&self, callers: usize) -> Order {
        Order {
            database: self.folder.join("taxpoynt.db"),
            key: self.key.expose_secret().to_owned(),
            connection: self.connection.id,
            callers,
        }
    }

    /// An engine of this process on the same file.
    pub async fn engine(&self, edit: impl FnOnce(&mut EngineOptions)) -> Engine {
        let mut options = options(self.key.clone());
        edit(&mut options);
        open(&self.folder, options).await
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

async fn open(folder: &Path, options: EngineOptions) -> Engine {
    let store = Sqlite::open(&format!("sqlite://{}/taxpoynt.db", folder.display())).await.unwrap();
    Engine::assemble(Arc::new(store), crate::network(), options).await.unwrap()
}

/// Many callers, one token that has ended.
#[derive(Debug)]
pub struct Meeting {
    /// Callers that were served.
    pub served: usize,
    /// What the others were told.
    pub failed: Vec<String>,
    /// Refreshes that came to the platform, whatever it answered.
    pub refreshed: usize,
    /// Calls that came to the platform with a token that is none.
    pub refused: u64,
}

impl Meeting {
    /// Holds one.
    ///
    /// # Panics
    /// Where a process does not start or end.
    pub async fn hold(program: &Path, callers: usize, processes: usize) -> Self {
        let shared = Shared::new(Turning::AtOnce).await;
        let share = |nth: usize| callers / processes + usize::from(nth < callers % processes);
        let program = program.to_owned();
        let orders: Vec<Order> = (0..processes).map(|nth| shared.order(share(nth))).collect();
        let done = tokio::task::spawn_blocking(move || {
            let mut children: Vec<_> = orders.iter().map(|order| child(&program, order)).collect();
            children.iter_mut().for_each(super::Child::go);
            children.into_iter().map(super::Child::done).collect::<Vec<Done>>()
        });
        let done = done.await.unwrap();
        Self {
            served: done.iter().map(|done| done.served).sum(),
            failed: done.into_iter().flat_map(|done| done.failed).collect(),
            // The first call was the exchange of the code.
            refreshed: shared.gate.count("/oauth/token") - 1,
            refused: shared.gate.refused(),
        }
    }
}
