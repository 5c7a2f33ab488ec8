//! The words of UBL 2.1: element names as small numbers, paths of them checked when the crate is compiled, and the
//! children each type may have.

mod aggregate;
mod basic;
#[cfg(test)]
pub(crate) mod schema_test;
mod structure;

pub(crate) use aggregate::Cac;
pub(crate) use basic::{Cbc, Kind};
pub(crate) use structure::{Child, Occurs, Type};

/// The namespaces the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// None.
    Absent,
    /// Of the invoice's root.
    Invoice,
    /// Of the credit note's root.
    CreditNote,
    /// Aggregate components.
    Cac,
    /// Basic components.
    Cbc,
    /// Extension components.
    Ext,
    /// Any other.
    Other,
}

impl Space {
    /// The namespace of a URI.
    pub(crate) fn of(uri: &str) -> Self {
        match uri {
            "" => Self::Absent,
            "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" => Self::Invoice,
            "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2" => Self::CreditNote,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" => Self::Cac,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" => Self::Cbc,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2" => Self::Ext,
            _ => Self::Other,
        }
    }
}

/// The name of an element, with its namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// The root of an invoice.
    Invoice,
    /// The root of a credit note.
    CreditNote,
    /// An aggregate component.
    Cac(Cac),
    /// A basic component.
    Cbc(Cbc),
    /// Part of an extension.
    Ext(Ext),
    /// Anything else; the element itself knows what is written.
    Other,
}

macro_rules! extensions {
    ($($name:ident)*) => {
        /// The extension components (`ext:`), by name.
        #[allow(clippy::enum_variant_names, reason = "named as the standard writes them")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Ext { $($name,)* }

        impl Ext {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
            const NAMES: &[&str] = &[$(stringify!($name),)*];
        }
    };
}

extensions! {
    UBLExtensions UBLExtension ExtensionAgencyID ExtensionAgencyName ExtensionVersionID ExtensionAgencyURI
    ExtensionURI ExtensionReasonCode ExtensionReason ExtensionContent
}

impl Name {
    /// The name of a basic component.
    pub(crate) const fn basic(local: &str) -> Self {
        match BASICS.find(Cbc::NAMES, local) {
            Some(at) => Self::Cbc(Cbc::ALL[at]),
            None => Self::Other,
        }
    }

    /// The name of an aggregate component.
    pub(crate) const fn aggregate(local: &str) -> Self {
        match AGGREGATES.find(Cac::NAMES, local) {
            Some(at) => Self::Cac(Cac::ALL[at]),
            None => Self::Other,
        }
    }

    /// The name of an element in one of the namespaces of UBL, at run time.
    pub(crate) fn look_up(space: Space, local: &str) -> Self {
        match space {
            Space::Cac => AGGREGATES
                .look_up(Cac::NAMES, local)
                .and_then(|at| Cac::ALL.get(at))
                .map_or(Self::Other, |n| Self::Cac(*n)),
            Space::Cbc => BASICS
                .look_up(Cbc::NAMES, local)
                .and_then(|at| Cbc::ALL.get(at))
                .map_or(Self::Other, |n| Self::Cbc(*n)),
            Space::Ext => Self::extension(local),
            Space::Invoice if local == "Invoice" => Self::Invoice,
            Space::CreditNote if local == "CreditNote" => Self::CreditNote,
            _ => Self::Other,
        }
    }

    /// The name of an extension component.
    pub(crate) const fn extension(local: &str) -> Self {
        let mut at = 0;
        while at < Ext::NAMES.len() {
            if same(Ext::NAMES[at].as_bytes(), local.as_bytes()) {
                return Self::Ext(Ext::ALL[at]);
            }
            at += 1;
        }
        Self::Other
    }

    /// The name written `cac:Party`, `cbc:ID` or `ext:UBLExtensions`.
    #[allow(clippy::panic, reason = "names are written in this crate and read when it is compiled")]
    pub(crate) const fn written(text: &str) -> Self {
        let (prefix, local) = text.split_at(4);
        let name = match prefix.as_bytes() {
            b"cbc:" => Self::basic(local),
            b"cac:" => Self::aggregate(local),
            b"ext:" => Self::extension(local),
            _ => panic!("a name begins with cbc:, cac: or ext:"),
        };
        assert!(!matches!(name, Self::Other), "UBL has no such element");
        name
    }

    /// The usual prefix with its colon, and the local name; empty for anything else.
    pub(crate) fn parts(self) -> (&'static str, &'static str) {
        let of = |names: &[&'static str], at: usize| names.get(at).copied().unwrap_or_default();
        match self {
            Self::Invoice => ("", "Invoice"),
            Self::CreditNote => ("", "CreditNote"),
            Self::Cac(name) => ("cac:", of(Cac::NAMES, name as usize)),
            Self::Cbc(name) => ("cbc:", of(Cbc::NAMES, name as usize)),
            Self::Ext(name) => ("ext:", of(Ext::NAMES, name as usize)),
            Self::Other => ("", ""),
        }
    }

    /// Every name UBL knows.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let roots = [Self::Invoice, Self::CreditNote].into_iter();
        let extensions = Ext::ALL.iter().copied().map(Self::Ext);
        let aggregates = Cac::ALL.iter().copied().map(Self::Cac);
        roots.chain(extensions).chain(aggregates).chain(Cbc::ALL.iter().copied().map(Self::Cbc))
    }

    /// How many numbers [`Self::number`] gives out.
    pub(crate) const COUNT: usize = 3 + Ext::ALL.len() + Cac::ALL.len() + Cbc::ALL.len();

