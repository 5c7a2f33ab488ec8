//! Connections: credentials are tried, sealed and stored; later calls open them again.

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    connector::{Connector, Context, Family},
    http::{
        StackOptions,
        auth::StaticToken,
        rate_limit::{Limiter, Quota},
        stack,
        stack::Auth,
    },
    store::{Connection, NewConnection},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, sync::Arc};
use url::Url;
use uuid::Uuid;

/// What a connection proves itself with.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Sent as `Authorization: Bearer`.
    pub access_token: SecretString,
    /// Secret that signs this connection's webhooks, where the platform has one per connection.
    pub webhook_secret: Option<SecretString>,
}

/// Their sealed form.
#[derive(Serialize, Deserialize)]
struct Sealed {
    access_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}

impl Engine {
    /// Connects an account: makes the cheapest authenticated call, then stores the connection with its credentials
    /// sealed. Connecting the same account again updates the connection and keeps its id.
    ///
    /// # Errors
    /// `Config` for an unknown platform, setting or URL; `NotFound` for the tenant; what the platform answers.
    pub async fn connect(
        &self,
        platform: &str,
        tenant: Uuid,
        credentials: Credentials,
        settings: BTreeMap<String, String>,
    ) -> Result<Connection> {
        self.store().tenant(tenant).await?;
        let connector = Arc::clone(self.connector(platform)?);
        check_settings(&*connector, &settings)?;
        let context = self.build_context(&*connector, &credentials, &settings, None)?;
        let account = connector.check(&context).await?;
        let sealed = Sealed {
            access_token: credentials.access_token.expose_secret().to_owned(),
            webhook_secret: credentials.webhook_secret.as_ref().map(|s| s.expose_secret().to_owned()),
        };
        let now = self.now();
        let connection = NewConnection {
            tenant,
            platform: platform.to_owned(),
            family: match connector.info().family {
                Family::Crm => "crm",
                Family::Pos => "pos",
            },
            sealed: self.inner.vault.seal(&sealed, &place(tenant, platform, &account.id), now)?,
            account: account.id,
            account_name: account.name,
            settings,
        };
        self.store().put_connection(&connection, now).await
    }

    /// Opens a connection's credentials.
    pub(super) fn open_credentials(&self, connection: &Connection) -> Result<Credentials> {
        let place = place(connection.tenant, &connection.platform, &connection.account);
        let sealed: Sealed = self.inner.vault.open(&connection.sealed, &place)?;
        Ok(Credentials {
            access_token: sealed.access_token.into(),
            webhook_secret: sealed.webhook_secret.map(SecretString::from),
        })
    }

    pub(super) fn build_context(
        &self,
        connector: &dyn Connector,
        credentials: &Credentials,
        settings: &BTreeMap<String, String>,
        account: Option<String>,
    ) -> Result<Context> {
        let info = connector.info();
        let base_url = base_url(settings.get("base_url").map_or(info.base_url, String::as_str))?;
        let mut options = StackOptions::new(self.inner.base.clone(), self.clock().clone(), base_url.clone());
        options.auth = Auth::Bearer(Arc::new(StaticToken::new(credentials.access_token.clone())));
        options.limiter = Some(Arc::new(Limiter::new(Quota::per_second(info.calls_per_second))));
        Ok(Context {
            http: stack(options),
            base_url,
            settings: settings.clone(),
            account,
            clock: self.clock().clone(),
        })
    }
}

/// What is inside the sealed text, so that it does not open in another row.
fn place(tenant: Uuid, platform: &str, account: &str) -> String {
    format!("connection:{tenant}:{platform}:{account}:credentials")
}

/// A base URL ends in a slash, so that paths are joined below it.
pub(super) fn base_url(text: &str) -> Result<Url> {
    let mut text = text.to_owned();
    if !text.ends_with('/') {
        text.push('/');
    }
    Url::parse(&text).map_err(|e| {
        // The text is not shown: it may hold a password.
        let message = format!("base_url must be an address such as https://platform.example: {e}");
        Error::new(ErrorKind::Config, "engine.connect", message).with("field", "base_url")
    })
}

fn check_settings(connector: &dyn Connector, settings: &BTreeMap<String, String>) -> Result<()> {
    let info = connector.info();
    let known = |name: &str| info.settings.iter().any(|s| s.name == name);
    let refused = |name: &str, message: String| {
        Err(Error::new(ErrorKind::Config, "engine.connect", message)
            .with("field", format!("settings.{name}")))
    };
    if let Some(name) = settings.keys().find(|name| !known(name)) {
        let names = info.settings.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
        return refused(name, format!("{} has no setting {name:?}; it has: {names}", info.id));
    }
    // Settings are stored as they are, and secrets are stored sealed only.
    let names_a_user = |value: &String| Url::parse(value).is_ok_and(|url| crate::http::names_a_user(&url));
    if let Some(name) = settings.iter().find_map(|(name, value)| names_a_user(value).then_some(name)) {
        return refused(
            name,
            format!(
                "settings.{name} is an address with a user or password in it: leave them out, give them as credentials"
            ),
        );
    }
    match info.settings.iter().find(|s| s.required && !settings.contains_key(s.name)) {
        Some(missing) => refused(
            missing.name,
            format!("{} needs the setting {:?}: {}", info.id, missing.name, missing.description),
        ),
        None => Ok(()),
    }
}
