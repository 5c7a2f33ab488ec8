//! The doors of an authorization server that are the same everywhere: the consent page and the reading of a request.

use super::{
    ledger::{Ask, Ledger},
    settings::Consent,
};
use axum::{body::Body, response::Response};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

/// The fields of a query or a form; `Err` names one that comes twice (RFC 6749, section 3.1).
pub(crate) fn fields(text: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(text) {
        if fields.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            return Err(name.into_owned());
        }
    }
    // A field without a value counts as left out.
    fields.retain(|_, value| !value.is_empty());
    Ok(fields)
}

/// The consent page: sends the browser back with a code, or says on a page of its own why it does not.
pub(crate) fn authorize(ledger: &mut Ledger, query: &str, now: DateTime<Utc>) -> Response {
    match consider(ledger, query, now) {
        Ok(back) => redirect(&back),
        Err(why) => page(&why),
    }
}

fn consider(ledger: &mut Ledger, query: &str, now: DateTime<Utc>) -> Result<Url, String> {
    let asked = fields(query.as_bytes()).map_err(|name| format!("{name} comes twice"))?;
    let get = |name: &str| asked.get(name).ok_or_else(|| format!("{name} is missing"));
    if *get("client_id")? != ledger.app.client_id {
        return Err("there is no such client_id".to_owned());
    }
    // Where the redirect cannot be trusted, nothing is sent there: RFC 6749, section 4.1.2.1.
    let redirect_uri = get("redirect_uri")?;
    if !ledger.settings.redirect_uris.contains(redirect_uri) {
        return Err("redirect_uri is not one of the app's redirect URIs".to_owned());
    }
    let mut back = Url::parse(redirect_uri).map_err(|_| "redirect_uri is not a URL".to_owned())?;
    let answer = consent(ledger, &asked, redirect_uri, now);
    {
        let mut pairs = back.query_pairs_mut();
        answer.iter().for_each(|(name, value)| {
            pairs.append_pair(name, value);
        });
        if let Some(state) = asked.get("state") {
            pairs.append_pair("state", state);
        }
        if let Some(issuer) = &ledger.settings.issuer {
            pairs.append_pair("iss", issuer);
        }
    }
    Ok(back)
}

type Pairs = Vec<(&'static str, String)>;

fn error(code: &str, description: &str) -> Pairs {
    vec![("error", code.to_owned()), ("error_description", description.to_owned())]
}

fn consent(
    ledger: &mut Ledger,
    asked: &BTreeMap<String, String>,
    redirect_uri: &str,
    now: DateTime<Utc>,
) -> Pairs {
    let custom = ledger.custom();
    let asked_to_prove = |name: &str| asked.get(name).filter(|_| custom.knows_pkce);
    let challenge = asked_to_prove("code_challenge");
    let method = asked_to_prove("code_challenge_method").map(String::as_str);
    if method.is_some_and(|method| method != "S256") || challenge.is_some_and(|text| text.len() != 43) {
        return error("invalid_request", "code_challenge must be made with S256");
    }
    if challenge.is_none() && ledger.settings.pkce_required {
        return error("invalid_request", "code_challenge is missing");
    }
    if asked.get("response_type").is_some_and(|kind| kind != "code") {
        return error("unsupported_response_type", "response_type must be code");
    }
    if ledger.settings.consent == Consent::Denied {
        return error("access_denied", "user_denied");
    }
    let words = |name: &str| asked.get(name).map(|text| words(text)).unwrap_or_default();
    let scopes: Vec<String> = if custom.registered.is_empty() {
        [words("scope"), words("optional_scope")].concat()
    } else {
        custom.registered.iter().map(|scope| (*scope).to_owned()).collect()
    };
    if scopes.is_empty() {
        return error("invalid_scope", "scope is missing");
    }
    let code = ledger.authorize(redirect_uri, scopes, challenge.cloned(), now);
    vec![("code", code), ("response_type", "code".to_owned())]
}

/// The words of a list separated by blanks.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn redirect(to: &Url) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(location) = HeaderValue::from_str(to.as_str()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn page(why: &str) -> Response {
    let safe = why.replace('&', "&amp;").replace('<', "&lt;");
    let page =
        format!("<html><head><title>Something is wrong</title></head><body><p>{safe}</p></body></html>");
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// Whether a request says that its body is of a type.
pub(crate) fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

/// The token of `Authorization: <scheme> <token>`.
pub(crate) fn credential<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (given, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(token)
}

/// A token request of which every field is text.
pub(crate) fn ask(fields: &BTreeMap<String, String>) -> Ask {
    let get = |name: &str| fields.get(name).cloned();
    Ask {
        client_id: get("client_id").unwrap_or_default(),
        client_secret: get("client_secret"),
        grant_type: get("grant_type").unwrap_or_default(),
        code: get("code"),
        redirect_uri: get("redirect_uri"),
        verifier: get("code_verifier"),
        refresh_token: get("refresh_token"),
        scopes: fields.get("scope").map(|text| words(text)),
        lives: None,
    }
}
