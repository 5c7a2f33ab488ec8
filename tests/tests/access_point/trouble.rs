//! Lost and unclear answers: the document is asked for, adopted if it is ours, quarantined if not, sent twice never.

use crate::Branch;
use serde_json::{Value, json};
use taxpoynt_core::{
    firs::access_point::Unseen,
    store::{Document, DocumentState, Stage},
};
use taxpoynt_sim::{Fault, FaultKind, Sale};
use taxpoynt_tests::House;

/// What can happen to a call.
const KINDS: [FaultKind; 7] = [
    FaultKind::CommitThenDrop,
    FaultKind::CommitThen500,
    FaultKind::Truncated,
    FaultKind::Drop,
    FaultKind::ServerError,
    FaultKind::TooManyRequests,
    FaultKind::Html,
];

#[tokio::test]
async fn a_lost_reply_to_sign_ends_accepted_and_registered_once() {
    let branch = Branch::open().await;
    let point = branch.house.sim.access_point();
    point.fail_next(Fault::next("sign", FaultKind::CommitThenDrop));
    let sale = branch.house.sim.square().sell(Sale::B2b).await;
    branch.settle().await;
    branch.house.assert_all_accepted_once(1).await;
    assert_eq!((point.calls()["sign"], point.calls()["content"]), (1, 1), "asked for, not sent again");
    let document = branch.house.document(&sale.id).await;
    assert_eq!(document.csid, point.csid(&document.document.irn), "the CSID comes with the adoption");
}

#[tokio::test]
async fn every_fault_at_every_call_ends_accepted_and_registered_once() {
    let branch = Branch::open().await;
    let mut sold = 0;
    for endpoint in ["validate", "sign", "transmit", "confirm"] {
        for kind in KINDS {
            branch.house.sim.access_point().fail_next(Fault::next(endpoint, kind));
            branch.house.sim.square().sell(Sale::B2b).await;
            sold += 1;
            branch.settle().await;
            let state = branch.house.sim.access_point();
            assert_eq!(branch.house.sim.authority().count(), sold, "{kind:?} at {endpoint}");
            assert!(state.calls()[endpoint] > 0);
        }
    }
    branch.house.assert_all_accepted_once(sold).await;
    let registered = branch.house.sim.authority().registered();
    assert!(registered.iter().all(|entry| entry.transmitted && entry.transmit_count == 1));
}

/// Registers a document under the number that comes next, as another program of the taxpayer would.
async fn somebody_elses(house: &House, edit: impl FnOnce(&mut Value)) {
    let keys = &house.sim.credentials().authority;
    let address = json!({
        "street_name": "1 Other Road", "city_name": "Lagos", "postal_zone": "100001", "lga": "NG-LA-IKJ",
        "state": "NG-LA", "country": "NG",
    });
    let mut invoice = json!({
        "business_id": keys.business_id, "irn": format!("INV000001-{}-20261120", keys.service_id),
        "issue_date": "2026-11-20", "invoice_type_code": "381", "invoice_kind": "B2C",
        "document_currency_code": "NGN", "tax_currency_code": "NGN",
        "accounting_supplier_party": {"party_name": keys.name, "tin": keys.tin, "email": "a@b.example",
            "postal_address": address},
        "tax_total": [{"tax_amount": 7.5, "tax_subtotal": [{"taxable_amount": 100, "tax_amount": 7.5,
            "tax_category": {"id": "STANDARD_VAT", "percent": 7.5}}]}],
        "legal_monetary_total": {"line_extension_amount": 100, "tax_exclusive_amount": 100,
            "tax_inclusive_amount": 107.5, "payable_amount": 107.5},
        "invoice_line": [{"hsn_code": "2106.90", "product_category": "Food", "invoiced_quantity": 1,
            "line_extension_amount": 100, "item": {"name": "Soup", "description": "Soup"},
            "price": {"price_amount": 100, "base_quantity": 1, "price_unit": "NGN per 1"}}],
    });
    edit(&mut invoice);
    let request = http::Request::post(format!("{}api/v1/invoice/sign", house.sim.urls().authority))
        .header("x-api-key", &keys.api_key)
        .header("x-api-secret", &keys.api_secret)
        .body(bytes::Bytes::from(invoice.to_string()))
        .unwrap();
    assert_eq!(house.sim.direct().call(request).await.unwrap().status(), 201);
}

fn assert_quarantined(document: &Document) {
    assert_eq!(document.state, DocumentState::Rejected, "{:?}", document.message);
    assert!(document.stage < Stage::Signed);
    assert!(document.message.as_deref().unwrap().contains("A person must decide"), "{:?}", document.message);
}

#[tokio::test]
async fn another_content_under_our_irn_is_quarantined() {
    let branch = Branch::open().await;
    somebody_elses(&branch.house, |_| {}).await;
    let sale = branch.house.sim.square().sell(Sale::WalkIn).await;
    branch.settle().await;
    let document = branch.house.document(&sale.id).await;
    assert_quarantined(&document);
    assert!(document.message.unwrap().contains(", ours is "));
    assert_eq!(branch.house.sim.authority().count(), 1);
}

#[tokio::test]
async fn without_a_call_that_shows_content_a_lost_reply_is_for_a_person() {
    let branch = Branch::of(|options| options.paths.content = None).await;
    branch.house.sim.access_point().fail_next(Fault::next("sign", FaultKind::CommitThenDrop));
    let sale = branch.house.sim.square().sell(Sale::B2b).await;
    branch.settle().await;
    assert_quarantined(&branch.house.document(&sale.id).await);
    assert_eq!(branch.house.sim.authority().duplicates(), 0);
}

#[tokio::test]
async fn a_taxpayer_may_let_dates_decide_where_content_is_not_shown() {
    let branch = Branch::of(|options| {
        options.paths.content = None;
        options.unseen = Unseen::AdoptByDate;
    })
    .await;
    branch.house.sim.access_point().fail_next(Fault::next("sign", FaultKind::CommitThenDrop));
    branch.house.sim.square().sell(Sale::B2b).await;
    branch.settle().await;
    branch.house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_call_that_lags_behind_is_asked_again_and_nothing_is_signed_twice() {
    let branch = Branch::open().await;
    let point = branch.house.sim.access_point();
    point.set(|settings| settings.shows_content = false);
    point.fail_next(Fault::next("sign", FaultKind::CommitThenDrop));
    let sale = branch.house.sim.square().sell(Sale::B2b).await;
    for _ in 0..20 {
        branch.engine.drain(std::time::Duration::from_millis(500)).await.unwrap();
        branch.wait(std::time::Duration::from_secs(60));
    }
    assert_eq!(branch.house.document(&sale.id).await.stage, Stage::Signing);
    point.set(|settings| settings.shows_content = true);
    branch.settle().await;
    branch.house.assert_all_accepted_once(1).await;
    assert_eq!(point.calls()["sign"], 1);
}
