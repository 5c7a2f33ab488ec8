//! An exact view of a raw record: paths are resolved over its text, so numbers keep their digits.

use super::{
    path::{self, List, Path, Step},
    provenance::number,
};
use crate::{
    Error, Result,
    connector::RecordShape,
    json::{self, MAX_VALUES, Node, Split},
};
use serde_json::value::RawValue;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// A record as rules read it, split into all its values once.
pub struct Record<'a> {
    shape: RecordShape,
    split: Split<'a>,
    bare: bool,
    /// `RecordShape::stand_ins`, read.
    stand_ins: StandIns,
}

/// Lists, as a connector writes them, and as paths.
type Written = &'static [(&'static str, &'static str)];
type StandIns = Arc<[(Path, Path)]>;

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("root", &self.shape.root)
            .field("bytes", &self.whole().json().len())
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
        let record = Self { shape: *shape, split: object(body)?, bare: false, stand_ins: stand_ins(shape) };
        let bare = record.is_bare();
        Ok(Self { bare, ..record })
    }

    fn whole(&self) -> Node<'_, 'a> {
        self.split.whole()
    }

    fn is_bare(&self) -> bool {
        let has = |name: &str| self.whole().member(name).is_some();
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

    fn root_value(&self) -> Option<Node<'_, 'a>> {
        if self.bare { Some(self.whole()) } else { self.whole().member(self.shape.root) }
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
        for step in steps.iter() {
            walk.step(step, steps.list, bindings, outer, pick)?;
        }
        let value = walk.value.filter(|value| !value.is_null())?;
        Some(Found { value, indexes: walk.indexes, steps })
    }

    /// The steps to walk for `path`: its own, or those of the list that stands in for its own where the item is bound to
    /// that instead.
    fn steps<'s>(&'s self, path: &'s Path, bindings: &[(&str, usize)]) -> Steps<'s> {
        let own = Steps { prefix: &[], rest: &path.steps, list: path.list() };
        let Some(bound) = path.bounds[0] else { return own };
        let is_bound = |list: List<'_>| self.matching(list, bindings).next().is_some();
        if self.stand_ins.is_empty() || bindings.is_empty() || is_bound(own.list) {
            return own;
        }
        let fits =
            |(from, to): &&(Path, Path)| self.same_list(own.list, from.list().text) && is_bound(to.list());
        self.stand_ins.iter().find(fits).map_or(own, |(_, to)| Steps {
            prefix: &to.steps,
            rest: &path.steps[bound..],
            list: to.list(),
        })
    }

    /// How many elements a path with `[]` could stand for: 1 where it has none.
    pub(super) fn picks(&self, path: &Path, bindings: &[(&str, usize)]) -> usize {
        let steps = self.steps(path, bindings);
        let Some(first) = path.bounds[0] else { return 1 };
        let Some(second) = path.bounds[1] else {
            return self.matching(steps.list, bindings).count();
        };
        // The list that the second [] stands in, of the first element the item is bound to.
        let mut walk = Walk { record: self, value: None, indexes: [None; 2], bound: 0 };
        let own = steps.prefix.len() + second - if steps.prefix.is_empty() { 0 } else { first };
        for step in steps.iter().take(own) {
            if walk.step(step, steps.list, bindings, Some(0), 0).is_none() {
                return 0;
            }
        }
        walk.value.filter(|value| !value.is_null()).map_or(0, Node::length)
    }

    /// A path with every `[]` filled in by the bindings that name its list, the innermost without one by `pick`; none
    /// where the element is bound to another list. No list stands in for another here.
    pub(super) fn concrete(&self, path: &Path, bindings: &[(&str, usize)], pick: usize) -> Option<String> {
        let mut steps = path.steps.clone();
        for (nth, bound) in path.bounds.iter().flatten().enumerate() {
            let names = path.steps[..*bound].iter().filter(|step| matches!(step, Step::Member(_)));
            let (before, text) = (&path.steps[..*bound], path::written(names));
            let last = text.rsplit('.').next().unwrap_or(&text);
            let index = match self.matching(List { steps: before, text: &text, last }, bindings).next() {
                Some(index) => index,
                None if nth > 0 => pick,
                None => return None,
            };
            steps[*bound] = Step::Index(index);
        }
        Some(path::written(steps.iter()))
    }

    /// The indexes of the bindings that name the list.
    fn matching<'b>(
        &'b self,
        list: List<'b>,
        bindings: &'b [(&'b str, usize)],
    ) -> impl Iterator<Item = usize> + 'b {
        bindings.iter().filter(move |(name, _)| self.same_list(list, name)).map(|(_, index)| *index)
    }

    /// Whether a path and a binding name the same list, whichever of its names each uses.
    fn same_list(&self, list: List<'_>, name: &str) -> bool {
        // Only a list that the shape knows goes by another name.
        list.text == name
            || ((name.ends_with(list.last) || self.list_of(list.last).is_some())
                && self.canonical_of(list.steps).eq(self.canonical(name.split('.'))))
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
    fn top(&self, name: &str) -> Option<Node<'_, 'a>> {
        if self.bare && name == self.shape.root {
            return Some(self.whole());
        }
        let root = || if self.bare { None } else { self.root_value() };
        self.named(self.whole(), name).or_else(|| self.list_of(name).and_then(|_| self.named(root()?, name)))
    }

    /// A member by its name or, for a list, by its other name.
    fn named<'s>(&self, object: Node<'s, 'a>, name: &str) -> Option<Node<'s, 'a>> {
        object.member(name).or_else(|| {
            let (many, one) = self.list_of(name)?;
            object.member(if name == many { one } else { many })
        })
    }

    /// A step from an object; from a list, from its first element. A list of the root can also stand beside it.
    fn below<'s>(&'s self, value: Node<'s, 'a>, name: &str) -> Option<Node<'s, 'a>> {
        let value = value.element(0)?;
        value.member(name).or_else(|| {
            self.list_of(name)?;
            if self.root_value() == Some(value) { self.named(self.whole(), name) } else { None }
        })
    }

    /// A custom field of the root object, where platforms keep them, and the object it was found in: none for the root
    /// itself.
    pub(super) fn custom(&self, name: &str) -> Option<(Node<'_, 'a>, Option<&'static str>)> {
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

/// What stands in for what, read once in a process.
fn stand_ins(shape: &RecordShape) -> StandIns {
    static READ: Mutex<Vec<(Written, StandIns)>> = Mutex::new(Vec::new());
    if shape.stand_ins.is_empty() {
        return Arc::default();
    }
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, known)) = read.iter().find(|(written, _)| std::ptr::eq(*written, shape.stand_ins)) {
        return Arc::clone(known);
    }
    let path = |(from, to): &(&str, &str)| Some((Path::parse(from).ok()?, Path::parse(to).ok()?));
    let paths: StandIns = shape.stand_ins.iter().filter_map(path).collect();
    read.push((shape.stand_ins, Arc::clone(&paths)));
    paths
}

