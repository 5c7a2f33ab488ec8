//! Lets many callers in several processes meet one token that has ended, and counts the refreshes at the platform.
//!
//! `cargo run --release -p taxpoynt-tests --bin refresh -- --callers 1000 --processes 4`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof that cannot run must stop"
)]

use std::process::ExitCode;
use taxpoynt_tests::tokens::{Meeting, serve_as_child};

const USAGE: &str = "refresh [--callers N] [--processes N] [--rounds N]\n\
    --callers    in all (1000)\n\
    --processes  they are spread over so many (4)\n\
    --rounds     meetings, one after the other (1)";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--child"] {
        serve_as_child().await;
        return ExitCode::SUCCESS;
    }
    let (mut callers, mut processes, mut rounds) = (1000, 4, 1);
    for pair in arguments.chunks(2) {
        match (pair[0].as_str(), pair.get(1).and_then(|number| number.parse::<usize>().ok())) {
            ("--callers", Some(number)) => callers = number,
            ("--processes", Some(number)) if number > 0 => processes = number,
            ("--rounds", Some(number)) => rounds = number,
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let program = std::env::current_exe().unwrap();
    let mut right = true;
    for round in 1..=rounds {
        let met = Meeting::hold(&program, callers, processes).await;
        println!(
            "round {round}: {} callers in {processes} processes, {} served, {} failed, {} refreshes, {} calls with a dead token",
            callers,
            met.served,
            met.failed.len(),
            met.refreshed,
            met.refused
        );
        met.failed.iter().take(3).for_each(|error| println!("  {error}"));
        right &= met.served == callers && met.refreshed == 1 && met.refused == 0;
    }
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
