//! No invoice makes the calculation panic; where it succeeds, BR-CO-10 to BR-CO-17 hold by exact integer arithmetic and
//! by the rules on the written document, and calculating again changes nothing.
#![no_main]

use rust_decimal::Decimal;
use std::sync::LazyLock;
use taxpoynt_ubl::{
    AllowanceCharge, Currency, Invoice, InvoiceLine, Tax, TaxCategory, amount_decimals, calculate,
    line_amount, parse, to_xml, validate,
};

/// The smallest document that can be read. The fields that matter here are overwritten, the others stay, so that a new
/// field of the model does not need a line here.
static TEMPLATE: LazyLock<Invoice> = LazyLock::new(|| {
    parse(include_bytes!("../seeds/documents/smallest.xml")).expect("the template can be read")
});
const CURRENCIES: [&str; 6] = ["NGN", "EUR", "JPY", "KWD", "CLF", "XAF"];
const CATEGORIES: [TaxCategory; 10] = [
    TaxCategory::S,
    TaxCategory::Z,
    TaxCategory::E,
    TaxCategory::AE,
    TaxCategory::K,
    TaxCategory::G,
    TaxCategory::O,
    TaxCategory::L,
    TaxCategory::M,
    TaxCategory::B,
];
const PERCENTS: [&str; 8] = ["0", "7.5", "20", "5.50", "0.01", "99.9999", "100", "33.333"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let judged = bytes.byte() < 32;
    let mut invoice = bytes.invoice();
    let before = invoice.clone();
    if calculate(&mut invoice).is_err() {
        assert_eq!(invoice, before, "a refused invoice is left as it was");
        return;
    }
    let mut again = invoice.clone();
    calculate(&mut again).expect("what was calculated can be calculated again");
    assert_eq!(again, invoice, "calculating twice changes nothing");
    totals_agree(&invoice);
    breakdown_agrees(&invoice);
    // The rules take many times as long as the calculation.
    if judged && taxes(&invoice).all(is_usual) {
        rules_agree(&invoice);
    }
});

/// What is left of the input; zeros after its end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// Usually a price; sometimes negative, sometimes as long or as fine as a decimal can be.
    fn amount(&mut self) -> Decimal {
        let (shape, length) = (self.byte(), 1 + self.byte() % 4);
        let length = if shape & 0x30 == 0x30 { 12 } else { length };
        let mantissa = (0..length).fold(0_i128, |all, _| all << 8 | i128::from(self.byte()));
        let scale = if shape & 0xC0 == 0xC0 { self.byte() % 29 } else { shape % 5 };
        let sign = if shape & 0x08 == 0 { 1 } else { -1 };
        Decimal::from_i128_with_scale(mantissa * sign, u32::from(scale))
    }

    fn tax(&mut self) -> Tax {
        let category = self.pick(&CATEGORIES);
        let percent = match self.byte() {
            0..=15 => self.amount(),
            other => PERCENTS[usize::from(other) % PERCENTS.len()].parse().expect("a percent of the list"),
        };
        let amount = (self.byte() >= 0xF0).then(|| self.amount());
        Tax { category, percent, amount, ..Tax::default() }
    }

    fn parts(&mut self, document: bool) -> Vec<AllowanceCharge> {
        let count = self.byte() % 4;
        (0..count)
            .map(|_| AllowanceCharge {
                amount: self.amount(),
                tax: (document && self.byte() != 0xFF).then(|| self.tax()),
                ..AllowanceCharge::default()
            })
            .collect()
    }

    fn line(&mut self, template: &InvoiceLine, currency: Currency) -> InvoiceLine {
        let mut line = template.clone();
        (line.quantity, line.unit_price, line.base_quantity) = (self.amount(), self.amount(), self.amount());
        (line.allowances, line.charges, line.tax) = (self.parts(false), self.parts(false), self.tax());
        let net = line_amount(
            line.quantity,
            line.unit_price,
            line.base_quantity,
            &line.allowances,
            &line.charges,
            currency,
        );
        line.net_amount = net.unwrap_or_else(|_| self.amount());
        line
    }

    fn invoice(&mut self) -> Invoice {
        let mut invoice = TEMPLATE.clone();
        invoice.currency = Currency::parse(self.pick(&CURRENCIES)).expect("a currency of the list");
        let template = invoice.lines.remove(0);
        let count = self.byte() % 8;
        invoice.lines = (0..count).map(|_| self.line(&template, invoice.currency)).collect();
        (invoice.allowances, invoice.charges) = (self.parts(true), self.parts(true));
        (invoice.totals.prepaid_amount, invoice.totals.rounding_amount) = (self.amount(), self.amount());
        invoice
    }
}

