//! Signatures come out as an independent implementation (Python's hmac and hashlib) computed them from the scheme.

use taxpoynt_sim::{hubspot_signature_v1, hubspot_signature_v2, hubspot_signature_v3, square_signature};

const URL: &str = "https://hooks.shop.example/in/square?x=1";
const BODY: &str = r#"{"merchant_id":"M","event_id":"e-1","note":"<₦>"}"#;

#[test]
fn square_signs_the_url_and_then_the_raw_body() {
    assert_eq!(square_signature("sim-key", URL, BODY), "9GbvEiQHF2uftYf8NCk6QVJS0i2ylCA9zeslYe8cMHg=");
}

#[test]
fn hubspot_v1_and_v2_hash_the_secret_first() {
    let v1 = "b5e59151a1c04344c748d9b1d0a74a22a0f505b16c9b9a9b97aebd6fa95c1408";
    assert_eq!(hubspot_signature_v1("sim-secret", BODY), v1);
    let v2 = "61d092392fff0419abf588513b6d1b9a7ad18b7a7a993fb22de959379c663b4b";
    assert_eq!(hubspot_signature_v2("sim-secret", "POST", URL, BODY), v2);
}

#[test]
fn hubspot_v3_decodes_the_twelve_listed_escapes_and_no_other() {
    let url = "https://hooks.shop.example/in?next=https%3a%2F%2Fa.example%2Fx%3Fy%40z&name=a%20b%3D%26&q=%21%24%27%28%29%2A%2C%3B%25";
    let made = hubspot_signature_v3("sim-secret", "POST", url, BODY, "1790000000000");
    assert_eq!(made, "Bvd/B8RS5OxdgqnNf8AlUL0/QfJJDglhpEDIM+yC2Yg=");
}
