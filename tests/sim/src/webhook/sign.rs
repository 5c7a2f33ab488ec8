//! The signatures of Square and HubSpot and the credentials of Pipedrive, written from their published schemes and from no code of anyone.

use aws_lc_rs::{digest, hmac};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// Square: base64 of HMAC-SHA256 over the notification URL followed by the raw body.
#[must_use]
pub fn square_signature(signature_key: &str, notification_url: &str, body: &str) -> String {
    hmac_base64(signature_key, &[notification_url, body])
}

/// HubSpot v1 (CRM webhooks): hex of SHA-256 over client secret and raw body.
#[must_use]
pub fn hubspot_signature_v1(client_secret: &str, body: &str) -> String {
    sha256_hex(&[client_secret, body])
}

/// HubSpot v2 (workflow webhooks, CRM cards): hex of SHA-256 over client secret, method, URI and raw body.
#[must_use]
pub fn hubspot_signature_v2(client_secret: &str, method: &str, uri: &str, body: &str) -> String {
    sha256_hex(&[client_secret, method, uri, body])
}

/// HubSpot v3: base64 of HMAC-SHA256 over method, URI (twelve escapes decoded), raw body and timestamp.
#[must_use]
pub fn hubspot_signature_v3(
    client_secret: &str,
    method: &str,
    uri: &str,
    body: &str,
    timestamp: &str,
) -> String {
    hmac_base64(client_secret, &[method, &decode_listed(uri), body, timestamp])
}

/// Pipedrive signs nothing: it sends the user and password it was given, as RFC 7617 has it.
#[must_use]
pub fn basic_authorization(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

fn hmac_base64(key: &str, parts: &[&str]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()));
    parts.iter().for_each(|part| context.update(part.as_bytes()));
    BASE64_STANDARD.encode(context.sign())
}

fn sha256_hex(parts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part.as_bytes()));
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The only escapes HubSpot decodes before it signs (its page on request validation); all others stay.
const DECODED: [(&str, char); 12] = [
    ("%3A", ':'),
    ("%2F", '/'),
    ("%3F", '?'),
    ("%40", '@'),
    ("%21", '!'),
    ("%24", '$'),
    ("%27", '\''),
    ("%28", '('),
    ("%29", ')'),
    ("%2A", '*'),
    ("%2C", ','),
    ("%3B", ';'),
];

fn decode_listed(uri: &str) -> String {
    let mut decoded = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(first) = rest.chars().next() {
        let known = rest.get(..3).and_then(|escape| {
            DECODED.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(escape)).map(|(_, plain)| *plain)
        });
        decoded.push(known.unwrap_or(first));
        rest = &rest[if known.is_some() { 3 } else { first.len_utf8() }..];
    }
    decoded
}
