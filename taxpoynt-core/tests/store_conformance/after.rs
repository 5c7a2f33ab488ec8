//! What happens to a document after `sign`: payments, notices and readings.

use crate::fixture::{World, at, document, invoice, kind, trouble};
use bytes::Bytes;
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{
        DocumentState, Fence, Job, JobKind, NewNotice, PaymentOrigin, PaymentState, Reading, Stage, Store,
        TransmissionState, WantedPayment,
    },
};
use taxpoynt_ubl::{DocumentType, PaymentStatus};
use uuid::Uuid;

fn paid(document: Uuid) -> WantedPayment {
    WantedPayment { document, status: PaymentStatus::Paid, reference: None, origin: PaymentOrigin::Record }
}

fn notice(irn: &str, event: &str) -> NewNotice {
    NewNotice { irn: irn.to_owned(), event: event.to_owned(), body: Bytes::from(format!("{irn} {event}")) }
}

fn reading(document: Uuid, state: TransmissionState, handled: &[(&str, u64)]) -> Reading {
    let handled = handled.iter().map(|(event, seen)| ((*event).to_owned(), *seen)).collect();
    Reading { document, state, resent: false, message: None, handled, finished: true }
}

/// A document whose submission is done, and no job is left.
async fn accepted(world: &World, number: u64) -> Uuid {
    let (id, job) = world.submission(number).await;
    world.reach(id, &job, (Stage::Confirmed, DocumentState::Accepted), 2).await.unwrap();
    world.store.finish(&job.fence, at(2)).await.unwrap();
    id
}

async fn payment_job(world: &World, now: i64) -> (Job, Fence) {
    let job = world.claim_one(now).await;
    assert!(matches!(job.kind, JobKind::Payment(_)), "{job:?}");
    let fence = job.fence.clone();
    (job, fence)
}

pub(crate) async fn a_payment_of_a_signed_document_is_queued_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    assert_eq!(world.store.payment(id).await.unwrap(), None);
    for now in 3..6 {
        let payment = world.store.want_payment(&paid(id), at(now)).await.unwrap();
        assert_eq!((payment.state, payment.requested_at), (PaymentState::Wanted, at(3)));
    }
    let (job, fence) = payment_job(&world, 6).await;
    assert_eq!(job.kind, JobKind::Payment(id));
    world.store.settle_payment(id, PaymentState::Sending, None, &fence, at(7)).await.unwrap();
    assert_eq!(world.store.payment(id).await.unwrap().unwrap().sent_at, Some(at(7)));
    world.store.settle_payment(id, PaymentState::Done, Some("done"), &fence, at(8)).await.unwrap();
    let payment = world.store.payment(id).await.unwrap().unwrap();
    assert_eq!(
        (payment.state, payment.sent_at, payment.settled_at),
        (PaymentState::Done, Some(at(7)), Some(at(8)))
    );
    assert_eq!(payment.message.as_deref(), Some("done"));
    assert!(world.claim(9).await.is_empty());
    // It stays told.
    assert_eq!(world.store.want_payment(&paid(id), at(9)).await.unwrap(), payment);
    assert!(world.claim(10).await.is_empty());
}

pub(crate) async fn a_payment_wanted_before_sign_is_queued_by_sign(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    world.store.want_payment(&paid(id), at(2)).await.unwrap();
    world.reach(id, &job, (Stage::Signing, DocumentState::Prepared), 3).await.unwrap();
    assert!(world.claim(3).await.is_empty(), "nothing is told of what is not signed");
    world.reach(id, &job, (Stage::Signed, DocumentState::Submitted), 4).await.unwrap();
    let (job, _) = payment_job(&world, 4).await;
    assert_eq!(job.kind, JobKind::Payment(id));
}

