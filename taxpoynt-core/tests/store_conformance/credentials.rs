//! Authorizations under way, leases on refreshes, and jobs that wait for a person.

use crate::fixture::{World, account, at, kind, order};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use taxpoynt_core::{
    Error, ErrorKind,
    store::{
        Connection, ConnectionState, NewAuthorization, RefreshFailure, RefreshLease, RefreshTurn, Renewed,
        Store,
    },
};
use tokio::task::JoinSet;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

fn authorization(tenant: Uuid, state: &str, ends: i64) -> NewAuthorization {
    NewAuthorization {
        state_hash: state.to_owned(),
        tenant,
        platform: "till".to_owned(),
        redirect_uri: "https://host.example/back".to_owned(),
        settings: BTreeMap::from([("base_url".to_owned(), "https://till.example/".to_owned())]),
        sealed: "sealed verifier".to_owned(),
        expires_at: at(ends),
    }
}

pub(crate) async fn an_authorization_is_taken_once_by_whom_it_belongs_to(store: Arc<dyn Store>) {
    let (one, two) = (World::new(store.clone()).await, World::of(store.clone(), "Bola Stores").await);
    let new = authorization(one.tenant, "state", 60);
    store.put_authorization(&new, at(0)).await.unwrap();
    let take = async |tenant, platform, state| {
        store.take_authorization(state, tenant, platform, at(1)).await.unwrap()
    };
    assert_eq!(take(two.tenant, "till", "state").await, None);
    assert_eq!(take(one.tenant, "crm", "state").await, None);
    assert_eq!(take(one.tenant, "till", "State").await, None);
    let taken = take(one.tenant, "till", "state").await.unwrap();
    assert_eq!(
        (taken.redirect_uri, taken.settings, taken.sealed),
        (new.redirect_uri.clone(), new.settings.clone(), new.sealed.clone())
    );
    assert_eq!(take(one.tenant, "till", "state").await, None, "it counts once");
    let nobody = NewAuthorization { tenant: Uuid::now_v7(), ..new };
    assert_eq!(kind(store.put_authorization(&nobody, at(0)).await), ErrorKind::NotFound);
}

pub(crate) async fn an_authorization_that_has_ended_is_gone(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    store.put_authorization(&authorization(world.tenant, "a", 60), at(0)).await.unwrap();
    let take =
        async |state, now| store.take_authorization(state, world.tenant, "till", at(now)).await.unwrap();
    assert_eq!(take("a", 60).await, None);
    store.put_authorization(&authorization(world.tenant, "b", 200), at(100)).await.unwrap();
    assert_eq!(take("a", 1).await, None, "putting another one dropped it");
    assert!(take("b", 199).await.is_some());
}

async fn turn(store: &Arc<dyn Store>, of: &Connection, now: i64) -> RefreshTurn {
    store.lease_refresh(of.id, of.generation, LEASE, at(now)).await.unwrap()
}

async fn lease(store: &Arc<dyn Store>, of: &Connection, now: i64) -> RefreshLease {
    match turn(store, of, now).await {
        RefreshTurn::Yours(lease, connection) => {
            assert_eq!((connection.id, &connection.sealed), (of.id, &of.sealed));
            lease
        }
        other => panic!("{other:?}"),
    }
}

fn renewed(sealed: &str) -> Renewed {
    Renewed { sealed: sealed.to_owned(), refresh_at: None, base_url: None }
}

pub(crate) async fn one_of_many_gets_the_lease(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (store, till) = (store.clone(), world.till.clone());
        callers.spawn(async move { turn(&store, &till, 1).await });
    }
    let turns = callers.join_all().await;
    let yours = turns.iter().filter(|turn| matches!(turn, RefreshTurn::Yours(..))).count();
    let busy =
        turns.iter().filter(|turn| matches!(turn, RefreshTurn::Busy(until) if *until == at(61))).count();
    assert_eq!((yours, busy), (1, 49));
    let nobody = store.lease_refresh(Uuid::now_v7(), 1, LEASE, at(1)).await;
    assert_eq!(kind(nobody), ErrorKind::NotFound);
}

pub(crate) async fn a_lease_ends_and_the_next_one_counts_the_lost_answer(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let first = lease(&store, &world.till, 0).await;
    assert_eq!((first.unanswered, first.failures), (0, 0));
    assert!(matches!(turn(&store, &world.till, 59).await, RefreshTurn::Busy(_)));
    let second = lease(&store, &world.till, 60).await;
    assert!(second.token > first.token);
    assert_eq!(second.unanswered, 1);
    let done = store.settle_refresh(&second, &renewed("new"), at(61)).await.unwrap();
    let third = lease(&store, &done, 62).await;
    assert_eq!(third.unanswered, 0, "a stored token ends the count");
}

pub(crate) async fn a_lease_of_a_clock_that_was_put_back_has_ended(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    lease(&store, &world.till, 10_000).await;
    lease(&store, &world.till, 0).await;
}

