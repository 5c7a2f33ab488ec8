//! Deadlines: who goes first, what an outage costs, and that somebody is told in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod alarm;
mod days;
mod outage;
