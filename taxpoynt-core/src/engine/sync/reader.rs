//! Reads a run page by page: asks the walk, calls the platform, stores the page with the place after it.

use super::dates::Dates;
use crate::{
    Engine, Result,
    connector::{Connector, Context, PullRules},
    engine::spans::{self, Arrival},
    model::SourceKey,
    store::{Change, Connection, Fence, Lane, SyncCounts, SyncPage, SyncRun},
    sync::{Evidence, Seen, Walk, Window},
};
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};

/// How long a run is ours after each page. Longer than every deadline of the HTTP stack together.
pub(super) const LEASE: Duration = Duration::from_secs(300);

/// No change is later than the latest clock and this.
const HEADROOM: TimeDelta = TimeDelta::days(1);

/// A run and the way to its platform.
pub(super) struct Reader<'a> {
    engine: &'a Engine,
    connection: &'a Connection,
    connector: Arc<dyn Connector>,
    context: Context,
    dates: Arc<Dates>,
    rules: PullRules,
    run: SyncRun,
    lane: Lane,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        connection: &'a Connection,
        run: SyncRun,
        lane: Lane,
    ) -> Result<Self> {
        let connector = engine.connector(&connection.platform)?.clone();
        let mut context = engine.context(connection)?;
        let dates = Arc::new(Dates::new(context.http.clone()));
        context.http = dates.clone();
        let rules = connector.info().pull;
        Ok(Self { engine, connection, connector, context, dates, rules, run, lane })
    }

    pub(super) fn fence(&self) -> &Fence {
        &self.run.fence
    }

    pub(super) fn counts(&self) -> SyncCounts {
        self.run.counts
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn evidence(&self) -> Option<Evidence> {
        self.run.evidence
    }

    /// Reads and stores one page; false where none is left.
    pub(super) async fn page(&mut self) -> Result<bool> {
        let (mut walk, mut evidence) = self.place().await?;
        let Some(pull) = walk.ask() else {
            self.run.evidence = Some(evidence);
            return Ok(false);
        };
        let mut batch = match self.connector.pull(&self.context, pull).await {
            Ok(batch) => batch,
            Err(error) if error.get("cursor") == Some("expired") => {
                walk.lose_cursor()?;
                (self.run.walk, self.run.evidence) = (Some(walk), Some(evidence));
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        let seen = Seen::of(&batch);
        if self.run.evidence.is_none() {
            evidence.first_page = seen.latest();
            evidence.header = evidence.header.or(self.dates.first());
        }
        walk.advance(&self.rules, &seen)?;
        for (key, error) in &batch.failed {
            tracing::warn!(connection = %self.run.connection, %key, "could not be pulled: {error}");
        }
        let page = SyncPage {
            records: std::mem::take(&mut batch.records),
            failed: batch.failed.into_iter().map(|(key, _)| key).collect(),
            walk,
            evidence,
            latest: seen.latest(),
            total: batch.total,
            lane: self.lane,
            lease: LEASE,
        };
        let keys: Vec<SourceKey> = page.records.iter().map(|raw| raw.key.clone()).collect();
        let found = self.engine.store().put_page(&page, &self.run.fence, self.engine.now()).await?;
        self.add(found);
        self.tell(&keys, found);
        self.run.total = self.run.total.or(page.total);
        let more = !page.walk.is_done();
        (self.run.walk, self.run.evidence) = (Some(page.walk), Some(evidence));
        Ok(more)
    }

    /// Where the run stands; a new one is at its beginning.
    async fn place(&self) -> Result<(Walk, Evidence)> {
        if let (Some(walk), Some(evidence)) = (&self.run.walk, self.run.evidence) {
            return Ok((walk.clone(), evidence));
        }
        let plan = self.engine.store().sync_plan(self.run.connection).await?;
        let mut evidence = Evidence::of_clock(self.engine.now(), plan.seen_until);
        let parts = self.connector.parts(&self.context).await?;
        evidence.header = self.dates.first();
        let latest = Some(evidence.ours).max(evidence.header).max(evidence.seen_before);
        let ceiling = latest.unwrap_or(evidence.ours);
        let ceiling = ceiling.checked_add_signed(HEADROOM).unwrap_or(ceiling);
        let window = Window { since: self.run.since, until: self.run.until };
        Ok((Walk::new(window, parts, ceiling, &self.rules), evidence))
    }

    fn add(&mut self, found: SyncCounts) {
        let counts = &mut self.run.counts;
        counts.pages += found.pages;
        counts.seen += found.seen;
        counts.new += found.new;
        counts.changed += found.changed;
        counts.unchanged += found.unchanged;
        counts.failed += found.failed;
    }

    fn tell(&self, keys: &[SourceKey], found: SyncCounts) {
        let whose = self.engine.whose_connection(self.connection);
        let stored = [
            (Change::New, found.new),
            (Change::Changed, found.changed),
            (Change::Unchanged, found.unchanged),
        ];
        for (change, count) in stored {
            self.engine.inner.metrics.records_stored(whose, change, count);
        }
        for key in keys {
            spans::stored(Arrival::Pulled, self.connection, key, None);
        }
    }

    /// It as it stands.
    pub(super) fn run(&self) -> &SyncRun {
        &self.run
    }
}
