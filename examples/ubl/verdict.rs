//! What the rules say of one document.

use super::inputs::Input;
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::collections::BTreeSet;
use taxpoynt_ubl::{Fault, Ruleset, Severity, validate};

/// A document and its faults, or why there is no telling.
pub(crate) struct Verdict {
    pub(crate) name: String,
    pub(crate) found: Result<Vec<Fault>, String>,
}

/// In one word, worse ones later: they are also the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Valid = 0,
    Faulty = 1,
    Unreadable = 2,
}

impl Verdict {
    /// Judges a document.
    pub(crate) fn on(input: Input, rulesets: &[Ruleset]) -> Self {
        let name = input.name.clone();
        let judged = |xml: Vec<u8>| validate(&xml, rulesets).map_err(|e| e.to_string());
        Self { name, found: input.read().and_then(judged) }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match &self.found {
            Err(_) => Outcome::Unreadable,
            Ok(faults) if faults.iter().any(|fault| fault.severity == Severity::Fatal) => Outcome::Faulty,
            Ok(_) => Outcome::Valid,
        }
    }

    /// Why there is no telling, `not readable: …` or `cannot be read: …`.
    pub(crate) fn unreadable(&self) -> Option<String> {
        let why = self.found.as_ref().err()?;
        let said = why.starts_with("not readable") || why.starts_with("cannot be read");
        Some(if said { why.clone() } else { format!("not readable: {why}") })
    }

    fn faults(&self) -> &[Fault] {
        self.found.as_deref().unwrap_or_default()
    }

    /// The ids of the broken rules of a set, each once.
    pub(crate) fn ids(&self, ruleset: Ruleset) -> BTreeSet<&'static str> {
        self.faults().iter().filter(|fault| fault.ruleset == ruleset).map(|fault| fault.id).collect()
    }
}

/// A verdict as one object: the file, the ids of each rule set that was asked for, and the error if there is one.
pub(crate) struct Row<'a>(pub(crate) &'a Verdict, pub(crate) &'a [Ruleset]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(verdict, rulesets) = self;
        let mut row = serializer.serialize_map(None)?;
        row.serialize_entry("file", &verdict.name)?;
        for ruleset in *rulesets {
            row.serialize_entry(ruleset.name(), &verdict.ids(*ruleset))?;
        }
        row.serialize_entry("error", &verdict.found.as_ref().err())?;
        row.end()
    }
}
