//! Faults that a test orders beforehand: the next calls of an endpoint fail in a chosen way.

use crate::{connection::Line, journal::Struck, spoil, world::lock};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Mutex, time::Duration};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The call takes effect, then the connection closes without an answer.
    CommitThenDrop,
    /// The call takes effect, then the answer is a 500.
    #[serde(rename = "commit_then_500")]
    CommitThen500,
    /// The connection closes; the call has no effect.
    Drop,
    /// A 500; the call has no effect.
    #[serde(rename = "500")]
    ServerError,
    /// A 429; the call has no effect.
    #[serde(rename = "429")]
    TooManyRequests,
    /// A 401 as the platform words it; the call has no effect.
    #[serde(rename = "401")]
    Unauthorized,
    /// A gateway's HTML page with status 502; the call has no effect.
    Html,
    /// The call takes effect, the answer breaks off in the middle of its body.
    Truncated,
    /// The call takes effect, the answer comes late (`delay_ms`).
    Slow,
    /// The call takes effect; nothing is answered and the connection stays open, until the caller gives up.
    CommitThenHang,
    /// As that, without effect.
    Hang,
    /// The caller waits in vain; the call takes effect after a later one about the same document. Only under a
    /// [`Plan`](crate::Plan); ordered alone it is a `Hang`.
    Late,
    /// The call takes effect; the answer is whole to HTTP and ends in the middle of its JSON.
    TornJson,
    /// The call takes effect; the answer is wrapped in a second envelope.
    WrappedTwice,
    /// The call takes effect; the answer says that it is plain text.
    WrongType,
    /// A 429 with `Retry-After: 7`; the call has no effect.
    #[serde(rename = "429_retry_after")]
    RetryAfter,
    /// The authority's text for trouble, which is also its text for a repeated IRN; no effect.
    TryLater,
    /// The same, and the call took effect.
    CommitThenTryLater,
    /// 400 that calls the request a duplicate; no effect.
    SaysDuplicate,
    /// The same, and the call took effect.
    CommitThenSaysDuplicate,
    /// 409; no effect.
    #[serde(rename = "409")]
    Conflict,
    /// The same, and the call took effect.
    #[serde(rename = "commit_then_409")]
    CommitThenConflict,
    /// 208; the call took effect.
    #[serde(rename = "commit_then_208")]
    CommitThenAlreadyReported,
    /// 200 with code 409 inside; no effect.
    #[serde(rename = "code_409")]
    CodeConflict,
    /// The same, and the call took effect.
    #[serde(rename = "commit_then_code_409")]
    CommitThenCodeConflict,
    /// 200 with code 208 inside; the call took effect.
    #[serde(rename = "commit_then_code_208")]
    CommitThenCodeAlreadyReported,
    /// A 401 because the token's time is over; no effect.
    #[serde(rename = "401_expired")]
    Expired,
    /// A 403 because a scope is missing; no effect.
    #[serde(rename = "403")]
    Forbidden,
    /// A page with status 403, as the shield before Pipedrive says that a 429 was ignored; no effect.
    #[serde(rename = "403_html")]
    Shield,
    /// A 404; no effect.
    #[serde(rename = "404")]
    NotFound,
    /// A 423, as HubSpot says that a record is locked; no effect.
    #[serde(rename = "423")]
    Locked,
    /// A 477 with `Retry-After: 60`, as HubSpot says that it moves an account; no effect.
    #[serde(rename = "477")]
    Migrating,
    /// A 429 because the day's calls are used up; no effect.
    #[serde(rename = "429_daily")]
    DailyQuota,
    /// A 429 because there were too many searches in a second; no effect.
    #[serde(rename = "429_secondly")]
    Secondly,
    /// A 503 in the platform's words; no effect.
    #[serde(rename = "503")]
    Unavailable,
    /// A 504; no effect.
    #[serde(rename = "504")]
    GatewayTimeout,
    /// A proxy's line of plain text with status 503; no effect.
    #[serde(rename = "503_text")]
    PlainText,
    /// A page to log in, with status 200; no effect.
    #[serde(rename = "html_200")]
    HtmlOk,
    /// The call takes effect; the answer is a 200 without a body.
    Empty,
    /// The call takes effect; one record in the answer is not what it should be.
    Malformed,
}

impl FaultKind {
    /// What a [`Plan`](crate::Plan) chooses from: all but [`FaultKind::Slow`], which takes real time, and
    /// [`FaultKind::Unauthorized`], which is no fault of one call.
    pub const ALL: [Self; 24] = [
        Self::CommitThenDrop,
        Self::CommitThen500,
        Self::Drop,
        Self::ServerError,
        Self::TooManyRequests,
        Self::Html,
        Self::Truncated,
        Self::CommitThenHang,
        Self::Hang,
        Self::Late,
        Self::TornJson,
        Self::WrappedTwice,
        Self::WrongType,
        Self::RetryAfter,
        Self::TryLater,
        Self::CommitThenTryLater,
        Self::SaysDuplicate,
        Self::CommitThenSaysDuplicate,
        Self::Conflict,
        Self::CommitThenConflict,
        Self::CommitThenAlreadyReported,
        Self::CodeConflict,
        Self::CommitThenCodeConflict,
        Self::CommitThenCodeAlreadyReported,
    ];

