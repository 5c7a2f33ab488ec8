//! The engine's calls about webhooks: secrets, subscriptions, the guide, and what was stored.

use super::{
    names::{id as id_of, whose},
    options::configured,
    rows,
};
use crate::{
    Engine, Result,
    engine::SubscriptionCheck,
    store::{DeliveryFilter, StoredDelivery, StoredEvent, StoredSubscription},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Their names.
pub(super) const CALLS: [&str; 12] = [
    "engine.webhook_guide",
    "engine.webhook_secrets",
    "engine.add_webhook_secret",
    "engine.retire_old_webhook_secrets",
    "engine.renew_webhook_secret",
    "engine.subscribe",
    "engine.unsubscribe",
    "engine.subscriptions",
    "engine.check_subscriptions",
    "engine.deliveries",
    "engine.replay_delivery",
    "engine.replay_deliveries",
];

/// A connection's id or a platform.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTarget {
    target: String,
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithSecret {
    target: String,
    secret: String,
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnId {
    id: String,
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deliveries {
    tenant: Option<String>,
    connection: Option<String>,
    #[serde(default)]
    faulty: bool,
    #[serde(default)]
    ignored: bool,
    cursor: Option<String>,
    limit: Option<u32>,
}

impl Deliveries {
    fn filter(self) -> Result<DeliveryFilter> {
        Ok(DeliveryFilter {
            tenant: whose(self.tenant)?,
            connection: self.connection.map(|id| id_of("connection", &id)).transpose()?,
            faulty: self.faulty,
            ignored: self.ignored,
            cursor: self.cursor,
            limit: self.limit,
        })
    }
}

/// Makes a call and gives its answer as JSON.
///
/// # Errors
/// As the call.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    match call {
        "engine.webhook_guide" | "engine.webhook_secrets" | "engine.retire_old_webhook_secrets" => {
            on_target(engine, call, configured(call, arguments)?).await
        }
        "engine.add_webhook_secret" => {
            let WithSecret { target, secret, tenant } = configured(call, arguments)?;
            Ok(json!(engine.add_webhook_secret(&target, secret.into(), whose(tenant)?).await?))
        }
        "engine.subscriptions" => {
            let Nothing {} = configured(call, arguments)?;
            Ok(engine.subscriptions().await?.iter().map(subscription).collect())
        }
        "engine.check_subscriptions" => {
            let Nothing {} = configured(call, arguments)?;
            Ok(engine.check_subscriptions().await?.iter().map(check).collect())
        }
        "engine.deliveries" => {
            let asked: Deliveries = configured(call, arguments)?;
            Ok(rows::page(&engine.deliveries(&asked.filter()?).await?, delivery))
        }
        "engine.replay_deliveries" => {
            let asked: Deliveries = configured(call, arguments)?;
            Ok(json!(engine.replay_deliveries(&asked.filter()?).await?))
        }
        _ => on_id(engine, call, configured(call, arguments)?).await,
    }
}

async fn on_target(engine: &Engine, call: &'static str, asked: OfTarget) -> Result<Value> {
    let (target, tenant) = (asked.target, whose(asked.tenant)?);
    match call {
        "engine.webhook_guide" => {
            let guide = engine.webhook_guide(&target, tenant).await?;
            let text = guide.to_string();
            let mut shown = json!(guide);
            if let Some(members) = shown.as_object_mut() {
                members.insert("text".to_owned(), text.into());
            }
            Ok(shown)
        }
        "engine.webhook_secrets" => Ok(json!(engine.webhook_secrets(&target, tenant).await?)),
        _ => Ok(json!(engine.retire_old_webhook_secrets(&target, tenant).await?)),
    }
}

async fn on_id(engine: &Engine, call: &'static str, asked: OnId) -> Result<Value> {
    let (text, tenant) = (asked.id, whose(asked.tenant)?);
    let connection = || id_of("connection", &text);
    match call {
        "engine.subscribe" => Ok(check(&engine.subscribe(connection()?, tenant).await?)),
        "engine.unsubscribe" => Ok(json!(engine.unsubscribe(connection()?, tenant).await?)),
        "engine.renew_webhook_secret" => {
            engine.renew_webhook_secret(connection()?, tenant).await.map(|()| Value::Null)
        }
        _ => Ok(json!(engine.replay_delivery(id_of("delivery", &text)?, tenant).await?)),
    }
}

fn subscription(subscription: &StoredSubscription) -> Value {
    json!({
        "id": subscription.id,
        "platform": subscription.platform,
        "connection_id": subscription.connection,
        "external_id": subscription.external_id,
        "base_url": subscription.base_url,
        "url": subscription.url,
        "events": subscription.events,
        "state": subscription.state,
        "message": subscription.message,
        "created_at": subscription.created_at,
        "checked_at": subscription.checked_at,
        "check_at": subscription.check_at,
    })
}

fn check(check: &SubscriptionCheck) -> Value {
    json!({
        "platform": check.platform,
        "connection_id": check.connection,
        "outcome": check.outcome,
        "drift": check.drift,
        "message": check.message,
    })
}

fn delivery(delivery: &StoredDelivery) -> Value {
    let event = |event: &StoredEvent| {
        json!({
            "event_id": event.event_id,
            "kind": event.kind,
            "record_id": event.record.as_ref().map(|record| record.id.as_str()),
        })
    };
    json!({
        "id": delivery.id,
        "connection_id": delivery.connection,
        "tenant_id": delivery.tenant,
        "received_at": delivery.received_at,
        "bytes": delivery.bytes,
        "events": delivery.events.iter().map(event).collect::<Vec<_>>(),
        "faults": delivery.faults,
        "shared": delivery.shared,
        "replays": delivery.replays,
        "replayed_at": delivery.replayed_at,
    })
}
