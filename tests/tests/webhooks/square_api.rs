//! Square's Webhook Subscriptions API as a function in memory: stateful, with idempotency keys, and only the app's
//! personal access token is let in.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use taxpoynt_core::{Error, ErrorKind, Result, http::HttpService};

pub(crate) const TOKEN: &str = "the app's personal access token";

#[derive(Debug, Default)]
struct State {
    subscriptions: Vec<Value>,
    by_key: BTreeMap<String, Value>,
    made: u32,
    log: Vec<String>,
    /// The next change happens, but its answer is lost.
    lose_answer: bool,
    /// Whoever deletes gets no answer.
    silent: bool,
}

#[derive(Debug)]
pub(crate) struct SquareApi {
    merchant: &'static str,
    state: Mutex<State>,
}

impl SquareApi {
    pub(crate) fn new(merchant: &'static str) -> Arc<Self> {
        Arc::new(Self { merchant, state: Mutex::default() })
    }

    /// What Square has, without the keys.
    pub(crate) fn subscriptions(&self) -> Vec<Value> {
        self.state.lock().unwrap().subscriptions.clone()
    }

    /// The key that the newest one signs with.
    pub(crate) fn signature_key(&self) -> String {
        self.subscriptions().last().unwrap()["signature_key"].as_str().unwrap().to_owned()
    }

    /// Changes behind our back.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Vec<Value>)) {
        edit(&mut self.state.lock().unwrap().subscriptions);
    }

    pub(crate) fn lose_next_answer(&self) {
        self.state.lock().unwrap().lose_answer = true;
    }

    /// From now on nobody who deletes gets an answer.
    pub(crate) fn fall_silent(&self) {
        self.state.lock().unwrap().silent = true;
    }

    /// Changes asked for since the last look.
    pub(crate) fn changes(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

impl State {
    fn new_key(&mut self) -> String {
        self.made += 1;
        format!("signature-key-{}", self.made)
    }

    fn answer(&mut self, method: &Method, path: &[&str], body: &Value) -> (u16, Value) {
        if *method != Method::GET {
            self.log.push(format!("{method} {}", path.join("/")));
        }
        let at = |id: &str, all: &[Value]| all.iter().position(|one| one["id"] == id);
        match (method.as_str(), path) {
            ("GET", []) => {
                let mut all = self.subscriptions.clone();
                all.iter_mut().for_each(|one| drop(one.as_object_mut().unwrap().remove("signature_key")));
                (200, if all.is_empty() { json!({}) } else { json!({ "subscriptions": all }) })
            }
            ("POST", []) => {
                let key = body["idempotency_key"].as_str().unwrap().to_owned();
                assert!(!key.is_empty() && key.len() <= 45, "{key}");
                if let Some(made) = self.by_key.get(&key) {
                    return (200, json!({ "subscription": made }));
                }
                let mut made = body["subscription"].clone();
                let signature_key = self.new_key();
                made["id"] = json!(format!("wbhk_{}", self.made));
                made["signature_key"] = json!(signature_key);
                self.subscriptions.push(made.clone());
                self.by_key.insert(key, made.clone());
                (200, json!({ "subscription": made }))
            }
            ("PUT", [id]) => match at(id, &self.subscriptions) {
                Some(place) => {
                    for (name, value) in body["subscription"].as_object().unwrap() {
                        self.subscriptions[place][name] = value.clone();
                    }
                    (200, json!({ "subscription": self.subscriptions[place] }))
                }
                None => (404, json!({"errors": [{"code": "NOT_FOUND"}]})),
            },
            ("DELETE", [id]) => match at(id, &self.subscriptions) {
                Some(place) => {
                    self.subscriptions.remove(place);
                    (200, json!({}))
                }
                None => (404, json!({"errors": [{"code": "NOT_FOUND"}]})),
            },
            ("POST", [id, "signature-key"]) => match at(id, &self.subscriptions) {
                Some(place) => {
                    let key = self.new_key();
                    self.subscriptions[place]["signature_key"] = json!(key);
                    (200, json!({ "signature_key": key }))
                }
                None => (404, json!({"errors": [{"code": "NOT_FOUND"}]})),
            },
            _ => (405, json!({"errors": [{"code": "METHOD_NOT_ALLOWED"}]})),
        }
    }
}

#[async_trait]
impl HttpService for SquareApi {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let answer = |status: u16, body: Value| {
            let mut response = Response::new(Bytes::from(body.to_string()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok(response)
        };
        let path = request.uri().path();
        if path == "/v2/merchants/me" {
            return answer(200, json!({"merchant": {"id": self.merchant, "business_name": "Balogun"}}));
        }
        let Some(rest) = path.strip_prefix("/v2/webhooks/subscriptions") else {
            return answer(404, json!({"errors": [{"code": "NOT_FOUND"}]}));
        };
        if request.headers()["authorization"] != format!("Bearer {TOKEN}") {
            return answer(
                401,
                json!({"errors": [{"code": "UNAUTHORIZED", "category": "AUTHENTICATION_ERROR"}]}),
            );
        }
        assert_eq!(request.headers()["square-version"], "2025-08-20");
        let segments: Vec<_> = rest.split('/').filter(|segment| !segment.is_empty()).collect();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let silent = *request.method() == Method::DELETE && self.state.lock().unwrap().silent;
        if silent {
            return std::future::pending().await;
        }
        let mut state = self.state.lock().unwrap();
        let (status, body) = state.answer(request.method(), &segments, &body);
        if request.method() != Method::GET && std::mem::take(&mut state.lose_answer) {
            let lost = Error::new(ErrorKind::Unavailable, "http.call", "the connection broke");
            return Err(lost.retry_as(taxpoynt_core::Retry::Ambiguous));
        }
        answer(status, body)
    }
}
