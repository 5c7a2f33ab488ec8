//! The authority's book beside the store, document by document.

use super::till::{Sold, Sort};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};
use taxpoynt_core::store::{Document, DocumentState, Record};
use taxpoynt_sim::{Planted, Registered};

/// In which way a document went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The authority has a sale twice, or was sent a document again without having been asked for it.
    Doubled,
    /// A sale has no document, or the store says accepted and the authority does not have it.
    Lost,
    /// Neither accepted nor quarantined, nor held for a reason that holds.
    Stuck,
    /// The store took somebody else's document for ours.
    WronglyAdopted,
    /// Somebody else's document under our IRN was not quarantined, or ours was.
    NotQuarantined,
    /// A buyer paid and the authority was not told, or was told of a payment that nobody made.
    WronglyPaid,
}

impl Kind {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Doubled,
        Self::Lost,
        Self::Stuck,
        Self::WronglyAdopted,
        Self::NotQuarantined,
        Self::WronglyPaid,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doubled => "doubly registered",
            Self::Lost => "lost",
            Self::WronglyPaid => "payment wrongly told",
            Self::Stuck => "stuck",
            Self::WronglyAdopted => "wrongly adopted",
            Self::NotQuarantined => "not quarantined as it should be",
        })
    }
}

/// One thing that went wrong.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// In which way.
    pub kind: Kind,
    /// The document, or the sale where it has none.
    pub irn: String,
    /// What was found.
    pub what: String,
    /// What happened to it, in order.
    pub history: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.irn, self.kind, self.what)?;
        self.history.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// Everything there is to compare.
pub(super) struct Books<'a> {
    pub(super) sold: &'a [Sold],
    pub(super) documents: &'a [Document],
    pub(super) records: &'a [Record],
    pub(super) registered: &'a [Registered],
    pub(super) planted: &'a BTreeMap<String, Planted>,
    pub(super) unasked: &'a BTreeMap<String, u32>,
    pub(super) overtaken: &'a BTreeSet<String>,
}

/// What became of the sales, and what went wrong.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) ended: BTreeMap<&'static str, u64>,
    /// Invoices that were paid later, and the authority knows.
    pub(super) paid: u64,
    pub(super) wrong: Vec<(Kind, String, String)>,
}

impl Findings {
    fn wrong(&mut self, kind: Kind, irn: &str, what: impl Into<String>) {
        self.wrong.push((kind, irn.to_owned(), what.into()));
    }

    fn ended(&mut self, word: &'static str) {
        *self.ended.entry(word).or_default() += 1;
    }
}

/// Compares.
pub(super) fn compare(books: &Books<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut by_sale: HashMap<&str, Vec<&Document>> = HashMap::new();
    for document in books.documents {
        by_sale.entry(&document.source_id).or_default().push(document);
    }
    let mut by_irn: HashMap<&str, Vec<&Registered>> = HashMap::new();
    for registered in books.registered {
        by_irn.entry(&registered.irn).or_default().push(registered);
    }
    for sold in books.sold {
        match by_sale.get(&*sold.id).map(Vec::as_slice) {
            Some([document]) => {
                let registered: &[_] = by_irn.get(&*document.document.irn).map_or(&[], |r| r);
                one(books, document, registered, &mut findings);
                payment(sold, document, registered, &mut findings);
            }
            Some(several) => {
                findings.wrong(Kind::Doubled, &sold.id, format!("{} documents of one sale", several.len()));
            }
            None => none(books, sold, &by_sale, &mut findings),
        }
    }
    let ours: BTreeSet<&str> = books.documents.iter().map(|d| &*d.document.irn).collect();
    for irn in by_irn.keys().filter(|irn| !ours.contains(**irn)) {
        findings.wrong(Kind::Doubled, irn, "the authority has a document that the store does not know");
    }
    for (irn, times) in books.unasked.iter().filter(|(irn, _)| !books.overtaken.contains(*irn)) {
        let what = format!("sign was called again {times} times without having asked for the document");
        findings.wrong(Kind::Doubled, irn, what);
    }
    findings
}

/// A sale with its document.
fn one(books: &Books<'_>, document: &Document, registered: &[&Registered], findings: &mut Findings) {
    let irn = &*document.document.irn;
    if registered.len() > 1 {
        findings.wrong(Kind::Doubled, irn, format!("registered {} times", registered.len()));
    }
    let planted = books.planted.get(irn).copied();
    let ours: Value = serde_json::from_slice(&document.document.mbs).unwrap_or_default();
    let is_ours = registered.first().map(|entry| unpaid(&entry.invoice) == unpaid(&ours));
    let quarantined =
        document.state == DocumentState::Rejected && document.code.as_deref() == Some("quarantined");
    let at = format!("{:?} at {:?}, {:?}", document.state, document.stage, document.message);
    match (document.state, is_ours) {
        (DocumentState::Accepted, Some(true)) => {
            let sent = registered.first().is_some_and(|entry| entry.transmitted);
            if document.document.kind != "B2C" && !sent {
                findings.wrong(Kind::Lost, irn, "accepted, and never transmitted to its buyer");
            }
            findings.ended(if planted.is_some() { "adopted, registered before us" } else { "accepted" });
        }
        (DocumentState::Accepted, Some(false)) => {
            findings.wrong(Kind::WronglyAdopted, irn, "accepted, and the authority has other content");
        }
        (DocumentState::Accepted, None) => {
            findings.wrong(Kind::Lost, irn, "accepted, and the authority does not have it");
        }
        _ if quarantined && is_ours == Some(false) => findings.ended("quarantined"),
        _ if quarantined => findings.wrong(Kind::NotQuarantined, irn, "quarantined, and nobody else has it"),
        _ if planted == Some(Planted::Differing) => findings.wrong(Kind::NotQuarantined, irn, at),
        _ => findings.wrong(Kind::Stuck, irn, at),
    }
}

/// A document without what changes when its sale is paid, and it is prepared anew, after it was registered.
fn unpaid(invoice: &Value) -> Value {
    let mut invoice = invoice.clone();
    for member in ["payment_status", "payment_means", "issue_time", "due_date"] {
        invoice[member] = Value::Null;
    }
    invoice
}

/// What the authority knows of a sale's payment.
fn payment(sold: &Sold, document: &Document, registered: &[&Registered], findings: &mut Findings) {
    let (DocumentState::Accepted, [registered]) = (document.state, registered) else { return };
    let told = registered.payment_status == "PAID";
    let paid = sold.record["order"]["paid"] == true;
    if told != paid {
        let what = format!("paid: {paid}; the authority says {}", registered.payment_status);
        findings.wrong(Kind::WronglyPaid, &document.document.irn, what);
    } else if sold.paid_later && sold.is_on_account() {
        findings.paid += 1;
    }
}

/// A sale without a document: only a refund of an invoice that never became the authority's.
fn none(books: &Books<'_>, sold: &Sold, by_sale: &HashMap<&str, Vec<&Document>>, findings: &mut Findings) {
    let record = books.records.iter().find(|record| record.raw.key.id == sold.id);
    let held = record.and_then(|record| record.held.as_ref());
    let original = sold.original.and_then(|at| by_sale.get(&*books.sold[at].id)).and_then(|all| all.first());
    let waits = sold.sort == Sort::Refund
        && held.is_some_and(|held| held.code == "original_not_invoiced")
        && original.is_some_and(|original| original.state == DocumentState::Rejected);
    if waits {
        findings.ended("held, its invoice is quarantined");
    } else {
        findings.wrong(Kind::Lost, &sold.id, format!("no document; held: {held:?}"));
    }
}
