//! Which records have a document, asked for many at once.

use crate::Result;
use async_trait::async_trait;
use std::collections::HashSet;
use uuid::Uuid;

/// Records and whether they were invoiced.
#[async_trait]
pub trait IssuedStore: Send + Sync {
    /// Those of the records that have a document which no change of rules touches any more: it is numbered, and neither
    /// the authority has refused it nor were its attempts used up.
    async fn with_documents(&self, records: &[Uuid]) -> Result<HashSet<Uuid>>;
}
