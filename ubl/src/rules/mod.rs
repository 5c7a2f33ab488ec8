//! Rules over the document as written, each with its official id.

pub(crate) mod code_lists;
mod double;
mod en16931;
mod engine;
mod facts;
pub(crate) mod nigeria;
pub(crate) mod number;
mod peppol;
mod ubl21;

use crate::vocabulary::Name;
use crate::xml::tree::Tree;
use crate::{Error, Result};
use std::cell::OnceCell;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// A published set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ruleset {
    /// The structure of UBL 2.1: which elements may stand where and what their text may be. Ids are ours, `UBL21-…`.
    Ubl21,
    /// The European standard EN 16931 for UBL, version 1.3.16 of its official rules.
    En16931,
    /// Peppol BIS Billing 3.0, version 3.0.21 of its official rules, without those of EN 16931.
    Peppol,
    /// What the Nigerian tax authority would refuse. Ids are ours, `NG-…`.
    Nigeria,
}

impl Ruleset {
    /// Every rule set there is.
    pub const ALL: &'static [Self] = &[Self::Ubl21, Self::En16931, Self::Peppol, Self::Nigeria];

    /// The name in messages and settings: `ubl21`, `en16931`, `peppol`, `nigeria`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ubl21 => "ubl21",
            Self::En16931 => "en16931",
            Self::Peppol => "peppol",
            Self::Nigeria => "nigeria",
        }
    }

    /// The rule set of a name.
    ///
    /// # Errors
    /// `UnknownRuleset`, which lists the names there are.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|set| set.name() == name).ok_or_else(|| Error::UnknownRuleset {
            name: name.to_owned(),
            known: Self::ALL.iter().map(|set| set.name()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl fmt::Display for Ruleset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Ruleset {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::parse(name)
    }
}

/// Whether a broken rule makes the document invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The document breaks the standard; a receiver may refuse it.
    Fatal,
    /// The document is valid; something in it will be passed over.
    Warning,
}

impl Severity {
    /// `fatal` or `warning`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Warning => "warning",
        }
    }
}

/// A rule that a document breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The official id, `BR-CO-10`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Whose rule it is.
    pub ruleset: Ruleset,
    /// Where, `/Invoice/cac:InvoiceLine[2]`.
    pub path: String,
    /// What was found and what would satisfy the rule.
    pub message: String,
}

/// Checks the document as written against `rulesets` and lists every fault, in document order; none means valid.
///
/// Of one rule at most a thousand faults are listed.
///
/// A value that is no number or date where a rule needs one breaks that rule; the official rules stop altogether there.
///
/// # Errors
/// `Xml` where the bytes are not readable as XML; `Document` where the root is not an `Invoice` or `CreditNote`.
pub fn validate(xml: &[u8], rulesets: &[Ruleset]) -> Result<Vec<Fault>> {
    let tree = Tree::read(xml)?;
    let root = tree.root();
    if !matches!(root.name(), Name::Invoice | Name::CreditNote) {
        return Err(Error::Document {
            path: root.path(),
            message: "is not the Invoice or CreditNote of UBL 2.1".into(),
        });
    }
    let mut faults = Vec::new();
    let gathered = OnceCell::new();
    let facts = || gathered.get_or_init(|| engine::Facts::gather(&tree));
    for ruleset in Ruleset::ALL.iter().filter(|set| rulesets.contains(set)) {
        match ruleset {
            Ruleset::Ubl21 => ubl21::check(&tree, &mut faults),
            Ruleset::En16931 => en16931::check(facts(), &mut faults),
            Ruleset::Peppol => peppol::check(facts(), &mut faults),
            Ruleset::Nigeria => nigeria::check(facts(), &mut faults),
        }
    }
    Ok(faults)
}

/// What a rule wants, for somebody who met its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The official id, `BR-CO-10`.
    pub id: &'static str,
    /// Whose rule it is.
    pub ruleset: Ruleset,
    /// How bad it is to break it.
    pub severity: Severity,
    /// The element it looks at, `cac:LegalMonetaryTotal`.
    pub concerns: String,
    /// What it wants, in our words.
    pub wants: String,
}

/// Explains a rule by its id; none where no rule is called so. Case and white space around it do not matter.
///
/// ```
/// let rule = taxpoynt_ubl::explain("BR-CO-10").ok_or("unknown")?;
/// assert_eq!(rule.concerns, "cac:LegalMonetaryTotal");
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn explain(id: &str) -> Option<Explanation> {
    let id = id.trim();
    Ruleset::ALL.iter().find_map(|&ruleset| {
        let told = told(ruleset).iter().find(|rule| rule.id.eq_ignore_ascii_case(id))?.clone();
        let engine::Told { id, severity, concerns, wants } = told;
        Some(Explanation { id, ruleset, severity, concerns, wants })
    })
}

fn told(ruleset: Ruleset) -> &'static [engine::Told] {
    static TOLD: LazyLock<[Vec<engine::Told>; 4]> = LazyLock::new(|| {
        [ubl21::told(), en16931::told(), peppol::told(), nigeria::told()].map(engine::by_id)
    });
    let [ubl21, en16931, peppol, nigeria] = &*TOLD;
    match ruleset {
        Ruleset::Ubl21 => ubl21,
        Ruleset::En16931 => en16931,
        Ruleset::Peppol => peppol,
        Ruleset::Nigeria => nigeria,
    }
}

/// The ids of the rules of a set, sorted. Of EN 16931 four are among them that cannot fail as published (BR-CO-05 to
/// BR-CO-08).
#[must_use]
pub fn rule_ids(ruleset: Ruleset) -> Vec<&'static str> {
    told(ruleset).iter().map(|rule| rule.id).collect()
}
