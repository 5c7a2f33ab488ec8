//! Authorization code: a person is sent to the platform and comes back with a code.

use super::{Engine, check_settings, place};
use crate::{
    Error, ErrorKind, Result,
    auth::{
        AuthScheme, Callback, OauthCode, Stored, Verifier, check_base_url, hash as state_hash, new_state,
    },
    connector::ConnectorInfo,
    store::{Authorization, Connection, ConnectionState, NewAuthorization},
};
use chrono::TimeDelta;
use secrecy::SecretString;
use std::{collections::BTreeMap, sync::Arc};
use subtle::ConstantTimeEq;
use url::{Host, Url};
use uuid::Uuid;

/// How long a person may take at the platform.
const WAY_BACK: TimeDelta = TimeDelta::minutes(15);

impl Engine {
    /// Where to send the account's owner, so that an account of theirs is connected to `tenant`. The state in it counts
    /// once, for fifteen minutes, for this tenant, platform and redirect. `settings` are those of the connection to be.
    ///
    /// # Errors
    /// `Config`, naming the field, where the platform has no such flow, the host no registration there, or
    /// `redirect_uri` is not, byte for byte, among the registration's; `NotFound` for the tenant.
    pub async fn authorize_url(
        &self,
        platform: &str,
        tenant: Uuid,
        redirect_uri: &str,
        settings: BTreeMap<String, String>,
    ) -> Result<Url> {
        self.store().tenant(tenant).await?;
        let connector = Arc::clone(self.connector(platform)?);
        let info = connector.info();
        let facts = code_facts(info)?;
        check_settings(&*connector, &settings)?;
        self.check_redirect(info, redirect_uri)?;
        let client = self.client(info)?;
        let state = new_state();
        let (url, verifier) =
            self.desk(info, &settings)?.authorize_url(facts, &client, redirect_uri, &state)?;
        let (state_hash, now) = (state_hash(&state), self.now());
        let new = NewAuthorization {
            sealed: self.inner.vault.seal(&verifier, &verifier_place(tenant, platform, &state_hash), now)?,
            state_hash,
            tenant,
            platform: platform.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            settings,
            expires_at: now + WAY_BACK,
        };
        self.store().put_authorization(&new, now).await?;
        Ok(url)
    }

    /// Ends what [`authorize_url`](Self::authorize_url) began: exchanges the code, finds out whose account it is, and
    /// stores the connection. An account connected before keeps its id, settings and webhook secret, and what waited
    /// for it goes on.
    ///
    /// # Errors
    /// `PermissionDenied` where the state is unknown, used, too old, or another tenant's; `Unauthenticated` where the
    /// platform refuses the code, or another issuer answers; `Ambiguous` where its answer was lost: the person must
    /// start again.
    pub async fn exchange(&self, platform: &str, tenant: Uuid, callback: Callback) -> Result<Connection> {
        self.store().tenant(tenant).await?;
        let connector = Arc::clone(self.connector(platform)?);
        let info = connector.info();
        let facts = code_facts(info)?;
        check_issuer(facts, callback.iss.as_deref())?;
        let client = self.client(info)?;
        let (begun, verifier) = self.take_authorization(platform, tenant, &callback.state).await?;
        self.check_redirect(info, &begun.redirect_uri)?;
        let mut settings = begun.settings;
        let desk = self.desk(info, &settings)?;
        let proof = verifier.into_pkce();
        let granted = desk.exchange(facts, &client, &callback.code, &begun.redirect_uri, proof).await?;
        if let Some(base_url) = &granted.base_url {
            let base_url = check_base_url(info, base_url, &self.inner.options.allow_hosts)?;
            settings.insert("base_url".to_owned(), base_url.to_string());
        }
        let mut stored = Stored::pasted(SecretString::default(), None).renewed(&granted);
        let account = self.try_out(&*connector, &stored, &settings).await?;
        if let Some(before) = self.connected_before(tenant, info.id, &account.id).await? {
            stored.webhook_secret = self.open_stored(&before).ok().and_then(|before| before.webhook_secret);
            settings = before.settings.into_iter().chain(settings).collect();
        }
        let connection = self.store_connection(&*connector, tenant, account, &stored, settings).await?;
        self.tell(&connection, ConnectionState::Active, "the account's owner authorized it");
        Ok(connection)
    }

