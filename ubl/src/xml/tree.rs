//! One pass over the bytes of a document into a compact tree that borrows from them.

use crate::{Error, Result};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::{Attribute, Attributes};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::PrefixDeclaration;
use quick_xml::reader::Reader;
use std::borrow::Cow;
use std::collections::HashMap;

/// Longest document that is read: 100 MB, the largest the network profiles foresee.
pub const MAX_BYTES: usize = 100 * 1024 * 1024;
/// UBL needs about a dozen levels.
const MAX_DEPTH: usize = 64;
/// UBL needs at most eight on an element, the root's declarations apart.
const MAX_ATTRIBUTES: usize = 64;
/// About 100,000 invoice lines.
const MAX_ELEMENTS: usize = 4_000_000;
/// Lines apart, which may be as many as the document has room for. Rules look from one child at its siblings.
const MAX_CHILDREN: u32 = 4000;

const NONE: u32 = u32::MAX;

/// The namespaces the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ns {
    Absent,
    Invoice,
    CreditNote,
    Cac,
    Cbc,
    Ext,
    Other,
}

impl Ns {
    fn of(uri: &str) -> Self {
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

struct Node<'a> {
    qname: &'a str,
    local: u16,
    ns: Ns,
    parent: u32,
    first: u32,
    next: u32,
    attributes: (u32, u32),
    text: Option<Cow<'a, str>>,
}

/// A document. Elements are numbered in document order.
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
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
    /// UTF-8, or a document over one of the limits above.
    pub(crate) fn read(xml: &'a [u8]) -> Result<Self> {
        if xml.len() > MAX_BYTES {
            return Err(error(MAX_BYTES, format!("longer than {MAX_BYTES} bytes, the most that is read")));
        }
        let bytes = xml.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(xml);
        let text = std::str::from_utf8(bytes)
            .map_err(|e| error(e.valid_up_to(), "not UTF-8, the only encoding that is read"))?;
        if let Some(at) = text.find(|c| !is_xml_char(c)) {
            return Err(error(at, "a character that XML does not allow"));
        }
        Builder::new(text).build()
    }

    /// The root element.
    pub(crate) fn root(&self) -> Element<'_> {
        Element { tree: self, id: 0 }
    }

    /// Every element in document order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        (0..self.nodes.len()).map(|id| Element { tree: self, id: index(id) })
    }

    /// The positions that paths are written with.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut numbers = vec![0; self.nodes.len()];
        let mut seen: HashMap<_, (usize, u32)> = HashMap::new();
        for (id, node) in self.nodes.iter().enumerate() {
            let name = (node.parent, node.ns as u8, node.qname.get(usize::from(node.local)..));
            let (first, count) = seen.entry(name).or_insert((id, 0));
            *count += 1;
            if *count > 1 {
                for (at, number) in [(*first, 1), (id, *count)] {
                    if let Some(slot) = numbers.get_mut(at) {
                        *slot = number;
                    }
                }
            }
        }
        Numbers(numbers)
    }

    /// The names and values of every attribute of the document.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (*name, value.as_ref()))
    }
}

/// Characters XML 1.0 allows.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

fn error(position: usize, message: impl Into<String>) -> Error {
    // A message of the XML reader repeats names as they are, however long.
    let message = message.into().chars().take(200).collect();
    Error::Xml { position: position as u64, message }
}

/// Lists of nodes are limited to `MAX_ELEMENTS`, attributes to 64 each, so both fit.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}

/// `part` as a slice of the whole `text` it lies in, so that it lives as long.
fn within<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    text.get(start..start.checked_add(part.len())?)
}

fn local_start(qname: &str) -> u16 {
    qname.find(':').and_then(|at| u16::try_from(at + 1).ok()).unwrap_or(0)
}

/// An element whose end is not reached.
struct Open {
    id: u32,
    last_child: u32,
    /// Without lines.
    children: u32,
}

