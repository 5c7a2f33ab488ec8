//! Lookup tables in force: imported as CSV, kept by their hash, and read by rules.

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    catalogue::Problem,
    mapping::{Table, Tables, check_name, version},
    store::{TableVersion, WantedTable},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// Tables kept at hand; beyond that they are read anew.
const KEPT: usize = 64;

/// How much of a hash names a table in what set a field.
const SHORT: usize = 12;

/// Tables read by this process, by their hash.
#[derive(Debug, Default)]
pub(in crate::engine) struct Imported(Mutex<HashMap<String, Arc<Table>>>);

impl Imported {
    fn get(&self, hash: &str) -> Option<Arc<Table>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// The table of a stored file.
    pub(super) fn read(&self, name: &str, hash: &str, csv: &str) -> Result<Arc<Table>> {
        if let Some(table) = self.get(hash) {
            return Ok(table);
        }
        let table = Arc::new(Table::read(csv.as_bytes()).map_err(|_| damaged(name, hash))?);
        self.put(table.clone());
        Ok(table)
    }

    fn put(&self, table: Arc<Table>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(table.hash().to_owned(), table);
    }
}

/// What setting a table came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TableReport {
    /// Whether it is in force now and was not before.
    pub changed: bool,
    /// SHA-256 of the file; none where there is no such table now, or the file was refused.
    pub hash: Option<String>,
    /// Rows, header and empty ones apart.
    pub rows: u64,
    /// The columns; the first is the key.
    pub columns: Vec<String>,
    /// Everything that is wrong with the file, in the order of lines. Any, and nothing has changed.
    pub problems: Vec<Problem>,
}

impl TableReport {
    fn of(table: &Table) -> Self {
        Self {
            hash: Some(table.hash().to_owned()),
            rows: table.len() as u64,
            columns: table.columns().to_vec(),
            ..Self::default()
        }
    }
}

/// A table in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableInForce {
    /// What rules call it.
    pub name: String,
    /// SHA-256 of the file.
    pub hash: String,
    /// Its rows.
    pub rows: u64,
    /// Its columns; the first is the key.
    pub columns: Vec<String>,
}

impl Engine {
    /// Puts a lookup table in force for a tenant, from CSV (`docs/mapping.md`, Tables); `None` takes it away. Everything
    /// wrong with the file is listed at once, and then nothing changes. Every version is kept. Sales that are held or
    /// were refused are looked at again; what was sent stays as it is. [`Engine::dry_run`] shows beforehand what changes.
    ///
    /// # Errors
    /// `Config` for a name that is none; `Mapping` where rules in force look up what the table would no longer have,
    /// with their line and column; `NotFound`; `Store`. What is wrong with the file is no error but in the report.
    pub async fn set_table(
        &self,
        tenant: Uuid,
        name: &str,
        csv: Option<&str>,
        reason: Option<&str>,
    ) -> Result<TableReport> {
        check_name(name)?;
        drop(self.store().tenant(tenant).await?);
        let mut tables = Tables::clone(&*self.tables(tenant).await?);
        let mut report = TableReport::default();
        match csv {
            None => drop(tables.remove(name)),
            Some(csv) => match Table::read(csv.as_bytes()) {
                Err(problems) => return Ok(TableReport { problems, ..report }),
                Ok(table) => {
                    report = TableReport::of(&table);
                    tables.insert(name, Arc::new(table));
                }
            },
        }
        self.serve_all_rules(tenant, &tables).await?;
        let (name, csv, reason) = (name.to_owned(), csv.map(str::to_owned), reason.map(str::to_owned));
        report.changed =
            self.store().set_table(&WantedTable { tenant, name, csv, reason }, self.now()).await?;
        if report.changed {
            self.look_at_waiting(tenant).await?;
        }
        Ok(report)
    }

