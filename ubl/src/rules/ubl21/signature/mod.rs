//! Electronic signatures, which the schema of UBL knows inside an extension: those of UBL, XML Signature and XAdES.

mod model;
mod types;
mod xades;

use super::Rule;
use super::attributes::own_space;
use super::component::Attribute;
use super::form::Form;
use super::judge::Judge;
use crate::rules::engine::shorten;
use crate::vocabulary::Kind;
use crate::xml::tree::{Element, is_space};
use model::Model;

/// The namespaces of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// XML Signature.
    Ds,
    /// XAdES 1.3.2.
    Xades,
    /// XAdES 1.4.1.
    Xades141,
    /// The three of UBL: of a document's signatures, of their aggregate and their basic components.
    Signatures,
    Aggregate,
    Basic,
}

impl Home {
    const ALL: [Self; 6] =
        [Self::Ds, Self::Xades, Self::Xades141, Self::Signatures, Self::Aggregate, Self::Basic];

    const fn uri(self) -> &'static str {
        match self {
            Self::Ds => "http://www.w3.org/2000/09/xmldsig#",
            Self::Xades => "http://uri.etsi.org/01903/v1.3.2#",
            Self::Xades141 => "http://uri.etsi.org/01903/v1.4.1#",
            Self::Signatures => "urn:oasis:names:specification:ubl:schema:xsd:CommonSignatureComponents-2",
            Self::Aggregate => "urn:oasis:names:specification:ubl:schema:xsd:SignatureAggregateComponents-2",
            Self::Basic => "urn:oasis:names:specification:ubl:schema:xsd:SignatureBasicComponents-2",
        }
    }

    fn of(element: Element<'_>) -> Option<Self> {
        let space = own_space(element)?;
        Self::ALL.into_iter().find(|home| home.uri() == space)
    }
}

/// A type of a part of a signature.
pub(super) struct Type {
    content: Content,
    attributes: &'static [Attribute],
}

enum Content {
    /// Text of a form.
    Text(Form),
    /// What a basic component of UBL holds, with its attributes.
    Basic(Kind),
    /// Not even white space.
    Nothing,
    /// Elements.
    Elements(Model),
    /// Elements with text between them.
    Mixed(Model),
    /// Anything, with any attribute.
    Anything,
}

/// The type of an element that may stand wherever anything may.
pub(super) fn global(element: Element<'_>) -> Option<&'static Type> {
    let home = Home::of(element)?;
    types::GLOBALS
        .iter()
        .chain(xades::GLOBALS)
        .find(|(space, name, _)| *space == home && *name == element.local())
        .map(|(_, _, of)| *of)
}

#[cfg(test)]
pub(super) fn count() -> usize {
    types::GLOBALS.len() + xades::GLOBALS.len()
}

impl<'t> Judge<'t> {
    /// Checks a part of a signature.
    pub(super) fn signature(&mut self, element: Element<'t>, of: &'static Type) {
        if !matches!(of.content, Content::Anything | Content::Basic(_)) {
            self.attributes(element, of.attributes);
        }
        match &of.content {
            Content::Text(form) => self.form(element, *form),
            Content::Basic(kind) => self.text(element, *kind),
            Content::Nothing => {
                self.no_child(element);
                if !element.own_text().is_empty() {
                    let say = || format!("{} holds text; leave it empty", element.qname());
                    self.findings.add(Rule::Text, element, say);
                }
            }
            Content::Elements(model) => {
                self.no_text(element);
                self.parts(element, model);
            }
            Content::Mixed(model) => self.parts(element, model),
            Content::Anything => self.children_of_anything(element),
        }
        self.unique_id(element, of.attributes);
    }

    fn no_child(&mut self, element: Element<'t>) {
        if let Some(child) = element.children().next() {
            let say = || format!("{} holds {}; leave it empty", element.qname(), shorten(child.qname()));
            self.findings.add(Rule::Element, element, say);
        }
    }

    fn parts(&mut self, element: Element<'t>, model: &'static Model) {
        let children: Vec<_> = element.children().collect();
        if !model.matches(&children) {
            let say = || {
                let names: Vec<_> = children.iter().take(5).map(|child| shorten(child.qname())).collect();
                let names = if names.is_empty() { "nothing".into() } else { names.join(", ") };
                format!(
                    "{} holds {names}, which its schema does not foresee; let it be signed anew",
                    element.qname()
                )
            };
            self.findings.add(Rule::Signature, element, say);
        }
        for child in children {
            match model.part(child) {
                Some(of) => self.signature(child, of),
                None => self.lax(child),
            }
        }
    }

    fn unique_id(&mut self, element: Element<'t>, attributes: &[Attribute]) {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.form == Form::Id) else { return };
        let Some(id) = element.attribute(attribute.name) else { return };
        let ids = self.ids.get_or_insert_with(|| {
            let named = element.tree().attributes().filter(|(name, _)| *name == "xml:id");
            named.map(|(_, id)| id.trim_matches(is_space)).collect()
        });
        if !ids.insert(id.trim_matches(is_space)) {
            let say =
                || format!("the Id {:?} of {} stands twice; keep it unique", shorten(id), element.qname());
            self.findings.add(Rule::AttributeForm, element, say);
        }
    }
}
