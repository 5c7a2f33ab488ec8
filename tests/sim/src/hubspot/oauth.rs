//! HubSpot's OAuth: the consent page, tokens of half an hour, introspection, and a revocation that spares access tokens.

use super::{APP_ID, PORTAL_ID, error, ok};
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
    extract::{Path, RawQuery, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const USER_ID: u64 = 5_501;

/// The endpoints that take no bearer token.
pub(super) const OPEN: [&str; 4] = ["authorize", "token", "introspect", "revoke"];

pub(crate) fn ledger(client_id: &str, client_secret: &str, redirect_uri: &str) -> Ledger {
    let custom = Custom {
        name: "hubspot",
        pkce_is_public: false,
        redirect_again: true,
        client_credentials: true,
        registered: &[],
        knows_pkce: true,
    };
    let app = App { client_id: client_id.to_owned(), client_secret: client_secret.to_owned() };
    Ledger::new(custom, app, settings::hubspot(redirect_uri))
}

/// What reading a kind of record needs.
fn scope_of(kind: &str) -> Option<&'static str> {
    super::crm::type_name(kind).map(|kind| match kind {
        "contacts" => "crm.objects.contacts.read",
        "companies" => "crm.objects.companies.read",
        "products" => "crm.objects.products.read",
        "line_items" => "crm.objects.line_items.read",
        _ => "crm.objects.deals.read",
    })
}

/// What a call needs, by its path.
fn scopes(endpoint: &str, path: &str) -> Vec<&'static str> {
    let mut parts = path.trim_start_matches('/').split('/');
    match endpoint {
        "list" | "get" | "search" | "batch_read" => parts.nth(3).and_then(scope_of).into_iter().collect(),
        "associations" => parts.skip(3).take(2).filter_map(scope_of).collect(),
        "pipelines" => vec!["crm.schemas.deals.read"],
        "tax_rates" => vec!["tax_rates.read"],
        _ => Vec::new(),
    }
}

/// Checks a bearer token that is not the private app's; `Some` is the refusal.
pub(super) fn admit(world: &World, endpoint: &str, path: &str, headers: &HeaderMap) -> Option<Response> {
    let token = credential(headers, "bearer").unwrap_or_default();
    let refuse = |body: Value| Some(faults::json(StatusCode::UNAUTHORIZED, &body));
    match lock(&world.hubspot_oauth).bearer(token, world.clock.now()) {
        // A revoked token is worded like an unknown one.
        Bearer::Unknown | Bearer::Revoked => refuse(super::unauthorized()),
        Bearer::Expired { seconds } => refuse(expired(seconds)),
        Bearer::Good { scopes: granted, .. } => {
            let needed = scopes(endpoint, path);
            // Line items and products also take the older scope.
            let has = |scope: &str| {
                let older = scope.contains("line_items") || scope.contains("products");
                granted.iter().any(|one| one == scope || (older && one == "e-commerce"))
            };
            let missing: Vec<&str> = needed.into_iter().filter(|scope| !has(scope)).collect();
            (!missing.is_empty()).then(|| faults::json(StatusCode::FORBIDDEN, &forbidden(&missing)))
        }
    }
}

pub(super) fn expired(seconds: i64) -> Value {
    let message = format!("The OAuth token used to make this call expired {seconds} second(s) ago.");
    error(&message, "EXPIRED_AUTHENTICATION")
}

pub(super) fn forbidden(missing: &[&str]) -> Value {
    let message = "This app hasn't been granted all required scopes to make this call.";
    let mut body = error(message, "MISSING_SCOPES");
    body["errors"] = json!([{
        "message": "One or more of the following scopes are required.", "context": {"requiredScopes": missing},
    }]);
    body
}

pub(super) async fn authorize(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    door::authorize(&mut lock(&world.hubspot_oauth), &query.unwrap_or_default(), world.clock.now())
}

type Fields = BTreeMap<String, String>;

/// The fields of a form; versions before the dated ones end in February 2027 and are not served.
fn form(version: &str, headers: &HeaderMap, body: &Bytes) -> Result<Fields, Box<Response>> {
    if matches!(version, "v1" | "v2") {
        return Err(Box::new(super::not_found("There is no such path.")));
    }
    if !door::is_of_type(headers, "application/x-www-form-urlencoded") {
        let body = error("Unsupported Media Type", "VALIDATION_ERROR");
        return Err(Box::new(faults::json(StatusCode::UNSUPPORTED_MEDIA_TYPE, &body)));
    }
    door::fields(body).map_err(|name| {
        Box::new(worded(400, "invalid_request", "BAD_REQUEST", &format!("{name} comes twice")))
    })
}

pub(super) async fn token(
    State(world): State<Shared>,
    Path(version): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = match form(&version, &headers, &body) {
        Ok(fields) => fields,
        Err(refusal) => return *refusal,
    };
    let mut ledger = lock(&world.hubspot_oauth);
    match ledger.token(&door::ask(&fields), world.clock.now()) {
        Ok(minted) => ok(&given(&minted)),
        Err(why) if ledger.settings.errors == TokenErrors::Rfc6749 => rfc6749(why),
        Err(why) => refused(why),
    }
}

