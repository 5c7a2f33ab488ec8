//! Every golden document over every seller, element by element.

use crate::{
    corpus::{ALL_RULES, issued, records, sellers},
    judge::judge,
    recompute::{Checked, Grounds, recompute},
};
use std::collections::BTreeMap;
use taxpoynt_core::{
    connector::Connector,
    explain::{Explanation, Origin, RuleOrigin, conversion},
    mapping::Rules,
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_tests::platforms;
use taxpoynt_ubl::{DocumentType, to_xml};

#[derive(Default)]
struct Count {
    documents: BTreeMap<&'static str, usize>,
    elements: usize,
    origins: BTreeMap<String, usize>,
    checked: Checked,
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

/// The text of each rule set by its name.
fn texts(connector: &dyn Connector, tenant: &Tenant) -> BTreeMap<String, String> {
    let info = connector.info();
    BTreeMap::from([
        ("base".to_owned(), Rules::text_of_base().to_owned()),
        (format!("{}/mapping.toml", info.id), info.rules.to_owned()),
        ("tenant".to_owned(), Rules::text_of_tenant(tenant)),
        ("rules@000000000000".to_owned(), ALL_RULES.to_owned()),
    ])
}

#[test]
fn every_element_and_attribute_of_every_golden_document_is_explained() {
    let registry = platforms();
    let mut count = Count::default();
    for golden in records() {
        let connector = &**registry.get(golden.platform).unwrap();
        let record: serde_json::Value = serde_json::from_slice(&golden.body).unwrap();
        for seller in sellers() {
            let texts = texts(connector, &seller.tenant);
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
                            let places = invoice.currency.minor_units();
                            let grounds = Grounds {
                                platform: golden.platform,
                                record: &record,
                                shape: connector.info().record,
                                minor_units: 10_i64.pow(places).into(),
                                rules: &texts,
                            };
                            recompute(&what, explained, &grounds, &mut count.checked);
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
    let Checked { paths, steps, sums, copies, on_trust } = &count.checked;
    println!(
        "worked out again: {paths} paths, {steps} transforms, {sums} sums, {copies:?}; on trust: {on_trust:?}"
    );
    // What rules decided before, settings, and whether a tax was carried at all, are no values of the record; the one line
    // that stands for a bare amount is named after the deal.
    let known = ["buyer.", "setting.", "item.tax.state", "item.name", "item.description"];
    let unknown = |one: &&String| !known.iter().any(|known| one.contains(&format!(": {known}")));
    assert_eq!(on_trust.iter().find(unknown), None, "every other value has its path in the record");
    assert!(*paths > 10_000 && *steps > 5_000 && *sums > 5_000, "{:?}", count.checked);
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

/// One way to spoil an explanation.
type Lie = (&'static str, fn(&mut Explanation));

#[test]
fn an_explanation_that_is_not_so_is_noticed() {
    let registry = platforms();
    let golden = records().remove(0);
    let connector = &**registry.get(golden.platform).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&golden.body).unwrap();
    let seller = sellers().into_iter().find(|seller| seller.name == "all rules").unwrap();
    let options = ConvertOptions { rules: seller.rules.as_ref(), ..ConvertOptions::default() };
    let told = conversion(connector, &golden.body, &seller.tenant, &options).unwrap().remove(0);
    let texts = texts(connector, &seller.tenant);
    let is_so = |told: &Explanation| {
        let shape = connector.info().record;
        let grounds =
            Grounds { platform: "square", record: &record, shape, minor_units: 100.into(), rules: &texts };
        std::panic::catch_unwind(|| recompute("a lie", told, &grounds, &mut Checked::default())).is_ok()
    };
    assert!(is_so(&told));
    fn origins(told: &mut Explanation) -> impl Iterator<Item = &mut Origin> {
        told.elements.iter_mut().map(|entry| &mut entry.origin)
    }
    fn rule(told: &mut Explanation, wanted: impl Fn(&RuleOrigin) -> bool) -> &mut RuleOrigin {
        let rules = origins(told)
            .filter_map(|origin| if let Origin::Rule(rule) = origin { Some(rule) } else { None });
        rules.into_iter().find(|rule| wanted(rule)).unwrap()
    }
    let lies: [Lie; 7] = [
        ("a value that does not stand at its path", |told| {
            rule(told, |rule| rule.sources.iter().any(|s| s.record.is_some() && s.value.is_some())).sources
                [0]
            .value = Some("made up".into());
        }),
        ("a path of another line", |told| {
            let Some(Origin::Copied { sources, .. }) = origins(told).find(
                |o| matches!(o, Origin::Copied { field, sources, .. } if field == "item.net_amount" && sources[0].path.contains("[0]")),
            ) else {
                panic!("no net amount is copied")
            };
            sources[0].path = sources[0].path.replace("[0]", "[1]");
        }),
        ("a transform that gives something else", |told| {
            rule(told, |rule| !rule.steps.is_empty()).steps[0].value = Some("made up".into());
        }),
        ("a transform left out", |told| drop(rule(told, |rule| !rule.steps.is_empty()).steps.remove(0))),
        ("another line of the rule file", |told| {
            rule(told, |rule| rule.set.starts_with("rules@")).line = Some(1);
        }),
        ("a fixed value that the file does not have", |told| {
            rule(told, |rule| rule.sources.is_empty() && rule.set.starts_with("rules@")).value =
                "made up".into();
        }),
        ("a figure that stands nowhere", |told| {
            let step = origins(told)
                .find_map(|o| if let Origin::Calculated { step } = o { Some(step) } else { None });
            *step.unwrap() = "the lines: 1.23 + 4.56 = 5.79".into();
        }),
    ];
    for (what, lie) in lies {
        let mut told = told.clone();
        lie(&mut told);
        assert!(!is_so(&told), "{what} is believed");
    }
}

#[test]
fn an_explanation_that_leaves_out_makes_up_or_miscalculates_is_noticed() {
    let registry = platforms();
    let golden = records().remove(0);
    let connector = &**registry.get(golden.platform).unwrap();
    let seller = sellers().into_iter().find(|seller| seller.name == "square").unwrap();
    let options = ConvertOptions::default();
    let Outcome::Document(document) =
        convert(connector, &golden.body, &seller.tenant, &options).unwrap().remove(0)
    else {
        panic!("the peer's sale is held")
    };
    let told = conversion(connector, &golden.body, &seller.tenant, &options).unwrap().remove(0);
    let xml = to_xml(&document.invoice).unwrap();
    let judged = |told: &Explanation| {
        std::panic::catch_unwind(|| judge("a lie", told, &document.invoice, &xml, &seller.tenant)).is_ok()
    };
    assert!(judged(&told));
    fn entry<'e>(told: &'e mut Explanation, end: &str) -> &'e mut taxpoynt_core::explain::Entry {
        told.elements.iter_mut().find(|entry| entry.path.ends_with(end)).unwrap()
    }
    let lies: [Lie; 8] = [
        ("an element left out", |told| drop(told.elements.remove(40))),
        ("an element that is not there", |told| {
            let mut more = told.elements[40].clone();
            more.path.push_str("/cbc:Nothing");
            told.elements.insert(41, more);
        }),
        ("another value", |told| entry(told, "/cbc:PayableAmount").value = Some("1.00".into())),
        ("a sum that does not come out", |told| {
            let step = "the total without tax, plus the tax: 28690.29 + 1651.78 = 30342.06".to_owned();
            entry(told, "/cbc:TaxInclusiveAmount").origin = Origin::Calculated { step };
        }),
        ("a catch-all", |told| {
            entry(told, "/cac:Item/cbc:Name").origin = Origin::Fixed { why: "set by the engine".into() };
        }),
        ("a setting that says something else", |told| {
            entry(told, "/cbc:StreetName").origin = Origin::Setting { name: "address.city".into() };
        }),
        ("another number in the series", |told| {
            let origin = Origin::Numbering { series: "INV{seq:06}".into(), sequence: Some(2) };
            entry(told, "/Invoice/cbc:ID").origin = origin;
        }),
        ("another rule", |told| match &mut entry(told, "/cac:Item/cbc:Name").origin {
            Origin::Rule(rule) => rule.line = Some(1),
            other => panic!("{other:?}"),
        }),
    ];
    for (what, lie) in lies {
        let mut told = told.clone();
        lie(&mut told);
        let is_believed = judged(&told);
        assert!(!is_believed, "{what} is believed");
    }
}
