//! Rule files of a tenant: what they decide once they are in force, and what a dry run says of it before.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod dry_run;
mod in_force;
mod no_hidden_path;
mod tables;
mod triggers;
