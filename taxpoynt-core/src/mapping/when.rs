//! When a rule applies: the predicates that a rule's `when` can hold.

use super::{
    constant::{Constant, number},
    letters::same,
    limit::Limit,
    piece::Piece,
    problem::{Problem, shown},
    source::{Cx, Source},
    tree::{Name, Node, Tree},
    value::{Kind, Value},
};
use std::borrow::Cow;

const MAX_TESTS: usize = 32;
const MAX_NOT: usize = 4;

/// The predicates, each with an example of what it takes: the schema and the messages are made from it.
pub(super) const KEYS: [(&str, &str); 12] = [
    ("equals", "{ \"sale.reference\" = \"a\" }"),
    ("in", "{ \"sale.reference\" = [\"a\", \"b\"] }"),
    ("starts_with", "{ \"item.sku\" = \"SRV-\" }"),
    ("ends_with", "{ \"customer.name\" = [\"Ltd\", \"Limited\"] }"),
    ("contains", "{ \"raw.order.tags\" = \"test\" }"),
    ("at_least", "{ \"deal.amount\" = 1000000 }"),
    ("below", "{ \"deal.amount\" = 1000000 }"),
    ("since", "{ \"sale.closed_at\" = \"2026-01-01\" }"),
    ("before", "{ \"sale.closed_at\" = \"2026-01-01\" }"),
    ("present", "\"sale.reference\""),
    ("absent", "\"sale.reference\""),
    ("not", "{ present = \"sale.reference\" }"),
];

/// One predicate.
#[derive(Debug, Clone)]
pub(super) enum Test {
    In(Source, Vec<Constant>),
    Piece(Source, Piece),
    Limit(Source, Limit),
    Present(Source),
    Absent(Source),
    Not(Vec<Test>),
}

/// Reads the table after `when`: all of its predicates must hold.
pub(super) fn read(node: &Node, target: usize) -> Result<Vec<Test>, Problem> {
    tests(node, target, 0)
}

fn tests(node: &Node, target: usize, depth: usize) -> Result<Vec<Test>, Problem> {
    let Tree::Table(entries) = &node.value else {
        return Err(Problem::at(
            node.at,
            format!("when is a table of predicates, found {}", node.value.describe()),
        ));
    };
    let mut tests = Vec::new();
    for (name, value) in entries {
        match name.text.as_str() {
            "equals" | "in" | "starts_with" | "ends_with" | "contains" | "at_least" | "below" | "since"
            | "before" => comparisons(name, value, target, &mut tests)?,
            "present" => paths(value, target, &mut |source| tests.push(Test::Present(source)))?,
            "absent" => paths(value, target, &mut |source| tests.push(Test::Absent(source)))?,
            "not" if depth < MAX_NOT => tests.push(Test::Not(self::tests(value, target, depth + 1)?)),
            "not" => return Err(Problem::at(name.at, "not in not in not: say it plainly")),
            _ => {
                let names = KEYS.iter().map(|(name, _)| *name);
                return Err(Problem::unknown(name.at, "predicate", &name.text, names));
            }
        }
        if tests.len() > MAX_TESTS {
            return Err(Problem::at(name.at, format!("a rule has at most {MAX_TESTS} predicates")));
        }
    }
    if tests.is_empty() {
        return Err(Problem::at(node.at, "when is empty: leave it out, or say when the rule applies"));
    }
    contradiction(&tests).map_or(Ok(tests), |message| Err(Problem::at(node.at, message)))
}

/// Two predicates of which one rules the other out, so that the rule would never apply.
fn contradiction(tests: &[Test]) -> Option<String> {
    let there = |test: &Test| match test {
        Test::In(source, _) | Test::Piece(source, _) | Test::Limit(source, _) | Test::Present(source) => {
            Some(source.text.clone())
        }
        Test::Absent(_) | Test::Not(_) => None,
    };
    let absent =
        tests.iter().filter_map(|test| if let Test::Absent(source) = test { Some(source) } else { None });
    for source in absent {
        if tests.iter().filter_map(there).any(|path| path == source.text) {
            return Some(format!("this never holds: {:?} cannot be absent and there", source.text));
        }
    }
    for (nth, test) in tests.iter().enumerate() {
        let Test::Limit(source, limit) = test else { continue };
        let rules_out = |other: &Test| matches!(other, Test::Limit(same, other) if same.text == source.text && limit.rules_out(*other));
        if tests[nth + 1..].iter().any(rules_out) {
            return Some(format!(
                "this never holds: nothing of {:?} lies between the two limits",
                source.text
            ));
        }
    }
    None
}

