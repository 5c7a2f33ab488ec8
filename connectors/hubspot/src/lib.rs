#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod copied;
mod gather;
mod item;
mod limits;
mod normalize;
mod party;
mod pull;
mod tally;
mod value;
mod webhook;
mod wire;

pub use api::{CRM_VERSION, OAUTH_VERSION};

use async_trait::async_trait;
use std::{collections::BTreeMap, time::Duration};
use taxpoynt_core::{
    Result,
    connector::{
        Account, AuthScheme, BaseCrm, Batch, Capability, Connector, ConnectorInfo, Context, CopiedFrom, Day,
        Family, Gone, Pipeline, Pull, PullRules, RecordShape, Setting, Stage, TallyEntry, TallyPage, Webhook,
        gather::expect_kind,
    },
    http::rate_limit::Limits,
    json,
    model::{RawRecord, RecordKind, SourceDocument, SourceKey},
};

/// The HubSpot connector.
#[derive(Debug, Clone, Copy, Default)]
pub struct HubSpot;

const INFO: ConnectorInfo = ConnectorInfo {
    id: "hubspot",
    name: "HubSpot",
    family: Family::Crm,
    auth: &[AuthScheme::Bearer, AuthScheme::OauthCode(&auth::OAUTH)],
    capabilities: &[
        Capability::Pull,
        Capability::Fetch,
        Capability::Webhook,
        Capability::Pipelines,
        Capability::Tally,
        Capability::Deletions,
    ],
    base_url: "https://api.hubapi.com/",
    hosts: &[],
    settings: &[
        Setting {
            name: "base_url",
            description: "Where the API is. HubSpot has one host for all regions.",
            required: false,
        },
        Setting {
            name: "webhook_url",
            description: "The target URL of the app, byte for byte: it is part of what is signed.",
            required: false,
        },
        Setting {
            name: "properties",
            description: "More properties to read, separated by commas, such as the field that holds the buyer's TIN.",
            required: false,
        },
        Setting {
            name: "timezone",
            description: "The time zone of the account, such as Africa/Lagos: its calls of the day are counted anew at midnight there. Missing: a used-up day is tried again once an hour.",
            required: false,
        },
    ],
    record: RecordShape {
        root: "deal",
        currency: "deal.properties.deal_currency_code",
        lists: &[
            ("line_items", "line_item"),
            ("companies", "company"),
            ("contacts", "contact"),
            ("tax_rates", "tax_rate"),
        ],
        singles: &["associations", "pipeline"],
        stand_ins: &[],
    },
    rules: include_str!("../mapping.toml"),
    pull: PullRules {
        // The search is behind by "a few moments". What changes a deal's lines is not said to change the deal: once a day
        // the last day is read again.
        overlap: Duration::from_secs(600),
        rescan: Some(Duration::from_secs(24 * 3600)),
        by_time: true,
        by_id: true,
        cap: Some(10_000),
        resolution: Duration::from_millis(1),
        deletes: true,
    },
    calls_per_second: 10,
};

#[async_trait]
impl Connector for HubSpot {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    fn limits(&self, settings: &BTreeMap<String, String>) -> Limits {
        limits::limits(settings.get("timezone").map(String::as_str))
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        api::account(cx).await
    }

    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch> {
        pull::page(cx, pull).await
    }

    async fn deleted(&self, cx: &Context, checkpoint: Option<String>) -> Result<Gone> {
        pull::deleted(cx, checkpoint).await
    }

    async fn tally(&self, cx: &Context, day: &Day, checkpoint: Option<String>) -> Result<TallyPage> {
        tally::page(cx, day, checkpoint).await
    }

    fn counted(&self, raw: &RawRecord) -> Result<Option<TallyEntry>> {
        tally::counted(raw)
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        expect_kind("hubspot.fetch", key, RecordKind::Deal)?;
        let deal = api::deal(cx, &key.id).await?;
        gather::records(cx, vec![deal]).await?.only("hubspot.fetch", key)
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
        Some(&webhook::HubSpotWebhook)
    }

    fn crm(&self) -> Option<&dyn BaseCrm> {
        Some(self)
    }
}

#[async_trait]
impl BaseCrm for HubSpot {
    async fn pipelines(&self, cx: &Context) -> Result<Vec<Pipeline>> {
        let raw = api::pipelines(cx).await?;
        let read = |raw: &api::Raw| json::read("hubspot.pipelines", raw.get().as_bytes());
        raw.iter().map(|raw| read(raw).map(pipeline)).collect()
    }
}

fn pipeline(mut wire: wire::Pipeline) -> Pipeline {
    wire.stages.sort_by_key(|stage| stage.order);
    let stage = |stage: &wire::Stage| Stage {
        id: stage.id.0.clone(),
        name: stage.label.clone().unwrap_or_else(|| stage.id.0.clone()),
        won: stage.is_won(),
    };
    let stages = wire.stages.iter().map(stage).collect();
    Pipeline { name: wire.label.unwrap_or_else(|| wire.id.0.clone()), id: wire.id.0, stages }
}
