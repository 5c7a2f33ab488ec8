//! What the engine prints is what happened, by platform, and nothing of anybody.

use crate::samples::{families, read, value};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use taxpoynt_core::{
    engine::{CheckState, Engine, EngineOptions},
    metrics::{CONTENT_TYPE, FAMILIES, Kind, MetricsOptions},
    store::Sqlite,
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, network};

/// An engine on the house's database with other options.
async fn engine_with(house: &House, edit: impl FnOnce(&mut EngineOptions)) -> Engine {
    let store = Sqlite::open(&format!("sqlite://{}", house.database().display())).await.unwrap();
    let mut options = house.options();
    edit(&mut options);
    Engine::assemble(Arc::new(store), network(), options).await.unwrap()
}

#[tokio::test]
async fn a_sale_and_a_deal_are_counted_from_their_webhooks_to_their_signatures() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    let crm = house.sim.hubspot();
    crm.win(crm.deal_id()).await.unwrap();
    house.sim.redeliver().await;
    house.clock.advance(Duration::from_secs(2));
    house.settle().await;
    let text = house.engine.metrics().await;
    let of = |name: &str, labels: &[(&str, &str)]| value(&text, name, labels);
    for (platform, seconds) in [
        ("square", "pos_transaction_processing_time_seconds"),
        ("hubspot", "crm_deal_processing_time_seconds"),
    ] {
        let here = ("platform", platform);
        assert_eq!(of(&format!("{seconds}_count"), &[here]), 1.0, "{text}");
        let took = of(&format!("{seconds}_sum"), &[here]);
        assert!((2.0..4.0).contains(&took), "two seconds in the queue are part of it: {took}");
        assert_eq!(of("taxpoynt_sale_signed_seconds_count", &[here]), 1.0);
        assert_eq!(of("invoice_generation_total", &[here, ("outcome", "prepared")]), 1.0);
        assert_eq!(of("taxpoynt_submissions_total", &[("outcome", "signed"), here]), 1.0);
        assert_eq!(of("taxpoynt_submissions_total", &[("outcome", "accepted"), here]), 1.0);
        assert!(of("taxpoynt_webhooks_total", &[here, ("outcome", "stored")]) >= 1.0);
        assert!(of("taxpoynt_webhooks_total", &[here, ("outcome", "duplicate")]) >= 1.0);
        assert!(of("taxpoynt_webhook_stored_seconds_count", &[here]) >= 2.0);
        assert!(of("api_request_duration_seconds_count", &[here, ("status", "2xx")]) >= 1.0);
        assert_eq!(of("taxpoynt_connections", &[here, ("state", "active")]), 1.0);
    }
    assert_eq!(of("pos_transaction_volume_total", &[("platform", "square")]), 1.0);
    assert_eq!(
        of("pos_transaction_volume_total", &[("platform", "hubspot")]),
        0.0,
        "a deal is no till's sale"
    );
    assert!(of("api_request_duration_seconds_count", &[("platform", "authority"), ("status", "2xx")]) >= 3.0);
    assert_eq!(of("taxpoynt_breakers", &[("platform", "authority"), ("state", "closed")]), 1.0);
    assert_eq!(of("taxpoynt_store_up", &[]), 1.0);
    assert!(of("taxpoynt_store_move_seconds_count", &[("move", "settle_prepare")]) >= 2.0);
    assert_eq!(of("taxpoynt_queue_jobs", &[("lane", "high"), ("state", "due")]), 0.0);
}

#[tokio::test]
async fn pulls_queues_ages_and_refusals_are_counted() {
    let house = House::open().await;
    house.deafen();
    house.sim.square().sell(Sale::WalkIn).await;
    house.engine.sync(house.square.id, None, None).await.unwrap();
    house.clock.advance(Duration::from_secs(90));
    let refused = house
        .engine
        .receive("square", "POST", "http://x.example/", &http::HeaderMap::new(), b"{}")
        .await
        .unwrap();
    assert_eq!(refused.status, 401);
    let text = house.engine.metrics().await;
    let of = |name: &str, labels: &[(&str, &str)]| value(&text, name, labels);
    assert_eq!(of("taxpoynt_syncs_total", &[("platform", "square"), ("outcome", "completed")]), 1.0);
    assert_eq!(of("taxpoynt_records_total", &[("platform", "square"), ("change", "new")]), 1.0);
    assert_eq!(of("taxpoynt_queue_jobs", &[("lane", "high"), ("state", "due")]), 1.0);
    assert_eq!(of("taxpoynt_queue_oldest_due_seconds", &[("lane", "high")]), 90.0);
    assert_eq!(of("taxpoynt_webhooks_total", &[("platform", "square"), ("outcome", "refused")]), 1.0);
}

