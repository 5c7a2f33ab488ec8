//! What is to be said of a document that others made: an assumption, a broken rule, a sum that disagrees.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use taxpoynt_ubl::Severity;

/// One thing to know about a received document. Ids that start with `IN-` are ours and permanent; the page on received
/// invoices lists them. The others are those of the rule sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `IN-SUM-01`, `BR-CO-10`.
    pub id: String,
    /// Whether it speaks against taking the document as it is.
    pub fatal: bool,
    /// Where: a path in the authority's JSON, or an element of the UBL document.
    pub path: String,
    /// What was found, in one sentence.
    pub message: String,
}

impl Finding {
    pub(super) fn new(id: &str, fatal: bool, path: &str, message: impl Into<String>) -> Self {
        Self { id: id.to_owned(), fatal, path: path.to_owned(), message: message.into() }
    }

    /// A broken rule of a rule set. What the authority would have refused it did not refuse, so its own rules only warn.
    pub(super) fn of_rule(fault: taxpoynt_ubl::Fault) -> Self {
        let fatal = fault.severity == Severity::Fatal && fault.ruleset != taxpoynt_ubl::Ruleset::Nigeria;
        Self { id: fault.id.to_owned(), fatal, path: fault.path, message: fault.message }
    }

    pub(super) fn assumed(path: &str, what: &str) -> Self {
        Self::new("IN-READ-01", false, path, what)
    }

    pub(super) fn other_tax(path: &str, code: &str, amount: Decimal) -> Self {
        let code: String = code.chars().filter(|c| !c.is_control()).take(40).collect();
        let message = format!(
            "The supplier charges {code} of {amount}, which is no VAT: it must not be claimed back as input VAT."
        );
        Self::new("IN-TAX-01", true, path, message)
    }

    pub(super) fn rates_inferred() -> Self {
        let message = "The document has several tax rates and does not say which line has which; the lines were divided so that \
                       the taxable amounts add up.";
        Self::new("IN-TAX-02", false, "tax_total", message)
    }

    pub(super) fn rates_disagree() -> Self {
        let message = "The lines cannot be divided among the tax rates so that the taxable amounts add up.";
        Self::new("IN-TAX-03", true, "tax_total", message)
    }

    pub(super) fn rates_unknown() -> Self {
        let message = "There are too many lines to find out which has which tax rate; all are shown with the largest one.";
        Self::new("IN-TAX-04", false, "tax_total", message)
    }

    pub(super) fn no_tax() -> Self {
        Self::new("IN-TAX-05", true, "tax_total", "The document has no tax breakdown.")
    }

    pub(super) fn line_sum(path: &str, stated: Decimal, reached: Option<Decimal>) -> Self {
        let reached =
            reached.map_or("an amount of more than 28 digits".to_owned(), |amount| amount.to_string());
        let message = format!(
            "The amount of the line is {stated}, but quantity, price, discount and fee give {reached}."
        );
        Self::new("IN-SUM-01", true, path, message)
    }
}
