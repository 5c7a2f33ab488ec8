//! One answer an item, whatever it was sold on and however often.

use serde_json::{Value, json};
use taxpoynt_core::{
    ErrorKind,
    engine::UnclassifiedItem,
    store::{CatalogueStore, PutEntries, Sqlite},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};
use taxpoynt_ubl::Classification;
use uuid::Uuid;

pub(crate) fn food() -> Classification {
    Classification::Goods { hsn_code: "2106.90".into(), product_category: "Food preparations".into() }
}

fn computing() -> Classification {
    Classification::Service { isic_code: "6202".into(), service_category: "Computer consultancy".into() }
}

/// A shop whose settings classify nothing.
pub(crate) async fn house() -> House {
    House::of(|tenant| tenant.classification.default = None).await
}

pub(crate) async fn unclassified(house: &House) -> Vec<UnclassifiedItem> {
    house.engine.unclassified(house.tenant).await.unwrap()
}

fn names(items: &[UnclassifiedItem]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

#[tokio::test]
async fn items_of_a_till_and_a_crm_are_listed_once_answered_once_and_every_sale_is_accepted() {
    let house = house().await;
    for sale in [Sale::WalkIn, Sale::B2b, Sale::WalkIn] {
        house.sim.square().sell(sale).await;
    }
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    house.settle().await;
    assert!(house.documents().await.is_empty());

    let items = unclassified(&house).await;
    assert_eq!(items.len(), 8, "{:?}", names(&items));
    let waiting: Vec<u64> = items.iter().map(|item| item.waiting).collect();
    assert_eq!(waiting, [2, 2, 1, 1, 1, 1, 1, 1], "those that most sales wait for come first");
    let mut first = names(&items[..2]);
    first.sort_unstable();
    assert_eq!(first, ["Chapman", "Meat pie"]);
    let pie = items.iter().find(|item| item.name == "Meat pie").unwrap();
    assert_eq!((pie.platform.as_str(), pie.sku.as_deref()), ("square", None));
    assert_eq!(pie.item_id.as_deref(), Some("SIMVARMEATPIE000000005"));
    assert_eq!(pie.amounts["NGN"], taxpoynt_tests::dec("2998.60"));
    let sensor = items.iter().find(|item| item.name == "Temperature sensor").unwrap();
    assert_eq!((sensor.platform.as_str(), sensor.sku.as_deref()), ("hubspot", Some("CR-SENS-4")));

    let mut released = 0;
    for item in &items {
        let pair = if item.platform == "square" { food() } else { computing() };
        released += house.engine.classify(house.tenant, &item.key, pair).await.unwrap().released;
        house.settle().await;
    }
    assert_eq!(released, 10, "each answer releases the sales that waited for its item, and no other");
    assert!(unclassified(&house).await.is_empty());
    house.assert_all_accepted_once(4).await;

    for document in house.documents().await {
        let explained = house.engine.explain(document.id, Some(house.tenant)).await.unwrap();
        let lines: Vec<_> =
            explained.fields.iter().filter(|f| f.target.ends_with(".classification")).collect();
        assert_eq!(lines.len(), invoice_of(&document).lines.len());
        assert!(lines.iter().all(|field| field.rule.starts_with("catalogue entry '")), "{lines:?}");
    }
    let deal = house.document(house.sim.hubspot().deal_id()).await;
    let explained = house.engine.explain(deal.id, Some(house.tenant)).await.unwrap();
    let sensor = explained.fields.iter().find(|f| f.target == "lines[0].classification").unwrap();
    assert_eq!(sensor.rule, "catalogue entry 'Temperature sensor' (SKU CR-SENS-4)");
    assert_eq!(sensor.source.as_deref(), Some("line.sku"));
}

#[tokio::test]
async fn a_sale_that_waits_for_two_items_says_after_each_answer_what_it_still_waits_for() {
    let house = house().await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "classification_missing");
    assert!(held.message.contains("Chapman") && held.message.contains("Meat pie"), "{}", held.message);
    assert!(held.message.contains("list of unclassified items"), "{}", held.message);

    let key = |items: &[UnclassifiedItem], name: &str| {
        items.iter().find(|item| item.name == name).unwrap().key.clone()
    };
    let items = unclassified(&house).await;
    house.engine.classify(house.tenant, &key(&items, "Chapman"), food()).await.unwrap();
    house.settle().await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "classification_missing");
    assert!(!held.message.contains("Chapman") && held.message.contains("Meat pie"), "{}", held.message);
    let left = unclassified(&house).await;
    assert_eq!(names(&left), ["Meat pie"]);
    assert!(house.documents().await.is_empty(), "no number is taken by a sale that waits");

    house.engine.classify(house.tenant, &key(&left, "Meat pie"), food()).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    // A later sale of the same does not wait at all.
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    house.assert_all_accepted_once(2).await;
}

