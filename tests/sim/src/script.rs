//! Changes that happen between the pages of a caller: after so many calls of an endpoint, a record is touched or gone.

use crate::world::lock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Mutex;

/// What happens to the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// A record is changed now: its modified time moves on, and so does its place in a page.
    Touch(String),
    /// An order is cancelled; a deal is archived.
    Remove(String),
    /// A record is put in, as `square/orders` and `hubspot/records` take it; no webhook follows.
    Put(Value),
    /// One of the records, told by any number, is touched.
    Some(u64),
}

/// A change, and when it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// The endpoint whose calls are counted; `*` is any.
    pub endpoint: String,
    /// After so many calls of it.
    #[serde(default = "one")]
    pub after: u32,
    /// What happens then.
    pub act: Act,
}

fn one() -> u32 {
    1
}

/// What is still to happen.
#[derive(Debug, Default)]
pub(crate) struct Script(Mutex<Vec<Cue>>);

impl Script {
    pub(crate) fn add(&self, cue: Cue) {
        lock(&self.0).push(cue);
    }

    /// Counts a call; gives what happens after it.
    pub(crate) fn called(&self, endpoint: &str) -> Vec<Act> {
        let mut cues = lock(&self.0);
        for cue in cues.iter_mut().filter(|cue| cue.endpoint == endpoint || cue.endpoint == "*") {
            cue.after = cue.after.saturating_sub(1);
        }
        let (due, later) = std::mem::take(&mut *cues).into_iter().partition(|cue| cue.after == 0);
        *cues = later;
        let due: Vec<Cue> = due;
        due.into_iter().map(|cue| cue.act).collect()
    }
}
