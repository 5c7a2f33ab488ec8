#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod gather;
mod item;
mod normalize;
mod party;
mod pull;
mod value;
mod webhook;
mod wire;

pub use api::{CRM_VERSION, OAUTH_VERSION};

use async_trait::async_trait;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{
        Account, AuthScheme, BaseCrm, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pipeline,
        Pull, RecordShape, Setting, Stage, Webhook,
    },
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
    capabilities: &[Capability::Pull, Capability::Fetch, Capability::Webhook, Capability::Pipelines],
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
    calls_per_second: 10,
};

#[async_trait]
impl Connector for HubSpot {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        api::account(cx).await
    }

    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch> {
        pull::page(cx, pull).await
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        let missing = |message: &str| {
            Error::new(ErrorKind::NotFound, "hubspot.fetch", message).with("key", key.to_string())
        };
        if key.kind != RecordKind::Deal {
            return Err(missing("HubSpot has deals only"));
        }
        let deal = api::deal(cx, &key.id).await?;
        let mut batch = gather::records(cx, vec![deal]).await?;
        batch.records.pop().ok_or_else(|| match batch.failed.pop() {
            Some((_, error)) => error,
            None => missing("HubSpot answered without the deal"),
        })
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        normalize::normalize(&raw.body)
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
