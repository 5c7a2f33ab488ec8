//! Signed assertions: RFC 7523 with RS256 (RFC 7518, 3.3).

use crate::{Error, ErrorKind, Result};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde_json::json;
use std::time::Duration;

const OPERATION: &str = "auth.assertion";

/// What an assertion says.
pub(super) struct Claims<'a> {
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) audience: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) life: Duration,
    /// Makes it another than every one before.
    pub(super) id: &'a str,
}

/// A signed assertion.
///
/// # Errors
/// `Config` where the key is none.
pub(super) fn signed(claims: &Claims<'_>, private_key: &SecretString) -> Result<SecretString> {
    let key = key_pair(private_key)?;
    let issued = claims.now.timestamp();
    let life = i64::try_from(claims.life.as_secs()).unwrap_or(i64::MAX);
    let header = json!({ "alg": "RS256", "typ": "JWT" }).to_string();
    let payload = json!({
        "iss": claims.issuer, "sub": claims.subject, "aud": claims.audience,
        "iat": issued, "exp": issued.saturating_add(life), "jti": claims.id,
    });
    let encode = |text: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(payload.to_string().as_bytes()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| unusable("private_key cannot sign: use an RSA key of 2048 bits or more"))?;
    Ok(format!("{signed}.{}", encode(&signature)).into())
}

/// The key of a PEM text, PKCS #8 or PKCS #1.
fn key_pair(pem: &SecretString) -> Result<RsaKeyPair> {
    let no_key = || {
        unusable(
            "private_key is no RSA private key: paste the PEM text from -----BEGIN to the end, without a password",
        )
    };
    let text = pem.expose_secret();
    let (_, rest) = text.split_once("-----BEGIN ").ok_or_else(no_key)?;
    let (label, rest) = rest.split_once("-----").ok_or_else(no_key)?;
    let (body, _) = rest.split_once("-----END ").ok_or_else(no_key)?;
    let body: Zeroizing<String> = Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
    let der = Zeroizing::new(BASE64_STANDARD.decode(body.as_bytes()).map_err(|_| no_key())?);
    let key = match label {
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der),
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der),
        _ => return Err(no_key()),
    };
    key.map_err(|_| no_key())
}

fn unusable(message: &'static str) -> Error {
    Error::new(ErrorKind::Config, OPERATION, message).with("field", "private_key")
}
