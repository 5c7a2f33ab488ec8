//! The elements of a document as a page shows them, with those that faults are about found by their paths.

use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use std::collections::{HashMap, HashSet};

/// Elements that are kept of a document; beyond them only those on the way to a fault.
const MOST_ELEMENTS: usize = 5000;
/// Characters that are kept of a text: enough for any value, little of an attachment.
const MOST_TEXT: usize = 400;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// As paths write it, `cbc:ID`.
    pub(crate) name: String,
    /// Its number among the siblings of its name.
    pub(crate) number: u32,
    /// Without declarations of namespaces.
    pub(crate) attributes: Vec<(String, String)>,
    /// What stands in it beside elements, the beginning of a long one.
    pub(crate) text: String,
    /// Characters of the text that are not shown.
    pub(crate) text_left_out: usize,
    pub(crate) children: Vec<usize>,
    /// Child elements that are not shown.
    pub(crate) left_out: usize,
    /// Whether a fault is about it or about something in it.
    pub(crate) concerned: bool,
}

/// A document; the first element is its root.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) nodes: Vec<Node>,
    places: HashMap<String, usize>,
}

impl Outline {
    /// Reads a document. None for what is not well-formed; what the engine has judged is.
    pub(crate) fn read<'p>(xml: &[u8], paths: impl Iterator<Item = &'p str>) -> Option<Self> {
        let text = std::str::from_utf8(xml).ok()?;
        let mut wanted = HashSet::new();
        for path in paths {
            wanted.extend(path.match_indices('/').skip(1).map(|(at, _)| &path[..at]));
            wanted.insert(path);
        }
        let mut builder = Builder { outline: Self::default(), wanted, open: Vec::new() };
        let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
        loop {
            match reader.read_resolved_event().ok()? {
                (space, Event::Start(start)) => builder.start(&space, &start),
                (space, Event::Empty(start)) => {
                    builder.start(&space, &start);
                    builder.end();
                }
                (_, Event::End(_)) => builder.end(),
                (_, Event::Text(piece)) => builder.text(&piece.xml10_content()),
                (_, Event::CData(piece)) => builder.text(&piece.xml10_content()),
                (_, Event::GeneralRef(reference)) => {
                    match reference.resolve_char_ref().ok()? {
                        Some(character) => builder.text(character.encode_utf8(&mut [0; 4])),
                        None => builder.text(resolve_predefined_entity(&reference)?),
                    };
                }
                (_, Event::Eof) => break,
                _ => {}
            }
        }
        (builder.open.is_empty() && !builder.outline.nodes.is_empty()).then_some(builder.outline)
    }

    /// The element of a path, or the nearest one around where it would be.
    pub(crate) fn place(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(*place);
            }
            path = path.rsplit_once('/')?.0;
        }
    }

    /// The text at the end of names under the root.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&Node> {
        let mut node = self.nodes.first()?;
        for name in names {
            node =
                node.children.iter().filter_map(|child| self.nodes.get(*child)).find(|n| n.name == *name)?;
        }
        Some(node)
    }
}

/// An element whose end is not reached.
struct Open {
    /// Its number, if it is kept.
    node: Option<usize>,
    /// Its path, if a fault is about it or about something in it.
    path: Option<String>,
    /// Child elements so far by name; only counted where one of them may be kept.
    seen: HashMap<String, u32>,
}

struct Builder<'p> {
    outline: Outline,
    wanted: HashSet<&'p str>,
    open: Vec<Open>,
}

impl Builder<'_> {
    fn start(&mut self, space: &ResolveResult<'_>, start: &BytesStart<'_>) {
        let local = start.local_name().into_inner();
        let (name, key) = names(space, local);
        let mut number = 1;
        let mut path = None;
        match self.open.last_mut() {
            None => path = Some(format!("/{local}")),
            Some(Open { node: Some(_), path: above, seen }) => {
                number = *seen.entry(key).and_modify(|count| *count += 1).or_insert(1);
                path = above.as_ref().map(|above| {
                    // Only where siblings share a name is the first of them numbered.
                    let first = Some(format!("{above}/{name}")).filter(|_| number == 1);
                    let first = first.filter(|path| self.wanted.contains(path.as_str()));
                    first.unwrap_or_else(|| format!("{above}/{name}[{number}]"))
                });
            }
            Some(_) => {}
        }
        let path = path.filter(|path| self.wanted.contains(path.as_str()));
        let node = self.keep(name, number, start, path.as_ref());
        self.open.push(Open { node, path, seen: HashMap::new() });
    }

    /// Keeps an element where there is room for it or a fault needs it.
    fn keep(
        &mut self,
        name: String,
        number: u32,
        start: &BytesStart<'_>,
        path: Option<&String>,
    ) -> Option<usize> {
        let place = self.outline.nodes.len();
        let above = self.open.last().map(|open| open.node);
        if above == Some(None) {
            return None;
        }
        let above = above.flatten().and_then(|above| self.outline.nodes.get_mut(above));
        if place >= MOST_ELEMENTS && path.is_none() {
            if let Some(above) = above {
                above.left_out += 1;
            }
            return None;
        }
        if let Some(above) = above {
            above.children.push(place);
        }
        let (attributes, concerned) = (attributes(start), path.is_some());
        self.outline.nodes.push(Node { name, number, attributes, concerned, ..Node::default() });
        if let Some(path) = path {
            self.outline.places.insert(path.clone(), place);
        }
        Some(place)
    }

    fn end(&mut self) {
        if let Some(Open { node: Some(node), .. }) = self.open.pop()
            && let Some(node) = self.outline.nodes.get_mut(node)
        {
            node.text.truncate(node.text.trim_end().len());
        }
    }

    fn text(&mut self, text: &str) {
        let node = self.open.last().and_then(|open| open.node);
        let Some(node) = node.and_then(|node| self.outline.nodes.get_mut(node)) else { return };
        let text = if node.text.is_empty() { text.trim_start() } else { text };
        let room = MOST_TEXT.saturating_sub(node.text.chars().count());
        node.text.extend(text.chars().take(room));
        node.text_left_out += text.chars().count().saturating_sub(room);
    }
}

