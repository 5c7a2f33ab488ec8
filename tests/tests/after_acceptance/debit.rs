//! A debit note adds to an accepted invoice: 384 there, 383 in UBL, with the invoice as billing reference.

use crate::shop::Shop;
use taxpoynt_core::{ErrorKind, engine::DebitNote, tenant::CorrectionPolicy};
use taxpoynt_tests::{dec, invoice_of, payload_of};
use taxpoynt_ubl::DocumentType;

fn freight(key: &str) -> DebitNote {
    DebitNote {
        key: key.into(),
        reason: "Freight, not on the invoice".into(),
        lines: Vec::new(),
        amount: Some(dec("10000.00")),
    }
}

#[tokio::test]
async fn a_debit_note_adds_to_the_invoice_once_a_key() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let debit = |key: &'static str| async {
        let note = freight(key);
        shop.engine.debit_note(invoice.id, &note, Some(shop.tenant)).await.unwrap()
    };
    let id = debit("freight").await;
    assert_eq!(debit("freight").await, id, "asked for before it went out");
    shop.settle().await;
    assert_eq!(debit("freight").await, id, "and after");
    assert_ne!(debit("more").await, id);
    shop.settle().await;
    shop.assert_sound(3).await;

    let document = shop.engine.document(id, Some(shop.tenant)).await.unwrap();
    assert_eq!(document.document.document_type, DocumentType::DebitNote);
    assert_eq!(document.document.number, "DN000001");
    let note = invoice_of(&document);
    assert_eq!(note.totals.payable_amount, dec("10750.00"));
    assert_eq!(note.customer, invoice_of(&invoice).customer);
    let there = payload_of(&shop.sim, &document.document.irn);
    assert_eq!(there["invoice_type_code"], "384");
    assert_eq!(there["billing_reference"][0]["irn"], invoice.document.irn.as_str());
    let ubl = String::from_utf8(document.document.ubl.to_vec()).unwrap();
    assert!(ubl.contains("<cbc:InvoiceTypeCode>383</cbc:InvoiceTypeCode>"), "{ubl}");
    let explained = shop.engine.explain(id, None).await.unwrap();
    assert_eq!(explained.fields[0].value, "Freight, not on the invoice");
}

#[tokio::test]
async fn lines_of_a_debit_note_are_taxed_as_they_say() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let mut line = invoice_of(&invoice).lines[1].clone();
    line.quantity = dec("2");
    line.net_amount = dec("90000.00");
    let note = DebitNote { lines: vec![line], amount: None, ..freight("oil") };
    let id = shop.engine.debit_note(invoice.id, &note, None).await.unwrap();
    shop.settle().await;
    let made = invoice_of(&shop.engine.document(id, None).await.unwrap());
    assert_eq!(made.totals.payable_amount, dec("96750.00"));
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn a_debit_note_that_cannot_be_is_refused_in_a_sentence() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let refused = |note: DebitNote| {
        let shop = &shop;
        async move { shop.engine.debit_note(invoice.id, &note, None).await.unwrap_err() }
    };
    for (note, field) in [
        (freight("two words"), "key"),
        (DebitNote { reason: " ".into(), ..freight("a") }, "reason"),
        (DebitNote { amount: None, ..freight("a") }, "lines"),
        (DebitNote { amount: Some(dec("-1")), ..freight("a") }, "amount"),
    ] {
        let error = refused(note).await;
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some(field)), "{error}");
    }
    let id = shop.engine.debit_note(invoice.id, &freight("a"), None).await.unwrap();
    let other = DebitNote { amount: Some(dec("1.00")), ..freight("a") };
    let error = refused(other).await;
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    shop.settle().await;
    let error = shop.engine.debit_note(id, &freight("b"), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "a debit note adds to an invoice: {error}");
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn an_invoice_that_was_taken_back_takes_no_debit_note() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    shop.engine.correct(invoice.id, CorrectionPolicy::CreditNoteOnly, "never delivered", None).await.unwrap();
    let error = shop.engine.debit_note(invoice.id, &freight("a"), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("taken back"), "{error}");
}

#[tokio::test]
async fn what_the_record_waits_for_is_not_forgotten_over_a_debit_note() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    let before = shop.held("S1").await;
    assert!(before.is_some());
    shop.engine.debit_note(invoice.id, &freight("a"), None).await.unwrap();
    assert_eq!(shop.held("S1").await, before);
}
