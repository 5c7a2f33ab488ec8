//! Lookup tables of tenants: every version is kept, none is edited.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `set_table` | the file is stored under its hash, and from now on it is in force under its name |
//! | `tables_in_force` | the newest version of each of a tenant's tables |

use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// A table to be put in force.
#[derive(Debug, Clone)]
pub struct WantedTable {
    /// Whose.
    pub tenant: Uuid,
    /// What rules call it.
    pub name: String,
    /// The file; none: from now on there is no such table.
    pub csv: Option<String>,
    /// Why, in the words of whoever sets it.
    pub reason: Option<String>,
}

/// One row of the history of a tenant's tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableVersion {
    /// What rules call it.
    pub name: String,
    /// Which file, by its SHA-256 in hexadecimal; none: it was taken away.
    pub hash: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// From when on.
    pub set_at: DateTime<Utc>,
}

/// Lookup tables.
#[async_trait]
pub trait TableStore: Send + Sync {
    /// Puts a table in force. False where the same file is in force already: nothing is stored then. `NotFound` for an
    /// unknown tenant.
    async fn set_table(&self, wanted: &WantedTable, now: DateTime<Utc>) -> Result<bool>;

    /// The version in force of each table, by name; those that were taken away are not among them.
    async fn tables_in_force(&self, tenant: Uuid) -> Result<Vec<TableVersion>>;

    /// What a tenant's tables were, newest first; at most 1,000.
    async fn table_history(&self, tenant: Uuid) -> Result<Vec<TableVersion>>;

    /// A file by its hash, where the tenant has used it; `NotFound` otherwise.
    async fn table_text(&self, tenant: Uuid, hash: &str) -> Result<String>;
}
