//! Wire → model. The limit beside it: serde_json only skipping over the same bytes.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use divan::{Bencher, counter::BytesCount};
use taxpoynt_benches::{record, square};

const LINES: [usize; 3] = [5, 100, 1000];

fn main() {
    divan::main();
}

#[divan::bench(args = LINES)]
fn normalize(bencher: Bencher, lines: usize) {
    let (connector, raw) = (square(), record(lines));
    bencher
        .counter(BytesCount::new(raw.body.len()))
        .bench(|| connector.normalize(divan::black_box(&raw)).unwrap());
}

#[divan::bench(args = LINES)]
fn limit_skip_json(bencher: Bencher, lines: usize) {
    let raw = record(lines);
    let skip =
        || serde_json::from_slice::<&serde_json::value::RawValue>(divan::black_box(&raw.body)).unwrap();
    bencher.counter(BytesCount::new(raw.body.len())).bench(skip);
}
