//! What waits: says why in a sentence, and moves on when the data or the settings change.

use serde_json::{Value, json};
use taxpoynt_core::{
    store::{DocumentState, RecordFilter},
    tenant::Tenant,
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};
use taxpoynt_ubl::Classification;

#[tokio::test]
async fn a_deal_that_is_not_won_waits_and_moves_on_when_it_is() {
    let house = House::open().await;
    let crm = house.sim.hubspot();
    let report = house.engine.sync(house.hubspot.id, Some(house.tenant), None).await.unwrap();
    assert_eq!((report.new, report.failed), (1, 0));
    house.settle().await;
    let held = house.held(crm.deal_id()).await.unwrap();
    assert_eq!(held.code, "deal_not_won");
    assert_eq!(
        held.message,
        "The deal is in stage \"contractsent\" of pipeline \"default\"; the rule base:deal.won waits for deal.won = true."
    );
    assert!(house.documents().await.is_empty());

    crm.win(crm.deal_id()).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.held(crm.deal_id()).await, None);
}

#[tokio::test]
async fn a_sale_without_classification_waits_until_the_tenant_sets_one() {
    let house = House::of(|tenant| tenant.classification.default = None).await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "classification_missing");
    assert!(held.message.contains("Jollof party tray"), "{}", held.message);
    assert!(held.message.contains("classification.default"), "{}", held.message);
    house.mend(|_| {}).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.document(&sale.id).await.document.number, "INV000001");
}

/// The company's order with a customer who has no tax number.
async fn sold_without_tin(house: &House) -> (String, Value) {
    house.deafen();
    let sale = house.sim.square().sell(Sale::B2b).await;
    let mut record = house.till_record(&sale.id).await;
    record["customer"]["reference_id"] = Value::Null;
    house.listen();
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "buyer_tin_missing");
    assert!(held.message.contains("Kola & Daughters Events Ltd"), "{}", held.message);
    assert!(house.documents().await.is_empty());
    (sale.id, record)
}

#[tokio::test]
async fn a_buyer_without_tin_waits_until_it_is_entered_at_the_till() {
    let house = House::open().await;
    let (id, mut record) = sold_without_tin(&house).await;
    record["customer"]["reference_id"] = json!("TIN:20394857-0001");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.held(&id).await, None);
}

#[tokio::test]
async fn a_buyer_without_tin_waits_until_the_tenant_says_where_it_is() {
    let house = House::open().await;
    let (id, mut record) = sold_without_tin(&house).await;
    record["customer"]["note"] = json!("20394857-0001");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&id).await.unwrap().code, "buyer_tin_missing");
    house.mend(|tenant| tenant.buyer.tin_path = Some("customer.note".into())).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let buyer = invoice_of(&house.document(&id).await).customer.unwrap();
    assert_eq!(buyer.tin.as_deref(), Some("20394857-0001"));
}

#[tokio::test]
async fn a_deal_whose_company_has_no_tin_waits_until_a_pull_brings_it() {
    let house = House::open().await;
    let crm = house.sim.hubspot();
    let company = |tin: Value| {
        json!({"companies": [{"id": "21400500701", "properties": {
            "name": "Oriental Cold Rooms Ltd", "tin": tin, "address": "14 Trans Amadi Road", "city": "Port Harcourt",
            "country": "Nigeria",
        }}]})
    };
    crm.put(&company(Value::Null)).unwrap();
    crm.win(crm.deal_id()).await.unwrap();
    house.settle().await;
    let held = house.held(crm.deal_id()).await.unwrap();
    assert_eq!(held.code, "buyer_tin_missing", "{held:?}");
    crm.put(&company(json!("30586721-0001"))).unwrap();
    let report =
        house.engine.sync(house.hubspot.id, None, Some("2026-11-01T00:00:00Z".parse().unwrap())).await;
    assert_eq!(report.unwrap().changed, 1);
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_tenant_without_a_key_file_waits_for_it() {
    let house = House::of(|tenant| tenant.authority.as_mut().unwrap().crypto_keys = None).await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "crypto_keys_missing");
    house.mend(|_| {}).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn an_open_order_waits_until_it_is_completed() {
    let house = House::open().await;
    house.deafen();
    let sale = house.sim.square().sell(Sale::B2b).await;
    let mut record = house.till_record(&sale.id).await;
    house.listen();
    record["order"]["state"] = json!("OPEN");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "sale_not_completed");
    record["order"]["state"] = json!("COMPLETED");
    record["order"]["updated_at"] = json!("2026-11-20T10:00:05Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_sale_that_changes_after_acceptance_is_held_and_its_invoice_is_not_edited() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let before = house.document(&sale.id).await;
    let mut record = house.till_record(&sale.id).await;
    record["order"]["line_items"][0]["name"] = json!("Fried rice party tray");
    record["order"]["updated_at"] = json!("2026-11-20T11:00:00Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "changed_after_submission");
    assert!(held.message.contains("INV000001"), "{}", held.message);
    let after = house.document(&sale.id).await;
    assert_eq!(after.document.ubl, before.document.ubl);
    assert_eq!(after.document.mbs, before.document.mbs);
    assert_eq!(after.state, DocumentState::Accepted);
    house.assert_all_accepted_once(1).await;

    // Put back as it was, there is nothing left to decide.
    record["order"]["line_items"][0]["name"] = json!("Jollof party tray");
    record["order"]["updated_at"] = json!("2026-11-20T11:05:00Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&sale.id).await, None);
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_change_that_changes_nothing_on_the_invoice_holds_nothing() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let mut record = house.till_record(&sale.id).await;
    record["order"]["metadata"] = json!({"printed": "twice"});
    record["order"]["updated_at"] = json!("2026-11-20T11:00:00Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&sale.id).await, None);
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn settings_that_change_after_acceptance_are_no_change_of_the_sale() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let before = house.document(&sale.id).await;
    // The shop moves, and its bookkeeper finds a better code for what it sells.
    house
        .mend(|tenant: &mut Tenant| {
            tenant.address.street = Some("1 Broad Street".into());
            let Some(Classification::Goods { hsn_code, .. }) = &mut tenant.classification.default else {
                panic!("goods")
            };
            *hsn_code = "1602.32".into();
        })
        .await;
    let mut record = house.till_record(&sale.id).await;
    record["order"]["metadata"] = json!({"printed": "twice"});
    record["order"]["updated_at"] = json!("2026-11-20T11:00:00Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&sale.id).await, None);
    assert_eq!(house.document(&sale.id).await.document.ubl, before.document.ubl);
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn what_waits_can_be_listed_and_looked_at_again_by_hand() {
    let house = House::of(|tenant| tenant.classification.default = None).await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let filter = RecordFilter { tenant: Some(house.tenant), held: true, ..RecordFilter::default() };
    let waiting = house.engine.records(&filter).await.unwrap().items;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].raw.key.id, sale.id);
    house.engine.replay_record(waiting[0].id, Some(house.tenant)).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "classification_missing", "nothing has changed yet");
}
