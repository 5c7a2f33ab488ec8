//! In an engine, whatever calls a connection learns from all its calls, however often its stack is built anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![cfg(feature = "sqlite")]

mod http_support;

use async_trait::async_trait;
use http_support::*;
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    Engine, Error, ErrorKind, Result, Vault,
    clock::ManualClock,
    connector::{
        Account, AuthScheme, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pull, PullRules,
        RecordShape, Registry, Setting,
    },
    engine::{Credentials, EngineOptions},
    http::{api, breaker::is_refusal},
    model::{RawRecord, SourceDocument, SourceKey},
    store::Sqlite,
    tenant::Tenant,
};

/// A platform whose account is named by a setting, and which is read by calls that may not be repeated.
#[derive(Debug)]
struct Stall;

const fn setting(name: &'static str) -> Setting {
    Setting { name, description: "for tests", required: false }
}

const INFO: ConnectorInfo = ConnectorInfo {
    id: "stall",
    name: "The stall",
    family: Family::Pos,
    auth: &[AuthScheme::Bearer],
    capabilities: &[Capability::Pull],
    base_url: "https://platform.example/",
    settings: &[setting("account"), setting("note")],
    hosts: &[],
    record: RecordShape { root: "sale", currency: "sale.currency", lists: &[], singles: &[], stand_ins: &[] },
    rules: "version = 1\n",
    pull: PullRules::DEFAULT,
    calls_per_second: 1000,
};

fn unsupported() -> Error {
    Error::new(ErrorKind::Unsupported, "stall", "the stall only answers calls")
}

#[async_trait]
impl Connector for Stall {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }
    async fn check(&self, cx: &Context) -> Result<Account> {
        api::get(cx, "stall.check", "account").await?;
        Ok(Account { id: cx.settings["account"].clone(), name: None })
    }
    async fn pull(&self, cx: &Context, _: Pull) -> Result<Batch> {
        api::post_json(cx, "stall.pull", "sales", &()).await?;
        Ok(Batch::default())
    }
    async fn fetch(&self, _: &Context, _: &SourceKey) -> Result<RawRecord> {
        Err(unsupported())
    }
    fn normalize(&self, _: &RawRecord) -> Result<Vec<SourceDocument>> {
        Err(unsupported())
    }
    fn identify(&self, _: &[u8]) -> Result<RawRecord> {
        Err(unsupported())
    }
}

#[tokio::test]
async fn five_failures_under_changing_credentials_stop_the_calls_of_their_connection_and_no_others() {
    let clock = Arc::new(ManualClock::new(start()));
    let answers = (0..12).map(|call| status(if call % 2 == 0 || call == 11 { 200 } else { 503 })).collect();
    let script = Script::new(clock.clone(), answers);
    let mut registry = Registry::new();
    registry.register(Stall);
    let options = EngineOptions {
        clock: clock.clone(),
        ..EngineOptions::new(vec![Vault::generate_key().into()], registry)
    };
    let store = Arc::new(Sqlite::open("sqlite::memory:").await.unwrap());
    let engine = Engine::assemble(store, script.clone(), options).await.unwrap();
    let shop = br#"{"name": "Balogun Textiles Ltd", "tin": "20194455-0001"}"#;
    let shop = engine.add_tenant(Tenant::from_json(shop).unwrap()).await.unwrap().id.unwrap();
    let connect = async |account: &str, round: u32| {
        let credentials =
            Credentials { access_token: format!("token-{round}").into(), ..Credentials::default() };
        let settings = [("account", account.to_owned()), ("note", round.to_string())];
        let settings: BTreeMap<_, _> = settings.map(|(name, value)| (name.to_owned(), value)).into();
        engine.connect("stall", shop, credentials, settings).await.unwrap().id
    };
    let mut connection = connect("a", 0).await;
    for round in 1..=5 {
        let error = engine.sync(connection, Some(shop), None).await.unwrap_err();
        assert!(!is_refusal(&error), "{error}");
        // New credentials and settings: the connection's stack is built anew.
        connection = connect("a", round).await;
    }
    let error = engine.sync(connection, Some(shop), None).await.unwrap_err();
    assert!(is_refusal(&error), "{error}");
    assert_eq!(script.seen().len(), 11, "what the breaker refuses is not sent");
    // Another account of the same platform is another line.
    let other = connect("b", 0).await;
    engine.sync(other, Some(shop), None).await.unwrap();
    clock.advance(secs(30));
    engine.sync(connection, Some(shop), None).await.unwrap();
}
