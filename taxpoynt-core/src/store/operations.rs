//! What an operator asks the store: how the queue stands, which pulls fail, how long moves take.

use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, sync::Weak, time::Duration};
use uuid::Uuid;

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationsSnapshot {
    /// Each lane, also an empty one: `high`, `normal`, `bulk`, and `inbound` for what others send.
    pub lanes: Vec<LaneDepth>,
    /// Jobs given up that were neither replayed nor discarded.
    pub dead_letters: u64,
    /// Connections by platform and state.
    pub connections: Vec<(String, String, u64)>,
    /// Every connection that is not removed, with its failed pulls.
    pub streaks: Vec<SyncStreak>,
}

/// What waits in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneDepth {
    /// Its name.
    pub lane: &'static str,
    /// Due now.
    pub due: u64,
    /// Being worked on.
    pub claimed: u64,
    /// Waiting for a later time.
    pub later: u64,
    /// How long the job that has been due longest has been due; 0 where none is.
    pub oldest_due_seconds: u64,
}

/// Pulls of a connection that failed, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncStreak {
    /// The connection.
    pub connection: Uuid,
    /// Its platform.
    pub platform: String,
    /// Failed pulls since the last good one; 1,000 stands for more.
    pub failures: u64,
}

impl OperationsSnapshot {
    /// Jobs that are due, in all lanes.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.due).sum()
    }

    /// The longest streak of each platform.
    #[must_use]
    pub fn worst_streaks(&self) -> BTreeMap<&str, u64> {
        let mut worst = BTreeMap::new();
        for streak in &self.streaks {
            let most = worst.entry(streak.platform.as_str()).or_default();
            *most = streak.failures.max(*most);
        }
        worst
    }
}

/// Told how long moves take.
pub trait MoveWatcher: Send + Sync {
    /// The time, by its clock.
    fn now(&self) -> DateTime<Utc>;

    /// A move (`store.put_record`) was made, or refused, after `took`.
    fn moved(&self, operation: &'static str, took: Duration);
}

/// What an operator asks.
#[async_trait]
pub trait OperationsStore: Send + Sync {
    /// Tells `watcher` of every move from now on, as long as somebody holds it.
    fn watch(&self, watcher: Weak<dyn MoveWatcher>);

    /// How things stand, all of one moment. Reads indexes only, never a body.
    async fn snapshot(&self, now: DateTime<Utc>) -> Result<OperationsSnapshot>;
}
