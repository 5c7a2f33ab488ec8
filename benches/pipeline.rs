//! A record → stored, converted, numbered, stamped, stored again, submitted and confirmed, on SQLite with full sync.
//! The authority is a function in memory. The limit beside it: the same number of bare commits with full sync.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use async_trait::async_trait;
use bytes::Bytes;
use divan::{Bencher, counter::ItemsCount};
use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection};
use std::{
    collections::BTreeMap,
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use taxpoynt_benches::{order, tenant};
use taxpoynt_core::{
    Clock, Result, SystemClock,
    connector::Registry,
    engine::{AuthorityOptions, Credentials, Engine, EngineOptions},
    firs::ApiKeys,
    http::HttpService,
    store::{DocumentFilter, DocumentState, Sqlite},
    tenant::AuthorityCredentials,
    vault::Vault,
};
use tokio::runtime::Runtime;

/// Records a sample.
const RECORDS: u64 = 50;

/// Commits that one sale makes: record, documents, five stages and the end of the job.
const COMMITS: u64 = 8;

fn main() {
    divan::main();
}

/// Answers like the platform's account call and like the authority that says yes.
#[derive(Debug)]
struct Yes;

#[async_trait]
impl HttpService for Yes {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let path = request.uri().path();
        let body = if path.ends_with("/merchants/me") {
            r#"{"merchant":{"id":"MERCHANT-1","business_name":"Balogun"}}"#
        } else if path.contains("/confirm/") {
            r#"{"code":200,"data":{"transmitted":false,"delivered":false,"issue_date":"2026-11-02","payment_status":"PAID"}}"#
        } else {
            r#"{"code":200,"data":{"ok":true}}"#
        };
        Ok(http::Response::new(Bytes::from_static(body.as_bytes())))
    }
}

async fn engine(folder: &std::path::Path) -> (Engine, uuid::Uuid) {
    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    let mut options = EngineOptions::new(vec![SecretString::from(Vault::generate_key())], registry);
    let base_url = "https://authority.example/".parse().unwrap();
    options.allow_hosts = vec!["square.example".into()];
    options.authority =
        Some(AuthorityOptions { base_url, keys: Some(ApiKeys::new("key", "secret")), webhook_secret: None });
    let store = Sqlite::open(&format!("sqlite://{}", folder.join("bench.db").display())).await.unwrap();
    let engine = Engine::assemble(Arc::new(store), Arc::new(Yes), options).await.unwrap();
    let mut tenant = tenant();
    let sim = taxpoynt_sim::Sim::start(taxpoynt_sim::Options::default()).await.unwrap();
    let crypto_keys = Some(sim.credentials().authority.crypto_keys.clone());
    tenant.authority = Some(AuthorityCredentials { crypto_keys, ..AuthorityCredentials::default() });
    let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
    let credentials = Credentials { access_token: "token".to_owned().into(), webhook_secret: None };
    let settings = BTreeMap::from([("base_url".to_owned(), "https://square.example/".to_owned())]);
    let connection = engine.connect("square", tenant, credentials, settings).await.unwrap();
    (engine, connection.id)
}

fn folder(name: &str) -> std::path::PathBuf {
    static RUN: AtomicU64 = AtomicU64::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed);
    let stamp = SystemClock.now().timestamp_micros();
    let folder = std::env::temp_dir().join(format!("taxpoynt-bench-{name}-{stamp}-{run}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn record_to_confirmed(bencher: Bencher) {
    let runtime = Runtime::new().unwrap();
    let folder = folder("engine");
    let (engine, connection) = runtime.block_on(engine(&folder));
    let next = AtomicU64::new(1);
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| {
        runtime.block_on(async {
            for _ in 0..RECORDS {
                let id = next.fetch_add(1, Ordering::Relaxed);
                engine.ingest(connection, None, &order(id, 5)).await.unwrap();
            }
            let drained = engine.drain(Duration::from_secs(60)).await.unwrap();
            assert!(drained.empty && drained.later == 0, "every job is done");
            let accepted = DocumentFilter {
                state: Some(DocumentState::Accepted),
                limit: Some(1000),
                ..Default::default()
            };
            let made = next.load(Ordering::Relaxed) - 1;
            let found = engine.invoices(&accepted).await.unwrap().items.len();
            assert_eq!(found as u64, made.min(1000), "every record became an accepted invoice");
        });
    });
    drop(engine);
    std::fs::remove_dir_all(folder).unwrap();
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn limit_bare_commits(bencher: Bencher) {
    let runtime = Runtime::new().unwrap();
    let folder = folder("commits");
    let mut connection = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(folder.join("bench.db"))
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
        let mut connection = options.connect().await.unwrap();
        sqlx::query("CREATE TABLE sale (id INTEGER PRIMARY KEY, body BLOB)")
            .execute(&mut connection)
            .await
            .unwrap();
        connection
    });
    let body = vec![b'x'; 4096];
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| {
        runtime.block_on(async {
            for _ in 0..RECORDS * COMMITS {
                sqlx::query("INSERT INTO sale (body) VALUES (?)")
                    .bind(&body)
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
        });
    });
    runtime.block_on(connection.close()).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
