//! The stamp's keys and the vault: handles, so that what they hold never becomes a JavaScript value.

use crate::{errors::native, time};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use serde_json::value::RawValue;
use taxpoynt_core::{Clock, Error, SystemClock, json, stamp, vault};
use taxpoynt_ubl::Irn;

/// The key file of a taxpayer.
#[napi]
pub(crate) struct CryptoKeys(stamp::CryptoKeys);

#[napi]
impl CryptoKeys {
    /// Both forms of `crypto_keys.txt`.
    #[napi(factory)]
    pub fn parse(text: String) -> napi::Result<Self> {
        native("stamp.keys", || stamp::CryptoKeys::parse(&text)).map(Self)
    }

    /// Stamps an IRN at that time, else now, written in that way.
    #[napi]
    pub fn stamp(&self, irn: String, at: Option<String>, time: Option<String>) -> napi::Result<Stamp> {
        native("stamp.stamp", || {
            let at = time::utc("stamp.stamp", "at", at.as_deref())?;
            let irn = Irn::parse(&irn).map_err(|e| Error::payload("stamp.stamp", "irn", e.to_string()))?;
            let time = time.as_deref().map(stamp::StampTime::parse).transpose()?.unwrap_or_default();
            self.0.stamp_as(time, &irn, at.unwrap_or_else(|| SystemClock.now()))
        })
        .map(Stamp)
    }
}

/// A QR stamp and its pictures.
#[napi]
pub(crate) struct Stamp(stamp::Stamp);

#[napi]
impl Stamp {
    /// A stamp that was stored as text.
    #[napi(factory)]
    pub fn of(payload: String) -> napi::Result<Self> {
        native("stamp.of", || stamp::Stamp::new(payload)).map(Self)
    }

    /// What the QR code holds, base64.
    #[napi]
    pub fn payload(&self) -> &str {
        self.0.payload()
    }

    /// An SVG image.
    #[napi]
    pub fn qr_svg(&self) -> napi::Result<String> {
        native("stamp.qr_svg", || self.0.qr_svg())
    }

    /// A PNG image.
    #[napi]
    pub fn qr_png(&self) -> napi::Result<Buffer> {
        native("stamp.qr_png", || self.0.qr_png()).map(Buffer::from)
    }

    /// A PNG image as wide as a print head.
    #[napi]
    pub fn qr_png_for_roll(&self, dots: u32) -> napi::Result<Buffer> {
        native("stamp.png", || self.0.qr_png_for_roll(dots)).map(Buffer::from)
    }
}

/// Seals credentials under a list of keys.
#[napi]
pub(crate) struct Vault(vault::Vault);

#[napi]
impl Vault {
    /// The first key seals, all open.
    #[napi(factory)]
    pub fn of(keys: Vec<String>) -> napi::Result<Self> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        native("vault.open", || vault::Vault::new(&keys)).map(Self)
    }

    /// A new random key.
    #[napi]
    pub fn generate_key() -> String {
        vault::Vault::generate_key()
    }

    /// Seals JSON text for the place `context` names.
    #[napi]
    pub fn seal(&self, text: String, context: String) -> napi::Result<String> {
        native("vault.seal", || {
            let value: &RawValue = json::read("vault.seal", text.as_bytes())?;
            self.0.seal(&value, &context, SystemClock.now())
        })
    }

    /// Opens what was sealed for that place, as JSON text.
    #[napi]
    pub fn open(&self, token: String, context: String) -> napi::Result<String> {
        native("vault.open", || {
            let value: Box<RawValue> = self.0.open(&token, &context)?;
            Ok(value.get().to_owned())
        })
    }

    /// The same value under the first key.
    #[napi]
    pub fn rotate(&self, token: String) -> napi::Result<String> {
        native("vault.rotate", || self.0.rotate(&token))
    }
}
