//! Pulls, deleted records and counted days.

use crate::fixture::{LEASE, World, at, invoice, kind, order, raw};
use rust_decimal::Decimal;
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind, Retry,
    connector::{PullRules, TallyEntry},
    store::{
        Change, DocumentState, Fence, Job, JobKind, Lane, PutRecord, RecordCount, RunEnd, RunKind, RunState,
        Stage, Store, SyncPage, SyncRun, WantedRun,
    },
    sync::{Evidence, Seen, Walk, Window},
};
use uuid::Uuid;

fn wanted(connection: Uuid, kind: RunKind) -> WantedRun {
    WantedRun {
        connection,
        kind,
        since: Some(at(100)),
        until: None,
        moves_mark: true,
        deep: false,
        only_due: false,
    }
}

async fn open(world: &World, kind: RunKind, now: i64) -> SyncRun {
    world.store.open_run(&wanted(world.till.id, kind), LEASE, at(now)).await.unwrap()
}

/// A page with one sale, and a further page after it.
fn page(id: &str, stamp: i64) -> SyncPage {
    let rules = PullRules::DEFAULT;
    let window = Window { since: Some(at(100)), until: None };
    let mut walk = Walk::new(window, vec![String::new()], at(9_999), &rules);
    let rows = vec![(id.to_owned(), Some(at(stamp)))];
    walk.advance(&rules, &Seen { rows, next: Some("2".into()), ..Seen::default() }).unwrap();
    SyncPage {
        records: vec![raw(id, Some(stamp), "{\"as\":\"listed\"}")],
        failed: vec![order("unreadable")],
        walk,
        evidence: Evidence::of_clock(at(1), None),
        latest: Some(at(stamp)),
        total: Some(7),
        lane: Lane::Bulk,
        lease: LEASE,
    }
}

pub(crate) async fn a_page_and_the_place_after_it_are_stored_together(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let run = open(&world, RunKind::Incremental, 0).await;
    assert!(run.walk.is_none());
    let page = page("sale-1", 150);
    let found = world.store.put_page(&page, &run.fence, at(1)).await.unwrap();
    assert_eq!((found.seen, found.new, found.failed), (2, 1, 1));
    let jobs = world.claim(2).await;
    let fetched = jobs.iter().any(|job| job.kind == JobKind::Fetch(order("unreadable")));
    assert!(fetched && jobs.len() == 2, "what could not be read is fetched on its own: {jobs:?}");
    // The process died; the next one goes on from there.
    let next = open(&world, RunKind::Incremental, 62).await;
    assert_eq!((next.fence.job, next.walk.as_ref()), (run.fence.job, Some(&page.walk)));
    assert_eq!((next.counts.seen, next.total), (2, Some(7)));
    assert_eq!(next.walk.unwrap().ask().unwrap().since, Some(at(150)));
}

pub(crate) async fn a_pull_belongs_to_one_process_until_its_lease_ends(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = open(&world, RunKind::Incremental, 0).await;
    let busy =
        world.store.open_run(&wanted(world.till.id, RunKind::Incremental), LEASE, at(1)).await.unwrap_err();
    assert_eq!(busy.kind(), ErrorKind::Conflict);
    assert!(matches!(busy.retry(), Retry::After(_)));
    open(&world, RunKind::Backfill, 1).await;
    let second = open(&world, RunKind::Incremental, 61).await;
    assert!(second.fence.token > first.fence.token);
    let late = world.store.put_page(&page("sale-1", 150), &first.fence, at(62)).await;
    assert_eq!(kind(late), ErrorKind::Fenced);
    assert!(world.store.record_by_key(world.till.id, &order("sale-1")).await.unwrap().is_none());
}

