//! A document as a compact tree that borrows from its bytes.

mod paths;

use super::build::MAX_ELEMENTS;
use super::markup::Reader;
use super::scan;
use crate::vocabulary::{Name, Space};
use crate::{Error, Result};
use std::borrow::Cow;
use std::collections::HashMap;

/// Longest document that is read: 100 MB, the largest the network profiles foresee.
pub const MAX_BYTES: usize = 100 * 1024 * 1024;

pub(super) const NONE: u32 = u32::MAX;

/// A piece of the document, or the number of a text of our own: one that had references resolved in it.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    start: u32,
    length: u32,
}

impl Piece {
    /// Marks an own text. No document is as long.
    const OWN: u32 = 1 << 31;
    pub(super) const EMPTY: Self = Self { start: 0, length: 0 };

    pub(super) fn of_source(start: usize, length: usize) -> Self {
        Self { start: index(start), length: index(length) }
    }

    pub(super) fn own(number: usize) -> Self {
        Self { start: index(number), length: Self::OWN }
    }

    /// The number of the own text, if it is one.
    pub(super) fn own_number(self) -> Option<usize> {
        (self.length == Self::OWN).then_some(self.start as usize)
    }

    pub(super) fn is_empty(self) -> bool {
        self.length == 0
    }

    pub(super) fn read<'t>(self, source: &'t str, own: &'t [String]) -> &'t str {
        let text = match self.own_number() {
            Some(number) => own.get(number).map(String::as_str),
            None => {
                source.get(self.start as usize..(self.start as usize).saturating_add(self.length as usize))
            }
        };
        text.unwrap_or_default()
    }
}

/// 32 bytes, two to a line of the processor's cache: rules walk over all of them several times.
pub(super) struct Node {
    pub(super) name: Name,
    /// `NONE` of the root.
    pub(super) parent: u32,
    /// The next sibling.
    pub(super) next: u32,
    pub(super) first_attribute: u32,
    /// Where the name as written begins.
    pub(super) written: u32,
    pub(super) text: Piece,
    pub(super) attributes: u8,
    pub(super) space: Space,
    /// Whether it has children, of which the first follows it.
    pub(super) parental: bool,
}

pub(super) struct Attr {
    pub(super) name: Piece,
    pub(super) value: Piece,
}

/// A namespace declared by an element.
pub(super) struct Declaration {
    pub(super) element: u32,
    pub(super) prefix: Piece,
    pub(super) uri: Piece,
}

/// Children of the root that follow each other and share a name, such as lines: most paths pass them by.
pub(super) struct Run {
    pub(super) first: u32,
    /// The next sibling of another name.
    pub(super) beyond: u32,
}

/// A document. Elements are numbered in document order.
pub(crate) struct Tree<'a> {
    pub(super) source: &'a str,
    pub(super) own: Vec<String>,
    pub(super) nodes: Vec<Node>,
    pub(super) attributes: Vec<Attr>,
    /// In document order.
    pub(super) declarations: Vec<Declaration>,
    /// In document order.
    pub(super) runs: Vec<Run>,
    /// How many lines the root has.
    pub(super) lines: usize,
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    id: u32,
}

impl<'a> Tree<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// `Xml` for anything not well-formed, and for a DTD, an entity beyond the five of XML, an encoding other than
    /// UTF-8, or a document over a limit.
    pub(crate) fn read(xml: &'a [u8]) -> Result<Self> {
        if xml.len() > MAX_BYTES {
            return Err(error(MAX_BYTES, format!("longer than {MAX_BYTES} bytes, the most that is read")));
        }
        let bytes = xml.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(xml);
        let text = simdutf8::compat::from_utf8(bytes)
            .map_err(|e| error(e.valid_up_to(), "not UTF-8, the only encoding that is read"))?;
        if text.starts_with('\u{FEFF}') {
            return Err(error(0, "a second byte order mark"));
        }
        // The shortest element has four bytes.
        if bytes.len() > MAX_ELEMENTS * 4 && scan::count_starts(bytes) > MAX_ELEMENTS {
            return Err(error(0, format!("more than {MAX_ELEMENTS} elements")));
        }
        match scan::characters(text) {
            Ok(returns) => Reader::new(text, returns).read(),
            Err(at) => Err(error(at, "a character that XML does not allow")),
        }
    }

    /// The root element.
    pub(crate) fn root(&self) -> Element<'_> {
        Element { tree: self, id: 0 }
    }

    /// The element of a number that one of them said.
    pub(crate) fn element(&self, id: u32) -> Element<'_> {
        Element { tree: self, id }
    }

    /// Every element in document order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        (0..self.nodes.len()).map(|id| Element { tree: self, id: index(id) })
    }

    /// The positions that paths are written with.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut numbers = vec![0; self.nodes.len()];
        // By the number of a name: the parent it was last counted below, the first child so called, and how many.
        let mut seen = vec![(NONE, 0, 0); Name::COUNT];
        let mut strange: HashMap<_, (u32, u32, u32)> = HashMap::new();
        for parent in self.elements().filter(|e| e.has_children()) {
            for child in parent.children() {
                let slot = match child.name() {
                    Name::Other => {
                        Some(strange.entry((child.space() as u8, child.local())).or_insert((NONE, 0, 0)))
                    }
                    name => seen.get_mut(name.number()),
                };
                let Some((counted, first, count)) = slot else { continue };
                if *counted != parent.id {
                    (*counted, *first, *count) = (parent.id, child.id, 0);
                }
                *count += 1;
                if *count > 1 {
                    for (at, number) in [(*first, 1), (child.id, *count)] {
                        if let Some(slot) = numbers.get_mut(at as usize) {
                            *slot = number;
                        }
                    }
                }
            }
        }
        Numbers(numbers)
    }

    /// The names and values of every attribute of the document.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|a| (self.read_piece(a.name), self.read_piece(a.value)))
    }

    /// How many lines the root has.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    fn read_piece(&self, piece: Piece) -> &str {
        piece.read(self.source, &self.own)
    }
}

