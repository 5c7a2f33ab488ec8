//! Single records in: handed in by the host, or asked for by id.

use crate::{
    Engine, Result,
    model::{RecordKind, SourceKey},
    store::{Lane, PutRecord, Record},
};
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
        self.store().put_record(&put, None, self.now()).await?;
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
        let raw = connector.fetch(&self.context(&connection)?, &SourceKey::new(kind, record_id)).await?;
        let put = PutRecord { connection: connection.id, raw, lane: Lane::Normal, queue: true };
        let (record, _) = self.store().put_record(&put, None, self.now()).await?;
        self.prepare(record, Lane::Normal, None).await?;
        self.inner.bell.notify_waiters();
        self.store().record(record, None).await
    }
}
