//! What is given back: a credit note that refers to the invoice, whichever arrives first.

use taxpoynt_core::store::DocumentState;
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, dec, invoice_of, payload_of};
use taxpoynt_ubl::DocumentType;

#[tokio::test]
async fn a_partial_refund_makes_a_credit_note_that_refers_to_the_invoice() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.sim.square().refund_partially().await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(2).await;

    let invoice = house.document(&sale.id).await;
    let note = house.document("SIMB2BRETURN000001").await;
    assert_eq!(note.document.document_type, DocumentType::CreditNote);
    assert_eq!(note.document.number, "CN000001");
    let payload = payload_of(&house.sim, &note.document.irn);
    assert_eq!(payload["invoice_type_code"], "380");
    assert_eq!(payload["billing_reference"][0]["irn"], invoice.document.irn.as_str());
    assert_eq!(payload["billing_reference"][0]["issue_date"], "2026-11-20");
    // One tray of two: half of 35,505.90, and 7.5 % of it.
    let credited = invoice_of(&note);
    assert_eq!(credited.totals.tax_exclusive_amount, dec("17752.95"));
    assert_eq!(credited.totals.payable_amount, dec("19084.42"));
    assert_eq!(credited.references[0].number, "INV000001");
    // The invoice itself is not touched.
    assert_eq!(house.document(&sale.id).await.document.content_hash, invoice.document.content_hash);
    assert_eq!(house.held(&sale.id).await, None);
}

#[tokio::test]
async fn a_credit_note_names_the_buyer_as_the_invoice_did() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    // The customer is another one by the time of the refund.
    let order: serde_json::Value = serde_json::from_slice(&house.record(&sale.id).await.raw.body).unwrap();
    let mut customer = order["customer"].clone();
    customer["company_name"] = "Kola International Ltd".into();
    customer["reference_id"] = "TIN:99999999-0001".into();
    house.deafen();
    house
        .sim
        .square()
        .put(&serde_json::json!({"order": order["order"], "customer": customer}))
        .await
        .unwrap();
    house.listen();
    house.sim.square().refund_partially().await.unwrap();
    house.settle().await;
    let original = invoice_of(&house.document(&sale.id).await).customer;
    let note = house.document("SIMB2BRETURN000001").await;
    assert_eq!(invoice_of(&note).customer, original);
    assert_eq!(note.state, DocumentState::Accepted);
}

#[tokio::test]
async fn a_refund_that_arrives_before_its_sale_waits_for_the_invoice() {
    let house = House::open().await;
    house.deafen();
    house.sim.square().sell(Sale::B2b).await;
    house.listen();
    house.sim.square().refund_partially().await.unwrap();
    house.settle().await;
    assert!(house.documents().await.is_empty());
    let held = house.held("SIMB2BRETURN000001").await.unwrap();
    assert_eq!(held.code, "original_not_invoiced");
    assert!(held.message.contains("SIMB2BORDER000001"), "{}", held.message);

    house.sim.redeliver().await;
    house.settle().await;
    house.assert_all_accepted_once(2).await;
    let note = house.document("SIMB2BRETURN000001").await;
    let invoice = house.document("SIMB2BORDER000001").await;
    assert_eq!(invoice_of(&note).references[0].irn.as_deref(), Some(invoice.document.irn.as_str()));
    assert_eq!(house.held("SIMB2BRETURN000001").await, None);
}

#[tokio::test]
async fn a_refund_and_its_sale_in_one_batch_come_out_in_either_order() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    house.sim.square().refund_partially().await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(2).await;
}

#[tokio::test]
async fn two_partial_refunds_make_two_credit_notes() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    for _ in 0..2 {
        house.sim.square().refund_partially().await.unwrap();
        house.settle().await;
    }
    house.sim.redeliver().await;
    house.engine.sync(house.square.id, Some(house.tenant), None).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(3).await;
    let first_line = invoice_of(&house.document(&sale.id).await).lines[0].clone();
    let mut credited = dec("0");
    for (number, source) in [("CN000001", "SIMB2BRETURN000001"), ("CN000002", "SIMB2BRETURN000002")] {
        let note = house.document(source).await;
        assert_eq!(note.document.number, number);
        credited += invoice_of(&note).totals.tax_exclusive_amount;
    }
    assert_eq!(credited, first_line.net_amount, "both trays are back, to the kobo");
}
