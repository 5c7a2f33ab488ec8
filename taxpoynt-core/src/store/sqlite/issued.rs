//! Which of many records have a document.

use super::{
    Sqlite,
    fault::Outcome,
    rows::{Columns, json},
};
use crate::{Result, store::IssuedStore};
use async_trait::async_trait;
use sqlx::SqliteConnection;
use std::collections::HashSet;
use uuid::Uuid;

#[async_trait]
impl IssuedStore for Sqlite {
    async fn with_documents(&self, records: &[Uuid]) -> Result<HashSet<Uuid>> {
        let records = records.to_vec();
        self.read("store.with_documents", move |c| Box::pin(with_documents(c, records))).await
    }
}

async fn with_documents(connection: &mut SqliteConnection, records: Vec<Uuid>) -> Outcome<HashSet<Uuid>> {
    let rows = sqlx::query(
        "SELECT DISTINCT record FROM documents
         WHERE record IN (SELECT value FROM json_each(?1)) AND state NOT IN ('rejected', 'dead')",
    )
    .bind(json(&records)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Columns(row).id("record")).collect()
}
