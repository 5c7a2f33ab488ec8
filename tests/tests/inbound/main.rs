//! What others send: each document becomes one stored document, checked and acknowledged, and none is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod arrival;
mod hostile;
mod office;
mod policy;
mod post;
mod simulator;
mod tenants;
mod unclear;
