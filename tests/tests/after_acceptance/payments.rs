//! A payment is told once, after `sign`, and never lost; a document that says it itself needs no report.

use crate::shop::Shop;
use chrono::DateTime;
use taxpoynt_core::{
    ErrorKind,
    store::{PaymentState, Stage},
};
use taxpoynt_sim::{Fault, FaultKind};
use taxpoynt_tests::payload_of;
use taxpoynt_ubl::PaymentStatus;

fn fault(endpoint: &str, kind: FaultKind, times: u32) -> Fault {
    Fault { endpoint: endpoint.into(), kind, times, delay_ms: 0 }
}

#[tokio::test]
async fn a_sale_that_is_paid_later_is_reported_and_not_held() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    assert_eq!(shop.status_there(&invoice.document.irn), "PENDING");
    page.sale.paid = true;
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await, None);
    assert_eq!(shop.status_there(&invoice.document.irn), "PAID");
    let payment = shop.engine.payment(invoice.id, Some(shop.tenant)).await.unwrap().unwrap();
    assert_eq!((payment.state, payment.status), (PaymentState::Done, PaymentStatus::Paid));
    assert!(payment.sent_at.is_some() && payment.settled_at.is_some());
    let after = shop.only("S1").await;
    assert_eq!(after.document.mbs, invoice.document.mbs, "the document itself stays as it was signed");
    // However often the platform says it again.
    shop.enter(&mut page).await;
    shop.enter(&mut page).await;
    assert_eq!(shop.calls("update"), 1);
    shop.assert_sound(1).await;
    let events: Vec<_> =
        shop.engine.audit(invoice.id, None).await.unwrap().into_iter().map(|e| e.event).collect();
    for event in ["payment.wanted", "payment.sending", "payment.done"] {
        assert_eq!(events.iter().filter(|e| *e == event).count(), 1, "{event} in {events:?}");
    }
}

#[tokio::test]
async fn a_sale_that_is_paid_before_its_submission_says_so_in_the_document() {
    let shop = Shop::open().await;
    // It waits for a setting while it is paid.
    shop.mend(|tenant| tenant.classification.default = None).await;
    let mut page = crate::book::Page::sale("S1", DateTime::default());
    shop.enter(&mut page).await;
    page.sale.paid = true;
    shop.enter(&mut page).await;
    shop.mend(|_| {}).await;
    shop.settle().await;
    let invoice = shop.only("S1").await;
    assert_eq!(payload_of(&shop.sim, &invoice.document.irn)["payment_status"], "PAID");
    assert_eq!(shop.calls("update"), 0);
    assert_eq!(shop.engine.payment(invoice.id, None).await.unwrap(), None);
}

#[tokio::test]
async fn a_host_reports_a_payment_with_its_reference_once() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let pay =
        || shop.engine.update_payment(invoice.id, PaymentStatus::Paid, Some(" TRF-77 "), Some(shop.tenant));
    let wanted = pay().await.unwrap();
    assert_eq!((wanted.state, wanted.reference.as_deref()), (PaymentState::Wanted, Some("TRF-77")));
    pay().await.unwrap();
    shop.settle().await;
    assert_eq!(pay().await.unwrap().state, PaymentState::Done);
    shop.settle().await;
    assert_eq!(shop.calls("update"), 1);
    assert_eq!(shop.status_there(&invoice.document.irn), "PAID");
}

#[tokio::test]
async fn a_payment_known_before_sign_waits_for_sign() {
    let shop = Shop::open().await;
    // The authority is away for a while.
    shop.sim.authority().fail_next(fault("validate", FaultKind::ServerError, 3));
    let mut page = crate::book::Page::sale("S1", DateTime::default());
    shop.write(&mut page).await;
    shop.engine.drain(std::time::Duration::ZERO).await.unwrap();
    while shop.documents().await.is_empty() {
        shop.engine.work_once().await.unwrap();
    }
    let invoice = shop.only("S1").await;
    assert!(invoice.stage < Stage::Signed);
    let wanted = shop
        .engine
        .update_payment(invoice.id, PaymentStatus::Rejected, None, Some(shop.tenant))
        .await
        .unwrap();
    assert_eq!(wanted.state, PaymentState::Wanted);
    shop.settle().await;
    assert_eq!(shop.status_there(&invoice.document.irn), "REJECTED");
    assert_eq!(shop.calls("update"), 1);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn an_invoice_registered_before_its_buyer_paid_is_adopted_and_its_payment_told() {
    let shop = Shop::open().await;
    shop.sim.authority().fail_next(fault("validate", FaultKind::ServerError, 3));
    let mut page = crate::book::Page::sale("S1", DateTime::default());
    shop.write(&mut page).await;
    while shop.documents().await.is_empty() {
        shop.engine.work_once().await.unwrap();
    }
    shop.sign_there(&shop.only("S1").await).await;
    page.sale.paid = true;
    shop.enter(&mut page).await;
    let invoice = shop.only("S1").await;
    assert_eq!(
        payload_of(&shop.sim, &invoice.document.irn)["payment_status"],
        "PENDING",
        "as it was registered"
    );
    assert_eq!(shop.status_there(&invoice.document.irn), "PAID");
    assert_eq!(shop.calls("update"), 1);
    let payment = shop.engine.payment(invoice.id, None).await.unwrap().unwrap();
    assert_eq!(payment.state, PaymentState::Done);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn a_final_status_never_changes_again() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    shop.engine.update_payment(invoice.id, PaymentStatus::Paid, None, None).await.unwrap();
    shop.settle().await;
    let error =
        shop.engine.update_payment(invoice.id, PaymentStatus::Rejected, None, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("PAID"), "{error}");
    let error = shop.engine.update_payment(invoice.id, PaymentStatus::Pending, None, None).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("status")));
    assert_eq!(shop.calls("update"), 1);
}

