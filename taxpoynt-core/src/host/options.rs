//! What a host opens the engine with, from JSON.

use crate::{
    Error, ErrorKind, Result,
    connector::Registry,
    engine::{
        App, AuthorityOptions, Credentials, DeadlineOptions, EngineOptions, Proof, SyncOptions,
        WebhookOptions,
    },
    firs::{AcknowledgeBody, ApiKeys, Wording},
    http::breaker::BreakerOptions,
    metrics::MetricsOptions,
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
    metrics: Option<MetricsSettings>,
    webhooks: Option<WebhookSettings>,
    sync: Option<SyncSettings>,
    side_by_side: Option<u32>,
}

/// How webhooks are received and kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookSettings {
    keep_days: Option<u32>,
    check_every_seconds: Option<u64>,
    body_limit: Option<usize>,
}

/// When connections are pulled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncSettings {
    every_seconds: Option<u64>,
    side_by_side: Option<usize>,
    reconcile: Option<bool>,
}

/// What is measured.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricsSettings {
    #[serde(default)]
    per_tenant: bool,
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
    wording: Option<Texts>,
}

/// Texts of the authority's answers; those that are left out stay as recorded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    not_found: Option<Vec<String>>,
    duplicate: Option<Vec<String>>,
    unclear: Option<Vec<String>>,
}

/// A registration at a platform. Webhooks are signed with `webhook_secret`, at some platforms with `client_secret`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    client_id: Option<String>,
    client_secret: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    webhook_secret: Option<String>,
    webhook_url: Option<String>,
    management_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proven {
    access_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    subject: Option<String>,
    private_key: Option<String>,
    webhook_secret: Option<String>,
}

/// Options and platforms.
///
/// # Errors
/// `Config`, naming the field.
pub fn engine_options(json: &[u8], registry: Registry) -> Result<EngineOptions> {
    let mut options: Options = configured("engine.open", json)?;
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
    if let Some(texts) = options.authority.as_mut().and_then(|authority| authority.wording.take()) {
        let usual = Wording::default();
        engine.authority_wording = Wording {
            not_found: texts.not_found.unwrap_or(usual.not_found),
            duplicate: texts.duplicate.unwrap_or(usual.duplicate),
            unclear: texts.unclear.unwrap_or(usual.unclear),
        };
    }
    engine.breaker = options.breaker.map_or(engine.breaker, |told| breaker(&told, engine.breaker));
    if let Some(told) = options.deadlines {
        engine.deadlines = deadlines(&told, engine.deadlines)?;
    }
    if let Some(told) = options.metrics {
        engine.metrics = MetricsOptions { per_tenant: told.per_tenant };
    }
    if let Some(told) = options.webhooks {
        engine.webhooks = webhooks(&told, engine.webhooks)?;
    }
    if let Some(told) = options.sync {
        engine.sync = sync(&told, engine.sync)?;
    }
    if let Some(jobs) = options.side_by_side {
        engine.side_by_side = at_least_one("side_by_side", jobs)?;
    }
    engine.authority = options.authority.map(authority).transpose()?;
    engine.apps = options.apps.into_iter().map(|(platform, app)| (platform, registration(app))).collect();
    engine.allow_hosts = options.allow_hosts;
    engine.keys_lost = options.keys_lost;
    Ok(engine)
}

/// The credentials of a connection: a pasted `access_token`; `client_id` and `client_secret`; or `client_id`, `subject`
/// and `private_key`.
///
/// # Errors
/// `Config`, naming the field.
pub fn credentials(json: &[u8]) -> Result<Proof> {
    let told: Proven = configured("engine.connect", json)?;
    let webhook_secret = told.webhook_secret.map(SecretString::from);
    match (told.access_token, told.client_id, told.client_secret, told.subject, told.private_key) {
        (Some(token), None, None, None, None) => {
            Ok(Credentials { access_token: token.into(), webhook_secret }.into())
        }
        (None, Some(id), Some(secret), None, None) => {
            Ok(Proof::Client { id, secret: secret.into(), webhook_secret })
        }
        (None, Some(client_id), None, Some(subject), Some(key)) => {
            Ok(Proof::Key { client_id, subject, private_key: key.into(), webhook_secret })
        }
        (None, None, None, None, None) => Err(unproven("missing field `access_token`")),
        _ => Err(unproven(
            "credentials are access_token alone, client_id with client_secret, or client_id with subject and private_key",
        )),
    }
}

