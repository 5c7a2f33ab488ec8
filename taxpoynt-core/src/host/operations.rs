//! The calls of an operator: metrics, health and switches.

use super::{
    names::{named, whose},
    options::configured,
};
use crate::{
    Engine, Error, ErrorKind, Result,
    store::{Rollout, Spread, Switch, SwitchChange, SwitchEntry, SwitchSetting},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The names of these calls.
pub(super) const CALLS: [&str; 5] =
    ["engine.metrics", "engine.health", "engine.switch", "engine.switches", "engine.switch_log"];

/// Makes one of these calls.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    match call {
        "engine.metrics" => {
            let Nothing {} = configured(call, arguments)?;
            Ok(json!(engine.metrics().await))
        }
        "engine.health" => {
            let Nothing {} = configured(call, arguments)?;
            Ok(json!(engine.health().await))
        }
        "engine.switch" => {
            let released = engine.switch(&change(configured(call, arguments)?)?).await?;
            Ok(json!({ "released": released }))
        }
        "engine.switches" => {
            let OfTenant { tenant } = configured(call, arguments)?;
            Ok(engine.switches(whose(tenant)?).await?.iter().map(setting).collect())
        }
        _ => {
            let Log { tenant, limit } = configured(call, arguments)?;
            Ok(engine.switch_log(whose(tenant)?, limit.unwrap_or(100)).await?.iter().map(entry).collect())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTenant {
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    tenant: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    switch: String,
    percent: Option<u8>,
    spread: Option<String>,
    tenant: Option<String>,
    platform: Option<String>,
    who: String,
    reason: String,
}

fn change(asked: Change) -> Result<SwitchChange> {
    const CALL: &str = "engine.switch";
    let switch: Option<Switch> = named(CALL, "switch", Some(asked.switch))?;
    let missing = || Error::new(ErrorKind::Config, CALL, "switch is missing").with("field", "switch");
    let spread: Spread = named(CALL, "spread", asked.spread)?.unwrap_or_default();
    Ok(SwitchChange {
        switch: switch.ok_or_else(missing)?,
        tenant: whose(asked.tenant)?,
        platform: asked.platform,
        to: asked.percent.map(|percent| Rollout { percent, spread }),
        who: asked.who,
        reason: asked.reason,
    })
}

fn setting(setting: &SwitchSetting) -> Value {
    json!({
        "switch": setting.switch, "tenant": setting.tenant, "platform": setting.platform,
        "percent": setting.rollout.percent, "spread": setting.rollout.spread, "set_by": setting.set_by,
        "reason": setting.reason, "set_at": setting.set_at,
    })
}

fn entry(entry: &SwitchEntry) -> Value {
    json!({
        "seq": entry.seq, "at": entry.at, "switch": entry.switch, "tenant": entry.tenant,
        "platform": entry.platform, "before": entry.before, "after": entry.after, "who": entry.who,
        "reason": entry.reason,
    })
}
