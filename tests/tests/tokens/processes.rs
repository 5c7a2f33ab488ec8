//! Several processes on one database, and processes that are killed.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{Clock, ErrorKind, SystemClock, store::ConnectionState};
use taxpoynt_tests::{
    TestClock,
    tokens::{Meeting, Shared, Step, Turning, child},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_refresh");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_in_four_processes_make_one_refresh() {
    let met = Meeting::hold(Path::new(PROGRAM), 1000, 4).await;
    assert_eq!(met.failed, Vec::<String>::new());
    assert_eq!((met.served, met.refreshed, met.refused), (1000, 1, 0));
}

/// Kills the process that refreshes at the chosen step; what the next one finds.
async fn killed(turning: Turning, step: Step) -> (taxpoynt_core::Result<()>, ConnectionState) {
    let shared = Shared::new(turning).await;
    let order = shared.order(1);
    let child = tokio::task::spawn_blocking(move || child(Path::new(PROGRAM), &order)).await.unwrap();
    let child = Arc::new(Mutex::new(Some(child)));
    let (dead, died) = tokio::sync::oneshot::channel();
    let (victim, dead) = (child.clone(), Mutex::new(Some(dead)));
    shared.gate.at_each_step(move |now| {
        if now != step {
            return true;
        }
        let Some(mut child) = victim.lock().unwrap().take() else { return true };
        child.kill();
        dead.lock().unwrap().take().unwrap().send(()).unwrap();
        false
    });
    if let Some(child) = child.lock().unwrap().as_mut() {
        child.go();
    }
    died.await.unwrap();
    // The dead process's lease has ended.
    let clock = Arc::new(TestClock::new(SystemClock.now()));
    clock.advance(Duration::from_secs(120));
    let engine = shared.engine(|options| options.clock = clock).await;
    let outcome = engine.test_connection(shared.connection.id, None).await.map(drop);
    let state = engine.connections(None).await.unwrap().remove(0).state;
    (outcome, state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_step_loses_no_token_that_the_platform_lets_us_keep() {
    for turning in [Turning::Never, Turning::Grace, Turning::AtOnce] {
        for step in [Step::RefreshCame, Step::RefreshDone, Step::Used] {
            let (outcome, state) = killed(turning, step).await;
            let what = format!("{turning:?} {step:?}: {outcome:?}");
            if (turning, step) == (Turning::AtOnce, Step::RefreshDone) {
                assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unauthenticated, "{what}");
                assert_eq!(state, ConnectionState::NeedsReauth, "{what}");
            } else {
                outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(state, ConnectionState::Active, "{what}");
            }
        }
    }
}
