//! An exact view of a raw record: paths are resolved over its text, so numbers keep their digits.

use super::path::{self, Path, Step};
use crate::{Error, Result, connector::RecordShape, json};
use serde_json::value::RawValue;
use std::{borrow::Cow, cell::OnceCell, fmt};

/// A record as rules read it. Each object and list is split into its parts once, when a rule first looks into it.
pub struct Record<'a> {
    shape: RecordShape,
    whole: Node<'a>,
    bare: bool,
    /// `RecordShape::stand_ins`, read.
    stand_ins: Vec<(Path, Path)>,
}

/// A value of the record, and its parts once they were asked for.
#[derive(Debug)]
pub(super) struct Node<'a> {
    json: &'a str,
    parts: OnceCell<Parts<'a>>,
}

#[derive(Debug)]
enum Parts<'a> {
    Members(Vec<(Cow<'a, str>, Node<'a>)>),
    Elements(Vec<Node<'a>>),
}

impl<'a> Parts<'a> {
    fn members(members: Vec<(Cow<'a, str>, &'a RawValue)>) -> Self {
        Self::Members(members.into_iter().map(|(name, value)| (name, Node::new(value))).collect())
    }
}

impl<'a> Node<'a> {
    fn new(value: &'a RawValue) -> Self {
        Self { json: value.get(), parts: OnceCell::new() }
    }

