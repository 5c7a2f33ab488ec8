//! No secret is ever said, stored in the clear, or shown: a house runs through good and bad days, and everything that comes
//! out of it is searched for everything it keeps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod echo;
mod inputs;
mod shown;
mod world;
