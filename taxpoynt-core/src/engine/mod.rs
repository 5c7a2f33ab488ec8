//! The engine a host embeds: opens a store, connects platforms, receives webhooks and works the queue.

mod approve;
mod authority;
mod catalogue;
mod check;
mod connect;
mod explain;
mod health;
mod housekeeping;
mod inbound;
mod keys;
mod lists;
mod observe;
mod options;
mod prepare;
mod query;
mod receive;
mod rules;
mod spans;
mod submit;
mod switches;
mod sync;
mod timer;
mod waiting;
mod work;

pub use crate::auth::{Callback, Credentials, Proof};
pub use catalogue::{Classified, ImportOptions, ImportReport, UnclassifiedItem};
pub use check::{AuthorityCheck, Finding};
pub use connect::{ConnectionEvent, ConnectionWatcher, Removal};
pub use health::{Check, CheckState, Health};
pub use inbound::InboundReport;
pub use keys::{KeyReport, LostValue};
pub use lists::RefreshedList;
pub use options::{App, AuthorityOptions, EngineOptions, Observer};
pub use prepare::DebitNote;
pub use receive::{
    Receipt, ReplayReport, SubscriptionCheck, SubscriptionOutcome, WebhookOptions, WebhookSecret,
};
pub use rules::{DryRun, Foreseen, Foretold, TableInForce, TableReport};
pub use sync::{Backfill, SyncHealth, SyncObserver, SyncOptions, SyncReport};
pub use waiting::{Alarm, Alarms, DeadlineOptions, Forecast, Pace, SlotForecast};
pub use work::{Drained, Workers};

use crate::{
    Clock, Error, ErrorKind, Result,
    connector::{Connector, Context},
    http::{HttpService, Lines, breaker::Breaker},
    mapping::Rules,
    metrics::Metrics,
    store::{MoveWatcher, Store},
    tenant::Tenant,
    vault::Vault,
};
use secrecy::ExposeSecret;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// The engine. Cheap to clone; all clones share one store.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    vault: Vault,
    options: EngineOptions,
    base: Arc<dyn HttpService>,
    /// The engine's deployment of the authority.
    authority: Option<authority::Deployment>,
    /// The deployments of tenants with an address of their own, by address.
    deployments: Mutex<HashMap<String, authority::Deployment>>,
    contexts: Mutex<HashMap<Uuid, CachedContext>>,
    /// What the calls of one connection share.
    lines: Lines,
    holds: waiting::Holds,
    /// What the authority's calls tell about the authority.
    breaker: Arc<Breaker>,
    watch: waiting::Watch,
    shelves: catalogue::Shelves,
    lists: lists::Lists,
    /// What webhooks are verified with.
    desk: receive::Desk,
    checks: receive::Checks,
    tending: sync::Tending,
    board: switches::Board,
    metrics: Arc<Metrics>,
    /// Kept for the store, which holds it weakly.
    _moves: Arc<dyn MoveWatcher>,
    idle: connect::Idle,
    kept: housekeeping::Kept,
    compiled: rules::Compiled,
    imported: rules::Imported,
    /// Rung when there may be new work.
    bell: Notify,
}

/// A connection's HTTP stack, as long as its settings are the same; its tokens keep themselves fresh.
struct CachedContext {
    sealed: String,
    settings: std::collections::BTreeMap<String, String>,
    header: connect::TokenHeader,
    tokens: Arc<connect::Tokens>,
    context: Context,
}

impl Engine {
    /// Opens `sqlite:///path/to/file.db` or `sqlite::memory:`, creating and migrating it.
    ///
    /// # Errors
    /// `Config` for a missing or malformed key, one that opens none of the stored credentials, a malformed URL, webhooks
    /// that are kept for too short a time, or default rules that do not load; `Store`.
    #[cfg(all(feature = "sqlite", feature = "http"))]
    pub async fn open(url: &str, options: EngineOptions) -> Result<Self> {
        let store = crate::store::Sqlite::open(url).await?;
        let client =
            crate::http::ClientOptions { allow_hosts: options.allow_hosts.clone(), ..Default::default() };
        let base = crate::http::ReqwestService::new(client)?;
        Self::assemble(Arc::new(store), Arc::new(base), options).await
    }

