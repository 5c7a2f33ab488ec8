//! The proof of `calculate`: any number of made invoices, each against exact fractions and the rules of EN 16931.

mod expected;
mod fraction;
mod maker;

pub use expected::{Differences, differences};
pub use fraction::Fraction;
pub use maker::{Case, Percentage, case};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use taxpoynt_ubl::{
    DocumentType, Invoice, Leftover, LineAmounts, PayableRounding, Prices, Rounding, Ruleset, Severity,
    TaxRounding, amount_decimals, calculate_with, to_xml, validate,
};

/// Of so many failures the sentences are kept.
const SHOWN: usize = 20;

/// What to make.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Decides every invoice.
    pub seed: u64,
    /// How many.
    pub count: u64,
    /// On how many threads.
    pub threads: u64,
    /// Where every how many-th XML is kept.
    pub keep: Option<(u64, PathBuf)>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Invoices made.
    pub invoices: u64,
    /// Their lines.
    pub lines: u64,
    /// Bytes of XML.
    pub bytes: u64,
    /// XML files kept.
    pub kept: u64,
    /// Invoices on which the library and the fractions differ.
    pub differing: u64,
    /// Invoices that break a fatal rule of EN 16931.
    pub broken: u64,
    /// The first of both, in words.
    pub failures: Vec<String>,
    /// How many invoices had what.
    pub had: BTreeMap<&'static str, u64>,
}

impl Report {
    fn join(&mut self, other: Self) {
        self.invoices += other.invoices;
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.kept += other.kept;
        self.differing += other.differing;
        self.broken += other.broken;
        self.failures.extend(other.failures);
        self.failures.truncate(SHOWN);
        for (name, count) in other.had {
            *self.had.entry(name).or_default() += count;
        }
    }

    fn fail(&mut self, plan: &Plan, number: u64, what: &str) {
        if self.failures.len() < SHOWN {
            self.failures.push(format!("seed {}, invoice {number}: {what}", plan.seed));
        }
    }

    fn note(&mut self, case: &Case) {
        self.invoices += 1;
        self.lines += case.invoice.lines.len() as u64;
        for (name, has) in variations(case) {
            *self.had.entry(name).or_default() += u64::from(has);
        }
    }
}

/// Runs the plan; `done` counts the invoices as they are done.
///
/// # Panics
/// Where a thread panics, or an XML cannot be kept.
#[must_use]
pub fn run(plan: &Plan, done: &AtomicU64) -> Report {
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..plan.threads).map(|first| scope.spawn(move || work(plan, first, done))).collect();
        for worker in workers {
            report.join(worker.join().expect("no invoice makes the library or the proof panic"));
        }
    });
    report
}

