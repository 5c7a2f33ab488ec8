//! The control calls that the platforms share: their authorization servers and their journals.

use super::{Answer, Problem, changed, desk, happened, ok, read};
use crate::{
    Cue, HubSpot, LimitSettings, OAuth, Pipedrive, Spoil, Square, Stock,
    webhook::{Delivery, Happened, WebhookFault},
    world::{Desk, Shared},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use bytes::Bytes;
use chrono::TimeDelta;
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
        .route("/{platform}/webhook_faults", post(spoil_webhooks))
        .route("/hubspot/rotate_secret", post(rotate_secret))
        .route("/webhooks/catch_up", post(catch_up))
        .route("/webhooks/hold", post(hold))
        .route("/webhooks/release", post(release))
        .route("/webhooks/log", get(deliveries))
        .route("/{platform}/cues", post(cue))
        .route("/{platform}/limits", get(limits).post(set_limits))
        .route("/{platform}/search_lag", post(search_lag))
        .route("/{platform}/stock", post(stock))
        .route("/{platform}/spoil/{id}", post(spoil))
        .route("/{platform}/touch/{id}", post(touch))
        .route("/square/orders/{id}/cancel", post(cancel))
        .route("/hubspot/deals/{id}/archive", post(archive))
        .route("/hubspot/deals/{id}/restore", post(restore))
        .route("/hubspot/deals/{id}/change", post(change))
        .route("/{platform}/journal", get(journal).delete(clear_journal))
}

fn server(world: Shared, platform: &str) -> Result<OAuth, Problem> {
    match platform {
        "square" => Ok(Square { world }.oauth()),
        "hubspot" => Ok(HubSpot { world }.oauth()),
        "pipedrive" => Ok(Pipedrive { world }.oauth()),
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
    match platform.as_str() {
        "pipedrive" => Pipedrive { world }.uninstall()?,
        _ => HubSpot { world }.uninstall()?,
    }
    happened(&Happened { id: String::new(), deliveries: Vec::new() })
}

/// `{"fault", "times"?}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spoiled {
    fault: WebhookFault,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

async fn spoil_webhooks(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let Spoiled { fault, times } = read(&body)?;
    match platform.as_str() {
        "square" => Square { world }.spoil_webhooks(fault, times),
        "hubspot" => HubSpot { world }.spoil_webhooks(fault, times),
        "pipedrive" => Pipedrive { world }.spoil_webhooks(fault, times),
        _ => {
            return Err(Problem(StatusCode::NOT_FOUND, format!("{platform} signs no webhooks")));
        }
    }
    ok(&json!({"fault": fault, "times": times}))
}

async fn rotate_secret(State(world): State<Shared>) -> Answer {
    ok(&json!({"client_secret": HubSpot { world }.rotate_webhook_secret()}))
}

fn sent(deliveries: Vec<Delivery>) -> Answer {
    happened(&Happened { id: String::new(), deliveries })
}

async fn catch_up(State(world): State<Shared>) -> Answer {
    sent(world.outbox.catch_up(&world).await)
}

async fn hold(State(world): State<Shared>) -> Answer {
    world.outbox.hold();
    ok(&json!({"held": true}))
}

/// `{"seed"?}`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Seed {
    seed: u64,
}

async fn release(State(world): State<Shared>, body: Bytes) -> Answer {
    let Seed { seed } = if body.is_empty() { Seed::default() } else { read(&body)? };
    sent(world.outbox.release(&world, seed).await)
}

async fn deliveries(State(world): State<Shared>) -> Answer {
    let (waiting, next) = world.outbox.waiting();
    ok(&json!({"deliveries": world.outbox.log(), "waiting": waiting, "next_at": next}))
}

/// One of the platforms, as what all can do.
enum Either {
    Square(Square),
    HubSpot(HubSpot),
    Pipedrive(Pipedrive),
}

