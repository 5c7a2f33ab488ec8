//! What SQLite alone must answer for: the file, its schema, its guards, crashes and other processes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod crash;
mod guards;
mod opening;
mod schema;
mod sharing;
mod world;
