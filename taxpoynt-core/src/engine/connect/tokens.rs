//! A connection's token, kept fresh by one at a time: tasks share a flight, processes and hosts a lease in the store.
//!
//! ```text
//! token ──good──► given
//!   │ due or ended
//!   ▼
//! lease_refresh ──Fresh──► read again      ──Busy──► wait, ask again      ──NotBefore──► the last failure
//!   │ Yours
//!   ▼
//! the platform's call ──► seal ──► settle_refresh ──► only now the new token is given
//! ```
//!
//! What a crash leaves:
//!
//! | it comes | then |
//! |---|---|
//! | before the call | the lease ends; the next caller refreshes |
//! | after the call, before `settle_refresh` | the lease ends; the next caller refreshes with the old refresh token. Where the platform keeps it good ([`Rotation::Never`]) or has a grace ([`Rotation::Grace`]), that works. Where it kills it at once, nobody on earth has the new one: the connection needs its owner, and its history says why |
//! | after `settle_refresh` | the new tokens are stored, and the next caller reads them |

use super::{Engine, in_use, needs_reauth, place, renew};
use crate::{
    Error, ErrorKind, Result, Retry,
    auth::{Granted, Life, Rotation, Stored},
    connector::ConnectorInfo,
    engine::Inner,
    http::auth::TokenSource,
    metrics::Refresh,
    store::{Connection, ConnectionState, RefreshFailure, RefreshLease, RefreshTurn, Renewed},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use subtle::ConstantTimeEq;
use tokio::task::JoinError;
use uuid::Uuid;

/// How long a refresh is ours: two calls of a token endpoint, and then some to store what came.
const LEASE: Duration = Duration::from_secs(60);

/// How often those who wait for another process look; doubling.
const LOOK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// Pauses after a refresh that failed; the last one repeats.
const PAUSES: [u64; 5] = [1, 2, 5, 15, 60];

/// How often the store is asked again to take a token that it could not take.
const STORE_ATTEMPTS: u32 = 6;

/// One connection's token.
pub(in crate::engine) struct Tokens {
    engine: Weak<Inner>,
    connection: Uuid,
    held: Mutex<Arc<Held>>,
    flight: tokio::sync::Mutex<()>,
    /// What the platform gave and the store did not take yet.
    unsettled: Mutex<Option<(RefreshLease, Renewed)>>,
}

/// A token as it was last read.
struct Held {
    connection: Connection,
    token: SecretString,
    issued_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// None: nothing renews it.
    life: Option<Life>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    /// Still accepted, but not for long.
    Due,
    Ended,
}

impl Held {
    fn of(info: &ConnectorInfo, connection: &Connection, stored: Stored) -> Self {
        Self {
            life: renew::life_of(info, &stored.renewal),
            connection: connection.clone(),
            token: stored.access_token.0,
            issued_at: stored.issued_at,
            expires_at: stored.expires_at,
        }
    }

    fn standing(&self, now: DateTime<Utc>) -> Standing {
        let (Some(life), Some(end)) = (self.life, self.expires_at) else { return Standing::Good };
        let whole = self.issued_at.and_then(|issued| (end - issued).to_std().ok());
        let margin = whole.map_or(life.margin, |whole| life.margin.min(whole / 2));
        let oldest = self.issued_at.zip(life.at_least_every).map(|(at, every)| at + renew::span(every));
        match () {
            () if now >= end => Standing::Ended,
            () if now >= end - renew::span(margin) => Standing::Due,
            () if oldest.is_some_and(|oldest| now >= oldest) => Standing::Due,
            () => Standing::Good,
        }
    }

    /// Too young to be refused for its age.
    fn is_young(&self, now: DateTime<Utc>) -> bool {
        match (self.life, self.issued_at) {
            (Some(life), Some(issued)) => now >= issued && now - issued < renew::span(life.young),
            _ => false,
        }
    }

    fn is(&self, token: &SecretString) -> bool {
        self.token.expose_secret().as_bytes().ct_eq(token.expose_secret().as_bytes()).into()
    }
}

impl Tokens {
    pub(in crate::engine) fn new(
        engine: &Engine,
        info: &ConnectorInfo,
        connection: &Connection,
        stored: &Stored,
    ) -> Arc<Self> {
        Arc::new(Self {
            engine: Arc::downgrade(&engine.inner),
            connection: connection.id,
            held: Mutex::new(Arc::new(Held::of(info, connection, stored.clone()))),
            flight: tokio::sync::Mutex::new(()),
            unsettled: Mutex::new(None),
        })
    }

    /// Takes over what was read from the store, unless something newer is held.
    pub(in crate::engine) fn adopt(&self, connection: &Connection, stored: Stored) {
        let Ok(engine) = self.engine() else { return };
        let Ok(connector) = engine.connector(&connection.platform) else { return };
        let mut held = lock(&self.held);
        if connection.generation > held.connection.generation {
            *held = Arc::new(Held::of(connector.info(), connection, stored));
        }
    }

    /// The token, refreshed where it is due; `seen` is what the caller saw.
    async fn fresh(&self, seen: Arc<Held>) -> Result<SecretString> {
        let engine = self.engine()?;
        let now = engine.now();
        if seen.standing(now) == Standing::Due {
            // Whoever comes second uses what is still good.
            let Ok(_flight) = self.flight.try_lock() else { return Ok(seen.token.clone()) };
            return match self.renew(&engine, &self.held()).await {
                Ok(token) => Ok(token),
                Err(error) if error.kind() == ErrorKind::Unauthenticated => Err(error),
                Err(error) => {
                    tracing::warn!(connection = %self.connection, "the token was not refreshed early: {error}");
                    Ok(seen.token.clone())
                }
            };
        }
        let _flight = self.flight.lock().await;
        let held = self.held();
        match held.standing(engine.now()) {
            Standing::Ended => self.renew(&engine, &held).await,
            _ => Ok(held.token.clone()),
        }
    }

    /// A newer token than `held`, by this caller or whoever is at it. The caller holds the flight.
    async fn renew(&self, engine: &Engine, held: &Held) -> Result<SecretString> {
        self.settle_what_is_left(engine).await?;
        let mut pause = LOOK.0;
        loop {
            let now = engine.now();
            let generation = held.connection.generation;
            match engine.store().lease_refresh(self.connection, generation, LEASE, now).await? {
                RefreshTurn::Fresh(connection) => return self.take_over(engine, &connection),
                RefreshTurn::NotBefore(failure) => return Err(failed(&failure, now)),
                RefreshTurn::Busy(_) if held.standing(now) != Standing::Ended => {
                    return Ok(held.token.clone());
                }
                RefreshTurn::Busy(until) => {
                    let left = (until - now).to_std().unwrap_or_default();
                    engine.clock().sleep(pause.min(left.max(LOOK.0))).await;
                    pause = (pause * 2).min(LOOK.1);
                }
                RefreshTurn::Yours(lease, connection) => {
                    // A task of its own: whoever waits may stop waiting, and the platform has rotated all the same.
                    let worker = engine.clone();
                    let flown = tokio::spawn(async move { fly(worker, lease, connection).await }).await;
                    return match finished(flown)? {
                        Landed::Stored(connection) => self.take_over(engine, &connection),
                        Landed::Unsettled(lease, renewed, error) => {
                            *lock(&self.unsettled) = Some((lease, renewed));
                            Err(error)
                        }
                    };
                }
            }
        }
    }

    /// Reads a connection as it is now.
    fn take_over(&self, engine: &Engine, connection: &Connection) -> Result<SecretString> {
        in_use(connection).map_err(unusable)?;
        let stored = engine.open_stored(connection)?;
        let token = stored.access_token.0.clone();
        self.adopt(connection, stored);
        Ok(token)
    }

    /// Gives the store once more what it could not take, before anything else is done.
    async fn settle_what_is_left(&self, engine: &Engine) -> Result<()> {
        let left = lock(&self.unsettled).clone();
        let Some((lease, renewed)) = left else { return Ok(()) };
        engine.store().settle_refresh(&lease, &renewed, engine.now()).await?;
        *lock(&self.unsettled) = None;
        Ok(())
    }

    fn held(&self) -> Arc<Held> {
        lock(&self.held).clone()
    }

    fn engine(&self) -> Result<Engine> {
        let inner = self.engine.upgrade().ok_or_else(|| {
            Error::new(ErrorKind::Config, "engine.refresh", "the engine of this connection is closed")
        })?;
        Ok(Engine { inner })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl TokenSource for Tokens {
    async fn token(&self) -> Result<SecretString> {
        let held = self.held();
        match held.standing(self.engine()?.now()) {
            Standing::Good => Ok(held.token.clone()),
            Standing::Due | Standing::Ended => self.fresh(held).await,
        }
    }

    async fn refresh(&self, rejected: &SecretString) -> Result<bool> {
        let engine = self.engine()?;
        let _flight = self.flight.lock().await;
        let held = self.held();
        if !held.is(rejected) {
            return Ok(true);
        }
        if held.life.is_none() {
            return self.refuse_pasted(&engine, &held).await;
        }
        if held.is_young(engine.now()) {
            return Ok(false);
        }
        // The platform says that it has ended, whatever its clock said.
        let ended = Held { expires_at: Some(DateTime::<Utc>::MIN_UTC), ..copy(&held) };
        self.renew(&engine, &ended).await.map(|token| !held.is(&token))
    }
}

impl Tokens {
    /// Nothing renews it: a person must, unless one has already.
    async fn refuse_pasted(&self, engine: &Engine, held: &Held) -> Result<bool> {
        let why = "the platform refuses the pasted credentials";
        let generation = held.connection.generation;
        let store = engine.store();
        let (connection, changed) =
            store.refuse_credentials(self.connection, generation, why, engine.now()).await?;
        if changed {
            engine.tell(&connection, ConnectionState::NeedsReauth, why);
        }
        if connection.state == ConnectionState::NeedsReauth {
            return Err(needs_reauth(&connection));
        }
        self.take_over(engine, &connection).map(|token| !held.is(&token))
    }
}

impl Engine {
    /// Refreshes a connection that nobody uses.
    pub(super) async fn refresh_connection(&self, connection: &Connection) -> Result<()> {
        self.context(connection)?;
        let tokens = lock(&self.inner.contexts).get(&connection.id).map(|cached| cached.tokens.clone());
        let Some(tokens) = tokens else { return Ok(()) };
        let _flight = tokens.flight.lock().await;
        tokens.renew(self, &tokens.held()).await.map(drop)
    }
}

/// How a refresh ended.
enum Landed {
    Stored(Connection),
    /// The platform has given tokens, and the store does not take them.
    Unsettled(RefreshLease, Renewed, Error),
}

/// One refresh, under its lease.
async fn fly(engine: Engine, lease: RefreshLease, connection: Connection) -> Result<Landed> {
    let info = engine.connector(&connection.platform)?.info();
    let stored = match engine.open_stored(&connection) {
        Ok(stored) => stored,
        Err(error) => return Err(give_up(&engine, &lease, error).await),
    };
    let rotation = renew::rotation_of(info, &stored.renewal);
    let mut granted = engine.renew_with(info, &connection.settings, &stored).await;
    if granted.as_ref().is_err_and(|error| may_repeat(error, rotation)) {
        granted = engine.renew_with(info, &connection.settings, &stored).await;
    }
    engine.inner.metrics.token_refreshed(&connection.platform, outcome_of(&granted));
    match granted {
        Ok(granted) => store(&engine, lease, &connection, &stored, &granted).await,
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            let why = refusal(&error, &lease, rotation);
            let (connection, changed) = engine.store().refuse_refresh(&lease, &why, engine.now()).await?;
            if changed {
                engine.tell(&connection, ConnectionState::NeedsReauth, &why);
            }
            Ok(Landed::Stored(connection))
        }
        Err(error) => Err(give_up(&engine, &lease, error).await),
    }
}

fn outcome_of(granted: &Result<Granted>) -> Refresh {
    match granted {
        Ok(_) => Refresh::Refreshed,
        Err(error) if error.kind() == ErrorKind::Unauthenticated => Refresh::Refused,
        Err(_) => Refresh::Failed,
    }
}

/// Seals and stores, and goes on trying: the platform may have killed what is stored now.
async fn store(
    engine: &Engine,
    lease: RefreshLease,
    connection: &Connection,
    stored: &Stored,
    granted: &Granted,
) -> Result<Landed> {
    let info = engine.connector(&connection.platform)?.info();
    let renewed = stored.renewed(granted);
    let place = place(connection.tenant, &connection.platform, &connection.account);
    let renewed = Renewed {
        sealed: engine.inner.vault.seal(&renewed, &place, engine.now())?,
        refresh_at: renew::refresh_at(info, &renewed),
        base_url: renew::moved(engine, info, &connection.settings, granted),
    };
    let mut pause = Duration::from_millis(100);
    for _ in 1..STORE_ATTEMPTS {
        match engine.store().settle_refresh(&lease, &renewed, engine.now()).await {
            Ok(connection) => return Ok(Landed::Stored(connection)),
            Err(error) => {
                tracing::error!(connection = %lease.connection, "a new token is not stored: {error}")
            }
        }
        engine.clock().sleep(pause).await;
        pause *= 2;
    }
    match engine.store().settle_refresh(&lease, &renewed, engine.now()).await {
        Ok(connection) => Ok(Landed::Stored(connection)),
        Err(error) => Ok(Landed::Unsettled(lease, renewed, error)),
    }
}

/// Whether credentials are good for a call now, and need no refresh before it.
pub(super) fn are_good(
    info: &ConnectorInfo,
    connection: &Connection,
    stored: &Stored,
    now: DateTime<Utc>,
) -> bool {
    Held::of(info, connection, stored.clone()).standing(now) == Standing::Good
}

/// A call that was never sent may be repeated; one whose answer was lost, where the old refresh token is still good.
fn may_repeat(error: &Error, rotation: Rotation) -> bool {
    match error.retry() {
        Retry::Now => error.get("status").is_none(),
        Retry::Ambiguous => matches!(rotation, Rotation::Never | Rotation::Grace(_)),
        _ => false,
    }
}

fn refusal(error: &Error, lease: &RefreshLease, rotation: Rotation) -> String {
    let lost = lease.unanswered > 0 && matches!(rotation, Rotation::AtOnce | Rotation::Undocumented);
    match lost {
        false => error.message().to_owned(),
        true => format!(
            "{}; an answer to an earlier refresh was lost, and the platform may have replaced the token by then",
            error.message()
        ),
    }
}

/// Notes that a refresh failed, so that nobody repeats it at once.
async fn give_up(engine: &Engine, lease: &RefreshLease, error: Error) -> Error {
    let step = usize::try_from(lease.failures).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let step = Duration::from_secs(PAUSES[step]);
    let wait = match error.retry() {
        Retry::After(wait) => wait.max(step),
        _ => step,
    };
    let failure = RefreshFailure {
        until: engine.now() + renew::span(wait.min(Duration::from_secs(24 * 3600))),
        kind: match error.kind() {
            ErrorKind::Ambiguous => ErrorKind::Unavailable,
            kind => kind,
        },
        message: error.message().to_owned(),
        unanswered: error.retry() == Retry::Ambiguous,
    };
    if let Err(error) = engine.store().fail_refresh(lease, &failure).await {
        // The lease ends by itself.
        tracing::error!(connection = %lease.connection, "a failed refresh is not noted: {error}");
    }
    failed(&failure, engine.now())
}

fn failed(failure: &RefreshFailure, now: DateTime<Utc>) -> Error {
    let wait = (failure.until - now).to_std().unwrap_or_default();
    let message = format!("the token could not be refreshed: {}", failure.message);
    Error::new(failure.kind, "engine.refresh", message).retry_as(Retry::After(wait))
}

/// What a task came to.
pub(super) fn finished<T>(joined: Result<Result<T>, JoinError>) -> Result<T> {
    joined.unwrap_or_else(|defect| {
        let how = if defect.is_panic() { "ended abnormally" } else { "was stopped" };
        Err(Error::new(ErrorKind::Internal, "engine.refresh", format!("the task {how}")))
    })
}

/// Why there is no token. To whoever asks the platform, `NotFound` would mean that what was asked for is gone there.
fn unusable(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::new(ErrorKind::Unauthenticated, "engine.refresh", error.message())
            .with("connection", error.get("connection").unwrap_or_default().to_owned()),
        _ => error,
    }
}

fn copy(held: &Held) -> Held {
    Held {
        connection: held.connection.clone(),
        token: held.token.clone(),
        issued_at: held.issued_at,
        expires_at: held.expires_at,
        life: held.life,
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
