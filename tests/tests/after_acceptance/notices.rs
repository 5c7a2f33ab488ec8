//! The authority's notices are hints: stored, counted once, and followed by a look; never believed.

use crate::shop::Shop;
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use taxpoynt_core::{
    Clock, Result,
    engine::{Engine, Receipt},
    http::HttpService,
    store::{Document, DocumentState, InboundFilter, InboundState, Stage, Transmission, TransmissionState},
};
use taxpoynt_tests::{Random, network};

/// The network, with an authority that says of every document that it did not get through, until it is sent again.
struct Failing {
    inner: Arc<dyn HttpService>,
    failing: AtomicBool,
    /// How many further transmissions fail too.
    more: AtomicU32,
}

impl Failing {
    fn new(more: u32) -> Arc<Self> {
        Arc::new(Self { inner: network(), failing: AtomicBool::new(false), more: AtomicU32::new(more) })
    }

    fn fail(&self) {
        self.failing.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl HttpService for Failing {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let path = request.uri().path().to_owned();
        let response = self.inner.call(request).await?;
        if path.contains("/invoice/transmit/") && self.failing.load(Ordering::SeqCst) {
            let left = self.more.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            self.failing.store(left.is_ok(), Ordering::SeqCst);
        }
        if path.contains("/invoice/confirm/") && self.failing.load(Ordering::SeqCst) {
            let mut body: Value = serde_json::from_slice(response.body()).unwrap();
            body["data"]["transmitted"] = false.into();
            let (mut parts, _) = response.into_parts();
            parts.headers.remove(http::header::CONTENT_LENGTH);
            return Ok(Response::from_parts(parts, Bytes::from(body.to_string())));
        }
        Ok(response)
    }
}

fn body(document: &Document, event: &str) -> String {
    json!({"irn": document.document.irn, "message": event}).to_string()
}

async fn post(engine: &Engine, body: &str) -> Receipt {
    engine
        .receive_authority("POST", "https://shop.example/hooks/x", &HeaderMap::new(), body.as_bytes())
        .await
        .unwrap()
}

async fn shown(shop: &Shop, document: &Document) -> Option<Transmission> {
    shop.engine.transmission(document.id, Some(shop.tenant)).await.unwrap()
}

#[tokio::test]
async fn a_notice_is_stored_answered_and_followed_by_a_look() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    assert_eq!(shown(&shop, &invoice).await, None);
    shop.sim.authority().acknowledge(&invoice.document.irn).await.unwrap();
    let looks = shop.calls("confirm");
    let receipt = post(&shop.engine, &body(&invoice, "ACKNOWLEDGED")).await;
    assert_eq!((receipt.status, receipt.new, receipt.duplicates), (200, 1, 0));
    assert_eq!(
        serde_json::from_str::<Value>(&receipt.reply).unwrap(),
        json!({"status": 200, "message": "ACKNOWLEDGED"})
    );
    let again = post(&shop.engine, &body(&invoice, "ACKNOWLEDGED")).await;
    assert_eq!((again.status, again.new, again.duplicates), (200, 0, 1));
    shop.settle().await;
    assert_eq!(shop.calls("confirm"), looks + 1);
    let transmission = shown(&shop, &invoice).await.unwrap();
    assert_eq!(transmission.state, TransmissionState::Acknowledged);
    assert!(transmission.acknowledged_at.is_some() && transmission.transmitted_at.is_some());
    let notices = shop.engine.notices(invoice.id, Some(shop.tenant)).await.unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].seen, notices[0].body.as_ref()), (2, body(&invoice, "ACKNOWLEDGED").as_bytes()));
    assert!(notices[0].handled_at.is_some());
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn what_a_notice_says_is_not_believed() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let transmits = shop.calls("transmit");
    // Nobody has acknowledged it, and nothing failed.
    for event in ["ACKNOWLEDGED", "FAILED", "PAID", "REJECTED"] {
        post(&shop.engine, &body(&invoice, event)).await;
        shop.settle().await;
    }
    let transmission = shown(&shop, &invoice).await.unwrap();
    assert_eq!(transmission.state, TransmissionState::Transmitted);
    assert_eq!((transmission.acknowledged_at, transmission.failed_at), (None, None));
    assert_eq!(shop.calls("transmit"), transmits);
    assert_eq!(shop.only("S1").await.state, DocumentState::Accepted);
    assert_eq!(shop.engine.payment(invoice.id, None).await.unwrap(), None);
}

