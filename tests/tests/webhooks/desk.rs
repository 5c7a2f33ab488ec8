//! A small world: an engine over a made-up network, tenants with tills and CRMs, and webhooks signed as the platforms do.

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    Clock, Result, Vault,
    engine::{App, Credentials, Engine, EngineOptions, Receipt},
    http::HttpService,
    store::{Connection, Sqlite, Store},
    tenant::Tenant,
};
use taxpoynt_sim::{hubspot_signature_v3, square_signature};
use taxpoynt_tests::{TestClock, platforms};
use uuid::Uuid;

pub(crate) const SQUARE_URL: &str = "https://pos.example/hooks/square";
pub(crate) const HUBSPOT_URL: &str = "https://crm.example/hooks/hubspot";

/// Answers account calls: the account is what the token says. Everything else is not there.
#[derive(Debug)]
struct Accounts;

#[async_trait]
impl HttpService for Accounts {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let token = request.headers().get("authorization").map_or("", |value| value.to_str().unwrap());
        let account = token.trim_start_matches("Bearer ").to_owned();
        let body = match request.uri().path() {
            "/v2/merchants/me" => json!({"merchant": {"id": account, "business_name": account}}),
            path if path.contains("account-info") || path.contains("/oauth/") => {
                json!({"portalId": account.parse::<u64>().unwrap(), "hub_id": account.parse::<u64>().unwrap()})
            }
            _ => {
                let mut nothing = http::Response::new(Bytes::from_static(b"{}"));
                *nothing.status_mut() = http::StatusCode::NOT_FOUND;
                return Ok(nothing);
            }
        };
        Ok(http::Response::new(Bytes::from(body.to_string())))
    }
}

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) store: Sqlite,
    pub(crate) clock: Arc<TestClock>,
    key: SecretString,
    network: Arc<dyn HttpService>,
    apps: BTreeMap<String, App>,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(BTreeMap::new(), Arc::new(Accounts)).await
    }

    pub(crate) async fn with(apps: BTreeMap<String, App>, network: Arc<dyn HttpService>) -> Self {
        let store = Sqlite::open("sqlite::memory:").await.unwrap();
        let clock = Arc::new(TestClock::new("2026-11-20T10:00:00Z".parse().unwrap()));
        let key = SecretString::from(Vault::generate_key());
        let engine = assemble(&store, &clock, &key, &network, &apps).await;
        Self { engine, store, clock, key, network, apps }
    }

    /// Another engine on the same store, as another process would be.
    pub(crate) async fn another_process(&self) -> Engine {
        assemble(&self.store, &self.clock, &self.key, &self.network, &self.apps).await
    }

    pub(crate) async fn tenant(&self, name: &str) -> Uuid {
        let tenant = Tenant {
            name: name.to_owned(),
            business_id: Some(Uuid::now_v7().to_string()),
            ..Tenant::default()
        };
        self.engine.add_tenant(tenant).await.unwrap().id.unwrap()
    }

    /// A till of the merchant `account`; its webhooks are signed with `secret`.
    pub(crate) async fn till(&self, tenant: Uuid, account: &str, secret: Option<&str>) -> Connection {
        self.connect("square", SQUARE_URL, tenant, account, secret).await
    }

    /// A CRM of the portal `account`.
    pub(crate) async fn crm(&self, tenant: Uuid, account: &str, secret: Option<&str>) -> Connection {
        self.connect("hubspot", HUBSPOT_URL, tenant, account, secret).await
    }

    async fn connect(
        &self,
        platform: &str,
        url: &str,
        tenant: Uuid,
        account: &str,
        secret: Option<&str>,
    ) -> Connection {
        let settings = BTreeMap::from([("webhook_url".to_owned(), url.to_owned())]);
        let credentials =
            Credentials { access_token: account.into(), webhook_secret: secret.map(SecretString::from) };
        self.engine.connect(platform, tenant, credentials, settings).await.unwrap()
    }

    /// The till again, with another token.
    pub(crate) async fn connect_again(&self, tenant: Uuid, account: &str, token: &str) {
        let connection = self.connect("square", SQUARE_URL, tenant, token, None).await;
        assert_eq!(connection.account, account);
    }

    pub(crate) async fn till_without_address(&self, tenant: Uuid) -> Connection {
        let credentials = Credentials { access_token: "M9".into(), webhook_secret: None };
        self.engine.connect("square", tenant, credentials, BTreeMap::new()).await.unwrap()
    }

    /// Fetches that are due.
    pub(crate) async fn waiting(&self) -> u64 {
        taxpoynt_core::store::JobStore::pending(&self.store, self.clock.now()).await.unwrap().due
    }
}

async fn assemble(
    store: &Sqlite,
    clock: &Arc<TestClock>,
    key: &SecretString,
    network: &Arc<dyn HttpService>,
    apps: &BTreeMap<String, App>,
) -> Engine {
    let mut options = EngineOptions::new(vec![key.clone()], platforms());
    options.clock = clock.clone();
    options.apps = apps.clone();
    let store: Arc<dyn Store> = Arc::new(store.clone());
    Engine::assemble(store, network.clone(), options).await.unwrap()
}

pub(crate) fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
    let pair =
        |(name, value): &(&'static str, String)| (HeaderName::from_static(name), value.parse().unwrap());
    pairs.iter().map(pair).collect()
}

/// A payment of a sale.
pub(crate) fn payment(merchant: &str, event: &str, order: &str) -> String {
    json!({
        "merchant_id": merchant, "type": "payment.updated", "event_id": event,
        "created_at": "2026-11-20T10:00:00Z",
        "data": {"type": "payment", "id": "p", "object": {"payment": {"id": "p", "order_id": order}}},
    })
    .to_string()
}

/// A change of a deal.
pub(crate) fn deal(portal: u64, event: u64, object: u64) -> Value {
    json!({
        "eventId": event, "subscriptionId": 1, "portalId": portal, "occurredAt": 1_795_000_000_000_u64,
        "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": object,
        "propertyName": "dealstage", "propertyValue": "closedwon",
    })
}

pub(crate) async fn square(engine: &Engine, target: &str, secret: &str, body: &str) -> Receipt {
    let signature = square_signature(secret, SQUARE_URL, body);
    let headers = headers(&[("x-square-hmacsha256-signature", signature)]);
    engine.receive(target, "POST", "http://elsewhere.example/", &headers, body.as_bytes()).await.unwrap()
}

pub(crate) async fn hubspot(
    engine: &Engine,
    now: DateTime<Utc>,
    target: &str,
    secret: &str,
    body: &str,
) -> Receipt {
    let at = now.timestamp_millis().to_string();
    let signature = hubspot_signature_v3(secret, "POST", HUBSPOT_URL, body, &at);
    let headers = headers(&[("x-hubspot-signature-v3", signature), ("x-hubspot-request-timestamp", at)]);
    engine.receive(target, "POST", "http://elsewhere.example/", &headers, body.as_bytes()).await.unwrap()
}
