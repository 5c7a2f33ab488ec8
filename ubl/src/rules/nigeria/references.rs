//! What a credit or debit note corrects.

use super::document::kind_of_document;
use super::text;
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Rule, fatal, shorten, warning};
use crate::rules::number::date;
use crate::vocabulary::{Name, path};
use crate::xml::tree::Element;
use crate::{DocumentType, Irn};
use chrono::NaiveDate;
use std::borrow::Cow;

/// Rules about the document as a whole.
pub(super) const ROOT: &[Rule] = &[fatal(
    "NG-REF-01",
    Test(names_what_it_corrects),
    "write the IRN of the invoice in cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID; an invoice that has none \
     must be submitted first",
)];

/// Rules about the invoice a note corrects.
pub(super) const REFERENCE: &[Rule] = &[
    fatal("NG-REF-02", Test(is_dated), "write the day that invoice was issued in cbc:IssueDate"),
    warning("NG-REF-03", Test(irn_is_usual), "check the IRN against the invoice that is corrected"),
    warning("NG-REF-04", Test(has_the_date_of_its_irn), "check which of the two is right"),
];

/// Whether the document corrects another.
pub(super) fn corrects(root: Element<'_>) -> bool {
    root.is(Name::CreditNote) || kind_of_document(root).is_some_and(|kind| kind != DocumentType::Invoice)
}

/// The IRN a reference names: an identifier that has the form of one, or any beside which stands the plain number.
fn irn(reference: Element<'_>) -> Option<Cow<'_, str>> {
    let id = text(reference, path!("cbc:ID"))?;
    let beside = text(reference, path!("cbc:DocumentDescription")).is_some();
    (beside || Irn::parse(&id).is_ok()).then_some(id)
}

/// The date in an IRN, whose number part may break our rules.
fn date_of(irn: &str) -> Option<NaiveDate> {
    let date = irn.trim().rsplit('-').next()?;
    Irn::parse(&format!("X-00000000-{date}")).ok()?.issue_date()
}

fn names_what_it_corrects(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let mut references = root.all(path!("cac:BillingReference/cac:InvoiceDocumentReference"));
    if !corrects(root) || references.any(|reference| irn(reference).is_some()) {
        Ok(())
    } else {
        Err("the note does not name the IRN of the invoice it corrects".into())
    }
}

/// Whether the reference or its IRN carries a date.
fn dated(reference: Element<'_>, irn: &str) -> bool {
    text(reference, path!("cbc:IssueDate")).is_some() || date_of(irn).is_some()
}

fn is_dated(_: &Facts<'_>, reference: Element<'_>) -> Finding {
    match irn(reference) {
        Some(irn) if !dated(reference, &irn) => {
            Err(format!("the date of the corrected invoice {:?} is missing", shorten(&irn)))
        }
        _ => Ok(()),
    }
}

fn irn_is_usual(_: &Facts<'_>, reference: Element<'_>) -> Finding {
    match irn(reference) {
        Some(irn) if dated(reference, &irn) && Irn::parse(irn.trim()).is_err() => {
            Err(format!("{:?} of the corrected invoice has not the form of an IRN", shorten(&irn)))
        }
        _ => Ok(()),
    }
}

fn has_the_date_of_its_irn(_: &Facts<'_>, reference: Element<'_>) -> Finding {
    let stated = text(reference, path!("cbc:IssueDate")).and_then(|t| date(&t));
    let (Some(irn), Some(stated)) = (irn(reference), stated) else { return Ok(()) };
    match date_of(&irn) {
        Some(carried) if carried != stated => {
            Err(format!("the corrected invoice {:?} is dated {stated} beside it", shorten(&irn)))
        }
        _ => Ok(()),
    }
}
