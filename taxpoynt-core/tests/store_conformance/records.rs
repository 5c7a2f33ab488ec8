//! Records: the newest version wins, and what changed is prepared.

use crate::fixture::{LEASE, World, account, at, invoice, kind, order, raw};
use std::sync::Arc;
use taxpoynt_core::store::Waiting;
use taxpoynt_core::{
    ErrorKind,
    model::{RawRecord, RecordKind, SourceKey},
    store::{Change, Fence, Job, JobKind, Lane, Prepared, PutRecord, RecordFilter, Store},
};
use uuid::Uuid;

async fn body(world: &World, record: Uuid) -> String {
    let record = world.store.record(record, None).await.unwrap();
    String::from_utf8(record.raw.body.to_vec()).unwrap()
}

pub(crate) async fn the_newest_version_wins(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, change) = world.put(raw("sale-1", Some(10), "v2"), 1).await;
    assert_eq!(change, Change::New);
    assert_eq!(world.put(raw("sale-1", Some(5), "v1"), 2).await, (id, Change::Unchanged));
    assert_eq!(body(&world, id).await, "v2");
    assert_eq!(world.put(raw("sale-1", Some(10), "v2"), 3).await, (id, Change::Unchanged));
    assert_eq!(world.put(raw("sale-1", Some(11), "v3"), 4).await, (id, Change::Changed));
    let stored = world.store.record(id, Some(world.tenant)).await.unwrap();
    assert_eq!((stored.raw.modified_at, stored.first_seen, stored.last_seen), (Some(at(11)), at(1), at(4)));
    assert_eq!(&stored.raw.body[..], b"v3");
    // The same body at a later time changes nothing, yet what lies between is old from then on.
    assert_eq!(world.put(raw("sale-1", Some(20), "v3"), 5).await, (id, Change::Unchanged));
    assert_eq!(world.put(raw("sale-1", Some(15), "between"), 6).await, (id, Change::Unchanged));
    assert_eq!(body(&world, id).await, "v3");
}

pub(crate) async fn another_body_at_the_same_time_is_a_change(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, _) = world.put(raw("sale-1", Some(10), "without customer"), 1).await;
    assert_eq!(world.put(raw("sale-1", Some(10), "with customer"), 2).await, (id, Change::Changed));
    assert_eq!(body(&world, id).await, "with customer");
}

pub(crate) async fn without_a_time_the_body_decides(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, _) = world.put(raw("sale-1", None, "v1"), 1).await;
    assert_eq!(world.put(raw("sale-1", None, "v1"), 2).await, (id, Change::Unchanged));
    assert_eq!(world.put(raw("sale-1", None, "v2"), 3).await, (id, Change::Changed));
    assert_eq!(world.put(raw("sale-1", Some(3), "v3"), 4).await, (id, Change::Changed));
    assert_eq!(world.put(raw("sale-1", None, "v4"), 5).await, (id, Change::Changed));
    assert_eq!(body(&world, id).await, "v4");
}

pub(crate) async fn a_late_older_version_loses_to_one_without_a_time(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, _) = world.put(raw("sale-1", Some(10), "v2"), 1).await;
    world.put(raw("sale-1", None, "v3"), 2).await;
    assert_eq!(world.put(raw("sale-1", Some(5), "v1"), 3).await, (id, Change::Unchanged));
    assert_eq!(body(&world, id).await, "v3");
}

pub(crate) async fn a_record_that_goes_back_to_an_earlier_body_has_changed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, _) = world.put(raw("sale-1", Some(1), "open"), 1).await;
    world.put(raw("sale-1", Some(2), "won"), 2).await;
    assert_eq!(world.put(raw("sale-1", Some(3), "open"), 3).await, (id, Change::Changed));
    assert_eq!(body(&world, id).await, "open");
}

async fn fetched(world: &World, event: &str, raw: RawRecord, now: i64) -> (Uuid, Change) {
    world.event(event, "sale-1").await;
    let job = world.claim_one(now).await;
    let put = PutRecord { connection: world.till.id, raw, lane: Lane::High, queue: true };
    world.store.put_record(&put, Some(&job.fence), at(now)).await.unwrap()
}

pub(crate) async fn a_stored_record_finishes_its_fetch_and_queues_its_preparation(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, _) = fetched(&world, "e1", raw("sale-1", Some(1), "v1"), 1).await;
    let job = world.claim_one(1).await;
    assert_eq!((job.kind, job.lane, job.connection), (JobKind::Prepare(id), Lane::High, world.till.id));
    world.store.finish(&job.fence, at(2)).await.unwrap();
    assert_eq!(world.store.pending(at(2)).await.unwrap(), Default::default());
}

pub(crate) async fn an_unchanged_record_finishes_its_fetch_and_queues_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.put(raw("sale-1", Some(1), "v1"), 0).await;
    assert_eq!(fetched(&world, "e1", raw("sale-1", Some(1), "v1"), 1).await.1, Change::Unchanged);
    assert_eq!(fetched(&world, "e2", raw("sale-1", Some(0), "v0"), 2).await.1, Change::Unchanged);
    assert_eq!(world.store.pending(at(2)).await.unwrap(), Default::default());
}

