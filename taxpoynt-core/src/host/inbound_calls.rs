//! What others sent: listed, pulled from the authority, announced by the host.

use super::{
    authority_rows as authority,
    calls::unknown,
    names::{id as id_of, named, whose},
    options::configured,
    rows,
};
use crate::{
    Engine, Error, Result,
    store::{InboundFilter, InboundOrigin},
};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

/// The calls of this part.
pub(super) const CALLS: [&str; 3] = ["engine.inbound", "engine.pull_inbound", "engine.announce_inbound"];

/// Makes one of them.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    match call {
        "engine.inbound" => inbound(engine, configured(call, arguments)?).await,
        "engine.pull_inbound" => pull_inbound(engine, configured(call, arguments)?).await,
        "engine.announce_inbound" => announce_inbound(engine, configured(call, arguments)?).await,
        other => Err(unknown(call, other)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    tenant: Option<String>,
    state: Option<String>,
    #[serde(default)]
    faulty: bool,
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn inbound(engine: &Engine, asked: Inbound) -> Result<Value> {
    let filter = InboundFilter {
        tenant: whose(asked.tenant)?,
        state: named("engine.inbound", "state", asked.state)?,
        faulty: asked.faulty,
        cursor: asked.cursor,
        limit: asked.limit,
    };
    Ok(rows::page(&engine.inbound(&filter).await?, authority::inbound))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PullInbound {
    tenant: String,
    from_date: Option<String>,
    to_date: Option<String>,
}

async fn pull_inbound(engine: &Engine, asked: PullInbound) -> Result<Value> {
    let tenant = id_of("tenant", &asked.tenant)?;
    let (from, to) = (day("from_date", asked.from_date)?, day("to_date", asked.to_date)?);
    Ok(json!(engine.pull_inbound(tenant, from, to).await?))
}

fn day(field: &'static str, text: Option<String>) -> Result<Option<NaiveDate>> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let message = format!("{field} must be a day such as 2026-11-02, found {text:?}");
        Error::payload("engine.pull_inbound", field, message)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnnounceInbound {
    irn: String,
    tenant: Option<String>,
}

async fn announce_inbound(engine: &Engine, asked: AnnounceInbound) -> Result<Value> {
    let tenant = whose(asked.tenant)?;
    Ok(json!(engine.announce_inbound(&asked.irn, tenant, InboundOrigin::Host).await?))
}
