//! What the reader does with every child of an aggregate: a field takes it, or it is kept as it is.

use super::foreign::{attribute_namespace, foreign, places};
use super::out::is_blank;
use super::tree::{Element, is_space};
use crate::calculate::amount_decimals;
use crate::rules::number;
use crate::vocabulary::Name;
use crate::{Currency, Error, Kept, Piece, Rest, Result};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::cell::Cell;

/// Aggregates the model flattens into one struct, one in the other.
const MAX_STEPS: usize = 6;

/// What is the same for a whole document.
pub(super) struct Context {
    pub(super) currency: Currency,
    places: u32,
    /// Whether nothing was met that the writer would write otherwise for a document of our own.
    own: Cell<bool>,
}

impl Context {
    pub(super) fn of(currency: Currency) -> Self {
        Self { currency, places: amount_decimals(currency), own: Cell::new(true) }
    }

    pub(super) fn own(&self) -> bool {
        self.own.get()
    }

    /// Notes something that a document of our own never has.
    pub(super) fn foreign(&self) {
        self.own.set(false);
    }
}

/// The children of one struct's aggregates, as they are read.
pub(super) struct Keep<'c> {
    pub(super) cx: &'c Context,
    kept: Vec<Kept>,
    steps: [(Name, usize); MAX_STEPS],
    depth: usize,
    /// The places of the children of one element, by their ids.
    places: Vec<(u32, Option<Name>, u32)>,
    placed: Option<u32>,
}

impl<'c> Keep<'c> {
    /// For the aggregate `element`, whose attributes and stray text are kept at once.
    pub(super) fn of(cx: &'c Context, element: Element<'_>) -> Self {
        let mut keep = Self {
            cx,
            kept: Vec::new(),
            steps: [(Name::Other, 1); MAX_STEPS],
            depth: 0,
            places: Vec::new(),
            placed: None,
        };
        keep.own_parts(element);
        keep
    }

    pub(super) fn done(self) -> Rest {
        Rest::of(self.kept)
    }

    /// Enters a child that the struct flattens: once, and not where it is empty. False: it was kept as it is.
    pub(super) fn group(&mut self, child: Element<'_>, seen: &mut bool) -> bool {
        if *seen {
            self.element(child);
            return false;
        }
        let entered = self.enter(child, 1);
        *seen = entered;
        entered
    }

    /// Enters the `number`th of the children of its name that are flattened.
    pub(super) fn enter(&mut self, child: Element<'_>, number: usize) -> bool {
        let empty = !child.has_children() && child.attributes().next().is_none();
        let Some(step) = self.steps.get_mut(self.depth).filter(|_| !empty) else {
            self.element(child);
            return false;
        };
        *step = (child.name(), number);
        self.depth += 1;
        self.own_parts(child);
        true
    }

