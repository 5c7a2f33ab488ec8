//! Mapping rules of tenants and connections: every version is kept, none is edited.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `set_rules` | the text is stored under its hash, and from now on it is in force |
//! | `rules_in_force` | the newest text of a tenant and of one of its connections |

use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// Rules to be put in force.
#[derive(Debug, Clone)]
pub struct WantedRules {
    /// Whose.
    pub tenant: Uuid,
    /// Of this connection alone; none: of all the tenant's sales.
    pub connection: Option<Uuid>,
    /// A rule file; none: from now on there are no rules of this layer.
    pub text: Option<String>,
    /// Why, in the words of whoever sets them.
    pub reason: Option<String>,
}

/// A rule file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRules {
    /// SHA-256 of the text, in hexadecimal: the same text has the same one everywhere.
    pub hash: String,
    /// The file.
    pub text: String,
    /// Whether it is the connection's, and not the tenant's.
    pub is_of_connection: bool,
}

/// One row of a layer's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleVersion {
    /// Of this connection; none: of the tenant.
    pub connection: Option<Uuid>,
    /// Which text; none: the rules were taken away.
    pub hash: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// From when on.
    pub set_at: DateTime<Utc>,
}

/// Mapping rules.
#[async_trait]
pub trait RuleStore: Send + Sync {
    /// Puts rules in force. False where the same text is in force already: nothing is stored then. `NotFound` for a
    /// connection that is not the tenant's.
    async fn set_rules(&self, wanted: &WantedRules, now: DateTime<Utc>) -> Result<bool>;

    /// The layers in force, lowest first: the tenant's, then the connection's, where there are any.
    async fn rules_in_force(&self, tenant: Uuid, connection: Option<Uuid>) -> Result<Vec<StoredRules>>;

    /// What a tenant's rules were, newest first; at most 1,000.
    async fn rule_history(&self, tenant: Uuid) -> Result<Vec<RuleVersion>>;

    /// A text by its hash, where the tenant has used it; `NotFound` otherwise.
    async fn rule_text(&self, tenant: Uuid, hash: &str) -> Result<String>;
}
