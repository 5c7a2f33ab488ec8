//! Documents: one a purpose, corrected before `sign` and never after.

use crate::fixture::{LEASE, SERIES, World, at, credit_note, invoice, kind, order};
use std::sync::Arc;
use taxpoynt_core::store::Waiting;
use taxpoynt_core::{
    ErrorKind, Retry,
    store::{
        DocumentFilter, DocumentState, Held, JobKind, Lane, Prepared, RecordFilter, Stage, Store, Submission,
    },
};

pub(crate) async fn a_document_is_unique_in_its_record_and_purpose(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let first = world.prepare(record, vec![invoice(1, "first")]).await.unwrap();
    let again = world.prepare(record, vec![invoice(1, "second")]).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(world.store.documents_of(record).await.unwrap().len(), 1);
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 2);
    assert_eq!(world.claim(1).await.len(), 1, "and submitted once");
}

pub(crate) async fn a_document_refused_before_sign_keeps_its_number_when_corrected(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    let refused = Submission {
        document: id,
        stage: Stage::Draft,
        state: DocumentState::Rejected,
        message: Some("hsn_code is missing".into()),
        code: None,
        finished: true,
        csid: None,
    };
    world.store.settle_submission(&refused, &job.fence, at(3)).await.unwrap();
    let before = world.store.document(id, None).await.unwrap();
    assert_eq!((before.state, before.stage), (DocumentState::Rejected, Stage::Draft));
    assert!(world.claim(4).await.is_empty());

    // `taken` is not read where the purpose exists.
    let mut corrected = invoice(1, "second");
    corrected.taken.number = 77;
    assert_eq!(world.prepare(before.record, vec![corrected]).await.unwrap(), [id]);
    let after = world.store.document(id, None).await.unwrap();
    assert_eq!(
        (after.state, after.stage),
        (DocumentState::Prepared, Stage::Draft),
        "the new text is validated anew"
    );
    assert_eq!(after.stages, [(Stage::Draft, at(1))]);
    assert_eq!((after.message, after.created_at), (None, at(1)));
    assert_eq!(after.document.number, before.document.number);
    assert_eq!(after.document.irn, before.document.irn);
    assert_eq!(after.document.stamp, before.document.stamp, "the first stamp stored is the stamp");
    assert_eq!(after.document.content_hash, "hash of second");
    assert_eq!(&after.document.ubl[..], b"<Invoice>second</Invoice>");
    assert_eq!(&after.document.mbs[..], br#"{"mbs":"second"}"#);
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 2);
    assert_eq!(world.claim_one(5).await.kind, JobKind::Submit(id));
}

pub(crate) async fn a_correction_with_another_number_is_a_conflict(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let ids = world.prepare(record, vec![invoice(1, "first")]).await.unwrap();
    let error = world.prepare(record, vec![invoice(2, "second")]).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, Retry::Now));
    assert_eq!(world.store.document(ids[0], None).await.unwrap().document.content_hash, "hash of first");
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 2);
}

pub(crate) async fn a_corrected_service_id_gives_the_document_another_irn_and_stamp(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (world.record("sale-1").await, world.record("sale-2").await);
    let ids = world.prepare(one, vec![invoice(1, "first")]).await.unwrap();
    world.prepare(two, vec![invoice(2, "other")]).await.unwrap();
    let mut corrected = invoice(1, "first");
    corrected.document.irn = "INV000001-AAAAAAAA-20260528".into();
    corrected.document.stamp = "stamp of another IRN".into();
    assert_eq!(world.prepare(one, vec![corrected.clone()]).await.unwrap(), ids);
    let after = world.store.document(ids[0], None).await.unwrap().document;
    assert_eq!((after.number.as_str(), after.irn), ("INV000001", corrected.document.irn.clone()));
    assert_eq!(after.stamp, "stamp of another IRN");
    // Another document's IRN is never taken over.
    corrected.document.irn = invoice(2, "other").document.irn;
    assert_eq!(kind(world.prepare(one, vec![corrected]).await), ErrorKind::Config);
}

pub(crate) async fn a_correction_fences_off_the_submission_under_way(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    let record = world.store.document(id, None).await.unwrap().record;
    world.prepare(record, vec![invoice(1, "second")]).await.unwrap();
    // It would sign the old text.
    let signing = (Stage::Signing, DocumentState::Prepared);
    assert_eq!(kind(world.reach(id, &job, signing, 3).await), ErrorKind::Fenced);
    let next = world.claim_one(3).await;
    assert!(next.fence.token > job.fence.token);
    world.reach(id, &next, signing, 4).await.unwrap();
}

pub(crate) async fn a_document_in_signing_is_never_edited(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    let record = world.store.document(id, None).await.unwrap().record;
    for (stage, state) in [
        (Stage::Signing, DocumentState::Prepared),
        (Stage::Signed, DocumentState::Submitted),
        (Stage::Confirmed, DocumentState::Accepted),
    ] {
        world.reach(id, &job, (stage, state), 2).await.unwrap();
        let error =
            world.prepare(record, vec![credit_note(1, "back"), invoice(1, "second")]).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, Retry::Now), "{stage:?}");
    }
    let documents = world.store.documents_of(record).await.unwrap();
    assert_eq!(documents.len(), 1, "the credit note of a refused move is not stored");
    assert_eq!(documents[0].document.content_hash, "hash of first");
    world.prepare(record, vec![credit_note(1, "back")]).await.unwrap();
}

