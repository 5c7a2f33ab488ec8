#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod book;
mod currency;
mod gather;
mod line;
mod normalize;
mod party;
mod prorata;
mod pull;
mod refund;
mod units;
mod webhook;
mod wire;

pub use api::SQUARE_VERSION;

use async_trait::async_trait;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{
        Account, AuthScheme, BasePos, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pull,
        RecordShape, Setting, Webhook,
    },
    model::{Location, RawRecord, RecordKind, SourceDocument, SourceKey},
};

/// The Square connector.
#[derive(Debug, Clone, Copy, Default)]
pub struct Square;

const INFO: ConnectorInfo = ConnectorInfo {
    id: "square",
    name: "Square",
    family: Family::Pos,
    auth: &[AuthScheme::Bearer, AuthScheme::OauthCode(&auth::OAUTH)],
    capabilities: &[
        Capability::Pull,
        Capability::Fetch,
        Capability::Webhook,
        Capability::Locations,
        Capability::Refunds,
    ],
    base_url: "https://connect.squareup.com/",
    hosts: &["connect.squareupsandbox.com"],
    settings: &[
        Setting {
            name: "base_url",
            description: "Where the API is; https://connect.squareupsandbox.com/ for the sandbox.",
            required: false,
        },
        Setting {
            name: "webhook_url",
            description: "The notification URL as registered with Square, byte for byte: it is part of what is signed.",
            required: false,
        },
        Setting {
            name: "location_ids",
            description: "Pull only these locations, separated by commas. Missing: all active ones.",
            required: false,
        },
    ],
    record: RecordShape {
        root: "order",
        currency: "order.total_money.currency",
        lists: &[("payments", "payment"), ("refunds", "refund")],
        singles: &["customer", "location", "source_order"],
        stand_ins: &[
            ("order.line_items", "order.returns[0].return_line_items"),
            ("order.taxes", "order.returns[0].return_taxes"),
            ("order.service_charges", "order.returns[0].return_service_charges"),
            ("order.line_items", "source_order.line_items"),
            ("order.taxes", "source_order.taxes"),
            ("order.service_charges", "source_order.service_charges"),
        ],
    },
    rules: include_str!("../mapping.toml"),
    calls_per_second: 10,
};

#[async_trait]
impl Connector for Square {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        api::merchant(cx).await
    }

    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch> {
        pull::page(cx, pull).await
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        if key.kind != RecordKind::Order {
            let message = "Square has orders only";
            return Err(Error::new(ErrorKind::NotFound, "square.fetch", message).with("key", key.to_string()));
        }
        let order = api::order(cx, &key.id).await?;
        let mut batch = gather::records(cx, vec![order]).await?;
        batch.records.pop().ok_or_else(|| match batch.failed.pop() {
            Some((_, error)) => error,
            None => Error::new(ErrorKind::NotFound, "square.fetch", "Square answered without the order"),
        })
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        normalize::normalize(&raw.body)
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        normalize::identify(body)
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        Some(&webhook::SquareWebhook)
    }

    fn pos(&self) -> Option<&dyn BasePos> {
        Some(self)
    }
}

#[async_trait]
impl BasePos for Square {
    async fn locations(&self, cx: &Context) -> Result<Vec<Location>> {
        Ok(pull::locations(cx).await?.iter().map(party::shop).collect())
    }
}
