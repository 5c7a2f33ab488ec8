//! What an explanation says, worked out once more by other means: each path is walked in the record as it came, each
//! transform is done again from the text of the rule file, each sum must be made of figures that stand on the document.

use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_core::{
    connector::RecordShape,
    explain::{Entry, Explanation, Origin, RuleOrigin},
    mapping::Read,
};
use toml::{Spanned, de::DeTable, de::DeValue};

/// How much of what was told was found to be so.
#[derive(Debug, Default)]
pub struct Checked {
    pub paths: usize,
    pub steps: usize,
    pub sums: usize,
    pub copies: BTreeMap<String, usize>,
    /// Fields of the model that no path in the record shows, as explanations name them.
    pub on_trust: BTreeSet<String>,
}

/// What an explanation is held against.
pub struct Grounds<'g> {
    pub platform: &'g str,
    pub record: &'g Json,
    pub shape: RecordShape,
    /// How many of the smallest unit make one of the document's currency.
    pub minor_units: Decimal,
    /// The text of each rule set by its name.
    pub rules: &'g BTreeMap<String, String>,
}

/// Holds every value that is told to the record and the rule files.
pub fn recompute(what: &str, told: &Explanation, grounds: &Grounds<'_>, checked: &mut Checked) {
    let mut figures = figures(told);
    of_record(grounds.record, &mut figures);
    for entry in &told.elements {
        let at = format!("{what}: {} {:?}: {}", entry.path, entry.value, entry.sentence());
        match &entry.origin {
            Origin::Rule(rule) => of_rule(&at, rule, grounds, checked),
            Origin::Copied { sources, how, .. } => {
                sources.iter().for_each(|source| stands_there(&at, source, grounds, checked));
                if entry.written.is_none() {
                    copied(&at, entry, (sources, how.as_deref()), grounds, checked);
                }
            }
            Origin::Calculated { step } => {
                made_of_figures(&at, step, &figures);
                checked.sums += 1;
            }
            _ => {}
        }
    }
}

/// Every number on the document.
fn figures(told: &Explanation) -> BTreeSet<Decimal> {
    let values = told.elements.iter().filter_map(|entry| entry.value.as_deref()?.parse::<Decimal>().ok());
    values.map(|number| number.abs().normalize()).collect()
}

/// Every number in the record, as it stands and in major units.
fn of_record(value: &Json, figures: &mut BTreeSet<Decimal>) {
    match value {
        Json::Object(members) => members.values().for_each(|value| of_record(value, figures)),
        Json::Array(all) => all.iter().for_each(|value| of_record(value, figures)),
        value => {
            let Ok(number) = shown(value).parse::<Decimal>() else { return };
            figures.insert(number.abs().normalize());
            figures.insert((number.abs() / Decimal::ONE_HUNDRED).normalize());
        }
    }
}

/// A sum is made of what stands on the document or in the record: nothing in it is made up. Figures that are sums of others are not shown
/// alone, so a product's factor may be a sum.
fn made_of_figures(at: &str, step: &str, figures: &BTreeSet<Decimal>) {
    let Some((_, sum)) = step.rsplit_once(": ") else { return };
    let Some((parts, _)) = sum.split_once(" = ") else { return };
    for word in parts.split(' ') {
        let Ok(number) = word.trim_start_matches('-').parse::<Decimal>() else { continue };
        let is_a_sum = parts.contains(" x ");
        assert!(
            number.is_zero() || is_a_sum || figures.contains(&number.normalize()),
            "{at}: {word} stands nowhere"
        );
    }
}

/// What a path leads to in the record, by its text alone. A list without an index is its first element.
fn walk<'r>(record: &'r Json, shape: RecordShape, path: &str) -> Option<&'r Json> {
    let mut steps = steps_of(path).into_iter();
    let first = steps.next()?;
    let root = record.get(shape.root);
    let other = |name: &str| {
        let pair = shape.lists.iter().find(|(many, one)| *many == name || *one == name)?;
        Some(if pair.0 == name { pair.1 } else { pair.0 })
    };
    let named = |object: &'r Json, name: &str| object.get(name).or_else(|| object.get(other(name)?));
    let mut at = named(record, &first)
        .or_else(|| if first == shape.root { Some(record) } else { named(root?, &first) })?;
    for step in steps {
        at = match step.parse::<usize>() {
            Ok(index) if at.is_array() => at.get(index)?,
            Ok(0) => at,
            Ok(_) => return None,
            Err(_) => {
                let object = if at.is_array() { at.get(0)? } else { at };
                object.get(&step).or_else(|| {
                    let at_root = root.is_some_and(|root| std::ptr::eq(root, object));
                    if at_root { named(record, &step) } else { None }
                })?
            }
        };
    }
    (!at.is_null()).then_some(at)
}

