//! A JSON text split into all of its values in one pass, without copying any.
//!
//! Every value has one entry; a container's entry is followed by those of what it holds, so that a look at one member
//! passes over the others. Decision 0028 says why this is not serde_json's work.

use super::{Borrowed, scan};
use std::fmt;

/// No container is open.
const NONE: u32 = u32::MAX;

/// Far more values than a record has, so that a text of nothing but brackets and commas takes no more than 100 MB.
pub(crate) const MAX_VALUES: usize = 2_000_000;

/// A JSON text and where each of its values stands in it.
pub(crate) struct Split<'a> {
    text: &'a str,
    values: Vec<Entry>,
    /// Of each list: how many elements it has, and the entry of each.
    elements: Vec<u32>,
    /// Whether a name has escapes, so that names are compared as they are meant.
    escaped: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Where its text starts and ends.
    start: u32,
    end: u32,
    /// The entry after it and all it holds; while it is open, the container it stands in.
    next: u32,
    /// A member's name, without its quotes.
    name: (u32, u32),
    /// Where `elements` has a list's own.
    elements: u32,
}

/// A value of a split text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'s, 'a> {
    split: &'s Split<'a>,
    at: u32,
}

impl<'a> Split<'a> {
    /// Splits a text of less than 4 GiB. None where it is no JSON, or has more than `MAX_VALUES`; what is JSON is what
    /// serde_json takes for it.
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        u32::try_from(text.len()).ok().filter(|length| *length < NONE)?;
        // What platforms send has a value in every 17 to 30 bytes.
        let split = Self {
            text,
            values: Vec::with_capacity(text.len() / 16 + 4),
            elements: Vec::new(),
            escaped: false,
        };
        let mut splitter = Splitter { split, bytes: text.as_bytes(), open: NONE, bracket: 0 };
        splitter.run()?;
        Some(splitter.split)
    }

    /// The value that the whole text is.
    pub(crate) fn whole(&self) -> Node<'_, 'a> {
        Node { split: self, at: 0 }
    }

    fn text(&self, start: u32, end: u32) -> &'a str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl fmt::Debug for Split<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Split")
            .field("bytes", &self.text.len())
            .field("values", &self.values.len())
            .finish_non_exhaustive()
    }
}

impl PartialEq for Node<'_, '_> {
    /// Whether both are the same place of the same text.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.split, other.split) && self.at == other.at
    }
}

impl<'s, 'a> Node<'s, 'a> {
    fn entry(self) -> Option<&'s Entry> {
        self.split.values.get(self.at as usize)
    }

    /// Its JSON text.
    pub(crate) fn json(self) -> &'a str {
        self.entry().map_or("", |entry| self.split.text(entry.start, entry.end))
    }

    pub(crate) fn is_null(self) -> bool {
        self.starts_with(b'n')
    }

    pub(crate) fn is_object(self) -> bool {
        self.starts_with(b'{')
    }

    fn is_list(self) -> bool {
        self.starts_with(b'[')
    }

    fn starts_with(self, byte: u8) -> bool {
        self.entry().and_then(|entry| self.split.text.as_bytes().get(entry.start as usize)) == Some(&byte)
    }

    /// A member that is not null. A name written twice: the last one counts, as in every JSON reader the platforms' own
    /// clients use.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        if !self.is_object() {
            return None;
        }
        let (mut at, after) = (self.at + 1, self.entry()?.next);
        let mut found = None;
        while at < after {
            let node = Self { at, ..self };
            let entry = node.entry()?;
            if self.split.is_named(entry, name) {
                found = Some(node);
            }
            at = entry.next;
        }
        found.filter(|node| !node.is_null())
    }

    /// An element of a list; anything else counts as a list of one.
    pub(crate) fn element(self, index: usize) -> Option<Self> {
        if !self.is_list() {
            return (index == 0).then_some(self);
        }
        let at = *self.all_elements().get(index)?;
        Some(Self { at, ..self })
    }

    /// How many elements it counts as.
    pub(crate) fn length(self) -> usize {
        if self.is_list() { self.all_elements().len() } else { 1 }
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn elements(self) -> impl Iterator<Item = Self> {
        let all = if self.is_list() { self.all_elements() } else { &[] };
        all.iter().map(move |at| Self { at: *at, ..self })
    }

    fn all_elements(self) -> &'s [u32] {
        let own = self.entry().and_then(|entry| self.split.elements.get(entry.elements as usize..));
        match own.and_then(<[u32]>::split_first) {
            Some((count, rest)) => rest.get(..*count as usize).unwrap_or_default(),
            None => &[],
        }
    }
}