/// The object a body holds.
fn object(body: &[u8]) -> Result<Split<'_>> {
    let split = std::str::from_utf8(body).ok().and_then(Split::new);
    if let Some(split) = split.filter(|split| split.whole().is_object()) {
        return Ok(split);
    }
    let is_object = json::read::<&RawValue>("mapping.record", body)?.get().starts_with('{');
    let most = || format!("a record has at most {MAX_VALUES} values");
    let message = if is_object { most() } else { "a record is one JSON object".to_owned() };
    Err(Error::payload("mapping.record", "", message))
}

/// The steps to walk: a path's own, or with another list's in place of those before its `[]`.
#[derive(Debug, Clone, Copy)]
struct Steps<'s> {
    prefix: &'s [Step],
    rest: &'s [Step],
    /// The list its first `[]` stands in.
    list: List<'s>,
}

impl<'s> Steps<'s> {
    fn iter(self) -> impl Iterator<Item = &'s Step> {
        self.prefix.iter().chain(self.rest)
    }
}

/// A value and which elements `[]` stood for.
#[derive(Debug, Clone)]
pub(super) struct Found<'s, 'a> {
    pub(super) value: Node<'s, 'a>,
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
            path.push('[');
            number(&mut path, index.unwrap_or_default());
            path.extend(["]", part]);
        }
        path
    }
}

struct Walk<'s, 'a> {
    record: &'s Record<'a>,
    value: Option<Node<'s, 'a>>,
    indexes: [Option<usize>; 2],
    bound: usize,
}

impl Walk<'_, '_> {
    /// `list` is what the first `[]` stands in. `outer` picks among the bindings; none takes the first of them and `pick` chooses in the
    /// list below.
    fn step(
        &mut self,
        step: &Step,
        list: List<'_>,
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
