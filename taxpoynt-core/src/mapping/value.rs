//! The values that flow from a source through transforms to a target, and their kinds.

use crate::json::{self, Node};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use std::borrow::Cow;
use taxpoynt_ubl::{Classification, Tax};

/// What kind of value a source gives, a transform takes or a target wants. Checked when rules load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    Date,
    DateTime,
    Several,
    Tax,
    Classification,
    /// A value of the raw record: text, number or boolean, known only when it is read.
    Any,
}

impl Kind {
    /// Its name in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Date => "a date",
            Self::DateTime => "a date and time",
            Self::Several => "several values",
            Self::Tax => "a tax",
            Self::Classification => "a classification",
            Self::Any => "a value of the record",
        }
    }
}

/// A value, borrowed from the rules, the document or the record where it can be.
#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    Text(Cow<'v, str>),
    Number(Decimal),
    Bool(bool),
    Date(NaiveDate),
    DateTime(DateTime<Utc>),
    Several(Vec<Value<'v>>),
    Tax(&'v Tax),
    Classification(&'v Classification),
    /// An object, which no target holds; `present` still sees it.
    Object,
}

impl<'v> Value<'v> {
    /// A text; nothing where it is blank.
    pub(super) fn text(text: &'v str) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self::Text(Cow::Borrowed(text)))
    }

    /// A text that may be missing.
    pub(super) fn of(text: Option<&'v String>) -> Option<Self> {
        text.and_then(|text| Self::text(text))
    }

    /// A value of the record; nothing for null, a blank text and an empty list. Numbers stay text.
    pub(super) fn raw(node: Node<'_, 'v>) -> Option<Self> {
        let json = node.json();
        match json.as_bytes().first()? {
            b'"' => text_of(json).filter(|text| !text.trim().is_empty()).map(Self::Text),
            b't' => Some(Self::Bool(true)),
            b'f' => Some(Self::Bool(false)),
            b'n' => None,
            b'{' => Some(Self::Object),
            b'[' => {
                // Lists in lists hold nothing a target could take; their elements are not followed.
                let values: Vec<_> = node
                    .elements()
                    .filter(|element| !element.json().starts_with('['))
                    .filter_map(Self::raw)
                    .collect();
                (!values.is_empty()).then_some(Self::Several(values))
            }
            _ => Some(Self::Text(Cow::Borrowed(json))),
        }
    }

    /// What it is, in a sentence.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date",
            Self::DateTime(_) => "a date and time",
            Self::Several(_) => "a list",
            Self::Tax(_) => "a tax",
            Self::Classification(_) => "a classification",
            Self::Object => "an object",
        }
    }

    /// As text; a list of one counts as its element.
    pub(super) fn into_text(self) -> Result<Cow<'v, str>, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(number) => Ok(Cow::Owned(number.to_string())),
            Self::Bool(yes) => Ok(Cow::Borrowed(if yes { "true" } else { "false" })),
            Self::Date(date) => Ok(Cow::Owned(date.to_string())),
            Self::DateTime(at) => Ok(Cow::Owned(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
            Self::Several(mut values) if values.len() == 1 => match values.pop() {
                Some(value) => value.into_text(),
                None => Err("is an empty list".into()),
            },
            Self::Several(_) => {
                Err("is a list: take one with \"first\" or all with { join = \", \" }".into())
            }
            Self::Object => Err("is an object: name one of its members in the path".into()),
            other => Err(format!("is {}, not a text", other.describe())),
        }
    }

    /// As a number, where its text is one.
    pub(super) fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => decimal(text),
            Self::Several(values) if values.len() == 1 => values[0].number(),
            _ => None,
        }
    }
}

/// The text of a JSON string that was read before; one without escapes stands in it as it is.
fn text_of(json: &str) -> Option<Cow<'_, str>> {
    match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => json::text_of(json),
    }
}

/// A decimal from text: `7.5`, ` 7.50 %`.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim_end();
    if text.starts_with('"') { None } else { json::decimal_of(text).ok() }
}

/// A text without the blanks around it.
pub(super) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