impl Split<'_> {
    fn is_named(&self, entry: &Entry, name: &str) -> bool {
        let (start, end) = entry.name;
        if !self.escaped {
            return (end - start) as usize == name.len()
                && self.text.as_bytes().get(start as usize..end as usize) == Some(name.as_bytes());
        }
        let quoted = self.text(start.saturating_sub(1), end + 1);
        serde_json::from_str::<Borrowed<'_>>(quoted).is_ok_and(|Borrowed(written)| written == name)
    }
}

/// Splits a text from its start to its end.
struct Splitter<'a> {
    split: Split<'a>,
    bytes: &'a [u8],
    /// The entry of the innermost container that is open.
    open: u32,
    /// How it opens: `{` or `[`.
    bracket: u8,
}

impl Splitter<'_> {
    fn run(&mut self) -> Option<()> {
        let bytes = self.bytes;
        let mut at = 0;
        let mut name = (0, 0);
        loop {
            if self.split.values.len() == MAX_VALUES {
                return None;
            }
            // A value.
            at = scan::blanks(bytes, at);
            let start = at;
            let first = *bytes.get(at)?;
            if let b'{' | b'[' = first {
                self.begin(start, name, first);
                at = scan::blanks(bytes, at + 1);
                if *bytes.get(at)? != closing(first) {
                    (at, name) = self.name(at)?;
                    continue;
                }
            } else {
                at = if first == b'"' { scan::string(bytes, at)?.0 } else { scan::scalar(bytes, at)? };
                self.single(start, at, name);
                at = scan::blanks(bytes, at);
            }
            // What ends with it.
            while self.open != NONE && *bytes.get(at)? == closing(self.bracket) {
                at += 1;
                self.close(at)?;
                at = scan::blanks(bytes, at);
            }
            if self.open == NONE {
                return (at == bytes.len()).then_some(());
            }
            if bytes.get(at) != Some(&b',') {
                return None;
            }
            (at, name) = self.name(at + 1)?;
        }
    }

    /// Passes over a member's name and its colon, where what is open has members.
    #[inline]
    fn name(&mut self, at: usize) -> Option<(usize, (u32, u32))> {
        if self.bracket != b'{' {
            return Some((at, (0, 0)));
        }
        let bytes = self.bytes;
        let start = scan::blanks(bytes, at);
        let (end, escaped) = scan::string(bytes, start)?;
        self.split.escaped |= escaped;
        let colon = scan::blanks(bytes, end);
        (bytes.get(colon) == Some(&b':')).then(|| (colon + 1, (index(start + 1), index(end - 1))))
    }

    #[inline]
    fn single(&mut self, start: usize, end: usize, name: (u32, u32)) {
        let next = index(self.split.values.len() + 1);
        self.split.values.push(Entry { start: index(start), end: index(end), next, name, elements: 0 });
    }

    fn begin(&mut self, start: usize, name: (u32, u32), bracket: u8) {
        let entry = Entry { start: index(start), end: 0, next: self.open, name, elements: 0 };
        (self.open, self.bracket) = (index(self.split.values.len()), bracket);
        self.split.values.push(entry);
    }

    /// Closes the innermost container, which ends at `end`.
    fn close(&mut self, end: usize) -> Option<()> {
        let next = index(self.split.values.len());
        let elements = if self.bracket == b'[' { self.list(next) } else { 0 };
        let entry = self.split.values.get_mut(self.open as usize)?;
        self.open = entry.next;
        *entry = Entry { end: index(end), next, elements, ..*entry };
        let around = self.split.values.get(self.open as usize);
        self.bracket = around.and_then(|entry| self.bytes.get(entry.start as usize)).copied().unwrap_or(0);
        Some(())
    }

    /// Notes the elements of the list that is open, which ends before the entry `after`.
    fn list(&mut self, after: u32) -> u32 {
        let Split { values, elements, .. } = &mut self.split;
        let count = elements.len();
        elements.push(0);
        let mut at = self.open + 1;
        while at < after {
            elements.push(at);
            at = values.get(at as usize).map_or(after, |entry| entry.next);
        }
        elements[count] = index(elements.len() - count - 1);
        index(count)
    }
}

