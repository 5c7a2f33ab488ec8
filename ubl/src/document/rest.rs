//! What a document said that the model has no field for, kept so that nothing is lost when it is written again.

use serde::{Deserialize, Serialize};

/// The pieces of an aggregate that no field of its struct holds. One word when empty.
///
/// Filled by [`parse`](crate::parse) and put back by [`to_xml`](crate::to_xml), each piece at its place. Comments,
/// processing instructions and the white space between elements are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[allow(clippy::box_collection, reason = "empty nearly always: one word then")]
pub struct Rest(Option<Box<Vec<Kept>>>);

impl Rest {
    /// Nothing.
    pub const NONE: Self = Self(None);

    pub(crate) fn of(pieces: Vec<Kept>) -> Self {
        if pieces.is_empty() { Self(None) } else { Self(Some(Box::new(pieces))) }
    }

    /// Whether the fields held everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces().is_empty()
    }

    /// What was kept.
    #[must_use]
    pub fn pieces(&self) -> &[Kept] {
        self.0.as_ref().map_or(&[], |pieces| pieces.as_slice())
    }

    /// Forgets it.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}

/// One piece and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The element it belongs to, below the one the struct stands for: `cac:TaxScheme/cbc:ID`, empty for that one itself.
    /// A repeated element has its number: `cbc:Note[2]`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What was kept.
    pub piece: Piece,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Piece {
    /// A child element.
    Element {
        /// For a child that UBL does not know here: the known sibling it follows, `cbc:Note`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// How many siblings of its name, or of that it follows, stand before it.
        nth: u32,
        /// The element.
        content: ForeignElement,
    },
    /// An attribute. Without value: one the field implies (`currencyID`) that was not there.
    Attribute {
        /// Its name as written, `schemeID`, `xsi:schemaLocation`.
        name: String,
        /// The namespace of its prefix.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        namespace: String,
        /// Its value.
        value: Option<String>,
    },
    /// Text where UBL has only elements.
    Text(String),
    /// How a value stood, where not as it would be written; none: it did not stand at all. Holds as long as the field has
    /// that value.
    Form(Option<String>),
}

/// An element with all it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ForeignElement {
    /// Its name with prefix; those of UBL with the usual ones, `cac:` and `cbc:`.
    pub name: String,
    /// Its namespace, empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Its attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<ForeignAttribute>,
    /// Its texts and elements, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Content>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ForeignAttribute {
    /// Its name as written, with prefix.
    pub name: String,
    /// The namespace of its prefix, empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Its value.
    pub value: String,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(String),
    /// An element.
    Element(ForeignElement),
}
