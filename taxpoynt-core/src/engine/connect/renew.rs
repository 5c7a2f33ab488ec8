//! Which call gives a connection its next token, and when an idle one asks for it.

use super::{Engine, authorize::code_facts};
use crate::{
    Error, ErrorKind, Result,
    auth::{AuthScheme, Client, Granted, Life, Renewal, Rotation, Stored, check_base_url},
    connector::ConnectorInfo,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeMap, time::Duration};

const OPERATION: &str = "engine.refresh";

impl Engine {
    /// New tokens for credentials.
    ///
    /// # Errors
    /// `Unauthenticated` where the platform refuses them for good; `Ambiguous` where its answer was lost.
    pub(super) async fn renew_with(
        &self,
        info: &ConnectorInfo,
        settings: &BTreeMap<String, String>,
        stored: &Stored,
    ) -> Result<Granted> {
        let desk = self.desk(info, settings)?;
        match &stored.renewal {
            Renewal::None => Err(refused("these credentials cannot be refreshed: paste new ones")),
            Renewal::RefreshToken { refresh_token, .. } => {
                desk.refresh(code_facts(info)?, &self.client(info)?, &refresh_token.0).await
            }
            Renewal::Client { id, secret } => {
                let client = Client { id: id.clone(), secret: Some(secret.0.clone()) };
                let granted = match scheme_of(info, &stored.renewal)? {
                    AuthScheme::MachineLogin(facts) => desk.login(facts, &client).await,
                    AuthScheme::ClientCredentials(facts) => desk.client_credentials(facts, &client).await,
                    _ => return Err(not_taken(info)),
                };
                granted.map_err(the_accounts_own)
            }
            Renewal::Key { client_id, subject, private_key } => {
                let AuthScheme::JwtBearer(facts) = scheme_of(info, &stored.renewal)? else {
                    return Err(not_taken(info));
                };
                let granted = desk.assertion(facts, client_id, subject, &private_key.0).await;
                granted.map_err(the_accounts_own)
            }
        }
    }
}

/// The scheme that renews like this.
fn scheme_of(info: &ConnectorInfo, renewal: &Renewal) -> Result<&'static AuthScheme> {
    let found = info.auth.iter().find(|scheme| {
        matches!(
            (scheme, renewal),
            (AuthScheme::OauthCode(_), Renewal::RefreshToken { .. })
                | (AuthScheme::ClientCredentials(_) | AuthScheme::MachineLogin(_), Renewal::Client { .. })
                | (AuthScheme::JwtBearer(_), Renewal::Key { .. })
        )
    });
    found.ok_or_else(|| not_taken(info))
}

fn not_taken(info: &ConnectorInfo) -> Error {
    let message = format!("{} takes no credentials of this kind", info.name);
    Error::new(ErrorKind::Config, "engine.connect", message).with("field", "credentials")
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Unauthenticated, OPERATION, message)
}

/// An id and secret that are refused are the account's own here, not the host's registration.
fn the_accounts_own(error: Error) -> Error {
    if error.kind() != ErrorKind::Config || error.get("status").is_none() {
        return error;
    }
    let message = "the platform refuses this account's id and secret: connect it again with valid ones";
    let status = error.get("status").unwrap_or_default().to_owned();
    refused(message).with("status", status)
}

/// How long the tokens of these credentials live; none where nothing renews them.
pub(super) fn life_of(info: &ConnectorInfo, renewal: &Renewal) -> Option<Life> {
    match scheme_of(info, renewal).ok()? {
        AuthScheme::OauthCode(facts) => Some(facts.life),
        AuthScheme::ClientCredentials(facts) => Some(facts.life),
        AuthScheme::JwtBearer(facts) => Some(facts.life),
        AuthScheme::MachineLogin(facts) => Some(facts.life),
        _ => None,
    }
}

/// What becomes of the credentials once they were used.
pub(super) fn rotation_of(info: &ConnectorInfo, renewal: &Renewal) -> Rotation {
    match renewal {
        Renewal::RefreshToken { .. } => {
            code_facts(info).map_or(Rotation::Undocumented, |facts| facts.rotation)
        }
        // Asked for anew each time.
        _ => Rotation::Never,
    }
}

/// When credentials are refreshed although nobody uses them: as the platform wants it, and always well before the
/// refresh token lapses.
pub(super) fn refresh_at(info: &ConnectorInfo, stored: &Stored) -> Option<DateTime<Utc>> {
    let Renewal::RefreshToken { refresh_expires_at, .. } = &stored.renewal else { return None };
    let issued_at = stored.issued_at?;
    let every = life_of(info, &stored.renewal).and_then(|life| life.at_least_every);
    let old = every.map(|every| issued_at + span(every));
    let lapses = refresh_expires_at.map(|end| issued_at + (end - issued_at) * 3 / 4);
    old.into_iter().chain(lapses).min()
}

pub(super) fn span(span: Duration) -> TimeDelta {
    TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
}

/// Where the account's API is from now on, where the platform names another place than before. One that nobody allowed is
/// not called: then it stays where it was.
pub(super) fn moved(
    engine: &Engine,
    info: &ConnectorInfo,
    settings: &BTreeMap<String, String>,
    granted: &Granted,
) -> Option<String> {
    let named = check_base_url(info, granted.base_url.as_ref()?, &engine.inner.options.allow_hosts);
    match named {
        Ok(url) => Some(url.to_string()).filter(|url| settings.get("base_url") != Some(url)),
        Err(error) => {
            tracing::warn!(platform = info.id, "the platform names an API that is not called: {error}");
            None
        }
    }
}