/// `order.line_items[0]."a.b"` as `order`, `line_items`, `0`, `a.b`.
fn steps_of(path: &str) -> Vec<String> {
    let (mut steps, mut step, mut quoted) = (Vec::new(), String::new(), false);
    for c in path.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' | '[' | ']' if !quoted => steps.push(std::mem::take(&mut step)),
            c => step.push(c),
        }
    }
    steps.push(step);
    steps.retain(|step| !step.is_empty());
    steps
}

/// A value of the record as a person is shown it.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(all) => {
            let there = all.iter().filter(|one| !one.is_null() && !one.is_array());
            there.map(shown).collect::<Vec<_>>().join(", ")
        }
        Json::Object(_) => "(an object)".to_owned(),
        other => other.to_string(),
    }
}

/// Fields of the model that say something about a member of the record, and do not repeat it.
const MADE: &[&str] = &["customer.kind", "item.tax.state", "item.voucher", "deal.won", "sale.paid"];

/// Whether a path that is told leads to the value that is told.
fn stands_there(at: &str, source: &Read, grounds: &Grounds<'_>, checked: &mut Checked) {
    let found = |path: &str| {
        let path = path.strip_prefix("raw.").unwrap_or(path);
        walk(grounds.record, grounds.shape, path).map(shown).filter(|text| !text.trim().is_empty())
    };
    let told = source.value.as_deref();
    match &source.record {
        None if source.path.starts_with("raw.") => {
            assert_eq!(told, found(&source.path).as_deref(), "{at}: {}", source.path);
            checked.paths += 1;
        }
        None if told.is_some() => {
            checked.on_trust.insert(format!("{}: {}", grounds.platform, source.path));
        }
        None => {}
        // A field of the model, made of one member of the record or of several.
        Some(record) => {
            let parts: Vec<String> = record.split(" + ").filter_map(found).collect();
            let whole = told.unwrap_or_default();
            let made_of = |part: &String| {
                is_fact(whole, part) || whole.contains(part.trim()) || part.contains(whole.trim())
            };
            let is_made = MADE.contains(&source.path.as_str());
            assert!(
                !parts.is_empty() && (is_made || parts.iter().any(made_of)),
                "{at}: {record} holds {parts:?}, told is {told:?}"
            );
            checked.paths += 1;
        }
    }
}

/// Whether a field of the model is what stands in the record, written otherwise.
fn is_fact(told: &str, found: &str) -> bool {
    let time = |text: &str| text.parse::<DateTime<Utc>>().ok();
    let number = |text: &str| text.trim().parse::<Decimal>().ok();
    told.trim().eq_ignore_ascii_case(found.trim())
        || number(told).zip(number(found)).is_some_and(|(told, found)| {
            (0..=4).any(|places| told == found / Decimal::from(10_u64.pow(places)))
        })
        || time(told).is_some_and(|told| time(found) == Some(told))
        // The model's word for what it does not tell apart.
        || told == "other"
        || CODES.contains(&(found, told))
}

/// A platform's words, and the codes that the model has for them.
const CODES: &[(&str, &str)] = &[
    ("WALLET", "other"),
    ("BANK_ACCOUNT", "transfer"),
    ("SQUARE_GIFT_CARD", "other"),
    ("EXTERNAL", "other"),
    ("CHECK", "cheque"),
    ("NO_SALE", "other"),
    ("METRIC_KILOGRAM", "KGM"),
    ("METRIC_GRAM", "GRM"),
];

