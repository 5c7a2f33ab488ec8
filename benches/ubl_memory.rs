//! The most memory that reading, judging and writing hold at once, as a multiple of the document.
//!
//! `cargo bench -p taxpoynt-benches --bench ubl_memory`; `-- --check` ends with an error where the promise is not kept.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use peak_alloc::PeakAlloc;
use std::hint::black_box;
use taxpoynt_benches::ubl::document;
use taxpoynt_ubl::{Ruleset, parse, to_xml, validate};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Hundredths of the document's size, the document itself included.
const PROMISED: usize = 600;

fn main() -> std::process::ExitCode {
    let mut kept = true;
    println!(
        "{:<28} {:>8} {:>12} {:>12} {:>22}",
        "", "lines", "document", "at the most", "with the document"
    );
    for lines in [5, 100, 10_000] {
        let xml = document(lines);
        // What is made once and kept, such as tables, is made now.
        validate(&xml, Ruleset::ALL).unwrap();
        let before = HEAP.current_usage();
        let invoice = parse(&xml).unwrap();
        let model = HEAP.current_usage().saturating_sub(before);
        let mut say = |what: &str, peak: usize, judged: bool| {
            let percent = (peak + xml.len()) * 100 / xml.len();
            let verdict = if !judged || lines < 10_000 {
                ""
            } else {
                if percent <= PROMISED { "kept" } else { "NOT KEPT" }
            };
            kept &= verdict != "NOT KEPT";
            println!(
                "{what:<28} {lines:>8} {:>12} {peak:>12} {:>19}.{:02} ×  {verdict}",
                xml.len(),
                percent / 100,
                percent % 100
            );
        };
        say("parse", peak(|| parse(&xml).unwrap()), true);
        say("validate, all rule sets", peak(|| validate(&xml, Ruleset::ALL).unwrap()), true);
        say("to_xml", peak(|| to_xml(&invoice).unwrap()), true);
        say("the model itself", model, false);
    }
    let check = std::env::args().any(|option| option == "--check");
    if check && !kept { std::process::ExitCode::FAILURE } else { std::process::ExitCode::SUCCESS }
}

/// The most bytes held during a call beyond those held before it, its result included.
fn peak<T>(call: impl FnOnce() -> T) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let out = black_box(call());
    let most = HEAP.peak_usage().saturating_sub(before);
    drop(out);
    most
}
