//! From a rule file to rules: every name, path, kind and limit is checked here, so that applying them cannot fail
//! for a reason the file could have shown.

use super::{
    catalog::{Part, Section, TARGETS, Target, target_index},
    constant::Constant,
    problem::Problem,
    rule::{From, Rule},
    source::Source,
    trace,
    transform::Transform,
    tree::{Name, Node, Tree, read},
    value::Kind,
    when,
};
use rust_decimal::prelude::ToPrimitive;
use std::sync::Arc;

const MAX_RULES: usize = 2_000;
const MAX_STEPS: usize = 16;
const MAX_SOURCES: usize = 16;
const RULE_KEYS: [&str; 6] = ["from", "value", "apply", "when", "name", "skip"];
const FILE_KEYS: [&str; 5] = ["version", "trigger", "invoice", "buyer", "each"];
const EACH: [&str; 3] = ["line", "charge", "payment"];

/// The rules of each target, in the order of `TARGETS`; the first that applies decides.
pub(super) type Table = Vec<Vec<Arc<Rule>>>;

/// Reads a rule file into a table of rules.
pub(super) fn compile(file: &str, text: &str) -> Result<Table, Problem> {
    let root = read(text)?;
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut compiler =
        Compiler { file, lines, table: TARGETS.iter().map(|_| Vec::new()).collect(), count: 0 };
    for (name, node) in entries(&root, "a rule file")? {
        match name.text.as_str() {
            "version" => version(node)?,
            "trigger" => compiler.section(Section::Trigger, node, "")?,
            "invoice" => compiler.section(Section::Invoice, node, "")?,
            "buyer" => compiler.section(Section::Buyer, node, "")?,
            "each" => compiler.each(node)?,
            _ => return Err(unknown_table(name)),
        }
    }
    Ok(compiler.table)
}

/// Reads the tables of a template that hold a field map; what else it holds is not looked at.
pub(super) fn compile_map(file: &str, text: &str) -> Result<Table, Problem> {
    let root = read(text)?;
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut compiler =
        Compiler { file, lines, table: TARGETS.iter().map(|_| Vec::new()).collect(), count: 0 };
    for (name, node) in entries(&root, "a template")? {
        match name.text.as_str() {
            "map" => compiler.map(node)?,
            "webhook" => {
                if let Some(event) = entries(node, "webhook")?.iter().find(|(name, _)| name.text == "event") {
                    compiler.section(Section::Map(Part::Event), &event.1, "")?;
                }
            }
            _ => {}
        }
    }
    Ok(compiler.table)
}

/// The targets of rule files.
fn rule_targets() -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().filter(|target| !target.section.is_map())
}

fn entries<'n>(node: &'n Node, what: &str) -> Result<&'n [(Name, Node)], Problem> {
    match &node.value {
        Tree::Table(entries) => Ok(entries),
        other => Err(Problem::at(node.at, format!("{what} is a table, found {}", other.describe()))),
    }
}

fn version(node: &Node) -> Result<(), Problem> {
    match &node.value {
        Tree::Number(text) if text == "1" => Ok(()),
        _ => Err(Problem::at(node.at, "this engine reads version = 1 of the rules")),
    }
}

fn unknown_table(name: &Name) -> Problem {
    let problem = Problem::unknown(name.at, "table", &name.text, FILE_KEYS);
    let one = name.text.strip_suffix('s').unwrap_or(&name.text);
    if EACH.contains(&one) {
        return problem.hint(&format!("; rules for each {one} stand in [each.{one}]"));
    }
    if matches!(name.text.as_str(), "seller" | "supplier" | "tenant" | "shop") {
        return problem.hint("; who sells is said by the tenant's settings, not by rules");
    }
    match rule_targets().find(|target| target.name == name.text) {
        Some(target) => problem.hint(&format!("; {:?} belongs in [{}]", target.name, target.section.table())),
        None => problem,
    }
}

struct Compiler<'f> {
    file: &'f str,
    lines: Vec<usize>,
    table: Table,
    count: usize,
}

