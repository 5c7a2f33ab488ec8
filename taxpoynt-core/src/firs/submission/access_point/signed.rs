//! The signature of a request: HMAC-SHA256 over the raw body and the timestamp, under the secret of the pair.

use super::options::{SignatureForm, TimestampForm};
use crate::firs::client::ApiKeys;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use std::fmt::Write as _;

/// The time as it goes into the header and into the signature.
pub(super) fn timestamp(at: DateTime<Utc>, form: TimestampForm) -> String {
    match form {
        TimestampForm::Rfc3339 => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        TimestampForm::UnixSeconds => at.timestamp().to_string(),
    }
}

/// The signature; `None` cannot happen with HMAC, which takes keys of any length.
pub(super) fn signature(keys: &ApiKeys, body: &[u8], timestamp: &str, form: SignatureForm) -> Option<String> {
    let secret = keys.api_secret.expose_secret().trim();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    mac.update(timestamp.as_bytes());
    let made = mac.finalize().into_bytes();
    Some(match form {
        SignatureForm::Hex => made.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }),
        SignatureForm::Base64 => STANDARD.encode(made),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_openssl_makes() {
        // printf '%s' '{"irn":"A"}2026-11-20T10:00:00Z' | openssl dgst -sha256 -hmac secret
        let keys = ApiKeys::new("key", "secret");
        let at = "2026-11-20T10:00:00Z".parse().unwrap();
        let time = timestamp(at, TimestampForm::Rfc3339);
        assert_eq!(time, "2026-11-20T10:00:00Z");
        let hex = signature(&keys, br#"{"irn":"A"}"#, &time, SignatureForm::Hex).unwrap();
        assert_eq!(hex, "2002e4822020a9f01d6372eb561a9e2c5240efd357d84622adf8c30e815e0570");
        let base64 = signature(&keys, br#"{"irn":"A"}"#, &time, SignatureForm::Base64).unwrap();
        assert_eq!(base64, "IALkgiAgqfAdY3LrVhqeLFJA79NX2EYirfjDDoFeBXA=");
        assert_eq!(timestamp(at, TimestampForm::UnixSeconds), "1795168800");
    }
}
