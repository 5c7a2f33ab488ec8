//! A journal of calls: what came, in which order, and what it was answered; without bodies and without secrets.

use crate::world::lock;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::Mutex;

/// One call as it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// From 1, in the order of arrival.
    pub nth: u64,
    /// By the simulator's clock.
    pub at: DateTime<Utc>,
    /// The name it is counted under.
    pub endpoint: &'static str,
    /// The method.
    pub method: String,
    /// The path, and the query where it can hold no secret.
    pub path: String,
    /// The number of its access token among those the simulator made; none for any other credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<u64>,
    /// What was answered; none while it is under way, and where it never is.
    pub status: Option<u16>,
    /// The fault that struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// The name of a fault, carried on the answer it made.
#[derive(Debug, Clone)]
pub(crate) struct Struck(pub(crate) String);

/// The calls so far.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Vec<Call>>);

impl Journal {
    /// Writes a call down; gives its number.
    pub(crate) fn open(&self, call: Call) -> usize {
        let mut calls = lock(&self.0);
        let nth = calls.len();
        calls.push(Call { nth: u64::try_from(nth).unwrap_or(u64::MAX).saturating_add(1), ..call });
        nth
    }

    pub(crate) fn close(&self, nth: usize, status: u16, fault: Option<String>) {
        if let Some(call) = lock(&self.0).get_mut(nth) {
            call.status = Some(status);
            call.fault = fault;
        }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.0).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
