//! Every golden document over every seller, element by element.

use crate::{
    corpus::{issued, records, sellers},
    judge::judge,
};
use std::collections::BTreeMap;
use taxpoynt_core::{
    explain::{Explanation, Origin, conversion},
    pipeline::{ConvertOptions, Outcome, convert},
};
use taxpoynt_tests::platforms;
use taxpoynt_ubl::{DocumentType, to_xml};

#[derive(Default)]
struct Count {
    documents: BTreeMap<&'static str, usize>,
    elements: usize,
    origins: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, kind: &'static str, explained: &Explanation, elements: usize) {
        *self.documents.entry(kind).or_default() += 1;
        self.elements += elements;
        for entry in &explained.elements {
            let json = serde_json::to_value(&entry.origin).unwrap();
            *self.origins.entry(json["kind"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
}

#[test]
fn every_element_and_attribute_of_every_golden_document_is_explained() {
    let registry = platforms();
    let mut count = Count::default();
    for golden in records() {
        let connector = &**registry.get(golden.platform).unwrap();
        for seller in sellers() {
            for (issue_date, with_invoice) in [(None, true), (Some("2026-11-02".parse().unwrap()), false)] {
                let issued = issued(connector, &golden.body, with_invoice);
                let rules = seller.rules.as_ref();
                let options = ConvertOptions {
                    rules,
                    issued: &issued,
                    sequence: Some(41),
                    issue_date,
                    ..ConvertOptions::default()
                };
                let Ok(outcomes) = convert(connector, &golden.body, &seller.tenant, &options) else {
                    continue;
                };
                let explained = conversion(connector, &golden.body, &seller.tenant, &options).unwrap();
                assert_eq!(outcomes.len(), explained.len());
                for (outcome, explained) in outcomes.iter().zip(&explained) {
                    let what = format!("{} by {}", golden.name, seller.name);
                    match outcome {
                        Outcome::Document(document) => {
                            let invoice = &document.invoice;
                            let xml = to_xml(invoice).unwrap();
                            assert_eq!(explained.number, invoice.number);
                            let elements = judge(&what, explained, invoice, &xml, &seller.tenant);
                            let is_credit = invoice.document_type == DocumentType::CreditNote;
                            count.add(if is_credit { "credit_note" } else { "invoice" }, explained, elements);
                        }
                        Outcome::Held(held) => {
                            let first = explained.held.first().unwrap_or_else(|| panic!("{what}: {held:?}"));
                            assert!(explained.held.iter().any(|why| why.message == held.message), "{what}");
                            assert!(!first.remedy.is_empty());
                            assert!(explained.elements.is_empty());
                            count.add("held", explained, 0);
                        }
                    }
                }
            }
        }
    }
    println!("{:?}, {} elements and attributes, {:?}", count.documents, count.elements, count.origins);
    for kind in ["invoice", "credit_note", "held"] {
        assert!(count.documents.get(kind).is_some_and(|n| *n >= 10), "{:?}", count.documents);
    }
    for origin in
        ["rule", "copied", "calculated", "setting", "numbering", "fixed", "original", "asked", "holds"]
    {
        assert!(count.origins.contains_key(origin), "no {origin}: {:?}", count.origins);
    }
    assert!(count.elements > 10_000, "{}", count.elements);
}

#[test]
fn an_explanation_is_the_same_every_time() {
    let registry = platforms();
    let golden = records().remove(0);
    let connector = &**registry.get(golden.platform).unwrap();
    let seller = sellers().pop().unwrap();
    let text = || {
        let options = ConvertOptions::default();
        let all = conversion(connector, &golden.body, &seller.tenant, &options).unwrap();
        serde_json::to_string(&all).unwrap()
    };
    assert_eq!(text(), text());
    let is_unknown = |origin: &Origin| matches!(origin, Origin::Unknown { .. });
    let all = conversion(connector, &golden.body, &seller.tenant, &ConvertOptions::default()).unwrap();
    assert!(!all.iter().flat_map(|one| &one.elements).any(|entry| is_unknown(&entry.origin)));
}

#[test]
fn zz_print() {
    let registry = platforms();
    for golden in records().iter().filter(|g| {
        g.name.contains("refund_item")
            || g.name.starts_with("a company")
            || g.name.starts_with("square_payment_order_ngn")
            || g.name.contains("won")
    }) {
        let connector = &**registry.get(golden.platform).unwrap();
        let seller = &sellers()[if golden.name.starts_with("a comp") { 6 } else { 0 }];
        let issued = issued(connector, &golden.body, true);
        let options =
            ConvertOptions { rules: seller.rules.as_ref(), issued: &issued, ..ConvertOptions::default() };
        for e in conversion(connector, &golden.body, &seller.tenant, &options).unwrap() {
            println!("{} {}\n{e}", golden.name, seller.name);
        }
    }
}
