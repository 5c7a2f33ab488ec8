//! Numbers: without a gap, whatever is held, broken or done at once.

use serde_json::{Value, json};
use taxpoynt_core::store::DocumentState;
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};

/// The numbers of a series, in order.
async fn numbers(house: &House, prefix: &str) -> Vec<String> {
    let all = house.documents().await.into_iter().map(|d| d.document.number);
    let mut numbers: Vec<_> = all.filter(|number| number.starts_with(prefix)).collect();
    numbers.sort();
    numbers
}

fn first(count: usize, prefix: &str) -> Vec<String> {
    (1..=count).map(|n| format!("{prefix}{n:06}")).collect()
}

/// The company's order under another id, so that a test can break it.
async fn order(house: &House, id: &str) -> Value {
    house.deafen();
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.listen();
    let mut record = house.till_record(&sale.id).await;
    record["order"]["id"] = json!(id);
    record["order"]["tenders"] = json!([]);
    record["payments"] = json!([]);
    record
}

#[tokio::test]
async fn held_and_invalid_sales_take_no_number() {
    let house = House::open().await;
    let mut wrong_sum = order(&house, "WRONG-SUM").await;
    wrong_sum["order"]["total_money"]["amount"] = json!(5_882_377 + 500_000);
    let mut no_currency = order(&house, "NO-CURRENCY").await;
    no_currency["order"]["line_items"][0]["total_money"] = json!({"amount": 100});
    let good = order(&house, "GOOD").await;
    for (nth, record) in [&wrong_sum, &good, &no_currency].into_iter().enumerate() {
        house.sim.square().sell(Sale::WalkIn).await;
        house
            .engine
            .ingest(house.square.id, Some(house.tenant), record.to_string().as_bytes())
            .await
            .unwrap();
        house.settle().await;
        assert_eq!(numbers(&house, "INV").await.len(), nth + 1 + usize::from(nth > 0));
    }
    assert_eq!(house.held("WRONG-SUM").await.unwrap().code, "totals_disagree");
    assert_eq!(house.held("NO-CURRENCY").await.unwrap().code, "payload_invalid");
    assert_eq!(numbers(&house, "INV").await, first(4, "INV"));

    // What is mended takes the next one.
    wrong_sum["order"]["total_money"]["amount"] = json!(5_882_376 + 500_000);
    house.engine.ingest(house.square.id, Some(house.tenant), wrong_sum.to_string().as_bytes()).await.unwrap();
    house.settle().await;
    assert_eq!(house.document("WRONG-SUM").await.document.number, "INV000005");
    house.assert_all_accepted_once(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_prepared_at_once_by_two_engines_leave_no_gap() {
    let house = House::open().await;
    let second = house.another_engine().await;
    let base = order(&house, "X").await;
    for n in 0..24 {
        let mut record = base.clone();
        record["order"]["id"] = json!(format!("SALE-{n}"));
        house.engine.ingest(house.square.id, None, record.to_string().as_bytes()).await.unwrap();
    }
    tokio::join!(house.settle(), house.settle_with(&second));
    house.assert_all_accepted_once(24).await;
    assert_eq!(numbers(&house, "INV").await, first(24, "INV"));
}

#[tokio::test]
async fn invoices_and_credit_notes_count_each_for_themselves() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.sim.square().refund_partially().await.unwrap();
    house.sim.square().sell(Sale::WalkIn).await;
    house.sim.square().refund_partially().await.unwrap();
    house.settle().await;
    assert_eq!(numbers(&house, "INV").await, first(2, "INV"));
    assert_eq!(numbers(&house, "CN").await, first(2, "CN"));
}

#[tokio::test]
async fn a_till_and_a_crm_share_the_series_of_their_tenant() {
    let house = House::of(|tenant| tenant.number_series = Some("A{year}{month}{seq:04}".into())).await;
    house.sim.square().sell(Sale::B2b).await;
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(2).await;
    assert_eq!(numbers(&house, "A").await, ["A2026110001", "A2026110002"]);
}

#[tokio::test]
async fn an_invoice_is_dated_the_day_it_is_prepared_where_the_seller_is() {
    let house = House::open().await;
    house.deafen();
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    // 23:30 in Lagos on the next day, 22:30 UTC.
    house.clock.advance(std::time::Duration::from_secs(36 * 3600 + 1800 + 1800));
    house.engine.sync(house.square.id, None, None).await.unwrap();
    house.settle().await;
    let document = house.document(&sale.id).await;
    assert_eq!(document.state, DocumentState::Accepted);
    let invoice = invoice_of(&document);
    assert_eq!(invoice.tax_point_date, Some("2026-11-20".parse().unwrap()), "the day of the sale");
    assert_eq!(invoice.issue_date, "2026-11-22".parse().unwrap(), "the day of the document");
    assert!(document.document.irn.ends_with("-20261122"));
}
