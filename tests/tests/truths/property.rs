//! For any order of a till: what the invoice says is what the till took, and the document is sound.

use crate::{
    as_xml_says,
    orders::{Order, order},
};
use serde_json::json;
use taxpoynt_core::{
    connector::Registry,
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_tests::{Random, platforms};
use taxpoynt_ubl::{Fault, Invoice, Ruleset, Severity, parse, to_xml, validate};

const ORDERS: usize = 1_500;

fn seller() -> Tenant {
    let text = json!({
        "name": "Kitchen Ltd", "tin": "10203040-0001", "email": "accounts@kitchen.example", "service_id": "4B7E8E41",
        "address": {"street": "27 Herbert Macaulay Way", "city": "Yaba", "state": "NG-LA", "country": "NG"},
        "tax": {
            "untaxed": {"category": "E", "percent": "0", "reason": "Basic food items"},
            "zero_rate": {"category": "Z", "percent": "0"},
        },
    });
    Tenant::from_json(text.to_string().as_bytes()).unwrap()
}

fn converted(registry: &Registry, order: &Order) -> Result<Invoice, String> {
    let square = registry.get("square").unwrap();
    let record = order.record.to_string();
    let outcomes = convert(&**square, record.as_bytes(), &seller(), &ConvertOptions::default());
    match outcomes.map_err(|e| format!("{e:?}"))?.remove(0) {
        Outcome::Document(document) => Ok(document.invoice),
        Outcome::Held(held) => Err(format!("held: {} {}", held.code, held.message)),
    }
}

fn is_true(invoice: &Invoice, order: &Order) -> Result<(), String> {
    let same = |what: &str, stated, truth| {
        if stated == truth { Ok(()) } else { Err(format!("{what}: {stated} instead of {truth}")) }
    };
    same("payable", invoice.totals.payable_amount, order.payable)?;
    same("tax", invoice.totals.tax_amount, order.tax)?;
    same("tax of the rows", invoice.tax_subtotals.iter().map(|s| s.tax_amount).sum(), order.tax)?;
    for (line, net) in invoice.lines.iter().zip(&order.nets) {
        same(&line.name, line.net_amount, *net)?;
    }
    if invoice.lines.len() != order.nets.len() {
        return Err("lines are missing".into());
    }
    Ok(())
}

fn is_sound(invoice: &Invoice) -> Result<(), String> {
    let xml = to_xml(invoice).map_err(|e| e.to_string())?;
    let rulesets = [Ruleset::Ubl21, Ruleset::En16931, Ruleset::Peppol];
    let faults = validate(&xml, &rulesets).map_err(|e| e.to_string())?;
    // A till knows no electronic addresses of Peppol.
    let addresses = ["PEPPOL-EN16931-R010", "PEPPOL-EN16931-R020"];
    let fatal = |f: &&Fault| f.severity == Severity::Fatal && !addresses.contains(&f.id);
    if let Some(fault) = faults.iter().find(fatal) {
        return Err(format!("{} at {}: {}", fault.id, fault.path, fault.message));
    }
    let again = parse(&xml).map_err(|e| e.to_string())?;
    let invoice = as_xml_says(invoice.clone());
    if again == invoice { Ok(()) } else { Err(format!("reads back as\n{again:?}\nnot as\n{invoice:?}")) }
}

#[test]
fn any_order_of_a_till_becomes_an_invoice_of_exactly_what_was_paid() {
    const SEED: u64 = 417;
    println!("seed {SEED}");
    let registry = platforms();
    let mut random = Random::seeded(SEED);
    let mut wrong = Vec::new();
    for nth in 0..ORDERS {
        let order = order(&mut random, nth);
        let verdict = converted(&registry, &order)
            .and_then(|invoice| is_true(&invoice, &order).and_then(|()| is_sound(&invoice)));
        if let Err(why) = verdict {
            wrong.push(format!("seed {SEED}, order {nth}: {why}\n{}", order.record));
        }
    }
    assert!(wrong.is_empty(), "{} of {ORDERS} are wrong, the first: {}", wrong.len(), wrong[0]);
}