pub(crate) async fn a_payment_that_was_sent_takes_no_other_status(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    let rejected = WantedPayment { status: PaymentStatus::Rejected, ..paid(id) };
    world.store.want_payment(&paid(id), at(3)).await.unwrap();
    // Not sent yet: the later word counts.
    assert_eq!(world.store.want_payment(&rejected, at(3)).await.unwrap().status, PaymentStatus::Rejected);
    world.store.want_payment(&paid(id), at(3)).await.unwrap();
    let (_, fence) = payment_job(&world, 4).await;
    world.store.settle_payment(id, PaymentState::Sending, None, &fence, at(4)).await.unwrap();
    assert_eq!(kind(world.store.want_payment(&rejected, at(5)).await), ErrorKind::Conflict);
    world.store.settle_payment(id, PaymentState::Refused, Some("no"), &fence, at(6)).await.unwrap();
    assert_eq!(kind(world.store.want_payment(&rejected, at(7)).await), ErrorKind::Conflict);
    assert_eq!(world.store.want_payment(&paid(id), at(7)).await.unwrap().state, PaymentState::Refused);
    let pending = WantedPayment { status: PaymentStatus::Pending, ..paid(id) };
    assert_eq!(kind(world.store.want_payment(&pending, at(7)).await), ErrorKind::Config);
    let unknown = paid(Uuid::now_v7());
    assert_eq!(kind(world.store.want_payment(&unknown, at(7)).await), ErrorKind::NotFound);
}

pub(crate) async fn only_a_records_unsent_payment_is_withdrawn(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    assert!(!world.store.withdraw_payment(id, at(3)).await.unwrap());
    world.store.want_payment(&paid(id), at(3)).await.unwrap();
    assert!(world.store.withdraw_payment(id, at(4)).await.unwrap());
    assert_eq!(world.store.payment(id).await.unwrap(), None);
    let hosts = WantedPayment { origin: PaymentOrigin::Host, ..paid(id) };
    world.store.want_payment(&hosts, at(5)).await.unwrap();
    assert!(!world.store.withdraw_payment(id, at(6)).await.unwrap());
    let (_, fence) = payment_job(&world, 7).await;
    world.store.settle_payment(id, PaymentState::Sending, None, &fence, at(7)).await.unwrap();
    assert!(!world.store.withdraw_payment(id, at(8)).await.unwrap());
}

pub(crate) async fn a_payment_under_a_lost_lease_or_anothers_job_changes_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, other) = (accepted(&world, 1).await, accepted(&world, 2).await);
    world.store.want_payment(&paid(id), at(3)).await.unwrap();
    let (_, fence) = payment_job(&world, 4).await;
    let done = |document, now| {
        let (store, fence) = (world.store.clone(), fence.clone());
        async move { store.settle_payment(document, PaymentState::Done, None, &fence, at(now)).await }
    };
    assert_eq!(kind(done(other, 5).await), ErrorKind::Fenced);
    assert_eq!(kind(done(id, 65).await), ErrorKind::Fenced);
    assert_eq!(world.store.payment(id).await.unwrap().unwrap().state, PaymentState::Wanted);
    let again = world.claim_one(66).await;
    assert_eq!((again.kind, again.attempts), (JobKind::Payment(id), 1));
}

pub(crate) async fn a_payment_given_up_leaves_its_document_and_goes_on_when_replayed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    world.store.want_payment(&paid(id), at(3)).await.unwrap();
    let (_, fence) = payment_job(&world, 4).await;
    world.store.settle_payment(id, PaymentState::Sending, None, &fence, at(4)).await.unwrap();
    world.store.bury(&fence, &trouble(), at(5)).await.unwrap();
    assert_eq!(world.store.document(id, None).await.unwrap().state, DocumentState::Accepted);
    let letters = world.store.dead_letters(None).await.unwrap();
    assert_eq!(letters[0].kind, JobKind::Payment(id));
    world.store.replay(letters[0].id, None, at(6)).await.unwrap();
    assert_eq!(world.claim_one(7).await.kind, JobKind::Payment(id));
    assert_eq!(world.store.payment(id).await.unwrap().unwrap().state, PaymentState::Sending);
}

