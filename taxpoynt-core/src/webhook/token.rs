//! A long random text that only the platform was told: in a header, or as the last part of the URL's path.
//!
//! Nothing of the request is signed, so what it says is only a hint: the record is read again from the platform.

use super::{Secrets, Verified, WebhookRequest, refused};
use crate::{Error, ErrorKind, Result};
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// A shorter one could be guessed.
const SHORTEST: usize = 16;

/// A new token: 32 random bytes in 43 characters that stand in a URL as they are.
///
/// # Errors
/// `Internal`: the machine has no randomness.
pub fn generate() -> Result<SecretString> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| {
        Error::new(ErrorKind::Internal, "webhook.token", "the machine gives no random numbers")
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// Checks that `header` is one of `secrets`.
///
/// # Errors
/// `SignatureInvalid`: it was not posted, the header is missing or repeated, no secret is set, it is shorter than 16
/// characters, or nothing matches.
pub fn in_header(request: &WebhookRequest<'_>, header: &'static str, secrets: &Secrets) -> Result<Verified> {
    let given = request.header(header)?;
    verify(request, given.as_bytes(), secrets, || {
        format!("the header {header} does not match: check the text that the platform was told to send")
    })
}

/// Checks that the last part of the path the request was *sent* to is one of `secrets`. The connector says so in
/// [`Webhook::reads_received_url`](crate::connector::Webhook::reads_received_url).
///
/// ```
/// use taxpoynt_core::webhook::{Secrets, WebhookRequest, token};
///
/// let url = "https://shop.example/webhooks/odoo/3jf0c8Qd2mV1-sYxkq7_Zw?db=main";
/// let headers = http::HeaderMap::new();
/// let request = WebhookRequest { method: "POST", url, headers: &headers, body: b"{}" };
/// token::in_path(&request, &Secrets::one("3jf0c8Qd2mV1-sYxkq7_Zw".into()))?;
/// # Ok::<(), taxpoynt_core::Error>(())
/// ```
///
/// # Errors
/// As [`in_header`].
pub fn in_path(request: &WebhookRequest<'_>, secrets: &Secrets) -> Result<Verified> {
    let path = request.url.split(['?', '#']).next().unwrap_or_default();
    let given = path.rsplit('/').next().unwrap_or_default();
    verify(request, given.as_bytes(), secrets, || {
        "the URL's secret part does not match: check the URL that the platform was told".to_owned()
    })
}

fn verify(
    request: &WebhookRequest<'_>,
    given: &[u8],
    secrets: &Secrets,
    refusal: impl FnOnce() -> String,
) -> Result<Verified> {
    request.posted()?;
    if secrets.usable().any(|(_, secret)| secret.len() < SHORTEST) {
        return Err(refused(format!(
            "the webhook secret is shorter than {SHORTEST} characters: set a longer one"
        )));
    }
    // Hashes are of one length, so that the comparison does not tell how long the secret is.
    let given = Sha256::digest(given);
    let check = |secret: &[u8]| -> Choice { Sha256::digest(secret).as_slice().ct_eq(given.as_slice()) };
    secrets.prove(request, check, refusal)
}
