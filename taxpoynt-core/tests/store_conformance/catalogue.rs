//! Catalogues, the sales that wait for an entry, and code lists.

use crate::fixture::{World, at, kind, raw};
use rust_decimal::Decimal;
use std::{collections::BTreeSet, sync::Arc};
use taxpoynt_core::{
    ErrorKind, Result, Retry,
    catalogue::{By, Entry, SoldItem, WaitingItem},
    firs::{Code, CodeList, CodeLists, ListName, Origin},
    store::{Held, JobKind, Lane, Prepared, PutEntries, PutRecord, Revision, Store, Unclassified, Waiting},
};
use taxpoynt_ubl::Classification;
use uuid::Uuid;

fn food(code: &str) -> Classification {
    Classification::Goods { hsn_code: code.into(), product_category: "Food preparations".into() }
}

fn named(name: &str, code: &str) -> Entry {
    Entry::new(By::Name, name, food(code))
}

fn waiting(name: &str, amount: &str) -> WaitingItem {
    let item = SoldItem {
        platform: "till".into(),
        item_id: None,
        sku: None,
        name: name.into(),
        category: Some("Kitchen".into()),
    };
    WaitingItem { item, amount: amount.parse().unwrap(), currency: "NGN".into() }
}

async fn wait(world: &World, record: Uuid, revision: u64, items: &[WaitingItem], now: i64) -> Result<()> {
    let held =
        (!items.is_empty()).then(|| Held { code: "classification_missing".into(), message: "waits".into() });
    let waiting = Waiting { revision, items: items.to_vec(), ..Waiting::default() };
    let prepared = Prepared { record, documents: vec![], held, waiting, lane: Lane::High };
    world.store.settle_prepare(&prepared, None, at(now)).await.map(drop)
}

async fn listed(world: &World) -> Vec<Unclassified> {
    let mut rows = world.store.unclassified(world.tenant).await.unwrap();
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows
}