    /// A small number of its own, for tables by name.
    pub(crate) const fn number(self) -> usize {
        match self {
            Self::Other => 0,
            Self::Invoice => 1,
            Self::CreditNote => 2,
            Self::Ext(name) => 3 + name as usize,
            Self::Cac(name) => 3 + Ext::ALL.len() + name as usize,
            Self::Cbc(name) => 3 + Ext::ALL.len() + Cac::ALL.len() + name as usize,
        }
    }

    /// The type that says which children it may have; none for a basic component and what UBL does not know.
    pub(crate) const fn of_type(self) -> Option<Type> {
        match self {
            Self::Invoice => Some(Type::Invoice),
            Self::CreditNote => Some(Type::CreditNote),
            Self::Cac(name) => Some(name.of_type()),
            Self::Cbc(_) | Self::Ext(_) | Self::Other => None,
        }
    }
}

/// A path of child names: `cac:Party/cac:PostalAddress`. Written with `path!`.
#[derive(Clone, Copy)]
pub(crate) struct Path {
    /// As written.
    pub(crate) text: &'static str,
    /// The names.
    pub(crate) steps: &'static [Name],
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)
    }
}

/// How many steps a written path has.
pub(crate) const fn count_steps(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut steps) = (0, 1);
    while at < bytes.len() {
        if bytes[at] == b'/' {
            steps += 1;
        }
        at += 1;
    }
    steps
}

/// The names of a written path of `N` steps.
pub(crate) const fn read_steps<const N: usize>(text: &str) -> [Name; N] {
    let mut names = [Name::Other; N];
    let (mut rest, mut step) = (text, 0);
    while step < N {
        let bytes = rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() && bytes[end] != b'/' {
            end += 1;
        }
        let (name, behind) = rest.split_at(end);
        names[step] = Name::written(name);
        rest = if behind.is_empty() { behind } else { behind.split_at(1).1 };
        step += 1;
    }
    names
}

/// A [`Path`], read and checked when the crate is compiled.
macro_rules! path_of {
    ($text:literal) => {{
        const STEPS: [$crate::vocabulary::Name; $crate::vocabulary::count_steps($text)] =
            $crate::vocabulary::read_steps($text);
        const PATH: $crate::vocabulary::Path = $crate::vocabulary::Path { text: $text, steps: &STEPS };
        PATH
    }};
}

/// A [`Name`], read and checked when the crate is compiled.
macro_rules! name {
    ($text:literal) => {{
        const NAME: $crate::vocabulary::Name = $crate::vocabulary::Name::written($text);
        NAME
    }};
}

pub(crate) use {name, path_of as path};

/// Slots of a table of names. A power of two, about four times the names.
const SLOTS: usize = 4096;
static BASICS: Table = Table::of(Cbc::NAMES);
static AGGREGATES: Table = Table::of(Cac::NAMES);

/// Names by hash, with open addressing; made when the crate is compiled.
struct Table([u16; SLOTS]);

impl Table {
    const FREE: u16 = u16::MAX;

    #[allow(clippy::cast_possible_truncation, reason = "there are fewer than a thousand names")]
    const fn of(names: &[&str]) -> Self {
        let mut slots = [Self::FREE; SLOTS];
        let mut number = 0;
        while number < names.len() {
            let mut slot = hash(names[number].as_bytes());
            while slots[slot] != Self::FREE {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = number as u16;
            number += 1;
        }
        Self(slots)
    }

    fn look_up(&self, names: &[&str], name: &str) -> Option<usize> {
        let mut slot = hash(name.as_bytes());
        loop {
            let at = usize::from(*self.0.get(slot)?);
            if *names.get(at)? == name {
                return Some(at);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    const fn find(&self, names: &[&str], name: &str) -> Option<usize> {
        let mut slot = hash(name.as_bytes());
        while self.0[slot] != Self::FREE {
            let at = self.0[slot] as usize;
            if same(names[at].as_bytes(), name.as_bytes()) {
                return Some(at);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

const fn hash(name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let mut short = 0;
            let mut at = 0;
            while at < name.len() {
                short = short << 8 | name[at] as u64;
                at += 1;
            }
            (short, 0)
        }
    };
    let mixed = (first ^ last.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 52) as usize % SLOTS
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_under_itself() {
        for (at, name) in Cbc::NAMES.iter().enumerate() {
            assert_eq!(Name::basic(name), Name::Cbc(Cbc::ALL[at]));
            assert_eq!(Name::basic(name).parts(), ("cbc:", *name));
        }
        for (at, name) in Cac::NAMES.iter().enumerate() {
            assert_eq!(Name::aggregate(name), Name::Cac(Cac::ALL[at]));
            assert_eq!(Name::aggregate(name).parts(), ("cac:", *name));
        }
        for name in ["", "I", "Id", "Partys", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"] {
            assert_eq!((Name::basic(name), Name::aggregate(name)), (Name::Other, Name::Other));
        }
    }

    #[test]
    fn names_rarely_share_a_slot() {
        for names in [Cbc::NAMES, Cac::NAMES] {
            let slots: std::collections::HashSet<_> = names.iter().map(|n| hash(n.as_bytes())).collect();
            assert!(slots.len() * 100 > names.len() * 80, "{} of {}", slots.len(), names.len());
        }
    }

    #[test]
    fn a_path_is_its_names() {
        let path = path!("cac:Party/cbc:EndpointID");
        assert_eq!(path.steps, [Name::Cac(Cac::Party), Name::Cbc(Cbc::EndpointID)]);
        assert_eq!(name!("ext:UBLExtensions"), Name::Ext(Ext::UBLExtensions));
    }
}
