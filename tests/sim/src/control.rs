//! The control endpoint: makes sales happen, orders faults, and tells what the simulators saw.

mod pipedrive;
mod platform;

use crate::{
    AccessPoint, Authority, Business, HubSpot, Incoming, Participant, Plan, Sale, Square,
    faults::{self, Fault},
    webhook::{Happened, Receiver, Refused},
    world::{Desk, Shared, World},
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Everything under `/control`, and `/control/` itself, which tells what the binary printed.
pub(crate) fn router(world: &Shared) -> Router {
    let calls = Router::new()
        .route("/redeliver", post(redeliver))
        .route("/clock", post(set_clock))
        .route("/access_point/settings", get(point_shown_settings).post(point_settings))
        .route("/authority/state", get(authority_state))
        .route("/authority/settings", get(authority_shown_settings).post(authority_settings))
        .route("/authority/inbox", get(authority_inbox).post(authority_put_in_inbox))
        .route("/authority/participants", post(authority_participants))
        .route("/authority/businesses", post(authority_businesses))
        .route("/authority/acknowledge", post(authority_acknowledge))
        .route("/authority/decrypt", post(authority_decrypt))
        .route("/authority/webhook_url", post(authority_webhook_url))
        .route("/square/webhook_url", post(square_webhook_url))
        .route("/square/sales/{name}", post(square_sale))
        .route("/square/refunds/partial", post(square_refund))
        .route("/square/orders", post(square_orders))
        .route("/hubspot/webhook_url", post(hubspot_webhook_url))
        .route("/hubspot/deals/{id}/win", post(hubspot_win))
        .route("/hubspot/records", post(hubspot_records))
        .route("/{platform}/state", get(platform_state))
        .route("/{platform}/plan", get(platform_plan).post(set_plan).delete(clear_plan))
        .route("/authority/history/{irn}", get(authority_history))
        .route("/{platform}/faults", post(order_fault).delete(clear_faults))
        .merge(platform::router())
        .merge(pipedrive::router())
        .fallback(async || Problem(StatusCode::NOT_FOUND, "there is no such control call".to_owned()))
        .with_state(world.clone());
    // The same calls under the name that programs of our own look for.
    let doors = |at: &str| Router::new().route(at, get(describe).with_state(world.clone()));
    doors("/control/").merge(doors("/_sim/")).nest("/control", calls.clone()).nest("/_sim", calls)
}

/// An answer of the control endpoint that says what went wrong.
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        faults::json(self.0, &json!({"error": self.1}))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self(StatusCode::CONFLICT, refused.0)
    }
}

type Answer = Result<Response, Problem>;

#[allow(clippy::unnecessary_wraps, reason = "the answer of every control call")]
fn ok(body: &Value) -> Answer {
    Ok(faults::json(StatusCode::OK, body))
}

fn happened(happened: &Happened) -> Answer {
    ok(&json!({"id": happened.id, "status": happened.status(), "deliveries": happened.deliveries}))
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem(StatusCode::BAD_REQUEST, format!("the body is not what this call takes: {error}"))
    })
}

async fn describe(State(world): State<Shared>) -> Answer {
    ok(&crate::describe(&world))
}

async fn redeliver(State(world): State<Shared>) -> Answer {
    let deliveries = world.outbox.again(&world).await;
    happened(&Happened { id: String::new(), deliveries })
}

/// `{"now": …}`: only a clock that stands still can be moved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Now {
    now: DateTime<Utc>,
}

async fn set_clock(State(world): State<Shared>, body: Bytes) -> Answer {
    world.clock.set(read::<Now>(&body)?.now);
    ok(&json!({"now": world.clock.now()}))
}

async fn point_shown_settings(State(world): State<Shared>) -> Answer {
    ok(&json!(AccessPoint { world }.settings()))
}

async fn point_settings(State(world): State<Shared>, body: Bytes) -> Answer {
    let point = AccessPoint { world };
    let settings = changed(&point.settings(), &body)?;
    let answer = json!(settings);
    point.set(|now| *now = settings);
    ok(&answer)
}

/// Settings with those members changed that a body names.
fn changed<T: Serialize + DeserializeOwned>(settings: &T, body: &Bytes) -> Result<T, Problem> {
    let wrong = |error: serde_json::Error| Problem(StatusCode::BAD_REQUEST, error.to_string());
    let mut all = serde_json::to_value(settings).map_err(wrong)?;
    let changes = read::<serde_json::Map<String, Value>>(body)?;
    if let Some(all) = all.as_object_mut() {
        all.extend(changes);
    }
    serde_json::from_value(all).map_err(wrong)
}

fn desk<'a>(world: &'a World, platform: &str) -> Result<&'a Desk, Problem> {
    match platform {
        "authority" => Ok(&world.authority),
        "access_point" => Ok(&world.access_point),
        "square" => Ok(&world.square),
        "hubspot" => Ok(&world.hubspot),
        "pipedrive" => Ok(&world.pipedrive),
        _ => Err(Problem(StatusCode::NOT_FOUND, format!("there is no simulator called {platform}"))),
    }
}

async fn platform_state(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    let desk = desk(&world, &platform)?;
    ok(&json!({"calls": desk.counted(), "faults": desk.faults.pending()}))
}

async fn order_fault(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    let desk = desk(&world, &platform)?;
    desk.faults.order(read::<Fault>(&body)?);
    ok(&json!({"faults": desk.faults.pending()}))
}

async fn clear_faults(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    let desk = desk(&world, &platform)?;
    desk.faults.clear();
    ok(&json!({"faults": desk.faults.pending()}))
}

