//! Records in without a webhook: pulled from the platform, handed in by the host, or asked for by id.

use super::{
    Engine,
    spans::{self, Arrival},
};
use crate::{
    Error, ErrorKind, Result,
    connector::Pull,
    metrics::SyncResult,
    model::{RecordKind, SourceKey},
    store::{Change, Connection, Lane, PutRecord, Record, SyncEntry},
};
use chrono::{DateTime, TimeDelta, Utc};
use tracing::Instrument;
use uuid::Uuid;

/// Pulls start this much before the last one ended: platforms' searches lag, and tills come online late.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// What a pull found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct SyncReport {
    /// Records read.
    pub seen: u64,
    /// Not seen before.
    pub new: u64,
    /// Newer than the stored.
    pub changed: u64,
    /// As stored.
    pub unchanged: u64,
    /// Could not be read.
    pub failed: u64,
}

impl Engine {
    /// Pulls what changed since `since`, else since the last pull less an overlap, and queues it.
    ///
    /// # Errors
    /// `NotFound`; what the platform answers. What was stored before an error stays, and the next pull repeats the rest.
    pub async fn sync(
        &self,
        connection: Uuid,
        tenant: Option<Uuid>,
        since: Option<DateTime<Utc>>,
    ) -> Result<SyncReport> {
        let connection = self.store().connection(connection, tenant).await?;
        self.may_sync(&connection).await?;
        let started_at = self.now();
        let watermark = self.store().watermark(connection.id).await?;
        let since = since.or_else(|| watermark.map(|w| w - OVERLAP));
        let mut report = SyncReport::default();
        let span = spans::sync(&connection);
        let result = self.pull_pages(&connection, since, &mut report).instrument(span.clone()).await;
        span.record("seen", report.seen).record("new", report.new);
        span.record("changed", report.changed).record("failed", report.failed);
        let ended = if result.is_ok() { SyncResult::Completed } else { SyncResult::Failed };
        self.inner.metrics.synced(&connection.platform, ended);
        let entry = SyncEntry {
            connection: connection.id,
            started_at,
            finished_at: self.now(),
            seen: report.seen,
            new: report.new,
            changed: report.changed,
            unchanged: report.unchanged,
            failed: report.failed,
            error: result.as_ref().err().map(|e| e.message().to_owned()),
        };
        self.store().log_sync(&entry, result.is_ok().then_some(started_at)).await?;
        self.inner.bell.notify_waiters();
        result.map(|()| report)
    }

    async fn pull_pages(
        &self,
        connection: &Connection,
        since: Option<DateTime<Utc>>,
        report: &mut SyncReport,
    ) -> Result<()> {
        let connector = self.connector(&connection.platform)?;
        let context = self.context(connection)?;
        let lane = self.lane(&connection.platform)?;
        let mut pull = Pull { since, checkpoint: None };
        loop {
            let batch = connector.pull(&context, pull.clone()).await?;
            report.failed += batch.failed.len() as u64;
            report.seen += (batch.records.len() + batch.failed.len()) as u64;
            for (key, error) in &batch.failed {
                tracing::warn!(connection = %connection.id, %key, "could not be pulled: {error}");
            }
            for raw in batch.records {
                let put = PutRecord { connection: connection.id, raw, lane, queue: true };
                match self.put(Arrival::Pulled, connection, &put).await?.1 {
                    Change::New => report.new += 1,
                    Change::Changed => report.changed += 1,
                    Change::Unchanged => report.unchanged += 1,
                }
            }
            match batch.next {
                None => return Ok(()),
                // A platform that hands out the same cursor again would never end.
                Some(next) if pull.checkpoint.as_ref() == Some(&next) => {
                    let message = "the platform repeats the same page cursor";
                    return Err(Error::new(ErrorKind::Platform, "engine.sync", message));
                }
                Some(next) => pull.checkpoint = Some(next),
            }
        }
    }

    /// Stores a record that came without a webhook, and tells of it.
    async fn put(
        &self,
        arrival: Arrival,
        connection: &Connection,
        put: &PutRecord,
    ) -> Result<(Uuid, Change)> {
        let (record, change) = self.store().put_record(put, None, self.now()).await?;
        self.inner.metrics.record_stored(self.whose_connection(connection), change);
        spans::stored(arrival, connection, &put.raw.key, change);
        Ok((record, change))
    }

    /// Takes a record the host already has (offline till, file, migration) and queues it.
    ///
    /// # Errors
    /// `NotFound` for the connection; `Payload`, naming the field, where the record has no id; `Store`.
    pub async fn ingest(&self, connection: Uuid, tenant: Option<Uuid>, record: &[u8]) -> Result<SourceKey> {
        let connection = self.store().connection(connection, tenant).await?;
        let raw = self.connector(&connection.platform)?.identify(record)?;
        let key = raw.key.clone();
        let put =
            PutRecord { connection: connection.id, raw, lane: self.lane(&connection.platform)?, queue: true };
        self.put(Arrival::HandedIn, &connection, &put).await?;
        self.inner.bell.notify_waiters();
        Ok(key)
    }

    /// Fetches and prepares one record now and returns it; what became of it is in `held` and in its documents.
    ///
    /// # Errors
    /// `NotFound`; what the platform answers; `Payload`.
    pub async fn invoice(&self, connection: Uuid, tenant: Option<Uuid>, record_id: &str) -> Result<Record> {
        let connection = self.store().connection(connection, tenant).await?;
        let connector = self.connector(&connection.platform)?;
        let kind = if connector.crm().is_some() { RecordKind::Deal } else { RecordKind::Order };
        let key = SourceKey::new(kind, record_id);
        let span = spans::asked_for(&connection, &key);
        let record = self.invoice_now(&connection, &key).instrument(span).await?;
        self.inner.bell.notify_waiters();
        self.store().record(record, None).await
    }

    async fn invoice_now(&self, connection: &Connection, key: &SourceKey) -> Result<Uuid> {
        let began = self.now();
        let connector = self.connector(&connection.platform)?;
        let raw = connector.fetch(&self.context(connection)?, key).await?;
        let put = PutRecord { connection: connection.id, raw, lane: Lane::Normal, queue: true };
        let (record, change) = self.store().put_record(&put, None, self.now()).await?;
        self.inner.metrics.record_stored(self.whose_connection(connection), change);
        if !self.prepare(record, Lane::Normal, None).await?.is_empty() {
            let took = (self.now() - began).to_std().unwrap_or_default();
            self.inner.metrics.processed(self.whose_connection(connection), took);
        }
        Ok(record)
    }
}
