//! The authority's answers as one outcome: its data, nothing found, or our error with kind, retry class and field.
//!
//! Almost every failure is HTTP 400, bad keys and passing faults included, so the text decides. Where a call may have
//! taken effect and the answer does not say, the error is `Ambiguous`: ask before sending again.

use super::{
    refusal::{Envelope, Refusal},
    wording::Wording,
};
use crate::{Error, ErrorKind, Result, Retry, error::Fault};
use bytes::Bytes;
use http::{Response, StatusCode, header::RETRY_AFTER};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, time::Duration};

/// How long to wait before a passing fault is tried again; the worker's own back-off may wait longer.
const SOON: Duration = Duration::from_secs(30);

/// How long to wait after 429 without `Retry-After`.
const LIMITED: Duration = Duration::from_secs(60);

/// No header makes a submission wait longer: it is asked for again then.
const LONGEST: Duration = Duration::from_secs(3600);

/// `code` of an error: the deployment has no such path.
pub(super) const NO_ROUTE: &str = "no_route";

/// What a call does at the authority, which decides what an unclear answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::firs) enum Effect {
    /// Reads; may be repeated freely.
    Read,
    /// Checks a document: no effect, but the unclear text may mean that its IRN is registered already.
    Check,
    /// Registers or sends a document.
    Change,
}

/// What was called.
#[derive(Debug, Clone, Copy)]
pub(in crate::firs) struct Call {
    pub(in crate::firs) operation: &'static str,
    pub(in crate::firs) effect: Effect,
}

impl Call {
    /// What a refusal is about.
    fn about(self) -> &'static str {
        if self.effect == Effect::Read { "the request" } else { "the document" }
    }
}

/// Reads an answer. `Ok(None)` is a success without data.
pub(super) fn read(
    call: Call,
    wording: &Wording,
    response: &Response<Bytes>,
) -> Result<Option<Box<RawValue>>> {
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(limited(call, response));
    }
    let body = response.body();
    let Some(envelope) = Envelope::read(body) else {
        return Err(unreadable(call, wording, status, body));
    };
    // The body may say another code than the HTTP status; the worse of the two counts.
    let said = envelope.code();
    let code = said.unwrap_or(0).max(status.as_u16());
    match code {
        208 => Err(unclear(call, code, "says it already has the document")),
        // Whatever its codes say, an answer that names an error is none of success.
        200..=299 if envelope.has_error() => {
            Err(classified(call, wording, Refusal::read(call.about(), 400, &envelope)))
        }
        200..=299 if envelope.has_odd_code() => Err(unclear(call, code, "has a code that is no number")),
        200..=299 => Ok(data(&envelope)),
        429 => Err(limited(call, response)),
        400 | 402 | 404..=499
            if said.is_some_and(|said| (200..300).contains(&said)) && !envelope.has_error() =>
        {
            Err(unclear(call, code, "answered yes and no at once"))
        }
        code => Err(classified(call, wording, Refusal::read(call.about(), code, &envelope))),
    }
}

fn data(envelope: &Envelope<'_>) -> Option<Box<RawValue>> {
    let data = envelope.data.filter(|data| data.get() != "null")?;
    Some(wrapped(data).unwrap_or_else(|| data.to_owned()))
}

/// What some sandbox answers wrap in an envelope once more. A page of rows under `data` and the sealed `data` of a
/// download are no such thing: beside an envelope's `data` stands nothing but an envelope's members.
fn wrapped(data: &RawValue) -> Option<Box<RawValue>> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(data.get()).ok()?;
    let is_envelope = members.keys().all(|key| ["code", "data", "message", "error"].contains(&key.as_str()));
    let inner = members.into_iter().find(|(key, _)| key == "data").map(|(_, inner)| inner)?;
    (is_envelope && inner.get().starts_with(['{', '['])).then_some(inner)
}

fn classified(call: Call, wording: &Wording, refusal: Refusal) -> Error {
    let error = class(call, wording, &refusal).with("status", refusal.status.to_string());
    let error = add(error, "details", first_of(&[&refusal.details, &refusal.public]));
    add(error, "error_id", &refusal.id)
}

fn first_of<'a>(texts: &[&'a str]) -> &'a str {
    texts.iter().copied().find(|text| !text.trim().is_empty()).unwrap_or_default()
}