impl Compiler<'_> {
    fn each(&mut self, node: &Node) -> Result<(), Problem> {
        for (name, node) in entries(node, "each")? {
            match name.text.as_str() {
                "line" => self.section(Section::Line, node, "")?,
                "charge" => self.section(Section::Charge, node, "")?,
                "payment" => self.section(Section::Payment, node, "")?,
                other => {
                    return Err(Problem::unknown(name.at, "each", other, EACH));
                }
            }
        }
        Ok(())
    }

    /// The parts of a field map. Each but `sale`, `customer` and `contact` names its list in `each`, which is no rule.
    fn map(&mut self, node: &Node) -> Result<(), Problem> {
        let parts =
            || Part::ALL.into_iter().filter_map(|part| Some((part.table().strip_prefix("map.")?, part)));
        for (name, node) in entries(node, "map")? {
            let Some((_, part)) = parts().find(|(table, _)| *table == name.text) else {
                return Err(Problem::unknown(
                    name.at,
                    "part of map",
                    &name.text,
                    parts().map(|(table, _)| table),
                ));
            };
            self.section(Section::Map(part), node, "")?;
        }
        Ok(())
    }

    /// The targets of a section, below a group such as `address.`.
    fn section(&mut self, section: Section, node: &Node, group: &str) -> Result<(), Problem> {
        let what = format!("{}.{group}", section.table());
        for (name, node) in entries(node, what.trim_end_matches('.'))? {
            let path = format!("{group}{}", name.text);
            if matches!(section, Section::Map(part) if part.is_each()) && path == "each" {
                continue;
            }
            let below = format!("{path}.");
            if let Some(target) = target_index(section, &path) {
                self.target(target, node)?;
            } else if TARGETS.iter().any(|t| t.section == section && t.name.starts_with(&below)) {
                self.section(section, node, &below)?;
            } else {
                return Err(unknown_target(section, name.at, &path));
            }
        }
        Ok(())
    }

    fn target(&mut self, target: usize, node: &Node) -> Result<(), Problem> {
        match &node.value {
            Tree::List(rules) => rules.iter().try_for_each(|rule| {
                self.is_tried(target, rule)?;
                self.rule(target, rule)
            }),
            _ => {
                self.is_tried(target, node)?;
                self.rule(target, node)
            }
        }
    }

    /// A rule behind one that always decides would never be asked: whoever wrote it expects something else.
    fn is_tried(&self, target: usize, node: &Node) -> Result<(), Problem> {
        match self.table[target].iter().find(|rule| rule.always_decides()) {
            None => Ok(()),
            Some(before) => {
                let message = format!(
                    "this rule is never tried, because the one on line {} always decides: give that a when, or put it last",
                    before.line
                );
                Err(Problem::at(node.at, message))
            }
        }
    }

    fn rule(&mut self, target: usize, node: &Node) -> Result<(), Problem> {
        self.count += 1;
        if self.count > MAX_RULES {
            return Err(Problem::at(node.at, format!("a rule file has at most {MAX_RULES} rules")));
        }
        let line = self.lines.partition_point(|at| *at < node.at) + 1;
        let mut rule = Parts::read(node)?.compile(target, &format!("{}:{line}", self.file), self.file)?;
        rule.line = line;
        self.table[target].push(Arc::new(rule));
        Ok(())
    }
}

/// The parts of a rule as written.
struct Parts<'n> {
    at: usize,
    from: Option<&'n Node>,
    value: Option<&'n Node>,
    apply: Option<&'n Node>,
    when: Option<&'n Node>,
    name: Option<&'n str>,
    skip: bool,
}

impl<'n> Parts<'n> {
    fn read(node: &'n Node) -> Result<Self, Problem> {
        let at = node.at;
        let mut parts =
            Self { at, from: None, value: None, apply: None, when: None, name: None, skip: false };
        let entries = match &node.value {
            Tree::Text(_) => return Ok(Self { from: Some(node), ..parts }),
            Tree::Table(entries) => entries,
            other => {
                return Err(Problem::at(
                    at,
                    format!("a rule is a path or a table with from or value, found {}", other.describe()),
                ));
            }
        };
        for (name, node) in entries {
            match (name.text.as_str(), &node.value) {
                ("from", _) => parts.from = Some(node),
                ("value", _) => parts.value = Some(node),
                ("apply", _) => parts.apply = Some(node),
                ("when", _) => parts.when = Some(node),
                ("name", Tree::Text(text)) if (1..=100).contains(&text.len()) => parts.name = Some(text),
                ("name", _) => return Err(Problem::at(node.at, "name is a text of 1 to 100 bytes")),
                ("skip", Tree::Bool(true)) => parts.skip = true,
                ("skip", _) => return Err(Problem::at(node.at, "skip is true or left out")),
                (other, _) => return Err(Problem::unknown(name.at, "part of a rule", other, RULE_KEYS)),
            }
        }
        Ok(parts)
    }

