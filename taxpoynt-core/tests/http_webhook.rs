//! Webhook signatures: computed elsewhere, accepted here, and nothing else is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use std::time::Duration;
use taxpoynt_core::{
    ErrorKind, Result,
    webhook::{
        Secrets, Verified, WebhookRequest,
        hmac::{verify_base64, verify_hex},
        timestamp::{Unit, check},
    },
};

// Computed with Python's hmac module.
const URL: &str = "https://shop.example/hooks/square?x=1/";
const BODY: &[u8] = br#"{"merchant_id":"M","note":"\u003c<"}"#;
const OLD: &str = "T4Rd347LoBx6aAavzw+NyWi6WJDDhc+qYgtQ6KQcigE=";
const OLD_HEX: &str = "4f845ddf8ecba01c7a6806afcf0f8dc968ba5890c385cfaa620b50e8a41c8a01";
const NEW: &str = "jbtND5QtToErjDu6Khc46QLneCe/Zk1Z9ynPGZlcvt8=";
const HEADER: &str = "x-signature";

fn headers(values: &[&str]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for value in values {
        map.append(HEADER, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

fn secrets(values: &[&str]) -> Secrets {
    Secrets(values.iter().map(|value| SecretString::from(*value)).collect())
}

fn base64(signatures: &[&str], url: &str, body: &[u8], secrets: &Secrets) -> Result<Verified> {
    let headers = headers(signatures);
    let request = WebhookRequest { method: "POST", url, headers: &headers, body };
    verify_base64(&request, HEADER, secrets, &[url.as_bytes(), body])
}

fn hex(signature: &str, body: &[u8], secret: &str, parts: &[&[u8]]) -> Result<Verified> {
    let headers = headers(&[signature]);
    let request = WebhookRequest { method: "POST", url: URL, headers: &headers, body };
    verify_hex(&request, HEADER, &secrets(&[secret]), parts)
}

fn refusal(result: Result<Verified>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureInvalid);
    assert_eq!(error.retry(), taxpoynt_core::Retry::Never);
    format!("{error} {error:?}")
}

#[test]
fn a_signature_over_url_and_body_is_accepted() {
    assert_eq!(base64(&[OLD], URL, BODY, &secrets(&["old secret"])).unwrap().body(), BODY);
    let upper = OLD_HEX.to_uppercase();
    for signature in [OLD_HEX, &upper] {
        assert_eq!(hex(signature, BODY, "old secret", &[URL.as_bytes(), BODY]).unwrap().body(), BODY);
    }
}

#[test]
fn parts_are_signed_one_after_another_without_separators() {
    let (headers, body) = (headers(&["4f+yEHfP7Cw603UhB6dpXEWo9ie6AT5XqvFfilW7/qk="]), br#"[{"eventId":1}]"#);
    let request =
        WebhookRequest { method: "POST", url: "https://shop.example/hook", headers: &headers, body };
    let parts: [&[u8]; 4] = [b"POST", request.url.as_bytes(), body, b"1763690400000"];
    assert!(verify_base64(&request, HEADER, &secrets(&["client-secret"]), &parts).is_ok());
    let reordered: [&[u8]; 4] = [b"POST", body, request.url.as_bytes(), b"1763690400000"];
    refusal(verify_base64(&request, HEADER, &secrets(&["client-secret"]), &reordered));
}

#[test]
fn the_vector_of_rfc_4231_verifies() {
    let body = b"what do ya want for nothing?";
    let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert!(hex(signature, body, "Jefe", &[body]).is_ok());
}

#[test]
fn two_live_secrets_are_accepted_and_a_retired_one_is_not() {
    for both in [secrets(&["old secret", "new secret"]), secrets(&["new secret", "old secret"])] {
        assert!(base64(&[OLD], URL, BODY, &both).is_ok());
        assert!(base64(&[NEW], URL, BODY, &both).is_ok());
    }
    refusal(base64(&[OLD], URL, BODY, &secrets(&["new secret"])));
}

#[test]
fn every_flipped_bit_of_the_body_the_url_or_the_signature_is_refused() {
    let secrets = secrets(&["old secret"]);
    for bit in 0..BODY.len() * 8 {
        let mut body = BODY.to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        refusal(base64(&[OLD], URL, &body, &secrets));
    }
    for index in 0..URL.len() {
        let mut url = URL.as_bytes().to_vec();
        url[index] ^= 1;
        refusal(base64(&[OLD], std::str::from_utf8(&url).unwrap(), BODY, &secrets));
    }
    for bit in 0..256 {
        let mut signature: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(&OLD_HEX[2 * i..2 * i + 2], 16).unwrap()).collect();
        signature[bit / 8] ^= 1 << (bit % 8);
        let text: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        refusal(hex(&text, BODY, "old secret", &[URL.as_bytes(), BODY]));
    }
}

#[test]
fn a_body_cut_short_or_extended_is_refused() {
    let secrets = secrets(&["old secret"]);
    for length in 0..BODY.len() {
        refusal(base64(&[OLD], URL, &BODY[..length], &secrets));
    }
    refusal(base64(&[OLD], URL, &[BODY, b"\n"].concat(), &secrets));
}

fn secrets_none() -> Secrets {
    Secrets::default()
}

#[test]
fn a_malformed_signature_is_refused_with_the_headers_name() {
    let unpadded = OLD.trim_end_matches('=');
    let cases = [
        "",
        "=",
        "AAAA",
        unpadded,
        &OLD[1..],
        &format!("{OLD}{OLD}"),
        "T4Rd347LoBx6aAavzw+NyWi6WJDDhc+qYgtQ6KQcigF=",
        &OLD.replace('+', "-"),
        &format!("sha256={OLD}"),
        OLD_HEX,
        "ümlaut",
        &"A".repeat(100_000),
    ];
    for signature in cases {
        let shown = refusal(base64(&[signature], URL, BODY, &secrets(&["old secret"])));
        assert!(shown.contains(HEADER), "{shown}");
    }
    for signature in [
        "",
        "0",
        &OLD_HEX[1..],
        &OLD_HEX[2..],
        &format!("{OLD_HEX}00"),
        &format!("0x{}", &OLD_HEX[2..]),
        &OLD_HEX.replace('4', "+"),
        OLD,
    ] {
        refusal(hex(signature, BODY, "old secret", &[URL.as_bytes(), BODY]));
    }
}

#[test]
fn a_missing_or_repeated_header_is_refused() {
    let secrets = secrets(&["old secret"]);
    assert!(refusal(base64(&[], URL, BODY, &secrets)).contains("x-signature is missing"));
    for pair in [[OLD, OLD], [OLD, NEW], ["", OLD], [OLD, ""]] {
        assert!(refusal(base64(&pair, URL, BODY, &secrets)).contains("more than once"));
    }
}

#[test]
fn without_a_secret_nothing_verifies() {
    // The HMAC under the empty key can be computed by anyone.
    let mac = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    let parts: [&[u8]; 1] = [b""];
    assert!(refusal(hex(mac, b"", "", &parts)).contains("no webhook secret"));
    for none in [secrets_none(), secrets(&[""]), secrets(&["", ""])] {
        assert!(refusal(base64(&[OLD], URL, BODY, &none)).contains("no webhook secret"));
    }
    assert!(base64(&[OLD], URL, BODY, &secrets(&["", "old secret"])).is_ok());
}

#[test]
fn a_verifier_that_forgets_the_body_verifies_nothing() {
    let headers = headers(&[OLD]);
    let request = WebhookRequest { method: "POST", url: URL, headers: &headers, body: b"another body" };
    let shown = refusal(verify_base64(&request, HEADER, &secrets(&["old secret"]), &[URL.as_bytes(), BODY]));
    assert!(shown.contains("the body is not among the signed parts"), "{shown}");
}

#[test]
fn neither_errors_nor_debug_show_secrets_signatures_or_bodies() {
    let shown = refusal(base64(&[NEW], URL, BODY, &secrets(&["old secret"])));
    assert!(shown.contains("byte for byte") && shown.contains(HEADER));
    for secret in ["old secret", OLD, NEW, OLD_HEX, "merchant_id"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let mut headers = headers(&[OLD]);
    headers.insert("authorization", "Basic c2VjcmV0".parse().unwrap());
    let request = WebhookRequest {
        method: "POST",
        url: "https://shop.example/hook/secret-path",
        headers: &headers,
        body: BODY,
    };
    let verified = base64(&[OLD], URL, BODY, &Secrets::one(SecretString::from("old secret"))).unwrap();
    let shown = format!("{request:?} {verified:?} {:?}", secrets(&["old secret"]));
    for hidden in ["old secret", OLD, "c2VjcmV0", "merchant_id", "secret-path"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains(&format!("body_bytes: {}", BODY.len())));
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_690_400, 0).unwrap()
}

fn judged(value: &str, unit: Unit) -> Option<ErrorKind> {
    check(value, unit, now(), Duration::from_secs(300)).err().map(|error| error.kind())
}

#[test]
fn a_timestamp_is_accepted_up_to_the_tolerance_on_both_sides() {
    let replayed = Some(ErrorKind::Replayed);
    let millis = [
        ("1763690400000", None),
        ("1763690100000", None),
        ("1763690099999", replayed),
        ("1763690700000", None),
        ("1763690700001", replayed),
        ("0", replayed),
        ("1763690400", replayed),
        ("9999999999999", replayed),
    ];
    for (value, expected) in millis {
        assert_eq!(judged(value, Unit::Millis), expected, "{value}");
    }
    for (value, expected) in
        [("1763690100", None), ("1763690099", replayed), ("1763690700", None), ("1763690701", replayed)]
    {
        assert_eq!(judged(value, Unit::Seconds), expected, "{value}");
    }
}

#[test]
fn what_is_no_whole_number_is_no_timestamp() {
    for value in [
        "",
        " 1763690400000",
        "+1763690400000",
        "-1",
        "1.76e12",
        "1763690400000.0",
        "0x19A",
        "now",
        "١٧٦٣",
        "99999999999999999999",
        "9223372036854775807",
    ] {
        for unit in [Unit::Millis, Unit::Seconds] {
            assert_eq!(judged(value, unit), Some(ErrorKind::SignatureInvalid), "{value}");
        }
    }
}

#[test]
fn a_stale_timestamp_says_how_far_it_is_off() {
    let error = check("1763690000", Unit::Seconds, now(), Duration::from_secs(300)).unwrap_err();
    assert!(error.message().contains("400 seconds ago, more than the 300 allowed"), "{error}");
    let error = check("1763691000", Unit::Seconds, now(), Duration::from_secs(300)).unwrap_err();
    assert!(error.message().contains("600 seconds in the future"), "{error}");
}
