//! Webhooks in: verify, store, then answer. A 2xx goes out only after the commit.

mod addressees;
mod counter;
mod deliveries;
mod desk;
mod guide;
mod secrets;
mod subscribe;

pub use deliveries::ReplayReport;
pub use secrets::WebhookSecret;
pub use subscribe::{SubscriptionCheck, SubscriptionOutcome};

pub(super) use desk::Desk;
pub(super) use subscribe::Checks;

use super::{Engine, spans};
use crate::{
    Error, ErrorKind, Result, Retry,
    connector::Family,
    store::{Incoming, Lane},
    webhook::{Verified, WebhookEvent, WebhookRequest, identity},
};
use addressees::Announced;
use bytes::Bytes;
use desk::{Setup, Target};
use std::{sync::Arc, time::Duration};
use tracing::Instrument;

/// Turns that a delivery gets while the set-up it is verified with changes under it.
const TURNS: u32 = 8;

/// How webhooks are received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookOptions {
    /// The longest body that is taken, in bytes. Toast sends more than 600 kB.
    pub body_limit: usize,
    /// How often the workers compare each subscription with what the platform has.
    pub check_every: Duration,
    /// How long a webhook whose work is done is kept: in this time a repetition is known for one, and it can be replayed.
    /// At least 7 days, which is longer than any platform repeats one. Records and documents are kept for ever.
    pub keep: Duration,
}

impl WebhookOptions {
    /// The shortest `keep`. No platform repeats a webhook for longer: the longest documented span is three days, twice that
    /// where it is not documented, and a day in reserve.
    pub const SHORTEST_KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
}

impl Default for WebhookOptions {
    /// 2 MiB, every six hours, 90 days.
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            body_limit: 2 << 20,
            check_every: Duration::from_secs(6 * HOUR),
            keep: Duration::from_secs(90 * 24 * HOUR),
        }
    }
}

/// What to answer the sender.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// HTTP status: 200 stored, 401 not verified, 405 not posted, 410 for a removed connection, 413 too long.
    pub status: u16,
    /// Body of the answer; empty with 200.
    pub reply: String,
    /// Events stored for the first time.
    pub new: u32,
    /// Events seen before.
    pub duplicates: u32,
    /// Events of accounts that are not connected here; nothing of them is stored.
    pub ignored: u32,
}

impl Receipt {
    /// An answer that stores nothing.
    pub(super) fn refusal(status: u16, reply: impl Into<String>) -> Self {
        Self { status, reply: reply.into(), ..Self::default() }
    }
}

