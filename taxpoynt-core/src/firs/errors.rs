//! The authority's answers as one outcome: its data, nothing found, or our error with kind, retry class and field.
//!
//! Almost every failure is HTTP 400, bad keys and passing faults included, so the text decides. Where a call may have
//! taken effect and the answer does not say, the error is `Ambiguous`: ask before sending again.

use super::details::{self, Complaint};
use crate::{Error, ErrorKind, Result, Retry, error::Fault};
use bytes::Bytes;
use http::{Response, StatusCode, header::RETRY_AFTER};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// How long to wait before a passing fault is tried again; the worker's own back-off may wait longer.
const SOON: Duration = Duration::from_secs(30);

/// How long to wait after 429 without `Retry-After`.
const LIMITED: Duration = Duration::from_secs(60);

/// No header makes a submission wait longer: it is asked for again then.
const LONGEST: Duration = Duration::from_secs(3600);

/// What a call does at the authority, which decides what an unclear answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Reads; may be repeated freely.
    Read,
    /// Checks a document: no effect, but the unclear text may mean that its IRN is registered already.
    Check,
    /// Registers or sends a document.
    Change,
}

/// What was called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) effect: Effect,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cause<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    details: Option<&'a RawValue>,
    #[serde(borrow)]
    public_message: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct FieldError {
    #[serde(default)]
    field: String,
    #[serde(default)]
    message: String,
}

/// A refusal, read.
#[derive(Debug)]
struct Refusal {
    status: u16,
    id: String,
    details: String,
    public: String,
    complaints: Vec<Complaint>,
}

/// Reads an answer. `Ok(None)` is a success without data.
pub(super) fn read(call: Call, response: &Response<Bytes>) -> Result<Option<Box<RawValue>>> {
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(limited(call, response));
    }
    let body = response.body();
    let envelope = envelope(body);
    let Some(envelope) = envelope else {
        return Err(unreadable(call, status, body));
    };
    // The body may say another code than the HTTP status; the worse of the two counts.
    let said = envelope.code.and_then(|code| text(code).parse::<u16>().ok()).unwrap_or(status.as_u16());
    let code = said.max(status.as_u16());
    match code {
        208 => Err(unclear(call, code, "says it already has the document")),
        200..=299 => Ok(data(&envelope)),
        429 => Err(limited(call, response)),
        code => Err(refused(call, code, &envelope)),
    }
}

fn envelope(body: &[u8]) -> Option<Envelope<'_>> {
    let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('{') {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn data(envelope: &Envelope<'_>) -> Option<Box<RawValue>> {
    let data = envelope.data.filter(|data| data.get() != "null")?;
    // Some sandbox answers wrap the envelope once more. (An array would read as a struct, member by member.) A text
    // under `data` is the content of a download, which has other members beside it.
    let wrapped = Some(data.get()).filter(|text| text.starts_with('{'));
    let inner = wrapped
        .and_then(|text| serde_json::from_str::<Envelope<'_>>(text).ok())
        .and_then(|inner| inner.data)
        .filter(|inner| !inner.get().starts_with('"'));
    Some(inner.unwrap_or(data).to_owned())
}

/// A JSON string's content, or the JSON itself.
fn text(raw: &RawValue) -> String {
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => text,
        Err(_) if raw.get() == "null" => String::new(),
        Err(_) => raw.get().to_owned(),
    }
}

fn or_empty(raw: Option<&RawValue>) -> String {
    raw.map(text).unwrap_or_default()
}

fn refused(call: Call, status: u16, envelope: &Envelope<'_>) -> Error {
    let cause =
        envelope.error.and_then(|e| serde_json::from_str::<Cause<'_>>(e.get()).ok()).unwrap_or_default();
    let message = or_empty(envelope.message);
    let details = or_empty(cause.details);
    let public = or_empty(cause.public_message);
    let listed: Vec<FieldError> =
        cause.errors.and_then(|e| serde_json::from_str(e.get()).ok()).unwrap_or_default();
    let complaints = if listed.is_empty() {
        details::complaints(first_of(&[&details, &public, &message]))
    } else {
        listed.iter().map(|e| details::complaint(&e.field, &e.message)).collect()
    };
    classified(call, Refusal { status, id: or_empty(cause.id), details, public, complaints }, &message)
}

fn first_of<'a>(texts: &[&'a str]) -> &'a str {
    texts.iter().copied().find(|text| !text.trim().is_empty()).unwrap_or_default()
}

fn classified(call: Call, refusal: Refusal, message: &str) -> Error {
    let all = format!("{} {} {message}", refusal.details, refusal.public).to_ascii_lowercase();
    let says = |text: &str| all.contains(text);
    let details = refusal.details.to_ascii_lowercase();
    let config = |what: &str| Error::new(ErrorKind::Config, call.operation, what);
    let error = if says("unable to validate api key") || refusal.status == 401 {
        let what = "The authority refuses the API keys: check api_key and api_secret, and that they belong to this base_url.";
        Error::new(ErrorKind::Unauthenticated, call.operation, what)
    } else if refusal.status == 403 {
        let what = "The authority does not allow this with these API keys: the taxpayer must choose this provider on the \
                    dashboard.";
        Error::new(ErrorKind::PermissionDenied, call.operation, what)
    } else if says("no route found")
        || (refusal.status == 404 && call.effect != Effect::Read && !says("not found"))
    {
        config("The authority has no such address: check base_url.")
    } else if says("invalid uuid length") {
        config("The authority wants a UUID of 36 characters as business_id: check the tenant's settings.")
            .with("field", "business_id")
    } else if says("webhook url is not setup") {
        config("The authority sends nothing on until a webhook URL is set on its dashboard.")
    } else if refusal.status == 409 || is_unclear(&all, &details) {
        unclear(call, refusal.status, "does not say whether it has the document already or is in trouble")
    } else if refusal.status >= 500 || refusal.status == 408 {
        trouble(call, refusal.status)
    } else if (300..400).contains(&refusal.status) {
        config("The authority's address points elsewhere: check base_url.")
    } else if says("record not found") || refusal.status == 404 {
        Error::new(ErrorKind::NotFound, call.operation, "The authority does not know this document.")
    } else {
        rejected(call, &refusal)
    };
    let error = error.with("status", refusal.status.to_string());
    let error = add(error, "details", first_of(&[&refusal.details, &refusal.public]));
    add(error, "error_id", &refusal.id)
}

