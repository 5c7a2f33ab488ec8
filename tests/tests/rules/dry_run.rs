//! Dry runs: they say what rules or settings would change on the sales that are stored, and change nothing.

use rust_decimal::Decimal;
use taxpoynt_core::{ErrorKind, engine::DryRun};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of, shop};
use taxpoynt_ubl::DocumentType;

const ZERO_RATED: &str =
    "[each.line]\ntax = { value = { category = \"Z\", reason = \"Zero-rated supplies\" } }\n";

/// A shop with a company's order, three walk-in sales and a refund.
async fn busy() -> House {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    for _ in 0..3 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    house.sim.square().refund_partially().await.unwrap();
    house.settle().await;
    house
}

fn rules(house: &House, text: &str) -> DryRun {
    DryRun { tenant: house.tenant, rules: Some(text.to_owned()), ..DryRun::default() }
}

/// What all documents come to: to pay, and the tax in it.
async fn sums(house: &House) -> (Decimal, Decimal) {
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for document in house.documents().await {
        let invoice = invoice_of(&document);
        let sign =
            if invoice.document_type == DocumentType::CreditNote { -Decimal::ONE } else { Decimal::ONE };
        sums.0 += sign * invoice.totals.payable_amount;
        sums.1 += sign * invoice.tax_subtotals.iter().map(|subtotal| subtotal.tax_amount).sum::<Decimal>();
    }
    sums
}

#[tokio::test]
async fn it_says_what_each_field_becomes_and_stores_nothing() {
    let house = busy().await;
    let rows =
        async || [house.rows("documents").await, house.rows("jobs").await, house.rows("records").await];
    let before = rows().await;
    let preview =
        house.engine.dry_run(&rules(&house, "[invoice]\nnote = { value = \"Thank you\" }\n")).await.unwrap();
    assert_eq!(rows().await, before);
    assert_eq!(
        (preview.seen, preview.changed, preview.same),
        (preview.seen, preview.seen, 0),
        "{}",
        preview.table()
    );
    let note =
        preview.fields.iter().find(|field| field.field == "note" && field.purpose == "invoice").unwrap();
    assert_eq!((note.sales, note.values.len(), note.more), (4, 1, 0));
    assert_eq!(
        (note.values[0].before.as_deref(), note.values[0].after.as_deref()),
        (None, Some("Thank you"))
    );
    assert!(
        preview.totals.iter().all(|total| total.payable.before == total.payable.after),
        "a note costs nothing"
    );
    assert!(preview.table().contains("invoice note: on 4 sales"), "{}", preview.table());
}

#[tokio::test]
async fn what_it_foretells_is_what_becomes_of_the_same_sales() {
    let house = busy().await;
    let preview = house.engine.dry_run(&rules(&house, ZERO_RATED)).await.unwrap();
    let [total] = <[_; 1]>::try_from(preview.totals.clone()).unwrap();
    assert_eq!((total.payable.before, total.tax.before), sums(&house).await, "{}", preview.table());

    let other = House::open().await;
    other.engine.set_rules(other.tenant, None, Some(ZERO_RATED), None).await.unwrap();
    other.sim.square().sell(Sale::B2b).await;
    for _ in 0..3 {
        other.sim.square().sell(Sale::WalkIn).await;
    }
    other.sim.square().refund_partially().await.unwrap();
    other.settle().await;
    let (payable, tax) = sums(&other).await;
    let held: Vec<_> = other.records().await.into_iter().filter_map(|record| record.held).collect();
    assert_eq!((total.payable.after, total.tax.after), (payable, tax), "{}\n{held:?}", preview.table());
}

