//! Elements and attributes that are kept as they are, and their places among those that fields take.

use super::names::standard_prefix;
use super::out::is_blank;
use super::tree::Element;
use crate::vocabulary::Name;
use crate::{Content, ForeignAttribute, ForeignElement};

/// For each child its id, what it follows if UBL does not know it here, and how many of the same stand before it.
pub(super) fn places(parent: Element<'_>) -> Vec<(u32, Option<Name>, u32)> {
    let known = parent.name().of_type().map_or(&[][..], |of| of.children());
    let mut counts = vec![0_u32; known.len() + 1];
    // Rank 0 is what stands before everything known.
    let mut rank = 0;
    let place = |child: Element<'_>| {
        let own = known.iter().position(|c| c.name == child.name());
        if let Some(own) = own {
            rank = own + 1;
        }
        let count = counts.get_mut(rank).map_or(0, |count| {
            *count += 1;
            *count - 1
        });
        let follows = rank.checked_sub(1).and_then(|at| known.get(at)).map(|c| c.name);
        (child.id(), follows.filter(|_| own.is_none()), count)
    };
    parent.children().map(place).collect()
}

/// An attribute without prefix is in no namespace.
pub(super) fn attribute_namespace(element: Element<'_>, name: &str) -> String {
    let prefix = name.split_once(':').map(|(prefix, _)| prefix);
    prefix.and_then(|prefix| element.namespace_of(prefix)).unwrap_or_default().to_owned()
}

/// An element with all it holds.
pub(super) fn foreign(element: Element<'_>) -> ForeignElement {
    let (prefix, local) = element.qname().split_once(':').unwrap_or(("", element.qname()));
    let namespace = element.namespace_of(prefix).unwrap_or_default();
    let prefix = standard_prefix(namespace).unwrap_or(prefix);
    let name = if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") };
    let attributes = element.attributes().map(|(name, value)| ForeignAttribute {
        name: name.to_owned(),
        namespace: attribute_namespace(element, name),
        value: value.to_owned(),
    });
    let attributes = attributes.collect();
    let mut content = Vec::new();
    let text = element.own_text();
    if if element.has_children() { !is_blank(text) } else { !text.is_empty() } {
        content.push(Content::Text(text.to_owned()));
    }
    content.extend(element.children().map(|child| Content::Element(foreign(child))));
    ForeignElement { name, namespace: namespace.to_owned(), attributes, content }
}