/// How a path writes the name, and what tells it from its siblings' names.
fn names(space: &ResolveResult<'_>, local: &str) -> (String, String) {
    const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";
    let uri = match space {
        ResolveResult::Bound(namespace) => namespace.0.trim(),
        _ => "",
    };
    let prefix = match uri.strip_prefix(UBL) {
        Some("CommonAggregateComponents-2") => "cac:",
        Some("CommonBasicComponents-2") => "cbc:",
        Some("CommonExtensionComponents-2") => "ext:",
        _ => "",
    };
    (format!("{prefix}{local}"), format!("{uri} {local}"))
}

fn attributes(start: &BytesStart<'_>) -> Vec<(String, String)> {
    let read = |a: quick_xml::events::attributes::Attribute<'_>| {
        let name = a.key.0.to_owned();
        let value = a.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
        let value = value.chars().take(MOST_TEXT).collect();
        (name != "xmlns" && !name.starts_with("xmlns:")).then_some((name, value))
    };
    start.attributes().filter_map(Result::ok).filter_map(read).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const HEAD: &str = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' \
        xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' \
        xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>";

    fn outline(inside: &str, paths: &[&str]) -> Outline {
        Outline::read(format!("{HEAD}{inside}</Invoice>").as_bytes(), paths.iter().copied()).unwrap()
    }

    #[test]
    fn a_path_finds_its_element_whatever_its_prefix() {
        let lines = "<a:InvoiceLine><cbc:ID>1</cbc:ID></a:InvoiceLine><a:InvoiceLine><cbc:ID>2</cbc:ID></a:InvoiceLine>";
        let wanted = ["/Invoice/cac:InvoiceLine[1]", "/Invoice/cac:InvoiceLine[2]/cbc:ID"];
        let outline = outline(lines, &wanted);
        assert_eq!(outline.place(wanted[0]), Some(1));
        let id = outline.place(wanted[1]).unwrap();
        assert_eq!(outline.nodes[id].text, "2");
        assert_eq!(outline.nodes.iter().filter(|n| n.concerned).count(), 4);
    }

    #[test]
    fn what_is_missing_is_marked_where_it_would_be() {
        let path = "/Invoice/cac:InvoiceLine/cbc:ID";
        let outline = outline("<a:InvoiceLine/>", &[path]);
        assert_eq!(outline.place(path), Some(1));
        assert_eq!(outline.place("/Other"), None);
    }

    #[test]
    fn a_large_document_keeps_what_faults_are_about() {
        let lines = "<a:InvoiceLine><cbc:ID>1</cbc:ID></a:InvoiceLine>".repeat(9000);
        let path = "/Invoice/cac:InvoiceLine[8999]/cbc:ID";
        let outline = outline(&lines, &[path]);
        assert!(outline.nodes.len() <= MOST_ELEMENTS + 2, "{}", outline.nodes.len());
        let root = &outline.nodes[0];
        assert_eq!(root.children.len() + root.left_out, 9000);
        assert_eq!(outline.nodes[outline.place(path).unwrap()].name, "cbc:ID");
    }

    #[test]
    fn texts_are_read_as_they_are_meant() {
        let outline = outline("<cbc:Note k='&lt;&quot;'> R&amp;D <![CDATA[<b>]]>&#33;\n</cbc:Note>", &[]);
        let note = outline.value(&["cbc:Note"]).unwrap();
        assert_eq!(note.text, "R&D <b>!");
        assert_eq!(note.attributes, [("k".to_owned(), "<\"".to_owned())]);
    }
}
