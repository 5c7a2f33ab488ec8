//! Whatever is decided about a document comes from a rule that a person can read: in the built-in layer, in the platform's
//! `mapping.toml`, or in the tenant's settings written out. Without rules nothing is decided.

use std::{collections::BTreeSet, path::Path};
use taxpoynt_core::{
    connector::Connector,
    json,
    mapping::{self, Decision, Provenance, Record, Rules},
    model::SourceDocument,
    pipeline::{Conversion, ConvertOptions, Drafted, Issued, Outcome, convert, draft},
    tenant::{Tenant, TipPolicy},
};
use taxpoynt_tests::{platforms, reference};
use taxpoynt_ubl::{Invoice, InvoiceKind, Party, UNIT_ONE};

const BASE: &str = include_str!("../../../taxpoynt-core/src/mapping/base.toml");

/// A record of a platform, and a seller.
struct Golden {
    name: String,
    platform: &'static str,
    record: Vec<u8>,
    tenant: Tenant,
}

/// Every record that the connectors' own goldens, the examples and the peers' inputs are made of, for sellers with either
/// policy of tips, who say where a TIN is or leave it to the platform's rules.
fn goldens() -> Vec<Golden> {
    let sellers: serde_json::Value = serde_json::from_slice(&reference("peer-inputs/tenants.json")).unwrap();
    let mut goldens = Vec::new();
    let mut add = |name: &str, platform: &'static str, record: &[u8]| {
        for tips in [TipPolicy::Outside, TipPolicy::Charge] {
            let mut tenant = Tenant::from_json(sellers[platform].to_string().as_bytes()).unwrap();
            tenant.policy.tips = tips;
            if tips == TipPolicy::Charge {
                // Here the platform's own rule says where the buyer's TIN is.
                tenant.buyer = Default::default();
            }
            goldens.push(Golden {
                name: format!("{name} {tips:?}"),
                platform,
                record: record.to_vec(),
                tenant,
            });
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for platform in ["square", "hubspot"] {
        let folder = root.join("connectors").join(platform).join("fixtures");
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "json")) {
            add(&file.file_name().unwrap().to_string_lossy(), platform, &std::fs::read(file).unwrap());
        }
    }
    for (platform, file) in [("square", "square_sale.json"), ("hubspot", "hubspot_deal.json")] {
        add(file, platform, &std::fs::read(root.join("examples/records").join(file)).unwrap());
    }
    for (platform, file) in [
        ("square", "square_payment_order_ngn.json"),
        ("square", "square_payment_order_usd.json"),
        ("hubspot", "hubspot_deal_with_line_items.json"),
    ] {
        add(file, platform, &reference(&format!("peer-inputs/{file}")));
    }
    goldens
}

fn of(golden: &Golden) -> (std::sync::Arc<dyn Connector>, Vec<Issued>) {
    let connector = platforms().get(golden.platform).unwrap().clone();
    let raw = connector.identify(&golden.record).unwrap();
    let refunded = connector.normalize(&raw).unwrap().into_iter().filter_map(|document| match document {
        SourceDocument::Refund(refund) => refund.original_id,
        _ => None,
    });
    let issued = refunded.map(|source_id| Issued {
        source_id,
        number: "INV000009".into(),
        issue_date: "2026-10-01".parse().unwrap(),
        irn: None,
        invoice: None,
    });
    let issued = issued.collect();
    (connector, issued)
}

fn converted(golden: &Golden) -> Vec<Conversion> {
    let (connector, issued) = of(golden);
    let issue_date = Some("2026-11-20".parse().unwrap());
    let options = ConvertOptions { issued: &issued, issue_date, ..ConvertOptions::default() };
    let outcomes = convert(&*connector, &golden.record, &golden.tenant, &options).unwrap();
    let documents = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Document(document) => Some(*document),
        Outcome::Held(held) => {
            println!("{}: held, {}", golden.name, held.message);
            None
        }
    });
    documents.collect()
}

/// Whether a rule's label leads to a rule in one of the texts, which it names by line or by name.
fn is_written(entry: &Provenance, platform: &str, settings: &str) -> bool {
    let (layer, place) = entry.rule.split_once(':').unwrap();
    let connector = platforms().get(platform).unwrap().clone();
    let text = match layer {
        "base" => BASE,
        "tenant" => settings,
        other if other == format!("{platform}/mapping.toml") => connector.info().rules,
        _ => return false,
    };
    match place.parse::<usize>() {
        Ok(line) => text.lines().nth(line - 1).is_some_and(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#') && !line.starts_with('[')
        }),
        Err(_) => text.contains(&format!("name = \"{place}\"")),
    }
}