fn comparisons(name: &Name, node: &Node, target: usize, tests: &mut Vec<Test>) -> Result<(), Problem> {
    let Tree::Table(entries) = &node.value else {
        let example = KEYS.iter().find(|(key, _)| *key == name.text).map_or("", |(_, example)| *example);
        return Err(Problem::at(node.at, format!("{} is a table of paths: {example}", name.text)));
    };
    for (path, at, literal) in flat(entries, "") {
        let source = Source::parse(&path, target).map_err(|p| p.placed(at))?;
        tests.push(match name.text.as_str() {
            "equals" => Test::In(source.clone(), vec![comparable(&source, literal)?]),
            "in" => Test::In(source.clone(), listed(&source, literal)?),
            "at_least" | "below" | "since" | "before" => {
                let limit = Limit::read(&name.text, &source, literal)?;
                Test::Limit(source, limit)
            }
            _ => {
                let piece = Piece::read(&name.text, &source, literal)?;
                Test::Piece(source, piece)
            }
        });
    }
    Ok(())
}

fn listed(source: &Source, node: &Node) -> Result<Vec<Constant>, Problem> {
    match &node.value {
        Tree::List(list) => list.iter().map(|literal| comparable(source, literal)).collect(),
        _ => Err(Problem::at(node.at, "in wants a list of values")),
    }
}

/// A path written without quotes arrives as tables in tables: `{ sale.reference = "a" }`.
fn flat<'n>(entries: &'n [(Name, Node)], before: &str) -> Vec<(String, usize, &'n Node)> {
    entries
        .iter()
        .flat_map(|(name, node)| {
            let path = format!("{before}{}", name.text);
            match &node.value {
                Tree::Table(inner) if !inner.is_empty() => flat(inner, &format!("{path}."))
                    .into_iter()
                    .map(|(path, _, node)| (path, name.at, node))
                    .collect(),
                _ => vec![(path, name.at, node)],
            }
        })
        .collect()
}

/// A literal the source can be equal to.
fn comparable(source: &Source, node: &Node) -> Result<Constant, Problem> {
    let literal = match &node.value {
        Tree::Text(text) => Constant::Text(text.clone()),
        Tree::Number(text) => Constant::Number(number(node.at, text)?),
        Tree::Bool(yes) => Constant::Bool(*yes),
        other => {
            return Err(Problem::at(
                node.at,
                format!("a value to compare with cannot be {}", other.describe()),
            ));
        }
    };
    let fits = match source.kind() {
        Kind::Any => true,
        kind => kind == literal.kind(),
    };
    if !fits {
        let found = literal.kind().name();
        return Err(Problem::at(
            node.at,
            format!("{:?} is {}, which never equals {found}", source.text, source.kind().name()),
        ));
    }
    match &literal {
        Constant::Text(text) if !source.one_of().is_empty() && !source.one_of().contains(&text.as_str()) => {
            let what = format!("value of {:?}", source.text);
            Err(Problem::unknown(node.at, &what, text, source.one_of().iter().copied()))
        }
        _ => Ok(literal),
    }
}

fn paths(node: &Node, target: usize, push: &mut dyn FnMut(Source)) -> Result<(), Problem> {
    match &node.value {
        Tree::Text(path) => {
            push(Source::parse(path, target).map_err(|p| p.placed(node.at))?);
            Ok(())
        }
        Tree::List(list) if list.iter().all(|n| matches!(n.value, Tree::Text(_))) => {
            list.iter().try_for_each(|path| paths(path, target, push))
        }
        other => Err(Problem::at(
            node.at,
            format!("expected a path or a list of paths, found {}", other.describe()),
        )),
    }
}

