//! The calls of each scheme, through the engine's own HTTP seam.

use super::{
    answer::Reply,
    assertion::{Claims, signed},
    endpoint::Site,
    facts::{
        Answer, BodyForm, ClientAuth, ClientCredentials, JwtBearer, Life, MachineLogin, OauthCode, Pkce,
    },
    state::{Verifier, new_state},
};
use crate::{
    Clock, Error, ErrorKind, Result,
    http::{
        HttpService,
        redact::{Redact, Secrets},
        timeout::Timeout,
    },
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Request, Response, header};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use url::{Url, form_urlencoded};

/// For one call of a token endpoint. Shorter than a lease, so that no answer comes to a lease that has ended.
const LIMIT: Duration = Duration::from_secs(20);

/// The grant of RFC 7523.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Our registration at a platform, or an account's own.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<SecretString>,
}

/// What a platform gave.
#[derive(Clone)]
pub(crate) struct Granted {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) refresh_expires_at: Option<DateTime<Utc>>,
    pub(crate) base_url: Option<String>,
}

/// Where the flows of one connection are made.
pub(crate) struct Desk {
    http: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    pub(super) site: Site,
}

type Oauth<A, T> = oauth2::Client<
    BasicErrorResponse,
    Whole,
    BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    BasicRevocationErrorResponse,
    A,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    T,
>;

impl Desk {
    /// Calls of `base`, which has no credentials of its own. They are never repeated by it: the engine decides that.
    pub(crate) fn new(base: Arc<dyn HttpService>, clock: Arc<dyn Clock>, site: Site) -> Self {
        let timed = Timeout::new(base, clock.clone(), LIMIT);
        Self { http: Arc::new(Redact::new(Arc::new(timed))), clock, site }
    }

    /// Where the account's owner consents, and the proof key that stays here.
    ///
    /// # Errors
    /// `Config` for a redirect that is no URL.
    pub(crate) fn authorize_url(
        &self,
        facts: &OauthCode,
        client: &Client,
        redirect_uri: &str,
        state: &SecretString,
    ) -> Result<(Url, Verifier)> {
        let at = AuthUrl::from_url(self.site.authorize(facts.authorize)?);
        let oauth = oauth(client, facts.client).set_auth_uri(at).set_redirect_uri(redirect(redirect_uri)?);
        let state = CsrfToken::new(state.expose_secret().to_owned());
        let mut request = oauth.authorize_url(|| state);
        if !facts.scopes.is_empty() {
            request = request.add_extra_param("scope", facts.scopes.join(facts.scope_separator));
        }
        for (name, value) in facts.authorize_params {
            request = request.add_extra_param(*name, *value);
        }
        let (request, verifier) = match facts.pkce {
            Pkce::Without => (request, Verifier::without()),
            Pkce::S256 => {
                let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
                (request.set_pkce_challenge(challenge), Verifier::of(&verifier))
            }
        };
        Ok((request.url().0, verifier))
    }