#[tokio::test]
async fn a_failed_transmission_is_sent_again_and_never_signed_again() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let network = Failing::new(0);
    let engine = shop.site.engine(network.clone()).await;
    network.fail();
    post(&engine, &body(&invoice, "FAILED")).await;
    shop.settle_with(&engine).await;
    let transmission = shown(&shop, &invoice).await.unwrap();
    // No notice says that it arrived now; it is read all the same.
    assert_eq!((transmission.state, transmission.resent), (TransmissionState::Transmitted, 1));
    assert!(transmission.failed_at.is_some());
    assert_eq!((shop.calls("transmit"), shop.calls("sign")), (2, 1));
    let events: Vec<_> = engine.audit(invoice.id, None).await.unwrap().into_iter().map(|e| e.event).collect();
    assert!(events.contains(&"document.transmit_failed".to_owned()), "{events:?}");
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn a_transmission_that_fails_again_is_sent_again_each_time() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let network = Failing::new(2);
    let engine = shop.site.engine(network.clone()).await;
    network.fail();
    for _ in 0..3 {
        assert_eq!(post(&engine, &body(&invoice, "FAILED")).await.new, 1);
        shop.settle_with(&engine).await;
    }
    assert_eq!(shown(&shop, &invoice).await.unwrap().resent, 3);
    // Late repetitions of what was mended long since do nothing.
    for _ in 0..3 {
        post(&engine, &body(&invoice, "FAILED")).await;
        shop.settle_with(&engine).await;
    }
    let transmission = shown(&shop, &invoice).await.unwrap();
    assert_eq!((transmission.state, transmission.resent), (TransmissionState::Transmitted, 3));
    assert_eq!((shop.calls("transmit"), shop.calls("sign")), (4, 1));
}

#[tokio::test]
async fn where_every_notice_was_lost_a_host_can_have_the_engine_look() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    shop.sim.authority().acknowledge(&invoice.document.irn).await.unwrap();
    shop.engine.look_again(invoice.id, Some(shop.tenant)).await.unwrap();
    shop.settle().await;
    assert_eq!(shown(&shop, &invoice).await.unwrap().state, TransmissionState::Acknowledged);
}

#[tokio::test]
async fn notices_lost_repeated_and_in_any_order_end_the_same() {
    let seed = 20_261_121;
    println!("seed {seed}");
    let mut random = Random::seeded(seed);
    let events = ["TRANSMITTING", "ACKNOWLEDGED", "TRANSMITTED", "FAILED"];
    for round in 0..40 {
        let shop = Shop::open().await;
        let (_, invoice) = shop.sold("S1").await;
        shop.sim.authority().acknowledge(&invoice.document.irn).await.unwrap();
        let mut sent = Vec::new();
        for _ in 0..1 + random.below(8) {
            let event = *random.pick(&events);
            sent.push(event);
            post(&shop.engine, &body(&invoice, event)).await;
            // Sometimes a worker comes in between.
            if random.one_in(3) {
                shop.settle().await;
            }
        }
        shop.settle().await;
        let end = shown(&shop, &invoice).await.unwrap();
        let what = format!("seed {seed}, round {round}: {sent:?}: {end:?}");
        assert_eq!(
            (end.state, end.failed_at, end.resent),
            (TransmissionState::Acknowledged, None, 0),
            "{what}"
        );
        assert!(end.acknowledged_at.is_some(), "{what}");
        assert_eq!((shop.calls("transmit"), shop.calls("sign")), (1, 1), "{what}");
        let notices = shop.engine.notices(invoice.id, None).await.unwrap();
        assert_eq!(notices.iter().map(|n| n.seen).sum::<u64>(), sent.len() as u64, "{what}");
        assert!(notices.iter().all(|n| n.handled_at.is_some()), "{what}");
        shop.assert_sound(1).await;
    }
}