struct Builder<'a> {
    text: &'a str,
    tree: Tree<'a>,
    open: Vec<Open>,
    /// Prefix, namespace, and the depth it was declared at.
    prefixes: Vec<(&'a str, Ns, usize)>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let tree = Tree {
            nodes: Vec::with_capacity((text.len() / 64).min(MAX_ELEMENTS)),
            attributes: Vec::with_capacity(text.len() / 256),
        };
        Self { text, tree, open: Vec::new(), prefixes: Vec::new() }
    }

    fn build(mut self) -> Result<Tree<'a>> {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().check_comments = true;
        loop {
            let event = reader.read_event();
            let at = usize::try_from(reader.error_position()).unwrap_or(0);
            let event = event.map_err(|e| error(at, e.to_string()))?;
            let at = usize::try_from(reader.buffer_position()).unwrap_or(0);
            match event {
                Event::Start(start) => self.start(&start, at)?,
                Event::Empty(start) => {
                    self.start(&start, at)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(piece) => self.piece(piece.xml10_content(), at)?,
                Event::CData(piece) => self.piece(piece.xml10_content(), at)?,
                Event::GeneralRef(reference) => self.piece(resolve(&reference, at)?, at)?,
                Event::Decl(declaration) => {
                    if let Some(encoding) = declaration.encoding() {
                        check_encoding(&encoding.map_err(|e| error(at, e.to_string()))?, at)?;
                    }
                }
                Event::DocType(_) => {
                    return Err(error(at, "a document type declaration, which is never read"));
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return self.finish(at),
            }
        }
    }

    fn finish(self, at: usize) -> Result<Tree<'a>> {
        if !self.open.is_empty() {
            return Err(error(at, "the document ends inside an element"));
        }
        if self.tree.nodes.is_empty() {
            return Err(error(at, "there is no element"));
        }
        Ok(self.tree)
    }

    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<()> {
        if self.open.is_empty() && !self.tree.nodes.is_empty() {
            return Err(error(at, "a second root element"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(error(at, format!("nested deeper than {MAX_DEPTH} elements")));
        }
        if self.tree.nodes.len() >= MAX_ELEMENTS {
            return Err(error(at, format!("more than {MAX_ELEMENTS} elements")));
        }
        let lost = || error(at, "a tag that cannot be placed in the document");
        let tag = within(self.text, start).ok_or_else(lost)?;
        let qname = tag.get(..start.name().0.len()).ok_or_else(lost)?;
        if !is_name(qname) {
            return Err(error(at, format!("{:?} is not an element name", short(qname))));
        }
        let attributes = self.attributes(tag, qname.len(), at)?;
        let local = local_start(qname);
        let ns = self.resolve(qname.get(..usize::from(local).saturating_sub(1)).unwrap_or_default(), at)?;
        self.push(Node {
            qname,
            local,
            ns,
            parent: self.open.last().map_or(NONE, |open| open.id),
            first: NONE,
            next: NONE,
            attributes,
            text: None,
        });
        let siblings = self.open.iter().rev().nth(1).map_or(0, |parent| parent.children);
        if siblings > MAX_CHILDREN {
            return Err(error(at, format!("more than {MAX_CHILDREN} elements, lines apart, in one element")));
        }
        Ok(())
    }

    /// Appends a node to the last open element and opens it.
    fn push(&mut self, node: Node<'a>) {
        let id = index(self.tree.nodes.len());
        let line = self.open.len() == 1
            && matches!(node.qname.get(usize::from(node.local)..), Some("InvoiceLine" | "CreditNoteLine"));
        if let Some(parent) = self.open.last_mut() {
            let slot = if parent.last_child == NONE {
                self.tree.nodes.get_mut(parent.id as usize).map(|n| &mut n.first)
            } else {
                self.tree.nodes.get_mut(parent.last_child as usize).map(|n| &mut n.next)
            };
            if let Some(slot) = slot {
                *slot = id;
            }
            parent.last_child = id;
            parent.children += u32::from(!line);
        }
        self.tree.nodes.push(node);
        self.open.push(Open { id, last_child: NONE, children: 0 });
    }

    fn end(&mut self) {
        self.open.pop();
        let depth = self.open.len();
        while self.prefixes.last().is_some_and(|(_, _, declared)| *declared >= depth) {
            self.prefixes.pop();
        }
    }

    fn attributes(&mut self, tag: &'a str, name_length: usize, at: usize) -> Result<(u32, u32)> {
        let from = self.tree.attributes.len();
        for (count, attribute) in Attributes::new(tag, name_length).enumerate() {
            if count >= MAX_ATTRIBUTES {
                return Err(error(at, format!("more than {MAX_ATTRIBUTES} attributes on one element")));
            }
            let attribute = attribute.map_err(|e| error(at, e.to_string()))?;
            self.attribute(&attribute, at)?;
        }
        Ok((index(from), index(self.tree.attributes.len())))
    }

    fn attribute(&mut self, attribute: &Attribute<'a>, at: usize) -> Result<()> {
        let name = attribute.key.0;
        if attribute.value.contains('<') || !is_name(name) {
            return Err(error(at, format!("attribute {:?} is not well-formed", short(name))));
        }
        let value =
            attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| error(at, e.to_string()))?;
        if let Some(bad) = value.chars().find(|c| !is_xml_char(*c)) {
            return Err(error(at, format!("attribute {name:?} holds {bad:?}, which XML does not allow")));
        }
        match attribute.key.as_namespace_binding() {
            Some(PrefixDeclaration::Default) => self.declare("", &value),
            Some(PrefixDeclaration::Named(_)) => self.declare(name.get(6..).unwrap_or_default(), &value),
            None => self.tree.attributes.push((name, value)),
        }
        Ok(())
    }

    fn declare(&mut self, prefix: &'a str, uri: &str) {
        self.prefixes.push((prefix, Ns::of(uri.trim()), self.open.len()));
    }

    fn resolve(&self, prefix: &str, at: usize) -> Result<Ns> {
        match self.prefixes.iter().rev().find(|(declared, _, _)| *declared == prefix) {
            Some((_, ns, _)) => Ok(*ns),
            None if prefix.is_empty() => Ok(Ns::Absent),
            None => Err(error(at, format!("the prefix {:?} is not declared", short(prefix)))),
        }
    }

    fn piece(&mut self, piece: Cow<'a, str>, at: usize) -> Result<()> {
        let Some(open) = self.open.last() else {
            let blank = piece.chars().all(is_space);
            return if blank { Ok(()) } else { Err(error(at, "text outside the root element")) };
        };
        let Some(node) = self.tree.nodes.get_mut(open.id as usize) else { return Ok(()) };
        match &mut node.text {
            Some(text) => text.to_mut().push_str(&piece),
            // Indentation between elements is not worth keeping, but ` ` alone in a leaf is told from nothing.
            None => node.text = Some(piece),
        }
        Ok(())
    }
}

