//! The vault against the vectors of the Fernet specification, and against a second hand that writes tokens by its text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use ::hmac::{Hmac, KeyInit, Mac};
use aws_lc_rs::{
    cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use taxpoynt_core::{ErrorKind, Vault};

const CONTEXT: &str = "connection:7:credentials";

#[derive(Deserialize)]
struct Vectors {
    generate: Vec<Generate>,
    open: Vec<Case>,
    invalid: Vec<Case>,
}

#[derive(Deserialize)]
struct Generate {
    token: String,
    now: i64,
    src: String,
    secret: String,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    desc: String,
    token: String,
    now: i64,
    ttl_sec: u64,
    secret: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/fernet.json")).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// A token by the text of the specification: `0x80 ‖ time ‖ IV ‖ AES-128-CBC ‖ HMAC-SHA256`.
fn written(secret: &str, time: u64, iv: [u8; 16], plain: &[u8]) -> String {
    let key = URL_SAFE.decode(secret).unwrap();
    let cipher = UnboundCipherKey::new(&AES_128, &key[16..]).unwrap();
    let mut blocks = plain.to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    PaddedBlockEncryptingKey::cbc_pkcs7(cipher).unwrap().less_safe_encrypt(&mut blocks, context).unwrap();
    let mut token = vec![0x80];
    token.extend(time.to_be_bytes());
    token.extend(iv);
    token.extend(blocks);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key[..16]).unwrap();
    mac.update(&token);
    token.extend(mac.finalize().into_bytes());
    URL_SAFE.encode(token)
}

/// The IV and the time that a token names.
fn head(token: &str) -> (u64, [u8; 16]) {
    let bytes = URL_SAFE.decode(token).unwrap();
    (u64::from_be_bytes(bytes[1..9].try_into().unwrap()), bytes[9..25].try_into().unwrap())
}

const COUNTING_IV: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

#[test]
fn each_token_of_the_vectors_is_what_the_specification_says_and_opens_under_its_key() {
    let vectors = vectors().generate;
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let plain = vector.src.as_bytes();
        assert_eq!(written(&vector.secret, vector.now as u64, COUNTING_IV, plain), vector.token);
        assert_eq!(Vault::new(&[&vector.secret]).unwrap().key_of(&vector.token), Some(0), "{}", vector.src);
    }
}

#[test]
fn what_we_seal_is_to_the_last_byte_what_the_specification_says() {
    let key = Vault::generate_key();
    let vault = Vault::new(&[&key]).unwrap();
    for length in 0..70 {
        let value = "x".repeat(length);
        let token = vault.seal(&value, CONTEXT, at(1_763_690_400)).unwrap();
        let (time, iv) = head(&token);
        assert_eq!(time, 1_763_690_400);
        let plain = json!({"context": CONTEXT, "value": value}).to_string();
        assert_eq!(written(&key, time, iv, plain.as_bytes()), token, "{length}");
    }
}

#[test]
fn a_token_within_its_time_to_live_opens() {
    for case in vectors().open {
        let vault = Vault::new(&[&case.secret]).unwrap();
        let age = Duration::from_secs(case.ttl_sec);
        let value: Value = vault.open_within(&case.token, CONTEXT, age, at(case.now)).unwrap();
        assert_eq!(value, json!({"access_token": "vector-token"}));
    }
}

#[test]
fn each_invalid_token_of_the_vectors_is_refused() {
    let invalid = vectors().invalid;
    assert_eq!(invalid.len(), 20);
    for Case { desc, token, now, ttl_sec, secret } in invalid {
        let vault = Vault::new(&[&Vault::generate_key(), &secret]).unwrap();
        let opened = vault.open_within::<Value>(&token, CONTEXT, Duration::from_secs(ttl_sec), at(now));
        assert_eq!(opened.unwrap_err().kind(), ErrorKind::Config, "{desc}");
        // Two of them are sound and only of the wrong time: a credential has no age.
        let sound = desc.contains("TS") || desc.contains("TTL");
        assert_eq!(vault.key_of(&token), sound.then_some(1), "{desc}");
        assert_eq!(vault.rotate(&token).is_ok(), sound, "{desc}");
    }
}

#[test]
fn a_token_of_any_time_whatsoever_is_answered() {
    let key = Vault::generate_key();
    let vault = Vault::new(&[&key]).unwrap();
    let plain = json!({"context": CONTEXT, "value": 1}).to_string();
    for time in [0, 1, 1 << 40, i64::MAX as u64, u64::MAX - 60, u64::MAX] {
        let token = written(&key, time, COUNTING_IV, plain.as_bytes());
        for age in [Duration::ZERO, Duration::from_secs(60), Duration::MAX] {
            let now = at(1_763_690_400);
            let young = time <= 1_763_690_460 && (age == Duration::MAX || time >= 1_763_690_340);
            assert_eq!(vault.open_within::<u8>(&token, CONTEXT, age, now).is_ok(), young, "{time} {age:?}");
        }
        assert_eq!(vault.open::<u8>(&token, CONTEXT).unwrap(), 1, "{time}");
        assert_eq!(head(&vault.rotate(&token).unwrap()).0, time);
    }
}

#[test]
fn rotating_keeps_when_a_value_was_sealed_and_makes_it_no_younger() {
    let (old, new) = (Vault::generate_key(), Vault::generate_key());
    let token = Vault::new(&[&old]).unwrap().seal(&7, CONTEXT, at(1000)).unwrap();
    let both = Vault::new(&[&new, &old]).unwrap();
    assert_eq!(both.key_of(&token), Some(1));
    let rotated = both.rotate(&token).unwrap();
    assert_eq!((both.key_of(&rotated), head(&rotated).0), (Some(0), 1000));
    assert_eq!(Vault::new(&[&old]).unwrap().key_of(&rotated), None);
    let minute = Duration::from_secs(60);
    assert_eq!(both.open_within::<u8>(&rotated, CONTEXT, minute, at(1060)).unwrap(), 7);
    let error = both.open_within::<u8>(&rotated, CONTEXT, minute, at(1061)).unwrap_err();
    assert!(error.message().contains("expired"), "{error}");
}
