//! Webhook bodies and their events: stored once, listed, and read again.

use super::{
    Sqlite,
    arrivals::{self, Letter},
    fault::{Fault, Outcome, not_found},
    page,
    queue::{self, NewJob},
    rows::{Columns, json, micros},
    webhook_setup as setup,
};
use crate::{
    Result,
    model::{RecordKind, SourceKey},
    store::{
        Delivery, DeliveryFilter, Incoming, Ingested, JobKind, Page, Part, ReadAgain, StoredDelivery,
        StoredEvent, StoredSecret, StoredSubscription, WebhookSetup, WebhookStore,
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl WebhookStore for Sqlite {
    async fn receive(&self, incoming: &Incoming, now: DateTime<Utc>) -> Result<Ingested> {
        self.take_in(incoming.clone(), now).await
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Page<StoredDelivery>> {
        let filter = filter.clone();
        self.read("store.deliveries", move |c| Box::pin(deliveries(c, filter))).await
    }

    async fn delivery(&self, id: Uuid, tenant: Option<Uuid>) -> Result<(StoredDelivery, Bytes)> {
        self.read("store.delivery", move |c| Box::pin(delivery(c, id, tenant))).await
    }

    async fn replay_delivery(&self, again: &ReadAgain, now: DateTime<Utc>) -> Result<u32> {
        let again = again.clone();
        self.write("store.replay_delivery", move |c| Box::pin(replay(c, again, now))).await
    }

    async fn webhook_revision(&self, platform: &str) -> Result<i64> {
        let platform = platform.to_owned();
        self.read("store.webhook_revision", move |c| Box::pin(setup::revision(c, platform))).await
    }

    async fn webhook_setup(&self, platform: &str, connection: Option<Uuid>) -> Result<WebhookSetup> {
        let platform = platform.to_owned();
        self.read("store.webhook_setup", move |c| Box::pin(setup::setup(c, platform, connection))).await
    }

    async fn put_webhook_secret(&self, secret: &StoredSecret, now: DateTime<Utc>) -> Result<()> {
        let secret = secret.clone();
        self.write("store.put_webhook_secret", move |c| Box::pin(setup::put_secret(c, secret, now))).await
    }

    async fn retire_webhook_secrets(
        &self,
        keep: Uuid,
        configured: &[StoredSecret],
        now: DateTime<Utc>,
    ) -> Result<u64> {
        let configured = configured.to_vec();
        self.write("store.retire_webhook_secrets", move |c| Box::pin(setup::retire(c, keep, configured, now)))
            .await
    }

    async fn put_subscription(
        &self,
        subscription: &StoredSubscription,
        secret: Option<&StoredSecret>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (subscription, secret) = (subscription.clone(), secret.cloned());
        self.write("store.put_subscription", move |c| {
            Box::pin(setup::put_subscription(c, subscription, secret, now))
        })
        .await
    }

    async fn subscriptions(&self, platform: Option<&str>) -> Result<Vec<StoredSubscription>> {
        let platform = platform.map(str::to_owned);
        self.read("store.subscriptions", move |c| Box::pin(setup::subscriptions(c, platform))).await
    }

    async fn drop_subscription(&self, id: Uuid, now: DateTime<Utc>) -> Result<()> {
        self.write("store.drop_subscription", move |c| Box::pin(setup::drop_subscription(c, id, now))).await
    }

    async fn due_subscriptions(
        &self,
        limit: u32,
        again: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<StoredSubscription>> {
        self.write("store.due_subscriptions", move |c| Box::pin(setup::due(c, limit, again, now))).await
    }
}

/// A body that is for one connection and that nobody says was verified under which set-up.
pub(super) async fn ingest(
    connection: &mut SqliteConnection,
    delivery: Delivery,
    now: DateTime<Utc>,
) -> Outcome<Ingested> {
    let Delivery { connection: to, body, events, lane } = delivery;
    let parts = vec![Part { connection: to, events, shared: false }];
    let incoming = Incoming { platform: String::new(), revision: 0, body, lane, parts, faults: Vec::new() };
    let verdicts = arrivals::store(connection, vec![Letter { incoming, is_bound: false, now }]).await?;
    verdicts.into_iter().next().transpose()?.ok_or(Fault::Damaged("deliveries"))
}

/// Notes an event, and says whether it was unknown.
async fn first_time(
    connection: &mut SqliteConnection,
    to: &str,
    delivery: &str,
    (event_id, name, key): (&str, &str, Option<&SourceKey>),
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let noted = sqlx::query(
        "INSERT INTO events (connection, event_id, name, record_kind, external_id, delivery, received_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (connection, event_id) DO NOTHING",
    )
    .bind(to)
    .bind(event_id)
    .bind(name)
    .bind(key.map(|key| key.kind.as_str()))
    .bind(key.map(|key| key.id.as_str()))
    .bind(delivery)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

const SHOWN: &str =
    "d.rowid AS seq, d.id, d.connection, c.tenant, d.received_at, length(d.body) AS bytes, d.shared,
    d.faults, d.replays, d.replayed_at";

async fn deliveries(
    connection: &mut SqliteConnection,
    filter: DeliveryFilter,
) -> Outcome<Page<StoredDelivery>> {
    let (limit, before) = page::ask(filter.limit, filter.cursor.as_deref())?;
    let sql = format!(
        "SELECT {SHOWN} FROM deliveries d JOIN connections c ON c.id = d.connection
         WHERE (?1 IS NULL OR c.tenant = ?1) AND (?2 IS NULL OR d.connection = ?2)
             AND (NOT ?3 OR d.faults IS NOT NULL)
             AND (NOT ?4 OR EXISTS (SELECT 1 FROM events e WHERE e.delivery = d.id AND e.external_id IS NULL))
             AND d.rowid < ?5
         ORDER BY d.rowid DESC LIMIT ?6"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(filter.tenant.map(|id| id.to_string()))
        .bind(filter.connection.map(|id| id.to_string()))
        .bind(filter.faulty)
        .bind(filter.ignored)
        .bind(before)
        .bind(i64::from(limit) + 1)
        .fetch_all(&mut *connection)
        .await?;
    let mut page = page::cut(&rows, limit, read)?;
    for delivery in &mut page.items {
        delivery.events = events_of(connection, delivery.id).await?;
    }
    Ok(page)
}

async fn delivery(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
) -> Outcome<(StoredDelivery, Bytes)> {
    let sql = format!(
        "SELECT {SHOWN}, d.body FROM deliveries d JOIN connections c ON c.id = d.connection
         WHERE d.id = ?1 AND (?2 IS NULL OR c.tenant = ?2)"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id.to_string())
        .bind(tenant.map(|tenant| tenant.to_string()))
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| not_found("delivery", id))?;
    let mut delivery = read(&row)?;
    delivery.events = events_of(connection, id).await?;
    Ok((delivery, Columns(&row).bytes("body")?))
}

fn read(row: &SqliteRow) -> Outcome<StoredDelivery> {
    let row = Columns(row);
    let faults = row.maybe_text("faults")?.map(|text| serde_json::from_str(&text)).transpose();
    Ok(StoredDelivery {
        id: row.id("id")?,
        connection: row.id("connection")?,
        tenant: row.id("tenant")?,
        received_at: row.time("received_at")?,
        bytes: row.count("bytes")?,
        events: Vec::new(),
        faults: faults.map_err(|_| Fault::Damaged("faults"))?.unwrap_or_default(),
        shared: row.int("shared")? != 0,
        replays: u32::try_from(row.int("replays")?).map_err(|_| Fault::Damaged("replays"))?,
        replayed_at: row.maybe_time("replayed_at")?,
    })
}

async fn events_of(connection: &mut SqliteConnection, delivery: Uuid) -> Outcome<Vec<StoredEvent>> {
    let rows = sqlx::query(
        "SELECT event_id, name, record_kind, external_id FROM events WHERE delivery = ?1 ORDER BY event_id",
    )
    .bind(delivery.to_string())
    .fetch_all(connection)
    .await?;
    let event = |row: &SqliteRow| {
        let row = Columns(row);
        let kind = row.maybe_text("record_kind")?.and_then(|kind| RecordKind::from_name(&kind));
        let record = kind.zip(row.maybe_text("external_id")?).map(|(kind, id)| SourceKey::new(kind, id));
        Ok(StoredEvent { event_id: row.text("event_id")?, kind: row.text("name")?, record })
    };
    rows.iter().map(event).collect()
}

async fn replay(connection: &mut SqliteConnection, again: ReadAgain, now: DateTime<Utc>) -> Outcome<u32> {
    let (stored, _) = delivery(connection, again.id, None).await?;
    let (to, id) = (stored.connection.to_string(), again.id.to_string());
    let mut queued = 0;
    for (event_id, name, key) in &again.events {
        if !first_time(connection, &to, &id, (event_id, name, key.as_ref()), now).await? {
            understand(connection, &to, event_id, name, key.as_ref()).await?;
        }
        if let Some(key) = key {
            let kind = JobKind::Fetch(key.clone());
            let job = NewJob { kind, tenant: stored.tenant, connection: stored.connection, lane: again.lane };
            queue::enqueue(connection, &job, now).await?;
            queued += 1;
        }
    }
    let faults = if again.faults.is_empty() { None } else { Some(json(&again.faults)?) };
    sqlx::query("UPDATE deliveries SET faults = ?2, replays = replays + 1, replayed_at = ?3 WHERE id = ?1")
        .bind(&id)
        .bind(faults)
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(queued)
}

/// An event may mean more to this version of the connector than to the one that received it.
async fn understand(
    connection: &mut SqliteConnection,
    to: &str,
    event_id: &str,
    name: &str,
    key: Option<&SourceKey>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE events SET name = ?3, record_kind = ?4, external_id = ?5 WHERE connection = ?1 AND event_id = ?2",
    )
    .bind(to)
    .bind(event_id)
    .bind(name)
    .bind(key.map(|key| key.kind.as_str()))
    .bind(key.map(|key| key.id.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}
