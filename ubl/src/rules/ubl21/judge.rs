//! The walk over the elements: each is checked against the type its name has.

use super::extension::{Part, part};
use super::findings::Findings;
use super::form::Form;
use super::sequence::Sequence;
use super::{Rule, component, order};
use crate::rules::engine::shorten;
use crate::vocabulary::{Child, Kind, Name};
use crate::xml::tree::{Element, is_space};
use std::collections::HashSet;

pub(super) struct Judge<'t> {
    pub(super) findings: Findings<'t>,
    /// The `Id` of every part of a signature so far, and every `xml:id`; made when the first is seen.
    pub(super) ids: Option<HashSet<&'t str>>,
    /// The element that is checked against the type it names itself.
    pub(super) typed: Option<u32>,
}

impl<'t> Judge<'t> {
    pub(super) fn new() -> Self {
        Self { findings: Findings::default(), ids: None, typed: None }
    }

    /// Checks an element by its name, whoever its parent is.
    pub(super) fn element(&mut self, element: Element<'t>) {
        match element.name() {
            Name::Cbc(name) => self.text(element, name.kind()),
            Name::Ext(name) => match part(name) {
                Part::Children(children) => self.children(element, children),
                Part::Text(kind) => self.text(element, kind),
                Part::Foreign => self.extension_content(element),
            },
            name => {
                if let Some(of_type) = name.of_type() {
                    self.children(element, of_type.children());
                }
            }
        }
    }

    /// Checks an element that holds elements.
    pub(super) fn children(&mut self, element: Element<'t>, children: &'static [Child]) {
        self.attributes(element, &[]);
        self.no_text(element);
        let mut sequence = Sequence::of(children);
        let mut fits = true;
        for child in element.children() {
            fits = fits && sequence.takes(child.name());
            self.element(child);
        }
        if !(fits && sequence.is_complete()) {
            order::explain(element, children, &mut self.findings);
        }
    }

    /// Checks an element that holds text.
    pub(super) fn text(&mut self, element: Element<'t>, kind: Kind) {
        self.attributes(element, component::attributes(kind));
        self.form(element, component::form(kind));
    }

    pub(super) fn form(&mut self, element: Element<'t>, form: Form) {
        if element.has_children() {
            let say = || {
                let child = element.children().next().map(Element::usual_name).unwrap_or_default();
                format!("{} holds {child}; write text only", element.usual_name())
            };
            self.findings.add(Rule::Element, element, say);
        } else if form != Form::Any && !form.admits(element.own_text()) {
            let say = || {
                let (name, how) = form.wanted();
                format!(
                    "{} is {:?}, which is no {name}; {how}",
                    element.usual_name(),
                    shorten(element.own_text())
                )
            };
            self.findings.add(rule_of(form), element, say);
        }
    }

    pub(super) fn no_text(&mut self, element: Element<'t>) {
        let text = element.own_text();
        if !text.bytes().all(|b| is_space(char::from(b))) {
            let say = || {
                let text = shorten(text.trim_matches(is_space));
                format!("{} holds the text {text:?} beside elements; remove it", element.usual_name())
            };
            self.findings.add(Rule::Text, element, say);
        }
    }
}

/// The rule that a text breaks. Only in signatures is a text a URI and the like.
const fn rule_of(form: Form) -> Rule {
    match form {
        Form::Date | Form::DateTime => Rule::Date,
        Form::Time => Rule::Time,
        Form::Boolean => Rule::Indicator,
        Form::Base64 => Rule::Base64,
        Form::Decimal | Form::Integer => Rule::Decimal,
        Form::Any | Form::Language | Form::Uri | Form::Id | Form::Qualifier => Rule::Signature,
    }
}
