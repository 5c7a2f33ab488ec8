//! A refusal as the authority writes it, whatever of it is missing or of another type than published.
//!
//! Published: `{"code", "data", "message", "error": {"id", "handler", "details", "public_message"}}`. `error` and
//! `details` may be missing, `message` is one constant text, `public_message` mostly another; a sample of 2026 adds
//! `error.errors[] {field, message}`.

use super::details::{self, Complaint};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Texts that stand on every refusal and say nothing of its cause.
const CONSTANT: &[&str] = &[
    "error has occurred",
    "an error has occurred",
    "validation failed: we are unable to process your request. also confirm this is not a duplicate request",
    "validation failed: unable to process your request",
    "validation failed",
];

/// How deep a cause is looked into; the published ones are flat.
const DEPTH: usize = 4;

/// An answer that is JSON; each member whatever it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// The envelope in `body`; none where it is not a JSON object in UTF-8.
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}').trim();
        object(text)
    }

    /// What the body says as status: a number, or the text of one. A list or an object says none, whatever is in it.
    pub(super) fn code(&self) -> Option<u16> {
        let code = self.code.filter(|_| !self.has_odd_code())?;
        flat(code, DEPTH).trim().parse().ok()
    }

    /// Whether a list or an object stands where the status should.
    pub(super) fn has_odd_code(&self) -> bool {
        self.code.is_some_and(|code| code.get().starts_with(['[', '{']))
    }

    /// Whether it names an error, whatever its codes say.
    pub(super) fn has_error(&self) -> bool {
        let said = self.error.map(|error| flat(error, DEPTH)).unwrap_or_default();
        !said.trim().is_empty()
    }
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed<'a> {
    #[serde(borrow)]
    field: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// A refusal, read.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// The worse of HTTP status and body code.
    pub(super) status: u16,
    /// The authority's id of the event, for its support.
    pub(super) id: String,
    /// The cause.
    pub(super) details: String,
    /// What it tells the public.
    pub(super) public: String,
    /// What it says of every refusal; of a wrong path it is all there is.
    pub(super) message: String,
    /// What is wrong with which field.
    pub(super) complaints: Vec<Complaint>,
}

impl Refusal {
    /// The refusal in an envelope; `about` is what was refused, `the document`.
    pub(super) fn read(about: &str, status: u16, envelope: &Envelope<'_>) -> Self {
        let error = envelope.error.map(RawValue::get).unwrap_or_default();
        let cause: Cause<'_> = object(error).unwrap_or_default();
        let mut details = or_empty(cause.details);
        if details.is_empty() && !error.starts_with('{') {
            details = or_empty(envelope.error);
        }
        let (public, message) = (or_empty(cause.public_message), or_empty(envelope.message));
        let mut refusal =
            Self { status, id: or_empty(cause.id), details, public, message, complaints: Vec::new() };
        refusal.complaints = listed(cause.errors, about);
        if refusal.complaints.is_empty()
            && let Some(why) = refusal.cause()
        {
            refusal.complaints = details::complaints(why, about);
        }
        refusal
    }

    /// A refusal that says no more than its status.
    pub(super) fn of_status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// The first text that says something of the cause.
    pub(super) fn cause(&self) -> Option<&str> {
        let texts = [self.details.as_str(), &self.public, &self.message];
        texts.into_iter().map(str::trim).find(|text| {
            let text = text.trim_end_matches('.');
            !text.is_empty() && !CONSTANT.iter().any(|constant| constant.eq_ignore_ascii_case(text))
        })
    }

    /// Whether nothing of it tells why.
    pub(super) fn is_silent(&self) -> bool {
        self.cause().is_none() && self.complaints.is_empty()
    }
}

fn listed(errors: Option<&RawValue>, about: &str) -> Vec<Complaint> {
    let Some(errors) = errors else { return Vec::new() };
    let rows: Vec<&RawValue> = serde_json::from_str(errors.get()).unwrap_or_default();
    let rows = rows.into_iter().filter_map(|row| match object::<Listed<'_>>(row.get()) {
        Some(listed) => {
            let (field, message) = (or_empty(listed.field), or_empty(listed.message));
            (!field.is_empty() || !message.is_empty()).then(|| details::complaint(&field, &message, about))
        }
        None => Some(details::complaints(&flat(row, DEPTH), about).swap_remove(0)),
    });
    rows.collect()
}

/// A struct from a JSON object only: serde would read an array member by member.
fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    json.starts_with('{').then(|| serde_json::from_str(json).ok())?
}

fn or_empty(raw: Option<&RawValue>) -> String {
    raw.map(|raw| flat(raw, DEPTH)).unwrap_or_default()
}

/// The text of whatever stands there: a string's content, a list's elements, an object's names and values.
fn flat(raw: &RawValue, depth: usize) -> String {
    let json = raw.get();
    let inner = |raw: &RawValue| flat(raw, depth.saturating_sub(1));
    let joined = |parts: Vec<String>| {
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    };
    match json.as_bytes().first() {
        None | Some(b'n' | b'f') => String::new(),
        Some(b'"') => serde_json::from_str::<String>(json).unwrap_or_default(),
        Some(b'[' | b'{') if depth == 0 => String::new(),
        Some(b'[') => {
            let parts: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            joined(parts.into_iter().map(inner).collect())
        }
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).unwrap_or_default();
            let text = |(name, value): (String, &RawValue)| {
                let value = inner(value);
                if value.is_empty() { value } else { format!("{name} {value}") }
            };
            joined(members.into_iter().map(text).collect())
        }
        Some(_) => json.to_owned(),
    }
}
