//! A caller of the simulators without sockets, under a clock that stands still until it is moved.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Request, Response};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use taxpoynt_sim::{Direct, Options, Sim};

/// Simulators in this process and a way to call them.
pub(crate) struct Desk {
    pub(crate) sim: Sim,
    direct: Direct,
    moved: AtomicI64,
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

impl Desk {
    pub(crate) fn open() -> Self {
        let (sim, direct) = Sim::in_process(Options { now: Some(start()), ..Options::default() }).unwrap();
        Self { sim, direct, moved: AtomicI64::new(0) }
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, time: TimeDelta) {
        let moved = self.moved.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
        self.sim.set_now(start() + TimeDelta::milliseconds(moved) + time);
    }

    /// A call with everything in the caller's hands.
    pub(crate) async fn raw(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.direct.call(request.body(body.into()).unwrap()).await.unwrap()
    }

    /// A call with a bearer token, and the JSON of the answer.
    pub(crate) async fn bearer(&self, method: &str, url: &str, token: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        json(&self.raw(method, url, &headers, body).await)
    }

    /// A call to Square with the application's own token.
    pub(crate) async fn square(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let token = &self.sim.credentials().square.access_token;
        self.bearer(method, &format!("{}{path}", self.sim.urls().square), token, body).await
    }

    /// A call to HubSpot with the private app's token.
    pub(crate) async fn hubspot(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let token = &self.sim.credentials().hubspot.access_token;
        self.bearer(method, &format!("{}{path}", self.sim.urls().hubspot), token, body).await
    }

    /// A call to Pipedrive with the user's own token.
    pub(crate) async fn pipedrive(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let token = &self.sim.credentials().pipedrive.api_token;
        let headers = [("x-api-token", token.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        json(&self.raw(method, &format!("{}{path}", self.sim.urls().pipedrive), &headers, body).await)
    }

    /// A control call.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.bearer(method, &format!("{}{path}", self.sim.urls().control), "none", body).await
    }
}

/// Status and JSON of an answer.
pub(crate) fn json(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}