pub(crate) async fn a_notice_counts_once_and_queues_one_look(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    let irn = world.store.document(id, None).await.unwrap().document.irn;
    for (now, new) in [(3, true), (4, false), (5, false)] {
        let noticed = world.store.receive_notice(&notice(&irn, "TRANSMITTED"), at(now)).await.unwrap();
        assert_eq!((noticed.new, noticed.document), (new, Some(id)));
    }
    let job = world.claim_one(6).await;
    assert_eq!(job.kind, JobKind::Confirm(id));
    let read = reading(id, TransmissionState::Transmitted, &[("TRANSMITTED", 3)]);
    world.store.settle_reading(&read, &job.fence, at(7)).await.unwrap();
    let notices = world.store.notices(&irn).await.unwrap();
    assert_eq!((notices[0].seen, notices[0].received_at, notices[0].handled_at), (3, at(3), Some(at(7))));
    assert_eq!(notices[0].body, notice(&irn, "TRANSMITTED").body);
    assert!(!world.store.receive_notice(&notice(&irn, "TRANSMITTED"), at(8)).await.unwrap().new);
    assert!(world.claim(9).await.is_empty());
}

pub(crate) async fn a_failure_that_comes_again_after_it_was_looked_into_is_new(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    let irn = world.store.document(id, None).await.unwrap().document.irn;
    let fail = |now| {
        let (store, irn) = (world.store.clone(), irn.clone());
        async move { store.receive_notice(&notice(&irn, "FAILED"), at(now)).await.unwrap().new }
    };
    assert!(fail(3).await);
    assert!(!fail(3).await);
    let job = world.claim_one(4).await;
    let read = reading(id, TransmissionState::Transmitting, &[("FAILED", 2)]);
    world.store.settle_reading(&read, &job.fence, at(5)).await.unwrap();
    assert!(fail(6).await);
    let job = world.claim_one(7).await;
    // One that comes while it is looked into is not answered by that look.
    assert!(!fail(8).await);
    let read = reading(id, TransmissionState::Transmitting, &[("FAILED", 3)]);
    world.store.settle_reading(&read, &job.fence, at(9)).await.unwrap();
    assert_eq!(world.store.notices(&irn).await.unwrap()[0].handled_at, None);
}

pub(crate) async fn a_notice_before_the_submission_ends_is_looked_into_after(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    let irn = world.store.document(id, None).await.unwrap().document.irn;
    world.store.receive_notice(&notice(&irn, "TRANSMITTING"), at(2)).await.unwrap();
    let look = world.claim_one(2).await;
    assert_eq!(look.kind, JobKind::Confirm(id));
    world.store.finish(&look.fence, at(2)).await.unwrap();
    world.reach(id, &job, (Stage::Transmitted, DocumentState::Submitted), 3).await.unwrap();
    let done = taxpoynt_core::store::Submission {
        document: id,
        stage: Stage::Confirmed,
        state: DocumentState::Accepted,
        message: None,
        code: None,
        finished: true,
        csid: None,
    };
    world.store.settle_submission(&done, &job.fence, at(3)).await.unwrap();
    assert_eq!(world.claim_one(4).await.kind, JobKind::Confirm(id));
}

pub(crate) async fn a_notice_about_nobodys_document_is_kept_and_queues_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let noticed = world.store.receive_notice(&notice("X-12345678-20261120", "FAILED"), at(1)).await.unwrap();
    assert_eq!((noticed.new, noticed.document), (true, None));
    assert_eq!(world.store.notices("X-12345678-20261120").await.unwrap().len(), 1);
    assert!(world.claim(2).await.is_empty());
}

