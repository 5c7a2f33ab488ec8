//! What becomes of a sale when all goes well.

use rust_decimal::Decimal;
use serde_json::Value;
use taxpoynt_core::store::{DocumentState, Stage};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, dec, invoice_of, payload_of};
use taxpoynt_ubl::{DocumentType, InvoiceKind};

fn amount(value: &Value) -> Decimal {
    dec(&value.to_string())
}

/// What the till says the buyer paid for goods: total without tip, in naira.
fn paid_at_the_till(record: &[u8]) -> Decimal {
    let record: Value = serde_json::from_slice(record).unwrap();
    let kobo = |name: &str| record["order"][name]["amount"].as_i64().unwrap();
    Decimal::new(kobo("total_money") - kobo("total_tip_money"), 2)
}

#[tokio::test]
async fn a_till_sale_to_a_company_becomes_a_stamped_transmitted_confirmed_invoice() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    assert_eq!(sale.status(), Some(200));
    house.settle().await;

    house.assert_all_accepted_once(1).await;
    let document = house.document(&sale.id).await;
    assert_eq!((document.state, document.stage), (DocumentState::Accepted, Stage::Confirmed));
    let reached: Vec<_> = document.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(
        reached,
        [
            Stage::Draft,
            Stage::Validated,
            Stage::Signing,
            Stage::Signed,
            Stage::Transmitting,
            Stage::Transmitted,
            Stage::Confirmed
        ]
    );
    let registered = house.sim.authority().registered().remove(0);
    assert!(registered.transmitted);
    assert_eq!(registered.kind, "B2B");
    assert_eq!(document.document.number, "INV000001");
    assert_eq!(registered.irn, "INV000001-4B7E8E41-20261120");

    let payload = &registered.invoice;
    let sent: Value = serde_json::from_slice(&document.document.mbs).unwrap();
    assert_eq!(*payload, sent, "what the authority has is what we stored");
    assert_eq!(payload["invoice_type_code"], "381");
    let buyer = &payload["accounting_customer_party"];
    assert_eq!(buyer["party_name"], "Kola & Daughters Events Ltd");
    assert_eq!(buyer["tin"], "20394857-0001");
    assert_eq!(buyer["email"], "accounts@kola-events.example");
    assert_eq!(payload["payment_status"], "PAID");

    // By hand: 35,505.90 + 13,213.88 + 6,450.00 without tax, 3,653.98 of tax on the first two; the tip stays outside.
    let total = &payload["legal_monetary_total"];
    assert_eq!(amount(&total["tax_exclusive_amount"]), dec("55169.78"));
    assert_eq!(amount(&total["tax_inclusive_amount"]), dec("58823.76"));
    assert_eq!(amount(&total["payable_amount"]), dec("58823.76"));
    let raw = house.record(&sale.id).await.raw.body;
    assert_eq!(amount(&total["payable_amount"]), paid_at_the_till(&raw));
    let invoice = invoice_of(&document);
    assert_eq!(invoice.totals.tax_amount, dec("3653.98"));
    assert_eq!(invoice.totals.prepaid_amount, Decimal::ZERO);
    assert_eq!(invoice.tax_point_date, Some("2026-11-20".parse().unwrap()));
}

#[tokio::test]
async fn the_stamp_is_the_irn_with_the_time_and_the_certificate_and_only_the_authority_reads_it() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    let plain = house.sim.authority().decrypt_stamp(&document.document.stamp).unwrap();
    let irn = &document.document.irn;
    let prepared_at = document.created_at.timestamp();
    let certificate = &house.sim.credentials().authority.certificate;
    assert_eq!(plain, format!(r#"{{"irn":"{irn}.{prepared_at}","certificate":"{certificate}"}}"#));
}

#[tokio::test]
async fn a_walk_in_sale_is_reported_and_not_transmitted() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let registered = house.sim.authority().registered().remove(0);
    assert_eq!((registered.kind.as_str(), registered.transmitted), ("B2C", false));
    assert!(registered.invoice["accounting_customer_party"].is_null(), "a walk-in is no customer");
    assert_eq!(house.sim.authority().calls().get("transmit"), None);
    let document = house.document(&sale.id).await;
    assert_eq!(invoice_of(&document).customer, None);
    // 3 x 1,850.50 + 1,499.30 = 7,050.80, and 7.5 % of it.
    let payable = amount(&registered.invoice["legal_monetary_total"]["payable_amount"]);
    assert_eq!(payable, dec("7579.61"));
    assert_eq!(payable, paid_at_the_till(&house.record(&sale.id).await.raw.body));
}

#[tokio::test]
async fn a_won_deal_becomes_an_invoice_to_the_company_and_names_its_billing_contact() {
    let house = House::open().await;
    let crm = house.sim.hubspot();
    assert_eq!(crm.win(crm.deal_id()).await.unwrap().status(), Some(200));
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let document = house.document(crm.deal_id()).await;
    let invoice = invoice_of(&document);
    assert_eq!((invoice.document_type, invoice.kind), (DocumentType::Invoice, InvoiceKind::B2B));
    let buyer = invoice.customer.unwrap();
    assert_eq!(buyer.name, "Oriental Cold Rooms Ltd");
    assert_eq!(buyer.tin.as_deref(), Some("30586721-0001"));
    let contact = buyer.contact.unwrap();
    assert_eq!(contact.name.as_deref(), Some("Ibiso Hart"));
    assert_eq!(contact.email.as_deref(), Some("payables@oriental-cold.example"));
    let total = payload_of(&house.sim, &document.document.irn)["legal_monetary_total"].clone();
    // 899,500.00 + 412,200.00 at 7.5 %, 175,000.00 at nothing.
    assert_eq!(amount(&total["tax_exclusive_amount"]), dec("1486700.00"));
    assert_eq!(amount(&total["payable_amount"]), dec("1585077.50"));
    assert!(house.sim.authority().registered()[0].transmitted);
}

#[tokio::test]
async fn every_field_of_an_invoice_can_be_explained() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    let explained = house.engine.explain(document.id, Some(house.tenant)).await.unwrap();
    assert_eq!((explained.number.as_str(), &explained.source_id), ("INV000001", &sale.id));
    let text = serde_json::to_string(&explained.fields).unwrap();
    assert!(text.contains("buyer.tin"), "{text}");
    assert!(text.contains("customer.reference_id"), "{text}");
}

#[tokio::test]
async fn what_happened_to_a_sale_can_be_read_in_order() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let record = house.record(&sale.id).await;
    let history = house.engine.audit(record.id, Some(house.tenant)).await.unwrap();
    let events: Vec<_> = history.iter().map(|entry| entry.event.as_str()).collect();
    let place =
        |name: &str| events.iter().position(|e| *e == name).unwrap_or_else(|| panic!("{name}: {events:?}"));
    assert!(place("record.stored") < place("document.prepared"));
    assert!(place("document.prepared") < place("document.signed"));
    assert!(place("document.signed") < place("document.confirmed"));
}
