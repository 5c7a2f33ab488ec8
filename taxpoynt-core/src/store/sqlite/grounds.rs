//! What documents were drafted under, and what they were refused for.

use super::{
    Sqlite,
    fault::{Fault, Outcome, not_found},
    rows::{Columns, json, micros},
};
use crate::{
    Result,
    model::{RawRecord, RecordKind, SourceKey},
    store::{Complaint, DocumentGrounds, GroundStore, Grounds, KeptText, NewGrounds, StoredRules},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

#[async_trait]
impl GroundStore for Sqlite {
    async fn grounds(&self, document: Uuid) -> Result<DocumentGrounds> {
        self.read("store.grounds", move |c| Box::pin(grounds(c, document))).await
    }

    async fn note_refusal(&self, document: Uuid, complaints: &[Complaint], now: DateTime<Utc>) -> Result<()> {
        let complaints = complaints.to_vec();
        self.write("store.note_refusal", move |c| Box::pin(note(c, document, complaints, now))).await
    }

    async fn refusal(&self, document: Uuid) -> Result<Vec<Complaint>> {
        self.read("store.refusal", move |c| Box::pin(refusal(c, document))).await
    }
}

/// The row of what a document was drafted under: one that is there, or a new one. Most documents share it.
pub(super) async fn kept(connection: &mut SqliteConnection, grounds: &NewGrounds) -> Outcome<i64> {
    let tables = json(&grounds.tables)?;
    let row = bound(
        "SELECT seq FROM grounds WHERE settings = ?1 AND built_in_rules = ?2 AND platform_rules = ?3
             AND template IS ?4 AND tenant_rules IS ?5 AND connection_rules IS ?6 AND lookup_tables = ?7 AND engine IS ?8",
        grounds,
        &tables,
    )
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => Columns(&row).int("seq"),
        None => add(connection, grounds, &tables).await,
    }
}

async fn add(connection: &mut SqliteConnection, grounds: &NewGrounds, tables: &str) -> Outcome<i64> {
    let texts = [&grounds.settings, &grounds.built_in, &grounds.platform];
    for kept in texts.into_iter().chain(&grounds.template) {
        sqlx::query("INSERT INTO ground_texts (hash, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(&kept.hash)
            .bind(kept.text.as_ref())
            .execute(&mut *connection)
            .await?;
    }
    let row = bound(
        "INSERT INTO grounds (settings, built_in_rules, platform_rules, template, tenant_rules, connection_rules,
             lookup_tables, engine)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING seq",
        grounds,
        tables,
    )
    .fetch_one(connection)
    .await?;
    Columns(&row).int("seq")
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// What tells one row from another, as `?1` to `?8`.
fn bound<'q>(sql: &'static str, grounds: &'q NewGrounds, tables: &'q str) -> Statement<'q> {
    sqlx::query(sql)
        .bind(&grounds.settings.hash)
        .bind(&grounds.built_in.hash)
        .bind(&grounds.platform.hash)
        .bind(grounds.template.as_ref().map(|template| &template.hash))
        .bind(&grounds.tenant_rules)
        .bind(&grounds.connection_rules)
        .bind(tables)
        .bind(grounds.engine)
}

async fn grounds(connection: &mut SqliteConnection, document: Uuid) -> Outcome<DocumentGrounds> {
    let row = sqlx::query("SELECT series, series_number FROM documents WHERE id = ?1")
        .bind(document.to_string())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| not_found("document", document))?;
    let row = Columns(&row);
    let (series, series_number) = (row.text("series")?, row.count("series_number")?);
    Ok(DocumentGrounds { series, series_number, grounds: found(connection, document).await? })
}

async fn found(connection: &mut SqliteConnection, document: Uuid) -> Outcome<Option<Grounds>> {
    let row = sqlx::query(
        "SELECT g.*, r.kind, r.external_id, v.body, v.modified_at, s.text AS settings_text, b.text AS built_in_text,
             p.text AS platform_text, l.text AS template_text, t.text AS tenant_text, c.text AS connection_text
         FROM documents d JOIN grounds g ON g.seq = d.grounds JOIN records r ON r.id = d.record
         JOIN record_versions v ON v.record = r.id AND v.body_hash = d.drafted_from
         JOIN ground_texts s ON s.hash = g.settings JOIN ground_texts b ON b.hash = g.built_in_rules
         JOIN ground_texts p ON p.hash = g.platform_rules LEFT JOIN ground_texts l ON l.hash = g.template
         LEFT JOIN rule_texts t ON t.hash = g.tenant_rules LEFT JOIN rule_texts c ON c.hash = g.connection_rules
         WHERE d.id = ?1",
    )
    .bind(document.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let tables = tables(connection, Columns(&row).json("lookup_tables")?).await?;
    let row = Columns(&row);
    let kind = RecordKind::from_name(&row.text("kind")?).ok_or(Fault::Damaged("kind"))?;
    let kept = |hash: &'static str, text: &'static str| -> Outcome<KeptText> {
        Ok(KeptText { hash: row.text(hash)?, text: row.text(text)?.into() })
    };
    let template = row.maybe_text("template")?.zip(row.maybe_text("template_text")?);
    let rules = |hash: &'static str, text: &'static str, is_of_connection: bool| -> Outcome<_> {
        let found = row.maybe_text(hash)?.zip(row.maybe_text(text)?);
        Ok(found.map(|(hash, text)| StoredRules { hash, text, is_of_connection }))
    };
    let layers =
        [rules("tenant_rules", "tenant_text", false)?, rules("connection_rules", "connection_text", true)?];
    Ok(Some(Grounds {
        raw: RawRecord {
            key: SourceKey::new(kind, row.text("external_id")?),
            modified_at: row.maybe_time("modified_at")?,
            body: row.bytes("body")?,
        },
        settings: kept("settings", "settings_text")?,
        built_in: kept("built_in_rules", "built_in_text")?,
        platform: kept("platform_rules", "platform_text")?,
        template: template.map(|(hash, text)| KeptText { hash, text: text.into() }),
        engine: row.maybe_text("engine")?,
        rules: layers.into_iter().flatten().collect(),
        tables,
    }))
}

/// The files of these tables.
async fn tables(
    connection: &mut SqliteConnection,
    hashes: BTreeMap<String, String>,
) -> Outcome<BTreeMap<String, KeptText>> {
    let mut found = BTreeMap::new();
    for (name, hash) in hashes {
        let row = sqlx::query("SELECT csv FROM lookup_texts WHERE hash = ?1")
            .bind(&hash)
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(Fault::Damaged("lookup_tables"))?;
        let text = Columns(&row).text("csv")?.into();
        found.insert(name, KeptText { hash, text });
    }
    Ok(found)
}

async fn note(
    connection: &mut SqliteConnection,
    document: Uuid,
    complaints: Vec<Complaint>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let done = sqlx::query(
        "INSERT INTO document_refusals (document, faults, at) SELECT id, ?2, ?3 FROM documents WHERE id = ?1",
    )
    .bind(document.to_string())
    .bind(json(&complaints)?)
    .bind(micros(now))
    .execute(connection)
    .await?;
    if done.rows_affected() == 0 { Err(not_found("document", document))? } else { Ok(()) }
}

async fn refusal(connection: &mut SqliteConnection, document: Uuid) -> Outcome<Vec<Complaint>> {
    let row =
        sqlx::query("SELECT faults FROM document_refusals WHERE document = ?1 ORDER BY seq DESC LIMIT 1")
            .bind(document.to_string())
            .fetch_optional(connection)
            .await?;
    row.map_or_else(|| Ok(Vec::new()), |row| Columns(&row).json("faults"))
}
