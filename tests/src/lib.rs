//! What the suites share: a house with simulators, an engine, a tenant and its accounts, and a clock of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

pub mod altered;
pub mod canary;
mod clock;
mod crash;
pub mod histories;
mod hooks;
mod house;
pub mod measure;
pub mod million;
pub mod outage;
mod place;
mod random;
pub mod rotation;
pub mod submissions;
pub mod tills;
pub mod tokens;

pub use clock::TestClock;
pub use crash::{Crash, Moment};
pub use hooks::{Hooks, Received};
pub use house::{House, Site, invoice_of, network, payload_of, shop};
pub use place::Place;
pub use random::Random;

use rust_decimal::Decimal;
use std::path::PathBuf;
use taxpoynt_core::connector::Registry;

/// Every platform there is.
#[must_use]
pub fn platforms() -> Registry {
    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    registry
}

/// A file of the reference data.
///
/// # Panics
/// Where the data are not there: a suite that cannot read the truth has not been kept.
#[must_use]
pub fn reference(path: &str) -> Vec<u8> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let dir = std::env::var_os("TAXPOYNT_REFERENCE").map_or_else(|| PathBuf::from(default), PathBuf::from);
    assert!(dir.is_dir(), "no reference data at {}: set TAXPOYNT_REFERENCE to its directory", dir.display());
    let path = dir.join(path);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// An amount.
///
/// # Panics
/// Where the text is none.
#[must_use]
pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

/// The README's Rust example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
