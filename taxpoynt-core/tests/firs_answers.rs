//! What the authority answers, and what a submission does next.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use bytes::Bytes;
use firs_support::{Answer, BUSINESS, Scripted, Tree, day, dec, reference, sample, says, text};
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Error, ErrorKind, Result, Retry,
    firs::{ApiKeys, Client, Mbs, Step, Submittable, Transmitter, mbs_bytes},
    store::{DocumentState, Stage},
};
use taxpoynt_ubl::{Invoice, InvoiceKind, Irn};

const OK: &str = r#"{"code":201,"data":{"ok":true}}"#;
const UNCLEAR: &str = r#"{"code":400,"data":null,"message":"error has occurred","error":{"id":"e-1","handler":"invoice_actions",
    "details":"unable to complete this operation at this time, kindly try again later","public_message":"validation failed"}}"#;
const NOT_FOUND: &str = r#"{"code":400,"data":null,"message":"error has occurred",
    "error":{"id":"e-2","details":"record not found","public_message":"record not found"}}"#;
const NO_ROWS: &str = r#"{"code":200,"data":{"items":[],"page":1}}"#;
const SECRET: &str = "a-secret-of-about-a-hundred-characters";

fn keys() -> ApiKeys {
    ApiKeys::new("0f1e2d3c-0000-4000-8000-000000000000", SECRET)
}

fn client(answers: impl IntoIterator<Item = Answer>) -> (Client, Arc<Scripted>) {
    let http = Arc::new(Scripted::new(answers));
    (Client::new(http.clone(), "https://authority.example/gate/".parse().unwrap()), http)
}

fn irn() -> Irn {
    sample().irn.unwrap()
}

fn fails(kind: ErrorKind) -> Answer {
    Answer::Fails(Error::new(kind, "http.call", "the line is dead"))
}

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

#[tokio::test]
async fn every_recorded_refusal_gets_its_kind_field_and_sentence() {
    let cases = [
        (
            "error-tax-category",
            ErrorKind::Rejected,
            "tax_total/0/tax_subtotal/0/tax_category/id",
            "The authority does not take the tax category sent: its list of tax categories may have changed; refresh it.",
        ),
        (
            "error-country",
            ErrorKind::Rejected,
            "accounting_supplier_party/postal_address/country",
            "The authority wants the seller's country as a two-letter code in capitals, such as NG.",
        ),
        (
            "error-buyer-tin-short",
            ErrorKind::Rejected,
            "accounting_customer_party/tin",
            "The authority wants the buyer's TIN with at least 5 characters.",
        ),
        (
            "error-tax-currency-missing",
            ErrorKind::Rejected,
            "tax_currency_code",
            "The authority needs the tax currency code, which is missing.",
        ),
        (
            "error-tax-point-date",
            ErrorKind::Rejected,
            "tax_point_date",
            "The authority wants the tax point date as a date such as 2026-11-02.",
        ),
        (
            "error-terminal-state",
            ErrorKind::Rejected,
            "",
            "The authority has closed this document (it is paid or rejected there), so it can no longer change.",
        ),
        (
            "error-api-key",
            ErrorKind::Unauthenticated,
            "",
            "The authority refuses the API keys: check api_key and api_secret, and that they belong to this base_url.",
        ),
        (
            "error-business-id",
            ErrorKind::Config,
            "business_id",
            "The authority wants a UUID of 36 characters as business_id: check the tenant's settings.",
        ),
    ];
    for (name, kind, field, sentence) in cases {
        let body = reference(&format!("responses/{name}.json"));
        for error in [validated(400, &body).await.unwrap_err(), signed(400, &body).await.unwrap_err()] {
            assert_eq!(told(&error), (kind, Retry::Never, field, sentence), "{name}");
            assert_eq!(error.get("error_id"), Some("00000000-0000-4000-8000-000000000001"), "{name}");
            assert_eq!(error.get("status"), Some("400"), "{name}");
        }
    }
    let error = signed(404, &reference("responses/error-no-route.json")).await.unwrap_err();
    assert_eq!(told(&error).0, ErrorKind::Config);
    assert_eq!(error.message(), "The authority has no such address: check base_url.");
    let error = signed(400, &reference("responses/error-duplicate-irn.json")).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Ambiguous, Retry::Ambiguous));
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
                "The authority refused the price amount of line 1: it must be a number."
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