pub(crate) async fn a_record_put_without_queue_queues_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.put(raw("sale-1", Some(1), "v1"), 0).await;
    assert_eq!(world.store.pending(at(0)).await.unwrap(), Default::default());
}

pub(crate) async fn a_record_stored_under_a_lost_lease_changes_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.event("e1", "sale-1").await;
    let slow = world.claim_one(0).await;
    let quick = world.claim_one(60).await;
    let put = PutRecord {
        connection: world.till.id,
        raw: raw("sale-1", Some(1), "v1"),
        lane: Lane::High,
        queue: true,
    };
    assert_eq!(kind(world.store.put_record(&put, Some(&slow.fence), at(61)).await), ErrorKind::Fenced);
    assert!(world.store.record_by_key(world.till.id, &order("sale-1")).await.unwrap().is_none());
    let (id, change) = world.store.put_record(&put, Some(&quick.fence), at(62)).await.unwrap();
    assert_eq!(change, Change::New);
    let found = world.store.record_by_key(world.till.id, &order("sale-1")).await.unwrap();
    assert_eq!(found.unwrap().id, id);
}

pub(crate) async fn a_change_during_preparation_leads_to_another_preparation(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, _) = fetched(&world, "e1", raw("sale-1", Some(1), "v1"), 1).await;
    let preparing = world.claim_one(1).await;
    world.event("e2", "sale-1").await;
    let Job { fence, .. } = world.claim_one(2).await;
    let put = PutRecord {
        connection: world.till.id,
        raw: raw("sale-1", Some(2), "v2"),
        lane: Lane::High,
        queue: true,
    };
    world.store.put_record(&put, Some(&fence), at(2)).await.unwrap();
    assert!(world.claim(3).await.is_empty());
    let prepared = Prepared {
        record: id,
        documents: vec![invoice(1, "v1")],
        held: None,
        waiting: Waiting::default(),
        lane: Lane::High,
    };
    world.store.settle_prepare(&prepared, Some(&preparing.fence), at(3)).await.unwrap();
    let kinds: Vec<_> = world.claim(4).await.into_iter().map(|job| job.kind).collect();
    assert!(kinds.contains(&JobKind::Prepare(id)), "{kinds:?}");
}

pub(crate) async fn another_tenants_record_is_not_found(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store, "Bola Stores").await;
    let id = one.record("sale-1").await;
    assert_eq!(kind(two.store.record(id, Some(two.tenant)).await), ErrorKind::NotFound);
    assert!(two.store.record_by_key(two.till.id, &order("sale-1")).await.unwrap().is_none());
    let listed = two.store.records(&RecordFilter { tenant: Some(two.tenant), ..Default::default() }).await;
    assert!(listed.unwrap().items.is_empty());
}

pub(crate) async fn the_same_platform_id_is_another_record_for_another_tenant_and_kind(
    store: Arc<dyn Store>,
) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let crm = store.put_connection(&account(one.tenant, "crm", "portal-1"), at(0)).await.unwrap();
    let mut ids = vec![one.record("1").await, two.record("1").await];
    for key in [order("1"), SourceKey::new(RecordKind::Deal, "1")] {
        let raw = RawRecord { key, ..raw("1", None, "{}") };
        let put = PutRecord { connection: crm.id, raw, lane: Lane::Normal, queue: false };
        ids.push(store.put_record(&put, None, at(0)).await.unwrap().0);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let deals = RecordFilter { kind: Some(RecordKind::Deal), ..Default::default() };
    assert_eq!(store.records(&deals).await.unwrap().items.len(), 1);
}

pub(crate) async fn records_are_listed_newest_first_in_pages(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut expected = Vec::new();
    for i in 0..5 {
        expected.insert(0, world.record(&format!("sale-{i}")).await);
    }
    let mut seen = Vec::new();
    let mut filter = RecordFilter { tenant: Some(world.tenant), limit: Some(2), ..Default::default() };
    loop {
        let page = world.store.records(&filter).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|record| record.id));
        // One stored between two pages is on neither.
        world.record(&format!("later-{}", seen.len())).await;
        filter.cursor = page.next;
        if filter.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

pub(crate) async fn a_cursor_that_no_listing_gave_is_refused(store: Arc<dyn Store>) {
    let filter = RecordFilter { cursor: Some("'; DROP TABLE records".into()), ..Default::default() };
    let error = store.records(&filter).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("cursor")));
}

pub(crate) async fn a_record_is_queued_again_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = world.record("sale-1").await;
    for now in [1, 2] {
        world.store.requeue_record(id, Lane::Normal, at(now)).await.unwrap();
    }
    let job = world.claim_one(2).await;
    assert_eq!((job.kind, job.lane), (JobKind::Prepare(id), Lane::Normal));
    let stale = Fence { token: job.fence.token - 1, ..job.fence.clone() };
    assert_eq!(kind(world.store.finish(&stale, at(3)).await), ErrorKind::Fenced);
    assert_eq!(world.store.claim(1, LEASE, at(3)).await.unwrap().len(), 0);
    assert_eq!(kind(world.store.requeue_record(world.tenant, Lane::Bulk, at(3)).await), ErrorKind::NotFound);
}
