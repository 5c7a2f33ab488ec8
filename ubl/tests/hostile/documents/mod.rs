//! Documents made to break a reader: what they are called, how they are made, and what is to become of them.

mod encodings;
mod floods;
mod markup;
mod namespaces;
mod outside;

use std::borrow::Cow;

/// What a document meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Refused as XML, in a sentence with this in it.
    NotXml(&'static str),
    /// Refused as no UBL invoice.
    NotAnInvoice,
    /// Well-formed and merely nasty: judged like any other.
    Judged,
}

/// A document made when it is wanted: some are larger than what is read.
pub(crate) struct Hostile {
    /// What it tries.
    pub(crate) name: Cow<'static, str>,
    /// What is to become of it.
    pub(crate) answer: Answer,
    make: Box<dyn Fn() -> Vec<u8>>,
}

impl Hostile {
    /// Its bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        (self.make)()
    }
}

/// Every document there is; `long` is how many bytes those have that are as long as may be, at most 100 MB.
pub(crate) fn documents(long: usize) -> Vec<Hostile> {
    let mut list = List { long, documents: Vec::new() };
    outside::add(&mut list);
    markup::add(&mut list);
    namespaces::add(&mut list);
    encodings::add(&mut list);
    floods::add(&mut list);
    list.documents
}

/// Documents as they are put together.
struct List {
    long: usize,
    documents: Vec<Hostile>,
}

impl List {
    fn add(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        answer: Answer,
        make: impl Fn() -> Vec<u8> + 'static,
    ) {
        self.documents.push(Hostile { name: name.into(), answer, make: Box::new(make) });
    }

    /// Refused as XML, for a reason that has a name.
    fn refused(&mut self, name: &'static str, word: &'static str, make: impl Fn() -> String + 'static) {
        self.add(name, Answer::NotXml(word), move || make().into_bytes());
    }

    /// Refused as XML: each is a whole document.
    fn broken(&mut self, family: &str, documents: &[&str]) {
        for document in documents {
            let (text, shown) = ((*document).to_owned(), document.chars().take(40).collect::<String>());
            self.add(format!("{family}: {shown}"), Answer::NotXml(""), move || text.clone().into_bytes());
        }
    }

    /// Refused as XML: each stands in an invoice.
    fn broken_inside(&mut self, family: &str, bodies: &[&str]) {
        for body in bodies {
            let (text, shown) = (ubl(body), body.chars().take(40).collect::<String>());
            self.add(format!("{family}: {shown}"), Answer::NotXml(""), move || text.clone().into_bytes());
        }
    }

    /// Not well-formed, where nothing hangs on it; `whole` makes a document of each.
    fn unsound(&mut self, whole: fn(&str) -> String, pieces: &[&str]) {
        for piece in pieces {
            let document = whole(piece);
            self.add(format!("unsound: {piece}"), Answer::NotXml(""), move || document.clone().into_bytes());
        }
    }

    fn judged(&mut self, name: &'static str, make: impl Fn() -> String + 'static) {
        self.add(name, Answer::Judged, move || make().into_bytes());
    }
}

const ROOT: &str = "Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\" \
    xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
    xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\" \
    xmlns:ext=\"urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2\"";

/// An invoice around `body`.
fn ubl(body: &str) -> String {
    format!("<{ROOT}>{body}</Invoice>")
}
