//! What a platform must answer: an async half that only fetches raw records, and a pure half that reads them.

mod info;
mod registry;

pub use info::{AuthScheme, Capability, ConnectorInfo, Family, RecordShape, Setting};
pub use registry::Registry;

use crate::{
    Clock, Error, ErrorKind, Result,
    http::HttpService,
    model::{RawRecord, SourceDocument, SourceKey},
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, fmt, sync::Arc};
use url::Url;

/// What a call to a platform may use: one connection's authenticated HTTP stack, its base URL and settings.
#[derive(Clone)]
pub struct Context {
    /// Sends with this connection's credentials, limits and retries.
    pub http: Arc<dyn HttpService>,
    /// Where the platform's API is, with a trailing slash.
    pub base_url: Url,
    /// The connection's settings, as documented in the connector's `ConnectorInfo::settings`.
    pub settings: BTreeMap<String, String>,
    /// The platform's id of the connected account, once known.
    pub account: Option<String>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("base_url", &crate::http::shown(&self.base_url))
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// The account a connection is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The platform's id: merchant id, portal id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// Which records to pull.
#[derive(Debug, Clone, Default)]
pub struct Pull {
    /// Only records changed at or after this time. None: as far back as the platform goes.
    pub since: Option<DateTime<Utc>>,
    /// Where the last page ended; opaque.
    pub checkpoint: Option<String>,
}

/// One page.
#[derive(Debug, Default)]
pub struct Batch {
    /// The records. One bad record never blocks a page: what cannot be read is in `failed`.
    pub records: Vec<RawRecord>,
    /// Records that could not be read.
    pub failed: Vec<(SourceKey, Error)>,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
}

/// A platform.
#[async_trait]
pub trait Connector: Send + Sync + fmt::Debug {
    /// Who it is and what it can do.
    fn info(&self) -> &ConnectorInfo;

    /// The cheapest authenticated call.
    ///
    /// # Errors
    /// `Unauthenticated` where the platform refuses the credentials; else as the HTTP layers say.
    async fn check(&self, cx: &Context) -> Result<Account>;

    /// One page of changed records, whole as `fetch` would give them.
    ///
    /// # Errors
    /// As the HTTP layers say.
    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch>;

    /// One record with everything that belongs to it.
    ///
    /// # Errors
    /// `NotFound`; else as the HTTP layers say.
    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord>;

    /// Reads a record. Pure.
    ///
    /// # Errors
    /// `Payload`, naming the field.
    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>>;

    /// The key of a record a host hands in, and when it was changed. Pure.
    ///
    /// # Errors
    /// `Payload`, naming the field, where the record has no id.
    fn identify(&self, body: &[u8]) -> Result<RawRecord>;

    /// Its webhooks.
    fn webhook(&self) -> Option<&dyn Webhook> {
        None
    }

    /// It as a CRM.
    fn crm(&self) -> Option<&dyn BaseCrm> {
        None
    }

    /// It as a till.
    fn pos(&self) -> Option<&dyn BasePos> {
        None
    }
}

/// A platform's webhooks. Raw bytes in; there is no default `verify`.
pub trait Webhook: Send + Sync {
    /// Checks that the platform sent it.
    ///
    /// # Errors
    /// `SignatureInvalid` or `Replayed`.
    fn verify(&self, request: &WebhookRequest<'_>, secrets: &Secrets, now: DateTime<Utc>)
    -> Result<Verified>;

    /// What it announces. Unknown kinds are listed with no record.
    ///
    /// # Errors
    /// `Payload` where the body is not what the platform documents.
    fn events(&self, verified: &Verified) -> Result<Vec<WebhookEvent>>;
}

/// A sales pipeline of a CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// The platform's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The platform's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether a deal in it is closed and won.
    pub won: bool,
}

/// A CRM. Python and Node know it as `BaseCRMConnector`.
#[async_trait]
pub trait BaseCrm: Connector {
    /// Reads one deal.
    ///
    /// # Errors
    /// As `fetch` and `normalize`; `NotFound` where the record is no deal.
    async fn deal(&self, cx: &Context, id: &str) -> Result<crate::model::Deal> {
        let raw = self.fetch(cx, &SourceKey::new(crate::model::RecordKind::Deal, id)).await?;
        let deal = self.normalize(&raw)?.into_iter().find_map(|d| match d {
            SourceDocument::Deal(deal) => Some(deal),
            _ => None,
        });
        deal.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "crm.deal", "the record is not a deal").with("id", id)
        })
    }

    /// The sales pipelines with their stages.
    ///
    /// # Errors
    /// As the HTTP layers say.
    async fn pipelines(&self, cx: &Context) -> Result<Vec<Pipeline>>;
}

/// A till. Python and Node know it as `BasePOSConnector`.
#[async_trait]
pub trait BasePos: Connector {
    /// Reads one sale.
    ///
    /// # Errors
    /// As `fetch` and `normalize`; `NotFound` where the record is no sale.
    async fn transaction(&self, cx: &Context, id: &str) -> Result<crate::model::Transaction> {
        let raw = self.fetch(cx, &SourceKey::new(crate::model::RecordKind::Order, id)).await?;
        let sale = self.normalize(&raw)?.into_iter().find_map(|d| match d {
            SourceDocument::Transaction(transaction) => Some(transaction),
            _ => None,
        });
        sale.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "pos.transaction", "the record is not a sale").with("id", id)
        })
    }

    /// The shops.
    ///
    /// # Errors
    /// As the HTTP layers say.
    async fn locations(&self, cx: &Context) -> Result<Vec<crate::model::Location>>;
}
