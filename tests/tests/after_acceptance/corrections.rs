//! What changes after acceptance: the invoice is never edited; a credit note takes it back, and by policy a new invoice
//! says what is true now.

use crate::{book::Page, shop::Shop};
use chrono::DateTime;
use taxpoynt_core::{
    ErrorKind,
    store::{DocumentState, Stage},
    tenant::CorrectionPolicy::{self, CreditNoteAndNewInvoice, CreditNoteOnly},
};
use taxpoynt_sim::{Fault, FaultKind};
use taxpoynt_tests::{dec, invoice_of, payload_of};
use taxpoynt_ubl::{DocumentType, parse};

const BOTH: [&str; 3] = ["invoice", "correction_credit_note:1", "invoice:2"];

fn fault(endpoint: &str, kind: FaultKind, times: u32) -> Fault {
    Fault { endpoint: endpoint.into(), kind, times, delay_ms: 0 }
}

#[tokio::test]
async fn by_default_a_change_waits_for_a_person() {
    let shop = Shop::open().await;
    let (mut page, _) = shop.sold("S1").await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await.unwrap().code, "changed_after_submission");
    page.sale.state = "CANCELED".into();
    shop.enter(&mut page).await;
    let held = shop.held("S1").await.unwrap();
    assert_eq!(held.code, "changed_after_submission");
    assert!(held.message.contains("was cancelled after INV000001"), "{}", held.message);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn a_change_makes_a_credit_note_over_all_of_it_and_a_new_invoice() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, invoice) = shop.sold("S1").await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await, None);
    assert_eq!(shop.purposes("S1").await, BOTH);
    shop.assert_sound(3).await;

    let (first, note) = (invoice_of(&invoice), shop.document("S1", "correction_credit_note:1").await);
    let credit = invoice_of(&note);
    assert_eq!(credit.totals, first.totals);
    assert_eq!(credit.tax_subtotals, first.tax_subtotals);
    assert_eq!(credit.lines, first.lines);
    assert_eq!(credit.customer, first.customer);
    assert!(credit.totals.payable_amount > dec("0"), "amounts of a credit note are positive");
    assert_eq!(
        credit.note.as_deref(),
        Some("Takes back INV000001 in full: the sale it was made from has changed.")
    );
    let there = payload_of(&shop.sim, &note.document.irn);
    assert_eq!(there["invoice_type_code"], "380");
    assert_eq!(there["billing_reference"][0]["irn"], invoice.document.irn.as_str());
    assert_eq!(there["billing_reference"][0]["issue_date"], "2026-11-20");
    let ubl = String::from_utf8(note.document.ubl.to_vec()).unwrap();
    assert!(ubl.contains("<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>"), "{ubl}");
    assert_eq!(parse(&note.document.ubl).unwrap().document_type, DocumentType::CreditNote);

    let second = invoice_of(&shop.document("S1", "invoice:2").await);
    assert_eq!(second.number, "INV000002");
    // Three bags at 80,000 and oil at 45,000, and 7.5 %.
    assert_eq!(second.totals.payable_amount, dec("306375.00"));
    assert!(second.references.is_empty());

    let explained = shop.engine.explain(note.id, Some(shop.tenant)).await.unwrap();
    let why = explained.fields.iter().find(|f| f.rule == "correction:correction_credit_note:1").unwrap();
    assert_eq!(why.source.as_deref(), Some("document.INV000001"));
    assert_eq!(why.value, "the sale it was made from has changed");
}

#[tokio::test]
async fn a_change_by_the_other_policy_makes_the_credit_note_alone_whatever_comes_after() {
    let shop = Shop::correcting(CreditNoteOnly).await;
    let (mut page, _) = shop.sold("S1").await;
    for quantity in [3, 4, 2] {
        page.sale.lines[0].quantity = quantity;
        shop.enter(&mut page).await;
        assert_eq!(shop.purposes("S1").await, BOTH[..2]);
    }
    assert_eq!(shop.held("S1").await, None);
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn a_cancelled_sale_is_taken_back_and_no_new_invoice_is_made() {
    for policy in [CreditNoteAndNewInvoice, CreditNoteOnly] {
        let shop = Shop::correcting(policy).await;
        let (mut page, _) = shop.sold("S1").await;
        page.sale.state = "CANCELED".into();
        for _ in 0..3 {
            shop.enter(&mut page).await;
        }
        assert_eq!(shop.held("S1").await, None, "{policy:?}");
        assert_eq!(shop.purposes("S1").await, BOTH[..2], "{policy:?}");
        let note = invoice_of(&shop.document("S1", BOTH[1]).await);
        assert_eq!(note.note.as_deref(), Some("Takes back INV000001 in full: the sale was cancelled."));
        shop.assert_sound(2).await;
    }
}

#[tokio::test]
async fn a_sale_that_comes_back_after_it_was_cancelled_is_invoiced_again() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    page.sale.state = "CANCELED".into();
    shop.enter(&mut page).await;
    page.sale.state = "COMPLETED".into();
    shop.enter(&mut page).await;
    assert_eq!(shop.purposes("S1").await, BOTH);
    shop.assert_sound(3).await;
}