    /// Its JSON text.
    pub(super) fn json(&self) -> &'a str {
        self.json
    }

    fn is_null(&self) -> bool {
        self.json == "null"
    }

    fn is_list(&self) -> bool {
        self.json.starts_with('[')
    }

    fn parts(&self) -> &Parts<'a> {
        self.parts.get_or_init(|| match self.json.as_bytes().first() {
            Some(b'{') => Parts::members(json::members(self.json).unwrap_or_default()),
            Some(b'[') => {
                let elements = json::elements(self.json).unwrap_or_default();
                Parts::Elements(elements.into_iter().map(Self::new).collect())
            }
            _ => Parts::Elements(Vec::new()),
        })
    }

    /// Its elements, where it is a list.
    pub(super) fn elements(&self) -> &[Self] {
        if let Parts::Elements(elements) = self.parts() { elements } else { &[] }
    }

    /// A member that is not null. A name written twice: the last one counts, as in every JSON reader the platforms' own
    /// clients use.
    fn member(&self, name: &str) -> Option<&Self> {
        if !self.json.starts_with('{') {
            return None;
        }
        let Parts::Members(members) = self.parts() else { return None };
        members.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value).filter(|v| !v.is_null())
    }

    /// An element of a list; anything else counts as a list of one.
    fn element(&self, index: usize) -> Option<&Self> {
        if self.is_list() { self.elements().get(index) } else { (index == 0).then_some(self) }
    }

    /// How many elements it counts as.
    fn length(&self) -> usize {
        if self.is_list() { self.elements().len() } else { 1 }
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("root", &self.shape.root)
            .field("bytes", &self.whole.json.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Record<'a> {
    /// Reads a record that is laid out as `shape` says (contract: records). An object without the root member that
    /// holds no other known member, or has an `id` of its own, is itself the root: a bare `order`, `deal`.
    ///
    /// # Errors
    /// `Payload` where the body is no JSON object.
    pub fn new(body: &'a [u8], shape: &RecordShape) -> Result<Self> {
        let read = |(from, to): &(&str, &str)| Some((Path::parse(from).ok()?, Path::parse(to).ok()?));
        let stand_ins = shape.stand_ins.iter().filter_map(read).collect();
        let record = Self { shape: *shape, whole: object(body)?, bare: false, stand_ins };
        let bare = record.is_bare();
        Ok(Self { bare, ..record })
    }

    fn is_bare(&self) -> bool {
        let has = |name: &str| self.whole.member(name).is_some();
        let known = || {
            self.shape.lists.iter().any(|(many, one)| has(many) || has(one))
                || self.shape.singles.iter().any(|name| has(name))
        };
        !has(self.shape.root) && (has("id") || has("Id") || !known())
    }

    /// The JSON text of the root object: `order`, `deal`. None where the record has none.
    #[must_use]
    pub fn root(&self) -> Option<&'a str> {
        self.root_value().map(Node::json)
    }

    fn root_value(&self) -> Option<&Node<'a>> {
        if self.bare { Some(&self.whole) } else { self.whole.member(self.shape.root) }
    }

    /// The JSON text at a path such as `company.properties.tin` or `order.line_items[0].name`. A list member without
    /// an index is its first element; null is nothing.
    ///
    /// # Errors
    /// `Mapping` where the path is malformed or holds `[]`.
    pub fn get(&self, path: &str) -> Result<Option<&'a str>> {
        let parsed = Path::parse(path).map_err(|problem| problem.into_error("path", path))?;
        if parsed.is_bound() {
            let message = format!("the path {path:?} has [], which only a rule for a line can bind");
            return Err(Error::new(crate::ErrorKind::Mapping, "mapping.record", message));
        }
        Ok(self.resolve(&parsed, &[], 0).map(|found| found.value.json()))
    }

    /// The value a path leads to. `bindings` say which elements `[]` stands for, `pick` which of them where several fit.
    pub(super) fn resolve<'s>(
        &'s self,
        path: &'s Path,
        bindings: &[(&str, usize)],
        pick: usize,
    ) -> Option<Found<'s, 'a>> {
        let steps = self.steps(path, bindings);
        let mut walk = Walk { record: self, value: None, indexes: [None; 2], bound: 0 };
        let outer = if path.bounds[1].is_some() { None } else { Some(pick) };
        for (i, step) in steps.iter().enumerate() {
            walk.step(step, steps.before(i), bindings, outer, pick)?;
        }
        let value = walk.value.filter(|value| !value.is_null())?;
        Some(Found { value, indexes: walk.indexes, steps })
    }

    /// The steps to walk for `path`: its own, or those of the list that stands in for its own where the item is bound to
    /// that instead.
    fn steps<'s>(&'s self, path: &'s Path, bindings: &[(&str, usize)]) -> Steps<'s> {
        let own = Steps { prefix: &[], rest: &path.steps };
        let Some(bound) = path.bounds[0] else { return own };
        if self.stand_ins.is_empty() {
            return own;
        }
        let (prefix, rest) = path.steps.split_at(bound);
        let is_bound = |prefix: &[Step]| self.matching(prefix, bindings).next().is_some();
        if is_bound(prefix) {
            return own;
        }
        let fits = |(from, to): &&(Path, Path)| {
            self.canonical_of(prefix).eq(self.canonical_of(&from.steps)) && is_bound(&to.steps)
        };
        self.stand_ins.iter().find(fits).map_or(own, |(_, to)| Steps { prefix: &to.steps, rest })
    }

    /// How many elements a path with `[]` could stand for: 1 where it has none.
    pub(super) fn picks(&self, path: &Path, bindings: &[(&str, usize)]) -> usize {
        let steps = self.steps(path, bindings);
        let Some(first) = path.bounds[0] else { return 1 };
        let Some(second) = path.bounds[1] else {
            let list = if steps.prefix.is_empty() { &path.steps[..first] } else { steps.prefix };
            return self.matching(list, bindings).count();
        };
        // The list that the second [] stands in, of the first element the item is bound to.
        let mut walk = Walk { record: self, value: None, indexes: [None; 2], bound: 0 };
        let own = steps.prefix.len() + second - if steps.prefix.is_empty() { 0 } else { first };
        for (i, step) in steps.iter().enumerate().take(own) {
            if walk.step(step, steps.before(i), bindings, Some(0), 0).is_none() {
                return 0;
            }
        }
        walk.value.filter(|value| !value.is_null()).map_or(0, Node::length)
    }

    /// The indexes of the bindings that name the list at `prefix`.
    fn matching<'b>(
        &'b self,
        prefix: &'b [Step],
        bindings: &'b [(&'b str, usize)],
    ) -> impl Iterator<Item = usize> + 'b {
        bindings.iter().filter(move |(list, _)| self.same_list(prefix, list)).map(|(_, index)| *index)
    }

    /// Whether a path and a binding name the same list, whichever of its names each uses.
    fn same_list(&self, prefix: &[Step], list: &str) -> bool {
        self.canonical_of(prefix).eq(self.canonical(list.split('.')))
    }

    fn canonical_of<'n>(&'n self, prefix: &'n [Step]) -> impl Iterator<Item = &'n str> {
        self.canonical(
            prefix
                .iter()
                .filter_map(|step| if let Step::Member(name) = step { Some(name.as_str()) } else { None }),
        )
    }

    /// `deal.products` and `product` are `products` where the shape lists that.
    fn canonical<'n>(
        &'n self,
        mut names: impl Iterator<Item = &'n str> + Clone,
    ) -> impl Iterator<Item = &'n str> {
        let mut below = names.clone();
        if below.next() == Some(self.shape.root)
            && below.next().is_some_and(|list| self.list_of(list).is_some())
        {
            names.next();
        }
        let first = names.next().map(|name| self.list_of(name).map_or(name, |(many, _)| many));
        first.into_iter().chain(names)
    }

    /// The list member, and its singular, that goes by this name.
    fn list_of(&self, name: &str) -> Option<(&'static str, &'static str)> {
        self.shape.lists.iter().copied().find(|(many, one)| *many == name || *one == name)
    }

    /// A member of the record by any of its names.
    fn top(&self, name: &str) -> Option<&Node<'a>> {
        if self.bare && name == self.shape.root {
            return Some(&self.whole);
        }
        let root = || if self.bare { None } else { self.root_value() };
        self.named(&self.whole, name).or_else(|| self.list_of(name).and_then(|_| self.named(root()?, name)))
    }

    /// A member by its name or, for a list, by its other name.
    fn named<'s>(&self, object: &'s Node<'a>, name: &str) -> Option<&'s Node<'a>> {
        object.member(name).or_else(|| {
            let (many, one) = self.list_of(name)?;
            object.member(if name == many { one } else { many })
        })
    }

    /// A step from an object; from a list, from its first element. A list of the root can also stand beside it.
    fn below<'s>(&'s self, value: &'s Node<'a>, name: &str) -> Option<&'s Node<'a>> {
        let value = value.element(0)?;
        value.member(name).or_else(|| {
            let at_root = self.root_value().is_some_and(|root| std::ptr::eq(root, value));
            if at_root { self.list_of(name).and_then(|_| self.named(&self.whole, name)) } else { None }
        })
    }

    /// A custom field of the root object, where platforms keep them, and the object it was found in: none for the root
    /// itself.
    pub(super) fn custom(&self, name: &str) -> Option<(&Node<'a>, Option<&'static str>)> {
        let root = self.root_value()?;
        let inside = ["custom_fields", "properties", "metadata"]
            .into_iter()
            .find_map(|holder| Some((root.member(holder)?.member(name)?, Some(holder))));
        inside.or_else(|| Some((root.member(name)?, None)))
    }

    /// The path of a custom field.
    pub(super) fn custom_path(&self, name: &str) -> Option<String> {
        let root = self.shape.root;
        self.custom(name).map(|(_, holder)| match holder {
            Some(holder) => format!("{root}.{holder}.{name}"),
            None => format!("{root}.{name}"),
        })
    }
}

