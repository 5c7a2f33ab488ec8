//! Several processes on one database.

use std::path::Path;
use taxpoynt_tests::tokens::Meeting;

const PROGRAM: &str = env!("CARGO_BIN_EXE_refresh");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_in_four_processes_make_one_refresh() {
    let met = Meeting::hold(Path::new(PROGRAM), 1000, 4).await;
    assert_eq!(met.failed, Vec::<String>::new());
    assert_eq!((met.served, met.refreshed, met.refused), (1000, 1, 0));
}
