//! Stored deliveries read again.

use crate::desk::{Desk, payment, square};
use taxpoynt_core::{
    Clock, ErrorKind,
    store::{DeliveryFilter, JobStore},
};

#[tokio::test]
async fn a_stored_delivery_is_replayed_though_its_events_were_seen() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let target = desk.till(tenant, "M1", Some("secret")).await.id.to_string();
    for nth in 0..250 {
        let body = payment("M1", &format!("e{nth}"), &format!("O{nth}"));
        assert_eq!(square(&desk.engine, &target, "secret", &body).await.new, 1);
    }
    // The platform does not have them: every fetch is given up.
    while desk.engine.work_once().await.unwrap() > 0 {}
    assert_eq!(desk.waiting().await, 0);
    let newest = desk.engine.deliveries(&DeliveryFilter::default()).await.unwrap().items.remove(0);
    assert_eq!(newest.events[0].record.as_ref().unwrap().id, "O249");
    assert_eq!(desk.engine.replay_delivery(newest.id, Some(tenant)).await.unwrap(), 1);
    assert_eq!(desk.waiting().await, 1);
    let other = desk.tenant("Bola Stores").await;
    let refused = desk.engine.replay_delivery(newest.id, Some(other)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    // All of them, over several pages.
    let filter = DeliveryFilter { tenant: Some(tenant), ..DeliveryFilter::default() };
    let report = desk.engine.replay_deliveries(&filter).await.unwrap();
    assert_eq!((report.deliveries, report.queued, report.faulty), (250, 250, 0));
    assert_eq!(desk.waiting().await, 250, "the one that waits already serves both");
    let (shown, body) = desk.engine.delivery(newest.id, Some(tenant)).await.unwrap();
    assert_eq!((shown.replays, shown.replayed_at), (2, Some(desk.clock.now())));
    assert_eq!(body, payment("M1", "e249", "O249").as_bytes());
    assert_eq!(desk.store.dead_letters(None).await.unwrap().len(), 250);
}
