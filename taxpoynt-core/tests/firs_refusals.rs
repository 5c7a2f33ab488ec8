//! What each answer of the authority means: its kind, its retry class, its field, and a sentence for a bookkeeper.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use bytes::Bytes;
use firs_support::{Answer, BUSINESS, UNCLEAR, client, fails, irn, keys, names, reference, says};
use std::time::Duration;
use taxpoynt_core::{Error, ErrorKind, Result, Retry};

async fn validated(status: u16, body: &str) -> Result<()> {
    client([says(status, body)]).0.validate(&keys(), Bytes::from_static(b"{}")).await
}

async fn signed(status: u16, body: &str) -> Result<()> {
    client([says(status, body)]).0.sign(&keys(), Bytes::from_static(b"{}")).await.map(drop)
}

/// The kind of a refusal, its retry class, its field and its sentence.
fn told(error: &Error) -> (ErrorKind, Retry, &str, &str) {
    (error.kind(), error.retry(), error.get("field").unwrap_or_default(), error.message())
}

/// Each recorded refusal: its file, and what it means to a call that registers a document.
const RECORDED: [(&str, ErrorKind, &str, &str); 11] = [
    (
        "api-key",
        ErrorKind::Unauthenticated,
        "",
        "The authority refuses the API keys: check api_key and api_secret, and that they belong to this base_url.",
    ),
    (
        "business-id",
        ErrorKind::Config,
        "business_id",
        "The authority wants a UUID of 36 characters as business_id: check the tenant's settings.",
    ),
    (
        "buyer-tin-short",
        ErrorKind::Rejected,
        "accounting_customer_party/tin",
        "The authority wants the buyer's TIN with at least 5 characters.",
    ),
    (
        "country",
        ErrorKind::Rejected,
        "accounting_supplier_party/postal_address/country",
        "The authority wants the seller's country as a two-letter code in capitals, such as NG.",
    ),
    (
        "duplicate-irn",
        ErrorKind::Ambiguous,
        "",
        "The authority does not say whether it has the document already or is in trouble.",
    ),
    ("no-route", ErrorKind::Config, "", "The authority has no such address: check base_url."),
    (
        "tax-category",
        ErrorKind::Rejected,
        "tax_total/0/tax_subtotal/0/tax_category/id",
        "The authority does not take the tax category sent: its list of categories may have changed; refresh it.",
    ),
    (
        "tax-currency-missing",
        ErrorKind::Rejected,
        "tax_currency_code",
        "The authority needs the tax currency, which is missing.",
    ),
    (
        "tax-point-date",
        ErrorKind::Rejected,
        "tax_point_date",
        "The authority wants the tax point date as a date such as 2026-11-02.",
    ),
    (
        "terminal-state",
        ErrorKind::Rejected,
        "",
        "The authority has closed this document (it is paid or rejected there), so it can no longer change.",
    ),
    // The only refusal that is an answer: it is asked about below.
    ("", ErrorKind::NotFound, "", "The authority does not know this document."),
];

#[tokio::test]
async fn every_recorded_refusal_gets_its_kind_field_and_sentence() {
    let recorded = names("responses");
    let recorded: Vec<&str> = recorded.iter().filter_map(|name| name.strip_prefix("error-")).collect();
    assert_eq!(recorded, RECORDED.map(|(name, ..)| name)[..10], "no recorded refusal is passed over");
    for (name, kind, field, sentence) in RECORDED {
        let file = if name.is_empty() { "confirm-not-found".into() } else { format!("error-{name}") };
        let body = reference(&format!("responses/{file}.json"));
        let status = if name == "no-route" { 404 } else { 400 };
        let retry = if kind == ErrorKind::Ambiguous { Retry::Ambiguous } else { Retry::Never };
        for error in [validated(status, &body).await.unwrap_err(), signed(status, &body).await.unwrap_err()] {
            assert_eq!(told(&error), (kind, retry, field, sentence), "{file}");
            assert_eq!(error.get("status"), Some(status.to_string().as_str()), "{file}");
            let id = (name != "no-route").then_some("00000000-0000-4000-8000-000000000001");
            assert_eq!(error.get("error_id"), id, "{file}");
        }
    }
}

