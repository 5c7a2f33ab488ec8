//! Lines → totals and VAT breakdown. The limit beside it: adding the net amounts up once.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use divan::{Bencher, counter::ItemsCount};
use rust_decimal::Decimal;
use taxpoynt_benches::invoice;
use taxpoynt_ubl::{Calculation, LineAmounts, Prices, calculate, calculate_with};

const LINES: [usize; 3] = [5, 100, 1000];

fn main() {
    divan::main();
}

#[divan::bench(args = LINES)]
fn calculate_totals(bencher: Bencher, lines: usize) {
    let mut invoice = invoice(lines);
    bencher
        .counter(ItemsCount::new(lines))
        .bench_local(|| calculate(divan::black_box(&mut invoice)).unwrap());
}

#[divan::bench(args = LINES)]
fn calculate_from_inclusive_prices(bencher: Bencher, lines: usize) {
    let how = Calculation {
        line_amounts: LineAmounts::FromPrices,
        prices: Prices::WithTax,
        ..Calculation::default()
    };
    let mut invoice = invoice(lines);
    invoice.lines.iter_mut().for_each(|line| line.tax.amount = None);
    bencher
        .counter(ItemsCount::new(lines))
        .with_inputs(|| invoice.clone())
        .bench_local_refs(|invoice| calculate_with(invoice, &how).unwrap());
}

#[divan::bench(args = LINES)]
fn limit_sum_of_lines(bencher: Bencher, lines: usize) {
    let invoice = invoice(lines);
    let sum = || divan::black_box(&invoice).lines.iter().map(|l| l.net_amount).sum::<Decimal>();
    bencher.counter(ItemsCount::new(lines)).bench(sum);
}
