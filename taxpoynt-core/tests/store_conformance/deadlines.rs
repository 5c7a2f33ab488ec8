//! Deadlines: the order of claims, what the authority's trouble costs, the backlog, and what was told.

use crate::fixture::{LEASE, World, at, credit_note, invoice, kind, order, trouble};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Error, ErrorKind,
    store::{
        AlarmChange, AlarmEntry, Claim, Cost, Delivery, DocumentState, Job, JobKind, Lane, Postponed,
        Prepared, PreparedDocument, Signed, Stage, Store, Stretch, Submission, Waiting,
    },
};
use uuid::Uuid;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A document of this number for a consumer, due at `report_by`; without one, for a company.
fn due(number: u64, report_by: Option<i64>) -> PreparedDocument {
    let mut prepared = invoice(number, &format!("content {number}"));
    prepared.document.report_by = report_by.map(at);
    prepared.document.kind = if report_by.is_some() { "B2C" } else { "B2B" }.to_owned();
    prepared
}

/// What the authority's trouble makes of a submission.
fn trouble_until(error: &Error, at: DateTime<Utc>) -> Postponed {
    let (message, error_kind) = (error.message().to_owned(), error.kind().name().to_owned());
    Postponed { at, code: None, message, error_kind, cost: Cost::Trouble }
}

/// Stores it at `now` in `lane`, so that its submission waits.
async fn store_in(world: &World, lane: Lane, document: PreparedDocument, now: i64) -> Uuid {
    let record = world.record(&format!("sale-{}", document.taken.number)).await;
    let prepared =
        Prepared { record, documents: vec![document], held: None, waiting: Waiting::default(), lane };
    world.store.settle_prepare(&prepared, None, at(now)).await.unwrap()[0]
}

async fn fetch(world: &World, record: &str, lane: Lane, now: i64) {
    let delivery = Delivery { lane, ..world.delivery(&[(&format!("event of {record}"), Some(record))]) };
    world.store.ingest(&delivery, at(now)).await.unwrap();
}

async fn claim(world: &World, limit: u32, submits: u32, now: i64) -> Vec<Job> {
    let claim = Claim { limit, submits, spare: Duration::ZERO, lease: 20 * LEASE };
    world.store.claim_some(&claim, at(now)).await.unwrap()
}

fn documents(jobs: &[Job]) -> Vec<Uuid> {
    let submits = jobs.iter().filter_map(|job| match job.kind {
        JobKind::Submit(document) => Some(document),
        _ => None,
    });
    submits.collect()
}

pub(crate) async fn reports_go_by_their_deadlines_whatever_their_lane(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut stored = Vec::new();
    for (number, lane, report_by) in
        [(1, Lane::High, 9 * HOUR), (2, Lane::Bulk, 7 * HOUR), (3, Lane::Normal, 8 * HOUR)]
    {
        stored.push(store_in(&world, lane, due(number, Some(report_by)), 0).await);
    }
    let claimed = claim(&world, 3, 3, 0).await;
    assert_eq!(documents(&claimed), [stored[1], stored[2], stored[0]]);
}

pub(crate) async fn a_fresh_clearance_does_not_wait_behind_reports_due_tomorrow(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for number in 1..=40 {
        store_in(&world, Lane::High, due(number, Some(DAY)), 0).await;
    }
    let company = store_in(&world, Lane::High, due(41, None), 60).await;
    let crm = store_in(&world, Lane::Normal, due(42, None), 60).await;
    assert_eq!(documents(&claim(&world, 2, 2, 61).await), [company, crm]);
}

pub(crate) async fn a_report_due_in_ten_minutes_waits_behind_nothing_that_has_time(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for number in 1..=40 {
        store_in(&world, Lane::High, due(number, None), 0).await;
        fetch(&world, &format!("backfill-{number}"), Lane::Bulk, 0).await;
    }
    let hurried = store_in(&world, Lane::Bulk, due(41, Some(HOUR + 600)), HOUR).await;
    let claimed = claim(&world, 16, 16, HOUR).await;
    assert_eq!(documents(&claimed)[0], hurried);
    assert_eq!(claimed.len(), 16);
    // With much more of them than there is room, companies keep half of it.
    for number in 42..=80 {
        store_in(&world, Lane::High, due(number, Some(HOUR + 600)), HOUR).await;
    }
    let kinds = claim(&world, 16, 16, HOUR).await;
    let companies = kinds.iter().filter(|job| job.lane == Lane::High).count();
    assert_eq!((documents(&kinds).len(), companies), (16, 16));
    let hurried: Vec<_> = documents(&kinds)[..8].to_vec();
    for document in hurried {
        let report_by = world.store.document(document, None).await.unwrap().document.report_by;
        assert_eq!(report_by, Some(at(HOUR + 600)));
    }
    let eighth = documents(&kinds)[8];
    assert_eq!(world.store.document(eighth, None).await.unwrap().document.kind, "B2B");
}

