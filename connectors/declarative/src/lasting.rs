//! Texts and lists that live as long as the process.
//!
//! A connector's facts are constants, and everything that carries them counts on it. A template's are read at the start,
//! once for each text of a template, and never given back: a few kilobytes a platform.

use crate::template::Texts;

/// A text that stays.
pub(crate) fn text(text: impl Into<String>) -> &'static str {
    Box::leak(text.into().into_boxed_str())
}

/// A list that stays.
pub(crate) fn list<T>(list: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(list.into_iter().collect::<Vec<T>>().into_boxed_slice())
}

/// Pairs that stay.
pub(crate) fn pairs(texts: &Texts) -> &'static [(&'static str, &'static str)] {
    list(texts.iter().map(|(name, value)| (text(name), text(value))))
}

/// Anything that stays.
pub(crate) fn value<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
