//! Rules applied to sales: how many fields a second one core decides, and how much of the way from record to UBL that is.
//!
//! `cargo bench -p taxpoynt-benches --bench mapping` prints both beside the same values copied by hand; `-- --check` ends
//! with an error where a promise is not kept. All of it runs on one core, in turns. `-- --once 100` reads a sale of so
//! many lines (or a fixture by its name) and applies the rules a thousand times, and does nothing else, for tools that count
//! instructions.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench has nobody to report to, and tells time"
)]

use cpu_time::ThreadTime;
use std::hint::black_box;
use std::time::Instant;
use taxpoynt_benches::{order, tenant};
use taxpoynt_core::{
    connector::{Connector, Registry},
    mapping::{Record, Rules, apply},
    model::{ItemTax, RawRecord, SourceDocument},
    pipeline::{Drafted, draft},
    tenant::Tenant,
};
use taxpoynt_ubl::{Classification, TaxCategory, calculate, to_xml};

/// What is promised: fields a second and core, and hundredths of the way from record to UBL.
const FIELDS: u64 = 5_000_000;
const SHARE: u64 = 15;

/// What a shop writes on top of the base, its platform and its settings.
const RULES: &str = r#"
version = 1

[invoice]
note = [
  { value = "Ordered online. Goods are sent within two days.", when = { equals = { "raw.order.source.name" = "Online" } } },
  { value = "Thank you for your visit." },
]
buyer_reference = "raw.order.ticket_name"
payment_terms = { value = "Paid at the till", when = { equals = { "sale.paid" = true } } }

[buyer]
business_description = { from = "customer.kind", when = { present = "customer.tin" }, apply = [
  { lookup = { organization = "Company", government = "Ministry, department or agency" } },
] }

[each.line]
category = "raw.order.line_items[].variation_name"
sku = { from = "raw.order.line_items[].catalog_object_id" }
tax = { name = "medicine", value = { category = "E", reason = "Medicine" }, when = { in = { "item.sku" = ["MED", "RX"] } } }
note = { value = "Sold by the yard", when = { equals = { "item.unit" = "YRD" }, present = "item.description" } }

[each.payment]
name = { value = "Point of sale", when = { equals = { "tender.method" = "card" } } }
"#;

fn main() -> std::process::ExitCode {
    let options: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = options.iter().position(|o| o == "--once") {
        let asked = options.get(at + 1).map_or("100", String::as_str);
        let fixture = || Sale::fixtures().into_iter().find(|sale| sale.name == asked);
        once(&asked.parse().ok().map(Sale::till).or_else(fixture).unwrap());
        return std::process::ExitCode::SUCCESS;
    }
    taxpoynt_benches::pin();
    // Without `--bench` this is `cargo test`, which asks only whether it runs.
    let turns = if options.iter().any(|o| o == "--bench") { 60 } else { 1 };
    let speed = speed(turns);
    let share = share(turns);
    let check = options.iter().any(|o| o == "--check");
    if check && !(speed && share) { std::process::ExitCode::FAILURE } else { std::process::ExitCode::SUCCESS }
}

/// A record as its platform sends it, read, with all rules that hold for it.
struct Sale {
    name: String,
    connector: std::sync::Arc<dyn Connector>,
    raw: RawRecord,
    document: SourceDocument,
    tenant: Tenant,
    rules: Rules,
}

impl Sale {
    /// With the rules that every shop has, which are the built-in ones, the platform's and its settings, and no own.
    fn without_own_rules(mut self) -> Self {
        let platform = Rules::of_platform(self.connector.info()).unwrap();
        self.rules = Rules::merged(&[Rules::base(), &platform, &Rules::of_tenant(&self.tenant).unwrap()]);
        self
    }

