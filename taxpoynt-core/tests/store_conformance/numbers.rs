//! Numbers: taken by comparing, never reused, never skipped.

use crate::fixture::{SERIES, World, at, credit_note, document, invoice, kind};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind, Retry,
    store::{DocumentFilter, RecordFilter, Store},
};
use taxpoynt_ubl::DocumentType;

pub(crate) async fn a_number_taken_meanwhile_is_a_conflict_and_stores_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (world.record("sale-1").await, world.record("sale-2").await);
    world.prepare(one, vec![invoice(1, "one")]).await.unwrap();
    for wrong in [0, 1, 3, u64::MAX] {
        let both = vec![credit_note(1, "two"), invoice(wrong, "two")];
        let error = world.prepare(two, both).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, Retry::Now), "{wrong}");
    }
    assert!(world.store.documents_of(two).await.unwrap().is_empty());
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 2);
    assert_eq!(world.store.next_number(world.tenant, "CN{seq:06}").await.unwrap(), 1);
    assert_eq!(world.store.pending(at(1)).await.unwrap().due, 1, "only the first document's submission");
    world.prepare(two, vec![invoice(2, "two")]).await.unwrap();
}

/// Peeks, prepares and takes, until it wins.
async fn prepare_until_stored(world: &World, sale: &str) -> u32 {
    let record = world.record(sale).await;
    let mut conflicts = 0;
    loop {
        let number = world.store.next_number(world.tenant, SERIES).await.unwrap();
        tokio::task::yield_now().await;
        match world.prepare(record, vec![invoice(number, sale)]).await {
            Ok(_) => return conflicts,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
        }
        conflicts += 1;
    }
}

pub(crate) async fn eight_concurrent_preparers_leave_no_gap(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let preparers: Vec<_> = (0..8)
        .map(|worker| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let mut conflicts = 0;
                for sale in 0..10 {
                    conflicts += prepare_until_stored(&world, &format!("sale-{worker}-{sale}")).await;
                }
                conflicts
            })
        })
        .collect();
    let mut conflicts = 0;
    for preparer in preparers {
        conflicts += preparer.await.unwrap();
    }
    assert!(conflicts > 0, "the preparers never met, so this proves nothing");
    let filter = DocumentFilter { limit: Some(1000), ..Default::default() };
    let page = world.store.documents(&filter).await.unwrap();
    let mut numbers: Vec<_> = page.items.into_iter().map(|document| document.document.number).collect();
    numbers.sort();
    assert_eq!(numbers, (1..=80).map(|n| format!("INV{n:06}")).collect::<Vec<_>>());
}

pub(crate) async fn a_refused_document_takes_no_number(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let unknown = world.tenant;
    assert_eq!(kind(world.prepare(unknown, vec![invoice(1, "lost")]).await), ErrorKind::NotFound);
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 1);
}

pub(crate) async fn each_series_of_each_tenant_counts_for_itself(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store, "Bola Stores").await;
    let record = one.record("sale-1").await;
    one.prepare(record, vec![invoice(1, "one")]).await.unwrap();
    assert_eq!(two.store.next_number(two.tenant, SERIES).await.unwrap(), 1);
    assert_eq!(one.store.next_number(one.tenant, "CN{seq:06}").await.unwrap(), 1);
    // Bola's first number reads the same; its IRN does not.
    let mut first = invoice(1, "two");
    first.document.irn = "INV000001-AAAAAAAA-20260528".into();
    let record = two.record("sale-1").await;
    two.prepare(record, vec![first]).await.unwrap();
}

pub(crate) async fn two_documents_of_one_record_take_two_numbers(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("exchange").await;
    let second = document("invoice 2", DocumentType::Invoice, SERIES, 2, "second");
    let ids = world.prepare(record, vec![invoice(1, "first"), second, credit_note(1, "back")]).await.unwrap();
    assert_eq!(ids.len(), 3);
    for (id, number) in ids.iter().zip(["INV000001", "INV000002", "CN000001"]) {
        assert_eq!(world.store.document(*id, None).await.unwrap().document.number, number);
    }
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 3);
    assert_eq!(world.claim(1).await.len(), 3);
}

pub(crate) async fn an_irn_is_never_used_twice(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store, "Bola Stores").await;
    let record = one.record("sale-1").await;
    one.prepare(record, vec![invoice(1, "one")]).await.unwrap();
    let record = two.record("sale-1").await;
    let error = two.prepare(record, vec![invoice(1, "two")]).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Config, Retry::Never));
    assert_eq!(two.store.next_number(two.tenant, SERIES).await.unwrap(), 1);
}

pub(crate) async fn series_that_print_the_same_number_are_refused(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (world.record("sale-1").await, world.record("sale-2").await);
    world.prepare(one, vec![invoice(1, "one")]).await.unwrap();
    let mut same = document("invoice", DocumentType::Invoice, "INV{seq:07}", 1, "two");
    same.document.irn = "INV000001-6997D6BB-20260529".into();
    assert_eq!(kind(world.prepare(two, vec![same]).await), ErrorKind::Config);
    let listed = world.store.records(&RecordFilter { held: true, ..Default::default() }).await.unwrap();
    assert!(listed.items.is_empty());
}
