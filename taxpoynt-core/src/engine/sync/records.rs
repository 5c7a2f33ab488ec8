//! Single records in: handed in by the host, or asked for by id.

use crate::{
    Engine, Result,
    engine::spans::{self, Arrival},
    model::{RecordKind, SourceKey},
    store::{Connection, Lane, PutRecord, Record},
};
use tracing::Instrument;
use uuid::Uuid;

impl Engine {
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
        let (_, change) = self.store().put_record(&put, None, self.now()).await?;
        self.inner.metrics.record_stored(self.whose_connection(&connection), change);
        spans::stored(Arrival::HandedIn, &connection, &key, Some(change));
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