#[tokio::test]
async fn every_text_of_the_sheet_gets_its_sentence() {
    for (details, kind, field, sentence) in [
        (
            "irn validation failed",
            ErrorKind::Rejected,
            "irn",
            "The authority does not take the IRN: compare the tenant's service_id with the IRN template on the \
             authority's dashboard.",
        ),
        (
            "webhook url is not setup",
            ErrorKind::Config,
            "",
            "The authority sends nothing on until a webhook URL is set on its dashboard: set it there, then run the self \
             health check.",
        ),
        (
            "can only update payment status of invoices that have been signed",
            ErrorKind::Rejected,
            "",
            "The authority has not signed this document yet, so its payment status cannot change: submit it first.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.tin must be at most in length or value 20",
            ErrorKind::Rejected,
            "accounting_customer_party/tin",
            "The authority wants the buyer's TIN with at most 20 characters.",
        ),
        (
            "invoicerequest.invoice.invoiceline[3].invoicedquantity must be at least in length or value 1",
            ErrorKind::Rejected,
            "invoice_line/3/invoiced_quantity",
            "The authority wants the quantity of line 4 to be 1 or more.",
        ),
        (
            "invoicerequest.invoice.invoiceline[0].hsncode must be a valid hs code, refer to the invoice resource apis",
            ErrorKind::Rejected,
            "invoice_line/0/hsn_code",
            "The authority does not find the HS code of line 1 in its list: choose one that is listed.",
        ),
        (
            "invoicerequest.invoice.accountingsupplierparty.postaladdress.lga must be a valid lga code, refer to the \
             invoice resource apis",
            ErrorKind::Rejected,
            "accounting_supplier_party/postal_address/lga",
            "The authority wants the seller's local government area as a code of its list, such as NG-LA-IKJ.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.telephone must be a valid phone number that starts with +",
            ErrorKind::Rejected,
            "accounting_customer_party/telephone",
            "The authority wants the buyer's telephone number with its country code, such as +2348010000001.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.email must be a valid email of at most 100 characters",
            ErrorKind::Rejected,
            "accounting_customer_party/email",
            "The authority wants the buyer's e-mail address in a form such as accounts@example.com.",
        ),
        (
            "invoicerequest.invoice.documentcurrencycode must be a valid currency code, refer to the invoice resource apis",
            ErrorKind::Rejected,
            "document_currency_code",
            "The authority wants the currency as a three-letter code in capitals, such as NGN.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty is required",
            ErrorKind::Rejected,
            "accounting_customer_party",
            "The authority needs the buyer, which is missing.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.id must be a valid uuid",
            ErrorKind::Rejected,
            "accounting_customer_party/id",
            "The authority refused the buyer's id: it must be a valid uuid.",
        ),
        (
            "invoicerequest.invoice.invoiceline is required",
            ErrorKind::Rejected,
            "invoice_line",
            "The authority needs the list of lines, which is missing.",
        ),
        (
            "InvoiceRequest.Invoice.InvoiceLine[1].Item.Name is required",
            ErrorKind::Rejected,
            "invoice_line/1/item/name",
            "The authority needs the name of line 2, which is missing.",
        ),
        (
            "invoicerequest.invoice.businessid must be a business enabled for this key",
            ErrorKind::Rejected,
            "business_id",
            "The authority refused the business id: it must be a business enabled for this key.",
        ),
        (
            "payment_status must be one of PENDING PAID REJECTED",
            ErrorKind::Rejected,
            "payment_status",
            "The authority refused the payment status: it must be one of PENDING PAID REJECTED.",
        ),
        (
            "buyer has no access point.",
            ErrorKind::Rejected,
            "",
            "The authority refused the document: buyer has no access point.",
        ),
    ] {
        let body = serde_json::json!({"code": 400, "data": null, "message": "error has occurred", "error": {
            "id": "e-9", "handler": "invoice_actions", "details": details,
            "public_message": "validation failed: we are unable to process your request. also confirm this is not a duplicate request",
        }});
        let error = signed(400, &body.to_string()).await.unwrap_err();
        assert_eq!(told(&error), (kind, Retry::Never, field, sentence), "{details}");
    }
}

