//! The queue: leases, fences, lanes and dead letters.

use crate::fixture::{LEASE, World, at, kind, order, trouble};
use std::{collections::HashSet, sync::Arc};
use taxpoynt_core::{
    ErrorKind,
    store::{Delivery, JobKind, Lane, Pending, Store},
};

async fn queue(world: &World, record: &str, lane: Lane, now: i64) {
    let delivery = Delivery { lane, ..world.delivery(&[(&format!("event of {record}"), Some(record))]) };
    world.store.ingest(&delivery, at(now)).await.unwrap();
}

async fn claim_one_of_many(world: &World, now: i64) -> String {
    let jobs = world.store.claim(1, LEASE, at(now)).await.unwrap();
    match &jobs[..] {
        [job] => match &job.kind {
            JobKind::Fetch(key) => key.id.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_job_is_claimed_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    queue(&world, "sale-1", Lane::High, 0).await;
    assert!(world.store.claim(0, LEASE, at(0)).await.unwrap().is_empty());
    world.claim_one(0).await;
    assert!(world.claim(0).await.is_empty());
    assert!(world.claim(59).await.is_empty());
}

pub(crate) async fn a_lease_that_runs_out_is_claimed_anew_under_a_higher_fence(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    queue(&world, "sale-1", Lane::High, 0).await;
    let first = world.claim_one(0).await;
    let second = world.claim_one(60).await;
    assert_eq!(first.fence.job, second.fence.job);
    assert!(second.fence.token > first.fence.token);
    assert_eq!((first.attempts, second.attempts), (0, 1), "a lost lease was an attempt");
}

pub(crate) async fn an_old_fence_moves_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    queue(&world, "sale-1", Lane::High, 0).await;
    let slow = world.claim_one(0).await.fence;
    let quick = world.claim_one(60).await.fence;
    let store = &world.store;
    assert_eq!(kind(store.finish(&slow, at(61)).await), ErrorKind::Fenced);
    assert_eq!(kind(store.retry(&slow, &trouble(), at(70), at(61)).await), ErrorKind::Fenced);
    assert_eq!(kind(store.bury(&slow, &trouble(), at(61)).await), ErrorKind::Fenced);
    assert_eq!(store.pending(at(61)).await.unwrap(), Pending { claimed: 1, ..Pending::default() });
    assert!(store.dead_letters(None).await.unwrap().is_empty());
    store.finish(&quick, at(62)).await.unwrap();
    assert_eq!(kind(store.finish(&quick, at(62)).await), ErrorKind::Fenced);
}

pub(crate) async fn a_lease_that_ran_out_holds_no_longer_even_unclaimed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    queue(&world, "sale-1", Lane::High, 0).await;
    let fence = world.claim_one(0).await.fence;
    assert_eq!(kind(world.store.finish(&fence, at(60)).await), ErrorKind::Fenced);
    world.store.finish(&fence, at(59)).await.unwrap();
}

pub(crate) async fn tills_go_before_crm_and_crm_before_backfill(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for (record, lane, now) in [
        ("bulk", Lane::Bulk, 0),
        ("crm", Lane::Normal, 1),
        ("till 2", Lane::High, 3),
        ("till 1", Lane::High, 2),
    ] {
        queue(&world, record, lane, now).await;
    }
    let claimed: Vec<_> = world.claim(4).await.into_iter().map(|job| (job.kind, job.lane)).collect();
    let expected =
        [("till 1", Lane::High), ("till 2", Lane::High), ("crm", Lane::Normal), ("bulk", Lane::Bulk)];
    assert_eq!(claimed, expected.map(|(record, lane)| (JobKind::Fetch(order(record)), lane)));
}

pub(crate) async fn every_tenth_claim_takes_the_oldest_first(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    queue(&world, "bulk 1", Lane::Bulk, 0).await;
    queue(&world, "bulk 2", Lane::Bulk, 1).await;
    for sale in 0..30 {
        queue(&world, &format!("till {sale}"), Lane::High, 2).await;
    }
    let mut claimed = Vec::new();
    for _ in 0..20 {
        claimed.push(claim_one_of_many(&world, 3).await);
    }
    assert_eq!((claimed[9].as_str(), claimed[19].as_str()), ("bulk 1", "bulk 2"));
    assert_eq!(claimed.iter().filter(|record| record.starts_with("till")).count(), 18);
}

pub(crate) async fn a_retry_waits_and_counts_attempts(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    queue(&world, "sale-1", Lane::High, 0).await;
    let mut now = 0;
    for attempts in 0..3 {
        let job = world.claim_one(now).await;
        assert_eq!(job.attempts, attempts);
        world.store.retry(&job.fence, &trouble(), at(now + 30), at(now)).await.unwrap();
        assert!(world.claim(now + 29).await.is_empty());
        now += 30;
    }
    let job = world.claim_one(now).await;
    world.store.bury(&job.fence, &trouble(), at(now)).await.unwrap();
    let dead = world.store.dead_letters(None).await.unwrap().remove(0);
    assert_eq!((dead.attempts, dead.error_kind.as_str()), (4, "unavailable"));
}

