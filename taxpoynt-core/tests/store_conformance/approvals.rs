//! Approvals: asked in the move that holds the record, decided once for one content, and outdated with it.

use crate::fixture::{World, at, invoice, kind};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{
        Approval, ApprovalFilter, ApprovalState, Decided, DocumentState, Held, JobKind, Lane, Prepared,
        Store, Waiting, WantedApproval,
    },
};
use uuid::Uuid;

fn wanted(content: &str) -> WantedApproval {
    WantedApproval {
        purpose: "invoice".to_owned(),
        content_hash: format!("hash of {content}"),
        rule: "rules@1f3a5c7e9b2d:4".to_owned(),
        currency: "NGN".to_owned(),
        payable_amount: "1075.00".to_owned(),
        invoice: format!("{{\"says\":\"{content}\"}}"),
    }
}

async fn ask(store: &dyn Store, record: Uuid, content: Option<&str>, now: i64) {
    let approvals = content.map(wanted).into_iter().collect();
    let held = Some(Held { code: "approval_required".into(), message: "A person approves it.".into() });
    let waiting = Waiting { approvals, ..Waiting::default() };
    let prepared = Prepared { record, documents: vec![], held, waiting, lane: Lane::High };
    store.settle_prepare(&prepared, None, at(now)).await.unwrap();
}

async fn listed(store: &dyn Store, state: ApprovalState) -> Vec<Approval> {
    let filter = ApprovalFilter { state: Some(state), ..ApprovalFilter::default() };
    store.approvals(&filter).await.unwrap().items
}

fn decision(id: Uuid, approved: bool) -> Decided {
    Decided { id, tenant: None, approved, by: "Ada".to_owned(), note: Some("as agreed".to_owned()) }
}

pub(crate) async fn a_draft_is_asked_about_once_and_decided_once(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let record = world.record("deal-1").await;
    ask(&*store, record, Some("first"), 1).await;
    ask(&*store, record, Some("first"), 2).await;
    let [waiting] = listed(&*store, ApprovalState::Waiting).await.try_into().unwrap();
    assert_eq!((waiting.record, waiting.asked_at, &*waiting.source_id), (record, at(1), "deal-1"));
    assert_eq!(waiting.wanted.invoice, "{\"says\":\"first\"}");
    let asked =
        store.audit(record).await.unwrap().into_iter().filter(|entry| entry.event == "approval.asked");
    assert_eq!(asked.count(), 1);
    assert!(world.claim(3).await.is_empty(), "nothing is sent");

    let approved = store.decide(&decision(waiting.id, true), at(4)).await.unwrap();
    assert_eq!((approved.state, approved.decided_by.as_deref()), (ApprovalState::Approved, Some("Ada")));
    assert_eq!(world.claim_one(5).await.kind, JobKind::Prepare(record), "the record is prepared again");
    let again = store.decide(&decision(waiting.id, true), at(6)).await.unwrap();
    assert_eq!(again.decided_at, Some(at(4)), "saying it twice changes nothing");
    assert_eq!(kind(store.decide(&decision(waiting.id, false), at(7)).await), ErrorKind::Conflict);
    let state = store.decision(record, "invoice", "hash of first").await.unwrap();
    assert_eq!(state, Some(ApprovalState::Approved));
    assert_eq!(store.decision(record, "invoice", "hash of second").await.unwrap(), None);
    let given = store.audit(record).await.unwrap().pop().unwrap();
    assert_eq!((&*given.event, &*given.detail), ("approval.given", "invoice by Ada: as agreed"));
}