pub(crate) async fn a_lease_taken_while_another_waited_to_write_holds(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    lease(&store, &world.till, 10).await;
    for earlier in [9, 5, 0] {
        let RefreshTurn::Busy(until) = turn(&store, &world.till, earlier).await else { panic!("two at it") };
        assert_eq!(until, at(70));
    }
}

pub(crate) async fn what_is_settled_is_read_by_all(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let mine = lease(&store, &world.till, 0).await;
    let done = store.settle_refresh(&mine, &renewed("new"), at(1)).await.unwrap();
    assert_eq!((done.sealed.as_str(), done.state), ("new", ConnectionState::Active));
    assert_eq!(done.settings, world.till.settings, "it stays where it was");
    assert_eq!(done.generation, world.till.generation + 1);
    let RefreshTurn::Fresh(read) = turn(&store, &world.till, 1).await else { panic!("not fresh") };
    assert_eq!((read.sealed.as_str(), read.generation), ("new", done.generation));
    let again = lease(&store, &done, 1).await;
    let moved = Renewed { base_url: Some("https://new.example/".to_owned()), ..renewed("newer") };
    let done = store.settle_refresh(&again, &moved, at(2)).await.unwrap();
    let mut expected = world.till.settings.clone();
    expected.insert("base_url".to_owned(), "https://new.example/".to_owned());
    assert_eq!(done.settings, expected, "and everything else in the settings");
}

pub(crate) async fn a_late_settlement_is_kept_unless_a_later_lease_settled(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (slow, next) = (lease(&store, &world.till, 0).await, lease(&store, &world.till, 60).await);
    let kept = store.settle_refresh(&slow, &renewed("slow"), at(61)).await.unwrap();
    assert_eq!(kept.sealed, "slow", "the platform gave it, and nobody has a newer one");
    let newer = store.settle_refresh(&next, &renewed("next"), at(62)).await.unwrap();
    assert_eq!(newer.sealed, "next");
    let (slow, next) = (lease(&store, &newer, 100).await, lease(&store, &newer, 160).await);
    store.settle_refresh(&next, &renewed("after"), at(161)).await.unwrap();
    let stays = store.settle_refresh(&slow, &renewed("too late"), at(162)).await.unwrap();
    assert_eq!(stays.sealed, "after");
    assert_eq!(store.connection(world.till.id, None).await.unwrap().sealed, "after");
}

pub(crate) async fn a_refusal_counts_for_the_credentials_it_is_about(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let mine = lease(&store, &world.till, 0).await;
    let (refused, changed) = store.refuse_refresh(&mine, "gone", at(1)).await.unwrap();
    assert_eq!((refused.state, changed), (ConnectionState::NeedsReauth, true));
    let (_, again) = store.refuse_refresh(&mine, "gone", at(2)).await.unwrap();
    assert!(!again, "told once");
    assert!(matches!(turn(&store, &world.till, 3).await, RefreshTurn::Fresh(_)), "nobody tries again");
    let history = store.audit(world.till.id).await.unwrap();
    let lines: Vec<_> = history.iter().map(|line| (line.event.as_str(), line.detail.as_str())).collect();
    assert_eq!(lines, [("connection.needs_reauth", "gone")]);
    let anew = store.put_connection(&account(world.tenant, "till", "merchant-1"), at(4)).await.unwrap();
    let (stays, changed) = store.refuse_refresh(&mine, "gone", at(5)).await.unwrap();
    assert_eq!((stays.state, changed), (ConnectionState::Active, false), "these are others");
    let old = store.refuse_credentials(anew.id, anew.generation - 1, "gone", at(6)).await.unwrap();
    assert!(!old.1);
    let (refused, changed) = store.refuse_credentials(anew.id, anew.generation, "gone", at(7)).await.unwrap();
    assert_eq!((refused.state, changed), (ConnectionState::NeedsReauth, true));
}

pub(crate) async fn a_late_settlement_brings_a_refused_connection_back(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (slow, next) = (lease(&store, &world.till, 0).await, lease(&store, &world.till, 60).await);
    store.refuse_refresh(&next, "used already", at(61)).await.unwrap();
    let back = store.settle_refresh(&slow, &renewed("slow"), at(62)).await.unwrap();
    assert_eq!((back.sealed.as_str(), back.state), ("slow", ConnectionState::Active));
    let mine = lease(&store, &back, 130).await;
    store.set_connection_state(back.id, ConnectionState::Removed, at(131)).await.unwrap();
    let removed = store.settle_refresh(&mine, &renewed("x"), at(132)).await.unwrap();
    assert_eq!((removed.sealed.as_str(), removed.state), ("slow", ConnectionState::Removed));
}

pub(crate) async fn a_failure_keeps_everybody_waiting(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let mine = lease(&store, &world.till, 0).await;
    let failure = RefreshFailure {
        until: at(30),
        kind: ErrorKind::RateLimited,
        message: "too many calls".to_owned(),
        unanswered: true,
    };
    store.fail_refresh(&mine, &failure).await.unwrap();
    let RefreshTurn::NotBefore(told) = turn(&store, &world.till, 29).await else { panic!("not kept") };
    assert_eq!(told, failure);
    let next = lease(&store, &world.till, 30).await;
    assert_eq!((next.failures, next.unanswered), (1, 1));
    // Who was overtaken says nothing any more.
    store.fail_refresh(&mine, &RefreshFailure { until: at(9_999), ..failure }).await.unwrap();
    let RefreshTurn::Busy(_) = turn(&store, &world.till, 31).await else { panic!("the lease was lost") };
}

