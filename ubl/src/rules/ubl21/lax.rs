//! The content of an extension: anything, but what UBL knows within it must be as UBL has it.

use super::Rule;
use super::attributes::{INSTANCE, expanded, own_space};
use super::form::Form;
use super::judge::Judge;
use super::signature::global;
use crate::rules::engine::shorten;
use crate::vocabulary::{Kind, Name, Space};
use crate::xml::tree::Element;

impl<'t> Judge<'t> {
    /// Checks an `ext:ExtensionContent`: one element of another namespace than its own.
    pub(super) fn extension_content(&mut self, element: Element<'t>) {
        self.attributes(element, &[]);
        self.no_text(element);
        let mut children = element.children();
        let fits = children.next().is_some_and(is_foreign) && children.next().is_none();
        if !fits {
            let say = || {
                let children: Vec<_> =
                    element.children().take(5).map(|child| shorten(&child.usual_name())).collect();
                let found = if children.is_empty() { "nothing".into() } else { children.join(", ") };
                format!(
                    "ext:ExtensionContent holds {found}; put one element of a namespace of its own into it"
                )
            };
            self.findings.add(Rule::Extension, element, say);
        }
        self.children_of_anything(element);
    }

    /// Checks what is known, wherever it stands.
    pub(super) fn lax(&mut self, element: Element<'t>) {
        if is_component(element) {
            self.element(element);
        } else if let Some(of) = global(element) {
            self.signature(element, of);
        } else if let Some(named) = named_type(element) {
            self.typed(element, named);
        } else {
            self.children_of_anything(element);
        }
    }

    pub(super) fn children_of_anything(&mut self, element: Element<'t>) {
        for child in element.children() {
            self.lax(child);
        }
    }

    /// Checks an element nothing is known of but the type it names itself.
    fn typed(&mut self, element: Element<'t>, named: &'t str) {
        self.typed = Some(element.id());
        let (space, local) = expanded(element, named);
        let component = local.strip_suffix("Type").unwrap_or_default();
        match space.map(Space::of) {
            Some(Space::Cac) => {
                if let Some(of) =
                    Name::aggregate(component).of_type().filter(|of| format!("{of:?}") == component)
                {
                    return self.children(element, of.children());
                }
            }
            Some(Space::Cbc) => {
                if let Name::Cbc(name) = Name::basic(component) {
                    return self.text(element, name.kind());
                }
            }
            Some(_)
                if space == Some("urn:oasis:names:specification:ubl:schema:xsd:UnqualifiedDataTypes-2") =>
            {
                if let Some(kind) = data_type(component) {
                    return self.text(element, kind);
                }
            }
            Some(_) if space == Some(SCHEMA) && local == "anyType" => {
                return self.children_of_anything(element);
            }
            Some(_) if space == Some(SCHEMA) => {
                if let Some(form) = schema_type(local) {
                    self.attributes(element, &[]);
                    return self.form(element, form);
                }
            }
            _ => {}
        }
        let say =
            || format!("{} names the type {:?}, which is not known", element.usual_name(), shorten(named));
        self.findings.add(Rule::Instance, element, say);
    }
}

/// The namespace of the types of XML Schema.
const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// The value of its `xsi:type`.
fn named_type(element: Element<'_>) -> Option<&str> {
    let is_type = |(name, _): &(&str, &str)| {
        name.split_once(':')
            .is_some_and(|(prefix, local)| local == "type" && element.namespace_of(prefix) == Some(INSTANCE))
    };
    element.attributes().find(is_type).map(|(_, value)| value)
}

/// The form of a type of XML Schema.
fn schema_type(name: &str) -> Option<Form> {
    Some(match name {
        "string" | "normalizedString" | "token" | "anySimpleType" => Form::Any,
        "decimal" => Form::Decimal,
        "integer" | "long" | "int" | "short" => Form::Integer,
        "boolean" => Form::Boolean,
        "date" => Form::Date,
        "time" => Form::Time,
        "dateTime" => Form::DateTime,
        "base64Binary" => Form::Base64,
        "language" => Form::Language,
        "anyURI" => Form::Uri,
        _ => return None,
    })
}

/// What a data type of UBL holds, by its name without `Type`.
fn data_type(name: &str) -> Option<Kind> {
    Some(match name {
        "Amount" => Kind::Amount,
        "BinaryObject" | "Graphic" | "Picture" | "Sound" | "Video" => Kind::BinaryObject,
        "Code" => Kind::Code,
        "Date" => Kind::Date,
        "Identifier" => Kind::Identifier,
        "Indicator" => Kind::Indicator,
        "Measure" => Kind::Measure,
        "Numeric" | "Value" | "Percent" | "Rate" => Kind::Numeric,
        "Quantity" => Kind::Quantity,
        "Text" | "Name" => Kind::Text,
        "Time" => Kind::Time,
        _ => return None,
    })
}

/// Whether an element of the name is declared somewhere.
pub(super) fn is_known(element: Element<'_>) -> bool {
    is_component(element) || global(element).is_some()
}

/// The same for UBL's own namespaces. The schema of one document does not know the root of the other.
fn is_component(element: Element<'_>) -> bool {
    match element.name() {
        Name::Cac(_) | Name::Cbc(_) | Name::Ext(_) => true,
        name @ (Name::Invoice | Name::CreditNote) => name == element.tree().root().name(),
        Name::Other => false,
    }
}

fn is_foreign(element: Element<'_>) -> bool {
    match element.space() {
        Space::Absent | Space::Ext => false,
        _ => own_space(element).is_some_and(|space| !space.is_empty()),
    }
}