async fn platform_plan(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    let desk = desk(&world, &platform)?;
    let authority = Authority { world: world.clone() };
    let (planted, unasked) = if platform == "authority" {
        (json!(authority.planted()), json!(authority.signed_unasked()))
    } else {
        (Value::Null, Value::Null)
    };
    ok(&json!({
        "plan": desk.course.plan(), "struck": desk.course.struck(), "planted": planted, "signed_unasked": unasked,
    }))
}

async fn set_plan(State(world): State<Shared>, Path(platform): Path<String>, body: Bytes) -> Answer {
    // A plan that names no faults means those of its platform.
    let usual = if matches!(platform.as_str(), "authority" | "access_point") {
        Plan::of(0)
    } else {
        Plan::platform(0)
    };
    let plan: Plan = changed(&usual, &body)?;
    desk(&world, &platform)?.course.set(Some(plan.clone()));
    ok(&json!({"plan": plan}))
}

async fn clear_plan(State(world): State<Shared>, Path(platform): Path<String>) -> Answer {
    desk(&world, &platform)?.course.set(None);
    ok(&json!({"plan": null}))
}

async fn authority_history(State(world): State<Shared>, Path(irn): Path<String>) -> Answer {
    ok(&json!({"irn": irn, "history": Authority { world }.history(&irn)}))
}

async fn authority_state(State(world): State<Shared>) -> Answer {
    let authority = Authority { world: world.clone() };
    ok(&json!({
        "registered": authority.registered(), "calls": authority.calls(), "duplicates": authority.duplicates(),
        "refusals": authority.refusals(), "faults": world.authority.faults.pending(),
    }))
}

/// Any of the switches; those not named stay as they are. The answer shows all.
async fn authority_settings(State(world): State<Shared>, body: Bytes) -> Answer {
    let authority = Authority { world };
    let settings = changed(&authority.settings(), &body)?;
    let answer = json!(settings);
    authority.set(|now| *now = settings);
    ok(&answer)
}

async fn authority_shown_settings(State(world): State<Shared>) -> Answer {
    ok(&json!(Authority { world }.settings()))
}

async fn authority_put_in_inbox(State(world): State<Shared>, body: Bytes) -> Answer {
    let incoming = if body.is_empty() { Incoming::default() } else { read::<Incoming>(&body)? };
    happened(&Authority { world }.put_in_inbox(incoming).await?)
}

async fn authority_inbox(State(world): State<Shared>) -> Answer {
    ok(&json!({"received": Authority { world }.inbox()}))
}

async fn authority_participants(State(world): State<Shared>, body: Bytes) -> Answer {
    let participant = read::<Participant>(&body)?;
    let answer = json!(participant);
    Authority { world }.add_participant(participant);
    ok(&answer)
}

async fn authority_businesses(State(world): State<Shared>, body: Bytes) -> Answer {
    let business = read::<Business>(&body)?;
    let answer = json!(business);
    Authority { world }.add_business(business);
    ok(&answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Irn {
    irn: String,
}

async fn authority_acknowledge(State(world): State<Shared>, body: Bytes) -> Answer {
    let asked = read::<Irn>(&body)?;
    happened(&Authority { world }.acknowledge(&asked.irn).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stamp {
    stamp: String,
}

async fn authority_decrypt(State(world): State<Shared>, body: Bytes) -> Answer {
    let asked = read::<Stamp>(&body)?;
    let plain = Authority { world }.decrypt_stamp(&asked.stamp)?;
    ok(&json!({"plain": plain}))
}

/// `{"url": …}`, or `{"url": null}` for nowhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookUrl {
    url: Option<String>,
    signed_url: Option<String>,
}

impl WebhookUrl {
    fn receiver(self) -> Result<Option<Receiver>, Problem> {
        let Some(url) = self.url else { return Ok(None) };
        for given in [Some(&url), self.signed_url.as_ref()].into_iter().flatten() {
            url::Url::parse(given).map_err(|error| {
                Problem(StatusCode::BAD_REQUEST, format!("{given} is not a URL: {error}"))
            })?;
        }
        Ok(Some(Receiver { url, signed_url: self.signed_url }))
    }
}

async fn authority_webhook_url(State(world): State<Shared>, body: Bytes) -> Answer {
    let receiver = read::<WebhookUrl>(&body)?.receiver()?;
    Authority { world }.set_webhook_url(receiver.clone());
    ok(&json!(receiver))
}

async fn square_webhook_url(State(world): State<Shared>, body: Bytes) -> Answer {
    let receiver = read::<WebhookUrl>(&body)?.receiver()?;
    Square { world }.set_webhook_url(receiver.clone());
    ok(&json!(receiver))
}

async fn hubspot_webhook_url(State(world): State<Shared>, body: Bytes) -> Answer {
    let receiver = read::<WebhookUrl>(&body)?.receiver()?;
    HubSpot { world }.set_webhook_url(receiver.clone());
    ok(&json!(receiver))
}

async fn square_sale(State(world): State<Shared>, Path(name): Path<String>) -> Answer {
    let sale = Sale::from_name(&name).ok_or_else(|| {
        Problem(StatusCode::NOT_FOUND, format!("there is no sale {name}: take b2b or walk_in"))
    })?;
    happened(&Square { world }.sell(sale).await)
}

async fn square_refund(State(world): State<Shared>) -> Answer {
    happened(&Square { world }.refund_partially().await?)
}

async fn square_orders(State(world): State<Shared>, body: Bytes) -> Answer {
    happened(&Square { world }.put(&read(&body)?).await?)
}

async fn hubspot_win(State(world): State<Shared>, Path(id): Path<String>) -> Answer {
    happened(&HubSpot { world }.win(&id).await?)
}

async fn hubspot_records(State(world): State<Shared>, body: Bytes) -> Answer {
    happened(&HubSpot { world }.put(&read(&body)?)?)
}
