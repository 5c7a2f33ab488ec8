//! Documents that others sent: the calls of the exchange, and the envelope of the reference data.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use firs_support::{Answer, Scripted, day, reference, says};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use taxpoynt_core::{
    Error, ErrorKind, Retry,
    firs::{AcknowledgeBody, ApiKeys, Client, Content, Download, Envelope, PullQuery},
};

const IRN: &str = "IVN-2025-005-2C9GHT18-20250703";

fn keys() -> ApiKeys {
    ApiKeys::new("0a1b2c3d-0000-4000-8000-000000000000", "secret")
}

fn client(answers: impl IntoIterator<Item = Answer>) -> (Client, Arc<Scripted>) {
    let side = Arc::new(Scripted::new(answers));
    (Client::new(side.clone(), "https://authority.example/".parse().unwrap()), side)
}

#[derive(Deserialize)]
struct Vector {
    api_key: String,
    envelope: Box<RawValue>,
    plaintext: String,
}

#[tokio::test]
async fn the_envelope_of_the_reference_data_is_downloaded_and_opened() {
    let vector: Vector = serde_json::from_str(&reference("vectors/download-envelope.json")).unwrap();
    let (client, side) = client([says(200, vector.envelope.get())]);
    let keys = ApiKeys::new(vector.api_key, "secret");
    let irn = "INV000123-7E1F0C2D-20261102";
    let Some(Download::Sealed(envelope)) = client.download(&keys, irn).await.unwrap() else {
        panic!("no envelope")
    };
    let plain = envelope.open(&keys).unwrap();
    assert_eq!(plain, vector.plaintext);
    Content::read(&plain).unwrap().is_of(irn).unwrap();
    assert_eq!(side.calls(), [format!("GET /api/v1/invoice/download/{irn}")]);
    // Kept as JSON, it is the same envelope again.
    let kept: Envelope = serde_json::from_str(&envelope.to_json().unwrap()).unwrap();
    assert_eq!(kept, envelope);
}

#[tokio::test]
async fn a_download_that_is_not_ready_or_not_there_is_told_apart() {
    let (client, _) = client([
        says(200, r#"{"code":200,"data":{"irn":"A-1","payment_status":"PENDING"}}"#),
        says(200, r#"{"code":200,"data":{"data":{"iv_hex":"00","pub":"x","data":"AAAA"}}}"#),
        says(200, r#"{"code":200,"data":{"iv_hex":"00","pub":7,"data":"AAAA"}}"#),
        says(400, reference("responses/confirm-not-found.json")),
        says(200, r#"{"code":200,"data":null}"#),
    ]);
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(client.download(&keys(), IRN).await.unwrap());
    }
    assert!(matches!(&answers[0], Some(Download::Plain(raw)) if raw.get().contains("PENDING")));
    assert!(matches!(&answers[1], Some(Download::Sealed(e)) if e.data == "AAAA"), "wrapped twice");
    assert!(matches!(&answers[2], Some(Download::Sealed(e)) if e.public == "7"), "malformed, and kept");
    assert!(answers[3].is_none() && answers[4].is_none());
}

#[tokio::test]
async fn received_documents_are_listed_whatever_the_rows_look_like() {
    let (client, side) = client([
        says(
            200,
            r#"{"code":200,"data":{"invoices":[
            {"irn":"A-1-3C4D5E6F-20261109"},
            {"irn":"B-3C4D5E6F-20261109","iv_hex":"00","pub":"x","data":"AAAA"},
            {"irn":"C-3C4D5E6F-20261109","content":{"iv_hex":"00","pub":"x","data":"AAAA"}},
            "D-3C4D5E6F-20261109",
            {"irn":"../../escape"},
            {"other":1}, 7, null]}}"#,
        ),
        says(200, r#"{"code":200,"data":[]}"#),
        says(200, r#"{"code":200,"data":null}"#),
        says(200, r#"{"code":200,"data":7}"#),
    ]);
    let query =
        PullQuery { confirmed: Some(false), from: Some(day("2026-11-01")), to: Some(day("2026-11-09")) };
    let rows = client.pull(&keys(), &query).await.unwrap();
    let shown: Vec<_> = rows.iter().map(|row| (row.irn.as_deref(), row.envelope.is_some())).collect();
    assert_eq!(
        shown,
        [
            (Some("A-1-3C4D5E6F-20261109"), false),
            (Some("B-3C4D5E6F-20261109"), true),
            (Some("C-3C4D5E6F-20261109"), true),
            (Some("D-3C4D5E6F-20261109"), false),
            (None, false),
            (None, false),
            (None, false),
            (None, false),
        ]
    );
    for expected in [true, true] {
        assert_eq!(client.pull(&keys(), &PullQuery::default()).await.unwrap().is_empty(), expected);
    }
    let error = client.pull(&keys(), &PullQuery::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "an answer of another shape is not an empty list");
    assert_eq!(
        side.calls()[..2],
        [
            "GET /api/v1/invoice/transmit/pull?confirmed=false&from=2026-11-01&to=2026-11-09",
            "GET /api/v1/invoice/transmit/pull",
        ]
    );
}

#[tokio::test]
async fn an_acknowledgement_says_what_the_deployment_wants_and_may_be_repeated() {
    let already = r#"{"code":400,"error":{"details":"invoice already acknowledged"}}"#;
    let (client, side) = client([
        says(200, r#"{"code":200,"data":{"ok":true}}"#),
        says(200, r#"{"code":200}"#),
        says(400, already),
        says(409, r#"{"code":409}"#),
        Answer::Fails(Error::new(ErrorKind::TimedOut, "http", "no answer").retry_as(Retry::Now)),
        says(400, r#"{"code":400,"error":{"details":"record not found"}}"#),
    ]);
    client.acknowledge(&keys(), IRN).await.unwrap();
    client.clone().acknowledging(AcknowledgeBody::Empty).acknowledge(&keys(), IRN).await.unwrap();
    client.acknowledge(&keys(), IRN).await.unwrap();
    client.acknowledge(&keys(), IRN).await.unwrap();
    assert_eq!(client.acknowledge(&keys(), IRN).await.unwrap_err().kind(), ErrorKind::Ambiguous);
    assert_eq!(client.acknowledge(&keys(), IRN).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(side.calls()[0], format!("PATCH /api/v1/invoice/transmit/{IRN}"));
    assert_eq!(side.bodies()[..2], [r#"{"message":"ACKNOWLEDGED"}"#, ""]);
}

#[tokio::test]
async fn a_foreign_irn_is_percent_encoded_and_none_leaves_its_place() {
    let (client, side) = client([says(200, r#"{"code":200,"data":null}"#)]);
    client.download(&keys(), "IVN/2025?x#y-2C9GHT18-20250703").await.unwrap();
    assert_eq!(side.calls(), ["GET /api/v1/invoice/download/IVN%2F2025%3Fx%23y-2C9GHT18-20250703"]);
    for irn in ["", ".", "..", "a b-1", "a\r\nb-1"] {
        assert_eq!(client.download(&keys(), irn).await.unwrap_err().kind(), ErrorKind::Payload, "{irn:?}");
        assert_eq!(client.acknowledge(&keys(), irn).await.unwrap_err().kind(), ErrorKind::Payload, "{irn:?}");
    }
}
