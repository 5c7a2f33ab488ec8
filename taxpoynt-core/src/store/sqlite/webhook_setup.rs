//! What webhooks are verified with: the set-up of a platform, its secrets, and its subscriptions.

use super::{
    fault::{Outcome, not_found, refusal},
    rows::{Columns, json, micros, word},
    tenants,
};
use crate::{
    ErrorKind,
    store::{SecretOrigin, StoredSecret, StoredSubscription, WebhookSetup},
};
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// Live secrets of a connection or app that one side gave: the old and the new.
const LIVE: i64 = 2;

pub(super) async fn revision(connection: &mut SqliteConnection, platform: String) -> Outcome<i64> {
    let revision = sqlx::query_scalar("SELECT revision FROM webhook_revisions WHERE platform = ?1")
        .bind(platform)
        .fetch_optional(connection)
        .await?;
    Ok(revision.unwrap_or(0))
}

pub(super) async fn setup(
    connection: &mut SqliteConnection,
    platform: String,
    of: Option<Uuid>,
) -> Outcome<WebhookSetup> {
    // First: what changes while the rest is read belongs to a later revision.
    let revision = revision(connection, platform.clone()).await?;
    let of = of.map(|of| of.to_string());
    let rows = sqlx::query(
        "SELECT * FROM connections
         WHERE platform = ?1 AND (?2 IS NULL OR id = ?2) AND state <> 'removed' ORDER BY seq",
    )
    .bind(&platform)
    .bind(&of)
    .fetch_all(&mut *connection)
    .await?;
    let connections = rows.iter().map(tenants::read_connection).collect::<Outcome<_>>()?;
    let rows = sqlx::query(
        "SELECT * FROM webhook_secrets
         WHERE platform = ?1 AND (?2 IS NULL OR connection IS NULL OR connection = ?2) ORDER BY seq",
    )
    .bind(&platform)
    .bind(&of)
    .fetch_all(&mut *connection)
    .await?;
    let secrets = rows.iter().map(read_secret).collect::<Outcome<_>>()?;
    Ok(WebhookSetup { revision, connections, secrets })
}

fn read_secret(row: &SqliteRow) -> Outcome<StoredSecret> {
    let columns = Columns(row);
    Ok(StoredSecret {
        id: columns.id("id")?,
        platform: columns.text("platform")?,
        connection: maybe_id(&columns, "connection")?,
        sealed: columns.text("sealed")?,
        origin: columns.word("origin")?,
        added_at: columns.time("added_at")?,
        retired_at: columns.maybe_time("retired_at")?,
    })
}

fn maybe_id(row: &Columns<'_>, column: &'static str) -> Outcome<Option<Uuid>> {
    if row.maybe_text(column)?.is_none() { Ok(None) } else { row.id(column).map(Some) }
}

pub(super) async fn put_secret(
    connection: &mut SqliteConnection,
    secret: StoredSecret,
    now: DateTime<Utc>,
) -> Outcome<()> {
    insert_secret(connection, &secret).await?;
    let live: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM webhook_secrets
         WHERE platform = ?1 AND connection IS ?2 AND origin = ?3 AND retired_at IS NULL",
    )
    .bind(&secret.platform)
    .bind(secret.connection.map(|id| id.to_string()))
    .bind(word(&secret.origin)?)
    .fetch_one(&mut *connection)
    .await?;
    if live > LIVE && secret.origin == SecretOrigin::Host {
        let message = "two webhook secrets are live already: retire the old one before setting another";
        Err(refusal(ErrorKind::Conflict, message))?;
    }
    retire_older(connection, &secret, now).await
}

