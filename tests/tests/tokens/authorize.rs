//! To the platform and back: the state counts once, for whom it was made.

use crate::world::{REDIRECT, World};
use std::{collections::BTreeMap, time::Duration};
use taxpoynt_core::{
    ErrorKind,
    engine::{App, Callback},
    store::ConnectionState,
    tenant::Tenant,
};
use taxpoynt_tests::tokens::{KINDS, Turning};

const PLATFORM: &str = KINDS[1];

async fn url(world: &World, platform: &str) -> url::Url {
    world.engine.authorize_url(platform, world.tenant, REDIRECT, BTreeMap::new()).await.unwrap()
}

#[tokio::test]
async fn the_address_asks_for_a_code_with_a_proof_key_and_a_state() {
    let world = World::new(Turning::Grace).await;
    let (one, two) = (url(&world, PLATFORM).await, url(&world, PLATFORM).await);
    let asked: BTreeMap<_, _> = one.query_pairs().into_owned().collect();
    assert_eq!(one.host_str(), Some("login.gate.example"));
    assert_eq!((asked["client_id"].as_str(), asked["scope"].as_str()), ("gate-client", "read me"));
    assert_eq!((asked["redirect_uri"].as_str(), asked["response_type"].as_str()), (REDIRECT, "code"));
    assert_eq!((asked["code_challenge_method"].as_str(), asked["code_challenge"].len()), ("S256", 43));
    assert!(asked["state"].len() >= 43);
    let again: BTreeMap<_, _> = two.query_pairs().into_owned().collect();
    assert_ne!((&asked["state"], &asked["code_challenge"]), (&again["state"], &again["code_challenge"]));
    assert!(!one.as_str().contains("gate-secret"));
}

#[tokio::test]
async fn a_code_becomes_a_connection_in_use() {
    let world = World::new(Turning::Grace).await;
    let connection = world.connected(1).await;
    assert_eq!((connection.account.as_str(), connection.state), ("account-1", ConnectionState::Active));
    world.used(&connection).await.unwrap();
    assert_eq!(world.told(), [ConnectionState::Active]);
    world.keeps_quiet(&format!("{:?} {:?}", world.history(&connection).await, world.ear.0.lock().unwrap()));
}

#[tokio::test]
async fn a_state_counts_once_for_its_tenant_and_platform_and_not_too_late() {
    let world = World::new(Turning::Grace).await;
    let (code, state) = world.gate.consent(&url(&world, PLATFORM).await);
    let callback = Callback::new(code, state);
    let other = Tenant { name: "Other".into(), tin: Some("2".into()), ..Tenant::default() };
    let other = world.engine.add_tenant(other).await.unwrap().id.unwrap();
    let refused = |outcome: taxpoynt_core::Result<_>, what: &str| {
        let error: taxpoynt_core::Error = outcome.map(|_: taxpoynt_core::store::Connection| ()).unwrap_err();
        assert_eq!(
            (error.kind(), error.get("field")),
            (ErrorKind::PermissionDenied, Some("state")),
            "{what}"
        );
    };
    let exchange = async |platform, tenant, callback: &Callback| {
        world.engine.exchange(platform, tenant, callback.clone()).await
    };
    refused(exchange(PLATFORM, other, &callback).await, "another tenant's");
    refused(exchange(KINDS[0], world.tenant, &callback).await, "another platform's");
    refused(exchange(PLATFORM, world.tenant, &Callback::new("x", "guessed")).await, "a guessed one");
    assert_eq!(world.gate.count("/oauth/token"), 0, "no code goes anywhere without its state");
    exchange(PLATFORM, world.tenant, &callback).await.unwrap();
    refused(exchange(PLATFORM, world.tenant, &callback).await, "a used one");
    let (code, state) = world.gate.consent(&url(&world, PLATFORM).await);
    world.clock.advance(Duration::from_secs(15 * 60));
    refused(exchange(PLATFORM, world.tenant, &Callback::new(code, state)).await, "an old one");
}

