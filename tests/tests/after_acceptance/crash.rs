//! A process that dies at any call while it reports a payment, corrects, or sends again: the next one ends the same.

use crate::shop::{Shop, Site};
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{store::PaymentState, tenant::CorrectionPolicy::CreditNoteAndNewInvoice};
use taxpoynt_tests::{Crash, Moment, network};

/// Longer than a claimed job stays its worker's.
const LEASE: Duration = Duration::from_secs(301);

/// Works in a runtime of its own, which ends with everything in it as soon as the crash comes.
fn process(site: &Site, at: usize, moment: Moment) -> bool {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let died = runtime.block_on(async {
        let crash = Arc::new(Crash::new(network(), at, moment));
        let engine = site.engine(crash.clone()).await;
        tokio::select! {
            drained = engine.drain(Duration::from_millis(500)) => { drained.unwrap(); false }
            () = crash.crashed() => true,
        }
    });
    runtime.shutdown_background();
    died
}

/// Lets a process die at call `at` and another one finish. False: the first was done before that call.
async fn dies(shop: &Shop, at: usize, moment: Moment) -> bool {
    let site = shop.site.clone();
    let died = tokio::task::spawn_blocking(move || process(&site, at, moment)).await.unwrap();
    shop.clock.advance(LEASE);
    shop.settle().await;
    died
}

async fn a_payment_dies(moment: Moment) {
    let mut at = 0;
    loop {
        let shop = Shop::open().await;
        let (mut page, invoice) = shop.sold("S1").await;
        page.sale.paid = true;
        shop.write(&mut page).await;
        let died = dies(&shop, at, moment).await;
        let payment = shop.engine.payment(invoice.id, None).await.unwrap().unwrap();
        assert_eq!(payment.state, PaymentState::Done, "{moment:?} call {at}");
        assert_eq!(shop.status_there(&invoice.document.irn), "PAID");
        assert_eq!(shop.calls("update"), 1, "{moment:?} call {at}");
        shop.assert_sound(1).await;
        if !died {
            break;
        }
        at += 1;
    }
    assert!(at >= 1, "no call was made for a payment");
}

#[tokio::test]
async fn a_payment_reported_by_a_process_that_dies_is_reported_once() {
    a_payment_dies(Moment::Before).await;
    a_payment_dies(Moment::After).await;
}

async fn a_correction_dies(moment: Moment) {
    let mut at = 0;
    loop {
        let shop = Shop::correcting(CreditNoteAndNewInvoice).await;
        let (mut page, _) = shop.sold("S1").await;
        page.sale.lines[0].quantity = 3;
        shop.write(&mut page).await;
        let died = dies(&shop, at, moment).await;
        assert_eq!(shop.held("S1").await, None, "{moment:?} call {at}");
        shop.assert_sound(3).await;
        if !died {
            break;
        }
        at += 1;
    }
    // Two documents: validate, sign, transmit, confirm.
    assert!(at >= 8, "only {at} calls were made for a correction");
}

#[tokio::test]
async fn a_correction_by_a_process_that_dies_is_made_once() {
    a_correction_dies(Moment::Before).await;
    a_correction_dies(Moment::After).await;
}

#[tokio::test]
async fn a_look_by_a_process_that_dies_is_taken_again() {
    for moment in [Moment::Before, Moment::After] {
        let shop = Shop::open().await;
        let (_, invoice) = shop.sold("S1").await;
        let body = format!(r#"{{"irn":"{}","message":"TRANSMITTED"}}"#, invoice.document.irn);
        let headers = http::HeaderMap::new();
        shop.engine.receive_authority("POST", "", &headers, body.as_bytes()).await.unwrap();
        assert!(dies(&shop, 0, moment).await);
        assert!(shop.engine.notices(invoice.id, None).await.unwrap()[0].handled_at.is_some());
        assert!(shop.engine.transmission(invoice.id, None).await.unwrap().is_some());
        shop.assert_sound(1).await;
    }
}