/// Of the secrets that a platform gave, the newest two are live.
async fn retire_older(
    connection: &mut SqliteConnection,
    secret: &StoredSecret,
    now: DateTime<Utc>,
) -> Outcome<()> {
    if secret.origin != SecretOrigin::Platform {
        return Ok(());
    }
    sqlx::query(
        "UPDATE webhook_secrets SET retired_at = ?3
         WHERE platform = ?1 AND connection IS ?2 AND origin = 'platform' AND retired_at IS NULL AND seq NOT IN (
             SELECT seq FROM webhook_secrets
             WHERE platform = ?1 AND connection IS ?2 AND origin = 'platform' AND retired_at IS NULL
             ORDER BY seq DESC LIMIT ?4)",
    )
    .bind(&secret.platform)
    .bind(secret.connection.map(|id| id.to_string()))
    .bind(micros(now))
    .bind(LIVE)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_secret(connection: &mut SqliteConnection, secret: &StoredSecret) -> Outcome<()> {
    if let Some(of) = secret.connection {
        tenants::connection(connection, of, None).await?;
    }
    sqlx::query(
        "INSERT INTO webhook_secrets (id, platform, connection, sealed, origin, added_at, retired_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(secret.id.to_string())
    .bind(&secret.platform)
    .bind(secret.connection.map(|id| id.to_string()))
    .bind(&secret.sealed)
    .bind(word(&secret.origin)?)
    .bind(micros(secret.added_at))
    .bind(secret.retired_at.map(micros))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn retire(
    connection: &mut SqliteConnection,
    keep: Uuid,
    configured: Vec<StoredSecret>,
    now: DateTime<Utc>,
) -> Outcome<u64> {
    let kept = sqlx::query("SELECT * FROM webhook_secrets WHERE id = ?1 AND retired_at IS NULL")
        .bind(keep.to_string())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| not_found("live webhook secret", keep))?;
    let kept = read_secret(&kept)?;
    let retired = sqlx::query(
        "UPDATE webhook_secrets SET retired_at = ?4
         WHERE platform = ?1 AND connection IS ?2 AND id <> ?3 AND retired_at IS NULL",
    )
    .bind(&kept.platform)
    .bind(kept.connection.map(|id| id.to_string()))
    .bind(keep.to_string())
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    for secret in &configured {
        insert_secret(connection, &StoredSecret { retired_at: Some(now), ..secret.clone() }).await?;
    }
    Ok(retired.rows_affected() + configured.len() as u64)
}

pub(super) async fn put_subscription(
    connection: &mut SqliteConnection,
    new: StoredSubscription,
    secret: Option<StoredSecret>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO webhook_subscriptions (id, platform, connection, external_id, base_url, url, events, state, message,
             created_at, checked_at, check_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (platform, ifnull(connection, '')) DO UPDATE SET external_id = excluded.external_id,
             base_url = excluded.base_url, url = excluded.url, events = excluded.events, state = excluded.state,
             message = excluded.message, checked_at = excluded.checked_at, check_at = excluded.check_at",
    )
    .bind(new.id.to_string())
    .bind(&new.platform)
    .bind(new.connection.map(|id| id.to_string()))
    .bind(&new.external_id)
    .bind(&new.base_url)
    .bind(&new.url)
    .bind(json(&new.events)?)
    .bind(word(&new.state)?)
    .bind(&new.message)
    .bind(micros(new.created_at))
    .bind(micros(new.checked_at))
    .bind(micros(new.check_at))
    .execute(&mut *connection)
    .await?;
    match secret {
        Some(secret) => put_secret(connection, secret, now).await,
        None => Ok(()),
    }
}

pub(super) async fn subscriptions(
    connection: &mut SqliteConnection,
    platform: Option<String>,
) -> Outcome<Vec<StoredSubscription>> {
    let rows = sqlx::query(
        "SELECT * FROM webhook_subscriptions WHERE ?1 IS NULL OR platform = ?1 ORDER BY created_at, id",
    )
    .bind(platform)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_subscription).collect()
}

pub(super) async fn drop_subscription(
    connection: &mut SqliteConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let gone = sqlx::query("DELETE FROM webhook_subscriptions WHERE id = ?1 RETURNING *")
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| not_found("subscription", id))?;
    let gone = read_subscription(&gone)?;
    sqlx::query(
        "UPDATE webhook_secrets SET retired_at = ?3
         WHERE platform = ?1 AND connection IS ?2 AND origin = 'platform' AND retired_at IS NULL",
    )
    .bind(&gone.platform)
    .bind(gone.connection.map(|id| id.to_string()))
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn due(
    connection: &mut SqliteConnection,
    limit: u32,
    again: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<Vec<StoredSubscription>> {
    let rows = sqlx::query(
        "UPDATE webhook_subscriptions SET check_at = ?2 WHERE id IN (
             SELECT id FROM webhook_subscriptions WHERE check_at <= ?1 ORDER BY check_at LIMIT ?3)
         RETURNING *",
    )
    .bind(micros(now))
    .bind(micros(again))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_subscription).collect()
}

fn read_subscription(row: &SqliteRow) -> Outcome<StoredSubscription> {
    let columns = Columns(row);
    Ok(StoredSubscription {
        id: columns.id("id")?,
        platform: columns.text("platform")?,
        connection: maybe_id(&columns, "connection")?,
        external_id: columns.text("external_id")?,
        base_url: columns.maybe_text("base_url")?,
        url: columns.text("url")?,
        events: columns.json("events")?,
        state: columns.word("state")?,
        message: columns.maybe_text("message")?,
        created_at: columns.time("created_at")?,
        checked_at: columns.time("checked_at")?,
        check_at: columns.time("check_at")?,
    })
}
