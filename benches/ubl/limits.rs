//! What nobody who uses quick-xml can beat: its events read to the end, and its writer given the same elements.

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

/// Reads every event and counts them.
pub(crate) fn read_events(xml: &[u8]) -> usize {
    let mut reader = Reader::from_reader(xml);
    let mut count = 0;
    while reader.read_event().unwrap() != Event::Eof {
        count += 1;
    }
    count
}

/// How many elements there are.
pub(crate) fn elements(xml: &[u8]) -> usize {
    events(xml).iter().filter(|event| matches!(event, Event::Start(_) | Event::Empty(_))).count()
}

/// An element's tag or text, as a program has it before it writes.
#[derive(PartialEq)]
pub(crate) enum Piece {
    Declaration,
    Start(String, Vec<(String, String)>),
    Empty(String, Vec<(String, String)>),
    Text(String),
    End(String),
}

/// What a document is made of. References stand in text as the characters they mean.
pub(crate) fn pieces(xml: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for event in events(xml) {
        match event {
            Event::Decl(_) => pieces.push(Piece::Declaration),
            Event::Start(start) => pieces.push(Piece::Start(name(&start), attributes(&start))),
            Event::Empty(start) => pieces.push(Piece::Empty(name(&start), attributes(&start))),
            Event::End(end) => pieces.push(Piece::End(end.name().0.to_owned())),
            Event::Text(text) => push_text(&mut pieces, &text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().unwrap() {
                Some(character) => push_text(&mut pieces, &character.to_string()),
                None => {
                    push_text(&mut pieces, quick_xml::escape::resolve_predefined_entity(&reference).unwrap())
                }
            },
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {
                unreachable!("not in a document of these benches")
            }
        }
    }
    pieces
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

fn name(start: &BytesStart<'_>) -> String {
    start.name().0.to_owned()
}

fn attributes(start: &BytesStart<'_>) -> Vec<(String, String)> {
    let own = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
        (attribute.key.0.to_owned(), value.into_owned())
    };
    start.attributes().map(|attribute| own(attribute.unwrap())).collect()
}

/// Writes the pieces as any user of quick-xml must: an event is made of each name, attribute and text.
pub(crate) fn write_pieces(pieces: &[Piece], capacity: usize) -> Vec<u8> {
    let start = |name: &'_ str, attributes: &[(String, String)]| {
        let pairs = attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        BytesStart::new(name.to_owned()).with_attributes(pairs)
    };
    let mut writer = Writer::new(Vec::with_capacity(capacity));
    for piece in pieces {
        let event = match piece {
            Piece::Declaration => Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)),
            Piece::Start(name, attributes) => Event::Start(start(name, attributes)),
            Piece::Empty(name, attributes) => Event::Empty(start(name, attributes)),
            Piece::Text(text) => Event::Text(BytesText::new(text)),
            Piece::End(name) => Event::End(BytesEnd::new(name.as_str())),
        };
        writer.write_event(event).unwrap();
    }
    writer.into_inner()
}

/// Every event of a document, for [`write_events`].
pub(crate) fn events(xml: &[u8]) -> Vec<Event<'_>> {
    let mut reader = Reader::from_reader(xml);
    let mut events = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return events,
            event => events.push(event),
        }
    }
}

/// Writes events that are ready: copying bytes, with nothing to make or to escape.
pub(crate) fn write_events(events: &[Event<'_>], capacity: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::with_capacity(capacity));
    for event in events {
        writer.write_event(event.borrow()).unwrap();
    }
    writer.into_inner()
}
