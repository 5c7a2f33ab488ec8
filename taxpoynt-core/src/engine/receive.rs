//! Webhooks in: verify, store, then answer. A 2xx goes out only after the commit.

use super::{Engine, spans};
use crate::{
    Error, ErrorKind, Result,
    connector::Family,
    store::{Connection, Delivery, Lane},
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest},
};
use bytes::Bytes;
use std::collections::BTreeMap;
use tracing::Instrument;
use uuid::Uuid;

/// What to answer the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// HTTP status: 200 stored, 401 not verified.
    pub status: u16,
    /// Body of the answer.
    pub reply: String,
    /// Events stored for the first time.
    pub new: u32,
    /// Events seen before.
    pub duplicates: u32,
}

/// Whom a webhook is for.
enum Target {
    /// One connection: events of other accounts are not its business.
    Connection(Box<Connection>),
    /// The host's registration at a platform: each event goes to its account's connections.
    Platform(String),
}

impl Engine {
    /// Receives a webhook for a connection (its id) or a platform (`"hubspot"`). The signature is checked against the
    /// *configured* URL, never one taken from the request. A failed check is status 401 and stores nothing.
    ///
    /// # Errors
    /// `NotFound` for an unknown connection, `Config` for an unknown platform or one without webhooks, `Store`: the
    /// sender must then get a 5xx, so that it repeats.
    pub async fn receive(
        &self,
        target: &str,
        method: &str,
        url: &str,
        headers: &http::HeaderMap,
        body: &[u8],
    ) -> Result<Receipt> {
        let began = self.now();
        let target = match Uuid::parse_str(target) {
            Ok(id) => Target::Connection(Box::new(self.store().connection(id, None).await?)),
            Err(_) => Target::Platform(target.to_owned()),
        };
        let span = spans::webhook();
        let received = self.received(&target, method, url, headers, body).instrument(span.clone()).await;
        let platform = match &target {
            Target::Connection(connection) => &connection.platform,
            Target::Platform(platform) => platform,
        };
        self.tell_received(platform, &received, began, &span);
        received
    }

    async fn received(
        &self,
        target: &Target,
        method: &str,
        url: &str,
        headers: &http::HeaderMap,
        body: &[u8],
    ) -> Result<Receipt> {
        let (verified, platform) = match self.verified(target, method, url, headers, body).await {
            Ok(verified) => verified,
            Err(error) if matches!(error.kind(), ErrorKind::SignatureInvalid | ErrorKind::Replayed) => {
                tracing::warn!(operation = error.operation(), "webhook refused: {}", error.message());
                return Ok(Receipt { status: 401, reply: error.message().to_owned(), new: 0, duplicates: 0 });
            }
            Err(error) => return Err(error),
        };
        let events = self.events(&platform, &verified)?;
        self.store_events(target, &platform, &verified, events).await
    }

    async fn verified(
        &self,
        target: &Target,
        method: &str,
        url: &str,
        headers: &http::HeaderMap,
        body: &[u8],
    ) -> Result<(Verified, String)> {
        let (platform, secrets, configured) = self.webhook_setup(target).await?;
        let connector = self.connector(&platform)?;
        let webhook = connector.webhook().ok_or_else(|| {
            Error::new(ErrorKind::Config, "engine.receive", format!("{platform} has no webhooks"))
        })?;
        let request = WebhookRequest { method, url: configured.as_deref().unwrap_or(url), headers, body };
        Ok((webhook.verify(&request, &secrets, self.now())?, platform))
    }

    /// The platform, every secret that may have signed, and the URL as registered.
    async fn webhook_setup(&self, target: &Target) -> Result<(String, Secrets, Option<String>)> {
        let (platform, connections) = match target {
            Target::Connection(connection) => (connection.platform.clone(), vec![(**connection).clone()]),
            Target::Platform(platform) => {
                self.connector(platform)?;
                let all = self.store().connections(None).await?;
                (platform.clone(), all.into_iter().filter(|c| c.platform == *platform).collect())
            }
        };
        let app = self.inner.options.apps.get(&platform);
        let mut secrets: Vec<_> = app.and_then(|a| a.webhook_secret.clone()).into_iter().collect();
        for connection in &connections {
            // A connection whose credentials no longer open must not keep the others from receiving.
            match self.open_credentials(connection) {
                Ok(credentials) => secrets.extend(credentials.webhook_secret),
                Err(error) => tracing::warn!(connection = %connection.id, "{error}"),
            }
        }
        let of_connection = connections.iter().find_map(|c| c.settings.get("webhook_url").cloned());
        let of_app = app.and_then(|a| a.webhook_url.clone());
        let url = match target {
            Target::Connection(_) => of_connection.or(of_app),
            Target::Platform(_) => of_app.or(of_connection),
        };
        Ok((platform, Secrets(secrets), url))
    }

    /// A verified body that cannot be read is still stored: the sender would only repeat it.
    fn events(&self, platform: &str, verified: &Verified) -> Result<Vec<WebhookEvent>> {
        let connector = self.connector(platform)?;
        let Some(webhook) = connector.webhook() else { return Ok(Vec::new()) };
        match webhook.events(verified) {
            Ok(events) => Ok(events),
            Err(error) if error.kind() == ErrorKind::Payload => {
                tracing::error!(platform, "a verified webhook could not be read: {error}");
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    async fn store_events(
        &self,
        target: &Target,
        platform: &str,
        verified: &Verified,
        events: Vec<WebhookEvent>,
    ) -> Result<Receipt> {
        let mut receipt = Receipt { status: 200, reply: String::new(), new: 0, duplicates: 0 };
        for (connection, events) in self.addressees(target, platform, events).await? {
            let delivery = Delivery {
                connection,
                body: Bytes::copy_from_slice(verified.body()),
                events: events.into_iter().map(|e| (e.event_id, e.kind, e.record)).collect(),
                lane: self.lane(platform)?,
            };
            let ingested = self.store().ingest(&delivery, self.now()).await?;
            self.tell_announced(&delivery, ingested).await;
            receipt.new += ingested.new;
            receipt.duplicates += ingested.duplicates;
        }
        if receipt.new > 0 {
            self.inner.bell.notify_waiters();
        }
        Ok(receipt)
    }

    /// Each event under the connections of its account.
    async fn addressees(
        &self,
        target: &Target,
        platform: &str,
        events: Vec<WebhookEvent>,
    ) -> Result<BTreeMap<Uuid, Vec<WebhookEvent>>> {
        let mut by_connection: BTreeMap<Uuid, Vec<WebhookEvent>> = BTreeMap::new();
        if let Target::Connection(connection) = target {
            let theirs = |e: &WebhookEvent| e.account.as_ref().is_none_or(|a| *a == connection.account);
            by_connection.insert(connection.id, events.into_iter().filter(theirs).collect());
            return Ok(by_connection);
        }
        if events.is_empty() {
            // It could not be read, so nobody knows whose it is; it is kept where somebody can look at it.
            let all = self.store().connections(None).await?;
            let oldest = all.into_iter().find(|c| c.platform == platform);
            by_connection.extend(oldest.map(|c| (c.id, Vec::new())));
        }
        for event in events {
            let Some(account) = &event.account else { continue };
            for connection in self.store().connections_of(platform, account).await? {
                by_connection.entry(connection.id).or_default().push(event.clone());
            }
        }
        Ok(by_connection)
    }

    /// Tills before CRM.
    pub(super) fn lane(&self, platform: &str) -> Result<Lane> {
        Ok(match self.connector(platform)?.info().family {
            Family::Pos => Lane::High,
            Family::Crm => Lane::Normal,
        })
    }
}
