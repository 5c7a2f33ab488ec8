//! Switches: settings and their log are one, and what waits for one is never forgotten.

use crate::fixture::{World, at, kind, raw};
use chrono::TimeDelta;
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind, Retry,
    store::{HeldBack, JobKind, Lane, PutRecord, Rollout, SWITCHED_OFF, Spread, Store, Switch, SwitchChange},
};
use uuid::Uuid;

fn change(switch: Switch, tenant: Option<Uuid>, to: Option<Rollout>) -> SwitchChange {
    SwitchChange { switch, tenant, platform: None, to, who: "ada".into(), reason: "A test.".into() }
}

fn held(revision: u64) -> HeldBack {
    let until = at(0) + TimeDelta::hours(24);
    HeldBack { revision, message: "It is switched off.".into(), until }
}

pub(crate) async fn a_setting_and_its_log_are_stored_together(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    assert_eq!(store.switches().await.unwrap().revision, 0);
    let half = Rollout { percent: 50, spread: Spread::Tenant };
    store.set_switch(&change(Switch::Submit, None, Some(half)), at(1)).await.unwrap();
    let ours = change(Switch::Submit, Some(world.tenant), Some(Rollout::OFF));
    store.set_switch(&ours, at(2)).await.unwrap();
    let switches = store.switches().await.unwrap();
    assert_eq!((switches.revision, switches.settings.len()), (2, 2));
    assert_eq!((switches.settings[0].tenant, switches.settings[0].rollout), (None, half));
    assert_eq!((switches.settings[1].tenant, switches.settings[1].set_at), (Some(world.tenant), at(2)));
    store.set_switch(&SwitchChange { to: None, ..ours }, at(3)).await.unwrap();
    let switches = store.switches().await.unwrap();
    assert_eq!((switches.revision, switches.settings.len()), (3, 1));
    let log = store.switch_log(None, 10).await.unwrap();
    let told: Vec<_> = log.iter().map(|entry| (entry.seq, entry.before, entry.after)).collect();
    assert_eq!(told, [(3, Some(Rollout::OFF), None), (2, None, Some(Rollout::OFF)), (1, None, Some(half))]);
    let others = store.switch_log(Some(Uuid::now_v7()), 10).await.unwrap();
    assert_eq!(others.len(), 1, "only what is for all");
}

pub(crate) async fn a_switch_for_an_unknown_tenant_is_not_found_and_changes_nothing(store: Arc<dyn Store>) {
    let stranger = change(Switch::Submit, Some(Uuid::now_v7()), Some(Rollout::OFF));
    assert_eq!(kind(store.set_switch(&stranger, at(1)).await), ErrorKind::NotFound);
    assert_eq!(store.switches().await.unwrap().revision, 0);
}

pub(crate) async fn what_is_held_back_waits_at_no_cost_until_its_switch_is_set(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let put = PutRecord {
        connection: world.till.id,
        raw: raw("sale-1", Some(0), "{}"),
        lane: Lane::High,
        queue: true,
    };
    let (record, _) = store.put_record(&put, None, at(0)).await.unwrap();
    store.set_switch(&change(Switch::Prepare, None, Some(Rollout::OFF)), at(0)).await.unwrap();
    let job = world.claim_one(1).await;
    store.hold_back(&held(1), &job.fence, at(1)).await.unwrap();
    assert!(world.claim(3_600).await.is_empty(), "it is not looked at again by itself");
    let stored = store.record(record, None).await.unwrap();
    assert_eq!(stored.held.unwrap().code, SWITCHED_OFF);
    assert_eq!(kind(store.finish(&job.fence, at(2)).await), ErrorKind::Fenced, "the fence is used up");
    let other = change(Switch::Submit, None, Some(Rollout::ON));
    assert_eq!(store.set_switch(&other, at(3_601)).await.unwrap(), 0, "another switch");
    let on = change(Switch::Prepare, None, Some(Rollout::ON));
    assert_eq!(store.set_switch(&on, at(3_602)).await.unwrap(), 1);
    let again = world.claim_one(3_602).await;
    assert_eq!((again.kind, again.attempts), (JobKind::Prepare(record), 0));
    assert_eq!(again.received_at, Some(at(3_602)), "the wait that was ordered is nobody's delay");
}

pub(crate) async fn a_document_that_is_held_back_says_why(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    store.set_switch(&change(Switch::Submit, None, Some(Rollout::OFF)), at(0)).await.unwrap();
    let (document, job) = world.submission(1).await;
    store.hold_back(&held(1), &job.fence, at(2)).await.unwrap();
    let stored = store.document(document, None).await.unwrap();
    assert_eq!(stored.code.as_deref(), Some(SWITCHED_OFF));
    assert_eq!(stored.message.as_deref(), Some("It is switched off."));
    let on = change(Switch::Submit, Some(world.tenant), None);
    assert_eq!(store.set_switch(&on, at(3)).await.unwrap(), 1);
}

pub(crate) async fn nobody_waits_for_a_switch_that_was_set_meanwhile(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    store.set_switch(&change(Switch::Submit, None, Some(Rollout::OFF)), at(0)).await.unwrap();
    let (_, job) = world.submission(1).await;
    // Its worker read revision 1. Before it says so, the switch is on, and has made due all that waited.
    store.set_switch(&change(Switch::Submit, None, Some(Rollout::ON)), at(2)).await.unwrap();
    let refused = store.hold_back(&held(1), &job.fence, at(3)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.retry()), (ErrorKind::Conflict, Retry::Now));
    store.finish(&job.fence, at(3)).await.unwrap();
}

pub(crate) async fn a_job_under_a_lost_lease_is_not_held_back(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (_, job) = world.submission(1).await;
    assert_eq!(kind(store.hold_back(&held(0), &job.fence, at(3_600)).await), ErrorKind::Fenced);
}

pub(crate) async fn the_log_of_switches_is_only_added_to(store: Arc<dyn Store>) {
    // That rows cannot be edited is the schema's; here: that no move takes one away.
    let world = World::new(store.clone()).await;
    for percent in 0..=100 {
        let to = Some(Rollout { percent, spread: Spread::Record });
        store.set_switch(&change(Switch::Sync, Some(world.tenant), to), at(percent.into())).await.unwrap();
    }
    let log = store.switch_log(Some(world.tenant), 1_000).await.unwrap();
    assert_eq!(log.len(), 101);
    assert_eq!(store.switches().await.unwrap().settings[0].rollout.percent, 100);
}
