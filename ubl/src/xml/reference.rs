//! The tree of a document as the events of quick-xml make it: what the reader of our own is held against.

use super::build::MAX_ELEMENTS;
use super::spelling::{is_name, is_white, short};
use super::tree::{Attr, Declaration, NONE, Node, Piece, Tree, error, index, is_xml_char};
use super::{scan, soundness};
use crate::Result;
use crate::vocabulary::{Name, Space};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::{Attribute, Attributes};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;

/// UBL needs about a dozen levels.
const MAX_DEPTH: usize = 64;
/// UBL needs at most eight on an element, the root's declarations apart.
const MAX_ATTRIBUTES: usize = 64;
/// UBL needs about five at a time.
const MAX_PREFIXES: usize = 128;
/// Lines apart, which may be as many as the document has room for. Rules look from one child at its siblings.
const MAX_CHILDREN: u32 = 4000;

/// An element whose end is not reached.
struct Open {
    id: u32,
    last_child: u32,
    /// Without lines.
    children: u32,
}

/// What a prefix stands for, from the depth it was declared at.
struct Prefix<'a> {
    prefix: &'a str,
    space: Space,
    /// Its place among the declarations.
    declaration: usize,
    depth: usize,
}

/// Reads a document.
pub(super) fn read(xml: &[u8]) -> Result<Tree<'_>> {
    let bytes = xml.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(xml);
    let text = std::str::from_utf8(bytes).map_err(|e| error(e.valid_up_to(), "not UTF-8"))?;
    if text.starts_with('\u{FEFF}') {
        return Err(error(0, "a second byte order mark"));
    }
    scan::characters(text).map_err(|at| error(at, "a character that XML does not allow"))?;
    Builder::new(text).build()
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<Open>,
    prefixes: Vec<Prefix<'a>>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let tree = Tree {
            source,
            own: Vec::new(),
            // Room for a dense document: what is not used is never touched, while growing copies everything.
            nodes: Vec::with_capacity((source.len() / 36).min(MAX_ELEMENTS)),
            attributes: Vec::with_capacity(source.len() / 96),
            declarations: Vec::new(),
            runs: Vec::new(),
            lines: 0,
        };
        Self { tree, open: Vec::new(), prefixes: Vec::new() }
    }

    fn build(mut self) -> Result<Tree<'a>> {
        let mut reader = Reader::from_str(self.tree.source);
        reader.config_mut().check_comments = true;
        let ends_of_cdata = self.tree.source.contains("]]>");
        let mut begun = false;
        loop {
            let event = reader.read_event();
            let at = usize::try_from(reader.buffer_position()).unwrap_or(0);
            let event = event
                .map_err(|e| error(usize::try_from(reader.error_position()).unwrap_or(0), e.to_string()))?;
            match event {
                Event::Start(start) => self.start(&start, at)?,
                Event::Empty(start) => {
                    self.start(&start, at)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(piece) => {
                    if ends_of_cdata && piece.contains("]]>") {
                        return Err(error(
                            at,
                            "]]> stands in a text, where only a CDATA section ends with it",
                        ));
                    }
                    self.piece(piece.xml10_content(), at)?;
                }
                Event::CData(_) | Event::GeneralRef(_) if self.open.is_empty() => {
                    return Err(error(at, "text outside the root element"));
                }
                Event::CData(piece) => self.piece(piece.xml10_content(), at)?,
                Event::GeneralRef(reference) => self.piece(resolve(&reference, at)?, at)?,
                Event::Decl(declaration) => {
                    if std::mem::replace(&mut begun, true) {
                        return Err(error(at, "an XML declaration that is not at the very beginning"));
                    }
                    soundness::declaration(&declaration).map_err(|e| error(at, e))?;
                    let encoding =
                        declaration.encoding().transpose().map_err(|e| error(at, e.to_string()))?;
                    if !encoding.is_none_or(|encoding| soundness::is_read(&encoding)) {
                        return Err(error(at, "another encoding"));
                    }
                }
                Event::DocType(_) => {
                    return Err(error(at, "a document type declaration, which is never read"));
                }
                Event::PI(instruction) => {
                    soundness::instruction(instruction.target()).map_err(|e| error(at, e))?;
                }
                Event::Comment(_) => {}
                Event::Eof => return self.finish(at),
            }
            begun = true;
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
        let tag = within(self.tree.source, start).ok_or_else(lost)?;
        let written = tag.get(..start.name().0.len()).ok_or_else(lost)?;
        let first_attribute = self.tree.attributes.len();
        if tag.len() > written.len() {
            self.attributes(tag, written.len(), at)?;
        }
        let colon = written.bytes().position(|byte| byte == b':');
        let (prefix, local) = colon.and_then(|at| written.split_at_checked(at)).unwrap_or(("", written));
        let local = if colon.is_some() { local.get(1..).unwrap_or_default() } else { local };
        let space = self.resolve(prefix, at)?;
        let name = Name::look_up(space, local);
        // A name that is known, behind a prefix that was declared, is well-formed.
        if name == Name::Other && !is_name(written) {
            return Err(error(at, format!("{:?} is not an element name", short(written))));
        }
        let node = Node {
            name,
            parent: self.open.last().map_or(NONE, |open| open.id),
            next: NONE,
            first_attribute: index(first_attribute),
            written: index(offset(self.tree.source, written).unwrap_or(0)),
            text: Piece::EMPTY,
            attributes: u8::try_from(self.tree.attributes.len() - first_attribute).unwrap_or(u8::MAX),
            space,
            parental: false,
        };
        self.push(node, local);
        let siblings = self.open.iter().rev().nth(1).map_or(0, |parent| parent.children);
        if siblings > MAX_CHILDREN {
            return Err(error(at, format!("more than {MAX_CHILDREN} elements, lines apart, in one element")));
        }
        Ok(())
    }

    /// Appends a node to the last open element and opens it.
    fn push(&mut self, node: Node, local: &str) {
        let id = index(self.tree.nodes.len());
        let line = self.open.len() == 1 && matches!(local, "InvoiceLine" | "CreditNoteLine");
        if let Some(parent) = self.open.last_mut() {
            let nodes = &mut self.tree.nodes;
            if parent.last_child == NONE {
                if let Some(node) = nodes.get_mut(parent.id as usize) {
                    node.parental = true;
                }
            } else if let Some(node) = nodes.get_mut(parent.last_child as usize) {
                node.next = id;
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
        while self.prefixes.last().is_some_and(|p| p.depth >= depth) {
            self.prefixes.pop();
        }
    }

    fn attributes(&mut self, tag: &'a str, name_length: usize, at: usize) -> Result<()> {
        let first = self.tree.attributes.len();
        let (mut prefixed, mut behind) = (false, 0);
        let mut attributes = Attributes::new(tag, name_length);
        // Checked here, where the names already are.
        attributes.with_checks(false);
        for (count, attribute) in attributes.enumerate() {
            if count >= MAX_ATTRIBUTES {
                return Err(error(at, format!("more than {MAX_ATTRIBUTES} attributes on one element")));
            }
            let attribute = attribute.map_err(|e| error(at, e.to_string()))?;
            let name = attribute.key.0;
            // The usual ones need no second look.
            if !matches!(name, "currencyID" | "unitCode" | "schemeID" | "listID") && !is_name(name) {
                return Err(error(at, format!("attribute {:?} is not well-formed", short(name))));
            }
            let starts = offset(self.tree.source, name).unwrap_or(0);
            if starts <= behind {
                return Err(error(at, format!("no white space before the attribute {:?}", short(name))));
            }
            // The value ends before its quote.
            behind =
                offset(self.tree.source, &attribute.value).map_or(0, |at| at + attribute.value.len() + 1);
            let value = attribute_value(&attribute, at)?;
            match name.split_once(':') {
                Some(("xmlns", prefix)) => self.declare(prefix, value, at)?,
                None if name == "xmlns" => self.declare("", value, at)?,
                with_prefix => {
                    prefixed |= with_prefix.is_some();
                    self.add_attribute(first, name, value, at)?;
                }
            }
        }
        if prefixed { self.check_prefixed(first, at) } else { Ok(()) }
    }

    fn add_attribute(&mut self, first: usize, name: &str, value: Cow<'a, str>, at: usize) -> Result<()> {
        let tree = &self.tree;
        let mut others = tree.attributes.get(first..).unwrap_or_default().iter();
        if others.any(|other| other.name.read(tree.source, &tree.own) == name) {
            return Err(error(at, format!("the attribute {:?} stands twice on one element", short(name))));
        }
        let attr = Attr { name: self.place(name), value: self.keep(value) };
        self.tree.attributes.push(attr);
        Ok(())
    }

    /// Prefixes of attributes must be declared, and no two attributes may be one by namespace and local name.
    fn check_prefixed(&self, first: usize, at: usize) -> Result<()> {
        let mut seen = Vec::new();
        for attribute in self.tree.attributes.get(first..).unwrap_or_default() {
            let name = attribute.name.read(self.tree.source, &self.tree.own);
            let Some((prefix, local)) = name.split_once(':').filter(|(prefix, _)| *prefix != "xml") else {
                continue;
            };
            let declared = self.prefixes.iter().rev().find(|p| p.prefix == prefix);
            let uri = declared.and_then(|p| self.tree.declarations.get(p.declaration)).map(|d| d.uri);
            let Some(uri) = uri.map(|uri| uri.read(self.tree.source, &self.tree.own)) else {
                return Err(error(at, format!("the prefix {:?} is not declared", short(prefix))));
            };
            if seen.contains(&(uri, local)) {
                return Err(error(
                    at,
                    format!("the attribute {:?} stands twice on one element", short(local)),
                ));
            }
            seen.push((uri, local));
        }
        Ok(())
    }

    fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>, at: usize) -> Result<()> {
        let depth = self.open.len();
        soundness::binding(prefix, &uri)
            .map_err(|e| error(at, format!("xmlns:{} is not declared so: {e}", short(prefix))))?;
        if self.prefixes.len() >= MAX_PREFIXES {
            return Err(error(
                at,
                format!("more than {MAX_PREFIXES} namespaces declared one within the other"),
            ));
        }
        if self.prefixes.iter().rev().take_while(|p| p.depth == depth).any(|p| p.prefix == prefix) {
            return Err(error(
                at,
                format!("the prefix {:?} is declared twice on one element", short(prefix)),
            ));
        }
        let space = Space::of(&uri);
        let declaration = self.tree.declarations.len();
        self.prefixes.push(Prefix { prefix, space, declaration, depth });
        let element = index(self.tree.nodes.len());
        let declared = Declaration { element, prefix: self.place(prefix), uri: self.keep(uri) };
        self.tree.declarations.push(declared);
        Ok(())
    }

    fn resolve(&self, prefix: &str, at: usize) -> Result<Space> {
        match self.prefixes.iter().rev().find(|p| p.prefix == prefix) {
            Some(found) => Ok(found.space),
            None if prefix.is_empty() => Ok(Space::Absent),
            None => Err(error(at, format!("the prefix {:?} is not declared", short(prefix)))),
        }
    }

    /// A part of the source.
    fn place(&self, part: &str) -> Piece {
        offset(self.tree.source, part).map_or(Piece::EMPTY, |start| Piece::of_source(start, part.len()))
    }

    /// A text, which may be a part of the source or made of one.
    fn keep(&mut self, text: Cow<'a, str>) -> Piece {
        match text {
            Cow::Borrowed("") => Piece::EMPTY,
            Cow::Borrowed(text) if offset(self.tree.source, text).is_some() => self.place(text),
            text => {
                self.tree.own.push(text.into_owned());
                Piece::own(self.tree.own.len() - 1)
            }
        }
    }

    fn piece(&mut self, text: Cow<'a, str>, at: usize) -> Result<()> {
        let Some(open) = self.open.last() else {
            return if is_white(&text) { Ok(()) } else { Err(error(at, "text outside the root element")) };
        };
        // Indentation between elements is not worth keeping, but ` ` alone in a leaf is told from nothing.
        if text.is_empty() || (open.last_child != NONE && is_white(&text)) {
            return Ok(());
        }
        let id = open.id as usize;
        let before = self.tree.nodes.get(id).map_or(Piece::EMPTY, |n| n.text);
        let whole = if before.is_empty() { self.keep(text) } else { self.append(before, &text) };
        if let Some(node) = self.tree.nodes.get_mut(id) {
            node.text = whole;
        }
        Ok(())
    }

    /// `before` with more text behind it.
    fn append(&mut self, before: Piece, text: &str) -> Piece {
        if let Some(own) = before.own_number().and_then(|number| self.tree.own.get_mut(number)) {
            own.push_str(text);
            return before;
        }
        let whole = format!("{}{text}", before.read(self.tree.source, &self.tree.own));
        self.tree.own.push(whole);
        Piece::own(self.tree.own.len() - 1)
    }
}

/// Where `part` begins, if it is a slice of `source`.
fn offset(source: &str, part: &str) -> Option<usize> {
    let start = (part.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    (start.checked_add(part.len())? <= source.len()).then_some(start)
}

/// `part` as a slice of the whole `source` it lies in, so that it lives as long.
fn within<'a>(source: &'a str, part: &str) -> Option<&'a str> {
    let start = offset(source, part)?;
    source.get(start..start + part.len())
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
        Some(text) => Ok(Cow::Owned(text.to_owned())),
        None => Err(error(at, format!("the entity {:?}, which is never expanded", short(reference)))),
    }
}

/// The value of an attribute with its references resolved and its white space made blanks.
fn attribute_value<'a>(attribute: &Attribute<'a>, at: usize) -> Result<Cow<'a, str>> {
    let name = attribute.key.0;
    if attribute.value.bytes().all(|b| b >= b' ' && b != b'<' && b != b'&') {
        return Ok(attribute.value.clone());
    }
    if attribute.value.contains('<') {
        return Err(error(at, format!("attribute {:?} is not well-formed", short(name))));
    }
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| error(at, e.to_string()))?;
    match value.chars().find(|c| !is_xml_char(*c)) {
        Some(bad) => Err(error(at, format!("attribute {name:?} holds {bad:?}, which XML does not allow"))),
        // What is made of the text lives on its own.
        None => Ok(Cow::Owned(value.into_owned())),
    }
}
