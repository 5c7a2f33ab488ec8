//! Tells the host what becomes of its connections, and refreshes those that nobody uses.

use super::Engine;
use crate::{
    Result,
    store::{AuditEntry, Connection, ConnectionState},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Told when a connection needs its owner, and when it is in use again. What it is told is in
/// `Engine::connection_log` too.
pub trait ConnectionWatcher: Send + Sync {
    /// Called after the change was stored, once for each change, by the process that made it. It should return soon.
    fn changed(&self, event: &ConnectionEvent);
}

/// A change of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionEvent {
    /// The connection.
    pub connection: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// `square`.
    pub platform: String,
    /// The platform's id of the account.
    pub account: String,
    /// What it is now.
    pub state: ConnectionState,
    /// Why, one sentence.
    pub why: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// When idle connections were last looked at, in microseconds.
#[derive(Debug, Default)]
pub(in crate::engine) struct Idle(AtomicI64);

/// How often they are looked at.
const EVERY: i64 = 60 * 1_000_000;

/// How many at a time.
const AT_ONCE: u32 = 100;

impl Engine {
    /// What happened to a connection, oldest first: `connection.needs_reauth`, `connection.active`, ….
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn connection_log(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<Vec<AuditEntry>> {
        let connection = self.store().connection(connection, tenant).await?;
        self.store().audit(connection.id).await
    }

    pub(super) fn tell(&self, about: &Connection, state: ConnectionState, why: &str) {
        tracing::info!(connection = %about.id, platform = %about.platform, ?state, "{why}");
        if let Some(watcher) = &self.inner.options.connections {
            watcher.changed(&ConnectionEvent {
                connection: about.id,
                tenant: about.tenant,
                platform: about.platform.clone(),
                account: about.account.clone(),
                state,
                why: why.to_owned(),
                at: self.now(),
            });
        }
    }

    /// Refreshes connections that nobody uses, so that their refresh tokens do not lapse. The workers do so once a
    /// minute; a host without workers calls this now and then. A refresh that fails is repeated by the next call.
    ///
    /// # Errors
    /// `Store`.
    pub async fn refresh_idle(&self) -> Result<()> {
        for connection in self.store().due_refreshes(AT_ONCE, self.now()).await? {
            if let Err(error) = self.refresh_connection(&connection).await {
                tracing::warn!(connection = %connection.id, "an idle connection was not refreshed: {error}");
            }
        }
        Ok(())
    }

    /// As `refresh_idle`, once a minute and beside whatever else is done: no sale waits for a platform's token.
    pub(in crate::engine) fn refresh_idle_beside(&self) {
        let (micros, looked_at) = (self.now().timestamp_micros(), &self.inner.idle.0);
        let before = looked_at.load(Ordering::Relaxed);
        // A clock that was put back must not keep everybody from looking.
        let fresh = (0..EVERY).contains(&micros.saturating_sub(before));
        if fresh || looked_at.compare_exchange(before, micros, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return;
        }
        let engine = self.clone();
        tokio::spawn(async move {
            if let Err(error) = engine.refresh_idle().await {
                tracing::error!("idle connections could not be looked at: {error}");
            }
        });
    }
}
