//! Submissions: what the authority said, and where a document is in consequence.

use crate::fixture::{World, at, invoice, kind, trouble};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{DocumentState, JobKind, Stage, Store, Submission},
};

pub(crate) async fn stages_are_timed_and_never_go_back(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    for (stage, now) in [
        (Stage::Validated, 2),
        (Stage::Signing, 3),
        (Stage::Signed, 4),
        (Stage::Signing, 5),
        (Stage::Draft, 6),
        (Stage::Signed, 7),
    ] {
        world.reach(id, &job, (stage, DocumentState::Submitted), now).await.unwrap();
    }
    let document = world.store.document(id, None).await.unwrap();
    assert_eq!((document.stage, document.state), (Stage::Signed, DocumentState::Submitted));
    assert_eq!(document.message.as_deref(), Some("answer at 7"));
    let timed = [(Stage::Draft, 1), (Stage::Validated, 2), (Stage::Signing, 3), (Stage::Signed, 4)];
    assert_eq!(document.stages, timed.map(|(stage, now)| (stage, at(now))));
}

pub(crate) async fn an_accepted_document_stays_accepted(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    world.reach(id, &job, (Stage::Confirmed, DocumentState::Accepted), 2).await.unwrap();
    world.reach(id, &job, (Stage::Confirmed, DocumentState::Rejected), 3).await.unwrap();
    assert_eq!(world.store.document(id, None).await.unwrap().state, DocumentState::Accepted);
    world.store.bury(&job.fence, &trouble(), at(4)).await.unwrap();
    assert_eq!(world.store.document(id, None).await.unwrap().state, DocumentState::Accepted);
}

pub(crate) async fn a_submission_under_a_lost_lease_changes_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, slow) = world.submission(1).await;
    let quick = world.claim_one(61).await;
    let signed = (Stage::Signed, DocumentState::Submitted);
    assert_eq!(kind(world.reach(id, &slow, signed, 62).await), ErrorKind::Fenced);
    assert_eq!(world.store.document(id, None).await.unwrap().stage, Stage::Draft);
    world.reach(id, &quick, signed, 63).await.unwrap();
}

pub(crate) async fn a_job_settles_its_own_document_only(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, job_of_one) = world.submission(1).await;
    let (two, _) = world.submission(2).await;
    let signed = (Stage::Signed, DocumentState::Submitted);
    assert_eq!(kind(world.reach(two, &job_of_one, signed, 2).await), ErrorKind::Fenced);
    assert_eq!(world.store.document(two, None).await.unwrap().stage, Stage::Draft);
    world.reach(one, &job_of_one, signed, 2).await.unwrap();
}

pub(crate) async fn an_unfinished_step_keeps_the_job_and_renews_its_lease(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    world.reach(id, &job, (Stage::Validated, DocumentState::Prepared), 50).await.unwrap();
    assert!(world.claim(100).await.is_empty(), "the worker showed that it is alive");
    let done = Submission {
        document: id,
        stage: Stage::Confirmed,
        state: DocumentState::Accepted,
        message: None,
        finished: true,
        csid: None,
    };
    world.store.settle_submission(&done, &job.fence, at(109)).await.unwrap();
    assert_eq!(world.store.pending(at(500)).await.unwrap(), Default::default());
    assert_eq!(world.store.document(id, None).await.unwrap().state, DocumentState::Accepted);
}

pub(crate) async fn the_first_csid_of_a_document_stays(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    assert_eq!(world.store.document(id, None).await.unwrap().csid, None);
    for (csid, stored) in [
        (None, None),
        (Some(""), None),
        (Some("first"), Some("first")),
        (None, Some("first")),
        (Some("second"), Some("first")),
    ] {
        let step = Submission {
            document: id,
            stage: Stage::Signed,
            state: DocumentState::Submitted,
            message: None,
            finished: false,
            csid: csid.map(str::to_owned),
        };
        world.store.settle_submission(&step, &job.fence, at(2)).await.unwrap();
        assert_eq!(world.store.document(id, None).await.unwrap().csid.as_deref(), stored, "{csid:?}");
    }
}

pub(crate) async fn giving_up_a_submission_makes_the_document_dead(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    world.store.bury(&job.fence, &trouble(), at(2)).await.unwrap();
    let document = world.store.document(id, None).await.unwrap();
    assert_eq!((document.state, document.stage), (DocumentState::Dead, Stage::Draft));
    assert_eq!(document.message.as_deref(), Some("the till cannot be reached"));
    // Nobody has it, so it can still be corrected.
    world.prepare(document.record, vec![invoice(1, "second")]).await.unwrap();
    assert_eq!(world.store.document(id, None).await.unwrap().state, DocumentState::Prepared);
}

pub(crate) async fn giving_up_after_a_rejection_leaves_it_rejected(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    world.reach(id, &job, (Stage::Validated, DocumentState::Rejected), 2).await.unwrap();
    world.store.bury(&job.fence, &trouble(), at(3)).await.unwrap();
    let document = world.store.document(id, None).await.unwrap();
    assert_eq!((document.state, document.message.as_deref()), (DocumentState::Rejected, Some("answer at 2")));
}

pub(crate) async fn a_replayed_submission_goes_on_where_it_was(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for (number, stage, state) in
        [(1, Stage::Validated, DocumentState::Prepared), (2, Stage::Signed, DocumentState::Submitted)]
    {
        let (id, job) = world.submission(number).await;
        world.reach(id, &job, (stage, state), 2).await.unwrap();
        world.store.bury(&job.fence, &trouble(), at(3)).await.unwrap();
        world.store.replay(job.fence.job, Some(world.tenant), at(4)).await.unwrap();
        let document = world.store.document(id, None).await.unwrap();
        assert_eq!((document.stage, document.state), (stage, state));
        let again = world.claim_one(4).await;
        assert_eq!((again.kind.clone(), again.attempts), (JobKind::Submit(id), 0));
        world.store.finish(&again.fence, at(5)).await.unwrap();
    }
}