    fn new(name: &str, platform: &str, body: &[u8]) -> Self {
        let mut registry = Registry::new();
        taxpoynt_connectors::register_all(&mut registry);
        let connector = registry.get(platform).unwrap().clone();
        let raw = connector.identify(body).unwrap();
        let document = connector.normalize(&raw).unwrap().remove(0);
        let tenant = tenant();
        let layers = [
            Rules::base().clone(),
            Rules::of_platform(connector.info()).unwrap(),
            Rules::of_tenant(&tenant).unwrap(),
            Rules::parse(RULES).unwrap(),
        ];
        let rules = Rules::merged(&layers.each_ref());
        Self { name: name.to_owned(), connector, raw, document, tenant, rules }
    }

    fn till(lines: usize) -> Self {
        Self::new(&format!("till order, {lines} lines"), "square", &order(1, lines))
    }

    /// The connectors' own fixtures.
    fn fixtures() -> Vec<Self> {
        ["square", "hubspot"].into_iter().flat_map(Self::fixtures_of).collect()
    }

    fn fixtures_of(platform: &str) -> Vec<Self> {
        let folder = format!("{}/../connectors/{platform}/fixtures", env!("CARGO_MANIFEST_DIR"));
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let name = |path: &std::path::Path| path.file_stem().unwrap().to_string_lossy().into_owned();
        paths.iter().map(|path| Self::new(&name(path), platform, &std::fs::read(path).unwrap())).collect()
    }

    fn record(&self) -> Record<'_> {
        Record::new(&self.raw.body, &self.connector.info().record).unwrap()
    }
}

fn once(sale: &Sale) {
    for _ in 0..1000 {
        let record = sale.record();
        black_box(apply(&sale.rules, &sale.document, &record, &sale.tenant).unwrap());
    }
}

/// Calls measured in turns, each by its fastest turn: nanoseconds of one call.
fn race(turns: usize, contestants: &mut [&mut dyn FnMut()]) -> Vec<u64> {
    let mut least = vec![u64::MAX; contestants.len()];
    for _ in 0..turns {
        for (call, least) in contestants.iter_mut().zip(&mut least) {
            let (own, clock, mut calls) = (ThreadTime::now(), Instant::now(), 0);
            while calls < 3 || clock.elapsed().as_micros() < 2_000 {
                call();
                calls += 1;
            }
            let time = clock.elapsed().min(own.elapsed()).as_nanos();
            *least = (*least).min(u64::try_from(time / calls).unwrap_or(u64::MAX)).max(1);
        }
    }
    least
}

/// Prints how many fields a second are decided; whether that is as promised.
fn speed(turns: usize) -> bool {
    println!(
        "A field is a target that a rule gave a value. The record is read and split before; its own column has both."
    );
    println!(
        "{:<28} {:>7} {:>10} {:>12} {:>14} {:>12} {:>8}",
        "", "fields", "apply", "fields/s", "record+apply", "by hand", "ratio"
    );
    let sizes: &[usize] = if turns > 1 { &[5, 100, 1000] } else { &[5] };
    let mut kept = true;
    for sale in sizes.iter().map(|lines| Sale::till(*lines)).chain(Sale::fixtures()) {
        let record = sale.record();
        let fields = apply(&sale.rules, &sale.document, &record, &sale.tenant).unwrap().fields() as u64;
        let times = race(
            turns,
            &mut [
                &mut || drop(black_box(apply(&sale.rules, &sale.document, &record, &sale.tenant).unwrap())),
                &mut || {
                    let record = sale.record();
                    drop(black_box(apply(&sale.rules, &sale.document, &record, &sale.tenant).unwrap()));
                },
                &mut || drop(black_box(by_hand(black_box(&sale.document), &sale.tenant))),
            ],
        );
        let rate = fields * 1_000_000_000 / times[0];
        kept &= rate >= FIELDS;
        println!(
            "{:<28} {fields:>7} {:>7} ns {rate:>12} {:>11} ns {:>9} ns {:>5}.{} × {}",
            sale.name,
            times[0],
            times[1],
            times[2],
            times[0] / times[2],
            times[0] * 10 / times[2] % 10,
            if rate >= FIELDS { "" } else { "NOT KEPT" }
        );
    }
    println!("promised: {FIELDS} fields/s{}", if kept { ", kept" } else { ", NOT KEPT" });
    kept
}

