//! What each answer of the authority means: its kind, its retry class, its field, and a sentence for a bookkeeper.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "../firs_support/mod.rs"]
mod firs_support;
mod odd;
mod recorded;
mod sentences;

use bytes::Bytes;
use firs_support::{client, keys, says};
use taxpoynt_core::{Error, ErrorKind, Result, Retry};

pub(crate) async fn validated(status: u16, body: &str) -> Result<()> {
    client([says(status, body)]).0.validate(&keys(), Bytes::from_static(b"{}")).await
}

pub(crate) async fn signed(status: u16, body: &str) -> Result<()> {
    client([says(status, body)]).0.sign(&keys(), Bytes::from_static(b"{}")).await.map(drop)
}

/// The kind of a refusal, its retry class, its field and its sentence.
pub(crate) fn told(error: &Error) -> (ErrorKind, Retry, &str, &str) {
    (error.kind(), error.retry(), error.get("field").unwrap_or_default(), error.message())
}
