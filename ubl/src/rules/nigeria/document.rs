//! The head of the document: number, IRN, dates, type, kind, status, currencies and payment.

use super::codes::{is_payment_means, lists_currency};
use super::{annotation, currency, text};
use crate::rules::engine::Check::{Filled, Present, Test};
use crate::rules::engine::{Facts, Finding, Rule, fatal, shorten, shown, warning};
use crate::rules::number::date;
use crate::vocabulary::{Cbc, Name, Path, path};
use crate::xml::tree::Element;
use crate::{Currency, DocumentType, Irn, document_type};
use chrono::NaiveDate;

/// Rules about the document as a whole.
pub(super) const ROOT: &[Rule] = &[
    fatal("NG-DOC-01", Filled(path!("cbc:ID")), "give the document its number"),
    fatal("NG-DOC-02", Test(issue_date_is_a_day), "write the day of issue as YYYY-MM-DD, such as 2026-11-02"),
    fatal(
        "NG-DOC-03",
        Test(type_is_known),
        "use 380 for an invoice and 383 for a debit note in an Invoice, 381 in a CreditNote (the authority's own \
         381 and 380 are put in when the document is sent)",
    ),
    warning(
        "NG-DOC-04",
        Test(type_has_a_counterpart),
        "use 380, 381 or 383 if that is what the document is: anything else goes to the authority as one of these",
    ),
    fatal("NG-DOC-05", Test(currency_is_known), "write a code of ISO 4217 in capitals, such as NGN"),
    warning(
        "NG-DOC-06",
        Test(currency_is_listed),
        "ask the access point whether the authority takes this currency before sending",
    ),
    warning(
        "NG-DOC-07",
        Test(tax_is_in_naira),
        "state tax for the authority in NGN: that is the tax currency it is sent",
    ),
    fatal(
        "NG-DOC-08",
        Test(has_irn),
        "add a cac:AdditionalDocumentReference with the IRN in cbc:ID and the word IRN in cbc:DocumentDescription; an \
         engine makes it once the seller's service id is set",
    ),
    fatal(
        "NG-DOC-09",
        Test(irn_is_well_formed),
        "write it as invoice number, service id of 8 letters or digits and date, such as INV001-94ND90NR-20261102, at \
         most 50 characters",
    ),
    fatal(
        "NG-DOC-10",
        Test(irn_has_the_issue_date),
        "make both the same day by preparing the document again",
    ),
    warning(
        "NG-DOC-11",
        Test(irn_has_the_number),
        "begin the IRN with the letters and digits of the document number",
    ),
    fatal("NG-DOC-12", Test(kind_is_known), "write B2B, B2C or B2G"),
    fatal(
        "NG-DOC-13",
        Test(status_is_known),
        "write PENDING, PAID or REJECTED; a cancelled document is REJECTED or corrected by a credit note",
    ),
    fatal(
        "NG-DOC-14",
        Test(issue_time_is_a_time),
        "write the time of issue as HH:MM:SS from 00:00:00 to 23:59:59",
    ),
    warning(
        "NG-DOC-16",
        Test(is_dated_in_full),
        "state them where they are known: some access points do not take a document without them",
    ),
    fatal("NG-DOC-17", Test(has_lines), "list at least one thing sold"),
];

/// Rules about a date other than that of issue.
pub(super) const DATES: &[Rule] =
    &[fatal("NG-DOC-15", Test(is_a_day), "write a day that exists as YYYY-MM-DD, or leave the element out")];

/// Rules about a way of payment.
pub(super) const PAYMENT: &[Rule] = &[
    fatal(
        "NG-PAY-01",
        Present(&[path!("cbc:PaymentMeansCode")]),
        "say how it is paid: 10 cash, 30 transfer, 48 card",
    ),
    warning(
        "NG-PAY-02",
        Test(means_has_a_counterpart),
        "use 10 cash, 20 cheque, 30 transfer, 48 card or 49 direct debit if it is one of these: the rest goes to the \
         authority as Other",
    ),
];

/// Whether an element of the head is a date that is sent, other than that of issue.
pub(super) fn is_date(element: Element<'_>) -> bool {
    matches!(element.name(), Name::Cbc(Cbc::DueDate | Cbc::TaxPointDate))
}

/// The day of issue, where it is one.
pub(super) fn issue_date(root: Element<'_>) -> Option<NaiveDate> {
    text(root, path!("cbc:IssueDate")).and_then(|t| date(&t))
}

fn issue_date_is_a_day(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match text(root, path!("cbc:IssueDate")) {
        None => Err("the issue date is missing".into()),
        Some(written) if date(&written).is_none() => {
            Err(format!("the issue date {:?} is not a day", shorten(&written)))
        }
        Some(_) => Ok(()),
    }
}

fn is_a_day(_: &Facts<'_>, element: Element<'_>) -> Finding {
    let written = element.text();
    if written.trim().is_empty() || date(&written).is_some() {
        Ok(())
    } else {
        Err(format!("cbc:{} {:?} is not a day", element.local(), shorten(&written)))
    }
}

fn type_path(root: Element<'_>) -> Path {
    if root.is(Name::CreditNote) { path!("cbc:CreditNoteTypeCode") } else { path!("cbc:InvoiceTypeCode") }
}

/// What the document is: a `CreditNote` is one whatever its code says.
pub(super) fn kind_of_document(root: Element<'_>) -> Option<DocumentType> {
    let code = text(root, type_path(root))?;
    let stated = document_type(code.trim());
    if root.is(Name::CreditNote) { stated.and(Some(DocumentType::CreditNote)) } else { stated }
}

