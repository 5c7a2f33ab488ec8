//! A process that dies between any two steps: the next one finishes its work, and nothing is sent twice.

use std::{sync::Arc, time::Duration};
use taxpoynt_core::store::DocumentState;
use taxpoynt_sim::Sale;
use taxpoynt_tests::{Crash, House, Moment, Site, network};

/// Longer than a claimed job stays its worker's.
const LEASE: Duration = Duration::from_secs(301);

/// Sells, lets a process die at call `at`, and lets another one finish. False: the first was done before that call.
async fn dies(house: &House, at: usize, moment: Moment) -> bool {
    let sale = house.sim.square().sell(Sale::B2b).await;
    assert_eq!(sale.status(), Some(200));
    let site = house.site();
    let died = tokio::task::spawn_blocking(move || process(&site, at, moment)).await.unwrap();
    house.clock.advance(LEASE);
    house.settle().await;
    let document = house.document(&sale.id).await;
    assert_eq!(document.state, DocumentState::Accepted, "died {moment:?} call {at}: {:?}", document.message);
    died
}

/// Works in a runtime of its own, which ends with everything in it as soon as the crash comes.
fn process(site: &Site, at: usize, moment: Moment) -> bool {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let died = runtime.block_on(async {
        let crash = Arc::new(Crash::new(network(), at, moment));
        let engine = site.engine(crash.clone()).await;
        tokio::select! {
            drained = engine.drain(Duration::from_millis(500)) => { drained.unwrap(); false }
            () = crash.crashed() => true,
        }
    });
    runtime.shutdown_background();
    died
}

async fn a_crash_at_any_call(moment: Moment) {
    let house = House::open().await;
    let mut at = 0;
    while dies(&house, at, moment).await {
        at += 1;
        house.assert_all_accepted_once(at).await;
    }
    // Order, customer, locations, payment; validate, sign, transmit, confirm.
    assert!(at >= 8, "only {at} calls were made for a sale");
    house.assert_all_accepted_once(at + 1).await;
    let calls = house.sim.authority().calls();
    assert_eq!(calls["sign"], at as u64 + 1, "no sign was repeated");
}

#[tokio::test]
async fn a_crash_before_any_call_sends_nothing_twice() {
    a_crash_at_any_call(Moment::Before).await;
}

#[tokio::test]
async fn a_crash_after_any_call_sends_nothing_twice() {
    a_crash_at_any_call(Moment::After).await;
}

#[tokio::test]
async fn a_worker_that_comes_back_after_its_lease_cannot_finish_the_job() {
    let house = House::open().await;
    let crash = Arc::new(Crash::new(network(), 0, Moment::Before));
    let slow = house.engine_over(&crash).await;
    house.hooks.serve(Some(slow.clone()));
    let sale = house.sim.square().sell(Sale::B2b).await;
    let work = tokio::spawn(async move { slow.drain(Duration::from_millis(500)).await });
    crash.crashed().await;
    // Another engine takes the job over; meanwhile the limit on the slow one's call passes, and it comes back.
    house.clock.advance(LEASE);
    house.settle().await;
    work.await.unwrap().unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.document(&sale.id).await.document.number, "INV000001");
}

#[tokio::test]
async fn what_was_received_before_a_crash_is_worked_after_it() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    assert_eq!(sale.status(), Some(200), "answered, and not worked");
    house.hooks.serve(None);
    let next = house.another_engine().await;
    house.settle_with(&next).await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_batch_that_is_worked_one_claim_at_a_time_comes_out_whole() {
    let house = House::open().await;
    for _ in 0..3 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    // Each claim by a new process.
    for _ in 0..20 {
        let engine = house.another_engine().await;
        if engine.work_once().await.unwrap() == 0 {
            break;
        }
    }
    house.assert_all_accepted_once(3).await;
}
