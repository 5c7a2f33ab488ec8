//! The code lists follow the authority, and a bad answer replaces nothing.

use crate::counter::Counter;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Engine,
    engine::RefreshedList,
    firs::{CodeLists, ListName, Origin},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, payload_of};

/// The shipped tax categories as the authority words them, without some and with others.
fn categories(without: &[&str], with: &[&str]) -> Value {
    let shipped = CodeLists::shipped().get(ListName::TaxCategories).codes();
    let kept = shipped.iter().map(|row| row.code.as_str()).filter(|code| !without.contains(code));
    kept.chain(with.iter().copied()).map(|code| json!({"code": code, "value": code})).collect()
}

fn lgas(count: usize) -> Value {
    let mut rows = vec![json!({"name": "Ikeja", "code": "NG-LA-IKJ", "state_code": "NG-LA"})];
    rows.extend((1..count).map(
        |n| json!({"name": format!("Area {n}"), "code": format!("NG-KN-{n:03}"), "state_code": "NG-KN"}),
    ));
    Value::from(rows)
}

async fn engine(house: &House, network: &Arc<Counter>) -> Engine {
    house.site().engine(network.clone()).await
}

fn of(report: &[RefreshedList], name: ListName) -> &RefreshedList {
    report.iter().find(|list| list.list == name).unwrap()
}

#[tokio::test]
async fn a_refresh_adds_and_removes_codes_and_says_when() {
    let house = House::open().await;
    let network = Counter::new();
    network.list("tax-categories", categories(&["EXEMPTED"], &["SUGAR_TAX"]));
    let engine = engine(&house, &network).await;
    assert!(matches!(
        engine.code_lists(house.tenant).await.unwrap().get(ListName::TaxCategories).origin(),
        Origin::Shipped(_)
    ));
    let report = engine.refresh_lists(house.tenant).await.unwrap();
    assert_eq!(report.len(), 9);
    let taxes = of(&report, ListName::TaxCategories);
    assert_eq!(
        (taxes.added.as_slice(), taxes.removed.as_slice()),
        (&["SUGAR_TAX".to_owned()][..], &["EXEMPTED".to_owned()][..])
    );
    assert_eq!(taxes.origin, Origin::Refreshed("2026-11-20T10:00:00Z".parse().unwrap()));
    // What the simulator answers with a handful of rows is no list of all LGAs.
    let lgas = of(&report, ListName::Lgas);
    assert!(lgas.kept.as_deref().unwrap().contains("at least 700"), "{lgas:?}");
    assert_eq!(of(&report, ListName::States).kept, None);

    // Kept for the next engine on this database.
    let next = house.another_engine().await.code_lists(house.tenant).await.unwrap();
    assert!(next.get(ListName::TaxCategories).find("SUGAR_TAX").is_some());
    network.list("tax-categories", categories(&[], &[]));
    let report = engine.refresh_lists(house.tenant).await.unwrap();
    assert_eq!(of(&report, ListName::TaxCategories).removed, ["SUGAR_TAX"]);
}

#[tokio::test]
async fn a_bad_answer_replaces_nothing_and_says_why() {
    let house = House::open().await;
    let network = Counter::new();
    let engine = engine(&house, &network).await;
    network.list("tax-categories", categories(&[], &["SUGAR_TAX"]));
    engine.refresh_lists(house.tenant).await.unwrap();
    for (bad, why) in [
        (json!([]), "empty"),
        (Value::Null, "empty"),
        (json!({"page": 1}), "expected a list of codes"),
        (json!([{"code": "STANDARD_VAT"}, {"code": "ZERO_VAT"}, {"code": "EXEMPTED"}]), "list in use has 28"),
        (json!([{"value": "x"}, {"value": "y"}]), "expected a list of codes"),
    ] {
        network.list("tax-categories", bad);
        let report = engine.refresh_lists(house.tenant).await.unwrap();
        let kept = of(&report, ListName::TaxCategories).kept.clone().unwrap();
        assert!(kept.contains(why), "{kept}");
        let lists = engine.code_lists(house.tenant).await.unwrap();
        assert!(lists.get(ListName::TaxCategories).find("SUGAR_TAX").is_some());
    }
}