    /// Puts an engine together from a store and an HTTP service.
    ///
    /// # Errors
    /// As `open`.
    pub async fn assemble(
        store: Arc<dyn Store>,
        base: Arc<dyn HttpService>,
        options: EngineOptions,
    ) -> Result<Self> {
        let keys: Vec<&str> = options.keys.iter().map(ExposeSecret::expose_secret).collect();
        let vault = Vault::new(&keys)?;
        for connector in options.registry.iter() {
            Rules::of_platform(connector.info())?;
        }
        authority::without_user(&options)?;
        housekeeping::check(options.webhooks.keep)?;
        let platforms = options.registry.iter().map(|connector| connector.info().id);
        let metrics = Arc::new(Metrics::new(options.metrics, platforms));
        let (clock, counted) = (options.clock.clone(), metrics.clone());
        let moves: Arc<dyn MoveWatcher> = Arc::new(observe::MoveTimes { clock, metrics: counted });
        store.watch(Arc::downgrade(&moves));
        let breaker = Arc::new(Breaker::new(options.breaker));
        let authority = options.authority.as_ref().map(|authority| {
            authority::deployment(base.clone(), &options, &authority.base_url, breaker.clone(), &metrics)
        });
        store.migrate().await?;
        keys::check(&*store, &vault, options.keys_lost, options.clock.now()).await?;
        let inner = Inner {
            store,
            vault,
            options,
            base,
            authority,
            deployments: Mutex::new(HashMap::new()),
            contexts: Mutex::new(HashMap::new()),
            lines: Lines::default(),
            holds: waiting::Holds::default(),
            breaker,
            watch: waiting::Watch::default(),
            shelves: catalogue::Shelves::default(),
            lists: lists::Lists::default(),
            desk: receive::Desk::default(),
            checks: receive::Checks::default(),
            tending: sync::Tending::default(),
            board: switches::Board::default(),
            metrics,
            _moves: moves,
            idle: connect::Idle::default(),
            kept: housekeeping::Kept::default(),
            compiled: rules::Compiled::default(),
            imported: rules::Imported::default(),
            bell: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Stores a tenant; one with the same `business_id` (else TIN) is updated and keeps its id. Its authority
    /// credentials are sealed; without any, those stored before stay. Sales of the tenant that are held or were
    /// refused are looked at again, and submissions that wait for its keys go on.
    ///
    /// # Errors
    /// `Config`, naming the field, for settings that cannot be used; `Store`.
    pub async fn add_tenant(&self, mut tenant: Tenant) -> Result<Tenant> {
        check_tenant(&tenant)?;
        if let Some(credentials) = &tenant.authority {
            authority::check(credentials, &self.inner.options)?;
        }
        let now = self.now();
        let authority = tenant.authority.take();
        let id = self.store().put_tenant(&tenant, None, now).await?;
        tenant.id = Some(id);
        if let Some(authority) = authority {
            // Under its id, which stays, while TIN and business id may turn out to be wrong.
            let sealed = self.inner.vault.seal(&authority, &tenant_context(id), now)?;
            self.store().put_tenant(&tenant, Some(&sealed), now).await?;
        }
        // What waited for a setting may move on now.
        self.requeue_held(id, None).await?;
        self.requeue_rejected(id).await?;
        self.inner.holds.lift(id);
        self.store().hasten(id, now).await?;
        self.inner.bell.notify_waiters();
        Ok(tenant)
    }

    /// A stored tenant, without its credentials.
    ///
    /// # Errors
    /// `NotFound`; `Store`.
    pub async fn tenant(&self, id: Uuid) -> Result<Tenant> {
        Ok(self.store().tenant(id).await?.0)
    }

    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.inner.options.clock.now()
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.options.clock
    }

    fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    fn connector(&self, platform: &str) -> Result<&Arc<dyn Connector>> {
        self.inner.options.registry.get(platform)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("store", &self.inner.store).finish_non_exhaustive()
    }
}

/// The place a tenant's sealed credentials belong to.
fn tenant_context(tenant: Uuid) -> String {
    format!("tenant:{tenant}:authority")
}

/// Settings that would only fail at the first sale are refused when they are made.
fn check_tenant(tenant: &Tenant) -> Result<()> {
    use taxpoynt_ubl::DocumentType;
    crate::pipeline::series_of(tenant, DocumentType::Invoice)?;
    crate::pipeline::series_of(tenant, DocumentType::CreditNote)?;
    crate::pipeline::series_of(tenant, DocumentType::DebitNote)?;
    Rules::of_tenant(tenant)?;
    if let Some(keys) = tenant.authority.as_ref().and_then(|a| a.crypto_keys.as_deref()) {
        crate::stamp::CryptoKeys::parse(keys)?;
    }
    if tenant.name.trim().is_empty() {
        let message = "a tenant needs its legal name";
        return Err(Error::new(ErrorKind::Config, "engine.add_tenant", message).with("field", "name"));
    }
    Ok(())
}
