//! Connections: credentials are tried, sealed and stored; later calls open them again.

mod authorize;
mod remove;
mod renew;
mod tokens;
mod watch;

pub use remove::Removal;
pub use watch::{ConnectionEvent, ConnectionWatcher};

pub(super) use tokens::Tokens;
pub(super) use watch::Idle;

use super::{CachedContext, Engine};
use crate::{
    Error, ErrorKind, Result,
    auth::{self, AuthScheme, Client, Credentials, Desk, Proof, Renewal, Site, Stored},
    connector::{Account, Connector, ConnectorInfo, Context, Family},
    http::{
        StackOptions,
        auth::{StaticToken, TokenSource},
        stack,
        stack::Auth,
    },
    store::{Connection, ConnectionState, NewConnection},
};
use ::http::HeaderName;
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};
use url::Url;
use uuid::Uuid;

/// Under this name the error of a connection that waits for its owner carries its id.
const NEEDS_REAUTH: &str = "needs_reauth";

impl Engine {
    /// Connects an account with what its owner pasted: makes the cheapest authenticated call, then stores the
    /// connection with its credentials sealed. Connecting the same account again updates the connection, keeps its id,
    /// and lets go on what waited for it.
    ///
    /// # Errors
    /// `Config` for an unknown platform, setting or URL, a base URL whose host neither the platform nor `allow_hosts`
    /// has, or credentials of a kind that the platform does not take; `NotFound` for the tenant; what the platform
    /// answers.
    pub async fn connect(
        &self,
        platform: &str,
        tenant: Uuid,
        credentials: impl Into<Proof>,
        settings: BTreeMap<String, String>,
    ) -> Result<Connection> {
        self.store().tenant(tenant).await?;
        let connector = Arc::clone(self.connector(platform)?);
        check_settings(&*connector, &settings)?;
        let (renewal, pasted, webhook_secret) = credentials.into().into_parts();
        let mut stored = Stored::pasted(pasted.unwrap_or_default(), webhook_secret);
        stored.renewal = renewal;
        if !stored.renewal.is_none() {
            let granted = self.renew_with(connector.info(), &settings, &stored).await?;
            stored = stored.renewed(&granted);
        }
        let account = self.try_out(&*connector, &stored, &settings).await?;
        self.store_connection(&*connector, tenant, account, &stored, settings).await
    }