#[tokio::test]
async fn one_thing_sold_by_till_and_crm_under_one_name_is_one_item() {
    let house = house().await;
    house.deafen();
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    let mut record = house.till_record(&sale.id).await;
    for (at, name) in ["Temperature sensor", "TEMPERATURE  sensor"].iter().enumerate() {
        record["order"]["line_items"][at]["catalog_object_id"] = Value::Null;
        record["order"]["line_items"][at]["name"] = json!(name);
    }
    house.listen();
    house.sim.square().put(&record).await.unwrap();
    let crm = house.sim.hubspot();
    let lines: Vec<Value> = ["41400500901", "41400500902", "41400500903"]
        .map(|id| {
            let properties = json!({
                "name": "Temperature Sensor", "hs_sku": null, "price": "1000.00", "quantity": "2", "hs_tax_rate": "7.5",
            });
            json!({"id": id, "properties": properties})
        })
        .to_vec();
    crm.put(&json!({"line_items": lines})).unwrap();
    crm.win(crm.deal_id()).await.unwrap();
    house.settle().await;
    let items = unclassified(&house).await;
    assert_eq!(names(&items).len(), 1, "{items:?}");
    assert_eq!((items[0].key.as_str(), items[0].waiting), ("name::temperature sensor", 2));
    let answer = house.engine.classify(house.tenant, &items[0].key, computing()).await.unwrap();
    assert_eq!(answer.released, 2);
    house.settle().await;
    house.assert_all_accepted_once(2).await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_names_the_field_and_changes_nothing() {
    let house = house().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let items = unclassified(&house).await;
    let wrong = Classification::Goods { hsn_code: "2106.9".into(), product_category: "Food".into() };
    let error = house.engine.classify(house.tenant, &items[0].key, wrong).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("hsn_code")));
    assert!(error.message().contains("2106.90"), "{}", error.message());
    let error = house.engine.classify(house.tenant, "Meat pie", food()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("item")));
    assert_eq!(unclassified(&house).await, items);
    assert_eq!(house.engine.export_catalogue(house.tenant).await.unwrap().lines().count(), 1);
}

#[tokio::test]
async fn an_answer_counts_for_its_tenant_alone() {
    let house = house().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let stranger = Uuid::now_v7();
    for error in [
        house.engine.unclassified(stranger).await.unwrap_err(),
        house.engine.classify(stranger, "name::chapman", food()).await.unwrap_err(),
        house.engine.import_catalogue(stranger, b"", Default::default()).await.unwrap_err(),
        house.engine.export_catalogue(stranger).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let other = taxpoynt_core::tenant::Tenant {
        name: "Another Shop Ltd".into(),
        business_id: Some(Uuid::now_v7().to_string()),
        ..Default::default()
    };
    let other = house.engine.add_tenant(other).await.unwrap().id.unwrap();
    assert!(house.engine.unclassified(other).await.unwrap().is_empty());
    let key = &unclassified(&house).await[0].key;
    let answer = house.engine.classify(other, key, food()).await.unwrap();
    assert_eq!(answer.released, 0);
    house.settle().await;
    assert_eq!(unclassified(&house).await.len(), 2, "another tenant's answer releases nothing here");
}

#[tokio::test]
async fn a_change_at_the_till_is_what_the_sale_waits_for_from_then_on() {
    let house = house().await;
    house.deafen();
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    let mut record = house.till_record(&sale.id).await;
    house.listen();
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(unclassified(&house).await.len(), 2);
    record["order"]["line_items"][0]["catalog_object_id"] = json!("SIMVARZOBO0000000000009");
    record["order"]["line_items"][0]["name"] = json!("Zobo");
    record["order"]["updated_at"] = json!("2026-11-20T11:00:00Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    let items = unclassified(&house).await;
    let mut now = names(&items);
    now.sort_unstable();
    assert_eq!(now, ["Meat pie", "Zobo"]);
    // Cancelled at the till, it waits for no item any more.
    record["order"]["state"] = json!("CANCELED");
    record["order"]["updated_at"] = json!("2026-11-20T12:00:00Z");
    house.sim.square().put(&record).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "sale_canceled");
    assert!(unclassified(&house).await.is_empty());
}

#[tokio::test]
async fn what_an_interrupted_answer_did_not_release_moves_on_with_the_next_call() {
    let house = house().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    // The entries were stored, and the process ended before what waited was queued.
    let store = Sqlite::open(&format!("sqlite://{}", house.database().display())).await.unwrap();
    let entries: Vec<_> = (unclassified(&house).await.iter())
        .map(|item| taxpoynt_core::catalogue::Entry::from_key(&item.key, food()).unwrap())
        .collect();
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    store.put_entries(house.tenant, &entries, PutEntries::Merge, now).await.unwrap();
    store.close().await;
    house.settle().await;
    assert!(house.documents().await.is_empty());
    house.engine.unclassified(house.tenant).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_like_item_that_was_answered_before_is_suggested() {
    let house = house().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let csv = "name,hsn_code,product_category\nBeef pie,1602.50,Prepared meat\n";
    let report =
        house.engine.import_catalogue(house.tenant, csv.as_bytes(), Default::default()).await.unwrap();
    assert_eq!((report.added, report.released), (1, 0));
    let items = unclassified(&house).await;
    let pie = items.iter().find(|item| item.name == "Meat pie").unwrap();
    assert_eq!(pie.suggestions[0].why, "like the catalogue entry 'Beef pie' (name)");
    let chapman = items.iter().find(|item| item.name == "Chapman").unwrap();
    assert!(chapman.suggestions.is_empty());
}
