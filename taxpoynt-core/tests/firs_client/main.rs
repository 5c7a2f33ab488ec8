//! Each call of the authority's API: what is sent, and how its answer is read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod documents;
#[path = "../firs_support/mod.rs"]
mod firs_support;
mod lists;
mod taxpayers;

use bytes::Bytes;
use firs_support::{Tree, reference};

pub(crate) fn sent(body: &Bytes) -> Tree {
    Tree::parse(std::str::from_utf8(body).unwrap())
}

pub(crate) fn payload(name: &str) -> Tree {
    Tree::parse(&reference(&format!("payloads/{name}.json")))
}