/// The object a body holds, read once: its members are split off on the way.
fn object(body: &[u8]) -> Result<Node<'_>> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    if let Ok(members) = json::members(text) {
        return Ok(Node { json: text.trim_ascii(), parts: OnceCell::from(Parts::members(members)) });
    }
    json::read::<&RawValue>("mapping.record", body)?;
    Err(Error::payload("mapping.record", "", "a record is one JSON object"))
}

/// The steps to walk: a path's own, or with another list's in place of those before its `[]`.
#[derive(Debug, Clone, Copy)]
struct Steps<'s> {
    prefix: &'s [Step],
    rest: &'s [Step],
}

impl<'s> Steps<'s> {
    fn iter(self) -> impl Iterator<Item = &'s Step> {
        self.prefix.iter().chain(self.rest)
    }

    /// The list that a `[]` at step `i` stands in: all steps before it.
    fn before(self, i: usize) -> &'s [Step] {
        if self.prefix.is_empty() { &self.rest[..i.min(self.rest.len())] } else { self.prefix }
    }
}

/// A value and which elements `[]` stood for.
#[derive(Debug, Clone)]
pub(super) struct Found<'s, 'a> {
    pub(super) value: &'s Node<'a>,
    indexes: [Option<usize>; 2],
    steps: Steps<'s>,
}

impl Found<'_, '_> {
    /// The path with its `[]` filled in; `written` is how the rule writes it, after `raw.`.
    pub(super) fn path(&self, written: &str) -> String {
        let other = (!self.steps.prefix.is_empty()).then(|| path::written(self.steps.iter()));
        let written = other.as_deref().unwrap_or(written);
        let mut path = String::with_capacity(written.len() + 4);
        let mut parts = written.split("[]");
        path.push_str(parts.next().unwrap_or_default());
        for (part, index) in parts.zip(self.indexes) {
            path.push_str(&format!("[{}]", index.unwrap_or_default()));
            path.push_str(part);
        }
        path
    }
}

struct Walk<'s, 'a> {
    record: &'s Record<'a>,
    value: Option<&'s Node<'a>>,
    indexes: [Option<usize>; 2],
    bound: usize,
}

impl Walk<'_, '_> {
    /// `list` is the path so far. `outer` picks among the bindings; none takes the first of them and `pick` chooses in the
    /// list below.
    fn step(
        &mut self,
        step: &Step,
        list: &[Step],
        bindings: &[(&str, usize)],
        outer: Option<usize>,
        pick: usize,
    ) -> Option<()> {
        let next = match (step, self.value) {
            (Step::Member(name), None) => self.record.top(name),
            (Step::Member(name), Some(value)) => self.record.below(value, name),
            (Step::Index(n), Some(value)) => value.element(*n),
            (Step::Bound, Some(value)) => {
                let index = if self.bound == 0 {
                    self.record.matching(list, bindings).nth(outer.unwrap_or(0))?
                } else {
                    pick
                };
                *self.indexes.get_mut(self.bound)? = Some(index);
                self.bound += 1;
                value.element(index)
            }
            (Step::Index(_) | Step::Bound, None) => None,
        };
        self.value = Some(next?);
        Some(())
    }
}
