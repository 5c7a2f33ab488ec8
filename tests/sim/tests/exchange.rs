//! The exchange between taxpayers: look-ups, the buyer's inbox, and the webhook that both hang on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use common::{Inbox, Run};
use serde_json::{Value, json};
use taxpoynt_sim::{Business, Form, Incoming, Participant, Receiver};

/// Opens an envelope as section 4.6 of the sheet says; `None`: it cannot be opened.
fn open(run: &Run, envelope: &Value) -> Option<Vec<u8>> {
    let hex = envelope["iv_hex"].as_str()?;
    let iv: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
        .collect::<Option<_>>()?;
    let iv: [u8; 16] = iv.try_into().ok()?;
    let first = run.sim.credentials().authority.api_key.split('-').next()?.to_owned();
    let key = format!("{}{first}", envelope["pub"].as_str()?);
    let key = UnboundCipherKey::new(&AES_256, key.as_bytes()).ok()?;
    let mut data = BASE64_URL_SAFE.decode(envelope["data"].as_str()?).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    Some(DecryptingKey::cfb128(key).ok()?.decrypt(&mut data, context).ok()?.to_vec())
}

async fn download(run: &Run, irn: &str) -> Value {
    let (status, body) = run.authority("GET", &format!("invoice/download/{irn}"), None).await;
    assert_eq!(status, 200, "{body}");
    body["data"].clone()
}

#[tokio::test]
async fn an_invoice_in_the_inbox_is_announced_listed_downloaded_and_acknowledged() {
    let run = Run::start().await;
    let hooks = Inbox::open().await;
    run.sim.authority().set_webhook_url(Some(Receiver::from(hooks.url.as_str())));
    let (status, put) = run.control("POST", "authority/inbox", None).await;
    assert_eq!((status, &put["status"]), (200, &json!(204)), "{put}");
    let irn = put["id"].as_str().unwrap();
    assert_eq!(hooks.received()[0].json(), json!({"irn": irn, "message": "TRANSMITTING"}));
    let (_, pulled) = run.authority("GET", "invoice/transmit/pull?confirmed=false", None).await;
    let row = &pulled["data"]["invoices"][0];
    assert_eq!(row["irn"], irn);
    let invoice: Value = serde_json::from_slice(&open(&run, row).unwrap()).unwrap();
    assert_eq!(invoice["accounting_customer_party"]["tin"], run.sim.credentials().authority.tin.as_str());
    let downloaded = open(&run, &download(&run, irn).await).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&downloaded).unwrap(), invoice);
    let said = json!({"message": "ACKNOWLEDGED"});
    for _ in 0..2 {
        let path = format!("invoice/transmit/{irn}");
        assert_eq!(run.authority("PATCH", &path, Some(&said)).await.0, 200);
    }
    let (_, none) = run.authority("GET", "invoice/transmit/pull?confirmed=false", None).await;
    assert_eq!(none["data"]["invoices"], json!([]));
    let received = run.sim.authority().inbox();
    assert_eq!((received.len(), received[0].acknowledged_count), (1, 2));
    let paid = json!({"payment_status": "PAID"});
    assert_eq!(run.authority("PATCH", &format!("invoice/update/{irn}"), Some(&paid)).await.0, 200);
    assert_eq!(run.control("GET", "authority/inbox", None).await.1["received"][0]["payment_status"], "PAID");
}

