//! Connections that go: the webhook is ended, the token is revoked, the credentials are forgotten, the documents stay.

use super::{
    CachedContext, Engine,
    authorize::code_facts,
    place,
    tokens::{are_good, lock},
};
use crate::{
    Result,
    auth::{Renewal, Stored},
    http::{Lines, timeout::within},
    store::{Connection, ConnectionState, SecretOrigin, StoredSecret},
};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// How long a platform is waited for that is asked for a last token.
const LIMIT: Duration = Duration::from_secs(30);

/// What became of a removed connection's tokens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Removal {
    /// Whether the platform has revoked them.
    pub revoked: bool,
    /// What was done at the platform or why nothing was, one sentence, and a second one where its webhook stays there and
    /// a person must end it: which, and where. The connection's history has it too.
    pub how: String,
}

impl Engine {
    /// Ends a connection: no sale is read for it any more, its subscription to webhooks is ended and its tokens are revoked
    /// at the platform where it has a way to (tried once, for a minute at most; whether it worked is recorded), and its
    /// credentials are forgotten here. Records, documents and their submissions stay. Connecting the account again
    /// brings it back under the same id. A removal that was interrupted is ended by calling again.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn remove(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<Removal> {
        let connection = self.store().connection(connection, tenant).await?;
        // A task of its own: whoever waits for it may stop waiting.
        let engine = self.clone();
        super::tokens::finished(tokio::spawn(async move { engine.take_down(connection).await }).await)
    }

    async fn take_down(&self, connection: Connection) -> Result<Removal> {
        let (before, now) = (connection.state, self.now());
        self.store().set_connection_state(connection.id, ConnectionState::Removed, now).await?;
        // Read again: a refresh that was under way has stored what is to be revoked.
        let connection = self.store().connection(connection.id, None).await?;
        let by_hand = self.webhook_by_hand(&connection).await?;
        // While its token is good.
        let connection = self.refreshed_for_the_end(connection).await?;
        let callable = Connection { state: last(before), ..connection.clone() };
        let stays = self.end_subscription_of_removed(&callable).await?;
        self.let_go(&connection);
        let mut removal = self.revoke(&connection).await;
        if let Some(why) = stays {
            removal.how += &format!("; its webhook stays at the platform, end it there: {why}");
        } else if let Some(what) = by_hand {
            removal.how += &format!("; {what}");
        }
        let place = place(connection.tenant, &connection.platform, &connection.account);
        let nothing = self.inner.vault.seal(&Stored::forgotten(), &place, self.now())?;
        self.store().forget_credentials(connection.id, &nothing, &removal.how, self.now()).await?;
        self.tell(&connection, ConnectionState::Removed, &removal.how);
        Ok(removal)
    }

    /// The connection with a new token, where it has a subscription to end and its token is none to end it with. Nobody
    /// refreshes a removed connection beside us, and the new token is stored before it is used. Where the platform gives
    /// none, it is said when the subscription cannot be ended.
    async fn refreshed_for_the_end(&self, connection: Connection) -> Result<Connection> {
        let own = self.subscription_of(&connection.platform, Some(connection.id)).await?;
        let (Some(_), Ok(stored)) = (own, self.open_stored(&connection)) else { return Ok(connection) };
        let Ok(connector) = self.connector(&connection.platform) else { return Ok(connection) };
        let info = connector.info();
        if stored.renewal.is_none() || are_good(info, &connection, &stored, self.now()) {
            return Ok(connection);
        }
        let asked =
            within(&**self.clock(), LIMIT, self.renew_with(info, &connection.settings, &stored)).await;
        let granted = match asked {
            Some(Ok(granted)) => granted,
            Some(Err(error)) => {
                tracing::warn!(connection = %connection.id, "no new token for its end: {error}");
                return Ok(connection);
            }
            None => return Ok(connection),
        };
        let place = place(connection.tenant, &connection.platform, &connection.account);
        let sealed = self.inner.vault.seal(&stored.renewed(&granted), &place, self.now())?;
        self.store().put_credentials(connection.id, &sealed, self.now()).await?;
        self.let_go(&connection);
        self.store().connection(connection.id, None).await
    }

    /// What a person must end at the platform: a webhook that was set up there by hand, as the guide says.
    async fn webhook_by_hand(&self, connection: &Connection) -> Result<Option<String>> {
        let Ok(connector) = self.connector(&connection.platform) else { return Ok(None) };
        let own = self.subscription_of(&connection.platform, Some(connection.id)).await?;
        if own.is_some() || connector.webhook().is_none() {
            return Ok(None);
        }
        let pasted = self.open_stored(connection).is_ok_and(|stored| stored.webhook_secret.is_some());
        let kept = self.store().webhook_setup(&connection.platform, Some(connection.id)).await?.secrets;
        let of_host = |row: &StoredSecret| {
            row.connection == Some(connection.id)
                && row.retired_at.is_none()
                && row.origin == SecretOrigin::Host
        };
        if !pasted && !kept.iter().any(of_host) {
            return Ok(None);
        }
        let url = connection
            .settings
            .get("webhook_url")
            .map_or(String::new(), |url| format!(", the one that calls {url}"));
        Ok(Some(format!(
            "its webhook was set up by hand and stays at {}: remove it there{url}; what it sends is refused",
            connector.info().name
        )))
    }

    /// Drops what this process keeps for the calls of a connection.
    pub(in crate::engine) fn let_go(&self, connection: &Connection) {
        let mut contexts = lock(&self.inner.contexts);
        if let Some(gone) = contexts.remove(&connection.id) {
            forget_line(&self.inner.lines, &contexts, &connection.platform, &gone);
        }
    }

    async fn revoke(&self, connection: &Connection) -> Removal {
        match self.try_to_revoke(connection).await {
            Ok(Some(revoked)) => revoked,
            Ok(None) => Removal {
                revoked: false,
                how: "the platform has no way to revoke these credentials: end them there".to_owned(),
            },
            Err(error) => Removal {
                revoked: false,
                how: format!("not revoked at the platform, end them there: {}", error.message()),
            },
        }
    }

    async fn try_to_revoke(&self, connection: &Connection) -> Result<Option<Removal>> {
        let info = self.connector(&connection.platform)?.info();
        let stored = self.open_stored(connection)?;
        // A pasted token is its owner's: other programs may use it.
        let (Renewal::RefreshToken { .. }, Ok(facts)) = (&stored.renewal, code_facts(info)) else {
            return Ok(None);
        };
        // Platforms revoke for the account: another tenant's connection to it would end too.
        if !self.store().connections_of(&connection.platform, &connection.account).await?.is_empty() {
            let how = "not revoked at the platform: another tenant uses the same account".to_owned();
            return Ok(Some(Removal { revoked: false, how }));
        }
        let client = self.client(info)?;
        let revoked = self.desk(info, &connection.settings)?.revoke(facts, &client, &stored).await?;
        Ok(revoked.then(|| Removal { revoked, how: "the platform has revoked the tokens".to_owned() }))
    }
}

/// The line of a context that goes, unless another tenant's connection to the same account calls on it too.
pub(super) fn forget_line(
    lines: &Lines,
    others: &HashMap<Uuid, CachedContext>,
    platform: &str,
    gone: &CachedContext,
) {
    let Some(account) = &gone.context.account else { return };
    let same = |other: &CachedContext| {
        other.context.account.as_ref() == Some(account) && other.context.base_url == gone.context.base_url
    };
    if !others.values().any(same) {
        lines.forget(platform, &gone.context.base_url, account);
    }
}

/// How a connection that is being removed may still be called, to end what it began.
fn last(before: ConnectionState) -> ConnectionState {
    match before {
        // An earlier removal was interrupted.
        ConnectionState::Removed => ConnectionState::Active,
        before => before,
    }
}
