//! Pipedrive's OAuth: scopes of the registration, tokens of an hour, and one refresh token that stays as long as it is used.

use super::error;
use crate::{
    faults,
    oauth::{
        OAuth,
        door::{self, credential},
        ledger::{App, Bearer, Custom, Denied, Ledger, Minted},
        settings::{self, TokenErrors},
    },
    webhook::Refused,
    world::{Shared, World, lock},
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, request::Parts};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The endpoints that take no bearer token.
const OPEN: [&str; 3] = ["authorize", "token", "revoke"];

/// What the app is registered with: an authorization does not name scopes.
const SCOPES: [&str; 6] = ["base", "deals:read", "products:read", "contacts:read", "users:read", "admin"];

pub(crate) fn ledger(client_id: &str, client_secret: &str, redirect_uri: &str) -> Ledger {
    let custom = Custom {
        name: "pipedrive",
        pkce_is_public: false,
        redirect_again: true,
        client_credentials: false,
        registered: &SCOPES,
        knows_pkce: false,
    };
    let app = App { client_id: client_id.to_owned(), client_secret: client_secret.to_owned() };
    Ledger::new(custom, app, settings::pipedrive(redirect_uri))
}

/// Any of these scopes lets a call through; the specification names them for each operation.
fn scopes(endpoint: &str) -> &'static [&'static str] {
    match endpoint {
        "deals" | "deals_archived" | "deal" | "deal_discounts" | "deals_installments" => {
            &["deals:read", "deals:full"]
        }
        "deals_products" | "deal_products" => &["products:read", "products:full", "deals:read", "deals:full"],
        "persons" | "person" | "organizations" | "organization" => &["contacts:read", "contacts:full"],
        "products" | "product" | "product_fields" => &["products:read", "products:full"],
        "pipelines" | "stages" | "deal_fields" => &["deals:read", "deals:full", "admin"],
        "person_fields" | "organization_fields" => &["contacts:read", "contacts:full", "admin"],
        "users" | "user" => &["users:read"],
        "webhooks" | "webhook_create" | "webhook_delete" => &["admin"],
        _ => &["base"],
    }
}

/// Whether a call carries the user's own token, which may do everything.
pub(super) fn is_own(world: &World, headers: &HeaderMap) -> bool {
    let expected = world.credentials.pipedrive.api_token.as_str();
    headers.get("x-api-token").is_some_and(|value| value == expected)
}

/// Checks a call's credentials; `Some` is the refusal. A token that is over, revoked or unknown is told alike.
pub(super) fn admit(world: &World, endpoint: &'static str, head: &Parts) -> Option<Response> {
    if OPEN.contains(&endpoint) || is_own(world, &head.headers) {
        return None;
    }
    let token = credential(&head.headers, "bearer").unwrap_or_default();
    let Bearer::Good { scopes: granted, .. } = lock(&world.pipedrive_oauth).bearer(token, world.clock.now())
    else {
        return Some(faults::json(StatusCode::UNAUTHORIZED, &unauthorized()));
    };
    let needed = scopes(endpoint);
    let may = granted.iter().any(|scope| needed.contains(&scope.as_str()));
    (!may).then(|| faults::json(StatusCode::FORBIDDEN, &forbidden()))
}

pub(super) fn unauthorized() -> Value {
    json!({
        "success": false, "error": "unauthorized access", "errorCode": 401,
        "error_info": "Please check developers.pipedrive.com",
    })
}

pub(super) fn forbidden() -> Value {
    error(403, "Scope and URL mismatch")
}

pub(super) async fn authorize(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    door::authorize(&mut lock(&world.pipedrive_oauth), &query.unwrap_or_default(), world.clock.now())
}

type Fields = BTreeMap<String, String>;

/// A refusal of the token endpoint, as assumed: the code of RFC 6749 in Pipedrive's envelope.
fn refused(status: StatusCode, code: &str, sentence: &str) -> Response {
    faults::json(status, &json!({"success": false, "error": code, "message": sentence}))
}

