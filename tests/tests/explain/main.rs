//! Where every element of a document came from: all of them, rightly, and the same however much later it is asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod corpus;
mod coverage;
mod judge;
mod page;
mod recompute;
mod stored;
mod template;
