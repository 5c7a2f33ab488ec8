//! The platform: consent, a token endpoint with rotation and reuse detection, and one thing behind it.

use async_trait::async_trait;
use axum::{Router, body::Body, extract::State as Shared, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};
use taxpoynt_core::{Result, http::HttpService};
use url::{Url, form_urlencoded};

/// What becomes of a refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turning {
    /// It stays.
    Never,
    /// A new one comes; the one before may be used again.
    Grace,
    /// A new one comes; whoever uses an older one ends them all.
    AtOnce,
}

/// A moment in the platform's work at which a test may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A refresh has come and has had no effect yet.
    RefreshCame,
    /// The platform has given new tokens, and nobody has them yet.
    RefreshDone,
    /// Somebody uses a token.
    Used,
}

/// An answer in place of the platform's own.
type Scripted = (u16, Vec<(&'static str, &'static str)>, String);

/// Told at each step; whether the platform goes on.
type Hook = Box<dyn Fn(Step) -> bool + Send + Sync>;

/// The platform.
pub struct Gate {
    state: Mutex<State>,
    hook: Mutex<Option<Hook>>,
}

struct State {
    turning: Turning,
    expires_in: Value,
    serial: u64,
    access: BTreeSet<String>,
    refresh: Option<String>,
    older: Vec<String>,
    codes: BTreeMap<String, (Option<String>, String)>,
    script: VecDeque<Scripted>,
    calls: Vec<(String, String)>,
    refused: u64,
    refreshed: u64,
}

impl Gate {
    /// A platform whose access tokens live for half an hour.
    #[must_use]
    pub fn new(turning: Turning) -> Arc<Self> {
        let state = State {
            turning,
            expires_in: json!(1800),
            serial: 0,
            access: BTreeSet::new(),
            refresh: None,
            older: Vec::new(),
            codes: BTreeMap::new(),
            script: VecDeque::new(),
            calls: Vec::new(),
            refused: 0,
            refreshed: 0,
        };
        Arc::new(Self { state: Mutex::new(state), hook: Mutex::new(None) })
    }

