//! Moves about time: which jobs go first, what a failing authority may cost a job, and what is foreseen.

use super::Job;
use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// What to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Jobs at most.
    pub limit: u32,
    /// Jobs among them that submit a document: 0 while the authority does not answer, 1 to find out whether it is back.
    pub submits: u32,
    /// A report with less time left than this counts as late. Where not all can be in time, it is what a report takes
    /// from its claim to its signature, so that none is sent in vain; else zero.
    pub spare: Duration,
    /// How long the jobs are held.
    pub lease: Duration,
}

/// Documents that wait for the authority's signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Those with a deadline that has not passed, in slots of time, earliest first.
    pub slots: Vec<Slot>,
    /// Those to be cleared before their buyers get them.
    pub clearances: u64,
    /// Those whose deadline has passed.
    pub late: u64,
    /// Those without a deadline that need no clearance either.
    pub unhurried: u64,
    /// The oldest preparation among all of them.
    pub oldest: Option<DateTime<Utc>>,
    /// Refused or given up, with a deadline that has not passed: no speed will send them.
    pub stuck: u64,
    /// The earliest deadline among the stuck.
    pub stuck_first: Option<DateTime<Utc>>,
}

/// Waiting documents whose deadlines are near each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The earliest deadline among them.
    pub first: DateTime<Utc>,
    /// The latest.
    pub last: DateTime<Utc>,
    /// How many documents, of all tenants: they share the way to the authority.
    pub waiting: u64,
    /// How many of them are the tenant's that was asked for; all, where none was.
    pub own: u64,
}

/// Signatures of documents that had waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// How many.
    pub count: u64,
    /// When the first was made.
    pub first: DateTime<Utc>,
    /// When the last was.
    pub last: DateTime<Utc>,
}

/// What the authority signed in a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signed {
    /// How many documents.
    pub count: u64,
    /// The first.
    pub first: Option<DateTime<Utc>>,
}

/// What an alarm says about the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmChange {
    /// The first of an episode.
    Raised,
    /// More will miss, or sooner.
    Worse,
    /// Nothing more will: the episode is over.
    Cleared,
}

/// An alarm as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlarmEntry {
    /// Its place in the order of all alarms, from 1.
    pub seq: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What it says about the one before it.
    pub change: AlarmChange,
    /// How many documents will miss their deadline.
    pub will_miss: u64,
    /// The earliest deadline that will be missed.
    pub first: Option<DateTime<Utc>>,
    /// The latest.
    pub last: Option<DateTime<Utc>>,
    /// The sentence.
    pub message: String,
}

/// Deadlines.
#[async_trait]
pub trait DeadlineStore: Send + Sync {
    /// As `claim`, with limits on what is taken; see [`Claim`].
    ///
    /// A job has the moment it should be taken by, and the smallest goes first. A report's is its deadline; a
    /// clearance, a fetch, a preparation should be taken at once, from a CRM within five minutes, from a backfill
    /// within a day. Three rules stand above that order. Half of a claim belongs to fetches and preparations that
    /// should have been taken, because until then nobody knows a sale's deadline. The other half belongs to reports in
    /// their last half hour. A report that is late yields to all that can still be in time, and a day later comes
    /// first. So nothing waits for ever.
    async fn claim_some(&self, claim: &Claim, now: DateTime<Utc>) -> Result<Vec<Job>>;

    /// Makes due what waits because the authority did not answer. Returns how many jobs. What it asked to wait
    /// (`rate_limited`) keeps waiting.
    async fn release_delayed(&self, now: DateTime<Utc>) -> Result<u64>;

    /// What waits for the authority's signature, counted inside the database in slots of `slot`.
    async fn backlog(&self, tenant: Option<Uuid>, slot: Duration, now: DateTime<Utc>) -> Result<Backlog>;

    /// What the authority signed after `from`, up to and including `to`.
    async fn signed(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Signed>;

    /// The most documents that were signed within one `window`, over the day that ended with the last signature.
    async fn most_signed(&self, window: Duration, now: DateTime<Utc>) -> Result<u64>;

    /// What was signed in the newest `window` in which most signatures went to documents that had waited longer than `waited`:
    /// there was a queue, so that it says how fast the authority was and not how much came. Windows are counted back from
    /// the last signature, over a day; nothing where no window holds `enough` such signatures.
    async fn signed_of_queue(
        &self,
        window: Duration,
        waited: Duration,
        enough: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<Stretch>>;

    /// Notes an alarm, in the history of each tenant with a document due in what it foresees too. `after` is the
    /// newest alarm the caller knows, 0 for none: where there is a newer one, another process was first, and nothing
    /// is stored. Returns whether it was stored. `entry.seq` is not read.
    async fn put_alarm(&self, entry: &AlarmEntry, after: u64) -> Result<bool>;

    /// The last alarms, newest first.
    async fn alarms(&self, limit: u32) -> Result<Vec<AlarmEntry>>;
}
