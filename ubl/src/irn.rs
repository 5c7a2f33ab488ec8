//! The invoice reference number: `<invoice number>-<service id>-<YYYYMMDD>`, made by the taxpayer.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest IRN the authority's access points take.
const MAX_LENGTH: usize = 50;

/// A well-formed IRN. It can only be made from valid parts or by parsing, so holding one is the proof.
///
/// Source: the authority's IRN guide; the length is the access points' limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Irn(String);

/// Why an IRN was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IrnError {
    /// No letter or digit is left of the invoice number.
    #[error("invoice number {0:?} has no letter or digit")]
    Number(String),
    /// The service id is not 8 letters or digits.
    #[error("service id {0:?} is not 8 letters or digits")]
    ServiceId(String),
    /// The last group is not a real date.
    #[error("{0:?} is not a date written YYYYMMDD")]
    Date(String),
    /// Longer than 50 characters.
    #[error("an IRN has at most {MAX_LENGTH} characters, this one has {0}")]
    TooLong(usize),
    /// Not three groups, or a group with other characters.
    #[error("{0:?} is not an IRN: expected <letters and digits>-<8 letters or digits>-<YYYYMMDD>")]
    Form(String),
}

impl Irn {
    /// Builds an IRN. Characters of `number` other than letters and digits are dropped (the authority takes no
    /// others); whoever numbers documents must keep the *normalised* number unique, since `A-1` and `A1` meet.
    ///
    /// ```
    /// use taxpoynt_ubl::Irn;
    /// let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
    /// let irn = Irn::new("inv/2026-000123", "7E1F0C2D", date)?;
    /// assert_eq!(irn.as_str(), "inv2026000123-7E1F0C2D-20261102");
    /// # Ok::<(), taxpoynt_ubl::IrnError>(())
    /// ```
    ///
    /// # Errors
    /// `Number`, `ServiceId` or `TooLong`.
    pub fn new(number: &str, service_id: &str, issue_date: NaiveDate) -> Result<Self, IrnError> {
        let normalized: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
        if normalized.is_empty() {
            return Err(IrnError::Number(number.to_owned()));
        }
        if service_id.len() != 8 || !is_alphanumeric(service_id) {
            return Err(IrnError::ServiceId(service_id.to_owned()));
        }
        let date = issue_date.format("%Y%m%d").to_string();
        if date.len() != 8 {
            return Err(IrnError::Date(date));
        }
        Self::limited(format!("{normalized}-{service_id}-{date}"))
    }

    /// Reads an IRN exactly as it stands; case is kept.
    ///
    /// # Errors
    /// `Form`, `ServiceId`, `Date` or `TooLong`, whichever is met first from the right.
    pub fn parse(text: &str) -> Result<Self, IrnError> {
        let form = || IrnError::Form(text.to_owned());
        let (rest, date) = text.rsplit_once('-').ok_or_else(form)?;
        let (number, service_id) = rest.rsplit_once('-').ok_or_else(form)?;
        if date.len() != 8 || !date.bytes().all(|b| b.is_ascii_digit()) || compact_date(date).is_none() {
            return Err(IrnError::Date(date.to_owned()));
        }
        if service_id.len() != 8 || !is_alphanumeric(service_id) {
            return Err(IrnError::ServiceId(service_id.to_owned()));
        }
        if number.is_empty() || !is_alphanumeric(number) {
            return Err(form());
        }
        Self::limited(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The invoice-number group, as normalised.
    #[must_use]
    pub fn number(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The date group.
    #[must_use]
    pub fn issue_date(&self) -> Option<NaiveDate> {
        compact_date(self.0.rsplit('-').next()?)
    }

    fn limited(text: String) -> Result<Self, IrnError> {
        if text.len() > MAX_LENGTH { Err(IrnError::TooLong(text.len())) } else { Ok(Self(text)) }
    }
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn compact_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y%m%d").ok()
}

impl fmt::Display for Irn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Irn {
    type Error = IrnError;

    fn try_from(text: String) -> Result<Self, IrnError> {
        Self::parse(&text)
    }
}

impl From<Irn> for String {
    fn from(irn: Irn) -> Self {
        irn.0
    }
}