    /// The tokens for a code.
    ///
    /// # Errors
    /// As [`Reply::error`] says; `Ambiguous` where the answer was lost, and the code with it.
    pub(crate) async fn exchange(
        &self,
        facts: &OauthCode,
        client: &Client,
        code: &SecretString,
        redirect_uri: &str,
        verifier: Option<PkceCodeVerifier>,
    ) -> Result<Granted> {
        let oauth = self.code_client(facts, client)?.set_redirect_uri(redirect(redirect_uri)?);
        let mut request = oauth.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
        for (name, value) in facts.token_params {
            request = request.add_extra_param(*name, *value);
        }
        let proof = verifier.as_ref().map(|verifier| SecretString::from(verifier.secret().clone()));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(verifier);
        }
        let sent = client.sent().chain([code.clone()]).chain(proof);
        let gate = self.gate("auth.exchange", facts.body, &facts.answer, sent);
        let now = self.clock.now();
        granted(request.request_async(&gate).await, &gate, &facts.life, now)
    }

    /// The tokens for a refresh token.
    ///
    /// # Errors
    /// As [`Reply::error`] says; `Ambiguous` where the answer was lost.
    pub(crate) async fn refresh(
        &self,
        facts: &OauthCode,
        client: &Client,
        refresh_token: &SecretString,
    ) -> Result<Granted> {
        let oauth = self.code_client(facts, client)?;
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let mut request = oauth.exchange_refresh_token(&token);
        for (name, value) in facts.token_params {
            request = request.add_extra_param(*name, *value);
        }
        let sent = client.sent().chain([refresh_token.clone()]);
        let gate = self.gate("auth.refresh", facts.body, &facts.answer, sent);
        let now = self.clock.now();
        granted(request.request_async(&gate).await, &gate, &facts.life, now)
    }

    /// A token for an account's own id and secret.
    ///
    /// # Errors
    /// As [`Reply::error`] says.
    pub(crate) async fn client_credentials(
        &self,
        facts: &ClientCredentials,
        client: &Client,
    ) -> Result<Granted> {
        let at = TokenUrl::from_url(self.site.url(facts.token)?);
        let oauth = oauth(client, facts.client).set_token_uri(at);
        let mut request = oauth.exchange_client_credentials();
        for scope in facts.scopes {
            request = request.add_scope(Scope::new((*scope).to_owned()));
        }
        let gate = self.gate("auth.client_credentials", BodyForm::Form, &facts.answer, client.sent());
        let now = self.clock.now();
        granted(request.request_async(&gate).await, &gate, &facts.life, now)
    }

    /// A token for a signed assertion.
    ///
    /// # Errors
    /// `Config` where the key is none; as [`Reply::error`] says.
    pub(crate) async fn assertion(
        &self,
        facts: &JwtBearer,
        client_id: &str,
        subject: &str,
        private_key: &SecretString,
    ) -> Result<Granted> {
        let (now, id) = (self.clock.now(), new_state());
        let claims = Claims {
            issuer: client_id,
            subject,
            audience: facts.audience,
            now,
            life: facts.assertion_life,
            id: id.expose_secret(),
        };
        let assertion = signed(&claims, private_key)?;
        let scope = facts.scopes.join(" ");
        let mut pairs = vec![("grant_type", JWT_BEARER), ("assertion", assertion.expose_secret())];
        if !scope.is_empty() {
            pairs.push(("scope", &scope));
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = post(&self.site.url(facts.token)?, FORM, form)?;
        // Servers say which part of it they do not like; the signature alone would do for a forger.
        let signature = assertion.expose_secret().rsplit('.').next().unwrap_or_default().to_owned();
        let sent = [assertion, signature.into()].into_iter();
        let gate = self.gate("auth.assertion", BodyForm::Form, &facts.answer, sent);
        let answer = gate.pass(request).await?;
        gate.read(answer.body(), &facts.life, now)
    }

    /// A token from a platform's own login.
    ///
    /// # Errors
    /// As [`Reply::error`] says.
    pub(crate) async fn login(&self, facts: &MachineLogin, client: &Client) -> Result<Granted> {
        let now = self.clock.now();
        let mut members: Map<String, Value> =
            facts.members.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        members.insert(facts.id.to_owned(), json!(client.id));
        let secret = client.secret.as_ref().map(|secret| secret.expose_secret()).unwrap_or_default();
        members.insert(facts.secret.to_owned(), json!(secret));
        let request = post(&self.site.url(facts.login)?, JSON, Value::Object(members).to_string())?;
        let gate = self.gate("auth.login", BodyForm::Form, &facts.answer, client.sent());
        let answer = gate.pass(request).await?;
        gate.read(answer.body(), &facts.life, now)
    }

    /// Sends a call that has its own credentials.
    pub(super) async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        self.http.call(request).await
    }

    fn code_client(
        &self,
        facts: &OauthCode,
        client: &Client,
    ) -> Result<Oauth<oauth2::EndpointNotSet, oauth2::EndpointSet>> {
        let at = TokenUrl::from_url(self.site.token(facts.token)?);
        Ok(oauth(client, facts.client).set_token_uri(at))
    }

    fn gate<'a>(
        &'a self,
        operation: &'static str,
        body: BodyForm,
        answer: &'a Answer,
        sent: impl Iterator<Item = SecretString>,
    ) -> Gate<'a> {
        Gate { desk: self, operation, body, answer, sent: Secrets(sent.collect()) }
    }
}