#[tokio::test]
async fn several_changes_in_a_row_each_take_the_last_invoice_back() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    for quantity in [3, 4, 5] {
        page.sale.lines[0].quantity = quantity;
        shop.enter(&mut page).await;
    }
    shop.assert_sound(7).await;
    let mut balance = dec("0");
    for document in shop.documents_of("S1").await {
        let invoice = invoice_of(&document);
        let sign = if invoice.document_type == DocumentType::CreditNote { dec("-1") } else { dec("1") };
        balance += sign * invoice.totals.payable_amount;
    }
    // Five bags and the oil.
    assert_eq!(balance, dec("478375.00"), "what is left is what the record says");
    let third = invoice_of(&shop.document("S1", "correction_credit_note:3").await);
    assert_eq!(third.references[0].number, "INV000003");
}

#[tokio::test]
async fn a_change_that_is_undone_is_a_change_like_any_other() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    for quantity in [3, 2] {
        page.sale.lines[0].quantity = quantity;
        shop.enter(&mut page).await;
    }
    shop.assert_sound(5).await;
    // And the same record again is none.
    shop.enter(&mut page).await;
    shop.assert_sound(5).await;
}

#[tokio::test]
async fn changes_that_come_while_the_correction_is_prepared_or_on_its_way_are_taken_up() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    // The second invoice cannot be validated for a while, so it is still ours to change.
    shop.sim.authority().fail_next(fault("validate", FaultKind::ServerError, 4));
    page.sale.lines[0].quantity = 3;
    shop.write(&mut page).await;
    while shop.documents().await.len() < 3 {
        shop.engine.work_once().await.unwrap();
    }
    page.sale.lines[0].quantity = 4;
    shop.write(&mut page).await;
    shop.engine.work_once().await.unwrap();
    shop.settle().await;
    shop.assert_sound(3).await;
    assert_eq!(invoice_of(&shop.document("S1", "invoice:2").await).lines[0].quantity, dec("4"));
}

#[tokio::test]
async fn a_change_while_the_invoice_is_being_signed_is_corrected_once_it_is() {
    for change in ["quantity", "state"] {
        let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
        let mut page = Page::sale("S1", DateTime::default());
        shop.sim.authority().fail_next(fault("sign", FaultKind::CommitThen500, 1));
        shop.sim.authority().fail_next(fault("search", FaultKind::ServerError, 1000));
        shop.write(&mut page).await;
        while shop.documents().await.first().is_none_or(|d| d.stage != Stage::Signing) {
            shop.engine.work_once().await.unwrap();
        }
        match change {
            "quantity" => page.sale.lines[0].quantity = 3,
            _ => page.sale.state = "CANCELED".into(),
        }
        shop.write(&mut page).await;
        shop.engine.work_once().await.unwrap();
        assert_eq!(shop.held("S1").await.unwrap().code, "correction_waits", "{change}");
        assert_eq!(shop.only("S1").await.stage, Stage::Signing);
        shop.sim.authority().clear_faults();
        shop.settle().await;
        assert_eq!(shop.held("S1").await, None, "{change}");
        let expected = if change == "quantity" { &BOTH[..] } else { &BOTH[..2] };
        assert_eq!(shop.purposes("S1").await, expected);
        shop.assert_sound(expected.len()).await;
    }
}

#[tokio::test]
async fn a_sale_cancelled_before_its_numbered_invoice_is_sent_is_taken_back_after() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let mut page = Page::sale("S1", DateTime::default());
    shop.sim.authority().fail_next(fault("validate", FaultKind::ServerError, 2));
    shop.write(&mut page).await;
    while shop.documents().await.is_empty() {
        shop.engine.work_once().await.unwrap();
    }
    page.sale.state = "CANCELED".into();
    shop.enter(&mut page).await;
    // Its number is taken and cannot be left out.
    assert_eq!(shop.purposes("S1").await, BOTH[..2]);
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn no_credit_note_goes_out_before_the_new_invoice_can() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    shop.mend(|tenant| {
        tenant.policy.corrections = CreditNoteAndNewInvoice;
        tenant.classification.default = None;
    })
    .await;
    page.sale.lines[0].name = "Rice, 25 kg".into();
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await.unwrap().code, "classification_missing");
    shop.assert_sound(1).await;
    shop.mend(|tenant| tenant.policy.corrections = CreditNoteAndNewInvoice).await;
    shop.settle().await;
    assert_eq!(shop.held("S1").await, None);
    shop.assert_sound(3).await;
}

#[tokio::test]
async fn a_change_of_payment_alone_corrects_nothing() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, invoice) = shop.sold("S1").await;
    page.sale.paid = true;
    shop.enter(&mut page).await;
    shop.assert_sound(1).await;
    assert_eq!(shop.status_there(&invoice.document.irn), "PAID");
    // And a paid sale that changes is paid on its new invoice.
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    let second = shop.document("S1", "invoice:2").await;
    assert_eq!(shop.status_there(&second.document.irn), "PAID");
    assert_eq!(shop.calls("update"), 1);
    shop.assert_sound(3).await;
}

