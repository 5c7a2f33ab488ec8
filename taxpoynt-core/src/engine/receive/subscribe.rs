//! Subscriptions: made at the platform, compared with what is wanted from time to time and mended, ended with the
//! connection.

use super::super::Engine;
use super::{
    counter::{Counter, without_api},
    secrets::Kept,
};
use crate::{
    Error, ErrorKind, Result,
    connector::Context,
    http::timeout::within,
    store::{Connection, ConnectionState, SecretOrigin, StoredSecret, StoredSubscription, SubscriptionState},
    webhook::subscription::{Subscribed, Subscriptions, Wanted},
};
use secrecy::SecretString;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use uuid::Uuid;

/// How often the workers look whether a check is due.
const LOOK: Duration = Duration::from_secs(60);

/// Checks in one go.
const AT_ONCE: u32 = 100;

/// How long a removal waits for the platform to end a subscription.
const LIMIT: Duration = Duration::from_secs(30);

/// What a subscription was found to be, and what was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionOutcome {
    /// There was none; now there is.
    Created,
    /// One with our URL was there already; it is ours now.
    Adopted,
    /// As it should be.
    Unchanged,
    /// Something had drifted, which was put right.
    Amended,
    /// It was gone at the platform and was made anew.
    Recreated,
    /// It could not be checked or put right; `message` says why.
    Failed,
}

/// A look at a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubscriptionCheck {
    /// `square`.
    pub platform: String,
    /// The connection; none for the host's app.
    pub connection: Option<Uuid>,
    /// What was found and done.
    pub outcome: SubscriptionOutcome,
    /// What had drifted: `url`, `events`, `disabled`, `version`.
    pub drift: Vec<&'static str>,
    /// Why it failed, one sentence.
    pub message: Option<String>,
}

/// When the workers last looked, in microseconds.
#[derive(Debug, Default)]
pub(in crate::engine) struct Checks(AtomicI64);

