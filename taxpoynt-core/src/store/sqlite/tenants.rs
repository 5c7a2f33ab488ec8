//! Tenants, connections and their sealed credentials.

use super::{
    Sqlite, credentials,
    fault::{Outcome, not_found, refusal},
    logs::{self, Note},
    rows::{Columns, json, micros, new_id, word},
    schema,
};
use crate::{
    ErrorKind, Result,
    store::{Connection, ConnectionState, NewConnection, TenantStore},
    tenant::Tenant,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl TenantStore for Sqlite {
    async fn migrate(&self) -> Result<()> {
        self.write("store.migrate", |connection| Box::pin(schema::up(connection))).await
    }

    async fn put_tenant(&self, tenant: &Tenant, sealed: Option<&str>, now: DateTime<Utc>) -> Result<Uuid> {
        let (tenant, sealed) = (tenant.clone(), sealed.map(str::to_owned));
        self.write("store.put_tenant", move |c| Box::pin(put_tenant(c, tenant, sealed, now))).await
    }

    async fn tenant(&self, id: Uuid) -> Result<(Tenant, Option<String>)> {
        self.read("store.tenant", move |connection| Box::pin(tenant(connection, id))).await
    }

    async fn put_connection(&self, connection: &NewConnection, now: DateTime<Utc>) -> Result<Connection> {
        let new = connection.clone();
        self.write("store.put_connection", move |c| Box::pin(put_connection(c, new, now))).await
    }

    async fn connection(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Connection> {
        self.read("store.connection", move |c| Box::pin(connection(c, id, tenant))).await
    }

    async fn connections(&self, tenant: Option<Uuid>) -> Result<Vec<Connection>> {
        self.read("store.connections", move |c| Box::pin(connections(c, tenant))).await
    }

    async fn connections_of(&self, platform: &str, account: &str) -> Result<Vec<Connection>> {
        let (platform, account) = (platform.to_owned(), account.to_owned());
        self.read("store.connections_of", move |c| Box::pin(connections_of(c, platform, account))).await
    }

    async fn put_credentials(&self, connection: Uuid, sealed: &str, now: DateTime<Utc>) -> Result<()> {
        let sealed = sealed.to_owned();
        self.write("store.put_credentials", move |c| Box::pin(put_credentials(c, connection, sealed, now)))
            .await
    }

    async fn set_connection_state(&self, id: Uuid, state: ConnectionState, now: DateTime<Utc>) -> Result<()> {
        self.write("store.set_connection_state", move |c| Box::pin(set_state(c, id, state, now))).await
    }
}

async fn put_tenant(
    connection: &mut SqliteConnection,
    mut tenant: Tenant,
    sealed: Option<String>,
    now: DateTime<Utc>,
) -> Outcome<Uuid> {
    if tenant.authority.take().is_some() {
        let message = "credentials at the authority are stored sealed only: leave `authority` out";
        Err(refusal(ErrorKind::Config, message).with("field", "authority"))?;
    }
    let wanted = tenant.id.take();
    let stored = matching_tenant(connection, &tenant, wanted).await?;
    let id = stored.or(wanted.map(|id| id.to_string())).unwrap_or_else(|| new_id(now));
    sqlx::query(
        "INSERT INTO tenants (id, business_id, tin, profile, sealed, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (id) DO UPDATE SET business_id = excluded.business_id, tin = excluded.tin,
             profile = excluded.profile, sealed = coalesce(excluded.sealed, sealed),
             updated_at = excluded.updated_at",
    )
    .bind(&id)
    .bind(known(tenant.business_id.as_deref()))
    .bind(known(tenant.tin.as_deref()))
    .bind(json(&tenant)?)
    .bind(sealed)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Uuid::parse_str(&id).map_err(|_| super::fault::Fault::Damaged("id"))
}

/// The stored tenant this one is: by its id, else its business at the authority, else its TIN. Two businesses with ids
/// of their own stay two, even under one TIN.
async fn matching_tenant(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    wanted: Option<Uuid>,
) -> Outcome<Option<String>> {
    let id = sqlx::query_scalar(
        "SELECT id FROM tenants
         WHERE id = ?1 OR business_id = ?2 OR (tin = ?3 AND (business_id IS NULL OR ?2 IS NULL))
         ORDER BY id = ?1 DESC, business_id = ?2 DESC, created_at LIMIT 1",
    )
    .bind(wanted.map(|id| id.to_string()))
    .bind(known(tenant.business_id.as_deref()))
    .bind(known(tenant.tin.as_deref()))
    .fetch_optional(connection)
    .await?;
    Ok(id)
}

fn known(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

async fn tenant(connection: &mut SqliteConnection, id: Uuid) -> Outcome<(Tenant, Option<String>)> {
    let row = sqlx::query("SELECT profile, sealed FROM tenants WHERE id = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("tenant", id))?;
    let row = Columns(&row);
    let mut tenant: Tenant = row.json("profile")?;
    tenant.id = Some(id);
    Ok((tenant, row.maybe_text("sealed")?))
}

async fn put_connection(
    connection: &mut SqliteConnection,
    new: NewConnection,
    now: DateTime<Utc>,
) -> Outcome<Connection> {
    tenant_exists(connection, new.tenant).await?;
    let row = sqlx::query(
        "INSERT INTO connections (id, tenant, platform, family, account, account_name, settings, sealed, state,
             created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'active', ?9, ?9)
         ON CONFLICT (tenant, platform, account) DO UPDATE SET family = excluded.family,
             account_name = coalesce(excluded.account_name, account_name), settings = excluded.settings,
             sealed = excluded.sealed, generation = generation + 1, state = 'active', updated_at = excluded.updated_at
         RETURNING *",
    )
    .bind(new_id(now))
    .bind(new.tenant.to_string())
    .bind(&new.platform)
    .bind(new.family)
    .bind(&new.account)
    .bind(&new.account_name)
    .bind(json(&new.settings)?)
    .bind(&new.sealed)
    .bind(micros(now))
    .fetch_one(&mut *connection)
    .await?;
    let stored = read_connection(&row)?;
    credentials::renewed_by_hand(connection, stored.id, now).await?;
    Ok(stored)
}

pub(super) async fn tenant_exists(connection: &mut SqliteConnection, id: Uuid) -> Outcome<()> {
    sqlx::query("SELECT 1 FROM tenants WHERE id = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("tenant", id))?;
    Ok(())
}

/// One connection; of `tenant` only, where one is given.
pub(super) async fn connection(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
) -> Outcome<Connection> {
    let row = sqlx::query("SELECT * FROM connections WHERE id = ?1 AND (?2 IS NULL OR tenant = ?2)")
        .bind(id.to_string())
        .bind(tenant.map(|tenant| tenant.to_string()))
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("connection", id))?;
    read_connection(&row)
}

async fn connections(connection: &mut SqliteConnection, tenant: Option<Uuid>) -> Outcome<Vec<Connection>> {
    let rows = sqlx::query("SELECT * FROM connections WHERE ?1 IS NULL OR tenant = ?1 ORDER BY seq")
        .bind(tenant.map(|tenant| tenant.to_string()))
        .fetch_all(connection)
        .await?;
    rows.iter().map(read_connection).collect()
}

/// Removed ones take no more events; paused ones and those to be authorized again do.
async fn connections_of(
    connection: &mut SqliteConnection,
    platform: String,
    account: String,
) -> Outcome<Vec<Connection>> {
    let rows = sqlx::query(
        "SELECT * FROM connections WHERE platform = ?1 AND account = ?2 AND state <> 'removed' ORDER BY seq",
    )
    .bind(platform)
    .bind(account)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_connection).collect()
}

async fn put_credentials(
    connection: &mut SqliteConnection,
    id: Uuid,
    sealed: String,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let done = sqlx::query("UPDATE connections SET sealed = ?2, updated_at = ?3 WHERE id = ?1")
        .bind(id.to_string())
        .bind(sealed)
        .bind(micros(now))
        .execute(connection)
        .await?;
    if done.rows_affected() == 0 { Err(not_found("connection", id))? } else { Ok(()) }
}

async fn set_state(
    connection: &mut SqliteConnection,
    id: Uuid,
    state: ConnectionState,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let before = self::connection(connection, id, None).await?;
    if before.state == state {
        return Ok(());
    }
    let state = word(&state)?;
    sqlx::query("UPDATE connections SET state = ?2, updated_at = ?3 WHERE id = ?1")
        .bind(id.to_string())
        .bind(&state)
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    let event = format!("connection.{state}");
    logs::note(
        connection,
        Note { tenant: before.tenant, subject: id, record: None, event: &event, detail: "" },
        now,
    )
    .await
}

pub(super) fn read_connection(row: &SqliteRow) -> Outcome<Connection> {
    let row = Columns(row);
    Ok(Connection {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        platform: row.text("platform")?,
        account: row.text("account")?,
        account_name: row.maybe_text("account_name")?,
        settings: row.json("settings")?,
        sealed: row.text("sealed")?,
        generation: row.count("generation")?,
        state: row.word("state")?,
        created_at: row.time("created_at")?,
    })
}
