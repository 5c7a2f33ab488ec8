//! Batches: one bad event blocks nothing, and a hundred events take one commit.

use crate::desk::{Desk, deal, hubspot};
use serde_json::{Value, json};
use taxpoynt_core::{Clock, store::DeliveryFilter};

#[tokio::test]
async fn one_bad_event_of_a_batch_does_not_block_the_rest_and_is_seen() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let target = desk.crm(tenant, "11", Some("secret")).await.id.to_string();
    let bad = [json!(17), json!({}), json!(null), json!({"eventId": {"a": 1}, "portalId": 11})];
    let mut events: Vec<Value> = (0..96).map(|nth| deal(11, nth, 1000 + nth)).collect();
    for (nth, bad) in bad.into_iter().enumerate() {
        events.insert(nth * 20, bad);
    }
    let body = Value::from(events).to_string();
    let receipt = hubspot(&desk.engine, desk.clock.now(), &target, "secret", &body).await;
    assert_eq!((receipt.status, receipt.new, receipt.duplicates), (200, 96, 0));
    assert_eq!(desk.waiting().await, 96);
    let filter = DeliveryFilter { faulty: true, ..DeliveryFilter::default() };
    let [stored] = desk.engine.deliveries(&filter).await.unwrap().items.try_into().unwrap();
    assert_eq!((stored.events.len(), stored.faults.len()), (96, 4));
    assert!(stored.faults[1].contains("20"), "the place of the event is named: {:?}", stored.faults);
    // Repeated, with the attempts counted up, nothing is new.
    let again = body.replace("\"attemptNumber\":0", "\"attemptNumber\":1");
    let receipt = hubspot(&desk.engine, desk.clock.now(), &target, "secret", &again).await;
    assert_eq!((receipt.status, receipt.new, receipt.duplicates), (200, 0, 96));
}

#[tokio::test]
async fn an_unknown_kind_of_event_is_stored_ignored_and_seen() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let target = desk.crm(tenant, "11", Some("secret")).await.id.to_string();
    let body = json!([
        deal(11, 1, 100),
        {"eventId": 2, "portalId": 11, "subscriptionType": "ticket.creation", "objectId": 1},
        {"eventId": 3, "portalId": 11, "subscriptionType": "deal.somethingNew", "objectId": 7},
    ]);
    let receipt = hubspot(&desk.engine, desk.clock.now(), &target, "secret", &body.to_string()).await;
    assert_eq!((receipt.status, receipt.new), (200, 3));
    let filter = DeliveryFilter { ignored: true, tenant: Some(tenant), ..DeliveryFilter::default() };
    let [stored] = desk.engine.deliveries(&filter).await.unwrap().items.try_into().unwrap();
    let ignored: Vec<_> = stored
        .events
        .iter()
        .filter(|event| event.record.is_none())
        .map(|event| event.kind.as_str())
        .collect();
    assert_eq!(ignored, ["ticket.creation"]);
    assert_eq!(desk.waiting().await, 2, "an unknown change of a deal is a change of a deal");
}