#[tokio::test]
async fn keys_go_into_headers_and_nowhere_else() {
    let (client, http) = client([says(200, OK)]);
    client.validate(&keys(), Bytes::from_static(b"{\"a\":1}")).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/invoice/validate"]);
    assert_eq!(http.header("x-api-key").as_deref(), Some("0f1e2d3c-0000-4000-8000-000000000000"));
    assert_eq!(http.header("x-api-secret").as_deref(), Some(SECRET));
    assert_eq!(http.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(http.bodies(), [Bytes::from_static(b"{\"a\":1}")]);
    assert!(!format!("{:?} {client:?}", keys()).contains(SECRET));
    for bad in [ApiKeys::new("", SECRET), ApiKeys::new("a\nb", SECRET)] {
        let error = client.validate(&bad, Bytes::new()).await.unwrap_err();
        assert_eq!(told(&error).2, "api_key");
        assert!(!format!("{error:?}").contains(SECRET));
    }
}

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
async fn a_search_is_read_in_every_likely_shape() {
    let recorded = Tree::parse(&reference("responses/search.json"));
    let wanted = Irn::parse(&recorded.at("data/items/0/irn").text()).unwrap();
    let row = format!(
        r#"{{"irn":"{wanted}","invoice_type_code":381,"issue_date":"2026-11-01T23:00:00Z","document_currency_code":"NGN",
            "legal_monetary_total":{{"payable_amount":"64500.00","tax_inclusive_amount":64500}},"extra":[1]}}"#
    );
    for body in [
        reference("responses/search.json"),
        format!(r#"{{"code":200,"data":[{{"irn":"OTHER-3C4D5E6F-20261109"}},{row}]}}"#),
        format!(r#"{{"code":200,"data":{{"data":[{row}]}}}}"#),
        format!(r#"{{"code":200,"data":{{"total":1,"whatever":[{row}]}}}}"#),
        format!(r#"{{"code":200,"data":{row}}}"#),
    ] {
        let (client, http) = client([says(200, body.clone())]);
        let found = client.search(&keys(), BUSINESS, &wanted).await.unwrap().unwrap();
        assert_eq!(found.irn, wanted.as_str());
        assert_eq!(found.issue_date, Some(day("2026-11-02")), "{body}");
        assert_eq!(found.type_code.as_deref(), Some("381"));
        assert_eq!(found.payable, Some(dec("64500")));
        assert_eq!(
            http.calls(),
            [format!("GET /gate/api/v1/invoice/{BUSINESS}?size=20&page=1&irn={wanted}")]
        );
    }
    for body in [
        NO_ROWS,
        r#"{"code":200,"data":[{"irn":"OTHER-3C4D5E6F-20261109"}, 7, null]}"#,
        r#"{"code":200,"data":{"items":null}}"#,
    ] {
        assert_eq!(
            client([says(200, body)]).0.search(&keys(), BUSINESS, &wanted).await.unwrap(),
            None,
            "{body}"
        );
    }
}

// --- the steps ---

fn document(kind: InvoiceKind, stage: Stage) -> Submittable {
    Submittable::read(mbs_bytes(&Invoice { kind, ..sample() }).unwrap(), stage).unwrap()
}

async fn step(
    document: &Submittable,
    answers: impl IntoIterator<Item = Answer>,
) -> (Result<Step>, Vec<String>) {
    let (client, http) = client(answers);
    let step = Mbs::new(client).advance(document, &keys()).await;
    assert!(http.is_used_up(), "not everything scripted was asked for: {:?}", http.calls());
    let short =
        |call: &String| call.split('?').next().unwrap_or_default().replace("/gate/api/v1/invoice/", "");
    let signing = http.calls().iter().zip(http.bodies()).filter(|(c, _)| c.ends_with("sign")).count();
    assert!(signing <= 1, "signed twice in one step");
    for (call, body) in http.calls().iter().zip(http.bodies()) {
        if call.ends_with("/sign") || call.ends_with("/validate") {
            assert_eq!(body, document.body, "other bytes went out");
        }
    }
    (step, http.calls().iter().map(short).collect())
}

fn reached(step: Result<Step>) -> (Stage, DocumentState, bool) {
    let step = step.unwrap();
    (step.stage, step.state, step.finished)
}

const SEARCH: &str = "GET 9a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d";
const CONFIRM: &str = "GET confirm/OGI000042-3C4D5E6F-20261109";
const DOWNLOAD: &str = "GET download/OGI000042-3C4D5E6F-20261109";
const TRANSMIT: &str = "POST transmit/OGI000042-3C4D5E6F-20261109";

/// A search answer that shows our sample, changed.
fn shown(change: impl Fn(String) -> String) -> Answer {
    let row = r#"{"code":200,"data":{"items":[{"irn":"OGI000042-3C4D5E6F-20261109","issue_date":"2026-11-09",
        "invoice_type_code":"381","document_currency_code":"NGN","legal_monetary_total":{"tax_inclusive_amount":127387.5,
        "payable_amount":127387.50},"accounting_customer_party":{"tin":"30044556-0001"}}]}}"#;
    says(200, change(row.to_owned()))
}

