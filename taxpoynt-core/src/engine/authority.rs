//! Which deployment of the authority a tenant's calls go to, and with which key pair.
//!
//! | tenant has | address | pair |
//! |---|---|---|
//! | nothing | the engine's | the engine's |
//! | a pair | the engine's | its own |
//! | a pair and `base_url` | its own | its own |
//!
//! The engine's pair never goes to an address of a tenant's choosing. Of two pairs of its own, the access point's
//! (`app_key`, `app_secret`) is used: see [`AuthorityCredentials::pair`].

use super::{Engine, EngineOptions};
use crate::{
    Error, ErrorKind, Result,
    firs::{ApiKeys, Client, Mbs, Transmitter},
    http::HttpService,
    tenant::AuthorityCredentials,
};
use std::sync::{Arc, PoisonError};
use url::{Host, Url};
use uuid::Uuid;

impl Engine {
    /// The tenant's deployment, else the engine's.
    pub(super) async fn transmitter_of(&self, tenant: Uuid) -> Result<Arc<dyn Transmitter>> {
        if let Some(address) = self.own_authority(tenant).await?.base_url {
            let base_url = checked(&address, &self.inner.options.allow_hosts)?;
            let mut known = self.inner.deployments.lock().unwrap_or_else(PoisonError::into_inner);
            let transmitter = known
                .entry(base_url.to_string())
                .or_insert_with(|| transmitter(self.inner.base.clone(), &self.inner.options, &base_url));
            return Ok(transmitter.clone());
        }
        self.inner.transmitter.clone().ok_or_else(|| {
            let message =
                "no authority is configured: documents wait; open the engine with the authority's base URL";
            Error::new(ErrorKind::Config, "engine.submit", message)
                .retry_as(crate::Retry::After(std::time::Duration::from_secs(3600)))
        })
    }

    /// The authority's API as the tenant's calls reach it; `None` where nobody said where it is.
    pub(super) async fn client_of(&self, tenant: Uuid) -> Result<Option<Client>> {
        let options = &self.inner.options;
        let base_url = match self.own_authority(tenant).await?.base_url {
            Some(address) => Some(checked(&address, &options.allow_hosts)?),
            None => options.authority.as_ref().map(|authority| authority.base_url.clone()),
        };
        Ok(base_url.map(|base_url| client(self.inner.base.clone(), options, &base_url)))
    }

    /// The tenant's own pair, else the engine's.
    pub(super) async fn authority_keys(&self, tenant: Uuid) -> Result<ApiKeys> {
        if let Some((key, secret)) = self.own_authority(tenant).await?.pair() {
            return Ok(ApiKeys::new(key, secret));
        }
        self.inner.options.authority.as_ref().and_then(|a| a.keys.clone()).ok_or_else(|| {
            let message = "neither the tenant nor the engine has a key pair for the authority; set authority.api_key and api_secret";
            Error::new(ErrorKind::Config, "engine.submit", message)
        })
    }

    async fn own_authority(&self, tenant: Uuid) -> Result<AuthorityCredentials> {
        let (_, sealed) = self.store().tenant(tenant).await?;
        self.authority_of(tenant, sealed.as_deref())
    }
}

/// The authority's own API at an address.
pub(super) fn transmitter(
    base: Arc<dyn HttpService>,
    options: &EngineOptions,
    base_url: &Url,
) -> Arc<dyn Transmitter> {
    Arc::new(Mbs::new(client(base, options, base_url)))
}

fn client(base: Arc<dyn HttpService>, options: &EngineOptions, base_url: &Url) -> Client {
    Client::new(authority_http(base, options, base_url), base_url.clone())
}

/// The authority's calls are made once each: what may be repeated is decided by the document's stage, not by HTTP.
fn authority_http(
    base: Arc<dyn HttpService>,
    options: &EngineOptions,
    base_url: &Url,
) -> Arc<dyn HttpService> {
    let mut stack = crate::http::StackOptions::new(base, options.clock.clone(), base_url.clone());
    stack.retry.attempts = 1;
    crate::http::stack(stack)
}

/// Refuses credentials that could not be used at the first sale.
pub(super) fn check(authority: &AuthorityCredentials, options: &EngineOptions) -> Result<()> {
    for (first, second, names) in [
        (&authority.api_key, &authority.api_secret, ["authority.api_key", "authority.api_secret"]),
        (&authority.app_key, &authority.app_secret, ["authority.app_key", "authority.app_secret"]),
    ] {
        let said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        if said(first) != said(second) {
            let absent = names[usize::from(said(first))];
            let message = format!("{} and {} are a pair: {absent} is missing", names[0], names[1]);
            return Err(refused(absent, message));
        }
    }
    let Some(address) = &authority.base_url else { return Ok(()) };
    checked(address, &options.allow_hosts)?;
    if authority.pair().is_none() {
        let message = "a tenant with an authority.base_url of its own needs a key pair of its own: the engine's pair is not \
                       sent there";
        return Err(refused("authority.base_url", message.to_owned()));
    }
    Ok(())
}

/// A tenant's own address. Keys travel with every call, so plain http is only for this machine and for hosts that the
/// host application allows by name.
fn checked(address: &str, allow_hosts: &[String]) -> Result<Url> {
    const FIELD: &str = "authority.base_url";
    let shape = "authority.base_url must be an address such as https://authority.example, without user, query and fragment";
    let wrong = || refused(FIELD, shape.to_owned());
    let mut text = address.trim().to_owned();
    if !text.ends_with('/') {
        text.push('/');
    }
    let url = Url::parse(&text).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none();
    let host = url.host().ok_or_else(wrong)?;
    match url.scheme() {
        "https" | "http" if !plain || !bare => Err(wrong()),
        "https" => Ok(url),
        "http" if is_here(&host) || allow_hosts.contains(&host.to_string()) => Ok(url),
        "http" => Err(refused(
            FIELD,
            "authority.base_url must start with https: keys travel with every call".to_owned(),
        )),
        _ => Err(wrong()),
    }
}

fn is_here(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

fn refused(field: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Config, "engine.add_tenant", message).with("field", field)
}
