//! What a submission does next, whatever the authority answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use bytes::Bytes;
use firs_support::{
    Answer, NO_ROWS, NOT_FOUND, OK, Tree, UNCLEAR, client, fails, keys, reference, sample, says, text,
};
use std::time::Duration;
use taxpoynt_core::{
    ErrorKind, Result, Retry,
    firs::{Mbs, Step, Submittable, Transmitter, mbs_bytes},
    store::{DocumentState, Stage},
};
use taxpoynt_ubl::{Invoice, InvoiceKind};

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