impl Engine {
    /// Receives a webhook for a connection (its id) or a platform (`"hubspot"`). The signature is checked against the
    /// *configured* URL, never one taken from the request (except where the URL's secret part is the proof). It is
    /// stored for everyone it is for in one commit before this returns; only with status 200 anything was stored.
    ///
    /// At a platform's own address, a secret of the host's app opens every account; one of a connection opens only the
    /// connections that have it.
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
        if let Some(refusal) = self.unfit(method, body) {
            return Ok(refusal);
        }
        let target = Target::of(target);
        let (began, span) = (self.now(), spans::webhook());
        let setup = self.setup(&target, None).await?;
        let platform = setup.platform.clone();
        let request = WebhookRequest { method, url, headers, body };
        let received = self.take_in(&target, setup, &request).instrument(span.clone()).await;
        self.tell_received(&platform, &received, began, &span);
        received
    }

    async fn take_in(
        &self,
        target: &Target,
        mut setup: Arc<Setup>,
        request: &WebhookRequest<'_>,
    ) -> Result<Receipt> {
        for _ in 0..TURNS {
            if setup.is_removed {
                return Ok(Receipt::refusal(
                    410,
                    "this connection was removed: end its webhook at the platform",
                ));
            }
            let stale = match self.verify(&setup, request) {
                Ok(verified) => match self.store_verified(target, &setup, &verified).await {
                    Err(error) if error.kind() == ErrorKind::Conflict && error.retry() == Retry::Now => true,
                    done => return done,
                },
                Err(error) if matches!(error.kind(), ErrorKind::SignatureInvalid | ErrorKind::Replayed) => {
                    // Another process may have set the secret it was signed with a moment ago.
                    if self.store().webhook_revision(&setup.platform).await? == setup.revision {
                        tracing::warn!(platform = setup.platform, "webhook refused: {}", error.message());
                        return Ok(Receipt::refusal(401, error.message()));
                    }
                    true
                }
                Err(error) => return Err(error),
            };
            debug_assert!(stale, "everything else has returned");
            setup = self.setup(target, Some(setup.revision)).await?;
        }
        let message =
            "the webhook set-up of this platform keeps changing: let the platform repeat the webhook";
        Err(Error::new(ErrorKind::Conflict, "engine.receive", message).retry_as(Retry::Now))
    }

    /// What is refused unread.
    fn unfit(&self, method: &str, body: &[u8]) -> Option<Receipt> {
        // Methods have one spelling (RFC 9110, section 9.1).
        if method != "POST" {
            return Some(Receipt::refusal(405, "a webhook is posted here"));
        }
        let limit = self.inner.options.webhooks.body_limit;
        (body.len() > limit)
            .then(|| Receipt::refusal(413, format!("a webhook has at most {limit} bytes here")))
    }

    fn verify(&self, setup: &Setup, received: &WebhookRequest<'_>) -> Result<Verified> {
        let connector = self.connector(&setup.platform)?;
        let webhook = connector.webhook().ok_or_else(|| without_webhooks(&setup.platform))?;
        let configured = setup.url.as_deref().filter(|_| !webhook.reads_received_url());
        let request = WebhookRequest { url: configured.unwrap_or(received.url), ..*received };
        webhook.verify(&request, &setup.secrets, self.now())
    }

    async fn store_verified(
        &self,
        target: &Target,
        setup: &Arc<Setup>,
        verified: &Verified,
    ) -> Result<Receipt> {
        let (events, faults) = self.read_events(&setup.platform, verified)?;
        let Announced { parts, ignored, faults } = setup.addressees(target, verified.by(), events, faults);
        let mut receipt = Receipt { status: 200, ignored, ..Receipt::default() };
        if parts.is_empty() {
            return Ok(receipt);
        }
        for fault in &faults {
            tracing::error!(
                platform = setup.platform,
                "a verified webhook is kept, but not all of it reads: {fault}"
            );
        }
        let incoming = Incoming {
            platform: setup.platform.clone(),
            revision: setup.revision,
            body: Bytes::copy_from_slice(verified.body()),
            lane: self.lane(&setup.platform)?,
            parts,
            faults,
        };
        let ingested = self.store().receive(&incoming, self.now()).await?;
        self.tell_announced(&incoming, ingested).await;
        (receipt.new, receipt.duplicates) = (ingested.new, ingested.duplicates);
        if receipt.new > 0 {
            self.inner.bell.notify_waiters();
        }
        Ok(receipt)
    }

    /// The events of a verified body, each with its identity, and why parts of it could not be read. It is stored
    /// either way: the sender would only repeat it.
    fn read_events(&self, platform: &str, verified: &Verified) -> Result<(Vec<WebhookEvent>, Vec<String>)> {
        let connector = self.connector(platform)?;
        let Some(webhook) = connector.webhook() else { return Ok((Vec::new(), Vec::new())) };
        let each = match webhook.each_event(verified) {
            Ok(each) => each,
            Err(error) if error.kind() == ErrorKind::Payload => vec![Err(error)],
            Err(error) => return Err(error),
        };
        let (mut events, mut faults) = (Vec::with_capacity(each.len()), Vec::new());
        for event in each {
            match event {
                Ok(event) => events.push(event),
                Err(error) if error.kind() == ErrorKind::Payload => faults.push(error.message().to_owned()),
                Err(error) => return Err(error),
            }
        }
        identity::complete(&mut events, verified.body());
        Ok((events, faults))
    }

    /// Tills before CRM.
    pub(super) fn lane(&self, platform: &str) -> Result<Lane> {
        Ok(match self.connector(platform)?.info().family {
            Family::Pos => Lane::High,
            Family::Crm => Lane::Normal,
        })
    }
}

fn without_webhooks(platform: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "engine.receive", format!("{platform} has no webhooks"))
}
