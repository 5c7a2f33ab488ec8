//! One element of a document: what it is in plain words, its value, and where that came from.

use crate::mapping::{Read, Step};
use serde::Serialize;
use std::fmt;

/// An element or attribute of the UBL document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `/Invoice/cac:InvoiceLine[1]/cac:Item/cbc:Name`; an attribute's ends with `/@currencyID`.
    pub path: String,
    /// The business term of EN 16931, `BT-153`; none where it has none.
    pub term: Option<&'static str>,
    /// What it is: `Name of the first item`.
    pub words: String,
    /// Its text, as it is written; none for an element that holds others.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
    /// What was done to the value to write it, where it is not written as it came.
    pub written: Option<String>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Origin {
    /// A mapping rule set it.
    Rule(RuleOrigin),
    /// An entry of the tenant's catalogue.
    Catalogue {
        /// The entry: `catalogue entry 'Adire shirt' (SKU A-1)`.
        entry: String,
        /// What the item was found by: `line.sku`.
        found_by: String,
    },
    /// Copied from the platform.
    Copied {
        /// The field of the sale: `item.net_amount`.
        field: String,
        /// Where the connector reads it, and what stands there; empty where it does not say.
        sources: Vec<Read>,
        /// What the connector makes of it; none where it takes it as it is.
        how: Option<String>,
    },
    /// Worked out from other values.
    Calculated {
        /// With the figures: `100.00 + 50.00 = 150.00`.
        step: String,
    },
    /// A setting of the tenant.
    Setting {
        /// Its name: `address.city`.
        name: String,
    },
    /// The next number of a series.
    Numbering {
        /// The series: `INV{seq:06}`.
        series: String,
        /// The number in it; none where it was not kept.
        sequence: Option<u64>,
    },
    /// Always the same for a document like this.
    Fixed {
        /// Why, with the rule or law that asks for it.
        why: String,
    },
    /// The time at which the document was made.
    Clock {
        /// Which clock, and in which time zone.
        of: String,
    },
    /// The document that this one corrects or adds to.
    Original {
        /// Its number.
        number: String,
        /// What of it.
        what: String,
    },
    /// What a person asked for.
    Asked {
        /// With which call, and for what.
        what: String,
    },
    /// A rate of exchange.
    Rate {
        /// Who gave it.
        given_by: String,
    },
    /// The element holds others, each of which has an entry of its own.
    Holds,
    /// It cannot be told any more.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// The rule that set a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleOrigin {
    /// What it set: `lines[0].name`.
    pub target: String,
    /// The rule set: `base`, `square/mapping.toml`, `tenant` (the settings), `rules@1f3a5c7e9b2d`.
    pub set: String,
    /// The SHA-256 of the rule set's text, which `rule_text` gives back for a tenant's own.
    pub version: Option<String>,
    /// The line of that text.
    pub line: Option<usize>,
    /// The rule's own name; of the settings' rules the setting: `tax.by_field`.
    pub name: Option<String>,
    /// What it read, in its order; empty for a fixed value.
    pub sources: Vec<Read>,
    /// What its `when` looked at, and found to hold; empty for a rule without one.
    pub when: Vec<Read>,
    /// What each transform made of it, in order.
    pub steps: Vec<Step>,
    /// What it set the target to.
    pub value: String,
}

impl Entry {
    /// Everything about the value in one sentence, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.written {
            Some(written) => format!("{}; {written}", self.origin),
            None => self.origin.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => rule.fmt(f),
            Self::Catalogue { entry, found_by } => write!(f, "{entry}, found by {found_by}"),
            Self::Copied { field, sources, how } => copied(f, field, sources, how.as_deref()),
            Self::Calculated { step } => f.write_str(step),
            Self::Setting { name } => write!(f, "the tenant's setting {name}"),
            Self::Numbering { series, sequence: Some(n) } => write!(f, "number {n} of the series {series}"),
            Self::Numbering { series, sequence: None } => write!(f, "the series {series}"),
            Self::Fixed { why } | Self::Unknown { why } => f.write_str(why),
            Self::Clock { of } => f.write_str(of),
            Self::Original { number, what } => write!(f, "{what} {number}"),
            Self::Asked { what } => f.write_str(what),
            Self::Rate { given_by } => f.write_str(given_by),
            Self::Holds => f.write_str("holds the parts below it"),
        }
    }
}

fn copied(f: &mut fmt::Formatter<'_>, field: &str, sources: &[Read], how: Option<&str>) -> fmt::Result {
    write!(f, "copied from the platform, {field}")?;
    for (at, source) in sources.iter().enumerate() {
        write!(f, "{}{}", if at == 0 { ": " } else { ", " }, read(source))?;
    }
    how.map_or(Ok(()), |how| write!(f, " ({how})"))
}

/// `raw.order.note "Deliver to the back door"`.
pub(super) fn read(source: &Read) -> String {
    let place = match &source.record {
        Some(record) => format!("{} ({record})", source.path),
        None => source.path.clone(),
    };
    match &source.value {
        Some(value) => format!("{place} {value:?}"),
        None => format!("{place} (nothing)"),
    }
}

impl fmt::Display for RuleOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.set.as_str()) {
            (Some(name), "tenant") => write!(f, "the tenant's setting {name}")?,
            (name, set) => {
                let of = if set == "base" { "built-in rule" } else { "rule" };
                let name = name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
                let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
                write!(f, "{of}{name} in {set}{line}")?;
            }
        }
        let there: Vec<String> = self.sources.iter().filter(|s| s.value.is_some()).map(read).collect();
        let only_known_by_name = there.is_empty() && self.steps.is_empty() && !self.sources.is_empty();
        if only_known_by_name {
            let paths: Vec<&str> = self.sources.iter().map(|source| source.path.as_str()).collect();
            write!(f, ", from {}", paths.join(", "))?;
        } else if there.is_empty() {
            write!(f, ", a fixed value")?;
        } else {
            write!(f, ": {}", there.join(", "))?;
        }
        for step in &self.steps {
            match &step.value {
                Some(value) => write!(f, ", {} gives {value:?}", step.transform)?,
                None => write!(f, ", {} gives nothing", step.transform)?,
            }
        }
        // What was read and told already need not be told twice.
        let told =
            |one: &&Read| one.value.is_none() || !self.sources.iter().any(|read| read.path == one.path);
        let because: Vec<String> = self.when.iter().filter(told).map(read).collect();
        if because.is_empty() { Ok(()) } else { write!(f, "; chosen by {}", because.join(", ")) }
    }
}