#[tokio::test]
async fn what_a_refund_gave_back_is_not_taken_back_once_more() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    shop.enter(&mut Page::refund("R1", "S1", DateTime::default())).await;
    page.sale.lines[1].quantity = 2;
    shop.enter(&mut page).await;
    let held = shop.held("S1").await.unwrap();
    assert_eq!(held.code, "corrected_otherwise");
    assert!(held.message.contains("CN000001 refers to it already"), "{}", held.message);
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn a_refund_after_a_correction_refers_to_the_invoice_that_stands() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    shop.enter(&mut Page::refund("R1", "S1", DateTime::default())).await;
    let refund = invoice_of(&shop.only("R1").await);
    assert_eq!(refund.references[0].number, "INV000002");
    shop.assert_sound(4).await;
}

#[tokio::test]
async fn a_refund_of_a_sale_that_was_taken_back_waits_and_says_why() {
    let shop = Shop::correcting(CreditNoteOnly).await;
    let (mut page, _) = shop.sold("S1").await;
    page.sale.state = "CANCELED".into();
    shop.enter(&mut page).await;
    shop.enter(&mut Page::refund("R1", "S1", DateTime::default())).await;
    assert_eq!(shop.held("R1").await.unwrap().code, "original_taken_back");
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn a_credit_note_that_changes_waits_for_a_person() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    shop.sold("S1").await;
    let mut refund = Page::refund("R1", "S1", DateTime::default());
    shop.enter(&mut refund).await;
    refund.sale.lines[0].quantity = 2;
    shop.enter(&mut refund).await;
    assert_eq!(shop.held("R1").await.unwrap().code, "changed_after_submission");
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn a_credit_note_that_the_authority_refused_is_made_again_when_the_settings_are_mended() {
    let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
    let (mut page, _) = shop.sold("S1").await;
    shop.mend(|tenant| {
        tenant.policy.corrections = CreditNoteAndNewInvoice;
        tenant.service_id = Some("WRONG123".into());
    })
    .await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    let refused = shop.document("S1", BOTH[1]).await;
    assert_eq!(refused.state, DocumentState::Rejected);
    shop.mend(|tenant| tenant.policy.corrections = CreditNoteAndNewInvoice).await;
    shop.settle().await;
    shop.assert_sound(3).await;
    assert_eq!(shop.document("S1", BOTH[1]).await.document.number, refused.document.number);
}

#[tokio::test]
async fn a_person_takes_an_invoice_back_once_and_says_why() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    assert!(shop.held("S1").await.is_some());
    let correct = |how: CorrectionPolicy| {
        shop.engine.correct(invoice.id, how, "three bags were delivered", Some(shop.tenant))
    };
    let made = correct(CreditNoteAndNewInvoice).await.unwrap();
    assert_eq!(made.len(), 2);
    shop.settle().await;
    assert_eq!(correct(CreditNoteAndNewInvoice).await.unwrap(), made);
    assert_eq!(shop.held("S1").await, None);
    shop.settle().await;
    shop.assert_sound(3).await;
    let note = invoice_of(&shop.document("S1", BOTH[1]).await);
    assert_eq!(note.note.as_deref(), Some("Takes back INV000001 in full: three bags were delivered."));
    // The record goes on as before.
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await, None);
    shop.assert_sound(3).await;
}

#[tokio::test]
async fn a_person_takes_back_what_did_not_change_too() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    let made = shop.engine.correct(invoice.id, CreditNoteOnly, "never delivered", None).await.unwrap();
    assert_eq!(made.len(), 1);
    shop.enter(&mut page).await;
    shop.assert_sound(2).await;
    assert_eq!(shop.held("S1").await, None);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_said() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    shop.enter(&mut Page::refund("R1", "S1", DateTime::default())).await;
    let note = shop.only("R1").await;
    let correct = |id, how, why: &'static str, tenant| {
        let shop = &shop;
        async move { shop.engine.correct(id, how, why, tenant).await.unwrap_err() }
    };
    let error = correct(invoice.id, CreditNoteOnly, "wrong", None).await;
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("CN000001 refers to it already"), "{error}");
    assert_eq!(correct(note.id, CreditNoteOnly, "wrong", None).await.kind(), ErrorKind::Conflict);
    assert_eq!(correct(invoice.id, CreditNoteOnly, " ", None).await.kind(), ErrorKind::Config);
    assert_eq!(correct(invoice.id, CorrectionPolicy::Held, "wrong", None).await.kind(), ErrorKind::Config);
    let stranger = Some(uuid::Uuid::now_v7());
    assert_eq!(correct(invoice.id, CreditNoteOnly, "wrong", stranger).await.kind(), ErrorKind::NotFound);
    shop.assert_sound(2).await;
}
