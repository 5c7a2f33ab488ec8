//! Totals and tax, against integer arithmetic done another way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

mod common;

use common::Maker;
use proptest::prelude::*;
use rust_decimal::Decimal;
use taxpoynt_ubl::*;

/// An amount as whole hundredths.
fn cents(amount: Decimal) -> i128 {
    let scaled = amount * Decimal::ONE_HUNDRED;
    assert!(scaled.fract().is_zero(), "{amount} has more than two decimals");
    scaled.mantissa() / 10_i128.pow(scaled.scale())
}

/// `numerator / denominator`, half away from zero.
fn rounded_quotient(numerator: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    if numerator < 0 { -((-numerator + half) / denominator) } else { (numerator + half) / denominator }
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tax(category: TaxCategory, percent: &str, stated: Option<&str>) -> Tax {
    Tax { category, percent: decimal(percent), reason: None, amount: stated.map(decimal), ..Tax::default() }
}

fn line(net: &str, tax: Tax) -> InvoiceLine {
    InvoiceLine {
        id: "1".into(),
        name: "Thing".into(),
        description: None,
        sku: None,
        quantity: Decimal::ONE,
        unit: UNIT_ONE.into(),
        unit_price: decimal(net),
        base_quantity: Decimal::ONE,
        net_amount: decimal(net),
        tax,
        allowances: vec![],
        charges: vec![],
        classification: None,
        note: None,
        ..InvoiceLine::default()
    }
}

fn invoice(currency: &str, lines: Vec<InvoiceLine>) -> Invoice {
    let mut invoice = Maker::new(1).invoice();
    invoice.currency = Currency::parse(currency).unwrap();
    invoice.totals = Totals::default();
    (invoice.allowances, invoice.charges) = (vec![], vec![]);
    invoice.lines = lines;
    invoice
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn totals_agree_with_integers_and_the_standard(seed: u64) {
        let invoice = Maker::new(seed).invoice();
        let totals = invoice.totals;
        let lines: i128 = invoice.lines.iter().map(|l| cents(l.net_amount)).sum();
        let allowances: i128 = invoice.allowances.iter().map(|a| cents(a.amount)).sum();
        let charges: i128 = invoice.charges.iter().map(|c| cents(c.amount)).sum();
        let tax: i128 = invoice.tax_subtotals.iter().map(|s| cents(s.tax_amount)).sum();
        prop_assert_eq!(cents(totals.line_extension_amount), lines, "BR-CO-10");
        prop_assert_eq!(cents(totals.allowance_total), allowances, "BR-CO-11");
        prop_assert_eq!(cents(totals.charge_total), charges, "BR-CO-12");
        prop_assert_eq!(cents(totals.tax_exclusive_amount), lines - allowances + charges, "BR-CO-13");
        prop_assert_eq!(cents(totals.tax_amount), tax, "BR-CO-14");
        prop_assert_eq!(cents(totals.tax_inclusive_amount), lines - allowances + charges + tax, "BR-CO-15");
        let payable = lines - allowances + charges + tax - cents(totals.prepaid_amount) + cents(totals.rounding_amount);
        prop_assert_eq!(cents(totals.payable_amount), payable, "BR-CO-16");
        let places = amount_decimals(invoice.currency);
        let unit = 10_i128.pow(2 - places);
        for subtotal in &invoice.tax_subtotals {
            let percent = cents(subtotal.percent);
            let exact = rounded_quotient(cents(subtotal.taxable_amount) * percent, 10_000 * unit) * unit;
            prop_assert_eq!(cents(subtotal.tax_amount), exact, "BR-CO-17 at {}", subtotal.percent);
        }
        prop_assert_eq!(tax_differences(&invoice), vec![]);
    }

    #[test]
    fn a_calculated_document_breaks_no_rule(seed: u64) {
        let invoice = Maker::new(seed).invoice();
        let faults = validate(&to_xml(&invoice).unwrap(), &[Ruleset::En16931]).unwrap();
        let fatal: Vec<_> = faults.iter().filter(|f| f.severity == Severity::Fatal).collect();
        prop_assert!(fatal.is_empty(), "{:?}", fatal);
    }

    #[test]
    fn calculating_twice_changes_nothing(seed: u64) {
        let once = Maker::new(seed).invoice();
        let mut twice = once.clone();
        calculate(&mut twice).unwrap();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn a_line_amount_is_rounded_once(quantity in 0..10_000_000_i64, price in 0..10_000_000_i64, base in 1..10_000_i64) {
        let (q, p, b) = (Decimal::new(quantity, 3), Decimal::new(price, 4), Decimal::new(base, 2));
        let amount = line_amount(q, p, b, &[], &[], Currency::NGN).unwrap();
        // q/1000 × p/10000 ÷ (b/100) in hundredths = q × p ÷ (b × 1000).
        let exact = rounded_quotient(i128::from(quantity) * i128::from(price) * 10, i128::from(base) * 10_000);
        prop_assert_eq!(cents(amount), exact);
    }

    #[test]
    fn no_amount_makes_it_panic(mantissa: i64, scale in 0..28_u32, percent: i64, percent_scale in 0..28_u32) {
        let mut tax = tax(TaxCategory::S, "0", None);
        tax.percent = Decimal::new(percent, percent_scale);
        let mut one = line("1", tax);
        one.net_amount = Decimal::new(mantissa, scale);
        let mut invoice = invoice("NGN", vec![one.clone(), one]);
        let before = invoice.clone();
        if calculate(&mut invoice).is_err() {
            prop_assert_eq!(&invoice, &before);
        }
        let _ = tax_differences(&invoice);
    }
}

#[test]
fn the_tax_a_till_stated_is_copied_and_only_the_rest_is_calculated() {
    let s = |stated| tax(TaxCategory::S, "7.5", stated);
    let mut invoice = invoice(
        "NGN",
        vec![line("10.10", s(Some("0.75"))), line("10.10", s(Some("0.75"))), line("10.10", s(None))],
    );
    invoice.charges.push(AllowanceCharge {
        amount: decimal("4"),
        reason: None,
        tax: Some(s(Some("0.30"))),
        ..AllowanceCharge::default()
    });
    invoice.allowances.push(AllowanceCharge {
        amount: decimal("2"),
        reason: None,
        tax: Some(s(Some("0.15"))),
        ..AllowanceCharge::default()
    });
    calculate(&mut invoice).unwrap();
    let [subtotal] = invoice.tax_subtotals.as_slice() else { panic!("{:?}", invoice.tax_subtotals) };
    assert_eq!(subtotal.taxable_amount, decimal("32.30"));
    // 0.75 + 0.75 + 0.30 − 0.15 stated, 10.10 × 7.5 % = 0.7575 → 0.76 calculated.
    assert_eq!(subtotal.tax_amount, decimal("2.41"));
}

#[test]
fn groups_are_sorted_and_take_the_first_reason() {
    let with =
        |reason: Option<&str>| Tax { reason: reason.map(str::to_owned), ..tax(TaxCategory::E, "0.0", None) };
    let mut invoice = invoice(
        "NGN",
        vec![
            line("1", with(None)),
            line("2", with(Some("Medicine"))),
            line("3", with(Some("Books"))),
            line("4", tax(TaxCategory::S, "20", None)),
            line("5", tax(TaxCategory::S, "7.50", None)),
            line("6", tax(TaxCategory::S, "7.5", None)),
        ],
    );
    calculate(&mut invoice).unwrap();
    let rows: Vec<_> =
        invoice.tax_subtotals.iter().map(|s| (s.category, s.percent.to_string(), s.taxable_amount)).collect();
    let row = |category, percent: &str, taxable| (category, percent.to_owned(), decimal(taxable));
    assert_eq!(
        rows,
        [row(TaxCategory::S, "7.5", "11"), row(TaxCategory::S, "20", "4"), row(TaxCategory::E, "0", "6")]
    );
    assert_eq!(invoice.tax_subtotals[2].reason.as_deref(), Some("Medicine"));
}

#[test]
fn amounts_take_the_currency_s_decimals_but_never_more_than_two() {
    for (currency, net, expected) in
        [("NGN", "10.005", "10.01"), ("JPY", "10.5", "11"), ("KWD", "10.005", "10.01")]
    {
        let mut invoice = invoice(currency, vec![line(net, tax(TaxCategory::Z, "0", None))]);
        calculate(&mut invoice).unwrap();
        assert_eq!(invoice.totals.payable_amount, decimal(expected), "{currency}");
    }
}

#[test]
fn a_document_allowance_without_tax_is_refused_by_name() {
    let mut invoice = invoice("NGN", vec![line("10", tax(TaxCategory::S, "7.5", None))]);
    invoice.charges.push(AllowanceCharge {
        amount: decimal("1"),
        reason: None,
        tax: None,
        ..AllowanceCharge::default()
    });
    let refusal = calculate(&mut invoice).unwrap_err().to_string();
    assert!(refusal.starts_with("charges[0].tax: is missing"), "{refusal}");
}

#[test]
fn a_difference_of_one_unit_is_told_and_a_smaller_one_is_allowed() {
    for (stated, told) in [("7.50", false), ("8.49", false), ("6.51", false), ("8.50", true), ("6.50", true)]
    {
        let mut invoice = invoice("NGN", vec![line("100", tax(TaxCategory::S, "7.5", Some(stated)))]);
        calculate(&mut invoice).unwrap();
        let differences = tax_differences(&invoice);
        assert_eq!(!differences.is_empty(), told, "{stated}: {differences:?}");
        let fired = validate(&to_xml(&invoice).unwrap(), &[Ruleset::En16931]).unwrap();
        assert_eq!(fired.iter().any(|f| f.id == "BR-CO-17"), told, "{stated}");
    }
}

#[test]
fn amounts_beyond_the_limit_are_refused() {
    let huge = line("100000000000000000000", tax(TaxCategory::Z, "0", None));
    assert_eq!(calculate(&mut invoice("NGN", vec![huge])), Err(Error::Overflow));
    assert_eq!(
        line_amount(Decimal::ONE, Decimal::ONE, Decimal::ZERO, &[], &[], Currency::NGN),
        Err(Error::Overflow)
    );
}
