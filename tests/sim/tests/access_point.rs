//! The access point takes signed requests only, each once, and registers at the authority.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Answer, Run};
use serde_json::{Value, json};
use taxpoynt_sim::{Fault, FaultKind, SignatureEncoding, access_point_signature};

const NOW: &str = "2026-11-20T10:00:00Z";

/// A request signed for `timestamp`.
async fn signed(run: &Run, method: &str, path: &str, body: Option<&Value>, timestamp: &str) -> Answer {
    let keys = &run.sim.credentials().access_point;
    let text = body.map(Value::to_string).unwrap_or_default();
    let signature = access_point_signature(&keys.api_secret, &text, timestamp);
    sent(run, method, path, body, &[&keys.api_key, timestamp, &signature]).await
}

async fn sent(run: &Run, method: &str, path: &str, body: Option<&Value>, values: &[&str; 3]) -> Answer {
    let url = format!("{}api/v1/app/invoice/{path}", run.sim.urls().access_point);
    let names = ["x-api-key", "x-api-timestamp", "x-api-signature"];
    let headers: Vec<(&str, &str)> = names.into_iter().zip(values.iter().copied()).collect();
    let response = run.raw(method, url, &headers, body).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

#[tokio::test]
async fn an_invoice_goes_the_whole_way_and_is_the_authoritys() {
    let run = Run::start().await;
    let invoice = run.invoice("AP001");
    let irn = invoice["irn"].as_str().unwrap();
    let (status, body) = signed(&run, "POST", "validate", Some(&invoice), NOW).await;
    assert_eq!((status, &body["status"], &body["error"]), (200, &json!(200), &json!("")), "{body}");
    let (_, body) = signed(&run, "POST", "sign", Some(&invoice), NOW).await;
    assert_eq!(body["data"]["irn"], irn);
    assert_eq!(body["data"]["csid"].as_str(), run.sim.access_point().csid(irn).as_deref());
    let (_, body) = signed(&run, "POST", "transmit", Some(&json!({"irn": irn})), NOW).await;
    assert_eq!(body["data"]["irn"], irn);
    let (_, body) = signed(&run, "GET", &format!("confirm/{irn}"), None, NOW).await;
    assert_eq!((&body["data"]["transmitted"], &body["data"]["payment_status"]), (&json!(true), &json!(1)));
    let registered = run.sim.authority().find(irn).unwrap();
    assert_eq!((registered.invoice, registered.transmit_count), (invoice.clone(), 1));
    let (_, body) = signed(&run, "GET", irn, None, NOW).await;
    assert_eq!(body["data"]["legal_monetary_total"], invoice["legal_monetary_total"]);
}

#[tokio::test]
async fn a_request_that_is_not_signed_for_its_body_and_its_time_does_not_enter() {
    let run = Run::start().await;
    let invoice = run.invoice("AP002");
    let keys = run.sim.credentials().access_point.clone();
    let good = access_point_signature(&keys.api_secret, &invoice.to_string(), NOW);
    let other = access_point_signature("another secret", &invoice.to_string(), NOW);
    let unsigned_body = access_point_signature(&keys.api_secret, "", NOW);
    let later = "2026-11-20T10:00:01Z";
    for (values, why) in [
        ([keys.api_key.as_str(), NOW, ""], "does not match"),
        ([keys.api_key.as_str(), NOW, other.as_str()], "does not match"),
        ([keys.api_key.as_str(), NOW, unsigned_body.as_str()], "does not match"),
        ([keys.api_key.as_str(), later, good.as_str()], "does not match"),
        ([keys.api_key.as_str(), "yesterday", good.as_str()], "not a time"),
        (["other", NOW, good.as_str()], "unknown X-API-Key"),
    ] {
        let (status, body) = sent(&run, "POST", "sign", Some(&invoice), &values).await;
        assert_eq!((status, body["status"].as_u64()), (401, Some(401)));
        assert!(body["error"].as_str().unwrap().contains(why), "{body}");
    }
    let url = format!("{}api/v1/app/invoice/sign", run.sim.urls().access_point);
    assert_eq!(run.raw("POST", url, &[], Some(&invoice)).await.unwrap().status(), 401);
    assert_eq!(run.sim.authority().count(), 0);
    assert_eq!(run.sim.access_point().calls()["sign"], 7, "refused calls count");
}

#[tokio::test]
async fn a_time_more_than_five_minutes_away_is_refused_on_either_side() {
    let run = Run::start().await;
    for (timestamp, enters) in [
        ("2026-11-20T09:55:00Z", true),
        ("2026-11-20T11:05:00+01:00", true),
        ("2026-11-20T09:54:59Z", false),
        ("2026-11-20T10:05:01Z", false),
    ] {
        let invoice = run.invoice("AP003");
        let (status, _) = signed(&run, "POST", "validate", Some(&invoice), timestamp).await;
        assert_eq!(status == 200, enters, "{timestamp}");
    }
    run.sim.set_now("2026-11-20T10:10:00Z".parse().unwrap());
    let (status, _) = signed(&run, "POST", "sign", Some(&run.invoice("AP004")), NOW).await;
    assert_eq!(status, 401, "the clock of the simulators was moved");
}

#[tokio::test]
async fn the_same_signed_request_is_taken_once_unless_replays_are_let_in() {
    let run = Run::start().await;
    let invoice = run.invoice("AP005");
    assert_eq!(signed(&run, "POST", "sign", Some(&invoice), NOW).await.0, 200);
    let (status, body) = signed(&run, "POST", "sign", Some(&invoice), NOW).await;
    assert_eq!((status, body["error"].as_str()), (401, Some("this request was received before")));
    assert_eq!(run.sim.authority().duplicates(), 0);
    // Signed anew, it is a repetition of the document.
    let (status, body) = signed(&run, "POST", "sign", Some(&invoice), "2026-11-20T10:00:01Z").await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().contains("unable to complete this operation at this time"));
    assert_eq!(run.sim.authority().duplicates(), 1);
    run.control("POST", "access_point/settings", Some(&json!({"refuse_replays": false}))).await;
    assert_eq!(signed(&run, "POST", "sign", Some(&invoice), NOW).await.0, 400, "a duplicate, no replay");
}

