//! A rule, ready to be applied.

use super::{
    constant::Constant,
    problem::shown,
    source::{Cx, Source},
    transform::{Failure, Transform},
    value::Value,
    when::{self, Test},
};

/// One rule, ready to be applied.
#[derive(Debug)]
pub(super) struct Rule {
    /// `layer:line`, or `layer:name` where the rule has a name.
    pub(super) label: String,
    /// The line of the file it begins on, from 1.
    pub(super) line: usize,
    pub(super) when: Vec<Test>,
    pub(super) from: From,
    pub(super) apply: Vec<Transform>,
    /// Each transform as written, for people who ask.
    pub(super) written: Vec<String>,
    bound: bool,
    /// Whether it comes to nothing where the record names no customer: most sales of a till.
    of_customer: bool,
}

#[derive(Debug)]
pub(super) enum From {
    /// Sets nothing and ends the search.
    Skip,
    /// Starts with a template.
    Nothing,
    Constant(Constant),
    Source(Source),
    Sources(Vec<Source>),
}

/// What a rule came to.
#[derive(Debug)]
pub(super) enum Outcome<'v> {
    /// Its `when` does not hold, or its source is missing.
    Passed,
    /// It sets nothing, on purpose.
    Skipped,
    Value(Value<'v>),
}

impl From {
    /// The sources a value starts from.
    pub(super) fn sources(&self) -> &[Source] {
        match self {
            Self::Source(source) => std::slice::from_ref(source),
            Self::Sources(sources) => sources,
            _ => &[],
        }
    }
}

impl Rule {
    /// A rule; what need not be asked of it each time it is applied is asked here.
    pub(super) fn new(
        label: String,
        when: Vec<Test>,
        from: From,
        apply: Vec<Transform>,
        written: Vec<String>,
    ) -> Self {
        let own = from.sources();
        let read = own.iter().chain(apply.iter().flat_map(Transform::sources));
        let bound = read.into_iter().any(Source::is_bound) || when::is_bound(&when);
        let starts = !own.is_empty() && own.iter().all(Source::is_of_customer);
        let of_customer =
            when::wants_customer(&when) || (starts && apply.iter().all(Transform::keeps_nothing));
        Self { label, line: 0, when, from, apply, written, bound, of_customer }
    }

    /// Applies it; `pick` says which element of the record `[]` stands for where several fit.
    pub(super) fn run<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Result<Outcome<'v>, Failure> {
        if (self.of_customer && cx.facts.customer.is_none()) || !when::hold(&self.when, cx, pick) {
            return Ok(Outcome::Passed);
        }
        let mut steps = self.apply.as_slice();
        let mut value = match &self.from {
            From::Skip => return Ok(Outcome::Skipped),
            From::Nothing => None,
            From::Constant(constant) => Some(constant.value()),
            From::Source(source) => source.read(cx, pick),
            From::Sources(sources) => {
                let mut values = sources.iter().filter_map(|source| source.read(cx, pick));
                if let Some((Transform::First, rest)) = steps.split_first() {
                    steps = rest;
                    values.next()
                } else {
                    let values: Vec<_> = values.collect();
                    (!values.is_empty()).then_some(Value::Several(values))
                }
            }
        };
        for transform in steps {
            value = transform.apply(value, cx, pick)?;
        }
        Ok(value.map_or(Outcome::Passed, Outcome::Value))
    }

    /// Whether no rule behind it is ever asked, whatever the record holds.
    pub(super) fn always_decides(&self) -> bool {
        let has_a_value = match (&self.from, self.apply.last()) {
            (From::Skip, _) | (From::Constant(_), None) => true,
            (_, last) => matches!(last, Some(Transform::Default(_) | Transform::Require(_))),
        };
        self.when.is_empty() && has_a_value
    }

    /// How many elements of the record it could stand for; at least 1.
    pub(super) fn picks(&self, cx: &Cx<'_, '_, '_>) -> usize {
        if !self.bound {
            return 1;
        }
        let own = self.sources().map(|source| source.picks(cx)).max().unwrap_or(1);
        own.max(when::picks(&self.when, cx)).max(1)
    }

    /// How many elements of the record its own source could stand for; none where that has no `[]`.
    pub(super) fn bound_picks(&self, cx: &Cx<'_, '_, '_>) -> Option<usize> {
        match &self.from {
            From::Source(source) if source.is_bound() => Some(source.picks(cx)),
            _ => None,
        }
    }

    /// The text its source holds.
    pub(super) fn input<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Option<String> {
        match &self.from {
            From::Source(source) => source.read(cx, pick)?.into_text().ok().map(|text| text.into_owned()),
            _ => None,
        }
    }

    /// Where its value came from, with indexes filled in; none for a fixed value.
    pub(super) fn origin(&self, cx: &Cx<'_, '_, '_>, pick: usize) -> Option<String> {
        let own = self.from.sources();
        let several = matches!(self.from, From::Sources(_));
        let most = if matches!(self.apply.first(), Some(Transform::First)) { 1 } else { own.len() };
        let present = own.iter().filter(|source| !several || source.peek(cx, pick).is_some()).take(most);
        let mut origin: Option<String> = None;
        let sources = present.chain(self.apply.iter().flat_map(Transform::sources));
        for path in sources.map(|source| source.resolved(cx, pick)).chain(self.rows(cx, pick)) {
            match &mut origin {
                Some(origin) => origin.extend([" + ", &path]),
                None => origin = Some(path),
            }
        }
        origin
    }

    /// The first source its value comes from, as written.
    pub(super) fn starts_from(&self) -> Option<&str> {
        let own = match &self.from {
            From::Source(source) => Some(source),
            From::Sources(sources) => sources.first(),
            _ => self.apply.iter().find_map(|transform| transform.sources().next()),
        };
        own.map(|source| source.text.as_str())
    }

    /// Every source it reads to make its value.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.from.sources().iter().chain(self.apply.iter().flat_map(Transform::sources))
    }

    /// The list that its first `[]` goes through: what stands before it as written, and as bindings name it.
    pub(super) fn list(&self) -> Option<(&str, &str)> {
        let tested = when::sources(&self.when);
        self.sources().chain(tested).find_map(Source::list)
    }
}

/// A label for people who ask which rule decided.
impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shown(&self.label))
    }
}
