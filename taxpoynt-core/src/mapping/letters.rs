//! Texts as they are compared: a letter that can be written in two ways is one letter.

use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};
use std::borrow::Cow;

const COMPOSED: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();

/// A text in Unicode's composed form (NFC). The tone marks and dots of Yoruba and Igbo names reach us either way: composed
/// from a keyboard, decomposed from some spreadsheets and telephones.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { COMPOSED.normalize(text) }
}

/// Whether two texts are the same, without the blanks around them.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    a == b || (!a.is_ascii() && !b.is_ascii() && composed(a) == composed(b))
}