    /// The account's owner consents: the code and the state that come back.
    ///
    /// # Panics
    /// Where the address asks for something this platform does not do.
    pub fn consent(&self, url: &Url) -> (String, String) {
        let asked: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked.get("code_challenge_method").map_or("S256", String::as_str), "S256");
        let code = format!("code-{}", self.state().next());
        let challenge = asked.get("code_challenge").cloned();
        self.state().codes.insert(code.clone(), (challenge, asked["redirect_uri"].clone()));
        (code, asked["state"].clone())
    }

    /// What tokens say of their life from now on.
    pub fn lives(&self, expires_in: Value) {
        self.state().expires_in = expires_in;
    }

    /// Every access token has ended.
    pub fn end_access(&self) {
        self.state().access.clear();
    }

    /// The account's owner throws us out.
    pub fn end_everything(&self) {
        let mut state = self.state();
        state.access.clear();
        state.refresh = None;
        state.older.clear();
    }

    /// Answers the next token call with this.
    pub fn say(&self, status: u16, headers: &[(&'static str, &'static str)], body: impl Into<String>) {
        self.state().script.push_back((status, headers.to_vec(), body.into()));
    }

    /// Calls `hook` at each step; where it says no, the request comes to nothing.
    pub fn at_each_step(&self, hook: impl Fn(Step) -> bool + Send + Sync + 'static) {
        *self.hook.lock().unwrap() = Some(Box::new(hook));
    }

    /// How often new tokens were given for a refresh token.
    pub fn refreshed(&self) -> u64 {
        self.state().refreshed
    }

    /// How often somebody came with a token that is none.
    pub fn refused(&self) -> u64 {
        self.state().refused
    }

    /// Every call so far: its path and body.
    pub fn calls(&self) -> Vec<(String, String)> {
        self.state().calls.clone()
    }

    /// How often a path was called.
    pub fn count(&self, path: &str) -> usize {
        self.state().calls.iter().filter(|(called, _)| called == path).count()
    }

    /// Whatever here is secret now.
    pub fn secrets(&self) -> Vec<String> {
        let state = self.state();
        state.access.iter().chain(&state.refresh).chain(&state.older).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn goes_on(&self, step: Step) -> bool {
        self.hook.lock().unwrap().as_ref().is_none_or(|hook| hook(step))
    }

    fn answer(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Response<Bytes> {
        let text = String::from_utf8_lossy(body).into_owned();
        self.state().calls.push((path.to_owned(), text.clone()));
        match path {
            "/oauth/token" | "/login" => self.token(headers, &text),
            "/oauth/revoke" => {
                let scripted = self.state().script.pop_front();
                if let Some(scripted) = scripted {
                    return reply(scripted);
                }
                self.end_everything();
                plain(200, json!({}))
            }
            _ => self.behind(path, headers),
        }
    }

    fn behind(&self, path: &str, headers: &HeaderMap) -> Response<Bytes> {
        if !self.goes_on(Step::Used) {
            return plain(503, json!({}));
        }
        let given = ["authorization", "x-gate-key"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
        let token = given.map(|text| text.rsplit(' ').next().unwrap_or(text));
        let mut state = self.state();
        if !token.is_some_and(|token| state.access.contains(token)) {
            state.refused += 1;
            return plain(401, json!({ "message": "no such token" }));
        }
        match path {
            "/me" => plain(200, json!({ "id": "account-1" })),
            _ => plain(200, json!({ "id": path.rsplit('/').next() })),
        }
    }

    fn token(&self, headers: &HeaderMap, text: &str) -> Response<Bytes> {
        let scripted = self.state().script.pop_front();
        if let Some(scripted) = scripted {
            return reply(scripted);
        }
        let json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
        let asked: BTreeMap<String, String> = match json {
            true => serde_json::from_str(text).unwrap(),
            false => form_urlencoded::parse(text.as_bytes()).into_owned().collect(),
        };
        match asked.get("grant_type").map(String::as_str) {
            Some("authorization_code") => self.exchange(&asked),
            Some("refresh_token") => {
                if !self.goes_on(Step::RefreshCame) {
                    return plain(503, json!({}));
                }
                let answer = self.refresh(&asked);
                self.goes_on(Step::RefreshDone);
                answer
            }
            // The rest prove themselves each time.
            _ => self.state().grant(false),
        }
    }

    fn exchange(&self, asked: &BTreeMap<String, String>) -> Response<Bytes> {
        let mut state = self.state();
        let Some((challenge, redirect)) = state.codes.remove(&asked["code"]) else { return invalid_grant() };
        let proof = asked
            .get("code_verifier")
            .map(|verifier| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())));
        if proof != challenge || asked["redirect_uri"] != redirect || asked["client_secret"] != "gate-secret"
        {
            return invalid_grant();
        }
        state.turn();
        state.grant(true)
    }

    fn refresh(&self, asked: &BTreeMap<String, String>) -> Response<Bytes> {
        let mut state = self.state();
        let token = &asked["refresh_token"];
        let current = state.refresh.as_ref() == Some(token);
        let older = state.older.last() == Some(token);
        match (state.turning, current, older) {
            (Turning::Never, true, _) => {}
            (Turning::Grace, true, _) | (Turning::AtOnce, true, _) => state.turn(),
            (Turning::Grace, false, true) => {}
            (Turning::AtOnce, false, _) if state.older.contains(token) => {
                state.access.clear();
                state.refresh = None;
                return invalid_grant();
            }
            _ => return invalid_grant(),
        }
        state.refreshed += 1;
        state.access.clear();
        state.grant(true)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Gives a new refresh token; the one before is older.
    fn turn(&mut self) {
        let new = format!("refresh-{}-canary", self.next());
        self.older.extend(self.refresh.replace(new));
    }

    fn grant(&mut self, refreshable: bool) -> Response<Bytes> {
        let token = format!("access-{}-canary", self.next());
        self.access.insert(token.clone());
        let mut answer =
            json!({ "access_token": token, "token_type": "bearer", "expires_in": self.expires_in });
        if let (true, Some(refresh)) = (refreshable, &self.refresh) {
            answer["refresh_token"] = json!(refresh);
        }
        plain(200, json!({ "token": answer.clone() }).merge(answer))
    }
}

trait Merge {
    fn merge(self, other: Value) -> Value;
}

impl Merge for Value {
    fn merge(mut self, other: Value) -> Value {
        if let (Some(members), Value::Object(more)) = (self.as_object_mut(), other) {
            members.extend(more);
        }
        self
    }
}

fn invalid_grant() -> Response<Bytes> {
    plain(400, json!({ "error": "invalid_grant", "error_description": "The refresh token is not valid." }))
}

fn plain(status: u16, body: Value) -> Response<Bytes> {
    reply((status, vec![("content-type", "application/json")], body.to_string()))
}

fn reply((status, headers, body): Scripted) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        answer.headers_mut().insert(name, value.parse().unwrap());
    }
    answer
}

/// The platform without a socket.
pub struct Direct(pub Arc<Gate>);

#[async_trait]
impl HttpService for Direct {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        Ok(self.0.answer(request.uri().path(), request.headers(), request.body()))
    }
}

/// The platform on a port of its own, until it is dropped.
pub struct Listening {
    /// Where.
    pub url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Listening {
    /// Listens.
    ///
    /// # Panics
    /// Where the machine has no port left.
    pub async fn on(gate: Arc<Gate>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().fallback(door).with_state(gate);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, task }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn door(Shared(gate): Shared<Arc<Gate>>, request: Request<Body>) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    // A step may wait for a process to die.
    let answered =
        tokio::task::spawn_blocking(move || gate.answer(parts.uri.path(), &parts.headers, &body)).await;
    answered.unwrap().map(Body::from)
}
