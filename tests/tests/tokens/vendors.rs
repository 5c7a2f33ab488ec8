//! What Square, HubSpot and Pipedrive are sent, against their sheets.

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{
    Engine, ErrorKind, Result, Vault,
    engine::{App, Callback, EngineOptions},
    http::HttpService,
    store::{Connection, ConnectionState, Sqlite},
    tenant::Tenant,
};
use taxpoynt_tests::{TestClock, platforms};
use url::Url;
use uuid::Uuid;

const REDIRECT: &str = "https://host.example/callback";

/// Answers what the sheets say, and keeps what it is asked.
#[derive(Default)]
struct Vendor {
    seen: Mutex<Vec<Request<Bytes>>>,
    refused: Mutex<Option<(u16, Value)>>,
}

#[async_trait]
impl HttpService for Vendor {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let path = request.uri().path().to_owned();
        self.seen.lock().unwrap().push(request);
        let (status, body) = match path.as_str() {
            path if path.ends_with("/token") => {
                self.refused.lock().unwrap().take().unwrap_or_else(|| (200, given(path)))
            }
            "/v2/webhooks/subscriptions" => {
                (200, json!({ "subscription": { "id": "wbhk_1", "signature_key": "k" } }))
            }
            path if path.ends_with("/v2/merchants/me") => (200, json!({ "merchant": { "id": "M-1" } })),
            path if path.contains("/account-info/") => (200, json!({ "portalId": 62515 })),
            "/api/v1/users/me" => (200, json!({ "success": true, "data": { "company_id": 9_417_203 } })),
            _ => (200, json!({ "success": true })),
        };
        let mut answer = Response::new(Bytes::from(body.to_string()));
        *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
        Ok(answer)
    }
}

fn given(path: &str) -> Value {
    match path {
        "/oauth/token" => companys("https://acme.pipedrive.com"),
        path if path.contains("oauth2") => json!({
            "access_token": "EAAA-1", "token_type": "bearer", "expires_at": "2026-12-21T08:00:00Z", "merchant_id": "M-1",
            "refresh_token": "EQAA-1", "short_lived": false,
        }),
        _ => json!({
            "token_type": "bearer", "access_token": "CO-1", "expires_in": 1800, "refresh_token": "RO-1", "hub_id": 62515,
        }),
    }
}

/// Pipedrive's tokens of a company whose API is there.
fn companys(api_domain: &str) -> Value {
    json!({
        "access_token": "PA-1", "token_type": "Bearer", "expires_in": 3599, "refresh_token": "PR-1",
        "scope": "base,deals:read,contacts:read", "api_domain": api_domain,
    })
}

struct World {
    vendor: Arc<Vendor>,
    clock: Arc<TestClock>,
    engine: Engine,
    tenant: Uuid,
}

impl World {
    async fn new() -> Self {
        let vendor = Arc::new(Vendor::default());
        let clock = Arc::new(TestClock::new("2026-11-21T08:00:00Z".parse().unwrap()));
        let mut options = EngineOptions::new(vec![Vault::generate_key().into()], platforms());
        options.clock = clock.clone();
        options.allow_hosts = vec!["127.0.0.1".into()];
        for platform in ["square", "hubspot", "pipedrive"] {
            let app = App {
                client_id: Some("app-1".into()),
                client_secret: Some("app secret+1".to_owned().into()),
                redirect_uris: vec![REDIRECT.into()],
                ..App::default()
            };
            options.apps.insert(platform.to_owned(), app);
        }
        let store = Arc::new(Sqlite::open("sqlite::memory:").await.unwrap());
        let engine = Engine::assemble(store, vendor.clone(), options).await.unwrap();
        let tenant = Tenant { name: "Shop".into(), ..Tenant::default() };
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        Self { vendor, clock, engine, tenant }
    }

    async fn url(&self, platform: &str, base_url: Option<&str>) -> Url {
        let settings = base_url.map(|url| ("base_url".to_owned(), url.to_owned())).into_iter().collect();
        self.engine.authorize_url(platform, self.tenant, REDIRECT, settings).await.unwrap()
    }

    async fn connect(&self, platform: &str, base_url: Option<&str>) -> Uuid {
        self.exchange(platform, base_url).await.unwrap().id
    }

    async fn exchange(&self, platform: &str, base_url: Option<&str>) -> Result<Connection> {
        let url = self.url(platform, base_url).await;
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let callback = Callback::new("code-1".to_owned(), state);
        self.engine.exchange(platform, self.tenant, callback).await
    }

