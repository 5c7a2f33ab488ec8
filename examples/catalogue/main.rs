//! A bookkeeper's file of codes: read, checked, and tried on a sale, without network or database.
//!
//! `cargo run --release --example catalogue [-- FILE.csv [RECORD.json PLATFORM]]`

use std::{error::Error, fs, sync::Arc};
use taxpoynt_core::{
    catalogue::{Catalogue, parse},
    connector::Registry,
    firs::CodeLists,
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/shop.csv");
const SALE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/records/square_sale.json");
const SHOP: &[u8] = include_bytes!("../quickstart/tenant.json");

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| FILE.to_owned());
    let record = arguments.next().unwrap_or_else(|| SALE.to_owned());
    let platform = arguments.next().unwrap_or_else(|| "square".to_owned());
    let read = |path: &str| fs::read(path).map_err(|e| format!("{path}: {e}"));

    let parsed = parse(&read(&file)?, CodeLists::shipped());
    println!("{file}: {} rows, {} of them can be used", parsed.rows, parsed.entries.len());
    for problem in &parsed.problems {
        let line = problem.line.unwrap_or_default();
        let column = problem.column.as_deref().map(|c| format!(", {c}")).unwrap_or_default();
        let how = if problem.is_fatal() { "wrong" } else { "look at it" };
        println!("  line {line}{column} ({how}): {}", problem.message);
    }
    let catalogue = Arc::new(Catalogue::new(parsed.entries));
    show(&platform, &read(&record)?, catalogue)
}

/// Converts the record, and says of each line which entry decided.
fn show(platform: &str, record: &[u8], catalogue: Arc<Catalogue>) -> Result<(), Box<dyn Error>> {
    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    // What the file does not say is left open here, not decided by a default.
    let mut shop = Tenant::from_json(SHOP)?;
    shop.classification = Default::default();
    let options = ConvertOptions { catalogue: Some(catalogue), ..ConvertOptions::default() };
    for outcome in convert(&**registry.get(platform)?, record, &shop, &options)? {
        let conversion = match outcome {
            Outcome::Held(held) => {
                println!("held: {}", held.message);
                continue;
            }
            Outcome::Document(conversion) => conversion,
        };
        println!("{}", conversion.invoice.number);
        for (index, line) in conversion.invoice.lines.iter().enumerate() {
            let target = format!("lines[{index}].classification");
            match conversion.provenance.iter().find(|set| set.target == target) {
                Some(set) => println!("  {}: {}, by {}", line.name, set.value, set.rule),
                None => println!("  {}: nothing in the file says what it is", line.name),
            }
        }
    }
    Ok(())
}
