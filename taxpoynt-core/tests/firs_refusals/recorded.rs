//! The answers on record, and what codes and retry hints mean.

use crate::{
    firs_support::{Answer, UNCLEAR, client, fails, irn, keys, names, reference, says},
    signed, told, validated,
};
use bytes::Bytes;
use std::time::Duration;
use taxpoynt_core::{ErrorKind, Retry};

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