/// The targets of everything that a document says and no arithmetic, no setting of the seller and no clock made.
fn decided(invoice: &Invoice, is_refund: bool) -> BTreeSet<String> {
    let mut targets = BTreeSet::new();
    let mut say = |target: String, said: bool| {
        if said {
            targets.insert(target);
        }
    };
    say("note".into(), invoice.note.is_some());
    say("buyer_reference".into(), invoice.buyer_reference.is_some());
    say("order_reference".into(), invoice.order_reference.is_some());
    say("payment_terms".into(), invoice.payment_terms.is_some());
    // A credit note keeps the buyer of its invoice where that is at hand; here it is not.
    if let Some(Party {
        name, trading_name, tin, registration_number, email, phone, address, contact, ..
    }) = &invoice.customer
    {
        say("buyer.name".into(), !name.is_empty());
        for (target, value) in [
            ("buyer.trading_name", trading_name),
            ("buyer.tin", tin),
            ("buyer.registration_number", registration_number),
            ("buyer.email", email),
            ("buyer.phone", phone),
            ("buyer.address.street", &address.street),
            ("buyer.address.city", &address.city),
            ("buyer.address.postal_code", &address.postal_code),
            ("buyer.address.lga", &address.lga),
            ("buyer.address.state", &address.state),
            ("buyer.address.country", &address.country),
        ] {
            say(target.into(), value.is_some());
        }
        if let Some(contact) = contact {
            for (target, value) in
                [("name", &contact.name), ("email", &contact.email), ("phone", &contact.phone)]
            {
                say(format!("buyer.contact.{target}"), value.is_some());
            }
        }
    }
    say("buyer.kind".into(), invoice.kind != InvoiceKind::B2C);
    for (i, line) in invoice.lines.iter().enumerate() {
        say(format!("lines[{i}].name"), true);
        say(format!("lines[{i}].tax"), true);
        say(format!("lines[{i}].description"), line.description.is_some());
        say(format!("lines[{i}].sku"), line.sku.is_some());
        say(format!("lines[{i}].unit"), line.unit != UNIT_ONE);
        say(format!("lines[{i}].note"), line.note.is_some());
        say(format!("lines[{i}].classification"), line.classification.is_some());
        say(
            "discount_reason".into(),
            line.allowances.iter().any(|a| a.reason.as_deref() == Some("Discount")),
        );
    }
    say("discount_reason".into(), invoice.allowances.iter().any(|a| a.reason.as_deref() == Some("Discount")));
    let is_tip = |reason: &Option<String>| reason.as_deref() == Some("Tip");
    for (i, charge) in invoice.charges.iter().enumerate() {
        if is_tip(&charge.reason) {
            say("tip_reason".into(), true);
            say("tip_tax".into(), true);
        } else {
            say(format!("charges[{i}].reason"), charge.reason.is_some());
            say(format!("charges[{i}].tax"), true);
        }
    }
    for (i, means) in invoice.payment_means.iter().enumerate() {
        say(format!("payment_means[{i}].code"), true);
        say(format!("payment_means[{i}].name"), means.name.is_some());
        say(format!("payment_means[{i}].id"), means.payment_id.is_some());
    }
    say(format!("trigger.{}", if is_refund { "refund" } else { "…" }), is_refund);
    targets
}

#[test]
fn everything_that_is_decided_names_a_rule_that_stands_in_a_text() {
    let (mut documents, mut entries, mut layers) = (0, 0, BTreeSet::new());
    for golden in goldens() {
        let settings = Rules::text_of_tenant(&golden.tenant);
        for Conversion { invoice, provenance, .. } in converted(&golden) {
            documents += 1;
            let is_refund = !invoice.references.is_empty();
            let said: BTreeSet<String> = provenance.iter().map(|entry| entry.target.clone()).collect();
            for target in decided(&invoice, is_refund) {
                assert!(
                    said.contains(&target),
                    "{}: {target} is set, and no rule says so: {said:?}",
                    golden.name
                );
            }
            assert_eq!(
                provenance.iter().filter(|e| e.target.starts_with("trigger.")).count(),
                1,
                "{}",
                golden.name
            );
            for entry in &provenance {
                assert!(is_written(entry, golden.platform, &settings), "{}: {entry:?}", golden.name);
                layers.insert(entry.rule.split(':').next().unwrap().to_owned());
                entries += 1;
            }
        }
    }
    println!("{documents} documents, {entries} fields, by {layers:?}");
    assert!(documents >= 20 && entries > 300, "{documents} {entries}");
    let expected = ["base", "hubspot/mapping.toml", "square/mapping.toml", "tenant"].map(str::to_owned);
    assert_eq!(layers, BTreeSet::from(expected));
}

