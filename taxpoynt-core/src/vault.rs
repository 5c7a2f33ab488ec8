//! Seals credentials for storage: Fernet under a list of keys, of which the first writes and all read.
//!
//! A sealed value knows where it belongs. `context` (`connection:<uuid>:credentials`) stands inside the sealed JSON and
//! is checked on opening, so that a ciphertext copied to another row does not open there:
//!
//! ```text
//! {"context": "connection:…:credentials", "value": {"access_token": "…"}}
//! ```
//!
//! The format is that of Python's `cryptography.fernet`; a Python host with the same keys reads it.
//!
//! To change keys: put the new one first, [`rotate`](Vault::rotate) every stored value, then drop the old one.
//!
//! ```
//! use taxpoynt_core::Vault;
//!
//! # let now = chrono::DateTime::UNIX_EPOCH;
//! let vault = Vault::new(&[&Vault::generate_key()])?;
//! let sealed = vault.seal(&("id", "token"), "connection:1:credentials", now)?;
//! let opened: (String, String) = vault.open(&sealed, "connection:1:credentials", now)?;
//! assert_eq!(opened.1, "token");
//! assert!(vault.open::<(String, String)>(&sealed, "connection:2:credentials", now).is_err());
//! # Ok::<(), taxpoynt_core::Error>(())
//! ```

use crate::{Error, ErrorKind, Result};
use chrono::{DateTime, Utc};
use fernet::Fernet;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};
use subtle::ConstantTimeEq;

/// Seals and opens. Cheap to share behind an `Arc`.
pub struct Vault {
    writer: Fernet,
    readers: Vec<Fernet>,
}

#[derive(Serialize)]
struct Sealing<'a, T> {
    context: &'a str,
    value: &'a T,
}

#[derive(Deserialize)]
struct Opening<'a> {
    #[serde(borrow)]
    context: Cow<'a, str>,
    #[serde(borrow)]
    value: &'a RawValue,
}

impl Vault {
    /// A vault over `keys`, newest first, each 32 bytes in URL-safe base64.
    ///
    /// # Errors
    /// `Config` where there is no key or one is malformed: the engine does not start without.
    pub fn new(keys: &[&str]) -> Result<Self> {
        let parse = |(index, key): (usize, &&str)| {
            Fernet::new(key.trim()).ok_or_else(|| malformed(index + 1, keys.len()))
        };
        let mut parsed = keys.iter().enumerate().map(parse);
        let writer = parsed.next().ok_or_else(no_key)??;
        Ok(Self { writer, readers: parsed.collect::<Result<_>>()? })
    }

    /// A new random key. Keep it where the database is not.
    #[must_use]
    pub fn generate_key() -> String {
        Fernet::generate_key()
    }

    /// Seals `value` for the place that `context` names.
    ///
    /// # Errors
    /// `Config` where `now` is before 1970; `Payload` where `value` has no JSON form.
    pub fn seal(&self, value: &impl Serialize, context: &str, now: DateTime<Utc>) -> Result<String> {
        let plain = serde_json::to_vec(&Sealing { context, value })
            .map(Zeroizing::new)
            .map_err(|_| Error::payload("vault.seal", "value", "the value cannot be written as JSON"))?;
        Ok(self.writer.encrypt_at_time(&plain, seconds(now)?))
    }

    /// Opens what was sealed for `context`.
    ///
    /// # Errors
    /// `Config` where no key opens it, it was sealed for another place, or it holds something of another shape. The
    /// error shows neither the token nor what is in it.
    pub fn open<T: DeserializeOwned>(&self, token: &str, context: &str, now: DateTime<Utc>) -> Result<T> {
        let plain = self.decrypt(token, now)?;
        // serde's messages quote the value they stumble over: none of them may get out.
        let other_shape = |_| config("the sealed value is not of the expected shape: store it again");
        let opening: Opening<'_> = serde_json::from_slice(&plain).map_err(other_shape)?;
        if !bool::from(opening.context.as_bytes().ct_eq(context.as_bytes())) {
            return Err(config("the sealed value belongs to another row or field and is not used here")
                .with("context", context));
        }
        serde_json::from_str(opening.value.get()).map_err(other_shape)
    }

    /// The same value under the newest key.
    ///
    /// # Errors
    /// `Config` where no key opens it.
    pub fn rotate(&self, token: &str, now: DateTime<Utc>) -> Result<String> {
        let plain = self.decrypt(token, now)?;
        Ok(self.writer.encrypt_at_time(&plain, seconds(now)?))
    }

    /// Tries every key. No age limit: a sealed credential does not expire. A token from more than a minute in the
    /// future is refused, as the Fernet specification says.
    fn decrypt(&self, token: &str, now: DateTime<Utc>) -> Result<Zeroizing<Vec<u8>>> {
        let now = seconds(now)?;
        let keys = || std::iter::once(&self.writer).chain(&self.readers);
        keys().find_map(|key| key.decrypt_at_time(token, None, now).ok()).map(Zeroizing::new).ok_or_else(|| {
            let message = format!(
                "none of the {} keys opens the sealed value: check that the key it was sealed with is still listed, \
                 that the value is whole, and that the clock is right",
                keys().count()
            );
            config(message)
        })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &(self.readers.len() + 1)).finish()
    }
}

fn seconds(now: DateTime<Utc>) -> Result<u64> {
    u64::try_from(now.timestamp()).map_err(|_| config("the clock shows a time before 1970"))
}

fn no_key() -> Error {
    config(format!("no key to seal credentials with: {HOW_TO_MAKE_ONE}"))
}

fn malformed(number: usize, of: usize) -> Error {
    config(format!("key {number} of {of} is not 32 bytes in URL-safe base64: {HOW_TO_MAKE_ONE}"))
}

const HOW_TO_MAKE_ONE: &str = "make one with `python -c \"from cryptography.fernet import Fernet; \
    print(Fernet.generate_key().decode())\"` or `Vault::generate_key()`, and keep it where the database is not";

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, "vault", message)
}
