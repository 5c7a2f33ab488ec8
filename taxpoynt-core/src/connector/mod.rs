//! What a platform must answer: an async half that only fetches raw records, and a pure half that reads them.

mod claims;
mod form;
pub mod gather;
mod info;
mod registry;
mod tally;

pub use crate::auth::AuthScheme;
pub use claims::unsupported;
pub use info::{Capability, ConnectorInfo, Family, PullRules, RecordShape, Setting};
pub use registry::Registry;
pub use tally::{Day, Gone, TallyEntry, TallyPage};

use crate::{
    Clock, Error, ErrorKind, Result,
    http::{
        HttpService,
        rate_limit::{Limits, Quota},
    },
    model::{RawRecord, SourceDocument, SourceKey},
    webhook::{
        Secrets, Verified, WebhookEvent, WebhookRequest, guide::Template, subscription::Subscriptions,
    },
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

/// Which records to pull. Who asks goes on by time or by id where [`PullRules`] allow it, and else by `checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pull {
    /// Only records changed at or after this time. None: as far back as the platform goes.
    pub since: Option<DateTime<Utc>>,
    /// Only records changed at or before this time.
    pub until: Option<DateTime<Utc>>,
    /// One of [`Connector::parts`]. None: all of them, one after the other.
    pub part: Option<String>,
    /// In which order.
    pub order: PullOrder,
    /// Where the last page of this very query ended; opaque.
    pub checkpoint: Option<String>,
}

/// The order of a pull.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PullOrder {
    /// By time of change, oldest first, where [`PullRules::by_time`] says that the platform can; else its own.
    #[default]
    Time,
    /// By id, from the one after this; an empty one is before all. Asked for only where [`PullRules::by_id`] is claimed.
    Id {
        /// The last id that is not wanted any more.
        after: String,
    },
}

/// One page.
#[derive(Debug, Default)]
pub struct Batch {
    /// The records, in the order asked for. One bad record never blocks a page: what cannot be read is in `failed`.
    pub records: Vec<RawRecord>,
    /// Records that could not be read.
    pub failed: Vec<(SourceKey, Error)>,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
    /// How many records the query matches, where the platform says so.
    pub total: Option<u64>,
    /// The last id of the page in the platform's order, also of a record that could not be read; for [`PullOrder::Id`].
    pub last_id: Option<String>,
}

/// Where a connector reads a field of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFrom<'c> {
    /// The field, as mapping rules call it: `item.net_amount`.
    pub field: &'c str,
    /// Paths into the record, with `[]` for the element an item or charge came from, and `[*]` for one that is chosen
    /// otherwise: the one is told that holds the value, for a payment first that in its place. Of several entries for one field the
    /// first counts whose first path leads somewhere; the other paths are told where they do.
    pub paths: Vec<&'c str>,
    /// What is made of them, in a few words; empty where the value is taken as it is.
    pub how: &'c str,
}

/// A platform.
#[async_trait]
pub trait Connector: Send + Sync + fmt::Debug {
    /// Who it is and what it can do.
    fn info(&self) -> &ConnectorInfo;

    /// What is known beforehand of the platform's limits for a connection with these settings. Unless said otherwise
    /// `calls_per_second`, all of which may come at once; a 429 slows down by itself.
    fn limits(&self, _settings: &BTreeMap<String, String>) -> Limits {
        Limits::new(Quota::per_second(self.info().calls_per_second))
    }

    /// The cheapest authenticated call.
    ///
    /// # Errors
    /// `Unauthenticated` where the platform refuses the credentials; else as the HTTP layers say.
    async fn check(&self, cx: &Context) -> Result<Account>;

    /// One page of changed records, whole as `fetch` would give them.
    ///
    /// # Errors
    /// `Unsupported` where it is not claimed; else as the HTTP layers say. A checkpoint that the platform does not take any
    /// more: with the fact `cursor: expired`.
    async fn pull(&self, _cx: &Context, _pull: Pull) -> Result<Batch> {
        Err(unsupported(self.info(), Capability::Pull))
    }

    /// What has to be listed on its own, such as groups of shops. Each is pulled from end to end.
    ///
    /// # Errors
    /// As the HTTP layers say.
    async fn parts(&self, _cx: &Context) -> Result<Vec<String>> {
        Ok(vec![String::new()])
    }

    /// One page of the records that were deleted, newest or oldest first. Hints: each is fetched before it counts.
    ///
    /// # Errors
    /// `Unsupported` where [`Capability::Deletions`] is not claimed; else as the HTTP layers say.
    async fn deleted(&self, _cx: &Context, _checkpoint: Option<String>) -> Result<Gone> {
        Err(unsupported(self.info(), Capability::Deletions))
    }

    /// One page of what the platform counts as sold on a day: ids and amounts.
    ///
    /// # Errors
    /// `Unsupported` where [`Capability::Tally`] is not claimed; else as the HTTP layers say.
    async fn tally(&self, _cx: &Context, _day: &Day, _checkpoint: Option<String>) -> Result<TallyPage> {
        Err(unsupported(self.info(), Capability::Tally))
    }

    /// What `tally` would say of this record, whatever its day; none where it counts on no day. Pure.
    ///
    /// # Errors
    /// `Unsupported`; `Payload`, naming the field.
    fn counted(&self, _raw: &RawRecord) -> Result<Option<TallyEntry>> {
        Err(unsupported(self.info(), Capability::Tally))
    }

    /// One record with everything that belongs to it.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` where it is not claimed; else as the HTTP layers say.
    async fn fetch(&self, _cx: &Context, _key: &SourceKey) -> Result<RawRecord> {
        Err(unsupported(self.info(), Capability::Fetch))
    }

    /// Reads a record. Pure.
    ///
    /// # Errors
    /// `Payload`, naming the field.
    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>>;

    /// Where `normalize` reads what it copies, for people who ask where a value of an invoice came from. A field that is
    /// not listed is explained by its name in the model alone.
    fn copied(&self) -> Vec<CopiedFrom<'_>> {
        Vec::new()
    }

    /// The key of a record a host hands in, and when it was changed. Pure.
    ///
    /// # Errors
    /// `Payload`, naming the field, where the record has no id.
    fn identify(&self, body: &[u8]) -> Result<RawRecord>;

    /// Its webhooks.
    fn webhook(&self) -> Option<&dyn Webhook> {
        None
    }

    /// Its API for registering webhooks.
    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
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

    /// What it announces, one by one: of a batch, an event that cannot be read does not block the rest.
    ///
    /// # Errors
    /// `Payload` where not even the batch can be taken apart.
    fn each_event(&self, verified: &Verified) -> Result<Vec<Result<WebhookEvent>>> {
        Ok(self.events(verified)?.into_iter().map(Ok).collect())
    }

    /// Whether `verify` needs the URL the request was sent to, in place of the configured one: a secret in its path is
    /// the proof, and nothing else of it is trusted.
    fn reads_received_url(&self) -> bool {
        false
    }

    /// How a person sets it up by hand.
    fn guide(&self) -> Option<&'static Template> {
        None
    }
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
