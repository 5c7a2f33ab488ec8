//! An authority of limited capacity: it answers one call after the other, each takes its time, and for a while none.

use crate::TestClock;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{Clock, Error, ErrorKind, Result, Retry, http::HttpService};

/// How it ends calls during the outage, in turn.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Refuses,
    Unavailable,
    LosesTheAnswer,
}

/// A registered document.
#[derive(Debug, Clone)]
pub struct Registered {
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// How often `sign` took effect; more than once must never be.
    pub times: u32,
    body: Value,
}

/// The authority, and the one call of the till's platform that connecting makes.
pub struct Authority {
    clock: Arc<TestClock>,
    call: Duration,
    outage: (DateTime<Utc>, DateTime<Utc>),
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    registered: HashMap<String, Registered>,
    calls: u64,
    calls_in_outage: u64,
    lost: u32,
}

/// So many documents it registers in the first moments of the outage without being able to say so.
const LOST: u32 = 20;

impl Authority {
    /// One whose calls take `call` each.
    #[must_use]
    pub fn new(clock: Arc<TestClock>, call: Duration, outage: (DateTime<Utc>, DateTime<Utc>)) -> Self {
        Self { clock, call, outage, state: Mutex::default() }
    }

    /// What it has, by IRN.
    ///
    /// # Panics
    /// Where a call panicked.
    #[must_use]
    pub fn registered(&self) -> HashMap<String, Registered> {
        self.state.lock().unwrap().registered.clone()
    }

    /// Calls it was sent, and how many of them during the outage.
    ///
    /// # Panics
    /// Where a call panicked.
    #[must_use]
    pub fn calls(&self) -> (u64, u64) {
        let state = self.state.lock().unwrap();
        (state.calls, state.calls_in_outage)
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>> {
        let path = request.uri().path();
        if path.ends_with("/merchants/me") {
            return ok(json!({"merchant": {"id": "MERCHANT-1", "business_name": "Balogun"}}));
        }
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        if (self.outage.0..self.outage.1).contains(&self.clock.now()) {
            return self.fail(&mut state, request);
        }
        self.clock.advance(self.call);
        let found = |state: &State, irn: &str| state.registered.get(irn).map(|r| r.body.clone());
        match path.rsplit('/').collect::<Vec<_>>()[..] {
            ["validate", ..] => ok(json!({"code": 200, "data": {"ok": true}})),
            ["sign", ..] => {
                register(&mut state, request, self.clock.now());
                ok(json!({"code": 200, "data": {"ok": true}}))
            }
            [irn, "transmit", ..] if found(&state, irn).is_some() => {
                ok(json!({"code": 200, "data": {"ok": true}}))
            }
            [irn, "confirm", ..] => match found(&state, irn) {
                Some(body) => {
                    let date = body["issue_date"].clone();
                    ok(
                        json!({"code": 200, "data": {"transmitted": true, "delivered": true, "issue_date": date}}),
                    )
                }
                None => ok(json!({"code": 200, "data": null})),
            },
            [_, "invoice", ..] => {
                let query = request.uri().query().unwrap_or_default();
                let irn = query.split('&').find_map(|pair| pair.strip_prefix("irn=")).unwrap_or_default();
                let items: Vec<_> = found(&state, irn).into_iter().collect();
                ok(json!({"code": 200, "data": {"items": items}}))
            }
            _ => panic!("the engine made a call that this authority does not know: {path}"),
        }
    }

    fn fail(&self, state: &mut State, request: &Request<Bytes>) -> Result<Response<Bytes>> {
        state.calls_in_outage += 1;
        let signs = request.uri().path().ends_with("/sign");
        let trouble = match state.calls_in_outage % 3 {
            _ if signs && state.lost < LOST => Trouble::LosesTheAnswer,
            0 => Trouble::Unavailable,
            _ => Trouble::Refuses,
        };
        match trouble {
            Trouble::Refuses => {
                Err(Error::new(ErrorKind::Unavailable, "http.call", "connection refused")
                    .retry_as(Retry::Now))
            }
            Trouble::Unavailable => {
                let mut response = Response::new(Bytes::from_static(b"<html>503</html>"));
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                Ok(response)
            }
            Trouble::LosesTheAnswer => {
                state.lost += 1;
                register(state, request, self.clock.now());
                Err(Error::new(ErrorKind::Ambiguous, "http.call", "the connection broke"))
            }
        }
    }
}

fn register(state: &mut State, request: &Request<Bytes>, at: DateTime<Utc>) {
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let irn = body["irn"].as_str().unwrap().to_owned();
    state.registered.entry(irn).or_insert(Registered { at, times: 0, body }).times += 1;
}

fn ok(body: Value) -> Result<Response<Bytes>> {
    Ok(Response::new(Bytes::from(body.to_string())))
}

#[async_trait]
impl HttpService for Authority {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        self.answer(&request)
    }
}
