//! Connections by authorization, and what becomes of them, as hosts in other languages ask for it.

use super::{
    names::{id as id_of, whose},
    options::configured,
    rows,
};
use crate::{Engine, Error, ErrorKind, Result, engine::Callback, store::Connection};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The names of these calls.
pub(super) const CALLS: [&str; 5] = [
    "engine.authorize_url",
    "engine.exchange",
    "engine.remove",
    "engine.test_connection",
    "engine.connection_log",
];

/// Makes one of these calls.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    match call {
        "engine.authorize_url" => authorize_url(engine, configured(call, arguments)?).await,
        "engine.exchange" => exchange(engine, configured(call, arguments)?).await,
        _ => on_connection(engine, call, configured(call, arguments)?).await,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authorize {
    platform: String,
    tenant: String,
    redirect_uri: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

async fn authorize_url(engine: &Engine, asked: Authorize) -> Result<Value> {
    let Authorize { platform, tenant, redirect_uri, settings } = asked;
    let tenant = id_of("tenant", &tenant)?;
    let url = engine.authorize_url(&platform, tenant, &redirect_uri, settings).await?;
    Ok(json!(url.as_str()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    platform: String,
    tenant: String,
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    /// The redirect's whole query, in place of the three.
    query: Option<String>,
}

async fn exchange(engine: &Engine, asked: Exchange) -> Result<Value> {
    let tenant = id_of("tenant", &asked.tenant)?;
    let callback = match (asked.query, asked.code, asked.state) {
        (Some(query), None, None) => Callback::from_query(&query)?,
        (None, Some(code), Some(state)) => Callback { iss: asked.iss, ..Callback::new(code, state) },
        _ => {
            let message = "code and state are needed, or the redirect's whole query in place of them";
            return Err(Error::new(ErrorKind::Config, "engine.exchange", message).with("field", "code"));
        }
    };
    let connection: Connection = engine.exchange(&asked.platform, tenant, callback).await?;
    Ok(rows::connection(&connection))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnConnection {
    id: String,
    tenant: Option<String>,
}

async fn on_connection(engine: &Engine, call: &'static str, asked: OnConnection) -> Result<Value> {
    let (id, tenant) = (id_of("connection", &asked.id)?, whose(asked.tenant)?);
    match call {
        "engine.remove" => Ok(json!(engine.remove(id, tenant).await?)),
        "engine.test_connection" => {
            let account = engine.test_connection(id, tenant).await?;
            Ok(json!({ "id": account.id, "name": account.name }))
        }
        _ => Ok(engine.connection_log(id, tenant).await?.iter().map(rows::audit).collect()),
    }
}
