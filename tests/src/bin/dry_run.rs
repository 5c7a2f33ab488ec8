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

use async_trait::async_trait;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use taxpoynt_core::{
    Result, Vault,
    engine::{Credentials, DryRun, Engine, EngineOptions},
    http::HttpService,
    model::{RawRecord, RecordKind, SourceKey},
    store::{Lane, PutRecord, Sqlite, Store},
    tenant::Tenant,
};
use taxpoynt_tests::{Random, platforms};
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

/// Answers the account call; nothing else is asked.
#[derive(Debug)]
struct Account;

#[async_trait]
impl HttpService for Account {
    async fn call(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        Ok(http::Response::new(Bytes::from_static(
            b"{\"merchant\":{\"id\":\"M1\",\"business_name\":\"Ada\"}}",
        )))
    }
}

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip_while(|word| word != "--sales").skip(1);
    let sales: u64 = words.next().map_or(100_000, |count| count.parse().expect("--sales wants a number"));
    let folder = std::env::temp_dir().join(format!("taxpoynt-dry-run-{}", Uuid::now_v7()));
    std::fs::create_dir(&folder).unwrap();
    let store = Sqlite::open(&format!("sqlite://{}/store.db", folder.display())).await.unwrap();
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
        peak() / 1024,
        before / 1024
    );
    assert_eq!((preview.seen, preview.changed), (sales, sales));
    std::fs::remove_dir_all(folder).unwrap();
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
        let lines: Vec<_> =
            (0..=random.below(5)).map(|line| line_of(line, 100 + random.below(500_000) as i64)).collect();
        let net: i64 = lines.iter().map(|line| line["gross_sales_money"]["amount"].as_i64().unwrap()).sum();
        let money = |amount: i64| serde_json::json!({"amount": amount, "currency": "NGN"});
        let order = serde_json::json!({
            "id": format!("SALE-{nth:08}"), "location_id": "L1", "state": "COMPLETED", "version": 1,
            "created_at": "2026-11-20T09:00:00Z", "closed_at": "2026-11-20T09:00:05Z", "updated_at": "2026-11-20T09:00:05Z",
            "line_items": lines, "total_money": money(net), "total_tax_money": money(0), "total_discount_money": money(0),
            "total_tip_money": money(0), "total_service_charge_money": money(0), "net_amount_due_money": money(0),
            "tenders": [{"id": "T", "type": "CASH", "amount_money": money(net)}],
        });
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

fn line_of(nth: usize, amount: i64) -> serde_json::Value {
    let money = serde_json::json!({"amount": amount, "currency": "NGN"});
    serde_json::json!({
        "uid": format!("line-{nth}"), "name": format!("Item {nth}"), "quantity": "1", "item_type": "ITEM",
        "base_price_money": money, "gross_sales_money": money, "total_money": money,
        "total_tax_money": {"amount": 0, "currency": "NGN"}, "total_discount_money": {"amount": 0, "currency": "NGN"},
    })
}

/// The most memory this process ever had, in kB (Linux; elsewhere 0).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}
