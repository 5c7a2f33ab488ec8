//! Pulls, imports and counted days of the real connectors against the simulated platforms.

use chrono::NaiveDate;
use std::time::Duration;
use taxpoynt_core::{ErrorKind, engine::SyncReport, store::RunState};
use taxpoynt_sim::Sale;
use taxpoynt_tests::House;

fn today() -> NaiveDate {
    "2026-11-20".parse().unwrap()
}

#[tokio::test]
async fn a_day_is_proved_or_its_missing_sales_are_named_and_fetched() {
    let house = House::open().await;
    house.deafen();
    let sold = [house.sim.square().sell(Sale::B2b).await.id, house.sim.square().sell(Sale::WalkIn).await.id];
    let report = house.engine.reconcile(house.square.id, None, today(), true).await.unwrap();
    assert!(!report.is_proved());
    assert_eq!(report.missing.iter().map(|entry| entry.key.id.clone()).collect::<Vec<_>>(), sold);
    assert_eq!((report.theirs.count, report.ours.count, report.fetched), (2, 0, 2));
    assert!(report.table().contains("NOT EQUAL"));

    house.settle().await;
    let report = house.engine.reconcile(house.square.id, None, today(), true).await.unwrap();
    assert!(report.is_proved(), "{}", report.table());
    assert_eq!((report.theirs.count, report.theirs.sums.len()), (2, 1));
    let stored = house.engine.reconciliations(house.square.id, None, false, 10).await.unwrap();
    assert_eq!(stored, [report]);
}

/// What counting has found so far: missing, extra, differing.
async fn told(house: &House) -> [Option<u64>; 3] {
    let text = house.engine.metrics().await;
    ["missing", "extra", "differs"].map(|kind| {
        let series =
            format!("taxpoynt_reconciliation_differences_total{{platform=\"square\",kind=\"{kind}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(series.as_str())).map(|count| count.parse().unwrap())
    })
}

#[tokio::test]
async fn what_counting_finds_is_in_the_metrics() {
    let house = House::open().await;
    house.deafen();
    for _ in 0..3 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    house.engine.reconcile(house.square.id, None, today(), true).await.unwrap();
    assert_eq!(told(&house).await, [Some(3), Some(0), Some(0)]);
    house.settle().await;
    assert!(house.engine.reconcile(house.square.id, None, today(), false).await.unwrap().is_proved());
    assert_eq!(told(&house).await, [Some(3), Some(0), Some(0)], "a proved day adds nothing");

    // One is taken for another, and one counts for another amount.
    house
        .execute("UPDATE records SET external_id = 'another' WHERE seq = (SELECT min(seq) FROM records)")
        .await;
    house
        .execute(
            "UPDATE record_counts SET amount = '1.00' WHERE record = (SELECT id FROM records ORDER BY seq DESC LIMIT 1)",
        )
        .await;
    let report = house.engine.reconcile(house.square.id, None, today(), false).await.unwrap();
    assert_eq!((report.missing.len(), report.extra.len(), report.different.len()), (1, 1, 1));
    assert_eq!(told(&house).await, [Some(4), Some(1), Some(1)]);
    // The night counts for the metrics like anybody; the pull before it has brought what was missing.
    house.clock.advance(Duration::from_secs(24 * 3600));
    while house.engine.sync_due().await.unwrap() > 0 {}
    assert_eq!(told(&house).await, [Some(4), Some(2), Some(2)]);
}

#[tokio::test]
async fn deals_won_are_counted_by_their_closing_day() {
    let house = House::open().await;
    house.deafen();
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    house.engine.sync(house.hubspot.id, None, None).await.unwrap();
    let record = house.record(house.sim.hubspot().deal_id()).await;
    let deal: serde_json::Value = serde_json::from_slice(&record.raw.body).unwrap();
    let closed = deal["deal"]["properties"]["closedate"].as_str().expect("a won deal has a closing date");
    let closed: chrono::DateTime<chrono::Utc> = closed.parse().unwrap();
    let day = closed.with_timezone(&chrono::FixedOffset::east_opt(3600).unwrap()).date_naive();
    let report = house.engine.reconcile(house.hubspot.id, None, day, false).await.unwrap();
    assert!(report.is_proved(), "{}", report.table());
    assert_eq!((report.theirs.count, report.claimed), (1, Some(1)));
}

#[tokio::test]
async fn an_import_is_read_by_the_workers_and_says_how_far_it_got() {
    let house = House::open().await;
    house.deafen();
    for _ in 0..3 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    let since = "2026-01-01T00:00:00Z".parse().unwrap();
    let id = house.engine.backfill(house.square.id, None, since, None).await.unwrap();
    assert_eq!(house.engine.backfill_progress(id, None).await.unwrap().state, RunState::Running);
    while house.engine.sync_due().await.unwrap() > 0 {}
    let import = house.engine.backfill_progress(id, None).await.unwrap();
    assert_eq!((import.state, import.counts.new, import.progress.seen), (RunState::Done, 3, 3));
    let stranger = house.engine.cancel_backfill(id, Some(house.square.id)).await.unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::NotFound);
    house.settle().await;
    house.assert_all_accepted_once(3).await;
}

#[tokio::test]
async fn a_connection_is_pulled_by_its_schedule_and_by_one_process() {
    let house = House::open().await;
    house.deafen();
    house.engine.set_sync_schedule(house.hubspot.id, None, Some(Duration::ZERO)).await.unwrap();
    assert_eq!(house.engine.sync_due().await.unwrap(), 2, "only the nights of two connections are looked at");
    house.sim.square().sell(Sale::WalkIn).await;
    house.clock.advance(Duration::from_secs(601));
    let other = house.another_engine().await;
    let (one, two) = tokio::join!(house.engine.sync_due(), other.sync_due());
    assert_eq!(one.unwrap() + two.unwrap(), 1, "one of them pulls");
    let log = house.engine.sync_log(house.square.id, None).await.unwrap();
    assert_eq!(log.len(), 1);
    assert!(house.engine.sync_log(house.hubspot.id, None).await.unwrap().is_empty());
    let health = house.engine.sync_health(house.square.id, None).await.unwrap();
    assert!(!health.failing && health.plan.next_at.is_some());
}

#[tokio::test]
async fn a_second_pull_reads_the_overlap_again_and_stores_nothing_twice() {
    let house = House::open().await;
    house.deafen();
    house.sim.square().sell(Sale::WalkIn).await;
    let first = house.engine.sync(house.square.id, None, None).await.unwrap();
    let second = house.engine.sync(house.square.id, None, None).await.unwrap();
    assert_eq!(first, SyncReport { seen: 1, new: 1, ..SyncReport::default() });
    assert_eq!(second, SyncReport { seen: 1, unchanged: 1, ..SyncReport::default() });
}
