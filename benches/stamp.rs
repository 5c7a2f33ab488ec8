//! IRN → stamp → QR symbol → picture. The limits beside them: OpenSSL's own public-key operations on the same core, and
//! for the pictures the symbol they start from.
//!
//! `stamp` counts the whole stamp: text, encryption with padding, base64. `openssl speed` counts the bare RSA operation.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use divan::{Bencher, counter::ItemsCount};
use std::{fs, process::Command};
use taxpoynt_core::stamp::{CryptoKeys, QrLevel, Stamp};
use taxpoynt_ubl::Irn;

/// How often OpenSSL and we take turns; a machine has busy seconds, and both should meet them.
const TURNS: usize = 3;

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// CPU time a turn takes of each.
const SECONDS: u64 = 3 * SECOND;

fn main() {
    beside_openssl();
    divan::main();
}

/// Prints how many stamps a second of CPU makes, and how many public-key operations OpenSSL, turn by turn.
fn beside_openssl() {
    let (keys, irn) = (keys(), irn());
    let mut ratios = Vec::new();
    for _ in 0..TURNS {
        let (Some(theirs), Some(ours)) = (openssl(), stamps(&keys, &irn)) else {
            println!("openssl speed rsa2048: not measured; it takes openssl and Linux.\n");
            return;
        };
        let ratio = ours * 100 / theirs;
        println!("stamps {ours:>6}/s   openssl speed rsa2048, verify {theirs:>6}/s   ratio {ratio} %");
        ratios.push(ratio);
    }
    ratios.sort_unstable();
    println!("median ratio {} %\n", ratios[TURNS / 2]);
}

/// Public-key operations a second of CPU, from OpenSSL's own table.
fn openssl() -> Option<u64> {
    let seconds = (SECONDS / SECOND).to_string();
    let run = Command::new("openssl").args(["speed", "-seconds", &seconds, "rsa2048"]).output().ok()?;
    let table = String::from_utf8(run.stdout).ok()?;
    let column = |line: &str, name: &str| line.split_whitespace().position(|word| word == name);
    let at = table.lines().find_map(|line| column(line, "verify/s"))?;
    let row = table.lines().find_map(|line| line.split_once("2048 bits"))?.1;
    row.split_whitespace().nth(at)?.split('.').next()?.parse().ok()
}

/// Whole stamps a second of CPU.
fn stamps(keys: &CryptoKeys, irn: &Irn) -> Option<u64> {
    let start = cpu_time()?;
    let mut made = 0;
    loop {
        for _ in 0..1000 {
            divan::black_box(keys.stamp(divan::black_box(irn), at()).unwrap());
        }
        made += 1000;
        let used = cpu_time()? - start;
        if used >= SECONDS {
            return Some(made * SECOND / used);
        }
    }
}

/// What this thread has used of a processor, in nanoseconds: others on the machine do not count, as they do not for OpenSSL.
fn cpu_time() -> Option<u64> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok()
}

/// The key file of an invented taxpayer, with the public half of a throwaway key.
fn key_file() -> String {
    use aws_lc_rs::{
        encoding::{AsDer, PublicKeyX509Der},
        rsa::{KeySize, PrivateDecryptingKey},
    };
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
    format!("{pem}{}\n", STANDARD.encode(STANDARD.encode([7; 32])))
}

fn keys() -> CryptoKeys {
    CryptoKeys::parse(&key_file()).unwrap()
}

fn irn() -> Irn {
    Irn::parse("INV000123-7A1B2C3D-20261102").unwrap()
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-11-02T09:05:00Z".parse().unwrap()
}

fn made() -> Stamp {
    keys().stamp(&irn(), at()).unwrap()
}

#[divan::bench]
fn read_key_file(bencher: Bencher) {
    let file = key_file();
    bencher.counter(ItemsCount::new(1_usize)).bench(|| CryptoKeys::parse(divan::black_box(&file)).unwrap());
}

#[divan::bench]
fn stamp(bencher: Bencher) {
    let (keys, irn) = (keys(), irn());
    bencher.counter(ItemsCount::new(1_usize)).bench(|| keys.stamp(divan::black_box(&irn), at()).unwrap());
}

#[divan::bench]
fn symbol(bencher: Bencher) {
    let stamp = made();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| divan::black_box(&stamp).symbol(QrLevel::M).unwrap().side());
}

#[divan::bench]
fn png(bencher: Bencher) {
    let stamp = made();
    bencher.counter(ItemsCount::new(1_usize)).bench(|| divan::black_box(&stamp).qr_png().unwrap());
}

#[divan::bench]
fn png_for_a_58_mm_roll(bencher: Bencher) {
    let stamp = made();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| divan::black_box(&stamp).qr_png_for_roll(384).unwrap());
}

#[divan::bench]
fn svg(bencher: Bencher) {
    let stamp = made();
    bencher.counter(ItemsCount::new(1_usize)).bench(|| divan::black_box(&stamp).qr_svg().unwrap());
}

#[divan::bench]
fn stamped_png_from_the_key_file(bencher: Bencher) {
    let (file, irn) = (key_file(), irn());
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        let keys = CryptoKeys::parse(divan::black_box(&file)).unwrap();
        keys.stamp(&irn, at()).unwrap().qr_png().unwrap()
    });
}