#[tokio::test]
async fn a_document_that_was_closed_there_by_somebody_else_is_refused_for_good_and_says_so() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    // A person on the dashboard.
    shop.reject_on_the_dashboard(&invoice.document.irn).await;
    page.sale.paid = true;
    shop.enter(&mut page).await;
    let payment = shop.engine.payment(invoice.id, None).await.unwrap().unwrap();
    assert_eq!(payment.state, PaymentState::Refused);
    let message = payment.message.unwrap();
    assert_eq!(message, "The authority has INV000001 as REJECTED, which is final; PAID was not recorded.");
    let before = shop.calls("update");
    shop.enter(&mut page).await;
    shop.engine.update_payment(invoice.id, PaymentStatus::Paid, None, None).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.calls("update"), before, "a final refusal is not tried again");
    assert!(shop.engine.dead_letters(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_document_that_was_closed_there_with_our_status_counts_as_told() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    shop.pay_on_the_dashboard(&invoice.document.irn).await;
    page.sale.paid = true;
    shop.enter(&mut page).await;
    assert_eq!(shop.engine.payment(invoice.id, None).await.unwrap().unwrap().state, PaymentState::Done);
}

#[tokio::test]
async fn whatever_the_answer_was_a_payment_arrives_once() {
    for kind in [
        FaultKind::CommitThenDrop,
        FaultKind::CommitThen500,
        FaultKind::Drop,
        FaultKind::ServerError,
        FaultKind::TooManyRequests,
        FaultKind::Html,
        FaultKind::Truncated,
    ] {
        let shop = Shop::open().await;
        let (mut page, invoice) = shop.sold("S1").await;
        shop.sim.authority().fail_next(fault("update", kind, 1));
        page.sale.paid = true;
        shop.enter(&mut page).await;
        let payment = shop.engine.payment(invoice.id, None).await.unwrap().unwrap();
        assert_eq!(payment.state, PaymentState::Done, "{kind:?}: {payment:?}");
        assert_eq!(shop.status_there(&invoice.document.irn), "PAID", "{kind:?}");
        let repeats = matches!(
            kind,
            FaultKind::Drop | FaultKind::ServerError | FaultKind::TooManyRequests | FaultKind::Html
        );
        assert_eq!(shop.calls("update"), 1 + u64::from(repeats), "{kind:?}: asked before it was sent again");
        shop.assert_sound(1).await;
    }
}

#[tokio::test]
async fn a_payment_that_falls_away_before_it_was_sent_is_not_sent_and_after_that_a_person_is_asked() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    page.sale.paid = true;
    shop.write(&mut page).await;
    page.sale.paid = false;
    shop.enter(&mut page).await;
    assert_eq!(shop.calls("update"), 0);
    assert_eq!(shop.engine.payment(invoice.id, None).await.unwrap(), None);

    page.sale.paid = true;
    shop.enter(&mut page).await;
    page.sale.paid = false;
    shop.enter(&mut page).await;
    let held = shop.held("S1").await.unwrap();
    assert_eq!(held.code, "payment_reversed");
    assert!(held.message.contains("INV000001"), "{}", held.message);
    page.sale.paid = true;
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await, None);
    assert_eq!(shop.calls("update"), 1);
}

#[tokio::test]
async fn a_record_that_says_nothing_of_payment_does_not_take_a_hosts_report_back() {
    let shop = Shop::open().await;
    let (mut page, invoice) = shop.sold("S1").await;
    shop.engine.update_payment(invoice.id, PaymentStatus::Paid, None, None).await.unwrap();
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await, None);
    assert_eq!(shop.status_there(&invoice.document.irn), "PAID");
}

#[tokio::test]
async fn another_tenants_document_is_not_found() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let stranger = Some(uuid::Uuid::now_v7());
    let error =
        shop.engine.update_payment(invoice.id, PaymentStatus::Paid, None, stranger).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(shop.engine.payment(invoice.id, stranger).await.unwrap_err().kind(), ErrorKind::NotFound);
}
