//! How a rule is written down, and how groups of rules run over a document.

use super::code_lists::CodeList;
pub(super) use super::facts::Facts;
use super::number::decimal;
use super::{Fault, Ruleset, Severity};
use crate::vocabulary::{Name, Path, path};
use crate::xml::tree::{Element, Numbers, Tree, is_space};
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::collections::HashMap;

/// A rule: its id, what it wants, and in words what would satisfy it.
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    check: Check,
    hint: &'static str,
}

/// What a rule wants of an element. Paths start at the element.
pub(super) enum Check {
    /// The path leads to an element that is not blank.
    Filled(Path),
    /// One of the paths leads to an element.
    Present(&'static [Path]),
    /// The path leads to no more elements than this.
    AtMost(usize, Path),
    /// The amount the path leads to has no more than two decimals.
    TwoDecimals(Path),
    /// The element has the attribute.
    Attribute(&'static str),
    /// The element's text is in the list.
    Listed(&'static CodeList),
    /// The element's attribute is in the list.
    AttributeListed(&'static str, &'static CodeList),
    /// Anything else; what was found is said where it is wrong.
    Test(fn(&Facts<'_>, Element<'_>) -> Finding),
}

/// A rule as told to somebody who asks for it by id.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// The element it looks at.
    pub(super) concerns: String,
    /// What it wants.
    pub(super) wants: String,
}

impl Told {
    pub(super) fn new(
        id: &'static str,
        severity: Severity,
        concerns: impl Into<String>,
        wants: impl Into<String>,
    ) -> Self {
        Self { id, severity, concerns: concerns.into(), wants: wants.into() }
    }
}

/// Rules sorted by id, each once: where one is about several elements, all of them are named.
pub(super) fn by_id(told: impl IntoIterator<Item = Told>) -> Vec<Told> {
    let mut rules: Vec<Told> = told.into_iter().collect();
    rules.sort_by_key(|rule| rule.id);
    rules.dedup_by(|again, rule| {
        let same = again.id == rule.id;
        if same && !rule.concerns.split(", ").any(|name| name == again.concerns) {
            rule.concerns.push_str(", ");
            rule.concerns.push_str(&again.concerns);
        }
        same
    });
    rules
}

/// Nothing to complain about, or what was found.
pub(super) type Finding = std::result::Result<(), String>;

/// A rule that makes a document invalid.
pub(super) const fn fatal(id: &'static str, check: Check, hint: &'static str) -> Rule {
    Rule { id, severity: Severity::Fatal, check, hint }
}

/// A rule that does not.
pub(super) const fn warning(id: &'static str, check: Check, hint: &'static str) -> Rule {
    Rule { id, severity: Severity::Warning, check, hint }
}

/// Rules about elements of one name, in one place.
pub(super) struct Group {
    /// `cac:InvoiceLine`.
    pub(super) name: Name,
    /// Which elements of that name.
    pub(super) when: fn(Element<'_>) -> bool,
    pub(super) rules: &'static [Rule],
}

/// Groups by the name of their elements. Within a part an element is only seen by the first group it belongs to, as
/// within a pattern of the published rules.
pub(super) struct Part(ByName<&'static Group>);

/// Things by the name of the elements they are about.
pub(super) struct ByName<T> {
    /// In the order of names, within a name as given.
    things: Vec<T>,
    /// By the number of a name: where its things begin, and how many there are.
    places: Vec<(u16, u16)>,
}

impl<T> ByName<T> {
    pub(super) fn of(things: impl IntoIterator<Item = T>, name: impl Fn(&T) -> Name) -> Self {
        let mut things: Vec<_> = things.into_iter().collect();
        things.sort_by_key(|thing| name(thing).number());
        let mut places = vec![(0, 0); Name::COUNT];
        for (at, thing) in things.iter().enumerate() {
            if let Some((first, count)) = places.get_mut(name(thing).number()) {
                *first = if *count == 0 { u16::try_from(at).unwrap_or(u16::MAX) } else { *first };
                *count += 1;
            }
        }
        Self { things, places }
    }

    /// Whether there is anything of the name.
    pub(super) fn knows(&self, name: Name) -> bool {
        self.places.get(name.number()).is_some_and(|(_, count)| *count > 0)
    }

    /// The things of a name, in the order given.
    pub(super) fn get(&self, name: Name) -> &[T] {
        match self.places.get(name.number()) {
            Some((first, count)) if *count > 0 => {
                let first = usize::from(*first);
                self.things.get(first..first + usize::from(*count)).unwrap_or_default()
            }
            _ => &[],
        }
    }
}

impl Part {
    pub(super) fn of(lists: &[&'static [Group]]) -> Self {
        Self(ByName::of(lists.iter().copied().flatten(), |group| group.name))
    }

    /// Whether a group is about elements of this name.
    pub(super) fn knows(&self, name: Name) -> bool {
        self.0.knows(name)
    }

    /// Every rule of every group.
    pub(super) fn told(&self) -> impl Iterator<Item = Told> {
        self.0.things.iter().flat_map(|group| {
            let (prefix, local) = group.name.parts();
            let concerns = format!("{prefix}{local}");
            group.rules.iter().map(move |rule| rule.told(&concerns))
        })
    }

    /// Runs the rules of the group the element belongs to.
    pub(super) fn check(&self, facts: &Facts<'_>, element: Element<'_>, report: &mut Report<'_>) {
        if let Some(group) = self.0.get(element.name()).iter().find(|group| (group.when)(element)) {
            for rule in group.rules {
                report.apply(rule, facts, element);
            }
        }
    }
}

/// Most faults that are listed of one rule: enough for anyone, little enough for a document made to have millions.
const MAX_FAULTS_OF_A_RULE: usize = 1000;

/// Collects faults.
pub(super) struct Report<'f> {
    faults: &'f mut Vec<Fault>,
    ruleset: Ruleset,
    tree: &'f Tree<'f>,
    counts: HashMap<&'static str, usize>,
    /// Made when the first fault needs its path.
    numbers: Option<Numbers>,
}

impl<'f> Report<'f> {
    pub(super) fn new(ruleset: Ruleset, tree: &'f Tree<'f>, faults: &'f mut Vec<Fault>) -> Self {
        Self { faults, ruleset, tree, counts: HashMap::new(), numbers: None }
    }

    pub(super) fn add(&mut self, id: &'static str, severity: Severity, at: Element<'_>, message: String) {
        let count = self.counts.entry(id).or_default();
        *count += 1;
        if *count <= MAX_FAULTS_OF_A_RULE {
            let path = at.path_by(self.numbers.get_or_insert_with(|| self.tree.numbers()));
            self.faults.push(Fault { id, severity, ruleset: self.ruleset, path, message });
        }
    }

    /// Runs one rule on one element.
    pub(super) fn apply(&mut self, rule: &Rule, facts: &Facts<'_>, element: Element<'_>) {
        if let Err(found) = rule.check.run(facts, element) {
            self.add(rule.id, rule.severity, element, format!("{found}; {}", rule.hint));
        }
    }
}

impl Rule {
    /// The rule in words, for elements called `concerns`.
    pub(super) fn told(&self, concerns: &str) -> Told {
        let wants = match &self.check {
            Check::Filled(path) => format!("{path} is there and not blank: {}", self.hint),
            Check::Present(paths) => format!("{} is there: {}", alternatives(paths), self.hint),
            Check::AtMost(most, path) => format!("{path} is there at most {most} times: {}", self.hint),
            Check::TwoDecimals(path) => format!("{path} has at most two decimals: {}", self.hint),
            Check::Attribute(name) => format!("the attribute {name} is there: {}", self.hint),
            Check::Listed(_) => format!("the code is in its list: {}", self.hint),
            Check::AttributeListed(name, _) => format!("the code in {name} is in its list: {}", self.hint),
            Check::Test(_) => self.hint.to_owned(),
        };
        Told::new(self.id, self.severity, concerns, wants)
    }
}

fn alternatives(paths: &[Path]) -> String {
    paths.iter().map(|path| path.text).collect::<Vec<_>>().join(" or ")
}

impl Check {
    fn run(&self, facts: &Facts<'_>, element: Element<'_>) -> Finding {
        match self {
            Self::Filled(path) => match element.first(*path) {
                Some(found) if !found.text().chars().all(is_space) => Ok(()),
                Some(_) => Err(format!("{} is blank", path.text)),
                None => Err(format!("{} is missing", path.text)),
            },
            Self::Present(paths) => match paths.iter().any(|path| element.has(*path)) {
                true => Ok(()),
                false => Err(format!("{} is missing", alternatives(paths))),
            },
            Self::AtMost(most, path) => match element.all(*path).count() {
                count if count > *most => Err(format!("{} is there {count} times", path.text)),
                _ => Ok(()),
            },
            Self::TwoDecimals(path) => element.first(*path).map_or(Ok(()), two_decimals),
            Self::Attribute(name) => match element.attribute(name) {
                Some(_) => Ok(()),
                None => Err(format!("{:?} has no {name}", shown(element))),
            },
            Self::Listed(list) => listed(list, &element.text()),
            Self::AttributeListed(name, list) => listed(list, element.attribute(name).unwrap_or_default()),
            Self::Test(test) => test(facts, element),
        }
    }
}

/// At most two characters behind the point, white space included, as the rules count them.
pub(super) fn two_decimals(element: Element<'_>) -> Finding {
    let text = element.text();
    match text.split_once('.') {
        Some((_, fraction)) if fraction.chars().count() > 2 => {
            Err(format!("{} is {text:?}", element.local()))
        }
        _ => Ok(()),
    }
}

fn listed(list: &CodeList, code: &str) -> Finding {
    let code = normalized(code);
    if list.contains(&code) { Ok(()) } else { Err(format!("{:?} is not in the list", shorten(&code))) }
}

/// The beginning of an element's text, for messages.
pub(super) fn shown(element: Element<'_>) -> String {
    shorten(&normalized(&element.text()))
}

/// The beginning of a value, for messages.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

/// XPath's `normalize-space` of an element.
pub(super) fn normal_text(element: Element<'_>) -> Cow<'_, str> {
    match element.text() {
        Cow::Borrowed(text) => normalized(text),
        Cow::Owned(text) => Cow::Owned(normalized(&text).into_owned()),
    }
}

/// XPath's `normalize-space`.
pub(super) fn normalized(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(is_space);
    if trimmed.contains(['\n', '\t', '\r']) || trimmed.contains("  ") {
        Cow::Owned(trimmed.split(is_space).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(trimmed)
    }
}

/// The number a path leads to; none where it is missing or no decimal.
pub(super) fn amount(element: Element<'_>, path: Path) -> Option<Decimal> {
    element.first(path).and_then(|e| decimal(&e.text()))
}

/// The sum of the numbers that paths lead to; none where one is no decimal or the sum does not fit.
pub(super) fn sum<'t>(elements: impl Iterator<Item = Element<'t>>, path: Path) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    for element in elements {
        for found in element.all(path) {
            total = total.checked_add(decimal(&found.text())?)?;
        }
    }
    Some(total)
}

/// Whether a party has an identifier under the scheme VAT.
pub(super) fn has_vat_id(party: Element<'_>) -> bool {
    party.all(path!("cac:PartyTaxScheme")).any(|e| is_vat(e) && e.has(path!("cbc:CompanyID")))
}

/// Whether the tax scheme in `element` is VAT.
pub(super) fn is_vat(element: Element<'_>) -> bool {
    let vat = |id: Element<'_>| normalized(&id.text()).eq_ignore_ascii_case("VAT");
    let path = path!("cac:TaxScheme/cbc:ID");
    // There is hardly ever more than one.
    element.first(path).is_some_and(vat) || element.all(path).skip(1).any(vat)
}

/// Whether an allowance or charge says that it is a charge, or that it is none.
pub(super) fn is_charge(element: Element<'_>, charge: bool) -> bool {
    let says = |indicator: Element<'_>| match indicator.text().trim_matches(is_space) {
        "true" | "1" => charge,
        "false" | "0" => !charge,
        _ => false,
    };
    let path = path!("cbc:ChargeIndicator");
    element.first(path).is_some_and(says) || element.all(path).skip(1).any(says)
}

/// Whether the parent of `element` is called `name`.
pub(super) fn parent_is(element: Element<'_>, name: Name) -> bool {
    element.parent().is_some_and(|parent| parent.is(name))
}

/// Whether `element` is a child of the root.
pub(super) fn at_top(element: Element<'_>) -> bool {
    element.parent().is_some_and(|parent| parent.parent().is_none())
}

/// Any element of the name.
pub(super) fn anywhere(_: Element<'_>) -> bool {
    true
}
