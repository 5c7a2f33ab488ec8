//! A token endpoint that repeats what it was sent, as error pages do: none of it stands in what anybody is told.

use crate::world::{REDIRECT, World};
use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use taxpoynt_core::{
    Engine, Result,
    engine::{Callback, EngineOptions, Proof},
    http::HttpService,
};
use taxpoynt_tests::{
    canary::{Canaries, all_of},
    tokens::{Direct, KINDS, Turning},
};

/// How a secret is repeated.
const FORMS: [fn(&str) -> String; 9] = [
    |secret| secret.to_owned(),
    |secret| secret[..secret.len() - 2].to_owned(),
    |secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    |secret| BASE64_STANDARD.encode(secret),
    |secret| BASE64_STANDARD.encode(format!("gate-client:{secret}")),
    |secret| secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
    |secret| secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
    |secret| format!("token={secret}&hint=x"),
    |secret| secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect(),
];

/// Refuses every token call with what it was sent.
struct Echo {
    gate: Direct,
    /// The next refusal: its status, the form, which of the secrets, and whether in place of the code.
    next: Mutex<Option<(u16, usize, usize, bool)>>,
    /// By the name they were sent under.
    sent: Mutex<BTreeMap<String, String>>,
}

/// Names under which platforms are sent secrets.
const SECRET: [&str; 6] =
    ["client_secret", "clientSecret", "code", "code_verifier", "refresh_token", "assertion"];

fn secrets_of(request: &Request<Bytes>) -> BTreeMap<String, String> {
    let text = String::from_utf8(request.body().to_vec()).unwrap();
    let form = || url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let mut all: BTreeMap<String, String> = serde_json::from_str(&text).unwrap_or_else(|_| form());
    all.retain(|name, _| SECRET.contains(&name.as_str()));
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap());
    if let Some(basic) = header.and_then(|value| value.strip_prefix("Basic ")) {
        let pair = String::from_utf8(BASE64_STANDARD.decode(basic).unwrap()).unwrap();
        // RFC 6749, 2.3.1: each half is written as a form writes it.
        let secret = format!("x={}", pair.split_once(':').unwrap().1);
        let secret = url::form_urlencoded::parse(secret.as_bytes()).next().unwrap().1.into_owned();
        all.insert("client_secret".to_owned(), secret);
    }
    all
}

