//! The documents made to break a reader, which the tests of `ubl` hold to be refused or judged: how long each takes and
//! how much memory.
//!
//! `cargo bench -p taxpoynt-benches --bench hostile` prints the figure and the slowest; `-- --all` every document,
//! `-- --check` ends with an error where one takes longer than is promised.

#[path = "../ubl/tests/hostile/documents/mod.rs"]
mod documents;

use cpu_time::ThreadTime;
use documents::{Answer, Hostile, documents};
use peak_alloc::PeakAlloc;
use std::hint::black_box;
use std::time::Duration;
use taxpoynt_ubl::{Ruleset, parse, validate};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// How long the longest are that are not refused for their length alone.
const LONG: usize = 90_000_000;
const PROMISED: Duration = Duration::from_millis(50);

/// What one document cost.
struct Cost {
    name: String,
    refused: bool,
    /// Whether that is what should become of it.
    fits: bool,
    bytes: usize,
    /// The longer of reading and judging.
    time: Duration,
    /// The larger of reading and judging, beyond the document.
    memory: usize,
}

fn main() -> std::process::ExitCode {
    let asked = |option: &str| std::env::args().any(|argument| argument == option);
    let mut costs: Vec<Cost> = documents(LONG).iter().map(cost).collect();
    costs.sort_by_key(|cost| (cost.fits, std::cmp::Reverse(cost.time)));
    let late = costs.iter().filter(|cost| !cost.fits || cost.time > PROMISED).count();
    println!("{:>10} {:>12} {:>12}", "ms", "bytes", "memory");
    for cost in costs.iter().take(if asked("--all") { costs.len() } else { late.max(10) }) {
        let word = if cost.refused { "refused" } else { "judged" };
        let verdict = match (cost.fits, cost.time > PROMISED) {
            (false, _) => "  WRONGLY",
            (true, true) => "  TOO LATE",
            (true, false) => "",
        };
        println!(
            "{:>10} {:>12} {:>12}  {word}  {}{verdict}",
            milliseconds(cost.time),
            cost.bytes,
            cost.memory,
            cost.name
        );
    }
    let slowest = costs.iter().map(|cost| cost.time).max().unwrap_or_default();
    let memory = costs.iter().map(|cost| cost.memory).max().unwrap_or(0);
    println!(
        "{} hostile documents ({} refused), slowest {} ms, largest peak memory {} MB; {late} over the {} ms promised",
        costs.len(),
        costs.iter().filter(|cost| cost.refused).count(),
        milliseconds(slowest),
        memory / 1_000_000,
        PROMISED.as_millis(),
    );
    if asked("--check") && late > 0 {
        std::process::ExitCode::FAILURE
    } else {
        std::process::ExitCode::SUCCESS
    }
}

fn cost(hostile: &Hostile) -> Cost {
    let bytes = hostile.bytes();
    let (parse_time, parse_memory) = best(|| drop(black_box(parse(&bytes))));
    let (validate_time, validate_memory) = best(|| drop(black_box(validate(&bytes, Ruleset::ALL))));
    let refused = validate(&bytes, Ruleset::ALL).is_err();
    let fits = match hostile.answer {
        Answer::NotXml(_) | Answer::NotAnInvoice => refused,
        Answer::Judged => !refused,
    };
    Cost {
        fits,
        name: hostile.name.to_string(),
        refused,
        bytes: bytes.len(),
        time: parse_time.max(validate_time),
        memory: parse_memory.max(validate_memory),
    }
}

/// The faster of up to three calls, so that nobody else's work counts, and the most memory one held.
fn best(call: impl Fn()) -> (Duration, usize) {
    let (mut time, mut memory) = (Duration::MAX, 0);
    for _ in 0..3 {
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        let start = ThreadTime::now();
        call();
        time = time.min(start.elapsed());
        memory = memory.max(HEAP.peak_usage().saturating_sub(before));
        if time < PROMISED / 2 {
            break;
        }
    }
    (time, memory)
}

fn milliseconds(time: Duration) -> String {
    format!("{}.{}", time.as_millis(), time.as_micros() / 100 % 10)
}