    /// Makes the cheapest authenticated call of a stored connection. One that was thought to need a new authorization
    /// tries the credentials it has once more, and is in use again where they are accepted after all: the host's own
    /// registration may have been what was wrong.
    ///
    /// # Errors
    /// `NotFound`; what the platform answers.
    pub async fn test_connection(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<Account> {
        let connection = self.store().connection(connection, tenant).await?;
        let connector = Arc::clone(self.connector(&connection.platform)?);
        if connection.state != ConnectionState::NeedsReauth {
            return connector.check(&self.context(&connection)?).await;
        }
        let mut stored = self.open_stored(&connection)?;
        let mut settings = connection.settings;
        if !stored.renewal.is_none() {
            let granted = self.renew_with(connector.info(), &settings, &stored).await?;
            stored = stored.renewed(&granted);
            let moved = renew::moved(self, connector.info(), &settings, &granted);
            settings.extend(moved.map(|url| ("base_url".to_owned(), url)));
        }
        // What was refreshed is stored before it is used: the old one may be dead.
        let known = Account { id: connection.account, name: connection.account_name };
        let account = match stored.renewal.is_none() {
            true => self.try_out(&*connector, &stored, &settings).await?,
            false => known,
        };
        let name = account.clone();
        let connection =
            self.store_connection(&*connector, connection.tenant, name, &stored, settings).await?;
        self.tell(&connection, ConnectionState::Active, "the platform accepts the credentials after all");
        match stored.renewal.is_none() {
            true => Ok(account),
            false => connector.check(&self.context(&connection)?).await,
        }
    }

    /// Calls the platform with credentials that no connection has yet.
    async fn try_out(
        &self,
        connector: &dyn Connector,
        stored: &Stored,
        settings: &BTreeMap<String, String>,
    ) -> Result<Account> {
        let source = Arc::new(StaticToken::new(stored.access_token.0.clone()));
        let header = header_of(connector.info(), stored)?;
        let context = self.build_context(connector, source, header, settings, None)?;
        connector.check(&context).await
    }

    async fn store_connection(
        &self,
        connector: &dyn Connector,
        tenant: Uuid,
        account: Account,
        stored: &Stored,
        settings: BTreeMap<String, String>,
    ) -> Result<Connection> {
        let (info, now) = (connector.info(), self.now());
        let connection = NewConnection {
            tenant,
            platform: info.id.to_owned(),
            family: match info.family {
                Family::Crm => "crm",
                Family::Pos => "pos",
            },
            sealed: self.inner.vault.seal(stored, &place(tenant, info.id, &account.id), now)?,
            account: account.id,
            account_name: account.name,
            settings,
        };
        let connection = self.store().put_connection(&connection, now).await?;
        let planned = renew::refresh_at(info, stored);
        if planned.is_some() {
            self.store().plan_refresh(connection.id, connection.generation, planned).await?;
        }
        self.inner.bell.notify_waiters();
        Ok(connection)
    }

    /// Opens a connection's credentials.
    pub(super) fn open_credentials(&self, connection: &Connection) -> Result<Credentials> {
        let stored = self.open_stored(connection)?;
        Ok(Credentials {
            access_token: stored.access_token.0,
            webhook_secret: stored.webhook_secret.map(|secret| secret.0),
        })
    }

    fn open_stored(&self, connection: &Connection) -> Result<Stored> {
        let place = place(connection.tenant, &connection.platform, &connection.account);
        self.inner.vault.open(&connection.sealed, &place)
    }

    /// What calls on behalf of a connection use.
    ///
    /// # Errors
    /// `Unauthenticated` where its owner must authorize again, `NotFound` where it was removed: no call is made then.
    pub(super) fn context(&self, connection: &Connection) -> Result<Context> {
        if connection.state == ConnectionState::Removed {
            // Another process may have removed it.
            self.let_go(connection);
        }
        in_use(connection)?;
        let mut cache = self.inner.contexts.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cache.get(&connection.id);
        if let Some(cached) = cached
            && cached.sealed == connection.sealed
            && cached.settings == connection.settings
        {
            return Ok(cached.context.clone());
        }
        let connector = self.connector(&connection.platform)?;
        let stored = self.open_stored(connection)?;
        let header = header_of(connector.info(), &stored)?;
        let tokens = match cached {
            Some(cached) => cached.tokens.clone(),
            None => Tokens::new(self, connector.info(), connection, &stored),
        };
        tokens.adopt(connection, stored);
        let context = match cached {
            Some(cached) if cached.settings == connection.settings && cached.header == header => {
                cached.context.clone()
            }
            _ => {
                let account = Some(connection.account.clone());
                let source = tokens.clone();
                self.build_context(&**connector, source, header, &connection.settings, account)?
            }
        };
        let cached = CachedContext {
            sealed: connection.sealed.clone(),
            settings: connection.settings.clone(),
            header,
            tokens,
            context: context.clone(),
        };
        let before = cache.insert(connection.id, cached);
        if let Some(before) = before.filter(|before| before.context.base_url != context.base_url) {
            remove::forget_line(&self.inner.lines, &cache, &connection.platform, &before);
        }
        Ok(context)
    }

    fn build_context(
        &self,
        connector: &dyn Connector,
        source: Arc<dyn TokenSource>,
        header: TokenHeader,
        settings: &BTreeMap<String, String>,
        account: Option<String>,
    ) -> Result<Context> {
        let info = connector.info();
        let base_url = self.site(info, settings)?.base_url;
        let mut options = StackOptions::new(self.inner.base.clone(), self.clock().clone(), base_url.clone());
        options.auth = match header {
            TokenHeader::Bearer => Auth::Bearer(source),
            TokenHeader::Own { name, prefix } => Auth::Keyed { source, name: header_name(name)?, prefix },
        };
        options.attempts = Some(self.inner.metrics.of_platform(info.id));
        let limits = connector.limits(settings);
        let line = self.inner.lines.line(info.id, &base_url, account.as_deref(), limits);
        if account.is_some() {
            self.inner.metrics.watch_breaker(info.id, &line.breaker);
        }
        options = options.on(line);
        Ok(Context {
            http: stack(options),
            base_url,
            settings: settings.clone(),
            account,
            clock: self.clock().clone(),
        })
    }

    /// What calls with an application's own token use: subscriptions to webhooks.
    pub(super) fn app_context(
        &self,
        connector: &dyn Connector,
        token: SecretString,
        settings: &BTreeMap<String, String>,
    ) -> Result<Context> {
        let source = Arc::new(StaticToken::new(token));
        self.build_context(connector, source, TokenHeader::Bearer, settings, None)
    }

    fn site(&self, info: &ConnectorInfo, settings: &BTreeMap<String, String>) -> Result<Site> {
        Site::of(info, settings, &self.inner.options.allow_hosts)
    }

    /// Where the flows of a connection with these settings are made.
    fn desk(&self, info: &ConnectorInfo, settings: &BTreeMap<String, String>) -> Result<Desk> {
        let site = self.site(info, settings)?;
        Ok(Desk::new(self.inner.base.clone(), self.clock().clone(), site))
    }

    /// The host's registration at a platform.
    fn client(&self, info: &ConnectorInfo) -> Result<Client> {
        let app = self.inner.options.apps.get(info.id);
        let id = app.and_then(|app| app.client_id.clone()).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| {
            let message =
                format!("the engine has no registration at {}: give apps.{}.client_id", info.name, info.id);
            Error::new(ErrorKind::Config, "engine.authorize", message)
                .with("field", format!("apps.{}.client_id", info.id))
        })?;
        Ok(Client { id, secret: app.and_then(|app| app.client_secret.clone()) })
    }
}

