//! Writes elements, with what was kept beside them, and only characters XML allows.

use super::kept::Scope;
use super::tree::{is_space, is_xml_char};
use crate::rules::number;
use crate::vocabulary::Name;
use crate::{Currency, Kept, Rest};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// An element's name, with its tags ready to write.
pub(super) struct Tag {
    pub(super) id: Name,
    /// `cbc:ID`
    pub(super) name: &'static str,
    /// `<cbc:ID`
    pub(super) begin: &'static str,
    /// `<cbc:ID>`
    pub(super) open: &'static str,
    /// `</cbc:ID>` and a line feed
    pub(super) close: &'static str,
}

/// The [`Tag`] of a name, made when the crate is compiled.
macro_rules! tag {
    ($name:literal) => {{
        const TAG: $crate::xml::out::Tag = $crate::xml::out::Tag {
            id: $crate::vocabulary::name!($name),
            name: $name,
            begin: concat!("<", $name),
            open: concat!("<", $name, ">"),
            close: concat!("</", $name, ">\n"),
        };
        &TAG
    }};
}
pub(super) use tag;

/// Attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// The document being written.
pub(super) struct Out<'i> {
    pub(super) bytes: Vec<u8>,
    depth: usize,
    /// What is kept at the aggregate being written; none where nothing is.
    pub(super) scope: Option<Box<Scope<'i>>>,
    /// Whether it is a document of our own.
    pub(super) own: bool,
    pub(super) currency: Currency,
}

