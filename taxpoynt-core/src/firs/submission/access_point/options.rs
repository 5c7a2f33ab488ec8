//! What differs between access points that sign their requests, as configuration.
//!
//! One provider's public pages are the source of every default here; none was tried against a live server. Pages and
//! clients disagree on the version in the paths (`v1`, `v2`, `v3`), on hexadecimal or base64 for the signature, and
//! none shows how content is read back, so each of these is a setting.

use crate::firs::client::ApiKeys;
use crate::{Error, ErrorKind, Result};
use taxpoynt_ubl::PaymentStatus;
use url::Url;

/// How an access point is called.
#[derive(Debug, Clone)]
pub struct AccessPointOptions {
    /// The address that all paths are put behind. There is no default.
    pub base_url: Url,
    /// The paths.
    pub paths: Paths,
    /// How `X-API-Timestamp` is written.
    pub timestamp: TimestampForm,
    /// How `X-API-Signature` is written.
    pub signature: SignatureForm,
    /// The names in its answers.
    pub names: Names,
    /// The numbers of the payment states: rejected, pending, paid.
    pub payment_codes: PaymentCodes,
    /// What to do with a document that is there but cannot be compared.
    pub unseen: Unseen,
}

impl AccessPointOptions {
    /// The defaults, at an address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            paths: Paths::default(),
            timestamp: TimestampForm::default(),
            signature: SignatureForm::default(),
            names: Names::default(),
            payment_codes: PaymentCodes::default(),
            unseen: Unseen::default(),
        }
    }
}

/// The paths behind the address. `{irn}` and `{business_id}` are filled in, percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `POST`, checks a document; `None` where the access point checks when it signs.
    pub validate: Option<String>,
    /// `POST`, registers a document.
    pub sign: String,
    /// `POST`, hands a document over. The IRN goes into the path where it has `{irn}`, and into the body always.
    pub transmit: String,
    /// `GET`, the state of a document: dates and flags, no amounts.
    pub confirm: String,
    /// `GET`, the content of a registered document; `None` where there is no such call. Assumed: no public page shows
    /// one.
    pub content: Option<String>,
    /// `PATCH`, the payment status.
    pub update: String,
}

impl Default for Paths {
    fn default() -> Self {
        let path = |name: &str| format!("api/v1/app/invoice/{name}");
        Self {
            validate: Some(path("validate")),
            sign: path("sign"),
            transmit: path("transmit"),
            confirm: path("confirm/{irn}"),
            content: None,
            update: path("update/{irn}"),
        }
    }
}

/// How the time of a request is written. The access point allows five minutes on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TimestampForm {
    /// `2025-11-17T12:50:05Z`, which its pages call an ISO 20022 time.
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    UnixSeconds,
}

/// How the HMAC is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SignatureForm {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Base64 with padding, as a client of its newest version sends it.
    Base64,
}

/// The names in answers. Of several names the first that is there counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The status beside the HTTP status.
    pub status: Vec<String>,
    /// What was asked for.
    pub data: String,
    /// A text or a number that is empty or 0 where nothing went wrong.
    pub error: String,
    /// The cryptographic stamp identifier.
    pub csid: Vec<String>,
    /// Texts, in lower case, by which a refused question means "there is no such document".
    pub not_found: Vec<String>,
    /// Texts, in lower case, by which a refusal may mean that the document is there already.
    pub duplicate: Vec<String>,
}

impl Default for Names {
    fn default() -> Self {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            status: all(&["status", "code"]),
            data: "data".to_owned(),
            error: "error".to_owned(),
            csid: all(&["csid", "CSID"]),
            not_found: all(&["not found", "does not exist", "no record"]),
            duplicate: all(&[
                "duplicate",
                "already exist",
                "already been",
                "already signed",
                "already registered",
                "unable to complete this operation at this time",
            ]),
        }
    }
}

/// The numbers of the payment states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentCodes {
    /// Not to be paid any more.
    pub rejected: u8,
    /// Open.
    pub pending: u8,
    /// Paid.
    pub paid: u8,
}

impl Default for PaymentCodes {
    fn default() -> Self {
        Self { rejected: 0, pending: 1, paid: 2 }
    }
}

impl PaymentCodes {
    /// The number that is sent.
    #[must_use]
    pub const fn code(self, status: PaymentStatus) -> u8 {
        match status {
            PaymentStatus::Paid => self.paid,
            PaymentStatus::Rejected => self.rejected,
            _ => self.pending,
        }
    }

    /// What an answer says: one of the numbers, or the authority's own word.
    #[must_use]
    pub fn read(self, text: &str) -> Option<PaymentStatus> {
        let number = text.parse::<u8>().ok();
        match (number, text) {
            (_, "PAID") => Some(PaymentStatus::Paid),
            (_, "PENDING") => Some(PaymentStatus::Pending),
            (_, "REJECTED") => Some(PaymentStatus::Rejected),
            (Some(code), _) if code == self.paid => Some(PaymentStatus::Paid),
            (Some(code), _) if code == self.pending => Some(PaymentStatus::Pending),
            (Some(code), _) if code == self.rejected => Some(PaymentStatus::Rejected),
            _ => None,
        }
    }
}

/// What to do when the access point knows an IRN, nobody told us that our document was taken, and there is no call that
/// shows content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Unseen {
    /// A person decides: the document is quarantined. Nothing is adopted that was not compared.
    #[default]
    Quarantine,
    /// It counts as ours where the issue date agrees. Only for taxpayers whose number series is used by this
    /// engine and nobody else: two programs with one series make the same IRN for different sales of one day.
    AdoptByDate,
}

/// The address of a path.
pub(super) fn address(options: &AccessPointOptions, path: &str, irn: &str, business_id: &str) -> Result<Url> {
    let wrong = || {
        let message = "base_url must be an address such as https://access-point.example";
        Error::new(ErrorKind::Config, "access_point.call", message).with("field", "base_url")
    };
    let mut url = options.base_url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let mut parts = url.path_segments_mut().map_err(|()| wrong())?;
    parts.pop_if_empty();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        parts.push(&part.replace("{irn}", irn).replace("{business_id}", business_id));
    }
    drop(parts);
    Ok(url)
}

/// Both halves of a pair must be there; which header refuses them later would say less.
pub(super) fn usable(keys: &ApiKeys) -> Result<()> {
    use secrecy::ExposeSecret;
    for (field, secret) in [("api_key", &keys.api_key), ("api_secret", &keys.api_secret)] {
        if secret.expose_secret().trim().is_empty() {
            let message = format!("{field} of the access point is empty");
            return Err(Error::new(ErrorKind::Config, "access_point.call", message).with("field", field));
        }
    }
    Ok(())
}
