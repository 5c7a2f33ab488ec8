//! Bytes nobody meant: whatever they are, converting them ends in documents or in an error.

use crate::records::{converted, hubspot, square};
use std::panic::{AssertUnwindSafe, catch_unwind};
use taxpoynt_core::ErrorKind;
use taxpoynt_tests::Random;

/// What a mutation puts in: what breaks parsers and arithmetic.
const PIECES: [&[u8]; 24] = [
    b"0",
    b"-",
    b"9",
    b".",
    b"e",
    b"E400",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"1e28",
    b"79228162514264337593543950335",
    b"-9223372036854775808",
    b"0.0000000000000000000000000001",
    b"\xff\xfe",
    b"\xf0\x9f",
    b"\\ud800",
    b"\0",
];

fn mutate(random: &mut Random, body: &mut Vec<u8>) {
    for _ in 0..random.between(1, 4) {
        let at = random.below(body.len());
        let end = body.len().min(at + random.below(6));
        match random.below(5) {
            0 => body[at] = random.bits().to_le_bytes()[0],
            1 => drop(body.splice(at..at, random.pick(&PIECES).iter().copied())),
            2 => drop(body.splice(at..end, random.pick(&PIECES).iter().copied())),
            3 => drop(body.drain(at..end)),
            _ => {
                // A digit for another, so that many stay readable and their sums do not come out.
                let digits: Vec<usize> = (0..body.len()).filter(|i| body[*i].is_ascii_digit()).collect();
                if let Some(digit) = digits.get(random.below(digits.len())) {
                    body[*digit] = b'0' + random.bits().to_le_bytes()[0] % 10;
                }
            }
        }
        if body.is_empty() {
            body.push(b'{');
        }
    }
}

#[test]
fn two_thousand_mutated_records_end_in_documents_or_errors_and_never_in_a_panic() {
    const SEED: u64 = 20_261_120;
    println!("seed {SEED}");
    let good = [("square", square().to_string()), ("hubspot", hubspot().to_string())];
    let mut random = Random::seeded(SEED);
    let (mut read, mut refused) = (0, 0);
    for run in 0..2_000 {
        let (platform, good) = &good[run % 2];
        let mut body = good.clone().into_bytes();
        mutate(&mut random, &mut body);
        let outcome = catch_unwind(AssertUnwindSafe(|| converted(platform, &body)));
        match outcome {
            Ok(Ok(_)) => read += 1,
            Ok(Err(error)) => {
                let known = matches!(error.kind(), ErrorKind::Payload | ErrorKind::Mapping);
                assert!(known, "seed {SEED}, run {run}: {error:?}");
                refused += 1;
            }
            Err(_) => panic!("seed {SEED}, run {run} panicked on {:?}", String::from_utf8_lossy(&body)),
        }
    }
    assert!(read > 100 && refused > 500, "{read} read, {refused} refused: the mutations prove little");
}

#[test]
fn deep_and_huge_records_are_refused_or_read_within_bounds() {
    for platform in ["square", "hubspot"] {
        for (open, close) in [("[", "]"), ("{\"order\":", "}"), ("{\"deal\":", "}")] {
            let body = format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
            assert!(converted(platform, body.as_bytes()).is_err());
        }
        let long = format!("{{\"order\":{{\"id\":\"{}\"}}}}", "x".repeat(1_000_000));
        assert!(converted(platform, long.as_bytes()).is_err());
    }
}
