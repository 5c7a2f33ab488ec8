//! A document that somebody sent to the tenant: opened, read, made into UBL and checked by our rules; knows the codes
//! and the key that opens it, and makes no call.

mod envelope;
mod fields;
mod finding;
mod foreign;
mod from_mbs;
mod from_mbs_parts;
mod line_tax;

pub use envelope::{Content, Envelope};
pub use finding::Finding;
pub use foreign::{IrnParts, usable_irn};
pub use from_mbs::{Reading, from_mbs, read_mbs};

use crate::{Error, Result};
use bytes::Bytes;
use foreign::same_irn;
use taxpoynt_ubl::{Invoice, InvoiceKind, Ruleset};

const OPERATION: &str = "firs.received";

/// The rule sets a received document is checked by.
const RULES: [Ruleset; 2] = [Ruleset::En16931, Ruleset::Nigeria];

/// A received document, read and checked.
#[derive(Debug, Clone)]
pub struct Received {
    /// It.
    pub invoice: Invoice,
    /// It as UBL: as it came, or made from the authority's JSON. `None` where no UBL document can be made of it; a
    /// finding says why.
    pub ubl: Option<Bytes>,
    /// What is to be said of it; those that speak against it are `fatal`.
    pub findings: Vec<Finding>,
}

impl Received {
    /// Reads and checks `content`, which was downloaded for `irn`. `buyer_tin` is the tenant's own TIN.
    ///
    /// # Errors
    /// `Payload` with a `code`: `irn_differs` and `irn_missing` for another document, `pdf_only` for one that only a
    /// person can read, `invoice_malformed`, `type_unsupported` or `xml_malformed` for one that cannot be read.
    pub fn read(content: &Content, irn: &str, buyer_tin: Option<&str>) -> Result<Self> {
        content.is_of(irn)?;
        let mut received = match content {
            Content::Invoice(json) => from_json(json.get())?,
            Content::Xml(xml) => from_xml(xml, irn)?,
            Content::Pdf(_) => {
                let message = "The supplier sent a PDF, which a program cannot check: open it, then acknowledge it by hand.";
                return Err(Error::payload(OPERATION, "", message).with("code", "pdf_only"));
            }
        };
        received.check_rules(matches!(content, Content::Invoice(_)));
        received.findings.extend(addressee(&received.invoice, buyer_tin));
        received.findings.extend(dated(&received.invoice, irn));
        Ok(received)
    }

    /// Whether something speaks against taking it as it is.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.findings.iter().any(|finding| finding.fatal)
    }

    fn check_rules(&mut self, made_here: bool) {
        let Some(ubl) = &self.ubl else { return };
        // What EN 16931 finds superfluous in UBL of our own making is nothing that the supplier wrote.
        let theirs = |fault: &taxpoynt_ubl::Fault| !(made_here && fault.id.starts_with("UBL-"));
        match taxpoynt_ubl::validate(ubl, &RULES) {
            Ok(faults) => self.findings.extend(faults.into_iter().filter(theirs).map(Finding::of_rule)),
            Err(error) => self.findings.push(Finding::new("IN-UBL-02", true, "", sentence(&error))),
        }
    }
}

fn sentence(error: &taxpoynt_ubl::Error) -> String {
    format!("The rules cannot be applied to the document: {error}.")
}

fn from_json(json: &str) -> Result<Received> {
    let Reading { invoice, mut findings } = read_mbs(json.as_bytes())?;
    let ubl = match taxpoynt_ubl::to_xml(&invoice) {
        Ok(xml) => Some(Bytes::from(xml)),
        Err(error) => {
            let message = format!("No UBL document can be made of it: {error}.");
            findings.push(Finding::new("IN-UBL-01", true, "", message));
            None
        }
    };
    Ok(Received { invoice, ubl, findings })
}

fn from_xml(xml: &Bytes, irn: &str) -> Result<Received> {
    let invoice = taxpoynt_ubl::parse(xml).map_err(|error| {
        let message = format!("The supplier sent XML that is no UBL invoice: {error}.");
        Error::payload(OPERATION, "", message).with("code", "xml_malformed")
    })?;
    let mut findings = Vec::new();
    match &invoice.irn {
        Some(own) => same_irn(Some(own.as_str()), irn)?,
        None => {
            let message =
                "The XML document does not carry its IRN, so nothing shows that it is the one downloaded.";
            findings.push(Finding::new("IN-IRN-01", true, "irn", message));
        }
    }
    Ok(Received { invoice, ubl: Some(xml.clone()), findings })
}

/// Whether the document is for this tenant. One taxpayer may have TINs of several forms, so only two of the same form
/// prove anything.
fn addressee(invoice: &Invoice, ours: Option<&str>) -> Option<Finding> {
    let plain =
        |tin: &str| tin.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let stated = invoice.customer.as_ref().and_then(|customer| customer.tin.as_deref());
    let Some(stated) = stated else {
        let message = "The document does not name a buyer by TIN.";
        // Between businesses the authority asks for one: without it the document is damaged, or not what it says.
        let fatal = invoice.kind != InvoiceKind::B2C;
        return Some(Finding::new("IN-BUY-02", fatal, "accounting_customer_party/tin", message));
    };
    let (theirs, ours) = (plain(stated), plain(ours?));
    if theirs == ours {
        return None;
    }
    let same_form = theirs.len() == ours.len();
    let message = format!("The document names the buyer's TIN {stated}, which is not the tenant's.");
    Some(Finding::new("IN-BUY-01", same_form, "accounting_customer_party/tin", message))
}

fn dated(invoice: &Invoice, irn: &str) -> Option<Finding> {
    let in_irn = IrnParts::read(irn)?.issue_date;
    if in_irn == invoice.issue_date {
        return None;
    }
    let message = format!("The document is dated {}, its IRN {in_irn}.", invoice.issue_date);
    Some(Finding::new("IN-IRN-02", false, "issue_date", message))
}
