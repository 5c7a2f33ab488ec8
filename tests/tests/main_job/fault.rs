//! The authority in trouble: whatever it answers and wherever, the document ends accepted and registered once.

use std::time::Duration;
use taxpoynt_core::store::{DocumentState, Stage};
use taxpoynt_sim::{Fault, FaultKind, Sale};
use taxpoynt_tests::House;

const KINDS: [FaultKind; 7] = [
    FaultKind::CommitThenDrop,
    FaultKind::CommitThen500,
    FaultKind::Truncated,
    FaultKind::Drop,
    FaultKind::ServerError,
    FaultKind::TooManyRequests,
    FaultKind::Html,
];

/// One sale for each kind of fault at one endpoint.
async fn survives_every_fault_at(endpoint: &str) {
    let house = House::open().await;
    for (nth, kind) in KINDS.into_iter().enumerate() {
        house.sim.authority().fail_next(Fault::next(endpoint, kind));
        let sale = house.sim.square().sell(Sale::B2b).await;
        house.settle().await;
        let document = house.document(&sale.id).await;
        assert_eq!(document.state, DocumentState::Accepted, "{kind:?} at {endpoint}: {:?}", document.message);
        house.assert_all_accepted_once(nth + 1).await;
        let registered = house.sim.authority().registered();
        assert!(registered.iter().all(|r| r.transmitted), "{kind:?} at {endpoint}");
    }
    let calls = house.sim.authority().calls()[endpoint];
    assert!(calls > KINDS.len() as u64, "no fault of {endpoint} struck: {calls} calls");
}

#[tokio::test]
async fn a_fault_at_validate_ends_accepted_and_registered_once() {
    survives_every_fault_at("validate").await;
}

#[tokio::test]
async fn a_fault_at_sign_ends_accepted_and_registered_once() {
    survives_every_fault_at("sign").await;
}

#[tokio::test]
async fn a_fault_at_transmit_ends_accepted_and_registered_once() {
    survives_every_fault_at("transmit").await;
}

#[tokio::test]
async fn a_fault_at_confirm_ends_accepted_and_registered_once() {
    survives_every_fault_at("confirm").await;
}

#[tokio::test]
async fn a_fault_of_the_question_after_a_lost_answer_is_survived_too() {
    let house = House::open().await;
    for kind in KINDS {
        house.sim.authority().fail_next(Fault::next("sign", FaultKind::CommitThenDrop));
        house.sim.authority().fail_next(Fault::next("search", kind));
        house.sim.square().sell(Sale::B2b).await;
        house.settle().await;
    }
    house.assert_all_accepted_once(KINDS.len()).await;
}

#[tokio::test]
async fn after_a_lost_answer_the_same_bytes_are_what_the_authority_has() {
    let house = House::open().await;
    // Not registered: asked for, then sent again; every attempt is the same text.
    house.sim.authority().fail_next(Fault::next("sign", FaultKind::ServerError).times(3));
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    let sent: serde_json::Value = serde_json::from_slice(&document.document.mbs).unwrap();
    assert_eq!(house.sim.authority().registered()[0].invoice, sent);
    let calls = house.sim.authority().calls();
    assert_eq!((calls["sign"], calls["validate"]), (4, 1));
    assert_eq!(calls["search"], 3, "it asks before each repetition");
}

/// The answer comes after we stopped listening: nobody told us that it took effect.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_too_late_registers_nothing_twice() {
    let house = House::open().await;
    for (nth, endpoint) in ["validate", "sign", "transmit", "confirm"].into_iter().enumerate() {
        let before = house.sim.authority().calls().get(endpoint).copied().unwrap_or_default();
        let hour = Duration::from_secs(3600);
        house.sim.authority().fail_next(Fault::next(endpoint, FaultKind::Slow).delay(hour));
        let sale = house.sim.square().sell(Sale::B2b).await;
        let engine = house.engine.clone();
        let work = tokio::spawn(async move { engine.drain(Duration::from_millis(500)).await.unwrap() });
        while house.sim.authority().calls().get(endpoint).copied().unwrap_or_default() == before {
            tokio::task::yield_now().await;
        }
        while !work.is_finished() {
            house.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        house.settle().await;
        assert_eq!(house.document(&sale.id).await.state, DocumentState::Accepted, "{endpoint}");
        house.assert_all_accepted_once(nth + 1).await;
    }
}

#[tokio::test]
async fn an_outage_of_the_authority_is_waited_out() {
    let house = House::open().await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(60));
    house.sim.square().sell(Sale::B2b).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    house.assert_all_accepted_once(2).await;
}

#[tokio::test]
async fn an_outage_of_the_platform_is_waited_out() {
    let house = House::open().await;
    for kind in [FaultKind::Drop, FaultKind::ServerError, FaultKind::TooManyRequests, FaultKind::Html] {
        house.sim.square().fail_next(Fault::next("*", kind).times(6));
    }
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn keys_that_are_refused_hold_the_queue_and_bury_nothing() {
    let house = House::of(|tenant| tenant.authority.as_mut().unwrap().api_key = Some("wrong".into())).await;
    const SALES: usize = 20;
    for _ in 0..SALES {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    // More than the forty attempts a job has.
    const TIMES: u64 = 45;
    for _ in 0..TIMES {
        house.engine.drain(Duration::from_millis(500)).await.unwrap();
        house.clock.advance(Duration::from_secs(15 * 60));
    }
    for document in house.documents().await {
        assert_eq!((document.state, document.stage), (DocumentState::Prepared, Stage::Draft));
        assert_eq!(document.code.as_deref(), Some("keys_refused"));
        assert!(document.message.unwrap().contains("api_key"));
    }
    assert!(house.engine.dead_letters(None).await.unwrap().is_empty());
    // One claim finds out, the others wait with it.
    let asked = house.sim.authority().calls()["validate"];
    assert!(asked <= 16 * (TIMES + 1), "{asked} calls in {TIMES} quarters of an hour");
    // The right keys: everything goes on at once, without a replay.
    house.mend(|_| {}).await;
    house.engine.drain(Duration::from_millis(500)).await.unwrap();
    house.assert_all_accepted_once(SALES).await;
    assert!(house.documents().await.iter().all(|document| document.code.is_none()));
}

#[tokio::test]
async fn keys_that_are_refused_for_a_moment_are_tried_again_by_themselves() {
    let house = House::open().await;
    house.sim.authority().fail_next(Fault::next("validate", FaultKind::Unauthorized));
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_document_held_up_after_sign_is_not_taken_back() {
    let house = House::open().await;
    house.sim.authority().fail_next(Fault::next("transmit", FaultKind::Unauthorized));
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.engine.drain(Duration::from_millis(500)).await.unwrap();
    let document = house.document(&sale.id).await;
    assert_eq!(document.state, DocumentState::Submitted);
    assert_eq!(document.code.as_deref(), Some("keys_refused"));
    assert!(document.stage >= Stage::Signed, "{:?}", document.stage);
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.sim.authority().calls()["sign"], 1);
}