    /// The call that came `nth` before the last one.
    fn before_last(&self, nth: usize) -> (String, http::HeaderMap, String) {
        let seen = self.vendor.seen.lock().unwrap();
        let request = &seen[seen.len() - 1 - nth];
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        (request.uri().to_string(), request.headers().clone(), body)
    }
}

fn asked(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn form(body: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn square_is_asked_in_json_with_the_secret_and_without_a_proof_key() {
    let world = World::new().await;
    let url = world.url("square", None).await;
    assert!(url.as_str().starts_with("https://connect.squareup.com/oauth2/authorize?"), "{url}");
    let query = asked(&url);
    assert_eq!((query["session"].as_str(), query.contains_key("code_challenge")), ("false", false));
    assert!(query["scope"].contains("MERCHANT_PROFILE_READ ORDERS_READ"));
    let connection = world.connect("square", None).await;
    let (url, headers, body) = world.before_last(1);
    assert_eq!(url, "https://connect.squareup.com/oauth2/token");
    assert_eq!(headers["content-type"], "application/json");
    let expected = json!({
        "client_id": "app-1", "client_secret": "app secret+1", "grant_type": "authorization_code", "code": "code-1",
        "redirect_uri": REDIRECT,
    });
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    // A week later it is refreshed, three weeks before its end.
    world.clock.advance(Duration::from_secs(7 * 24 * 3600 + 1));
    world.engine.test_connection(connection, None).await.unwrap();
    let (_, _, body) = world.before_last(1);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["grant_type"], &body["refresh_token"]), (&json!("refresh_token"), &json!("EQAA-1")));
    world.engine.remove(connection, None).await.unwrap();
    let (url, headers, body) = world.before_last(0);
    assert_eq!(
        (url.as_str(), &headers["authorization"]),
        ("https://connect.squareup.com/oauth2/revoke", &"Client app secret+1".parse().unwrap())
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "client_id": "app-1", "access_token": "EAAA-1" }));
}

#[tokio::test]
async fn squares_sandbox_and_a_simulator_are_asked_where_they_are() {
    let world = World::new().await;
    let url = world.url("square", Some("https://connect.squareupsandbox.com")).await;
    assert!(url.as_str().starts_with("https://connect.squareupsandbox.com/oauth2/authorize?"), "{url}");
    let url = world.url("square", Some("http://127.0.0.1:9/square/")).await;
    assert!(url.as_str().starts_with("http://127.0.0.1:9/square/oauth2/authorize?"), "{url}");
    let url = world.url("hubspot", Some("http://127.0.0.1:9/hubspot/")).await;
    assert!(url.as_str().starts_with("http://127.0.0.1:9/hubspot/oauth/authorize?"), "{url}");
}

