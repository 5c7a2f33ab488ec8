//! Catalogues and code lists.

use super::{
    Sqlite,
    fault::{Fault, Outcome, not_found, refusal},
    logs::{self, Note},
    rows::{Columns, json, micros},
    waiting,
};
use crate::{
    ErrorKind, Result,
    catalogue::Entry,
    firs::{Code, CodeList, ListName, Origin},
    store::{CatalogueChange, CatalogueStore, PutEntries, Revision, Unclassified},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// Entries in one statement: their text stays well below SQLite's longest.
const BATCH: usize = 5_000;

#[async_trait]
impl CatalogueStore for Sqlite {
    async fn code_lists(&self, deployment: &str) -> Result<Vec<CodeList>> {
        let deployment = deployment.to_owned();
        self.read("store.code_lists", move |c| Box::pin(code_lists(c, deployment))).await
    }

    async fn put_code_list(&self, deployment: &str, list: &CodeList) -> Result<()> {
        let (deployment, list) = (deployment.to_owned(), list.clone());
        self.write("store.put_code_list", move |c| Box::pin(put_code_list(c, deployment, list))).await
    }

    async fn catalogue_revision(&self, tenant: Uuid) -> Result<Revision> {
        self.read("store.catalogue_revision", move |c| Box::pin(revision(c, tenant))).await
    }

    async fn catalogue(&self, tenant: Uuid) -> Result<(Revision, Vec<Entry>)> {
        self.read("store.catalogue", move |c| Box::pin(catalogue(c, tenant))).await
    }

    async fn put_entries(
        &self,
        tenant: Uuid,
        entries: &[Entry],
        put: PutEntries,
        now: DateTime<Utc>,
    ) -> Result<CatalogueChange> {
        let entries = entries.to_vec();
        self.write("store.put_entries", move |c| Box::pin(put_entries(c, tenant, entries, put, now))).await
    }

    async fn unclassified(&self, tenant: Uuid) -> Result<Vec<Unclassified>> {
        self.read("store.unclassified", move |c| Box::pin(waiting::list(c, tenant))).await
    }

    async fn release(&self, tenant: Uuid, items: &[i64], revision: u64, now: DateTime<Utc>) -> Result<u64> {
        let items = items.to_vec();
        self.write("store.release", move |c| Box::pin(waiting::release(c, tenant, items, revision, now)))
            .await
    }
}

async fn code_lists(connection: &mut SqliteConnection, deployment: String) -> Outcome<Vec<CodeList>> {
    let rows = sqlx::query("SELECT list, codes, refreshed_at FROM code_lists WHERE deployment = ?1")
        .bind(deployment)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            let name = ListName::from_name(&row.text("list")?).ok_or(Fault::Damaged("list"))?;
            let codes: Vec<Code> = row.json("codes")?;
            Ok(CodeList::new(name, Origin::Refreshed(row.time("refreshed_at")?), codes))
        })
        .collect()
}

async fn put_code_list(connection: &mut SqliteConnection, deployment: String, list: CodeList) -> Outcome<()> {
    let Origin::Refreshed(at) = list.origin() else {
        return Err(
            refusal(ErrorKind::Config, "only a list that was read from the authority is stored").into()
        );
    };
    sqlx::query(
        "INSERT INTO code_lists (deployment, list, codes, refreshed_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (deployment, list) DO UPDATE SET codes = excluded.codes, refreshed_at = excluded.refreshed_at",
    )
    .bind(deployment)
    .bind(list.name().name())
    .bind(json(&list.codes())?)
    .bind(micros(at))
    .execute(connection)
    .await?;
    Ok(())
}

/// The state of a tenant's catalogue.
pub(super) async fn revision(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<Revision> {
    let row = sqlx::query("SELECT revision, released FROM catalogues WHERE tenant = ?1")
        .bind(tenant.to_string())
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(Revision::default()), |row| {
        let row = Columns(&row);
        Ok(Revision { revision: row.count("revision")?, released: row.count("released")? })
    })
}

