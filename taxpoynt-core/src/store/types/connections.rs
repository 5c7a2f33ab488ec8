//! Connections to platform accounts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};
use uuid::Uuid;

/// Whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionState {
    /// In use.
    Active,
    /// The host paused it; webhooks are still stored.
    Paused,
    /// The platform refuses the credentials: the account's owner must authorize again.
    NeedsReauth,
    /// Removed; its history stays.
    Removed,
}

/// A connection to be stored.
#[derive(Clone)]
pub struct NewConnection {
    /// Whose.
    pub tenant: Uuid,
    /// `square`.
    pub platform: String,
    /// `crm` or `pos`.
    pub family: &'static str,
    /// The platform's id of the account.
    pub account: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// Settings, `base_url` and `webhook_url` among them. No secrets.
    pub settings: BTreeMap<String, String>,
    /// Credentials, sealed.
    pub sealed: String,
}

/// A stored connection.
#[derive(Clone)]
pub struct Connection {
    /// The engine's id.
    pub id: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// `square`.
    pub platform: String,
    /// The platform's id of the account.
    pub account: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// Settings.
    pub settings: BTreeMap<String, String>,
    /// Credentials, sealed.
    pub sealed: String,
    /// Rises whenever the credentials are others; not when the same ones are sealed under another key.
    pub generation: u64,
    /// State.
    pub state: ConnectionState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for NewConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewConnection")
            .field("tenant", &self.tenant)
            .field("platform", &self.platform)
            .field("account", &self.account)
            .field("settings", &self.settings.keys())
            .finish_non_exhaustive()
    }
}

/// Settings by name only: a webhook's address may have a secret path.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .field("platform", &self.platform)
            .field("account", &self.account)
            .field("settings", &self.settings.keys())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
