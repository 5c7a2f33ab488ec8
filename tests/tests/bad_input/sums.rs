//! Numbers that contradict each other: held with a sentence that says where and by how much, never "fixed".

use crate::records::{converted, hubspot, square, with};
use serde_json::{Value, json};
use taxpoynt_core::{pipeline::Outcome, store::Held};
use taxpoynt_tests::House;

fn held(platform: &str, record: &Value) -> Held {
    let mut outcomes = converted(platform, record.to_string().as_bytes()).unwrap();
    assert_eq!(outcomes.len(), 1);
    match outcomes.remove(0) {
        Outcome::Held(held) => held,
        Outcome::Document(document) => panic!("not held: {:?}", document.invoice.totals),
    }
}

#[test]
fn a_total_that_disagrees_is_held_by_how_much_and_where() {
    let cases = [
        (
            with(square(), "/order/total_money/amount", Some(json!(203_501))),
            "order.total_money says 2035.01 NGN, but its lines, service charges, tip and rounding come to 2035.00 NGN: \
             0.01 NGN too much.",
        ),
        (
            with(square(), "/order/total_money/amount", Some(json!(103_500))),
            "order.total_money says 1035.00 NGN, but its lines, service charges, tip and rounding come to 2035.00 NGN: \
             1000.00 NGN too little.",
        ),
        (
            with(square(), "/order/total_tax_money/amount", Some(json!(13_400))),
            "order.total_tax_money says 134.00 NGN, but its taxes of lines and service charges come to 135.00 NGN: \
             1.00 NGN too little.",
        ),
        (
            with(square(), "/order/total_discount_money/amount", Some(json!(20_000))),
            "order.total_discount_money says 200.00 NGN, but its discounts of lines come to 100.00 NGN: \
             100.00 NGN too much.",
        ),
        (
            with(square(), "/order/line_items/0/gross_sales_money/amount", Some(json!(100_100))),
            "order.line_items[0].total_money says 967.50 NGN, but its gross, discounts, taxes and service charges come \
             to 968.50 NGN: 1.00 NGN too little (1 more contradiction).",
        ),
        (
            with(square(), "/order/taxes/0/applied_money/amount", Some(json!(13_501))),
            "order.taxes[0].applied_money says 135.01 NGN, but its shares of the lines and service charges come to \
             135.00 NGN: 0.01 NGN too much.",
        ),
    ];
    for (record, sentence) in cases {
        let held = held("square", &record);
        assert_eq!(held.code, "totals_disagree");
        assert_eq!(held.message, sentence);
    }
}

#[test]
fn a_deal_line_that_disagrees_is_held_by_how_much_and_where() {
    let record = with(hubspot(), "/line_items/0/properties/amount", Some(json!("2900.00")));
    let held = held("hubspot", &record);
    assert_eq!(held.code, "totals_disagree");
    assert_eq!(
        held.message,
        "line_items[0].properties.amount says 2900.00 NGN, but its price, quantity and discount come to 3000.00 NGN: \
         100.00 NGN too little."
    );
}

/// Both lines' tax moved by the same amount, so that every sum still comes out.
fn taxed(off: i64) -> Value {
    let mut record = square();
    for (pointer, before, times) in [
        ("/order/line_items/0/applied_taxes/0/applied_money/amount", 6_750, 1),
        ("/order/line_items/0/total_tax_money/amount", 6_750, 1),
        ("/order/line_items/0/total_money/amount", 96_750, 1),
        ("/order/taxes/0/applied_money/amount", 13_500, 1),
        ("/order/total_tax_money/amount", 13_500, 1),
        ("/order/total_money/amount", 203_500, 1),
    ] {
        record = with(record, pointer, Some(json!(before + off * times)));
    }
    record
}

#[test]
fn a_tax_that_is_off_by_one_or_more_is_held_and_less_is_copied() {
    for (off, stated) in [(100, "136.00"), (-100, "134.00"), (5_000, "185.00")] {
        let held = held("square", &taxed(off));
        assert_eq!(held.code, "tax_disagrees");
        assert_eq!(
            held.message,
            format!(
                "The platform applied {stated} NGN of tax on 1800.00 NGN, but 7.5 % of it is 135.00 NGN: the difference \
                 is 1.00 or more."
            )
        );
    }
    for off in [99, -99, 1] {
        let outcomes = converted("square", taxed(off).to_string().as_bytes()).unwrap();
        let [Outcome::Document(document)] = &outcomes[..] else { panic!("{off}: {outcomes:?}") };
        let tax = document.invoice.totals.tax_amount;
        assert_eq!(tax, rust_decimal::Decimal::new(13_500 + off, 2), "copied, not derived again");
    }
}

#[tokio::test]
async fn a_contradiction_waits_in_the_engine_and_moves_on_when_the_till_mends_it() {
    let house = House::open().await;
    let wrong = with(square(), "/order/total_money/amount", Some(json!(203_501)));
    house.engine.ingest(house.square.id, None, wrong.to_string().as_bytes()).await.unwrap();
    house.settle().await;
    let waiting = house.held("ORDER-1").await.unwrap();
    assert_eq!(waiting, held("square", &wrong));
    assert!(house.documents().await.is_empty());
    house.engine.ingest(house.square.id, None, square().to_string().as_bytes()).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.held("ORDER-1").await, None);
}
