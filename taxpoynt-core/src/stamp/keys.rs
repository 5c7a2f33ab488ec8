//! The taxpayer's key file `crypto_keys.txt`, as downloaded from the authority's dashboard, in any of its forms.

use super::{Stamp, StampTime, pkcs1::EncryptingKey, plaintext};
use crate::{Error, ErrorKind, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::fmt;
use taxpoynt_ubl::Irn;

const OPERATION: &str = "stamp.keys";
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// A public key of the authority and the taxpayer's certificate.
///
/// The certificate is an opaque text (not X.509), handed on byte for byte. It acts as a secret, so `Debug` shows
/// neither.
#[derive(Clone)]
pub struct CryptoKeys {
    key: EncryptingKey,
    certificate: SecretString,
}

#[derive(Deserialize)]
struct KeyFile {
    public_key: Option<String>,
    certificate: Option<String>,
}

impl CryptoKeys {
    /// Reads the text of the file: JSON `{"public_key", "certificate"}` with the key as PEM or as base64 of PEM, or
    /// the older form, a PEM block followed by the certificate on a line of its own.
    ///
    /// # Errors
    /// `Config`; `field` is `public_key` or `certificate`, the message says what is missing or wrong with it. What
    /// was found is never repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(refused("public_key", "the key file is empty"));
        }
        let (public_key, certificate) =
            if text.starts_with('{') { json_form(text)? } else { pem_form(text)? };
        let key = EncryptingKey::from_der(&der(&public_key)?).map_err(|why| refused("public_key", why))?;
        Ok(Self { key, certificate: SecretString::from(certificate) })
    }

    /// Stamps an IRN with the default way to write the time.
    ///
    /// # Errors
    /// `Config` where IRN and certificate together exceed one block of the key (245 bytes).
    pub fn stamp(&self, irn: &Irn, at: DateTime<Utc>) -> Result<Stamp> {
        self.stamp_as(StampTime::default(), irn, at)
    }

    /// Stamps an IRN, the time written as `time` says.
    ///
    /// # Errors
    /// As `stamp`.
    pub fn stamp_as(&self, time: StampTime, irn: &Irn, at: DateTime<Utc>) -> Result<Stamp> {
        let plaintext = plaintext(irn, &time.write(at), self.certificate.expose_secret());
        Stamp::new(STANDARD.encode(self.key.encrypt(plaintext.as_bytes())?))
    }
}

impl fmt::Debug for CryptoKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CryptoKeys(redacted)")
    }
}

fn refused(field: &'static str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, OPERATION, message).with("field", field)
}

fn json_form(text: &str) -> Result<(String, String)> {
    // serde's own message may quote the value, so only the place is passed on.
    let file: KeyFile = serde_json::from_str(text).map_err(|e| {
        let message = format!(
            "the key file is not the JSON object {{\"public_key\", \"certificate\"}}: line {}, column {}",
            e.line(),
            e.column()
        );
        refused("public_key", message)
    })?;
    let key = file.public_key.filter(|k| !k.trim().is_empty());
    let certificate = file.certificate.filter(|c| !c.trim().is_empty());
    let key = key.ok_or_else(|| refused("public_key", "the key file has no public_key"))?;
    let certificate = certificate.ok_or_else(|| refused("certificate", "the key file has no certificate"))?;
    let pem = if key.contains("-----") { key } else { decoded_pem(&key)? };
    Ok((pem, certificate))
}

fn decoded_pem(text: &str) -> Result<String> {
    let compact: String = text.split_whitespace().collect();
    STANDARD
        .decode(compact)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| refused("public_key", "public_key is neither a PEM block nor base64 of one"))
}

fn pem_form(text: &str) -> Result<(String, String)> {
    let Some((pem, rest)) = text.split_once(END) else {
        let message = "the key file is neither JSON nor a PEM block \"BEGIN PUBLIC KEY\" followed by a line with the \
                       certificate";
        return Err(refused("public_key", message));
    };
    let mut lines = rest.lines().map(str::trim).filter(|line| !line.is_empty());
    let certificate =
        lines.next().ok_or_else(|| refused("certificate", "no certificate follows the public key"))?;
    if lines.next().is_some() {
        return Err(refused(
            "certificate",
            "more than one line follows the public key; one certificate is expected",
        ));
    }
    Ok((format!("{pem}{END}"), certificate.to_owned()))
}

fn der(pem: &str) -> Result<Vec<u8>> {
    if pem.contains("PRIVATE KEY") {
        return Err(refused("public_key", "public_key holds a private key; download crypto_keys.txt again"));
    }
    let body = pem.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(body, _)| body);
    let body = body.ok_or_else(|| {
        refused("public_key", "public_key is not a PEM block from \"BEGIN PUBLIC KEY\" to \"END PUBLIC KEY\"")
    })?;
    let compact: String = body.split_whitespace().collect();
    STANDARD.decode(compact).map_err(|_| refused("public_key", "the PEM block of public_key is not base64"))
}
