//! IRNs that others made: read leniently from the right, because their invoice numbers may contain hyphens.

use crate::{Error, Result};
use chrono::NaiveDate;
use taxpoynt_ubl::Irn;

const OPERATION: &str = "firs.irn";

/// More characters than any IRN seen has, and fewer than an address can take.
const LONGEST: usize = 128;

/// The parts of an IRN somebody else made. Our own rules ([`Irn`]) are stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IrnParts<'a> {
    /// The supplier's number, hyphens and all.
    pub number: &'a str,
    /// The supplier's service id.
    pub service_id: &'a str,
    /// The issue date.
    pub issue_date: NaiveDate,
}

impl<'a> IrnParts<'a> {
    /// Reads the last two groups as service id and date, and all before them as the number.
    ///
    /// ```
    /// # use taxpoynt_core::firs::IrnParts;
    /// let parts = IrnParts::read("IVN-2025-005-2C9GHT18-20250703").unwrap();
    /// assert_eq!((parts.number, parts.service_id), ("IVN-2025-005", "2C9GHT18"));
    /// ```
    #[must_use]
    pub fn read(irn: &'a str) -> Option<Self> {
        let (rest, date) = irn.rsplit_once('-')?;
        let (number, service_id) = rest.rsplit_once('-')?;
        // Both groups as our own rules have them; only the number is free.
        let issue_date = Irn::parse(&format!("X-{service_id}-{date}")).ok()?.issue_date()?;
        (!number.is_empty()).then_some(Self { number, service_id, issue_date })
    }
}

/// Makes sure that `irn` can be an IRN: it goes into an address, so no step up a path, blank or control character.
///
/// # Errors
/// `Payload` naming `irn`.
pub fn usable_irn(irn: &str) -> Result<&str> {
    let known = irn.contains('-') && irn.len() <= LONGEST && irn.bytes().all(|b| b.is_ascii_graphic());
    if known {
        return Ok(irn);
    }
    let shown: String = irn.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let message = format!("{shown:?} is not an IRN: expected <number>-<service id>-<YYYYMMDD>");
    Err(Error::payload(OPERATION, "irn", message).with("code", "irn_malformed"))
}

/// Whether the IRN found is the one asked for, to the letter: they are compared as issued.
pub(super) fn same_irn(found: Option<&str>, asked: &str) -> Result<()> {
    match found {
        Some(found) if found == asked => Ok(()),
        Some(found) => {
            let shown: String = found.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            let message = format!("What was downloaded for IRN {asked} is a document with IRN {shown}.");
            Err(Error::payload(OPERATION, "irn", message).with("code", "irn_differs"))
        }
        None => {
            let message = format!("What was downloaded for IRN {asked} does not say which document it is.");
            Err(Error::payload(OPERATION, "irn", message).with("code", "irn_missing"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_groups_are_service_id_and_date_whatever_stands_before() {
        for (irn, number) in [
            ("INV001-94ND90NR-20240611", "INV001"),
            ("IVN-2025-005-2C9GHT18-20250703", "IVN-2025-005"),
            ("A--94ND90NR-20240611", "A-"),
        ] {
            let parts = IrnParts::read(irn).unwrap();
            let date = NaiveDate::from_ymd_opt(if irn.contains("2025") { 2025 } else { 2024 }, 1, 1).unwrap();
            assert_eq!(
                (parts.number, parts.issue_date.format("%Y").to_string()),
                (number, date.format("%Y").to_string())
            );
        }
        for irn in
            ["", "-", "94ND90NR-20240611", "-94ND90NR-20240611", "A-94ND90N-20240611", "A-94ND90NR-20240231"]
        {
            assert_eq!(IrnParts::read(irn), None, "{irn}");
        }
    }

    #[test]
    fn what_could_lead_an_address_elsewhere_is_no_irn() {
        for irn in ["", ".", "..", "A", "A B-1", "A-1\n", "Ä-1", &"A-".repeat(65)] {
            assert_eq!(usable_irn(irn).unwrap_err().get("field"), Some("irn"), "{irn:?}");
        }
        assert!(usable_irn("IVN/2025-005-2C9GHT18-20250703").is_ok(), "it is percent-encoded");
    }
}
