//! The other ways in, and the addresses that a connection may name.

use crate::world::{REDIRECT, World};
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use taxpoynt_core::{
    ErrorKind,
    engine::{Credentials, Proof},
    store::ConnectionState,
};
use taxpoynt_tests::tokens::{KINDS, Turning};

fn client() -> Proof {
    Proof::Client {
        id: "shop-7".into(),
        secret: "shop-secret-canary".to_owned().into(),
        webhook_secret: None,
    }
}

fn form(body: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn client_credentials_give_a_token_and_the_next_one() {
    let world = World::new(Turning::Never).await;
    let connected = world.engine.connect(KINDS[4], world.tenant, client(), BTreeMap::new()).await.unwrap();
    let (_, body) = world.gate.calls().remove(0);
    assert_eq!(
        (form(&body)["grant_type"].as_str(), form(&body)["scope"].as_str()),
        ("client_credentials", "read")
    );
    assert!(!body.contains("canary"), "the secret goes in the header");
    world.clock.advance(Duration::from_secs(1860));
    world.gate.end_access();
    world.used(&connected).await.unwrap();
    assert_eq!((world.gate.count("/oauth/token"), world.gate.refused()), (2, 0));
}

#[tokio::test]
async fn an_accounts_own_secret_that_is_refused_asks_for_a_person() {
    let world = World::new(Turning::Never).await;
    let connected = world.engine.connect(KINDS[4], world.tenant, client(), BTreeMap::new()).await.unwrap();
    world.clock.advance(Duration::from_secs(1860));
    world.gate.say(401, &[], r#"{"error":"invalid_client"}"#);
    assert_eq!(world.used(&connected).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    assert_eq!(world.state(&connected).await, ConnectionState::NeedsReauth);
    world.gate.say(401, &[], r#"{"error":"invalid_client"}"#);
    let refused = world.engine.connect(KINDS[4], world.tenant, client(), BTreeMap::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
    world.keeps_quiet(&format!("{refused:?} {:?}", client()));
}

#[tokio::test]
async fn a_machine_logs_in_and_reads_a_nested_answer() {
    let world = World::new(Turning::Never).await;
    let connected = world.engine.connect(KINDS[6], world.tenant, client(), BTreeMap::new()).await.unwrap();
    let (path, body) = world.gate.calls().remove(0);
    let body: Value = serde_json::from_str(&body).unwrap();
    let expected =
        json!({ "clientId": "shop-7", "clientSecret": "shop-secret-canary", "userAccessType": "MACHINE" });
    assert_eq!((path.as_str(), body), ("/login", expected));
    world.clock.advance(Duration::from_secs(1860));
    world.gate.end_access();
    world.used(&connected).await.unwrap();
    assert_eq!(world.gate.count("/login"), 2);
}

/// A key as a person pastes it.
fn pem(key: &KeyPair) -> String {
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    let text = BASE64_STANDARD.encode(der.as_ref());
    let lines: Vec<_> =
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

#[tokio::test]
async fn an_assertion_is_signed_with_rs256_and_says_for_whom_and_for_how_long() {
    let world = World::new(Turning::Never).await;
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let proof = |private_key: String| Proof::Key {
        client_id: "client-7".into(),
        subject: "owner@shop.example".into(),
        private_key: private_key.into(),
        webhook_secret: None,
    };
    let connected = world.engine.connect(KINDS[5], world.tenant, proof(pem(&key)), BTreeMap::new());
    let connected = connected.await.unwrap();
    let sent = form(&world.gate.calls()[0].1);
    assert_eq!(sent["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (signed, signature) = sent["assertion"].rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &signature).unwrap();
    let part = |nth: usize| -> Value {
        let text = signed.split('.').nth(nth).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({ "alg": "RS256", "typ": "JWT" }));
    let claims = part(1);
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client-7"), &json!("owner@shop.example")));
    assert_eq!(claims["aud"], "https://id.gate.example");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 180);
    world.clock.advance(Duration::from_secs(1860));
    world.gate.end_access();
    world.used(&connected).await.unwrap();
    let again = form(&world.gate.calls().into_iter().rfind(|(path, _)| path == "/oauth/token").unwrap().1);
    assert_ne!(again["assertion"], sent["assertion"]);
    for broken in
        ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN X-----"]
    {
        let refused =
            world.engine.connect(KINDS[5], world.tenant, proof(broken.into()), BTreeMap::new()).await;
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("private_key")), "{broken}");
    }
}

#[tokio::test]
async fn an_api_key_goes_in_the_platforms_own_header() {
    let world = World::new(Turning::Never).await;
    drop(world.connected(0).await);
    let key = world.gate.secrets()[0].clone();
    let credentials = Credentials { access_token: key.into(), webhook_secret: None };
    let connected = world.engine.connect(KINDS[7], world.tenant, credentials, BTreeMap::new()).await.unwrap();
    world.used(&connected).await.unwrap();
    world.gate.end_access();
    assert_eq!(world.used(&connected).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    assert_eq!(world.state(&connected).await, ConnectionState::NeedsReauth);
}

#[tokio::test]
async fn credentials_of_a_kind_that_the_platform_does_not_take_are_refused_by_name() {
    let world = World::new(Turning::Never).await;
    let pasted = Credentials { access_token: "x".to_owned().into(), webhook_secret: None };
    for (kind, proof) in [(4, Proof::from(pasted)), (8, client()), (5, client())] {
        let error =
            world.engine.connect(KINDS[kind], world.tenant, proof, BTreeMap::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("credentials")), "{kind}");
    }
}

#[tokio::test]
async fn a_base_url_is_one_that_the_platform_or_the_host_names() {
    let world = World::new(Turning::Never).await;
    let ask = async |base_url: &str| {
        let settings = BTreeMap::from([("base_url".to_owned(), base_url.to_owned())]);
        world.engine.authorize_url(KINDS[1], world.tenant, REDIRECT, settings).await
    };
    for good in [
        "https://api.gate.example",
        "https://api.gate.example/v2/",
        "https://sandbox.gate.example",
        "https://kano.shops.gate.example/",
        "https://a.b.shops.gate.example",
        "http://127.0.0.1:4000",
    ] {
        ask(good).await.unwrap();
    }
    for bad in [
        "https://evil.example",
        "https://api.gate.example.evil.example",
        "https://api.gate.example@evil.example",
        "https://evilshops.gate.example",
        "https://shops.gate.example",
        "https://.shops.gate.example",
        "https://kano.shops.gate.example.",
        "http://kano.shops.gate.example",
        "http://api.gate.example",
        "https://api.gate.example:8443",
        "https://kano.shops.gate.example:8443",
        "https://127.0.0.2",
        "http://localhost",
        "ftp://api.gate.example",
        "https://user:password@api.gate.example",
        "https://api.gate.example/?x=1",
        "https://api.gate.example/#x",
        "api.gate.example",
        "",
    ] {
        let refused = ask(bad).await;
        // A name that ends in a dot is the same name.
        if bad.ends_with("example.") {
            refused.unwrap();
            continue;
        }
        let error = refused.unwrap_err();
        // A user in an address is refused before it is looked at as a base URL.
        let field = if bad.contains('@') { "settings.base_url" } else { "base_url" };
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some(field)), "{bad}");
    }
}
