//! A list of the platform's: the call that gives it, and how it goes on.

use super::Texts;
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap};

/// A list of the platform's, in pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    pub(crate) get: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(crate) headers: Texts,
    /// Where the answer has the list; empty: the answer is the list.
    pub(crate) records: String,
    pub(crate) pages: Option<Pages>,
}

impl Listing {
    /// Whether its call has this place: `{id}`.
    pub(crate) fn names(&self, place: &str) -> bool {
        let mut parameters = self.query.values().flat_map(Parameter::texts);
        self.get.contains(place) || parameters.any(|text| text.contains(place))
    }
}

/// A parameter of a query.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "a parameter is a text, a whole number, true, false, or a list of texts: then it is given once with each"
)]
pub(crate) enum Parameter {
    Number(u32),
    Bool(bool),
    Text(String),
    Several(Vec<String>),
}

impl Parameter {
    /// As it stands in a query.
    pub(crate) fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Number(number) => vec![Cow::Owned(number.to_string())],
            Self::Bool(yes) => vec![Cow::Borrowed(if *yes { "true" } else { "false" })],
            Self::Text(text) => vec![Cow::Borrowed(text)],
            Self::Several(texts) => texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect(),
        }
    }
}

/// How a list goes on. A numbered or counted one is over where `more` is false, at the page `last`, or after a page with
/// fewer records than `size`; one of them is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Pages {
    /// A text in the answer is the parameter of the next call.
    Cursor { next: String, parameter: String },
    /// Pages are numbered.
    Page {
        parameter: String,
        #[serde(default = "first")]
        first: u64,
        more: Option<String>,
        last: Option<String>,
        size: Option<u64>,
    },
    /// Records are counted.
    Offset { parameter: String, more: Option<String>, size: Option<u64> },
    /// The header `Link` with `rel="next"` (RFC 8288).
    Link,
    /// The answer holds the URL of the next page.
    Url { next: String },
}

const fn first() -> u64 {
    1
}
