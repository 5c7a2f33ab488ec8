//! How long the stages of a sale take, for whoever asked to be told.

use super::Engine;
use chrono::{DateTime, Utc};

/// Measures consecutive stages of one record.
pub(super) struct Timer<'a> {
    engine: &'a Engine,
    source_id: String,
    since: DateTime<Utc>,
}

impl<'a> Timer<'a> {
    pub(super) fn start(engine: &'a Engine, source_id: impl Into<String>) -> Self {
        Self { engine, source_id: source_id.into(), since: engine.now() }
    }

    /// Ends a stage and starts the next.
    pub(super) fn lap(&mut self, stage: &'static str) {
        let now = self.engine.now();
        if let Some(observer) = &self.engine.inner.options.observer {
            observer.stage(&self.source_id, stage, (now - self.since).to_std().unwrap_or_default());
        }
        self.since = now;
    }
}
