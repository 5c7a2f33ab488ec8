//! Puts back what was kept beside the fields, each piece at its place.

use super::names::{CAC, CBC};
use super::out::{Attributes, Out, Tag, is_blank};
use crate::vocabulary::{Name, Space};
use crate::{Content, ForeignElement, Kept, Piece, Rest};

/// What is kept at an aggregate while it is written.
pub(super) struct Scope<'i> {
    rest: &'i [Kept],
    /// Where it is below the struct's own aggregate.
    path: String,
    of: Name,
    elements: Vec<Placed<'i>>,
    next: usize,
    /// Rank of the children written last, and how many of it.
    rank: usize,
    count: u32,
}

/// An element and its place: the position its name has in the schema, 0 for before all, and how many stand before it.
struct Placed<'i> {
    rank: usize,
    nth: u32,
    element: &'i ForeignElement,
}

impl<'i> Scope<'i> {
    /// None where nothing is kept.
    pub(super) fn of(rest: &'i Rest, of: Name) -> Option<Box<Self>> {
        (!rest.is_empty()).then(|| Self::at(rest.pieces(), String::new(), of))
    }

    /// That of an aggregate below, of the same struct.
    pub(super) fn inner(&self, tag: &'static Tag, number: usize) -> Box<Self> {
        let mut path = self.path.clone();
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(tag.name);
        if number > 1 {
            path.push_str(&format!("[{number}]"));
        }
        Self::at(self.rest, path, tag.id)
    }

    fn at(rest: &'i [Kept], path: String, of: Name) -> Box<Self> {
        let mut elements: Vec<_> =
            rest.iter().filter(|kept| kept.path == path).filter_map(|kept| placed(kept, of)).collect();
        elements.sort_by_key(|placed| (placed.rank, placed.nth));
        Box::new(Self { rest, path, of, elements, next: 0, rank: 0, count: 0 })
    }

    fn of_leaf(&self, tag: &'static Tag, number: usize) -> impl Iterator<Item = &'i Kept> {
        self.rest.iter().filter(move |kept| is_leaf(&kept.path, &self.path, tag.name, number))
    }

    pub(super) fn form(&self, tag: &'static Tag, number: usize) -> Option<Option<&'i str>> {
        self.of_leaf(tag, number).find_map(|kept| match &kept.piece {
            Piece::Form(form) => Some(form.as_deref()),
            _ => None,
        })
    }

    pub(super) fn attributes_of(&self, tag: &'static Tag, number: usize) -> impl Iterator<Item = &'i Kept> {
        self.of_leaf(tag, number).filter(|kept| matches!(kept.piece, Piece::Attribute { .. }))
    }

    fn own(&self) -> impl Iterator<Item = &'i Kept> {
        self.rest.iter().filter(|kept| kept.path == self.path)
    }

    /// The next element that stands before a child of `rank`; any, where there is no such child.
    fn due(&mut self, rank: Option<usize>) -> Option<&'i ForeignElement> {
        let placed = self.elements.get(self.next)?;
        if let Some(rank) = rank {
            let before = placed.rank < rank || (placed.rank == rank && placed.nth <= self.count);
            if !before {
                return None;
            }
            if placed.rank == rank {
                self.count += 1;
            }
        }
        self.next += 1;
        Some(placed.element)
    }
}

fn is_leaf(path: &str, below: &str, name: &str, number: usize) -> bool {
    let leaf = match path.strip_prefix(below) {
        Some(leaf) if below.is_empty() => Some(leaf),
        Some(leaf) => leaf.strip_prefix('/'),
        None => None,
    };
    let rest = leaf.and_then(|leaf| leaf.strip_prefix(name));
    rest.is_some_and(|rest| if number > 1 { rest == format!("[{number}]") } else { rest.is_empty() })
}

fn placed(kept: &Kept, of: Name) -> Option<Placed<'_>> {
    let Piece::Element { after, nth, content } = &kept.piece else { return None };
    let name = match after {
        Some(after) => named(after),
        None => {
            let local = content.name.split_once(':').map_or(content.name.as_str(), |(_, local)| local);
            Name::look_up(Space::of(&content.namespace), local)
        }
    };
    Some(Placed { rank: rank(of, name), nth: *nth, element: content })
}

/// The name of `cbc:ID`.
fn named(written: &str) -> Name {
    match written.split_once(':') {
        Some(("cbc", local)) => Name::look_up(Space::Cbc, local),
        Some(("cac", local)) => Name::look_up(Space::Cac, local),
        Some(("ext", local)) => Name::look_up(Space::Ext, local),
        _ => Name::Other,
    }
}

