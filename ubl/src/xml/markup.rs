//! Reads a document from its first byte to its last in one pass: what XML allows in an invoice, and nothing else. No
//! document type declaration is read, and no entity but the five every XML knows.

use super::build::Builder;
use super::scan::{below, equal, find, find_all, name_end, past_space, position};
use super::soundness;
use super::spelling::{attribute_value, first_word, line_ends, resolve, short};
use super::tree::{Tree, error};
use crate::Result;
use std::borrow::Cow;

/// UBL needs at most eight on an element, the root's declarations apart.
const MAX_ATTRIBUTES: usize = 64;

/// A document being read, whose characters are all allowed.
pub(super) struct Reader<'a> {
    source: &'a str,
    bytes: &'a [u8],
    /// The byte to read next.
    at: usize,
    /// Whether there is a carriage return. Where there is none, no end of line needs to be made one.
    returns: bool,
    builder: Builder<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str, returns: bool) -> Self {
        Self { source, bytes: source.as_bytes(), at: 0, returns, builder: Builder::new(source) }
    }

    /// Reads it all.
    pub(super) fn read(mut self) -> Result<Tree<'a>> {
        if self.source.starts_with("<?xml") && self.bytes.get(5).is_some_and(|b| b" \t\n\r?".contains(b)) {
            self.declaration()?;
        }
        loop {
            self.characters()?;
            match self.bytes.get(self.at + 1) {
                Some(b'/') => self.end_tag()?,
                Some(b'!') => self.section()?,
                Some(b'?') => self.instruction()?,
                Some(_) => self.start_tag()?,
                None if self.at < self.bytes.len() => {
                    return Err(error(self.at, "the document ends inside a tag"));
                }
                None => return self.builder.finish(self.at),
            }
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.source.get(from..to).unwrap_or_default()
    }

    /// Characters up to the next markup or the end.
    #[inline]
    fn characters(&mut self) -> Result<()> {
        let end =
            position(self.bytes, self.at, |word| equal(word, b'<') | equal(word, b'&') | equal(word, b']'));
        if !self.returns && self.bytes.get(end).is_none_or(|byte| *byte == b'<') {
            if end > self.at {
                self.builder.text(self.at, end)?;
                self.at = end;
            }
            return Ok(());
        }
        self.pieces(end)
    }

    /// Characters with references, brackets or carriage returns among them; `end` is the first such that may matter.
    fn pieces(&mut self, mut end: usize) -> Result<()> {
        loop {
            if self.bytes.get(end) == Some(&b']') {
                if self.bytes.get(end..).is_some_and(|rest| rest.starts_with(b"]]>")) {
                    return Err(error(end, "]]> stands in a text, where only a CDATA section ends with it"));
                }
            } else {
                if end > self.at {
                    self.builder.piece(self.at, line_ends(self.slice(self.at, end)))?;
                    self.at = end;
                }
                if self.bytes.get(end) != Some(&b'&') {
                    return Ok(());
                }
                end = self.reference()? - 1;
            }
            end = position(self.bytes, end + 1, |word| {
                equal(word, b'<') | equal(word, b'&') | equal(word, b']')
            });
        }
    }

    /// A reference to a character. Returns where it ends.
    fn reference(&mut self) -> Result<usize> {
        let at = self.at;
        let end =
            position(self.bytes, at + 1, |word| equal(word, b';') | equal(word, b'<') | equal(word, b'&'));
        if self.bytes.get(end) != Some(&b';') {
            return Err(error(at, "a & that begins no reference; the character itself is written &amp;"));
        }
        let character = resolve(self.slice(at + 1, end)).map_err(|e| error(at, e))?;
        if !self.builder.is_inside() {
            return Err(error(at, "a reference outside the root element"));
        }
        self.builder.piece(at, Cow::Owned(character.to_string()))?;
        self.at = end + 1;
        Ok(self.at)
    }

    #[inline]
    fn start_tag(&mut self) -> Result<()> {
        let at = self.at;
        let end = name_end(self.bytes, at + 1);
        let written = self.slice(at + 1, end);
        let colon = written.bytes().position(|byte| byte == b':');
        let first_attribute = self.builder.attributes();
        self.at = end;
        if !matches!(self.bytes.get(end), Some(b'>' | b'/')) {
            self.attributes(first_attribute)?;
        }
        self.builder.start(at, written, colon, first_attribute)?;
        match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
            (Some(b'>'), _) => self.at += 1,
            (Some(b'/'), Some(b'>')) => {
                self.at += 2;
                self.builder.end();
            }
            _ => return Err(error(at, format!("the tag of {:?} does not end", short(written)))),
        }
        Ok(())
    }

    /// Attributes up to the end of a tag.
    fn attributes(&mut self, first_attribute: usize) -> Result<()> {
        let (mut count, mut prefixed) = (0, false);
        loop {
            let at = past_space(self.bytes, self.at);
            if matches!(self.bytes.get(at), Some(b'>' | b'/') | None) {
                self.at = at;
                break;
            }
            if at == self.at {
                return Err(error(at, "no white space before an attribute"));
            }
            if count >= MAX_ATTRIBUTES {
                return Err(error(at, format!("more than {MAX_ATTRIBUTES} attributes on one element")));
            }
            count += 1;
            prefixed |= self.attribute(at, first_attribute)?;
        }
        if prefixed { self.builder.check_prefixed(first_attribute, self.at) } else { Ok(()) }
    }

    /// An attribute that begins at `at`. True if its name has a prefix.
    #[inline]
    fn attribute(&mut self, at: usize, first_attribute: usize) -> Result<bool> {
        let ends = position(self.bytes, at, |word| equal(word, b'=') | equal(word, b'>') | below(word, 0x21));
        let name = self.slice(at, ends);
        let sign = past_space(self.bytes, ends);
        let quote_at = past_space(self.bytes, sign + 1);
        let quote = match (self.bytes.get(sign), self.bytes.get(quote_at)) {
            (Some(b'='), Some(quote @ (b'"' | b'\''))) => *quote,
            _ => return Err(error(at, format!("attribute {:?} has no value in quotes", short(name)))),
        };
        let start = quote_at + 1;
        let plain_end = position(self.bytes, start, |word| {
            equal(word, quote) | equal(word, b'<') | equal(word, b'&') | below(word, 0x20)
        });
        let (end, value) = if self.bytes.get(plain_end) == Some(&quote) {
            (plain_end, Cow::Borrowed(self.slice(start, plain_end)))
        } else {
            let end = find(self.bytes, plain_end, quote)
                .ok_or_else(|| error(at, format!("the value of attribute {:?} does not end", short(name))))?;
            let written = self.slice(start, end);
            if written.contains('<') {
                return Err(error(at, format!("attribute {:?} is not well-formed", short(name))));
            }
            let value = attribute_value(written)
                .map_err(|e| error(at, format!("attribute {:?} holds {e}", short(name))))?;
            (end, Cow::Owned(value))
        };
        self.at = end + 1;
        self.builder.attribute(at, name, value, first_attribute)
    }

    #[inline]
    fn end_tag(&mut self) -> Result<()> {
        let at = self.at;
        let Some(name) = self.builder.name_to_end() else {
            return Err(error(at, "an end tag without a start tag"));
        };
        let behind = at + 2 + name.len();
        let mut end = behind;
        if self.bytes.get(at + 2..behind) != Some(name.as_bytes()) {
            return Err(error(at, format!("an end tag that does not end {:?}", short(name))));
        }
        if self.bytes.get(end) != Some(&b'>') {
            end = past_space(self.bytes, behind);
            if self.bytes.get(end) != Some(&b'>') {
                return Err(error(at, format!("an end tag that does not end {:?}", short(name))));
            }
        }
        self.at = end + 1;
        self.builder.end();
        Ok(())
    }

    /// What begins with `<!`.
    fn section(&mut self) -> Result<()> {
        let at = self.at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"<!--") {
            let end = find_all(self.bytes, at + 4, b"--");
            let end = end.ok_or_else(|| error(at, "a comment that does not end"))?;
            if self.bytes.get(end + 2) != Some(&b'>') {
                return Err(error(end, "-- stands in a comment, which only ends with it"));
            }
            self.at = end + 3;
            return Ok(());
        }
        if !rest.starts_with(b"<![CDATA[") {
            let doctype = rest.get(2..9).is_some_and(|word| word.eq_ignore_ascii_case(b"DOCTYPE"));
            return Err(error(
                at,
                if doctype {
                    "a document type declaration, which is never read"
                } else {
                    "markup that XML does not know"
                },
            ));
        }
        let start = at + 9;
        let end = find_all(self.bytes, start, b"]]>")
            .ok_or_else(|| error(at, "a CDATA section that does not end"))?;
        if !self.builder.is_inside() {
            return Err(error(at, "text outside the root element"));
        }
        self.at = end + 3;
        self.builder.piece(start, line_ends(self.slice(start, end)))
    }

    /// What stands between `<?` and `?>`, which is passed.
    fn question(&mut self) -> Result<&'a str> {
        let start = self.at + 2;
        let end = find_all(self.bytes, start, b"?>");
        let end = end.ok_or_else(|| error(self.at, "a processing instruction that does not end"))?;
        self.at = end + 2;
        Ok(self.slice(start, end))
    }

    fn declaration(&mut self) -> Result<()> {
        let content = self.question()?;
        let encoding = soundness::declaration(content).map_err(|e| error(0, e))?;
        match encoding.filter(|encoding| !soundness::is_read(encoding)) {
            Some(other) => {
                let message =
                    format!("declared as {:?}; UTF-8 is the only encoding that is read", short(other));
                Err(error(0, message))
            }
            None => Ok(()),
        }
    }

    fn instruction(&mut self) -> Result<()> {
        let at = self.at;
        let target = first_word(self.question()?);
        soundness::instruction(target).map_err(|e| error(at, e))
    }
}
