//! The host's calls about pulls: imports, schedules, and counted days.

use super::{
    names::{id as id_of, whose},
    options::configured,
    sync_rows as rows,
};
use crate::{Engine, Error, ErrorKind, Result};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The names of the calls.
pub(super) const CALLS: [&str; 10] = [
    "engine.backfill",
    "engine.backfills",
    "engine.backfill_progress",
    "engine.pause_backfill",
    "engine.resume_backfill",
    "engine.cancel_backfill",
    "engine.sync_health",
    "engine.set_sync_schedule",
    "engine.reconcile",
    "engine.reconciliations",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    id: String,
    tenant: Option<String>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    seconds: Option<u64>,
    day: Option<NaiveDate>,
    fetch: Option<bool>,
    unequal: Option<bool>,
    limit: Option<u32>,
}

/// Makes a call. `id` is a connection, or the import that it is about.
///
/// # Errors
/// As the host's other calls.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    let asked: Asked = configured(call, arguments)?;
    let (id, tenant) = (id_of("id", &asked.id)?, whose(asked.tenant)?);
    let missing = |field: &'static str| {
        Error::new(ErrorKind::Config, call, format!("{field} is missing")).with("field", field)
    };
    match call {
        "engine.backfill" => {
            let since = asked.since.ok_or_else(|| missing("since"))?;
            Ok(json!(engine.backfill(id, tenant, since, asked.until).await?))
        }
        "engine.backfills" => Ok(engine.backfills(id, tenant).await?.iter().map(rows::backfill).collect()),
        "engine.backfill_progress" => Ok(rows::backfill(&engine.backfill_progress(id, tenant).await?)),
        "engine.pause_backfill" => engine.pause_backfill(id, tenant).await.map(|()| Value::Null),
        "engine.resume_backfill" => engine.resume_backfill(id, tenant).await.map(|()| Value::Null),
        "engine.cancel_backfill" => engine.cancel_backfill(id, tenant).await.map(|()| Value::Null),
        "engine.sync_health" => Ok(rows::health(&engine.sync_health(id, tenant).await?)),
        "engine.set_sync_schedule" => {
            let every = asked.seconds.map(Duration::from_secs);
            engine.set_sync_schedule(id, tenant, every).await.map(|()| Value::Null)
        }
        "engine.reconcile" => {
            let day = asked.day.ok_or_else(|| missing("day"))?;
            let report = engine.reconcile(id, tenant, day, asked.fetch.unwrap_or(false)).await?;
            Ok(rows::reconciliation(&report))
        }
        _ => {
            let (unequal, limit) = (asked.unequal.unwrap_or(false), asked.limit.unwrap_or(100));
            let days = engine.reconciliations(id, tenant, unequal, limit).await?;
            Ok(days.iter().map(rows::reconciliation).collect())
        }
    }
}
