//! Makes the tree of a document from its elements, attributes and texts as they are met, refusing what names no namespace
//! and what is over a limit.

use super::soundness;
use super::spelling::{is_name, is_white, short};
use super::tree::{Attr, Declaration, NONE, Node, Piece, Run, Tree, error, index};
use crate::Result;
use crate::vocabulary::{Name, Space};
use std::borrow::Cow;

/// UBL needs about a dozen levels.
const MAX_DEPTH: usize = 64;
/// UBL needs about five at a time.
const MAX_PREFIXES: usize = 128;
/// About 100,000 invoice lines.
pub(super) const MAX_ELEMENTS: usize = 4_000_000;
/// Lines apart, which may be as many as the document has room for. Rules look from one child at its siblings.
const MAX_CHILDREN: u32 = 4000;

/// An element whose end is not reached.
struct Open<'a> {
    id: u32,
    last_child: u32,
    /// Without lines.
    children: u32,
    /// The name as written.
    written: &'a str,
}

/// What a prefix stands for, from the depth it was declared at.
struct Prefix<'a> {
    prefix: &'a str,
    packed: u64,
    space: Space,
    /// Its place among the declarations.
    declaration: usize,
    depth: usize,
}

pub(super) struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<Open<'a>>,
    prefixes: Vec<Prefix<'a>>,
    /// The first and the last of the children of the root that share a name so far.
    run: (u32, u32),
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a str) -> Self {
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
        Self { tree, open: Vec::new(), prefixes: Vec::new(), run: (0, 0) }
    }

    /// The tree, when the document is at its end.
    pub(super) fn finish(mut self, at: usize) -> Result<Tree<'a>> {
        if !self.open.is_empty() {
            return Err(error(at, "the document ends inside an element"));
        }
        if self.tree.nodes.is_empty() {
            return Err(error(at, "there is no element"));
        }
        self.end_run(NONE);
        Ok(self.tree)
    }

    /// Notes a child of the root: whether it goes on with the run of the one before, of which it has the name.
    fn note_run(&mut self, id: u32, goes_on: bool) {
        if !goes_on {
            self.end_run(id);
            self.run.0 = id;
        }
        self.run.1 = id;
    }

    fn end_run(&mut self, beyond: u32) {
        let (first, last) = self.run;
        if first != last {
            self.tree.runs.push(Run { first, beyond });
        }
    }

    /// Whether the reader stands inside the root element.
    pub(super) fn is_inside(&self) -> bool {
        !self.open.is_empty()
    }

    /// The name that the element to end next was begun with.
    pub(super) fn name_to_end(&self) -> Option<&'a str> {
        self.open.last().map(|open| open.written)
    }

    /// How many attributes there are, so that those of the next element can be told from those before.
    pub(super) fn attributes(&self) -> usize {
        self.tree.attributes.len()
    }

    /// Begins an element, whose attributes were met from number `first_attribute` on. `colon` is where its prefix ends.
    #[inline]
    pub(super) fn start(
        &mut self,
        at: usize,
        written: &'a str,
        colon: Option<usize>,
        first_attribute: usize,
    ) -> Result<()> {
        let (prefix, local_at) =
            colon.map_or(("", 0), |colon| (written.get(..colon).unwrap_or_default(), colon + 1));
        let local = written.get(local_at..).unwrap_or_default();
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
            written: index(at + 1),
            text: Piece::EMPTY,
            attributes: u8::try_from(self.tree.attributes.len() - first_attribute).unwrap_or(u8::MAX),
            space,
            parental: false,
        };
        self.push(node, written, local, at)
    }

    /// Appends a node to the last open element and opens it.
    #[inline]
    fn push(&mut self, node: Node, written: &'a str, local: &str, at: usize) -> Result<()> {
        let number = self.tree.nodes.len();
        if number >= MAX_ELEMENTS {
            return Err(error(at, format!("more than {MAX_ELEMENTS} elements")));
        }
        let depth = self.open.len();
        let id = index(number);
        if let Some(parent) = self.open.last_mut() {
            let only = parent.last_child == NONE;
            let before = if only { parent.id } else { parent.last_child };
            let mut goes_on = false;
            if let Some(before) = self.tree.nodes.get_mut(before as usize) {
                if only {
                    before.parental = true;
                } else {
                    before.next = id;
                    goes_on = before.name == node.name;
                }
            }
            parent.last_child = id;
            let line = depth == 1 && matches!(local, "InvoiceLine" | "CreditNoteLine");
            self.tree.lines += usize::from(line);
            parent.children += u32::from(!line);
            if parent.children > MAX_CHILDREN {
                return Err(error(
                    at,
                    format!("more than {MAX_CHILDREN} elements, lines apart, in one element"),
                ));
            }
            if depth >= MAX_DEPTH {
                return Err(error(at, format!("nested deeper than {MAX_DEPTH} elements")));
            }
            if depth == 1 {
                self.note_run(id, goes_on);
            }
        } else if number > 0 {
            return Err(error(at, "a second root element"));
        }
        self.open.push(Open { id, last_child: NONE, children: 0, written });
        self.tree.nodes.push(node);
        Ok(())
    }

    /// Ends the last open element.
    #[inline]
    pub(super) fn end(&mut self) {
        self.open.pop();
        let depth = self.open.len();
        while self.prefixes.last().is_some_and(|p| p.depth >= depth) {
            self.prefixes.pop();
        }
    }

    /// An attribute of the element that is to begin, which is a declaration of a namespace if its name says so. True if
    /// its name has a prefix.
    pub(super) fn attribute(
        &mut self,
        at: usize,
        name: &'a str,
        value: Cow<'a, str>,
        first_attribute: usize,
    ) -> Result<bool> {
        // The usual ones need no second look.
        if !matches!(name, "currencyID" | "unitCode" | "schemeID" | "listID") {
            if !is_name(name) {
                return Err(error(at, format!("attribute {:?} is not well-formed", short(name))));
            }
            match name.split_once(':') {
                Some(("xmlns", prefix)) => return self.declare(prefix, value, at).map(|()| false),
                None if name == "xmlns" => return self.declare("", value, at).map(|()| false),
                Some(_) => {
                    return self.add_attribute(first_attribute, name, value, at).map(|()| true);
                }
                None => {}
            }
        }
        self.add_attribute(first_attribute, name, value, at).map(|()| false)
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
    pub(super) fn check_prefixed(&self, first: usize, at: usize) -> Result<()> {
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
        self.prefixes.push(Prefix { prefix, packed: packed(prefix), space, declaration, depth });
        let element = index(self.tree.nodes.len());
        let declared = Declaration { element, prefix: self.place(prefix), uri: self.keep(uri) };
        self.tree.declarations.push(declared);
        Ok(())
    }

    #[inline]
    fn resolve(&self, prefix: &str, at: usize) -> Result<Space> {
        let packed = packed(prefix);
        let same = |p: &&Prefix<'_>| p.packed == packed && (prefix.len() < 8 || p.prefix == prefix);
        match self.prefixes.iter().rev().find(same) {
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
            Cow::Borrowed(text) => self.place(text),
            Cow::Owned(text) => {
                self.tree.own.push(text);
                Piece::own(self.tree.own.len() - 1)
            }
        }
    }

    /// A part of the source that is text as it stands.
    #[inline]
    pub(super) fn text(&mut self, start: usize, end: usize) -> Result<()> {
        // Most elements have either children or one text.
        if let Some(open) = self.open.last()
            && open.last_child == NONE
            && let Some(node) = self.tree.nodes.get_mut(open.id as usize)
            && node.text.is_empty()
        {
            node.text = Piece::of_source(start, end - start);
            return Ok(());
        }
        self.piece(start, Cow::Borrowed(self.tree.source.get(start..end).unwrap_or_default()))
    }

    /// A piece of text, of which an element may have several.
    pub(super) fn piece(&mut self, at: usize, text: Cow<'a, str>) -> Result<()> {
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

/// The first eight bytes of a prefix as a number, which compares faster than text.
#[inline]
fn packed(prefix: &str) -> u64 {
    prefix.bytes().take(8).fold(0, |packed, byte| packed << 8 | u64::from(byte))
}

/// Where `part` begins, if it is a slice of `source`.
fn offset(source: &str, part: &str) -> Option<usize> {
    let start = (part.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    (start.checked_add(part.len())? <= source.len()).then_some(start)
}