#[tokio::test]
async fn exempt_goes_as_zero_rated_where_the_list_has_no_exempted() {
    let house = House::open().await;
    let network = Counter::new();
    network.list("tax-categories", categories(&["EXEMPTED"], &[]));
    let engine = engine(&house, &network).await;
    engine.refresh_lists(house.tenant).await.unwrap();
    house.deafen();
    house.sim.square().sell(Sale::B2b).await;
    engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle_with(&engine).await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(codes(&house).await, ["STANDARD_VAT", "ZERO_VAT"]);
}

/// The tax categories of the only document, as the authority has them.
async fn codes(house: &House) -> Vec<String> {
    let irn = house.documents().await[0].document.irn.clone();
    let payload = payload_of(&house.sim, &irn);
    let subtotals = payload["tax_total"][0]["tax_subtotal"].as_array().unwrap();
    let mut codes: Vec<String> =
        subtotals.iter().map(|s| s["tax_category"]["id"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

#[tokio::test]
async fn a_refusal_for_a_code_refreshes_the_lists_once_and_the_document_goes_again() {
    let house = House::open().await;
    let network = Counter::new();
    network.list("tax-categories", categories(&["EXEMPTED"], &[]));
    network.refuse(
        "EXEMPTED",
        "invoicerequest.invoice.taxtotal[0].taxsubtotal[1].taxcategory.id must be a valid tax category, refer to the \
         invoice resource apis",
    );
    let engine = engine(&house, &network).await;
    house.deafen();
    house.sim.square().sell(Sale::B2b).await;
    engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle_with(&engine).await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(codes(&house).await, ["STANDARD_VAT", "ZERO_VAT"]);
    assert_eq!((network.refusals(), network.asked("tax-categories")), (1, 1));

    // Refused for other codes, the lists are not asked for again and again.
    network.refuse(
        "STANDARD_VAT",
        "invoicerequest.invoice.taxtotal[0].taxsubtotal[0].taxcategory.id must be a valid tax category",
    );
    for _ in 0..3 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle_with(&engine).await;
    assert_eq!((network.refusals(), network.asked("tax-categories")), (4, 1));
    house.clock.advance(Duration::from_secs(3_700));
    house.sim.square().sell(Sale::WalkIn).await;
    engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle_with(&engine).await;
    assert_eq!(network.asked("tax-categories"), 2, "an hour later it may be asked again");
}

#[tokio::test]
async fn an_lga_of_another_state_is_held_once_the_list_is_there() {
    let house = House::of(|tenant| tenant.address.lga = Some("NG-KN-001".into())).await;
    let network = Counter::new();
    network.list("lgas", lgas(774));
    let engine = engine(&house, &network).await;
    let report = engine.refresh_lists(house.tenant).await.unwrap();
    assert_eq!(of(&report, ListName::Lgas).rows, 774);
    house.deafen();
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle_with(&engine).await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "seller_lga_missing");
    assert!(held.message.contains("lies in NG-KN, not in NG-LA"), "{}", held.message);
}

#[tokio::test]
async fn a_code_that_the_refreshed_list_lacks_is_a_warning_with_the_nearest() {
    let house = House::open().await;
    let network = Counter::new();
    let rows: Value = (0..1_500)
        .map(|n| json!({"hscode": format!("{:04}.{:02}", 2000 + n / 10, n % 10 * 10), "description": format!("Goods {n}")}))
        .collect();
    network.list("hs-codes", rows);
    let engine = engine(&house, &network).await;
    let csv = b"name,hsn_code,product_category\nSoap,2106.95,Food\n";
    let before = engine.import_catalogue(house.tenant, csv, Default::default()).await.unwrap();
    assert!(before.problems.is_empty(), "without a list the form alone counts");
    engine.refresh_lists(house.tenant).await.unwrap();
    let after = engine.import_catalogue(house.tenant, csv, Default::default()).await.unwrap();
    assert!(after.imported);
    let problem = &after.problems[0];
    assert_eq!(
        (problem.line, problem.column.as_deref(), problem.is_fatal()),
        (Some(2), Some("hsn_code"), false)
    );
    assert!(problem.message.contains("2106.90"), "{}", problem.message);
}