pub(crate) async fn a_document_reads_as_it_was_stored(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let new = invoice(1, "first");
    let ids = world.prepare(record, vec![new.clone()]).await.unwrap();
    let read = world.store.document(ids[0], Some(world.tenant)).await.unwrap();
    assert_eq!(format!("{:?}", read.document), format!("{:?}", new.document));
    assert_eq!((read.id, read.tenant, read.record), (ids[0], world.tenant, record));
    assert_eq!((read.platform.as_str(), read.source_id.as_str()), ("till", "sale-1"));
    assert_eq!((read.state, read.stage), (DocumentState::Prepared, Stage::Draft));
    assert_eq!((read.created_at, read.stages), (at(1), vec![(Stage::Draft, at(1))]));
}

pub(crate) async fn what_is_held_is_set_listed_and_cleared(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    world.record("sale-2").await;
    world.store.requeue_record(record, Lane::High, at(1)).await.unwrap();
    let job = world.claim_one(1).await;
    let held =
        Held { code: "totals_disagree".into(), message: "The tenders are 5.00 short of the total.".into() };
    let prepared = Prepared {
        record,
        documents: vec![],
        held: Some(held.clone()),
        waiting: Waiting::default(),
        lane: Lane::High,
    };
    assert!(world.store.settle_prepare(&prepared, Some(&job.fence), at(2)).await.unwrap().is_empty());
    assert_eq!(world.store.pending(at(2)).await.unwrap(), Default::default());
    let only_held = RecordFilter { held: true, ..Default::default() };
    let listed = world.store.records(&only_held).await.unwrap().items;
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].id, &listed[0].held), (record, &Some(held)));

    world.prepare(record, vec![invoice(1, "mended")]).await.unwrap();
    assert!(world.store.records(&only_held).await.unwrap().items.is_empty());
    assert_eq!(world.store.record(record, None).await.unwrap().held, None);
}

pub(crate) async fn preparing_under_a_lost_lease_stores_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    world.store.requeue_record(record, Lane::High, at(0)).await.unwrap();
    let slow = world.claim_one(0).await;
    let quick = world.claim_one(60).await;
    let prepared = Prepared {
        record,
        documents: vec![invoice(1, "one")],
        held: None,
        waiting: Waiting::default(),
        lane: Lane::High,
    };
    let lost = world.store.settle_prepare(&prepared, Some(&slow.fence), at(61)).await;
    assert_eq!(kind(lost), ErrorKind::Fenced);
    assert!(world.store.documents_of(record).await.unwrap().is_empty());
    assert_eq!(world.store.next_number(world.tenant, SERIES).await.unwrap(), 1);
    world.store.settle_prepare(&prepared, Some(&quick.fence), at(62)).await.unwrap();
    let again = world.store.settle_prepare(&prepared, Some(&quick.fence), at(63)).await;
    assert_eq!(kind(again), ErrorKind::Fenced, "a finished job is held by nobody");
}

pub(crate) async fn another_tenants_document_is_not_found(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store, "Bola Stores").await;
    let record = one.record("sale-1").await;
    let ids = one.prepare(record, vec![invoice(1, "one")]).await.unwrap();
    assert_eq!(kind(one.store.document(ids[0], Some(two.tenant)).await), ErrorKind::NotFound);
    let filter = DocumentFilter { tenant: Some(two.tenant), ..Default::default() };
    assert!(one.store.documents(&filter).await.unwrap().items.is_empty());
    let sales = ["sale-1".to_owned()];
    assert!(one.store.issued(two.tenant, "till", &sales).await.unwrap().is_empty());
}

pub(crate) async fn invoices_are_found_by_their_platform_record(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for number in 1..=3 {
        let record = world.record(&order(&format!("sale-{number}")).id).await;
        let documents = vec![invoice(number, "sold"), credit_note(number, "back")];
        world.prepare(record, documents).await.unwrap();
    }
    let wanted = ["sale-1", "sale-3", "never", "quote \" and \\"].map(str::to_owned);
    let found = world.store.issued(world.tenant, "till", &wanted).await.unwrap();
    let numbers: Vec<_> = found.iter().map(|document| document.document.number.as_str()).collect();
    assert_eq!(numbers, ["INV000001", "INV000003"]);
    assert!(world.store.issued(world.tenant, "crm", &wanted).await.unwrap().is_empty());
    assert!(world.store.issued(world.tenant, "till", &[]).await.unwrap().is_empty());
}

pub(crate) async fn documents_are_listed_newest_first_by_state_and_record(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut records = Vec::new();
    for number in 1..=3 {
        let record = world.record(&format!("sale-{number}")).await;
        world.prepare(record, vec![invoice(number, "sold")]).await.unwrap();
        records.push(record);
    }
    let job = world.store.claim(1, LEASE, at(1)).await.unwrap().remove(0);
    let JobKind::Submit(accepted) = job.kind else { panic!("{job:?}") };
    world.reach(accepted, &job, (Stage::Confirmed, DocumentState::Accepted), 2).await.unwrap();

    let numbers = async |filter: DocumentFilter| {
        let page = world.store.documents(&filter).await.unwrap();
        let numbers: Vec<_> = page.items.into_iter().map(|document| document.document.number).collect();
        (numbers.join(" "), page.next)
    };
    let all = DocumentFilter { tenant: Some(world.tenant), limit: Some(2), ..Default::default() };
    let (first, next) = numbers(all.clone()).await;
    assert_eq!(first, "INV000003 INV000002");
    assert_eq!(numbers(DocumentFilter { cursor: next, ..all }).await, ("INV000001".into(), None));
    let of_state = DocumentFilter { state: Some(DocumentState::Accepted), ..Default::default() };
    assert_eq!(numbers(of_state).await.0, "INV000001");
    let of_record = DocumentFilter { record: Some(records[1]), ..Default::default() };
    assert_eq!(numbers(of_record).await.0, "INV000002");
}