impl Client {
    /// What of it is sent and is secret.
    fn sent(&self) -> impl Iterator<Item = SecretString> {
        self.secret.clone().into_iter()
    }
}

fn oauth(client: &Client, proof: ClientAuth) -> Oauth<oauth2::EndpointNotSet, oauth2::EndpointNotSet> {
    let oauth = Oauth::new(ClientId::new(client.id.clone())).set_auth_type(match proof {
        ClientAuth::Body => AuthType::RequestBody,
        ClientAuth::Basic => AuthType::BasicAuth,
    });
    match &client.secret {
        Some(secret) => oauth.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
        None => oauth,
    }
}

fn redirect(text: &str) -> Result<RedirectUrl> {
    RedirectUrl::new(text.to_owned()).map_err(|_| {
        Error::new(ErrorKind::Config, "engine.authorize_url", "redirect_uri is no URL")
            .with("field", "redirect_uri")
    })
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn post(url: &Url, content_type: &'static str, body: String) -> Result<HttpRequest> {
    let mut request = Request::new(body.into_bytes());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = url
        .as_str()
        .parse()
        .map_err(|_| Error::new(ErrorKind::Config, "auth.call", "the token's address cannot be called"))?;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
    Ok(request)
}

/// Carries a request out and turns every answer that is no token into our error, before anybody else reads it.
struct Gate<'a> {
    desk: &'a Desk,
    operation: &'static str,
    body: BodyForm,
    answer: &'a Answer,
    sent: Secrets,
}

type Passing<'c> = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

impl<'c> AsyncHttpClient<'c> for Gate<'_> {
    type Error = Error;
    type Future = Passing<'c>;

    fn call(&'c self, request: HttpRequest) -> Passing<'c> {
        self.pass(request)
    }
}

impl Gate<'_> {
    fn pass(&self, request: HttpRequest) -> Passing<'_> {
        Box::pin(self.send(request))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let (mut parts, body) = request.into_parts();
        let body = match self.body {
            BodyForm::Form => body,
            BodyForm::Json => {
                parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
                as_json(&body)
            }
        };
        if let Some(proof) = parts.headers.get_mut(header::AUTHORIZATION) {
            proof.set_sensitive(true);
        }
        let answer = self.desk.call(Request::from_parts(parts, body.into())).await?;
        let (parts, body) = answer.into_parts();
        let reply =
            Reply { operation: self.operation, status: parts.status, headers: &parts.headers, body: &body };
        match reply.error(self.answer, &self.sent) {
            Some(error) => Err(error),
            // Its headers are left out: some platforms call their JSON something else.
            None => Ok(Response::new(body.into())),
        }
    }

    fn read(&self, body: &[u8], life: &Life, now: DateTime<Utc>) -> Result<Granted> {
        let headers = http::HeaderMap::new();
        let reply =
            Reply { operation: self.operation, status: http::StatusCode::OK, headers: &headers, body };
        reply.tokens(self.answer, life, now)
    }
}

/// A form as one JSON object of texts.
fn as_json(form: &[u8]) -> Vec<u8> {
    let members: Map<String, Value> =
        form_urlencoded::parse(form).map(|(name, value)| (name.into_owned(), json!(value))).collect();
    Value::Object(members).to_string().into_bytes()
}

fn granted(
    answered: Result<Whole, RequestTokenError<Error, BasicErrorResponse>>,
    gate: &Gate<'_>,
    life: &Life,
    now: DateTime<Utc>,
) -> Result<Granted> {
    match answered {
        Ok(whole) => gate.read(&whole.text, life, now),
        Err(RequestTokenError::Request(error)) => Err(error),
        // Whatever else it says may quote the answer.
        Err(_) => gate.read(b"", life, now),
    }
}

/// A token's answer, kept whole: platforms have members of their own in it.
struct Whole {
    text: Vec<u8>,
    access_token: AccessToken,
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        let token = json.get("access_token").and_then(Value::as_str).unwrap_or_default();
        Ok(Self { access_token: AccessToken::new(token.to_owned()), text: json.to_string().into_bytes() })
    }
}

/// Asked for by the trait; an answer is never written.
impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl std::fmt::Debug for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Whole(redacted)")
    }
}

impl oauth2::TokenResponse for Whole {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}
