//! After acceptance: payments are told once, the authority's notices are hints, and what changes is corrected by notes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod book;
mod check;
mod corrections;
mod crash;
mod currency;
mod debit;
mod notices;
mod payments;
mod shop;
