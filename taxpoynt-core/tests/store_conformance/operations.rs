//! What an operator asks: counts that are true, and a watcher that is told of every move.

use crate::fixture::{LEASE, World, account, at, raw, trouble};
use chrono::{DateTime, Utc};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::store::{ConnectionState, Lane, MoveWatcher, PutRecord, Store, SyncEntry};
use uuid::Uuid;

pub(crate) async fn lanes_are_counted_by_state_with_the_age_of_the_oldest(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let put = |id: &str, lane| {
        let raw = raw(id, Some(0), "{}");
        PutRecord { connection: world.till.id, raw, lane, queue: true }
    };
    for (id, lane, now) in [("a", Lane::High, 0), ("b", Lane::High, 10), ("c", Lane::Bulk, 20)] {
        store.put_record(&put(id, lane), None, at(now)).await.unwrap();
    }
    let jobs = store.claim(1, LEASE, at(20)).await.unwrap();
    store.retry(&jobs[0].fence, &trouble(), at(500), at(20)).await.unwrap();
    store.claim(1, LEASE, at(25)).await.unwrap();
    store.put_record(&put("d", Lane::High), None, at(30)).await.unwrap();
    let snapshot = store.snapshot(at(60)).await.unwrap();
    let lanes: Vec<_> = snapshot
        .lanes
        .iter()
        .map(|lane| (lane.lane, lane.due, lane.claimed, lane.later, lane.oldest_due_seconds))
        .collect();
    assert_eq!(
        lanes,
        [("high", 1, 1, 1, 30), ("normal", 0, 0, 0, 0), ("bulk", 1, 0, 0, 40), ("inbound", 0, 0, 0, 0)]
    );
    assert_eq!((snapshot.due(), snapshot.dead_letters), (2, 0));
}

pub(crate) async fn failed_pulls_count_since_the_last_good_one(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let crm = store.put_connection(&account(world.tenant, "crm", "portal-1"), at(0)).await.unwrap();
    let gone = store.put_connection(&account(world.tenant, "crm", "portal-2"), at(0)).await.unwrap();
    let pulls = |connection: Uuid, errors: &[bool]| {
        let entries: Vec<SyncEntry> = errors
            .iter()
            .map(|failed| SyncEntry {
                connection,
                started_at: at(0),
                finished_at: at(1),
                seen: 0,
                new: 0,
                changed: 0,
                unchanged: 0,
                failed: 0,
                error: failed.then(|| "the platform cannot be reached".to_owned()),
            })
            .collect();
        let store = store.clone();
        async move {
            for entry in &entries {
                store.log_sync(entry, None).await.unwrap();
            }
        }
    };
    pulls(world.till.id, &[true, true, false, true]).await;
    pulls(crm.id, &[true, true, true]).await;
    pulls(gone.id, &[true, true, true, true]).await;
    store.set_connection_state(gone.id, ConnectionState::Removed, at(2)).await.unwrap();
    let snapshot = store.snapshot(at(3)).await.unwrap();
    let streaks: Vec<_> = snapshot.streaks.iter().map(|s| (s.connection, s.failures)).collect();
    assert_eq!(streaks, [(world.till.id, 1), (crm.id, 3)], "a removed connection fails nobody");
    assert_eq!(snapshot.worst_streaks().into_iter().collect::<Vec<_>>(), [("crm", 3), ("till", 1)]);
    let crms: u64 = snapshot.connections.iter().filter(|(p, ..)| p == "crm").map(|(.., n)| n).sum();
    assert_eq!(crms, 2);
}

#[derive(Default)]
struct Told(Mutex<Vec<&'static str>>);

impl MoveWatcher for Told {
    fn now(&self) -> DateTime<Utc> {
        at(0)
    }

    fn moved(&self, operation: &'static str, _took: Duration) {
        self.0.lock().unwrap().push(operation);
    }
}

pub(crate) async fn a_watcher_is_told_of_every_move_also_a_refused_one(store: Arc<dyn Store>) {
    let told = Arc::new(Told::default());
    let watcher: Arc<dyn MoveWatcher> = told.clone();
    store.watch(Arc::downgrade(&watcher));
    let world = World::new(store.clone()).await;
    assert!(store.document(Uuid::now_v7(), None).await.is_err());
    drop(watcher);
    assert_eq!(
        told.0.lock().unwrap().clone(),
        ["store.put_tenant", "store.put_connection", "store.document"]
    );
    let left = Arc::downgrade(&told);
    drop(told);
    assert!(left.upgrade().is_none(), "the store keeps no watcher alive");
    store.connection(world.till.id, None).await.unwrap();
}
