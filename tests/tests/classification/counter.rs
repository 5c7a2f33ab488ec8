//! A network between the engine and the authority that knows other code lists than the simulator, and counts who asks.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use taxpoynt_core::{Result, http::HttpService};
use taxpoynt_tests::network;

/// Answers for the lists it was given; every other call goes through.
pub(crate) struct Counter {
    inner: Arc<dyn HttpService>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lists: HashMap<String, Value>,
    asked: HashMap<String, usize>,
    /// A text in a body that makes `validate` refuse it, with these details.
    refused: Option<(String, String)>,
    refusals: usize,
}

impl Counter {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { inner: network(), state: Mutex::default() })
    }

    /// What `invoice/resources/{name}` answers from now on, as `data`.
    pub(crate) fn list(&self, name: &str, rows: Value) {
        self.state.lock().unwrap().lists.insert(name.to_owned(), rows);
    }

    /// `validate` refuses bodies that hold `text`.
    pub(crate) fn refuse(&self, text: &str, details: &str) {
        self.state.lock().unwrap().refused = Some((text.to_owned(), details.to_owned()));
    }

    pub(crate) fn asked(&self, name: &str) -> usize {
        self.state.lock().unwrap().asked.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn refusals(&self) -> usize {
        self.state.lock().unwrap().refusals
    }

    fn answer(&self, request: &Request<Bytes>) -> Option<(u16, Value)> {
        let mut state = self.state.lock().unwrap();
        let path = request.uri().path();
        if let Some((_, name)) = path.split_once("/invoice/resources/") {
            *state.asked.entry(name.to_owned()).or_default() += 1;
            let data = state.lists.get(name)?;
            return Some((200, json!({"code": 200, "data": data})));
        }
        let (text, details) = state.refused.clone()?;
        let body = String::from_utf8_lossy(request.body());
        if !path.ends_with("/invoice/validate") || !body.contains(&text) {
            return None;
        }
        state.refusals += 1;
        let error = json!({"id": "1", "handler": "invoice_actions", "details": details, "public_message": "validation failed"});
        Some((400, json!({"code": 400, "data": null, "message": "error has occurred", "error": error})))
    }
}

#[async_trait]
impl HttpService for Counter {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        match self.answer(&request) {
            Some((status, body)) => {
                let body = Bytes::from(body.to_string());
                Ok(Response::builder().status(status).body(body).unwrap())
            }
            None => self.inner.call(request).await,
        }
    }
}
