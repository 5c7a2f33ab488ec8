//! One sale, one invoice: however often and by however many ways it arrives.

use std::time::Duration;
use taxpoynt_core::SystemClock;
use taxpoynt_sim::Sale;
use taxpoynt_tests::House;

#[tokio::test]
async fn webhook_and_poll_of_one_sale_make_one_invoice() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    let report = house.engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    assert_eq!((report.seen, report.new, report.failed), (1, 1, 0));
    house.settle().await;
    house.assert_all_accepted_once(1).await;

    // And the other way round, after the invoice was made.
    let report = house.engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    assert_eq!((report.seen, report.unchanged), (1, 1), "{report:?}");
    house.sim.redeliver().await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.sim.authority().calls()["sign"], 1);
}

#[tokio::test]
async fn a_sale_whose_webhook_was_lost_is_found_by_the_poll() {
    let house = House::open().await;
    house.deafen();
    let sale = house.sim.square().sell(Sale::B2b).await;
    assert_eq!(sale.status(), None);
    house.settle().await;
    assert!(house.documents().await.is_empty());
    let report = house.engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    assert_eq!((report.new, report.failed), (1, 0));
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_deal_seen_by_webhook_poll_and_by_hand_makes_one_invoice() {
    let house = House::open().await;
    let crm = house.sim.hubspot();
    crm.win(crm.deal_id()).await.unwrap();
    house.engine.invoice(house.hubspot.id, Some(house.tenant), crm.deal_id()).await.unwrap();
    house.engine.sync(house.hubspot.id, Some(house.tenant), None).await.unwrap();
    house.settle().await;
    house.sim.redeliver().await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_webhook_twenty_times_at_once_makes_one_invoice() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    let webhook = house.hooks.last();
    let givers: Vec<_> = (0..20)
        .map(|_| {
            let (webhook, engine) = (webhook.clone(), house.engine.clone());
            tokio::spawn(async move { webhook.give(&engine).await.unwrap() })
        })
        .collect();
    for giver in givers {
        let receipt = giver.await.unwrap();
        assert_eq!((receipt.status, receipt.new, receipt.duplicates), (200, 0, 1));
    }
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.sim.square().calls()["order"], 1, "and it was fetched once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_webhooks_that_arrive_first_together_count_as_one_event() {
    let house = House::open().await;
    house.hooks.serve(None);
    let sale = house.sim.square().sell(Sale::B2b).await;
    assert_eq!(sale.status(), Some(503), "nobody was at home");
    let webhook = house.hooks.last();
    let givers: Vec<_> = (0..20)
        .map(|_| {
            let (webhook, engine) = (webhook.clone(), house.engine.clone());
            tokio::spawn(async move { webhook.give(&engine).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for giver in givers {
        new += giver.await.unwrap().new;
    }
    assert_eq!(new, 1);
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_second_engine_on_the_same_database_sends_nothing() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let before = house.sim.authority().calls();
    let second = house.another_engine().await;
    house.hooks.serve(Some(second.clone()));
    assert!(house.sim.redeliver().await.iter().all(|d| d.status == Some(200)));
    second.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle_with(&second).await;
    assert_eq!(house.sim.authority().calls(), before);
    house.assert_all_accepted_once(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_engines_at_work_on_one_database_send_each_sale_once() {
    let house = House::open().await;
    let second = house.another_engine().await;
    for _ in 0..6 {
        house.sim.square().sell(Sale::B2b).await;
        house.sim.square().sell(Sale::WalkIn).await;
    }
    tokio::join!(house.settle(), house.settle_with(&second));
    house.assert_all_accepted_once(12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_workers_send_each_sale_once() {
    let house = House::open().await;
    let engine = house.engine_with_clock(std::sync::Arc::new(SystemClock)).await;
    house.hooks.serve(Some(engine.clone()));
    let workers = engine.workers(3);
    for _ in 0..4 {
        house.sim.square().sell(Sale::B2b).await;
    }
    let drained = engine.drain(Duration::from_secs(60)).await.unwrap();
    assert!(drained.empty, "{drained:?}");
    workers.stop().await;
    house.assert_all_accepted_once(4).await;
}