pub(crate) async fn a_sale_not_yet_prepared_goes_before_submissions_that_have_time(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for number in 1..=20 {
        store_in(&world, Lane::High, due(number, None), 0).await;
    }
    fetch(&world, "sold just now", Lane::High, HOUR).await;
    fetch(&world, "backfill", Lane::Bulk, HOUR).await;
    let claimed = claim(&world, 8, 8, HOUR).await;
    assert!(claimed.iter().any(|job| job.kind == JobKind::Fetch(order("sold just now"))));
    assert!(!claimed.iter().any(|job| job.kind == JobKind::Fetch(order("backfill"))));
}

pub(crate) async fn a_late_report_yields_to_those_in_time_and_comes_first_a_day_later(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let late = store_in(&world, Lane::High, due(1, Some(HOUR)), 0).await;
    let imported = store_in(&world, Lane::High, due(2, Some(-DAY)), 0).await;
    let in_time = store_in(&world, Lane::High, due(3, Some(10 * HOUR)), 0).await;
    let first = claim(&world, 1, 1, HOUR).await;
    assert_eq!(documents(&first), [in_time], "at its deadline a report is late");
    let error = trouble();
    world.store.postpone(&trouble_until(&error, at(HOUR)), &first[0].fence, at(HOUR)).await.unwrap();
    // Found late at hour 1, the first comes before what is due later than a day after that.
    let later = store_in(&world, Lane::High, due(4, Some(2 * HOUR + 2 * DAY)), HOUR).await;
    let rest = claim(&world, 4, 4, 2 * HOUR).await;
    assert_eq!(documents(&rest), [in_time, imported, late, later]);
}

pub(crate) async fn a_report_that_cannot_be_signed_in_time_any_more_can_be_passed_over(
    store: Arc<dyn Store>,
) {
    let world = World::new(store).await;
    let hopeless = store_in(&world, Lane::High, due(1, Some(30)), 0).await;
    let feasible = store_in(&world, Lane::High, due(2, Some(90)), 0).await;
    let spare = Duration::from_secs(60);
    let wanted = Claim { limit: 2, submits: 2, spare, lease: LEASE };
    let claimed = world.store.claim_some(&wanted, at(0)).await.unwrap();
    assert_eq!(documents(&claimed), [feasible, hopeless]);
}

pub(crate) async fn while_the_authority_is_out_only_submissions_wait(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let report = store_in(&world, Lane::High, due(1, Some(DAY)), 0).await;
    let urgent = store_in(&world, Lane::High, due(2, Some(300)), 0).await;
    store_in(&world, Lane::High, due(3, None), 0).await;
    fetch(&world, "sale-9", Lane::Bulk, 0).await;
    let none = claim(&world, 16, 0, 1).await;
    assert_eq!(
        none.iter().map(|job| job.kind.clone()).collect::<Vec<_>>(),
        [JobKind::Fetch(order("sale-9"))]
    );
    assert_eq!(documents(&claim(&world, 16, 1, 1).await), [urgent], "one finds out, the most urgent");
    assert_eq!(documents(&claim(&world, 16, 16, 1).await)[1], report);
}

pub(crate) async fn a_postponed_job_waits_without_an_attempt_and_is_released(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let document = store_in(&world, Lane::High, due(1, Some(DAY)), 0).await;
    for round in 0..50 {
        let job = claim(&world, 1, 1, round).await.remove(0);
        assert_eq!((job.attempts, job.troubles), (0, 0), "round {round}");
        world
            .store
            .postpone(&trouble_until(&trouble(), at(round + HOUR)), &job.fence, at(round))
            .await
            .unwrap();
        assert!(claim(&world, 1, 1, round).await.is_empty());
        assert_eq!(
            kind(world.store.postpone(&trouble_until(&trouble(), at(0)), &job.fence, at(0)).await),
            ErrorKind::Fenced
        );
        assert_eq!(world.store.release_delayed(at(round)).await.unwrap(), 1);
    }
    let job = claim(&world, 1, 1, 100).await.remove(0);
    let asked = Error::new(ErrorKind::RateLimited, "firs.sign", "too many calls");
    world.store.postpone(&trouble_until(&asked, at(HOUR)), &job.fence, at(100)).await.unwrap();
    assert_eq!(world.store.release_delayed(at(101)).await.unwrap(), 0, "it asked for that time");
    assert_eq!(documents(&claim(&world, 1, 1, HOUR).await), [document]);
}

/// Takes a claimed document to `Signed` at `now`.
async fn sign(world: &World, job: &Job, now: i64) {
    let document = documents(std::slice::from_ref(job))[0];
    let submission = Submission {
        document,
        stage: Stage::Signed,
        state: DocumentState::Submitted,
        message: None,
        code: None,
        finished: false,
        csid: None,
    };
    world.store.settle_submission(&submission, &job.fence, at(now)).await.unwrap();
}