pub(crate) async fn new_credentials_void_what_is_under_way(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let mine = lease(&store, &world.till, 0).await;
    let mut anew = account(world.tenant, "till", "merchant-1");
    anew.sealed = "by a person".to_owned();
    let anew = store.put_connection(&anew, at(1)).await.unwrap();
    assert!(anew.generation > world.till.generation);
    let stays = store.settle_refresh(&mine, &renewed("old"), at(2)).await.unwrap();
    assert_eq!((stays.sealed.as_str(), stays.generation), ("by a person", anew.generation));
    lease(&store, &anew, 3).await;
    assert!(matches!(turn(&store, &world.till, 3).await, RefreshTurn::Fresh(_)));
}

pub(crate) async fn the_longest_overdue_are_refreshed_first(store: Arc<dyn Store>) {
    let (one, two) = (World::new(store.clone()).await, World::of(store.clone(), "Bola Stores").await);
    let three = store.put_connection(&account(one.tenant, "crm", "portal-1"), at(0)).await.unwrap();
    for (connection, due) in [(&one.till, 20), (&two.till, 10), (&three, 31)] {
        store.plan_refresh(connection.id, connection.generation, Some(at(due))).await.unwrap();
    }
    let due = async |limit, now| {
        let due = store.due_refreshes(limit, at(now)).await.unwrap();
        due.into_iter().map(|connection| connection.id).collect::<Vec<_>>()
    };
    assert_eq!(due(10, 30).await, [two.till.id, one.till.id]);
    assert_eq!(due(1, 30).await, [two.till.id]);
    store.plan_refresh(two.till.id, two.till.generation + 1, None).await.unwrap();
    assert_eq!(due(1, 30).await, [two.till.id], "the plan of other credentials");
    store.set_connection_state(two.till.id, ConnectionState::Removed, at(30)).await.unwrap();
    assert_eq!(due(10, 31).await, [one.till.id, three.id]);
    store.plan_refresh(one.till.id, one.till.generation, None).await.unwrap();
    assert_eq!(due(10, 31).await, [three.id]);
}

pub(crate) async fn only_a_removed_connection_forgets_its_credentials(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let forget = async || store.forget_credentials(world.till.id, "nothing", "revoked", at(2)).await;
    assert_eq!(kind(forget().await), ErrorKind::Conflict);
    let mine = lease(&store, &world.till, 0).await;
    store.set_connection_state(world.till.id, ConnectionState::Removed, at(1)).await.unwrap();
    forget().await.unwrap();
    let gone = store.connection(world.till.id, None).await.unwrap();
    assert_eq!((gone.sealed.as_str(), gone.state), ("nothing", ConnectionState::Removed));
    let late = store.settle_refresh(&mine, &renewed("late"), at(3)).await.unwrap();
    assert_eq!(late.sealed, "nothing");
    let history = store.audit(world.till.id).await.unwrap();
    assert_eq!(history.last().unwrap().detail, "revoked");
    let unknown = store.forget_credentials(Uuid::now_v7(), "x", "x", at(2)).await;
    assert_eq!(kind(unknown), ErrorKind::NotFound);
}

pub(crate) async fn a_parked_job_costs_no_attempt_and_is_due_with_new_credentials(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    world.event("event-1", "sale-1").await;
    let error = Error::new(ErrorKind::Unauthenticated, "till.fetch", "connect again");
    for hour in 0..100 {
        let job = world.claim_one(hour * 3600).await;
        assert_eq!(job.attempts, 0);
        store.park(&job.fence, &error, at((hour + 1) * 3600), at(hour * 3600)).await.unwrap();
        assert!(world.claim(hour * 3600 + 3599).await.is_empty());
    }
    let overtaken = world.claim_one(360_000).await;
    world.claim_one(370_000).await;
    assert_eq!(kind(store.park(&overtaken.fence, &error, at(0), at(370_000)).await), ErrorKind::Fenced);
    let job = world.claim_one(380_000).await;
    assert_eq!(job.kind, taxpoynt_core::store::JobKind::Fetch(order("sale-1")));
    store.park(&job.fence, &error, at(999_999), at(380_000)).await.unwrap();
    store.put_connection(&account(world.tenant, "till", "merchant-1"), at(380_001)).await.unwrap();
    let job = world.claim_one(380_001).await;
    store.park(&job.fence, &error, at(999_999), at(380_002)).await.unwrap();
    assert_eq!(store.release_parked(world.till.id, at(380_003)).await.unwrap(), 1);
    assert_eq!(store.release_parked(world.till.id, at(380_003)).await.unwrap(), 0);
    world.claim_one(380_003).await;
}