fn given(minted: &Minted) -> Value {
    let mut body = json!({
        "token_type": "bearer", "access_token": minted.access, "expires_in": minted.lives,
        "token_use": "access_token", "scopes": minted.scopes,
    });
    match &minted.refresh {
        Some(refresh) => {
            body["refresh_token"] = Value::from(refresh.clone());
            body["hub_id"] = Value::from(PORTAL_ID);
            body["user_id"] = Value::from(USER_ID);
        }
        None => body["app_id"] = Value::from(APP_ID),
    }
    body
}

/// RFC 6749's code, HubSpot's status, and the sentence.
fn words(why: Denied) -> (&'static str, &'static str, String) {
    let (code, status, what) = match why {
        Denied::ClientId => ("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id"),
        Denied::ClientSecret => ("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret"),
        Denied::Field("code") => ("invalid_request", "BAD_AUTH_CODE", "missing or unknown auth code"),
        Denied::Field("refresh_token") => {
            ("invalid_request", "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        }
        Denied::Field(name) => return ("invalid_request", "BAD_REQUEST", format!("missing {name}")),
        Denied::GrantType => ("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type"),
        Denied::Code(_) => ("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code"),
        Denied::Redirect => ("invalid_grant", "BAD_REDIRECT_URI", "missing or unknown redirect URI"),
        Denied::Verifier => ("invalid_grant", "BAD_CODE_VERIFIER", "missing or invalid code verifier"),
        Denied::Refresh(_) => ("invalid_grant", "BAD_REFRESH_TOKEN", "missing or invalid refresh token"),
        Denied::Scope => ("invalid_scope", "BAD_SCOPE", "missing or unknown scope"),
    };
    (code, status, what.to_owned())
}

fn refused(why: Denied) -> Response {
    let (code, status, what) = words(why);
    worded(400, code, status, &what)
}

/// The dated versions answer in the manner of RFC 6749 with HubSpot's own code beside it.
fn worded(status: u16, code: &str, own: &str, what: &str) -> Response {
    let body = json!({"error": code, "error_description": what, "status": own, "message": what});
    faults::json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &body)
}

/// A refusal in the words of the standard.
pub(crate) fn rfc6749(why: Denied) -> Response {
    let (code, _, what) = words(why);
    let status = if code == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    faults::json(status, &json!({"error": code, "error_description": what}))
}

/// The token that a call is about, for which the client proves itself.
fn token_of_client(
    world: &World,
    version: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<String, Box<Response>> {
    let refused = |why| Err(Box::new(refused(why)));
    let mut fields = form(version, headers, body)?;
    let is = |name: &str, expected: &str| fields.get(name).is_some_and(|given| given == expected);
    if !is("client_id", &world.credentials.hubspot.client_id) {
        return refused(Denied::ClientId);
    }
    if !is("client_secret", &world.credentials.hubspot.client_secret) {
        return refused(Denied::ClientSecret);
    }
    fields.remove("token").map_or_else(|| refused(Denied::Field("token")), Ok)
}

/// What a token is worth. The members of the answer are assumed; RFC 7662 asks for `active`.
pub(super) async fn introspect(
    State(world): State<Shared>,
    Path(version): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = match token_of_client(&world, &version, &headers, &body) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let tell = |kind: &str, scopes: &[String], left: Option<i64>| {
        ok(&json!({
            "active": true, "token_use": kind, "token_type": "bearer", "client_id": world.credentials.hubspot.client_id,
            "hub_id": PORTAL_ID, "user_id": USER_ID, "app_id": APP_ID, "scopes": scopes, "expires_in": left,
        }))
    };
    let (ledger, now) = (lock(&world.hubspot_oauth), world.clock.now());
    match (ledger.bearer(&token, now), ledger.live_refresh(&token)) {
        (Bearer::Good { scopes, expires_at }, _) => {
            tell("access_token", &scopes, Some((expires_at - now).num_seconds()))
        }
        (_, Some(scopes)) => tell("refresh_token", &scopes, None),
        _ => ok(&json!({"active": false})),
    }
}

/// Ends the refresh token; access tokens that were given out live on until their time is over.
pub(super) async fn revoke(
    State(world): State<Shared>,
    Path(version): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match token_of_client(&world, &version, &headers, &body) {
        Ok(token) => {
            // RFC 7009: a token that is not known is as good as revoked.
            lock(&world.hubspot_oauth).revoke_refresh(&token, false);
            ok(&json!({}))
        }
        Err(refusal) => *refusal,
    }
}

impl super::HubSpot {
    /// The authorization server.
    #[must_use]
    pub fn oauth(&self) -> OAuth {
        OAuth::new(self.world.clone(), |world| &world.hubspot_oauth)
    }

    /// The portal removes the app: every token ends.
    ///
    /// # Errors
    /// Where nothing is granted.
    pub fn uninstall(&self) -> Result<(), Refused> {
        let live = lock(&self.world.hubspot_oauth).revoke_all(true);
        live.then_some(()).ok_or_else(|| Refused("nothing is granted that could be taken back".to_owned()))
    }
}