pub(crate) async fn trouble_counts_against_a_job_only_while_others_get_through(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    store_in(&world, Lane::High, due(1, Some(DAY)), 0).await;
    store_in(&world, Lane::High, due(2, Some(DAY + 1)), 0).await;
    let jobs = claim(&world, 2, 2, 0).await;
    sign(&world, &jobs[1], 10).await;
    let postpone = async |job: &Job, now: i64| {
        world.store.postpone(&trouble_until(&trouble(), at(now)), &job.fence, at(now)).await.unwrap();
        claim(&world, 1, 1, now).await.remove(0)
    };
    let job = postpone(&jobs[0], 50).await;
    assert_eq!(job.troubles, 1, "another was signed forty seconds ago");
    let job = postpone(&job, 100).await;
    assert_eq!(job.troubles, 2);
    let job = postpone(&job, 10 + 600).await;
    assert_eq!(job.troubles, 2, "ten minutes ago is too long");
    assert_eq!(job.attempts, 0);
}

pub(crate) async fn the_backlog_is_counted_by_deadline_and_tenant(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let other = World::of(store, "Bola Stores").await;
    let slot = Duration::from_secs(600);
    let start = at(0).timestamp() - at(0).timestamp() % 600 + 600 - at(0).timestamp();
    for (number, report_by) in [(1, start), (2, start + 10), (3, start + 599), (4, start + 600)] {
        store_in(&world, Lane::High, due(number, Some(report_by)), 0).await;
    }
    store_in(&world, Lane::High, due(5, None), 3).await;
    let late = store_in(&world, Lane::High, due(6, Some(3)), 2).await;
    let mut theirs = due(1, Some(start + 20));
    theirs.document.irn = "ELSE-000001".to_owned();
    let record = other.put(crate::fixture::raw("theirs", Some(0), "{}"), 0).await.0;
    let prepared = Prepared {
        record,
        documents: vec![theirs],
        held: None,
        waiting: Waiting::default(),
        lane: Lane::High,
    };
    other.store.settle_prepare(&prepared, None, at(1)).await.unwrap();

    let backlog = world.store.backlog(Some(world.tenant), slot, at(4)).await.unwrap();
    let slots: Vec<_> = backlog.slots.iter().map(|s| (s.first, s.last, s.waiting, s.own)).collect();
    assert_eq!(slots, [(at(start), at(start + 599), 4, 3), (at(start + 600), at(start + 600), 1, 1)]);
    assert_eq!((backlog.clearances, backlog.late, backlog.stuck), (1, 1, 0));
    assert_eq!(backlog.oldest, Some(at(0)));
    let all = world.store.backlog(None, slot, at(4)).await.unwrap();
    assert_eq!(all.slots.iter().map(|s| (s.waiting, s.own)).collect::<Vec<_>>(), [(4, 4), (1, 1)]);

    // What is signed waits no longer; what was given up is stuck.
    let jobs = claim(&world, 10, 10, 4).await;
    assert_eq!(documents(&jobs).len(), 7);
    for job in &jobs {
        match &job.kind {
            JobKind::Submit(document) if *document == late => sign(&world, job, 5).await,
            JobKind::Submit(_) => world.store.bury(&job.fence, &trouble(), at(6)).await.unwrap(),
            other => panic!("{other:?}"),
        }
    }
    let after = world.store.backlog(None, slot, at(7)).await.unwrap();
    assert_eq!((after.slots.len(), after.clearances, after.late), (0, 0, 0));
    assert_eq!((after.stuck, after.stuck_first), (5, Some(at(start))), "a clearance has no deadline");
}

pub(crate) async fn the_speed_is_what_was_signed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for number in 1..=6 {
        store_in(&world, Lane::High, due(number, Some(DAY)), 0).await;
    }
    for (nth, job) in claim(&world, 6, 6, 1).await.iter().enumerate() {
        sign(&world, job, 10 + nth as i64 * 5).await;
    }
    let signed = async |from, to| world.store.signed(at(from), at(to)).await.unwrap();
    assert_eq!(signed(0, 100).await, Signed { count: 6, first: Some(at(10)) });
    assert_eq!(signed(10, 30).await, Signed { count: 4, first: Some(at(15)) });
    assert_eq!(signed(40, 100).await, Signed::default());
    assert_eq!(world.store.most_signed(Duration::from_secs(3600), at(100)).await.unwrap(), 6);
    assert_eq!(world.store.most_signed(Duration::from_secs(5), at(5 * DAY)).await.unwrap(), 1);
    assert_eq!(world.store.most_signed(Duration::from_secs(5), at(9)).await.unwrap(), 0);
}