pub(crate) async fn pending_counts_what_is_due_claimed_and_later(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for sale in 0..4 {
        queue(&world, &format!("sale-{sale}"), Lane::High, 0).await;
    }
    for (sale, wait) in [(0, 90), (1, 80)] {
        let job = world.store.claim(1, LEASE, at(0)).await.unwrap().remove(0);
        assert_eq!(job.kind, JobKind::Fetch(order(&format!("sale-{sale}"))));
        world.store.retry(&job.fence, &trouble(), at(wait), at(0)).await.unwrap();
    }
    world.store.claim(1, LEASE, at(0)).await.unwrap();
    let pending = async |now| world.store.pending(at(now)).await.unwrap();
    assert_eq!(pending(0).await, Pending { due: 1, claimed: 1, later: 2, next_at: Some(at(80)) });
    assert_eq!(pending(60).await, Pending { due: 2, claimed: 0, later: 2, next_at: Some(at(80)) });
    assert_eq!(pending(80).await, Pending { due: 3, claimed: 0, later: 1, next_at: Some(at(90)) });
    assert_eq!(pending(90).await, Pending { due: 4, claimed: 0, later: 0, next_at: None });
}

pub(crate) async fn a_dead_letter_is_listed_replayed_and_discarded(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for (record, now) in [("sale-1", 1), ("sale-2", 2)] {
        queue(&world, record, Lane::High, now).await;
        let job = world.claim_one(now).await;
        world.store.bury(&job.fence, &trouble(), at(now)).await.unwrap();
    }
    let dead = world.store.dead_letters(Some(world.tenant)).await.unwrap();
    let listed: Vec<_> = dead.iter().map(|letter| (letter.kind.clone(), letter.at)).collect();
    let expected = [("sale-2", 2), ("sale-1", 1)];
    assert_eq!(listed, expected.map(|(record, now)| (JobKind::Fetch(order(record)), at(now))));
    assert_eq!((dead[0].error.as_str(), dead[0].attempts), ("the till cannot be reached", 1));
    assert_eq!(world.store.pending(at(9)).await.unwrap(), Pending::default());

    world.store.replay(dead[0].id, None, at(10)).await.unwrap();
    let job = world.claim_one(10).await;
    assert_eq!((job.kind, job.attempts), (JobKind::Fetch(order("sale-2")), 0));
    world.store.discard(dead[1].id, Some(world.tenant), "a test sale", at(11)).await.unwrap();
    assert!(world.store.dead_letters(None).await.unwrap().is_empty());
    for gone in [dead[0].id, dead[1].id] {
        assert_eq!(kind(world.store.replay(gone, None, at(12)).await), ErrorKind::NotFound);
        assert_eq!(kind(world.store.discard(gone, None, "twice", at(12)).await), ErrorKind::NotFound);
    }
    let history = world.store.audit(world.till.id).await.unwrap();
    assert!(
        history.iter().any(|entry| entry.event == "fetch.discarded" && entry.detail.ends_with("a test sale"))
    );
}

pub(crate) async fn a_dead_letter_replayed_beside_a_waiting_job_makes_no_second_one(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    world.event("e1", "sale-1").await;
    let job = world.claim_one(0).await;
    world.store.bury(&job.fence, &trouble(), at(0)).await.unwrap();
    world.event("e2", "sale-1").await;
    world.store.replay(job.fence.job, None, at(1)).await.unwrap();
    assert!(world.store.dead_letters(None).await.unwrap().is_empty());
    let waiting = world.claim_one(1).await;
    assert_ne!(waiting.fence.job, job.fence.job);
    world.store.finish(&waiting.fence, at(2)).await.unwrap();
    assert!(world.claim(2).await.is_empty());
}

pub(crate) async fn another_tenants_dead_letter_is_not_found(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store, "Bola Stores").await;
    queue(&one, "sale-1", Lane::High, 0).await;
    let job = one.claim_one(0).await;
    one.store.bury(&job.fence, &trouble(), at(0)).await.unwrap();
    assert!(two.store.dead_letters(Some(two.tenant)).await.unwrap().is_empty());
    let (id, other) = (job.fence.job, Some(two.tenant));
    assert_eq!(kind(two.store.replay(id, other, at(1)).await), ErrorKind::NotFound);
    assert_eq!(kind(two.store.discard(id, other, "mine now", at(1)).await), ErrorKind::NotFound);
    assert_eq!(one.store.dead_letters(Some(one.tenant)).await.unwrap().len(), 1);
}

pub(crate) async fn concurrent_claims_share_no_job(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    for sale in 0..100 {
        queue(&world, &format!("sale-{sale}"), Lane::High, 0).await;
    }
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                loop {
                    let jobs = world.store.claim(3, LEASE, at(1)).await.unwrap();
                    if jobs.is_empty() {
                        return claimed;
                    }
                    claimed.extend(jobs.into_iter().map(|job| job.fence.job));
                }
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.unwrap());
    }
    assert_eq!(claimed.len(), 100);
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), 100);
}
