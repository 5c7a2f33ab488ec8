//! Authorizations under way, leases on refreshes, and jobs that wait for a person.

use super::{
    Sqlite,
    fault::{Outcome, refusal},
    logs::{self, Note},
    queue,
    rows::{Columns, json, micros, word},
    tenants::{self, read_connection},
};
use crate::{
    Error, ErrorKind, Result,
    store::{
        Authorization, Connection, ConnectionState, CredentialStore, Fence, NewAuthorization, RefreshFailure,
        RefreshLease, RefreshTurn, Renewed,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::time::Duration;
use uuid::Uuid;

#[async_trait]
impl CredentialStore for Sqlite {
    async fn put_authorization(&self, new: &NewAuthorization, now: DateTime<Utc>) -> Result<()> {
        let new = new.clone();
        self.write("store.put_authorization", move |c| Box::pin(put_authorization(c, new, now))).await
    }

    async fn take_authorization(
        &self,
        state_hash: &str,
        tenant: Uuid,
        platform: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Authorization>> {
        let (state_hash, platform) = (state_hash.to_owned(), platform.to_owned());
        self.write("store.take_authorization", move |c| {
            Box::pin(take_authorization(c, state_hash, tenant, platform, now))
        })
        .await
    }

    async fn lease_refresh(
        &self,
        connection: Uuid,
        generation: u64,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<RefreshTurn> {
        // Whoever waits for another's refresh asks often, and must not hold up the one who writes its result.
        let seen = self.read("store.lease_refresh", move |c| {
            Box::pin(async move { Ok(standing(c, connection, generation, lease, now).await?.turn) })
        });
        if let Some(turn) = seen.await? {
            return Ok(turn);
        }
        self.write("store.lease_refresh", move |c| {
            Box::pin(take_lease(c, connection, generation, lease, now))
        })
        .await
    }

    async fn settle_refresh(
        &self,
        lease: &RefreshLease,
        renewed: &Renewed,
        now: DateTime<Utc>,
    ) -> Result<Connection> {
        let (lease, renewed) = (lease.clone(), renewed.clone());
        self.write("store.settle_refresh", move |c| Box::pin(settle(c, lease, renewed, now))).await
    }

    async fn refuse_refresh(
        &self,
        lease: &RefreshLease,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<(Connection, bool)> {
        let (lease, why) = (lease.clone(), why.to_owned());
        self.write("store.refuse_refresh", move |c| {
            Box::pin(async move {
                give_back(c, &lease).await?;
                refuse(c, lease.connection, lease.generation, &why, now).await
            })
        })
        .await
    }

    async fn refuse_credentials(
        &self,
        connection: Uuid,
        generation: u64,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<(Connection, bool)> {
        let why = why.to_owned();
        self.write("store.refuse_credentials", move |c| {
            Box::pin(async move { refuse(c, connection, generation, &why, now).await })
        })
        .await
    }

    async fn fail_refresh(&self, lease: &RefreshLease, failure: &RefreshFailure) -> Result<()> {
        let (lease, failure) = (lease.clone(), failure.clone());
        self.write("store.fail_refresh", move |c| Box::pin(fail(c, lease, failure))).await
    }

    async fn plan_refresh(&self, connection: Uuid, generation: u64, at: Option<DateTime<Utc>>) -> Result<()> {
        self.write("store.plan_refresh", move |c| Box::pin(plan(c, connection, generation, at))).await
    }

    async fn due_refreshes(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<Connection>> {
        self.read("store.due_refreshes", move |c| Box::pin(due(c, limit, now))).await
    }

    async fn forget_credentials(
        &self,
        connection: Uuid,
        sealed: &str,
        how: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (sealed, how) = (sealed.to_owned(), how.to_owned());
        self.write("store.forget_credentials", move |c| Box::pin(forget(c, connection, sealed, how, now)))
            .await
    }

    async fn park(&self, fence: &Fence, error: &Error, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
        let (fence, message) = (fence.clone(), error.message().to_owned());
        self.write("store.park", move |c| Box::pin(park(c, fence, message, at, now))).await
    }

    async fn release_parked(&self, connection: Uuid, now: DateTime<Utc>) -> Result<u64> {
        self.write("store.release_parked", move |c| {
            Box::pin(async move { release_parked(c, connection, now).await })
        })
        .await
    }
}

async fn put_authorization(
    connection: &mut SqliteConnection,
    new: NewAuthorization,
    now: DateTime<Utc>,
) -> Outcome<()> {
    tenants::tenant_exists(connection, new.tenant).await?;
    sqlx::query("DELETE FROM authorizations WHERE expires_at <= ?1")
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO authorizations (state_hash, tenant, platform, redirect_uri, settings, sealed, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(new.state_hash)
    .bind(new.tenant.to_string())
    .bind(new.platform)
    .bind(new.redirect_uri)
    .bind(json(&new.settings)?)
    .bind(new.sealed)
    .bind(micros(now))
    .bind(micros(new.expires_at))
    .execute(connection)
    .await?;
    Ok(())
}

async fn take_authorization(
    connection: &mut SqliteConnection,
    state_hash: String,
    tenant: Uuid,
    platform: String,
    now: DateTime<Utc>,
) -> Outcome<Option<Authorization>> {
    let row = sqlx::query(
        "DELETE FROM authorizations WHERE state_hash = ?1 AND tenant = ?2 AND platform = ?3 AND expires_at > ?4
         RETURNING redirect_uri, settings, sealed",
    )
    .bind(state_hash)
    .bind(tenant.to_string())
    .bind(platform)
    .bind(micros(now))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let row = Columns(&row);
    Ok(Some(Authorization {
        redirect_uri: row.text("redirect_uri")?,
        settings: row.json("settings")?,
        sealed: row.text("sealed")?,
    }))
}

/// What a caller who wants to refresh finds.
struct Standing {
    connection: Connection,
    /// None: it may take the lease.
    turn: Option<RefreshTurn>,
}

async fn standing(
    connection: &mut SqliteConnection,
    id: Uuid,
    generation: u64,
    lease: Duration,
    now: DateTime<Utc>,
) -> Outcome<Standing> {
    let stored = tenants::connection(connection, id, None).await?;
    let in_use = matches!(stored.state, ConnectionState::Active | ConnectionState::Paused);
    if stored.generation != generation || !in_use {
        return Ok(Standing { turn: Some(RefreshTurn::Fresh(stored.clone())), connection: stored });
    }
    let row = sqlx::query("SELECT * FROM token_refreshes WHERE connection = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(Standing { connection: stored, turn: None }) };
    let row = Columns(&row);
    // A caller's moment may be older than the lease: it waited for its turn to write. Twice the lease away is no such wait.
    let end = now + lease * 2;
    let turn = match (row.maybe_time("lease_until")?, row.maybe_time("failed_until")?) {
        (Some(until), _) if until > now && until <= end => Some(RefreshTurn::Busy(until)),
        (_, Some(until)) if until > now => Some(RefreshTurn::NotBefore(RefreshFailure {
            until,
            kind: kind_of(&row.maybe_text("error_kind")?.unwrap_or_default()),
            message: row.maybe_text("error")?.unwrap_or_default(),
            unanswered: row.int("unanswered")? > 0,
        })),
        _ => None,
    };
    Ok(Standing { connection: stored, turn })
}

/// Only these are ever kept.
fn kind_of(name: &str) -> ErrorKind {
    let kept = [ErrorKind::RateLimited, ErrorKind::TimedOut, ErrorKind::Config, ErrorKind::Platform];
    kept.into_iter().find(|kind| kind.name() == name).unwrap_or(ErrorKind::Unavailable)
}

async fn take_lease(
    connection: &mut SqliteConnection,
    id: Uuid,
    generation: u64,
    lease: Duration,
    now: DateTime<Utc>,
) -> Outcome<RefreshTurn> {
    let standing = standing(connection, id, generation, lease, now).await?;
    if let Some(turn) = standing.turn {
        return Ok(turn);
    }
    // A lease that nobody gave back is an attempt whose answer nobody saw.
    let row = sqlx::query(
        "INSERT INTO token_refreshes (connection, token, lease_until) VALUES (?1, 1, ?2)
         ON CONFLICT (connection) DO UPDATE SET token = token + 1,
             unanswered = unanswered + (lease_until IS NOT NULL), lease_until = excluded.lease_until
         RETURNING token, unanswered, failures",
    )
    .bind(id.to_string())
    .bind(micros(now + lease))
    .fetch_one(connection)
    .await?;
    let row = Columns(&row);
    let lease = RefreshLease {
        connection: id,
        token: row.int("token")?,
        generation,
        unanswered: row.count("unanswered")?,
        failures: row.count("failures")?,
    };
    Ok(RefreshTurn::Yours(lease, standing.connection))
}

async fn give_back(connection: &mut SqliteConnection, lease: &RefreshLease) -> Outcome<()> {
    sqlx::query("UPDATE token_refreshes SET lease_until = NULL WHERE connection = ?1 AND token = ?2")
        .bind(lease.connection.to_string())
        .bind(lease.token)
        .execute(connection)
        .await?;
    Ok(())
}

async fn settle(
    connection: &mut SqliteConnection,
    lease: RefreshLease,
    renewed: Renewed,
    now: DateTime<Utc>,
) -> Outcome<Connection> {
    let stored = tenants::connection(connection, lease.connection, None).await?;
    let done = sqlx::query(
        "UPDATE token_refreshes SET settled = ?2, lease_until = CASE token WHEN ?2 THEN NULL ELSE lease_until END,
             unanswered = 0, failures = 0, failed_until = NULL, error_kind = NULL, error = NULL, refresh_at = ?3
         WHERE connection = ?1 AND settled < ?2",
    )
    .bind(lease.connection.to_string())
    .bind(lease.token)
    .bind(renewed.refresh_at.map(micros))
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 || stored.state == ConnectionState::Removed {
        return Ok(stored);
    }
    let row = sqlx::query(
        "UPDATE connections SET sealed = ?2, generation = generation + 1, updated_at = ?3,
             state = CASE state WHEN 'needs_reauth' THEN 'active' ELSE state END,
             settings = CASE WHEN ?4 IS NULL THEN settings ELSE json_set(settings, '$.base_url', ?4) END
         WHERE id = ?1 RETURNING *",
    )
    .bind(lease.connection.to_string())
    .bind(&renewed.sealed)
    .bind(micros(now))
    .bind(&renewed.base_url)
    .fetch_one(&mut *connection)
    .await?;
    if stored.state == ConnectionState::NeedsReauth {
        note(connection, &stored, "connection.active", "a refresh that was late succeeded", now).await?;
        release_parked(connection, lease.connection, now).await?;
    }
    read_connection(&row)
}

async fn refuse(
    connection: &mut SqliteConnection,
    id: Uuid,
    generation: u64,
    why: &str,
    now: DateTime<Utc>,
) -> Outcome<(Connection, bool)> {
    let row = sqlx::query(
        "UPDATE connections SET state = 'needs_reauth', updated_at = ?3
         WHERE id = ?1 AND generation = ?2 AND state IN ('active', 'paused') RETURNING *",
    )
    .bind(id.to_string())
    .bind(i64::try_from(generation).unwrap_or(i64::MAX))
    .bind(micros(now))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok((tenants::connection(connection, id, None).await?, false)) };
    let stored = read_connection(&row)?;
    note(connection, &stored, "connection.needs_reauth", why, now).await?;
    plan(connection, id, generation, None).await?;
    Ok((stored, true))
}

async fn note(
    connection: &mut SqliteConnection,
    about: &Connection,
    event: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    logs::note(connection, Note { tenant: about.tenant, subject: about.id, record: None, event, detail }, now)
        .await
}

async fn fail(
    connection: &mut SqliteConnection,
    lease: RefreshLease,
    failure: RefreshFailure,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE token_refreshes SET lease_until = NULL, failures = failures + 1, unanswered = unanswered + ?3,
             failed_until = ?4, error_kind = ?5, error = ?6
         WHERE connection = ?1 AND token = ?2 AND settled < ?2",
    )
    .bind(lease.connection.to_string())
    .bind(lease.token)
    .bind(failure.unanswered)
    .bind(micros(failure.until))
    .bind(failure.kind.name())
    .bind(failure.message)
    .execute(connection)
    .await?;
    Ok(())
}

async fn plan(
    connection: &mut SqliteConnection,
    id: Uuid,
    generation: u64,
    at: Option<DateTime<Utc>>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO token_refreshes (connection, refresh_at)
         SELECT id, ?3 FROM connections WHERE id = ?1 AND generation = ?2
         ON CONFLICT (connection) DO UPDATE SET refresh_at = excluded.refresh_at",
    )
    .bind(id.to_string())
    .bind(i64::try_from(generation).unwrap_or(i64::MAX))
    .bind(at.map(micros))
    .execute(connection)
    .await?;
    Ok(())
}

async fn due(connection: &mut SqliteConnection, limit: u32, now: DateTime<Utc>) -> Outcome<Vec<Connection>> {
    let rows = sqlx::query(
        "SELECT c.* FROM token_refreshes r JOIN connections c ON c.id = r.connection
         WHERE r.refresh_at <= ?1 AND coalesce(r.failed_until, 0) <= ?1 AND c.state IN ('active', 'paused')
         ORDER BY r.refresh_at LIMIT ?2",
    )
    .bind(micros(now))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_connection).collect()
}

async fn forget(
    connection: &mut SqliteConnection,
    id: Uuid,
    sealed: String,
    how: String,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let stored = tenants::connection(connection, id, None).await?;
    if stored.state != ConnectionState::Removed {
        let message = format!("the connection is {} and keeps its credentials", word(&stored.state)?);
        Err(refusal(ErrorKind::Conflict, message).with("connection", id))?;
    }
    sqlx::query(
        "UPDATE connections SET sealed = ?2, generation = generation + 1, updated_at = ?3 WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(sealed)
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    void_leases(connection, id).await?;
    note(connection, &stored, "connection.forgotten", &how, now).await
}

/// A person gave new credentials: what is under way with the old ones counts no more.
pub(super) async fn renewed_by_hand(
    connection: &mut SqliteConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Outcome<()> {
    void_leases(connection, id).await?;
    release_parked(connection, id, now).await.map(drop)
}

async fn void_leases(connection: &mut SqliteConnection, id: Uuid) -> Outcome<()> {
    sqlx::query(
        "UPDATE token_refreshes SET settled = token, lease_until = NULL, unanswered = 0, failures = 0,
             failed_until = NULL, error_kind = NULL, error = NULL, refresh_at = NULL
         WHERE connection = ?1",
    )
    .bind(id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn park(
    connection: &mut SqliteConnection,
    fence: Fence,
    message: String,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    queue::held(connection, &fence, now).await?;
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?2, parked = (?2 > ?4), lease = NULL, lease_until = NULL,
             again = 0, error_kind = 'unauthenticated', error = ?3
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(micros(at))
    .bind(message)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn release_parked(connection: &mut SqliteConnection, id: Uuid, now: DateTime<Utc>) -> Outcome<u64> {
    let released = sqlx::query(
        "UPDATE jobs SET due_at = min(due_at, ?2), parked = 0, error_kind = NULL, error = NULL
         WHERE connection = ?1 AND kind = 'fetch' AND state = 'waiting' AND error_kind = 'unauthenticated'",
    )
    .bind(id.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(released.rows_affected())
}