const SHOWN: &str =
    r#"{"code":200,"data":{"transmitted":false,"delivered":false,"issue_date":"2026-11-09"}}"#;

#[tokio::test]
async fn a_b2b_document_goes_all_the_way_and_a_b2c_one_is_not_transmitted() {
    for (kind, path) in [
        (InvoiceKind::B2B, vec!["POST validate", "POST sign", TRANSMIT, CONFIRM]),
        (InvoiceKind::B2G, vec!["POST validate", "POST sign", TRANSMIT, CONFIRM]),
        (InvoiceKind::B2C, vec!["POST validate", "POST sign", CONFIRM]),
    ] {
        let mut stages = Vec::new();
        let mut calls = Vec::new();
        let mut document = document(kind, Stage::Draft);
        while document.stage != Stage::Confirmed {
            if let Some(intent) = document.intent() {
                assert!(intent > document.stage, "a stage never goes back");
            }
            let waits_for = if path.len() == calls.len() + 1 { SHOWN } else { OK };
            let (step, made) = step(&document, [says(200, waits_for)]).await;
            let step = step.unwrap();
            assert_eq!(step.finished, step.stage == Stage::Confirmed);
            calls.extend(made);
            stages.push((step.stage, step.state));
            document.stage = step.stage;
        }
        assert_eq!(calls, path);
        assert_eq!(stages.last(), Some(&(Stage::Confirmed, DocumentState::Accepted)));
        assert_eq!(stages[0], (Stage::Validated, DocumentState::Prepared));
        assert_eq!(stages[1], (Stage::Signed, DocumentState::Submitted));
    }
    assert_eq!(document(InvoiceKind::B2B, Stage::Validated).intent(), Some(Stage::Signing));
    assert_eq!(document(InvoiceKind::B2B, Stage::Signed).intent(), Some(Stage::Transmitting));
    assert_eq!(document(InvoiceKind::B2C, Stage::Signed).intent(), None);
    let (done, calls) = step(&document(InvoiceKind::B2B, Stage::Confirmed), []).await;
    assert_eq!((reached(done).2, calls.len()), (true, 0));
}

