//! Documents as the engine keeps them: explained to the last element, and the same however much later it is asked.

use crate::judge::judge;
use chrono::Duration as Days;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use taxpoynt_core::{
    ErrorKind,
    engine::{DebitNote, ImportOptions},
    explain::{Explanation, Origin},
    mapping::End,
    store::{Document, DocumentState},
    tenant::{CorrectionPolicy, Tenant},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, dec, invoice_of, reference, shop};
use uuid::Uuid;

const RULES: &str = "[invoice]\nnote = { name = \"thanks\", from = \"sale.reference\", apply = [\"trim\", { template = \"Thank you for {}\" }] }\n";

/// What is said of things, by a table.
const REMARKS: &str = r#"
[each.line]
note = [{ from = "item.name", apply = [{ lookup = { table = "remarks", column = "remark" } }] }, { skip = true }]
"#;

async fn explained(house: &House, document: &Document) -> Explanation {
    house.engine.explain(document.id, Some(house.tenant)).await.unwrap()
}

/// The tenant without what is sealed.
fn open(tenant: &Tenant) -> Tenant {
    Tenant { authority: None, ..tenant.clone() }
}

/// A house that has made a document of every kind.
async fn busy() -> House {
    let house = House::of(|tenant| {
        tenant.exchange_rates = serde_json::from_value(json!([
            { "currency": "USD", "from": "2026-01-01", "rate": "1530.255", "source": "CBN" },
        ]))
        .unwrap();
        tenant.policy.exchange_rate_note = true;
    })
    .await;
    let engine = &house.engine;
    engine.set_rules(house.tenant, None, Some(RULES), None).await.unwrap();
    let csv = b"name,hsn_code,product_category\nJollof rice tray,1904.90,Prepared cereals\n";
    let line = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let record = house.till_record(&line.id).await;
    let name = record["order"]["line_items"][0]["name"].as_str().unwrap();
    let csv = String::from_utf8(csv.to_vec()).unwrap().replace("Jollof rice tray", name);
    engine.import_catalogue(house.tenant, csv.as_bytes(), ImportOptions::default()).await.unwrap();
    let remarks = format!("name,remark\n{name},Keep warm\n");
    engine.set_table(house.tenant, "remarks", Some(&remarks), None).await.unwrap();
    let rules = format!("{RULES}{REMARKS}");
    engine.set_rules(house.tenant, None, Some(&rules), None).await.unwrap();

    house.sim.square().refund_partially().await.unwrap();
    house.sim.square().sell(Sale::WalkIn).await;
    house.sim.square().sell(Sale::B2b).await;
    let crm = house.sim.hubspot();
    crm.win(crm.deal_id()).await.unwrap();
    let dollars = reference("peer-inputs/square_payment_order_usd.json");
    engine.ingest(house.square.id, Some(house.tenant), &dollars).await.unwrap();
    house.settle().await;

    let deal = house.document(crm.deal_id()).await;
    let more = DebitNote {
        key: "freight".into(),
        reason: "Freight".into(),
        lines: invoice_of(&deal).lines[..1].to_vec(),
        amount: None,
    };
    engine.debit_note(deal.id, &more, Some(house.tenant)).await.unwrap();
    let walk_in = house.documents().await.into_iter().find(|d| d.document.kind == "B2C").unwrap();
    engine
        .correct(walk_in.id, CorrectionPolicy::CreditNoteAndNewInvoice, "wrong shop", Some(house.tenant))
        .await
        .unwrap();
    house.settle().await;
    house
}

