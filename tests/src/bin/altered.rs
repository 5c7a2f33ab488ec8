//! Signed webhooks with one bit changed, by the million: each is refused. And repetitions outside the window.
//!
//! `cargo run --release -p taxpoynt-tests --bin altered -- --count 1000000 --seed 42`

use taxpoynt_tests::altered::{self, Tally};

fn main() {
    let (mut count, mut seed) = (1_000_000_u64, 42_u64);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().and_then(|value| value.parse().ok());
        match (word.as_str(), value) {
            ("--count", Some(value)) => count = value,
            ("--seed", Some(value)) => seed = value,
            _ => {
                eprintln!("usage: altered [--count N] [--seed N]");
                std::process::exit(2);
            }
        }
    }
    let tally = altered::run(count, seed);
    println!("{tally}");
    if tally.accepted > 0 {
        println!("FAILED: an altered webhook was accepted");
        std::process::exit(1);
    }
    let Tally { altered, .. } = tally;
    println!(
        "all {altered} altered webhooks were refused; every unaltered one beside them was accepted (seed {seed})"
    );
}
