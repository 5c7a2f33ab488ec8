//! What the store keeps of webhooks: deliveries that can be looked at and replayed, the live secrets, and subscriptions.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `receive` | the body is on disk once for every connection it is for, in one commit, under the set-up it was verified with |
//! | `replay_delivery` | every record it announces will be fetched again; what could not be read before is noted anew |
//! | `put_webhook_secret` | from now on what it signed is taken, in every process; at most two that a host or platform gave |
//! | `retire_webhook_secrets` | from now on only the one that was kept is taken, in every process |
//! | `put_subscription` | the subscription and the secret that came with it are on disk together |
//! | `due_subscriptions` | nobody else checks these until the time given |

use super::{Connection, Ingested, Lane, Page};
use crate::{Result, model::SourceKey};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A verified body and whom it is for.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// `square`.
    pub platform: String,
    /// The revision of the platform's set-up it was verified under.
    pub revision: i64,
    /// The body as it arrived.
    pub body: Bytes,
    /// Lane of the fetch jobs.
    pub lane: Lane,
    /// Whom it is for; nothing is stored where there is nobody.
    pub parts: Vec<Part>,
    /// Why parts of it could not be read, one sentence each.
    pub faults: Vec<String>,
}

/// What a body holds for one connection.
#[derive(Debug, Clone)]
pub struct Part {
    /// The connection.
    pub connection: Uuid,
    /// Identity, the platform's name, the record where there is one.
    pub events: Vec<(String, String, Option<SourceKey>)>,
    /// Whether the body may hold events of others.
    pub shared: bool,
}

/// A stored delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// The engine's id.
    pub id: Uuid,
    /// The connection it is for.
    pub connection: Uuid,
    /// Whose that is.
    pub tenant: Uuid,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// How long the body is.
    pub bytes: u64,
    /// Events that it brought first.
    pub events: Vec<StoredEvent>,
    /// Why parts of it could not be read, one sentence each.
    pub faults: Vec<String>,
    /// Whether the body may hold events of others: then only the host's operator may read it.
    pub shared: bool,
    /// How often it was replayed.
    pub replays: u32,
    /// When last.
    pub replayed_at: Option<DateTime<Utc>>,
}

/// An event of a stored delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its identity.
    pub event_id: String,
    /// The platform's name of what happened.
    pub kind: String,
    /// The record that was fetched; none where the event is none of ours and was ignored.
    pub record: Option<SourceKey>,
}

/// Which deliveries. Absent: all.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Whose.
    pub tenant: Option<Uuid>,
    /// Of this connection.
    pub connection: Option<Uuid>,
    /// Only those with parts that could not be read.
    pub faulty: bool,
    /// Only those with events that were ignored.
    pub ignored: bool,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows a page; 100 unless said, at most 1,000.
    pub limit: Option<u32>,
}

/// A delivery as it reads today.
#[derive(Debug, Clone)]
pub struct ReadAgain {
    /// The delivery.
    pub id: Uuid,
    /// Its events: identity, the platform's name, the record where there is one.
    pub events: Vec<(String, String, Option<SourceKey>)>,
    /// Why parts of it cannot be read.
    pub faults: Vec<String>,
    /// Lane of the fetch jobs.
    pub lane: Lane,
}

/// What decides whether webhooks of a platform verify, and whose they are.
#[derive(Debug, Clone)]
pub struct WebhookSetup {
    /// Its revision.
    pub revision: i64,
    /// The connections, except removed ones; oldest first.
    pub connections: Vec<Connection>,
    /// The secrets, retired ones too; oldest first.
    pub secrets: Vec<StoredSecret>,
}

/// Who gave a webhook secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SecretOrigin {
    /// The host.
    Host,
    /// The platform's API.
    Platform,
    /// It stands in a connection's credentials or in the engine's options; kept here once it is retired.
    Configured,
}