#[tokio::test]
async fn every_document_of_a_shop_is_explained_to_the_last_element() {
    let house = busy().await;
    let (tenant, _) = (shop(&house.sim), ());
    let mut tenant = open(&tenant);
    tenant.exchange_rates = serde_json::from_value(json!([
        { "currency": "USD", "from": "2026-01-01", "rate": "1530.255", "source": "CBN" },
    ]))
    .unwrap();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut origins: BTreeMap<String, usize> = BTreeMap::new();
    for document in house.documents().await {
        assert_eq!(document.state, DocumentState::Accepted, "{document:?}");
        let told = explained(&house, &document).await;
        let what = format!("{} {}", document.document.number, document.document.purpose);
        assert_eq!(told.notes, Vec::<String>::new(), "{what}");
        assert_eq!(told.number, document.document.number);
        judge(&what, &told, &invoice_of(&document), &document.document.ubl, &tenant);
        *kinds.entry(document.document.purpose.split(':').next().unwrap().to_owned()).or_default() += 1;
        for entry in &told.elements {
            let origin = serde_json::to_value(&entry.origin).unwrap();
            *origins.entry(origin["kind"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    println!("{kinds:?} {origins:?}");
    for kind in ["invoice", "credit_note", "debit_note", "correction_credit_note"] {
        assert!(kinds.contains_key(kind), "{kinds:?}");
    }
    for origin in ["catalogue", "clock", "original", "asked", "rule", "calculated", "numbering", "setting"] {
        assert!(origins.contains_key(origin), "{origin}: {origins:?}");
    }
}

#[tokio::test]
async fn a_rule_is_told_with_its_file_line_source_and_every_step() {
    let house = House::open().await;
    house.engine.set_rules(house.tenant, None, Some(RULES), None).await.unwrap();
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let told = explained(&house, &house.document(&sale.id).await).await;
    let note = told.elements.iter().find(|entry| entry.path == "/Invoice/cbc:Note").unwrap();
    let Origin::Rule(rule) = &note.origin else { panic!("{note:?}") };
    assert_eq!((rule.name.as_deref(), rule.line, note.term), (Some("thanks"), Some(2), Some("BT-22")));
    assert_eq!(house.engine.rule_text(house.tenant, rule.version.as_ref().unwrap()).await.unwrap(), RULES);
    assert!(rule.set.starts_with("rules@") && rule.version.as_ref().unwrap().starts_with(&rule.set[6..]));
    let reference = rule.sources[0].value.clone().unwrap();
    assert_eq!(rule.sources[0].path, "sale.reference");
    assert!(rule.sources[0].record.as_ref().unwrap().starts_with("raw."), "{rule:?}");
    let steps: Vec<_> = rule.steps.iter().map(|s| (s.transform.as_str(), s.value.clone().unwrap())).collect();
    assert_eq!(steps[0], ("trim", reference.clone()));
    assert_eq!(steps[1], ("template Thank you for {}", format!("Thank you for {reference}")));
    assert_eq!(note.value.as_ref(), Some(&rule.value));
}

#[tokio::test]
async fn an_explanation_asked_for_a_year_later_is_the_same_to_the_byte() {
    let house = busy().await;
    let documents = house.documents().await;
    let mut before = Vec::new();
    let mut looked_up = 0;
    for document in &documents {
        let told = explained(&house, document).await;
        looked_up += usize::from(told.to_string().contains("gives \"Keep warm\""));
        before.push((serde_json::to_string(&told).unwrap(), told.to_string()));
    }

    assert!(looked_up > 0, "a document says what a table said");

    let engine = &house.engine;
    let other = "[invoice]\nnote = { value = \"Other times\" }\norder_reference = { skip = true }\n[each.line]\nname = { value = \"Goods\" }\n";
    engine.set_rules(house.tenant, None, Some(other), None).await.unwrap();
    engine
        .set_rules(
            house.tenant,
            Some(house.square.id),
            Some("[buyer]\nname = { value = \"Nobody\" }\n"),
            None,
        )
        .await
        .unwrap();
    house
        .mend(|tenant| {
            tenant.name = "Moved House Ltd".into();
            tenant.timezone = Some("Europe/London".into());
            tenant.address.street = Some("1 Elsewhere".into());
            tenant.classification = Default::default();
            tenant.tax.percent_field = None;
            tenant.number_series = Some("NEW{seq:04}".into());
            tenant.exchange_rates = Vec::new();
        })
        .await;
    let nothing = b"name,hsn_code,product_category\nSomething else,0101.21,Horses\n";
    let replace = ImportOptions { partial: false, replace: true };
    engine.import_catalogue(house.tenant, nothing, replace).await.unwrap();
    engine.set_table(house.tenant, "remarks", Some("name,remark\nNothing,Nothing\n"), None).await.unwrap();
    engine.set_table(house.tenant, "remarks", None, None).await.unwrap();
    house.clock.advance(Duration::from_secs(400 * 86_400));
    for document in &documents {
        let record = house.record(&document.source_id).await;
        let mut body: Value = serde_json::from_slice(&record.raw.body).unwrap();
        if body.get("order").is_some() {
            body["order"]["updated_at"] = json!("2027-12-01T00:00:00Z");
            body["order"]["reference_id"] = json!("ANOTHER");
            engine.ingest(house.square.id, Some(house.tenant), body.to_string().as_bytes()).await.unwrap();
        }
    }
    house.settle().await;
    for connection in [house.square.id, house.hubspot.id] {
        engine.remove(connection, Some(house.tenant)).await.unwrap();
    }

    let later = house.another_engine().await;
    for (document, (json, text)) in documents.iter().zip(before) {
        let told = later.explain(document.id, Some(house.tenant)).await.unwrap();
        assert_eq!(serde_json::to_string(&told).unwrap(), json, "{}", document.document.number);
        assert_eq!(told.to_string(), text);
    }
}

/// The sale again, as the till holds it a day later, with something changed in it.
async fn again(house: &House, id: &str, day: i64, edit: impl FnOnce(&mut Value)) {
    let mut record = house.till_record(id).await;
    let at = "2026-11-20T12:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() + Days::days(day);
    record["order"]["updated_at"] = json!(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    edit(&mut record);
    house.engine.ingest(house.square.id, Some(house.tenant), record.to_string().as_bytes()).await.unwrap();
    house.settle().await;
}

#[tokio::test]
async fn an_accepted_sale_is_not_held_because_rules_or_settings_changed_since() {
    let house = House::open().await;
    house.engine.set_rules(house.tenant, None, Some(RULES), None).await.unwrap();
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.deafen();
    house.assert_all_accepted_once(1).await;
    let unseen = |record: &mut Value| record["order"]["ticket_name"] = json!("Table 7");

    let others = [
        "[invoice]\nnote = { value = \"Another note\" }\n[each.line]\nname = { value = \"Goods\" }\n",
        "[invoice]\nbuyer_reference = { from = \"custom.po\", apply = [{ require = \"a purchase order is agreed\" }] }\n",
    ];
    for (day, rules) in others.iter().enumerate() {
        house.engine.set_rules(house.tenant, None, Some(rules), None).await.unwrap();
        again(&house, &sale.id, day as i64 + 1, unseen).await;
        assert_eq!(house.held(&sale.id).await, None, "{rules}");
    }
    house
        .mend(|tenant| {
            tenant.tax.untaxed = Some(taxpoynt_core::tenant::TaxRule {
                category: taxpoynt_ubl::TaxCategory::Z,
                percent: dec("0"),
                reason: None,
            });
            tenant.buyer.tin_path = Some("customer.nothing".into());
        })
        .await;
    again(&house, &sale.id, 5, unseen).await;
    assert_eq!(house.held(&sale.id).await, None, "settings");

    // Now the sale itself is another one, by whatever rules.
    house.engine.set_rules(house.tenant, None, Some(others[0]), None).await.unwrap();
    again(&house, &sale.id, 6, |record| record["order"]["reference_id"] = json!("CHANGED")).await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "changed_after_submission");
    house.engine.set_rules(house.tenant, None, None, None).await.unwrap();
    house.settle().await;
    assert_eq!(
        house.held(&sale.id).await.unwrap().code,
        "changed_after_submission",
        "also without the rules"
    );
    again(&house, &sale.id, 7, unseen).await;
    assert_eq!(house.held(&sale.id).await, None, "changed back");
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn why_a_sale_waits_names_the_rules_that_were_looked_at_and_what_to_do() {
    let house = House::of(|tenant| tenant.tax.untaxed = None).await;
    let rules = "[invoice]\nbuyer_reference = { name = \"po\", from = \"raw.order.po\", apply = [{ require = \"a purchase order is agreed\" }] }\n";
    house.engine.set_rules(house.tenant, None, Some(rules), None).await.unwrap();
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let record = house.record(&sale.id).await;
    let told = house.engine.explain(record.id, Some(house.tenant)).await.unwrap();
    assert!(told.number.is_empty() && told.elements.is_empty());
    let codes: Vec<_> = told.held.iter().map(|why| (why.code.as_str(), why.target.as_deref())).collect();
    assert_eq!(codes, [("field_required", Some("buyer_reference")), ("tax_unknown", Some("lines[2].tax"))]);
    assert_eq!(told.held[0].message, record.held.unwrap().message);
    let [rule] = told.held[0].rules.as_slice() else { panic!("{:?}", told.held[0]) };
    assert_eq!((rule.name.as_deref(), rule.line), (Some("po"), 2));
    assert_eq!((rule.sources[0].path.as_str(), &rule.sources[0].value), ("raw.order.po", &None));
    assert_eq!(rule.end, End::Failed { why: "a purchase order is agreed".into() });
    assert!(told.held[1].rules.len() > 3, "{:?}", told.held[1]);
    assert!(told.held[1].remedy.contains("tax setting"), "{}", told.held[1].remedy);
    let text = told.to_string();
    for part in ["Held (field_required)", "raw.order.po (nothing)", "what to do: "] {
        assert!(text.contains(part), "{text}");
    }
    let stranger = house.engine.explain(record.id, Some(Uuid::nil())).await.unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_the_authority_would_refuse_is_told_with_the_rules_that_look_for_it() {
    let house = House::open().await;
    house.deafen();
    let sale = house.sim.square().sell(Sale::B2b).await;
    let mut record = house.till_record(&sale.id).await;
    record["customer"]["reference_id"] = json!("LOYALTY-77");
    house.engine.ingest(house.square.id, Some(house.tenant), record.to_string().as_bytes()).await.unwrap();
    house.settle().await;
    let record = house.record(&sale.id).await;
    assert_eq!(record.held.as_ref().unwrap().code, "buyer_tin_missing");
    let told = house.engine.explain(record.id, None).await.unwrap();
    assert_eq!(told.held[0].target.as_deref(), Some("buyer.tin"));
    let looked: Vec<_> = told.held[0].rules.iter().flat_map(|rule| &rule.sources).collect();
    assert_eq!(looked[0].path, "raw.customer.reference_id");
    assert_eq!(looked[0].value.as_deref(), Some("LOYALTY-77"));
}

#[tokio::test]
async fn why_a_document_was_refused_leads_to_where_the_value_came_from() {
    let stranger = "3d5a2c10-8e41-4f0b-9c37-000000000000";
    let house = House::of(|tenant| tenant.business_id = Some(stranger.into())).await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    assert_eq!(document.state, DocumentState::Rejected);
    let told = explained(&house, &document).await;
    let [refused] = told.rejected.as_slice() else { panic!("{:?}", told.rejected) };
    assert_eq!(refused.field, "business_id");
    assert!(refused.message.contains("business id"), "{}", refused.message);
    let [entry] = refused.elements.as_slice() else { panic!("{refused:?}") };
    assert_eq!(entry.value.as_deref(), Some(stranger));
    assert_eq!(entry.origin, Origin::Setting { name: "business_id".into() });
    assert!(told.to_string().contains("the tenant's setting business_id"));
    let mut tenant = open(&shop(&house.sim));
    tenant.business_id = Some(stranger.into());
    judge("refused", &told, &invoice_of(&document), &document.document.ubl, &tenant);
    house.mend(|_| {}).await;
    house.settle().await;
    let told = explained(&house, &house.document(&sale.id).await).await;
    assert!(told.rejected.is_empty(), "{:?}", told.rejected);
}

#[tokio::test]
async fn a_document_that_comes_out_otherwise_today_says_so_and_invents_nothing() {
    // What was refused was never signed, so that its row can still be spoilt.
    let house = House::of(|tenant| tenant.service_id = Some("AAAAAAAA".into())).await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    let before = explained(&house, &document).await;
    assert!(before.notes.is_empty());
    house.execute("UPDATE documents SET content_hash = 'of another engine'").await;
    let told = explained(&house, &document).await;
    assert!(told.notes[0].contains("the engine was changed since"), "{:?}", told.notes);
    let rules = |told: &Explanation| {
        let of = |entry: &taxpoynt_core::explain::Entry| match &entry.origin {
            Origin::Rule(rule) => Some((entry.path.clone(), rule.target.clone(), rule.value.clone())),
            _ => None,
        };
        told.elements.iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(rules(&told), rules(&before), "which rule set what is kept");
    let steps = told.elements.iter().filter(|e| matches!(&e.origin, Origin::Rule(r) if !r.steps.is_empty()));
    assert_eq!(steps.count(), 0, "no step is made up");
    assert!(!told.elements.iter().any(|entry| matches!(entry.origin, Origin::Unknown { .. })));
}

/// What an explanation takes from what was in force when the document was made, and not from the document itself.
fn of_then(told: &Explanation) -> Vec<String> {
    let told = told.elements.iter().filter_map(|entry| match &entry.origin {
        Origin::Rule(rule) if rule.version.is_some() || !rule.steps.is_empty() => Some(entry.sentence()),
        Origin::Rule(rule) if rule.sources.iter().any(|source| source.value.is_some()) => {
            Some(entry.sentence())
        }
        Origin::Copied { sources, .. } if !sources.is_empty() => Some(entry.sentence()),
        _ => None,
    });
    told.collect()
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_said_and_not_told_by_what_is_in_force_now() {
    let house = House::open().await;
    house.engine.set_rules(house.tenant, None, Some(RULES), None).await.unwrap();
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    let before = explained(&house, &document).await;
    assert!(before.notes.is_empty() && !of_then(&before).is_empty());

    house.execute("DROP TRIGGER documents_grounds_stay").await;
    house.execute("UPDATE documents SET grounds = NULL").await;
    let lost = explained(&house, &document).await;
    assert!(lost.notes[0].contains("is not kept any more"), "{:?}", lost.notes);
    assert_eq!(of_then(&lost), Vec::<String>::new());
    assert_eq!(lost.elements.len(), before.elements.len());
    for (lost, before) in lost.elements.iter().zip(&before.elements) {
        assert_eq!((&lost.path, &lost.value), (&before.path, &before.value));
        let kinds = [&lost.origin, &before.origin].map(std::mem::discriminant);
        let is_unknown = matches!(lost.origin, Origin::Unknown { .. });
        assert!(kinds[0] == kinds[1] || is_unknown, "{lost:?}: {before:?}");
    }
    let unknown: Vec<_> =
        lost.elements.iter().filter(|entry| matches!(entry.origin, Origin::Unknown { .. })).collect();
    assert!(unknown.iter().all(|entry| entry.path.ends_with("IdentificationCode")), "{unknown:?}");
    assert!(lost.to_string().contains("rule thanks in rules@"), "{lost}");

    let text = serde_json::to_string(&lost).unwrap();
    house.engine.set_rules(house.tenant, None, None, None).await.unwrap();
    house.mend(|tenant| tenant.name = "Moved House Ltd".into()).await;
    assert_eq!(serde_json::to_string(&explained(&house, &document).await).unwrap(), text);
}

#[tokio::test]
async fn what_cannot_be_read_any_more_is_said_and_not_told_by_what_is_in_force_now() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    house.execute("DROP TRIGGER ground_texts_stay").await;
    house
        .execute("UPDATE ground_texts SET text = '{\"name\":7}' WHERE hash IN (SELECT settings FROM grounds)")
        .await;
    let told = explained(&house, &document).await;
    assert!(told.notes[0].contains("cannot read what was in force"), "{:?}", told.notes);
    assert_eq!(of_then(&told), Vec::<String>::new());
}
