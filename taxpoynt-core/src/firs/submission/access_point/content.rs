//! What an access point shows of a registered document, and whether it is ours.

use super::answer::{member, words};
use crate::firs::submission::{compare, lifecycle, transmitter::Submittable};
use crate::{Error, ErrorKind, Result};
use serde_json::value::RawValue;

/// Without these a document is not shown: two sales of one day can agree on everything else.
const PROOF: [&str; 3] = ["issue_date", "invoice_type_code", "legal_monetary_total.payable_amount"];

/// Whether enough is shown to tell one document from another.
pub(super) fn is_proof(data: &RawValue) -> bool {
    PROOF.iter().all(|path| shows(data, path))
}

/// Whether a member is there and says something.
pub(super) fn shows(data: &RawValue, path: &str) -> bool {
    member(data, path).and_then(words).is_some()
}

/// Whether what is registered is our document. What is not shown is not compared.
///
/// # Errors
/// `Rejected` with the code `quarantined`, naming the first difference.
pub(super) fn same(document: &Submittable, data: &RawValue) -> Result<()> {
    let Some(other) = compare::difference(&document.body, data.get()) else { return Ok(()) };
    let (path, theirs, ours) = (other.path, other.theirs, other.ours);
    Err(quarantined(document, &format!("its {path} is {theirs}, ours is {ours}")))
}

/// The access point has a document and does not show what it says: nothing is adopted that was not compared.
pub(super) fn unknown(document: &Submittable) -> Error {
    let message = format!(
        "The access point holds a document under IRN {} and does not show its content. A person must decide.",
        document.irn
    );
    held(document, message)
}

fn quarantined(document: &Submittable, why: &str) -> Error {
    let message = format!(
        "The access point holds another document under IRN {}: {why}. A person must decide.",
        document.irn
    );
    held(document, message)
}

fn held(document: &Submittable, message: String) -> Error {
    Error::new(ErrorKind::Rejected, "access_point.look_up", message)
        .with("code", lifecycle::QUARANTINED)
        .with("irn", document.irn.as_str())
}