    async fn take_authorization(
        &self,
        platform: &str,
        tenant: Uuid,
        state: &SecretString,
    ) -> Result<(Authorization, Verifier)> {
        let (state_hash, now) = (state_hash(state), self.now());
        let begun = self.store().take_authorization(&state_hash, tenant, platform, now).await?;
        let begun = begun.ok_or_else(|| {
            let message = "this authorization was not begun for this tenant, was completed already or took too long: \
                           start again";
            Error::new(ErrorKind::PermissionDenied, "engine.exchange", message).with("field", "state")
        })?;
        let place = verifier_place(tenant, platform, &state_hash);
        let verifier = self.inner.vault.open(&begun.sealed, &place)?;
        Ok((begun, verifier))
    }

    async fn connected_before(
        &self,
        tenant: Uuid,
        platform: &str,
        account: &str,
    ) -> Result<Option<Connection>> {
        let found = self.store().connections_of(platform, account).await?;
        Ok(found.into_iter().find(|connection| connection.tenant == tenant))
    }

    /// The redirect as the host registered it, byte for byte (RFC 9700, 2.1). A host that lists none decides by what it
    /// passes; even then it is a full https address, or a loopback one, and the one the person comes back to.
    fn check_redirect(&self, info: &ConnectorInfo, redirect_uri: &str) -> Result<()> {
        let listed = self.inner.options.apps.get(info.id).map(|app| app.redirect_uris.as_slice());
        let listed = listed.unwrap_or_default();
        let refused = |message: String| {
            Err(Error::new(ErrorKind::Config, "engine.authorize_url", message).with("field", "redirect_uri"))
        };
        if !listed.is_empty() && !listed.iter().any(|known| known == redirect_uri) {
            return refused(format!(
                "redirect_uri {redirect_uri:?} is not among apps.{}.redirect_uris: they are compared letter by letter",
                info.id
            ));
        }
        match Url::parse(redirect_uri) {
            Ok(url) if url.fragment().is_none() && (url.scheme() == "https" || is_loopback(&url)) => Ok(()),
            _ => refused(format!(
                "redirect_uri {redirect_uri:?} is no full https address (http is for 127.0.0.1 and localhost alone)"
            )),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(v4)) => v4.is_loopback(),
            Some(Host::Ipv6(v6)) => v6.is_loopback(),
            None => false,
        }
}

/// The platform's facts about this flow.
pub(super) fn code_facts(info: &ConnectorInfo) -> Result<&'static OauthCode> {
    let found = info.auth.iter().find_map(|scheme| match scheme {
        AuthScheme::OauthCode(facts) => Some(*facts),
        _ => None,
    });
    found.ok_or_else(|| {
        let message = format!("{} has no OAuth flow: connect it with credentials", info.name);
        Error::new(ErrorKind::Unsupported, "engine.authorize", message)
    })
}

/// RFC 9207: another platform's answer is refused before its code goes anywhere.
fn check_issuer(facts: &OauthCode, iss: Option<&str>) -> Result<()> {
    let Some(issuer) = facts.issuer else { return Ok(()) };
    if iss.is_some_and(|iss| bool::from(iss.as_bytes().ct_eq(issuer.as_bytes()))) {
        return Ok(());
    }
    let message = format!("the answer does not come from {issuer}: it is not used");
    Err(Error::new(ErrorKind::Unauthenticated, "engine.exchange", message).with("field", "iss"))
}

fn verifier_place(tenant: Uuid, platform: &str, state_hash: &str) -> String {
    place(tenant, platform, &format!("authorization:{state_hash}"))
}
