//! What a host hands in wrongly is refused without being repeated: a secret in the wrong place, or of the wrong shape.

use serde_json::{Value, json};
use taxpoynt_core::{Error, Vault, connector::Registry, host::options, stamp::CryptoKeys, tenant::Tenant};
use taxpoynt_tests::canary::{Canaries, all_of};

const SECRET: &str = "canary-secret-in-the-wrong-place";

/// The secret where it belongs, but wrapped, and beside it in every place of `whole`.
fn misplaced(whole: &Value) -> Vec<Value> {
    let mut all = vec![json!(SECRET), json!([SECRET]), json!({SECRET.replace('-', "_"): 1})];
    let wraps = [json!([SECRET]), json!({"value": SECRET}), json!({"a": {"b": SECRET}}), json!(SECRET)];
    let Some(members) = whole.as_object() else { return all };
    for (name, value) in members {
        for wrap in &wraps {
            let mut changed = whole.clone();
            changed[name] = wrap.clone();
            all.push(changed);
        }
        for inner in misplaced(value).into_iter().filter(|_| value.is_object()) {
            let mut changed = whole.clone();
            changed[name] = inner;
            all.push(changed);
        }
    }
    all
}

fn holds(what: &str, error: Option<Error>, input: &Value) {
    let mut canaries = Canaries::default();
    canaries.add("the secret", SECRET);
    if let Some(error) = error {
        canaries.assert_none_in(&format!("{what} of {input}"), all_of(&error).as_bytes());
    }
}

#[test]
fn options_and_credentials_are_refused_without_their_values() {
    let options = json!({
        "keys": ["a key"], "allow_hosts": ["host"], "breaker": {"failures": 1}, "deadlines": {"every_seconds": 1},
        "authority": {"base_url": "https://a.example", "api_key": "k", "api_secret": "s", "webhook_secret": "w"},
        "apps": {"platform": {"client_secret": "c", "webhook_secret": "w", "webhook_url": "https://h.example"}},
    });
    let credentials = json!({"access_token": "t", "webhook_secret": "s"});
    for input in misplaced(&options) {
        // A platform's name and a stamp's time are no secrets.
        let error = options::engine_options(input.to_string().as_bytes(), Registry::new()).err();
        let named = input["apps"].as_object().is_some_and(|apps| !apps.contains_key("platform"));
        holds("options", error.filter(|_| !named), &input);
    }
    for input in misplaced(&credentials) {
        holds("credentials", options::credentials(input.to_string().as_bytes()).err(), &input);
    }
    let settings = json!({"webhook_url": SECRET, "other": [SECRET]});
    holds("settings", options::settings(settings.to_string().as_bytes()).err(), &settings);
}

#[test]
fn a_tenants_authority_is_refused_without_its_values() {
    let authority =
        json!({"base_url": "https://a.example", "api_key": "k", "api_secret": "s", "crypto_keys": "c"});
    for authority in misplaced(&authority) {
        // A name that does not exist is shown: names are no secrets.
        if authority.as_object().is_some_and(|members| members.keys().any(|name| name.starts_with("canary")))
        {
            continue;
        }
        let input = json!({"name": "Ada Foods", "authority": authority});
        holds("a tenant", Tenant::from_json(input.to_string().as_bytes()).err(), &input);
    }
}

#[test]
fn a_key_file_and_a_fernet_key_are_refused_without_their_text() {
    let files = [
        SECRET.to_owned(),
        json!({"public_key": SECRET, "certificate": SECRET}).to_string(),
        json!({"public_key": [SECRET], "certificate": 1}).to_string(),
        format!("-----BEGIN PUBLIC KEY-----\n{SECRET}\n-----END PUBLIC KEY-----\n{SECRET}\n"),
        format!("{{\"public_key\": \"{SECRET}"),
    ];
    for file in files {
        holds("a key file", CryptoKeys::parse(&file).err(), &json!(file));
    }
    holds("a Fernet key", Vault::new(&[SECRET]).err(), &json!(SECRET));
    let vault = Vault::new(&[&Vault::generate_key()]).unwrap();
    holds("a token", vault.open::<Value>(SECRET, "context").err(), &json!(SECRET));
    let sealed = vault.seal(&SECRET, "context", chrono::DateTime::UNIX_EPOCH).unwrap();
    holds("a sealed value of another shape", vault.open::<u64>(&sealed, "context").err(), &json!(SECRET));
    holds(
        "a sealed value of another place",
        vault.open::<String>(&sealed, "elsewhere").err(),
        &json!(SECRET),
    );
}
