//! The network of a trial: to the simulator in this process, with orders for what happens to chosen calls.

use crate::record;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use taxpoynt_core::{
    Error, ErrorKind, Result, Retry,
    http::{HttpService, is_repeatable},
};
use taxpoynt_sim::Direct;
use taxpoynt_tests::TestClock;

/// Longer than the limit on one call.
const TOO_LONG: Duration = Duration::from_secs(31);

/// An answer in the platform's stead.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// JSON without more.
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.into() }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body.clone()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap();
        for (name, value) in &self.headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        response
    }
}

/// What happens to a call.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// It does not reach the platform; somebody answers this.
    Answer(Answer),
    /// Nobody answers, until the caller gives up.
    Silence,
    /// The connection breaks.
    Cut,
    /// The answer is whole to HTTP and ends in the middle of its JSON.
    Torn,
    /// One value of the answer, by its JSON pointer, is another.
    Spoilt(String, Value),
}

#[derive(Debug)]
struct Order {
    from: usize,
    times: usize,
    trouble: Trouble,
}

/// A call that was made, and what came back.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) answer: Option<Bytes>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    orders: Vec<Order>,
}

/// One trial's network.
pub(crate) struct Wire {
    platform: &'static str,
    direct: Direct,
    clock: Arc<TestClock>,
    state: Mutex<State>,
}

impl Wire {
    pub(crate) fn new(platform: &'static str, direct: Direct, clock: Arc<TestClock>) -> Arc<Self> {
        Arc::new(Self { platform, direct, clock, state: Mutex::default() })
    }

    /// Trouble for `times` calls, from call `from` on (counted from 0).
    pub(crate) fn strike(&self, from: usize, times: usize, trouble: Trouble) {
        self.state().orders.push(Order { from, times, trouble });
    }

    /// No more trouble.
    pub(crate) fn calm(&self) {
        self.state().orders.clear();
    }

    /// How many calls were made.
    pub(crate) fn count(&self) -> usize {
        self.state().calls.len()
    }

    /// The calls that were made.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call; what is ordered for it.
    fn enter(&self, request: &Request<Bytes>) -> (usize, Option<Trouble>) {
        let mut state = self.state();
        let nth = state.calls.len();
        state.calls.push(Call { path: request.uri().path().to_owned(), answer: None });
        let struck = state.orders.iter().find(|o| nth >= o.from && nth - o.from < o.times);
        (nth, struck.map(|order| order.trouble.clone()))
    }

    async fn reach(&self, request: Request<Bytes>, nth: usize) -> Result<Response<Bytes>> {
        let repeatable = is_repeatable(&request);
        let answer = self.direct.call(request).await.map_err(|lost| broken(repeatable, &lost.to_string()))?;
        self.state().calls[nth].answer = Some(answer.body().clone());
        Ok(answer)
    }
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        record::call(self.platform, &request);
        let (nth, trouble) = self.enter(&request);
        match trouble {
            None => self.reach(request, nth).await,
            Some(Trouble::Answer(answer)) => Ok(answer.response()),
            Some(Trouble::Silence) => {
                // Until the caller has looked at its clock.
                tokio::task::yield_now().await;
                self.clock.advance(TOO_LONG);
                std::future::pending().await
            }
            Some(Trouble::Cut) => Err(broken(is_repeatable(&request), "connection reset by peer")),
            Some(Trouble::Torn) => {
                Ok(self.reach(request, nth).await?.map(|body| body.slice(..body.len() / 2)))
            }
            Some(Trouble::Spoilt(pointer, junk)) => {
                let answer = self.reach(request, nth).await?;
                Ok(answer.map(|body| spoilt(&body, &pointer, junk)))
            }
        }
    }
}

fn spoilt(body: &[u8], pointer: &str, junk: Value) -> Bytes {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Some(place) = value.pointer_mut(pointer) {
        *place = junk;
    }
    Bytes::from(value.to_string())
}

/// As the network's own adapter says it.
fn broken(repeatable: bool, how: &str) -> Error {
    let (kind, retry) = match repeatable {
        true => (ErrorKind::Unavailable, Retry::Now),
        false => (ErrorKind::Ambiguous, Retry::Ambiguous),
    };
    Error::new(kind, "http.call", "the connection broke before the whole answer had come")
        .retry_as(retry)
        .with("cause", how)
}
