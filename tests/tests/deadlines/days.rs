//! An authority that is out for days.

use std::time::Duration;
use taxpoynt_core::store::{DocumentState, Stage};
use taxpoynt_sim::{Fault, FaultKind, Sale};
use taxpoynt_tests::House;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_outage_of_days_buries_nothing_and_costs_no_hour_afterwards() {
    let house = House::open().await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(1_000_000));
    for sale in [Sale::WalkIn, Sale::B2b, Sale::WalkIn] {
        house.sim.square().sell(sale).await;
    }
    // Three days in steps of five minutes: far more probes than any job has attempts.
    for _ in 0..3 * 24 * 12 {
        house.engine.drain(Duration::ZERO).await.unwrap();
        house.clock.advance(5 * MINUTE);
    }
    assert!(house.engine.dead_letters(None).await.unwrap().is_empty());
    assert!(house.documents().await.iter().all(|document| document.state == DocumentState::Prepared));
    let calls: u64 = house.sim.authority().calls().values().sum();
    assert!((500..2000).contains(&calls), "one probe at a time: {calls} calls in three days");

    house.sim.authority().clear_faults();
    let back = taxpoynt_core::Clock::now(&*house.clock);
    while house.documents().await.iter().any(|document| document.state != DocumentState::Accepted) {
        house.engine.drain(Duration::ZERO).await.unwrap();
        house.clock.advance(Duration::from_secs(5));
        let waited = taxpoynt_core::Clock::now(&*house.clock) - back;
        assert!(
            waited < chrono::TimeDelta::minutes(2),
            "it takes too long to notice that the authority is back"
        );
    }
    house.assert_all_accepted_once(3).await;
}

#[tokio::test]
async fn a_document_whose_turn_it_is_does_not_wait_for_one_that_always_fails() {
    let house = House::open().await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(5));
    let first = house.sim.square().sell(Sale::WalkIn).await;
    house.engine.drain(Duration::from_secs(1)).await.unwrap();
    assert_eq!(house.document(&first.id).await.stage, Stage::Draft);
    let second = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    for sale in [first, second] {
        assert_eq!(house.document(&sale.id).await.state, DocumentState::Accepted);
    }
}
