//! Old webhooks: purged when their work is done, batch by batch, and nothing else is.

use crate::fixture::{World, at, order, raw};
use bytes::Bytes;
use std::sync::Arc;
use taxpoynt_core::store::{
    DeliveryFilter, Incoming, Ingested, Lane, Part, Purged, ReadAgain, RecordFilter, Store,
};

/// Event names in the order they came, of the deliveries that are left.
async fn left(store: &dyn Store) -> Vec<String> {
    let filter = DeliveryFilter { limit: Some(1000), ..DeliveryFilter::default() };
    let mut items = store.deliveries(&filter).await.unwrap().items;
    items.reverse();
    items.iter().flat_map(|one| one.events.iter().map(|event| event.event_id.clone())).collect()
}

/// Everything before a moment, `limit` at a time: what was removed, and in how many moves.
async fn purge(store: &dyn Store, before: i64, limit: u32) -> (u64, u64, u32) {
    let (mut deliveries, mut events, mut moves, mut after) = (0, 0, 0, Some(0));
    while let Some(place) = after {
        let batch = store.purge_deliveries(at(before), place, limit).await.unwrap();
        assert!(batch.deliveries <= u64::from(limit));
        assert!(batch.next.is_none_or(|next| next > place), "each batch goes on behind the one before");
        (deliveries, events, after) = (deliveries + batch.deliveries, events + batch.events, batch.next);
        moves += 1;
    }
    (deliveries, events, moves)
}

pub(crate) async fn old_webhooks_go_in_batches_and_young_ones_stay(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    for nth in 0..100_i64 {
        let event = format!("e{nth:03}");
        store
            .ingest(&world.delivery(&[(&event, None), (&format!("{event}b"), None)]), at(nth))
            .await
            .unwrap();
    }
    assert_eq!(purge(&*store, 0, 7).await, (0, 0, 1), "nothing was received before the first");
    assert_eq!(purge(&*store, 60, 7).await, (60, 120, 10), "60 of 100, seven at a time");
    assert_eq!(left(&*store).await.len(), 80);
    assert_eq!(left(&*store).await[0], "e060", "what came at the moment itself stays");
    assert_eq!(purge(&*store, 60, 7).await, (0, 0, 1));
    assert_eq!(store.purge_deliveries(at(1000), 0, 1000).await.unwrap().deliveries, 40);
    let nothing = store.purge_deliveries(at(1000), 0, 1000).await.unwrap();
    assert_eq!(nothing, Purged::default());
}

pub(crate) async fn an_event_is_known_for_a_repetition_until_it_is_purged_and_counts_as_new_after(
    store: Arc<dyn Store>,
) {
    let world = World::new(store.clone()).await;
    let came = world.delivery(&[("e1", Some("sale-1")), ("e2", None)]);
    store.ingest(&came, at(0)).await.unwrap();
    let fetch = world.claim_one(0).await;
    store.finish(&fetch.fence, at(1)).await.unwrap();
    assert_eq!(purge(&*store, 0, 10).await, (0, 0, 1));
    assert_eq!(store.ingest(&came, at(5)).await.unwrap(), Ingested { new: 0, duplicates: 2 });
    assert!(world.claim(5).await.is_empty(), "nothing is fetched again");
    assert_eq!(purge(&*store, 1, 10).await, (1, 2, 1));
    assert_eq!(store.ingest(&came, at(6)).await.unwrap(), Ingested { new: 2, duplicates: 0 });
    world.claim_one(6).await;
}

pub(crate) async fn what_is_not_done_stays_however_old_it_is(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let revision = store.webhook_revision("till").await.unwrap();
    // One that waits, one that is under way, one that is done, one that cannot be read, one that was replayed lately.
    for event in ["waits", "under way", "done", "replayed"] {
        store.ingest(&world.delivery(&[(event, Some(event))]), at(0)).await.unwrap();
    }
    let faulty = Incoming {
        platform: "till".to_owned(),
        revision,
        body: Bytes::from_static(b"half of it"),
        lane: Lane::High,
        parts: vec![Part {
            connection: world.till.id,
            events: vec![("faulty".into(), "x".into(), None)],
            shared: false,
        }],
        faults: vec!["event 2: unreadable".to_owned()],
    };
    store.receive(&faulty, at(0)).await.unwrap();
    let replayed = store.deliveries(&DeliveryFilter::default()).await.unwrap().items;
    let replayed = replayed.iter().find(|one| one.events[0].event_id == "replayed").unwrap().id;
    let again = ReadAgain { id: replayed, events: Vec::new(), faults: Vec::new(), lane: Lane::High };
    store.replay_delivery(&again, at(500)).await.unwrap();
    let mut jobs = world.claim(500).await;
    jobs.retain(|job| !format!("{:?}", job.kind).contains("under way"));
    for job in jobs {
        match format!("{:?}", job.kind).contains("waits") {
            true => store.retry(&job.fence, &crate::fixture::trouble(), at(9000), at(501)).await.unwrap(),
            false => store.finish(&job.fence, at(501)).await.unwrap(),
        }
    }
    assert_eq!(purge(&*store, 400, 10).await, (1, 1, 1));
    let mut stays = left(&*store).await;
    stays.sort();
    assert_eq!(stays, ["faulty", "replayed", "under way", "waits"]);
    // Read again without a fault, and long enough ago, it goes as any other.
    let faulty =
        store.deliveries(&DeliveryFilter { faulty: true, ..DeliveryFilter::default() }).await.unwrap();
    let again = ReadAgain { id: faulty.items[0].id, ..again };
    store.replay_delivery(&again, at(600)).await.unwrap();
    assert_eq!(purge(&*store, 601, 10).await, (2, 2, 1), "the replayed one is old by now, too");
    assert_eq!(left(&*store).await, ["waits", "under way"]);
}

pub(crate) async fn records_jobs_and_history_stay(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (document, _) = world.submission(1).await;
    world.event("e1", "sale-9").await;
    let fetch =
        world.claim(0).await.into_iter().find(|job| format!("{:?}", job.kind).contains("sale-9")).unwrap();
    let put = taxpoynt_core::store::PutRecord {
        connection: world.till.id,
        raw: raw("sale-9", Some(0), "{\"total\":1}"),
        lane: Lane::High,
        queue: true,
    };
    let (record, _) = store.put_record(&put, Some(&fetch.fence), at(0)).await.unwrap();
    let everything = async || {
        let records = store.records(&RecordFilter::default()).await.unwrap().items;
        let audit = (store.audit(record).await.unwrap(), store.audit(document).await.unwrap());
        let stored = store.document(document, None).await.unwrap();
        format!("{records:?} {audit:?} {stored:?} {:?}", store.pending(at(0)).await.unwrap())
    };
    let before = everything().await;
    assert!(before.contains("sale-9"), "{before}");
    assert_eq!(purge(&*store, 1_000_000, 10).await, (1, 1, 1));
    assert_eq!(everything().await, before);
    let kept = store.record_by_key(world.till.id, &order("sale-9")).await.unwrap().unwrap();
    assert_eq!(kept.raw.body, Bytes::from_static(b"{\"total\":1}"));
}
