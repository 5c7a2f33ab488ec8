//! Moves about credentials: authorizations under way, and which process may refresh a connection's token.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `put_authorization` | the way back is on disk, bound to its tenant, platform and redirect |
//! | `take_authorization` | it counts once, for its tenant and platform, before its end; whatever comes later finds nothing |
//! | `lease_refresh` | nobody else refreshes this connection until the lease ends |
//! | `settle_refresh` | the new tokens are on disk: now, and not before, they may be used |
//! | `refuse_refresh` | the connection needs a person, unless newer credentials came in between; noted once |
//! | `fail_refresh` | nobody tries again before the time given |
//! | `put_connection` | what was under way with the old credentials counts no more; jobs that waited for it are due |
//! | `park` | a job waits for a person at no cost |
//!
//! A store that several hosts share expires leases by its own clock. The embedded one has its callers' machine in
//! common, and so their `now`.

use super::{Connection, Fence};
use crate::{Error, ErrorKind, Result};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

/// A person about to be sent to a platform.
#[derive(Debug, Clone)]
pub struct NewAuthorization {
    /// The SHA-256 of the state, in hexadecimal. The state itself is not stored.
    pub state_hash: String,
    /// Whose account is to be connected.
    pub tenant: Uuid,
    /// `hubspot`.
    pub platform: String,
    /// Where the platform sends the person back to, byte for byte.
    pub redirect_uri: String,
    /// The settings of the connection to be.
    pub settings: BTreeMap<String, String>,
    /// The PKCE verifier, sealed.
    pub sealed: String,
    /// From then on it counts no more.
    pub expires_at: DateTime<Utc>,
}

/// An authorization whose person came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Where the platform sent the person back to.
    pub redirect_uri: String,
    /// The settings of the connection to be.
    pub settings: BTreeMap<String, String>,
    /// The PKCE verifier, sealed.
    pub sealed: String,
}

/// The right to refresh a connection's token, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshLease {
    /// The connection.
    pub connection: Uuid,
    /// Rises with each lease.
    pub token: i64,
    /// The generation of the credentials that are refreshed.
    pub generation: u64,
    /// Attempts since the last stored token whose answer nobody has seen: the platform may have given another token.
    pub unanswered: u64,
    /// Attempts that failed one after the other.
    pub failures: u64,
}

/// Whose turn it is.
#[derive(Debug, Clone)]
pub enum RefreshTurn {
    /// The caller's: refresh what this connection holds, and settle, refuse or fail the lease.
    Yours(RefreshLease, Connection),
    /// Nobody's: the credentials are others than the caller has seen, or the connection is not in use.
    Fresh(Connection),
    /// Another's. Unless it is done before, the lease ends then.
    Busy(DateTime<Utc>),
    /// Nobody's before this time: the last attempt failed.
    NotBefore(RefreshFailure),
}

/// New tokens to be stored.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// Credentials, sealed.
    pub sealed: String,
    /// When they should be refreshed although nobody uses them; `None`: never.
    pub refresh_at: Option<DateTime<Utc>>,
    /// Where the account's API is from now on: the connection's setting `base_url`; `None`: where it was.
    pub base_url: Option<String>,
}

/// An attempt that failed, though not for the credentials' sake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFailure {
    /// Nobody tries before.
    pub until: DateTime<Utc>,
    /// What happened.
    pub kind: ErrorKind,
    /// One sentence.
    pub message: String,
    /// Whether the request may have arrived: then the platform may have given a token that nobody has.
    pub unanswered: bool,
}

/// Credentials.
#[async_trait]
pub trait CredentialStore: Send + Sync {
    /// Stores the way back of a person who is about to be sent to a platform, and drops those that have ended.
    /// `NotFound` for the tenant.
    async fn put_authorization(&self, new: &NewAuthorization, now: DateTime<Utc>) -> Result<()>;

    /// Takes the authorization with this state. `None` where there is none, it was taken before, it has ended, or it is
    /// another tenant's or platform's; such a one stays for those it belongs to.
    async fn take_authorization(
        &self,
        state_hash: &str,
        tenant: Uuid,
        platform: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Authorization>>;

    /// Asks for the right to refresh credentials of which the caller has seen `generation`. A lease that ends later
    /// than twice `lease` from now was made by a clock that was put back since, and counts as ended; one that ends a
    /// little later than `lease` was taken while this caller waited to write, and holds.
    async fn lease_refresh(
        &self,
        connection: Uuid,
        generation: u64,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<RefreshTurn>;

    /// Stores what the platform gave, and gives the lease back. The connection is in use again where a refusal had
    /// stopped it. Also after the lease has ended: the tokens are real, and the old ones may be dead. Only what a later
    /// lease, a person or a removal stored stays in its place. Returns the connection as it is now.
    async fn settle_refresh(
        &self,
        lease: &RefreshLease,
        renewed: &Renewed,
        now: DateTime<Utc>,
    ) -> Result<Connection>;

    /// The platform refuses these credentials for good: `needs_reauth`, with a line in the connection's history that
    /// says `why`, unless they have been replaced meanwhile. Gives the lease back. Returns the connection as it is now,
    /// and whether its state changed.
    async fn refuse_refresh(
        &self,
        lease: &RefreshLease,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<(Connection, bool)>;

    /// As `refuse_refresh`, for credentials that nothing can refresh.
    async fn refuse_credentials(
        &self,
        connection: Uuid,
        generation: u64,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<(Connection, bool)>;

    /// Gives a lease back without a result. A lease that was taken over is not touched.
    async fn fail_refresh(&self, lease: &RefreshLease, failure: &RefreshFailure) -> Result<()>;

    /// Says when the credentials of this generation should be refreshed although nobody uses them.
    async fn plan_refresh(&self, connection: Uuid, generation: u64, at: Option<DateTime<Utc>>) -> Result<()>;

    /// Connections in use whose time to be refreshed has come, the longest overdue first.
    async fn due_refreshes(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<Connection>>;

    /// Replaces the credentials of a removed connection by `sealed`, which holds none, with a line in its history.
    /// `Conflict` where it is not removed.
    async fn forget_credentials(
        &self,
        connection: Uuid,
        sealed: &str,
        how: &str,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Gives a job back until `at`, or until its connection has new credentials: that costs it no attempt. `Fenced`
    /// where the lease ran out.
    async fn park(&self, fence: &Fence, error: &Error, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()>;

    /// Makes the jobs of a connection due that wait for its credentials. Returns how many.
    async fn release_parked(&self, connection: Uuid, now: DateTime<Utc>) -> Result<u64>;
}
