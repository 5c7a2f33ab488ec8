//! Classification: what nothing classifies is listed once an item, one answer releases every sale that waited for it, and
//! the code lists are the authority's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod answers;
mod counter;
mod import;
mod lists;
mod property;
