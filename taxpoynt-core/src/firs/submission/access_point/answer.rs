//! An access point's answers as one outcome: what was asked for, nothing found, or an error that says what to do.
//!
//! HTTP status, status in the body and `error` may disagree; the worst of them counts. Where a call may have taken
//! effect and the answer does not say, the error is `Ambiguous`: ask before sending again.

use super::options::Names;
use crate::firs::client::{
    details,
    errors::{Call, Effect},
};
use crate::{
    Error, ErrorKind, Result, Retry,
    http::{excerpt, show},
    json,
};
use bytes::Bytes;
use http::{Response, header::RETRY_AFTER};
use serde_json::value::RawValue;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);
const LIMITED: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(3600);

/// A member of a JSON object by the names it may have, however deep: `legal_monetary_total.payable_amount`.
pub(super) fn member<'a>(object: &'a RawValue, path: &str) -> Option<&'a RawValue> {
    path.split('.').try_fold(object, |object, name| {
        let members = json::members(object.get()).ok()?;
        members.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    })
}

/// A text, or a number as it is written; nothing where empty or null.
pub(super) fn words(value: &RawValue) -> Option<String> {
    let raw = value.get();
    let text = json::text_of(raw)
        .map(std::borrow::Cow::into_owned)
        .or_else(|| raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| raw.to_owned()))?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Reads an answer. `Ok(None)` is a success without data.
pub(super) fn read(call: Call, names: &Names, response: &Response<Bytes>) -> Result<Option<Box<RawValue>>> {
    let status = response.status().as_u16();
    let Some(envelope) = envelope(response.body()) else { return Err(unreadable(call, status)) };
    let said = names.status.iter().find_map(|name| member(&envelope, name)).and_then(words);
    let said = said.and_then(|said| said.parse::<u16>().ok()).filter(|said| (100..600).contains(said));
    let error = member(&envelope, &names.error).filter(|error| says_something(error));
    let data = member(&envelope, &names.data).filter(|data| data.get() != "null");
    match said.unwrap_or(status).max(status) {
        429 => Err(limited(call, response)),
        208 => Err(unclear(call, 208, "says it already has the document")),
        code @ 200..=299 if error.is_none() => match (said, data) {
            (None, None) => Err(unclear(call, code, "answered without saying that it is done")),
            (_, data) => Ok(data.map(ToOwned::to_owned)),
        },
        code => Err(refused(call, names, code, &sentence(error, response.body()))),
    }
}

fn envelope(body: &[u8]) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}').trim();
    serde_json::from_str::<Box<RawValue>>(text).ok().filter(|_| text.starts_with('{'))
}

/// `error` is there in every answer: empty, 0 or null where nothing went wrong.
fn says_something(error: &RawValue) -> bool {
    !matches!(error.get(), "null" | "\"\"" | "0" | "false" | "{}" | "[]")
}

/// What it says is wrong: `error` where that is a text, since `message` says the same in every refusal.
fn sentence(error: Option<&RawValue>, body: &[u8]) -> String {
    let own = error.and_then(|error| json::text_of(error.get())).map(|text| show(&text));
    own.filter(|text| !text.is_empty()).or_else(|| excerpt(body).message).unwrap_or_default()
}

fn refused(call: Call, names: &Names, code: u16, said: &str) -> Error {
    let lower = said.to_ascii_lowercase();
    let is_any = |texts: &[String]| texts.iter().any(|text| lower.contains(text.as_str()));
    let error = match code {
        401 => {
            let what = "The access point refuses the signed request: check its api_key and api_secret, and this machine's \
                        clock.";
            Error::new(ErrorKind::Unauthenticated, call.operation, what)
        }
        403 => {
            let what = "The access point does not allow this with these keys.";
            Error::new(ErrorKind::PermissionDenied, call.operation, what)
        }
        300..=399 => config(call, "The access point's address points elsewhere: check base_url."),
        409 => unclear(call, 0, "does not say whether it has the document already"),
        _ if is_any(&names.duplicate) => {
            unclear(call, 0, "does not say whether it has the document already or is in trouble")
        }
        500.. | 408 => trouble(call),
        404 if call.effect != Effect::Read && !is_any(&names.not_found) => {
            config(call, "The access point has no such path: check base_url and paths.")
        }
        404 => not_found(call),
        _ if is_any(&names.not_found) => not_found(call),
        _ => rejected(call, said),
    };
    let error = error.with("status", code.to_string());
    if said.is_empty() { error } else { error.with("details", said) }
}