/// What the connector makes of what it reads, for those that a formula says.
fn copied(
    at: &str,
    entry: &Entry,
    (sources, how): (&[Read], Option<&str>),
    grounds: &Grounds<'_>,
    checked: &mut Checked,
) {
    let number = |text: &str| text.trim().parse::<Decimal>().ok();
    let (Some(how), Some(value)) = (how, entry.value.as_deref().and_then(number)) else { return };
    let read: Option<Vec<Decimal>> = sources.iter().map(|source| number(source.value.as_deref()?)).collect();
    let Some(read) = read else { return };
    let expected = match (how, read.as_slice()) {
        ("in minor units", [one]) => one / grounds.minor_units,
        ("in minor units: the total less its tax", [total, tax]) => (total - tax) / grounds.minor_units,
        ("rounded half up to the minor unit", [one]) => {
            one.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
        }
        ("the amount divided by the quantity", [amount, quantity]) => amount / quantity,
        _ => return,
    };
    assert!((expected.abs() - value.abs()).abs() < Decimal::new(1, 6), "{at}: {how} gives {expected}");
    *checked.copies.entry(how.to_owned()).or_default() += 1;
}

/// A value on its way through a rule.
#[derive(Debug, Clone, PartialEq)]
enum Flow {
    One(String),
    Several(Vec<String>),
    /// Of a table: a tax or a classification, whose writing is not looked into.
    Opaque,
}

impl Flow {
    fn text(&self) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Several(all) => all.join(", "),
            Self::Opaque => String::new(),
        }
    }
}

type Node = Spanned<DeValue<'static>>;

fn of_rule(at: &str, rule: &RuleOrigin, grounds: &Grounds<'_>, checked: &mut Checked) {
    rule.sources.iter().chain(&rule.when).for_each(|source| stands_there(at, source, grounds, checked));
    let text =
        grounds.rules.get(&rule.set).unwrap_or_else(|| panic!("{at}: there is no rule set {}", rule.set));
    let on_line = rules_at(text, &rule.target, rule.line.unwrap());
    // Of several short rules on a line it is the one that reads what is told.
    let reads = |rule_file: &&Node| {
        let (paths, ..) = parts_of(rule_file);
        let own = rule.sources.get(..paths.len());
        own.is_some_and(|own| paths.iter().zip(own).all(|(path, one)| names(path, &one.path, grounds.shape)))
    };
    let written =
        on_line.iter().find(reads).unwrap_or_else(|| panic!("{at}: no rule there reads that: {on_line:?}"));
    let (paths, constant, apply) = parts_of(written);
    let own = &rule.sources[..paths.len()];
    let there: Vec<String> = own.iter().filter_map(|source| source.value.clone()).collect();
    let mut flow = match (constant, paths.len()) {
        (Some(constant), _) => Some(constant),
        (None, 0) => None,
        (None, 1) if !is_list(written) => there.first().cloned().map(Flow::One),
        _ => (!there.is_empty()).then_some(Flow::Several(there)),
    };
    let mut places = rule.sources[paths.len()..].iter();
    assert_eq!(apply.len(), rule.steps.len(), "{at}: as many steps as transforms");
    for (transform, step) in apply.iter().zip(&rule.steps) {
        flow = done(at, transform, flow, &mut places);
        match &flow {
            Some(Flow::Opaque) => flow = step.value.clone().map(Flow::One),
            flow => assert!(
                same(flow.as_ref().map(Flow::text).as_deref(), step.value.as_deref()),
                "{at}: {} gives {flow:?}",
                step.transform
            ),
        }
        checked.steps += 1;
    }
    match flow {
        Some(Flow::Opaque) => {}
        Some(flow) if rule.target.ends_with("tax") => {
            assert!(rule.value.contains(&plain(&flow.text())), "{at}: {flow:?}")
        }
        flow => assert!(
            same(flow.map(|flow| flow.text()).as_deref(), Some(&rule.value)),
            "{at}: the rule gives otherwise"
        ),
    }
}

fn plain(number: &str) -> String {
    number
        .trim()
        .parse::<Decimal>()
        .map_or_else(|_| number.to_owned(), |number| number.normalize().to_string())
}

fn same(worked_out: Option<&str>, told: Option<&str>) -> bool {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    match (worked_out, told) {
        (Some(ours), Some(told)) => {
            ours.trim() == told.trim()
                || plain(ours) == plain(told)
                // Which zone a shop is in is not looked up here: a day is right to a day.
                || day(ours).zip(day(told)).is_some_and(|(a, b)| {
                    a == b || a.checked_add_days(Days::new(1)) == Some(b) || b.checked_add_days(Days::new(1)) == Some(a)
                })
        }
        (ours, told) => ours.is_none_or(|text| text.trim().is_empty()) && told.is_none(),
    }
}

