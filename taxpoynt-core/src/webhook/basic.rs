//! HTTP Basic credentials that the platform was given when its webhook was registered: who knows them is the platform.
//!
//! Nothing of the request is signed, so what it says is only a hint: the record is read again from the platform.

use super::{Secrets, Verified, WebhookRequest, refused};
use crate::Result;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Checks that the request carries `user` and, as password, one of `secrets`.
///
/// ```
/// use secrecy::SecretString;
/// use taxpoynt_core::webhook::{Secrets, WebhookRequest, basic};
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("authorization", "Basic dGF4cG95bnQ6b3BlbiBzZXNhbWU=".parse()?);
/// let request =
///     WebhookRequest { method: "POST", url: "https://shop.example/hook", headers: &headers, body: b"{}" };
/// basic::verify(&request, "taxpoynt", &Secrets::one(SecretString::from("open sesame")))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `SignatureInvalid`: it was not posted, the header is missing, repeated or not Basic, no secret is set, or nothing
/// matches. No credentials are shown.
pub fn verify(request: &WebhookRequest<'_>, user: &str, secrets: &Secrets) -> Result<Verified> {
    request.posted()?;
    let given = request.header(AUTHORIZATION.as_str())?;
    let given = given
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded).ok())
        .map(Sha256::digest)
        .ok_or_else(|| refused("the header authorization is not Basic credentials in base64"))?;
    // Hashes are of one length, so that the comparison does not tell how long the password is.
    let check = |secret: &[u8]| {
        let expected = Sha256::new().chain_update(user).chain_update(b":").chain_update(secret).finalize();
        expected.as_slice().ct_eq(given.as_slice())
    };
    secrets.prove(request, check, || {
        "the user name or password does not match: check both where the platform's webhook is set up"
            .to_owned()
    })
}
