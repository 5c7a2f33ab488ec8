//! What an operator asks: how the queue stands and which pulls fail, all from indexes.

use super::{
    Sqlite,
    fault::{Fault, Outcome},
    rows::{Columns, micros},
};
use crate::{
    Result,
    store::{LaneDepth, MoveWatcher, OperationsSnapshot, OperationsStore, SyncStreak},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// Whoever wants to know how long moves take.
#[derive(Clone, Default)]
pub(super) struct Watchers(Arc<RwLock<Vec<Weak<dyn MoveWatcher>>>>);

impl Watchers {
    fn add(&self, watcher: Weak<dyn MoveWatcher>) {
        let mut watchers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|known| known.strong_count() > 0);
        watchers.push(watcher);
    }

    /// Starts a stop watch for each.
    pub(super) fn start(&self) -> Started {
        let watchers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let live = watchers.iter().filter_map(Weak::upgrade);
        Started(live.map(|watcher| (watcher.now(), watcher)).collect())
    }
}

/// Stop watches that run.
pub(super) struct Started(Vec<(DateTime<Utc>, Arc<dyn MoveWatcher>)>);

impl Started {
    pub(super) fn stop(self, operation: &'static str) {
        for (began, watcher) in self.0 {
            watcher.moved(operation, (watcher.now() - began).to_std().unwrap_or_default());
        }
    }
}

#[async_trait]
impl OperationsStore for Sqlite {
    fn watch(&self, watcher: Weak<dyn MoveWatcher>) {
        self.watchers.add(watcher);
    }

    async fn snapshot(&self, now: DateTime<Utc>) -> Result<OperationsSnapshot> {
        self.read("store.snapshot", move |c| Box::pin(snapshot(c, now))).await
    }
}

async fn snapshot(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<OperationsSnapshot> {
    // A count that another process changed in between is one of two true ones.
    let mut lanes = sale_lanes(connection, now).await?;
    lanes.push(inbound_lane(connection, now).await?);
    let dead_letters = sqlx::query("SELECT count(*) AS dead FROM jobs WHERE state = 'dead'")
        .fetch_one(&mut *connection)
        .await?;
    Ok(OperationsSnapshot {
        lanes,
        dead_letters: Columns(&dead_letters).count("dead")?,
        connections: connections(connection).await?,
        streaks: streaks(connection).await?,
    })
}

async fn sale_lanes(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<Vec<LaneDepth>> {
    let mut lanes = ["high", "normal", "bulk"].map(empty);
    let rows = sqlx::query(
        "SELECT lane, state, count(*) AS jobs, coalesce(sum(due_at <= ?1), 0) AS due, min(due_at) AS oldest
         FROM jobs WHERE state IN ('waiting', 'claimed') GROUP BY lane, state",
    )
    .bind(micros(now))
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let row = Columns(row);
        let rank = usize::try_from(row.count("lane")?).unwrap_or(usize::MAX);
        let lane = lanes.get_mut(rank).ok_or(Fault::Damaged("lane"))?;
        if row.text("state")? == "claimed" {
            lane.claimed = row.count("jobs")?;
            continue;
        }
        lane.due = row.count("due")?;
        lane.later = row.count("jobs")?.saturating_sub(lane.due);
        lane.oldest_due_seconds = since(row.maybe_time("oldest")?, now);
    }
    Ok(lanes.to_vec())
}

async fn inbound_lane(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Outcome<LaneDepth> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM tenant_jobs WHERE lease_until IS NULL AND due_at <= ?1) AS due,
            (SELECT count(*) FROM tenant_jobs WHERE lease_until IS NULL AND due_at > ?1) AS later,
            (SELECT count(*) FROM tenant_jobs WHERE lease_until IS NOT NULL) AS claimed,
            (SELECT min(due_at) FROM tenant_jobs WHERE lease_until IS NULL) AS oldest",
    )
    .bind(micros(now))
    .fetch_one(connection)
    .await?;
    let row = Columns(&row);
    Ok(LaneDepth {
        due: row.count("due")?,
        claimed: row.count("claimed")?,
        later: row.count("later")?,
        oldest_due_seconds: since(row.maybe_time("oldest")?, now),
        ..empty("inbound")
    })
}

const fn empty(lane: &'static str) -> LaneDepth {
    LaneDepth { lane, due: 0, claimed: 0, later: 0, oldest_due_seconds: 0 }
}

fn since(oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> u64 {
    oldest.map_or(0, |oldest| u64::try_from((now - oldest).num_seconds()).unwrap_or(0))
}

async fn connections(connection: &mut SqliteConnection) -> Outcome<Vec<(String, String, u64)>> {
    let rows = sqlx::query(
        "SELECT platform, state, count(*) AS number FROM connections GROUP BY platform, state ORDER BY 1, 2",
    )
    .fetch_all(connection)
    .await?;
    let read = |row| {
        let row = Columns(row);
        Ok((row.text("platform")?, row.text("state")?, row.count("number")?))
    };
    rows.iter().map(read).collect()
}

/// Walks each connection's log back to its last good pull, and no further than a thousand.
const STREAKS: &str = "SELECT c.id, c.platform, (
        SELECT count(*) FROM (
            SELECT 1 FROM sync_log s WHERE s.connection = c.id AND s.seq > coalesce((
                SELECT g.seq FROM sync_log g WHERE g.connection = c.id AND g.error IS NULL
                ORDER BY g.seq DESC LIMIT 1), 0)
            LIMIT 1000)
    ) AS failures
    FROM connections c WHERE c.state <> 'removed' ORDER BY c.seq";

async fn streaks(connection: &mut SqliteConnection) -> Outcome<Vec<SyncStreak>> {
    let rows = sqlx::query(STREAKS).fetch_all(connection).await?;
    let read = |row| {
        let row = Columns(row);
        Ok(SyncStreak {
            connection: row.id("id")?,
            platform: row.text("platform")?,
            failures: row.count("failures")?,
        })
    };
    rows.iter().map(read).collect()
}
