//! How long a webhook takes from its arrival until it is stored and may be answered, at a rate that does not wait.
//!
//! `cargo run --release -p taxpoynt-tests --bin receiving -- --rate 5000 --seconds 20`
//!
//! Arrivals are fixed beforehand (open loop) and each is measured from when it *should* have come, so that a stall shows
//! in everything that arrived during it. Bodies are signed by the simulator; the store is a file with full sync. The limit
//! beside it is a bare commit with full sync in the same folder: nothing stored durably can be faster.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement asks the machine for the time, and what cannot run must stop"
)]

use bytes::Bytes;
use http::HeaderMap;
use sqlx::{ConnectOptions, Connection as _, sqlite::SqliteConnectOptions};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use taxpoynt_core::{
    Vault,
    engine::{Credentials, Engine, EngineOptions},
    store::Sqlite,
    tenant::Tenant,
};
use taxpoynt_sim::square_signature;
use taxpoynt_tests::{Place, measure::number, platforms, tills::Account};
use tokio::{runtime::Builder, task::JoinSet};
use uuid::Uuid;

const URL: &str = "https://pos.example/webhooks/square";
const KEY: &str = "a signature key of a usual length, 44 characters";

fn main() {
    let (rate, seconds) = (number("--rate", 5_000), number("--seconds", 20));
    let limit = Duration::from_millis(number("--p99-ms", 0));
    let place = Place::new();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (bare, single) = (bare_commits(&place).await, engine(&place).await);
        println!("bare commits with full sync: {}", Spread::of(bare));
        let (engine, connection) = single;
        // A second to open caches and grow the journal, as in any process that has been up for a while.
        arrive(&engine, connection, rate, rate, 0).await;
        let count = rate * seconds;
        let (took, wall) = arrive(&engine, connection, count, rate, rate).await;
        let spread = Spread::of(took);
        println!(
            "{count} webhooks at {rate}/s in {} s, arrival to stored: {spread}",
            wall.as_secs_f32_text()
        );
        let stored = engine.deliveries(&Default::default()).await.unwrap().items.len();
        assert_eq!(stored, 100, "a full page of what was stored");
        if !limit.is_zero() && spread.p99 > limit {
            println!("FAILED: p99 over {limit:?}");
            std::process::exit(1);
        }
    });
    drop(runtime);
}

/// Seconds as text with one place, without a float.
trait Seconds {
    fn as_secs_f32_text(&self) -> String;
}

impl Seconds for Duration {
    fn as_secs_f32_text(&self) -> String {
        format!("{}.{}", self.as_secs(), self.subsec_millis() / 100)
    }
}

async fn engine(place: &Place) -> (Engine, Uuid) {
    let options = EngineOptions::new(vec![Vault::generate_key().into()], platforms());
    let store = Sqlite::open(&place.url("engine.db")).await.unwrap();
    let engine = Engine::assemble(Arc::new(store), Arc::new(Account), options).await.unwrap();
    let tenant = Tenant { name: "Balogun Textiles Ltd".to_owned(), ..Tenant::default() };
    let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
    let credentials =
        Credentials { access_token: "token".to_owned().into(), webhook_secret: Some(KEY.to_owned().into()) };
    let settings = BTreeMap::from([("webhook_url".to_owned(), URL.to_owned())]);
    let connection = engine.connect("square", tenant, credentials, settings).await.unwrap();
    (engine, connection.id)
}

/// A payment of 1.5 kB, signed.
fn webhook(id: u64) -> (HeaderMap, Bytes) {
    let payment = serde_json::json!({
        "id": format!("PAYMENT-{id}"), "order_id": format!("ORDER-{id}"), "status": "COMPLETED", "note": "x".repeat(1200),
        "amount_money": { "amount": 430_000, "currency": "NGN" },
    });
    let body = serde_json::json!({
        "merchant_id": "MERCHANT-1", "type": "payment.updated", "event_id": format!("{}", Uuid::now_v7()),
        "created_at": "2026-11-02T09:05:01Z",
        "data": { "type": "payment", "id": "PAYMENT", "object": { "payment": payment } },
    })
    .to_string();
    let signature = square_signature(KEY, URL, &body);
    let name = "x-square-hmacsha256-signature".parse().unwrap();
    (HeaderMap::from_iter([(name, signature.parse().unwrap())]), Bytes::from(body))
}

/// Lets `count` webhooks arrive at `rate` a second, whatever becomes of those before; how long each took from when it
/// should have come, and all of them together.
async fn arrive(
    engine: &Engine,
    connection: Uuid,
    count: u64,
    rate: u64,
    first: u64,
) -> (Vec<Duration>, Duration) {
    let webhooks: Vec<_> = (0..count).map(|nth| webhook(first + nth)).collect();
    let target = connection.to_string();
    let mut running = JoinSet::new();
    let start = Instant::now() + Duration::from_millis(50);
    // A thread of its own keeps the time: arrivals wait for nobody.
    let (send, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let clock = std::thread::spawn(move || {
        for (nth, webhook) in webhooks.into_iter().enumerate() {
            let due = start + Duration::from_nanos(nth as u64 * 1_000_000_000 / rate);
            let wait = due.saturating_duration_since(Instant::now());
            // Shorter waits are not slept: several that fall due together arrive together.
            if wait > Duration::from_micros(100) {
                std::thread::sleep(wait);
            }
            send.send((due, webhook)).unwrap();
        }
    });
    let mut took = Vec::new();
    while let Some((due, (headers, body))) = arrivals.recv().await {
        let (engine, target) = (engine.clone(), target.clone());
        running.spawn(async move {
            let receipt = engine.receive(&target, "POST", URL, &headers, &body).await.unwrap();
            assert_eq!((receipt.status, receipt.new), (200, 1), "{}", receipt.reply);
            due.elapsed()
        });
        while let Some(done) = running.try_join_next() {
            took.push(done.unwrap());
        }
    }
    while let Some(done) = running.join_next().await {
        took.push(done.unwrap());
    }
    clock.join().unwrap();
    (took, start.elapsed())
}

async fn bare_commits(place: &Place) -> Vec<Duration> {
    let mut connection = SqliteConnectOptions::new()
        .filename(place.0.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap();
    sqlx::query("CREATE TABLE body (id INTEGER PRIMARY KEY, body BLOB)")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut took = Vec::new();
    for _ in 0..1000 {
        let start = Instant::now();
        sqlx::query("INSERT INTO body (body) VALUES (?1)")
            .bind(vec![7_u8; 1500])
            .execute(&mut connection)
            .await
            .unwrap();
        took.push(start.elapsed());
    }
    connection.close().await.unwrap();
    took
}

struct Spread {
    p50: Duration,
    p99: Duration,
    p999: Duration,
    most: Duration,
}

impl Spread {
    fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |per_mille: usize| took[(took.len() * per_mille / 1000).min(took.len() - 1)];
        Self { p50: at(500), p99: at(990), p999: at(999), most: at(1000) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { p50, p99, p999, most } = self;
        write!(f, "p50 {p50:.2?}, p99 {p99:.2?}, p99.9 {p999:.2?}, longest {most:.2?}")
    }
}
