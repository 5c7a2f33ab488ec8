//! An example as documents write it: rules, and in their comments a record, tables, and what comes out.
//!
//! | comment | what |
//! |---|---|
//! | `# record: {…}` | the record; with a `deal` it is a deal, with a `refund` a refund, else a till's sale |
//! | `# buyer: NAME` | who bought, where the platform knows; else a walk-in |
//! | `# table NAME: head \| row \| row` | a lookup table |
//! | `# becomes: automatic` | what the rules of `[trigger]` decide |
//! | `# waits: code sentence` | that none decides, and how the reason starts |
//! | `# gives: target = value` | what a target is set to; `nothing` |
//! | `# holds: code sentence` | why the document is held, and how the reason starts |

use crate::support::*;
use serde_json::Value;
use std::sync::Arc;
use taxpoynt_core::{
    connector::RecordShape,
    mapping::{Decision, Record, Rules, Tables, Triggered, trigger},
    model::{Deal, ItemTax, Refund, Sale, SaleState, SourceDocument},
    tenant::Tenant,
};

/// The code blocks that open with this line, such as "```toml".
pub(crate) fn blocks<'p>(page: &'p str, open: &str) -> Vec<&'p str> {
    page.split(&format!("\n{open}\n")).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

fn comments<'b>(block: &'b str, name: &str) -> Vec<&'b str> {
    let start = format!("# {name}: ");
    block.lines().filter_map(|line| line.strip_prefix(start.as_str())).collect()
}

/// A sale of one line, as the record says as much as these platforms of paper know.
fn document(record: &Value, block: &str) -> (SourceDocument, &'static RecordShape) {
    let buyer = comments(block, "buyer").first().map(|name| {
        let mut customer = customer();
        customer.organization.legal_name = (*name).to_owned();
        customer.organization.tax_ids.clear();
        customer
    });
    let bindings = [("order.line_items", 0), ("line_items", 0), ("products", 0)];
    let items = vec![bound(ItemTax::NotCarried, &bindings)];
    let sale = Sale { items, description: None, customer: buyer, ..sale() };
    let text = |path: &str| record.pointer(path).and_then(Value::as_str).map(str::to_owned);
    if record.get("deal").is_some() {
        let SourceDocument::Deal(deal) = deal(sale) else { unreachable!() };
        let won = record.pointer("/deal/won").and_then(Value::as_bool).unwrap_or(true);
        let (stage, pipeline) = (text("/deal/stage").or(deal.stage.clone()), text("/deal/pipeline"));
        let amount = text("/deal/amount").map(|amount| dec(&amount)).or(deal.amount);
        return (SourceDocument::Deal(Deal { stage, pipeline, won, amount, ..deal }), &CRM);
    }
    if record.get("refund").is_some() {
        let (original_id, reason) = (text("/refund/original_id"), text("/refund/reason"));
        return (
            SourceDocument::Refund(Refund { sale, state: SaleState::Completed, original_id, reason }),
            &TILL,
        );
    }
    (transaction(sale), &TILL)
}

fn tables(block: &str) -> Tables {
    let lines = block.lines().filter_map(|line| line.strip_prefix("# table "));
    let files: Vec<(&str, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, rows)| (name, rows.split(" | ").collect::<Vec<_>>().join("\n")))
        .collect();
    Tables::parse(files.iter().map(|(name, csv)| (*name, csv.as_bytes()))).unwrap()
}

fn run(block: &str) -> (Mapped, Triggered) {
    let body = comments(block, "record")[0];
    let (document, shape) = document(&serde_json::from_str(body).unwrap(), block);
    let tenant: Tenant = tenant(r#"{"tax":{"default":{"category":"S","percent":"5"}}}"#);
    let settings = Rules::of_tenant(&tenant).unwrap();
    let own = Rules::parse(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
    let tables = tables(block);
    own.check_tables(&tables).unwrap_or_else(|error| panic!("{error}\n{block}"));
    let rules = Rules::merged(&[Rules::base(), &settings, &own]).with_tables(Arc::new(tables));
    let record = Record::new(body.as_bytes(), shape).unwrap();
    let triggered = trigger(&rules, &document, &record, &tenant).unwrap();
    (apply_kept(rules, &document, shape, body.as_bytes(), &tenant), triggered)
}

/// Runs an example, and holds it to its comments.
pub(crate) fn check(block: &str) {
    let (mapped, triggered) = run(block);
    let (gives, becomes) = (comments(block, "gives"), comments(block, "becomes"));
    let waits = comments(block, "waits");
    assert!(gives.len() + becomes.len() + waits.len() > 0, "an example says what it gives:\n{block}");
    let provenance = mapped.provenance();
    for line in gives {
        let (target, expected) = line.split_once(" = ").unwrap();
        let set = provenance.iter().find(|p| p.target == target);
        let found = set.map_or("nothing", |p| p.value.as_str());
        assert_eq!(found, expected, "{target} of\n{block}");
    }
    for expected in becomes {
        let found = match triggered.decision {
            Decision::Automatic => "automatic",
            Decision::Approval => "approval",
            Decision::Never => "never",
            _ => panic!("{:?}\n{block}", triggered.held),
        };
        assert_eq!(found, expected, "{block}");
    }
    for expected in waits {
        let held = triggered.held.as_ref().unwrap_or_else(|| panic!("it waits\n{block}"));
        let found = format!("{} {}", held.code, held.message);
        assert!(triggered.decision == Decision::Waits && found.starts_with(expected), "{found}\n{block}");
    }
    let held: Vec<String> = mapped.reasons.iter().map(|r| format!("{} {}", r.code, r.message)).collect();
    let expected = comments(block, "holds");
    assert_eq!(held.len(), expected.len(), "{held:?}\n{block}");
    assert!(held.iter().zip(expected).all(|(held, start)| held.starts_with(start)), "{held:?}");
}
