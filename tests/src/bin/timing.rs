//! Whether the time a refusal takes tells how much of the signature was right: dudect's Welch t-test on the verifiers
//! themselves, over ten million measurements, and on a naive one beside them, which must be found out.
//!
//! `cargo run --release -p taxpoynt-tests --bin timing -- --count 10000000 --seed 42`
//!
//! Two classes, in an order that chance decides: signatures wrong in their first byte alone, and in their last alone. As
//! dudect does (Reparaz, Balasch, Verbauwhede, "dude, is my code constant time?", 2017) the test is made on all
//! measurements and on those under each of a hundred thresholds, which are fixed from a first batch that is thrown away;
//! the largest |t| counts. Over 4.5 the classes differ.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement asks the machine for the time, statistics are no amounts, and what cannot run must stop"
)]

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use sha2::Sha256;
use std::{hint::black_box, time::Instant};
use taxpoynt_core::webhook::{Secrets, WebhookRequest, hmac as verifier, token};
use taxpoynt_tests::{
    Random,
    measure::{number, pin},
};

const HEADER: &str = "x-signature";
const KEY: &str = "a signature key of a usual length, 44 characters";
const URL: &str = "https://shop.example/hook";
const BODY: &[u8] = br#"{"merchant_id":"M","type":"payment.updated"}"#;
const LIMIT: f64 = 4.5;
/// Inputs made at a time, so that making them is not measured.
const BATCH: usize = 10_000;
const THRESHOLDS: usize = 100;
/// A test on fewer measurements says nothing.
const ENOUGH: f64 = 10_000.0;

fn main() {
    let (count, seed) = (number("--count", 10_000_000), number("--seed", 42));
    pin();
    let mut random = Random::seeded(seed);
    let mut failed = false;
    for (name, subject, must_differ) in [
        ("HMAC in base64", Subject::Hmac, false),
        ("secret token", Subject::Token, false),
        ("a naive comparison beside them", Subject::Naive, true),
    ] {
        let started = Instant::now();
        let found = measure(subject, count, &mut random);
        let differs = found.worst.abs() >= LIMIT;
        println!(
            "{name}: {} + {} measurements, medians {} and {} ns; |t| = {:.2} on all, {:.2} at worst under {} thresholds: \
             {} ({:.0} s)",
            found.counts[0],
            found.counts[1],
            found.medians[0],
            found.medians[1],
            found.all.abs(),
            found.worst.abs(),
            THRESHOLDS,
            if differs { "the classes differ" } else { "no difference" },
            started.elapsed().as_secs_f64(),
        );
        failed |= differs != must_differ;
    }
    if failed {
        println!("FAILED: a verifier tells by its time, or the test cannot see what does (seed {seed})");
        std::process::exit(1);
    }
    println!("the verifiers tell nothing under |t| < {LIMIT}, and the test sees what does (seed {seed})");
}

#[derive(Clone, Copy)]
enum Subject {
    Hmac,
    Token,
    Naive,
}

impl Subject {
    /// What is sent in the header, wrong in its first or last byte.
    fn wrong(self, class: usize, random: &mut Random) -> HeaderMap {
        let mut expected = match self {
            Self::Token => KEY.as_bytes().to_vec(),
            Self::Hmac | Self::Naive => mac(),
        };
        let place = if class == 0 { 0 } else { expected.len() - 1 };
        // A token must stay printable.
        expected[place] ^= if matches!(self, Self::Token) { 1 } else { random.between(1, 255) as u8 };
        let value = match self {
            Self::Token => HeaderValue::from_bytes(&expected),
            Self::Hmac | Self::Naive => HeaderValue::from_str(&STANDARD.encode(expected)),
        };
        HeaderMap::from_iter([(HEADER.parse().unwrap(), value.unwrap())])
    }