#[tokio::test]
async fn what_the_authority_refuses_is_refused_with_its_path() {
    let run = Run::start().await;
    let mut invoice = run.invoice("AP006");
    invoice["accounting_customer_party"]["tin"] = json!("1");
    let (status, body) = signed(&run, "POST", "sign", Some(&invoice), NOW).await;
    let text = "invoicerequest.invoice.accountingcustomerparty.tin must be at least in length or value 5";
    assert_eq!((status, body["error"].as_str()), (400, Some(text)));
    assert_eq!(run.sim.authority().refusals()[0].endpoint, "sign");
}

#[tokio::test]
async fn payment_states_are_numbers_and_a_terminal_one_stays() {
    let run = Run::start().await;
    let invoice = run.invoice("AP007");
    let irn = invoice["irn"].as_str().unwrap();
    signed(&run, "POST", "sign", Some(&invoice), NOW).await;
    let path = format!("update/{irn}");
    let told = |status: Value| json!({"payment_status": status});
    assert_eq!(signed(&run, "PATCH", &path, Some(&told(json!("PAID"))), NOW).await.0, 400);
    assert_eq!(signed(&run, "PATCH", &path, Some(&told(json!(3))), NOW).await.0, 400);
    assert_eq!(signed(&run, "PATCH", &path, Some(&told(json!(2))), NOW).await.0, 200);
    assert_eq!(signed(&run, "PATCH", &path, Some(&told(json!(0))), NOW).await.0, 400);
    assert_eq!(run.sim.authority().find(irn).unwrap().payment_status, "PAID");
    let (_, body) = signed(&run, "GET", &format!("confirm/{irn}"), None, NOW).await;
    assert_eq!(body["data"]["payment_status"], 2);
}

#[tokio::test]
async fn its_faults_are_ordered_like_those_of_the_others() {
    let run = Run::start().await;
    let fault = json!({"endpoint": "sign", "fault": "commit_then_500"});
    run.control("POST", "access_point/faults", Some(&fault)).await;
    let (status, body) = signed(&run, "POST", "sign", Some(&run.invoice("AP008")), NOW).await;
    assert_eq!((status, body["status"].as_u64()), (500, Some(500)));
    assert_eq!(run.sim.authority().count(), 1);
    run.sim.access_point().fail_next(Fault::next("confirm", FaultKind::Unauthorized));
    assert_eq!(signed(&run, "GET", "confirm/X", None, NOW).await.0, 401);
    let (_, state) = run.control("GET", "access_point/state", None).await;
    assert_eq!((&state["calls"]["sign"], &state["faults"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn what_its_pages_leave_open_is_switched() {
    let run = Run::start().await;
    run.sim.access_point().set(|settings| {
        settings.signature = SignatureEncoding::Base64;
        settings.shows_content = false;
        settings.supplies_csid = false;
    });
    let invoice = run.invoice("AP009");
    assert_eq!(signed(&run, "POST", "sign", Some(&invoice), NOW).await.0, 401, "hexadecimal is refused now");
    run.sim.access_point().set(|settings| settings.signature = SignatureEncoding::Hex);
    let (_, body) = signed(&run, "POST", "sign", Some(&invoice), "2026-11-20T10:00:02Z").await;
    assert_eq!(body["data"].get("csid"), None);
    assert_eq!(signed(&run, "GET", invoice["irn"].as_str().unwrap(), None, NOW).await.0, 404);
    let (status, _) = run.control("POST", "access_point/settings", Some(&json!({"unknown": 1}))).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn an_unknown_invoice_is_404_for_every_question() {
    let run = Run::start().await;
    let irn = "NONE1-4B7E8E41-20261120";
    let status = json!({"payment_status": 2});
    let asked = json!({"irn": irn});
    for (method, path, body) in [
        ("GET", format!("confirm/{irn}"), None),
        ("GET", irn.to_owned(), None),
        ("POST", "transmit".to_owned(), Some(&asked)),
        ("PATCH", format!("update/{irn}"), Some(&status)),
    ] {
        let (code, body) = signed(&run, method, &path, body, NOW).await;
        assert_eq!((code, body["error"].as_str()), (404, Some("invoice not found")), "{method} {path}");
    }
}