/// One statement, so that revision and entries are of one moment.
async fn catalogue(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<(Revision, Vec<Entry>)> {
    let rows = sqlx::query(
        "SELECT c.revision, c.released, e.entry FROM catalogues c
         LEFT JOIN catalogue_entries e ON e.tenant = c.tenant WHERE c.tenant = ?1 ORDER BY e.key",
    )
    .bind(tenant.to_string())
    .fetch_all(connection)
    .await?;
    let Some(first) = rows.first().map(Columns) else { return Ok((Revision::default(), Vec::new())) };
    let revision = Revision { revision: first.count("revision")?, released: first.count("released")? };
    let entry = |row: &SqliteRow| {
        let text = Columns(row).maybe_text("entry")?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| Fault::Damaged("entry"))).transpose()
    };
    let entries = rows.iter().filter_map(|row| entry(row).transpose()).collect::<Outcome<_>>()?;
    Ok((revision, entries))
}

/// An entry as it is stored.
#[derive(Serialize)]
struct Row {
    key: String,
    entry: String,
}

async fn put_entries(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    entries: Vec<Entry>,
    put: PutEntries,
    now: DateTime<Utc>,
) -> Outcome<CatalogueChange> {
    exists(connection, tenant).await?;
    let rows: Vec<Row> = entries
        .iter()
        .map(|entry| Ok(Row { key: entry.key(), entry: json(entry)? }))
        .collect::<Outcome<_>>()?;
    let mut change = CatalogueChange::default();
    if put == PutEntries::Replace {
        change.removed = remove_others(connection, tenant, &rows).await?;
    }
    let before = count(connection, tenant).await?;
    let mut written = 0;
    for batch in rows.chunks(BATCH) {
        written += write(connection, tenant, batch, now).await?;
    }
    change.added = count(connection, tenant).await?.saturating_sub(before);
    change.changed = written.saturating_sub(change.added);
    change.unchanged = (rows.len() as u64).saturating_sub(written);
    if written + change.removed > 0 {
        raise(connection, tenant, now).await?;
        let detail =
            format!("{} added, {} changed, {} removed", change.added, change.changed, change.removed);
        let note =
            Note { tenant, subject: tenant, record: None, event: "catalogue.changed", detail: &detail };
        logs::note(connection, note, now).await?;
    }
    change.revision = revision(connection, tenant).await?.revision;
    Ok(change)
}

async fn exists(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<()> {
    let found = sqlx::query("SELECT 1 FROM tenants WHERE id = ?1")
        .bind(tenant.to_string())
        .fetch_optional(connection)
        .await?;
    found.map(drop).ok_or_else(|| not_found("tenant", tenant).into())
}

async fn remove_others(connection: &mut SqliteConnection, tenant: Uuid, rows: &[Row]) -> Outcome<u64> {
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let removed = sqlx::query(
        "DELETE FROM catalogue_entries WHERE tenant = ?1 AND key NOT IN (SELECT value FROM json_each(?2))",
    )
    .bind(tenant.to_string())
    .bind(json(&keys)?)
    .execute(connection)
    .await?;
    Ok(removed.rows_affected())
}

async fn count(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<u64> {
    let row = sqlx::query("SELECT count(*) AS entries FROM catalogue_entries WHERE tenant = ?1")
        .bind(tenant.to_string())
        .fetch_one(connection)
        .await?;
    Columns(&row).count("entries")
}

/// Writes what is new or says something else, and says how many.
async fn write(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    rows: &[Row],
    now: DateTime<Utc>,
) -> Outcome<u64> {
    let written = sqlx::query(
        "INSERT INTO catalogue_entries (tenant, key, entry, updated_at)
         SELECT ?1, value ->> 'key', value ->> 'entry', ?3 FROM json_each(?2) WHERE true
         ON CONFLICT (tenant, key) DO UPDATE SET entry = excluded.entry, updated_at = excluded.updated_at
             WHERE entry <> excluded.entry",
    )
    .bind(tenant.to_string())
    .bind(json(&rows)?)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(written.rows_affected())
}

async fn raise(connection: &mut SqliteConnection, tenant: Uuid, now: DateTime<Utc>) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO catalogues (tenant, revision, released, updated_at) VALUES (?1, 1, 0, ?2)
         ON CONFLICT (tenant) DO UPDATE SET revision = revision + 1, updated_at = excluded.updated_at",
    )
    .bind(tenant.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}
