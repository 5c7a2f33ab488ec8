//! The control calls that Square and HubSpot share: their authorization servers and their journals.

use super::{Answer, Problem, changed, desk, happened, ok, read};
use crate::{
    HubSpot, OAuth, Square,
    webhook::Happened,
    world::{Desk, Shared},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// Everything that is told apart by the name of a platform.
pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/{platform}/oauth", get(oauth))
        .route("/{platform}/oauth/settings", get(oauth_settings).post(set_oauth))
        .route("/{platform}/oauth/grant", post(grant))
        .route("/{platform}/oauth/expire", post(expire))
        .route("/{platform}/oauth/revoke", post(revoke))
        .route("/{platform}/journal", get(journal).delete(clear_journal))
}

fn server(world: Shared, platform: &str) -> Result<OAuth, Problem> {
    match platform {
        "square" => Ok(Square { world }.oauth()),
        "hubspot" => Ok(HubSpot { world }.oauth()),
        _ => Err(Problem(StatusCode::NOT_FOUND, format!("{platform} has no authorization server"))),
    }
}

async fn oauth(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    let server = server(world, &platform)?;
    ok(&json!({"settings": server.settings(), "counts": server.counts()}))
}

async fn oauth_settings(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    ok(&json!(server(world, &platform)?.settings()))
}

async fn set_oauth(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let server = server(world, &platform)?;
    let settings = changed(&server.settings(), &body)?;
    let answer = json!(settings);
    server.set(|now| *now = settings);
    ok(&answer)
}

/// `{"scopes", "pkce"?}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    scopes: Vec<String>,
    #[serde(default)]
    pkce: bool,
}

async fn grant(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let wanted = read::<Wanted>(&body)?;
    let scopes: Vec<&str> = wanted.scopes.iter().map(String::as_str).collect();
    ok(&json!(server(world, &platform)?.grant(&scopes, wanted.pkce)))
}

async fn expire(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    let server = server(world, &platform)?;
    server.expire_access_tokens();
    ok(&json!({"counts": server.counts()}))
}

async fn revoke(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    if platform == "square" {
        return happened(&Square { world }.disconnect().await?);
    }
    server(world.clone(), &platform)?;
    HubSpot { world }.uninstall()?;
    happened(&Happened { id: String::new(), deliveries: Vec::new() })
}

fn kept<'a>(desk: &'a Desk, platform: &str) -> Result<&'a crate::journal::Journal, Problem> {
    let none = || Problem(StatusCode::NOT_FOUND, format!("{platform} keeps no journal of calls"));
    desk.journal.as_ref().ok_or_else(none)
}

async fn journal(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    ok(&json!({"journal": kept(desk(&world, &platform)?, &platform)?.calls()}))
}

async fn clear_journal(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    kept(desk(&world, &platform)?, &platform)?.clear();
    ok(&json!({"journal": []}))
}
