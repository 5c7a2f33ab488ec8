//! What webhooks are verified with, kept open between two deliveries for as long as nothing of it changes.

use super::super::Engine;
use crate::{
    Error, ErrorKind, Result,
    store::{Connection, ConnectionState, SecretOrigin, StoredSecret, WebhookSetup},
    webhook::Secrets,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Whom a webhook is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// One connection: events of other accounts are not its business.
    Connection(Uuid),
    /// The host's registration at a platform: each event goes to its account's connections.
    Platform(String),
}

impl Target {
    pub(super) fn of(text: &str) -> Self {
        Uuid::parse_str(text).map_or_else(|_| Self::Platform(text.to_owned()), Self::Connection)
    }
}

/// Whose a secret is.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// The host's app: it speaks for every account.
    pub(super) app: bool,
    /// Connections: it speaks for these.
    pub(super) connections: BTreeSet<Uuid>,
}

/// What the webhooks of a target are verified with.
pub(super) struct Setup {
    pub(super) platform: String,
    /// The revision that the store had when it was read, or an earlier one.
    pub(super) revision: i64,
    /// The URL as registered.
    pub(super) url: Option<String>,
    /// Every secret that may have signed, each once.
    pub(super) secrets: Secrets,
    /// Whose each of them is.
    pub(super) owners: Vec<Owners>,
    /// The connections, oldest first.
    pub(super) connections: Vec<Uuid>,
    /// The same by their account.
    pub(super) by_account: HashMap<String, Vec<Uuid>>,
    /// The connection that was asked for is no more.
    pub(super) is_removed: bool,
}

/// Set-ups that were read.
#[derive(Default)]
pub(in crate::engine) struct Desk {
    setups: Mutex<HashMap<Target, Arc<Setup>>>,
    /// Of many that find theirs out of date, one reads.
    reading: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// The set-up of a target, where one was read and it is none of revision `stale`.
    fn get(&self, target: &Target, stale: Option<i64>) -> Option<Arc<Setup>> {
        let setups = self.setups.lock().unwrap_or_else(PoisonError::into_inner);
        setups.get(target).filter(|setup| Some(setup.revision) != stale).cloned()
    }

    fn put(&self, target: &Target, setup: &Arc<Setup>) {
        let mut setups = self.setups.lock().unwrap_or_else(PoisonError::into_inner);
        setups.insert(target.clone(), setup.clone());
    }
}

impl Engine {
    /// The set-up of a target, read anew where the one at hand is of revision `stale`.
    pub(super) async fn setup(&self, target: &Target, stale: Option<i64>) -> Result<Arc<Setup>> {
        let desk = &self.inner.desk;
        if let Some(setup) = desk.get(target, stale) {
            return Ok(setup);
        }
        let _reading = desk.reading.lock().await;
        if let Some(setup) = desk.get(target, stale) {
            return Ok(setup);
        }
        let setup = Arc::new(self.read_setup(target).await?);
        desk.put(target, &setup);
        Ok(setup)
    }

    async fn read_setup(&self, target: &Target) -> Result<Setup> {
        let (platform, of) = match target {
            Target::Connection(id) => (self.store().connection(*id, None).await?.platform, Some(*id)),
            Target::Platform(platform) => (platform.clone(), None),
        };
        self.connector(&platform)?;
        let stored = self.store().webhook_setup(&platform, of).await?;
        let url = self.registered_url(&platform, target, &stored.connections);
        let mut by_account: HashMap<String, Vec<Uuid>> = HashMap::new();
        for connection in &stored.connections {
            by_account.entry(connection.account.clone()).or_default().push(connection.id);
        }
        let (secrets, owners) = self.live_secrets(&platform, &stored);
        Ok(Setup {
            revision: stored.revision,
            url,
            secrets,
            owners,
            connections: stored.connections.iter().map(|connection| connection.id).collect(),
            by_account,
            is_removed: of.is_some() && stored.connections.is_empty(),
            platform,
        })
    }

    /// The URL as registered: of a connection's own registration, or of the app's.
    pub(super) fn registered_url(
        &self,
        platform: &str,
        target: &Target,
        connections: &[Connection],
    ) -> Option<String> {
        let of_connection = connections.iter().find_map(|c| c.settings.get("webhook_url").cloned());
        let of_app = self.inner.options.apps.get(platform).and_then(|app| app.webhook_url.clone());
        match target {
            Target::Connection(_) => of_connection.or(of_app),
            Target::Platform(_) => of_app.or(of_connection),
        }
    }