/// One text for a repeated IRN and for passing trouble. `public_message` always mentions a duplicate, so only
/// `details` is asked for that word.
fn is_unclear(all: &str, details: &str) -> bool {
    all.contains("unable to complete this operation at this time")
        || ["duplicate", "already exist", "already been", "already signed", "already registered"]
            .iter()
            .any(|text| details.contains(text))
}

fn rejected(call: Call, refusal: &Refusal) -> Error {
    let sentence =
        refusal.complaints.first().map_or("The authority refused the document.", |c| c.sentence.as_str());
    // A refused question says nothing about the document.
    let kind = if call.effect == Effect::Read { ErrorKind::Authority } else { ErrorKind::Rejected };
    let mut error = Error::new(kind, call.operation, sentence);
    if let Some(first) = refusal.complaints.first().filter(|c| !c.field.is_empty()) {
        error = error.with("field", first.field.clone());
    }
    let faults = refusal.complaints.iter().filter(|c| !c.field.is_empty());
    error.with_faults(
        faults
            .map(|c| Fault {
                id: "authority".to_owned(),
                severity: "fatal",
                path: c.field.clone(),
                message: c.sentence.clone(),
            })
            .collect(),
    )
}

fn add(error: Error, name: &'static str, value: &str) -> Error {
    const MOST: usize = 400;
    let value: String = value.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if value.is_empty() { error } else { error.with(name, value) }
}

fn limited(call: Call, response: &Response<Bytes>) -> Error {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
    let wait = seconds.map_or(LIMITED, Duration::from_secs).min(LONGEST);
    Error::new(ErrorKind::RateLimited, call.operation, "The authority asks for fewer calls; waiting.")
        .retry_as(Retry::After(wait))
        .with("status", response.status().as_str())
}

/// The answer does not tell whether the call took effect.
pub(super) fn unclear(call: Call, status: u16, what: &str) -> Error {
    let kind = if call.effect == Effect::Read { ErrorKind::Unavailable } else { ErrorKind::Ambiguous };
    let error = Error::new(kind, call.operation, format!("The authority {what}."));
    let error = if call.effect == Effect::Read { error.retry_as(Retry::After(SOON)) } else { error };
    if status == 0 { error } else { error.with("status", status.to_string()) }
}

/// The other side failed: for a call that changes something that is unclear, for others a reason to wait.
fn trouble(call: Call, status: u16) -> Error {
    match call.effect {
        Effect::Change => unclear(call, 0, "failed without saying whether it took the document"),
        Effect::Read | Effect::Check => Error::new(
            ErrorKind::Unavailable,
            call.operation,
            format!("The authority is in trouble (status {status})."),
        )
        .retry_as(Retry::After(SOON)),
    }
}

/// A body that is no envelope: a page of some proxy, a torn answer, nothing at all.
fn unreadable(call: Call, status: StatusCode, body: &[u8]) -> Error {
    let error = match status.as_u16() {
        401 | 403 | 300..=399 => {
            return classified(
                call,
                Refusal {
                    status: status.as_u16(),
                    id: String::new(),
                    details: String::new(),
                    public: String::new(),
                    complaints: Vec::new(),
                },
                "",
            );
        }
        // An empty 404 is the authority's third way to say "not found"; a page of HTML is a proxy speaking.
        404 if body.is_empty() => {
            Error::new(ErrorKind::NotFound, call.operation, "The authority does not know this document.")
        }
        _ => trouble(call, status.as_u16()),
    };
    error.with("status", status.as_str()).with("body", "not the authority's JSON")
}

/// What the transport said, read with the call's effect in mind.
pub(super) fn transport(call: Call, error: Error) -> Error {
    let kind = match (error.kind(), call.effect) {
        (ErrorKind::TimedOut | ErrorKind::Ambiguous, Effect::Change) => ErrorKind::Ambiguous,
        (ErrorKind::Ambiguous, Effect::Read | Effect::Check) => ErrorKind::Unavailable,
        (kind, _) => kind,
    };
    let retry = match kind {
        ErrorKind::Ambiguous => Retry::Ambiguous,
        ErrorKind::Unavailable | ErrorKind::TimedOut => match error.retry() {
            Retry::Never | Retry::Ambiguous => Retry::After(SOON),
            told => told,
        },
        _ => error.retry(),
    };
    let message = match kind {
        ErrorKind::Ambiguous => {
            "The connection broke before the authority said whether it took the document.".to_owned()
        }
        ErrorKind::TimedOut => "The authority did not answer in time.".to_owned(),
        ErrorKind::Unavailable => "The authority cannot be reached.".to_owned(),
        _ => error.message().to_owned(),
    };
    Error::new(kind, call.operation, message).retry_as(retry).caused_by(error)
}
