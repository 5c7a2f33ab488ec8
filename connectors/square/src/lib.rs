#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod book;
mod copied;
mod currency;
mod gather;
mod line;
mod normalize;
mod party;
mod prorata;
mod pull;
mod refund;
mod subscriptions;
mod tally;
mod units;
mod webhook;
mod wire;

pub use api::SQUARE_VERSION;

use async_trait::async_trait;
use std::time::Duration;
use taxpoynt_core::{
    Result,
    connector::{
        Account, AuthScheme, BasePos, Batch, Capability, Connector, ConnectorInfo, Context, CopiedFrom, Day,
        Family, Pull, PullRules, RecordShape, Setting, TallyEntry, TallyPage, Webhook, gather::expect_kind,
    },
    model::{Location, RawRecord, RecordKind, SourceDocument, SourceKey},
    webhook::subscription::Subscriptions,
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
        Capability::Tally,
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
            description: "Pull only these locations, separated by commas. Missing: all of them.",
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
    pull: PullRules {
        // An order that a till took offline arrives up to 72 hours later.
        rescan: Some(Duration::from_secs(72 * 3600)),
        overlap: Duration::from_secs(600),
        by_time: true,
        by_id: false,
        cap: None,
        resolution: Duration::from_millis(1),
        deletes: false,
    },
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

    async fn parts(&self, cx: &Context) -> Result<Vec<String>> {
        pull::parts(cx).await
    }

    async fn tally(&self, cx: &Context, day: &Day, checkpoint: Option<String>) -> Result<TallyPage> {
        tally::page(cx, day, checkpoint).await
    }

    fn counted(&self, raw: &RawRecord) -> Result<Option<TallyEntry>> {
        tally::counted(raw)
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        expect_kind("square.fetch", key, RecordKind::Order)?;
        let order = api::order(cx, &key.id).await?;
        gather::records(cx, vec![order]).await?.only("square.fetch", key)
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        normalize::normalize(&raw.body)
    }

    fn copied(&self) -> Vec<CopiedFrom<'_>> {
        copied::copied()
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        normalize::identify(body)
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        Some(&webhook::SquareWebhook)
    }

    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        Some(&subscriptions::SquareSubscriptions)
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