    /// Leaves what was entered last.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn own_parts(&mut self, element: Element<'_>) {
        for attribute in element.attributes() {
            let piece = attribute_piece(element, attribute);
            self.push(String::new(), piece);
        }
        // White space around it is indentation, which the writer makes anew.
        let text = element.own_text().trim_matches(is_space);
        if !text.is_empty() {
            self.push(String::new(), Piece::Text(text.to_owned()));
        }
    }

    fn push(&mut self, leaf: String, piece: Piece) {
        let mut path = String::new();
        for (name, number) in self.steps.iter().take(self.depth) {
            if !path.is_empty() {
                path.push('/');
            }
            push_step(&mut path, *name, *number);
        }
        if !leaf.is_empty() {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&leaf);
        }
        self.kept.push(Kept { path, piece });
    }

    /// Keeps a child as it is.
    pub(super) fn element(&mut self, child: Element<'_>) {
        let (after, nth) = self.place(child);
        self.push(String::new(), Piece::Element { after, nth, content: foreign(child) });
    }

    fn place(&mut self, child: Element<'_>) -> (Option<String>, u32) {
        let Some(parent) = child.parent() else { return (None, 0) };
        if self.placed != Some(parent.id()) {
            self.places = places(parent);
            self.placed = Some(parent.id());
        }
        let found = self.places.binary_search_by_key(&child.id(), |(id, _, _)| *id).ok();
        let place = found.and_then(|at| self.places.get(at)).copied();
        let (_, after, nth) = place.unwrap_or_default();
        (after.map(written), nth)
    }

    /// Notes how a value stands.
    fn form(&mut self, child: Element<'_>, number: usize, form: Option<String>) {
        self.push(leaf(child, number), Piece::Form(form));
    }

    /// Notes that a value stands though it would not be written.
    pub(super) fn stands(&mut self, path: &str, text: &str) {
        self.push(path.to_owned(), Piece::Form(Some(text.to_owned())));
    }

    /// Notes that a value does not stand at all; `path` is below where the reader is.
    pub(super) fn absent(&mut self, path: &str) {
        self.push(path.to_owned(), Piece::Form(None));
    }

    /// Keeps the attributes of a leaf that are not among those a field takes.
    fn attributes(&mut self, child: Element<'_>, number: usize, taken: &[&str]) {
        for attribute in child.attributes().filter(|(name, _)| !taken.contains(name)) {
            let piece = attribute_piece(child, attribute);
            self.push(leaf(child, number), piece);
        }
    }

    /// The text of a leaf, if a field may take it; else the leaf is kept.
    fn leaf_text<'t>(&mut self, child: Element<'t>, filled: bool) -> Option<&'t str> {
        let text = child.own_text();
        if filled || child.has_children() || is_blank(text) {
            self.element(child);
            return None;
        }
        Some(text)
    }

    /// A text as written.
    pub(super) fn text(&mut self, child: Element<'_>, field: &mut Option<String>) {
        if let Some(text) = self.leaf_text(child, field.is_some()) {
            self.attributes(child, 1, &[]);
            *field = Some(text.to_owned());
        }
    }

    /// One of several texts: the first has a field, the others a list.
    pub(super) fn texts(&mut self, child: Element<'_>, first: &mut Option<String>, more: &mut Vec<String>) {
        if let Some(text) = self.leaf_text(child, false) {
            let number = if first.is_some() { more.len() + 2 } else { 1 };
            self.attributes(child, number, &[]);
            match first {
                Some(_) => append(more, text.to_owned()),
                None => *first = Some(text.to_owned()),
            }
        }
    }

    /// A text without white space around it: codes.
    pub(super) fn code(&mut self, child: Element<'_>, field: &mut Option<String>) {
        self.code_but(child, field, &[]);
    }

    fn code_but(&mut self, child: Element<'_>, field: &mut Option<String>, taken: &[&str]) {
        if let Some(text) = self.leaf_text(child, field.is_some()) {
            self.attributes(child, 1, taken);
            let code = text.trim_matches(is_space);
            if code.len() != text.len() {
                self.form(child, 1, Some(text.to_owned()));
            }
            *field = Some(code.to_owned());
        }
    }

    /// A text that is the same in every document of our kind.
    pub(super) fn constant(&mut self, child: Element<'_>, value: &str, seen: &mut bool) {
        if let Some(text) = self.leaf_text(child, *seen) {
            self.attributes(child, 1, &[]);
            if text != value {
                self.form(child, 1, Some(text.to_owned()));
            }
            *seen = true;
        }
    }

    /// An identifier with its scheme.
    pub(super) fn identifier(
        &mut self,
        child: Element<'_>,
        id: &mut Option<String>,
        scheme: &mut Option<String>,
    ) {
        if let Some(text) = self.leaf_text(child, id.is_some()) {
            *scheme = self.attribute(child, "schemeID");
            self.attributes(child, 1, if scheme.is_some() { &["schemeID"] } else { &[] });
            *id = Some(text.to_owned());
        }
    }

    /// A code with its name.
    pub(super) fn named(&mut self, child: Element<'_>, code: &mut Option<String>, name: &mut Option<String>) {
        let found = if code.is_none() { self.attribute(child, "name") } else { None };
        self.code_but(child, code, if found.is_some() { &["name"] } else { &[] });
        if found.is_some() {
            *name = found;
        }
    }

    /// A text with attributes that fields take; the caller reads those with `attribute`.
    pub(super) fn text_with<'t>(
        &mut self,
        child: Element<'t>,
        filled: bool,
        taken: &[&str],
    ) -> Option<&'t str> {
        let text = self.leaf_text(child, filled)?;
        for attribute in child.attributes() {
            if !taken.contains(&attribute.0) || is_blank(attribute.1) {
                let piece = attribute_piece(child, attribute);
                self.push(leaf(child, 1), piece);
            }
        }
        Some(text)
    }

    /// An attribute that is there and says something.
    pub(super) fn attribute(&self, child: Element<'_>, name: &str) -> Option<String> {
        child.attribute(name).filter(|value| !is_blank(value)).map(str::to_owned)
    }

    /// A date; one that is none is kept as it is.
    pub(super) fn date(&mut self, child: Element<'_>, field: &mut Option<NaiveDate>) {
        let text = child.own_text();
        let read = number::date(text).filter(|_| !child.has_children() && field.is_none());
        let Some(date) = read else { return self.element(child) };
        self.attributes(child, 1, &[]);
        if text.len() != 10 {
            self.form(child, 1, Some(text.to_owned()));
        }
        *field = Some(date);
    }

    /// A value that a field holds and that is written as `usual`.
    pub(super) fn timed(&mut self, child: Element<'_>, usual: &str) {
        self.attributes(child, 1, &[]);
        if child.own_text() != usual {
            self.form(child, 1, Some(child.own_text().to_owned()));
        }
    }

    /// A number without unit.
    pub(super) fn number(&mut self, child: Element<'_>, field: &mut Option<Decimal>) -> Result<()> {
        if let Some(value) = self.decimal(child, field.is_some())? {
            self.attributes(child, 1, &[]);
            *field = Some(value);
        }
        Ok(())
    }

    /// A number with its unit.
    pub(super) fn quantity(
        &mut self,
        child: Element<'_>,
        field: &mut Option<Decimal>,
        unit: &mut Option<String>,
    ) -> Result<()> {
        if let Some(value) = self.decimal(child, field.is_some())? {
            *unit = self.attribute(child, "unitCode");
            if unit.is_none() {
                self.without(child, "unitCode");
            }
            self.attributes(child, 1, if unit.is_some() { &["unitCode"] } else { &[] });
            *field = Some(value);
        }
        Ok(())
    }

    /// An amount of the document's currency.
    pub(super) fn amount(&mut self, child: Element<'_>, field: &mut Option<Decimal>) -> Result<()> {
        self.amount_in(child, field, self.cx.currency)?;
        if field.is_some_and(|v| v.scale() > self.cx.places && v.normalize().scale() > self.cx.places) {
            self.cx.foreign();
        }
        Ok(())
    }

    /// An amount of any number of decimals.
    pub(super) fn price(&mut self, child: Element<'_>, field: &mut Option<Decimal>) -> Result<()> {
        self.amount_in(child, field, self.cx.currency)?;
        if field.is_some_and(|v| v.scale() > 10 && v.normalize().scale() > 10) {
            self.cx.foreign();
        }
        Ok(())
    }

    pub(super) fn amount_in(
        &mut self,
        child: Element<'_>,
        field: &mut Option<Decimal>,
        currency: Currency,
    ) -> Result<()> {
        let Some(value) = self.decimal(child, field.is_some())? else { return Ok(()) };
        *field = Some(value);
        let mut attributes = child.attributes();
        let first = attributes.next();
        if first == Some(("currencyID", currency.code())) && attributes.next().is_none() {
            return Ok(());
        }
        match child.attribute("currencyID") {
            Some(code) if code == currency.code() => self.attributes(child, 1, &["currencyID"]),
            Some(_) => self.attributes(child, 1, &[]),
            None => {
                self.without(child, "currencyID");
                self.attributes(child, 1, &[]);
            }
        }
        Ok(())
    }

    /// Notes an attribute that is missing.
    fn without(&mut self, child: Element<'_>, name: &str) {
        let piece = Piece::Attribute { name: name.to_owned(), namespace: String::new(), value: None };
        if child.attribute(name).is_none() {
            self.push(leaf(child, 1), piece);
        }
    }

    fn decimal(&mut self, child: Element<'_>, filled: bool) -> Result<Option<Decimal>> {
        let Some(text) = self.leaf_text(child, filled) else { return Ok(None) };
        if let Some(value) = number::plain(text) {
            return Ok(Some(value));
        }
        let value = number::decimal(text).ok_or_else(|| {
            fault(child, format!("is {:?}, not a decimal number of at most 28 digits", shorten(text)))
        })?;
        if value.to_string() != text {
            self.form(child, 1, Some(text.to_owned()));
        }
        Ok(Some(value))
    }

    /// A yes or no.
    pub(super) fn indicator(&mut self, child: Element<'_>, field: &mut Option<bool>) {
        let Some(text) = self.leaf_text(child, field.is_some()) else { return };
        self.attributes(child, 1, &[]);
        let value = match text.trim_matches(is_space) {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return,
        };
        *field = Some(value);
        if !matches!(text, "true" | "false") {
            self.form(child, 1, Some(text.to_owned()));
        }
    }
}

/// Appends to a list of which most documents have one: no room is kept for more.
pub(super) fn append<T>(list: &mut Vec<T>, item: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(item);
}

/// A refusal that names an element.
pub(super) fn fault(element: Element<'_>, message: impl Into<String>) -> Error {
    Error::Document { path: element.path(), message: message.into() }
}

/// The beginning of a value, for messages.
pub(super) fn shorten(value: &str) -> String {
    value.chars().take(60).collect()
}

fn written(name: Name) -> String {
    let (prefix, local) = name.parts();
    format!("{prefix}{local}")
}

fn push_step(path: &mut String, name: Name, number: usize) {
    let (prefix, local) = name.parts();
    path.push_str(prefix);
    path.push_str(local);
    if number > 1 {
        path.push_str(&format!("[{number}]"));
    }
}

fn leaf(child: Element<'_>, number: usize) -> String {
    let mut path = String::new();
    push_step(&mut path, child.name(), number);
    path
}

fn attribute_piece(element: Element<'_>, (name, value): (&str, &str)) -> Piece {
    let namespace = attribute_namespace(element, name);
    Piece::Attribute { name: name.to_owned(), namespace, value: Some(value.to_owned()) }
}
