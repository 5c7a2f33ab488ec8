//! Schemes without an HMAC: Basic credentials, a secret token, RSA. Keys and signatures were made with Python's `cryptography`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use secrecy::ExposeSecret;
use taxpoynt_core::{
    ErrorKind, Result,
    webhook::{Secrets, Verified, WebhookRequest, basic, rsa, token},
};

const URL: &str = "https://shop.example/webhooks/odoo/3jf0c8Qd2mV1-sYxkq7_Zw";
const BODY: &[u8] = br#"{"event":"PAYMENT.SALE.COMPLETED","note":"\u003c"}"#;
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAseTBJf4g+a5t7gql7hMK\n\
timW5gx6Qp2VLXz/aV05SJ/Zomm2aq0GdjMldEgF018iuM9Vt7o/sW5YsHafPWfw\n\
6dOsDnOvkSrjB6O5nmm/lNNUE2GWVwdaWWyzl6dClUCS54gCSnQo/9w0ZlUdbFAJ\n\
4JsHxfEbcTudmRnFLDtdcoj7sAUxiT07LOJIQaYaHbIkGdj+jkxDeEPohOh7p94Z\n\
q70N0r36ZCjs0BWxmpaYX3frNEqcEAzUBSqit9SwHsQb5gi0NYJA0CP5fIDB8rte\n\
vhW+0YRIdRpc5vwRimn80vyZC/PDjwIyT5ruajvqujM4PWr4DR/unzYIqvlUurF2\n\
nwIDAQAB\n\
-----END PUBLIC KEY-----\n\
";
const PUBLIC_PKCS1: &str = "-----BEGIN RSA PUBLIC KEY-----\n\
MIIBCgKCAQEAseTBJf4g+a5t7gql7hMKtimW5gx6Qp2VLXz/aV05SJ/Zomm2aq0G\n\
djMldEgF018iuM9Vt7o/sW5YsHafPWfw6dOsDnOvkSrjB6O5nmm/lNNUE2GWVwda\n\
WWyzl6dClUCS54gCSnQo/9w0ZlUdbFAJ4JsHxfEbcTudmRnFLDtdcoj7sAUxiT07\n\
LOJIQaYaHbIkGdj+jkxDeEPohOh7p94Zq70N0r36ZCjs0BWxmpaYX3frNEqcEAzU\n\
BSqit9SwHsQb5gi0NYJA0CP5fIDB8rtevhW+0YRIdRpc5vwRimn80vyZC/PDjwIy\n\
T5ruajvqujM4PWr4DR/unzYIqvlUurF2nwIDAQAB\n\
-----END RSA PUBLIC KEY-----\n\
";
const OVER_BODY: &str = "Z2uBXyiq0Kiews4NhmsKqka3/dCH6I4GXzSAGriFGQCfTbYY1xUYtvZtGzGP7TLBPmowVA5C2yCQDv0orXCuI0KekN/G/2sxA9zIbmmSIlS1slOspggWDxzxUqw6hrAiYnXcHd5PnClbO6ffaSNeFtc6f9jVCe7nkum4sCD37XJaTm4mmpmtrLcLiMIG4zsBKfrmJnIBgUuFlLx1ThcxDGeGaWDJ1KZjxGBelMNxoL8mAqDoWV9ljIqln4dU7ke7i0T0chVRjFbbxs/GVrgcFQejNdN1q3DkJZlaOtuKXeqGMgTe1yaQG2HzACDfsGnOGJyq1zjTN3deWwPcJOAoVQ==";
const OVER_CRC: &str = "dLGpwMNyGcNPYeYfDFV9K+1F7WzKk9pGGjNVzuQJ1WNufj0bR5g0rfhf0GzoiIM8/naN2YHcvWgytR5SwvQ0AUw0SwJPo8Q0gz2INQW7w+mYjrT5lgRyJ/EeYK0M3gz1G/YvBpaHpRtQuZnNYlLYIt6E36Hq2J6oq8Y2//+UIXnQX23srHhra3RJYsmzH9cqbFMVsehAWpVTQzcAK+nfSQJsWWrf38g7a7g23XYREUwItp4ntyuSQn8qy/QNwKYk5ucWxrE4lwp533yOxopHa2iO9FCto5ECwIXqnmDPJpprDlOsQGLKkE6vBX4Nwzsfas/vlcv51rDs7HRcoD7urQ==";
const WEAK: &str = "-----BEGIN PUBLIC KEY-----\n\
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLP1qsI5fHcyrWE1zy2bzWux0f\n\
rMyxs/Tz8/mT3ekBYAlvd9KfZ8Gt0e6snRW3xrm8kfbal192VBxfZjDbqdpwtlc3\n\
HyYwETiv8jBSq6FDAjGlH1iGv+jqPSoSk2OoeG2F8hYnXMekd1WfgORTizxQGXpj\n\
PD/CaThB8SW/qWw7ewIDAQAB\n\
-----END PUBLIC KEY-----\n\
";
const BY_WEAK: &str = "lns5v7TGkjNtFZpEDAKYoATlSJw1WtcOBKos0sParr6ERQPsXbI4tsM/QytzkKab5cLkl5dzcDb0LLIG9rqUP5veU6n8zKhfhdo+No9u3kTplsvcI1KSsdxT0lzDgf7sGsHEs4SDkkcLw3duiU/iRa41HsUfS8EGhYakuFthxW4=";

fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn request<'a>(url: &'a str, headers: &'a HeaderMap) -> WebhookRequest<'a> {
    WebhookRequest { method: "POST", url, headers, body: BODY }
}

fn secrets(values: &[&str]) -> Secrets {
    Secrets(values.iter().map(|value| (*value).into()).collect())
}

fn refused(result: Result<Verified>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureInvalid);
    format!("{error} {error:?}")
}

fn basic_of(value: &str, secrets: &Secrets) -> Result<Verified> {
    let headers = headers("authorization", &[value]);
    basic::verify(&request(URL, &headers), "taxpoynt", secrets)
}

fn credentials(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

#[test]
fn basic_credentials_are_accepted_whole_and_under_either_live_secret() {
    let both = secrets(&["old password", "new:password"]);
    for (password, place) in [("old password", 0), ("new:password", 1)] {
        let verified = basic_of(&credentials(&format!("taxpoynt:{password}")), &both).unwrap();
        assert_eq!((verified.body(), verified.by()), (BODY, [place].as_slice()));
    }
    let lower = credentials("taxpoynt:old password").replace("Basic", "bAsIc");
    assert!(basic_of(&lower, &both).is_ok(), "a scheme's name has no case");
}

#[test]
fn other_basic_credentials_are_refused_without_a_word_of_them() {
    let one = secrets(&["s3same-open"]);
    for text in [
        "taxpoynt:s3same-opem",
        "taxpoynt:s3same-open ",
        "taxpoynt:",
        "Taxpoynt:s3same-open",
        "taxpoynt",
        ":s3same-open",
        "",
    ] {
        let shown = refused(basic_of(&credentials(text), &one));
        assert!(!shown.contains("s3same"), "{shown}");
    }
    for value in ["", "Basic", "Basic !", "Bearer dGF4cG95bnQ6cGFzc3dvcmQ=", "dGF4cG95bnQ6cGFzc3dvcmQ="] {
        refused(basic_of(value, &one));
    }
    assert!(refused(basic_of(&credentials("taxpoynt:"), &secrets(&[""]))).contains("no webhook secret"));
    let right = credentials("taxpoynt:s3same-open");
    let twice = headers("authorization", &[&right, &right]);
    refused(basic::verify(&request(URL, &twice), "taxpoynt", &one));
    let got = headers("authorization", &[&right]);
    refused(basic::verify(&WebhookRequest { method: "GET", ..request(URL, &got) }, "taxpoynt", &one));
}

#[test]
fn a_secret_token_is_the_whole_header_or_the_last_part_of_the_path() {
    let known = secrets(&["another-token-of-some-length", "3jf0c8Qd2mV1-sYxkq7_Zw"]);
    let none = HeaderMap::new();
    for suffix in ["", "?db=main", "#x", "?a=b/c"] {
        let url = format!("{URL}{suffix}");
        assert_eq!(token::in_path(&request(&url, &none), &known).unwrap().by(), [1]);
    }
    for url in
        ["", "/", "https://shop.example/", &URL[..URL.len() - 1], &format!("{URL}/"), &format!("{URL}A")]
    {
        assert!(refused(token::in_path(&request(url, &none), &known)).contains("URL's secret part"), "{url}");
    }
    let right = headers("x-clover-auth", &["3jf0c8Qd2mV1-sYxkq7_Zw"]);
    assert!(token::in_header(&request(URL, &right), "x-clover-auth", &known).is_ok());
    for value in ["", "3jf0c8Qd2mV1-sYxkq7_ZW", "3jf0c8Qd2mV1-sYxkq7_Zw,3jf0c8Qd2mV1-sYxkq7_Zw"] {
        let wrong = headers("x-clover-auth", &[value]);
        refused(token::in_header(&request(URL, &wrong), "x-clover-auth", &known));
    }
    refused(token::in_header(&request(URL, &none), "x-clover-auth", &known));
}

#[test]
fn a_token_that_could_be_guessed_is_no_token() {
    let headers = headers("x-clover-auth", &["short"]);
    let shown = refused(token::in_header(&request(URL, &headers), "x-clover-auth", &secrets(&["short"])));
    assert!(shown.contains("shorter than 16"), "{shown}");
    let (one, other) = (token::generate().unwrap(), token::generate().unwrap());
    assert_eq!(one.expose_secret().len(), 43);
    assert_ne!(one.expose_secret(), other.expose_secret());
    assert!(one.expose_secret().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
}

fn rsa_of(signature: &str, pem: &str, parts: &[&[u8]]) -> Result<Verified> {
    let headers = headers("x-signature", &[signature]);
    rsa::verify_sha256(&request(URL, &headers), "x-signature", &rsa::PublicKey::from_pem(pem)?, parts)
}

#[test]
fn an_rsa_signature_over_the_body_or_its_checksum_is_accepted_under_either_form_of_the_key() {
    assert_eq!(rsa::crc32(BODY), "2884780949");
    for pem in [PUBLIC, PUBLIC_PKCS1] {
        assert_eq!(rsa_of(OVER_BODY, pem, &[b"id|", BODY]).unwrap().body(), BODY);
        assert!(rsa_of(OVER_CRC, pem, &[b"id|time|", rsa::crc32(BODY).as_bytes()]).is_ok());
    }
}

#[test]
fn another_rsa_signature_is_refused() {
    refused(rsa_of(OVER_BODY, PUBLIC, &[b"id", BODY]));
    refused(rsa_of(OVER_CRC, PUBLIC, &[b"id|", BODY]));
    refused(rsa_of("", PUBLIC, &[b"id|", BODY]));
    refused(rsa_of("not base64!", PUBLIC, &[b"id|", BODY]));
    refused(rsa_of(OVER_BODY, WEAK, &[b"id|", BODY]));
    let signature = STANDARD.decode(OVER_BODY).unwrap();
    for bit in (0..signature.len() * 8).step_by(7) {
        let mut altered = signature.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        refused(rsa_of(&STANDARD.encode(altered), PUBLIC, &[b"id|", BODY]));
    }
    let shown = refused(rsa_of(OVER_BODY, PUBLIC, &[b"id|", b"another body"]));
    assert!(shown.contains("proves nothing"), "{shown}");
}

#[test]
fn a_key_under_2048_bits_and_what_is_no_key_are_refused() {
    refused(rsa_of(BY_WEAK, WEAK, &[b"id|", BODY]));
    for pem in
        ["", "MIIB", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----"]
    {
        assert_eq!(rsa::PublicKey::from_pem(pem).unwrap_err().kind(), ErrorKind::Config, "{pem:?}");
    }
}
