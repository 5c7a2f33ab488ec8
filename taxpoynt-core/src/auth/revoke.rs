//! Gives tokens back to the platform.

use super::{
    Stored,
    credentials::Renewal,
    facts::{ClientAuth, OauthCode, RevokeForm},
    flow::{Client, Desk},
};
use crate::{Error, ErrorKind, Result, http::api::status_error};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use secrecy::ExposeSecret;
use serde_json::json;
use url::form_urlencoded;

const OPERATION: &str = "auth.revoke";

impl Desk {
    /// Asks the platform to end these tokens. `Ok(false)` where it has no way to.
    ///
    /// # Errors
    /// What the platform answers, without its words.
    pub(crate) async fn revoke(&self, facts: &OauthCode, client: &Client, stored: &Stored) -> Result<bool> {
        let Some(revoke) = facts.revoke else { return Ok(false) };
        let url = self.site.url(revoke.at)?;
        let request = match revoke.form {
            RevokeForm::Rfc7009 => by_standard(facts, client, stored),
            RevokeForm::ClientHeader => by_client_header(client, stored)?,
        };
        let (mut parts, body) = request.into_parts();
        parts.uri = url.as_str().parse().map_err(|_| unsendable())?;
        let answer = self.call(Request::from_parts(parts, body)).await?;
        let status = answer.status();
        // RFC 7009, 2.2: a token that is dead already is answered like one that was ended.
        if status.is_success() {
            return Ok(true);
        }
        Err(status_error(OPERATION, status, answer.headers(), b""))
    }
}

fn by_standard(facts: &OauthCode, client: &Client, stored: &Stored) -> Request<Bytes> {
    let (token, hint) = match &stored.renewal {
        Renewal::RefreshToken { refresh_token, .. } => (refresh_token, "refresh_token"),
        _ => (&stored.access_token, "access_token"),
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token.0.expose_secret()).append_pair("token_type_hint", hint);
    let secret = client.secret.as_ref().map(|secret| secret.expose_secret());
    let mut request = Request::new(Bytes::new());
    match (facts.client, secret) {
        (ClientAuth::Basic, Some(secret)) => {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = BASE64_STANDARD.encode(format!("{}:{}", encode(&client.id), encode(secret)));
            if let Ok(mut value) = HeaderValue::from_str(&format!("Basic {pair}")) {
                value.set_sensitive(true);
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
        }
        (_, secret) => {
            form.append_pair("client_id", &client.id);
            if let Some(secret) = secret {
                form.append_pair("client_secret", secret);
            }
        }
    }
    *request.body_mut() = form.finish().into();
    post(request, "application/x-www-form-urlencoded")
}

fn by_client_header(client: &Client, stored: &Stored) -> Result<Request<Bytes>> {
    let secret = client.secret.as_ref().map(|secret| secret.expose_secret()).unwrap_or_default();
    let mut value = HeaderValue::from_str(&format!("Client {secret}")).map_err(|_| unsendable())?;
    value.set_sensitive(true);
    let body = json!({ "client_id": client.id, "access_token": stored.access_token.0.expose_secret() });
    let mut request = Request::new(Bytes::from(body.to_string()));
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(post(request, "application/json"))
}

fn post(mut request: Request<Bytes>, content_type: &'static str) -> Request<Bytes> {
    *request.method_mut() = http::Method::POST;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request
}

fn unsendable() -> Error {
    let message = "the tokens cannot be revoked with this registration: check client_id and client_secret";
    Error::new(ErrorKind::Config, OPERATION, message)
}
