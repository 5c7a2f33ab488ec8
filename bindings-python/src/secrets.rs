//! The stamp's keys and the vault: handles, so that what they hold never becomes a Python object.

use crate::{errors::native, json};
use pyo3::{prelude::*, types::PyBytes};
use serde_json::value::RawValue;
use taxpoynt_core::{Clock, Error, SystemClock, stamp, vault};
use taxpoynt_ubl::Irn;

/// The key file of a taxpayer, which the authority's dashboard gives out. Makes the QR stamp of a document.
///
/// What it holds acts as a secret and is never shown.
#[pyclass(frozen, module = "taxpoynt")]
pub(crate) struct CryptoKeys(stamp::CryptoKeys);

#[pymethods]
impl CryptoKeys {
    /// Reads the text of `crypto_keys.txt`: JSON with `public_key` and `certificate`, or a PEM block followed by the
    /// certificate on a line of its own.
    ///
    /// Raises `ConfigError` with `field` in its context; what was found is never repeated.
    #[staticmethod]
    fn parse(py: Python<'_>, text: &str) -> PyResult<Self> {
        native(py, "stamp.keys", || stamp::CryptoKeys::parse(text)).map(Self)
    }

    /// Stamps an IRN at the time `at` (aware; now unless given). The ciphertext is random: keep the stamp, never make
    /// it again. `time` says how the time is written: `unix_seconds`, as the official text has it, or
    /// `local_time_of_day`.
    ///
    /// Raises `PayloadError` for what is no IRN, `ConfigError` where the certificate is too long for the key.
    #[pyo3(signature = (irn, at = None, *, time = "unix_seconds"))]
    fn stamp(&self, py: Python<'_>, irn: &str, at: Option<&Bound<'_, PyAny>>, time: &str) -> PyResult<Stamp> {
        let at = crate::time::utc(at, "stamp.stamp", "at")?;
        native(py, "stamp.stamp", || {
            let irn = Irn::parse(irn).map_err(|e| Error::payload("stamp.stamp", "irn", e.to_string()))?;
            self.0.stamp_as(stamp::StampTime::parse(time)?, &irn, at.unwrap_or_else(|| SystemClock.now()))
        })
        .map(Stamp)
    }
}

/// A QR stamp and its pictures.
#[pyclass(frozen, module = "taxpoynt")]
pub(crate) struct Stamp(stamp::Stamp);

#[pymethods]
impl Stamp {
    /// A stamp that was made before and stored as text. Raises `PayloadError` for what no QR code can hold.
    #[staticmethod]
    fn of(py: Python<'_>, payload: &str) -> PyResult<Self> {
        native(py, "stamp.of", || stamp::Stamp::new(payload)).map(Self)
    }

    /// What the QR code holds, base64.
    #[getter]
    fn payload(&self) -> &str {
        self.0.payload()
    }

    /// An SVG image of error correction level M, quiet zone included.
    fn qr_svg(&self, py: Python<'_>) -> PyResult<String> {
        native(py, "stamp.qr_svg", || self.0.qr_svg())
    }

    /// A PNG image of error correction level M, at least 300 pixels wide, quiet zone included.
    fn qr_png<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let png = native(py, "stamp.qr_png", || self.0.qr_png())?;
        Ok(PyBytes::new(py, &png))
    }

    /// A PNG image exactly as wide as a till's print head, so that the printer scales nothing: 384 dots on paper of
    /// 58 mm, 576 on 80 mm. Whole dots a module, as many as fit, in the middle of the paper.
    ///
    /// Raises `ConfigError` where it is too narrow for three dots a module.
    fn qr_png_for_roll<'py>(&self, py: Python<'py>, dots: u32) -> PyResult<Bound<'py, PyBytes>> {
        let png = native(py, "stamp.png", || self.0.qr_png_for_roll(dots))?;
        Ok(PyBytes::new(py, &png))
    }
}

/// Seals credentials for storage: Fernet under a list of keys, of which the first seals and all open. A sealed value
/// opens only for the context it was sealed for, so a row that was copied elsewhere does not open there.
///
/// Raises `ConfigError` where there is no key, one is malformed, or none opens a value.
#[pyclass(frozen, module = "taxpoynt")]
pub(crate) struct Vault(vault::Vault);

#[pymethods]
impl Vault {
    #[new]
    #[allow(clippy::needless_pass_by_value, reason = "extracted from Python")]
    fn new(py: Python<'_>, keys: Vec<String>) -> PyResult<Self> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        native(py, "vault.open", || vault::Vault::new(&keys)).map(Self)
    }

    /// A new random key. Keep it where the database is not.
    #[staticmethod]
    fn generate_key() -> String {
        vault::Vault::generate_key()
    }

    /// Seals a value (dict, list, text, numbers) for the place `context` names.
    #[pyo3(signature = (value, *, context))]
    fn seal(&self, py: Python<'_>, value: &Bound<'_, PyAny>, context: &str) -> PyResult<String> {
        let text = json::data(value, "vault.seal")?;
        native(py, "vault.seal", || {
            let value: &RawValue = taxpoynt_core::json::read("vault.seal", text.as_bytes())?;
            self.0.seal(&value, context, SystemClock.now())
        })
    }

    /// Opens what was sealed for that place. Fractions come back as `Decimal`.
    #[pyo3(signature = (token, *, context))]
    fn open<'py>(&self, py: Python<'py>, token: &str, context: &str) -> PyResult<Bound<'py, PyAny>> {
        let text = native(py, "vault.open", || {
            let value: Box<RawValue> = self.0.open(token, context)?;
            Ok(value.get().to_owned())
        })?;
        json::loaded(py, &text)
    }

    /// The same value under the first key.
    fn rotate(&self, py: Python<'_>, token: &str) -> PyResult<String> {
        native(py, "vault.rotate", || self.0.rotate(token))
    }
}