#[tokio::test]
async fn a_csid_is_taken_from_the_access_point_and_never_made() {
    let document = document(InvoiceKind::B2C, Stage::Validated);
    for (data, expected) in [
        (r#"{"ok":true}"#, None),
        (r#"{"ok":true,"csid":"eyJhbGciOiJFUzI1NiJ9.e30.c2ln"}"#, text("eyJhbGciOiJFUzI1NiJ9.e30.c2ln")),
        (r#"{"ok":true,"CSID":" 7731 "}"#, text("7731")),
        (r#"{"ok":true,"csid":null,"CSID":7731}"#, text("7731")),
        (r#"{"ok":true,"csid":""}"#, None),
        (r#"{"ok":true,"csid":{"value":"x"}}"#, None),
        (&format!(r#"{{"ok":true,"csid":"{}"}}"#, "x".repeat(8193)), None),
    ] {
        let (step, _) = step(&document, [says(200, format!(r#"{{"code":200,"data":{data}}}"#))]).await;
        let step = step.unwrap();
        assert_eq!((step.stage, step.csid), (Stage::Signed, expected), "{data}");
    }
    // A lost answer to sign: the search shows what was said then.
    let signing = self::document(InvoiceKind::B2C, Stage::Signing);
    let answer = shown(|row| row.replacen(r#""issue_date""#, r#""csid":"from the search","issue_date""#, 1));
    let (adopted, _) = step(&signing, [answer]).await;
    assert_eq!(adopted.unwrap().csid, text("from the search"));
}

#[tokio::test]
async fn after_a_crash_in_sign_a_registered_document_is_adopted_not_signed_again() {
    let document = document(InvoiceKind::B2B, Stage::Signing);
    let (adopted, calls) = step(&document, [shown(|row| row)]).await;
    assert_eq!(reached(adopted), (Stage::Signed, DocumentState::Submitted, false));
    assert_eq!(calls, [SEARCH]);
}

#[tokio::test]
async fn after_a_crash_in_sign_an_absent_document_is_signed_with_the_same_bytes() {
    let mut document = document(InvoiceKind::B2C, Stage::Signing);
    let (asked, calls) = step(&document, [says(200, NO_ROWS), says(400, NOT_FOUND)]).await;
    assert_eq!(reached(asked), (Stage::Signing, DocumentState::Prepared, false));
    assert_eq!(calls, [SEARCH, CONFIRM]);
    // The answer is stored before the call, so that a worker who lost its lease meanwhile does not make it.
    document.asked = true;
    let (signed, calls) = step(&document, [says(201, OK)]).await;
    assert_eq!(reached(signed).0, Stage::Signed);
    assert_eq!(calls, ["POST sign"]);
}

#[tokio::test]
async fn another_document_under_our_irn_is_quarantined() {
    let document = document(InvoiceKind::B2B, Stage::Signing);
    for (from, to) in [
        ("127387.50}", "127387.51}"),
        ("\"381\"", "\"380\""),
        ("2026-11-09\",", "2026-11-10\","),
        ("NGN", "USD"),
        ("127387.5,", "127387,"),
        ("30044556-0001", "30044556-0002"),
    ] {
        let (step, calls) = step(&document, [shown(|row| row.replacen(from, to, 1))]).await;
        assert!(step.is_err(), "{to}");
        let error = step.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Rejected, Retry::Never), "{to}");
        assert_eq!(error.get("code"), Some("quarantined"));
        assert!(error.message().contains("OGI000042-3C4D5E6F-20261109"));
        assert_eq!(calls, [SEARCH]);
    }
    let other_day = SHOWN.replace("2026-11-09", "2026-11-01");
    let (step, _) = step(&document, [says(200, NO_ROWS), says(200, other_day)]).await;
    assert_eq!(step.unwrap_err().get("code"), Some("quarantined"));
}

#[tokio::test]
async fn what_is_known_but_not_shown_is_asked_for_again_and_never_signed() {
    let document = document(InvoiceKind::B2B, Stage::Signing);
    // Nor does a download help that is refused, bare metadata, or sealed for somebody else.
    let sealed = r#"{"code":200,"data":{"iv_hex":"000102030405060708090a0b0c0d0e0f","pub":"AAAAAAAAAAAAAAAAAAAAAAAA","data":"AAAA"}}"#;
    for download in [
        says(400, NOT_FOUND),
        says(500, ""),
        says(200, r#"{"code":200,"data":{"irn":"OGI000042-3C4D5E6F-20261109","entry_status":"SIGNED"}}"#),
        says(200, sealed),
    ] {
        let (step, calls) = step(&document, [says(200, NO_ROWS), says(200, SHOWN), download]).await;
        assert_eq!(step.unwrap_err().kind(), ErrorKind::Ambiguous);
        assert_eq!(calls, [SEARCH, CONFIRM, DOWNLOAD]);
    }
}

#[tokio::test]
async fn what_no_search_shows_is_compared_as_it_is_downloaded() {
    let document = document(InvoiceKind::B2B, Stage::Signing);
    let whole = String::from_utf8(document.body.to_vec()).unwrap();
    let download = |body: &str| says(200, format!(r#"{{"code":200,"data":{body}}}"#));
    let (adopted, calls) = step(&document, [says(200, NO_ROWS), says(200, SHOWN), download(&whole)]).await;
    assert_eq!(reached(adopted).0, Stage::Signed);
    assert_eq!(calls, [SEARCH, CONFIRM, DOWNLOAD]);
    // A row without an amount proves nothing by itself.
    let bare = says(200, r#"{"code":200,"data":{"items":[{"irn":"OGI000042-3C4D5E6F-20261109"}]}}"#);
    let (adopted, calls) = step(&document, [bare, download(&whole)]).await;
    assert_eq!((reached(adopted).0, calls), (Stage::Signed, vec![SEARCH.to_owned(), DOWNLOAD.to_owned()]));
    let other = whole.replacen("\"invoiced_quantity\":", "\"invoiced_quantity\":1", 1);
    assert_ne!(other, whole);
    let (differs, _) = step(&document, [says(200, NO_ROWS), says(200, SHOWN), download(&other)]).await;
    let error = differs.unwrap_err();
    assert_eq!(error.get("code"), Some("quarantined"));
    assert!(error.message().contains("invoiced_quantity"), "{}", error.message());
}

#[tokio::test]
async fn while_nobody_can_be_asked_nothing_is_signed() {
    let document = document(InvoiceKind::B2B, Stage::Signing);
    for (answers, asked) in [
        (vec![fails(ErrorKind::TimedOut)], 1),
        (vec![says(502, "<html>")], 1),
        (vec![says(200, NO_ROWS), says(404, "<html>")], 2),
        (vec![says(200, NO_ROWS), says(404, r#"{"code":404,"message":"no route found for this path"}"#)], 2),
        (vec![says(200, NO_ROWS), says(429, "")], 2),
    ] {
        let (step, calls) = step(&document, answers).await;
        assert!(step.is_err());
        assert_eq!(calls.len(), asked);
        assert!(!calls.contains(&"POST sign".to_owned()));
    }
}

#[tokio::test]
async fn an_unclear_answer_to_sign_ends_the_step() {
    let document = document(InvoiceKind::B2B, Stage::Validated);
    for answer in [says(400, UNCLEAR), says(500, ""), fails(ErrorKind::TimedOut)] {
        let (step, calls) = step(&document, [answer]).await;
        assert_eq!(step.unwrap_err().kind(), ErrorKind::Ambiguous);
        assert_eq!(calls, ["POST sign"]);
    }
}

#[tokio::test]
async fn an_irn_registered_before_is_noticed_at_validation() {
    let draft = document(InvoiceKind::B2B, Stage::Draft);
    let (adopted, calls) = step(&draft, [says(400, UNCLEAR), shown(|row| row)]).await;
    assert_eq!(reached(adopted).0, Stage::Signed);
    assert_eq!(calls, ["POST validate", SEARCH]);
    let (passing, _) = step(&draft, [says(400, UNCLEAR), says(200, NO_ROWS), says(400, NOT_FOUND)]).await;
    let error = passing.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Unavailable, Retry::After(Duration::from_secs(60)))
    );
}

#[tokio::test]
async fn a_refusal_before_the_signature_is_final_for_the_document() {
    let body = reference("responses/error-country.json");
    for stage in [Stage::Draft, Stage::Validated] {
        let (step, _) = step(&document(InvoiceKind::B2B, stage), [says(400, body.clone())]).await;
        assert_eq!(step.unwrap_err().kind(), ErrorKind::Rejected);
    }
}

#[tokio::test]
async fn a_failed_transmission_never_signs_again_and_never_rejects_what_is_signed() {
    let signed = document(InvoiceKind::B2B, Stage::Signed);
    let refusal = r#"{"code":400,"error":{"details":"buyer has no access point"}}"#;
    let (refused, calls) = step(&signed, [says(400, refusal)]).await;
    let error = refused.unwrap_err();
    assert_eq!((error.kind(), error.get("code")), (ErrorKind::Authority, Some("transmit_refused")));
    assert_eq!(calls, [TRANSMIT]);
    let (unclear, _) = step(&signed, [says(503, "")]).await;
    assert_eq!(unclear.unwrap_err().kind(), ErrorKind::Ambiguous);

    let mut transmitting = document(InvoiceKind::B2B, Stage::Transmitting);
    let (asked, calls) = step(&transmitting, [says(200, SHOWN)]).await;
    assert_eq!(reached(asked), (Stage::Transmitting, DocumentState::Submitted, false));
    assert_eq!(calls, [CONFIRM]);
    transmitting.asked = true;
    let (again, calls) = step(&transmitting, [says(200, OK)]).await;
    assert_eq!(reached(again), (Stage::Transmitted, DocumentState::Submitted, false));
    assert_eq!(calls, [TRANSMIT]);
    transmitting.asked = false;
    let sent = SHOWN.replace("\"transmitted\":false", "\"transmitted\":true");
    let (seen, calls) = step(&transmitting, [says(200, sent)]).await;
    assert_eq!(reached(seen).0, Stage::Transmitted);
    assert_eq!(calls, [CONFIRM]);
}

#[tokio::test]
async fn a_confirmation_that_does_not_show_yet_is_asked_for_later() {
    for (kind, stage) in [(InvoiceKind::B2C, Stage::Signed), (InvoiceKind::B2B, Stage::Transmitted)] {
        let (step, calls) = step(&document(kind, stage), [says(400, NOT_FOUND)]).await;
        assert_eq!(step.unwrap_err().retry(), Retry::After(Duration::from_secs(60)));
        assert_eq!(calls, [CONFIRM]);
    }
}

#[test]
fn bytes_that_are_no_document_of_ours_name_the_field() {
    let error = Submittable::read(Bytes::from_static(b"{\"irn\":\"x\"}"), Stage::Draft).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("irn")));
    let error = Submittable::read(Bytes::from_static(b"oops"), Stage::Draft).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Payload);
}

// --- taxpayers and notices ---

#[tokio::test]
async fn the_service_id_is_read_from_the_entity() {
    let recorded = reference("responses/entity.json");
    let (client, http) = client([says(200, recorded.clone())]);
    let entity = client.entity(&keys(), "an entity").await.unwrap().unwrap();
    assert_eq!(http.calls(), ["GET /gate/api/v1/entity/an%20entity"]);
    let theirs = Tree::parse(&recorded);
    assert_eq!(entity.id, theirs.at("data/id").text());
    let business = &entity.businesses[0];
    assert_eq!(business.id, theirs.at("data/businesses/0/id").text());
    let template = theirs.at("data/businesses/0/irn_template").text();
    assert!(template.contains(&format!("-{}-", business.service_id().unwrap())));
}

#[tokio::test]
async fn a_tin_is_verified() {
    let recorded = reference("responses/verify-tin.json");
    let (client, http) = client([says(200, recorded.clone()), says(400, NOT_FOUND)]);
    let tin = Tree::parse(&recorded).at("data/tin").text();
    let holder = client.verify_tin(&keys(), &tin).await.unwrap().unwrap();
    assert_eq!(
        (holder.tin, holder.name),
        (tin.clone(), Some(Tree::parse(&recorded).at("data/taxpayer_name").text()))
    );
    assert_eq!(http.calls(), ["POST /gate/api/v1/utilities/verify-tin/"]);
    assert_eq!(http.bodies(), [Bytes::from(format!(r#"{{"tin":"{tin}"}}"#))]);
    assert_eq!(client.verify_tin(&keys(), "00000").await.unwrap(), None);
}

#[test]
fn every_recorded_notice_is_read() {
    use taxpoynt_core::firs::{Event, Notice};
    for (name, event) in [
        ("transmitting", Event::Transmitting),
        ("acknowledged", Event::Acknowledged),
        ("transmitted", Event::Transmitted),
        ("failed", Event::Failed),
    ] {
        let body = reference(&format!("responses/webhook-{name}.json"));
        let notice = Notice::parse(body.as_bytes()).unwrap();
        assert_eq!(notice.event, event);
        assert_eq!(notice.irn.as_str(), Tree::parse(&body).at("irn").text());
    }
    let newer = br#"{"irn":"A-3C4D5E6F-20261109","message":"QUEUED"}"#;
    assert_eq!(Notice::parse(newer).unwrap().event, Event::Other("QUEUED".into()));
    for (bad, field) in [
        ("{}", "irn"),
        (r#"{"irn":"x","message":"y"}"#, "irn"),
        (r#"{"irn":"A-3C4D5E6F-20261109"}"#, "message"),
    ] {
        assert_eq!(Notice::parse(bad.as_bytes()).unwrap_err().get("field"), Some(field));
    }
}
