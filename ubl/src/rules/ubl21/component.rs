//! What the text and the attributes of a basic component may be, by what it holds.

use super::form::Form;
use crate::vocabulary::Kind;

/// An attribute an element may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) required: bool,
}

pub(super) const fn may(name: &'static str, form: Form) -> Attribute {
    Attribute { name, form, required: false }
}

pub(super) const fn must(name: &'static str, form: Form) -> Attribute {
    Attribute { name, form, required: true }
}

/// The form of the text.
pub(super) const fn form(kind: Kind) -> Form {
    match kind {
        Kind::Amount | Kind::Measure | Kind::Numeric | Kind::Quantity => Form::Decimal,
        Kind::BinaryObject => Form::Base64,
        Kind::Date => Form::Date,
        Kind::Time => Form::Time,
        Kind::Indicator => Form::Boolean,
        Kind::Code | Kind::Identifier | Kind::Text => Form::Any,
    }
}

/// The attributes.
pub(super) const fn attributes(kind: Kind) -> &'static [Attribute] {
    match kind {
        Kind::Amount => AMOUNT,
        Kind::BinaryObject => BINARY_OBJECT,
        Kind::Code => CODE,
        Kind::Identifier => IDENTIFIER,
        Kind::Measure => MEASURE,
        Kind::Numeric => NUMERIC,
        Kind::Quantity => QUANTITY,
        Kind::Text => TEXT,
        Kind::Date | Kind::Indicator | Kind::Time => &[],
    }
}

const AMOUNT: &[Attribute] = &[must("currencyID", Form::Any), may("currencyCodeListVersionID", Form::Any)];

const BINARY_OBJECT: &[Attribute] = &[
    must("mimeCode", Form::Any),
    may("filename", Form::Any),
    may("format", Form::Any),
    may("encodingCode", Form::Any),
    may("characterSetCode", Form::Any),
    may("uri", Form::Uri),
];

const CODE: &[Attribute] = &[
    may("listID", Form::Any),
    may("listAgencyID", Form::Any),
    may("listAgencyName", Form::Any),
    may("listName", Form::Any),
    may("listVersionID", Form::Any),
    may("name", Form::Any),
    may("languageID", Form::Language),
    may("listURI", Form::Uri),
    may("listSchemeURI", Form::Uri),
];

const IDENTIFIER: &[Attribute] = &[
    may("schemeID", Form::Any),
    may("schemeName", Form::Any),
    may("schemeAgencyID", Form::Any),
    may("schemeAgencyName", Form::Any),
    may("schemeVersionID", Form::Any),
    may("schemeDataURI", Form::Uri),
    may("schemeURI", Form::Uri),
];

const MEASURE: &[Attribute] = &[must("unitCode", Form::Any), may("unitCodeListVersionID", Form::Any)];

const NUMERIC: &[Attribute] = &[may("format", Form::Any)];

const QUANTITY: &[Attribute] = &[
    may("unitCode", Form::Any),
    may("unitCodeListID", Form::Any),
    may("unitCodeListAgencyID", Form::Any),
    may("unitCodeListAgencyName", Form::Any),
];

const TEXT: &[Attribute] = &[may("languageID", Form::Language), may("languageLocaleID", Form::Any)];