/// Stores documents with these numbers at `stored` and has them signed, one every ten seconds from `from` on.
async fn signed_from(world: &World, numbers: std::ops::RangeInclusive<u64>, stored: i64, from: i64) {
    let mut own = Vec::new();
    for number in numbers {
        own.push(store_in(world, Lane::High, due(number, Some(3 * DAY)), stored).await);
    }
    // Earlier ones that were signed and not finished come again when their lease has ended.
    let jobs = claim(world, 100, 100, from).await;
    let ours = jobs.iter().filter(|job| matches!(job.kind, JobKind::Submit(id) if own.contains(&id)));
    for (nth, job) in ours.enumerate() {
        sign(world, job, from + nth as i64 * 10).await;
    }
}

pub(crate) async fn the_speed_of_a_queue_is_told_by_those_who_waited_in_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let of_queue = async |enough, now| {
        let (window, waited) = (Duration::from_secs(100), Duration::from_secs(200));
        world.store.signed_of_queue(window, waited, enough, at(now)).await.unwrap()
    };
    assert_eq!(of_queue(1, 100).await, None, "nothing was signed");
    // A busy morning without a queue, a queue at noon, a trickle after it.
    signed_from(&world, 1..=8, 0, 1).await;
    assert_eq!(of_queue(1, 900).await, None, "nobody waited");
    signed_from(&world, 9..=12, 1000, 1300).await;
    signed_from(&world, 13..=13, 1335, 1336).await;
    let noon = Stretch { count: 4, first: at(1300), last: at(1330) };
    assert_eq!(of_queue(4, 2000).await, Some(noon));
    assert_eq!(of_queue(5, 2000).await, None, "too few to tell a speed");
    signed_from(&world, 14..=16, 1600, 1620).await;
    assert_eq!(of_queue(4, 2000).await, Some(noon), "who came later waited for nobody");
    assert_eq!(of_queue(4, 1299).await, None, "what is yet to come says nothing");
    signed_from(&world, 17..=17, 1336 + DAY, 1340 + DAY).await;
    assert_eq!(of_queue(1, 2 * DAY).await, None, "a day later it is forgotten");
}

fn alarm(change: AlarmChange, now: i64, until: i64) -> AlarmEntry {
    let first: DateTime<Utc> = at(until - HOUR);
    AlarmEntry {
        seq: 0,
        at: at(now),
        change,
        will_miss: 7,
        first: Some(first),
        last: Some(at(until)),
        message: format!("told at {now}"),
    }
}

pub(crate) async fn an_alarm_is_told_by_one_process_and_kept_where_its_tenants_look(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let other = World::of(store, "Bola Stores").await;
    store_in(&world, Lane::High, due(1, Some(DAY)), 0).await;
    let raised = alarm(AlarmChange::Raised, 5, DAY);
    assert!(world.store.put_alarm(&raised, 0).await.unwrap());
    assert!(!world.store.put_alarm(&raised, 0).await.unwrap(), "another process was first");
    assert!(world.store.put_alarm(&alarm(AlarmChange::Cleared, 9, DAY), 1).await.unwrap());
    let told = world.store.alarms(10).await.unwrap();
    let listed: Vec<_> = told.iter().map(|entry| (entry.seq, entry.change, entry.at)).collect();
    assert_eq!(listed, [(2, AlarmChange::Cleared, at(9)), (1, AlarmChange::Raised, at(5))]);
    assert_eq!(AlarmEntry { seq: 0, ..told[1].clone() }, raised);
    let history = world.store.audit(world.tenant).await.unwrap();
    let events: Vec<_> = history.iter().map(|entry| (entry.event.as_str(), entry.detail.as_str())).collect();
    assert_eq!(events, [("deadline.raised", "told at 5"), ("deadline.cleared", "told at 9")]);
    assert!(other.store.audit(other.tenant).await.unwrap().is_empty());
}

pub(crate) async fn a_corrected_document_takes_its_new_place(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let prepare = async |document: PreparedDocument, now: i64| {
        let prepared = Prepared {
            record,
            documents: vec![document],
            held: None,
            waiting: Waiting::default(),
            lane: Lane::High,
        };
        world.store.settle_prepare(&prepared, None, at(now)).await.unwrap()[0]
    };
    let corrected = prepare(due(1, Some(2 * HOUR)), 0).await;
    let mut note = credit_note(1, "note");
    note.document.report_by = Some(at(3 * HOUR));
    let note = prepare(note, 0).await;
    // The till had a wrong clock: the sale was made later, so it is due later.
    let mut again = due(1, Some(4 * HOUR));
    again.document.content_hash = "another".to_owned();
    assert_eq!(prepare(again, 1).await, corrected);
    assert_eq!(documents(&claim(&world, 2, 2, 2).await), [note, corrected]);
}
