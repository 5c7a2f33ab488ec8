//! Whatever a document says is written again: fields, and what no field holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

#[path = "common/corpus.rs"]
mod corpus;

use corpus::{Case, cases};
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_ubl::{Invoice, Ruleset, Severity, parse, to_xml, validate};

/// Where each text and attribute value of a document stands, and how often.
type Said = BTreeMap<(String, String), i32>;

fn said(xml: &[u8]) -> Said {
    let mut reader = NsReader::from_reader(xml);
    let (mut said, mut path, mut texts) = (Said::new(), Vec::<String>::new(), Vec::<String>::new());
    loop {
        let (space, event) = reader.read_resolved_event().unwrap();
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let uri = match space {
                    ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                    _ => String::new(),
                };
                path.push(format!("{{{uri}}}{}", start.local_name().as_ref()));
                texts.push(String::new());
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.0;
                    if name != "xmlns" && !name.starts_with("xmlns:") {
                        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
                        count(&mut said, format!("{}/@{name}", path.join("/")), &value);
                    }
                }
                if empty {
                    leave(&mut said, &mut path, &mut texts);
                }
            }
            Event::End(_) => leave(&mut said, &mut path, &mut texts),
            Event::Text(text) => push(&mut texts, &text.xml10_content()),
            Event::CData(text) => push(&mut texts, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref().unwrap() {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference).unwrap().to_owned(),
                };
                push(&mut texts, &text);
            }
            Event::Eof => return said,
            _ => {}
        }
    }
}

fn push(texts: &mut [String], text: &str) {
    if let Some(last) = texts.last_mut() {
        last.push_str(text);
    }
}

fn leave(said: &mut Said, path: &mut Vec<String>, texts: &mut Vec<String>) {
    let text = texts.pop().unwrap();
    count(said, path.join("/"), &text);
    path.pop();
}

/// Numbers count by their value: `100` is `100.00`.
fn count(said: &mut Said, path: String, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let number = text.parse::<Decimal>().ok().filter(|_| !text.contains(['e', 'E', '_']));
    let text = number.map_or_else(|| text.to_owned(), |n| n.normalize().to_string());
    *said.entry((path, text)).or_default() += 1;
}

/// What only one of two documents says.
fn difference(before: &Said, after: &Said) -> Vec<String> {
    let all: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = |key: &&&(String, String)| before.get(**key) != after.get(**key);
    let short = |path: &str| path.rsplit('}').take(3).collect::<Vec<_>>().join(" < ");
    all.iter()
        .filter(differs)
        .map(|key| {
            let times = |said: &Said| said.get(*key).copied().unwrap_or_default();
            format!("{} {:?}: {} became {}", short(&key.0), key.1, times(before), times(after))
        })
        .collect()
}

fn ids(xml: &[u8], ruleset: Ruleset) -> Vec<&'static str> {
    let mut ids: Vec<_> = validate(xml, &[ruleset]).unwrap().iter().map(|fault| fault.id).collect();
    ids.sort_unstable();
    ids
}

fn read() -> Vec<(Case, Invoice)> {
    let readable = |case: Case| parse(&case.xml).ok().map(|invoice| (case, invoice));
    cases().into_iter().filter_map(readable).collect()
}

#[test]
fn what_is_read_is_written_and_read_again_equal() {
    let mut ours = 0;
    let documents = read();
    for (case, invoice) in &documents {
        let written = to_xml(invoice).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        let again = parse(&written).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        assert!(again == *invoice, "{}:\n{again:#?}\nis not\n{invoice:#?}", case.id);
        assert!(to_xml(&again).unwrap() == written, "{}", case.id);
        let json = serde_json::to_string(invoice).unwrap();
        assert!(serde_json::from_str::<Invoice>(&json).unwrap() == *invoice, "{}: lost in JSON", case.id);
        ours += usize::from(!invoice.as_received);
    }
    println!("{} documents, {ours} of them as we write them", documents.len());
    assert!(documents.len() > 1500, "too few are read: {}", documents.len());
}

#[test]
fn every_text_and_attribute_stands_where_it_stood() {
    let mut lost = Vec::new();
    let documents = read();
    for (case, invoice) in &documents {
        let written = to_xml(invoice).unwrap();
        let found = difference(&said(&case.xml), &said(&written));
        if !found.is_empty() {
            lost.push(format!("{}\n    {}", case.id, found.join("\n    ")));
        }
    }
    println!(
        "{} of {} documents say the same when written again",
        documents.len() - lost.len(),
        documents.len()
    );
    assert!(lost.is_empty(), "{} documents say something else:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn the_written_document_breaks_the_same_rules() {
    let (mut clean, mut other) = (0, Vec::new());
    for (case, invoice) in read() {
        let before = ids(&case.xml, Ruleset::En16931);
        clean += usize::from(before.is_empty());
        let after = ids(&to_xml(&invoice).unwrap(), Ruleset::En16931);
        if before != after {
            other.push(format!("{}: {before:?} became {after:?}", case.id));
        }
    }
    println!("{clean} documents break no rule of EN 16931 before and after");
    assert!(other.is_empty(), "{} documents:\n{}", other.len(), other.join("\n"));
}

#[test]
fn a_document_without_fatal_faults_is_never_refused() {
    let mut refused = BTreeMap::<String, Vec<String>>::new();
    let mut wrongly = Vec::new();
    for case in cases() {
        let Err(error) = parse(&case.xml) else { continue };
        let fatal =
            validate(&case.xml, &[Ruleset::En16931]).unwrap().iter().any(|f| f.severity == Severity::Fatal);
        if case.schema_valid && !fatal {
            wrongly.push(format!("{}: {error}", case.id));
        }
        let sentence = error.to_string();
        let why = sentence.split_once(": ").map_or(sentence.clone(), |(_, why)| why.to_owned());
        refused.entry(why).or_default().push(case.id);
    }
    for (why, ids) in &refused {
        println!("{:4} {why} ({})", ids.len(), ids[0]);
    }
    assert!(wrongly.is_empty(), "refused though valid:\n{}", wrongly.join("\n"));
}

/// Found by the fuzz target `write_after_parse`.
#[test]
fn text_astray_between_elements_is_kept_without_the_white_space_around_it() {
    let smallest = include_str!("../fuzz/seeds/documents/smallest.xml");
    let end = "</cac:Party></cac:AccountingSupplierParty>";
    assert!(smallest.contains(end), "the seed has changed");
    let astray = smallest.replace(end, "</cac:Party> astray\n</cac:AccountingSupplierParty>");
    let invoice = parse(astray.as_bytes()).unwrap();
    let written = to_xml(&invoice).unwrap();
    assert!(String::from_utf8_lossy(&written).contains("astray"));
    assert_eq!(parse(&written).unwrap(), invoice);
}
