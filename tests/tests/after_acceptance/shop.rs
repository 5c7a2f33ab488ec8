//! A shop with a book, its engine and the authority; time is the test's.

use crate::book::{Book, Page};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use std::{path::PathBuf, sync::Arc, time::Duration};
use taxpoynt_core::{
    Vault,
    connector::Registry,
    engine::{AuthorityOptions, Credentials, Engine, EngineOptions},
    http::HttpService,
    store::{Document, DocumentFilter, DocumentState, Held, RecordFilter, Sqlite},
    tenant::{CorrectionPolicy, Tenant},
};
use taxpoynt_sim::{Options, Sim};
use taxpoynt_tests::{TestClock, network, shop as profile};
use uuid::Uuid;

/// Everything that runs.
pub struct Shop {
    pub sim: Sim,
    pub engine: Engine,
    pub clock: Arc<TestClock>,
    pub tenant: Uuid,
    pub site: Site,
    book: Uuid,
    _place: Place,
}

/// What it takes to open the engine again.
#[derive(Clone)]
pub struct Site {
    authority: url::Url,
    database: PathBuf,
    clock: Arc<TestClock>,
    key: SecretString,
    pub webhook_secret: Option<SecretString>,
    pub edit: fn(&mut EngineOptions),
}

impl Site {
    pub async fn engine(&self, network: Arc<dyn HttpService>) -> Engine {
        let mut registry = Registry::new();
        registry.register(Book);
        let mut options = EngineOptions::new(vec![self.key.clone()], registry);
        options.authority = Some(AuthorityOptions {
            base_url: self.authority.clone(),
            keys: None,
            webhook_secret: self.webhook_secret.clone(),
        });
        options.clock = self.clock.clone();
        (self.edit)(&mut options);
        let store = Sqlite::open(&format!("sqlite://{}", self.database.display())).await.unwrap();
        Engine::assemble(Arc::new(store), network, options).await.unwrap()
    }
}

struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Shop {
    /// Corrections wait for a person.
    pub async fn open() -> Self {
        Self::of(|_| {}).await
    }

    /// Corrections are made by this policy.
    pub async fn correcting(policy: CorrectionPolicy) -> Self {
        Self::of(move |tenant| tenant.policy.corrections = policy).await
    }

    pub async fn of(edit: impl FnOnce(&mut Tenant)) -> Self {
        Self::with(edit, |_| {}).await
    }

    pub async fn with(edit: impl FnOnce(&mut Tenant), options: fn(&mut EngineOptions)) -> Self {
        let now: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let sim = Sim::start(Options { now: Some(now), ..Options::default() }).await.unwrap();
        let place = Place(std::env::temp_dir().join(format!("taxpoynt-after-{}", Uuid::now_v7())));
        std::fs::create_dir_all(&place.0).unwrap();
        let clock = Arc::new(TestClock::new(now));
        let site = Site {
            authority: sim.urls().authority.parse().unwrap(),
            database: place.0.join("taxpoynt.db"),
            clock: clock.clone(),
            key: SecretString::from(Vault::generate_key()),
            webhook_secret: None,
            edit: options,
        };
        let engine = site.engine(network()).await;
        let mut tenant = profile(&sim);
        edit(&mut tenant);
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        let book = engine.connect("book", tenant, Credentials::default(), [].into()).await.unwrap().id;
        Self { sim, engine, clock, tenant, site, book, _place: place }
    }

    /// Changes the shop's settings.
    pub async fn mend(&self, edit: impl FnOnce(&mut Tenant)) {
        let mut tenant = Tenant { id: Some(self.tenant), ..profile(&self.sim) };
        edit(&mut tenant);
        self.engine.add_tenant(tenant).await.unwrap();
    }

    /// Writes a page into the book, as of now, without working on it.
    pub async fn write(&self, page: &mut Page) {
        self.clock.advance(Duration::from_secs(1));
        page.sale.changed_at = taxpoynt_core::Clock::now(&*self.clock);
        let body = json!(page).to_string();
        self.engine.ingest(self.book, Some(self.tenant), body.as_bytes()).await.unwrap();
    }

    /// Writes a page and works until nothing is left.
    pub async fn enter(&self, page: &mut Page) {
        self.write(page).await;
        self.settle().await;
    }

    /// A sale whose invoice is accepted.
    pub async fn sold(&self, id: &str) -> (Page, Document) {
        let mut page = Page::sale(id, DateTime::default());
        self.enter(&mut page).await;
        let document = self.only(id).await;
        assert_eq!(document.state, DocumentState::Accepted, "{document:?}");
        (page, document)
    }

    pub async fn settle(&self) {
        self.settle_with(&self.engine).await;
    }

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
    pub async fn documents(&self) -> Vec<Document> {
        let filter =
            DocumentFilter { tenant: Some(self.tenant), limit: Some(1000), ..DocumentFilter::default() };
        let mut items = self.engine.invoices(&filter).await.unwrap().items;
        items.reverse();
        items
    }

    /// The documents of a page, oldest first.
    pub async fn documents_of(&self, id: &str) -> Vec<Document> {
        self.documents().await.into_iter().filter(|d| d.source_id == id).collect()
    }

    /// The only document of a page.
    pub async fn only(&self, id: &str) -> Document {
        let mut all = self.documents_of(id).await;
        assert_eq!(all.len(), 1, "{all:?}; held: {:?}", self.held(id).await);
        all.remove(0)
    }

    /// The document of a purpose.
    pub async fn document(&self, id: &str, purpose: &str) -> Document {
        let all = self.documents_of(id).await;
        let purposes: Vec<_> = all.iter().map(|d| d.document.purpose.clone()).collect();
        let found = all.into_iter().find(|d| d.document.purpose == purpose);
        found.unwrap_or_else(|| panic!("{id} has no {purpose}, only {purposes:?}"))
    }

    /// The purposes of a page's documents, oldest first.
    pub async fn purposes(&self, id: &str) -> Vec<String> {
        self.documents_of(id).await.into_iter().map(|d| d.document.purpose).collect()
    }

    /// Why a page waits.
    pub async fn held(&self, id: &str) -> Option<Held> {
        let filter = RecordFilter { tenant: Some(self.tenant), limit: Some(1000), ..RecordFilter::default() };
        let all = self.engine.records(&filter).await.unwrap().items;
        all.into_iter().find(|record| record.raw.key.id == id).and_then(|record| record.held)
    }

    /// What the authority has as the payment status of a document.
    pub fn status_there(&self, irn: &str) -> String {
        let registered = self.sim.authority().registered();
        registered.into_iter().find(|r| r.irn == irn).unwrap().payment_status
    }

    /// How often an endpoint of the authority was called.
    pub fn calls(&self, endpoint: &str) -> u64 {
        self.sim.authority().calls().get(endpoint).copied().unwrap_or_default()
    }

    /// Each document accepted, each registered once, no number left out, nothing given up.
    pub async fn assert_sound(&self, count: usize) {
        let documents = self.documents().await;
        let purposes: Vec<_> = documents.iter().map(|d| (&d.source_id, &d.document.purpose)).collect();
        assert_eq!(documents.len(), count, "{purposes:?}");
        for document in &documents {
            assert_eq!(document.state, DocumentState::Accepted, "{document:?}");
        }
        let registered = self.sim.authority().registered();
        let mut there: Vec<_> = registered.iter().map(|r| r.irn.clone()).collect();
        let mut here: Vec<_> = documents.iter().map(|d| d.document.irn.clone()).collect();
        there.sort();
        here.sort();
        assert_eq!(there, here, "what the authority has is what we have");
        assert!(registered.iter().all(|r| r.signed_count == 1), "signed twice");
        for series in ["INV", "CN", "DN"] {
            let mut numbers: Vec<_> =
                documents.iter().filter_map(|d| d.document.number.strip_prefix(series)).collect();
            numbers.sort_unstable();
            let expected: Vec<_> = (1..=numbers.len()).map(|n| format!("{n:06}")).collect();
            assert_eq!(numbers, expected, "numbers of {series}");
        }
        let dead = self.engine.dead_letters(None).await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
    }
}

impl Shop {
    /// Somebody closes a document on the authority's dashboard.
    pub async fn reject_on_the_dashboard(&self, irn: &str) {
        self.update_there(irn, taxpoynt_ubl::PaymentStatus::Rejected).await;
    }

    /// Somebody marks a document as paid on the authority's dashboard.
    pub async fn pay_on_the_dashboard(&self, irn: &str) {
        self.update_there(irn, taxpoynt_ubl::PaymentStatus::Paid).await;
    }

    async fn update_there(&self, irn: &str, status: taxpoynt_ubl::PaymentStatus) {
        let (client, keys) = self.by_hand();
        let irn = taxpoynt_ubl::Irn::parse(irn).unwrap();
        client.update_payment(&keys, &irn, status, None).await.unwrap();
    }

    /// Registers a document as it is now, behind the engine's back: as by an engine whose store was put back since.
    pub async fn sign_there(&self, document: &Document) {
        let (client, keys) = self.by_hand();
        client.sign(&keys, document.document.mbs.clone()).await.unwrap();
    }

    fn by_hand(&self) -> (taxpoynt_core::firs::Client, taxpoynt_core::firs::ApiKeys) {
        let authority = &self.sim.credentials().authority;
        let keys = taxpoynt_core::firs::ApiKeys::new(&authority.api_key, &authority.api_secret);
        (taxpoynt_core::firs::Client::new(network(), self.site.authority.clone()), keys)
    }
}
