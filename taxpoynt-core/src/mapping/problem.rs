//! What is wrong with a rule file, where, and which valid name is nearest to what was written.

use crate::{Error, ErrorKind};

/// A fault at a byte offset of the file.
#[derive(Debug)]
pub(super) struct Problem {
    at: usize,
    message: String,
    nearest: Option<String>,
}

impl Problem {
    pub(super) fn at(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), nearest: None }
    }

    /// A name that is none of `valid`: `what` says what kind of name was expected.
    pub(super) fn unknown<'a>(
        at: usize,
        what: &str,
        found: &str,
        valid: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let nearest = nearest(found, valid).map(str::to_owned);
        let hint = nearest.as_deref().map(|name| format!("; the nearest is {name:?}")).unwrap_or_default();
        Self { at, message: format!("unknown {what} {:?}{hint}", shown(found)), nearest }
    }

    /// Says more after the sentence.
    pub(super) fn hint(mut self, hint: &str) -> Self {
        self.message.push_str(hint);
        self
    }

    /// Places it: a fault inside a text stands where the text starts.
    pub(super) fn placed(mut self, at: usize) -> Self {
        self.at = at;
        self
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The text of the file's line it is on.
    pub(super) fn line_of<'t>(&self, text: &'t str) -> &'t str {
        let (line, _) = position(text, self.at);
        text.lines().nth(line - 1).unwrap_or_default()
    }

    /// As the engine's error, with the position counted out.
    pub(super) fn into_error(self, file: &str, text: &str) -> Error {
        let (line, column) = position(text, self.at);
        let error = Error::new(
            ErrorKind::Mapping,
            "mapping.parse",
            format!("{file}, line {line}, column {column}: {}", self.message),
        )
        .with("file", file)
        .with("line", line.to_string())
        .with("column", column.to_string());
        match self.nearest {
            Some(nearest) => error.with("nearest", nearest),
            None => error,
        }
    }
}

/// Line and column, both from 1; the column counts characters.
pub(super) fn position(text: &str, at: usize) -> (usize, usize) {
    let at = (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// A text from a hostile file or record, cut to what a message can carry: 60 characters.
#[must_use]
pub fn shown(text: &str) -> String {
    if text.chars().count() <= 60 {
        text.to_owned()
    } else {
        text.chars().take(57).chain("...".chars()).collect()
    }
}

/// What people call what has another name here. Near in letters is near in meaning only for a slip of the finger.
#[rustfmt::skip]
const CALLED: &[(&str, &str)] = &[
    ("capitalize", "upper"), ("uppercase", "upper"), ("lowercase", "lower"), ("strip", "trim"), ("substring", "max_len"),
    ("truncate", "max_len"), ("length", "max_len"), ("concat", "join"), ("split", "split_first"), ("regex", "replace"),
    ("remove", "replace"), ("map", "lookup"), ("table", "lookup"), ("coalesce", "first"), ("or", "default"), ("round", "decimal"),
    ("number", "decimal"), ("format", "template"), ("required", "require"), ("prefix", "starts_with"), ("suffix", "ends_with"),
    ("like", "contains"), ("includes", "contains"), ("has", "contains"), ("matches", "contains"), ("greater", "at_least"),
    ("greater_than", "at_least"), ("more", "at_least"), ("above", "at_least"), ("over", "at_least"), ("gt", "at_least"),
    ("gte", "at_least"), ("min", "at_least"), ("less", "below"), ("less_than", "below"), ("under", "below"), ("lt", "below"),
    ("max", "below"), ("after", "since"), ("until", "before"), ("is", "equals"), ("eq", "equals"), ("one_of", "in"),
    ("exists", "present"), ("missing", "absent"), ("empty", "absent"), ("unless", "not"), ("field", "from"), ("path", "from"),
    ("source", "from"), ("const", "value"), ("fixed", "value"), ("transform", "apply"), ("transforms", "apply"),
    ("condition", "when"), ("if", "when"), ("customer", "buyer"), ("client", "buyer"), ("item", "line"), ("items", "line"),
    ("fee", "charge"), ("tender", "payment"), ("exempt", "E"), ("standard", "S"), ("zero", "Z"), ("export", "G"),
    ("outside", "O"), ("auto", "automatic"), ("approve", "approval"), ("manual", "approval"), ("remark", "note"),
    ("comment", "note"), ("memo", "note"), ("po_number", "order_reference"), ("terms", "payment_terms"), ("vat_number", "tin"),
];

/// The valid name that is meant: what people call it, else what needs the fewest edits; none for a text no name could be
/// near to.
pub(super) fn nearest<'a>(found: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if found.is_empty() || found.len() > 100 {
        return None;
    }
    let lower = found.to_lowercase();
    let meant = CALLED.iter().find(|(called, _)| *called == lower).map(|(_, name)| *name);
    valid
        .into_iter()
        .map(|name| (if Some(name) == meant { 0 } else { 1 + edits(&lower, &name.to_lowercase()) }, name))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Optimal string alignment distance: insert, delete, replace, swap two neighbours.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_takes_the_fewest_edits() {
        assert_eq!(nearest("buyer.emial", ["buyer.email", "buyer.name"]), Some("buyer.email"));
        assert_eq!(nearest("TRIM", ["lower", "trim"]), Some("trim"));
        assert_eq!(nearest(&"x".repeat(1_000), ["trim"]), None);
    }

    #[test]
    fn the_nearest_name_is_what_people_call_it() {
        assert_eq!(nearest("Greater", ["equals", "before", "at_least"]), Some("at_least"));
        assert_eq!(nearest("seller", ["buyer", "each"]), Some("buyer"));
    }

    #[test]
    fn positions_count_characters_from_one() {
        assert_eq!(position("a\n₦₦x", 8), (2, 3));
        assert_eq!(position("", 10), (1, 1));
    }
}
