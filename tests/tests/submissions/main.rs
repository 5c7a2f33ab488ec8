//! Documents on their way to an authority that fails as a seed decides: each is registered once, or quarantined, or
//! waits for a reason. The same on 50,000: `cargo run --release -p taxpoynt-tests --bin submissions`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

use taxpoynt_tests::submissions::{Kind, Plan, Recovery, Report, run_world};

fn run(plan: &Plan) -> Report {
    let mut report = Report::default();
    for nth in 0..plan.worlds().len() {
        report.add(run_world(plan, nth, None));
    }
    report
}

fn plan(seed: u64, count: usize) -> Plan {
    Plan { seed, count, per_world: 500, recovery: Recovery::Asking }
}

#[test]
fn no_fault_of_the_authority_doubles_loses_stops_or_mixes_up_a_document() {
    let plan = plan(20_261_120, 2_000);
    let report = run(&plan);
    let told: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "seed {}:\n{}", plan.seed, told.join("\n"));
    // Only one world in four downloads, and few invoices are paid after they were signed: not every kind comes up there
    // in so few.
    let mut untouched = report.untouched();
    untouched.retain(|what| !what.ends_with("at download") && !what.ends_with("at update"));
    assert!(untouched.is_empty(), "a fault that never struck proves nothing: {untouched:?}");
    assert!(report.struck["download"].len() > 10);
    assert!(report.struck["update"].len() > 5);
    assert_eq!((report.sold, report.ended.values().sum()), (2_000, 2_000_u64));
    assert!(report.paid > 100, "{} paid", report.paid);
    for word in ["accepted", "adopted, registered before us", "quarantined"] {
        assert!(report.ended[word] > 10, "{word}: {:?}", report.ended);
    }
}

#[test]
fn a_seed_replays_exactly() {
    let plan = plan(7, 200);
    let (once, again) = (run_world(&plan, 0, None), run_world(&plan, 0, None));
    for (once, again) in once.diary.iter().zip(&again.diary) {
        assert_eq!(once, again);
    }
    assert_eq!(
        (once.took, once.calls, once.deaths, once.naps),
        (again.took, again.calls, again.deaths, again.naps)
    );
    let other = run_world(&self::plan(8, 200), 0, None);
    assert_ne!(once.diary, other.diary);
}

#[test]
fn one_document_is_told_from_its_first_call_to_its_end() {
    let outcome = run_world(&plan(7, 60), 0, Some("W0000N000005-4B7E8E41-20261120"));
    let told = outcome.watched.join("\n");
    for part in ["validate 1", "sign 1", "document.prepared", "document.signed", "document.accepted"] {
        assert!(told.contains(part), "{part}:\n{told}");
    }
}

/// The check of the check.
#[test]
fn a_recovery_that_sends_again_without_asking_is_noticed() {
    let report = run(&Plan { recovery: Recovery::Resending, ..plan(3, 200) });
    assert!(report.count(Kind::Doubled) > 5, "{:?}", report.failures);
    assert!(report.count(Kind::Stuck) > 0, "what was registered can never be signed again");
}

#[test]
fn a_recovery_that_believes_everything_is_noticed() {
    let report = run(&Plan { recovery: Recovery::Believing, ..plan(3, 400) });
    assert!(report.count(Kind::WronglyAdopted) > 0, "{:?}", report.failures);
    assert!(report.count(Kind::Stuck) > 5, "what is not registered is never confirmed");
}