#[tokio::test]
async fn it_counts_what_stays_sums_amounts_and_says_what_held_sales_come_to() {
    let house = House::open().await;
    // A CRM that carries no taxes: the shop's own settings say which.
    let deal = serde_json::json!({
        "deal": { "id": "77", "properties": { "dealname": "Cold room", "deal_currency_code": "NGN", "amount": "40000.00",
            "dealstage": "closedwon", "hs_is_closed_won": "true", "closedate": "2026-11-19T10:00:00Z" } },
        "line_items": [
            { "id": "1", "properties": { "name": "Shelf", "quantity": "2", "price": "10000.00", "amount": "20000.00" } },
            { "id": "2", "properties": { "name": "Door", "quantity": "1", "price": "20000.00", "amount": "20000.00" } },
        ],
        "companies": [{ "id": "9", "properties": { "name": "Oriental Cold Rooms Ltd", "tin": "30586721-0001",
            "email": "pay@oriental.example", "address": "4 Allen Avenue", "city": "Ikeja", "state": "Lagos", "country": "Nigeria" } }],
    });
    house.engine.ingest(house.hubspot.id, None, deal.to_string().as_bytes()).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let wanted = rules(&house, ZERO_RATED);
    let preview = house.engine.dry_run(&wanted).await.unwrap();
    let table = preview.table();
    assert_eq!((preview.seen, preview.changed, preview.issued), (1, 1, 1), "{table}");
    assert!(table.contains("1 have a document already: it stays"), "{table}");
    let [total] = preview.totals.as_slice() else { panic!("{table}") };
    let tax = preview
        .fields
        .iter()
        .find(|field| field.field == "totals.tax_amount")
        .unwrap_or_else(|| panic!("{table}"));
    assert_eq!((tax.sums.len(), tax.sums[0].currency.as_str()), (1, "NGN"), "{table}");
    assert_eq!(tax.sums[0].amount, total.tax, "{table}");
    assert!(total.tax.before > Decimal::ZERO && total.tax.after.is_zero(), "{table}");
    assert!(table.contains(&format!("in all NGN {} -> {}", total.tax.before, total.tax.after)), "{table}");
    let category = preview.fields.iter().find(|field| field.field == "lines[].tax.category").unwrap();
    assert!(category.sums.is_empty(), "a category adds up to nothing");

    let house = busy().await;
    let never = "[trigger]\ntransaction = { value = \"never\" }\n";
    let preview = house.engine.dry_run(&rules(&house, never)).await.unwrap();
    let [held] = preview.held.as_slice() else { panic!("{}", preview.table()) };
    let paid: Decimal = house
        .documents()
        .await
        .iter()
        .map(invoice_of)
        .filter(|invoice| invoice.document_type == DocumentType::Invoice)
        .map(|invoice| invoice.totals.payable_amount)
        .sum();
    assert_eq!((held.sales, held.totals.len()), (4, 1), "{}", preview.table());
    assert_eq!((held.totals[0].currency.as_str(), held.totals[0].payable), ("NGN", paid));
    assert!(preview.table().contains(&format!("to pay NGN {paid}")), "{}", preview.table());
    let again = house.engine.dry_run(&rules(&house, never)).await.unwrap();
    assert_eq!(again, preview, "the same question gets the same answer");
}

#[tokio::test]
async fn the_rules_in_force_change_nothing_and_younger_sales_can_be_asked_for_alone() {
    let house = busy().await;
    house.engine.set_rules(house.tenant, None, Some(ZERO_RATED), None).await.unwrap();
    let preview = house.engine.dry_run(&rules(&house, ZERO_RATED)).await.unwrap();
    assert_eq!(preview.changed, 0, "{}", preview.table());
    house.clock.advance(std::time::Duration::from_secs(3600));
    let since = taxpoynt_core::Clock::now(&*house.clock);
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let young = DryRun { since: Some(since), rules: Some(String::new()), ..rules(&house, "") };
    assert_eq!(house.engine.dry_run(&young).await.unwrap().seen, 1);
    let crm = DryRun { connection: Some(house.hubspot.id), ..rules(&house, "") };
    assert_eq!(house.engine.dry_run(&crm).await.unwrap().seen, 0, "no deal is stored");
}

#[tokio::test]
async fn settings_are_tried_out_too_and_what_would_wait_is_told_with_its_reason() {
    let house = busy().await;
    let mut settings = shop(&house.sim);
    settings.tax = Default::default();
    let wanted = DryRun { tenant: house.tenant, settings: Some(settings), ..DryRun::default() };
    let preview = house.engine.dry_run(&wanted).await.unwrap();
    let held: u64 = preview.held.iter().map(|group| group.sales).sum();
    assert!(held > 0, "{}", preview.table());
    assert!(preview.table().contains("Would be held"), "{}", preview.table());
    let wrong =
        house.engine.dry_run(&rules(&house, "[buyer]\nemial = \"customer.email\"")).await.unwrap_err();
    assert_eq!(
        (wrong.kind(), wrong.get("line"), wrong.get("nearest")),
        (ErrorKind::Mapping, Some("2"), Some("email"))
    );
}