async fn queued(world: &World) -> BTreeSet<Uuid> {
    let jobs = world.claim(1_000).await;
    let records: Vec<Uuid> = jobs
        .iter()
        .map(|job| match &job.kind {
            JobKind::Prepare(record) => *record,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(jobs.iter().all(|job| job.tenant == world.tenant && job.connection == world.till.id));
    let set: BTreeSet<Uuid> = records.iter().copied().collect();
    assert_eq!(set.len(), records.len(), "each once");
    set
}

pub(crate) async fn entries_are_stored_once_a_key_and_raise_the_revision(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let put = |entries: Vec<Entry>| {
        let world = &world;
        async move { world.store.put_entries(world.tenant, &entries, PutEntries::Merge, at(0)).await.unwrap() }
    };
    assert_eq!(world.store.catalogue_revision(world.tenant).await.unwrap(), Revision::default());
    let first = put(vec![named("Chapman", "2202.99"), named("Meat pie", "1602.50")]).await;
    assert_eq!((first.revision, first.added, first.changed, first.unchanged), (1, 2, 0, 0));
    let again = put(vec![named("Chapman", "2202.99")]).await;
    assert_eq!((again.revision, again.added, again.changed, again.unchanged), (1, 0, 0, 1));
    let other = put(vec![named("CHAPMAN", "2202.10"), named("Zobo", "2202.99")]).await;
    assert_eq!((other.revision, other.added, other.changed, other.unchanged), (2, 1, 1, 0));
    let (revision, entries) = world.store.catalogue(world.tenant).await.unwrap();
    assert_eq!((revision.revision, revision.released), (2, 0));
    let read: Vec<_> = entries.iter().map(Entry::label).collect();
    assert_eq!(read, ["CHAPMAN", "Meat pie", "Zobo"]);
    assert_eq!(entries[0], named("CHAPMAN", "2202.10"));
    let history = world.store.audit(world.tenant).await.unwrap();
    let changes = history.iter().filter(|line| line.event == "catalogue.changed").count();
    assert_eq!(changes, 2, "what changed nothing is not noted");
}

pub(crate) async fn replacing_a_catalogue_removes_what_is_not_named(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let other = World::of(world.store.clone(), "Another Shop Ltd").await;
    for tenant in [world.tenant, other.tenant] {
        let entries = [named("Chapman", "2202.99"), named("Meat pie", "1602.50")];
        world.store.put_entries(tenant, &entries, PutEntries::Replace, at(0)).await.unwrap();
    }
    let entries = [named("Chapman", "2202.99")];
    let change = world.store.put_entries(world.tenant, &entries, PutEntries::Replace, at(1)).await.unwrap();
    assert_eq!((change.revision, change.removed, change.unchanged), (2, 1, 1));
    assert_eq!(world.store.catalogue(world.tenant).await.unwrap().1, entries);
    assert_eq!(world.store.catalogue(other.tenant).await.unwrap().1.len(), 2);
    let change = world.store.put_entries(world.tenant, &[], PutEntries::Replace, at(2)).await.unwrap();
    assert_eq!((change.revision, change.removed), (3, 1));
    assert!(world.store.catalogue(world.tenant).await.unwrap().1.is_empty());
}

pub(crate) async fn a_large_catalogue_is_one_move(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let entries: Vec<Entry> = (0..12_000).map(|n| named(&format!("Item {n}"), "2106.90")).collect();
    let put = |entries: Vec<Entry>, put| {
        let world = &world;
        async move { world.store.put_entries(world.tenant, &entries, put, at(0)).await.unwrap() }
    };
    assert_eq!(put(entries.clone(), PutEntries::Merge).await.added, 12_000);
    let change = put(entries[6_000..].to_vec(), PutEntries::Replace).await;
    assert_eq!((change.revision, change.removed, change.unchanged), (2, 6_000, 6_000));
}

pub(crate) async fn entries_of_an_unknown_tenant_are_not_found(store: Arc<dyn Store>) {
    let entries = [named("Chapman", "2202.99")];
    let stranger = Uuid::now_v7();
    let refused = store.put_entries(stranger, &entries, PutEntries::Merge, at(0)).await;
    assert_eq!(kind(refused), ErrorKind::NotFound);
    assert_eq!(store.catalogue_revision(stranger).await.unwrap(), Revision::default());
    assert!(store.unclassified(stranger).await.unwrap().is_empty());
}

pub(crate) async fn an_item_is_listed_once_with_the_sales_that_wait_for_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for (sale, amount) in [("sale-1", "100.25"), ("sale-2", "-0.0001"), ("sale-3", "50")] {
        let record = world.record(sale).await;
        wait(&world, record, 0, &[waiting("Chapman", amount), waiting("Pie", "1")], 5).await.unwrap();
    }
    let last = world.record("sale-4").await;
    let dollars = WaitingItem { currency: "USD".into(), ..waiting("Chapman", "7") };
    wait(&world, last, 0, &[dollars], 9).await.unwrap();
    let rows = listed(&world).await;
    let shown: Vec<_> =
        rows.iter().map(|r| (r.key.as_str(), r.currency.as_str(), r.waiting, r.amount.to_string())).collect();
    assert_eq!(
        shown,
        [
            ("name::chapman", "NGN", 3, "150.2499".to_owned()),
            ("name::chapman", "USD", 1, "7".to_owned()),
            ("name::pie", "NGN", 3, "3".to_owned()),
        ]
    );
    assert_eq!(rows[0].item, waiting("Chapman", "0").item);
    assert!(rows.iter().all(|row| row.first_seen == at(5)));
}

pub(crate) async fn what_a_sale_waits_for_follows_its_last_preparation(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (world.record("sale-1").await, world.record("sale-2").await);
    wait(&world, one, 0, &[waiting("Chapman", "1"), waiting("Pie", "1")], 1).await.unwrap();
    wait(&world, two, 0, &[waiting("Pie", "1")], 2).await.unwrap();
    wait(&world, one, 0, &[waiting("Zobo", "1"), waiting("Pie", "4")], 3).await.unwrap();
    let rows = listed(&world).await;
    let shown: Vec<_> = rows.iter().map(|r| (r.key.as_str(), r.waiting, r.first_seen)).collect();
    assert_eq!(shown, [("name::pie", 2, at(1)), ("name::zobo", 1, at(3))]);
    assert_eq!(rows[0].amount, Decimal::from(5));
    wait(&world, one, 0, &[], 4).await.unwrap();
    wait(&world, two, 0, &[], 4).await.unwrap();
    assert!(listed(&world).await.is_empty());
    wait(&world, one, 0, &[waiting("Pie", "1")], 8).await.unwrap();
    assert_eq!(listed(&world).await[0].first_seen, at(8), "it was gone meanwhile");
}

pub(crate) async fn a_release_queues_the_sales_of_its_items_once_and_no_other(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let other = World::of(world.store.clone(), "Another Shop Ltd").await;
    let mut records = Vec::new();
    for (sale, items) in [
        ("sale-1", &["Chapman", "Pie"][..]),
        ("sale-2", &["Pie"]),
        ("sale-3", &["Chapman", "Zobo"]),
        ("sale-4", &["Zobo"]),
    ] {
        let record = world.record(sale).await;
        let items: Vec<_> = items.iter().map(|name| waiting(name, "1")).collect();
        wait(&world, record, 0, &items, 1).await.unwrap();
        records.push(record);
    }
    let theirs = other.put(raw("sale-9", Some(0), "{}"), 0).await.0;
    wait(&other, theirs, 0, &[waiting("Chapman", "1")], 1).await.unwrap();
    let rows = listed(&world).await;
    let ids = |keys: &[&str]| -> Vec<i64> {
        rows.iter().filter(|row| keys.contains(&row.key.as_str())).map(|row| row.id).collect()
    };
    let both = ids(&["name::chapman", "name::pie"]);
    assert_eq!(world.store.release(other.tenant, &both, 0, at(2)).await.unwrap(), 0, "not theirs");
    assert_eq!(world.store.release(world.tenant, &both, 0, at(2)).await.unwrap(), 3);
    assert_eq!(queued(&world).await, records[..3].iter().copied().collect());
    assert_eq!(world.store.release(world.tenant, &[], 0, at(3)).await.unwrap(), 0);
    assert_eq!(listed(&world).await.len(), 3, "they wait until they are prepared");
}

pub(crate) async fn a_release_and_a_change_of_one_sale_are_one_preparation(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    wait(&world, record, 0, &[waiting("Pie", "1")], 1).await.unwrap();
    let put = PutRecord {
        connection: world.till.id,
        raw: raw("sale-1", Some(1), "{\"v\":2}"),
        lane: Lane::Bulk,
        queue: true,
    };
    world.store.put_record(&put, None, at(2)).await.unwrap();
    let ids: Vec<i64> = listed(&world).await.iter().map(|row| row.id).collect();
    world.store.release(world.tenant, &ids, 0, at(3)).await.unwrap();
    let job = world.claim_one(10).await;
    assert_eq!((job.kind, job.lane), (JobKind::Prepare(record), Lane::Normal), "in the faster lane");
    // Asked for while it is worked on, it runs once more.
    world.store.release(world.tenant, &ids, 0, at(11)).await.unwrap();
    world.store.finish(&job.fence, at(12)).await.unwrap();
    world.claim_one(13).await;
}

pub(crate) async fn a_sale_prepared_with_an_older_catalogue_is_prepared_again(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let pie = [waiting("Pie", "1")];
    world
        .store
        .put_entries(world.tenant, &[named("Pie", "1602.50")], PutEntries::Merge, at(0))
        .await
        .unwrap();
    let error = wait(&world, record, 0, &pie, 1).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, Retry::Now));
    assert!(listed(&world).await.is_empty());
    assert!(world.store.record(record, None).await.unwrap().held.is_none(), "nothing of it was stored");
    wait(&world, record, 1, &pie, 1).await.unwrap();
    // One that waits for nothing does not care.
    wait(&world, record, 0, &[], 2).await.unwrap();
}