#[tokio::test]
async fn a_made_invoice_is_one_that_the_authority_would_sign() {
    let run = Run::start().await;
    run.sim.authority().put_in_inbox(Incoming::default()).await.unwrap();
    let invoice = run.sim.authority().inbox()[0].invoice.clone();
    run.sim.authority().add_business(
        serde_json::from_value::<Business>(json!({
            "business_id": invoice["business_id"], "service_id": "5E11E4A1", "name": "Supplies",
            "tin": "50607080-0001",
        }))
        .unwrap(),
    );
    let (status, body) = run.authority("POST", "invoice/validate", Some(&invoice)).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn pull_is_narrowed_by_days_and_refuses_what_is_no_day() {
    let run = Run::start().await;
    run.sim.authority().put_in_inbox(Incoming::default()).await.unwrap();
    run.sim.set_now("2026-11-22T10:00:00Z".parse().unwrap());
    run.sim.authority().put_in_inbox(Incoming::default()).await.unwrap();
    for (query, rows) in [
        ("", 2),
        ("from=2026-11-20&to=2026-11-20", 1),
        ("from=2026-11-21", 1),
        ("from=2026-11-23", 0),
        ("confirmed=true", 0),
    ] {
        let (_, body) = run.authority("GET", &format!("invoice/transmit/pull?{query}"), None).await;
        assert_eq!(body["data"]["invoices"].as_array().unwrap().len(), rows, "{query}");
    }
    for query in ["from=22-11-2026", "to=2026-02-30", "confirmed=perhaps"] {
        assert_eq!(run.authority("GET", &format!("invoice/transmit/pull?{query}"), None).await.0, 400);
    }
    run.sim.authority().set(|settings| settings.pull_with_content = false);
    let (_, body) = run.authority("GET", "invoice/transmit/pull", None).await;
    assert_eq!(body["data"]["invoices"][0].as_object().unwrap().len(), 1, "the IRN alone");
}

#[tokio::test]
async fn a_download_comes_in_every_form_on_record_and_in_every_broken_one() {
    let run = Run::start().await;
    let irn = "SUP1-5E11E4A1-20261120";
    let invoice = json!({"irn": irn, "issue_date": "2026-11-20"});
    let put = async |form: Form| {
        let incoming = json!({"invoice": invoice, "form": form, "announce": false});
        let (status, _) = run.control("POST", "authority/inbox", Some(&incoming)).await;
        assert_eq!(status, 200);
        download(&run, irn).await
    };
    let text = invoice.to_string();
    assert_eq!(open(&run, &put(Form::Json).await).unwrap(), text.as_bytes());
    let base64 = open(&run, &put(Form::Base64).await).unwrap();
    assert_eq!(BASE64_STANDARD.decode(base64).unwrap(), text.as_bytes());
    let uri = String::from_utf8(open(&run, &put(Form::DataUri).await).unwrap()).unwrap();
    assert!(uri.starts_with("data:application/json;base64,"));
    assert!(open(&run, &put(Form::Pdf).await).unwrap().starts_with(b"%PDF-1.4"));
    let xml = String::from_utf8(open(&run, &put(Form::Xml).await).unwrap()).unwrap();
    assert!(xml.contains(&format!("<Irn>{irn}</Irn>")));
    let metadata = put(Form::Metadata).await;
    assert_eq!((&metadata["irn"], metadata.get("iv_hex")), (&json!(irn), None));
    assert_eq!(put(Form::Plain).await, invoice);
    let other = open(&run, &put(Form::OtherIrn).await).unwrap();
    assert_ne!(serde_json::from_slice::<Value>(&other).unwrap()["irn"], irn);
    let noise = open(&run, &put(Form::OtherKey).await).unwrap();
    assert!(serde_json::from_slice::<Value>(&noise).is_err());
    assert_eq!(open(&run, &put(Form::ShortIv).await), None);
    assert_eq!(run.sim.authority().inbox().len(), 1, "the same IRN is the same invoice");
}

#[tokio::test]
async fn what_is_transmitted_to_one_of_ours_lies_in_our_inbox() {
    let run = Run::start().await;
    let invoice = run.invoice("INV900");
    let buyer = json!({"business_id": "7f0c1d2e-1111-4b6e-9a11-0d1f2a3b4c5d", "service_id": "AAAABBBB",
        "name": "Buyer", "tin": invoice["accounting_customer_party"]["tin"]});
    run.control("POST", "authority/businesses", Some(&buyer)).await;
    let path = format!("invoice/transmit/{}", invoice["irn"].as_str().unwrap());
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    assert!(run.sim.authority().inbox().is_empty());
    run.authority("POST", &path, None).await;
    assert_eq!(run.sim.authority().inbox()[0].invoice, invoice);
    run.authority("PATCH", &path, None).await;
    assert!(run.sim.authority().registered()[0].delivered && run.sim.authority().inbox()[0].acknowledged);
}

#[tokio::test]
async fn the_self_check_sends_a_test_notice_and_says_whether_it_was_taken() {
    let run = Run::start().await;
    let path = "invoice/transmit/self-health-check";
    let (status, body) = run.authority("GET", path, None).await;
    assert_eq!((status, body["error"]["details"].as_str()), (400, Some("webhook url is not setup")));
    let hooks = Inbox::open().await;
    run.sim.authority().set_webhook_url(Some(Receiver::from(hooks.url.as_str())));
    assert_eq!(run.authority("GET", path, None).await.0, 200);
    assert_eq!(hooks.received().len(), 1);
    run.sim.authority().set_webhook_url(Some(Receiver::from("http://127.0.0.1:1/")));
    assert_eq!(run.authority("GET", path, None).await.0, 400);
}

#[tokio::test]
async fn transmit_needs_a_webhook_url_where_the_switch_says_so() {
    let run = Run::start().await;
    run.control("POST", "authority/settings", Some(&json!({"webhook_required": true}))).await;
    let invoice = run.invoice("INV901");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let path = format!("invoice/transmit/{}", invoice["irn"].as_str().unwrap());
    let (status, body) = run.authority("POST", &path, None).await;
    assert_eq!((status, body["error"]["details"].as_str()), (400, Some("webhook url is not setup")));
    assert_eq!(run.sim.authority().registered()[0].transmit_count, 0);
    let hooks = Inbox::open().await;
    run.sim.authority().set_webhook_url(Some(Receiver::from(hooks.url.as_str())));
    assert_eq!(run.authority("POST", &path, None).await.0, 200);
}

#[tokio::test]
async fn look_ups_tell_who_takes_part_and_through_whom() {
    let run = Run::start().await;
    let invoice = run.invoice("INV902");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let buyer = invoice["accounting_customer_party"]["tin"].as_str().unwrap();
    let irn = invoice["irn"].as_str().unwrap();
    assert_eq!(run.authority("GET", &format!("invoice/transmit/lookup/tin/{buyer}"), None).await.0, 400);
    let participant = json!({"tin": buyer, "name": "Delta Marine", "access_point": "another-app"});
    run.control("POST", "authority/participants", Some(&participant)).await;
    let (_, found) = run.authority("GET", &format!("invoice/transmit/lookup/tin/{buyer}"), None).await;
    assert_eq!(
        (&found["data"]["access_point"], &found["data"]["is_active"]),
        (&json!("another-app"), &json!(true))
    );
    let (_, found) = run.authority("GET", &format!("invoice/transmit/lookup/{irn}"), None).await;
    let parties = found["data"]["parties"].as_array().unwrap();
    assert_eq!((&found["data"]["irn"], parties.len()), (&json!(irn), 2));
    assert_eq!(parties[1]["access_point"], "another-app");
    run.sim.authority().add_participant(Participant {
        tin: "99999999-0001".into(),
        name: "Third".into(),
        access_point: "third-app".into(),
    });
    let (_, found) = run.authority("GET", "invoice/transmit/lookup/tin/99999999-0001", None).await;
    assert_eq!(found["data"]["name"], "Third");
    assert_eq!(run.authority("GET", "invoice/transmit/lookup/NONE-4B7E8E41-20261120", None).await.0, 400);
}

#[tokio::test]
async fn a_party_that_was_noted_down_is_listed_and_looked_up() {
    let run = Run::start().await;
    let business = run.sim.credentials().authority.business_id.clone();
    let mut party = run.invoice("X")["accounting_customer_party"].clone();
    party["business_id"] = json!(business);
    let (status, made) = run.authority("POST", "invoice/party", Some(&party)).await;
    assert_eq!(status, 201, "{made}");
    let id = made["data"]["party_id"].as_str().unwrap();
    let (_, page) = run.authority("GET", &format!("invoice/party/{business}?party_name=nobody"), None).await;
    assert_eq!(page["data"]["total"], 0);
    let (_, page) = run.authority("GET", &format!("invoice/party/{business}"), None).await;
    assert_eq!((&page["data"]["items"][0]["id"], &page["data"]["total"]), (&json!(id), &json!(1)));
    let (_, found) = run.authority("GET", &format!("invoice/transmit/lookup/party/{id}"), None).await;
    assert_eq!((&found["data"]["tin"], &found["data"]["is_active"]), (&party["tin"], &json!(false)));
    party["tin"] = json!("1");
    let (status, body) = run.authority("POST", "invoice/party", Some(&party)).await;
    assert_eq!(
        (status, body["error"]["details"].as_str()),
        (400, Some("partyrequest.tin must be at least in length or value 5"))
    );
}
