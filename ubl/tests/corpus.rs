//! The corpus of 2,601 documents with the verdicts of the official rules on each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

#[path = "common/corpus.rs"]
mod corpus;

use corpus::cases;
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_ubl::{Error, Ruleset, parse, rule_ids, to_xml, validate};

#[test]
fn every_verdict_is_that_of_the_official_rules() {
    let implemented: BTreeSet<_> = rule_ids(Ruleset::En16931).iter().map(|id| (*id).to_owned()).collect();
    let (mut judged, mut right, mut aborted) = (0, 0, 0);
    let mut wrong: BTreeMap<String, (usize, usize, String)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut beyond = BTreeSet::new();
    for case in cases() {
        let found = validate(&case.xml, &[Ruleset::En16931]).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        let Some(expected) = case.en16931 else {
            aborted += 1;
            continue;
        };
        beyond.extend(expected.difference(&implemented).cloned());
        let expected: BTreeSet<_> = expected.intersection(&implemented).cloned().collect();
        let found: BTreeSet<_> = found.iter().map(|fault| fault.id.to_owned()).collect();
        seen.extend(expected.iter().cloned());
        judged += 1;
        right += usize::from(found == expected);
        for id in expected.symmetric_difference(&found) {
            let entry = wrong.entry(id.clone()).or_insert((0, 0, case.id.clone()));
            if found.contains(id) { entry.0 += 1 } else { entry.1 += 1 }
        }
    }
    println!(
        "{right} of {judged} documents exact; {} rules, {} of them broken somewhere; the official rules abort on {aborted}",
        implemented.len(),
        seen.len()
    );
    assert!(judged > 2500, "the corpus is not whole: {judged} documents");
    assert!(beyond.is_empty(), "not implemented: {beyond:?}");
    assert!(wrong.is_empty(), "rule: (too many, too few, first document) {wrong:#?}");
}

#[test]
fn every_document_is_read_or_refused_by_name() {
    let mut read: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in cases() {
        let entry = read.entry(case.kind).or_default();
        entry.1 += 1;
        match parse(&case.xml) {
            Ok(invoice) => {
                entry.0 += 1;
                if let Ok(xml) = to_xml(&invoice) {
                    let again = parse(&xml).unwrap_or_else(|e| panic!("{}: {e}", case.id));
                    assert!(
                        to_xml(&again).unwrap() == xml,
                        "{}: what is written must read back the same",
                        case.id
                    );
                }
            }
            Err(Error::Document { path, message }) => {
                assert!(path.starts_with('/') && !message.is_empty(), "{}: {path} {message}", case.id);
            }
            Err(other) => panic!("{}: {other}", case.id),
        }
    }
    println!("read, of all: {read:?}");
    assert!(read["file"].0 * 10 > read["file"].1 * 9, "too few whole documents are read: {read:?}");
}
