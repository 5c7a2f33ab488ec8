//! Reads members of other people's JSON by name: leniently in form, strictly in sense, and every error names its path.
//!
//! A text may be a number and a number a text; null and "" are absent; a list of one may stand without its brackets. A
//! name written twice is refused: two readers could see two documents.

use crate::firs::client::{date, words};
use crate::{Error, Result, json};
use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use std::borrow::Cow;

const OPERATION: &str = "firs.read";

/// An object and where it stands: `invoice_line/0/price`.
pub(super) struct Fields<'a> {
    path: String,
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Fields<'a> {
    /// The object in `text`.
    pub(super) fn read(text: &'a str, path: String) -> Result<Self> {
        let members = json::members(text)
            .map_err(|_| wrong(&path, "must be an object with the fields of an invoice"))?;
        let fields = Self { path, members };
        let mut names: Vec<&str> = fields.members.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => Err(wrong(&fields.at(twice[0]), "is written twice")),
            None => Ok(fields),
        }
    }

    /// Where a member stands.
    pub(super) fn at(&self, name: &str) -> String {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
        if self.path.is_empty() { shown } else { format!("{}/{shown}", self.path) }
    }

    /// Where the object itself stands.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.members.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
        found.filter(|value| !["null", "\"\""].contains(&value.get()))
    }

    /// A text, trimmed.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        let Some(raw) = self.get(name) else { return Ok(None) };
        match raw.get().as_bytes().first() {
            Some(b'"' | b'-' | b'0'..=b'9') => Ok(words(Some(raw))),
            _ => Err(wrong(&self.at(name), "must be a text")),
        }
    }

    /// An exact number.
    pub(super) fn number(&self, name: &str) -> Result<Option<Decimal>> {
        let Some(raw) = self.get(name) else { return Ok(None) };
        let blank = json::text_of(raw.get()).is_some_and(|text| text.trim().is_empty());
        if blank {
            return Ok(None);
        }
        json::decimal_of(raw.get())
            .map(Some)
            .map_err(|_| wrong(&self.at(name), "must be a number of at most 28 digits"))
    }

    /// A date, or the day of a timestamp.
    pub(super) fn date(&self, name: &str) -> Result<Option<NaiveDate>> {
        match self.text(name)? {
            None => Ok(None),
            Some(_) => match date(self.get(name)) {
                Some(day) => Ok(Some(day)),
                None => Err(wrong(&self.at(name), "must be a date YYYY-MM-DD")),
            },
        }
    }

    /// A time of day; a fraction of a second is dropped.
    pub(super) fn time(&self, name: &str) -> Result<Option<NaiveTime>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let whole = text.split('.').next().unwrap_or_default().trim_end_matches('Z');
        let read = NaiveTime::parse_from_str(whole, "%H:%M:%S");
        let read = read.or_else(|_| NaiveTime::parse_from_str(whole, "%H:%M"));
        read.map(Some).map_err(|_| wrong(&self.at(name), "must be a time HH:MM:SS"))
    }

    /// A truth.
    pub(super) fn truth(&self, name: &str) -> Result<Option<bool>> {
        let Some(raw) = self.get(name) else { return Ok(None) };
        match raw.get().trim_matches('"').to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(wrong(&self.at(name), "must be true or false")),
        }
    }

    /// An object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Fields<'a>>> {
        self.get(name).map(|raw| Fields::read(raw.get(), self.at(name))).transpose()
    }

    /// A list of objects, or one that stands for a list of one.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Fields<'a>>> {
        let Some(raw) = self.get(name) else { return Ok(Vec::new()) };
        if raw.get().starts_with('[') {
            let elements = json::elements(raw.get()).map_err(|_| wrong(&self.at(name), "must be a list"))?;
            let each = elements.into_iter().enumerate();
            each.map(|(index, e)| Fields::read(e.get(), format!("{}/{index}", self.at(name)))).collect()
        } else {
            Ok(vec![Fields::read(raw.get(), format!("{}/0", self.at(name)))?])
        }
    }

    /// The refusal of a member that must be there.
    pub(super) fn missing(&self, name: &str) -> Error {
        wrong(&self.at(name), "is missing")
    }
}

/// The refusal of what stands at `path`.
pub(super) fn wrong(path: &str, what: &str) -> Error {
    wrong_as("invoice_malformed", path, what)
}

/// As [`wrong`], with a code of its own.
pub(super) fn wrong_as(code: &str, path: &str, what: &str) -> Error {
    let shown = if path.is_empty() { "the document" } else { path };
    Error::payload(OPERATION, path, format!("The invoice cannot be read: {shown} {what}.")).with("code", code)
}
