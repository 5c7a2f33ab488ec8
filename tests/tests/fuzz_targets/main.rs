//! What the fuzzers run, here on their seeds, on what was once found, and on some thousand seeded changes of both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../../../taxpoynt-core/fuzz/src/lib.rs"]
#[allow(dead_code, reason = "the fuzzers call one target by its name")]
mod targets;

use std::{panic::AssertUnwindSafe, path::Path};
use taxpoynt_tests::Random;

/// Changed inputs a target.
const CHANGED: usize = 400;

const SEED: u64 = 20_261_120;

fn folder(path: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../taxpoynt-core/fuzz")).join(path);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Words that lead somewhere.
fn words() -> Vec<Vec<u8>> {
    let text = include_str!("../../../taxpoynt-core/fuzz/core.dict");
    let word = |line: &str| {
        let inside = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inside.expect("a word stands in quotes").replace("\\\"", "\"").into_bytes()
    };
    text.lines().filter(|line| !line.is_empty()).map(word).collect()
}

/// An input with one to eight changes: bytes turned, removed, doubled, exchanged for a word or a piece of another input.
fn changed(random: &mut Random, seeds: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
    let mut input = random.pick(seeds).clone();
    for _ in 0..=random.below(8) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(12)).min(input.len());
        let piece = match random.below(6) {
            0 => Vec::new(),
            1 => vec![random.bits().to_le_bytes()[0]],
            2 => random.pick(words).clone(),
            3 => input[at..end].repeat(2),
            4 => random
                .pick(&[
                    &b"\0"[..],
                    b"99999999999999999999",
                    b"-1e400",
                    b"\xff\xfe",
                    b"{{[[\"",
                    b"\xe2\x80\xae",
                ])
                .to_vec(),
            _ => {
                let other = random.pick(seeds);
                let from = random.below(other.len() + 1);
                other[from..(from + random.below(40)).min(other.len())].to_vec()
            }
        };
        input.splice(at..end, piece);
    }
    input
}

fn hold(target: &str, input: &[u8], what: &str) {
    let ran = std::panic::catch_unwind(AssertUnwindSafe(|| targets::run(target, input)));
    assert!(ran.is_ok(), "{target} broke on {what}: {:?}", String::from_utf8_lossy(input));
}

fn smoke(name: &str) {
    let (seeds, words) = (folder(&format!("seeds/{name}")), words());
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for input in seeds.iter().chain(&folder(&format!("found/{name}"))).chain([&Vec::new()]) {
        hold(name, input, "a seed");
    }
    let mut random = Random::seeded(SEED);
    for n in 0..CHANGED {
        let input = changed(&mut random, &seeds, &words);
        hold(name, &input, &format!("change {n} of seed {SEED}"));
    }
}

macro_rules! targets_hold {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            smoke(stringify!($name));
        })+

        #[test]
        fn every_target_is_here_and_has_a_program() {
            let here = [$(stringify!($name)),+];
            for target in &targets::TARGETS {
                assert!(here.contains(&target.name), "{} is not run here", target.name);
                let program = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../taxpoynt-core/fuzz/fuzz_targets"))
                    .join(format!("{}.rs", target.name));
                let text = std::fs::read_to_string(program).unwrap();
                assert!(text.contains(&format!("run(\"{}\"", target.name)), "{}", target.name);
            }
            assert_eq!(here.len(), targets::TARGETS.len());
        }
    };
}

targets_hold! {
    signature, url, form, retry_after, fernet, rules, source_path, record_json, csv, lookup_table, token_answer, callback, events, webhook_body,
    records, template, template_records, authority_body, config_body,
}
