//! UBL 2.1: bytes → model, model → bytes, bytes → verdict, in turns with the limits that nobody can beat (quick-xml's own
//! events and writer over the same bytes) and with the crates that do the same work.
//!
//! `cargo bench -p taxpoynt-benches --bench ubl` prints times, ratios and which promises are kept; `-- --quick` takes
//! fewer turns, `-- --check` ends with an error where a promise is not kept, `-- --document 100` prints such a document.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

mod limits;
mod peers;
mod promises;
mod race;

use promises::Promises;
use race::{Race, Result};
use std::io::Write;
use taxpoynt_benches::ubl::document;
use taxpoynt_ubl::{Ruleset, parse, to_xml, validate};

const LINES: [usize; 3] = [5, 100, 10_000];

fn main() -> std::process::ExitCode {
    let options: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = options.iter().position(|o| o == "--document") {
        let lines = options.get(at + 1).and_then(|lines| lines.parse().ok()).unwrap_or(5);
        std::io::stdout().write_all(&document(lines)).unwrap();
        return std::process::ExitCode::SUCCESS;
    }
    let asked = |option: &str| options.iter().any(|o| o == option);
    // Without `--bench` this is `cargo test`, which asks only whether it runs.
    let turns = if !asked("--bench") { 1 } else { if asked("--quick") { 8 } else { 40 } };
    let sizes = if asked("--bench") { &LINES[..] } else { &LINES[..2] };
    let mut promises = Promises::default();
    let results: Vec<Vec<Result>> = sizes.iter().map(|lines| stage(*lines, turns, &mut promises)).collect();
    if let [_, hundred, ten_thousand] = results.as_slice() {
        promises.speed_is_kept(hundred, ten_thousand);
    }
    promises.print();
    if asked("--check") && !promises.kept() {
        std::process::ExitCode::FAILURE
    } else {
        std::process::ExitCode::SUCCESS
    }
}

/// The two published rule sets, as far as they are built in.
fn published() -> Vec<Ruleset> {
    ["en16931", "peppol"].iter().filter_map(|name| Ruleset::parse(name).ok()).collect()
}

/// Measures everything on a document of so many lines and says what it found.
fn stage(lines: usize, turns: usize, promises: &mut Promises) -> Vec<Result> {
    let xml = document(lines);
    let text = std::str::from_utf8(&xml).unwrap();
    let invoice = parse(&xml).unwrap();
    let written = to_xml(&invoice).unwrap();
    println!("\n{lines} lines: {} elements in {} bytes", limits::elements(&xml), xml.len());
    println!("  written by us: {} elements in {} bytes", limits::elements(&written), written.len());
    say_verdict(&xml);
    let pieces = limits::pieces(&written);
    let events = limits::events(&written);
    assert!(
        limits::pieces(&limits::write_pieces(&pieces, written.len())) == pieces,
        "the raw writer writes the same"
    );

    let peers = peers::Peers::of(text);
    peers.say();
    let rulesets = published();
    let mut race = Race::new(turns);
    race.add("quick-xml events", &xml, || limits::read_events(&xml));
    race.add("parse", &xml, || parse(&xml).unwrap());
    race.add("validate, EN 16931 + Peppol", &xml, || validate(&xml, &rulesets).unwrap());
    race.add("validate, all rule sets", &xml, || validate(&xml, Ruleset::ALL).unwrap());
    race.add("quick-xml writer", &written, || limits::write_pieces(&pieces, written.len()));
    race.add("quick-xml writer, ready-made events", &written, || {
        limits::write_events(&events, written.len())
    });
    race.add("to_xml", &written, || to_xml(&invoice).unwrap());
    peers.enter(&mut race);
    let results = race.run();
    print(&results);
    promises.judge(lines, &results);
    results
}

fn say_verdict(xml: &[u8]) {
    for ruleset in Ruleset::ALL {
        let faults = validate(xml, &[*ruleset]).unwrap();
        let first = faults.first().map(|f| format!(", first {} {}: {}", f.id, f.path, f.message));
        println!("  our verdict, {ruleset}: {} faults{}", faults.len(), first.unwrap_or_default());
    }
    let faults = validate(xml, &published()).unwrap();
    assert!(faults.is_empty(), "the document keeps every published rule: {faults:?}");
}

fn print(results: &[Result]) {
    println!("  {:<44} {:>12} {:>12} {:>9}", "", "least", "median", "MB/s");
    for result in results {
        let (least, median) = (race::time(result.least()), race::time(result.median()));
        println!("  {:<44} {least:>12} {median:>12} {:>9}", result.name, result.megabytes_a_second());
    }
}