pub(crate) async fn what_was_due_is_done_by_one_of_those_who_saw_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let take = |kind, now| {
        let due = WantedRun { only_due: true, ..wanted(world.till.id, kind) };
        let store = &world.store;
        async move { store.open_run(&due, LEASE, at(now)).await }
    };
    let first = take(RunKind::Incremental, 0).await.unwrap();
    let done = RunEnd::Done { watermark: None, next_at: Some(at(600)) };
    world.store.settle_run(&done, &first.fence, at(1)).await.unwrap();
    assert_eq!(take(RunKind::Incremental, 2).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert!(take(RunKind::Incremental, 600).await.is_ok());

    assert_eq!(
        take(RunKind::Backfill, 0).await.unwrap_err().kind(),
        ErrorKind::Conflict,
        "nobody asked for one"
    );
    let import = open(&world, RunKind::Backfill, 0).await;
    world.store.settle_run(&RunEnd::Rests, &import.fence, at(0)).await.unwrap();
    assert!(take(RunKind::Backfill, 1).await.is_ok());
    world.store.set_run_state(import.fence.job, RunState::Cancelled, at(2)).await.unwrap();
    assert_eq!(
        take(RunKind::Backfill, 3).await.unwrap_err().kind(),
        ErrorKind::Conflict,
        "a person ended it"
    );
}

pub(crate) async fn the_watermark_moves_with_the_last_page_and_not_before(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let till = world.till.id;
    let run = open(&world, RunKind::Incremental, 0).await;
    let failed = RunEnd::Failed { error: "the till cannot be reached".into(), at: at(30) };
    world.store.settle_run(&failed, &run.fence, at(1)).await.unwrap();
    assert_eq!(world.store.watermark(till).await.unwrap(), None);
    let run = open(&world, RunKind::Incremental, 2).await;
    let done = RunEnd::Done { watermark: Some(at(500)), next_at: Some(at(600)) };
    world.store.settle_run(&done, &run.fence, at(3)).await.unwrap();
    assert_eq!(world.store.watermark(till).await.unwrap(), Some(at(500)));
    let log = world.store.sync_log(till).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.error.is_some()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(kind(world.store.settle_run(&done, &run.fence, at(4)).await), ErrorKind::Fenced);
    let due = |now| world.store.due_syncs(Some(LEASE), at(now));
    assert!(due(599).await.unwrap().is_empty());
    assert_eq!(due(600).await.unwrap().len(), 1);
}

pub(crate) async fn three_failed_pulls_in_a_row_are_noted_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for nth in 0..4 {
        let run = open(&world, RunKind::Incremental, nth).await;
        let failed = RunEnd::Failed { error: "no answer".into(), at: at(nth + 1) };
        world.store.settle_run(&failed, &run.fence, at(nth)).await.unwrap();
        let noted = world.store.audit(world.till.id).await.unwrap().len();
        assert_eq!(noted, usize::from(nth >= 2));
    }
    assert_eq!(world.store.sync_plan(world.till.id).await.unwrap().failures, 4);
    let run = open(&world, RunKind::Incremental, 9).await;
    let done = RunEnd::Done { watermark: None, next_at: None };
    world.store.settle_run(&done, &run.fence, at(9)).await.unwrap();
    assert_eq!(world.store.sync_plan(world.till.id).await.unwrap().failures, 0);
}

pub(crate) async fn an_import_is_paused_resumed_and_cancelled(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let run = open(&world, RunKind::Backfill, 0).await;
    let set = |state| world.store.set_run_state(run.fence.job, state, at(1));
    set(RunState::Paused).await.unwrap();
    assert_eq!(kind(world.store.put_page(&page("sale-1", 150), &run.fence, at(2)).await), ErrorKind::Fenced);
    assert!(world.store.due_syncs(None, at(9)).await.unwrap().is_empty());
    set(RunState::Running).await.unwrap();
    assert_eq!(world.store.due_syncs(None, at(9)).await.unwrap().len(), 1);
    set(RunState::Cancelled).await.unwrap();
    assert_eq!(kind(set(RunState::Running).await), ErrorKind::Conflict);
    assert_eq!(open(&world, RunKind::Backfill, 3).await.counts.seen, 0, "another one begins anew");
    let stranger = world.store.run(run.fence.job, Some(Uuid::now_v7())).await;
    assert_eq!(kind(stranger), ErrorKind::NotFound);
}

/// Announces a record and claims its fetch.
async fn fetch_of(world: &World, event: &str, id: &str, now: i64) -> Job {
    world.event(event, id).await;
    let jobs = world.claim(now).await;
    jobs.into_iter().find(|job| job.kind == JobKind::Fetch(order(id))).expect("a fetch job")
}