pub(crate) async fn the_first_times_of_a_transmission_stay(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = accepted(&world, 1).await;
    let look = |state, resent, now| {
        let world = &world;
        async move {
            world.store.want_reading(id, at(now)).await.unwrap();
            let job = world.claim_one(now).await;
            let read = Reading { resent, ..reading(id, state, &[]) };
            world.store.settle_reading(&read, &job.fence, at(now)).await.unwrap();
            assert_eq!(kind(world.store.settle_reading(&read, &job.fence, at(now)).await), ErrorKind::Fenced);
        }
    };
    look(TransmissionState::Transmitted, false, 3).await;
    look(TransmissionState::TransmitFailed, false, 4).await;
    look(TransmissionState::Transmitting, true, 5).await;
    look(TransmissionState::Acknowledged, false, 6).await;
    look(TransmissionState::Acknowledged, false, 7).await;
    let shown = world.store.transmission(id).await.unwrap().unwrap();
    assert_eq!(shown.state, TransmissionState::Acknowledged);
    assert_eq!((shown.transmitted_at, shown.acknowledged_at), (Some(at(3)), Some(at(6))));
    assert_eq!((shown.failed_at, shown.resent), (Some(at(4)), 1));
    assert_eq!(kind(world.store.want_reading(Uuid::now_v7(), at(8)).await), ErrorKind::NotFound);
}

pub(crate) async fn a_document_taken_back_takes_no_further_note_and_one_with_a_note_is_not_taken_back(
    store: Arc<dyn Store>,
) {
    let world = World::new(store).await;
    let irns = ["INV000001-6997D6BB-20260528", "INV000002-6997D6BB-20260528"];
    for number in [1, 2] {
        let record = world.record(&format!("sale-{number}")).await;
        world.prepare(record, vec![invoice(number, "first")]).await.unwrap();
    }
    let note = |purpose: &str, number, irn: &str| {
        let mut note = document(purpose, DocumentType::CreditNote, "CN{seq:06}", number, purpose);
        note.document.invoice = format!(r#"{{"references":[{{"irn":"{irn}"}}]}}"#);
        note
    };
    let full = "correction_credit_note:1";
    let record = world.record("sale-1").await;
    world.prepare(record, vec![note(full, 1, irns[0])]).await.unwrap();
    let refund = world.record("refund").await;
    assert_eq!(kind(world.prepare(refund, vec![note("credit_note", 2, irns[0])]).await), ErrorKind::Conflict);
    world.prepare(refund, vec![note("credit_note", 2, irns[1])]).await.unwrap();
    let record = world.record("sale-2").await;
    assert_eq!(kind(world.prepare(record, vec![note(full, 3, irns[1])]).await), ErrorKind::Conflict);
    // Partial notes stand beside each other.
    let second = world.record("refund-2").await;
    world.prepare(second, vec![note("credit_note", 3, irns[1])]).await.unwrap();
    let numbers = |notes: Vec<taxpoynt_core::store::Document>| {
        notes.into_iter().map(|n| n.document.number).collect::<Vec<_>>()
    };
    let of_second = world.store.notes_to(world.tenant, irns[1]).await.unwrap();
    assert_eq!(numbers(of_second), ["CN000002", "CN000003"]);
    assert!(world.store.notes_to(Uuid::now_v7(), irns[1]).await.unwrap().is_empty());
}

pub(crate) async fn a_record_that_waits_for_its_submission_is_prepared_again_by_sign(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    let record = world.store.document(id, None).await.unwrap().record;
    let held =
        Some(taxpoynt_core::store::Held { code: "correction_waits".into(), message: "It waits.".into() });
    let prepared = taxpoynt_core::store::Prepared {
        record,
        documents: Vec::new(),
        held,
        waiting: taxpoynt_core::store::Waiting::default(),
        lane: taxpoynt_core::store::Lane::High,
    };
    world.store.settle_prepare(&prepared, None, at(2)).await.unwrap();
    world.reach(id, &job, (Stage::Signing, DocumentState::Prepared), 3).await.unwrap();
    assert!(world.claim(3).await.is_empty());
    world.reach(id, &job, (Stage::Signed, DocumentState::Submitted), 4).await.unwrap();
    assert_eq!(world.claim_one(4).await.kind, JobKind::Prepare(record));
}
