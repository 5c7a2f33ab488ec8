//! Submissions: what the authority said, and where a document is in consequence.

use crate::fixture::{World, at, invoice, kind, trouble};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    firs::lifecycle::{
        GIVEN_UP, KEYS_REFUSED, QUARANTINED, TRANSMIT_REFUSED, VALIDATION_FAILED, leads, stands, state_at,
    },
    store::{DocumentFilter, DocumentState, JobKind, Postponed, Stage, Store, Submission},
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
        world.reach(id, &job, (stage, state_at(stage)), now).await.unwrap();
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
        stage: Stage::Validated,
        state: DocumentState::Prepared,
        message: None,
        code: None,
        finished: true,
        csid: None,
    };
    world.store.settle_submission(&done, &job.fence, at(109)).await.unwrap();
    assert_eq!(world.store.pending(at(500)).await.unwrap(), Default::default());
    assert_eq!(world.store.document(id, None).await.unwrap().state, DocumentState::Prepared);
}

pub(crate) async fn what_the_table_of_moves_does_not_have_is_refused(store: Arc<dyn Store>) {
    const STAGES: [Stage; 7] = [
        Stage::Draft,
        Stage::Validated,
        Stage::Signing,
        Stage::Signed,
        Stage::Transmitting,
        Stage::Transmitted,
        Stage::Confirmed,
    ];
    const STATES: [DocumentState; 5] = [
        DocumentState::Prepared,
        DocumentState::Submitted,
        DocumentState::Accepted,
        DocumentState::Rejected,
        DocumentState::Dead,
    ];
    let world = World::new(store).await;
    let mut number = 0;
    for from in STAGES {
        for to in STAGES.into_iter().filter(|to| *to >= from) {
            for state in STATES {
                number += 1;
                let (id, job) = world.submission(number).await;
                world.reach(id, &job, (from, state_at(from)), 2).await.unwrap();
                let step = Submission {
                    document: id,
                    stage: to,
                    state,
                    message: None,
                    code: None,
                    finished: true,
                    csid: None,
                };
                let settled = world.store.settle_submission(&step, &job.fence, at(3)).await;
                // What is accepted stays so, whatever is told of it.
                let allowed = leads(from, to) && (stands(to, state) || from == Stage::Confirmed);
                assert_eq!(settled.is_ok(), allowed, "{from:?} to {to:?} {state:?}");
                if !allowed {
                    assert_eq!(kind(settled), ErrorKind::Conflict);
                    assert_eq!(world.store.document(id, None).await.unwrap().stage, from);
                    world.store.finish(&job.fence, at(3)).await.unwrap();
                }
            }
        }
    }
}

pub(crate) async fn a_submission_that_waits_for_a_person_uses_up_no_attempt(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.submission(1).await;
    let postponed = |code: Option<&str>, attempt| Postponed {
        at: at(100),
        code: code.map(str::to_owned),
        message: "The authority refuses the API keys.".into(),
        error_kind: "unauthenticated".into(),
        attempt,
    };
    world.store.postpone(&postponed(Some(KEYS_REFUSED), false), &job.fence, at(2)).await.unwrap();
    let document = world.store.document(id, None).await.unwrap();
    assert_eq!((document.state, document.code.as_deref()), (DocumentState::Prepared, Some(KEYS_REFUSED)));
    assert_eq!(document.message.as_deref(), Some("The authority refuses the API keys."));
    let filter = DocumentFilter { code: Some(KEYS_REFUSED.into()), ..DocumentFilter::default() };
    assert_eq!(world.store.documents(&filter).await.unwrap().items.len(), 1);
    assert!(world.claim(50).await.is_empty());
    // The keys are mended: it goes on at once, and only this tenant's.
    assert_eq!(world.store.hasten(uuid::Uuid::now_v7(), at(50)).await.unwrap(), 0);
    assert_eq!(world.store.hasten(world.tenant, at(50)).await.unwrap(), 1);
    let again = world.claim_one(50).await;
    assert_eq!(again.attempts, 0);
    assert_eq!(
        kind(world.store.postpone(&postponed(None, true), &job.fence, at(51)).await),
        ErrorKind::Fenced
    );
    world.store.postpone(&postponed(None, true), &again.fence, at(51)).await.unwrap();
    assert_eq!(world.store.document(id, None).await.unwrap().code, None);
    assert_eq!(world.store.hasten(world.tenant, at(52)).await.unwrap(), 0, "it waits for nobody");
    let third = world.claim_one(100).await;
    assert_eq!(third.attempts, 1);
    world.reach(id, &third, (Stage::Confirmed, DocumentState::Accepted), 101).await.unwrap();
    world.store.postpone(&postponed(Some(KEYS_REFUSED), false), &third.fence, at(102)).await.unwrap();
    assert_eq!(
        world.store.document(id, None).await.unwrap().code,
        None,
        "what is accepted waits for nothing"
    );
}

pub(crate) async fn a_document_that_stopped_is_sent_on_from_its_stage(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut number = 0;
    for (stage, state, code, after) in [
        (Stage::Draft, DocumentState::Rejected, VALIDATION_FAILED, DocumentState::Prepared),
        (Stage::Signing, DocumentState::Rejected, QUARANTINED, DocumentState::Prepared),
        (Stage::Signing, DocumentState::Dead, GIVEN_UP, DocumentState::Prepared),
        (Stage::Transmitting, DocumentState::Submitted, TRANSMIT_REFUSED, DocumentState::Submitted),
    ] {
        number += 1;
        let (id, job) = world.submission(number).await;
        world.reach(id, &job, (stage, state_at(stage)), 2).await.unwrap();
        if state == DocumentState::Rejected {
            let refused = Submission {
                document: id,
                stage,
                state,
                message: Some("no".into()),
                code: Some(code.into()),
                finished: true,
                csid: None,
            };
            world.store.settle_submission(&refused, &job.fence, at(3)).await.unwrap();
        } else {
            let error = if code == TRANSMIT_REFUSED { trouble().with("code", code) } else { trouble() };
            world.store.bury(&job.fence, &error, at(3)).await.unwrap();
            assert_eq!(world.store.dead_letters(None).await.unwrap().len(), 1);
        }
        let stopped = world.store.document(id, None).await.unwrap();
        assert_eq!((stopped.state, stopped.code.as_deref(), stopped.stage), (state, Some(code), stage));

        let stranger = Some(uuid::Uuid::now_v7());
        assert_eq!(kind(world.store.resubmit(id, stranger, at(4)).await), ErrorKind::NotFound);
        world.store.resubmit(id, Some(world.tenant), at(4)).await.unwrap();
        let document = world.store.document(id, None).await.unwrap();
        assert_eq!((document.state, document.code, document.stage), (after, None, stage));
        assert!(world.store.dead_letters(None).await.unwrap().is_empty(), "the dead letter is used up");
        let again = world.claim_one(4).await;
        assert_eq!((again.kind.clone(), again.attempts), (JobKind::Submit(id), 0));
        world.reach(id, &again, (Stage::Confirmed, DocumentState::Accepted), 5).await.unwrap();
        world.store.finish(&again.fence, at(5)).await.unwrap();
        assert_eq!(kind(world.store.resubmit(id, None, at(6)).await), ErrorKind::Conflict);
    }
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
            code: None,
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
    world.reach(id, &job, (Stage::Draft, DocumentState::Rejected), 2).await.unwrap();
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
