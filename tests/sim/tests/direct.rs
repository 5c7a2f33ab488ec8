//! A call without a socket meets the same router, the same gate and the same faults as one over HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use bytes::Bytes;
use common::Run;
use http::Request;
use serde_json::{Value, json};
use taxpoynt_sim::{Direct, Fault, FaultKind, Lost, Options, Sim};

fn sign(sim: &Sim, invoice: &Value) -> Request<Bytes> {
    let keys = &sim.credentials().authority;
    Request::post(format!("{}api/v1/invoice/sign", sim.urls().authority))
        .header("x-api-key", &keys.api_key)
        .header("x-api-secret", &keys.api_secret)
        .body(Bytes::from(invoice.to_string()))
        .unwrap()
}

async fn answer(direct: &Direct, request: Request<Bytes>) -> Result<(u16, Value), Lost> {
    let response = direct.call(request).await?;
    Ok((response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default()))
}

#[tokio::test]
async fn what_was_registered_without_a_socket_is_there_for_a_caller_with_one() {
    let run = Run::start().await;
    let invoice = run.invoice("DIRECT1");
    let direct = run.sim.direct();
    let signed = answer(&direct, sign(&run.sim, &invoice)).await.unwrap();
    assert_eq!(signed, (201, json!({"code": 201, "data": {"ok": true}})));
    let path = format!("invoice/confirm/{}", invoice["irn"].as_str().unwrap());
    assert_eq!(run.authority("GET", &path, None).await.0, 200);
}

#[tokio::test]
async fn without_a_socket_every_fault_shows_as_what_a_caller_would_see() {
    let (sim, direct) = Sim::in_process(Options::default()).unwrap();
    let invoices = Run::start().await;
    let authority = sim.authority();
    for (nth, (kind, seen, registers)) in [
        (FaultKind::CommitThenDrop, Err(Lost::NoAnswer), true),
        (FaultKind::Drop, Err(Lost::NoAnswer), false),
        (FaultKind::Truncated, Err(Lost::HalfWay), true),
        (FaultKind::CommitThen500, Ok(500), true),
        (FaultKind::Html, Ok(502), false),
    ]
    .into_iter()
    .enumerate()
    {
        let before = authority.registered().len();
        authority.fail_next(Fault::next("sign", kind));
        let invoice = invoices.invoice(&format!("DIRECT{nth}"));
        let status = answer(&direct, sign(&sim, &invoice)).await.map(|(status, _)| status);
        assert_eq!(status, seen, "{kind:?}");
        assert_eq!(authority.registered().len() - before, usize::from(registers), "{kind:?}");
    }
    assert_eq!(authority.calls()["sign"], 5);
}

#[tokio::test]
async fn without_a_socket_wrong_keys_are_refused_too() {
    let (sim, direct) = Sim::in_process(Options::default()).unwrap();
    let request = Request::get(format!("{}api/v1/entity", sim.urls().authority)).body(Bytes::new()).unwrap();
    let (status, body) = answer(&direct, request).await.unwrap();
    assert_eq!((status, body["error"]["public_message"].as_str()), (400, Some("unable to validate api key")));
}