fn work(plan: &Plan, first: u64, done: &AtomicU64) -> Report {
    let mut report = Report::default();
    let mut number = first;
    while number < plan.count {
        let case = case(plan.seed, number);
        report.note(&case);
        match calculated(&case) {
            Ok(invoice) => check(plan, number, &case, &invoice, &mut report),
            Err(refusal) => {
                report.differing += 1;
                report.fail(plan, number, &format!("refused: {refusal}"));
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
        number += plan.threads;
    }
    report
}

/// The invoice of a case, calculated.
///
/// # Errors
/// Where the library refuses it.
pub fn calculated(case: &Case) -> taxpoynt_ubl::Result<Invoice> {
    let mut invoice = case.invoice.clone();
    calculate_with(&mut invoice, &case.how)?;
    Ok(invoice)
}

fn check(plan: &Plan, number: u64, case: &Case, invoice: &Invoice, report: &mut Report) {
    let Differences(mut found) = differences(&case.invoice, &case.how, invoice);
    found.extend(case.percentages.iter().filter_map(|percentage| wrong_percentage(percentage, case)));
    if !found.is_empty() {
        report.differing += 1;
        report.fail(plan, number, &found.join("; "));
    }
    let xml = to_xml(invoice).expect("a made invoice has a number and lines");
    report.bytes += xml.len() as u64;
    let broken = broken_rules(&xml);
    if !broken.is_empty() {
        report.broken += 1;
        report.fail(plan, number, &broken.join("; "));
    }
    if let Some((every, folder)) = &plan.keep
        && number.is_multiple_of(*every)
    {
        report.kept += 1;
        let path = folder.join(format!("{number:07}.xml"));
        std::fs::write(&path, xml).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

fn wrong_percentage(percentage: &Percentage, case: &Case) -> Option<String> {
    let exact = Fraction::of(percentage.base) * Fraction::of(percentage.percent) / Fraction::HUNDRED;
    let due = exact.rounded(amount_decimals(case.invoice.currency), Rounding::HalfUp);
    (Fraction::of(percentage.amount) != due).then(|| format!("{percentage:?}, due is {due:?}"))
}

/// The fatal rules of EN 16931 that a document breaks, BR-CO-10 to 17, BR-DEC and those of the categories among them.
///
/// # Panics
/// Where the document cannot be read.
#[must_use]
pub fn broken_rules(xml: &[u8]) -> Vec<String> {
    let faults = validate(xml, &[Ruleset::En16931]).expect("what the library writes it reads");
    let fatal = faults.iter().filter(|fault| fault.severity == Severity::Fatal);
    fatal.map(|fault| format!("{} at {}: {}", fault.id, fault.path, fault.message)).collect()
}

/// What is special about a case.
fn variations(case: &Case) -> [(&'static str, bool); 25] {
    let Case { invoice, how, .. } = case;
    let any_line = |test: fn(&taxpoynt_ubl::InvoiceLine) -> bool| invoice.lines.iter().any(test);
    let parts = || invoice.allowances.iter().chain(&invoice.charges);
    let mut taxes: Vec<_> = invoice.lines.iter().map(|line| (line.tax.category, line.tax.percent)).collect();
    taxes.sort();
    taxes.dedup();
    [
        ("under 20 lines", invoice.lines.len() < 20),
        ("500 lines", invoice.lines.len() == 500),
        ("credit notes", invoice.document_type == DocumentType::CreditNote),
        ("no decimals", invoice.currency.minor_units() == 0),
        ("two decimals", invoice.currency.minor_units() == 2),
        ("three decimals", invoice.currency.minor_units() == 3),
        ("four decimals", invoice.currency.minor_units() == 4),
        ("prices with tax", how.prices == Prices::WithTax),
        (
            "leftovers in the rounding amount",
            how.prices == Prices::WithTax && how.leftover == Leftover::InRounding,
        ),
        ("net amounts from prices", how.line_amounts == LineAmounts::FromPrices),
        ("base quantities", any_line(|line| line.base_quantity != rust_decimal::Decimal::ONE)),
        ("line allowances", any_line(|line| !line.allowances.is_empty())),
        ("line charges", any_line(|line| !line.charges.is_empty())),
        ("document allowances", !invoice.allowances.is_empty()),
        ("document charges", !invoice.charges.is_empty()),
        ("percentages", !case.percentages.is_empty()),
        ("stated taxes", any_line(|line| line.tax.amount.is_some()) || parts().any(states_tax)),
        ("several categories and rates", taxes.len() > 1),
        ("five categories and rates", taxes.len() == 5),
        ("prepaid", !invoice.totals.prepaid_amount.is_zero()),
        ("rounding amounts", !invoice.totals.rounding_amount.is_zero()),
        ("payable to a step", how.payable != PayableRounding::Stated),
        ("tax per line", how.tax == TaxRounding::PerLine),
        ("half even", how.rounding == Rounding::HalfEven),
        ("rounded down", how.rounding == Rounding::Down),
    ]
}

fn states_tax(part: &taxpoynt_ubl::AllowanceCharge) -> bool {
    part.tax.as_ref().is_some_and(|tax| tax.amount.is_some())
}
