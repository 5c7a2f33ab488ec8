//! Two documents as JSON, compared leaf by leaf: which fields differ, and in what.

use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write as _};

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// A value that differs.
pub(super) struct Found {
    /// `lines[].tax.category`.
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Found {
    /// Whether it is a sum of money, which adds up over sales.
    pub(super) fn is_amount(&self) -> bool {
        let name = self.field.rsplit('.').next().unwrap_or_default();
        name == "amount" || name.ends_with("_amount") || name.ends_with("_total")
    }
}

/// Every leaf that is not the same on both sides; elements of a list are compared by their place.
pub(super) fn differences(before: &Value, after: &Value, found: &mut Vec<Found>) {
    compare(&mut String::new(), Some(before), Some(after), found);
}

fn compare(path: &mut String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Found>) {
    if before == after {
        return;
    }
    let none = Value::Null;
    match (before.unwrap_or(&none), after.unwrap_or(&none)) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                below(path, &format!(".{name}"), before.get(name), after.get(name), found);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for nth in 0..before.len().max(after.len()) {
                below(path, "[]", before.get(nth), after.get(nth), found);
            }
        }
        // One side has the whole branch, the other nothing of it: each of its leaves comes or goes.
        (branch @ (Value::Object(_) | Value::Array(_)), Value::Null) => {
            leaves(path, branch, &mut |field, value| {
                found.push(Found { field, before: Some(value), after: None })
            });
        }
        (Value::Null, branch @ (Value::Object(_) | Value::Array(_))) => {
            leaves(path, branch, &mut |field, value| {
                found.push(Found { field, before: None, after: Some(value) })
            });
        }
        (before, after) => {
            let field = path.trim_start_matches('.').to_owned();
            found.push(Found { field, before: text_of(before), after: text_of(after) });
        }
    }
}

fn below(
    path: &mut String,
    step: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Found>,
) {
    let length = path.len();
    path.push_str(step);
    compare(path, before, after, found);
    path.truncate(length);
}

fn leaves(path: &mut String, branch: &Value, tell: &mut dyn FnMut(String, String)) {
    let length = path.len();
    match branch {
        Value::Object(members) => {
            for (name, value) in members {
                let _ = write!(path, ".{name}");
                leaves(path, value, tell);
                path.truncate(length);
            }
        }
        Value::Array(elements) => {
            path.push_str("[]");
            elements.iter().for_each(|element| leaves(path, element, tell));
            path.truncate(length);
        }
        leaf => {
            if let Some(value) = text_of(leaf) {
                tell(path.trim_start_matches('.').to_owned(), value);
            }
        }
    }
}

/// A value as a person reads it; none for one that is not there.
fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        None => Some(text),
        Some((end, _)) => Some(format!("{}…", &text[..end])),
    }
}