/// The fields of a form, sent by the app: client id and secret come by HTTP Basic and nowhere else.
fn form(world: &World, headers: &HeaderMap, body: &Bytes) -> Result<Fields, Box<Response>> {
    let app = &world.credentials.pipedrive;
    let expected = BASE64_STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret));
    if credential(headers, "basic") != Some(expected.as_str()) {
        let sentence = "Invalid client: client is invalid";
        return Err(Box::new(refused(StatusCode::UNAUTHORIZED, "invalid_client", sentence)));
    }
    let wrong = |sentence: String| Box::new(refused(StatusCode::BAD_REQUEST, "invalid_request", &sentence));
    if !door::is_of_type(headers, "application/x-www-form-urlencoded") {
        return Err(wrong("Invalid request: content must be application/x-www-form-urlencoded".to_owned()));
    }
    door::fields(body).map_err(|name| wrong(format!("Invalid request: `{name}` comes twice")))
}

pub(super) async fn token(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = match form(&world, &headers, &body) {
        Ok(fields) => fields,
        Err(refusal) => return *refusal,
    };
    let app = &world.credentials.pipedrive;
    let mut ask = door::ask(&fields);
    ask.client_id.clone_from(&app.client_id);
    ask.client_secret = Some(app.client_secret.clone());
    // Proof keys are not known here, nor can a request narrow what the app is registered with.
    (ask.verifier, ask.scopes) = (None, None);
    let mut ledger = lock(&world.pipedrive_oauth);
    match ledger.token(&ask, world.clock.now()) {
        Ok(minted) => faults::json(StatusCode::OK, &given(&world, &minted)),
        Err(why) if ledger.settings.errors == TokenErrors::Rfc6749 => crate::hubspot::oauth::rfc6749(why),
        Err(why) => denied(why),
    }
}

fn given(world: &World, minted: &Minted) -> Value {
    json!({
        "access_token": minted.access, "token_type": "Bearer", "expires_in": minted.lives,
        "refresh_token": minted.refresh, "scope": minted.scopes.join(","),
        "api_domain": world.urls.pipedrive.trim_end_matches('/'),
    })
}

fn denied(why: Denied) -> Response {
    let (code, sentence) = match why {
        Denied::ClientId | Denied::ClientSecret => {
            ("invalid_client", "Invalid client: client is invalid".to_owned())
        }
        Denied::Field(name) => ("invalid_request", format!("Missing parameter: `{name}`")),
        Denied::GrantType => {
            ("unsupported_grant_type", "Unsupported grant type: `grant_type` is invalid".to_owned())
        }
        Denied::Code(what) => ("invalid_grant", format!("Invalid grant: authorization code is {what}")),
        Denied::Redirect => ("invalid_request", "Invalid request: `redirect_uri` is invalid".to_owned()),
        Denied::Refresh(what) => ("invalid_grant", format!("Invalid grant: refresh token is {what}")),
        Denied::Verifier | Denied::Scope => ("invalid_request", "Invalid request".to_owned()),
    };
    refused(StatusCode::BAD_REQUEST, code, &sentence)
}

/// Ends a grant by its refresh token, or one access token. What is not known is as good as revoked: RFC 7009.
pub(super) async fn revoke(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = match form(&world, &headers, &body) {
        Ok(fields) => fields,
        Err(refusal) => return *refusal,
    };
    let Some(token) = fields.get("token") else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "Missing parameter: `token`");
    };
    let hint = fields.get("token_type_hint").map(String::as_str);
    if hint.is_some_and(|hint| !matches!(hint, "access_token" | "refresh_token")) {
        return refused(StatusCode::BAD_REQUEST, "unsupported_token_type", "`token_type_hint` is invalid");
    }
    let mut ledger = lock(&world.pipedrive_oauth);
    if !ledger.revoke_refresh(token, true) {
        ledger.revoke_access(token, true);
    }
    faults::json(StatusCode::OK, &json!({"success": true}))
}

impl super::Pipedrive {
    /// The authorization server.
    #[must_use]
    pub fn oauth(&self) -> OAuth {
        OAuth::new(self.world.clone(), |world| &world.pipedrive_oauth)
    }

    /// The company removes the app: every token ends.
    ///
    /// # Errors
    /// Where nothing is granted.
    pub fn uninstall(&self) -> Result<(), Refused> {
        let live = lock(&self.world.pipedrive_oauth).revoke_all(true);
        live.then_some(()).ok_or_else(|| Refused("nothing is granted that could be taken back".to_owned()))
    }
}
