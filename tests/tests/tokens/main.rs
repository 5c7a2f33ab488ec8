//! Tokens of connections: one refresh for many, none lost to a crash, and a person asked only where nothing else helps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod authorize;
mod crash;
mod early;
mod echo;
mod processes;
mod refusals;
mod removal;
mod vendors;
mod ways;
mod world;