pub(crate) async fn another_content_asks_anew_and_the_older_draft_waits_no_more(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let record = world.record("deal-1").await;
    ask(&*store, record, Some("first"), 1).await;
    let first = listed(&*store, ApprovalState::Waiting).await.remove(0);
    ask(&*store, record, Some("second"), 2).await;
    let second = listed(&*store, ApprovalState::Waiting).await.remove(0);
    assert_ne!(first.id, second.id);
    assert_eq!(listed(&*store, ApprovalState::Outdated).await.remove(0).id, first.id);
    assert_eq!(kind(store.decide(&decision(first.id, true), at(3)).await), ErrorKind::Conflict);
    store.decide(&decision(second.id, false), at(4)).await.unwrap();

    ask(&*store, record, Some("first"), 5).await;
    let [back] = listed(&*store, ApprovalState::Waiting).await.try_into().unwrap();
    assert_eq!((back.id, back.asked_at), (first.id, at(1)), "it says again what it said");
    ask(&*store, record, None, 6).await;
    assert!(listed(&*store, ApprovalState::Waiting).await.is_empty(), "the record waits for something else");
    ask(&*store, record, Some("second"), 7).await;
    let state = store.decision(record, "invoice", "hash of second").await.unwrap();
    assert_eq!(state, Some(ApprovalState::Refused), "what a person decided stays");
}

pub(crate) async fn what_was_prepared_before_is_not_sent_when_the_record_asks_anew(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (document, job) = world.submission(1).await;
    let record = store.document(document, None).await.unwrap().record;
    ask(&*store, record, Some("second"), 2).await;
    let withdrawn = store.document(document, None).await.unwrap();
    assert_eq!(
        (withdrawn.state, withdrawn.code.as_deref()),
        (DocumentState::Rejected, Some("approval_required"))
    );
    assert_eq!(kind(store.finish(&job.fence, at(3)).await), ErrorKind::Fenced, "its worker is fenced off");
    assert_eq!(kind(store.resubmit(document, None, at(3)).await), ErrorKind::Conflict);
    let corrected = world.prepare(record, vec![invoice(1, "second")]).await.unwrap();
    assert_eq!(corrected, [document], "once approved it is made again under its number");
    assert_eq!(store.document(document, None).await.unwrap().state, DocumentState::Prepared);
}

pub(crate) async fn what_nobody_has_of_a_record_that_waits_again_is_not_sent(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (document, job) = world.submission(1).await;
    let record = store.document(document, None).await.unwrap().record;
    let other = world.record("deal-2").await;
    let numbered = store.with_documents(&[record, other]).await.unwrap();
    assert_eq!(numbered.into_iter().collect::<Vec<_>>(), [record]);

    let held = Some(Held { code: "deal_not_won".into(), message: "The deal is in stage \"new\".".into() });
    let waiting = Waiting { withdrawn: true, ..Waiting::default() };
    let prepared = Prepared { record, documents: vec![], held, waiting, lane: Lane::High };
    store.settle_prepare(&prepared, None, at(2)).await.unwrap();
    let withdrawn = store.document(document, None).await.unwrap();
    assert_eq!((withdrawn.state, withdrawn.code.as_deref()), (DocumentState::Rejected, Some("record_waits")));
    assert_eq!(kind(store.finish(&job.fence, at(3)).await), ErrorKind::Fenced, "its worker is fenced off");
    assert_eq!(kind(store.resubmit(document, None, at(3)).await), ErrorKind::Conflict);
    assert!(store.with_documents(&[record]).await.unwrap().is_empty(), "rules decide about it again");
    let again = world.prepare(record, vec![invoice(1, "second")]).await.unwrap();
    assert_eq!(again, [document], "it is made again under its number");
}

pub(crate) async fn approvals_are_their_tenants_alone(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let record = one.record("deal-1").await;
    ask(&*store, record, Some("first"), 1).await;
    let id = listed(&*store, ApprovalState::Waiting).await.remove(0).id;
    let stranger = Decided { tenant: Some(two.tenant), ..decision(id, true) };
    assert_eq!(kind(store.decide(&stranger, at(2)).await), ErrorKind::NotFound);
    assert_eq!(kind(store.approval(id, Some(two.tenant)).await), ErrorKind::NotFound);
    let theirs = ApprovalFilter { tenant: Some(two.tenant), ..ApprovalFilter::default() };
    assert!(store.approvals(&theirs).await.unwrap().items.is_empty());
}
