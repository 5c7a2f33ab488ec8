//! A few of the histories, and the proof that a broken pull is noticed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod house;

use taxpoynt_tests::histories::{Plan, Sabotage, run};

#[test]
fn no_sale_is_missing_and_none_is_there_twice() {
    let plan = Plan { seed: 42, count: 120, sabotage: Sabotage::None };
    let report = run(&plan, |_, _| {});
    assert!(report.failures.is_empty(), "seed {}: {:?}", plan.seed, report.failures);
    assert_eq!(report.untouched(), Vec::<&str>::new());
}

#[test]
fn every_way_of_breaking_a_pull_is_noticed() {
    for sabotage in Sabotage::ALL {
        let plan = Plan { seed: 42, count: 120, sabotage };
        assert!(!run(&plan, |_, _| {}).failures.is_empty(), "{sabotage:?} was not noticed");
    }
}
