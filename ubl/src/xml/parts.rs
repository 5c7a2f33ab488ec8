//! Every element and attribute of a document, in document order, with its path and its text.

use super::tree::{Element, Tree};
use crate::Result;

/// An element or an attribute of a document as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `/Invoice/cac:InvoiceLine[2]/cbc:ID`, as [`Fault::path`](crate::Fault::path); an attribute's ends with its name:
    /// `…/cbc:PriceAmount/@currencyID`.
    pub path: String,
    /// Its text; none for an element that holds others.
    pub value: Option<String>,
}

/// Lists every element and attribute of a document. Namespace declarations are none.
///
/// ```
/// let xml = br#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID scheme="a">1</ID></Invoice>"#;
/// let parts = taxpoynt_ubl::parts(xml)?;
/// let paths: Vec<&str> = parts.iter().map(|part| part.path.as_str()).collect();
/// assert_eq!(paths, ["/Invoice", "/Invoice/ID", "/Invoice/ID/@scheme"]);
/// # Ok::<(), taxpoynt_ubl::Error>(())
/// ```
///
/// # Errors
/// `Xml` where the bytes are not readable as XML.
pub fn parts(xml: &[u8]) -> Result<Vec<Part>> {
    let tree = Tree::read(xml)?;
    let numbers = tree.numbers();
    let mut parts = Vec::new();
    for element in tree.elements() {
        let path = element.path_by(&numbers);
        let attributes = element
            .attributes()
            .map(|(name, value)| Part { path: format!("{path}/@{name}"), value: Some(value.to_owned()) });
        let attributes: Vec<Part> = attributes.collect();
        parts.push(Part { path, value: text(element) });
        parts.extend(attributes);
    }
    Ok(parts)
}

fn text(element: Element<'_>) -> Option<String> {
    (!element.has_children()).then(|| element.own_text().to_owned())
}
