//! What a host decides when it opens the engine.

use super::{
    connect::ConnectionWatcher,
    receive::WebhookOptions,
    sync::SyncOptions,
    waiting::{Alarms, DeadlineOptions},
};
use crate::{
    Clock, SystemClock,
    connector::Registry,
    firs::{AcknowledgeBody, ApiKeys, Transmitter, Wording},
    http::{breaker::BreakerOptions, shown},
    metrics::MetricsOptions,
    rates::Rates,
    stamp::{StampTime, Stamper},
};
use secrecy::SecretString;
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use url::Url;

/// What a host decides when it opens the engine.
#[derive(Clone)]
pub struct EngineOptions {
    /// Fernet keys: the first seals, all open. `Vault::generate_key` makes one.
    pub keys: Vec<SecretString>,
    /// Start although no listed key opens any of the stored credentials: theirs is lost, and they will be stored again.
    pub keys_lost: bool,
    /// The platforms.
    pub registry: Registry,
    /// The authority. Without it documents are prepared and wait.
    pub authority: Option<AuthorityOptions>,
    /// The host's registration at each platform, by platform id.
    pub apps: BTreeMap<String, App>,
    /// Hosts that may be private addresses: simulators, on-premises servers.
    pub allow_hosts: Vec<String>,
    /// How a stamp writes its time.
    pub stamp_time: StampTime,
    /// Makes the stamps in place of the tenants' key files: an access point's own scheme. Tenants then need no key
    /// file, and `stamp_time` is this stamper's to heed.
    pub stamper: Option<Arc<dyn Stamper>>,
    /// What the body of an acknowledgement says to this authority: the sources differ.
    pub acknowledge_body: AcknowledgeBody,
    /// The texts by which this authority says that it does not know a document, or may have it already.
    pub authority_wording: Wording,
    /// Moves documents on in place of the authority's own API: an access point, such as
    /// [`AccessPoint`](crate::firs::AccessPoint). It gets each tenant's key pair, else that of `authority`.
    pub transmitter: Option<Arc<dyn Transmitter>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Jobs a worker claims at once; their calls go side by side. With 1 everything happens one after the other, in an
    /// order that is the same every time.
    pub side_by_side: u32,
    /// Told how long each stage of each sale took.
    pub observer: Option<Arc<dyn Observer>>,
    /// When the authority counts as out, and how long it is left alone then.
    pub breaker: BreakerOptions,
    /// When deadlines are looked at, and how far ahead.
    pub deadlines: DeadlineOptions,
    /// Told when deadlines are going to be missed. Without it alarms are in the log and in `Engine::alarms` alone.
    pub alarms: Option<Arc<dyn Alarms>>,
    /// When connections are pulled.
    pub sync: SyncOptions,
    /// What is measured.
    pub metrics: MetricsOptions,
    /// Told when a connection needs its owner. Without it that is in the log and in `Engine::connection_log` alone.
    pub connections: Option<Arc<dyn ConnectionWatcher>>,
    /// Rates of exchange to naira, for sales in other currencies.
    pub rates: Option<Arc<dyn Rates>>,
    /// How webhooks are received.
    pub webhooks: WebhookOptions,
}

/// Where the authority is.
#[derive(Clone)]
pub struct AuthorityOptions {
    /// Base URL, up to and excluding `api/v1`. There is no default: several hosts are in use.
    pub base_url: Url,
    /// The pair for tenants that have none of their own.
    pub keys: Option<ApiKeys>,
    /// Secret that signs what is posted to our webhook: `X-Signature` is the hexadecimal HMAC-SHA256 over the raw body
    /// followed by `X-Timestamp`, Unix seconds that may be 300 off. No scheme of the authority's own is known, so there is
    /// none by default, and the webhook's URL should then have a long random path; access points use this form.
    pub webhook_secret: Option<SecretString>,
}

impl fmt::Debug for AuthorityOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorityOptions")
            .field("base_url", &shown(&self.base_url))
            .field("keys", &self.keys.is_some())
            .field("webhook_secret", &self.webhook_secret.is_some())
            .finish()
    }
}

/// A registration at a platform.
#[derive(Clone, Default)]
pub struct App {
    /// Who we are at the platform.
    pub client_id: Option<String>,
    /// What proves it.
    pub client_secret: Option<SecretString>,
    /// Where the platform may send a person back to, byte for byte as registered there. Where there are any,
    /// `Engine::authorize_url` takes no other.
    pub redirect_uris: Vec<String>,
    /// Secret that signs webhooks: HubSpot's client secret, Square's signature key.
    pub webhook_secret: Option<SecretString>,
    /// The public URL the platform posts to, byte for byte as registered.
    pub webhook_url: Option<String>,
    /// What registers webhooks in the app's name: Square's personal access token of the app. Without it
    /// `Engine::subscribe` uses the connection's own credentials.
    pub management_token: Option<SecretString>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.webhook_url.as_deref().and_then(|url| Url::parse(url).ok());
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .field("redirect_uris", &self.redirect_uris)
            .field("webhook_url", &url.as_ref().map(shown))
            .finish_non_exhaustive()
    }
}

/// Told how long each stage of each sale took.
pub trait Observer: Send + Sync {
    /// `source_id` is the platform's id of the record; `stage` is `fetch`, `normalize`, `stamp`, `sign`, …
    fn stage(&self, source_id: &str, stage: &'static str, took: Duration);
}

impl EngineOptions {
    /// Options with these keys and platforms and nothing else.
    #[must_use]
    pub fn new(keys: Vec<SecretString>, registry: Registry) -> Self {
        Self {
            keys,
            keys_lost: false,
            registry,
            authority: None,
            apps: BTreeMap::new(),
            allow_hosts: Vec::new(),
            stamp_time: StampTime::default(),
            stamper: None,
            acknowledge_body: AcknowledgeBody::default(),
            authority_wording: Wording::default(),
            transmitter: None,
            clock: Arc::new(SystemClock),
            side_by_side: 16,
            observer: None,
            breaker: BreakerOptions::default(),
            deadlines: DeadlineOptions::default(),
            alarms: None,
            sync: SyncOptions::default(),
            metrics: MetricsOptions::default(),
            connections: None,
            rates: None,
            webhooks: WebhookOptions::default(),
        }
    }
}

impl fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineOptions")
            .field("authority", &self.authority)
            .field("apps", &self.apps)
            .field("allow_hosts", &self.allow_hosts)
            .field("stamp_time", &self.stamp_time)
            .field("stamper", &self.stamper)
            .field("breaker", &self.breaker)
            .field("deadlines", &self.deadlines)
            .field("acknowledge_body", &self.acknowledge_body)
            .field("sync", &self.sync)
            .field("rates", &self.rates)
            .field("transmitter", &self.transmitter)
            .finish_non_exhaustive()
    }
}
