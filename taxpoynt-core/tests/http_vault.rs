//! The vault: what it seals only it opens, only where it belongs, and Python reads the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use ::hmac::{Hmac, KeyInit, Mac};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::Sha256;
use taxpoynt_core::{ErrorKind, Vault};

// Made by Python's cryptography 50 (`Fernet._encrypt_from_parts`), time 1763690400, IV 00 01 … 0f.
const KEY_ONE: &str = "v_T5iQoyGTKTNVbh4JgPGIg3jCBrTVww7LY2cwD19xw=";
const TOKEN_ONE: &str = "gAAAAABpH8egAAECAwQFBgcICQoLDA0OD453he8fxzDOZoSE56A9CNkhzQkj9rENLipS9OhKmsKctF2s8n6-w3kTa0vb45z0hzKrFuukinCVgOxc5vfv0VO0LEhku2rDvoZ71pjcCM_O6YD3EUmz-tZuBdEAm5y3es8PLmmbpCi2gu9i5zLe60gkjYYysflrwcdX7-5s3foNJxpULi3O2DynYub767UfXGuLZggREAdkJ6Nqooayroc=";
const KEY_TWO: &str = "Bg0deb0-WEKqahDLCIQmitXXmfQLQyXPpMUn8p5-iTk=";
const TOKEN_TWO: &str = "gAAAAABpH8egAAECAwQFBgcICQoLDA0ODwu5udIUXVtn95zj3QFNdA06mDQ3Gr9yPWnDGEnOhmJ0opgsNvII1bpNGE8R74V2k1GxLc6mRhR_XWiCK_UAW_2ONtHhQa5PeRxjoN3W9SGoFTcLx_Sq7BdRl3gxo_8HzKPxyV2KVclIXLUHYT3b4oyr6BAAiGEkQIbfasvH6gBb10L_ey-aLJmqaJHuhVAk66epuG4Am_ddA7Oq5vkHMvk=";
const CONTEXT: &str = "connection:7:credentials";

// The vector of the public Fernet specification (verify.json).
const SPEC_KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const SPEC_TOKEN: &str =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn now() -> DateTime<Utc> {
    at(1_763_690_400)
}

fn credentials() -> Value {
    json!({"access_token": "EAAA-token", "webhook_secret": "wähler"})
}

fn open(vault: &Vault, token: &str) -> taxpoynt_core::Result<Value> {
    vault.open(token, CONTEXT)
}

#[test]
fn a_token_made_by_python_opens_under_any_listed_key() {
    assert_eq!(open(&Vault::new(&[KEY_ONE]).unwrap(), TOKEN_ONE).unwrap(), credentials());
    let both = Vault::new(&[KEY_ONE, KEY_TWO]).unwrap();
    assert_eq!(open(&both, TOKEN_ONE).unwrap(), credentials());
    assert_eq!(open(&both, TOKEN_TWO).unwrap(), credentials());
    assert!(open(&Vault::new(&[KEY_ONE]).unwrap(), TOKEN_TWO).is_err());
}

/// Takes a token apart by the specification, without the crate that made it: version, time, IV, blocks, HMAC.
fn take_apart(token: &str, key: &str) -> (u64, usize) {
    let (bytes, key) = (URL_SAFE.decode(token).unwrap(), URL_SAFE.decode(key).unwrap());
    let (signed, signature) = bytes.split_at(bytes.len() - 32);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key[..16]).unwrap();
    mac.update(signed);
    assert_eq!(mac.finalize().into_bytes()[..], *signature);
    assert_eq!(signed[0], 0x80);
    (u64::from_be_bytes(signed[1..9].try_into().unwrap()), signed.len() - 25)
}

#[test]
fn what_we_seal_has_the_form_that_python_reads() {
    assert_eq!(take_apart(TOKEN_ONE, KEY_ONE), (1_763_690_400, 128));
    let vault = Vault::new(&[KEY_ONE, KEY_TWO]).unwrap();
    let sealed = vault.seal(&credentials(), CONTEXT, now()).unwrap();
    let (time, blocks) = take_apart(&sealed, KEY_ONE);
    assert_eq!((time, blocks % 16), (1_763_690_400, 0));
    assert_eq!(open(&vault, &sealed).unwrap(), credentials());
    // A new IV each time: equal secrets do not look equal.
    assert_ne!(vault.seal(&credentials(), CONTEXT, now()).unwrap(), sealed);
}

#[test]
fn the_specifications_own_vector_decrypts_and_is_then_refused_for_its_shape() {
    let vault = Vault::new(&[SPEC_KEY]).unwrap();
    let error = vault.open::<Value>(SPEC_TOKEN, CONTEXT).unwrap_err();
    assert!(error.message().contains("not of the expected shape"), "{error}");
    // Re-sealing does not look at the content: the plain text is the specification's "hello".
    assert_eq!(take_apart(&vault.rotate(SPEC_TOKEN).unwrap(), SPEC_KEY).1, 16);
}

