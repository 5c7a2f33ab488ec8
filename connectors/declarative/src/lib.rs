#![doc = include_str!("../README.md")]

mod auth;
mod call;
mod check;
mod copied;
mod facts;
mod gather;
mod hints;
mod lasting;
mod line;
mod normalize;
mod plan;
mod pull;
mod template;
mod webhook;

use async_trait::async_trait;
use call::{Answer, Places};
use plan::{Plan, Read};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use taxpoynt_core::{
    Error, Result,
    connector::{
        Account, BaseCrm, BasePos, Batch, Connector, ConnectorInfo, Context, CopiedFrom, Gone, Pipeline,
        Pull, Webhook, gather::expect_kind,
    },
    http::rate_limit::Limits,
    model::{Location, RawRecord, RecordKind, SourceDocument, SourceKey},
};

/// A connector that a template describes. Clones share it.
#[derive(Debug, Clone, Copy)]
pub struct Declarative(&'static Plan);

impl Declarative {
    /// Reads a template; `file` names it in errors. What a template says stays for the life of the process, so that the
    /// same text is read once: load templates at the start, not for each request.
    ///
    /// # Errors
    /// `Mapping`, with `file`, `line` and `column`: text that is no TOML, names that do not exist, values that cannot be.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        static READ: LazyLock<Mutex<HashMap<String, Declarative>>> = LazyLock::new(Mutex::default);
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(text) {
            return Ok(*known);
        }
        let connector = Self(lasting::value(Plan::of(Read::parse(file, text)?)));
        read.insert(text.to_owned(), connector);
        Ok(connector)
    }

    /// Says what is wrong with a template and keeps nothing of it, however often it is asked: what an editor calls.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn check(file: &str, text: &str) -> Result<()> {
        Read::parse(file, text).map(drop)
    }
}

#[async_trait]
impl Connector for Declarative {
    fn info(&self) -> &ConnectorInfo {
        &self.0.info
    }

    fn limits(&self, _settings: &BTreeMap<String, String>) -> Limits {
        self.0.limits.clone()
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        let (check, operation) = (&self.0.template.check, self.0.operations.check);
        let body =
            call::one(self.0, cx, operation, (&check.get, &BTreeMap::new()), &Places::default()).await?;
        let answer = Answer::of(operation, &body)?;
        let id = match &check.id {
            Some(path) => answer.text(path)?.ok_or_else(|| {
                Error::payload(operation, path.as_str(), format!("{path}: the account has no id"))
            })?,
            None => cx.base_url.host_str().unwrap_or_default().to_owned(),
        };
        let name = check.name.as_ref().map(|path| answer.text(path)).transpose()?.flatten();
        Ok(Account { id, name })
    }

    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch> {
        pull::page(self.0, cx, pull).await
    }

    async fn deleted(&self, cx: &Context, checkpoint: Option<String>) -> Result<Gone> {
        pull::deleted(self.0, cx, checkpoint).await
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        expect_kind(self.0.operations.fetch, key, self.0.kind)?;
        pull::fetch(self.0, cx, key).await
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        normalize::normalize(self.0, &raw.body)
    }

    fn copied(&self) -> Vec<CopiedFrom<'_>> {
        copied::copied(&self.0.fields)
    }

    fn template(&self) -> Option<&'static str> {
        Some(self.0.text)
    }

    fn described_by(&self, template: &str) -> Result<Arc<dyn Connector>> {
        Ok(Arc::new(Self::parse(self.0.info.id, template)?))
    }

    fn copied_in(&self, raw: &[u8]) -> Vec<CopiedFrom<'_>> {
        copied::copied_in(self.0, raw)
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        normalize::identify(self.0, body)
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.0.template.webhook.is_some().then_some(self.0 as &dyn Webhook)
    }

    fn crm(&self) -> Option<&dyn BaseCrm> {
        (self.0.kind == RecordKind::Deal).then_some(self as &dyn BaseCrm)
    }

    fn pos(&self) -> Option<&dyn BasePos> {
        (self.0.kind == RecordKind::Order).then_some(self as &dyn BasePos)
    }
}

#[async_trait]
impl BaseCrm for Declarative {
    async fn pipelines(&self, cx: &Context) -> Result<Vec<Pipeline>> {
        pull::pipelines(self.0, cx).await
    }
}

#[async_trait]
impl BasePos for Declarative {
    async fn locations(&self, cx: &Context) -> Result<Vec<Location>> {
        pull::locations(self.0, cx).await
    }
}
