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
    http::{HttpService, breaker::Breaker},
    metrics::Metrics,
    tenant::AuthorityCredentials,
};
use std::sync::{Arc, PoisonError};
use url::{Host, Url};
use uuid::Uuid;

/// The authority's name among the platforms of the metrics.
const AUTHORITY: &str = "authority";

/// A deployment of the authority, as the engine calls it.
#[derive(Clone)]
pub(super) struct Deployment {
    /// What documents are submitted by.
    pub(super) transmitter: Arc<dyn Transmitter>,
    /// What else is asked.
    pub(super) client: Client,
    /// Where it is.
    pub(super) address: String,
}

impl Engine {
    /// What submits a tenant's documents: the host's own way where it gave one, else its deployment of the authority.
    pub(super) async fn transmitter_of(&self, tenant: Uuid) -> Result<Arc<dyn Transmitter>> {
        match &self.inner.options.transmitter {
            Some(transmitter) => Ok(transmitter.clone()),
            None => Ok(self.deployment_of(tenant).await?.transmitter),
        }
    }

    /// The tenant's deployment, else the engine's.
    pub(super) async fn deployment_of(&self, tenant: Uuid) -> Result<Deployment> {
        self.deployment(&self.own_authority(tenant).await?)?.ok_or_else(|| {
            let message =
                "no authority is configured: documents wait; open the engine with the authority's base URL";
            Error::new(ErrorKind::Config, "engine.authority", message)
        })
    }

    /// The deployment that a tenant with these credentials uses; none where there is none.
    pub(super) fn deployment(&self, own: &AuthorityCredentials) -> Result<Option<Deployment>> {
        let Some(address) = &own.base_url else { return Ok(self.inner.authority.clone()) };
        let base_url = checked(address, &self.inner.options.allow_hosts)?;
        let mut known = self.inner.deployments.lock().unwrap_or_else(PoisonError::into_inner);
        let deployment = known.entry(base_url.to_string()).or_insert_with(|| {
            let breaker = Arc::new(Breaker::new(self.inner.options.breaker));
            deployment(self.inner.base.clone(), &self.inner.options, &base_url, breaker, &self.inner.metrics)
        });
        Ok(Some(deployment.clone()))
    }

    /// The tenant's own pair, else the engine's.
    pub(super) async fn authority_keys(&self, tenant: Uuid) -> Result<ApiKeys> {
        if let Some((key, secret)) = self.own_authority(tenant).await?.pair() {
            return Ok(ApiKeys::new(key, secret));
        }
        self.inner.options.authority.as_ref().and_then(|a| a.keys.clone()).ok_or_else(|| {
            let message = "neither the tenant nor the engine has a key pair for the authority; set authority.api_key and api_secret";
            Error::new(ErrorKind::Config, "engine.submit", message).with("code", crate::firs::lifecycle::KEYS_REFUSED)
        })
    }

    pub(super) async fn own_authority(&self, tenant: Uuid) -> Result<AuthorityCredentials> {
        let (_, sealed) = self.store().tenant(tenant).await?;
        self.authority_of(tenant, sealed.as_deref())
    }
}

/// The authority's own API at an address.
pub(super) fn deployment(
    base: Arc<dyn HttpService>,
    options: &EngineOptions,
    base_url: &Url,
    breaker: Arc<Breaker>,
    metrics: &Arc<Metrics>,
) -> Deployment {
    metrics.watch_breaker(AUTHORITY, &breaker);
    let http = authority_http(base, options, base_url, breaker, metrics);
    let client = Client::new(http, base_url.clone())
        .acknowledging(options.acknowledge_body)
        .worded(options.authority_wording.clone());
    Deployment { transmitter: Arc::new(Mbs::new(client.clone())), client, address: base_url.to_string() }
}

/// The authority's calls are made once each: what may be repeated is decided by the document's stage, not by HTTP.
fn authority_http(
    base: Arc<dyn HttpService>,
    options: &EngineOptions,
    base_url: &Url,
    breaker: Arc<Breaker>,
    metrics: &Arc<Metrics>,
) -> Arc<dyn HttpService> {
    let mut stack = crate::http::StackOptions::new(base, options.clock.clone(), base_url.clone());
    stack.retry.attempts = 1;
    stack.breaker = Some(breaker);
    stack.attempts = Some(metrics.of_platform(AUTHORITY));
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

/// The engine's own address is shown to operators and checked by them: a password in it would be shown too.
pub(super) fn without_user(options: &EngineOptions) -> Result<()> {
    match &options.authority {
        Some(authority) if crate::http::names_a_user(&authority.base_url) => {
            let message = "authority.base_url must be an address without user and password: keys are given as api_key and \
                           api_secret";
            Err(Error::new(ErrorKind::Config, "engine.open", message).with("field", "authority.base_url"))
        }
        _ => Ok(()),
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
