//! Model → the authority's JSON. The limit beside it: the bytes merely copied; and a peer, serde_json writing the same
//! body from a ready-made value.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use taxpoynt_benches::{buyer, invoice};
use taxpoynt_core::firs::{mbs_bytes, missing};
use taxpoynt_ubl::{Invoice, InvoiceKind};

const LINES: [usize; 3] = [10, 100, 1000];

fn main() {
    divan::main();
}

/// A complete B2B invoice: what the authority would refuse is not measured.
fn complete(lines: usize) -> Invoice {
    let invoice = Invoice { kind: InvoiceKind::B2B, customer: Some(buyer()), ..invoice(lines) };
    assert_eq!(missing(&invoice), []);
    invoice
}

#[divan::bench(args = LINES)]
fn wire_body(bencher: Bencher, lines: usize) {
    let invoice = complete(lines);
    let bytes = mbs_bytes(&invoice).unwrap().len();
    bencher
        .counter(ItemsCount::new(1_usize))
        .counter(BytesCount::new(bytes))
        .bench(|| mbs_bytes(divan::black_box(&invoice)).unwrap());
}

#[divan::bench(args = LINES)]
fn peer_ready_made_value(bencher: Bencher, lines: usize) {
    let body = mbs_bytes(&complete(lines)).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    bencher
        .counter(ItemsCount::new(1_usize))
        .counter(BytesCount::new(body.len()))
        .bench(|| serde_json::to_vec(divan::black_box(&value)).unwrap());
}

#[divan::bench(args = LINES)]
fn limit_copy(bencher: Bencher, lines: usize) {
    let body = mbs_bytes(&complete(lines)).unwrap();
    bencher
        .counter(ItemsCount::new(1_usize))
        .counter(BytesCount::new(body.len()))
        .bench(|| divan::black_box(&body).to_vec());
}
