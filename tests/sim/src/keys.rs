//! The taxpayer's stamp key: made at start, gone at exit. Only the authority's half can read a stamp.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand,
    rsa::{KeySize, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use std::{
    fmt, io,
    sync::{Arc, OnceLock},
};

/// An RSA-2048 pair and the opaque certificate that goes with it.
pub(crate) struct Keys {
    private: Pkcs1PrivateDecryptingKey,
    private_pem: String,
    public_pem: String,
    certificate: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// One pair for all simulators of this process that have no socket.
    pub(crate) fn of_this_process() -> io::Result<Arc<Self>> {
        static PAIR: OnceLock<Arc<Keys>> = OnceLock::new();
        if let Some(pair) = PAIR.get() {
            return Ok(pair.clone());
        }
        let made = Arc::new(Self::generate()?);
        Ok(PAIR.get_or_init(|| made).clone())
    }

    /// Makes a pair.
    pub(crate) fn generate() -> io::Result<Self> {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        let der: PublicKeyX509Der<'_> = private.public_key().as_der().map_err(io::Error::other)?;
        let pkcs8: Pkcs8V1Der<'_> = private.as_der().map_err(io::Error::other)?;
        let mut seed = [0; 32];
        rand::fill(&mut seed).map_err(io::Error::other)?;
        Ok(Self {
            public_pem: pem("PUBLIC KEY", der.as_ref()),
            private_pem: pem("PRIVATE KEY", pkcs8.as_ref()),
            private: Pkcs1PrivateDecryptingKey::new(private).map_err(io::Error::other)?,
            // base64 of a base64: 32 bytes, 44 characters, 60 characters, as the dashboard issues it.
            certificate: BASE64_STANDARD.encode(BASE64_STANDARD.encode(seed)),
        })
    }

    /// `crypto_keys.txt` in its present form: JSON.
    pub(crate) fn json_file(&self) -> String {
        serde_json::json!({
            "public_key": BASE64_STANDARD.encode(&self.public_pem),
            "certificate": self.certificate,
        })
        .to_string()
    }

    /// `crypto_keys.txt` in its older form: a PEM block, then the certificate on a line of its own.
    pub(crate) fn pem_file(&self) -> String {
        format!("{}{}\n", self.public_pem, self.certificate)
    }

    /// The private key, PKCS#8 PEM.
    pub(crate) fn private_pem(&self) -> &str {
        &self.private_pem
    }

    /// The certificate.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Reads a stamp as the authority would: base64, then RSA with PKCS#1 v1.5 padding.
    pub(crate) fn decrypt(&self, stamp: &str) -> Result<String, String> {
        let cipher =
            BASE64_STANDARD.decode(stamp).map_err(|error| format!("the stamp is not base64: {error}"))?;
        let mut plain = vec![0; self.private.min_output_size()];
        let plain = self.private.decrypt(&cipher, &mut plain).map_err(|_| {
            "the stamp was not made with this run's public key and PKCS#1 v1.5 padding".to_owned()
        })?;
        String::from_utf8(plain.to_vec()).map_err(|_| "the stamp does not hold text".to_owned())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
