//! What comes back from a platform while an account is connected: a redirect's query, a token endpoint's answer.

use super::{halves, is_readable};
use chrono::{DateTime, TimeDelta};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use taxpoynt_core::{
    Error,
    auth::{Answer, AuthScheme, Callback, Life, reading},
    http::{api::query_string, redact::Secrets},
};

use super::web::PLATFORMS;

/// The longest that a token is thought to live.
const LONGEST: TimeDelta = TimeDelta::days(10 * 366);

/// A query of any content gives a code and a state, or a refusal that repeats neither.
pub(crate) fn callback(bytes: &[u8]) {
    let query = String::from_utf8_lossy(bytes);
    match Callback::from_query(&query) {
        Err(error) => is_readable(&error),
        Ok(callback) => {
            let (code, state) = (callback.code.expose_secret(), callback.state.expose_secret());
            assert!(!code.is_empty() && !state.is_empty(), "{query}");
            let mut pairs = vec![("state", state), ("code", code)];
            pairs.extend(callback.iss.as_deref().map(|iss| ("iss", iss)));
            let again = Callback::from_query(&query_string(&pairs)).expect("what was read is written again");
            assert_eq!(again.code.expose_secret(), code);
            assert_eq!((again.state.expose_secret(), &again.iss), (state, &callback.iss));
            let shown = format!("{callback:?}");
            let iss = callback.iss.as_deref().map(|iss| format!("{iss:?}")).unwrap_or_default();
            let frame = shown.replace(&iss, "");
            assert!(code.len() < 12 || !frame.contains(code), "{shown}");
        }
    }
}

/// Every platform's shape of an answer, and one with everything nested.
fn shapes() -> Vec<(Answer, Life)> {
    let life = Life {
        unsaid: Duration::from_secs(600),
        margin: Duration::from_secs(300),
        young: Duration::from_secs(60),
        at_least_every: None,
    };
    let nested = Answer {
        access_token: "token/access_token",
        expires_in: "token/expires_in",
        refresh_token: "token/refresh_token",
        base_url: Some("api_domain"),
        ..Answer::RFC_6749
    };
    let mut shapes = vec![(Answer::RFC_6749, life), (nested, life)];
    for connector in PLATFORMS.iter() {
        for scheme in connector.info().auth {
            if let AuthScheme::OauthCode(facts) = scheme {
                shapes.push((facts.answer, facts.life));
            }
        }
    }
    shapes
}

/// An answer of any content gives tokens of a bounded life, or an error without what was sent: two bytes are its status,
/// what stands before the first zero was sent, the rest is the body.
pub(crate) fn token_answer(bytes: &[u8]) {
    let (status, rest) = bytes.split_first_chunk::<2>().unwrap_or((&[0, 200], bytes));
    let Ok(status) = StatusCode::from_u16(100 + u16::from_be_bytes(*status).wrapping_sub(100) % 500) else {
        return;
    };
    let (sent, body) = halves(rest);
    let secret = String::from_utf8_lossy(sent).into_owned();
    let secrets = Secrets(vec![SecretString::from(secret.clone())]);
    let now = DateTime::from_timestamp(1_763_690_400, 0).expect("a time");
    let headers = HeaderMap::new();
    for (facts, life) in shapes() {
        match reading::token_answer((status, &headers, body), &facts, &life, &secrets, now) {
            Ok(answer) => {
                assert!(!answer.access_token.expose_secret().is_empty());
                assert!(answer.refresh_token.is_none_or(|token| !token.expose_secret().is_empty()));
                assert!(answer.expires_at <= now + LONGEST, "{}", answer.expires_at);
            }
            Err(error) => {
                is_readable(&error);
                let bare = reading::token_answer((status, &headers, b""), &facts, &life, &secrets, now);
                let bare = bare.err().map(|error| error.message().to_owned()).unwrap_or_default();
                says_nothing_of(&error, &bare, &secret);
            }
        }
    }
}

/// What was sent is looked for by its beginning, since pages cut short what they repeat; unless it is a word of our own
/// sentences, or too short to tell.
fn says_nothing_of(error: &Error, without_body: &str, secret: &str) {
    const OURS: [&str; 3] = ["authorization:", "registration:", "client_secret"];
    let Some(start) = secret.get(..12).filter(|start| !start.contains(char::is_whitespace)) else { return };
    let ours = OURS.iter().any(|word| word.contains(start)) || without_body.contains(start);
    if !ours && !secret.contains("[removed]") {
        let shown = format!("{} {:?}", error.message(), error.get("code"));
        assert!(!shown.contains(start), "{secret:?} in {shown}");
    }
}
