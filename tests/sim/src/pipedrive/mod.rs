//! Pipedrive: a company with a deal that can be won, Pipedrive's own lists, errors, tokens and webhooks.

mod company;
mod goods;
mod handle;
mod hooks;
mod lists;
pub(crate) mod oauth;
mod reads;

pub(crate) use company::Company;
pub use goods::Offer;
pub(crate) use goods::{COMPANY_ID, DEAL_ID, TIN_FIELD, USER_ID};
pub use handle::Pipedrive;
pub(crate) use hooks::Hooks;

use crate::{
    faults::{self, FaultKind, Wording},
    limits,
    oauth::door,
    script::Act,
    world::{Desk, Gate, Shared, World, lock, pass},
};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, delete, get, post},
};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What an amount off a line is off. No source says: the `sum` of a line tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AmountDiscount {
    /// The line.
    #[default]
    PerLine,
    /// Each unit.
    PerUnit,
}

/// What is not documented, as switches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PipedriveSettings {
    /// What an amount off a line is off.
    pub amount_discount: AmountDiscount,
    /// Whether the deal's `update_time` moves when one of its lines is changed.
    pub lines_touch_deals: bool,
}

/// A refusal: its status and a sentence.
struct Problem(StatusCode, String);

impl From<String> for Problem {
    fn from(sentence: String) -> Self {
        Self(StatusCode::BAD_REQUEST, sentence)
    }
}

fn answer(result: Result<Value, Problem>) -> Response {
    match result {
        Ok(body) => faults::json(StatusCode::OK, &body),
        Err(Problem(status, sentence)) => faults::json(status, &error(status.as_u16(), &sentence)),
    }
}

fn error(status: u16, sentence: &str) -> Value {
    json!({
        "success": false, "error": sentence, "errorCode": status, "error_info": "Please check developers.pipedrive.com",
        "data": null, "additional_data": null,
    })
}

/// The desk: credentials and wording.
pub(crate) fn desk() -> Desk {
    Desk::new(
        || Wording {
            server_error: error(500, "Server error."),
            too_many: error(429, "request over limit"),
            unauthorized: (StatusCode::UNAUTHORIZED, oauth::unauthorized()),
            more: special,
        },
        oauth::admit,
    )
    .with_journal(|world| &world.pipedrive_oauth)
    .with_records(limits::pipedrive(), act)
    .with_costs(cost)
}

/// What Pipedrive says where a fault asks for more than the usual. What a used-up day is told by is its header.
fn special(kind: FaultKind) -> Option<(u16, Value)> {
    Some(match kind {
        FaultKind::Expired => (401, oauth::unauthorized()),
        FaultKind::Forbidden => (403, oauth::forbidden()),
        FaultKind::NotFound => (404, error(404, "Deal not found.")),
        FaultKind::DailyQuota => (429, error(429, "daily request limit exceeded")),
        FaultKind::Unavailable => (503, error(503, "Service unavailable: maintenance.")),
        FaultKind::GatewayTimeout => (504, error(504, "Gateway timeout.")),
        _ => return None,
    })
}

/// What a call takes of the day's tokens; of version 1 and OAuth the numbers are assumed.
fn cost(endpoint: &str) -> u32 {
    match endpoint {
        "authorize" | "token" | "revoke" => 0,
        "deal" | "person" | "organization" | "product" => 1,
        "users" | "user" | "me" | "currencies" | "webhooks" | "webhook_create" | "webhook_delete" => 2,
        "pipelines" | "stages" => 5,
        "deals_archived" => 20,
        _ => 10,
    }
}

/// A change between calls.
fn act(world: &World, act: &Act) {
    let at = world.clock.stamp();
    let mut company = lock(&world.company);
    let number = |id: &str| id.parse::<u64>().unwrap_or_default();
    let known = match act {
        Act::Touch(id) => company.touch(number(id), at),
        Act::Remove(id) => company.delete(number(id), at).is_some(),
        Act::Put(records) => company.put(records, at).is_ok(),
        Act::Some(which) => company.touch_one(*which, at),
    };
    // A script that names no record changes nothing, as at the platform.
    let _ = known;
}

