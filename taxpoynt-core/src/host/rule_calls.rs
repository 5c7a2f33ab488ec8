//! The host's calls about mapping rules: what is in force, what was, and what others would change.

use super::{names::id as id_of, options::configured};
use crate::{Engine, Error, ErrorKind, Result, engine::DryRun, tenant::Tenant};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The names of the calls.
pub(super) const CALLS: [&str; 5] = [
    "engine.set_rules",
    "engine.rules_in_force",
    "engine.rule_history",
    "engine.rule_text",
    "engine.dry_run",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    tenant: String,
    connection: Option<String>,
    text: Option<String>,
    reason: Option<String>,
    hash: Option<String>,
    settings: Option<Value>,
    #[serde(default)]
    tables: BTreeMap<String, Option<String>>,
    since: Option<DateTime<Utc>>,
}

/// Makes a call.
///
/// # Errors
/// As the host's other calls; `Mapping` with line and column.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    let asked: Asked = configured(call, arguments)?;
    let tenant = id_of("tenant", &asked.tenant)?;
    let connection = asked.connection.as_deref().map(|id| id_of("connection", id)).transpose()?;
    match call {
        "engine.set_rules" => {
            let (text, reason) = (asked.text.as_deref(), asked.reason.as_deref());
            Ok(json!(engine.set_rules(tenant, connection, text, reason).await?))
        }
        "engine.rules_in_force" => {
            let layers = engine.rules_in_force(tenant, connection).await?;
            let layer = |rules: &crate::store::StoredRules| {
                let connection_id = connection.filter(|_| rules.is_of_connection);
                json!({"hash": rules.hash, "text": rules.text, "connection_id": connection_id})
            };
            Ok(layers.iter().map(layer).collect())
        }
        "engine.rule_history" => {
            let versions = engine.rule_history(tenant).await?;
            let version = |version: &crate::store::RuleVersion| {
                let (connection, hash) = (version.connection, &version.hash);
                json!({"connection_id": connection, "hash": hash, "reason": version.reason, "set_at": version.set_at})
            };
            Ok(versions.iter().map(version).collect())
        }
        "engine.rule_text" => {
            let missing = || Error::new(ErrorKind::Config, call, "hash is missing").with("field", "hash");
            let hash = asked.hash.ok_or_else(missing)?;
            Ok(json!(engine.rule_text(tenant, &hash).await?))
        }
        _ => {
            let settings = asked.settings.map(|settings| Tenant::from_json(settings.to_string().as_bytes()));
            let (rules, since, tables) = (asked.text, asked.since, asked.tables);
            let wanted = DryRun { tenant, connection, rules, settings: settings.transpose()?, tables, since };
            let preview = engine.dry_run(&wanted).await?;
            let mut row = json!(preview);
            row["table"] = json!(preview.table());
            Ok(row)
        }
    }
}
