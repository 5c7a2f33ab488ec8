//! How XML spells names, references and the ends of lines.

use super::tree::{is_space, is_xml_char};
use std::borrow::Cow;

/// A QName, with what XML allows in one except the rarer letters' own table.
pub(super) fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        let mut bytes = part.bytes();
        let plain_start = bytes.next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic());
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        (plain_start && bytes.all(plain))
            || (part.starts_with(|c: char| c == '_' || c.is_alphabetic())
                && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '·')))
    };
    name.split_once(':').map_or_else(|| part(name), |(prefix, local)| part(prefix) && part(local))
}

/// The character that `&name;` stands for: one of the five entities XML knows, or a character by its number.
pub(super) fn resolve(name: &str) -> Result<char, String> {
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        return Err(format!("the entity {:?}, which is never expanded", short(name)));
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // The library would take a sign.
    let code = Some(digits).filter(|d| !d.starts_with('+')).and_then(|d| u32::from_str_radix(d, radix).ok());
    code.and_then(char::from_u32)
        .filter(|c| is_xml_char(*c))
        .ok_or_else(|| format!("a reference to {:?}, which is no character that XML allows", short(name)))
}

/// The value of an attribute with its references resolved and its white space made blanks.
pub(super) fn attribute_value(written: &str) -> Result<String, String> {
    let mut value = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (before, from) = rest.split_at(at);
        value.push_str(before);
        rest = if let Some(reference) = from.strip_prefix('&') {
            let (name, behind) = reference.split_once(';').ok_or("a & that begins no reference")?;
            value.push(resolve(name)?);
            behind
        } else {
            value.push(' ');
            from.strip_prefix("\r\n").or_else(|| from.get(1..)).unwrap_or_default()
        };
    }
    value.push_str(rest);
    Ok(value)
}

/// A text in which every end of line is a line feed.
pub(super) fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a text is white space only.
pub(super) fn is_white(text: &str) -> bool {
    // Without a branch many bytes are compared at a time.
    let white =
        |block: &[u8]| block.iter().fold(true, |all, b| all & matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
    text.as_bytes().chunks(64).all(white)
}

/// The beginning of a name, for messages.
pub(super) fn short(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

/// A name and what follows it behind white space.
pub(super) fn first_word(text: &str) -> &str {
    text.split(is_space).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stand_for_one_character() {
        for (name, character) in
            [("amp", '&'), ("apos", '\''), ("#65", 'A'), ("#x1F34C", '🍌'), ("#0010", '\n'), ("#x0", '\0')]
        {
            assert_eq!(resolve(name).ok(), Some(character).filter(|c| *c != '\0'), "{name}");
        }
        for name in ["", "#", "#x", "AMP", "nbsp", "#+5", "#-5", "#x+5", "#X41", "#xD800", "#x110000", "#1 "]
        {
            assert!(resolve(name).is_err(), "{name}");
        }
        assert!(resolve("#99999999999999999999").is_err() && resolve("#xFFFE").is_err());
    }

    #[test]
    fn white_space_in_attributes_is_blanks() {
        let value = attribute_value("a\r\nb\rc\td&#10;&#13;&lt;&amp;lt;").unwrap();
        assert_eq!(value, "a b c d\n\r<&lt;");
        for bad in ["&", "a&b", "&b;", "&;", "&&amp;;"] {
            assert!(attribute_value(bad).is_err(), "{bad}");
        }
        assert_eq!(line_ends("a\r\n\r\rb\n"), "a\n\n\nb\n");
    }
}