/// The position of a child in the schema, from 1; 0 for what it does not know.
fn rank(of: Name, child: Name) -> usize {
    let children = of.of_type().map_or(&[][..], |of| of.children());
    children.iter().position(|c| c.name == child).map_or(0, |at| at + 1)
}

impl<'i> Out<'i> {
    /// Writes the kept elements that stand before the next child of this name.
    pub(super) fn before(&mut self, tag: &'static Tag) {
        let Some(scope) = &mut self.scope else { return };
        let rank = rank(scope.of, tag.id);
        if rank != scope.rank {
            // What stands before the first of its name comes with the first.
            scope.rank = rank;
            scope.count = 0;
        }
        while let Some(element) = self.scope.as_mut().and_then(|scope| scope.due(Some(rank))) {
            self.kept_element(element);
        }
    }

    /// Counts a child that was written.
    pub(super) fn wrote(&mut self) {
        if let Some(scope) = &mut self.scope {
            scope.count += 1;
        }
    }

    /// Writes the kept elements that are left.
    pub(super) fn flush(&mut self) {
        while let Some(element) = self.scope.as_mut().and_then(|scope| scope.due(None)) {
            self.kept_element(element);
        }
    }

    /// The attributes kept for the aggregate being written.
    pub(super) fn kept_attributes(&mut self, own: Attributes<'_>) {
        let Some(scope) = &self.scope else { return };
        let kept: Vec<_> = scope.own().collect();
        self.attributes(own, &kept);
    }

    /// The text kept for the aggregate being written.
    pub(super) fn kept_text(&mut self) {
        let Some(scope) = &self.scope else { return };
        let texts = scope.own().filter_map(|kept| match &kept.piece {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        });
        for text in texts.collect::<Vec<_>>() {
            self.escaped(text, false);
        }
    }

    /// Attributes of ours, unless kept otherwise, and those kept.
    pub(super) fn attributes(&mut self, own: Attributes<'_>, kept: &[&'i Kept]) {
        let pieces = kept.iter().filter_map(|kept| match &kept.piece {
            Piece::Attribute { name, namespace, value } => Some((name, namespace, value)),
            _ => None,
        });
        let pieces: Vec<_> = pieces.collect();
        for (name, value) in own.iter().filter(|(name, _)| pieces.iter().all(|(kept, _, _)| kept != name)) {
            self.attribute(name, value);
        }
        let mut declared = Vec::new();
        for (name, namespace, value) in pieces {
            let Some(value) = value else { continue };
            if let Some((prefix, _)) = name.split_once(':').filter(|(prefix, _)| *prefix != "xml")
                && !declared.contains(&prefix)
            {
                declared.push(prefix);
                self.any_attribute(&format!("xmlns:{prefix}"), namespace);
            }
            self.any_attribute(name, value);
        }
    }

    fn kept_element(&mut self, element: &'i ForeignElement) {
        self.indent();
        // The root declares these; its own namespace is the default one, in which nothing is kept.
        let mut spaces = vec![("cac", CAC), ("cbc", CBC)];
        self.foreign(element, &mut spaces);
        self.push("\n");
    }

    fn foreign(&mut self, element: &'i ForeignElement, spaces: &mut Vec<(&'i str, &'i str)>) {
        let outer = spaces.len();
        self.push("<");
        self.push(&element.name);
        let prefix = element.name.split_once(':').map_or("", |(prefix, _)| prefix);
        self.declare(prefix, &element.namespace, spaces);
        for attribute in &element.attributes {
            if let Some((prefix, _)) = attribute.name.split_once(':').filter(|(prefix, _)| *prefix != "xml") {
                self.declare(prefix, &attribute.namespace, spaces);
            }
            self.any_attribute(&attribute.name, &attribute.value);
        }
        self.push(">");
        for content in &element.content {
            match content {
                Content::Text(text) => self.escaped(text, false),
                Content::Element(child) => self.foreign(child, spaces),
            }
        }
        self.push("</");
        self.push(&element.name);
        self.push(">");
        spaces.truncate(outer);
    }

    /// Declares a namespace where the prefix does not stand for it already.
    fn declare(&mut self, prefix: &'i str, namespace: &'i str, spaces: &mut Vec<(&'i str, &'i str)>) {
        let known = spaces.iter().rev().find(|(known, _)| *known == prefix);
        if known.is_some_and(|(_, uri)| *uri == namespace) {
            return;
        }
        spaces.push((prefix, namespace));
        if prefix.is_empty() {
            self.any_attribute("xmlns", namespace);
        } else if !is_blank(namespace) {
            self.any_attribute(&format!("xmlns:{prefix}"), namespace);
        }
    }
}
