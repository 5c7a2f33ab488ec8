//! How long the list of unclassified items and an answer take when very many sales wait.
//!
//! `cargo run --release -p taxpoynt-tests --bin unclassified -- --sales 100000 --items 500 --entries 100000`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run must stop, and it asks the machine for the time"
)]

use bytes::Bytes;
use std::{collections::BTreeMap, time::Instant};
use taxpoynt_core::{
    catalogue::{By, Catalogue, Entry, Item, SoldItem, WaitingItem, parse, write},
    firs::CodeLists,
    model::{RawRecord, RecordKind, SourceKey},
    store::{
        CatalogueStore, DocumentStore, Held, Lane, NewConnection, Prepared, PutEntries, PutRecord,
        RecordStore, Sqlite, TenantStore, Waiting,
    },
    tenant::Tenant,
};
use taxpoynt_tests::{Place, Random, measure::number};
use taxpoynt_ubl::Classification;
use uuid::Uuid;

fn main() {
    let number = |name, default| number(name, default) as usize;
    let (sales, items, entries) =
        (number("--sales", 100_000), number("--items", 500), number("--entries", 100_000));
    look_ups(entries);
    tokio::runtime::Runtime::new().unwrap().block_on(waiting(sales, items, entries));
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:?}", start.elapsed());
    done
}

fn food() -> Classification {
    Classification::Goods { hsn_code: "2106.90".into(), product_category: "Food preparations".into() }
}

/// A third each by id, SKU and name, and fifty patterns.
fn made(count: usize) -> Vec<Entry> {
    let entry = |n: usize| match n % 3 {
        0 => {
            Entry { platform: Some("till".into()), ..Entry::new(By::ItemId, format!("ITEM{n:020}"), food()) }
        }
        1 => Entry::new(By::Sku, format!("SKU-{n}"), food()),
        _ => Entry::new(By::Name, format!("Product number {n}"), food()),
    };
    let patterns = (0..50).map(|n| Entry::new(By::NamePattern, format!("*ware {n}*"), food()));
    (0..count).map(entry).chain(patterns).collect()
}

fn look_ups(count: usize) {
    let entries = made(count);
    let file = timed("export to CSV", || write(&entries).unwrap());
    let parsed = timed("read from CSV", || parse(file.as_bytes(), CodeLists::shipped()));
    assert!(!parsed.is_refused() && parsed.entries.len() == entries.len());
    let catalogue = timed("compile", || Catalogue::new(parsed.entries));
    let mut random = Random::seeded(42);
    let wanted: Vec<(String, String, String)> = (0..1_000_000)
        .map(|_| {
            let n = random.below(count);
            (format!("ITEM{n:020}"), format!("SKU-{n}"), format!("Product number {n}"))
        })
        .collect();
    let start = Instant::now();
    let mut found = 0;
    for (id, sku, name) in &wanted {
        let item = Item { platform: "till", item_id: Some(id), sku: Some(sku), name, category: None };
        found += usize::from(catalogue.find(&item).is_some());
    }
    let took = start.elapsed();
    println!("1,000,000 look-ups among {count}: {took:?}, {} ns each", took.as_nanos() / 1_000_000);
    assert_eq!(found, wanted.len());
}

async fn waiting(sales: usize, items: usize, entries: usize) {
    let place = Place::new();
    let store = Sqlite::open(&place.url("store.db")).await.unwrap();
    store.migrate().await.unwrap();
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    let tenant = Tenant { name: "Ada Foods Ltd".into(), ..Tenant::default() };
    let tenant = store.put_tenant(&tenant, None, now).await.unwrap();
    let till = NewConnection {
        tenant,
        platform: "till".into(),
        family: "pos",
        account: "merchant-1".into(),
        account_name: None,
        settings: BTreeMap::new(),
        sealed: "sealed".into(),
    };
    let till = store.put_connection(&till, now).await.unwrap();
    let start = Instant::now();
    let mut moves = tokio::task::JoinSet::new();
    for n in 0..sales {
        let store = store.clone();
        moves.spawn(async move { hold(&store, till.id, n, items, now).await });
        if moves.len() >= 500 {
            moves.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = moves.join_next().await {
        done.unwrap();
    }
    println!("{sales} sales held, three items each: {:?}", start.elapsed());

    let start = Instant::now();
    let rows = store.unclassified(tenant).await.unwrap();
    println!(
        "list of {} items with {} waits: {:?}",
        rows.len(),
        rows.iter().map(|r| r.waiting).sum::<u64>(),
        start.elapsed()
    );
    let start = Instant::now();
    store.put_entries(tenant, &made(entries), PutEntries::Merge, now).await.unwrap();
    println!("import of {entries} entries into the store: {:?}", start.elapsed());
    let start = Instant::now();
    let (revision, stored) = store.catalogue(tenant).await.unwrap();
    let catalogue = Catalogue::new(stored);
    println!("load and compile {} entries: {:?}", catalogue.len(), start.elapsed());
    let start = Instant::now();
    let one = store.release(tenant, &[rows[0].id], revision.revision, now).await.unwrap();
    println!("release of the {one} sales of one item: {:?}", start.elapsed());
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let start = Instant::now();
    let all = store.release(tenant, &ids, revision.revision, now).await.unwrap();
    println!("release of all {all} sales: {:?}", start.elapsed());
    assert_eq!(all, sales as u64);
    store.close().await;
    drop(place);
}

async fn hold(store: &Sqlite, connection: Uuid, n: usize, items: usize, now: chrono::DateTime<chrono::Utc>) {
    let key = SourceKey::new(RecordKind::Order, format!("sale-{n}"));
    let body = Bytes::from(format!("{{\"sale\":{n},\"ballast\":\"{}\"}}", "x".repeat(2_000)));
    let raw = RawRecord { key, modified_at: Some(now), body };
    let put = PutRecord { connection, raw, lane: Lane::High, queue: false };
    let record = store.put_record(&put, None, now).await.unwrap().0;
    let item = |offset: usize| {
        let number = (n * 7 + offset * 131) % items;
        let item = SoldItem {
            platform: "till".into(),
            item_id: Some(format!("THING{number:015}")),
            sku: None,
            name: format!("Thing {number}"),
            category: None,
        };
        WaitingItem { item, amount: 100.into(), currency: "NGN".into() }
    };
    let held = Some(Held { code: "classification_missing".into(), message: "waits".into() });
    let waiting = Waiting { revision: 0, items: (0..3).map(item).collect(), ..Waiting::default() };
    let prepared = Prepared { record, documents: Vec::new(), held, waiting, lane: Lane::High };
    store.settle_prepare(&prepared, None, now).await.unwrap();
}
