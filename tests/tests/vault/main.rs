//! The vault in a running house: keys change while work goes on, and no key is missed in silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod columns;
mod rotation;
mod start;