impl<'i> Out<'i> {
    pub(super) fn new(own: bool, currency: Currency, capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), depth: 0, scope: None, own, currency }
    }

    /// The root element with its namespace declarations.
    pub(super) fn root(
        &mut self,
        id: Name,
        tags: (&'static str, &'static str),
        rest: &'i Rest,
        content: impl FnOnce(&mut Self),
    ) {
        self.push(tags.0);
        self.scope = Scope::of(rest, id);
        self.kept_attributes(&[]);
        self.push(">\n");
        self.depth = 1;
        self.kept_text();
        content(self);
        self.flush();
        self.push(tags.1);
    }

    /// An aggregate that a struct of its own stands for; nothing is written where `content` writes nothing.
    pub(super) fn aggregate(&mut self, tag: &'static Tag, rest: &'i Rest, content: impl FnOnce(&mut Self)) {
        self.before(tag);
        let inner = Scope::of(rest, tag.id);
        self.enclosed(tag, inner, content);
    }

    /// An aggregate that the struct of the one around it flattens.
    pub(super) fn group(&mut self, tag: &'static Tag, content: impl FnOnce(&mut Self)) {
        self.numbered_group(tag, 1, content);
    }

    /// The `number`th of several such.
    pub(super) fn numbered_group(
        &mut self,
        tag: &'static Tag,
        number: usize,
        content: impl FnOnce(&mut Self),
    ) {
        self.before(tag);
        let inner = self.scope.as_ref().map(|scope| scope.inner(tag, number));
        self.enclosed(tag, inner, content);
    }

    /// An aggregate of which nothing is ever kept.
    pub(super) fn plain_group(&mut self, tag: &'static Tag, content: impl FnOnce(&mut Self)) {
        self.before(tag);
        self.enclosed(tag, None, content);
    }

    fn enclosed(
        &mut self,
        tag: &'static Tag,
        inner: Option<Box<Scope<'i>>>,
        content: impl FnOnce(&mut Self),
    ) {
        let outer = std::mem::replace(&mut self.scope, inner);
        let start = self.bytes.len();
        self.indent();
        self.push(tag.begin);
        let named = self.bytes.len();
        self.kept_attributes(&[]);
        let plain = self.bytes.len() == named;
        self.push(">\n");
        let after = self.bytes.len();
        self.depth += 1;
        self.kept_text();
        content(self);
        self.flush();
        self.depth -= 1;
        self.scope = outer;
        if plain && self.bytes.len() == after {
            self.bytes.truncate(start);
        } else {
            self.indent();
            self.push(tag.close);
            self.wrote();
        }
    }

    /// A text; nothing is written where it is blank.
    pub(super) fn text(&mut self, tag: &'static Tag, value: &str) {
        self.text_with(tag, value, &[]);
    }

    /// An optional text.
    pub(super) fn optional(&mut self, tag: &'static Tag, value: Option<&str>) {
        if let Some(value) = value {
            self.text_with(tag, value, &[]);
        }
    }

    /// A text with attributes; blank attributes are left out.
    pub(super) fn text_with(&mut self, tag: &'static Tag, value: &str, attributes: Attributes<'_>) {
        self.numbered(tag, 1, value, attributes);
    }

    /// The `number`th of several texts.
    pub(super) fn numbered(
        &mut self,
        tag: &'static Tag,
        number: usize,
        value: &str,
        attributes: Attributes<'_>,
    ) {
        if is_blank(value) {
            return;
        }
        if self.scope.is_none() {
            self.start(tag, attributes);
            self.escaped(value, false);
            self.push(tag.close);
            return;
        }
        let form = self.form(tag, number).flatten().filter(|form| form.trim_matches(is_space) == value);
        self.leaf(tag, number, form.unwrap_or(value), attributes);
    }

    /// A text that is always the same, unless it was kept otherwise.
    pub(super) fn constant(&mut self, tag: &'static Tag, value: &'static str) {
        if self.scope.is_none() {
            self.indent();
            self.push(tag.open);
            self.push(value);
            self.push(tag.close);
            return;
        }
        match self.form(tag, 1) {
            Some(None) => {}
            Some(Some(form)) => self.leaf(tag, 1, form, &[]),
            None => self.leaf(tag, 1, value, &[]),
        }
    }

    /// A value written `usual`, unless it was kept otherwise and still is the same.
    pub(super) fn formed(&mut self, tag: &'static Tag, usual: &str, same: impl Fn(&str) -> bool) {
        let form = self.form(tag, 1).flatten().filter(|form| same(form));
        self.leaf(tag, 1, form.unwrap_or(usual), &[]);
    }

    /// A yes or no.
    pub(super) fn indicator(&mut self, tag: &'static Tag, value: bool) {
        let (usual, digit) = if value { ("true", "1") } else { ("false", "0") };
        self.formed(tag, usual, |form| [usual, digit].contains(&form.trim_matches(is_space)));
    }

    /// A date.
    pub(super) fn date(&mut self, tag: &'static Tag, date: Option<NaiveDate>) {
        let Some(date) = date else { return };
        match self.form(tag, 1).flatten().filter(|form| number::date(form) == Some(date)) {
            Some(form) => self.leaf(tag, 1, form, &[]),
            None if self.scope.is_none() => {
                self.start(tag, &[]);
                self.push_date(date);
                self.push(tag.close);
            }
            None => self.leaf(tag, 1, &date.to_string(), &[]),
        }
    }

    fn push_date(&mut self, date: NaiveDate) {
        let Ok(year @ 0..=9999) = u32::try_from(date.year()) else { return self.push(&date.to_string()) };
        let digit = |number: u32| b'0' + u8::try_from(number % 10).unwrap_or_default();
        let (month, day) = (date.month(), date.day());
        self.bytes.extend_from_slice(&[
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
            b'-',
            digit(day / 10),
            digit(day),
        ]);
    }

    /// A number; `usual` says whether it is written where nothing was kept about it.
    pub(super) fn number(
        &mut self,
        tag: &'static Tag,
        value: Decimal,
        usual: bool,
        attributes: Attributes<'_>,
    ) {
        if self.scope.is_none() {
            if usual {
                self.start(tag, attributes);
                push_decimal(&mut self.bytes, value);
                self.push(tag.close);
            }
            return;
        }
        match self.form(tag, 1) {
            Some(None) if value.is_zero() => return,
            Some(Some(form)) if number::decimal(form) == Some(value) => {
                return self.leaf(tag, 1, form, attributes);
            }
            _ => {}
        }
        if usual {
            let mut text = Vec::new();
            push_decimal(&mut text, value);
            self.leaf(tag, 1, &String::from_utf8_lossy(&text), attributes);
        }
    }

    /// Whether it was kept that an element does not stand.
    pub(super) fn is_absent(&self, tag: &'static Tag) -> bool {
        self.scope.is_some() && self.form(tag, 1) == Some(None)
    }

    fn form(&self, tag: &'static Tag, number: usize) -> Option<Option<&'i str>> {
        self.scope.as_ref()?.form(tag, number)
    }

    /// A text with the attributes kept for it.
    fn leaf(&mut self, tag: &'static Tag, number: usize, text: &str, attributes: Attributes<'_>) {
        self.before(tag);
        self.indent();
        self.push(tag.begin);
        let kept: Vec<&'i Kept> =
            self.scope.as_ref().map(|s| s.attributes_of(tag, number).collect()).unwrap_or_default();
        self.attributes(attributes, &kept);
        self.push(">");
        self.escaped(text, false);
        self.push(tag.close);
        self.wrote();
    }

    fn start(&mut self, tag: &'static Tag, attributes: Attributes<'_>) {
        self.indent();
        if attributes.is_empty() {
            return self.push(tag.open);
        }
        self.push(tag.begin);
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        self.bytes.push(b'>');
    }

    /// An attribute; none where blank.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        if !is_blank(value) {
            self.any_attribute(name, value);
        }
    }

    pub(super) fn any_attribute(&mut self, name: &str, value: &str) {
        self.bytes.push(b' ');
        self.push(name);
        self.push("=\"");
        self.escaped(value, true);
        self.bytes.push(b'"');
    }

    pub(super) fn indent(&mut self) {
        const SPACES: &[u8] = &[b' '; 64];
        let width = (self.depth * 2).min(SPACES.len());
        self.bytes.extend_from_slice(SPACES.get(..width).unwrap_or_default());
    }

    pub(super) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Also escapes what a reader would change: a carriage return anywhere, tabs and line feeds in attributes.
    pub(super) fn escaped(&mut self, value: &str, attribute: bool) {
        let special = if attribute { &ATTRIBUTE } else { &TEXT };
        let is_special = |b: u8| special.get(usize::from(b)).copied().unwrap_or(true);
        let mut rest = value;
        while let Some(at) = rest.bytes().position(is_special) {
            let (before, from) = rest.split_at(at);
            self.push(before);
            let mut chars = from.chars();
            match chars.next() {
                Some('&') => self.push("&amp;"),
                Some('<') => self.push("&lt;"),
                Some('>') => self.push("&gt;"),
                Some('"') => self.push("&quot;"),
                Some('\r') => self.push("&#13;"),
                Some('\n') => self.push("&#10;"),
                Some('\t') => self.push("&#9;"),
                Some(c) if is_xml_char(c) => self.push(c.encode_utf8(&mut [0; 4])),
                _ => {}
            }
            rest = chars.as_str();
        }
        self.push(rest);
    }
}