/// The bracket that closes what this one opens: in ASCII the second after it.
const fn closing(bracket: u8) -> u8 {
    bracket.wrapping_add(2)
}

/// A text of less than 4 GiB has fewer places and values than a `u32` counts.
fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    /// Whether serde_json takes the text for JSON; if so, every value of the split text is the one it finds.
    fn as_serde_json_says(text: &str) -> bool {
        let whole = serde_json::from_str::<&RawValue>(text).ok();
        let split = Split::new(text);
        assert_eq!(split.is_some(), whole.is_some(), "{text:?}");
        if let (Some(split), Some(whole)) = (&split, whole) {
            same(split.whole(), whole.get(), 0);
        }
        whole.is_some()
    }

    fn same(node: Node<'_, '_>, json: &str, depth: usize) {
        assert_eq!(node.json(), json);
        let below = node.entry().unwrap().next - node.at - 1;
        assert_eq!(
            below == 0,
            !json.starts_with(['{', '['])
                || json::elements(json).is_ok_and(|e| e.is_empty())
                || json::members(json).is_ok_and(|m| m.is_empty())
        );
        if depth > 100 {
            return;
        }
        if let Ok(members) = json::members(json) {
            for (name, _) in &members {
                let last = members.iter().rev().find(|(other, _)| other == name).unwrap().1.get();
                match node.member(name) {
                    Some(member) => same(member, last, depth + 1),
                    None => assert_eq!(last, "null"),
                }
            }
            assert!(node.member("a name that none has").is_none());
        }
        let elements = json::elements(json).unwrap_or_default();
        if json.starts_with('[') {
            assert_eq!(node.length(), elements.len());
            assert!(node.element(elements.len()).is_none());
            node.elements().zip(&elements).for_each(|(element, json)| same(element, json.get(), depth + 1));
            let indexed = (0..elements.len()).filter_map(|nth| node.element(nth));
            assert!(indexed.eq(node.elements()));
        } else {
            assert_eq!((node.length(), node.elements().count(), node.element(0)), (1, 0, Some(node)));
        }
    }

    #[test]
    fn every_value_is_found_where_it_stands() {
        let text = r#" { "order" : {"a": [ {"b" : "}{", "c":[{}] } , [], {"d":1}], "e":-2.50e+3 } , "x": null, "x":true } "#;
        assert!(as_serde_json_says(text));
        let split = Split::new(text).unwrap();
        let order = split.whole().member("order").unwrap();
        assert_eq!(order.json(), r#"{"a": [ {"b" : "}{", "c":[{}] } , [], {"d":1}], "e":-2.50e+3 }"#);
        assert_eq!(order.member("a").unwrap().element(2).unwrap().member("d").unwrap().json(), "1");
        assert_eq!(split.whole().member("x").unwrap().json(), "true");
        assert!(as_serde_json_says(r#"{"a":1,"a":null}"#));
        assert!(Split::new(r#"{"a":1,"a":null}"#).unwrap().whole().member("a").is_none());
    }

    #[test]
    fn names_are_what_they_mean() {
        let text = r#"{"\u0061b":1,"c\"d":2,"é\\":3,"":4}"#;
        assert!(as_serde_json_says(text));
        let split = Split::new(text).unwrap();
        let of = |name: &str| split.whole().member(name).map(Node::json);
        assert_eq!((of("ab"), of("c\"d"), of("é\\"), of("")), (Some("1"), Some("2"), Some("3"), Some("4")));
        assert_eq!(of("\\u0061b"), None);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let good = [
            "0",
            "-0",
            "10.0",
            "1E5",
            "1e-05",
            "\"\"",
            "\"\\u12aF\\/\\b\"",
            "\"\\ud800\"",
            "\"é\u{7f}\u{2028}\"",
            "[]",
            "{}",
            "[[],{}]",
            "\t\r\n [ ] \n",
            "true",
            "null",
            "\"        seven and more        \"",
            "[\"1234567\",\"12345678\",\"123456789\"]",
        ];
        for text in good {
            assert!(as_serde_json_says(text), "{text:?}");
        }
        let bad = [
            "",
            " ",
            "01",
            "-",
            "1.",
            ".5",
            "+1",
            "1e",
            "1e+",
            "0x1",
            "NaN",
            "tru",
            "truex",
            "nulll",
            "\"",
            "\"\\",
            "\"\\u12a\"",
            "\"\\x\"",
            "\"\n\"",
            "\"1234567\u{1}\"",
            "'a'",
            "[",
            "]",
            "{",
            "}",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "{1:1}",
            "[}",
            "{]",
            "[1}",
            "{\"a\":1]",
            "1 2",
            "{} x",
            "[] ]",
            "\u{feff}{}",
            "\u{a0}1",
        ];
        for text in bad {
            assert!(!as_serde_json_says(text), "{text:?}");
        }
    }

    #[test]
    fn depth_and_length_have_no_end() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert!(as_serde_json_says(&deep));
        assert!(!as_serde_json_says(&deep[1..]) && !as_serde_json_says(&deep[..deep.len() - 1]));
        let long = format!("[{}0]", "0,".repeat(100_000));
        assert_eq!(Split::new(&long).unwrap().whole().length(), 100_001);
    }

    #[test]
    fn more_values_than_any_record_has_are_refused() {
        let of = |values: usize| format!("[{}]", vec!["0"; values - 1].join(","));
        assert!(Split::new(&of(MAX_VALUES)).is_some() && Split::new(&of(MAX_VALUES + 1)).is_none());
    }

    fn any_json() -> impl Strategy<Value = String> {
        let blank = || prop::sample::select(vec!["", "", " ", "\n  ", "\t\r", "           "]);
        let text = || {
            let pieces = vec![
                "a",
                "name",
                " ",
                "é",
                "{",
                "]",
                "}",
                ",",
                ":",
                "\\\"",
                "\\\\",
                "\\u0041",
                "0123456789",
                "\\n",
            ];
            prop::collection::vec(prop::sample::select(pieces), 0..6)
                .prop_map(|pieces| format!("\"{}\"", pieces.concat()))
        };
        let number = prop::sample::select(vec!["0", "-1", "12.50", "1e9", "true", "false", "null"])
            .prop_map(str::to_owned);
        let leaf = prop_oneof![text(), number];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            let spaced =
                (blank(), inner, blank()).prop_map(|(before, json, after)| format!("{before}{json}{after}"));
            let member = (blank(), text(), blank(), spaced.clone())
                .prop_map(|(a, name, b, value)| format!("{a}{name}{b}:{value}"));
            prop_oneof![
                (blank(), prop::collection::vec(spaced, 0..6))
                    .prop_map(|(blank, all)| format!("[{}{blank}]", all.join(","))),
                (blank(), prop::collection::vec(member, 0..6))
                    .prop_map(|(blank, all)| format!("{{{}{blank}}}", all.join(","))),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_split_as_serde_json_would(text in any_json()) {
            prop_assert!(as_serde_json_says(&text));
        }

        #[test]
        fn damaged_json_is_taken_or_refused_as_serde_json_would(
            text in any_json(),
            at in any::<prop::sample::Index>(),
            cut in 0_usize..3,
            with in prop::sample::select(vec!["", "{", "}", "[", "]", ",", ":", "\"", "\\", "0", "-", ".", "e", " ", "n", "\u{1}", "é"]),
        ) {
            let text: Vec<char> = text.chars().collect();
            let at = at.index(text.len() + 1);
            let rest = text.iter().skip(at + cut);
            as_serde_json_says(&text[..at].iter().copied().chain(with.chars()).chain(rest.copied()).collect::<String>());
        }
    }
}