#[tokio::test]
async fn a_notice_that_comes_before_our_own_answer_waits_for_it() {
    let shop = Shop::open().await;
    let mut page = crate::book::Page::sale("S1", chrono::DateTime::default());
    shop.write(&mut page).await;
    while shop.documents().await.is_empty() {
        shop.engine.work_once().await.unwrap();
    }
    let draft = shop.only("S1").await;
    assert!(draft.stage < Stage::Signed);
    assert_eq!(post(&shop.engine, &body(&draft, "TRANSMITTING")).await.new, 1);
    shop.settle().await;
    assert_eq!(shown(&shop, &draft).await.unwrap().state, TransmissionState::Transmitted);
    assert!(shop.engine.notices(draft.id, None).await.unwrap()[0].handled_at.is_some());
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn a_reported_sale_is_looked_at_and_never_transmitted() {
    let shop = Shop::open().await;
    let mut page = crate::book::Page::sale("S1", chrono::DateTime::default());
    page.sale.walk_in = true;
    shop.enter(&mut page).await;
    let invoice = shop.only("S1").await;
    post(&shop.engine, &body(&invoice, "FAILED")).await;
    shop.settle().await;
    assert_eq!(shop.calls("transmit"), 0);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn a_notice_about_somebody_elses_document_is_kept_and_changes_nothing() {
    let shop = Shop::open().await;
    shop.sold("S1").await;
    let looks = shop.calls("confirm");
    let receipt = post(&shop.engine, r#"{"irn":"OTHER1-AB12CD34-20261120","message":"TRANSMITTED"}"#).await;
    assert_eq!((receipt.status, receipt.new), (200, 1));
    // It may be a document that somebody sent to the shop, so it is looked for among those, and stays announced.
    shop.engine.drain(std::time::Duration::from_millis(500)).await.unwrap();
    let received = shop.engine.inbound(&InboundFilter::default()).await.unwrap().items;
    let [announced] = &received[..] else { panic!("{received:?}") };
    assert_eq!(
        (announced.irn.as_str(), announced.state),
        ("OTHER1-AB12CD34-20261120", InboundState::Announced)
    );
    assert_eq!(shop.calls("confirm"), looks);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn what_is_no_notice_is_answered_without_harm() {
    let shop = Shop::open().await;
    for body in
        ["", "null", "[]", "{}", "\u{feff}{", r#"{"irn":"x","message":"FAILED"}"#, r#"{"irn":1,"message":2}"#]
    {
        assert_eq!(post(&shop.engine, body).await.status, 200, "{body:?}");
    }
    let status = |method, body: Vec<u8>| {
        let engine = shop.engine.clone();
        async move { engine.receive_authority(method, "", &HeaderMap::new(), &body).await.unwrap().status }
    };
    assert_eq!(status("GET", Vec::new()).await, 405);
    assert_eq!(status("POST", vec![b' '; 64 * 1024 + 1]).await, 413);
    shop.settle().await;
}

#[tokio::test]
async fn with_a_secret_only_what_is_signed_in_time_is_stored() {
    let shop = Shop::open().await;
    let (_, invoice) = shop.sold("S1").await;
    let mut site = shop.site.clone();
    site.webhook_secret = Some(SecretString::from("a secret between us"));
    let engine = site.engine(network()).await;
    let now = shop.clock.now().timestamp();
    let text = body(&invoice, "TRANSMITTED");
    let send = |secret: &'static str, at: i64, signed: String, sent: String| {
        let engine = engine.clone();
        async move {
            let mut headers = HeaderMap::new();
            let message = format!("{signed}{at}");
            headers.insert("x-api-key", "ours".parse().unwrap());
            headers.insert("x-timestamp", at.to_string().parse().unwrap());
            headers.insert("x-signature", hmac_hex(secret, message.as_bytes()).parse().unwrap());
            engine.receive_authority("POST", "", &headers, sent.as_bytes()).await.unwrap().status
        }
    };
    let good = "a secret between us";
    assert_eq!(send("another", now, text.clone(), text.clone()).await, 401);
    assert_eq!(send(good, now - 301, text.clone(), text.clone()).await, 401);
    assert_eq!(send(good, now + 301, text.clone(), text.clone()).await, 401);
    assert_eq!(send(good, now, text.clone(), body(&invoice, "FAILED")).await, 401);
    assert_eq!(post(&engine, &text).await.status, 401, "not signed at all");
    assert!(shop.engine.notices(invoice.id, None).await.unwrap().is_empty());
    assert_eq!(send(good, now - 300, text.clone(), text.clone()).await, 200);
    assert_eq!(shop.engine.notices(invoice.id, None).await.unwrap().len(), 1);
}

fn hmac_hex(secret: &str, message: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