fn unproven(message: &'static str) -> Error {
    Error::new(ErrorKind::Config, "engine.connect", message).with("field", "access_token")
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

fn webhooks(told: &WebhookSettings, usual: WebhookOptions) -> Result<WebhookOptions> {
    const DAY: u64 = 24 * 3600;
    let keep = told.keep_days.map_or(usual.keep, |days| Duration::from_secs(u64::from(days) * DAY));
    if keep < WebhookOptions::SHORTEST_KEEP {
        let message = "webhooks.keep_days is at least 7: platforms repeat webhooks for days, and a repetition is known only \
                       as long as the first one is kept";
        return Err(refused("webhooks.keep_days", message));
    }
    Ok(WebhookOptions {
        body_limit: told
            .body_limit
            .map_or(Ok(usual.body_limit), |bytes| at_least_one("webhooks.body_limit", bytes))?,
        check_every: told.check_every_seconds.map_or(usual.check_every, Duration::from_secs),
        keep,
    })
}

/// A pull every 0 seconds is none: only connections with a schedule of their own are pulled then.
fn sync(told: &SyncSettings, usual: SyncOptions) -> Result<SyncOptions> {
    let every = match told.every_seconds {
        None => usual.every,
        Some(0) => None,
        Some(seconds) => Some(Duration::from_secs(seconds)),
    };
    let side_by_side = told.side_by_side.unwrap_or(usual.side_by_side);
    let side_by_side = at_least_one("sync.side_by_side", side_by_side)?;
    Ok(SyncOptions { every, side_by_side, reconcile: told.reconcile.unwrap_or(usual.reconcile), ..usual })
}

fn at_least_one<N: PartialEq + From<u8>>(field: &'static str, number: N) -> Result<N> {
    if number == N::from(0) {
        return Err(refused(field, format!("{field} is at least 1, found 0")));
    }
    Ok(number)
}

fn refused(field: &'static str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, "engine.open", message.into()).with("field", field)
}

fn registration(app: Registration) -> App {
    App {
        client_id: app.client_id,
        client_secret: app.client_secret.clone().map(SecretString::from),
        redirect_uris: app.redirect_uris,
        webhook_secret: app.webhook_secret.or(app.client_secret).map(SecretString::from),
        webhook_url: app.webhook_url,
        management_token: app.management_token.map(SecretString::from),
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

    fn told(options: &str) -> Result<EngineOptions> {
        engine_options(format!(r#"{{"keys":[],{options}}}"#).as_bytes(), Registry::new())
    }

    #[test]
    fn a_host_says_how_long_webhooks_are_kept_and_when_platforms_are_pulled() {
        let usual = told(r#""keys_lost":false"#).unwrap();
        assert_eq!(usual.webhooks, WebhookOptions::default());
        let all = told(
            r#""webhooks":{"keep_days":30,"check_every_seconds":60,"body_limit":1000},
               "sync":{"every_seconds":5,"side_by_side":2,"reconcile":false},"side_by_side":1"#,
        )
        .unwrap();
        let (day, second) = (Duration::from_secs(86_400), Duration::from_secs(1));
        let webhooks = WebhookOptions { keep: 30 * day, check_every: 60 * second, body_limit: 1000 };
        assert_eq!(all.webhooks, webhooks);
        assert_eq!((all.sync.every, all.sync.side_by_side, all.sync.reconcile), (Some(5 * second), 2, false));
        assert_eq!(all.side_by_side, 1);
        assert_eq!(told(r#""sync":{"every_seconds":0}"#).unwrap().sync.every, None);
        for (options, field) in [
            (r#""sync":{"side_by_side":0}"#, "sync.side_by_side"),
            (r#""side_by_side":0"#, "side_by_side"),
            (r#""webhooks":{"body_limit":0}"#, "webhooks.body_limit"),
            (r#""webhooks":{"keep_days":6}"#, "webhooks.keep_days"),
            (r#""webhooks":{"keep_days":"90"}"#, "webhooks.keep_days"),
        ] {
            let error = told(options).unwrap_err();
            assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some(field)), "{error}");
        }
    }

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