fn check_encoding(encoding: &str, at: usize) -> Result<()> {
    if ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| encoding.eq_ignore_ascii_case(known)) {
        Ok(())
    } else {
        Err(error(at, format!("declared as {:?}; UTF-8 is the only encoding that is read", short(encoding))))
    }
}

fn resolve<'a>(reference: &BytesRef<'a>, at: usize) -> Result<Cow<'a, str>> {
    let character = reference.resolve_char_ref().map_err(|e| error(at, e.to_string()))?;
    if let Some(character) = character {
        return if is_xml_char(character) {
            Ok(Cow::Owned(character.to_string()))
        } else {
            Err(error(at, format!("a reference to {character:?}, which XML does not allow")))
        };
    }
    match resolve_predefined_entity(reference) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => Err(error(at, format!("the entity {:?}, which is never expanded", short(reference)))),
    }
}

/// A QName, with what XML allows in one except the rarer letters' own table.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c == '_' || c.is_alphabetic())
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '·'))
    };
    name.split_once(':').map_or_else(|| part(name), |(prefix, local)| part(prefix) && part(local))
}

fn short(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

/// White space of XML, which is less than Unicode's.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

impl<'t> Element<'t> {
    fn node(self) -> Option<&'t Node<'t>> {
        self.tree.nodes.get(self.id as usize)
    }

    fn at(self, id: u32) -> Option<Self> {
        (id != NONE).then_some(Self { tree: self.tree, id })
    }

    /// The name without prefix.
    pub(crate) fn local(self) -> &'t str {
        self.node().and_then(|n| n.qname.get(usize::from(n.local)..)).unwrap_or_default()
    }

    /// The name as written, with its prefix.
    pub(crate) fn qname(self) -> &'t str {
        self.node().map_or("", |n| n.qname)
    }

    /// The namespace.
    pub(crate) fn ns(self) -> Ns {
        self.node().map_or(Ns::Other, |n| n.ns)
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
    pub(crate) fn children(self) -> impl Iterator<Item = Self> + 't {
        let first = self.node().and_then(|n| self.at(n.first));
        std::iter::successors(first, |e| e.node().and_then(|n| e.at(n.next)))
    }

    /// Whether it has child elements.
    pub(crate) fn has_children(self) -> bool {
        self.node().is_some_and(|n| n.first != NONE)
    }

    /// An attribute without namespace.
    pub(crate) fn attribute(self, name: &str) -> Option<&'t str> {
        let (from, to) = self.node()?.attributes;
        let own = self.tree.attributes.get(from as usize..to as usize)?;
        own.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_ref())
    }

    /// The text of it and all below, as XPath's `string()`.
    pub(crate) fn text(self) -> Cow<'t, str> {
        let own = self.node().and_then(|n| n.text.as_deref()).unwrap_or_default();
        if !self.has_children() {
            return Cow::Borrowed(own);
        }
        let mut all = own.to_owned();
        for child in self.children() {
            all.push_str(&child.text());
        }
        Cow::Owned(all)
    }

    /// Whether it is `name`, written `cbc:ID`, `cac:Party` or `ext:UBLExtensions`.
    pub(crate) fn is(self, name: &str) -> bool {
        let (ns, local) = split_name(name);
        self.node().is_some_and(|n| n.ns == ns && n.qname.get(usize::from(n.local)..) == Some(local))
    }

    /// The elements a path of child names leads to, in document order: `cac:Party/cac:PostalAddress`.
    pub(crate) fn all<'p>(self, path: &'p str) -> Box<dyn Iterator<Item = Self> + 'p>
    where
        't: 'p,
    {
        match path.split_once('/') {
            None => Box::new(self.children().filter(move |e| e.is(path))),
            Some((step, rest)) => {
                Box::new(self.children().filter(move |e| e.is(step)).flat_map(move |e| e.all(rest)))
            }
        }
    }

    /// The first element a path leads to.
    pub(crate) fn first(self, path: &str) -> Option<Self> {
        match path.split_once('/') {
            None => self.children().find(|e| e.is(path)),
            Some((step, rest)) => self.children().filter(|e| e.is(step)).find_map(|e| e.first(rest)),
        }
    }

    /// Whether a path leads anywhere.
    pub(crate) fn has(self, path: &str) -> bool {
        self.first(path).is_some()
    }

    /// Its name with the usual prefix, `cac:Party`; none outside the namespaces of UBL components.
    pub(crate) fn name_with_prefix(self) -> Option<String> {
        let prefix = match self.ns() {
            Ns::Cac => "cac:",
            Ns::Cbc => "cbc:",
            Ns::Ext => "ext:",
            _ => return None,
        };
        Some(format!("{prefix}{}", self.local()))
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
        let name = self.name_with_prefix().unwrap_or_else(|| self.local().to_owned());
        let number = match numbers.0.get(self.id as usize) {
            Some(number) if *number > 0 => format!("[{number}]"),
            _ => String::new(),
        };
        format!("{}/{name}{number}", parent.path_by(numbers))
    }
}

/// The position of each element among the siblings of its name; 0 where it is the only one.
pub(crate) struct Numbers(Vec<u32>);

fn split_name(name: &str) -> (Ns, &str) {
    match name.get(..4) {
        Some("cbc:") => (Ns::Cbc, &name[4..]),
        Some("cac:") => (Ns::Cac, &name[4..]),
        Some("ext:") => (Ns::Ext, &name[4..]),
        _ => (Ns::Other, name),
    }
}
