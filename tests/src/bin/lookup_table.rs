//! How long a lookup table takes to read, what it takes of memory, and how fast rows are found.
//!
//! `cargo run --release -p taxpoynt-tests --bin lookup_table -- --rows 100000`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run must stop, and it asks the machine for the time"
)]

use std::{
    fmt::Write as _,
    hint::black_box,
    time::{Duration, Instant},
};
use taxpoynt_core::mapping::Table;
use taxpoynt_tests::{
    Random,
    measure::{number, resident},
};

/// The time a hundred thousand rows may take to read, and memory a row may take.
const READ: Duration = Duration::from_secs(1);
const BYTES_A_ROW: u64 = 300;

const LOOKUPS: u32 = 1_000_000;

fn main() {
    let rows = number("--rows", 100_000) as usize;
    let mut file = String::from("sku,name,category,percent,reason\n");
    for n in 0..rows {
        let tax = if n % 3 == 0 { "E,0,Basic food item" } else { "S,7.5," };
        writeln!(file, "SKU-{n:07},Item number {n} of the shop,{tax}").unwrap();
    }
    let before = resident();
    let began = Instant::now();
    let table = Table::read(file.as_bytes()).unwrap();
    let read = began.elapsed();
    let memory = resident().saturating_sub(before);

    let mut random = Random::seeded(7);
    let keys: Vec<String> = (0..1_000).map(|_| format!("SKU-{:07}", random.below(rows))).collect();
    let began = Instant::now();
    for n in 0..LOOKUPS {
        assert!(black_box(table.get(&keys[n as usize % keys.len()], "name")).is_some());
    }
    let lookup = began.elapsed() / LOOKUPS;
    println!(
        "{rows} rows, {} MB of CSV: read in {} ms, {} MB of memory ({} bytes a row), a lookup in {} ns",
        megabytes(file.len() as u64),
        read.as_millis(),
        megabytes(memory),
        memory / rows.max(1) as u64,
        lookup.as_nanos(),
    );
    let most = READ * u32::try_from(rows / 100_000).unwrap_or(u32::MAX).max(1);
    assert!(read <= most, "it may take {most:?}");
    assert!(memory <= BYTES_A_ROW * rows as u64 + (4 << 20), "a row may take {BYTES_A_ROW} bytes");
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
