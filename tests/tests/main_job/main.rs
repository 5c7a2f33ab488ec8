//! The main job: a sale becomes one invoice, once, whatever is repeated, reordered, interrupted or refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod authority;
mod crash;
mod fault;
mod held;
mod number;
mod once;
mod private;
mod refund;
mod refused;
mod sale;
mod stamp;
