//! The connector against the simulated platform, over real HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    ErrorKind, SystemClock,
    connector::{Connector, Context, Pull},
    http::{ClientOptions, ReqwestService, StackOptions, auth::StaticToken, stack, stack::Auth},
    mapping::Rules,
    model::{CustomerKind, RawRecord, RecordKind, SourceDocument, SourceKey},
    sync::{Seen, Walk, Window},
};
use taxpoynt_sim::{Fault, FaultKind, Options, Sale, Sim};
use taxpoynt_square::Square;

fn context(sim: &Sim, token: &str) -> Context {
    let clock = Arc::new(SystemClock);
    let base_url: url::Url = sim.urls().square.parse().unwrap();
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
    let cx = context(&sim, &sim.credentials().square.access_token);
    (sim, cx)
}

async fn pull_all(cx: &Context) -> Vec<RawRecord> {
    let (mut records, mut pull) = (Vec::new(), Pull::default());
    for _ in 0..50 {
        let batch = Square.pull(cx, pull).await.unwrap();
        assert!(batch.failed.is_empty(), "{:?}", batch.failed);
        records.extend(batch.records);
        let Some(next) = batch.next else { return records };
        pull = Pull { checkpoint: Some(next), ..Pull::default() };
    }
    panic!("the pull does not end");
}

async fn fetch(cx: &Context, id: &str) -> RawRecord {
    Square.fetch(cx, &SourceKey::new(RecordKind::Order, id)).await.unwrap()
}

#[tokio::test]
async fn the_account_is_the_seller_and_a_bad_token_is_refused() {
    let (sim, cx) = start().await;
    assert_eq!(Square.check(&cx).await.unwrap().id, sim.credentials().square.merchant_id);
    let stranger = context(&sim, "no-such-token");
    assert_eq!(Square.check(&stranger).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn the_shops_are_listed_with_their_time_zone() {
    let (_sim, cx) = start().await;
    let shops = Square.pos().unwrap().locations(&cx).await.unwrap();
    assert_eq!(shops[0].timezone.as_deref(), Some("Africa/Lagos"));
}

#[tokio::test]
async fn a_sale_is_the_same_record_pulled_and_fetched_and_agrees_with_itself() {
    let (sim, cx) = start().await;
    let sold = [sim.square().sell(Sale::B2b).await.id, sim.square().sell(Sale::WalkIn).await.id];
    let pulled = pull_all(&cx).await;
    assert_eq!(pulled.iter().map(|record| record.key.id.as_str()).collect::<Vec<_>>(), sold);
    for record in &pulled {
        let fetched = fetch(&cx, &record.key.id).await;
        assert_eq!(fetched.body, record.body);
        assert_eq!(fetched.modified_at, record.modified_at);
        let document = Square.normalize(record).unwrap().remove(0);
        assert_eq!(document.sale().disagreements, []);
        assert!(document.sale().paid && document.sale().location.is_some());
    }
    let b2b = Square.pos().unwrap().transaction(&cx, &sold[0]).await.unwrap();
    assert_eq!(b2b.sale.customer.unwrap().kind, CustomerKind::Organization);
    let walk_in = Square.pos().unwrap().transaction(&cx, &sold[1]).await.unwrap();
    assert!(walk_in.sale.customer.is_none());
}

#[tokio::test]
async fn a_page_of_sales_costs_no_call_per_sale() {
    let (sim, cx) = start().await;
    for _ in 0..30 {
        sim.square().sell(Sale::WalkIn).await;
    }
    let before: u64 = sim.square().calls().values().sum();
    assert_eq!(pull_all(&cx).await.len(), 30);
    let calls = sim.square().calls().values().sum::<u64>() - before;
    assert!(calls <= 8, "{calls} calls for 30 sales: {:?}", sim.square().calls());
}

#[tokio::test]
async fn a_cursor_that_expired_is_told_and_loses_nothing() {
    let (sim, cx) = start().await;
    for _ in 0..130 {
        sim.square().sell(Sale::WalkIn).await;
    }
    let mut checkpoint: Value =
        serde_json::from_str(&Square.pull(&cx, Pull::default()).await.unwrap().next.unwrap()).unwrap();
    checkpoint["cursor"] = json!("an-expired-cursor");
    let expired = Pull { checkpoint: Some(checkpoint.to_string()), ..Pull::default() };
    assert_eq!(Square.pull(&cx, expired).await.unwrap_err().get("cursor"), Some("expired"));

    let rules = Square.info().pull;
    let parts = Square.parts(&cx).await.unwrap();
    let mut walk = Walk::new(Window::default(), parts, cx.clock.now(), &rules);
    let mut ids = std::collections::BTreeSet::new();
    while let Some(pull) = walk.ask() {
        let batch = Square.pull(&cx, pull).await.unwrap();
        walk.advance(&rules, &Seen::of(&batch)).unwrap();
        ids.extend(batch.records.into_iter().map(|record| record.key.id));
    }
    assert_eq!(ids.len(), 130);
}

#[tokio::test]
async fn an_itemised_refund_brings_its_payment_refund() {
    let (sim, cx) = start().await;
    let sold = sim.square().sell(Sale::B2b).await.id;
    sim.square().refund_partially().await.unwrap();
    let returned =
        pull_all(&cx).await.into_iter().find(|record| record.key.id != sold).expect("the return order");
    assert_eq!(fetch(&cx, &returned.key.id).await.body, returned.body);
    let SourceDocument::Refund(refund) = Square.normalize(&returned).unwrap().remove(0) else {
        panic!("a refund")
    };
    assert_eq!(refund.original_id, Some(sold));
    assert_eq!(refund.sale.disagreements, []);
    assert_eq!(refund.sale.tenders.len(), 1);
}

#[tokio::test]
async fn a_refund_of_an_amount_brings_the_order_it_refunds() {
    let (sim, cx) = start().await;
    let path = format!("{}/fixtures/refund_amount.json", env!("CARGO_MANIFEST_DIR"));
    let mut record: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    record["refunds"][0]["created_at"] = json!("2026-11-02T09:04:00.000Z");
    record["payments"][0]["created_at"] = json!("2026-11-01T09:04:00.000Z");
    sim.square().put(&record).await.unwrap();
    let fetched = fetch(&cx, "RET2").await;
    let SourceDocument::Refund(refund) = Square.normalize(&fetched).unwrap().remove(0) else {
        panic!("a refund")
    };
    let sum: Decimal = refund.sale.items.iter().map(|item| item.net_amount).sum();
    assert_eq!((refund.original_id.as_deref(), sum), (Some("ORIG2"), "4733.73".parse().unwrap()));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_a_fault_passes() {
    let (sim, cx) = start().await;
    let missing = Square.fetch(&cx, &SourceKey::new(RecordKind::Order, "NOPE")).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    for id in ["..", "a/../../oauth2", "a?b=c", ""] {
        assert!(Square.fetch(&cx, &SourceKey::new(RecordKind::Order, id)).await.is_err(), "{id:?}");
    }
    let id = sim.square().sell(Sale::WalkIn).await.id;
    sim.square().fail_next(Fault::next("order", FaultKind::ServerError));
    fetch(&cx, &id).await;
}

#[test]
fn the_default_rules_load() {
    Rules::parse_named("square/mapping.toml", Square.info().rules).unwrap();
}
