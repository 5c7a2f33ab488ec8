//! The migrations: each one transaction, each with its way back, all of them also readable as plain SQL.

use super::{
    Sqlite,
    fault::{Outcome, refusal},
    rows::{Columns, hash},
};
use crate::{ErrorKind, Result};
use sqlx::SqliteConnection;

/// A step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order, from 1.
    pub version: u32,
    /// What it brings.
    pub name: &'static str,
    /// Plain SQL that makes it.
    pub up: &'static str,
    /// Plain SQL that takes it back, with all that it holds.
    pub down: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal, $file:literal) => {
        Migration {
            version: $version,
            name: $name,
            up: include_str!(concat!("../../../migrations/sqlite/", $file, ".up.sql")),
            down: include_str!(concat!("../../../migrations/sqlite/", $file, ".down.sql")),
        }
    };
}

const MIGRATIONS: [Migration; 20] = [
    migration!(1, "tables", "0001_tables"),
    migration!(2, "guards", "0002_guards"),
    migration!(3, "host views", "0003_host_views"),
    migration!(4, "csid", "0004_csid"),
    migration!(5, "submission", "0005_submission"),
    migration!(6, "deadlines", "0006_deadlines"),
    migration!(7, "catalogue", "0007_catalogue"),
    migration!(8, "payments", "0008_payments"),
    migration!(9, "inbound", "0009_inbound"),
    migration!(10, "webhooks", "0010_webhooks"),
    migration!(11, "sync", "0011_sync"),
    migration!(12, "credentials", "0012_credentials"),
    migration!(13, "switches", "0013_switches"),
    migration!(14, "vault keys", "0014_vault_keys"),
    migration!(15, "sign refused", "0015_sign_refused"),
    migration!(16, "rules", "0016_rules"),
    migration!(17, "explain", "0017_explain"),
    migration!(18, "tables", "0018_tables"),
    migration!(19, "approvals", "0019_approvals"),
    migration!(20, "grounds", "0020_grounds"),
];

const JOURNAL: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version    INTEGER NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    up_hash    TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";

const APPLIED: &str = "INSERT INTO schema_migrations (version, name, up_hash, applied_at)
    VALUES (?1, ?2, ?3, unixepoch() * 1000000)";

impl Sqlite {
    /// The migrations in order, for a host that runs its schema changes itself.
    #[must_use]
    pub fn migrations() -> &'static [Migration] {
        &MIGRATIONS
    }

    /// Takes migrations back, newest first, until `version` is the newest left; 0 takes all. What they hold is lost.
    ///
    /// # Errors
    /// `Store`; nothing is taken back then.
    pub async fn revert(&self, version: u32) -> Result<()> {
        self.write("store.revert", move |connection| Box::pin(down(connection, version))).await
    }
}

/// Makes what is missing.
pub(super) async fn up(connection: &mut SqliteConnection) -> Outcome<()> {
    sqlx::query(JOURNAL).execute(&mut *connection).await?;
    let applied = applied(connection).await?;
    for migration in &MIGRATIONS {
        match applied.iter().find(|(version, _)| *version == i64::from(migration.version)) {
            Some((_, up_hash)) if *up_hash == hash(migration.up.as_bytes()) => {}
            Some(_) => Err(changed(migration))?,
            None => apply(connection, migration).await?,
        }
    }
    let known = MIGRATIONS.len() as i64;
    match applied.iter().map(|(version, _)| *version).max() {
        Some(newest) if newest > known => Err(refusal(
            ErrorKind::Config,
            format!("the database has schema {newest}, this engine knows {known}: use a newer engine"),
        ))?,
        _ => Ok(()),
    }
}

fn changed(migration: &Migration) -> super::fault::Refusal {
    let message =
        "this migration was applied with another text: the database was made by another build of the engine";
    refusal(ErrorKind::Config, message).with("migration", migration.version)
}

async fn applied(connection: &mut SqliteConnection) -> Outcome<Vec<(i64, String)>> {
    let rows = sqlx::query("SELECT version, up_hash FROM schema_migrations ORDER BY version")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((Columns(row).int("version")?, Columns(row).text("up_hash")?))).collect()
}

async fn apply(connection: &mut SqliteConnection, migration: &'static Migration) -> Outcome<()> {
    sqlx::raw_sql(migration.up).execute(&mut *connection).await?;
    sqlx::query(APPLIED)
        .bind(i64::from(migration.version))
        .bind(migration.name)
        .bind(hash(migration.up.as_bytes()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn down(connection: &mut SqliteConnection, version: u32) -> Outcome<()> {
    sqlx::query(JOURNAL).execute(&mut *connection).await?;
    let applied = applied(connection).await?;
    for migration in MIGRATIONS.iter().rev().filter(|migration| migration.version > version) {
        if applied.iter().any(|(version, _)| *version == i64::from(migration.version)) {
            sqlx::raw_sql(migration.down).execute(&mut *connection).await?;
            sqlx::query("DELETE FROM schema_migrations WHERE version = ?1")
                .bind(i64::from(migration.version))
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}
