//! Lookup tables under their hash, and which of them are in force.

use super::{
    Sqlite,
    fault::{Outcome, not_found},
    logs::{self, Note},
    rows::{Columns, hash, micros},
};
use crate::{
    Result,
    store::{TableStore, TableVersion, WantedTable},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl TableStore for Sqlite {
    async fn set_table(&self, wanted: &WantedTable, now: DateTime<Utc>) -> Result<bool> {
        let wanted = wanted.clone();
        self.write("store.set_table", move |c| Box::pin(set(c, wanted, now))).await
    }

    async fn tables_in_force(&self, tenant: Uuid) -> Result<Vec<TableVersion>> {
        self.read("store.tables_in_force", move |c| Box::pin(in_force(c, tenant))).await
    }

    async fn table_history(&self, tenant: Uuid) -> Result<Vec<TableVersion>> {
        self.read("store.table_history", move |c| Box::pin(history(c, tenant))).await
    }

    async fn table_text(&self, tenant: Uuid, hash: &str) -> Result<String> {
        let hash = hash.to_owned();
        self.read("store.table_text", move |c| Box::pin(text(c, tenant, hash))).await
    }
}

async fn set(connection: &mut SqliteConnection, wanted: WantedTable, now: DateTime<Utc>) -> Outcome<bool> {
    let WantedTable { tenant, name, csv, reason } = wanted;
    let known = sqlx::query("SELECT 1 FROM tenants WHERE id = ?1")
        .bind(tenant.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_none() {
        Err(not_found("tenant", tenant))?;
    }
    let text_hash = csv.as_ref().map(|csv| hash(csv.as_bytes()));
    if newest(connection, tenant, &name).await? == text_hash {
        return Ok(false);
    }
    if let Some((text_hash, csv)) = text_hash.as_ref().zip(csv) {
        sqlx::query("INSERT INTO lookup_texts (hash, csv) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(text_hash)
            .bind(csv)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO lookup_versions (tenant, name, text_hash, reason, set_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(tenant.to_string())
    .bind(&name)
    .bind(&text_hash)
    .bind(&reason)
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    let detail = format!("{name} {}", text_hash.as_deref().unwrap_or("none"));
    let note = Note { tenant, subject: tenant, record: None, event: "table.set", detail: &detail };
    logs::note(connection, note, now).await?;
    Ok(true)
}

/// The hash of what is in force under a name.
async fn newest(connection: &mut SqliteConnection, tenant: Uuid, name: &str) -> Outcome<Option<String>> {
    let row = sqlx::query(
        "SELECT text_hash FROM lookup_versions WHERE tenant = ?1 AND name = ?2 ORDER BY seq DESC LIMIT 1",
    )
    .bind(tenant.to_string())
    .bind(name)
    .fetch_optional(connection)
    .await?;
    row.map_or(Ok(None), |row| Columns(&row).maybe_text("text_hash"))
}

async fn in_force(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<Vec<TableVersion>> {
    let rows = sqlx::query(
        "SELECT name, text_hash, reason, set_at FROM lookup_versions v
         WHERE tenant = ?1 AND text_hash IS NOT NULL
             AND seq = (SELECT max(seq) FROM lookup_versions WHERE tenant = v.tenant AND name = v.name)
         ORDER BY name",
    )
    .bind(tenant.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(version).collect()
}

async fn history(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<Vec<TableVersion>> {
    let rows = sqlx::query(
        "SELECT name, text_hash, reason, set_at FROM lookup_versions WHERE tenant = ?1 ORDER BY seq DESC LIMIT 1000",
    )
    .bind(tenant.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(version).collect()
}

fn version(row: &SqliteRow) -> Outcome<TableVersion> {
    let row = Columns(row);
    Ok(TableVersion {
        name: row.text("name")?,
        hash: row.maybe_text("text_hash")?,
        reason: row.maybe_text("reason")?,
        set_at: row.time("set_at")?,
    })
}

async fn text(connection: &mut SqliteConnection, tenant: Uuid, hash: String) -> Outcome<String> {
    let row = sqlx::query(
        "SELECT csv FROM lookup_texts WHERE hash = ?1
             AND EXISTS (SELECT 1 FROM lookup_versions WHERE tenant = ?2 AND text_hash = ?1)",
    )
    .bind(&hash)
    .bind(tenant.to_string())
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| not_found("table", hash))?;
    Columns(&row).text("csv")
}
