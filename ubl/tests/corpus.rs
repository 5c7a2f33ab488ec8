//! The corpus of 2,601 documents with the verdicts of the official rules on each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

#[path = "common/corpus.rs"]
mod corpus;

use corpus::{Case, cases, reference};
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_ubl::{Error, Ruleset, explain, parse, rule_ids, to_xml, validate};

#[test]
fn every_verdict_is_that_of_the_official_rules() {
    compare(Ruleset::En16931, 979, |case| case.en16931.as_ref());
}

#[test]
fn every_verdict_on_peppol_is_that_of_the_official_rules() {
    compare(Ruleset::Peppol, 165, |case| case.peppol.as_ref());
}

fn compare(ruleset: Ruleset, published: usize, verdict: fn(&Case) -> Option<&BTreeSet<String>>) {
    let implemented: BTreeSet<_> = rule_ids(ruleset).iter().map(|id| (*id).to_owned()).collect();
    let (mut judged, mut right, mut aborted) = (0, 0, 0);
    let mut wrong: BTreeMap<String, (usize, usize, String)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut beyond = BTreeSet::new();
    for case in cases() {
        let found = validate(&case.xml, &[ruleset]).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        let Some(expected) = verdict(&case) else {
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
        "{ruleset}: {right} of {judged} documents exact; {} rules, {} of them broken somewhere; the official rules abort on {aborted}",
        implemented.len(),
        seen.len()
    );
    assert_eq!(implemented.len(), published, "the number of rules published");
    assert!(judged > 2500, "the corpus is not whole: {judged} documents");
    assert!(beyond.is_empty(), "not implemented: {beyond:?}");
    assert!(wrong.is_empty(), "rule: (too many, too few, first document) {wrong:#?}");
}

#[test]
fn every_published_unit_test_of_peppol_passes() {
    let implemented: BTreeSet<_> = rule_ids(Ruleset::Peppol).iter().map(|id| (*id).to_owned()).collect();
    let (mut fire, mut stay_silent) = (0, 0);
    for case in cases() {
        let found = validate(&case.xml, &[Ruleset::Peppol]).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        let found: BTreeSet<_> = found.iter().map(|fault| fault.id.to_owned()).collect();
        for id in case.must_fire.intersection(&implemented) {
            assert!(found.contains(id), "{}: {id} must be found", case.id);
            fire += 1;
        }
        for id in case.must_not_fire.intersection(&implemented) {
            assert!(!found.contains(id), "{}: {id} must not be found", case.id);
            stay_silent += 1;
        }
    }
    println!("{fire} rules found where they must be, {stay_silent} not found where they must not be");
    assert!(fire > 100 && stay_silent > 100, "the unit tests are not whole: {fire}, {stay_silent}");
}

#[test]
fn every_rule_of_peppol_has_its_official_id_and_severity() {
    let sheet = reference().join("../rules/PEPPOL-EN16931-UBL.sch");
    let sheet = std::fs::read_to_string(sheet).unwrap();
    // Some rules are commented out, and attributes come in any order.
    let live: String = sheet.split("<!--").map(|part| part.rsplit("-->").next().unwrap()).collect();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!("{name}=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    let official: BTreeMap<_, _> = live
        .split("<assert ")
        .skip(1)
        .map(|assert| (attribute(assert, "id"), attribute(assert, "flag")))
        .collect();
    let ours: BTreeSet<_> = rule_ids(Ruleset::Peppol).iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(ours, official.keys().cloned().collect::<BTreeSet<_>>());
    assert_eq!(ours.len(), 165);
    let mut seen = BTreeSet::new();
    for case in cases() {
        for fault in validate(&case.xml, &[Ruleset::Peppol]).unwrap() {
            assert_eq!(fault.severity.name(), official[fault.id], "{}", fault.id);
            seen.insert(fault.id);
        }
    }
    println!("{} of {} rules seen with their severity", seen.len(), ours.len());
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

#[test]
fn every_rule_can_be_explained() {
    for ruleset in Ruleset::ALL {
        for id in rule_ids(*ruleset) {
            let rule = explain(id).unwrap_or_else(|| panic!("{id} is not explained"));
            assert_eq!((rule.id, rule.ruleset), (id, *ruleset));
            assert!(!rule.concerns.is_empty() && rule.wants.len() > 10, "{rule:?}");
        }
    }
    assert_eq!(explain("BR-99999"), None);
}
