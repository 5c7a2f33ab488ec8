//! Connections that go: the token is revoked, the credentials are forgotten, the documents stay.

use super::{Engine, authorize::code_facts, place};
use crate::{
    Result,
    auth::{Renewal, Stored},
    store::{Connection, ConnectionState},
};
use uuid::Uuid;

/// What became of a removed connection's tokens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Removal {
    /// Whether the platform has revoked them.
    pub revoked: bool,
    /// What was done at the platform or why nothing was, one sentence; the connection's history has it too.
    pub how: String,
}

impl Engine {
    /// Ends a connection: no call is made for it any more, its tokens are revoked at the platform where it has a way to
    /// (tried once; whether it worked is recorded), and its credentials are forgotten here. Records, documents and
    /// their submissions stay. Connecting the account again brings it back under the same id. A removal that was
    /// interrupted is ended by calling again.
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
        let now = self.now();
        self.store().set_connection_state(connection.id, ConnectionState::Removed, now).await?;
        // Read again: a refresh that was under way has stored what is to be revoked.
        let connection = self.store().connection(connection.id, None).await?;
        super::tokens::lock(&self.inner.contexts).remove(&connection.id);
        let removal = self.revoke(&connection).await;
        let place = place(connection.tenant, &connection.platform, &connection.account);
        let nothing = self.inner.vault.seal(&Stored::forgotten(), &place, self.now())?;
        self.store().forget_credentials(connection.id, &nothing, &removal.how, self.now()).await?;
        self.tell(&connection, ConnectionState::Removed, &removal.how);
        Ok(removal)
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
