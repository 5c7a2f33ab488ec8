//! What a host opens the engine with, from JSON.

use crate::{
    Error, ErrorKind, Result,
    connector::Registry,
    engine::{App, AuthorityOptions, Credentials, DeadlineOptions, EngineOptions},
    firs::{AcknowledgeBody, ApiKeys},
    http::breaker::BreakerOptions,
    stamp::StampTime,
};
use secrecy::SecretString;
use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};
use url::Url;

/// What `Engine.open` is told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    keys: Vec<String>,
    #[serde(default)]
    keys_lost: bool,
    authority: Option<Authority>,
    #[serde(default)]
    apps: BTreeMap<String, Registration>,
    #[serde(default)]
    allow_hosts: Vec<String>,
    breaker: Option<BreakerSettings>,
    deadlines: Option<DeadlineSettings>,
}

/// When the authority counts as out; what is not said stays as it is by default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakerSettings {
    failures: Option<u32>,
    pause_seconds: Option<u64>,
}

/// When deadlines are looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadlineSettings {
    every_seconds: Option<u64>,
    ahead_seconds: Option<u64>,
    margin_percent: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authority {
    base_url: String,
    stamp_time: Option<String>,
    api_key: Option<String>,
    api_secret: Option<String>,
    webhook_secret: Option<String>,
    acknowledge_body: Option<String>,
}

/// A registration at a platform. Webhooks are signed with `webhook_secret`, at some platforms with `client_secret`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    #[serde(default, rename = "client_id")]
    _client_id: Option<String>,
    client_secret: Option<String>,
    webhook_secret: Option<String>,
    webhook_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    access_token: String,
    webhook_secret: Option<String>,
}

/// Options and platforms.
///
/// # Errors
/// `Config`, naming the field.
pub fn engine_options(json: &[u8], registry: Registry) -> Result<EngineOptions> {
    let options: Options = configured("engine.open", json)?;
    let keys = options.keys.into_iter().map(SecretString::from).collect();
    for platform in options.apps.keys() {
        registry.get(platform)?;
    }
    let mut engine = EngineOptions::new(keys, registry);
    if let Some(time) = options.authority.as_ref().and_then(|authority| authority.stamp_time.as_deref()) {
        engine.stamp_time = StampTime::parse(time).map_err(|error| {
            Error::new(ErrorKind::Config, "engine.open", error.message())
                .with("field", "authority.stamp_time")
        })?;
    }
    if let Some(body) = options.authority.as_ref().and_then(|authority| authority.acknowledge_body.as_deref())
    {
        engine.acknowledge_body = acknowledge_body(body)?;
    }
    engine.breaker = options.breaker.map_or(engine.breaker, |told| breaker(&told, engine.breaker));
    if let Some(told) = options.deadlines {
        engine.deadlines = deadlines(&told, engine.deadlines)?;
    }
    engine.authority = options.authority.map(authority).transpose()?;
    engine.apps = options.apps.into_iter().map(|(platform, app)| (platform, registration(app))).collect();
    engine.allow_hosts = options.allow_hosts;
    engine.keys_lost = options.keys_lost;
    Ok(engine)
}

/// The credentials of a connection.
///
/// # Errors
/// `Config`, naming the field.
pub fn credentials(json: &[u8]) -> Result<Credentials> {
    let proof: Proof = configured("engine.connect", json)?;
    Ok(Credentials {
        access_token: proof.access_token.into(),
        webhook_secret: proof.webhook_secret.map(SecretString::from),
    })
}

/// The settings of a connection.
///
/// # Errors
/// `Config`, naming the field.
pub fn settings(json: &[u8]) -> Result<BTreeMap<String, String>> {
    configured("engine.connect", json)
}

fn authority(authority: Authority) -> Result<AuthorityOptions> {
    let mut text = authority.base_url;
    if !text.ends_with('/') {
        text.push('/');
    }
    // The text is not shown: it may hold a password.
    let shape = "authority.base_url must be an address such as https://authority.example";
    let base_url = Url::parse(&text).map_err(|e| refused("authority.base_url", format!("{shape}: {e}")))?;
    let keys = match (authority.api_key, authority.api_secret) {
        (Some(key), Some(secret)) => Some(ApiKeys::new(key, secret)),
        (None, None) => None,
        _ => {
            let message = "authority.api_key and authority.api_secret are a pair: give both or neither";
            return Err(refused("authority", message));
        }
    };
    let webhook_secret = authority.webhook_secret.map(SecretString::from);
    Ok(AuthorityOptions { base_url, keys, webhook_secret })
}

fn acknowledge_body(name: &str) -> Result<AcknowledgeBody> {
    match name {
        "message" => Ok(AcknowledgeBody::Message),
        "empty" => Ok(AcknowledgeBody::Empty),
        _ => {
            let message = format!("authority.acknowledge_body is message or empty, found {name:?}");
            Err(refused("authority.acknowledge_body", message))
        }
    }
}

fn breaker(told: &BreakerSettings, usual: BreakerOptions) -> BreakerOptions {
    BreakerOptions {
        failures: told.failures.unwrap_or(usual.failures),
        pause: told.pause_seconds.map_or(usual.pause, Duration::from_secs),
        ..usual
    }
}

fn deadlines(told: &DeadlineSettings, usual: DeadlineOptions) -> Result<DeadlineOptions> {
    let margin_percent = told.margin_percent.unwrap_or(usual.margin_percent);
    if margin_percent > 99 {
        let message = format!("deadlines.margin_percent is at most 99, found {margin_percent}");
        return Err(refused("deadlines.margin_percent", message));
    }
    Ok(DeadlineOptions {
        every: told.every_seconds.map_or(usual.every, Duration::from_secs),
        ahead: told.ahead_seconds.map_or(usual.ahead, Duration::from_secs),
        margin_percent,
    })
}

fn refused(field: &'static str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, "engine.open", message.into()).with("field", field)
}

fn registration(app: Registration) -> App {
    App {
        webhook_secret: app.webhook_secret.or(app.client_secret).map(SecretString::from),
        webhook_url: app.webhook_url,
    }
}

/// What the host wrote, not what the world sent: `Config`, naming the field. A value may be a secret, so only messages
/// that speak of names are passed on.
pub(super) fn configured<'de, T: Deserialize<'de>>(operation: &'static str, json: &'de [u8]) -> Result<T> {
    crate::json::read(operation, json).map_err(|error| {
        let field = error.get("field").unwrap_or_default().to_owned();
        let of_names = ["unknown field", "missing field"].iter().any(|text| error.message().contains(text));
        let message = if of_names {
            error.message().to_owned()
        } else {
            format!("{field:?} is of another type than expected")
        };
        Error::new(ErrorKind::Config, operation, message).with("field", field)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(authority: &str) -> Result<EngineOptions> {
        let json = format!(r#"{{"keys":[],"authority":{authority}}}"#);
        engine_options(json.as_bytes(), Registry::new())
    }

    #[test]
    fn an_authority_says_how_stamps_write_their_time_and_an_unknown_way_is_named() {
        let base = r#""base_url":"https://authority.example""#;
        assert_eq!(opened(&format!("{{{base}}}")).unwrap().stamp_time, StampTime::UnixSeconds);
        let told = opened(&format!(r#"{{{base},"stamp_time":"local_time_of_day"}}"#)).unwrap();
        assert_eq!(told.stamp_time, StampTime::LocalTimeOfDay);
        let error = opened(&format!(r#"{{{base},"stamp_time":"minutes"}}"#)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.get("field"), Some("authority.stamp_time"));
        assert!(error.message().contains("unix_seconds or local_time_of_day"), "{error}");
    }
}