impl Engine {
    /// Has the platform send its webhooks to the configured URL, by its API: makes the subscription, takes over one that is
    /// there already, or puts right what has drifted. The secret it signs with is sealed and live when this returns. With
    /// `App::management_token` it is the app's subscription, for all its accounts; else the connection's own.
    /// Can be called again at any time.
    ///
    /// # Errors
    /// `Unsupported` where the platform has no such API: see [`Engine::webhook_guide`]. `Config` without a URL. `NotFound`.
    /// What the platform answers; after `Retry::Ambiguous` call it again.
    pub async fn subscribe(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<SubscriptionCheck> {
        let connection = self.store().connection(connection, tenant).await?;
        let counter = self.counter(&connection)?;
        self.settle_subscription(&counter).await
    }

    /// Ends the subscription of a connection. That of the host's app stays while another connection needs it. Says whether
    /// one was ended.
    ///
    /// # Errors
    /// `NotFound`, what the platform answers, `Store`.
    pub async fn unsubscribe(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<bool> {
        let connection = self.store().connection(connection, tenant).await?;
        self.end_subscription(&connection).await
    }

    /// Ends what a connection that is being removed had subscribed to, and says why where the platform did not end it:
    /// what it sends is refused with 410 from then on, and one that gives no answer is waited for half a minute, so that
    /// a platform out of reach holds no removal up.
    ///
    /// # Errors
    /// `Store`.
    pub async fn end_subscription_of_removed(&self, connection: &Connection) -> Result<Option<String>> {
        let ended = within(&**self.clock(), LIMIT, self.end_subscription(connection)).await;
        let error = match ended {
            Some(Ok(_)) => return Ok(None),
            Some(Err(error)) if error.kind() == ErrorKind::Store => return Err(error),
            Some(Err(error)) => error.message().to_owned(),
            None => format!("the platform gave no answer within {} s", LIMIT.as_secs()),
        };
        tracing::warn!(connection = %connection.id, "the webhook stays at the platform: {error}");
        let Some(own) = self.subscription_of(&connection.platform, Some(connection.id)).await? else {
            return Ok(Some(error));
        };
        self.store().drop_subscription(own.id, self.now()).await?;
        let (id, url) = (&own.external_id, &own.url);
        Ok(Some(format!("{error}; it is the webhook {id}, which calls {url}, and what it sends is refused")))
    }

    async fn end_subscription(&self, connection: &Connection) -> Result<bool> {
        let own = self.subscription_of(&connection.platform, Some(connection.id)).await?;
        let stored = match own {
            Some(own) => Some(own),
            None if self.is_needed(connection).await? => None,
            None => self.subscription_of(&connection.platform, None).await?,
        };
        let Some(stored) = stored else { return Ok(false) };
        let counter = self.counter(connection)?;
        counter.api()?.remove(&counter.cx, &stored.external_id).await?;
        self.store().drop_subscription(stored.id, self.now()).await?;
        Ok(true)
    }

    /// Whether the app's subscription serves another connection.
    async fn is_needed(&self, connection: &Connection) -> Result<bool> {
        let all = self.store().connections(None).await?;
        let mut others = all.iter().filter(|c| c.platform == connection.platform && c.id != connection.id);
        Ok(others.any(|other| other.state != ConnectionState::Removed))
    }

    /// Has the platform sign with a new secret. The old one is taken too until
    /// [`Engine::retire_old_webhook_secrets`] is called.
    ///
    /// # Errors
    /// `Unsupported` where the platform has no such API; `NotFound` where there is no subscription; what the platform
    /// answers.
    pub async fn renew_webhook_secret(&self, connection: Uuid, tenant: Option<Uuid>) -> Result<()> {
        let connection = self.store().connection(connection, tenant).await?;
        let counter = self.counter(&connection)?;
        let stored = self.subscription_of(&connection.platform, counter.of).await?.ok_or_else(|| {
            let message = "there is no subscription to renew the secret of: subscribe first";
            Error::new(ErrorKind::NotFound, "engine.renew_webhook_secret", message)
        })?;
        match counter.api()?.renew_secret(&counter.cx, &stored.external_id).await? {
            Some(secret) => {
                let secret =
                    self.seal_secret(&stored.platform, counter.of, &secret, SecretOrigin::Platform)?;
                self.store().put_subscription(&stored, Some(&secret), self.now()).await
            }
            None => Err(without_api(counter.connector.info().name)),
        }
    }

    /// The subscriptions that the engine keeps.
    ///
    /// # Errors
    /// `Store`.
    pub async fn subscriptions(&self) -> Result<Vec<StoredSubscription>> {
        self.store().subscriptions(None).await
    }

    /// Compares every subscription with what the platform has, now, and puts right what has drifted: another URL, other
    /// events, switched off, or gone. The workers do the same every `WebhookOptions::check_every`.
    ///
    /// # Errors
    /// `Store`. What a platform answers is in the report and on the subscription.
    pub async fn check_subscriptions(&self) -> Result<Vec<SubscriptionCheck>> {
        let mut report = Vec::new();
        for stored in self.store().subscriptions(None).await? {
            report.push(self.check(&stored).await?);
        }
        Ok(report)
    }

    /// Checks what is due, beside the work at hand.
    pub(in crate::engine) async fn watch_subscriptions(&self) {
        let now = self.now();
        let (looked_at, micros) = (&self.inner.checks.0, now.timestamp_micros());
        let last = looked_at.load(Ordering::Relaxed);
        let every = i64::try_from(LOOK.as_micros()).unwrap_or(i64::MAX);
        // A clock that was put back must not keep everybody from looking.
        if (0..every).contains(&micros.saturating_sub(last))
            || looked_at.compare_exchange(last, micros, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return;
        }
        match self.store().subscriptions(None).await {
            Ok(all) if all.iter().any(|stored| stored.check_at <= now) => {
                let engine = self.clone();
                // A platform that does not answer holds no sale up.
                drop(tokio::spawn(async move { engine.check_due().await }));
            }
            Ok(_) => {}
            Err(error) => tracing::error!("the webhook subscriptions could not be looked at: {error}"),
        }
    }

    async fn check_due(&self) {
        let now = self.now();
        let again = now + self.inner.options.webhooks.check_every;
        // Taken before they are checked, so that of several processes one checks.
        let due = match self.store().due_subscriptions(AT_ONCE, again, now).await {
            Ok(due) => due,
            Err(error) => return tracing::error!("the webhook subscriptions could not be taken: {error}"),
        };
        for stored in due {
            if let Err(error) = self.check(&stored).await {
                tracing::error!(
                    platform = stored.platform,
                    "a webhook subscription could not be checked: {error}"
                );
            }
        }
    }

    /// One check; that the platform fails is a finding.
    async fn check(&self, stored: &StoredSubscription) -> Result<SubscriptionCheck> {
        let settled = match self.counter_of(stored).await {
            Ok(counter) => self.settle_subscription(&counter).await,
            Err(error) => Err(error),
        };
        let error = match settled {
            Err(error) if error.kind() != ErrorKind::Store => error,
            settled => return settled,
        };
        tracing::warn!(platform = stored.platform, connection = ?stored.connection, "{error}");
        let message = Some(error.message().to_owned());
        let (state, now) = (SubscriptionState::Failing, self.now());
        let check_at = now + self.inner.options.webhooks.check_every;
        let failing = StoredSubscription {
            state,
            message: message.clone(),
            checked_at: now,
            check_at,
            ..stored.clone()
        };
        self.store().put_subscription(&failing, None, now).await?;
        let (platform, connection) = (stored.platform.clone(), stored.connection);
        let outcome = SubscriptionOutcome::Failed;
        Ok(SubscriptionCheck { platform, connection, outcome, drift: Vec::new(), message })
    }

    /// Makes what the platform has what is wanted, and stores it with the secret that came with it.
    async fn settle_subscription(&self, counter: &Counter) -> Result<SubscriptionCheck> {
        let api = counter.api()?;
        let info = counter.connector.info();
        let target = counter.of.map_or_else(|| info.id.to_owned(), |id| id.to_string());
        let kept = self.kept_secrets(&target, None).await?;
        let stored = self.subscription_of(info.id, counter.of).await?;
        let key = idempotency_key(counter, api.events(), stored.as_ref(), &kept);
        let wanted =
            Wanted { url: &counter.url, events: api.events(), name: "TaxPoynt", idempotency_key: &key };
        let known = stored.as_ref().map(|stored| stored.external_id.as_str());
        let all = api.list(&counter.cx).await.map_err(|error| explained(error, info.name))?;
        let done = settle_at(api, &counter.cx, &wanted, known, &all, has_secret(&kept)).await;
        let done = done.map_err(|error| explained(error, info.name))?;
        let seal = |secret| self.seal_secret(info.id, counter.of, secret, SecretOrigin::Platform);
        let secret = done.secret.as_ref().map(seal).transpose()?;
        self.keep(counter, stored, &done.external_id, secret.as_ref()).await?;
        Ok(SubscriptionCheck {
            platform: info.id.to_owned(),
            connection: counter.of,
            outcome: done.outcome,
            drift: done.drift,
            message: None,
        })
    }

    async fn keep(
        &self,
        counter: &Counter,
        stored: Option<StoredSubscription>,
        external_id: &str,
        secret: Option<&StoredSecret>,
    ) -> Result<()> {
        let now = self.now();
        let row = StoredSubscription {
            id: stored.as_ref().map_or_else(Uuid::now_v7, |stored| stored.id),
            platform: counter.connector.info().id.to_owned(),
            connection: counter.of,
            external_id: external_id.to_owned(),
            base_url: counter.base_url.clone(),
            url: counter.url.clone(),
            events: counter.api()?.events().iter().map(|name| (*name).to_owned()).collect(),
            state: SubscriptionState::Active,
            message: None,
            created_at: stored.map_or(now, |stored| stored.created_at),
            checked_at: now,
            check_at: now + self.inner.options.webhooks.check_every,
        };
        self.store().put_subscription(&row, secret, now).await
    }

    pub(in crate::engine) async fn subscription_of(
        &self,
        platform: &str,
        of: Option<Uuid>,
    ) -> Result<Option<StoredSubscription>> {
        let all = self.store().subscriptions(Some(platform)).await?;
        Ok(all.into_iter().find(|stored| stored.connection == of))
    }
}

/// What was found and done at the platform.
struct Done {
    external_id: String,
    outcome: SubscriptionOutcome,
    drift: Vec<&'static str>,
    secret: Option<SecretString>,
}

/// The subscription we know, else one with our URL, else a new one.
async fn settle_at(
    api: &dyn Subscriptions,
    cx: &Context,
    wanted: &Wanted<'_>,
    known: Option<&str>,
    all: &[Subscribed],
    has_secret: bool,
) -> Result<Done> {
    let ours = all.iter().find(|there| Some(there.id.as_str()) == known);
    let Some(there) = ours.or_else(|| all.iter().find(|there| there.url == wanted.url)) else {
        let created = api.create(cx, wanted).await?;
        let outcome =
            if known.is_some() { SubscriptionOutcome::Recreated } else { SubscriptionOutcome::Created };
        let secret = match created.secret {
            Some(secret) => Some(secret),
            None if has_secret => None,
            None => api.renew_secret(cx, &created.subscription.id).await?,
        };
        return Ok(Done { external_id: created.subscription.id, outcome, drift: Vec::new(), secret });
    };
    let drift = there.drift(wanted);
    if !drift.is_empty() {
        api.amend(cx, &there.id, wanted).await?;
    }
    // Its secret was shown once, to whoever made it: without it nothing would verify.
    let secret = if has_secret { None } else { api.renew_secret(cx, &there.id).await? };
    let outcome = match (ours.is_some(), drift.is_empty()) {
        (true, true) => SubscriptionOutcome::Unchanged,
        (true, false) => SubscriptionOutcome::Amended,
        (false, _) => SubscriptionOutcome::Adopted,
    };
    Ok(Done { external_id: there.id.clone(), outcome, drift, secret })
}

/// A configured one may be of another subscription, or no webhook secret at all.
fn has_secret(kept: &Kept) -> bool {
    kept.stored.iter().any(|row| row.retired_at.is_none())
}

/// The same for every attempt at making one subscription, another once it was made: platforms answer a key that they have
/// seen with what they made then, even where that is gone.
fn idempotency_key(
    counter: &Counter,
    events: &[&str],
    stored: Option<&StoredSubscription>,
    kept: &Kept,
) -> String {
    let last = kept.stored.iter().rev().find(|row| row.origin == SecretOrigin::Platform).map(|row| row.id);
    let parts = [
        counter.connector.info().id,
        &counter.of.unwrap_or_default().to_string(),
        &counter.url,
        &events.join(" "),
        stored.map_or("", |stored| stored.external_id.as_str()),
        &last.unwrap_or_default().to_string(),
    ];
    let hash = Sha256::digest(parts.join("\n"));
    // Square takes at most 45 characters.
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Registering webhooks is the right of the app's owner, at most platforms.
fn explained(error: Error, name: &str) -> Error {
    if !matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::PermissionDenied) {
        return error;
    }
    let message = format!(
        "{name} does not let these credentials register webhooks: set the app's management token (often the personal \
         access token of the app's owner), or set the webhook up by hand, as the guide says"
    );
    let kind = error.kind();
    Error::new(kind, "engine.subscribe", message).caused_by(error)
}
