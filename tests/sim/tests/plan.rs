//! Faults by seed: the same calls go wrong in the same way, whatever comes between them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use bytes::Bytes;
use common::Run;
use http::Request;
use serde_json::{Value, json};
use taxpoynt_sim::{Direct, FaultKind, Options, Outage, Plan, Planted, Sim};

struct Desk {
    sim: Sim,
    direct: Direct,
    invoices: Run,
}

impl Desk {
    async fn open(plan: Plan) -> Self {
        let now = Some("2026-11-20T10:00:00Z".parse().unwrap());
        let (sim, direct) = Sim::in_process(Options { now, ..Options::default() }).unwrap();
        sim.authority().set_plan(Some(plan));
        Self { sim, direct, invoices: Run::start().await }
    }

    /// What a caller sees: a status and a body, `None` for silence or a broken connection.
    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, String)> {
        let keys = &self.sim.credentials().authority;
        let request = Request::builder()
            .method(method)
            .uri(format!("{}api/v1/{path}", self.sim.urls().authority))
            .header("x-api-key", &keys.api_key)
            .header("x-api-secret", &keys.api_secret)
            .body(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())))
            .unwrap();
        tokio::select! {
            biased;
            answer = self.direct.call(request) => {
                let answer = answer.ok()?;
                Some((answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned()))
            }
            () = std::future::ready(()) => None,
        }
    }

    fn invoice(&self, number: &str) -> Value {
        self.invoices.invoice(number)
    }

    async fn sign(&self, number: &str) -> Option<(u16, String)> {
        self.call("POST", "invoice/sign", Some(&self.invoice(number))).await
    }

    fn has(&self, number: &str) -> bool {
        let irn = self.irn(number);
        self.sim.authority().registered().iter().any(|registered| registered.irn == irn)
    }

    fn irn(&self, number: &str) -> String {
        self.invoice(number)["irn"].as_str().unwrap().to_owned()
    }
}

/// A plan without anything in it.
fn calm(seed: u64) -> Plan {
    serde_json::from_value(json!({"seed": seed, "calls": 0, "foreign": 0, "forgotten": 0, "lagging": 0}))
        .unwrap()
}

fn only(kind: FaultKind) -> Plan {
    let mut plan = calm(1);
    plan.calls = 1000;
    plan.patience = 1;
    plan.kinds = vec![kind];
    plan
}

#[tokio::test]
async fn a_document_meets_the_same_faults_whatever_else_is_sent() {
    let mut plan = Plan::of(42);
    plan.patience = 3;
    let (one, two) = (Desk::open(plan.clone()).await, Desk::open(plan).await);
    let mut seen = Vec::new();
    for nth in 0..30 {
        for _ in 0..4 {
            seen.push(one.sign(&format!("P{nth}")).await);
        }
    }
    // The other way round, each between calls about others.
    let mut again = vec![None; seen.len()];
    for attempt in 0..4 {
        for nth in (0..30).rev() {
            again[nth * 4 + attempt] = two.sign(&format!("P{nth}")).await;
        }
    }
    let status = |answers: &[Option<(u16, String)>]| -> Vec<_> {
        answers.iter().map(|answer| answer.as_ref().map(|(status, _)| *status)).collect()
    };
    assert_eq!(status(&seen), status(&again));
    assert_eq!(one.sim.authority().struck(), two.sim.authority().struck());
    for nth in 0..30 {
        let irn = one.irn(&format!("P{nth}"));
        assert_eq!(one.sim.authority().history(&irn), two.sim.authority().history(&irn));
        assert!(one.has(&format!("P{nth}")), "after its patience every call is answered");
    }
}

#[tokio::test]
async fn each_kind_takes_effect_or_not_as_it_says() {
    for kind in FaultKind::ALL {
        let desk = Desk::open(only(kind)).await;
        let answer = desk.sign("KIND1").await;
        let name = kind.name();
        let commits = name.starts_with("commit_then")
            || ["truncated", "torn_json", "wrapped_twice", "wrong_type"].contains(&&*name);
        assert_eq!(desk.has("KIND1"), commits, "{name}");
        let silent =
            name.contains("drop") || name.contains("hang") || ["late", "truncated"].contains(&&*name);
        assert_eq!(answer.is_none(), silent, "{name}: {answer:?}");
        if let Some((status, body)) = answer {
            let is_json = serde_json::from_str::<Value>(&body).is_ok();
            assert_eq!(is_json, !["html", "torn_json"].contains(&&*name), "{name}: {body}");
            assert_eq!(status == 409, name == "409" || name == "commit_then_409", "{name}");
            assert_eq!(body.contains("\"code\":409"), name.contains("409"), "{name}: {body}");
            assert_eq!(body.contains("\"code\":208"), name.contains("208"), "{name}: {body}");
        }
        assert_eq!(desk.sim.authority().struck()["sign"][&name], 1);
        if kind == FaultKind::Late {
            let path = format!("invoice/confirm/{}", desk.irn("KIND1"));
            for _ in 0..4 {
                desk.call("GET", &path, None).await;
            }
            assert!(desk.has("KIND1"), "it arrives after a later call");
        }
    }
}

