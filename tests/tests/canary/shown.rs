//! `Debug` of everything public that holds a secret, in one line and in many.

use http::{HeaderMap, header::AUTHORIZATION};
use secrecy::SecretString;
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    Vault,
    connector::Context,
    engine::{App, AuthorityOptions, Credentials, EngineOptions},
    firs::ApiKeys,
    http::{StackOptions, auth::SecretHeaders, redact, stack::Auth},
    stamp::CryptoKeys,
    store::{KeyProbe, NewConnection, SealedSwap, SealedValue},
    tenant::{AuthorityCredentials, Tenant},
    webhook::{Secrets, WebhookRequest},
};
use taxpoynt_sim::{Options, Sim};
use taxpoynt_tests::{TestClock, canary::Canaries, network, platforms};

const SECRET: &str = "canary-secret-that-is-never-shown";

fn secret() -> SecretString {
    SECRET.into()
}

#[test]
fn debug_shows_no_secret() {
    let mut canaries = Canaries::default();
    canaries.add("the secret", SECRET);
    let address = format!("https://user:{SECRET}@host.example/path?key={SECRET}");
    let url: url::Url = address.parse().unwrap();
    let some = || Some(SECRET.to_owned());
    let authority = AuthorityCredentials {
        base_url: Some(address.clone()),
        api_key: some(),
        api_secret: some(),
        app_key: some(),
        app_secret: some(),
        crypto_keys: some(),
    };
    let tenant = Tenant { name: "Ada Foods".into(), authority: Some(authority.clone()), ..Tenant::default() };
    let app = App {
        client_secret: Some(secret()),
        webhook_secret: Some(secret()),
        webhook_url: Some(address.clone()),
        management_token: Some(secret()),
        ..App::default()
    };
    let of_authority = AuthorityOptions {
        base_url: url.clone(),
        keys: Some(ApiKeys::new(SECRET, SECRET)),
        webhook_secret: Some(secret()),
    };
    let mut options = EngineOptions::new(vec![secret()], platforms());
    options.authority = Some(of_authority.clone());
    options.apps = BTreeMap::from([("platform".to_owned(), app.clone())]);
    let clock = Arc::new(TestClock::new(chrono::DateTime::UNIX_EPOCH));
    let mut stack = StackOptions::new(network(), clock.clone(), url.clone());
    stack.auth = Auth::Headers(SecretHeaders::new(&[(AUTHORIZATION, secret())]).unwrap());
    let settings = BTreeMap::from([("webhook_url".to_owned(), address)]);
    let context =
        Context { http: network(), base_url: url, settings: settings.clone(), account: None, clock };
    let connection = NewConnection {
        tenant: uuid::Uuid::nil(),
        platform: "platform".into(),
        family: "pos",
        account: "account".into(),
        account_name: None,
        settings,
        sealed: SECRET.into(),
    };
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, SECRET.parse().unwrap());
    let request = WebhookRequest { method: "POST", url: SECRET, headers: &headers, body: SECRET.as_bytes() };
    let value = SealedValue { key: "row".into(), sealed: SECRET.into() };
    let swap = SealedSwap { old: value.clone(), new: SECRET.into() };
    let probe = KeyProbe { id: 1, sealed: SECRET.into(), first_used: chrono::DateTime::UNIX_EPOCH };
    let vault = Vault::new(&[&Vault::generate_key()]).unwrap();
    let webhook_secrets = Secrets::one(secret());
    let request_secrets = redact::Secrets(vec![secret()]);
    let credentials = Credentials { access_token: secret(), webhook_secret: Some(secret()) };
    let all: Vec<(&str, &dyn std::fmt::Debug)> = vec![
        ("AuthorityCredentials", &authority),
        ("Tenant", &tenant),
        ("App", &app),
        ("AuthorityOptions", &of_authority),
        ("ApiKeys", &of_authority.keys),
        ("EngineOptions", &options),
        ("StackOptions", &stack),
        ("Context", &context),
        ("NewConnection", &connection),
        ("WebhookRequest", &request),
        ("SealedValue", &value),
        ("SealedSwap", &swap),
        ("KeyProbe", &probe),
        ("Vault", &vault),
        ("redact::Secrets", &request_secrets.0),
        ("webhook::Secrets", &webhook_secrets),
        ("Credentials", &credentials),
    ];
    for (name, value) in all {
        for shown in [format!("{value:?}"), format!("{value:#?}")] {
            assert!(!shown.is_empty());
            canaries.assert_none_in(name, shown.as_bytes());
        }
    }
}

#[tokio::test]
async fn debug_of_a_key_file_does_not_show_its_certificate() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let text = sim.credentials().authority.crypto_keys.clone();
    let keys = CryptoKeys::parse(&text).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut canaries = Canaries::default();
    canaries.add("the certificate", file["certificate"].as_str().unwrap());
    canaries.assert_none_in("CryptoKeys", format!("{keys:?} {keys:#?}").as_bytes());
}
