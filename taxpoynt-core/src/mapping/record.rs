//! An exact view of a raw record: paths are resolved over its text, so numbers keep their digits.

use super::path::{Path, Step};
use crate::{Error, Result, connector::RecordShape, json};
use serde_json::value::RawValue;
use std::{borrow::Cow, cell::RefCell, collections::HashMap, fmt, rc::Rc};

type Members<'a> = Rc<[(Cow<'a, str>, &'a RawValue)]>;
type Elements<'a> = Rc<[&'a RawValue]>;

/// A record as rules read it. Each object and list is split into its parts once, when a rule first looks into it.
pub struct Record<'a> {
    shape: RecordShape,
    whole: &'a RawValue,
    bare: bool,
    /// `RecordShape::stand_ins`, read.
    stand_ins: Vec<(Path, Path)>,
    objects: RefCell<HashMap<usize, Members<'a>>>,
    lists: RefCell<HashMap<usize, Elements<'a>>>,
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("root", &self.shape.root)
            .field("bytes", &self.whole.get().len())
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
        let whole: &'a RawValue = json::read("mapping.record", body)?;
        if !whole.get().starts_with('{') {
            return Err(Error::payload("mapping.record", "", "a record is one JSON object"));
        }
        let record = Self {
            shape: *shape,
            whole,
            bare: false,
            stand_ins: shape
                .stand_ins
                .iter()
                .filter_map(|(from, to)| Some((Path::parse(from).ok()?, Path::parse(to).ok()?)))
                .collect(),
            objects: RefCell::default(),
            lists: RefCell::default(),
        };
        let bare = record.is_bare();
        Ok(Self { bare, ..record })
    }

    fn is_bare(&self) -> bool {
        let has = |name: &str| self.member(self.whole, name).is_some();
        let known = || {
            self.shape.lists.iter().any(|(many, one)| has(many) || has(one))
                || self.shape.singles.iter().any(|name| has(name))
        };
        !has(self.shape.root) && (has("id") || has("Id") || !known())
    }

    /// The JSON text of the root object: `order`, `deal`. None where the record has none.
    #[must_use]
    pub fn root(&self) -> Option<&'a str> {
        self.root_value().map(RawValue::get)
    }

    fn root_value(&self) -> Option<&'a RawValue> {
        if self.bare { Some(self.whole) } else { self.member(self.whole, self.shape.root) }
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
        Ok(self.resolve(&parsed, &[], 0).map(|found| found.value.get()))
    }

    /// The value a path leads to. `bindings` say which elements `[]` stands for, `pick` which of them where several fit.
    pub(super) fn resolve(&self, path: &Path, bindings: &[(&str, usize)], pick: usize) -> Option<Found<'a>> {
        match self.stand_in(path, bindings) {
            Some(other) => {
                self.walk(&other, bindings, pick).map(|found| Found { stands_in: Some(other), ..found })
            }
            None => self.walk(path, bindings, pick),
        }
    }

    /// The path to read in place of `path`, where the item is not bound to its list but to one that stands in for it.
    fn stand_in(&self, path: &Path, bindings: &[(&str, usize)]) -> Option<Path> {
        let bound = path.steps.iter().position(|step| *step == Step::Bound)?;
        let (prefix, rest) = path.steps.split_at(bound);
        let is_bound = |prefix: &[Step]| self.matching(prefix, bindings).next().is_some();
        if is_bound(prefix) {
            return None;
        }
        let fits = |(from, to): &&(Path, Path)| {
            self.canonical_of(prefix) == self.canonical_of(&from.steps) && is_bound(&to.steps)
        };
        let (_, to) = self.stand_ins.iter().find(fits)?;
        Some(Path { steps: [&to.steps, rest].concat() })
    }

    fn walk(&self, path: &Path, bindings: &[(&str, usize)], pick: usize) -> Option<Found<'a>> {
        let nested = path.steps.iter().filter(|step| **step == Step::Bound).count() > 1;
        let mut walk = Walk { record: self, value: None, indexes: [None; 2], bound: 0 };
        for (i, step) in path.steps.iter().enumerate() {
            walk.step(i, step, path, bindings, if nested { None } else { Some(pick) }, pick)?;
        }
        let value = walk.value?;
        (value.get() != "null").then_some(Found { value, indexes: walk.indexes, stands_in: None })
    }

    /// How many elements a path with `[]` could stand for: 1 where it has none.
    pub(super) fn picks(&self, path: &Path, bindings: &[(&str, usize)]) -> usize {
        if let Some(other) = self.stand_in(path, bindings) {
            return self.picks(&other, bindings);
        }
        let bounds: Vec<usize> =
            path.steps.iter().enumerate().filter(|(_, s)| **s == Step::Bound).map(|(i, _)| i).collect();
        match bounds.as_slice() {
            [] => 1,
            [only] => self.matching(&path.steps[..*only], bindings).count(),
            [_, last, ..] => {
                let inner = Path { steps: path.steps[..*last].to_vec() };
                self.resolve(&inner, bindings, 0).map_or(0, |found| self.length(found.value))
            }
        }
    }

    /// A path with every `[]` filled in by the bindings that name its list, the innermost without one by `pick`; none
    /// where the element is bound to another list. No list stands in for another here.
    pub(super) fn concrete(&self, path: &Path, bindings: &[(&str, usize)], pick: usize) -> Option<Path> {
        let mut steps: Vec<Step> = Vec::with_capacity(path.steps.len());
        let mut bound = 0;
        for step in &path.steps {
            if *step != Step::Bound {
                steps.push(step.clone());
                continue;
            }
            let index = match self.matching(&steps, bindings).next() {
                Some(index) => index,
                None if bound > 0 => pick,
                None => return None,
            };
            bound += 1;
            steps.push(Step::Index(index));
        }
        Some(Path { steps })
    }

    fn length(&self, value: &'a RawValue) -> usize {
        if value.get().starts_with('[') { self.elements(value).len() } else { 1 }
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
        let list: Vec<&str> = list.split('.').collect();
        self.canonical_of(prefix) == self.canonical(&list)
    }

    fn canonical_of<'n>(&self, prefix: &'n [Step]) -> Vec<&'n str> {
        let member = |step: &'n Step| if let Step::Member(name) = step { Some(name.as_str()) } else { None };
        self.canonical(&prefix.iter().filter_map(member).collect::<Vec<_>>())
    }

    /// `deal.products` and `product` are `products` where the shape lists that.
    fn canonical<'n>(&self, names: &[&'n str]) -> Vec<&'n str>
    where
        'static: 'n,
    {
        let names = match names {
            [root, list, ..] if *root == self.shape.root && self.list_of(list).is_some() => &names[1..],
            _ => names,
        };
        let mut names = names.to_vec();
        if let Some(many) = names.first().and_then(|name| self.list_of(name)) {
            names[0] = many.0;
        }
        names
    }

    /// The list member, and its singular, that goes by this name.
    fn list_of(&self, name: &str) -> Option<(&'static str, &'static str)> {
        self.shape.lists.iter().copied().find(|(many, one)| *many == name || *one == name)
    }

    /// A member of the record by any of its names.
    fn top(&self, name: &str) -> Option<&'a RawValue> {
        if self.bare && name == self.shape.root {
            return Some(self.whole);
        }
        let root = || if self.bare { None } else { self.root_value() };
        self.named(self.whole, name).or_else(|| self.list_of(name).and_then(|_| self.named(root()?, name)))
    }

    /// A member by its name or, for a list, by its other name.
    fn named(&self, object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
        self.member(object, name).or_else(|| {
            let (many, one) = self.list_of(name)?;
            self.member(object, if name == many { one } else { many })
        })
    }

    /// A step from an object; from a list, from its first element. A list of the root can also stand beside it.
    fn below(&self, value: &'a RawValue, name: &str) -> Option<&'a RawValue> {
        let value = self.element(value, None)?;
        self.member(value, name).or_else(|| {
            let at_root = self.root_value().is_some_and(|root| std::ptr::eq(root, value));
            if at_root { self.list_of(name).and_then(|_| self.named(self.whole, name)) } else { None }
        })
    }

    /// A custom field of the root object, where platforms keep them, and the path it was found at.
    pub(super) fn custom(&self, name: &str) -> Option<(&'a RawValue, String)> {
        let root = self.root_value()?;
        let inside = ["custom_fields", "properties", "metadata"].into_iter().find_map(|holder| {
            let value = self.member(self.member(root, holder)?, name)?;
            Some((value, format!("{}.{holder}.{name}", self.shape.root)))
        });
        inside.or_else(|| Some((self.member(root, name)?, format!("{}.{name}", self.shape.root))))
    }

    fn member(&self, object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
        if !object.get().starts_with('{') {
            return None;
        }
        // A name written twice: the last one counts, as in every JSON reader the platforms' own clients use.
        let members = self.members(object);
        members.iter().rev().find(|(n, _)| n == name).map(|(_, v)| *v).filter(|v| v.get() != "null")
    }

    fn element(&self, value: &'a RawValue, index: Option<usize>) -> Option<&'a RawValue> {
        let index = index.unwrap_or(0);
        if value.get().starts_with('[') {
            self.elements(value).get(index).copied()
        } else {
            (index == 0).then_some(value)
        }
    }

    fn members(&self, object: &'a RawValue) -> Members<'a> {
        let read = || json::members(object.get()).unwrap_or_default().into();
        Rc::clone(self.objects.borrow_mut().entry(object.get().as_ptr() as usize).or_insert_with(read))
    }

    /// The elements of a list.
    pub(super) fn elements(&self, list: &'a RawValue) -> Elements<'a> {
        let read = || json::elements(list.get()).unwrap_or_default().into();
        Rc::clone(self.lists.borrow_mut().entry(list.get().as_ptr() as usize).or_insert_with(read))
    }
}

/// A value and which elements `[]` stood for.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) value: &'a RawValue,
    pub(super) indexes: [Option<usize>; 2],
    /// The path that was read in place of the rule's own.
    stands_in: Option<Path>,
}

impl Found<'_> {
    /// The path with its `[]` filled in.
    pub(super) fn path(&self, written: &str) -> String {
        let other = self.stands_in.as_ref().map(ToString::to_string);
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

struct Walk<'r, 'a> {
    record: &'r Record<'a>,
    value: Option<&'a RawValue>,
    indexes: [Option<usize>; 2],
    bound: usize,
}

impl<'a> Walk<'_, 'a> {
    /// `outer` picks among the bindings; none takes the first of them and `pick` chooses in the list below.
    fn step(
        &mut self,
        i: usize,
        step: &Step,
        path: &Path,
        bindings: &[(&str, usize)],
        outer: Option<usize>,
        pick: usize,
    ) -> Option<()> {
        let next = match (step, self.value) {
            (Step::Member(name), None) => self.record.top(name),
            (Step::Member(name), Some(value)) => self.record.below(value, name),
            (Step::Index(n), Some(value)) => self.record.element(value, Some(*n)),
            (Step::Bound, Some(value)) => {
                let index = if self.bound == 0 {
                    self.record.matching(&path.steps[..i], bindings).nth(outer.unwrap_or(0))?
                } else {
                    pick
                };
                *self.indexes.get_mut(self.bound)? = Some(index);
                self.bound += 1;
                self.record.element(value, Some(index))
            }
            (Step::Index(_) | Step::Bound, None) => None,
        };
        self.value = Some(next?);
        Some(())
    }
}