    fn live_secrets(&self, platform: &str, stored: &WebhookSetup) -> (Secrets, Vec<Owners>) {
        let mut live = Live::default();
        let of_app = self.configured_of_app(platform);
        if let Some(secret) = of_app.filter(|secret| !self.is_retired(secret, None, &stored.secrets)) {
            live.add(secret, None);
        }
        for connection in &stored.connections {
            let of = Some(connection.id);
            let configured = self.configured_of(connection);
            if let Some(secret) = configured.filter(|secret| !self.is_retired(secret, of, &stored.secrets)) {
                live.add(secret, of);
            }
        }
        for secret in stored.secrets.iter().filter(|secret| secret.retired_at.is_none()) {
            match self.open_secret(secret) {
                Ok(opened) => live.add(opened, secret.connection),
                // One that no longer opens must not keep the others from receiving.
                Err(error) => tracing::warn!(secret = %secret.id, "{error}"),
            }
        }
        (Secrets(live.secrets), live.owners)
    }

    /// The app's secret in the engine's options.
    pub(super) fn configured_of_app(&self, platform: &str) -> Option<SecretString> {
        self.inner.options.apps.get(platform).and_then(|app| app.webhook_secret.clone())
    }

    /// The secret among a connection's credentials.
    pub(super) fn configured_of(&self, connection: &Connection) -> Option<SecretString> {
        if connection.state == ConnectionState::Removed {
            return None;
        }
        match self.open_credentials(connection) {
            Ok(credentials) => credentials.webhook_secret,
            Err(error) => {
                tracing::warn!(connection = %connection.id, "{error}");
                None
            }
        }
    }

    /// Whether a configured secret was retired.
    pub(super) fn is_retired(
        &self,
        secret: &SecretString,
        of: Option<Uuid>,
        stored: &[StoredSecret],
    ) -> bool {
        let retired = |row: &&StoredSecret| row.origin == SecretOrigin::Configured && row.connection == of;
        stored.iter().filter(retired).any(|row| self.open_secret(row).is_ok_and(|old| is_same(&old, secret)))
    }

    /// Opens a stored secret.
    pub(super) fn open_secret(&self, secret: &StoredSecret) -> Result<SecretString> {
        let text: String = self.inner.vault.open(&secret.sealed, &place(secret.id))?;
        Ok(text.into())
    }

    /// Seals a secret under an id of its own.
    pub(super) fn seal_secret(
        &self,
        platform: &str,
        of: Option<Uuid>,
        secret: &SecretString,
        origin: SecretOrigin,
    ) -> Result<StoredSecret> {
        if secret.expose_secret().is_empty() {
            let message = "the webhook secret is empty: paste the one the platform shows";
            return Err(
                Error::new(ErrorKind::Config, "engine.webhook_secret", message).with("field", "secret")
            );
        }
        let (id, now) = (Uuid::now_v7(), self.now());
        let sealed = self.inner.vault.seal(&secret.expose_secret(), &place(id), now)?;
        let platform = platform.to_owned();
        Ok(StoredSecret { id, platform, connection: of, sealed, origin, added_at: now, retired_at: None })
    }
}

/// Whether two secrets are one.
pub(super) fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret().as_bytes().ct_eq(other.expose_secret().as_bytes()).into()
}

/// What is inside the sealed text, so that it does not open in another row.
fn place(id: Uuid) -> String {
    format!("webhook_secret:{id}")
}

/// Secrets, each once, with all whose it is.
#[derive(Default)]
struct Live {
    secrets: Vec<SecretString>,
    owners: Vec<Owners>,
    places: HashMap<String, usize>,
}

impl Live {
    fn add(&mut self, secret: SecretString, of: Option<Uuid>) {
        if secret.expose_secret().is_empty() {
            return;
        }
        let next = self.secrets.len();
        let place = *self.places.entry(secret.expose_secret().to_owned()).or_insert(next);
        if place == next {
            self.secrets.push(secret);
            self.owners.push(Owners::default());
        }
        let Some(owners) = self.owners.get_mut(place) else { return };
        match of {
            Some(connection) => drop(owners.connections.insert(connection)),
            None => owners.app = true,
        }
    }
}
