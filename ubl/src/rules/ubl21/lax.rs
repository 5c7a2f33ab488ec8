//! The content of an extension: anything, but what UBL knows within it must be as UBL has it.

use super::Rule;
use super::attributes::own_space;
use super::judge::Judge;
use crate::vocabulary::{Name, Space};
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
                let children: Vec<_> = element.children().take(5).map(Element::usual_name).collect();
                let found = if children.is_empty() { "nothing".into() } else { children.join(", ") };
                format!(
                    "ext:ExtensionContent holds {found}; put one element of a namespace of its own into it"
                )
            };
            self.findings.add(Rule::Extension, element, say);
        }
        for child in element.children() {
            self.lax(child);
        }
    }

    /// Checks what is known, wherever it stands.
    pub(super) fn lax(&mut self, element: Element<'t>) {
        match element.name() {
            Name::Cac(_) | Name::Cbc(_) | Name::Ext(_) => self.element(element),
            root @ (Name::Invoice | Name::CreditNote) if root == self.root => self.element(element),
            _ => {
                for child in element.children() {
                    self.lax(child);
                }
            }
        }
    }
}

fn is_foreign(element: Element<'_>) -> bool {
    match element.space() {
        Space::Absent | Space::Ext => false,
        _ => own_space(element).is_some_and(|space| !space.is_empty()),
    }
}
