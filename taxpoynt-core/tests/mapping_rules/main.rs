//! The promises of the mapping language.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod docs;
mod errors;
mod examples;
mod hostile;
mod language;
mod peers;
mod record;
mod support;
mod tables;
mod tax;
mod templates;
mod triggers;
