//! A scripted other side and a virtual clock, so that tests decide every answer and assert every pause.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeZone, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{Clock, Error, ErrorKind, Result, Retry, http::HttpService};

/// The moment every test starts at.
pub(crate) fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap()
}

/// What the other side does with one request.
pub(crate) enum Answer {
    Status(u16, Vec<(&'static str, &'static str)>, &'static str),
    Fail(ErrorKind, Retry),
    /// Answers after a time.
    Late(Duration, Box<Answer>),
    /// Never answers.
    Silence,
}

pub(crate) fn status(code: u16) -> Answer {
    Answer::Status(code, vec![], "")
}

pub(crate) fn with(code: u16, headers: &[(&'static str, &'static str)]) -> Answer {
    Answer::Status(code, headers.to_vec(), "")
}

pub(crate) fn body(code: u16, body: &'static str) -> Answer {
    Answer::Status(code, vec![], body)
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: DateTime<Utc>,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Answers in the order of its script, then 200.
pub(crate) struct Script {
    clock: Arc<dyn Clock>,
    answers: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<Seen>>,
}

impl Script {
    pub(crate) fn new(clock: Arc<dyn Clock>, answers: Vec<Answer>) -> Arc<Self> {
        Arc::new(Self { clock, answers: Mutex::new(answers.into()), seen: Mutex::default() })
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// When each request arrived, in milliseconds after the start.
    pub(crate) fn arrivals(&self) -> Vec<i64> {
        self.seen().iter().map(|seen| (seen.at - start()).num_milliseconds()).collect()
    }
}

#[async_trait]
impl HttpService for Script {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let seen = Seen {
            at: self.clock.now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            body: request.body().clone(),
        };
        self.seen.lock().unwrap().push(seen);
        let mut answer = self.answers.lock().unwrap().pop_front().unwrap_or_else(|| status(200));
        while let Answer::Late(wait, late) = answer {
            self.clock.sleep(wait).await;
            answer = *late;
        }
        match answer {
            Answer::Status(code, headers, text) => {
                let mut response = Response::new(Bytes::from_static(text.as_bytes()));
                *response.status_mut() = StatusCode::from_u16(code).unwrap();
                for (name, value) in headers {
                    response
                        .headers_mut()
                        .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
                }
                Ok(response)
            }
            Answer::Fail(kind, retry) => Err(Error::new(kind, "script", "as scripted").retry_as(retry)),
            Answer::Late(..) | Answer::Silence => std::future::pending().await,
        }
    }
}

/// Tokio's paused time as a `Clock`: it jumps to the next timer when nothing else can run.
#[derive(Debug)]
pub(crate) struct VirtualClock(tokio::time::Instant);

impl VirtualClock {
    /// Only inside `#[tokio::test(start_paused = true)]`.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(tokio::time::Instant::now()))
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        start() + self.0.elapsed()
    }

    #[allow(clippy::disallowed_methods, reason = "time is paused: nothing waits")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

pub(crate) fn get() -> Request<Bytes> {
    Request::get("https://platform.example/v1/orders?token=query-secret").body(Bytes::new()).unwrap()
}

pub(crate) fn post() -> Request<Bytes> {
    Request::post("https://platform.example/v1/orders").body(Bytes::from_static(b"{}")).unwrap()
}

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
