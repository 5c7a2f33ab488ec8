//! The platform's book beside the store.

use super::book::Book;
use std::{collections::BTreeMap, fmt};
use taxpoynt_core::store::{Deletion, Document, DocumentState, Record};

/// In which way a record went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The platform has it, we have not.
    Missing,
    /// We have an older version of it.
    Stale,
    /// It is there twice, or has two invoices.
    Twice,
    /// We have it, the platform has not.
    Undead,
    /// It is sold, and there is no invoice of it, or a wrong one.
    NotInvoiced,
    /// A call that no correct connector makes, or a run that does not end.
    Misbehaved,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Twice => "twice",
            Self::Undead => "deleted there, alive here",
            Self::NotInvoiced => "not invoiced as sold",
            Self::Misbehaved => "misbehaved",
        })
    }
}

/// One thing that went wrong.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// How.
    pub kind: Kind,
    /// What.
    pub what: String,
}

/// What the store holds of a sale.
pub struct Stored {
    pub record: Record,
    pub deletion: Option<Deletion>,
    pub documents: Vec<Document>,
    /// How often it was stored as new.
    pub born: usize,
}

/// Compares them.
pub fn compare(book: &Book, stored: &[Stored], now: i64, invoices: bool) -> Vec<Verdict> {
    let mut wrong = Vec::new();
    let mut found = |kind, what: String| wrong.push(Verdict { kind, what });
    let mut by_id: BTreeMap<&str, Vec<&Stored>> = BTreeMap::new();
    for one in stored {
        by_id.entry(&one.record.raw.key.id).or_default().push(one);
    }
    for id in book.sales.keys() {
        let name = id.to_string();
        let ours = by_id.remove(name.as_str()).unwrap_or_default();
        let theirs = book.find(*id, now);
        match (theirs, &ours[..]) {
            (Some(_), []) => found(Kind::Missing, name),
            (_, [_, _, ..]) => found(Kind::Twice, name),
            (None, [one]) if one.deletion.is_none() => found(Kind::Undead, name),
            (None, _) => {}
            (Some((_, number, version)), [one]) => {
                let body = String::from_utf8_lossy(&one.record.raw.body);
                if !body.contains(&format!("\"version\":{number}}}")) {
                    found(Kind::Stale, format!("{name}: version {number}, here {body}"));
                } else if one.deletion.is_some() {
                    found(Kind::Missing, format!("{name} counts as deleted"));
                } else if one.born != 1 {
                    found(Kind::Twice, format!("{name} was stored as new {} times", one.born));
                } else if invoices {
                    let live: Vec<_> =
                        one.documents.iter().filter(|d| d.state != DocumentState::Dead).collect();
                    let amount = format!("{}.00", version.amount);
                    let right = live.iter().all(|d| same(&d.document.payable_amount, &amount));
                    if live.len() > 1 {
                        found(Kind::Twice, format!("{name} has {} invoices", live.len()));
                    } else if live.len() != usize::from(version.closed) || !right {
                        found(
                            Kind::NotInvoiced,
                            format!("{name}: {:?} held {:?}", live.len(), one.record.held),
                        );
                    }
                }
            }
        }
        if let ([one], None) = (&ours[..], theirs)
            && one.documents.iter().any(|d| d.state != DocumentState::Dead)
        {
            found(Kind::Undead, format!("{id} is deleted and has an invoice"));
        }
    }
    for (id, _) in by_id {
        found(Kind::Undead, format!("{id} was never sold"));
    }
    wrong
}

fn same(one: &str, other: &str) -> bool {
    let read = |text: &str| text.parse::<rust_decimal::Decimal>().ok();
    read(one).is_some() && read(one) == read(other)
}
