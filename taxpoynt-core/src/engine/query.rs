//! What a host asks the engine: listings, histories, and what to do with what was given up.

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    store::{
        AuditEntry, Connection, DeadLetter, Document, DocumentFilter, Lane, Page, Record, RecordFilter,
        SyncEntry,
    },
};
use uuid::Uuid;

impl Engine {
    /// Invoices and credit notes, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn invoices(&self, filter: &DocumentFilter) -> Result<Page<Document>> {
        self.store().documents(filter).await
    }

    /// One document; another tenant's is `NotFound`.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn document(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Document> {
        self.store().document(id, tenant).await
    }

    /// Records as platforms hold them (deals, sales), newest first, with why they wait.
    ///
    /// # Errors
    /// `Store`.
    pub async fn records(&self, filter: &RecordFilter) -> Result<Page<Record>> {
        self.store().records(filter).await
    }

    /// Connections, oldest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn connections(&self, tenant: Option<Uuid>) -> Result<Vec<Connection>> {
        self.store().connections(tenant).await
    }

    /// Jobs given up, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn dead_letters(&self, tenant: Option<Uuid>) -> Result<Vec<DeadLetter>> {
        self.store().dead_letters(tenant).await
    }

    /// Queues a dead letter again.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn replay(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        self.store().replay(id, tenant, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    /// Prepares a held record again, after its data, the tenant or a rule changed.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn replay_record(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        let record = self.store().record(id, tenant).await?;
        self.store().requeue_record(record.id, Lane::Normal, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    /// Ends a dead letter for a reason.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn discard(&self, id: Uuid, tenant: Option<Uuid>, reason: &str) -> Result<()> {
        self.store().discard(id, tenant, reason, self.now()).await
    }

    /// Sends a document on that stopped: refused, quarantined, given up, or signed and not transmitted. It goes on from
    /// its stage with the same bytes; where the authority may have it, it is asked first, and what is signed is never
    /// signed again.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where the authority has accepted it; `Store`.
    pub async fn resubmit(&self, document: Uuid, tenant: Option<Uuid>) -> Result<()> {
        self.store().resubmit(document, tenant, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    /// What happened to a document or record, oldest first; of a tenant's own id, what was foreseen about its deadlines.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn audit(&self, subject: Uuid, tenant: Option<Uuid>) -> Result<Vec<AuditEntry>> {
        let unknown = |error: &Error| error.kind() == ErrorKind::NotFound;
        match self.store().document(subject, tenant).await {
            Err(error) if unknown(&error) => match self.store().record(subject, tenant).await {
                Err(error) if unknown(&error) && tenant.is_none_or(|tenant| tenant == subject) => {
                    drop(self.store().tenant(subject).await?);
                }
                record => drop(record?),
            },
            document => drop(document?),
        }
        self.store().audit(subject).await
    }

    /// Pulls of a connection, newest first.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn sync_log(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<Vec<SyncEntry>> {
        let connection = self.store().connection(connection, tenant).await?;
        self.store().sync_log(connection.id).await
    }
}