    /// The tables in force, by name.
    ///
    /// # Errors
    /// `NotFound`; `Store`.
    pub async fn tables_in_force(&self, tenant: Uuid) -> Result<Vec<TableInForce>> {
        drop(self.store().tenant(tenant).await?);
        let tables = self.tables(tenant).await?;
        let of = |name: &str| {
            let table = tables.get(name)?;
            let (rows, columns) = (table.len() as u64, table.columns().to_vec());
            Some(TableInForce { name: name.to_owned(), hash: table.hash().to_owned(), rows, columns })
        };
        Ok(tables.names().filter_map(of).collect())
    }

    /// What a tenant's tables were, newest first.
    ///
    /// # Errors
    /// `NotFound`; `Store`.
    pub async fn table_history(&self, tenant: Uuid) -> Result<Vec<TableVersion>> {
        drop(self.store().tenant(tenant).await?);
        self.store().table_history(tenant).await
    }

    /// A table's file that is or was in force, by its hash or by what set a field, `customer_tins@1f3a…`.
    ///
    /// # Errors
    /// `NotFound`; `Store`.
    pub async fn table_text(&self, tenant: Uuid, hash: &str) -> Result<String> {
        let hash = hash.split_once('@').map_or(hash, |(_, hash)| hash);
        let hash = hash.split(':').next().unwrap_or(hash);
        let known = self.table_history(tenant).await?.into_iter().filter_map(|version| version.hash);
        let found = known.into_iter().find(|known| hash.len() >= SHORT && known.starts_with(hash));
        let unknown =
            || Error::new(ErrorKind::NotFound, "engine.table_text", "there is no table with this hash");
        let hash = found.ok_or_else(unknown)?;
        self.store().table_text(tenant, &hash).await
    }

    /// The tables in force, read.
    pub(in crate::engine) async fn tables(&self, tenant: Uuid) -> Result<Arc<Tables>> {
        let mut tables = Tables::default();
        for TableVersion { name, hash, .. } in self.store().tables_in_force(tenant).await? {
            let Some(hash) = hash else { continue };
            let table = match self.inner.imported.get(&hash) {
                Some(table) => table,
                None => {
                    let csv = self.store().table_text(tenant, &hash).await?;
                    self.inner.imported.read(&name, &hash, &csv)?
                }
            };
            tables.insert(&name, table);
        }
        Ok(Arc::new(tables))
    }

    /// Refuses tables that lack what a rule file in force looks up.
    async fn serve_all_rules(&self, tenant: Uuid, tables: &Tables) -> Result<()> {
        let mut layers = self.store().rules_in_force(tenant, None).await?;
        for connection in self.store().connections(Some(tenant)).await? {
            let of_connection = self.store().rules_in_force(tenant, Some(connection.id)).await?;
            layers.extend(of_connection.into_iter().filter(|layer| layer.is_of_connection));
        }
        layers.iter().try_for_each(|layer| self.inner.compiled.get(layer)?.check_tables(tables))
    }

    /// The tables in force with those that are tried out in their place; `None` takes one away.
    pub(super) async fn tables_with(
        &self,
        tenant: Uuid,
        others: &std::collections::BTreeMap<String, Option<String>>,
    ) -> Result<Arc<Tables>> {
        let in_force = self.tables(tenant).await?;
        if others.is_empty() {
            return Ok(in_force);
        }
        let mut tables = Tables::clone(&*in_force);
        let given = others.iter().filter_map(|(name, csv)| Some((name.as_str(), csv.as_ref()?.as_bytes())));
        let read = Tables::parse(given)?;
        for name in others.keys() {
            tables.remove(name);
        }
        tables.extend(&read);
        Ok(Arc::new(tables))
    }

    /// Sales that are held or were refused, after what decides about them changed.
    pub(super) async fn look_at_waiting(&self, tenant: Uuid) -> Result<()> {
        self.requeue_held(tenant, None).await?;
        self.requeue_rejected(tenant).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }
}

/// It was read before it was stored.
fn damaged(name: &str, hash: &str) -> Error {
    let message = format!("the stored table {} cannot be read", version(name, hash));
    Error::new(ErrorKind::Store, "engine.tables", message)
}
