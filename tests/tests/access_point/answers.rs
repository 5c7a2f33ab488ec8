//! What each answer of an access point means, whatever it looks like.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{Arc, Mutex};
use taxpoynt_core::{
    ErrorKind, Result,
    firs::{
        AccessPoint, AccessPointOptions, ApiKeys, Submittable, Transmitter,
        access_point::{SignatureForm, TimestampForm},
    },
    http::HttpService,
    store::Stage,
};
use taxpoynt_tests::{TestClock, reference};

/// Answers every call alike and keeps the requests.
#[derive(Debug)]
struct Canned {
    status: u16,
    body: Vec<u8>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

#[async_trait]
impl HttpService for Canned {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        self.seen.lock().unwrap().push(request);
        Ok(Response::builder().status(self.status).body(Bytes::from(self.body.clone())).unwrap())
    }
}

fn point(status: u16, body: &str, edit: impl FnOnce(&mut AccessPointOptions)) -> (AccessPoint, Arc<Canned>) {
    let canned = Arc::new(Canned { status, body: body.into(), seen: Mutex::default() });
    let mut options = AccessPointOptions::new("https://point.example/base?x=1".parse().unwrap());
    edit(&mut options);
    let clock = Arc::new(TestClock::new("2026-11-20T10:00:00Z".parse().unwrap()));
    (AccessPoint::new(canned.clone(), clock, options), canned)
}

fn document(stage: Stage) -> Submittable {
    let body = reference("firs/payloads/invoice-b2b-goods-and-services.json");
    Submittable::read(body.into(), stage).unwrap()
}

fn keys() -> ApiKeys {
    ApiKeys::new("CLIENT", "hush-hush")
}

#[tokio::test]
async fn an_answer_to_sign_that_is_no_clear_yes_or_no_is_ambiguous() {
    for (status, body) in [
        (200, ""),
        (200, "<html>hello</html>"),
        (200, "{}"),
        (200, r#"{"status":200,"data":{"irn":"OTHER-7E1F0C2D-20261102"}}"#),
        (200, r#"{"status":200,"data":{"ok":false}}"#),
        (200, r#"{"status":200,"data":"queued"}"#),
        (200, r#"{"status":409,"data":null}"#),
        (208, r#"{"status":208,"data":{"irn":"x"}}"#),
        (409, r#"{"status":409,"error":"conflict"}"#),
        (400, r#"{"status":400,"error":"Duplicate invoice"}"#),
        (400, r#"{"status":400,"error":"the IRN already exists"}"#),
        (500, r#"{"status":500,"error":"oops"}"#),
        (502, "<html>bad gateway</html>"),
        (200, r#"{"status":200,"data":{"irn":"INV0001"#),
    ] {
        let (point, _) = point(status, body, |_| {});
        let error = point.advance(&document(Stage::Validated), &keys()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous, "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_anywhere_is_never_taken_for_a_yes() {
    let whole = r#"{"status":200,"message":"signed","data":{"irn":"INV000123-7E1F0C2D-20261102","csid":"C1"},"error":""}"#;
    for length in 0..=whole.len() {
        let (point, _) = point(200, &whole[..length], |_| {});
        let answer = point.advance(&document(Stage::Validated), &keys()).await;
        match answer {
            Ok(step) => assert_eq!((length, step.stage), (whole.len(), Stage::Signed)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Ambiguous, "{length}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_hostile_answer_is_unclear_and_nothing_worse() {
    let deep = format!("{{\"status\":200,\"data\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"status\":200,\"data\":{{\"csid\":\"{}\"}}}}", "C".repeat(100_000));
    for body in [
        deep.as_str(),
        r#"{"status":"99999999999999999999","data":null}"#,
        "\u{feff}{\"status\":9}",
        "[1]",
        "null",
    ] {
        let (point, _) = point(200, body, |_| {});
        let error = point.advance(&document(Stage::Validated), &keys()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous, "{}", &body[..body.len().min(60)]);
    }
    let (point, _) = point(200, &long, |_| {});
    assert_eq!(
        point.advance(&document(Stage::Validated), &keys()).await.unwrap().csid,
        None,
        "too long to be one"
    );
}

#[tokio::test]
async fn an_answer_that_is_clear_says_what_to_do() {
    for (status, body, kind) in [
        (400, r#"{"status":400,"error":"invoicerequest.invoice.irn is required"}"#, ErrorKind::Rejected),
        (200, r#"{"status":422,"error":"wrong total"}"#, ErrorKind::Rejected),
        (200, r#"{"status":200,"data":{},"error":"wrong total"}"#, ErrorKind::Rejected),
        (401, r#"{"status":401,"error":"bad signature"}"#, ErrorKind::Unauthenticated),
        (401, "", ErrorKind::Unauthenticated),
        (403, r#"{"status":403}"#, ErrorKind::PermissionDenied),
        (429, "", ErrorKind::RateLimited),
        (200, r#"{"status":429}"#, ErrorKind::RateLimited),
        (404, r#"{"status":404,"error":"no such path"}"#, ErrorKind::Config),
        (302, "", ErrorKind::Config),
    ] {
        let (point, _) = point(status, body, |_| {});
        let error = point.advance(&document(Stage::Validated), &keys()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
        assert!(!format!("{error:?}").contains("hush"));
    }
    let (point, _) = point(400, r#"{"error":"invoicerequest.invoice.taxcurrencycode is required"}"#, |_| {});
    let error = point.advance(&document(Stage::Validated), &keys()).await.unwrap_err();
    assert_eq!(error.get("field"), Some("tax_currency_code"));
}

#[tokio::test]
async fn the_same_bytes_are_sent_and_signed_as_configured() {
    let (point, canned) = point(200, r#"{"status":200,"data":{"csid":" C1 "},"error":""}"#, |options| {
        options.timestamp = TimestampForm::UnixSeconds;
        options.signature = SignatureForm::Base64;
        options.paths.sign = "v3/{business_id}/sign".to_owned();
    });
    let document = document(Stage::Validated);
    let step = point.advance(&document, &keys()).await.unwrap();
    assert_eq!((step.stage, step.csid.as_deref()), (Stage::Signed, Some("C1")));
    let seen = canned.seen.lock().unwrap();
    assert_eq!(
        seen[0].uri().to_string(),
        format!("https://point.example/base/v3/{}/sign", document.business_id)
    );
    assert_eq!(seen[0].body(), &document.body);
    assert_eq!(seen[0].headers()["x-api-timestamp"], "1795168800");
    assert_eq!(seen[0].headers()["x-api-signature"].len(), 44);
    assert!(seen[0].headers()["x-api-signature"].is_sensitive());
}

#[tokio::test]
async fn an_access_point_that_checks_when_it_signs_is_not_asked_to_check() {
    let (point, canned) = point(500, "", |options| options.paths.validate = None);
    assert_eq!(point.advance(&document(Stage::Draft), &keys()).await.unwrap().stage, Stage::Validated);
    assert!(canned.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_empty_secret_is_a_setting_to_mend_and_nothing_is_sent() {
    let (point, canned) = point(200, "{}", |_| {});
    let error = point.advance(&document(Stage::Validated), &ApiKeys::new("CLIENT", " ")).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("api_secret")));
    assert!(canned.seen.lock().unwrap().is_empty());
}
