//! When a rule applies: the predicates `equals`, `in`, `present`, `absent` and `not`.

use super::{
    constant::{Constant, number},
    problem::{Problem, shown},
    source::{Cx, Source},
    tree::{Name, Node, Tree},
    value::{Kind, Value},
};
use std::borrow::Cow;

const MAX_TESTS: usize = 32;
const MAX_NOT: usize = 4;
const KEYS: [&str; 5] = ["equals", "in", "present", "absent", "not"];

/// One predicate.
#[derive(Debug, Clone)]
pub(super) enum Test {
    In(Source, Vec<Constant>),
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
            "equals" | "in" => comparisons(name, value, target, &mut tests)?,
            "present" => paths(value, target, &mut |source| tests.push(Test::Present(source)))?,
            "absent" => paths(value, target, &mut |source| tests.push(Test::Absent(source)))?,
            "not" if depth < MAX_NOT => tests.push(Test::Not(self::tests(value, target, depth + 1)?)),
            "not" => return Err(Problem::at(name.at, "not in not in not: say it plainly")),
            _ => return Err(Problem::unknown(name.at, "predicate", &name.text, KEYS)),
        }
        if tests.len() > MAX_TESTS {
            return Err(Problem::at(name.at, format!("a rule has at most {MAX_TESTS} predicates")));
        }
    }
    if tests.is_empty() {
        return Err(Problem::at(node.at, "when is empty: leave it out, or say when the rule applies"));
    }
    Ok(tests)
}

fn comparisons(name: &Name, node: &Node, target: usize, tests: &mut Vec<Test>) -> Result<(), Problem> {
    let Tree::Table(entries) = &node.value else {
        let example = if name.text == "in" { "[\"a\", \"b\"]" } else { "\"a\"" };
        return Err(Problem::at(
            node.at,
            format!("{} is a table of paths: {{ \"sale.reference\" = {example} }}", name.text),
        ));
    };
    for (path, at, literal) in flat(entries, "") {
        let source = Source::parse(&path, target).map_err(|p| p.placed(at))?;
        let literals = match (&literal.value, name.text.as_str()) {
            (Tree::List(list), "in") => {
                list.iter().map(|l| comparable(&source, l)).collect::<Result<Vec<_>, _>>()?
            }
            (_, "in") => return Err(Problem::at(literal.at, "in wants a list of values")),
            _ => vec![comparable(&source, literal)?],
        };
        tests.push(Test::In(source, literals));
    }
    Ok(())
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

/// Whether a predicate reads an element of the record that has to be picked.
pub(super) fn is_bound(tests: &[Test]) -> bool {
    tests.iter().any(|test| match test {
        Test::In(source, _) | Test::Present(source) | Test::Absent(source) => source.is_bound(),
        Test::Not(tests) => is_bound(tests),
    })
}

/// Every source that predicates read.
pub(super) fn sources(tests: &[Test]) -> Vec<&Source> {
    let mut all = Vec::new();
    for test in tests {
        match test {
            Test::In(source, _) | Test::Present(source) | Test::Absent(source) => all.push(source),
            Test::Not(tests) => all.extend(sources(tests)),
        }
    }
    all
}

/// How many elements of the record the predicates could stand for; at least 1.
pub(super) fn picks(tests: &[Test], cx: &Cx<'_, '_, '_>) -> usize {
    let of = |test: &Test| match test {
        Test::In(source, _) | Test::Present(source) | Test::Absent(source) => source.picks(cx),
        Test::Not(tests) => picks(tests, cx),
    };
    tests.iter().map(of).max().unwrap_or(1)
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
        Test::Present(source) => format!("{} to be there", source.text),
        Test::Absent(source) => format!("{} to be empty", source.text),
        Test::Not(tests) => format!("not ({})", described(tests)),
    };
    tests.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// The first source that predicates read, as written.
pub(super) fn first_source(tests: &[Test]) -> Option<&str> {
    tests.iter().find_map(|test| match test {
        Test::In(source, _) | Test::Present(source) | Test::Absent(source) => Some(source.text.as_str()),
        Test::Not(tests) => first_source(tests),
    })
}

/// Whether all predicates hold.
pub(super) fn hold<'p, 'v: 'p>(tests: &'v [Test], cx: &Cx<'p, 'v, '_>, pick: usize) -> bool {
    tests.iter().all(|test| match test {
        Test::In(source, literals) => {
            source.peek(cx, pick).is_some_and(|value| literals.iter().any(|literal| equal(&value, literal)))
        }
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
        (Value::Text(value), Constant::Text(literal)) => value.trim() == literal.trim(),
        (Value::Bool(value), Constant::Text(literal)) => literal == if *value { "true" } else { "false" },
        _ => false,
    }
}