    /// What a [`Plan`](crate::Plan) for Square or HubSpot chooses from: what any caller can meet there on a rough day.
    pub const PLATFORM: [Self; 13] = [
        Self::Drop,
        Self::CommitThenDrop,
        Self::ServerError,
        Self::Unavailable,
        Self::GatewayTimeout,
        Self::TooManyRequests,
        Self::RetryAfter,
        Self::Html,
        Self::HtmlOk,
        Self::PlainText,
        Self::Truncated,
        Self::TornJson,
        Self::Empty,
    ];

    /// The ways in which a repetition is called one.
    pub(crate) const SPELLINGS: [Self; 6] = [
        Self::TryLater,
        Self::SaysDuplicate,
        Self::Conflict,
        Self::CommitThenAlreadyReported,
        Self::CodeConflict,
        Self::CommitThenCodeAlreadyReported,
    ];

    /// Its name in orders and reports.
    #[must_use]
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// An order for faults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The endpoint's name as [`Authority::calls`](crate::Authority::calls) counts it, such as `sign`; `*` is any.
    pub endpoint: String,
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub kind: FaultKind,
    /// How many calls it hits.
    #[serde(default = "once")]
    pub times: u32,
    /// How late a [`FaultKind::Slow`] answer comes, in milliseconds.
    #[serde(default = "two_seconds")]
    pub delay_ms: u64,
}

fn once() -> u32 {
    1
}

fn two_seconds() -> u64 {
    2000
}

impl Fault {
    /// The next call of `endpoint` goes wrong in the way of `kind`.
    #[must_use]
    pub fn next(endpoint: impl Into<String>, kind: FaultKind) -> Self {
        Self { endpoint: endpoint.into(), kind, times: once(), delay_ms: two_seconds() }
    }

    /// Hits the next `times` calls instead of one.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// How late a slow answer comes.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), ..self }
    }
}

/// The faults still to come, in the order they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn order(&self, fault: Fault) {
        if fault.times > 0 {
            lock(&self.0).push(fault);
        }
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    pub(crate) fn pending(&self) -> Vec<Fault> {
        lock(&self.0).clone()
    }

    /// Uses up one hit of the first order that covers this endpoint.
    pub(crate) fn take(&self, endpoint: &str) -> Option<Fault> {
        let mut faults = lock(&self.0);
        let fault = faults.iter_mut().find(|fault| fault.endpoint == endpoint || fault.endpoint == "*")?;
        fault.times = fault.times.saturating_sub(1);
        let struck = fault.clone();
        faults.retain(|fault| fault.times > 0);
        Some(struck)
    }
}

/// The three bodies that differ from platform to platform.
pub(crate) struct Wording {
    pub(crate) server_error: Value,
    pub(crate) too_many: Value,
    pub(crate) unauthorized: (StatusCode, Value),
    /// What only some platforms say.
    pub(crate) more: fn(FaultKind) -> Option<(u16, Value)>,
}

/// The answer of a fault that strikes before the call takes effect; `None`: let it take effect.
pub(crate) fn before(fault: &Fault, line: &Line, wording: &Wording) -> Option<Response> {
    match fault.kind {
        FaultKind::ServerError => Some(json(StatusCode::INTERNAL_SERVER_ERROR, &wording.server_error)),
        FaultKind::TooManyRequests => Some(json(StatusCode::TOO_MANY_REQUESTS, &wording.too_many)),
        FaultKind::Unauthorized => Some(json(wording.unauthorized.0, &wording.unauthorized.1)),
        FaultKind::Html => Some(html()),
        FaultKind::Shield => Some(shield()),
        FaultKind::Drop => {
            line.cut();
            Some(json(StatusCode::INTERNAL_SERVER_ERROR, &Value::Null))
        }
        FaultKind::RetryAfter => {
            let mut response = json(StatusCode::TOO_MANY_REQUESTS, &wording.too_many);
            response.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("7"));
            Some(response)
        }
        FaultKind::TryLater | FaultKind::SaysDuplicate | FaultKind::Conflict | FaultKind::CodeConflict => {
            Some(spelled(fault.kind, wording))
        }
        kind => special(kind, wording),
    }
}

