//! RSA signatures, PKCS#1 v1.5 over SHA-256: the platform signs with a key of its own, and anyone can check.

use super::{Verified, WebhookRequest, refused};
use crate::{Error, ErrorKind, Result};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use std::fmt;

/// A platform's public key.
#[derive(Clone)]
pub struct PublicKey(UnparsedPublicKey<Vec<u8>>);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(RSA)")
    }
}

impl PublicKey {
    /// Reads a key in PEM: `PUBLIC KEY` (X.509) or `RSA PUBLIC KEY` (PKCS#1).
    ///
    /// # Errors
    /// `Config` where it is neither.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let wrong = || {
            let message =
                "the platform's public key is not in PEM: it starts with -----BEGIN PUBLIC KEY-----";
            Error::new(ErrorKind::Config, "webhook.rsa", message)
        };
        let body = ["PUBLIC KEY", "RSA PUBLIC KEY"].iter().find_map(|label| {
            let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
            rest.split_once(&format!("-----END {label}-----")).map(|(body, _)| body)
        });
        let text: String = body.ok_or_else(wrong)?.split_whitespace().collect();
        Ok(Self::from_der(STANDARD.decode(text).map_err(|_| wrong())?))
    }

    /// The key in DER, of either form. Whether it is one shows when it is used.
    #[must_use]
    pub fn from_der(der: Vec<u8>) -> Self {
        Self(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der))
    }
}

/// Checks that `header` is the base64 of a signature by `key` over `message`, its parts one after another. One of the
/// parts must be the body, or, as PayPal has it, the body's CRC-32 in decimal. Keys under 2048 bits are not accepted.
///
/// # Errors
/// `SignatureInvalid`: it was not posted, the header is missing, repeated or not base64, no part stands for the body, or
/// the signature is another's.
pub fn verify_sha256(
    request: &WebhookRequest<'_>,
    header: &'static str,
    key: &PublicKey,
    message: &[&[u8]],
) -> Result<Verified> {
    request.posted()?;
    let signature = STANDARD
        .decode(request.header(header)?)
        .map_err(|_| refused(format!("the header {header} is not in base64")))?;
    if !message.contains(&request.body) && !message.contains(&crc32(request.body).as_bytes()) {
        return Err(refused(
            "the body is not among the signed parts, so the signature proves nothing about it",
        ));
    }
    key.0.verify(&message.concat(), &signature).map_err(|_| {
        refused(format!(
            "the header {header} is not this platform's signature over the request: check that its public key is the \
             current one and that the body arrives unaltered"
        ))
    })?;
    Ok(Verified { body: Bytes::copy_from_slice(request.body), by: Vec::new() })
}

/// CRC-32 (ISO-HDLC) in decimal.
#[must_use]
pub fn crc32(body: &[u8]) -> String {
    crc32fast::hash(body).to_string()
}