pub(crate) async fn what_was_deleted_before_it_was_sent_is_withdrawn_until_it_is_restored(
    store: Arc<dyn Store>,
) {
    let world = World::new(store).await;
    let (document, submit) = world.submission(1).await;
    let record = world.store.document(document, None).await.unwrap().record;
    let fetch = fetch_of(&world, "gone", "sale-1", 2).await;
    let gone = world.store.mark_deleted(&order("sale-1"), "it is gone", &fetch.fence, at(3)).await.unwrap();
    assert!(gone);
    let withdrawn = world.store.document(document, None).await.unwrap();
    assert_eq!((withdrawn.state, withdrawn.code.as_deref()), (DocumentState::Dead, Some("record_deleted")));
    let sign = world.reach(document, &submit, (Stage::Signing, DocumentState::Prepared), 4).await;
    assert_eq!(kind(sign), ErrorKind::Fenced, "a worker that was about to sign it cannot");
    assert_eq!(kind(world.prepare(record, vec![invoice(1, "again")]).await), ErrorKind::Conflict);
    assert_eq!(kind(world.store.resubmit(document, None, at(5)).await), ErrorKind::Conflict);

    let fetch = fetch_of(&world, "back", "sale-1", 6).await;
    let put = PutRecord {
        connection: world.till.id,
        raw: raw("sale-1", Some(0), "{}"),
        lane: Lane::High,
        queue: true,
    };
    let (_, change) = world.store.put_record(&put, Some(&fetch.fence), at(7)).await.unwrap();
    assert_eq!(change, Change::Unchanged);
    assert_eq!(world.store.deletion(record).await.unwrap(), None);
    // Past the lease of the preparation that the deletion asked for.
    assert!(world.claim(80).await.iter().any(|job| job.kind == JobKind::Prepare(record)));
    world.prepare(record, vec![invoice(1, "again")]).await.unwrap();
    assert_eq!(world.store.document(document, None).await.unwrap().state, DocumentState::Prepared);
}

pub(crate) async fn a_listing_does_not_bring_back_what_a_fetch_found_deleted(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let fetch = fetch_of(&world, "gone", "sale-1", 2).await;
    world.store.mark_deleted(&order("sale-1"), "it is gone", &fetch.fence, at(3)).await.unwrap();
    world.claim(4).await;
    let run = open(&world, RunKind::Incremental, 4).await;
    world.store.put_page(&page("sale-1", 150), &run.fence, at(5)).await.unwrap();
    assert!(world.store.deletion(record).await.unwrap().is_some());
    let asked = world.claim(6).await.iter().any(|job| job.kind == JobKind::Fetch(order("sale-1")));
    assert!(asked, "a fetch decides");
}

pub(crate) async fn a_day_counts_what_was_closed_on_it_and_not_deleted(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let till = world.till.id;
    for id in ["A", "B", "C"] {
        world.record(id).await;
    }
    let uncounted = world.store.uncounted(till, 10).await.unwrap();
    assert_eq!(uncounted.len(), 3);
    let counts: Vec<_> = uncounted
        .into_iter()
        .map(|(record, body_hash)| {
            let (key, amount) = (record.raw.key, Some(Decimal::new(10_750, 2)));
            let closed_at = if key.id == "C" { at(200) } else { at(50) };
            let entry = Some(TallyEntry { key, at: closed_at, amount, currency: Some("NGN".into()) });
            RecordCount { record: record.id, body_hash, entry }
        })
        .collect();
    world.store.put_counts(&counts).await.unwrap();
    assert!(world.store.uncounted(till, 10).await.unwrap().is_empty());
    let fetch = fetch_of(&world, "gone", "B", 2).await;
    world.store.mark_deleted(&order("B"), "it is gone", &fetch.fence, at(3)).await.unwrap();
    let day = world.store.counts(till, at(0), at(100)).await.unwrap();
    assert_eq!(day.iter().map(|entry| entry.key.id.as_str()).collect::<Vec<_>>(), ["A"]);
    assert_eq!(day[0].amount, Some(Decimal::new(10_750, 2)));
    let found = world.store.counts_of(till, &[order("B"), order("C"), order("D")]).await.unwrap();
    assert_eq!(found.len(), 1);
    let other = Fence { job: Uuid::now_v7(), token: 1 };
    let unknown = world.store.mark_deleted(&order("A"), "", &other, at(4)).await;
    assert_eq!(kind(unknown), ErrorKind::Fenced);
}