    fn compile(self, target: usize, label: &str, file: &str) -> Result<Rule, Problem> {
        let when = self.when.map(|node| when::read(node, target)).transpose()?.unwrap_or_default();
        let (from, start) = self.start(target)?;
        let steps = self.steps()?;
        let written = steps.iter().map(|step| trace::written(step)).collect();
        let mut kind = start;
        let mut apply = Vec::with_capacity(steps.len());
        for step in &steps {
            let (transform, gives) = Transform::read(step, kind, target)?;
            apply.push(transform);
            kind = Some(gives);
        }
        if !self.skip {
            let at = steps.last().copied().or(self.from).or(self.value).map_or(self.at, |node| node.at);
            fits(target, kind, at)?;
            self.is_one_of(&from, &apply, target, at)?;
        }
        of_its_document(target, self.at, from.sources().iter().chain(when::sources(&when)))?;
        if let Some(inside) = self.value.and_then(|value| place_in(&value.value, target)) {
            let at = self.value.map_or(self.at, |value| value.at);
            let message = format!(
                "a fixed text has no places, so the invoice would say {{{inside}}}: write apply = [{{ template = \"...\" }}]"
            );
            return Err(Problem::at(at, message));
        }
        let label = self.name.map_or_else(|| label.to_owned(), |name| format!("{file}:{name}"));
        Ok(Rule::new(label, when, from, apply, written))
    }

    /// Whether every fixed value that can come out is one that the target takes.
    fn is_one_of(&self, from: &From, apply: &[Transform], target: usize, at: usize) -> Result<(), Problem> {
        let target = &TARGETS[target];
        let start = match (from, apply) {
            (From::Constant(constant), []) => Some(constant),
            _ => None,
        };
        let mut fixed = start.into_iter().chain(apply.last().into_iter().flat_map(Transform::constants));
        fixed.try_for_each(|constant| match constant {
            Constant::Text(text) if !target.one_of.is_empty() && !target.one_of.contains(&text.as_str()) => {
                let what = format!("value of [{}] {}", target.section.table(), target.name);
                Err(Problem::unknown(at, &what, text, target.one_of.iter().copied()))
            }
            Constant::Number(number) if target.kind == Kind::Number && !target.section.is_map() => {
                // The only number a rule sets is `due_days`.
                let days = if number.fract().is_zero() { number.to_u16() } else { None };
                days.map(drop).ok_or_else(|| {
                    let message = format!("{} is a whole number of days from 0, found {number}", target.name);
                    Problem::at(at, message)
                })
            }
            _ => Ok(()),
        })
    }

    /// Where the value starts, and its kind.
    fn start(&self, target: usize) -> Result<(From, Option<Kind>), Problem> {
        match (self.skip, self.from, self.value) {
            (true, None, None) if self.apply.is_none() => Ok((From::Skip, None)),
            (true, ..) => Err(Problem::at(self.at, "a rule that skips has neither from, value nor apply")),
            (false, Some(_), Some(value)) => Err(Problem::at(value.at, "a rule has from or value, not both")),
            (false, None, Some(value)) => {
                let constant = Constant::read_as(value, TARGETS[target].kind)?;
                let kind = constant.kind();
                Ok((From::Constant(constant), Some(kind)))
            }
            (false, None, None) if self.apply.is_some() => Ok((From::Nothing, None)),
            (false, None, None) => Err(Problem::at(self.at, "a rule needs from = \"a path\" or value = ...")),
            (false, Some(from), None) => match &from.value {
                Tree::List(list) => {
                    if list.is_empty() || list.len() > MAX_SOURCES {
                        return Err(Problem::at(from.at, format!("from lists 1 to {MAX_SOURCES} paths")));
                    }
                    let sources = list.iter().map(|node| source(node, target)).collect::<Result<_, _>>()?;
                    Ok((From::Sources(sources), Some(Kind::Several)))
                }
                _ => {
                    let source = source(from, target)?;
                    let kind = source.kind();
                    Ok((From::Source(source), Some(kind)))
                }
            },
        }
    }

    fn steps(&self) -> Result<Vec<&'n Node>, Problem> {
        match self.apply {
            None => Ok(Vec::new()),
            Some(Node { at, value: Tree::List(steps) }) => {
                if steps.is_empty() || steps.len() > MAX_STEPS {
                    return Err(Problem::at(*at, format!("apply lists 1 to {MAX_STEPS} transforms")));
                }
                Ok(steps.iter().collect())
            }
            Some(one) => Ok(vec![one]),
        }
    }
}

