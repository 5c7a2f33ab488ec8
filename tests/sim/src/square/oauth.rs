//! Square's OAuth: the consent page, tokens of 30 days or 24 hours, single-use refresh tokens with PKCE, revocation.

use super::{MERCHANT_ID, bad_request, errors, ok, read, unauthorized};
use crate::{
    clock::rfc3339,
    faults,
    oauth::{
        OAuth,
        door::{self, credential},
        ledger::{App, Ask, Bearer, Custom, Denied, Ledger, Minted},
        settings::{self, TokenErrors},
    },
    webhook::{Happened, Refused},
    world::{Shared, World, lock},
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// A token of 24 hours.
const SHORT: u32 = 86_400;

/// The endpoints that take no bearer token.
pub(super) const OPEN: [&str; 3] = ["authorize", "token", "revoke"];

/// What an endpoint needs; the specification names it for each operation.
pub(super) fn scope(endpoint: &str) -> Option<&'static str> {
    Some(match endpoint {
        "merchants" | "merchant" | "locations" | "location" => "MERCHANT_PROFILE_READ",
        "order" | "orders_batch_retrieve" | "orders_search" => "ORDERS_READ",
        "payments" | "payment" | "refunds" | "refund" => "PAYMENTS_READ",
        "customer" | "customers_bulk_retrieve" => "CUSTOMERS_READ",
        _ => return None,
    })
}

pub(crate) fn ledger(client_id: &str, client_secret: &str, redirect_uri: &str) -> Ledger {
    let custom = Custom {
        name: "square",
        pkce_is_public: true,
        redirect_again: false,
        client_credentials: false,
        registered: &[],
        knows_pkce: true,
    };
    let app = App { client_id: client_id.to_owned(), client_secret: client_secret.to_owned() };
    Ledger::new(custom, app, settings::square(redirect_uri))
}

/// Checks a bearer token that is not the application's own; `Some` is the refusal.
pub(super) fn admit(world: &World, endpoint: &str, headers: &HeaderMap) -> Option<Response> {
    let token = credential(headers, "bearer").unwrap_or_default();
    let refuse = |status: StatusCode, code: &str, detail: &str| {
        Some(faults::json(status, &errors("AUTHENTICATION_ERROR", code, detail, None)))
    };
    match lock(&world.square_oauth).bearer(token, world.clock.now()) {
        Bearer::Unknown => Some(faults::json(StatusCode::UNAUTHORIZED, &unauthorized())),
        Bearer::Expired { .. } => {
            let detail = "The provided access token has expired.";
            refuse(StatusCode::UNAUTHORIZED, "ACCESS_TOKEN_EXPIRED", detail)
        }
        Bearer::Revoked => {
            let detail = "The provided access token has been revoked.";
            refuse(StatusCode::UNAUTHORIZED, "ACCESS_TOKEN_REVOKED", detail)
        }
        // Subscriptions belong to the application, not to a seller: the specification lists no scope for them.
        Bearer::Good { .. } if super::hooks::ENDPOINTS.contains(&endpoint) => {
            Some(faults::json(StatusCode::UNAUTHORIZED, &unauthorized()))
        }
        Bearer::Good { scopes, .. } => {
            let needed = scope(endpoint).filter(|needed| !scopes.iter().any(|scope| scope == needed))?;
            let detail = format!("The merchant did not grant the permission {needed} to this application.");
            refuse(StatusCode::FORBIDDEN, "INSUFFICIENT_SCOPES", &detail)
        }
    }
}

pub(super) async fn authorize(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    door::authorize(&mut lock(&world.square_oauth), &query.unwrap_or_default(), world.clock.now())
}

pub(super) async fn token(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let ask = match asked(&headers, &body) {
        Ok(ask) => ask,
        Err(refusal) => return bad_request(refusal),
    };
    let mut ledger = lock(&world.square_oauth);
    match ledger.token(&ask, world.clock.now()) {
        Ok(minted) => ok(&given(&minted)),
        Err(why) => refused(why, ledger.settings.errors),
    }
}

fn asked(headers: &HeaderMap, body: &Bytes) -> Result<Ask, super::pages::Refusal> {
    if !door::is_of_type(headers, "application/json") {
        return Err(("INVALID_CONTENT_TYPE", "The content type must be application/json.".to_owned(), None));
    }
    let body = read(body)?;
    let text = |name: &'static str| match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(("EXPECTED_STRING", "Expected a string value.".to_owned(), Some(name))),
    };
    let needed = |name: &'static str| {
        let missing = ("MISSING_REQUIRED_PARAMETER", "Missing required parameter.".to_owned(), Some(name));
        text(name)?.ok_or(missing)
    };
    let scopes = body["scopes"]
        .as_array()
        .map(|list| list.iter().filter_map(|scope| scope.as_str().map(str::to_owned)).collect());
    Ok(Ask {
        client_id: needed("client_id")?,
        grant_type: needed("grant_type")?,
        client_secret: text("client_secret")?,
        code: text("code")?,
        redirect_uri: text("redirect_uri")?,
        verifier: text("code_verifier")?,
        refresh_token: text("refresh_token")?,
        scopes,
        lives: (body["short_lived"] == true).then_some(SHORT),
    })
}

