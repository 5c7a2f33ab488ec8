//! The connector against the simulated platform, over real HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    ErrorKind, SystemClock,
    connector::{Connector, Context, Pull},
    http::{ClientOptions, ReqwestService, StackOptions, auth::StaticToken, stack, stack::Auth},
    mapping::Rules,
    model::{ContactRole, RawRecord, RecordKind, SourceKey},
};
use taxpoynt_hubspot::HubSpot;
use taxpoynt_sim::{Options, Sim};

fn context(sim: &Sim, token: &str) -> Context {
    let clock = Arc::new(SystemClock);
    let base_url: url::Url = sim.urls().hubspot.parse().unwrap();
    let options = ClientOptions { allow_hosts: vec!["127.0.0.1".into()], ..ClientOptions::default() };
    let inner = Arc::new(ReqwestService::new(options).unwrap());
    let token = Arc::new(StaticToken::new(token.to_owned().into()));
    let options = StackOptions {
        auth: Auth::Bearer(token),
        ..StackOptions::new(inner, clock.clone(), base_url.clone())
    };
    Context { http: stack::stack(options), base_url, settings: BTreeMap::new(), account: None, clock }
}

async fn start() -> (Sim, Context) {
    let sim = Sim::start(Options::default()).await.unwrap();
    let cx = context(&sim, &sim.credentials().hubspot.access_token);
    (sim, cx)
}

async fn pull_all(cx: &Context) -> Vec<RawRecord> {
    let (mut records, mut pull) = (Vec::new(), Pull::default());
    for _ in 0..50 {
        let batch = HubSpot.pull(cx, pull).await.unwrap();
        assert!(batch.failed.is_empty(), "{:?}", batch.failed);
        records.extend(batch.records);
        let Some(next) = batch.next else { return records };
        pull = Pull { checkpoint: Some(next), ..Pull::default() };
    }
    panic!("the pull does not end");
}

#[tokio::test]
async fn the_account_is_the_portal_and_a_bad_token_is_refused() {
    let (sim, cx) = start().await;
    assert_eq!(HubSpot.check(&cx).await.unwrap().id, sim.credentials().hubspot.portal_id.to_string());
    let stranger = context(&sim, "no-such-token");
    assert_eq!(HubSpot.check(&stranger).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_deal_is_won_when_it_is_moved_there() {
    let (sim, cx) = start().await;
    let id = sim.hubspot().deal_id();
    let crm = HubSpot.crm().unwrap();
    assert!(!crm.deal(&cx, id).await.unwrap().won);
    sim.hubspot().win(id).await.unwrap();
    let deal = crm.deal(&cx, id).await.unwrap();
    assert!(deal.won);
    assert_eq!(deal.sale.disagreements, []);
    assert_eq!(deal.sale.items.len(), 3);
    let customer = deal.sale.customer.unwrap();
    assert_eq!(customer.billing_contact().unwrap().role, ContactRole::Finance);
}

#[tokio::test]
async fn a_deal_is_the_same_record_pulled_and_fetched() {
    let (sim, cx) = start().await;
    sim.hubspot().win(sim.hubspot().deal_id()).await.unwrap();
    let pulled = pull_all(&cx).await;
    assert_eq!(pulled.len(), 1);
    let fetched = HubSpot.fetch(&cx, &pulled[0].key).await.unwrap();
    assert_eq!(fetched.body, pulled[0].body);
    assert_eq!(fetched.modified_at, pulled[0].modified_at);
    let later = fetched.modified_at.unwrap() + chrono::TimeDelta::seconds(1);
    let none = HubSpot.pull(&cx, Pull { since: Some(later), ..Pull::default() }).await.unwrap();
    assert!(none.records.is_empty() && none.next.is_none());
}

#[tokio::test]
async fn hundreds_of_deals_are_all_pulled_with_few_calls() {
    let (sim, cx) = start().await;
    for i in 0..450_u32 {
        let deal = json!({"id": (700_000 + i).to_string(), "properties": {"dealname": format!("Deal {i}"), "amount": "10"}});
        let line = json!({"id": (900_000 + i).to_string(), "properties": {"name": "Thing", "price": "10", "quantity": "1"}});
        sim.hubspot().put(&json!({"deal": deal, "line_items": [line]})).unwrap();
    }
    let before: u64 = sim.hubspot().calls().values().sum();
    let mut ids: Vec<_> = pull_all(&cx).await.into_iter().map(|record| record.key.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 451);
    let calls = sim.hubspot().calls().values().sum::<u64>() - before;
    assert!(calls <= 40, "{calls} calls for 451 deals: {:?}", sim.hubspot().calls());
}

#[tokio::test]
async fn the_pipelines_say_which_stage_is_won() {
    let (_sim, cx) = start().await;
    let pipelines = HubSpot.crm().unwrap().pipelines(&cx).await.unwrap();
    let won: Vec<_> =
        pipelines[0].stages.iter().filter(|stage| stage.won).map(|stage| stage.id.as_str()).collect();
    assert_eq!(won, ["closedwon"]);
}

#[tokio::test]
async fn the_setting_properties_adds_what_a_tenant_keeps_the_tin_in() {
    let (sim, mut cx) = start().await;
    let company =
        json!({"id": "555", "properties": {"name": "Own Fields Ltd", "firs_number": "10101010-0001"}});
    sim.hubspot()
        .put(&json!({"deal": {"id": "444", "properties": {"amount": "5"}}, "companies": [company]}))
        .unwrap();
    let key = SourceKey::new(RecordKind::Deal, "444");
    let text = |record: RawRecord| String::from_utf8(record.body.to_vec()).unwrap();
    assert!(!text(HubSpot.fetch(&cx, &key).await.unwrap()).contains("10101010-0001"));
    cx.settings.insert("properties".into(), "firs_number, dealname".into());
    assert!(text(HubSpot.fetch(&cx, &key).await.unwrap()).contains("10101010-0001"));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let (_sim, cx) = start().await;
    let missing = HubSpot.fetch(&cx, &SourceKey::new(RecordKind::Deal, "1")).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let order = HubSpot.fetch(&cx, &SourceKey::new(RecordKind::Order, "1")).await.unwrap_err();
    assert_eq!(order.kind(), ErrorKind::NotFound);
}

#[test]
fn the_default_rules_load() {
    Rules::parse_named("hubspot/mapping.toml", HubSpot.info().rules).unwrap();
}