/// A deal's trigger is asked of deals alone: what it reads of a sale is never there.
fn of_its_document<'s>(
    target: usize,
    at: usize,
    mut sources: impl Iterator<Item = &'s Source>,
) -> Result<(), Problem> {
    let target = &TARGETS[target];
    let elsewhere = |source: &&Source| source.document().is_some_and(|kind| kind != target.name);
    match sources.find(elsewhere).filter(|_| target.section == Section::Trigger) {
        None => Ok(()),
        Some(source) => {
            let message = format!(
                "{:?} is never there when a {} is decided about: read sale.* or {1}.*",
                source.text, target.name
            );
            Err(Problem::at(at, message))
        }
    }
}

/// A place such as `sale.id` that somebody wrote into a fixed text.
fn place_in(value: &Tree, target: usize) -> Option<&str> {
    let Tree::Text(text) = value else { return None };
    let inside =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(inside, _)| inside.trim()));
    let is_path = |inside: &&str| inside.contains('.') && Source::parse(inside, target).is_ok();
    inside.into_iter().find(is_path)
}

fn source(node: &Node, target: usize) -> Result<Source, Problem> {
    match &node.value {
        Tree::Text(path) => Source::parse(path, target).map_err(|problem| problem.placed(node.at)),
        other => Err(Problem::at(node.at, format!("from is a path, found {}", other.describe()))),
    }
}

/// Whether what the rule gives is what the target takes.
fn fits(target: usize, kind: Option<Kind>, at: usize) -> Result<(), Problem> {
    let target = &TARGETS[target];
    let Some(kind) = kind else {
        return Err(Problem::at(at, "a rule without from or value starts with a template"));
    };
    let ok = match target.kind {
        Kind::Text => matches!(kind, Kind::Text | Kind::Number | Kind::Any),
        Kind::Tax => matches!(kind, Kind::Tax | Kind::Number),
        // A field map reads what the platform wrote: it is converted when it is read, and refused by name.
        Kind::Number | Kind::DateTime | Kind::Bool
            if target.section.is_map() && matches!(kind, Kind::Text | Kind::Any) =>
        {
            true
        }
        Kind::DateTime if target.section.is_map() => matches!(kind, Kind::Date | Kind::DateTime),
        wanted => wanted == kind,
    };
    if ok {
        return Ok(());
    }
    let hint = match (target.kind, kind) {
        (_, Kind::Several) => ": put \"first\" or { join = \", \" } at the end of apply",
        (Kind::Date, Kind::Text | Kind::Any | Kind::DateTime) => ": add \"date\" to apply",
        (Kind::Number, Kind::Text | Kind::Any) => ": add \"decimal\" to apply",
        (Kind::Tax, Kind::Text | Kind::Any) => ": add \"percent\" or a lookup to apply",
        (Kind::Classification, Kind::Text | Kind::Any) => ": add a lookup to apply",
        (Kind::Text, Kind::Date | Kind::DateTime | Kind::Bool) => ": add { template = \"{}\" } to apply",
        _ => "",
    };
    Err(Problem::at(
        at,
        format!("{:?} wants {}, but the rule gives {}{hint}", target.name, target.kind.name(), kind.name()),
    ))
}

fn unknown_target(section: Section, at: usize, path: &str) -> Problem {
    let elsewhere = rule_targets().find(|target| target.name == path && target.section != section);
    if let Some(target) = elsewhere.filter(|_| !section.is_map()) {
        let message = format!(
            "{:?} is no target of [{}]; it belongs in [{}]",
            path,
            section.table(),
            target.section.table()
        );
        return Problem::at(at, message);
    }
    let names = TARGETS.iter().filter(|target| target.section == section).map(|target| target.name);
    let problem = Problem::unknown(at, &format!("target of [{}]", section.table()), path, names);
    let amounts = ["amount", "price", "total", "quantity", "net", "charge", "fee", "discount"];
    let numbers = ["number", "series", "irn", "sequence", "issue_date"];
    if section == Section::Invoice && numbers.iter().any(|word| path.contains(word)) {
        problem.hint(
            "; number and date of an invoice follow the tenant's number_series and the clock, not rules",
        )
    } else if !section.is_map() && amounts.iter().any(|word| path.contains(word)) {
        problem.hint("; amounts are copied from the sale, never mapped")
    } else {
        problem
    }
}
