//! The forms a text or an attribute may be wanted in.

use super::calendar::{is_date, is_date_time, is_time, leading_digits};
use super::uri::is_uri;
use crate::xml::tree::is_space;

/// What a text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Any,
    Decimal,
    Integer,
    Boolean,
    Date,
    Time,
    DateTime,
    Base64,
    Language,
    Uri,
    /// A name without colon that no other element has.
    Id,
    /// Of an object identifier in a signature.
    Qualifier,
}

impl Form {
    pub(super) fn admits(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Decimal => is_decimal(text.trim_matches(is_space)),
            Self::Integer => is_integer(text.trim_matches(is_space)),
            Self::Boolean => matches!(text.trim_matches(is_space), "true" | "false" | "1" | "0"),
            Self::Date => is_date(text),
            Self::Time => is_time(text),
            Self::DateTime => is_date_time(text),
            Self::Base64 => is_base64(text),
            Self::Language => is_language(text.trim_matches(is_space)),
            Self::Uri => is_uri(text),
            Self::Id => is_id(text.trim_matches(is_space)),
            Self::Qualifier => matches!(text, "OIDAsURI" | "OIDAsURN"),
        }
    }

    /// What it is called, and how to write it.
    pub(super) const fn wanted(self) -> (&'static str, &'static str) {
        match self {
            Self::Any => ("text", "write any text"),
            Self::Decimal => {
                ("decimal number", "write digits with a point and a sign if need be, as in -12.50")
            }
            Self::Integer => ("whole number", "write digits, with a sign if need be"),
            Self::Boolean => ("indicator", "write true or false"),
            Self::Date => ("date", "write YYYY-MM-DD without spaces, as in 2026-11-21"),
            Self::Time => ("time", "write hh:mm:ss without spaces, as in 13:05:09 or 13:05:09+01:00"),
            Self::DateTime => ("date and time", "write YYYY-MM-DDThh:mm:ss without spaces"),
            Self::Base64 => {
                ("Base64", "write the content in groups of four of A-Z a-z 0-9 + /, filled up with =")
            }
            Self::Language => ("language", "write a code like en or en-GB"),
            Self::Uri => ("URI", "write an address like https://example.com/a or urn:example:a"),
            Self::Id => ("identifier", "write a name of letters and digits that begins with a letter"),
            Self::Qualifier => ("qualifier", "write OIDAsURI or OIDAsURN"),
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, rest) = number.split_at(leading_digits(number));
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    let all_digits = leading_digits(fraction) == fraction.len() && (rest.is_empty() || rest.starts_with('.'));
    all_digits && !(whole.is_empty() && fraction.is_empty())
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && leading_digits(digits) == digits.len()
}

/// `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts
        .next()
        .is_some_and(|first| (1..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '·');
    text.starts_with(|c: char| c == '_' || c.is_alphabetic()) && text.chars().all(plain)
}

/// libxml2 passes over every character that is none of Base64, and wants the unused bits of the last one to be 0.
fn is_base64(text: &str) -> bool {
    let (body, padding) = text.split_at(text.find('=').unwrap_or(text.len()));
    if padding.bytes().any(|b| sextet(b).is_some()) {
        return false;
    }
    let digits = body.bytes().filter(|b| IS_SEXTET[usize::from(*b)]).count();
    let last = || body.bytes().rev().find_map(sextet).unwrap_or_default();
    match (padding.bytes().filter(|b| *b == b'=').count(), digits % 4) {
        (0, 0) => true,
        (1, 3) => last() & 0b11 == 0,
        (2, 2) => last() & 0b1111 == 0,
        _ => false,
    }
}

/// Which bytes are digits of Base64.
static IS_SEXTET: [bool; 256] = {
    let mut is = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        is[byte as usize] = sextet(byte).is_some();
        byte += 1;
    }
    is
};

const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
