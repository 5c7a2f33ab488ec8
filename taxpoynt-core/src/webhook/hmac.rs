//! HMAC-SHA256 over parts of a request, in base64 or hexadecimal, compared in constant time.

use super::{Secrets, Verified, WebhookRequest, refused};
use crate::Result;
use ::hmac::{Hmac, KeyInit, Mac};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// Length of an HMAC-SHA256.
const LENGTH: usize = 32;

/// Checks that `header` holds the base64 of HMAC-SHA256 over `message`, its parts one after another, under one of
/// `secrets`. One of the parts must be the body itself; where the method is none of them, it must be `POST`.
///
/// # Errors
/// `SignatureInvalid`: the header is missing, repeated or not base64, no secret is set, or nothing matches. The
/// sentence names the header and what to check, never a secret or the expected value.
pub fn verify_base64(
    request: &WebhookRequest<'_>,
    header: &'static str,
    secrets: &Secrets,
    message: &[&[u8]],
) -> Result<Verified> {
    let decode = |text: &str| STANDARD.decode(text).ok();
    verify(request, header, "base64", decode, secrets, message)
}

/// As [`verify_base64`], with the signature in hexadecimal of either case.
///
/// # Errors
/// As [`verify_base64`].
pub fn verify_hex(
    request: &WebhookRequest<'_>,
    header: &'static str,
    secrets: &Secrets,
    message: &[&[u8]],
) -> Result<Verified> {
    verify(request, header, "hexadecimal", hex, secrets, message)
}

fn verify(
    request: &WebhookRequest<'_>,
    header: &'static str,
    encoding: &str,
    decode: impl Fn(&str) -> Option<Vec<u8>>,
    secrets: &Secrets,
    message: &[&[u8]],
) -> Result<Verified> {
    let given = request.header(header)?;
    let given = decode(given)
        .filter(|signature| signature.len() == LENGTH)
        .ok_or_else(|| refused(format!("the header {header} is not {LENGTH} bytes in {encoding}")))?;
    if !message.contains(&request.body) {
        return Err(refused(
            "the body is not among the signed parts, so the signature proves nothing about it",
        ));
    }
    if !message.contains(&request.method.as_bytes()) {
        request.posted()?;
    }
    let check = |secret: &[u8]| {
        sign(secret, message).map_or(Choice::from(0), |signature| signature.ct_eq(given.as_slice()))
    };
    secrets.prove(request, check, || {
        format!(
            "the header {header} does not match: check that the webhook secret is the current one, that the configured \
             webhook URL equals the registered one byte for byte, and that the body arrives unaltered"
        )
    })
}

fn sign(secret: &[u8], message: &[&[u8]]) -> Option<[u8; LENGTH]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    for part in message {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().into())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
