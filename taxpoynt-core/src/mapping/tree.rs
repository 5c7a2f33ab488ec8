//! A rule file as a tree in which every name and value knows its line and column, from TOML or from JSON.

use super::problem::Problem;
use crate::json;
use serde_json::value::RawValue;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Deeper than any rule needs; a hostile file is refused before it costs stack.
const MAX_DEPTH: usize = 12;

/// A value and where it stands, as a byte offset.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) value: Tree,
}

/// A name and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) at: usize,
    pub(super) text: String,
}

/// What a rule file can hold. Numbers keep their text; nothing becomes a float.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Text(String),
    Number(String),
    Bool(bool),
    List(Vec<Node>),
    Table(Vec<(Name, Node)>),
}

impl Tree {
    /// What it is, in a sentence.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Reads TOML, or JSON where the text starts with `{`. The result is a table.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    if text.trim_start().starts_with('{') { read_json(text) } else { read_toml(text) }
}

fn read_toml(text: &str) -> Result<Node, Problem> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Problem::at(
            at,
            format!(
                "not readable as TOML: {}{}",
                error.message().trim_end(),
                advice(text, at, error.message())
            ),
        )
    })?;
    let at = table.span().start;
    Ok(Node { at, value: toml_table(table.get_ref(), 0)? })
}

/// What to do about what TOML does not read, where people write it by habit.
fn advice(text: &str, at: usize, message: &str) -> String {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let name =
        line.split(['=', ']', '[', '.']).find(|part| !part.trim().is_empty()).unwrap_or_default().trim();
    let invisible = |c: &char| {
        matches!(c, '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}')
    };
    if message.starts_with("duplicate key") {
        format!(
            ": {:?} stands here a second time; the rules of one target stand in one list",
            super::problem::shown(name)
        )
    } else if let Some(hidden) = rest.chars().next().filter(invisible) {
        format!(": an invisible character (U+{:04X}) stands here, take it out", u32::from(hidden))
    } else if line.starts_with(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']) {
        ": quotation marks are straight, \"".to_owned()
    } else if message.trim_end().ends_with("expected `\"`") {
        ": the text that begins on this line is not closed".to_owned()
    } else {
        String::new()
    }
}

fn toml_table(table: &DeTable<'_>, depth: usize) -> Result<Tree, Problem> {
    let mut entries = Vec::with_capacity(table.len());
    for (name, value) in table {
        let name = Name { at: name.span().start, text: name.get_ref().to_string() };
        entries.push((name, toml_value(value, depth + 1)?));
    }
    entries.sort_by_key(|(name, _)| name.at);
    Ok(Tree::Table(entries))
}

fn toml_value(value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Problem> {
    let at = value.span().start;
    check_depth(at, depth)?;
    let value = match value.get_ref() {
        DeValue::String(text) => Tree::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Tree::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Tree::Number(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Tree::Bool(*yes),
        DeValue::Array(list) => {
            Tree::List(list.iter().map(|element| toml_value(element, depth + 1)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => toml_table(table, depth)?,
        DeValue::Integer(_) => return Err(Problem::at(at, "write the number in decimal digits")),
        DeValue::Datetime(_) => return Err(Problem::at(at, "write a date as a text: \"2026-01-31\"")),
    };
    Ok(Node { at, value })
}

fn read_json(text: &str) -> Result<Node, Problem> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| json_problem(text, &error))?;
    json_value(text, whole.get(), 0)
}

fn json_value(file: &str, json: &str, depth: usize) -> Result<Node, Problem> {
    let at = offset(file, json);
    check_depth(at, depth)?;
    let failed = |error: serde_json::Error| Problem::at(at, format!("not readable as JSON: {error}"));
    let value = match json.as_bytes().first() {
        Some(b'{') => {
            let mut entries: Vec<(Name, Node)> = Vec::new();
            for (name, value) in json::members(json).map_err(failed)? {
                // A name with escapes is a copy and has no place of its own: its value's place stands for it.
                let place = match &name {
                    std::borrow::Cow::Borrowed(name) => offset(file, name).saturating_sub(1),
                    std::borrow::Cow::Owned(_) => offset(file, value.get()),
                };
                entries.push((
                    Name { at: place, text: name.into_owned() },
                    json_value(file, value.get(), depth + 1)?,
                ));
            }
            refuse_twice(&entries)?;
            Tree::Table(entries)
        }
        Some(b'[') => Tree::List(
            json::elements(json)
                .map_err(failed)?
                .into_iter()
                .map(|element| json_value(file, element.get(), depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Some(b'"') => match json::text_of(json) {
            Some(text) => Tree::Text(text.into_owned()),
            None => return Err(Problem::at(at, "not readable as a JSON string")),
        },
        Some(b't') => Tree::Bool(true),
        Some(b'f') => Tree::Bool(false),
        Some(b'n') => return Err(Problem::at(at, "null says nothing here: leave the member out")),
        _ => Tree::Number(json.to_owned()),
    };
    Ok(Node { at, value })
}

fn refuse_twice(entries: &[(Name, Node)]) -> Result<(), Problem> {
    let mut seen = std::collections::HashSet::new();
    match entries.iter().find(|(name, _)| !seen.insert(name.text.as_str())) {
        Some((name, _)) => {
            Err(Problem::at(name.at, format!("{:?} is written twice", super::problem::shown(&name.text))))
        }
        None => Ok(()),
    }
}

/// Where `part`, a slice of `file`, starts in it.
fn offset(file: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(file.as_ptr() as usize).min(file.len())
}

fn check_depth(at: usize, depth: usize) -> Result<(), Problem> {
    if depth <= MAX_DEPTH { Ok(()) } else { Err(Problem::at(at, "nested deeper than any rule needs")) }
}

/// serde_json counts lines and columns from 1, the column in bytes.
fn json_problem(text: &str, error: &serde_json::Error) -> Problem {
    let start: usize =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    Problem::at(at, format!("not readable as JSON: {message}"))
}
