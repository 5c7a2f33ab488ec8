//! Whether an element has the attributes it must have, and no others.

use super::Rule;
use super::component::Attribute;
use super::judge::Judge;
use crate::rules::engine::shorten;
use crate::vocabulary::Name;
use crate::xml::tree::Element;

/// The namespace of `xsi:type` and its like, which every element may have.
pub(super) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl<'t> Judge<'t> {
    pub(super) fn attributes(&mut self, element: Element<'t>, allowed: &'static [Attribute]) {
        for (name, value) in element.attributes() {
            match allowed.iter().find(|attribute| attribute.name == name) {
                Some(attribute) if attribute.form.admits(value) => {}
                Some(attribute) => self.misformed(element, attribute, value),
                None => self.foreign_attribute(element, name, value, allowed),
            }
        }
        for attribute in allowed.iter().filter(|attribute| attribute.required) {
            if element.attribute(attribute.name).is_none() {
                let say = || format!("{} has no {}; add it", element.usual_name(), attribute.name);
                self.findings.add(Rule::AttributeMissing, element, say);
            }
        }
    }

    fn misformed(&mut self, element: Element<'t>, attribute: &'static Attribute, value: &str) {
        let (kind, how) = attribute.form.wanted();
        let say = || {
            let (name, value) = (attribute.name, shorten(value));
            format!("{name} of {} is {value:?}, which is no {kind}; {how}", element.usual_name())
        };
        self.findings.add(Rule::AttributeForm, element, say);
    }

    fn foreign_attribute(&mut self, element: Element<'t>, name: &str, value: &str, allowed: &[Attribute]) {
        match instance_attribute(element, name) {
            Some("schemaLocation" | "noNamespaceSchemaLocation") => {}
            Some("nil") => {
                let say =
                    || format!("{} has {name}; UBL has no nil, leave the element out", element.usual_name());
                self.findings.add(Rule::Instance, element, say);
            }
            Some("type") => self.instance_type(element, value),
            _ => {
                let say = || {
                    let known: Vec<_> = allowed.iter().map(|a| a.name).collect();
                    let known = if known.is_empty() { "none".into() } else { known.join(", ") };
                    let (of, name) = (element.usual_name(), shorten(name));
                    format!("{of} may not have the attribute {name}; remove it (it may have: {known})")
                };
                self.findings.add(Rule::Attribute, element, say);
            }
        }
    }

    /// The schema derives no type from that of an element, so that only its own can be named.
    fn instance_type(&mut self, element: Element<'t>, value: &str) {
        if self.typed == Some(element.id()) {
            return;
        }
        let (space, local) = expanded(element, value);
        if own_type(element).is_none_or(|own| own != local) || space != own_space(element) {
            let say = || {
                let value = shorten(value);
                format!("the xsi:type {value:?} of {} is not its own; remove it", element.usual_name())
            };
            self.findings.add(Rule::Instance, element, say);
        }
    }
}

/// The local name of an attribute of the instance namespace.
pub(super) fn instance_attribute<'n>(element: Element<'_>, name: &'n str) -> Option<&'n str> {
    let (prefix, local) = name.split_once(':')?;
    (element.namespace_of(prefix) == Some(INSTANCE)).then_some(local)
}

/// Namespace and local name of a value that is a name; libxml2 takes white space around it for a part of it.
pub(super) fn expanded<'t>(element: Element<'t>, value: &'t str) -> (Option<&'t str>, &'t str) {
    let (prefix, local) = value.split_once(':').unwrap_or(("", value));
    (element.namespace_of(prefix), local)
}

/// The namespace the element is in.
pub(super) fn own_space(element: Element<'_>) -> Option<&str> {
    let prefix = element.qname().split_once(':').map_or("", |(prefix, _)| prefix);
    element.namespace_of(prefix)
}

/// The name of the element's type, which is in the namespace of the element.
fn own_type(element: Element<'_>) -> Option<String> {
    match element.name() {
        Name::Other => None,
        name => match name.of_type() {
            Some(of_type) => Some(format!("{of_type:?}Type")),
            None => Some(format!("{}Type", element.local())),
        },
    }
}