pub(crate) async fn a_catalogue_knows_whether_what_waited_was_released(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for name in ["Pie", "Zobo"] {
        let entries = [named(name, "1602.50")];
        world.store.put_entries(world.tenant, &entries, PutEntries::Merge, at(0)).await.unwrap();
    }
    let state = || world.store.catalogue_revision(world.tenant);
    assert_eq!(state().await.unwrap(), Revision { revision: 2, released: 0 });
    world.store.release(world.tenant, &[], 2, at(1)).await.unwrap();
    world.store.release(world.tenant, &[], 1, at(2)).await.unwrap();
    assert_eq!(
        state().await.unwrap(),
        Revision { revision: 2, released: 2 },
        "an older release takes nothing back"
    );
}

pub(crate) async fn sums_of_waiting_amounts_never_overflow(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for n in 0..40 {
        let record = world.record(&format!("sale-{n}")).await;
        let amount = if n == 0 { "79228162514264337593543950335" } else { "900000000000000.1234" };
        wait(&world, record, 0, &[waiting("Palace", amount)], 1).await.unwrap();
    }
    let rows = listed(&world).await;
    assert_eq!(rows[0].waiting, 40);
    assert!(rows[0].amount > "36000000000000000".parse().unwrap(), "{}", rows[0].amount);
}

pub(crate) async fn code_lists_are_kept_by_deployment_with_their_time(store: Arc<dyn Store>) {
    let list = |rows: &[&str], second| {
        let codes = rows.iter().map(|code| Code {
            code: (*code).into(),
            name: format!("Area \"{code}\""),
            state: Some("NG-LA".into()),
        });
        CodeList::new(ListName::Lgas, Origin::Refreshed(at(second)), codes.collect())
    };
    assert!(store.code_lists("https://one.example/").await.unwrap().is_empty());
    store.put_code_list("https://one.example/", &list(&["NG-LA-IKJ", "NG-LA-EPE"], 1)).await.unwrap();
    store.put_code_list("https://two.example/", &list(&["NG-LA-EPE"], 2)).await.unwrap();
    store.put_code_list("https://one.example/", &list(&["NG-LA-IKJ"], 3)).await.unwrap();
    let one = store.code_lists("https://one.example/").await.unwrap();
    assert_eq!(one.len(), 1);
    let wanted = list(&["NG-LA-IKJ"], 3);
    assert_eq!(
        (one[0].name(), one[0].origin(), one[0].codes()),
        (ListName::Lgas, wanted.origin(), wanted.codes())
    );
    let shipped = CodeLists::shipped().get(ListName::States);
    assert_eq!(kind(store.put_code_list("https://one.example/", shipped).await), ErrorKind::Config);
}
