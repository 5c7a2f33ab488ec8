//! An explanation as a table for people: what it is, what it says, where that came from.

use super::{Entry, Explanation, Origin};
use std::fmt::{self, Write as _};

/// Characters of words and of a value that are shown in their columns.
const WORDS: usize = 56;
const VALUE: usize = 36;

/// Displayed, it is a table: an element a line, those that only hold others, the currencies of amounts
/// and what only says what stands beside it left out.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = if self.number.is_empty() { "No document" } else { &self.number };
        writeln!(f, "{number}, made from record {}", self.source_id)?;
        for note in &self.notes {
            writeln!(f, "Note: {note}")?;
        }
        for held in &self.held {
            write!(f, "\n{held}")?;
        }
        for rejected in &self.rejected {
            write!(f, "\n{rejected}")?;
        }
        let shown: Vec<&Entry> = self.elements.iter().filter(|entry| is_shown(entry)).collect();
        if shown.is_empty() {
            return Ok(());
        }
        let words =
            |entry: &Entry| entry.term.map_or(entry.words.clone(), |t| format!("{} ({t})", entry.words));
        let value = |entry: &Entry| cut(entry.value.as_deref().unwrap_or_default(), VALUE);
        let widest = |column: &dyn Fn(&Entry) -> String, most: usize| {
            shown.iter().map(|entry| column(entry).chars().count()).max().unwrap_or(0).min(most)
        };
        let (first, second) = (widest(&words, WORDS), widest(&value, VALUE));
        let mut table = format!("\n{:first$}  {:second$}  where it comes from\n", "what", "value");
        for entry in shown {
            let (words, value) = (words(entry), value(entry));
            let line = format!("{words:first$}  {value:second$}  {}", flat(&entry.sentence()));
            let _ = writeln!(table, "{}", line.trim_end());
        }
        f.write_str(&table)
    }
}

fn is_shown(entry: &Entry) -> bool {
    let path = &entry.path;
    let is_label = path.ends_with("/cac:TaxScheme/cbc:ID") || path.ends_with("/cbc:DocumentDescription");
    entry.origin != Origin::Holds && !path.ends_with("/@currencyID") && !is_label
}

/// On one line and no longer than a column.
fn cut(text: &str, most: usize) -> String {
    let text = flat(text);
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
