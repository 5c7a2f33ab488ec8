//! Subscriptions: what a platform with an API for it was told to send, where to, and whether it still is so.

use crate::{Result, connector::Context};
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Serialize;
use std::fmt;

/// What a subscription should be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The public URL, byte for byte.
    pub url: &'a str,
    /// The kinds of events, as the platform names them.
    pub events: &'a [&'a str],
    /// How it is called where a person reads a list of them.
    pub name: &'a str,
    /// The same for every attempt at making this one, so that the platform makes one.
    pub idempotency_key: &'a str,
}

/// A subscription as the platform has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subscribed {
    /// The platform's id.
    pub id: String,
    /// Where it sends to.
    pub url: String,
    /// What it sends.
    pub events: Vec<String>,
    /// Whether it sends. Platforms switch off what fails for long.
    pub enabled: bool,
    /// Whether the platform's version of its events is the one this connector reads.
    pub current: bool,
}

impl Subscribed {
    /// What has drifted from `wanted`, in the words of a report; empty where nothing has.
    #[must_use]
    pub fn drift(&self, wanted: &Wanted<'_>) -> Vec<&'static str> {
        let wants = |name: &String| wanted.events.contains(&name.as_str());
        let same = self.events.iter().all(wants)
            && wanted.events.iter().all(|name| self.events.iter().any(|event| event == name));
        [
            (self.url != wanted.url, "url"),
            (!same, "events"),
            (!self.enabled, "disabled"),
            (!self.current, "version"),
        ]
        .into_iter()
        .filter_map(|(drifted, name)| drifted.then_some(name))
        .collect()
    }
}

/// A subscription that was just made.
pub struct Created {
    /// It.
    pub subscription: Subscribed,
    /// The secret it signs with, where the platform makes one. It may be shown this once.
    pub secret: Option<SecretString>,
}

impl fmt::Debug for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Created").field("subscription", &self.subscription).finish_non_exhaustive()
    }
}

/// A platform whose API registers webhooks. The context's credentials are those of the host's app where it has some
/// (`App::management_token`), else the connection's.
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// The kinds of events to ask for.
    fn events(&self) -> &'static [&'static str];

    /// All there are, of whoever made them.
    ///
    /// # Errors
    /// As the HTTP layers say.
    async fn list(&self, cx: &Context) -> Result<Vec<Subscribed>>;

    /// Makes one.
    ///
    /// # Errors
    /// As the HTTP layers say. After `Retry::Ambiguous` the list tells whether it was made.
    async fn create(&self, cx: &Context, wanted: &Wanted<'_>) -> Result<Created>;

    /// Makes one what is wanted, and switches it on.
    ///
    /// # Errors
    /// `NotFound`; else as the HTTP layers say.
    async fn amend(&self, cx: &Context, id: &str, wanted: &Wanted<'_>) -> Result<()>;

    /// Ends one. One that is gone already is no error.
    ///
    /// # Errors
    /// As the HTTP layers say.
    async fn remove(&self, cx: &Context, id: &str) -> Result<()>;

    /// Has the platform make a new secret for one; `None` where its secret is not of the subscription.
    ///
    /// # Errors
    /// `NotFound`; else as the HTTP layers say.
    async fn renew_secret(&self, cx: &Context, id: &str) -> Result<Option<SecretString>>;
}
