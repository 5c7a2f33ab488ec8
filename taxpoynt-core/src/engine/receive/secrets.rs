//! Two live secrets while one is being changed: set the next, let the platform use it, retire the old.

use super::super::Engine;
use super::desk::{Target, is_same};
use crate::{
    Error, ErrorKind, Result,
    store::{SecretOrigin, StoredSecret},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

/// A webhook secret, without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookSecret {
    /// The engine's id; none for one that stands in the credentials or the options.
    pub id: Option<Uuid>,
    /// Who gave it.
    pub origin: SecretOrigin,
    /// Since when it is here; none for one that stands in the credentials or the options.
    pub added_at: Option<DateTime<Utc>>,
    /// Since when it opens nothing.
    pub retired_at: Option<DateTime<Utc>>,
}

/// The secrets of a connection or of the host's app, as far as they are its own.
pub(super) struct Kept {
    pub(super) platform: String,
    pub(super) of: Option<Uuid>,
    pub(super) stored: Vec<StoredSecret>,
    /// The one in the credentials or the options, unless it was retired.
    pub(super) configured: Option<SecretString>,
}

impl Engine {
    /// Sets the next webhook secret of a connection (its id) or of the host's app at a platform (`"hubspot"`), beside the
    /// one in use: from when this returns both are taken, in every process. One that is in use already changes nothing.
    /// Then have the platform use it, and call [`Engine::retire_old_webhook_secrets`].
    ///
    /// # Errors
    /// `Conflict` where an old one is still live beside the one in use: retire it first. `NotFound`; `Config` for an empty
    /// one; `Store`.
    pub async fn add_webhook_secret(
        &self,
        target: &str,
        secret: SecretString,
        tenant: Option<Uuid>,
    ) -> Result<WebhookSecret> {
        let kept = self.kept_secrets(target, tenant).await?;
        let live = kept.stored.iter().filter(|row| row.retired_at.is_none());
        for row in live.clone() {
            if self.open_secret(row).is_ok_and(|known| is_same(&known, &secret)) {
                return Ok(shown(row));
            }
        }
        if kept.configured.as_ref().is_some_and(|known| is_same(known, &secret)) {
            return Ok(configured());
        }
        if live.count() + usize::from(kept.configured.is_some()) >= 2 {
            let message = "two webhook secrets are live already: retire the old one before setting another";
            return Err(Error::new(ErrorKind::Conflict, "engine.add_webhook_secret", message));
        }
        let row = self.seal_secret(&kept.platform, kept.of, &secret, SecretOrigin::Host)?;
        self.store().put_webhook_secret(&row, self.now()).await?;
        tracing::info!(platform = row.platform, connection = ?row.connection, "the next webhook secret is set");
        Ok(shown(&row))
    }

    /// Retires every webhook secret of a connection or app but the newest: from when this returns, what the others signed
    /// is refused, in every process. Says how many.
    ///
    /// # Errors
    /// `Conflict` where there is no other one: set the next first. `NotFound`, `Store`.
    pub async fn retire_old_webhook_secrets(&self, target: &str, tenant: Option<Uuid>) -> Result<u64> {
        let kept = self.kept_secrets(target, tenant).await?;
        let Some(newest) = kept.stored.iter().rev().find(|row| row.retired_at.is_none()) else {
            let message = "the webhook secret in use is the only one: set the next before retiring it";
            return Err(Error::new(ErrorKind::Conflict, "engine.retire_old_webhook_secrets", message));
        };
        let seal = |secret| self.seal_secret(&kept.platform, kept.of, secret, SecretOrigin::Configured);
        let configured = kept.configured.iter().map(seal).collect::<Result<Vec<_>>>()?;
        let retired = self.store().retire_webhook_secrets(newest.id, &configured, self.now()).await?;
        tracing::info!(platform = kept.platform, connection = ?kept.of, retired, "old webhook secrets are retired");
        Ok(retired)
    }

    /// The webhook secrets of a connection or app, oldest first, without what they are.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn webhook_secrets(&self, target: &str, tenant: Option<Uuid>) -> Result<Vec<WebhookSecret>> {
        let kept = self.kept_secrets(target, tenant).await?;
        Ok(kept.configured.iter().map(|_| configured()).chain(kept.stored.iter().map(shown)).collect())
    }

    /// What a target has of its own. An app is the host's: a tenant's caller does not reach it.
    pub(super) async fn kept_secrets(&self, target: &str, tenant: Option<Uuid>) -> Result<Kept> {
        let connection = match Target::of(target) {
            Target::Connection(id) => Some(self.store().connection(id, tenant).await?),
            Target::Platform(_) if tenant.is_some() => {
                let message = "there is no connection with this id";
                return Err(Error::new(ErrorKind::NotFound, "engine.webhook_secret", message));
            }
            Target::Platform(_) => None,
        };
        let platform = connection.as_ref().map_or_else(|| target.to_owned(), |c| c.platform.clone());
        self.connector(&platform)?;
        let of = connection.as_ref().map(|connection| connection.id);
        let mut stored = self.store().webhook_setup(&platform, of).await?.secrets;
        stored.retain(|row| row.connection == of);
        let configured = match &connection {
            Some(connection) => self.configured_of(connection),
            None => self.configured_of_app(&platform),
        };
        let configured = configured.filter(|secret| !self.is_retired(secret, of, &stored));
        Ok(Kept { platform, of, stored, configured })
    }
}

fn shown(row: &StoredSecret) -> WebhookSecret {
    WebhookSecret {
        id: Some(row.id),
        origin: row.origin,
        added_at: Some(row.added_at),
        retired_at: row.retired_at,
    }
}

fn configured() -> WebhookSecret {
    WebhookSecret { id: None, origin: SecretOrigin::Configured, added_at: None, retired_at: None }
}