impl Test {
    /// What it reads, in its order.
    fn each_source<'t>(&'t self, tell: &mut dyn FnMut(&'t Source)) {
        match self {
            Self::In(source, _)
            | Self::Piece(source, _)
            | Self::Limit(source, _)
            | Self::Present(source)
            | Self::Absent(source) => tell(source),
            Self::Not(tests) => tests.iter().for_each(|test| test.each_source(tell)),
        }
    }
}

/// Everything that predicates read, in their order.
pub(super) fn sources(tests: &[Test]) -> Vec<&Source> {
    let mut all = Vec::new();
    tests.iter().for_each(|test| test.each_source(&mut |source| all.push(source)));
    all
}

/// Whether a predicate reads an element of the record that has to be picked.
pub(super) fn is_bound(tests: &[Test]) -> bool {
    sources(tests).into_iter().any(Source::is_bound)
}

/// Whether they cannot hold where the record names no customer.
pub(super) fn wants_customer(tests: &[Test]) -> bool {
    tests.iter().any(|test| match test {
        Test::In(source, _) | Test::Piece(source, _) | Test::Limit(source, _) | Test::Present(source) => {
            source.is_of_customer()
        }
        Test::Absent(_) | Test::Not(_) => false,
    })
}

/// How many elements of the record the predicates could stand for; at least 1.
pub(super) fn picks(tests: &[Test], cx: &Cx<'_, '_, '_>) -> usize {
    let mut most = 1;
    tests.iter().for_each(|test| test.each_source(&mut |source| most = most.max(source.picks(cx))));
    most
}

/// The predicates in words: `deal.won = true and deal.pipeline is one of "a", "b"`.
pub(super) fn described(tests: &[Test]) -> String {
    let written = |constant: &Constant| match constant {
        Constant::Text(text) => format!("{:?}", shown(text)),
        other => other.value().into_text().map(Cow::into_owned).unwrap_or_default(),
    };
    let one = |test: &Test| match test {
        Test::In(source, literals) if literals.len() == 1 => {
            format!("{} = {}", source.text, written(&literals[0]))
        }
        Test::In(source, literals) => {
            let all: Vec<String> = literals.iter().map(written).collect();
            format!("{} to be one of {}", source.text, all.join(", "))
        }
        Test::Piece(source, piece) => format!("{} {piece}", source.text),
        Test::Limit(source, limit) => format!("{} {limit}", source.text),
        Test::Present(source) => format!("{} to be there", source.text),
        Test::Absent(source) => format!("{} to be empty", source.text),
        Test::Not(tests) => format!("not ({})", described(tests)),
    };
    tests.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// The first source that predicates read, as written.
pub(super) fn first_source(tests: &[Test]) -> Option<&str> {
    sources(tests).first().map(|source| source.text.as_str())
}

/// Whether all predicates hold.
pub(super) fn hold<'p, 'v: 'p>(tests: &'v [Test], cx: &Cx<'p, 'v, '_>, pick: usize) -> bool {
    tests.iter().all(|test| match test {
        Test::In(source, literals) => {
            source.peek(cx, pick).is_some_and(|value| literals.iter().any(|literal| equal(&value, literal)))
        }
        Test::Piece(source, piece) => source.peek(cx, pick).is_some_and(|value| piece.holds(&value)),
        Test::Limit(source, limit) => source.peek(cx, pick).is_some_and(|value| limit.holds(value, cx)),
        Test::Present(source) => source.peek(cx, pick).is_some(),
        Test::Absent(source) => source.peek(cx, pick).is_none(),
        Test::Not(tests) => !hold(tests, cx, pick),
    })
}

/// A number compares by value (`7.5` equals "7.50"), a text character by character, without the blanks around it.
fn equal(value: &Value<'_>, literal: &Constant) -> bool {
    match (value, literal) {
        (Value::Several(values), _) if values.len() == 1 => equal(&values[0], literal),
        (value, Constant::Number(number)) => value.number() == Some(*number),
        (Value::Bool(value), Constant::Bool(literal)) => value == literal,
        (Value::Text(value), Constant::Bool(literal)) => {
            value.trim() == if *literal { "true" } else { "false" }
        }
        (Value::Text(value), Constant::Text(literal)) => same(value, literal),
        (Value::Bool(value), Constant::Text(literal)) => literal == if *value { "true" } else { "false" },
        _ => false,
    }
}
