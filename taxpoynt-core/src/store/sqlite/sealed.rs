//! Sealed values in pages, replaced only where they are still what was read; and the keys they need.

use super::{
    Sqlite,
    fault::{Outcome, refusal},
    rows::{Columns, micros},
};
use crate::{
    ErrorKind, Result,
    store::{KeyProbe, SealedColumn, SealedStore, SealedSwap, SealedValue},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection};

/// All columns with sealed values. The probes are left out: rotation drops a key's probe with the key.
const COLUMNS: [SealedColumn; 4] = [
    SealedColumn { table: "tenants", key: "id", column: "sealed" },
    SealedColumn { table: "connections", key: "id", column: "sealed" },
    SealedColumn { table: "webhook_secrets", key: "id", column: "sealed" },
    SealedColumn { table: "authorizations", key: "state_hash", column: "sealed" },
];

#[async_trait]
impl SealedStore for Sqlite {
    fn sealed_columns(&self) -> &'static [SealedColumn] {
        &COLUMNS
    }

    async fn count_sealed(&self, column: SealedColumn) -> Result<u64> {
        self.read("store.count_sealed", move |c| Box::pin(count(c, column))).await
    }

    async fn sealed_values(
        &self,
        column: SealedColumn,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SealedValue>> {
        let after = after.unwrap_or_default().to_owned();
        self.read("store.sealed_values", move |c| Box::pin(values(c, column, after, limit))).await
    }

    async fn swap_sealed(&self, column: SealedColumn, swaps: &[SealedSwap]) -> Result<u64> {
        let swaps = swaps.to_vec();
        self.write("store.swap_sealed", move |c| Box::pin(swap(c, column, swaps))).await
    }

    async fn key_probes(&self) -> Result<Vec<KeyProbe>> {
        self.read("store.key_probes", |c| Box::pin(probes(c))).await
    }

    async fn add_key_probe(&self, sealed: &str, now: DateTime<Utc>) -> Result<()> {
        let sealed = sealed.to_owned();
        self.write("store.add_key_probe", move |c| Box::pin(add_probe(c, sealed, now))).await
    }

    async fn drop_key_probe(&self, id: i64) -> Result<()> {
        self.write("store.drop_key_probe", move |c| Box::pin(drop_probe(c, id))).await
    }
}

/// SQL is made of our own names only.
fn known(column: SealedColumn) -> Outcome<SealedColumn> {
    if COLUMNS.contains(&column) {
        return Ok(column);
    }
    Err(refusal(ErrorKind::Internal, "no such column holds sealed values").with("column", column))?
}

async fn count(connection: &mut SqliteConnection, column: SealedColumn) -> Outcome<u64> {
    let SealedColumn { table, column, .. } = known(column)?;
    let sql = format!("SELECT count(nullif({column}, '')) AS values_held FROM {table}");
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await?;
    Columns(&row).count("values_held")
}

async fn values(
    connection: &mut SqliteConnection,
    column: SealedColumn,
    after: String,
    limit: u32,
) -> Outcome<Vec<SealedValue>> {
    let SealedColumn { table, key, column } = known(column)?;
    let sql = format!(
        "SELECT {key} AS row_key, {column} AS sealed FROM {table}
         WHERE {key} > ?1 AND {column} <> '' ORDER BY {key} LIMIT ?2"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(limit).fetch_all(connection).await?;
    let read =
        |row| Ok(SealedValue { key: Columns(row).text("row_key")?, sealed: Columns(row).text("sealed")? });
    rows.iter().map(read).collect()
}

async fn swap(
    connection: &mut SqliteConnection,
    column: SealedColumn,
    swaps: Vec<SealedSwap>,
) -> Outcome<u64> {
    let SealedColumn { table, key, column } = known(column)?;
    let sql = format!("UPDATE {table} SET {column} = ?3 WHERE {key} = ?1 AND {column} = ?2");
    let mut replaced = 0;
    for SealedSwap { old, new } in swaps {
        let update = sqlx::query(AssertSqlSafe(sql.clone())).bind(old.key).bind(old.sealed).bind(new);
        replaced += update.execute(&mut *connection).await?.rows_affected();
    }
    Ok(replaced)
}

async fn probes(connection: &mut SqliteConnection) -> Outcome<Vec<KeyProbe>> {
    let rows = sqlx::query("SELECT id, sealed, first_used FROM vault_keys ORDER BY id")
        .fetch_all(connection)
        .await?;
    let read = |row| {
        let row = Columns(row);
        Ok(KeyProbe { id: row.int("id")?, sealed: row.text("sealed")?, first_used: row.time("first_used")? })
    };
    rows.iter().map(read).collect()
}

async fn add_probe(connection: &mut SqliteConnection, sealed: String, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query("INSERT INTO vault_keys (sealed, first_used) VALUES (?1, ?2)")
        .bind(sealed)
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(())
}

async fn drop_probe(connection: &mut SqliteConnection, id: i64) -> Outcome<()> {
    sqlx::query("DELETE FROM vault_keys WHERE id = ?1").bind(id).execute(connection).await?;
    Ok(())
}
