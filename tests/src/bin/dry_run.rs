//! How long it takes to see what a rule change does to very many stored sales, and in how much memory.
//!
//! `cargo run --release -p taxpoynt-tests --bin dry_run -- --sales 100000`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run must stop, and it asks the machine for the time"
)]

use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use taxpoynt_core::{
    Vault,
    engine::{Credentials, DryRun, Engine, EngineOptions},
    model::{RawRecord, RecordKind, SourceKey},
    store::{Lane, PutRecord, Sqlite, Store},
    tenant::Tenant,
};
use taxpoynt_tests::{
    Place, Random,
    measure::{number, peak},
    platforms,
    tills::{Account, till_order},
};
use uuid::Uuid;

/// What is tried out: another tax, and a note that names the sale, so that every sale changes and no two alike.
const RULES: &str = r#"
[invoice]
note = { from = "sale.id", apply = [{ template = "Sale {}" }] }

[each.line]
tax = { value = { category = "Z", reason = "Zero-rated supplies" } }
"#;

/// The time it may take for a hundred thousand sales.
const LIMIT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() {
    let sales = number("--sales", 100_000);
    let place = Place::new();
    let store = Sqlite::open(&place.url("store.db")).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let options = EngineOptions::new(vec![Vault::generate_key().into()], platforms());
    let engine = Engine::assemble(store.clone(), Arc::new(Account), options).await.unwrap();
    let settings = include_bytes!("../../../examples/quickstart/tenant.json");
    let tenant = engine.add_tenant(Tenant::from_json(settings).unwrap()).await.unwrap().id.unwrap();
    let credentials = Credentials { access_token: "token".into(), webhook_secret: None };
    let till = engine.connect("square", tenant, credentials, BTreeMap::new()).await.unwrap();
    fill(&store, till.id, sales).await;

    let wanted = DryRun { tenant, rules: Some(RULES.to_owned()), ..DryRun::default() };
    // A tenth first: what it needs to warm up, and the memory to hold the whole against.
    let since = store.records(&Default::default()).await.unwrap().items[0].first_seen;
    drop(engine.dry_run(&DryRun { since: Some(since), ..wanted.clone() }).await.unwrap());
    let before = peak();
    let start = Instant::now();
    let preview = engine.dry_run(&wanted).await.unwrap();
    let took = start.elapsed();
    print!("{}", preview.table());
    println!(
        "\n{sales} sales in {took:.2?}; memory at its peak {} MB, {} MB before",
        peak() >> 20,
        before >> 20
    );
    assert_eq!((preview.seen, preview.changed), (sales, sales));
    drop(place);
    let allowed = LIMIT * u32::try_from(sales).unwrap_or(u32::MAX) / 100_000;
    if took > allowed {
        println!("FAILED: over {allowed:?}");
        std::process::exit(1);
    }
}

/// Sales of one to five lines, some with a tax, as Square keeps them.
async fn fill(store: &Arc<dyn Store>, connection: Uuid, sales: u64) {
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    let mut random = Random::seeded(42);
    let mut moves = tokio::task::JoinSet::new();
    for nth in 0..sales {
        let order = till_order(&format!("SALE-{nth:08}"), &mut random);
        let key = SourceKey::new(RecordKind::Order, format!("SALE-{nth:08}"));
        let raw = RawRecord { key, modified_at: Some(now), body: Bytes::from(order.to_string()) };
        let put = PutRecord { connection, raw, lane: Lane::Bulk, queue: false };
        let store = store.clone();
        moves.spawn(async move { store.put_record(&put, None, now).await.map(drop) });
        if moves.len() >= 500 {
            moves.join_next().await.unwrap().unwrap().unwrap();
        }
    }
    while let Some(done) = moves.join_next().await {
        done.unwrap().unwrap();
    }
}
