//! What elements a part of a signature may hold, and in which order.

use super::super::attributes::own_space;
use super::super::lax::is_known;
use super::{Home, Type};
use crate::vocabulary::Name;
use crate::xml::tree::Element;

pub(super) enum Model {
    /// An element of a type.
    One(Home, &'static str, &'static Type),
    /// A component of UBL.
    Component(Name),
    /// Any element; of a known name only where `strict`.
    Any { strict: bool },
    /// Any element of another namespace than this.
    Other { than: Home, strict: bool },
    /// These one after the other.
    Sequence(&'static [Model]),
    /// One of these.
    Choice(&'static [Model]),
    /// Once or not at all.
    Maybe(&'static Model),
    /// Any number.
    Many(&'static Model),
    /// At least once.
    Some(&'static Model),
}

impl Model {
    /// Whether all the elements fit.
    pub(super) fn matches(&self, elements: &[Element<'_>]) -> bool {
        self.take(elements).is_some_and(<[_]>::is_empty)
    }

    /// What is behind those that fit. The next element always decides, so that nothing is tried twice.
    fn take<'e, 't>(&self, elements: &'e [Element<'t>]) -> Option<&'e [Element<'t>]> {
        match self {
            Self::Sequence(parts) => parts.iter().try_fold(elements, |rest, part| part.take(rest)),
            Self::Choice(parts) => parts.iter().find_map(|part| part.take(elements)),
            Self::Maybe(part) => Some(part.take(elements).unwrap_or(elements)),
            Self::Many(part) => Some(part.take_all(elements)),
            Self::Some(part) => part.take(elements).map(|rest| part.take_all(rest)),
            one => elements.split_first().filter(|(first, _)| one.is(**first)).map(|(_, rest)| rest),
        }
    }

    fn take_all<'e, 't>(&self, mut elements: &'e [Element<'t>]) -> &'e [Element<'t>] {
        while let Some(rest) = self.take(elements).filter(|rest| rest.len() < elements.len()) {
            elements = rest;
        }
        elements
    }

    fn is(&self, element: Element<'_>) -> bool {
        match self {
            Self::One(home, name, _) => element.local() == *name && own_space(element) == Some(home.uri()),
            Self::Component(name) => element.is(*name),
            Self::Any { strict } => !strict || is_known(element),
            Self::Other { than, strict } => {
                own_space(element).is_some_and(|space| !space.is_empty() && space != than.uri())
                    && (!strict || is_known(element))
            }
            _ => false,
        }
    }

    /// The type of an element of the model.
    pub(super) fn part(&self, element: Element<'_>) -> Option<&'static Type> {
        match self {
            Self::One(_, _, of) => self.is(element).then_some(of),
            Self::Sequence(parts) | Self::Choice(parts) => parts.iter().find_map(|part| part.part(element)),
            Self::Maybe(part) | Self::Many(part) | Self::Some(part) => part.part(element),
            Self::Component(_) | Self::Any { .. } | Self::Other { .. } => None,
        }
    }
}