/// Characters XML 1.0 allows.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

pub(super) fn error(position: usize, message: impl Into<String>) -> Error {
    // A message of the XML reader repeats names as they are, however long.
    let message = message.into().chars().take(200).collect();
    Error::Xml { position: position as u64, message }
}

/// Documents are at most 100 MB long, so that every position and number fits.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}

/// White space of XML, which is less than Unicode's.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

impl<'t> Element<'t> {
    fn node(self) -> Option<&'t Node> {
        self.tree.nodes.get(self.id as usize)
    }

    fn at(self, id: u32) -> Option<Self> {
        (id != NONE).then_some(Self { tree: self.tree, id })
    }

    /// The name; `Other` for what UBL does not know.
    pub(crate) fn name(self) -> Name {
        self.node().map_or(Name::Other, |n| n.name)
    }

    /// Whether it is a `name!("cbc:ID")`.
    pub(crate) fn is(self, name: Name) -> bool {
        self.name() == name
    }

    /// The name without prefix.
    pub(crate) fn local(self) -> &'t str {
        let written = self.qname();
        written.split_once(':').map_or(written, |(_, local)| local)
    }

    /// The name as written, with its prefix.
    pub(crate) fn qname(self) -> &'t str {
        let begins = self.node().and_then(|n| self.tree.source.get(n.written as usize..));
        begins.map_or("", |rest| rest.get(..scan::name_end(rest.as_bytes(), 0)).unwrap_or_default())
    }

    /// The namespace, as far as the rules tell it apart.
    pub(crate) fn space(self) -> Space {
        self.node().map_or(Space::Other, |n| n.space)
    }

    /// The namespaces it declares itself: prefix (empty for the default) and URI.
    pub(crate) fn declarations(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let all = &self.tree.declarations;
        let from = all.partition_point(|d| d.element < self.id);
        let own = all.get(from..).unwrap_or_default().iter().take_while(move |d| d.element == self.id);
        own.map(move |d| (self.tree.read_piece(d.prefix), self.tree.read_piece(d.uri)))
    }

    /// The URI a prefix stands for here.
    pub(crate) fn namespace_of(self, prefix: &str) -> Option<&'t str> {
        let mut at = Some(self);
        while let Some(element) = at {
            if let Some((_, uri)) = element.declarations().find(|(declared, _)| *declared == prefix) {
                return Some(uri);
            }
            at = element.parent();
        }
        None
    }

    /// The tree it is in.
    pub(crate) fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// The parent element.
    pub(crate) fn parent(self) -> Option<Self> {
        self.at(self.node()?.parent)
    }

    /// The child elements.
    pub(crate) fn children(self) -> Children<'t> {
        Children { tree: self.tree, next: self.first_child() }
    }

    fn first_child(self) -> u32 {
        if self.has_children() { self.id + 1 } else { NONE }
    }

    /// Whether it has child elements.
    pub(crate) fn has_children(self) -> bool {
        self.node().is_some_and(|n| n.parental)
    }

    /// Its attributes: name as written and value. Namespace declarations are none.
    pub(crate) fn attributes(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let (from, count) =
            self.node().map_or((0, 0), |n| (n.first_attribute as usize, usize::from(n.attributes)));
        let own = self.tree.attributes.get(from..from + count).unwrap_or_default();
        own.iter().map(move |a| (self.tree.read_piece(a.name), self.tree.read_piece(a.value)))
    }

    /// An attribute without namespace.
    pub(crate) fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The text of its own, without that of elements below.
    pub(crate) fn own_text(self) -> &'t str {
        self.node().map_or("", |n| self.tree.read_piece(n.text))
    }

    /// The text of it and all below, as XPath's `string()`.
    pub(crate) fn text(self) -> Cow<'t, str> {
        let own = self.own_text();
        if !self.has_children() {
            return Cow::Borrowed(own);
        }
        let mut all = own.to_owned();
        for child in self.children() {
            all.push_str(&child.text());
        }
        Cow::Owned(all)
    }

    /// Its name with the usual prefix, `cac:Party`; as it is without prefix outside the namespaces of UBL components.
    pub(crate) fn usual_name(self) -> String {
        let prefix = match self.space() {
            Space::Cac => "cac:",
            Space::Cbc => "cbc:",
            Space::Ext => "ext:",
            _ => "",
        };
        format!("{prefix}{}", self.local())
    }

    /// Its number in the document.
    pub(crate) fn id(self) -> u32 {
        self.id
    }

    /// Where it is, for people: `/Invoice/cac:InvoiceLine[2]/cbc:ID`. Numbered where siblings share its name.
    pub(crate) fn path(self) -> String {
        self.path_by(&self.tree.numbers())
    }

    /// The same by numbers made once for many.
    pub(crate) fn path_by(self, numbers: &Numbers) -> String {
        let Some(parent) = self.parent() else { return format!("/{}", self.local()) };
        let number = match numbers.0.get(self.id as usize) {
            Some(number) if *number > 0 => format!("[{number}]"),
            _ => String::new(),
        };
        format!("{}/{}{number}", parent.path_by(numbers), self.usual_name())
    }
}

/// The position of each element among the siblings of its name; 0 where it is the only one.
pub(crate) struct Numbers(Vec<u32>);

/// The child elements of an element.
pub(crate) struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Element<'t>;

    fn next(&mut self) -> Option<Element<'t>> {
        let id = self.next;
        self.next = self.tree.nodes.get(id as usize)?.next;
        Some(Element { tree: self.tree, id })
    }
}
