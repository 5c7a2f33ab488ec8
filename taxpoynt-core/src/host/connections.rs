//! Connections by authorization, and what becomes of them, as hosts in other languages ask for it.

use super::{
    names::{id as id_of, whose},
    rows,
};
use crate::{Engine, Error, ErrorKind, Result, engine::Callback, store::Connection};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authorize {
    platform: String,
    tenant: String,
    redirect_uri: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

pub(super) async fn authorize_url(engine: &Engine, asked: Authorize) -> Result<Value> {
    let Authorize { platform, tenant, redirect_uri, settings } = asked;
    let tenant = id_of("tenant", &tenant)?;
    let url = engine.authorize_url(&platform, tenant, &redirect_uri, settings).await?;
    Ok(json!(url.as_str()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    platform: String,
    tenant: String,
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    /// The redirect's whole query, in place of the three.
    query: Option<String>,
}

pub(super) async fn exchange(engine: &Engine, asked: Exchange) -> Result<Value> {
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
pub(super) struct OnConnection {
    id: String,
    tenant: Option<String>,
}

pub(super) async fn on_connection(engine: &Engine, call: &'static str, asked: OnConnection) -> Result<Value> {
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