#[tokio::test]
async fn the_text_declares_each_documented_family_once_and_no_other() {
    let house = House::open().await;
    house.sim.square().sell(Sale::WalkIn).await;
    let crm = house.sim.hubspot();
    crm.win(crm.deal_id()).await.unwrap();
    house.settle().await;
    let text = house.engine.metrics().await;
    let declared = families(&text);
    let documented: BTreeSet<(String, String)> = FAMILIES
        .iter()
        .map(|family| {
            let kind = match family.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            (family.name.to_owned(), kind.to_owned())
        })
        .collect();
    assert_eq!(declared.iter().cloned().collect::<BTreeSet<_>>(), documented);
    assert_eq!(declared.len(), documented.len(), "each once");
    for sample in read(&text) {
        let family = FAMILIES
            .iter()
            .find(|f| {
                let rest = sample.name.strip_prefix(f.name);
                rest.is_some_and(|rest| matches!(rest, "" | "_bucket" | "_sum" | "_count"))
            })
            .unwrap_or_else(|| panic!("{} is of no family", sample.name));
        let mut labels: Vec<&str> = sample.labels.keys().map(String::as_str).collect();
        labels.retain(|label| *label != "le");
        let mut documented = family.labels.to_vec();
        documented.sort_unstable();
        assert_eq!(labels, documented, "{}", sample.name);
    }
    assert!(CONTENT_TYPE.starts_with("application/openmetrics-text"));
}

#[tokio::test]
async fn nothing_of_a_tenant_a_buyer_or_a_credential_is_in_the_text() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    // Whoever posts to a made-up platform writes no label.
    let stranger = "square\",evil=\"1";
    assert!(
        house.engine.receive(stranger, "POST", "http://x/", &http::HeaderMap::new(), b"{}").await.is_err()
    );
    house.settle().await;
    let text = house.engine.metrics().await;
    let credentials = house.sim.credentials();
    let document = house.documents().await.remove(0);
    let invoice = taxpoynt_tests::invoice_of(&document);
    let customer = invoice.customer.unwrap();
    for secret in [
        house.tenant.to_string(),
        house.square.id.to_string(),
        house.square.account.clone(),
        credentials.square.access_token.clone(),
        credentials.authority.api_key.clone(),
        credentials.authority.tin.clone(),
        customer.name.clone(),
        document.document.irn.clone(),
        "evil".to_owned(),
    ] {
        assert!(!secret.is_empty() && !text.contains(&secret), "{secret} is in the text");
    }
}

#[tokio::test]
async fn tenants_are_told_apart_only_where_an_option_says_so() {
    let house = House::open().await;
    let engine = engine_with(&house, |options| options.metrics = MetricsOptions { per_tenant: true }).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle_with(&engine).await;
    let text = engine.metrics().await;
    let tenant = house.tenant.to_string();
    let split: BTreeSet<String> =
        read(&text).into_iter().filter(|s| s.labels.get("tenant") == Some(&tenant)).map(|s| s.name).collect();
    for family in FAMILIES.iter().filter(|family| family.by_tenant && family.labels.len() < 3) {
        let seen = split.iter().any(|name| name.starts_with(family.name));
        assert!(seen || family.name.starts_with("crm_"), "{} is not split: {split:?}", family.name);
    }
    let others = FAMILIES.iter().filter(|family| !family.by_tenant);
    for family in others {
        assert!(!split.iter().any(|name| name.starts_with(family.name)), "{} is split", family.name);
    }
}

#[tokio::test]
async fn two_engines_in_one_process_count_for_themselves() {
    let house = House::open().await;
    let other = house.another_engine().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let counted = |text: &str| value(text, "pos_transaction_volume_total", &[("platform", "square")]);
    assert_eq!((counted(&house.engine.metrics().await), counted(&other.metrics().await)), (1.0, 0.0));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_said_and_nothing_it_alone_knows_is_made_up() {
    let house = House::open().await;
    let store = Sqlite::open(&format!("sqlite://{}", house.database().display())).await.unwrap();
    store.revert(0).await.unwrap();
    let text = house.engine.metrics().await;
    assert_eq!(value(&text, "taxpoynt_store_up", &[]), 0.0);
    let known: BTreeSet<String> = read(&text).into_iter().map(|sample| sample.name).collect();
    for unknown in ["taxpoynt_queue_jobs", "taxpoynt_connections", "taxpoynt_deadlines_at_risk"] {
        assert!(!known.contains(unknown), "{unknown} is not known");
    }
    assert!(known.contains("pos_transaction_volume_total"), "what was counted is still told");
    let health = house.engine.health().await;
    assert_eq!((health.state, health.checks.len()), (CheckState::Failing, 1), "{health:?}");
    assert!(health.checks[0].sentence.starts_with("The store does not answer"), "{health:?}");
}