#[async_trait]
impl HttpService for Echo {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let next = match request.uri().path() {
            "/oauth/token" | "/login" => *self.next.lock().unwrap(),
            _ => None,
        };
        let Some((status, form, nth, as_code)) = next else { return self.gate.call(request).await };
        let secrets = secrets_of(&request);
        let secret = secrets.values().nth(nth % secrets.len()).unwrap();
        let shown = FORMS[form](secret);
        self.sent.lock().unwrap().extend(secrets.clone());
        // Written by hand: an escape in a form is one in the answer, too.
        let body = match as_code {
            true => format!(r#"{{"error":"{shown}","error_description":"no"}}"#),
            false => {
                format!(r#"{{"error":"invalid_client","error_description":"we do not take '{shown}' here"}}"#)
            }
        };
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(answer)
    }
}

/// With what JSON, forms and addresses write otherwise.
const APP_SECRET: &str = "app-secret/of-words+and=signs";

async fn connect(world: &World, engine: &Engine, kind: usize) -> Result<()> {
    if kind < 4 {
        let url = engine.authorize_url(KINDS[kind], world.tenant, REDIRECT, BTreeMap::new()).await?;
        let state = world.gate.consent(&url).1;
        let callback = Callback::new("code/of-words+and-signs".to_owned(), state);
        return engine.exchange(KINDS[kind], world.tenant, callback).await.map(drop);
    }
    let secret = "shop-secret/of-words+too".to_owned().into();
    let proof = Proof::Client { id: "shop-7".into(), secret, webhook_secret: None };
    engine.connect(KINDS[kind], world.tenant, proof, BTreeMap::new()).await.map(drop)
}

#[tokio::test]
async fn what_a_token_endpoint_repeats_of_what_it_was_sent_is_told_to_nobody() {
    let world = World::new(Turning::AtOnce).await;
    let gate = Direct(world.gate.clone());
    let echo = Arc::new(Echo { gate, next: Mutex::default(), sent: Mutex::default() });
    let secret = |options: &mut EngineOptions| {
        options.apps.get_mut(KINDS[2]).unwrap().client_secret = Some(APP_SECRET.to_owned().into());
    };
    let engine = world.another_of(echo.clone(), secret).await;
    let (mut told, mut all, mut cut) = (String::new(), Canaries::default(), 0);
    // By code, with an account's own id and secret, by a login of the platform's own.
    for kind in [2, 4, 6] {
        for status in [200, 400, 401, 403, 500] {
            for form in 0..FORMS.len() {
                for (nth, as_code) in [(0, false), (1, false), (2, false), (0, true), (1, true)] {
                    *echo.next.lock().unwrap() = Some((status, form, nth, as_code));
                    let error = connect(&world, &engine, kind).await.unwrap_err();
                    cut += usize::from(error.message().contains("we do not take '"));
                    told += &all_of(&error);
                    kept_quiet(&echo, &all_of(&error), &format!("{kind} {status} form {form} secret {nth}"));
                }
            }
        }
    }
    assert!(cut > 100, "what else it says is passed on: {cut} times");
    // A refresh: what is noted on the connection and in its history is seen by more people.
    *echo.next.lock().unwrap() = None;
    let connection = world.connected(2).await;
    for form in 0..FORMS.len() {
        for nth in 0..2 {
            world.clock.advance(std::time::Duration::from_secs(24 * 3600));
            world.gate.end_access();
            *echo.next.lock().unwrap() = Some((400, form, nth, false));
            let error = engine.test_connection(connection.id, None).await.unwrap_err();
            let history = engine.connection_log(connection.id, None).await.unwrap();
            let shown = format!("{} {history:?}", all_of(&error));
            kept_quiet(&echo, &shown, &format!("a refresh, form {form}, secret {nth}"));
            told += &shown;
        }
    }
    let sent = echo.sent.lock().unwrap().clone();
    let names: BTreeSet<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["client_secret", "clientSecret", "code", "code_verifier", "refresh_token"].into(),
        "each was sent and repeated"
    );
    all.add("the verifier", &sent["code_verifier"]).add("the refresh token", &sent["refresh_token"]);
    all.add("the app's secret", APP_SECRET);
    all.assert_none_in("what was told", told.as_bytes());
}

/// Nothing that was sent so far stands in what is shown, in any of the forms.
fn kept_quiet(echo: &Echo, shown: &str, what: &str) {
    for (name, secret) in &*echo.sent.lock().unwrap() {
        for form in FORMS {
            let repeated = form(secret);
            assert!(!shown.contains(&repeated), "{what}: {name} as {repeated} in {shown}");
        }
    }
}

#[tokio::test]
async fn a_success_that_gives_the_same_refresh_token_again_is_read_as_it_is() {
    let world = World::new(Turning::Never).await;
    let connection = world.with_ended_token(0).await;
    world.used(&connection).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(1860));
    world.gate.end_access();
    world.used(&connection).await.unwrap();
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (2, 0), "it was not taken for a repetition");
}

/// A stand-in for a platform whose words are of use.
#[tokio::test]
async fn the_rest_of_the_sentence_reaches_the_operator() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let secret = world.gate.secrets().pop().unwrap();
    let body: Value =
        json!({"error": "invalid_client", "error_description": format!("no app has '{secret}' here")});
    world.gate.say(400, &[], body.to_string());
    let error = world.used(&connection).await.unwrap_err();
    assert!(error.message().contains("no app has '[removed]' here"), "{error}");
}
