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
//! A stored credential has no age limit, and a wrong clock closes none: no time is looked at. What is valid for minutes
//! only is opened with [`open_within`](Vault::open_within).
//!
//! To change keys: put the new one first, [`rotate`](Vault::rotate) every stored value
//! ([`Engine::rotate_keys`](crate::Engine::rotate_keys) does), then drop the old one.
//!
//! ```
//! use taxpoynt_core::Vault;
//!
//! # let now = chrono::DateTime::UNIX_EPOCH;
//! let vault = Vault::new(&[&Vault::generate_key()])?;
//! let sealed = vault.seal(&("id", "token"), "connection:1:credentials", now)?;
//! let opened: (String, String) = vault.open(&sealed, "connection:1:credentials")?;
//! assert_eq!(opened.1, "token");
//! assert!(vault.open::<(String, String)>(&sealed, "connection:2:credentials").is_err());
//! # Ok::<(), taxpoynt_core::Error>(())
//! ```

use crate::{Error, ErrorKind, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use fernet::Fernet;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, time::Duration};
use subtle::ConstantTimeEq;

/// How far the clocks of two hosts may be apart, by the specification.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

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
    pub fn open<T: DeserializeOwned>(&self, token: &str, context: &str) -> Result<T> {
        let (_, plain) = self.decrypt(token)?;
        // serde's messages quote the value they stumble over: none of them may get out.
        let other_shape = |_| config("the sealed value is not of the expected shape: store it again");
        let opening: Opening<'_> = serde_json::from_slice(&plain).map_err(other_shape)?;
        if !bool::from(opening.context.as_bytes().ct_eq(context.as_bytes())) {
            return Err(config("the sealed value belongs to another row or field and is not used here")
                .with("context", context));
        }
        serde_json::from_str(opening.value.get()).map_err(other_shape)
    }

    /// Opens what was sealed for `context` no longer than `age` ago, by the specification's rule for a time to live: a
    /// token from more than a minute in the future is refused too.
    ///
    /// # Errors
    /// As [`open`](Self::open); `Config` where it is too old, or from the future.
    pub fn open_within<T: DeserializeOwned>(
        &self,
        token: &str,
        context: &str,
        age: Duration,
        now: DateTime<Utc>,
    ) -> Result<T> {
        let value = self.open(token, context)?;
        let (now, sealed_at) = (seconds(now)?, sealed_at(token).ok_or_else(|| self.closed())?);
        if sealed_at.saturating_add(age.as_secs()) < now {
            return Err(config("the sealed value has expired: ask for a new one"));
        }
        if now.saturating_add(CLOCK_SKEW.as_secs()) < sealed_at {
            return Err(config("the sealed value is from the future: check the clocks"));
        }
        Ok(value)
    }

    /// The same value under the newest key. When it was sealed stays what it was.
    ///
    /// # Errors
    /// `Config` where no key opens it.
    pub fn rotate(&self, token: &str) -> Result<String> {
        let (_, plain) = self.decrypt(token)?;
        let at = sealed_at(token).ok_or_else(|| self.closed())?;
        Ok(self.writer.encrypt_at_time(&plain, at))
    }

    /// How many keys are listed.
    pub(crate) fn keys(&self) -> usize {
        self.readers.len() + 1
    }

    /// A word sealed under the listed key `key`, 0 for the newest: who can open it has that key.
    pub(crate) fn probe(&self, key: usize, now: DateTime<Utc>) -> Result<String> {
        let with = if key == 0 { Some(&self.writer) } else { self.readers.get(key - 1) };
        let with = with.ok_or_else(|| config("there is no such key"))?;
        let plain = br#"{"context":"vault:key","value":0}"#;
        Ok(with.encrypt_at_time(plain, seconds(now)?))
    }

    /// Which of the keys it was sealed with, 0 for the newest; none where no key opens it.
    #[must_use]
    pub fn key_of(&self, token: &str) -> Option<usize> {
        self.decrypt(token).ok().map(|(key, _)| key)
    }

    /// Tries every key. The library refuses tokens from the future, which a credential that another host has sealed by a
    /// clock of its own may be; so it is told that it is late.
    fn decrypt(&self, token: &str) -> Result<(usize, Zeroizing<Vec<u8>>)> {
        let keys = std::iter::once(&self.writer).chain(&self.readers).enumerate();
        let opened = |(index, key): (usize, &Fernet)| {
            let plain = key.decrypt_at_time(token, None, u64::MAX - CLOCK_SKEW.as_secs()).ok()?;
            Some((index, Zeroizing::new(plain)))
        };
        keys.filter_map(opened).next().ok_or_else(|| self.closed())
    }

    fn closed(&self) -> Error {
        let message = match self.keys() {
            1 => "the one key listed does not open the sealed value: check that the key it was sealed with is listed \
                  too, and that the value is whole"
                .to_owned(),
            keys => format!(
                "none of the {keys} keys opens the sealed value: check that the key it was sealed with is still \
                 listed, and that the value is whole"
            ),
        };
        config(message)
    }
}

/// When a token was sealed, as it says itself: a version byte, then seconds since 1970.
fn sealed_at(token: &str) -> Option<u64> {
    let head = URL_SAFE_NO_PAD.decode(token.get(..12)?).ok()?;
    Some(u64::from_be_bytes(head.get(1..9)?.try_into().ok()?))
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys()).finish()
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