/// Whether a path that is told is the one that the rule names, with its indexes filled in.
fn names(written: &str, told: &str, shape: RecordShape) -> bool {
    let bare = |path: &str| -> Vec<String> {
        let steps = steps_of(path).into_iter().filter(|step| step.parse::<usize>().is_err());
        steps.filter(|step| step != shape.root).collect()
    };
    match written.strip_prefix("custom.") {
        Some(name) => told.ends_with(&format!(".{name}")) || told == written,
        None => {
            bare(written) == bare(told)
                || shape.stand_ins.iter().any(|(from, to)| {
                    bare(written).len() >= bare(from).len() && told.contains(to.trim_end_matches("[]"))
                })
        }
    }
}

/// The rules that begin on a line, below the target they set.
fn rules_at(text: &str, target: &str, line: usize) -> Vec<Node> {
    let table = DeTable::parse(text).unwrap();
    let root = Spanned::new(table.span(), owned(DeValue::Table(table.into_inner())));
    let mut found = Vec::new();
    let name = target.rsplit('.').next().unwrap();
    below(&root, name, "", &mut found);
    let line_of = |node: &Node| text[..node.span().start].matches('\n').count() + 1;
    found.retain(|node| line_of(node) == line);
    found
}

/// As a tree that borrows nothing; a number is its text.
fn owned(value: DeValue<'_>) -> DeValue<'static> {
    match value {
        DeValue::String(text) => DeValue::String(text.into_owned().into()),
        DeValue::Boolean(yes) => DeValue::Boolean(yes),
        DeValue::Array(all) => DeValue::Array(
            all.into_iter().map(|one| Spanned::new(one.span(), owned(one.into_inner()))).collect(),
        ),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(name, one)| {
                    let name =
                        Spanned::new(name.span(), std::borrow::Cow::Owned(name.into_inner().into_owned()));
                    (name, Spanned::new(one.span(), owned(one.into_inner())))
                })
                .collect(),
        ),
        DeValue::Integer(number) => DeValue::String(number.as_str().to_owned().into()),
        DeValue::Float(number) => DeValue::String(number.as_str().to_owned().into()),
        DeValue::Datetime(day) => DeValue::String(day.to_string().into()),
    }
}

