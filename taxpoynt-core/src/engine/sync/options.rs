//! What a host decides about pulls.

use super::Backfill;
use std::{fmt, sync::Arc, time::Duration};

/// What a host decides about pulls.
#[derive(Clone)]
pub struct SyncOptions {
    /// How often workers pull each connection; none: only where a connection has a schedule of its own.
    pub every: Option<Duration>,
    /// Connections that one process pulls at once.
    pub side_by_side: usize,
    /// Whether workers count each connection's days at night and fetch what is missing.
    pub reconcile: bool,
    /// Told how imports get on.
    pub observer: Option<Arc<dyn SyncObserver>>,
}

impl Default for SyncOptions {
    /// Every ten minutes, four at once, days are counted.
    fn default() -> Self {
        Self { every: Some(Duration::from_secs(600)), side_by_side: 4, reconcile: true, observer: None }
    }
}

impl fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncOptions")
            .field("every", &self.every)
            .field("side_by_side", &self.side_by_side)
            .field("reconcile", &self.reconcile)
            .finish_non_exhaustive()
    }
}

/// Told how imports get on.
pub trait SyncObserver: Send + Sync {
    /// Called after each page was stored, and at the end. It should return soon.
    fn progress(&self, import: &Backfill);
}
