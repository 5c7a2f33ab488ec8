//! Writes elements, never an empty one (PEPPOL-EN16931-R008), and only characters XML allows.

use super::tree::{is_space, is_xml_char};

/// Attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// The document being written.
pub(super) struct Out {
    text: String,
    /// Open elements and the position their start tag began at.
    open: Vec<(&'static str, usize, usize)>,
}

impl Out {
    /// A document with this root element and namespace declarations.
    pub(super) fn new(root: &str, namespaces: &str) -> Self {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} {namespaces}>\n");
        Self { text, open: Vec::new() }
    }

    /// An aggregate; nothing is written where `content` writes nothing.
    pub(super) fn group(&mut self, name: &'static str, content: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        self.indent();
        self.text.push_str(&format!("<{name}>\n"));
        self.open.push((name, start, self.text.len()));
        content(self);
        let Some((_, start, after)) = self.open.pop() else { return };
        if self.text.len() == after {
            self.text.truncate(start);
        } else {
            self.indent();
            self.text.push_str(&format!("</{name}>\n"));
        }
    }

    /// A value; nothing is written where it is blank.
    pub(super) fn value(&mut self, name: &str, value: &str) {
        self.value_with(name, value, &[]);
    }

    /// An optional value.
    pub(super) fn optional(&mut self, name: &str, value: Option<&str>) {
        self.value(name, value.unwrap_or_default());
    }

    /// A value with attributes; blank attributes are left out.
    pub(super) fn value_with(&mut self, name: &str, value: &str, attributes: Attributes<'_>) {
        if is_blank(value) {
            return;
        }
        self.indent();
        self.text.push_str(&format!("<{name}"));
        for (attribute, value) in attributes.iter().filter(|(_, value)| !is_blank(value)) {
            self.text.push_str(&format!(" {attribute}=\""));
            self.escaped(value, true);
            self.text.push('"');
        }
        self.text.push('>');
        self.escaped(value, false);
        self.text.push_str(&format!("</{name}>\n"));
    }

    pub(super) fn finish(mut self, root: &str) -> Vec<u8> {
        self.text.push_str(&format!("</{root}>\n"));
        self.text.into_bytes()
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len() + 1));
    }

    /// Also escapes what a reader would change: a carriage return anywhere, tabs and line feeds in attributes.
    fn escaped(&mut self, value: &str, attribute: bool) {
        for c in value.chars().filter(|c| is_xml_char(*c)) {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if attribute => self.text.push_str("&quot;"),
                '\r' => self.text.push_str("&#13;"),
                '\n' if attribute => self.text.push_str("&#10;"),
                '\t' if attribute => self.text.push_str("&#9;"),
                c => self.text.push(c),
            }
        }
    }
}

/// Whether nothing would be left to read.
pub(super) fn is_blank(value: &str) -> bool {
    value.chars().all(|c| is_space(c) || !is_xml_char(c))
}