fn taxes(invoice: &Invoice) -> impl Iterator<Item = &Tax> {
    let document = invoice.allowances.iter().chain(&invoice.charges).filter_map(|part| part.tax.as_ref());
    invoice.lines.iter().map(|line| &line.tax).chain(document)
}

/// A rate for which BR-CO-17 asks what the rate gives: for one that rounds to zero it asks for a tax of zero, and what is
/// outside the scope of VAT has no rate in the document.
fn is_usual(tax: &Tax) -> bool {
    let percent = tax.percent;
    let asked = percent >= Decimal::new(5, 1) && percent <= Decimal::ONE_HUNDRED && percent.scale() <= 4;
    tax.amount.is_none() && (percent.is_zero() || asked && tax.category != TaxCategory::O)
}

/// Hundredths: nothing is below them in a calculated invoice.
fn cents(amount: Decimal) -> i128 {
    let amount = amount.normalize();
    assert!(amount.scale() <= 2, "{amount} has more than two decimals");
    amount.mantissa() * 10_i128.pow(2 - amount.scale())
}

fn total(amounts: impl Iterator<Item = Decimal>) -> i128 {
    amounts.map(cents).sum()
}

/// BR-CO-10 to BR-CO-16, and that no amount has more decimals than its currency.
fn totals_agree(invoice: &Invoice) {
    let totals = &invoice.totals;
    let lines = total(invoice.lines.iter().map(|line| line.net_amount));
    let allowances = total(invoice.allowances.iter().map(|part| part.amount));
    let charges = total(invoice.charges.iter().map(|part| part.amount));
    let tax = total(invoice.tax_subtotals.iter().map(|row| row.tax_amount));
    let inclusive = lines - allowances + charges + tax;
    assert_eq!(cents(totals.line_extension_amount), lines, "BR-CO-10");
    assert_eq!(cents(totals.allowance_total), allowances, "BR-CO-11");
    assert_eq!(cents(totals.charge_total), charges, "BR-CO-12");
    assert_eq!(cents(totals.tax_exclusive_amount), inclusive - tax, "BR-CO-13");
    assert_eq!(cents(totals.tax_amount), tax, "BR-CO-14");
    assert_eq!(cents(totals.tax_inclusive_amount), inclusive, "BR-CO-15");
    let payable = inclusive - cents(totals.prepaid_amount) + cents(totals.rounding_amount);
    assert_eq!(cents(totals.payable_amount), payable, "BR-CO-16");
    let unit = 10_i128.pow(2 - amount_decimals(invoice.currency));
    for row in &invoice.tax_subtotals {
        assert_eq!(cents(row.tax_amount) % unit, 0, "{} of {}", row.tax_amount, invoice.currency);
    }
}

/// BR-CO-17 and BR-CO-18: one row a category and rate, which add up to everything taxed, each by its rate to half a unit.
fn breakdown_agrees(invoice: &Invoice) {
    let mut keys: Vec<_> =
        invoice.tax_subtotals.iter().map(|row| (row.category, row.percent.normalize())).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), invoice.tax_subtotals.len(), "one row a category and rate");
    let taxable = total(invoice.tax_subtotals.iter().map(|row| row.taxable_amount));
    assert_eq!(taxable, cents(invoice.totals.tax_exclusive_amount));
    if taxes(invoice).any(|tax| tax.amount.is_some()) {
        return;
    }
    let unit = 10_i128.pow(2 - amount_decimals(invoice.currency));
    for row in &invoice.tax_subtotals {
        let percent = row.percent.normalize();
        // In hundredths × 100 × 10^scale: taxable × percent beside tax.
        let scale = 100 * 10_i128.pow(percent.scale());
        let parts =
            [(cents(row.taxable_amount), percent.mantissa()), (cents(row.tax_amount), scale), (unit, scale)];
        let [Some(exact), Some(tax), Some(unit)] = parts.map(|(a, b)| a.checked_mul(b)) else { continue };
        assert!((exact - tax).abs() <= unit / 2, "BR-CO-17: {row:?}");
    }
}

/// The rules themselves see nothing wrong with the sums of the written document.
fn rules_agree(invoice: &Invoice) {
    let Ok(xml) = to_xml(invoice) else { return };
    let ruleset = "en16931".parse().expect("the rule set of the standard");
    let faults = validate(&xml, &[ruleset]).expect("what is written can be judged");
    let sums =
        ["BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16", "BR-CO-17"];
    let broken = faults.iter().find(|fault| sums.contains(&fault.id));
    assert!(broken.is_none(), "{broken:?}\n{}", String::from_utf8_lossy(&xml));
}
