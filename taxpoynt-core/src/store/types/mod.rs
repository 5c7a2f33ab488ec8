//! What the store takes and gives.

mod catalogue;
mod connections;
mod documents;
mod jobs;
mod logs;
mod records;

pub use catalogue::{CatalogueChange, PutEntries, Revision, Unclassified};
pub use connections::{Connection, ConnectionState, NewConnection};
pub use documents::{
    Document, DocumentFilter, DocumentState, NewDocument, Prepared, PreparedDocument, Stage, Submission,
    Taken, Waiting,
};
pub use jobs::{Cost, DeadLetter, Fence, Job, JobKind, Lane, Pending, Postponed};
pub use logs::{AuditEntry, SyncEntry};
pub use records::{Change, Delivery, Held, Ingested, PutRecord, Record, RecordFilter};

/// A page of a listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where to go on; none on the last page.
    pub next: Option<String>,
}
