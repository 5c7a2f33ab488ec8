//! The 20-hour outage, small: the command `outage` runs it in full.

use taxpoynt_tests::outage::{HOUR, Order, Outcome, Plan, Traffic, run, sales, slowest_feasible};

const SEED: u64 = 7;
const OUTAGE: (i64, i64) = (5 * HOUR, 25 * HOUR);

/// So many sales on an ordinary day, with calls that take so many hundredths of what an ideal schedule can bear. Few
/// sales mean long calls, and a batch of the engine's is then coarse against an hour.
async fn with_calls_of(hundredths: i64, a_day: usize, order: Order) -> Outcome {
    let busy = (OUTAGE.0, OUTAGE.1, 3);
    let sales = sales(&Traffic { seed: SEED, a_day, hours: 30, busy });
    let call = slowest_feasible(&sales, (OUTAGE.0 * 1000, OUTAGE.1 * 1000)) * hundredths / 100;
    let outcome = run(&Plan { sales, call, outage: OUTAGE, order }).await;
    println!(
        "seed {SEED}, {order:?}, calls of {call} ms: {} of {} in time, {} feasible",
        outcome.in_time, outcome.consumers, outcome.feasible
    );
    for alarm in &outcome.alarms {
        println!("hour {}: {:?}: {}", alarm.at / HOUR, alarm.change, alarm.message);
    }
    assert_eq!((outcome.lost, outcome.doubled, outcome.dead), (0, 0, 0), "lost, doubled, given up");
    outcome
}

#[tokio::test]
async fn after_twenty_hours_without_the_authority_all_that_can_be_in_time_are() {
    let ours = with_calls_of(60, 250, Order::Deadlines).await;
    assert_eq!(ours.feasible, ours.consumers);
    assert_eq!(ours.in_time, ours.consumers);
    // Else this test could not fail: in order of arrival it does.
    let control = with_calls_of(60, 250, Order::Arrival).await;
    assert!(control.in_time < control.consumers, "the control was in time too");
    assert!(control.clearance > 10 * ours.clearance, "{} and {}", control.clearance, ours.clearance);
    assert_eq!(control.feasible, ours.feasible);
}

#[tokio::test]
async fn what_cannot_be_in_time_is_foretold_an_hour_before() {
    let ours = with_calls_of(150, 600, Order::Deadlines).await;
    assert!(ours.feasible < ours.consumers, "all could have been in time");
    assert!(ours.in_time < ours.consumers);
    assert_eq!(ours.unalarmed, 0, "late and not foretold");
}
