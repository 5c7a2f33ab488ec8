//! RSA-2048 encryption with PKCS#1 v1.5 padding: the one place that uses it, because the authority mandates it.
//!
//! New designs use OAEP. Here there is no choice: the authority's recipe is `openssl pkeyutl -encrypt -pubin` without
//! options, whose padding is PKCS#1 v1.5, and its own package runs that command; a stamp under OAEP cannot be read.
//! The known attack on this padding (Bleichenbacher) needs an oracle at the side that decrypts, which is the
//! authority; we only encrypt, and the plaintext is one short block. The padding is random, so no two stamps are equal.

use crate::{Error, ErrorKind, Result};
use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use std::{fmt, sync::Arc};

const OPERATION: &str = "stamp.encrypt";

/// Bits of the authority's keys.
const KEY_BITS: usize = 2048;

/// A public key that encrypts one block.
#[derive(Clone)]
pub(super) struct EncryptingKey(Arc<Pkcs1PublicEncryptingKey>);

impl EncryptingKey {
    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// A sentence: not an RSA public key, or not of 2048 bits.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, String> {
        let key = PublicEncryptingKey::from_der(der)
            .map_err(|_| "public_key is not an RSA public key in SPKI form".to_owned())?;
        let bits = key.key_size_bits();
        if bits != KEY_BITS {
            return Err(format!("public_key has {bits} bits; the authority's keys have {KEY_BITS}"));
        }
        let key = Pkcs1PublicEncryptingKey::new(key)
            .map_err(|_| "public_key cannot be used for encryption".to_owned())?;
        Ok(Self(Arc::new(key)))
    }

    /// Encrypts one block of at most 245 bytes into 256.
    ///
    /// # Errors
    /// `Config`: the plaintext does not fit one block.
    pub(super) fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let most = self.0.max_plaintext_size();
        if plaintext.len() > most {
            let message = format!(
                "the stamp has {} bytes and the key takes {most}: the certificate in the key file is too long",
                plaintext.len()
            );
            return Err(Error::new(ErrorKind::Config, OPERATION, message).with("field", "certificate"));
        }
        let mut ciphertext = vec![0; self.0.ciphertext_size()];
        let length = self.0.encrypt(plaintext, &mut ciphertext).map(|used| used.len()).map_err(|_| {
            Error::new(ErrorKind::Config, OPERATION, "the key file's public_key refuses to encrypt")
        })?;
        ciphertext.truncate(length);
        Ok(ciphertext)
    }
}

impl fmt::Debug for EncryptingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptingKey(redacted)")
    }
}
