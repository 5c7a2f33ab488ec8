//! Why a sale waits, and why a document was refused.

use super::{Entry, Looks};
use crate::{mapping::Looked, store::Complaint};
use serde::Serialize;
use std::fmt;

/// One reason why a sale waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyHeld {
    /// Stable: `tax_unknown`.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What could not be decided: `lines[0].tax`; none where no single field is at fault.
    pub target: Option<String>,
    /// The rules that were looked at for it, in the order they were tried, each with what it read.
    pub rules: Vec<Looked>,
    /// What a person can do.
    pub remedy: String,
}

/// One complaint of the authority, or of a rule that the document breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyRejected {
    /// Whose complaint: `authority`, or the rule's id, `BR-CO-17`.
    pub id: String,
    /// The field as the complaint names it: `accounting_customer_party/tin`.
    pub field: String,
    /// What is wrong, with where to mend it.
    pub message: String,
    /// The elements of the document that the field is written in, with where their values came from; none where the
    /// field is missing in the document or stands for no element.
    pub elements: Vec<Entry>,
}

impl WhyRejected {
    /// A fault with the entries of the field it names.
    pub(crate) fn of(fault: Complaint, elements: &[Entry]) -> Self {
        let elements = super::fields::elements_of(&fault.path, elements);
        Self { id: fault.id, field: fault.path, message: fault.message, elements }
    }
}

impl fmt::Display for WhyHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Held ({}): {}", self.code, self.message)?;
        if let Some(target) = &self.target {
            writeln!(f, "  not decided: {target}")?;
        }
        for rule in &self.rules {
            writeln!(f, "  looked at {}", Looks(rule))?;
        }
        writeln!(f, "  what to do: {}", self.remedy)
    }
}

impl fmt::Display for WhyRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Refused ({}): {}", self.id, self.message)?;
        if !self.field.is_empty() {
            writeln!(f, "  field: {}", self.field)?;
        }
        for entry in &self.elements {
            let value = entry.value.as_deref().unwrap_or_default();
            writeln!(f, "  {} {value:?}: {}", entry.words, entry.sentence())?;
        }
        Ok(())
    }
}