/// What platforms, their proxies and their login pages say; where a platform has no words for it, those for trouble.
fn special(kind: FaultKind, wording: &Wording) -> Option<Response> {
    let usual = match kind {
        FaultKind::Expired => return Some(worded(kind, wording, 401)),
        FaultKind::Forbidden => 403,
        FaultKind::NotFound => 404,
        FaultKind::Locked => 423,
        FaultKind::Migrating => 477,
        FaultKind::DailyQuota | FaultKind::Secondly => 429,
        FaultKind::Unavailable => 503,
        FaultKind::GatewayTimeout => 504,
        FaultKind::PlainText => {
            let text = "upstream connect error or disconnect/reset before headers. reset reason: overflow";
            return Some(other(StatusCode::SERVICE_UNAVAILABLE, "text/plain", text));
        }
        FaultKind::HtmlOk => {
            let page =
                "<!doctype html><html><head><title>Log in</title></head><body><form></form></body></html>";
            return Some(other(StatusCode::OK, "text/html; charset=utf-8", page));
        }
        _ => return None,
    };
    let mut response = worded(kind, wording, usual);
    if kind == FaultKind::Migrating {
        response.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("60"));
    }
    Some(response)
}

fn worded(kind: FaultKind, wording: &Wording, usual: u16) -> Response {
    let (status, body) = (wording.more)(kind).unwrap_or_else(|| (usual, wording.server_error.clone()));
    json(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &body)
}

fn other(status: StatusCode, kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

/// An answer that says in the journal which fault made it.
pub(crate) fn signed(mut response: Response, fault: &Fault) -> Response {
    response.extensions_mut().insert(Struck(fault.kind.name()));
    response
}

/// A repetition, or what looks like one, in one of its spellings.
pub(crate) fn spelled(kind: FaultKind, wording: &Wording) -> Response {
    let mut body = wording.server_error.clone();
    let status = match kind {
        FaultKind::CommitThenAlreadyReported | FaultKind::CommitThenCodeAlreadyReported => {
            body = serde_json::json!({"code": 208, "data": {"ok": true}, "message": "already reported"});
            if kind == FaultKind::CommitThenAlreadyReported { 208 } else { 200 }
        }
        FaultKind::Conflict | FaultKind::CommitThenConflict => {
            body["code"] = 409.into();
            409
        }
        FaultKind::CodeConflict | FaultKind::CommitThenCodeConflict => {
            body["code"] = 409.into();
            200
        }
        FaultKind::SaysDuplicate | FaultKind::CommitThenSaysDuplicate => {
            body["code"] = 400.into();
            if !body["error"].is_object() {
                body["error"] = serde_json::json!({});
            }
            body["error"]["details"] = "duplicate request: the irn has been used already".into();
            400
        }
        _ => {
            body["code"] = 400.into();
            400
        }
    };
    json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &body)
}

/// What a fault makes of an answer whose call took effect. `Slow` is the caller's to wait for.
pub(crate) async fn after(fault: &Fault, line: &Line, wording: &Wording, response: Response) -> Response {
    match fault.kind {
        FaultKind::CommitThenDrop => {
            line.cut();
            response
        }
        FaultKind::CommitThen500 => json(StatusCode::INTERNAL_SERVER_ERROR, &wording.server_error),
        FaultKind::Truncated => truncate(line, response).await,
        FaultKind::TornJson => tear(response).await,
        FaultKind::WrappedTwice => wrap(response).await,
        FaultKind::Empty => empty(response),
        FaultKind::Malformed => spoil::one_record(response).await,
        FaultKind::WrongType => {
            let mut response = response;
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=utf-8"));
            response
        }
        FaultKind::CommitThenTryLater
        | FaultKind::CommitThenSaysDuplicate
        | FaultKind::CommitThenConflict
        | FaultKind::CommitThenAlreadyReported
        | FaultKind::CommitThenCodeConflict
        | FaultKind::CommitThenCodeAlreadyReported => spelled(fault.kind, wording),
        _ => response,
    }
}

fn empty(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

async fn tear(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}

/// Only what succeeded is wrapped: a wrapped refusal would be another fault.
async fn wrap(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let inner = serde_json::from_slice::<Value>(&bytes).ok().filter(|_| parts.status.is_success());
    let Some(inner) = inner else { return Response::from_parts(parts, Body::from(bytes)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    let code = inner["code"].clone();
    Response::from_parts(parts, Body::from(serde_json::json!({"code": code, "data": inner}).to_string()))
}

async fn truncate(line: &Line, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    line.cut_after(bytes.len() / 2);
    Response::from_parts(parts, Body::from(bytes))
}

fn html() -> Response {
    page(StatusCode::BAD_GATEWAY, "502 Bad Gateway")
}

/// What a shield before a platform says to whoever did not heed a 429.
pub(crate) fn shield() -> Response {
    page(StatusCode::FORBIDDEN, "Attention Required! You have been blocked")
}

fn page(status: StatusCode, title: &str) -> Response {
    let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