fn either(world: Shared, platform: &str) -> Result<Either, Problem> {
    match platform {
        "square" => Ok(Either::Square(Square { world })),
        "hubspot" => Ok(Either::HubSpot(HubSpot { world })),
        "pipedrive" => Ok(Either::Pipedrive(Pipedrive { world })),
        _ => Err(Problem(StatusCode::NOT_FOUND, format!("{platform} has no records of this kind"))),
    }
}

async fn cue(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let cue = read::<Cue>(&body)?;
    let answer = json!(cue);
    match either(world, &platform)? {
        Either::Square(square) => square.cue(cue),
        Either::HubSpot(hubspot) => hubspot.cue(cue),
        Either::Pipedrive(pipedrive) => pipedrive.cue(cue),
    }
    ok(&answer)
}

fn limits_of(desk: &Desk, platform: &str) -> Result<LimitSettings, Problem> {
    let none = || Problem(StatusCode::NOT_FOUND, format!("{platform} has no limits"));
    desk.limits.as_ref().map(crate::limits::Limits::settings).ok_or_else(none)
}

async fn limits(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    ok(&json!(limits_of(desk(&world, &platform)?, &platform)?))
}

async fn set_limits(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let settings = changed(&limits_of(desk(&world, &platform)?, &platform)?, &body)?;
    let answer = json!(settings);
    match either(world, &platform)? {
        Either::Square(square) => square.set_limits(|now| *now = settings),
        Either::HubSpot(hubspot) => hubspot.set_limits(|now| *now = settings),
        Either::Pipedrive(pipedrive) => pipedrive.set_limits(|now| *now = settings),
    }
    ok(&answer)
}

/// `{"seconds"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    seconds: u32,
}

async fn search_lag(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let Lag { seconds } = read(&body)?;
    let lag = TimeDelta::seconds(i64::from(seconds));
    match either(world, &platform)? {
        Either::Square(square) => square.set_search_lag(lag),
        Either::HubSpot(hubspot) => hubspot.set_search_lag(lag),
        Either::Pipedrive(_) => {
            return Err(Problem(StatusCode::NOT_FOUND, "pipedrive has no search that lags".to_owned()));
        }
    }
    ok(&json!({"seconds": seconds}))
}

async fn stock(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let stock = read::<Stock>(&body)?;
    let made = match either(world, &platform)? {
        Either::Square(square) => square.stock(&stock),
        Either::HubSpot(hubspot) => hubspot.stock(&stock),
        Either::Pipedrive(pipedrive) => pipedrive.stock(&stock),
    };
    ok(&json!({"count": made.ids.len(), "sum": made.sum, "ids": made.ids}))
}

fn done(known: bool, id: &str) -> Answer {
    if known {
        ok(&json!({"id": id}))
    } else {
        Err(Problem(StatusCode::CONFLICT, format!("there is no record {id}")))
    }
}

/// `{"how"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct How {
    how: Spoil,
}

type Record = Path<(String, String)>;

async fn spoil(State(world): State<Shared>, Path((platform, id)): Record, body: Bytes) -> Answer {
    let How { how } = read(&body)?;
    let known = match either(world, &platform)? {
        Either::Square(square) => square.spoil(&id, how),
        Either::HubSpot(hubspot) => hubspot.spoil(&id, how),
        Either::Pipedrive(pipedrive) => pipedrive.spoil(&id, how),
    };
    done(known, &id)
}

async fn touch(State(world): State<Shared>, Path((platform, id)): Record) -> Answer {
    let known = match either(world, &platform)? {
        Either::Square(square) => square.touch(&id),
        Either::HubSpot(hubspot) => hubspot.touch(&id),
        Either::Pipedrive(pipedrive) => pipedrive.touch(&id),
    };
    done(known, &id)
}

async fn cancel(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&Square { world }.cancel(&id).await?)
}

async fn archive(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&HubSpot { world }.archive(&id).await?)
}

async fn restore(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&HubSpot { world }.restore(&id).await?)
}

/// `{"property", "value"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    property: String,
    value: String,
}

async fn change(State(world): State<Shared>, Path(id): Path<String>, body: Bytes) -> Answer {
    let Change { property, value } = read(&body)?;
    happened(&HubSpot { world }.change(&id, &property, &value).await?)
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