/// Bytes at which [`Out::escaped`] looks closer. All characters XML does not allow begin with one below 0x20 or 0xEF.
const TEXT: [bool; 256] = specials(false);
const ATTRIBUTE: [bool; 256] = specials(true);

const fn specials(attribute: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = attribute || !matches!(byte, 0x09 | 0x0A);
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table[b'"' as usize] = attribute;
    table[0xEF] = true;
    table
}

/// A number with the decimals it has.
fn push_decimal(bytes: &mut Vec<u8>, value: Decimal) {
    let scale = value.scale() as usize;
    let Ok(mut left) = u64::try_from(value.mantissa().unsigned_abs()) else {
        return bytes.extend_from_slice(value.to_string().as_bytes());
    };
    let mut digits = [b'0'; 52];
    let mut at = digits.len();
    let mut written = 0;
    while left > 0 || written <= scale {
        if written == scale && scale > 0 {
            at -= 1;
            if let Some(slot) = digits.get_mut(at) {
                *slot = b'.';
            }
        }
        at -= 1;
        if let Some(slot) = digits.get_mut(at) {
            *slot = b'0' + u8::try_from(left % 10).unwrap_or_default();
        }
        left /= 10;
        written += 1;
    }
    if value.is_sign_negative() && !value.is_zero() {
        bytes.push(b'-');
    }
    bytes.extend_from_slice(digits.get(at..).unwrap_or_default());
}

/// Whether nothing would be left to read.
pub(super) fn is_blank(value: &str) -> bool {
    match value.as_bytes() {
        [] => true,
        [b'!'..=0x7F, ..] => false,
        _ => value.chars().all(|c| is_space(c) || !is_xml_char(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_with_the_decimals_it_has() {
        for text in ["0", "0.00", "0.05", "-0.5", "7.5", "100", "-1234.5678", "18446744073709551616.25"] {
            let mut bytes = Vec::new();
            push_decimal(&mut bytes, text.parse().unwrap());
            assert_eq!(String::from_utf8(bytes).unwrap(), text);
        }
        let mut bytes = Vec::new();
        push_decimal(&mut bytes, "0.0000000000000000000000000001".parse().unwrap());
        assert_eq!(bytes, b"0.0000000000000000000000000001");
    }
}
