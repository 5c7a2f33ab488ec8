//! The ratios that are promised, and whether they are kept.

use crate::race::Result;

/// What was judged.
#[derive(Default)]
pub(crate) struct Promises(Vec<Promise>);

struct Promise {
    what: String,
    /// In hundredths.
    found: u64,
    least: u64,
}

const READERS: [&str; 2] = ["en16931: read", "core-invoice: read"];
const WRITERS: [&str; 2] = ["en16931: write", "core-invoice: write"];
const VERDICT: &str = "validate, EN 16931 + Peppol";

fn named<'r>(results: &'r [Result], name: &str) -> &'r Result {
    results.iter().find(|result| result.name == name).unwrap()
}

impl Promises {
    /// The ratios at one size.
    pub(crate) fn judge(&mut self, lines: usize, results: &[Result]) {
        let mut promise = |own: &str, other: &str, least: u64| {
            let found = named(results, own).percent_of(named(results, other));
            self.0.push(Promise { what: format!("{own} / {other}, {lines} lines"), found, least });
        };
        promise("parse", "quick-xml events", 40);
        READERS.iter().for_each(|peer| promise("parse", peer, 200));
        promise("to_xml", "quick-xml writer", 50);
        WRITERS.iter().for_each(|peer| promise("to_xml", peer, 120));
        promise(VERDICT, "quick-xml events", 25);
        promise(VERDICT, "en16931: receive", 100);
        // Not promised, but worth seeing.
        promise(VERDICT, "core-invoice: validate", 0);
        promise("validate, all rule sets", "quick-xml events", 0);
        promise("to_xml", "quick-xml writer, ready-made events", 0);
    }

    /// Whether the long document is read, written and judged as fast as the shorter one, byte for byte.
    pub(crate) fn speed_is_kept(&mut self, hundred: &[Result], ten_thousand: &[Result]) {
        for name in ["quick-xml events", "parse", "to_xml", VERDICT] {
            let (short, long) = (named(hundred, name), named(ten_thousand, name));
            let found = long.megabytes_a_second() * 100 / short.megabytes_a_second().max(1);
            let least = if name == "quick-xml events" { 0 } else { 85 };
            self.0.push(Promise {
                what: format!("{name}: MB/s at 10,000 lines / at 100 lines"),
                found,
                least,
            });
        }
    }

    /// One row a promise.
    pub(crate) fn print(&self) {
        println!("\n{:<76} {:>8} {:>9}", "ratios of speed", "found", "promised");
        for Promise { what, found, least } in &self.0 {
            let verdict = match least {
                0 => "",
                _ if found >= least => "kept",
                _ => "NOT KEPT",
            };
            let promised = if *least == 0 { String::new() } else { hundredths(*least) };
            println!("{what:<76} {:>8} {promised:>9}  {verdict}", hundredths(*found));
        }
    }

    /// Whether all are kept.
    pub(crate) fn kept(&self) -> bool {
        self.0.iter().all(|promise| promise.found >= promise.least)
    }
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02} ×", number / 100, number % 100)
}