/// What the base layer and the settings decide of a till's lines, copied by code that knows where everything is.
#[allow(dead_code, reason = "copied, not read")]
struct Line {
    name: String,
    description: Option<String>,
    sku: Option<String>,
    unit: Option<String>,
    tax: Option<(TaxCategory, rust_decimal::Decimal, Option<rust_decimal::Decimal>)>,
    classification: Option<Classification>,
}

fn by_hand(document: &SourceDocument, tenant: &Tenant) -> Vec<Line> {
    let copy = |item: &taxpoynt_core::model::Item| Line {
        name: item.name.clone(),
        description: item.description.clone(),
        sku: item.sku.clone().or_else(|| item.product_id.clone()),
        unit: item.unit.clone(),
        tax: match &item.tax {
            ItemTax::Applied(taxes) => {
                taxes.first().map(|tax| (TaxCategory::S, tax.rate.get().normalize(), tax.amount))
            }
            _ => None,
        },
        classification: tenant.classification.default.clone(),
    };
    document.sale().items.iter().map(copy).collect()
}

/// Prints where the time goes from record to UBL; whether mapping has no more of it than promised.
fn share(turns: usize) -> bool {
    println!(
        "\n{:<28} {:>12} {:>12} {:>12} {:>12} {:>12} {:>12} {:>8}",
        "record to UBL", "normalize", "map", "explain", "calculate", "write XML", "the whole", "mapping"
    );
    let sizes: &[usize] = if turns > 1 { &[5, 100, 1000] } else { &[5] };
    let sales = || sizes.iter().map(|lines| Sale::till(*lines)).chain(Sale::fixtures());
    let every_shop = shares(turns, sales().map(Sale::without_own_rules));
    println!("and with a shop's own rules, which read two values of every line from the record:");
    let own_rules = shares(turns, sales());
    println!(
        "map reads the record and applies the rules, explain writes down what set each field; promised: mapping is {SHARE} % of the whole without explain{}",
        if every_shop && own_rules { ", kept" } else { ", NOT KEPT" }
    );
    every_shop && own_rules
}

fn shares(turns: usize, sales: impl Iterator<Item = Sale>) -> bool {
    let mut kept = true;
    for sale in sales {
        let whole =
            || draft(&*sale.connector, &sale.raw, &sale.tenant, &sale.rules, &[], None).unwrap().remove(0);
        // A refund without the invoice it takes back is held.
        let Drafted::Draft(draft) = whole() else { continue };
        let mut invoice = draft.invoice;
        invoice.number = "INV000001".to_owned();
        let mut calculated = invoice.clone();
        let record = sale.record();
        let mapped = apply(&sale.rules, &sale.document, &record, &sale.tenant).unwrap();
        let times = race(
            turns,
            &mut [
                &mut || drop(black_box(sale.connector.normalize(&sale.raw).unwrap())),
                &mut || {
                    let record = sale.record();
                    let mapped = apply(&sale.rules, &sale.document, &record, &sale.tenant).unwrap();
                    drop(black_box(mapped));
                },
                &mut || drop(black_box(mapped.provenance())),
                &mut || calculate(&mut calculated).unwrap(),
                &mut || drop(black_box(to_xml(&invoice).unwrap())),
                &mut || drop(black_box((whole(), to_xml(&invoice).unwrap()))),
            ],
        );
        let tenths = times[1] * 1000 / times[5].saturating_sub(times[2]).max(1);
        kept &= tenths <= SHARE * 10;
        print!("{:<28}", sale.name);
        times.iter().for_each(|time| print!(" {time:>9} ns"));
        let verdict = if tenths <= SHARE * 10 { "" } else { "NOT KEPT" };
        println!(" {:>4}.{} % {verdict}", tenths / 10, tenths % 10);
    }
    kept
}
