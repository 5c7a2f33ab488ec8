//! Rule files under their hash, and which of them are in force.

use super::{
    Sqlite,
    fault::{Outcome, not_found},
    logs::{self, Note},
    rows::{Columns, hash, micros},
    tenants,
};
use crate::{
    Result,
    store::{RuleStore, RuleVersion, StoredRules, WantedRules},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl RuleStore for Sqlite {
    async fn set_rules(&self, wanted: &WantedRules, now: DateTime<Utc>) -> Result<bool> {
        let wanted = wanted.clone();
        self.write("store.set_rules", move |c| Box::pin(set(c, wanted, now))).await
    }

    async fn rules_in_force(&self, tenant: Uuid, connection: Option<Uuid>) -> Result<Vec<StoredRules>> {
        self.read("store.rules_in_force", move |c| Box::pin(in_force(c, tenant, connection))).await
    }

    async fn rule_history(&self, tenant: Uuid) -> Result<Vec<RuleVersion>> {
        self.read("store.rule_history", move |c| Box::pin(history(c, tenant))).await
    }

    async fn rule_text(&self, tenant: Uuid, hash: &str) -> Result<String> {
        let hash = hash.to_owned();
        self.read("store.rule_text", move |c| Box::pin(text(c, tenant, hash))).await
    }
}

async fn set(connection: &mut SqliteConnection, wanted: WantedRules, now: DateTime<Utc>) -> Outcome<bool> {
    let WantedRules { tenant, connection: layer, text, reason } = wanted;
    if let Some(layer) = layer {
        tenants::connection(connection, layer, Some(tenant)).await?;
    }
    let (key, layer) = (tenant.to_string(), layer.map(|id| id.to_string()));
    let before = newest(connection, &key, layer.as_deref()).await?;
    let text_hash = text.as_ref().map(|text| hash(text.as_bytes()));
    if before == text_hash {
        return Ok(false);
    }
    if let Some((text_hash, text)) = text_hash.as_ref().zip(text) {
        sqlx::query("INSERT INTO rule_texts (hash, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(text_hash)
            .bind(text)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO rule_versions (tenant, connection, text_hash, reason, set_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(&key)
    .bind(&layer)
    .bind(&text_hash)
    .bind(&reason)
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    let detail = text_hash.as_deref().unwrap_or("none");
    let note = Note { tenant, subject: tenant, record: None, event: "rules.set", detail };
    logs::note(connection, note, now).await?;
    Ok(true)
}

/// The hash of what is in force in one layer.
async fn newest(
    connection: &mut SqliteConnection,
    tenant: &str,
    layer: Option<&str>,
) -> Outcome<Option<String>> {
    let row = sqlx::query(
        "SELECT text_hash FROM rule_versions WHERE tenant = ?1 AND connection IS ?2 ORDER BY seq DESC LIMIT 1",
    )
    .bind(tenant)
    .bind(layer)
    .fetch_optional(connection)
    .await?;
    row.map_or(Ok(None), |row| Columns(&row).maybe_text("text_hash"))
}

async fn in_force(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    layer: Option<Uuid>,
) -> Outcome<Vec<StoredRules>> {
    let (tenant, layer) = (tenant.to_string(), layer.map(|id| id.to_string()));
    let rows = sqlx::query(
        "SELECT t.hash, t.text, v.connection IS NOT NULL AS of_connection FROM rule_texts t JOIN rule_versions v ON v.text_hash = t.hash
         WHERE v.seq IN (
             (SELECT max(seq) FROM rule_versions WHERE tenant = ?1 AND connection IS NULL),
             (SELECT max(seq) FROM rule_versions WHERE tenant = ?1 AND connection = ?2))
         ORDER BY v.connection IS NOT NULL",
    )
    .bind(tenant)
    .bind(layer)
    .fetch_all(connection)
    .await?;
    let rules = |row| {
        let row = Columns(row);
        let is_of_connection = row.int("of_connection")? == 1;
        Ok(StoredRules { hash: row.text("hash")?, text: row.text("text")?, is_of_connection })
    };
    rows.iter().map(rules).collect()
}

async fn history(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<Vec<RuleVersion>> {
    let rows = sqlx::query(
        "SELECT connection, text_hash, reason, set_at FROM rule_versions WHERE tenant = ?1 ORDER BY seq DESC LIMIT 1000",
    )
    .bind(tenant.to_string())
    .fetch_all(connection)
    .await?;
    let version = |row: &SqliteRow| {
        let row = Columns(row);
        let connection = match row.maybe_text("connection")? {
            Some(_) => Some(row.id("connection")?),
            None => None,
        };
        Ok(RuleVersion {
            connection,
            hash: row.maybe_text("text_hash")?,
            reason: row.maybe_text("reason")?,
            set_at: row.time("set_at")?,
        })
    };
    rows.iter().map(version).collect()
}

async fn text(connection: &mut SqliteConnection, tenant: Uuid, hash: String) -> Outcome<String> {
    let row = sqlx::query(
        "SELECT text FROM rule_texts WHERE hash = ?1
             AND EXISTS (SELECT 1 FROM rule_versions WHERE tenant = ?2 AND text_hash = ?1)",
    )
    .bind(&hash)
    .bind(tenant.to_string())
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| not_found("rule text", hash))?;
    Columns(&row).text("text")
}