/// A webhook secret, sealed.
#[derive(Debug, Clone)]
pub struct StoredSecret {
    /// The engine's id; it is part of what the seal is for.
    pub id: Uuid,
    /// `square`.
    pub platform: String,
    /// The connection; none for the host's app.
    pub connection: Option<Uuid>,
    /// It.
    pub sealed: String,
    /// Who gave it.
    pub origin: SecretOrigin,
    /// When.
    pub added_at: DateTime<Utc>,
    /// Since when it opens nothing.
    pub retired_at: Option<DateTime<Utc>>,
}

/// How a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionState {
    /// As it was last seen at the platform, it is what is wanted.
    Active,
    /// The last check failed; `message` says why.
    Failing,
}

/// A subscription that we made or took over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredSubscription {
    /// The engine's id.
    pub id: Uuid,
    /// `square`.
    pub platform: String,
    /// The connection; none for the host's app.
    pub connection: Option<Uuid>,
    /// The platform's id.
    pub external_id: String,
    /// Where the platform's API was, if not where it usually is.
    pub base_url: Option<String>,
    /// Where it sends to.
    pub url: String,
    /// What it sends.
    pub events: Vec<String>,
    /// How it is.
    pub state: SubscriptionState,
    /// One sentence, where there is more to say.
    pub message: Option<String>,
    /// When it was made or taken over.
    pub created_at: DateTime<Utc>,
    /// When it was last compared with the platform's.
    pub checked_at: DateTime<Utc>,
    /// When that is due again.
    pub check_at: DateTime<Utc>,
}

/// Webhooks.
#[async_trait]
pub trait WebhookStore: Send + Sync {
    /// Stores a verified body for everyone it is for, and one fetch job per new event that names a record: all of it in
    /// one commit. An event seen before (same connection and identity) adds nothing. `Conflict` with `Retry::Now` where
    /// the platform's set-up has changed since: verify again.
    async fn receive(&self, incoming: &Incoming, now: DateTime<Utc>) -> Result<Ingested>;

    /// Deliveries, newest first.
    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Page<StoredDelivery>>;

    /// One delivery with its body; `NotFound` where it is not `tenant`'s.
    async fn delivery(&self, id: Uuid, tenant: Option<Uuid>) -> Result<(StoredDelivery, Bytes)>;

    /// Queues a fetch of every record that a delivery announces, seen before or not, and stores how it reads today. Says
    /// how many fetches. `NotFound`.
    async fn replay_delivery(&self, again: &ReadAgain, now: DateTime<Utc>) -> Result<u32>;

    /// The revision of a platform's set-up; 0 before there is any.
    async fn webhook_revision(&self, platform: &str) -> Result<i64>;

    /// A platform's set-up, or as much of it as one connection needs. It is at least of the revision it says.
    async fn webhook_setup(&self, platform: &str, connection: Option<Uuid>) -> Result<WebhookSetup>;

    /// Stores a secret. `Conflict` where two live ones that a host gave are there already: retire the old one first. Of
    /// those that a platform gave the newest two stay live.
    async fn put_webhook_secret(&self, secret: &StoredSecret, now: DateTime<Utc>) -> Result<()>;

    /// Retires every live secret of the same connection or app but `keep`, and stores `configured` as retired. Says how
    /// many of both. `NotFound` where `keep` is not live.
    async fn retire_webhook_secrets(
        &self,
        keep: Uuid,
        configured: &[StoredSecret],
        now: DateTime<Utc>,
    ) -> Result<u64>;

    /// Stores a subscription in place of the one of the same connection or app, and the secret that came with it.
    async fn put_subscription(
        &self,
        subscription: &StoredSubscription,
        secret: Option<&StoredSecret>,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// The subscriptions, of one platform or all, oldest first.
    async fn subscriptions(&self, platform: Option<&str>) -> Result<Vec<StoredSubscription>>;

    /// Forgets a subscription, and retires the secrets that the platform gave for it.
    async fn drop_subscription(&self, id: Uuid, now: DateTime<Utc>) -> Result<()>;

    /// Subscriptions to be checked now; they are due again at `again`, whatever becomes of the check.
    async fn due_subscriptions(
        &self,
        limit: u32,
        again: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<StoredSubscription>>;
}