/// What a refusal means: its text where there is one, else its status.
fn class(call: Call, wording: &Wording, refusal: &Refusal) -> Error {
    let all = format!("{} {} {}", refusal.details, refusal.public, refusal.message).to_ascii_lowercase();
    let says = |text: &str| all.contains(text);
    let says_not_found = Wording::any(&wording.not_found, &all);
    let status = refusal.status;
    if says("unable to validate api key") || status == 401 {
        let what = "The authority refuses the API keys: check api_key and api_secret, and that they belong to this base_url.";
        Error::new(ErrorKind::Unauthenticated, call.operation, what)
    } else if status == 403 {
        let what = "The authority does not allow this with these API keys: the taxpayer must choose this provider on the \
                    dashboard.";
        Error::new(ErrorKind::PermissionDenied, call.operation, what)
    } else if says("no route found")
        || matches!(status, 405 | 415)
        || (status == 404 && call.effect != Effect::Read && !says("not found") && !says_not_found)
    {
        config(call, "The authority has no such address: check base_url.").with("code", NO_ROUTE)
    } else if says("invalid uuid length") {
        uuid(call)
    } else if says("webhook url is not setup") {
        let what = "The authority sends nothing on until a webhook URL is set on its dashboard: set it there, then run the \
                    self health check.";
        config(call, what).with("code", "webhook_missing")
    } else if let Some(code) = payment_code(&all) {
        rejected(call, refusal).with("code", code)
    } else if status == 409 || is_unclear(wording, &all, &refusal.details.to_ascii_lowercase()) {
        unclear(call, 0, "does not say whether it has the document already or is in trouble")
    } else if status >= 500 || matches!(status, 408 | 425) {
        trouble(call, status)
    } else if (300..400).contains(&status) {
        config(call, "The authority's address points elsewhere: check base_url.")
    } else if says_not_found || status == 404 {
        Error::new(ErrorKind::NotFound, call.operation, "The authority does not know this document.")
    } else if status == 413 {
        Error::new(
            refused_kind(call),
            call.operation,
            "The document is too large for the authority: split it.",
        )
    } else if status == 400 && refusal.is_silent() {
        // Bad data, a repeated IRN and a passing fault are all 400, and this one does not say which it is.
        unclear(call, 0, "refused it without saying why")
    } else {
        rejected(call, refusal)
    }
}

fn config(call: Call, what: &str) -> Error {
    Error::new(ErrorKind::Config, call.operation, what)
}

/// An id of another length than 36; a TIN in its place, mostly.
fn uuid(call: Call) -> Error {
    if call.operation == "firs.entity" {
        let what =
            "The authority wants a UUID of 36 characters as entity id: copy it from the answer to the login.";
        return config(call, what).with("field", "entity_id");
    }
    config(call, "The authority wants a UUID of 36 characters as business_id: check the tenant's settings.")
        .with("field", "business_id")
}

/// One text for a repeated IRN and for passing trouble.
fn is_unclear(wording: &Wording, all: &str, details: &str) -> bool {
    Wording::any(&wording.unclear, all) || Wording::any(&wording.duplicate, details)
}

/// Why a payment status cannot be changed, where it is that.
fn payment_code(all: &str) -> Option<&'static str> {
    if all.contains("terminal state") {
        Some("payment_terminal")
    } else if all.contains("invoices that have been signed") {
        Some("payment_unsigned")
    } else {
        None
    }
}

/// A refused question says nothing about a document.
fn refused_kind(call: Call) -> ErrorKind {
    if call.effect == Effect::Read { ErrorKind::Authority } else { ErrorKind::Rejected }
}

fn rejected(call: Call, refusal: &Refusal) -> Error {
    let first = refusal.complaints.first().map(|complaint| complaint.sentence.clone());
    let sentence =
        first.unwrap_or_else(|| format!("The authority refused {} without saying why.", call.about()));
    let mut error = Error::new(refused_kind(call), call.operation, sentence);
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
fn unreadable(call: Call, wording: &Wording, status: StatusCode, body: &[u8]) -> Error {
    let error = match status.as_u16() {
        401 | 403 | 405 | 413 | 415 | 300..=399 => {
            return classified(call, wording, Refusal::of_status(status.as_u16()));
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