/// In which header a connection's token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenHeader {
    /// `Authorization: Bearer`.
    Bearer,
    /// A header of the platform's own.
    Own { name: &'static str, prefix: &'static str },
}

/// Where the token of these credentials goes. One that a person typed in is a key where the platform knows keys of its own,
/// whatever else it takes.
///
/// # Errors
/// `Config` where the platform takes no credentials of this kind.
fn header_of(info: &ConnectorInfo, stored: &Stored) -> Result<TokenHeader> {
    let own = |scheme: &AuthScheme| match (scheme, &stored.renewal) {
        (AuthScheme::ApiKey(key), Renewal::None) => {
            Some(TokenHeader::Own { name: key.header, prefix: key.prefix })
        }
        _ => None,
    };
    if let Some(header) = info.auth.iter().find_map(own) {
        return Ok(header);
    }
    let mut takes = false;
    for scheme in info.auth {
        match (scheme, &stored.renewal) {
            (AuthScheme::OauthCode(facts), Renewal::RefreshToken { .. } | Renewal::None)
                if facts.token_prefix != auth::BEARER =>
            {
                return Ok(TokenHeader::Own { name: "authorization", prefix: facts.token_prefix });
            }
            (AuthScheme::Bearer, Renewal::None)
            | (AuthScheme::OauthCode(_), Renewal::RefreshToken { .. } | Renewal::None)
            | (AuthScheme::ClientCredentials(_) | AuthScheme::MachineLogin(_), Renewal::Client { .. })
            | (AuthScheme::JwtBearer(_), Renewal::Key { .. }) => takes = true,
            _ => {}
        }
        if takes {
            return Ok(TokenHeader::Bearer);
        }
    }
    let names: Vec<_> = info.auth.iter().map(AuthScheme::name).collect();
    let message = format!("{} takes no credentials of this kind; it takes: {}", info.name, names.join(", "));
    Err(Error::new(ErrorKind::Config, "engine.connect", message).with("field", "credentials"))
}

fn header_name(name: &str) -> Result<HeaderName> {
    HeaderName::try_from(name).map_err(|_| {
        let message = format!("the connector declares {name:?}, which is no header");
        Error::new(ErrorKind::Internal, "engine.connect", message)
    })
}

/// A connection that may be called.
fn in_use(connection: &Connection) -> Result<()> {
    match connection.state {
        ConnectionState::NeedsReauth => Err(needs_reauth(connection)),
        ConnectionState::Removed => {
            let message = "the connection was removed: connect the account again to go on";
            Err(Error::new(ErrorKind::NotFound, "engine.connection", message)
                .with("connection", connection.id.to_string()))
        }
        _ => Ok(()),
    }
}

fn needs_reauth(connection: &Connection) -> Error {
    let message = format!(
        "{} no longer accepts the authorization of this account: its owner must connect it again",
        connection.platform
    );
    Error::new(ErrorKind::Unauthenticated, "engine.connection", message)
        .with("code", NEEDS_REAUTH)
        .with("connection", connection.id.to_string())
}

/// What is inside the sealed text, so that it does not open in another row.
fn place(tenant: Uuid, platform: &str, account: &str) -> String {
    format!("connection:{tenant}:{platform}:{account}:credentials")
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
        let what = "is an address with a user or password in it: leave them out, give them as credentials";
        return refused(name, format!("settings.{name} {what}"));
    }
    match info.settings.iter().find(|s| s.required && !settings.contains_key(s.name)) {
        Some(missing) => refused(
            missing.name,
            format!("{} needs the setting {:?}: {}", info.id, missing.name, missing.description),
        ),
        None => Ok(()),
    }
}
