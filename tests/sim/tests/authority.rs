//! The authority registers an invoice once, answers in its own words, and fails on order.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use common::{Inbox, Run};
use serde_json::{Value, json};
use std::sync::Arc;
use taxpoynt_sim::{Business, Fault, FaultKind, Options, Receiver, Sim};

fn irn(invoice: &Value) -> String {
    invoice["irn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invoice_is_validated_signed_transmitted_confirmed_and_paid() {
    let run = Run::start().await;
    let invoice = run.invoice("INV001");
    let irn = irn(&invoice);
    let asked = json!({"business_id": invoice["business_id"], "invoice_reference": "INV001", "irn": irn});
    assert_eq!(run.authority("POST", "invoice/irn/validate", Some(&asked)).await.0, 200);
    assert_eq!(run.authority("POST", "invoice/validate", Some(&invoice)).await.0, 200);
    let signed = run.authority("POST", "invoice/sign", Some(&invoice)).await;
    assert_eq!(signed, (201, json!({"code": 201, "data": {"ok": true}})));
    assert_eq!(run.authority("POST", &format!("invoice/transmit/{irn}"), Some(&json!({}))).await.0, 200);
    let acknowledged = json!({"message": "ACKNOWLEDGED"});
    assert_eq!(run.authority("PATCH", &format!("invoice/transmit/{irn}"), Some(&acknowledged)).await.0, 200);
    let paid = json!({"payment_status": "PAID", "reference": "TRX-1"});
    assert_eq!(run.authority("PATCH", &format!("invoice/update/{irn}"), Some(&paid)).await.0, 200);
    let confirmed = run.authority("GET", &format!("invoice/confirm/{irn}"), None).await;
    let data = json!({
        "transmitted": true, "delivered": true, "issue_date": "2026-11-20", "due_date": "2026-12-20",
        "sync_date": "2026-11-20", "payment_status": "PAID",
    });
    assert_eq!(confirmed, (200, json!({"code": 200, "data": data})));
    let registered = run.sim.authority().registered();
    assert_eq!(registered.len(), 1);
    assert_eq!((registered[0].invoice.clone(), registered[0].kind.as_str()), (invoice, "B2B"));
}

#[tokio::test]
async fn a_repeated_irn_is_refused_with_the_ambiguous_text_and_counted() {
    let run = Run::start().await;
    let invoice = run.invoice("INV002");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let (status, body) = run.authority("POST", "invoice/sign", Some(&invoice)).await;
    assert_eq!((status, body["data"].clone()), (400, Value::Null));
    assert_eq!(body["message"], "error has occurred");
    let error = &body["error"];
    assert_eq!(error["details"], "unable to complete this operation at this time, kindly try again later");
    assert!(error["public_message"].as_str().unwrap().contains("not a duplicate request"));
    assert_eq!(error["id"].as_str().unwrap().len(), 36);
    let authority = run.sim.authority();
    assert_eq!((authority.duplicates(), authority.registered()[0].signed_count), (1, 2));
    assert_eq!(authority.calls()["sign"], 2);
}

#[tokio::test]
async fn an_unknown_irn_is_record_not_found_for_every_question() {
    let run = Run::start().await;
    let path = |call: &str| format!("invoice/{call}/NONE1-4B7E8E41-20261120");
    let paid = json!({"payment_status": "PAID"});
    for (method, call, body) in [
        ("GET", "confirm", None),
        ("GET", "download", None),
        ("POST", "transmit", Some(&paid)),
        ("PATCH", "transmit", Some(&paid)),
        ("PATCH", "update", Some(&paid)),
    ] {
        let (status, body) = run.authority(method, &path(call), body).await;
        assert_eq!(
            (status, body["error"]["details"].as_str()),
            (400, Some("record not found")),
            "{method} {call}"
        );
    }
}

#[tokio::test]
async fn a_terminal_payment_status_cannot_change_again() {
    let run = Run::start().await;
    let invoice = run.invoice("INV003");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let path = format!("invoice/update/{}", irn(&invoice));
    let status = |status: &str| json!({"payment_status": status});
    assert_eq!(run.authority("PATCH", &path, Some(&status("SETTLED"))).await.0, 400);
    assert_eq!(run.authority("PATCH", &path, Some(&status("REJECTED"))).await.0, 200);
    let (code, body) = run.authority("PATCH", &path, Some(&status("PAID"))).await;
    let text = "invoice is in a terminal state and cannot be updated";
    assert_eq!((code, body["error"]["public_message"].as_str()), (400, Some(text)));
}

#[tokio::test]
async fn a_b2c_invoice_is_reported_and_never_transmitted() {
    let run = Run::start().await;
    let mut invoice = run.invoice("POS001");
    invoice["invoice_kind"] = json!("B2C");
    invoice.as_object_mut().unwrap().remove("accounting_customer_party");
    assert_eq!(run.authority("POST", "invoice/sign", Some(&invoice)).await.0, 201);
    assert_eq!(run.authority("POST", &format!("invoice/transmit/{}", irn(&invoice)), None).await.0, 400);
    assert!(!run.sim.authority().registered()[0].transmitted);
}

#[tokio::test]
async fn wrong_keys_are_a_400_in_the_error_envelope() {
    let run = Run::start().await;
    let keys = &run.sim.credentials().authority;
    for headers in [
        vec![],
        vec![("x-api-key", keys.api_key.as_str())],
        vec![("x-api-key", keys.api_key.as_str()), ("x-api-secret", "other")],
    ] {
        let response = run.raw("GET", run.authority_url("entity"), &headers, None).await.unwrap();
        assert_eq!(response.status(), 400);
        let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(body["error"]["public_message"], "unable to validate api key");
    }
}

#[tokio::test]
async fn a_wrong_path_or_verb_has_no_error_object() {
    let run = Run::start().await;
    for (method, path) in [("GET", "invoice/submit/x/y"), ("PUT", "invoice/sign")] {
        let (status, body) = run.authority(method, path, None).await;
        assert_eq!((status, body.get("error")), (404, None), "{method} {path}");
    }
}

#[tokio::test]
async fn after_commit_then_drop_the_caller_has_no_answer_and_the_invoice_is_registered() {
    let run = Run::start().await;
    let authority = run.sim.authority();
    let invoice = run.invoice("INV004");
    authority.fail_next(Fault::next("sign", FaultKind::CommitThenDrop));
    assert!(run.try_authority("POST", "invoice/sign", &invoice).await.is_err());
    assert_eq!(authority.registered().len(), 1);
    assert_eq!(run.authority("GET", &format!("invoice/confirm/{}", irn(&invoice)), None).await.0, 200);
}

#[tokio::test]
async fn each_fault_does_what_its_name_says_and_only_as_often_as_ordered() {
    let run = Run::start().await;
    let authority = run.sim.authority();
    for (nth, (kind, answers, registers)) in [
        (FaultKind::CommitThenDrop, None, true),
        (FaultKind::Drop, None, false),
        (FaultKind::Truncated, None, true),
        (FaultKind::CommitThen500, Some(500), true),
        (FaultKind::ServerError, Some(500), false),
        (FaultKind::TooManyRequests, Some(429), false),
        (FaultKind::Unauthorized, Some(400), false),
        (FaultKind::Html, Some(502), false),
    ]
    .into_iter()
    .enumerate()
    {
        let before = authority.registered().len();
        authority.fail_next(Fault::next("sign", kind).times(2));
        for time in 0..2 {
            let invoice = run.invoice(&format!("F{nth}X{time}"));
            let keys = &run.sim.credentials().authority;
            let headers = [("x-api-key", &*keys.api_key), ("x-api-secret", &*keys.api_secret)];
            let response = run.raw("POST", run.authority_url("invoice/sign"), &headers, Some(&invoice)).await;
            let whole = match response {
                Ok(response) => {
                    let status = response.status().as_u16();
                    response.bytes().await.ok().map(|_| status)
                }
                Err(_) => None,
            };
            assert_eq!(whole, answers, "{kind:?}");
        }
        assert_eq!(authority.registered().len() - before, if registers { 2 } else { 0 }, "{kind:?}");
        assert_eq!(run.authority("POST", "invoice/validate", Some(&run.invoice("OTHER"))).await.0, 200);
        assert_eq!(
            run.authority("POST", "invoice/sign", Some(&run.invoice(&format!("F{nth}OK")))).await.0,
            201
        );
    }
}

#[tokio::test]
async fn a_slow_answer_takes_effect_and_holds_back_only_its_own_call() {
    let run = Arc::new(Run::start().await);
    let slow = json!({"endpoint": "sign", "fault": "slow", "delay_ms": 600_000});
    run.control("POST", "authority/faults", Some(&slow)).await;
    let invoice = run.invoice("INV005");
    let signing = tokio::spawn({
        let run = run.clone();
        async move { run.authority("POST", "invoice/sign", Some(&invoice)).await }
    });
    let confirm = format!("invoice/confirm/{}", irn(&run.invoice("INV005")));
    while run.authority("GET", &confirm, None).await.0 != 200 {}
    assert!(!signing.is_finished());
    signing.abort();
    let short = json!({"endpoint": "sign", "fault": "slow", "delay_ms": 1});
    run.control("POST", "authority/faults", Some(&short)).await;
    assert_eq!(run.authority("POST", "invoice/sign", Some(&run.invoice("INV006"))).await.0, 201);
}

#[tokio::test]
async fn search_finds_by_irn_and_pages() {
    let run = Run::start().await;
    for nth in 0..3 {
        run.authority("POST", "invoice/sign", Some(&run.invoice(&format!("S{nth}")))).await;
    }
    let business = run.sim.credentials().authority.business_id.clone();
    let wanted = irn(&run.invoice("S1"));
    let (_, one) = run.authority("GET", &format!("invoice/{business}?irn={wanted}"), None).await;
    assert_eq!(
        (one["data"]["total"].clone(), one["data"]["items"][0]["irn"].clone()),
        (json!(1), json!(wanted))
    );
    assert_eq!(one["data"]["items"][0]["legal_monetary_total"]["payable_amount"], json!(2586.04));
    let (_, page) = run.authority("GET", &format!("invoice/{business}?size=2&page=2"), None).await;
    assert_eq!(
        (page["data"]["items"].as_array().unwrap().len(), page["data"]["has_next_page"].clone()),
        (1, json!(false))
    );
    let (status, short) = run.authority("GET", "invoice/12345678-0001", None).await;
    assert_eq!((status, short["error"]["details"].as_str()), (400, Some("invalid UUID length: 13")));
}

#[tokio::test]
async fn the_entity_shows_the_template_that_holds_the_service_id() {
    let run = Run::start().await;
    let keys = &run.sim.credentials().authority;
    let (_, body) = run.authority("GET", &format!("entity/{}", keys.entity_id), None).await;
    let business = &body["data"]["businesses"][0];
    assert_eq!(business["id"], keys.business_id.as_str());
    assert!(business["irn_template"].as_str().unwrap().contains(&format!("-{}-", keys.service_id)));
}

#[tokio::test]
async fn irn_validation_refuses_another_number_or_another_service_id() {
    let run = Run::start().await;
    let business = &run.sim.credentials().authority.business_id;
    for (reference, irn) in
        [("INV2", "INV1-4B7E8E41-20261120"), ("INV1", "INV1-AAAABBBB-20261120"), ("INV1", "INV1")]
    {
        let asked = json!({"business_id": business, "invoice_reference": reference, "irn": irn});
        let (status, body) = run.authority("POST", "invoice/irn/validate", Some(&asked)).await;
        assert_eq!(
            (status, body["error"]["details"].as_str()),
            (400, Some("irn validation failed")),
            "{irn}"
        );
    }
}

#[tokio::test]
async fn resources_and_tin_checks_answer_in_their_shapes() {
    let run = Run::start().await;
    for (name, key, rows) in [
        ("states", "code", 37),
        ("tax-categories", "code", 27),
        ("payment-means", "code", 12),
        ("invoice-types", "code", 20),
        ("currencies", "code", 118),
        ("countries", "alpha_2", 249),
    ] {
        let (_, body) = run.authority("GET", &format!("invoice/resources/{name}"), None).await;
        assert_eq!(body["data"].as_array().unwrap().len(), rows, "{name}");
        assert!(body["data"][0][key].is_string(), "{name}");
    }
    let (_, hs) = run.authority("GET", "invoice/resources/hs-codes", None).await;
    assert!(hs["data"][0]["hscode"].is_string());
    let (_, tin) =
        run.authority("POST", "utilities/verify-tin/", Some(&json!({"tin": "10203040-0001"}))).await;
    assert_eq!(tin["data"]["taxpayer_name"], "Simulated Kitchen Ltd");
}

fn encrypting_key(run: &Run) -> Pkcs1PublicEncryptingKey {
    let file: Value = serde_json::from_str(&run.sim.credentials().authority.crypto_keys).unwrap();
    let pem =
        String::from_utf8(BASE64_STANDARD.decode(file["public_key"].as_str().unwrap()).unwrap()).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(body).unwrap();
    Pkcs1PublicEncryptingKey::new(PublicEncryptingKey::from_der(&der).unwrap()).unwrap()
}

#[tokio::test]
async fn a_stamp_made_with_the_key_file_is_read_and_any_other_is_not() {
    let run = Run::start().await;
    let authority = run.sim.authority();
    let keys = &run.sim.credentials().authority;
    assert_eq!(keys.certificate.len(), 60);
    assert!(keys.crypto_keys_pem.trim_end().ends_with(&keys.certificate));
    let plain =
        json!({"irn": "INV1-4B7E8E41-20261120.1793610000", "certificate": keys.certificate}).to_string();
    let key = encrypting_key(&run);
    let mut sealed = vec![0; key.ciphertext_size()];
    let sealed = BASE64_STANDARD.encode(key.encrypt(plain.as_bytes(), &mut sealed).unwrap());
    assert_eq!(sealed.len(), 344);
    assert_eq!(authority.decrypt_stamp(&sealed).unwrap(), plain);
    let (_, told) = run.control("POST", "authority/decrypt", Some(&json!({"stamp": sealed}))).await;
    assert_eq!(told["plain"], plain.as_str());
    assert!(authority.decrypt_stamp("not base64!").is_err());
    let other = Run::start().await;
    // Another run's key: RSA decryption fails, or yields rubbish that is not this text.
    assert_ne!(other.sim.authority().decrypt_stamp(&sealed).unwrap_or_default(), plain);
}

#[tokio::test]
async fn another_taxpayer_can_be_enabled_and_a_stranger_is_refused() {
    let run = Run::start().await;
    let mut invoice = run.invoice("INV006");
    invoice["business_id"] = json!("7f0c1d2e-1111-4b6e-9a11-0d1f2a3b4c5d");
    let (_, refused) = run.authority("POST", "invoice/validate", Some(&invoice)).await;
    let text = "invoicerequest.invoice.businessid must be a business enabled for this key";
    assert_eq!(refused["error"]["details"], text);
    run.sim.authority().add_business(
        serde_json::from_value::<Business>(json!({
            "business_id": invoice["business_id"], "service_id": "AAAABBBB", "name": "Second Ltd", "tin": "99887766-0001",
        }))
        .unwrap(),
    );
    let (_, refused) = run.authority("POST", "invoice/validate", Some(&invoice)).await;
    assert_eq!(refused["error"]["details"], "irn validation failed");
    invoice["irn"] = json!("INV006-AAAABBBB-20261120");
    assert_eq!(run.authority("POST", "invoice/sign", Some(&invoice)).await.0, 201);
}

#[tokio::test]
async fn the_authority_tells_its_webhook_when_the_buyer_acknowledged() {
    let run = Run::start().await;
    let inbox = Inbox::open().await;
    let invoice = run.invoice("INV007");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    run.authority("POST", &format!("invoice/transmit/{}", irn(&invoice)), None).await;
    run.sim.authority().set_webhook_url(Some(Receiver::from(inbox.url.as_str())));
    let told = run.sim.authority().acknowledge(&irn(&invoice)).await.unwrap();
    assert_eq!(told.status(), Some(204));
    let messages: Vec<Value> =
        inbox.received().iter().map(|received| received.json()["message"].clone()).collect();
    assert_eq!(messages, ["ACKNOWLEDGED", "TRANSMITTED"]);
    assert!(run.sim.authority().acknowledge("NONE").await.is_err());
}

#[tokio::test]
async fn the_vat_report_wants_every_member_as_text() {
    let run = Run::start().await;
    let invoice = run.invoice("INV008");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let mut report = json!({
        "agent_tin": "10203040-0001", "base_amount": "2440.50", "beneficiary_tin": "40506070-0001", "currency": "NGN",
        "item_description": "Food", "irn": invoice["irn"], "other_taxes": "0", "total_amount": "2586.04",
        "transaction_date": "2026-11-20", "integrator_service_id": "4B7E8E41", "vat_calculated": "145.54",
        "vat_rate": "7.5", "vat_status": "STANDARD_VAT",
    });
    assert_eq!(run.authority("POST", "vat/postpayment", Some(&report)).await.0, 200);
    report["vat_rate"] = json!(7.5);
    assert_eq!(run.authority("POST", "vat/postpayment", Some(&report)).await.0, 400);
}

#[tokio::test]
async fn a_dropped_simulator_answers_no_more() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let url = format!("{}api", sim.urls().authority);
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    assert!(http.get(&url).send().await.is_ok());
    drop(sim);
    // The listener closes as soon as the server's task runs again.
    for _ in 0..1000 {
        if http.get(&url).send().await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("still answering");
}
