//! What goes with a person to the platform and back: the state, and the proof key that stays here.

use oauth2::{CsrfToken, PkceCodeVerifier};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A state nobody can guess: 32 random bytes, URL-safe.
pub(crate) fn new_state() -> SecretString {
    CsrfToken::new_random_len(32).into_secret().into()
}

/// As a state is stored: whoever reads the database cannot complete what it belongs to.
pub(crate) fn hash(state: &SecretString) -> String {
    let digest = Sha256::digest(state.expose_secret().as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The proof key as it is sealed; none where the platform takes none.
#[derive(Serialize, Deserialize)]
pub(crate) struct Verifier {
    pkce: Option<String>,
}

impl Verifier {
    /// None.
    pub(crate) const fn without() -> Self {
        Self { pkce: None }
    }

    /// This one.
    pub(crate) fn of(verifier: &PkceCodeVerifier) -> Self {
        Self { pkce: Some(verifier.secret().clone()) }
    }

    /// It, for the call that exchanges the code.
    pub(crate) fn into_pkce(self) -> Option<PkceCodeVerifier> {
        self.pkce.map(PkceCodeVerifier::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_differ_and_are_kept_as_hashes() {
        let (one, two) = (new_state(), new_state());
        assert!(one.expose_secret().len() >= 43, "256 bits");
        assert_ne!(hash(&one), hash(&two));
        assert_eq!(hash(&one).len(), 64);
        assert!(!hash(&one).contains(one.expose_secret()));
        let known = SecretString::from("abc".to_owned());
        assert_eq!(hash(&known), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