fn given(minted: &Minted) -> Value {
    let mut body = json!({
        "access_token": minted.access, "token_type": "bearer", "expires_at": rfc3339(minted.expires_at),
        "merchant_id": MERCHANT_ID, "refresh_token": minted.refresh, "short_lived": minted.lives == SHORT,
    });
    if let Some(at) = minted.refresh_expires_at {
        body["refresh_token_expires_at"] = Value::from(rfc3339(at));
    }
    body
}

/// A refusal of the token endpoint. That an unusable code or refresh token is a 401 is assumed.
fn refused(why: Denied, style: TokenErrors) -> Response {
    if style == TokenErrors::Rfc6749 {
        return crate::hubspot::oauth::rfc6749(why);
    }
    let unauthorized = |detail: String| {
        let body = errors("AUTHENTICATION_ERROR", "UNAUTHORIZED", &detail, None);
        faults::json(StatusCode::UNAUTHORIZED, &body)
    };
    match why {
        Denied::ClientId | Denied::ClientSecret => unauthorized("Not authorized: client credentials.".into()),
        Denied::Code(what) => unauthorized(format!("The authorization code is {what}.")),
        Denied::Refresh(what) => unauthorized(format!("The refresh token is {what}.")),
        Denied::Verifier => unauthorized("code_verifier does not match the code_challenge.".into()),
        Denied::Redirect => bad_request((
            "BAD_REQUEST",
            "redirect_uri differs from the one that was authorized.".into(),
            Some("redirect_uri"),
        )),
        Denied::Field(name) => {
            bad_request(("MISSING_REQUIRED_PARAMETER", "Missing required parameter.".into(), Some(name)))
        }
        Denied::GrantType => bad_request((
            "INVALID_ENUM_VALUE",
            "The grant type must be authorization_code or refresh_token.".into(),
            Some("grant_type"),
        )),
        Denied::Scope => bad_request(("BAD_REQUEST", "Unknown scope.".into(), Some("scopes"))),
    }
}

/// `Authorization: Client <secret>`; by default everything of the seller ends, and a webhook says so.
pub(super) async fn revoke(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let secret = &world.credentials.square.client_secret;
    let client = match credential(&headers, "client") {
        Some(given) if given == secret => &world.credentials.square.client_id,
        _ => return faults::json(StatusCode::UNAUTHORIZED, &unauthorized()),
    };
    let body = match read(&body) {
        Ok(body) if body["client_id"] == **client => body,
        Ok(_) => return super::not_found("No application has this client_id."),
        Err(refusal) => return bad_request(refusal),
    };
    let known = {
        let mut ledger = lock(&world.square_oauth);
        match (body["access_token"].as_str(), body["merchant_id"].as_str()) {
            (Some(token), None) => ledger.revoke_access(token, body["revoke_only_access_token"] == true),
            (None, Some(MERCHANT_ID)) => ledger.revoke_all(true),
            (None, Some(_)) => false,
            _ => {
                let detail = "Give either access_token or merchant_id.".to_owned();
                return bad_request(("BAD_REQUEST", detail, None));
            }
        }
    };
    if !known {
        return super::not_found("There is no such authorization.");
    }
    if body["revoke_only_access_token"] != true {
        super::Square { world: world.clone() }.tell_revoked("APPLICATION").await;
    }
    ok(&json!({"success": true}))
}

pub(super) async fn status(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let token = credential(&headers, "bearer").unwrap_or_default();
    let client_id = &world.credentials.square.client_id;
    let tell = |scopes: Value, expires_at: Option<DateTime<Utc>>| {
        let mut body = json!({"scopes": scopes, "client_id": client_id, "merchant_id": MERCHANT_ID});
        if let Some(at) = expires_at {
            body["expires_at"] = Value::from(rfc3339(at));
        }
        ok(&body)
    };
    match lock(&world.square_oauth).bearer(token, world.clock.now()) {
        Bearer::Good { scopes, expires_at } => tell(json!(scopes), Some(expires_at)),
        // The application's own token never ends.
        _ => tell(json!(PERSONAL), None),
    }
}

/// What the application's own token allows.
const PERSONAL: [&str; 5] =
    ["MERCHANT_PROFILE_READ", "ORDERS_READ", "PAYMENTS_READ", "CUSTOMERS_READ", "ITEMS_READ"];

impl super::Square {
    /// The authorization server.
    #[must_use]
    pub fn oauth(&self) -> OAuth {
        OAuth::new(self.world.clone(), |world| &world.square_oauth)
    }

    /// The seller takes back what was granted: every token ends, an `oauth.authorization.revoked` follows.
    ///
    /// # Errors
    /// Where nothing is granted.
    pub async fn disconnect(&self) -> Result<Happened, Refused> {
        if !lock(&self.world.square_oauth).revoke_all(true) {
            return Err(Refused("nothing is granted that could be taken back".to_owned()));
        }
        Ok(self.tell_revoked("MERCHANT").await)
    }

    async fn tell_revoked(&self, who: &str) -> Happened {
        let at = self.world.clock.stamp();
        let event = {
            let mut till = lock(&self.world.till);
            let revocation = json!({"revoked_at": rfc3339(at), "revoker_type": who});
            till.event("oauth.authorization.revoked", ("revocation", MERCHANT_ID, revocation), at)
        };
        self.tell(MERCHANT_ID.to_owned(), vec![event]).await
    }
}
