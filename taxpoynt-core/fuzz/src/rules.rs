//! What bookkeepers write: mapping rules, paths into records, catalogues.

use super::{bodies::tenant, halves, is_readable, web::PLATFORMS};
use serde_json::value::RawValue;
use std::sync::{Arc, LazyLock};
use taxpoynt_core::{
    catalogue::{Catalogue, parse, write},
    connector::{Connector, RecordShape},
    firs::CodeLists,
    json,
    mapping::{MappedLine, Record, Rules, Table, Tables, apply},
    model::SourceDocument,
    pipeline::{ConvertOptions, convert},
};

/// Records that rules are tried on.
const RECORDS: [&str; 2] = [
    include_str!("../../../examples/records/square_sale.json"),
    include_str!("../../../examples/records/hubspot_deal.json"),
];

/// A sale, and the layers below a tenant's rules.
struct Sale {
    document: SourceDocument,
    body: &'static [u8],
    shape: RecordShape,
    below: [Rules; 3],
}

/// What rules are tried on: each record read by its own platform.
static SALES: LazyLock<Vec<Sale>> = LazyLock::new(|| {
    let of = |(connector, body): (&Arc<dyn Connector>, &'static str)| {
        let raw = connector.identify(body.as_bytes()).ok()?;
        let document = connector.normalize(&raw).ok()?.into_iter().next()?;
        let platform = Rules::of_platform(connector.info()).expect("a platform's rules");
        let settings = Rules::of_tenant(tenant()).expect("settings");
        let below = [Rules::base().clone(), platform, settings];
        Some(Sale { document, body: body.as_bytes(), shape: connector.info().record, below })
    };
    let pairs = PLATFORMS.iter().flat_map(|connector| RECORDS.map(|body| (connector, body)));
    let sales: Vec<Sale> = pairs.filter_map(of).collect();
    assert!(sales.len() >= RECORDS.len(), "each record is read by one platform at least");
    sales
});

/// Any text is read as rules or refused with a place; what was read is applied to sales, and never for long.
pub(crate) fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let rules = match Rules::parse(&text) {
        Ok(rules) => rules,
        Err(error) => {
            for place in ["line", "column"] {
                let place = error.get(place).and_then(|number| number.parse::<usize>().ok());
                assert!(place.is_some_and(|number| number > 0), "{error}");
            }
            return is_readable(&error);
        }
    };
    for sale in SALES.iter() {
        let [base, platform, settings] = &sale.below;
        let merged = Rules::merged(&[base, platform, settings, &rules, &rules]);
        for target in ["note", "buyer.tin", "lines[].tax", "lines[].classification"] {
            assert!(merged.reads(target).count() < 10_000);
        }
        let record = Record::new(sale.body, &sale.shape).expect("a record");
        let mapped = apply(&merged, &sale.document, &record, tenant()).expect("rules apply");
        assert_eq!(mapped.lines.len(), sale.document.sale().items.len());
        let waits = |line: &MappedLine<'_>| line.tax.is_none() || line.name.is_empty();
        assert!(
            !mapped.lines.iter().any(waits) || !mapped.reasons.is_empty(),
            "what is missing has a reason"
        );
        for reason in &mapped.reasons {
            assert!(!reason.message.is_empty() && reason.message.len() < 10_000, "{reason:?}");
        }
        let provenance = mapped.provenance();
        assert_eq!(provenance.len(), mapped.fields());
        assert!(
            provenance.iter().all(|set| !set.target.is_empty() && !set.rule.is_empty()),
            "{provenance:?}"
        );
    }
}

/// A record is read or refused as serde_json reads or refuses it, and each value in it is the one serde_json finds.
pub(crate) fn record_json(bytes: &[u8]) {
    let whole = serde_json::from_slice::<&RawValue>(bytes).ok().filter(|whole| whole.get().starts_with('{'));
    let record = Record::new(bytes, &RecordShape::ANY);
    assert_eq!(record.is_ok(), whole.is_some());
    if let (Ok(record), Some(whole)) = (record, whole) {
        let at = |path: &str| record.get(path).ok().flatten();
        members(&at, "", whole.get());
    }
}

