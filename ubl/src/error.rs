//! One error for everything in this crate that can refuse its input.

use rust_decimal::Decimal;

/// The result of a fallible operation in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a value or a document was refused. `Display` is one sentence that names the place and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A code that is not an ISO 4217 currency.
    #[error("{0:?} is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Two amounts of different currencies met in one operation.
    #[error("cannot combine {left} with {right}")]
    CurrencyMismatch {
        /// Currency of the left operand.
        left: crate::Currency,
        /// Currency of the right operand.
        right: crate::Currency,
    },
    /// A result needs more than the 28 digits a decimal holds.
    #[error("the amount does not fit 28 digits")]
    Overflow,
    /// A quantity below zero.
    #[error("a quantity cannot be negative, found {0}")]
    NegativeQuantity(Decimal),
    /// A percentage outside 0 to 100.
    #[error("a rate is a percentage from 0 to 100, found {0}")]
    RateOutOfRange(Decimal),
    /// A step that no amount can be rounded to.
    #[error(
        "no amount can be rounded to steps of {step}; the step must be above zero with at most {decimals} decimals"
    )]
    RoundingStep {
        /// The step asked for.
        step: Decimal,
        /// Decimals of the document's amounts.
        decimals: u32,
    },
    /// A name that is no rule set.
    #[error("there is no rule set {name:?}; there is {known}")]
    UnknownRuleset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The XML is not well-formed, or hostile (a DTD, an entity, too deep, too large).
    #[error("not readable as XML at byte {position}: {message}")]
    Xml {
        /// Offset into the document.
        position: u64,
        /// What is wrong there.
        message: String,
    },
    /// Well-formed XML that is not a UBL invoice, or lacks what the model needs.
    #[error("{path}: {message}")]
    Document {
        /// Element path, such as `/Invoice/cac:InvoiceLine[2]/cbc:ID`.
        path: String,
        /// What was found and what was expected.
        message: String,
    },
}
