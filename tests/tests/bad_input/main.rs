//! Bad input: refused by name, and what came from a platform is kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod hostile;
mod malformed;
mod records;
mod sums;
mod webhooks;