/// Compares the members of an object that stands at a path, and all below them that a path can name.
fn members<'a>(at: &impl Fn(&str) -> Option<&'a str>, path: &str, object: &str) {
    let members = json::members(object).unwrap_or_default();
    for (name, _) in &members {
        if name.is_empty() || name.contains('"') || path.chars().count() + name.chars().count() > 250 {
            continue;
        }
        let path = if path.is_empty() { format!("\"{name}\"") } else { format!("{path}.\"{name}\"") };
        let last = members.iter().rev().find(|(other, _)| other == name).map_or("", |(_, value)| value.get());
        value(at, &path, last);
    }
}

fn value<'a>(at: &impl Fn(&str) -> Option<&'a str>, path: &str, json: &str) {
    // A path has at most 24 steps.
    if path.matches(['.', '[']).count() > 20 {
        return;
    }
    assert_eq!(at(path), (json != "null").then_some(json), "{path}");
    if json.starts_with('[') {
        for (nth, element) in json::elements(json).unwrap_or_default().into_iter().enumerate().take(20) {
            value(at, &format!("{path}[{nth}]"), element.get());
        }
    } else {
        members(at, path, json);
    }
}

/// Any path is looked up in any record, of each platform's layout, or refused.
pub(crate) fn source_path(bytes: &[u8]) {
    let (path, body) = halves(bytes);
    let path = String::from_utf8_lossy(path);
    let bodies = if body.is_empty() { RECORDS.map(str::as_bytes).to_vec() } else { vec![body] };
    for connector in PLATFORMS.iter() {
        for body in &bodies {
            let record = match Record::new(body, &connector.info().record) {
                Ok(record) => record,
                Err(error) => {
                    is_readable(&error);
                    continue;
                }
            };
            match record.get(&path) {
                Ok(Some(found)) => {
                    assert!(serde_json::from_str::<serde::de::IgnoredAny>(found).is_ok(), "{found}")
                }
                Ok(None) => {}
                Err(error) => is_readable(&error),
            }
        }
    }
}

/// Any file is read as a catalogue or refused line by line; what was read is written and read again as the same.
pub(crate) fn csv(bytes: &[u8]) {
    let lists = CodeLists::shipped();
    let parsed = parse(bytes, lists);
    if parsed.is_refused() {
        return;
    }
    let catalogue = Catalogue::new(parsed.entries.clone());
    assert!(catalogue.len() <= parsed.entries.len());
    let entries: Vec<_> = catalogue.entries().cloned().collect();
    let text = write(&entries).expect("what was read can be written");
    let again = parse(text.as_bytes(), lists);
    assert!(!again.is_refused(), "what was written is refused: {text:?}");
    let keys = |entries: &[taxpoynt_core::catalogue::Entry]| {
        let mut keys: Vec<_> =
            entries.iter().map(|entry| (entry.key(), format!("{:?}", entry.classification))).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&again.entries), keys(&entries), "{text:?}");
}

/// Any file is read as a table or refused line by line, and any rules either find what they look up in it or are refused;
/// what holds is applied to any record.
pub(crate) fn lookup_table(bytes: &[u8]) {
    let (rules, csv) = halves(bytes);
    let table = match Table::read(csv) {
        Ok(table) => table,
        Err(problems) => {
            assert!(!problems.is_empty(), "it says what is wrong");
            for problem in problems {
                assert!(
                    problem.line.is_some() && problem.is_fatal() && !problem.message.is_empty(),
                    "{problem:?}"
                );
                assert!(!problem.message.contains(['\0', '\u{1b}']), "{problem:?}");
            }
            return;
        }
    };
    assert!(table.columns().len() > 1 && table.len() <= csv.len());
    let again = Table::read(csv).expect("it was read before");
    assert_eq!((again.hash(), again.len(), again.columns()), (table.hash(), table.len(), table.columns()));
    let mut tables = Tables::default();
    tables.insert("t", Arc::new(table));
    let Ok(rules) = Rules::parse(&String::from_utf8_lossy(rules)) else { return };
    match rules.check_tables(&tables) {
        Err(error) => is_readable(&error),
        Ok(()) => {
            let rules = rules.with_tables(Arc::new(tables));
            let options = ConvertOptions { rules: Some(&rules), approved: true, ..ConvertOptions::default() };
            for connector in PLATFORMS.iter() {
                for record in RECORDS {
                    if let Err(error) = convert(&**connector, record.as_bytes(), tenant(), &options) {
                        is_readable(&error);
                    }
                }
            }
        }
    }
}