async fn no_route() -> Response {
    answer(Err(Problem(StatusCode::NOT_FOUND, "Unknown method.".to_owned())))
}

/// What is left of the limits. The day's headers are Pipedrive's own, though it documents none of them.
async fn rate_limits(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let oauth = world.pipedrive.by_oauth(&world, request.headers());
    let by_token = door::credential(request.headers(), "bearer").is_none();
    let open = request.uri().path().starts_with("/oauth/");
    let mut response = next.run(request).await;
    let Some(limits) = world.pipedrive.limits.as_ref().filter(|_| !open) else { return response };
    let left = limits.left(world.clock.now(), oauth);
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit", HeaderValue::from(left.burst));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(left.remaining));
    headers.insert("x-ratelimit-reset", HeaderValue::from(left.reset_seconds));
    if let Some((daily, remaining)) = left.daily {
        headers.insert("x-daily-ratelimit-token-limit", HeaderValue::from(daily));
        headers.insert("x-daily-ratelimit-token-remaining", HeaderValue::from(remaining));
        if by_token {
            headers.insert("x-daily-requests-left", HeaderValue::from(remaining));
        }
    }
    response
}

/// Everything under `/pipedrive`: one host serves what the platform serves on `oauth.pipedrive.com` and on the company's.
pub(crate) fn router(world: &Shared) -> Router {
    let at = |endpoint: &'static str, handler: MethodRouter<Shared>| {
        let gate = Gate { world: world.clone(), desk: |world| &world.pipedrive, endpoint };
        handler.layer(from_fn_with_state(gate, pass))
    };
    let version2 = Router::new()
        .route("/deals", at("deals", get(reads::deals)))
        .route("/deals/archived", at("deals_archived", get(reads::archived)))
        .route("/deals/products", at("deals_products", get(reads::deals_products)))
        .route("/deals/installments", at("deals_installments", get(reads::installments)))
        .route("/deals/{id}", at("deal", get(reads::deal)))
        .route("/deals/{id}/products", at("deal_products", get(reads::deal_products)))
        .route("/deals/{id}/discounts", at("deal_discounts", get(reads::discounts)))
        .route("/persons", at("persons", get(reads::persons)))
        .route("/persons/{id}", at("person", get(reads::person)))
        .route("/organizations", at("organizations", get(reads::organizations)))
        .route("/organizations/{id}", at("organization", get(reads::organization)))
        .route("/products", at("products", get(reads::products)))
        .route("/products/{id}", at("product", get(reads::product)))
        .route("/pipelines", at("pipelines", get(reads::pipelines)))
        .route("/stages", at("stages", get(reads::stages)))
        .route("/dealFields", at("deal_fields", get(reads::deal_fields)))
        .route("/personFields", at("person_fields", get(reads::person_fields)))
        .route("/organizationFields", at("organization_fields", get(reads::organization_fields)))
        .route("/productFields", at("product_fields", get(reads::product_fields)));
    let version1 = Router::new()
        .route("/users", at("users", get(reads::users)))
        .route("/users/me", at("me", get(reads::me)))
        .route("/users/{id}", at("user", get(reads::user)))
        .route("/currencies", at("currencies", get(reads::currencies)))
        .route("/webhooks", at("webhooks", get(hooks::list)).merge(at("webhook_create", post(hooks::create))))
        .route("/webhooks/{id}", at("webhook_delete", delete(hooks::remove)));
    Router::new()
        .route("/oauth/authorize", at("authorize", get(oauth::authorize)))
        .route("/oauth/token", at("token", post(oauth::token)))
        .route("/oauth/token/", at("token", post(oauth::token)))
        .route("/oauth/revoke", at("revoke", post(oauth::revoke)))
        .nest("/api/v2", version2)
        .nest("/api/v1", version1.clone())
        .nest("/v1", version1)
        .fallback(no_route)
        .method_not_allowed_fallback(no_route)
        .layer(from_fn_with_state(world.clone(), rate_limits))
        .with_state(world.clone())
}
