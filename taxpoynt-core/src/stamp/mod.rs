//! The QR stamp: the IRN with a time, encrypted to the authority under the taxpayer's downloaded key.
//!
//! It is encryption, not a signature: only the authority can read it. The ciphertext is random, so the first stamp
//! stored with a document is *the* stamp; it is printed again, never made again.

mod keys;
mod picture;
mod pkcs1;
mod qr;
mod symbol;

pub use keys::CryptoKeys;
pub use qr::Stamp;
pub use symbol::{QrLevel, Symbol};

use crate::{Error, ErrorKind, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Africa::Lagos;
use std::fmt;
use taxpoynt_ubl::{Invoice, Irn};

/// Makes the stamp of a document.
pub trait Stamper: Send + Sync + fmt::Debug {
    /// Stamps `invoice`, registered as `irn`, at the time `at`.
    ///
    /// # Errors
    /// `Config` where the key file does not fit; an access point's own stamper may add others.
    fn stamp(&self, invoice: &Invoice, irn: &Irn, at: DateTime<Utc>) -> Result<Stamp>;
}

/// How the time behind the IRN is written.
///
/// Official text and most clients: Unix seconds. One client reports that the official package writes the local time
/// of day; only a scan with the authority's app can settle it, hence the switch. As data it is `unix_seconds` or
/// `local_time_of_day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StampTime {
    /// `1731618237`
    #[default]
    UnixSeconds,
    /// `HHmmssSSS` in Africa/Lagos, zero-padded: `175904007` is 17:59:04.007.
    LocalTimeOfDay,
}

impl StampTime {
    /// Reads it as data.
    ///
    /// # Errors
    /// `Config`, naming what is known.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "unix_seconds" => Ok(Self::UnixSeconds),
            "local_time_of_day" => Ok(Self::LocalTimeOfDay),
            _ => {
                let message =
                    format!("{text:?} is no way to write a stamp's time: unix_seconds or local_time_of_day");
                Err(Error::new(ErrorKind::Config, "stamp.time", message).with("field", "time"))
            }
        }
    }

    /// The text that goes behind the IRN.
    ///
    /// ```
    /// use taxpoynt_core::stamp::StampTime;
    /// let at = chrono::DateTime::from_timestamp_millis(1_731_603_544_007).unwrap();
    /// assert_eq!(StampTime::UnixSeconds.write(at), "1731603544");
    /// assert_eq!(StampTime::LocalTimeOfDay.write(at), "175904007");
    /// ```
    #[must_use]
    pub fn write(self, at: DateTime<Utc>) -> String {
        match self {
            Self::UnixSeconds => at.timestamp().to_string(),
            Self::LocalTimeOfDay => at.with_timezone(&Lagos).format("%H%M%S%3f").to_string(),
        }
    }
}

/// What is encrypted: `{"irn":"<IRN>.<time>","certificate":"…"}`, compact, members in this order.
///
/// ```
/// use taxpoynt_core::stamp::plaintext;
/// let irn = taxpoynt_ubl::Irn::parse("INV001-94ND90NR-20240611")?;
/// let text = plaintext(&irn, "1731618237", "QUJD");
/// assert_eq!(text, r#"{"irn":"INV001-94ND90NR-20240611.1731618237","certificate":"QUJD"}"#);
/// # Ok::<(), taxpoynt_ubl::IrnError>(())
/// ```
#[must_use]
pub fn plaintext(irn: &Irn, time: &str, certificate: &str) -> String {
    let irn = serde_json::Value::from(format!("{irn}.{time}"));
    let certificate = serde_json::Value::from(certificate);
    format!("{{\"irn\":{irn},\"certificate\":{certificate}}}")
}

/// Stamps under the keys of one taxpayer.
#[derive(Debug, Clone)]
pub struct QrStamper {
    keys: CryptoKeys,
    time: StampTime,
}

impl QrStamper {
    /// A stamper that writes Unix seconds.
    #[must_use]
    pub fn new(keys: CryptoKeys) -> Self {
        Self { keys, time: StampTime::default() }
    }

    /// The same with another way to write the time.
    #[must_use]
    pub fn with_time(self, time: StampTime) -> Self {
        Self { time, ..self }
    }
}

impl Stamper for QrStamper {
    fn stamp(&self, _invoice: &Invoice, irn: &Irn, at: DateTime<Utc>) -> Result<Stamp> {
        self.keys.stamp_as(self.time, irn, at)
    }
}