#[tokio::test]
async fn hubspot_is_asked_at_its_dated_endpoints_with_secret_and_proof_key() {
    let world = World::new().await;
    let url = world.url("hubspot", None).await;
    assert!(url.as_str().starts_with("https://app.hubspot.com/oauth/authorize?"), "{url}");
    assert_eq!(asked(&url)["code_challenge_method"], "S256");
    assert!(asked(&url)["scope"].starts_with("oauth crm.objects.deals.read "));
    let connection = world.connect("hubspot", None).await;
    let (url, headers, body) = world.before_last(1);
    assert_eq!(url, "https://api.hubapi.com/oauth/2026-03/token");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let sent = form(&body);
    assert_eq!((sent["client_secret"].as_str(), sent["code"].as_str()), ("app secret+1", "code-1"));
    assert!(sent["code_verifier"].len() >= 43);
    world.clock.advance(Duration::from_secs(1500));
    world.engine.test_connection(connection, None).await.unwrap();
    let sent = form(&world.before_last(1).2);
    assert_eq!((sent["grant_type"].as_str(), sent["refresh_token"].as_str()), ("refresh_token", "RO-1"));
    world.engine.remove(connection, None).await.unwrap();
    let (url, _, body) = world.before_last(0);
    assert_eq!(url, "https://api.hubapi.com/oauth/2026-03/token/revoke");
    let expected = [
        ("token", "RO-1"),
        ("token_type_hint", "refresh_token"),
        ("client_id", "app-1"),
        ("client_secret", "app secret+1"),
    ];
    assert_eq!(form(&body), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn pipedrive_is_asked_for_tokens_in_one_place_and_for_records_at_the_companys_own() {
    let world = World::new().await;
    let url = world.url("pipedrive", None).await;
    assert!(url.as_str().starts_with("https://oauth.pipedrive.com/oauth/authorize?"), "{url}");
    let query = asked(&url);
    for name in ["scope", "code_challenge", "code_challenge_method"] {
        assert!(!query.contains_key(name), "{name} in {url}");
    }
    let connection = world.connect("pipedrive", None).await;
    let (url, headers, body) = world.before_last(1);
    assert_eq!(url, "https://oauth.pipedrive.com/oauth/token");
    // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
    let basic = format!("Basic {}", BASE64_STANDARD.encode("app-1:app+secret%2B1"));
    assert_eq!(headers["authorization"], basic);
    let expected = [("grant_type", "authorization_code"), ("code", "code-1"), ("redirect_uri", REDIRECT)];
    assert_eq!(form(&body), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let (url, headers, _) = world.before_last(0);
    assert_eq!(
        (url.as_str(), &headers["authorization"]),
        ("https://acme.pipedrive.com/api/v1/users/me", &"Bearer PA-1".parse().unwrap())
    );

    world.clock.advance(Duration::from_secs(3600));
    world.engine.test_connection(connection, None).await.unwrap();
    let (url, _, body) = world.before_last(1);
    assert_eq!(url, "https://oauth.pipedrive.com/oauth/token");
    assert_eq!(
        (form(&body)["grant_type"].as_str(), form(&body)["refresh_token"].as_str()),
        ("refresh_token", "PR-1")
    );
    assert!(world.before_last(0).0.starts_with("https://acme.pipedrive.com/"));

    world.engine.remove(connection, None).await.unwrap();
    let (url, headers, body) = world.before_last(0);
    assert_eq!(
        (url.as_str(), &headers["authorization"]),
        ("https://oauth.pipedrive.com/oauth/revoke", &basic.parse().unwrap())
    );
    assert_eq!(
        (form(&body)["token"].as_str(), form(&body)["token_type_hint"].as_str()),
        ("PR-1", "refresh_token")
    );
}

#[tokio::test]
async fn a_company_is_only_called_at_a_host_of_pipedrives() {
    for api_domain in [
        "https://evil.example",
        "https://pipedrive.com.evil.example",
        "https://evilpipedrive.com",
        "http://acme.pipedrive.com",
        "https://acme.pipedrive.com@evil.example",
        "https://192.0.2.1",
        "not a URL",
    ] {
        let world = World::new().await;
        *world.vendor.refused.lock().unwrap() = Some((200, companys(api_domain)));
        let outcome = world.exchange("pipedrive", None).await.map(drop);
        let called: Vec<String> =
            world.vendor.seen.lock().unwrap().iter().map(|call| call.uri().to_string()).collect();
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Config, "{api_domain}");
        assert_eq!(called, ["https://oauth.pipedrive.com/oauth/token"], "{api_domain}");
        assert!(world.engine.connections(None).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn each_platforms_own_words_for_a_refused_token_are_known() {
    let square =
        json!({ "errors": [{ "category": "AUTHENTICATION_ERROR", "code": "UNAUTHORIZED", "detail": "no" }] });
    let hubspot = json!({
        "error": "invalid_grant", "error_description": "no", "status": "BAD_REFRESH_TOKEN", "message": "no",
    });
    let pipedrive = json!({ "success": false, "error": "invalid_grant", "message": "no" });
    for (platform, status, refusal) in
        [("square", 401, square), ("hubspot", 400, hubspot), ("pipedrive", 400, pipedrive)]
    {
        let world = World::new().await;
        let connection = world.connect(platform, None).await;
        world.clock.advance(Duration::from_secs(40 * 24 * 3600));
        *world.vendor.refused.lock().unwrap() = Some((status, refusal));
        let error = world.engine.test_connection(connection, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{platform}");
        let state = world.engine.connections(None).await.unwrap().remove(0).state;
        assert_eq!(state, ConnectionState::NeedsReauth, "{platform}");
    }
    let world = World::new().await;
    let connection = world.connect("hubspot", None).await;
    world.clock.advance(Duration::from_secs(3600));
    let app = json!({ "error": "invalid_client", "error_description": "no", "status": "BAD_CLIENT_SECRET" });
    *world.vendor.refused.lock().unwrap() = Some((400, app));
    let error = world.engine.test_connection(connection, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "the host's registration is not the connection's fault");
}

#[tokio::test]
async fn a_company_that_moves_is_called_at_its_new_place_after_the_next_refresh() {
    let world = World::new().await;
    let connection = world.connect("pipedrive", None).await;
    for (named, called) in [
        ("https://moved.pipedrive.com", "https://moved.pipedrive.com/"),
        ("https://pipedrive.com.evil.example", "https://moved.pipedrive.com/"),
    ] {
        world.clock.advance(Duration::from_secs(3600));
        *world.vendor.refused.lock().unwrap() = Some((200, companys(named)));
        // The call that finds the token ended was begun at the old place.
        world.engine.test_connection(connection, None).await.unwrap();
        world.engine.test_connection(connection, None).await.unwrap();
        let url = world.before_last(0).0;
        assert!(url.starts_with(called), "{url}");
        let stored = world.engine.connections(None).await.unwrap().remove(0);
        assert_eq!(stored.settings["base_url"], called);
    }
}

/// A Square account whose webhook was subscribed to with its own token, which has ended since.
async fn subscribed_and_ended(world: &World) -> Uuid {
    let settings = BTreeMap::from([("webhook_url".to_owned(), HOOK.to_owned())]);
    let url = world.engine.authorize_url("square", world.tenant, REDIRECT, settings).await.unwrap();
    let callback = Callback::new("code-1".to_owned(), asked(&url)["state"].clone());
    let connection = world.engine.exchange("square", world.tenant, callback).await.unwrap().id;
    world.engine.subscribe(connection, None).await.unwrap();
    world.clock.advance(Duration::from_secs(40 * 24 * 3600));
    connection
}

const HOOK: &str = "https://host.example/hooks/square";

#[tokio::test]
async fn a_token_that_has_ended_is_refreshed_to_end_the_webhook_of_a_removed_connection() {
    let world = World::new().await;
    let connection = subscribed_and_ended(&world).await;
    let next = json!({
        "access_token": "EAAA-2", "token_type": "bearer", "expires_at": "2027-06-01T08:00:00Z", "merchant_id": "M-1",
        "refresh_token": "EQAA-2", "short_lived": false,
    });
    *world.vendor.refused.lock().unwrap() = Some((200, next));
    let removal = world.engine.remove(connection, None).await.unwrap();
    assert!(removal.revoked && !removal.how.contains("webhook"), "{removal:?}");
    let (url, _, body) = world.before_last(2);
    assert!(url.ends_with("/oauth2/token") && body.contains("EQAA-1"), "{url} {body}");
    let (url, headers, _) = world.before_last(1);
    assert!(url.ends_with("/v2/webhooks/subscriptions/wbhk_1"), "{url}");
    assert_eq!(headers["authorization"], "Bearer EAAA-2");
    let (url, _, body) = world.before_last(0);
    assert!(
        url.ends_with("/oauth2/revoke") && body.contains("EAAA-2"),
        "the new one is revoked: {url} {body}"
    );
}

#[tokio::test]
async fn a_webhook_that_cannot_be_ended_is_named_with_its_id_and_its_address() {
    let world = World::new().await;
    let connection = subscribed_and_ended(&world).await;
    *world.vendor.refused.lock().unwrap() = Some((401, json!({ "error": "invalid_grant" })));
    let removal = world.engine.remove(connection, None).await.unwrap();
    for said in [
        "its webhook stays at the platform, end it there: ",
        "it is the webhook wbhk_1, which calls https://host.example/hooks/square, and what it sends is refused",
    ] {
        assert!(removal.how.contains(said), "{}", removal.how);
    }
    assert_eq!(world.engine.connections(None).await.unwrap()[0].state, ConnectionState::Removed);
}

#[tokio::test]
async fn a_webhook_that_was_set_up_by_hand_is_named_when_its_connection_is_removed() {
    let world = World::new().await;
    let settings = BTreeMap::from([("webhook_url".to_owned(), HOOK.to_owned())]);
    let url = world.engine.authorize_url("pipedrive", world.tenant, REDIRECT, settings).await.unwrap();
    let callback = Callback::new("code-1".to_owned(), asked(&url)["state"].clone());
    let connection = world.engine.exchange("pipedrive", world.tenant, callback).await.unwrap().id;
    let secret = "thirty-two letters that nobody has".to_owned();
    world.engine.add_webhook_secret(&connection.to_string(), secret.into(), None).await.unwrap();
    let removal = world.engine.remove(connection, None).await.unwrap();
    let said = "its webhook was set up by hand and stays at Pipedrive: remove it there, the one that calls \
                https://host.example/hooks/square; what it sends is refused";
    assert!(removal.revoked && removal.how.ends_with(said), "{}", removal.how);
}