#[test]
fn a_ciphertext_moved_to_another_row_does_not_open() {
    let vault = Vault::new(&[KEY_ONE]).unwrap();
    for context in
        ["", "connection:8:credentials", "connection:7:credentials ", "connection:7", "tenant:7:authority"]
    {
        let error = vault.open::<Value>(TOKEN_ONE, context).unwrap_err();
        assert_eq!((error.kind(), error.get("context")), (ErrorKind::Config, Some(context)));
        assert!(error.message().contains("another row"), "{error}");
        assert!(!format!("{error} {error:?}").contains("EAAA"));
    }
}

#[test]
fn every_changed_character_and_every_truncation_is_refused() {
    let vault = Vault::new(&[KEY_ONE]).unwrap();
    let body = TOKEN_ONE.trim_end_matches('=');
    for (index, old) in body.char_indices() {
        let new = if old == 'A' { 'B' } else { 'A' };
        let changed = format!("{}{new}{}", &TOKEN_ONE[..index], &TOKEN_ONE[index + 1..]);
        assert!(open(&vault, &changed).is_err(), "character {index}");
        assert!(open(&vault, &TOKEN_ONE[..index]).is_err(), "first {index} characters");
    }
    for garbage in
        ["", "=", "gAAAAA", "not a token", "ü", "{}", &"A".repeat(100_000), &format!("{TOKEN_ONE}A")]
    {
        assert_eq!(open(&vault, garbage).unwrap_err().kind(), ErrorKind::Config);
    }
}

#[test]
fn rotating_moves_a_value_to_the_newest_key() {
    let old = Vault::new(&[KEY_TWO]).unwrap();
    let both = Vault::new(&[KEY_ONE, KEY_TWO]).unwrap();
    let new = Vault::new(&[KEY_ONE]).unwrap();
    let rotated = both.rotate(TOKEN_TWO).unwrap();
    assert_eq!(open(&new, &rotated).unwrap(), credentials());
    assert!(open(&old, &rotated).is_err());
    assert!(new.rotate(TOKEN_TWO).is_err());
}

#[test]
fn a_credential_has_no_age_and_no_clock_closes_it() {
    let vault = Vault::new(&[KEY_ONE]).unwrap();
    for sealed_at in [0, 1_763_690_400, 9_999_999_999] {
        let sealed = vault.seal(&credentials(), CONTEXT, at(sealed_at)).unwrap();
        assert_eq!(open(&vault, &sealed).unwrap(), credentials());
    }
    assert_eq!(vault.seal(&1, CONTEXT, at(-1)).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn without_a_key_there_is_no_vault_and_the_error_says_how_to_make_one() {
    let error = Vault::new(&[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("Fernet.generate_key()"), "{error}");
}

#[test]
fn a_malformed_key_is_named_by_its_place_and_not_shown() {
    for bad in [
        "",
        "short",
        "hunter2-hunter2-hunter2-hunter2-hunter2-hunter2",
        &KEY_ONE[..40],
        "v/T5iQoyGTKTNVbh4JgPGIg3jCBrTVww7LY2cwD19xw=",
    ] {
        let error = Vault::new(&[KEY_ONE, bad, KEY_TWO]).unwrap_err();
        assert!(error.message().starts_with("key 2 of 3 "), "{error}");
        assert!(bad.is_empty() || !format!("{error} {error:?}").contains(bad));
    }
    assert!(Vault::new(&[&format!(" {KEY_ONE}\n")]).is_ok(), "a line break around a key is no fault");
}

#[test]
fn neither_debug_nor_an_error_shows_keys_or_contents() {
    let vault = Vault::new(&[KEY_ONE, KEY_TWO]).unwrap();
    assert_eq!(format!("{vault:?}"), "Vault { keys: 2 }");
    let error = vault.open::<u32>(TOKEN_ONE, CONTEXT).unwrap_err();
    let other: taxpoynt_core::Result<Vec<String>> =
        vault.open(&vault.seal(&"secret-text", CONTEXT, now()).unwrap(), CONTEXT);
    for error in [error, other.unwrap_err()] {
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("EAAA") && !shown.contains("secret-text") && !shown.contains("gAAAA"),
            "{shown}"
        );
    }
}

#[test]
fn generated_keys_differ_and_work() {
    let (a, b) = (Vault::generate_key(), Vault::generate_key());
    assert_ne!(a, b);
    let vault = Vault::new(&[&a, &b]).unwrap();
    let sealed = vault.seal(&credentials(), CONTEXT, now()).unwrap();
    assert_eq!(vault.open::<Value>(&sealed, CONTEXT).unwrap(), credentials());
}