#[test]
fn what_the_platform_does_not_name_is_named_by_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/records");
    let read = |file: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(root.join(file)).unwrap()).unwrap()
    };
    let sellers: serde_json::Value = serde_json::from_slice(&reference("peer-inputs/tenants.json")).unwrap();
    let named = |platform: &'static str, record: &serde_json::Value| {
        let tenant = Tenant::from_json(sellers[platform].to_string().as_bytes()).unwrap();
        let golden =
            Golden { name: platform.into(), platform, record: record.to_string().into_bytes(), tenant };
        let document = converted(&golden).remove(0);
        let rule = document.provenance.into_iter().find(|entry| entry.target == "lines[0].name").unwrap();
        assert!(is_written(&rule, platform, ""), "{rule:?}");
        (document.invoice.lines[0].name.clone(), rule.rule.split(':').next().unwrap().to_owned())
    };
    let mut sale = read("square_sale.json");
    let line = &mut sale["order"]["line_items"][0];
    line["name"] = serde_json::Value::Null;
    line["variation_name"] = serde_json::Value::Null;
    assert_eq!(named("square", &sale), ("Item".to_owned(), "square/mapping.toml".to_owned()));
    sale["order"]["line_items"][0]["item_type"] = "CUSTOM_AMOUNT".into();
    assert_eq!(named("square", &sale), ("Custom amount".to_owned(), "square/mapping.toml".to_owned()));
    let mut deal = read("hubspot_deal.json");
    deal["line_items"][0]["properties"]["name"] = serde_json::Value::Null;
    deal["line_items"][0]["properties"]["hs_sku"] = "SKU-1".into();
    assert_eq!(named("hubspot", &deal), ("SKU-1".to_owned(), "hubspot/mapping.toml".to_owned()));
}

#[test]
fn without_rules_nothing_becomes_a_document_and_nothing_is_decided() {
    let none = Rules::default();
    for golden in goldens() {
        let (connector, issued) = of(&golden);
        let raw = connector.identify(&golden.record).unwrap();
        let drafts = draft(&*connector, &raw, &golden.tenant, &none, &issued, None).unwrap();
        for drafted in drafts {
            match drafted {
                Drafted::Held(held) => {
                    assert!(held.message.contains("no rule of [trigger]"), "{}: {held:?}", golden.name)
                }
                Drafted::Draft(draft) => panic!("{}: {draft:?}", golden.name),
            }
        }
        let record = Record::new(&raw.body, &connector.info().record).unwrap();
        for document in connector.normalize(&raw).unwrap() {
            let triggered = mapping::trigger(&none, &document, &record, &golden.tenant).unwrap();
            assert_eq!((triggered.decision, triggered.by), (Decision::Waits, None), "{}", golden.name);
            let mapped = mapping::apply(&none, &document, &record, &golden.tenant).unwrap();
            assert_eq!(mapped.document, mapping::MappedDocument::default(), "{}", golden.name);
            assert!(mapped.buyer.is_empty() && mapped.buyer.kind().is_none(), "{}", golden.name);
            for line in &mapped.lines {
                assert_eq!(*line, mapping::MappedLine::default(), "{}", golden.name);
            }
            for charge in &mapped.charges {
                assert_eq!(*charge, mapping::MappedCharge::default(), "{}", golden.name);
            }
            assert!(mapped.payment_means.is_empty() && mapped.provenance().is_empty(), "{}", golden.name);
        }
    }
}

#[test]
fn the_platforms_rules_and_the_settings_are_texts_that_load_as_they_stand() {
    for golden in goldens() {
        let connector = platforms().get(golden.platform).unwrap().clone();
        Rules::parse(connector.info().rules).unwrap();
        let text = Rules::text_of_tenant(&golden.tenant);
        let (read, made) =
            (Rules::parse_named("tenant", &text).unwrap(), Rules::of_tenant(&golden.tenant).unwrap());
        assert_eq!(format!("{read:?}"), format!("{made:?}"), "{text}");
        let again: Tenant = json::read("test", &serde_json::to_vec(&golden.tenant).unwrap()).unwrap();
        assert_eq!(Rules::text_of_tenant(&again), text);
    }
    Rules::parse_named("base", BASE).unwrap();
    assert_eq!(format!("{:?}", Rules::parse_named("base", BASE).unwrap()), format!("{:?}", Rules::base()));
}