fn rejected(call: Call, said: &str) -> Error {
    // A refused question says nothing about the document.
    let kind = if call.effect == Effect::Read { ErrorKind::Authority } else { ErrorKind::Rejected };
    let sentence = match said {
        "" => "The access point refused the document.".to_owned(),
        said => format!("The access point refused the document: {}.", said.trim_end_matches('.')),
    };
    let error = Error::new(kind, call.operation, sentence);
    // Its texts are the authority's, which begin with the path of the field.
    match said.split_whitespace().next().filter(|word| word.contains('.')) {
        Some(path) => error.with("field", details::field(path)),
        None => error,
    }
}

fn not_found(call: Call) -> Error {
    Error::new(ErrorKind::NotFound, call.operation, "The access point does not know this document.")
        .retry_as(Retry::After(LIMITED))
}

fn config(call: Call, what: &str) -> Error {
    Error::new(ErrorKind::Config, call.operation, what)
}

fn limited(call: Call, response: &Response<Bytes>) -> Error {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
    let wait = seconds.map_or(LIMITED, Duration::from_secs).min(LONGEST);
    Error::new(ErrorKind::RateLimited, call.operation, "The access point asks for fewer calls; waiting.")
        .retry_as(Retry::After(wait))
        .with("status", "429")
}

/// The answer does not tell whether the call took effect.
pub(super) fn unclear(call: Call, status: u16, what: &str) -> Error {
    let sentence = format!("The access point {what}.");
    let error = match call.effect {
        Effect::Read => {
            Error::new(ErrorKind::Unavailable, call.operation, sentence).retry_as(Retry::After(SOON))
        }
        Effect::Check | Effect::Change => Error::new(ErrorKind::Ambiguous, call.operation, sentence),
    };
    if status == 0 { error } else { error.with("status", status.to_string()) }
}

fn trouble(call: Call) -> Error {
    match call.effect {
        Effect::Change => unclear(call, 0, "failed without saying whether it took the document"),
        Effect::Read | Effect::Check => {
            Error::new(ErrorKind::Unavailable, call.operation, "The access point is in trouble.")
                .retry_as(Retry::After(SOON))
        }
    }
}

/// A body that is no envelope: a page of some proxy, a torn answer, nothing at all.
fn unreadable(call: Call, status: u16) -> Error {
    let error = match status {
        401 | 403 | 300..=399 => refused(call, &Names::default(), status, ""),
        429 => Error::new(ErrorKind::RateLimited, call.operation, "The access point asks for fewer calls.")
            .retry_as(Retry::After(LIMITED)),
        _ => trouble(call),
    };
    error.with("body", "not the access point's JSON")
}

/// What the transport said, read with the call's effect in mind.
pub(super) fn transport(call: Call, error: Error) -> Error {
    let (kind, what) = match (error.kind(), call.effect) {
        (ErrorKind::TimedOut | ErrorKind::Ambiguous, Effect::Change) => (
            ErrorKind::Ambiguous,
            "The connection broke before the access point said whether it took the document.",
        ),
        (ErrorKind::TimedOut | ErrorKind::Ambiguous | ErrorKind::Unavailable, _) => {
            (ErrorKind::Unavailable, "The access point cannot be reached.")
        }
        _ => return error,
    };
    let retry = if kind == ErrorKind::Ambiguous { Retry::Ambiguous } else { Retry::After(SOON) };
    Error::new(kind, call.operation, what).retry_as(retry).caused_by(error)
}