    /// Whether it verifies; never.
    fn verify(self, request: &WebhookRequest<'_>, secrets: &Secrets) -> bool {
        match self {
            Self::Hmac => verifier::verify_base64(request, HEADER, secrets, &[URL.as_bytes(), BODY]).is_ok(),
            Self::Token => token::in_header(request, HEADER, secrets).is_ok(),
            Self::Naive => naive(request),
        }
    }
}

fn mac() -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(URL.as_bytes());
    mac.update(BODY);
    mac.finalize().into_bytes().to_vec()
}

/// Stops at the first byte that differs, as `==` may.
fn naive(request: &WebhookRequest<'_>) -> bool {
    let given = STANDARD.decode(request.header(HEADER).unwrap()).unwrap();
    let expected = mac();
    for (one, other) in given.iter().zip(&expected) {
        if black_box(one) != black_box(other) {
            return false;
        }
    }
    true
}

struct Found {
    counts: [u64; 2],
    medians: [u64; 2],
    all: f64,
    worst: f64,
}

fn measure(subject: Subject, count: u64, random: &mut Random) -> Found {
    let secrets = Secrets::one(KEY.into());
    let mut first = batch(subject, &secrets, random);
    first.sort_unstable_by_key(|(_, took)| *took);
    let thresholds: Vec<u64> = (0..THRESHOLDS)
        .map(|nth| {
            // dudect's: dense where the distribution is.
            let part = 1.0 - 0.5_f64.powf(10.0 * (nth as f64 + 1.0) / THRESHOLDS as f64);
            first[((first.len() as f64 * part) as usize).min(first.len() - 1)].1
        })
        .collect();
    let medians = [0, 1].map(|class| {
        let of: Vec<_> = first.iter().filter(|(of, _)| *of == class).collect();
        of[of.len() / 2].1
    });
    let mut tests = vec![Welch::default(); THRESHOLDS + 1];
    let mut done = 0;
    while done < count {
        for (class, took) in batch(subject, &secrets, random) {
            tests[THRESHOLDS].push(class, took);
            for (test, threshold) in tests.iter_mut().zip(&thresholds) {
                if took < *threshold {
                    test.push(class, took);
                }
            }
            done += 1;
        }
    }
    let all = tests[THRESHOLDS].t();
    let enough = |test: &&Welch| test.of.iter().all(|of| of.n >= ENOUGH);
    let worst = tests
        .iter()
        .filter(enough)
        .map(Welch::t)
        .fold(all, |worst, t| if t.abs() > worst.abs() { t } else { worst });
    Found { counts: tests[THRESHOLDS].of.map(|of| of.n as u64), medians, all, worst }
}

/// Measurements in the order that chance gave them: class and nanoseconds.
fn batch(subject: Subject, secrets: &Secrets, random: &mut Random) -> Vec<(usize, u64)> {
    let inputs: Vec<_> = (0..BATCH)
        .map(|_| {
            let class = random.below(2);
            (class, subject.wrong(class, random))
        })
        .collect();
    inputs
        .iter()
        .map(|(class, headers)| {
            let request = WebhookRequest { method: "POST", url: URL, headers, body: BODY };
            let start = Instant::now();
            let taken = black_box(subject.verify(black_box(&request), secrets));
            let took = start.elapsed();
            assert!(!taken, "a wrong signature was accepted");
            (*class, took.as_nanos() as u64)
        })
        .collect()
}

/// Welch's t-test, kept up as measurements come (Welford).
#[derive(Debug, Clone, Copy, Default)]
struct Welch {
    of: [Moments; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Welch {
    fn push(&mut self, class: usize, took: u64) {
        let of = &mut self.of[class];
        of.n += 1.0;
        let before = took as f64 - of.mean;
        of.mean += before / of.n;
        of.squares += before * (took as f64 - of.mean);
    }

    fn t(&self) -> f64 {
        let [one, other] = self.of;
        let variance = |of: Moments| of.squares / (of.n - 1.0) / of.n;
        let spread = (variance(one) + variance(other)).sqrt();
        if spread > 0.0 { (one.mean - other.mean) / spread } else { 0.0 }
    }
}