fn type_is_known(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let path = type_path(root);
    let Some(code) = text(root, path) else { return Err(format!("{path} is missing")) };
    let stated = document_type(code.trim());
    let fits = |stated| !root.is(Name::CreditNote) || stated == DocumentType::CreditNote;
    match stated {
        Some(stated) if fits(stated) => Ok(()),
        _ => Err(format!("the type code {:?} is not one of the root {}", shorten(&code), root.local())),
    }
}

fn type_has_a_counterpart(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let Some(code) = text(root, type_path(root)) else { return Ok(()) };
    match (code.trim(), document_type(code.trim())) {
        ("380" | "381" | "383", _) | (_, None) => Ok(()),
        ("384", _) => {
            Err("the type code 384 is a corrected invoice here, though the authority's 384 is a debit \
                           note (383 here)"
                .into())
        }
        (code, _) => Err(format!("the type code {code:?} has no counterpart of its own at the authority")),
    }
}

fn currency_is_known(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match text(root, path!("cbc:DocumentCurrencyCode")) {
        None => Err("the currency is missing".into()),
        Some(code) if Currency::parse(code.trim()).is_err() => {
            Err(format!("the currency {:?} is not known", shorten(&code)))
        }
        Some(_) => Ok(()),
    }
}

fn currency_is_listed(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match currency(root) {
        Some(currency) if !lists_currency(currency.code()) => {
            Err(format!("the currency {currency} was not in the authority's list in May 2025"))
        }
        _ => Ok(()),
    }
}

fn tax_is_in_naira(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match text(root, path!("cbc:TaxCurrencyCode")) {
        Some(code) if code.trim() != "NGN" => Err(format!("the tax currency is {:?}", shorten(&code))),
        _ => Ok(()),
    }
}

fn irn(root: Element<'_>) -> Option<Irn> {
    Irn::parse(annotation(root, "IRN")?.trim()).ok()
}

fn has_irn(_: &Facts<'_>, root: Element<'_>) -> Finding {
    annotation(root, "IRN").map(|_| ()).ok_or_else(|| "the document has no IRN".into())
}

fn irn_is_well_formed(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let Some(written) = annotation(root, "IRN") else { return Ok(()) };
    Irn::parse(written.trim())
        .map(|_| ())
        .map_err(|e| format!("the IRN {:?} is malformed: {e}", shorten(&written)))
}

fn irn_has_the_issue_date(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let (Some(irn), Some(issued)) = (irn(root), issue_date(root)) else { return Ok(()) };
    if irn.issue_date() == Some(issued) {
        Ok(())
    } else {
        Err(format!("the IRN {irn} carries another date than the issue date {issued}"))
    }
}

fn irn_has_the_number(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let (Some(irn), Some(number)) = (irn(root), text(root, path!("cbc:ID"))) else { return Ok(()) };
    let plain: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    if irn.number() == plain {
        Ok(())
    } else {
        Err(format!("the IRN {irn} is not that of document number {:?}", shorten(number.trim())))
    }
}

fn kind_is_known(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match annotation(root, "Invoice kind") {
        Some(kind) if !matches!(&*kind, "B2B" | "B2C" | "B2G") => {
            Err(format!("the invoice kind is {:?}", shorten(&kind)))
        }
        _ => Ok(()),
    }
}

fn status_is_known(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match annotation(root, "Payment status") {
        Some(status) if !matches!(&*status, "PENDING" | "PAID" | "REJECTED") => {
            Err(format!("the payment status is {:?}", shorten(&status)))
        }
        _ => Ok(()),
    }
}

fn issue_time_is_a_time(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let Some(found) = root.first(path!("cbc:IssueTime")) else { return Ok(()) };
    if is_time(found.text().trim()) { Ok(()) } else { Err(format!("the issue time is {:?}", shown(found))) }
}

/// `HH:MM:SS`, with a fraction or a zone behind it that is not sent.
fn is_time(written: &str) -> bool {
    let Some((clock, rest)) = written.split_at_checked(8) else { return false };
    let below = |at: usize, limit: u8| {
        let part = clock.get(at..at + 2).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|part| part.parse::<u8>().ok()).is_some_and(|value| value < limit)
    };
    let zone = rest
        .strip_prefix('.')
        .map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let colons = clock.get(2..3) == Some(":") && clock.get(5..6) == Some(":");
    // A second of 60 exists in time zones' bookkeeping and nowhere at the authority.
    colons
        && below(0, 24)
        && below(3, 60)
        && below(6, 60)
        && !rest.starts_with(".+")
        && rest != "."
        && (zone.is_empty() || zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-'])))
}

fn is_dated_in_full(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let due = [
        path!("cbc:DueDate"),
        path!("cac:PaymentMeans/cbc:PaymentDueDate"),
        path!("cac:PaymentTerms/cbc:PaymentDueDate"),
    ];
    let has = |path: Path| text(root, path).is_some();
    let parts = [
        ("due date", due.into_iter().any(has)),
        ("issue time", has(path!("cbc:IssueTime"))),
        ("tax point date", has(path!("cbc:TaxPointDate"))),
    ];
    let absent: Vec<&str> = parts.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    if absent.is_empty() { Ok(()) } else { Err(format!("the document has no {}", absent.join(", no "))) }
}

fn has_lines(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let lines =
        if root.is(Name::CreditNote) { path!("cac:CreditNoteLine") } else { path!("cac:InvoiceLine") };
    if root.has(lines) { Ok(()) } else { Err("the document has no line".into()) }
}

fn means_has_a_counterpart(_: &Facts<'_>, means: Element<'_>) -> Finding {
    match text(means, path!("cbc:PaymentMeansCode")) {
        Some(code) if !is_payment_means(code.trim()) => {
            Err(format!("the payment means {:?} has no code of its own at the authority", shorten(&code)))
        }
        _ => Ok(()),
    }
}