/// Every rule that stands under a name, wherever that is.
fn below(node: &Node, wanted: &str, name: &str, found: &mut Vec<Node>) {
    match node.get_ref() {
        DeValue::Table(table) if name == wanted || name.ends_with(&format!(".{wanted}")) => {
            if table
                .iter()
                .any(|(key, _)| matches!(key.get_ref().as_ref(), "from" | "value" | "apply" | "skip"))
            {
                found.push(node.clone());
            } else {
                table.iter().for_each(|(key, one)| below(one, wanted, key.get_ref(), found));
            }
        }
        DeValue::Table(table) => table.iter().for_each(|(key, one)| below(one, wanted, key.get_ref(), found)),
        DeValue::Array(all) if name == wanted => found.extend(all.iter().cloned()),
        DeValue::String(_) if name == wanted => found.push(node.clone()),
        _ => {}
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let DeValue::Table(table) = node.get_ref() else { return None };
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

fn text_of(node: &Node) -> Option<String> {
    match node.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn is_list(rule: &Node) -> bool {
    member(rule, "from").is_some_and(|from| matches!(from.get_ref(), DeValue::Array(_)))
}

/// The paths, the fixed value and the transforms of a rule.
fn parts_of(rule: &Node) -> (Vec<String>, Option<Flow>, Vec<Node>) {
    let list = |node: &Node| match node.get_ref() {
        DeValue::Array(all) => all.iter().cloned().collect(),
        _ => vec![node.clone()],
    };
    let from = if let DeValue::String(path) = rule.get_ref() {
        vec![path.to_string()]
    } else {
        member(rule, "from").map(|from| list(from).iter().filter_map(text_of).collect()).unwrap_or_default()
    };
    let constant = member(rule, "value").map(|value| text_of(value).map_or(Flow::Opaque, Flow::One));
    (from, constant, member(rule, "apply").map(list).unwrap_or_default())
}

/// A transform, done from its description in `docs/mapping.md`.
fn done<'s>(
    at: &str,
    transform: &Node,
    flow: Option<Flow>,
    places: &mut impl Iterator<Item = &'s Read>,
) -> Option<Flow> {
    let (name, parameter) = match transform.get_ref() {
        DeValue::String(name) => (name.to_string(), None),
        DeValue::Table(table) => {
            let (name, parameter) = table.iter().next().unwrap();
            (name.get_ref().to_string(), Some(parameter))
        }
        _ => panic!("{at}: {transform:?} is no transform"),
    };
    let word = || parameter.and_then(text_of).unwrap_or_else(|| panic!("{at}: {name}"));
    if name == "template" {
        return filled(&word(), flow.as_ref(), places).map(Flow::One);
    }
    let Some(flow) = flow else {
        return (name == "default").then(|| Flow::One(word()));
    };
    if let Flow::Opaque = flow {
        return Some(flow);
    }
    let text = flow.text();
    let one = |text: String| (!text.trim().is_empty()).then_some(Flow::One(text));
    let number = |text: &str| {
        text.trim().trim_end_matches('%').trim().parse::<Decimal>().unwrap_or_else(|_| panic!("{at}: {text}"))
    };
    match name.as_str() {
        "require" | "default" => Some(flow),
        "trim" => one(text.trim().to_owned()),
        "upper" => one(text.to_uppercase()),
        "lower" => one(text.to_lowercase()),
        "max_len" => one(text.chars().take(word().parse().unwrap()).collect()),
        "split_first" => one(text.split(&word()).next().unwrap().to_owned()),
        "strip_prefix" => text.trim_start().strip_prefix(&word()).map(str::to_owned).and_then(one),
        "replace" => {
            let DeValue::Array(pair) = parameter.unwrap().get_ref() else { panic!("{at}") };
            one(text.replace(&text_of(&pair[0]).unwrap(), &text_of(&pair[1]).unwrap()))
        }
        "first" => match flow {
            Flow::Several(all) => all.into_iter().next().map(Flow::One),
            flow => Some(flow),
        },
        "join" => match flow {
            Flow::Several(all) => one(all.iter().map(|one| one.trim()).collect::<Vec<_>>().join(&word())),
            // A list of the record is told with its elements side by side.
            Flow::One(text) => one(text.split(", ").map(str::trim).collect::<Vec<_>>().join(&word())),
            Flow::Opaque => Some(Flow::Opaque),
        },
        "phone" => one(phone(&text, parameter.and_then(text_of).as_deref())),
        "percent" | "decimal" => one(number(&text).to_string()),
        "minor_units" => one((number(&text) / Decimal::ONE_HUNDRED).to_string()),
        "date" => one(text.get(..10).unwrap_or(&text).to_owned()),
        "lookup" => match parameter.map(|p| p.get_ref()) {
            Some(DeValue::Table(table)) if table.iter().all(|(key, _)| key.get_ref() != "table") => {
                let found = table.iter().find(|(key, _)| key.get_ref().trim() == text.trim());
                found.map(|(_, value)| text_of(value).map_or(Flow::Opaque, Flow::One))
            }
            _ => Some(Flow::Opaque),
        },
        other => panic!("{at}: {other} is worked out by nobody"),
    }
}

/// E.164 where that is certain.
fn phone(text: &str, code: Option<&str>) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.trim_start().starts_with('+') {
        return format!("+{digits}");
    }
    match (digits.strip_prefix("00"), digits.strip_prefix('0'), code) {
        (Some(rest), ..) => format!("+{rest}"),
        (None, Some(rest), Some(code)) => format!("+{code}{rest}"),
        (None, None, Some(code)) if digits.starts_with(code) => format!("+{digits}"),
        _ => text.to_owned(),
    }
}

/// `{}` is the value at hand, `{path}` the next of the sources that are told.
fn filled<'s>(
    template: &str,
    flow: Option<&Flow>,
    places: &mut impl Iterator<Item = &'s Read>,
) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        if rest[at..].starts_with("{{") || rest[at..].starts_with("}}") {
            text.push_str(&rest[at..=at]);
            rest = &rest[at + 2..];
            continue;
        }
        let end = at + rest[at..].find('}')?;
        match rest[at + 1..end].trim() {
            "" => text.push_str(flow?.text().trim()),
            _ => text.push_str(places.next()?.value.as_deref()?.trim()),
        }
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    Some(text)
}