#[tokio::test]
async fn somebody_elses_document_is_there_first_with_the_same_or_another_content() {
    let mut plan = calm(5);
    (plan.foreign, plan.forgotten) = (500, 500);
    let desk = Desk::open(plan).await;
    for nth in 0..20 {
        let number = format!("F{nth}");
        let answer = desk.sign(&number).await.unwrap();
        assert!(!answer.1.contains("\"code\":201"), "it is a repetition: {answer:?}");
        let irn = desk.irn(&number);
        let registered = desk.sim.authority().registered();
        let theirs = &registered.iter().find(|entry| entry.irn == irn).unwrap().invoice;
        let equal = *theirs == desk.invoice(&number);
        assert_eq!(desk.sim.authority().planted()[&irn] == Planted::Equal, equal, "{irn}");
    }
    let planted: Vec<_> = desk.sim.authority().planted().into_values().collect();
    assert!(planted.contains(&Planted::Equal) && planted.contains(&Planted::Differing));
}

#[tokio::test]
async fn a_registration_shows_late_and_a_sign_without_asking_is_noticed() {
    let mut plan = calm(9);
    (plan.lagging, plan.lag_calls) = (1000, 1);
    let desk = Desk::open(plan).await;
    desk.sign("L1").await;
    let path = format!("invoice/confirm/{}", desk.irn("L1"));
    assert_eq!(desk.call("GET", &path, None).await.unwrap().0, 400);
    assert!(desk.sim.authority().signed_unasked().is_empty());
    desk.sign("L1").await;
    assert!(desk.sim.authority().signed_unasked().is_empty(), "it was told that it is not there");
    assert_eq!(desk.call("GET", &path, None).await.unwrap().0, 200);
    desk.sign("L1").await;
    assert_eq!(desk.sim.authority().signed_unasked()[&desk.irn("L1")], 1);
}

#[tokio::test]
async fn nothing_gets_through_in_an_outage() {
    let mut plan = calm(3);
    let at = |text: &str| text.parse().unwrap();
    plan.outages = vec![Outage { from: at("2026-11-20T10:00:00Z"), to: at("2026-11-20T11:00:00Z") }];
    let desk = Desk::open(plan).await;
    for nth in 0..10 {
        assert!(desk.sign(&format!("O{nth}")).await.is_none_or(|(status, _)| status >= 500));
    }
    assert!(desk.sim.authority().registered().is_empty());
    desk.sim.set_now(at("2026-11-20T11:00:00Z"));
    assert_eq!(desk.sign("O1").await.unwrap().0, 201);
}

#[tokio::test]
async fn webhooks_are_lost_repeated_and_reordered_by_seed() {
    use axum::{Json, Router, extract::State, routing::post};
    use std::sync::{Arc, Mutex};
    type Heard = Arc<Mutex<Vec<String>>>;
    let heard = Heard::default();
    let hook = async |State(heard): State<Heard>, Json(body): Json<Value>| {
        heard.lock().unwrap().push(body["irn"].as_str().unwrap().to_owned());
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().route("/", post(hook)).with_state(heard.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut plan = calm(11);
    (plan.webhooks_lost, plan.webhooks_repeated, plan.webhooks_late) = (200, 200, 200);
    let desk = Desk::open(plan).await;
    let authority = desk.sim.authority();
    authority.set_webhook_url(Some(url.into()));
    let (mut sent, mut reordered) = (Vec::new(), false);
    for nth in 0..30 {
        let number = format!("H{nth}");
        desk.sign(&number).await;
        desk.call("POST", &format!("invoice/transmit/{}", desk.irn(&number)), Some(&json!({}))).await;
        heard.lock().unwrap().clear();
        let deliveries = authority.acknowledge(&desk.irn(&number)).await.unwrap().deliveries;
        let rank =
            |event: &str| ["TRANSMITTING", "ACKNOWLEDGED", "TRANSMITTED"].iter().position(|e| *e == event);
        reordered |= deliveries.iter().enumerate().any(|(at, later)| {
            let mut before = deliveries.iter().take(at).filter(|d| d.event_id == later.event_id);
            before.any(|d| rank(&d.event_type) > rank(&later.event_type))
        });
        sent.push(
            deliveries.iter().map(|delivery| delivery.event_type.clone()).collect::<Vec<_>>().join(" "),
        );
    }
    let usual = "ACKNOWLEDGED TRANSMITTED";
    assert!(sent.iter().any(|events| events == usual), "{sent:?}");
    assert!(sent.iter().any(|events| events == "ACKNOWLEDGED" || events == "TRANSMITTED"), "lost: {sent:?}");
    assert!(sent.iter().any(|events| events.contains("ACKNOWLEDGED ACKNOWLEDGED")), "twice: {sent:?}");
    assert!(reordered, "an earlier notice came after a later one of the same document: {sent:?}");
}