/// Members of another type, missing or at another place: the cause is found all the same.
#[tokio::test]
async fn a_refusal_of_another_shape_says_the_same() {
    let rule = "invoicerequest.invoice.taxcurrencycode is required";
    let expected = (
        ErrorKind::Rejected,
        Retry::Never,
        "tax_currency_code",
        "The authority needs the tax currency, which is missing.",
    );
    for body in [
        format!(r#"{{"code":400,"error":{{"details":"{rule}"}}}}"#),
        format!(r#"{{"code":"400","error":{{"public_message":"{rule}"}}}}"#),
        format!(r#"{{"code":400.0,"error":{{"id":7,"details":["{rule}"]}}}}"#),
        format!(r#"{{"error":{{"details":{{"cause":"{rule}"}}}}}}"#),
        format!(r#"{{"error":"{rule}"}}"#),
        format!(r#"{{"error":["{rule}"]}}"#),
        format!(r#"{{"code":400,"message":"{rule}"}}"#),
        r#"{"code":400,"error":{"errors":[{"field":"invoicerequest.invoice.taxcurrencycode","message":"is required"}]}}"#.into(),
        r#"{"code":400,"error":{"errors":[{"field":"tax_currency_code","message":"is required"},{"field":5},null,[]]}}"#.into(),
        r#"{"code":400,"error":{"details":null,"errors":["invoicerequest.invoice.taxcurrencycode is required"]}}"#.into(),
        format!("\u{feff} {{\"code\":400,\"error\":{{\"details\":\"{rule}\"}},\"data\":[1]}}\n"),
        // Success on the outside, a cause on the inside.
        format!(r#"{{"code":200,"data":{{"ok":true}},"error":{{"details":"{rule}"}}}}"#),
    ] {
        for status in [200, 400, 422] {
            let error = signed(status, &body).await.unwrap_err();
            assert_eq!(told(&error), expected, "{status} {body}");
        }
    }
}

#[tokio::test]
async fn a_refusal_without_a_cause_is_no_verdict() {
    let wrapper = "validation failed: we are unable to process your request. also confirm this is not a duplicate request";
    for body in [
        "{}".to_owned(),
        r#"{"code":400}"#.to_owned(),
        r#"{"code":400,"data":null,"message":"error has occurred"}"#.to_owned(),
        r#"{"code":400,"data":null,"message":"error has occurred","error":null}"#.to_owned(),
        r#"{"code":400,"error":{}}"#.to_owned(),
        r#"{"code":400,"error":[]}"#.to_owned(),
        r#"{"code":400,"error":{"details":"","public_message":null,"errors":[]}}"#.to_owned(),
        format!(r#"{{"code":400,"message":"error has occurred","error":{{"public_message":"{wrapper}"}}}}"#),
        r#"{"code":200,"data":{"ok":true}}"#.to_owned(),
    ] {
        let error = signed(400, &body).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Ambiguous, Retry::Ambiguous), "{body}");
        assert_eq!(validated(400, &body).await.unwrap_err().kind(), ErrorKind::Ambiguous, "{body}");
        // A question may be asked again.
        let error = client([says(400, body.clone())]).0.confirm(&keys(), &irn()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{body}");
    }
    // Statuses that are no catch-all are believed.
    for (status, kind) in [
        (422, ErrorKind::Rejected),
        (412, ErrorKind::Rejected),
        (413, ErrorKind::Rejected),
        (405, ErrorKind::Config),
        (415, ErrorKind::Config),
    ] {
        assert_eq!(signed(status, "{}").await.unwrap_err().kind(), kind, "{status}");
    }
    let error = signed(422, "{}").await.unwrap_err();
    assert_eq!(error.message(), "The authority refused the document without saying why.");
}

#[tokio::test]
async fn a_success_that_names_an_error_does_not_mean_that_a_document_is_absent() {
    let body = r#"{"code":200,"data":null,"error":{"details":"unable to complete this operation at this time, kindly try again later"}}"#;
    let error = client([says(200, body)]).0.confirm(&keys(), &irn()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let error = client([says(200, body)]).0.search(&keys(), BUSINESS, &irn()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_wrong_id_is_named_as_what_was_asked_for() {
    let body = reference("responses/error-business-id.json");
    let error = client([says(400, body.clone())]).0.entity(&keys(), "x").await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("entity_id")));
    let error = client([says(400, body)]).0.search(&keys(), "x", &irn()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("business_id")));
}

#[tokio::test]
async fn every_recorded_success_is_a_success() {
    for name in ["ok-validate-or-sign", "ok-irn-validate", "ok-transmit"] {
        let body = reference(&format!("responses/{name}.json"));
        assert!(validated(200, &body).await.is_ok(), "{name}");
        assert!(signed(201, &body).await.is_ok(), "{name}");
        assert!(client([says(200, body)]).0.transmit(&keys(), &irn()).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn an_unclear_answer_to_sign_is_never_taken_for_yes_or_no() {
    let html = "<html><body>502 Bad Gateway</body></html>";
    for (status, body) in [
        (500, r#"{"code":500}"#),
        (502, html),
        (504, ""),
        (408, ""),
        (200, html),
        (200, ""),
        (200, r#"{"code":201,"data":{"o"#),
        (200, r#"{"code":201,"data":{"ok":false}}"#),
        (200, r#"{"code":201,"data":null}"#),
        (200, r#"{"code":500,"data":{"ok":true}}"#),
        (200, "[]"),
        (400, html),
        (208, r#"{"code":208,"data":{"ok":true}}"#),
        (200, r#"{"code":208}"#),
        (409, r#"{"code":409,"message":"conflict"}"#),
        (400, r#"{"code":400,"error":{"details":"irn already exists"}}"#),
        (400, UNCLEAR),
        (200, UNCLEAR),
    ] {
        let error = signed(status, body).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::Ambiguous, Retry::Ambiguous),
            "{status} {body}: {error}"
        );
    }
    for kind in [ErrorKind::TimedOut, ErrorKind::Ambiguous] {
        let error = client([fails(kind)]).0.sign(&keys(), Bytes::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Ambiguous, Retry::Ambiguous));
    }
    let error = client([fails(ErrorKind::Unavailable)]).0.sign(&keys(), Bytes::new()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Unavailable, Retry::After(Duration::from_secs(30)))
    );
}

#[tokio::test]
async fn the_worse_of_http_status_and_body_code_counts() {
    let body =
        r#"{"code":400,"error":{"details":"invoicerequest.invoice.invoiceline[2].hsncode is not listed"}}"#;
    let error = signed(200, body).await.unwrap_err();
    assert_eq!(
        told(&error),
        (
            ErrorKind::Rejected,
            Retry::Never,
            "invoice_line/2/hsn_code",
            "The authority refused the HS code of line 3: it is not listed."
        )
    );
    assert_eq!(signed(401, "").await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    assert_eq!(signed(403, "<html>").await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(signed(302, "").await.unwrap_err().kind(), ErrorKind::Config);
    let webhook = r#"{"code":400,"error":{"public_message":"webhook url is not setup"}}"#;
    assert_eq!(signed(400, webhook).await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn every_complaint_becomes_a_fault() {
    let body = r#"{"code":422,"error":{"details":"invoicerequest.invoice.issuedate is required, invoicerequest.invoice.invoiceline[0].price.priceamount must be a number"}}"#;
    let error = validated(422, body).await.unwrap_err();
    let faults: Vec<_> = error.faults().iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    assert_eq!(
        faults,
        [
            ("issue_date", "The authority needs the issue date, which is missing."),
            (
                "invoice_line/0/price/price_amount",
                "The authority refused the price of line 1: it must be a number."
            ),
        ]
    );
    let listed = r#"{"code":400,"error":{"id":"x","errors":[{"field":"postal_address.lga","message":"is required"}]}}"#;
    let error = validated(400, listed).await.unwrap_err();
    assert_eq!(told(&error).2, "postal_address/lga");
}

#[tokio::test]
async fn too_many_calls_wait_as_long_as_told() {
    for (told, seconds) in [("7", 7), ("soon", 60), ("99999999999999999999", 60), ("9999999999", 3600)] {
        let (client, _) = client([Answer::Later(told.to_owned())]);
        let error = client.sign(&keys(), Bytes::new()).await.unwrap_err();
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(seconds)), "{told}");
    }
    let error = signed(429, "slow down").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::RateLimited, Retry::After(Duration::from_secs(60)))
    );
    let error = signed(200, r#"{"code":429}"#).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
}

#[tokio::test]
async fn trouble_with_validate_is_a_reason_to_wait() {
    for (status, body) in [(500, "{}"), (502, "<html>"), (200, "oops"), (400, "<html>")] {
        let error = validated(status, body).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::Unavailable, Retry::After(Duration::from_secs(30)))
        );
    }
}

#[tokio::test]
async fn hostile_answers_never_panic() {
    let deep = format!("{}{}", r#"{"data":"#.repeat(3000), "1");
    for body in [
        "null",
        "{",
        "\"",
        "{\"code\":\"x\"}",
        "{\"code\":-1}",
        "{\"error\":[]}",
        "{\"error\":{\"details\":{\"a\":[1]}}}",
        "{\"error\":{\"details\":\"invoicerequest.\"}}",
        "{\"error\":{\"details\":\"invoicerequest.invoice.[[[0 x\"}}",
        "{\"error\":{\"details\":\"invoicerequest.invoice.invoiceline[18446744073709551615].item é\"}}",
        "\u{feff}{}",
        &deep,
    ] {
        for status in [200, 400, 404, 500] {
            let _ = signed(status, body).await;
            let _ = validated(status, body).await;
            let _ = client([says(status, body)]).0.confirm(&keys(), &irn()).await;
            let _ = client([says(status, body)]).0.search(&keys(), BUSINESS, &irn()).await;
        }
    }
}
