//! Webhooks are kept for as long as they may be repeated and looked at, and no longer; what they led to is kept.
#![allow(clippy::disallowed_methods, reason = "a test that would wait for ever fails instead")]

use crate::desk::{Desk, payment, square};
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, Error, ErrorKind, Vault,
    engine::{Engine, EngineOptions, WebhookOptions},
    store::{DeliveryFilter, JobStore, Purged, Sqlite},
};
use taxpoynt_tests::{network, platforms};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Receives a payment and does what it leads to.
async fn receive(desk: &Desk, event: &str) -> (u32, u32) {
    let receipt = square(&desk.engine, "square", "the key", &payment("M1", event, event)).await;
    assert_eq!(receipt.status, 200);
    let done = desk.clock.now();
    for job in desk.store.claim(1000, Duration::from_secs(60), done).await.unwrap() {
        desk.store.finish(&job.fence, done).await.unwrap();
    }
    (receipt.new, receipt.duplicates)
}

async fn kept(desk: &Desk) -> usize {
    let filter = DeliveryFilter { limit: Some(1000), ..DeliveryFilter::default() };
    desk.engine.deliveries(&filter).await.unwrap().items.len()
}

async fn desk() -> Desk {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    desk.till(tenant, "M1", Some("the key")).await;
    desk
}

#[tokio::test]
async fn a_webhook_is_known_for_ninety_days_and_gone_after() {
    let desk = desk().await;
    assert_eq!(receive(&desk, "e1").await, (1, 0));
    desk.clock.advance(DAY * 89);
    assert_eq!(desk.engine.purge_webhooks().await.unwrap(), Purged::default());
    assert_eq!(receive(&desk, "e1").await, (0, 1), "a repetition is one for 90 days");
    assert_eq!(receive(&desk, "e2").await, (1, 0));
    desk.clock.advance(DAY + Duration::from_secs(1));
    let purged = desk.engine.purge_webhooks().await.unwrap();
    assert_eq!((purged.deliveries, purged.events, purged.next), (1, 1, None));
    assert_eq!(kept(&desk).await, 1, "the younger one stays");
    assert_eq!(receive(&desk, "e2").await, (0, 1));
    assert_eq!(receive(&desk, "e1").await, (1, 0));
}

#[tokio::test]
async fn the_workers_remove_them_hourly_in_small_batches_beside_what_comes_in() {
    let desk = desk().await;
    for nth in 0..180 {
        receive(&desk, &format!("e{nth}")).await;
    }
    desk.engine.work_once().await.unwrap();
    desk.clock.advance(DAY * 91);
    receive(&desk, "young").await;
    desk.engine.work_once().await.unwrap();
    // It runs beside the work, and what comes meanwhile is taken.
    let gone = async {
        let mut nth = 0;
        while kept(&desk).await > 1 + nth {
            receive(&desk, &format!("meanwhile {nth}")).await;
            nth += 1;
        }
        nth
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("the workers do it by themselves");
    let text = desk.engine.metrics().await;
    let moves = text.lines().find_map(|line| {
        line.strip_prefix("taxpoynt_store_move_seconds_count{move=\"purge_deliveries\"} ")?
            .parse::<u32>()
            .ok()
    });
    assert!(moves.is_some_and(|moves| moves >= 4), "180 in batches of 50: {moves:?}");
}

#[tokio::test]
async fn a_span_shorter_than_a_platform_repeats_is_refused_by_name() {
    let open = async |keep: Duration| -> Result<Engine, Error> {
        let mut options = EngineOptions::new(vec![Vault::generate_key().into()], platforms());
        options.webhooks = WebhookOptions { keep, ..WebhookOptions::default() };
        let store = Sqlite::open("sqlite::memory:").await.unwrap();
        Engine::assemble(Arc::new(store), network(), options).await
    };
    for short in [Duration::ZERO, DAY * 3, DAY * 7 - Duration::from_secs(1)] {
        let refused = open(short).await.unwrap_err();
        assert_eq!((refused.kind(), refused.get("field")), (ErrorKind::Config, Some("webhooks.keep")));
    }
    let forever = open(Duration::MAX).await.unwrap();
    assert_eq!(forever.purge_webhooks().await.unwrap(), Purged::default());
    open(DAY * 7).await.unwrap();
}
