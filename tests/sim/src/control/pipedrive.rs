//! The control calls of Pipedrive alone: what happens to its deals and their lines.

use super::{Answer, Problem, WebhookUrl, changed, happened, ok, read};
use crate::{Offer, Pipedrive, world::Shared};
use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/pipedrive/webhook_url", post(webhook_url))
        .route("/pipedrive/settings", get(settings).post(set))
        .route("/pipedrive/records", post(records))
        .route("/pipedrive/offers/{name}", post(offer))
        .route("/pipedrive/deals/{id}/win", post(win))
        .route("/pipedrive/deals/{id}/delete", post(delete))
        .route("/pipedrive/deals/{id}/archive", post(archive))
        .route("/pipedrive/deals/{id}/change", post(change))
        .route("/pipedrive/deals/{id}/lines", get(lines))
        .route("/pipedrive/lines/{id}/change", post(change_line))
}

async fn webhook_url(State(world): State<Shared>, body: Bytes) -> Answer {
    let receiver = read::<WebhookUrl>(&body)?.receiver()?;
    Pipedrive { world }.set_webhook_url(receiver.clone());
    ok(&json!(receiver))
}

async fn settings(State(world): State<Shared>) -> Answer {
    ok(&json!(Pipedrive { world }.settings()))
}

async fn set(State(world): State<Shared>, body: Bytes) -> Answer {
    let pipedrive = Pipedrive { world };
    let settings = changed(&pipedrive.settings(), &body)?;
    let answer = json!(settings);
    pipedrive.set(|now| *now = settings);
    ok(&answer)
}

async fn records(State(world): State<Shared>, body: Bytes) -> Answer {
    happened(&Pipedrive { world }.put(&read(&body)?)?)
}

async fn offer(State(world): State<Shared>, Path(name): Path<String>) -> Answer {
    let unknown = || {
        let sentence = format!("there is no offer {name}: take exclusive, inclusive, untaxed or bare");
        Problem(StatusCode::NOT_FOUND, sentence)
    };
    let offer = Offer::from_name(&name).ok_or_else(unknown)?;
    happened(&Pipedrive { world }.offer(offer).await)
}

async fn win(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&Pipedrive { world }.win(&id).await?)
}

async fn delete(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&Pipedrive { world }.delete(&id).await?)
}

async fn archive(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&Pipedrive { world }.archive(&id).await?)
}

/// `{"property", "value"}`, the value as the API has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    property: String,
    value: Value,
}

async fn change(State(world): State<Shared>, Path(id): Path<String>, body: Bytes) -> Answer {
    let Change { property, value } = read(&body)?;
    happened(&Pipedrive { world }.change(&id, &property, &value).await?)
}

async fn change_line(State(world): State<Shared>, Path(id): Path<String>, body: Bytes) -> Answer {
    let Change { property, value } = read(&body)?;
    happened(&Pipedrive { world }.change_line(&id, &property, &value).await?)
}

async fn lines(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    ok(&json!({"lines": Pipedrive { world }.lines(&id)}))
}