#[tokio::test]
async fn a_redirect_is_compared_letter_by_letter() {
    let world = World::new(Turning::Grace).await;
    for redirect in [
        "https://host.example/callback/",
        "https://host.example/Callback",
        "https://host.example/callback?x=1",
        "https://host.example:443/callback",
        "https://HOST.example/callback",
        "http://host.example/callback",
        "https://host.example.evil.example/callback",
        "",
    ] {
        let refused = world.engine.authorize_url(PLATFORM, world.tenant, redirect, BTreeMap::new()).await;
        let error = refused.unwrap_err();
        assert_eq!(
            (error.kind(), error.get("field")),
            (ErrorKind::Config, Some("redirect_uri")),
            "{redirect}"
        );
    }
}

#[tokio::test]
async fn where_none_is_listed_the_hosts_word_counts_and_is_a_safe_address() {
    let world = World::new(Turning::Grace).await;
    let mut options = taxpoynt_tests::tokens::options(taxpoynt_core::Vault::generate_key().into());
    let app = App { client_id: Some("gate-client".into()), ..App::default() };
    options.apps = BTreeMap::from([(PLATFORM.to_owned(), app)]);
    let engine = taxpoynt_core::Engine::open("sqlite::memory:", options).await.unwrap();
    let tenant = engine.add_tenant(Tenant { name: "Shop".into(), ..Tenant::default() }).await.unwrap();
    let ask = async |redirect: &str| {
        engine.authorize_url(PLATFORM, tenant.id.unwrap(), redirect, BTreeMap::new()).await
    };
    for good in ["https://any.example/back", "http://127.0.0.1:8000/back", "http://localhost/back"] {
        ask(good).await.unwrap();
    }
    for bad in ["http://any.example/back", "https://any.example/#back", "/back", "javascript:alert(1)"] {
        assert_eq!(ask(bad).await.unwrap_err().get("field"), Some("redirect_uri"), "{bad}");
    }
    drop(world);
}

#[tokio::test]
async fn another_issuers_answer_is_refused_before_its_code_goes_anywhere() {
    let world = World::new(Turning::Grace).await;
    let platform = KINDS[3];
    let (code, state) = world.gate.consent(&url(&world, platform).await);
    for iss in [None, Some("https://id.gate.example/"), Some("https://evil.example")] {
        let callback = Callback { iss: iss.map(str::to_owned), ..Callback::new(code.clone(), state.clone()) };
        let error = world.engine.exchange(platform, world.tenant, callback).await.unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Unauthenticated, Some("iss")), "{iss:?}");
    }
    assert_eq!(world.gate.count("/oauth/token"), 0);
    let iss = Some("https://id.gate.example".to_owned());
    let callback = Callback { iss, ..Callback::new(code, state) };
    world.engine.exchange(platform, world.tenant, callback).await.unwrap();
}

#[tokio::test]
async fn without_a_registration_the_field_that_is_missing_is_named() {
    let options = taxpoynt_tests::tokens::options(taxpoynt_core::Vault::generate_key().into());
    let mut bare = options.clone();
    bare.apps.clear();
    let engine = taxpoynt_core::Engine::open("sqlite::memory:", bare).await.unwrap();
    let tenant = engine.add_tenant(Tenant { name: "Shop".into(), ..Tenant::default() }).await.unwrap();
    let tenant = tenant.id.unwrap();
    let error = engine.authorize_url(PLATFORM, tenant, REDIRECT, BTreeMap::new()).await.unwrap_err();
    assert_eq!(error.get("field"), Some("apps.gate-grace.client_id"));
    let error = engine.authorize_url(KINDS[8], tenant, REDIRECT, BTreeMap::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "pasted tokens have no flow");
}

#[tokio::test]
async fn authorizing_again_keeps_the_connection_its_settings_and_its_id() {
    let world = World::new(Turning::Grace).await;
    let settings = BTreeMap::from([("colour".to_owned(), "green".to_owned())]);
    let first = world.engine.authorize_url(PLATFORM, world.tenant, REDIRECT, settings).await.unwrap();
    let (code, state) = world.gate.consent(&first);
    let before = world.engine.exchange(PLATFORM, world.tenant, Callback::new(code, state)).await.unwrap();
    let after = world.connected(1).await;
    assert_eq!((after.id, &after.settings), (before.id, &before.settings));
    assert!(after.generation > before.generation);
    world.used(&after).await.unwrap();
}
