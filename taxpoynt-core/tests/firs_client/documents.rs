//! Calls about one document: its IRN, its confirmation, its payment, its VAT.

use crate::{
    firs_support::{
        BUSINESS, NOT_FOUND, OK, Tree, UNCLEAR, client, day, dec, irn, keys, reference, sample, says,
    },
    payload, sent,
};
use taxpoynt_core::{ErrorKind, firs::vat_report};
use taxpoynt_ubl::{Irn, PaymentStatus, TaxCategory};

#[tokio::test]
async fn not_registered_is_told_in_three_forms_and_a_wrong_address_is_none_of_them() {
    for (status, body) in [
        (400, reference("responses/confirm-not-found.json")),
        (404, String::new()),
        (404, r#"{"code":404,"message":"not found"}"#.to_owned()),
        (200, r#"{"code":200,"data":null}"#.to_owned()),
    ] {
        let (client, http) = client([says(status, body)]);
        assert_eq!(client.confirm(&keys(), &irn()).await.unwrap(), None);
        assert_eq!(http.calls(), ["GET /gate/api/v1/invoice/confirm/OGI000042-3C4D5E6F-20261109"]);
    }
    for (status, body, kind) in [
        (404, reference("responses/error-no-route.json"), ErrorKind::Config),
        (404, "<html>404</html>".to_owned(), ErrorKind::Unavailable),
        (200, "<html>login</html>".to_owned(), ErrorKind::Unavailable),
        (200, r#"{"code":200,"data":[]}"#.to_owned(), ErrorKind::Unavailable),
        (200, r#"{"code":200,"data":{}}"#.to_owned(), ErrorKind::Unavailable),
        (500, String::new(), ErrorKind::Unavailable),
        (400, UNCLEAR.to_owned(), ErrorKind::Unavailable),
        (400, r#"{"code":400,"error":{"details":"irn is odd"}}"#.to_owned(), ErrorKind::Authority),
        (400, reference("responses/error-api-key.json"), ErrorKind::Unauthenticated),
    ] {
        let error = client([says(status, body.clone())]).0.confirm(&keys(), &irn()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}");
        let error = client([says(status, body.clone())]).0.search(&keys(), BUSINESS, &irn()).await;
        // An empty list is a list; everything else proves as little to a search.
        assert!(body.contains(r#""data":[]"#) || error.is_err(), "{status} {body}");
    }
}

#[tokio::test]
async fn a_confirmation_is_read() {
    let (client, _) = client([says(200, reference("responses/confirm.json"))]);
    let confirmation = client.confirm(&keys(), &irn()).await.unwrap().unwrap();
    assert_eq!((confirmation.transmitted, confirmation.delivered), (Some(true), Some(false)));
    assert_eq!(confirmation.issue_date, Some(day("2026-11-02")));
    assert_eq!(confirmation.payment_status.as_deref(), Some("PAID"));
}

#[tokio::test]
async fn an_irn_is_checked_against_the_taxpayers_template() {
    let refusal = r#"{"code":400,"error":{"details":"irn validation failed"}}"#;
    let (client, http) = client([
        says(200, reference("responses/ok-irn-validate.json")),
        says(400, refusal),
        says(400, UNCLEAR),
    ]);
    let wanted = payload("irn-validate");
    let irn = Irn::parse(&wanted.at("irn").text()).unwrap();
    let business = wanted.at("business_id").text();
    client.validate_irn(&keys(), &business, &irn).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/invoice/irn/validate"]);
    assert_eq!(sent(&http.bodies()[0]), wanted);
    let error = client.validate_irn(&keys(), &business, &irn).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Rejected, Some("irn")));
    let error = client.validate_irn(&keys(), &business, &irn).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
}

#[tokio::test]
async fn a_payment_is_told_once_and_a_closed_document_says_so() {
    let (client, http) = client([
        says(200, OK),
        says(200, r#"{"code":200,"data":null}"#),
        says(400, reference("responses/error-terminal-state.json")),
        says(
            412,
            r#"{"code":412,"error":{"details":"can only update payment status of invoices that have been signed"}}"#,
        ),
        says(409, reference("responses/error-terminal-state.json")),
        says(200, r#"{"code":200,"data":{"ok":false}}"#),
        says(502, "<html>"),
        says(400, NOT_FOUND),
    ]);
    let wanted = Irn::parse("INV000123-7E1F0C2D-20261102").unwrap();
    let update = |status, reference| {
        let (client, wanted) = (client.clone(), wanted.clone());
        async move { client.update_payment(&keys(), &wanted, status, reference).await }
    };
    update(PaymentStatus::Paid, Some("bank-ref-0001")).await.unwrap();
    update(PaymentStatus::Rejected, Some(" ")).await.unwrap();
    assert_eq!(http.calls()[0], "PATCH /gate/api/v1/invoice/update/INV000123-7E1F0C2D-20261102");
    let sent = |n: usize| Tree::parse(std::str::from_utf8(&http.bodies()[n]).unwrap());
    assert_eq!(sent(0), Tree::parse(&reference("payloads/update-payment-paid.json")));
    assert_eq!(sent(1), Tree::parse(r#"{"payment_status":"REJECTED"}"#));
    for (kind, code) in [
        (ErrorKind::Rejected, Some("payment_terminal")),
        (ErrorKind::Rejected, Some("payment_unsigned")),
        (ErrorKind::Rejected, Some("payment_terminal")),
        (ErrorKind::Ambiguous, None),
        (ErrorKind::Ambiguous, None),
        (ErrorKind::NotFound, None),
    ] {
        let error = update(PaymentStatus::Paid, None).await.unwrap_err();
        assert_eq!((error.kind(), error.get("code")), (kind, code), "{error}");
    }
}

#[tokio::test]
async fn the_vat_of_a_document_is_reported_once_and_an_unclear_answer_is_not_repeated() {
    let invoice = sample();
    let report = vat_report(&invoice, " 0A1B2C3D ");
    let (client, http) = client([
        says(200, r#"{"code":200,"data":{"id":"1","vatStatus":0}}"#),
        says(400, r#"{"code":400,"error":{"details":"agent_tin is required"}}"#),
        says(400, NOT_FOUND),
        says(502, "<html>"),
    ]);
    client.report_vat(&keys(), &report).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/vat/postpayment"]);
    let body = sent(&http.bodies()[0]);
    assert_eq!(body.at("base_amount").text(), "118500.00");
    assert_eq!(body.at("beneficiary_tin").text(), "30044556-0001");
    assert_eq!(body.at("item_description").text(), "Bread flour 50 kg; Delivery");
    assert_eq!(body.at("integrator_service_id").text(), "0A1B2C3D");
    let error = client.report_vat(&keys(), &report).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Rejected, Some("agent_tin")));
    assert_eq!(error.message(), "The authority needs the seller's TIN, which is missing.");
    assert_eq!(client.report_vat(&keys(), &report).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.report_vat(&keys(), &report).await.unwrap_err().kind(), ErrorKind::Ambiguous);
}

#[test]
fn a_walk_in_and_untaxed_goods_are_reported_as_such() {
    let mut invoice = sample();
    invoice.customer = None;
    invoice.tax_subtotals[0].category = TaxCategory::Z;
    invoice.tax_subtotals[0].percent = dec("0");
    invoice.totals.tax_amount = dec("0");
    let report = vat_report(&invoice, "0A1B2C3D");
    assert_eq!((report.beneficiary_tin.as_str(), report.vat_rate.as_str()), ("", "0"));
    assert_eq!((report.vat_status.as_str(), report.vat_calculated.as_str()), ("ZERO_VAT", "0.00"));
}
