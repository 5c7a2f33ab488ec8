//! Pulls: runs with their leases, pages stored together with the place after them, and when a connection is due.

mod pages;
mod plans;
mod runs;

pub(super) use pages::fetch_anew;

use super::{Sqlite, sync_counts, sync_deleted};
use crate::{
    Result,
    connector::TallyEntry,
    model::SourceKey,
    store::{
        Deletion, DueSync, Fence, Lane, Record, RecordCount, RunEnd, RunKind, RunState, SyncCounts, SyncPage,
        SyncPlan, SyncRun, SyncStore, WantedRun,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use std::time::Duration;
use uuid::Uuid;

#[async_trait]
impl SyncStore for Sqlite {
    async fn open_run(&self, wanted: &WantedRun, lease: Duration, now: DateTime<Utc>) -> Result<SyncRun> {
        let wanted = wanted.clone();
        self.write("store.open_run", move |c| Box::pin(runs::open_run(c, wanted, lease, now))).await
    }

    async fn put_page(&self, page: &SyncPage, fence: &Fence, now: DateTime<Utc>) -> Result<SyncCounts> {
        let (page, fence) = (page.clone(), fence.clone());
        self.write("store.put_page", move |c| Box::pin(pages::put_page(c, page, fence, now))).await
    }

    async fn settle_run(&self, end: &RunEnd, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let (end, fence) = (end.clone(), fence.clone());
        self.write("store.settle_run", move |c| Box::pin(runs::settle_run(c, end, fence, now))).await
    }

    async fn due_syncs(&self, every: Option<Duration>, now: DateTime<Utc>) -> Result<Vec<DueSync>> {
        self.read("store.due_syncs", move |c| Box::pin(plans::due_syncs(c, every, now))).await
    }

    async fn runs(&self, connection: Uuid, kind: RunKind) -> Result<Vec<SyncRun>> {
        self.read("store.runs", move |c| Box::pin(runs::runs(c, connection, kind))).await
    }

    async fn run(&self, id: Uuid, tenant: Option<Uuid>) -> Result<SyncRun> {
        self.read("store.run", move |c| Box::pin(runs::run(c, id, tenant))).await
    }

    async fn set_run_state(&self, id: Uuid, state: RunState, now: DateTime<Utc>) -> Result<()> {
        self.write("store.set_run_state", move |c| Box::pin(runs::set_run_state(c, id, state, now))).await
    }

    async fn sync_plan(&self, connection: Uuid) -> Result<SyncPlan> {
        self.read("store.sync_plan", move |c| Box::pin(plans::plan(c, connection))).await
    }

    async fn set_sync_schedule(&self, connection: Uuid, every: Option<Duration>) -> Result<()> {
        self.write("store.set_sync_schedule", move |c| Box::pin(plans::set_schedule(c, connection, every)))
            .await
    }

    async fn check_deleted(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
        lane: Lane,
        swept: bool,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        let keys = keys.to_vec();
        self.write("store.check_deleted", move |c| {
            Box::pin(sync_deleted::check(c, connection, keys, lane, swept, now))
        })
        .await
    }

    async fn mark_deleted(
        &self,
        key: &SourceKey,
        why: &str,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let (key, why, fence) = (key.clone(), why.to_owned(), fence.clone());
        self.write("store.mark_deleted", move |c| Box::pin(sync_deleted::mark(c, key, why, fence, now))).await
    }

    async fn deletion(&self, record: Uuid) -> Result<Option<Deletion>> {
        self.read("store.deletion", move |c| Box::pin(sync_deleted::deletion(c, record))).await
    }

    async fn uncounted(&self, connection: Uuid, limit: u32) -> Result<Vec<(Record, String)>> {
        self.read("store.uncounted", move |c| Box::pin(sync_counts::uncounted(c, connection, limit))).await
    }

    async fn put_counts(&self, counts: &[RecordCount]) -> Result<()> {
        let counts = counts.to_vec();
        self.write("store.put_counts", move |c| Box::pin(sync_counts::put(c, counts))).await
    }

    async fn counts(
        &self,
        connection: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<TallyEntry>> {
        self.read("store.counts", move |c| Box::pin(sync_counts::within(c, connection, from, until))).await
    }

    async fn counts_of(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
    ) -> Result<Vec<(SourceKey, Option<TallyEntry>)>> {
        let keys = keys.to_vec();
        self.read("store.counts_of", move |c| Box::pin(sync_counts::of(c, connection, keys))).await
    }

    async fn fetch_all(
        &self,
        connection: Uuid,
        keys: &[SourceKey],
        lane: Lane,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let keys = keys.to_vec();
        self.write("store.fetch_all", move |c| Box::pin(pages::fetch_all(c, connection, keys, lane, now)))
            .await
    }

    async fn put_reconciliation(
        &self,
        connection: Uuid,
        day: NaiveDate,
        equal: bool,
        report: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let report = report.to_owned();
        self.write("store.put_reconciliation", move |c| {
            Box::pin(sync_counts::put_report(c, (connection, day), equal, report, now))
        })
        .await
    }

    async fn reconciliations(&self, connection: Uuid, unequal: bool, limit: u32) -> Result<Vec<String>> {
        self.read("store.reconciliations", move |c| {
            Box::pin(sync_counts::reports(c, connection, unequal, limit))
        })
        .await
    }

    async fn due_counts(&self, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
        self.read("store.due_counts", move |c| Box::pin(sync_counts::due(c, now))).await
    }

    async fn note_counted(&self, connection: Uuid, next: DateTime<Utc>) -> Result<()> {
        self.write("store.note_counted", move |c| Box::pin(sync_counts::note(c, connection, next))).await
    }
}
