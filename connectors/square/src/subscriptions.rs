//! Square's Webhook Subscriptions API: one subscription of an app serves all its sellers.
//!
//! It wants the personal access token of the app; a seller's OAuth token is not let in.

use crate::{
    api::{HEADERS, SQUARE_VERSION},
    webhook::EVENTS,
};
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::Context,
    http::api::{delete_with, get_with, path_segment, post_json_with, put_json_with, query_string},
    json,
    webhook::subscription::{Created, Subscribed, Subscriptions, Wanted},
};

const PATH: &str = "v2/webhooks/subscriptions";

/// Subscriptions in one page, the most there are.
const PAGE: &str = "100";

/// Pages that are read at most. An app has a handful of subscriptions; a cursor that never ends must not hold us.
const PAGES: usize = 50;

/// Square's subscriptions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SquareSubscriptions;

#[derive(Debug, Deserialize)]
struct Subscription {
    id: String,
    notification_url: Option<String>,
    event_types: Option<Vec<String>>,
    enabled: Option<bool>,
    api_version: Option<String>,
    /// There in the answer to the call that made it.
    signature_key: Option<String>,
}

impl From<Subscription> for Subscribed {
    fn from(wire: Subscription) -> Self {
        Self {
            id: wire.id,
            url: wire.notification_url.unwrap_or_default(),
            events: wire.event_types.unwrap_or_default(),
            enabled: wire.enabled.unwrap_or(true),
            current: wire.api_version.is_none_or(|version| version == SQUARE_VERSION),
        }
    }
}

fn body(wanted: &Wanted<'_>) -> Value {
    json!({
        "name": wanted.name,
        "notification_url": wanted.url,
        "event_types": wanted.events,
        "api_version": SQUARE_VERSION,
        "enabled": true,
    })
}

#[async_trait]
impl Subscriptions for SquareSubscriptions {
    fn events(&self) -> &'static [&'static str] {
        EVENTS
    }

    async fn list(&self, cx: &Context) -> Result<Vec<Subscribed>> {
        #[derive(Deserialize)]
        struct Answer {
            subscriptions: Option<Vec<Subscription>>,
            cursor: Option<String>,
        }
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            // Without it Square leaves out those that are switched off.
            let mut pairs = vec![("include_disabled", "true"), ("limit", PAGE)];
            pairs.extend(cursor.iter().map(|cursor| ("cursor", cursor.as_str())));
            let path = format!("{PATH}?{}", query_string(&pairs));
            let answer: Answer = json::read(
                "square.subscriptions",
                &get_with(cx, "square.subscriptions", &path, HEADERS).await?,
            )?;
            found.extend(answer.subscriptions.into_iter().flatten().map(Subscribed::from));
            cursor = answer.cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                return Ok(found);
            }
        }
        let message = "Square lists webhook subscriptions without an end";
        Err(Error::new(ErrorKind::Platform, "square.subscriptions", message))
    }

    async fn create(&self, cx: &Context, wanted: &Wanted<'_>) -> Result<Created> {
        let body = json!({ "idempotency_key": wanted.idempotency_key, "subscription": body(wanted) });
        let answer = post_json_with(cx, "square.subscribe", PATH, &body, HEADERS).await?;
        let mut made = one("square.subscribe", &answer)?;
        let secret = made.signature_key.take().filter(|key| !key.is_empty()).map(SecretString::from);
        Ok(Created { subscription: made.into(), secret })
    }

    async fn amend(&self, cx: &Context, id: &str, wanted: &Wanted<'_>) -> Result<()> {
        let path = format!("{PATH}/{}", path_segment(id));
        let body = json!({ "subscription": body(wanted) });
        put_json_with(cx, "square.amend_subscription", &path, &body, HEADERS).await.map(drop)
    }

    async fn remove(&self, cx: &Context, id: &str) -> Result<()> {
        let path = format!("{PATH}/{}", path_segment(id));
        match delete_with(cx, "square.unsubscribe", &path, HEADERS).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done.map(drop),
        }
    }

    async fn renew_secret(&self, cx: &Context, id: &str) -> Result<Option<SecretString>> {
        #[derive(Deserialize)]
        struct Answer {
            signature_key: String,
        }
        let path = format!("{PATH}/{}/signature-key", path_segment(id));
        // Without a key of its own each call makes another secret, and the last one counts.
        let answer = post_json_with(cx, "square.renew_secret", &path, &json!({}), HEADERS).await?;
        let Answer { signature_key } = json::read("square.renew_secret", &answer)?;
        Ok(Some(signature_key.into()))
    }
}

fn one(operation: &'static str, answer: &[u8]) -> Result<Subscription> {
    #[derive(Deserialize)]
    struct Answer {
        subscription: Subscription,
    }
    json::read::<Answer>(operation, answer).map(|answer| answer.subscription)
}
