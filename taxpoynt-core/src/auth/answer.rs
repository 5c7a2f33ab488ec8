//! What a token endpoint answers: tokens, or a refusal, and what each refusal means for the connection.

use super::{
    facts::{Answer, Life},
    flow::Granted,
};
use crate::{
    Error, ErrorKind, Retry,
    http::{api::status_error, excerpt, redact::Secrets},
};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// No token lives longer: what says so is taken for this.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// How long to leave a platform alone that refuses our registration: a person must mend the host's settings.
const REGISTRATION_REFUSED: Duration = Duration::from_secs(300);

/// Codes of RFC 6749, 5.2, that are about our registration and not about the connection.
const REGISTRATION: &[&str] =
    &["invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request"];

/// A token endpoint's whole answer.
pub(super) struct Reply<'a> {
    pub(super) operation: &'static str,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl Reply<'_> {
    /// The error it is, if it is one. Some platforms answer 200 with an `error` in place of a token. `sent` are the secrets
    /// of the request: what repeats them is quoted without them.
    pub(super) fn error(&self, facts: &Answer, sent: &Secrets) -> Option<Error> {
        if self.status.is_success() {
            let json: Value = serde_json::from_slice(self.body).ok()?;
            let instead = json.get("error").is_some_and(Value::is_string);
            if !instead || member(&json, facts.access_token).is_some() {
                return None;
            }
        }
        // Once as it came, where an excerpt would shorten a secret, and once as it reads, where escapes would hide one.
        let said = excerpt(sent.cut_out_of(&String::from_utf8_lossy(self.body)).as_bytes());
        let quoted = |words: String| sent.cut_out_of(&words).into_owned();
        let code = said.code.map(quoted).filter(|code| plain(code) && !repeats(code, sent));
        let words = said.message.map(quoted).filter(|words| !repeats(words, sent));
        Some(self.meaning(facts, code, words))
    }

    fn meaning(&self, facts: &Answer, code: Option<String>, words: Option<String>) -> Error {
        let named = code.as_deref().unwrap_or_default();
        let (kind, retry, sentence) = if named == "invalid_grant" || facts.refusals.contains(&named) {
            let sentence =
                "the platform no longer accepts this authorization: the account's owner must connect again";
            (ErrorKind::Unauthenticated, Retry::Never, sentence)
        } else if self.status == StatusCode::UNAUTHORIZED || REGISTRATION.contains(&named) {
            let sentence = "the platform refuses this app's registration: check client_id and client_secret";
            (ErrorKind::Config, Retry::After(REGISTRATION_REFUSED), sentence)
        } else if self.status.is_success() {
            (ErrorKind::Platform, Retry::After(REGISTRATION_REFUSED), "the platform gave no token")
        } else {
            // What the status means is the same everywhere; its body is not quoted there.
            let error = status_error(self.operation, self.status, self.headers, b"");
            return match code {
                Some(code) => error.with("code", code),
                None => error,
            };
        };
        let message =
            words.map_or_else(|| sentence.to_owned(), |words| format!("{sentence}; it says: {words}"));
        let error = Error::new(kind, self.operation, message)
            .retry_as(retry)
            .with("status", self.status.as_u16().to_string());
        match code {
            Some(code) => error.with("code", code),
            None => error,
        }
    }

    /// The tokens in it. `now` is a moment before the request was sent, so that no token is thought to live longer than
    /// it does.
    ///
    /// # Errors
    /// `Platform` where there is none.
    pub(super) fn tokens(&self, facts: &Answer, life: &Life, now: DateTime<Utc>) -> Result<Granted, Error> {
        let nothing = || {
            let message = "the platform answered without a token";
            Error::new(ErrorKind::Platform, self.operation, message).retry_as(Retry::After(life.young))
        };
        let json: Value = serde_json::from_slice(self.body).map_err(|_| nothing())?;
        let text = |path: &str| member(&json, path).and_then(Value::as_str).filter(|text| !text.is_empty());
        let access_token = text(facts.access_token).ok_or_else(nothing)?;
        let lives = seconds(&json, facts.expires_in).unwrap_or(life.unsaid).min(LONGEST_LIFE);
        let expires_at = moment(&json, facts.expires_at).unwrap_or_else(|| later(now, lives));
        Ok(Granted {
            access_token: SecretString::from(access_token),
            refresh_token: text(facts.refresh_token).map(SecretString::from),
            issued_at: now,
            expires_at: expires_at.min(later(now, LONGEST_LIFE)),
            refresh_expires_at: moment(&json, facts.refresh_expires_at),
            base_url: facts.base_url.and_then(text).map(str::to_owned),
        })
    }
}

/// A member by its path.
fn member<'j>(json: &'j Value, path: &str) -> Option<&'j Value> {
    path.split('/').try_fold(json, |json, name| json.get(name))
}

/// A number of seconds, also as text.
fn seconds(json: &Value, path: &str) -> Option<Duration> {
    let value = member(json, path)?;
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(Duration::from_secs(number))
}

/// A moment: RFC 3339, or seconds since 1970.
fn moment(json: &Value, path: &str) -> Option<DateTime<Utc>> {
    let value = member(json, path)?;
    match value.as_i64() {
        Some(seconds) => DateTime::from_timestamp(seconds, 0),
        None => DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.with_timezone(&Utc)),
    }
}

fn later(now: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// A code is a word.
fn plain(code: &str) -> bool {
    code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Whether `words` still has something of what was sent in it: what is too short to be cut out.
fn repeats(words: &str, sent: &Secrets) -> bool {
    let secrets = sent.0.iter().map(ExposeSecret::expose_secret);
    secrets.filter(|secret| secret.len() >= 4).any(|secret| {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        words.contains(secret) || words.contains(&encoded)
    })
}
