//! Webhook bodies, and the fetch jobs they lead to.

use crate::fixture::{World, at, kind, order, trouble};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{Delivery, Ingested, JobKind, Lane, Store},
};
use uuid::Uuid;

pub(crate) async fn an_event_counts_once_in_a_delivery_and_across_deliveries(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let twice = world.delivery(&[("e1", Some("sale-1")), ("e1", Some("sale-1")), ("e2", None)]);
    let first = world.store.ingest(&twice, at(0)).await.unwrap();
    assert_eq!(first, Ingested { new: 2, duplicates: 1 });
    let again = world.store.ingest(&twice, at(1)).await.unwrap();
    assert_eq!(again, Ingested { new: 0, duplicates: 3 });
    let mixed = world.delivery(&[("e2", None), ("e3", Some("sale-2"))]);
    assert_eq!(world.store.ingest(&mixed, at(2)).await.unwrap(), Ingested { new: 1, duplicates: 1 });
    let kinds: Vec<_> = world.claim(2).await.into_iter().map(|job| job.kind).collect();
    assert_eq!(kinds, [JobKind::Fetch(order("sale-1")), JobKind::Fetch(order("sale-2"))]);
}

pub(crate) async fn an_event_of_another_connection_is_another_event(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store, "Bola Stores").await;
    one.event("e1", "sale-1").await;
    two.event("e1", "sale-1").await;
    let tenants: Vec<_> = one.claim(0).await.into_iter().map(|job| job.tenant).collect();
    assert_eq!(tenants, [one.tenant, two.tenant]);
}

pub(crate) async fn events_of_one_record_share_a_waiting_fetch(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for event in ["e1", "e2", "e3"] {
        world.event(event, "sale-1").await;
    }
    let job = world.claim_one(0).await;
    assert_eq!((job.connection, job.tenant, job.attempts), (world.till.id, world.tenant, 0));
    world.store.finish(&job.fence, at(1)).await.unwrap();
    assert!(world.claim(1).await.is_empty());
    world.event("e4", "sale-1").await;
    world.claim_one(1).await;
}

pub(crate) async fn an_event_during_a_fetch_leads_to_another_fetch(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.event("e1", "sale-1").await;
    let running = world.claim_one(0).await;
    world.event("e2", "sale-1").await;
    world.event("e3", "sale-1").await;
    assert!(world.claim(1).await.is_empty(), "one live job a record");
    world.store.finish(&running.fence, at(2)).await.unwrap();
    let after = world.claim_one(2).await;
    assert_eq!(after.kind, JobKind::Fetch(order("sale-1")));
    world.store.finish(&after.fence, at(3)).await.unwrap();
    assert!(world.claim(3).await.is_empty(), "one more fetch covers both events");
}

pub(crate) async fn an_event_during_a_fetch_that_is_given_up_leads_to_another_fetch(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.event("e1", "sale-1").await;
    let running = world.claim_one(0).await;
    world.event("e2", "sale-1").await;
    world.store.bury(&running.fence, &trouble(), at(1)).await.unwrap();
    assert_eq!(world.claim_one(1).await.attempts, 0);
    assert_eq!(world.store.dead_letters(None).await.unwrap().len(), 1);
}

pub(crate) async fn an_event_during_a_fetch_that_is_tried_again_is_covered_by_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.event("e1", "sale-1").await;
    let running = world.claim_one(0).await;
    world.event("e2", "sale-1").await;
    world.store.retry(&running.fence, &trouble(), at(30), at(1)).await.unwrap();
    assert!(world.claim(29).await.is_empty(), "the platform asked for the wait");
    let next = world.claim_one(30).await;
    world.store.finish(&next.fence, at(31)).await.unwrap();
    assert!(world.claim(31).await.is_empty());
}

pub(crate) async fn a_till_event_moves_a_waiting_backfill_fetch_to_its_lane(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let backfill = Delivery { lane: Lane::Bulk, ..world.delivery(&[("e1", Some("sale-1"))]) };
    world.store.ingest(&backfill, at(0)).await.unwrap();
    world.event("e2", "sale-1").await;
    assert_eq!(world.claim_one(0).await.lane, Lane::High);
}

pub(crate) async fn a_delivery_for_an_unknown_connection_is_not_found(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let lost = Delivery { connection: Uuid::now_v7(), ..world.delivery(&[("e1", None)]) };
    assert_eq!(kind(world.store.ingest(&lost, at(0)).await), ErrorKind::NotFound);
}

pub(crate) async fn a_thousand_events_at_once_are_each_counted_once(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let senders: Vec<_> = (0..1000)
        .map(|i| {
            let world = Arc::clone(&world);
            // Each event is sent twice.
            let (event, record) = (format!("e{}", i / 2), format!("sale-{}", i / 2));
            tokio::spawn(async move {
                world.store.ingest(&world.delivery(&[(&event, Some(&record))]), at(0)).await.unwrap()
            })
        })
        .collect();
    let mut sum = Ingested::default();
    for sender in senders {
        let ingested = sender.await.unwrap();
        sum = Ingested { new: sum.new + ingested.new, duplicates: sum.duplicates + ingested.duplicates };
    }
    assert_eq!(sum, Ingested { new: 500, duplicates: 500 });
    assert_eq!(world.store.pending(at(0)).await.unwrap().due, 500);
}
