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
    fn no_input_makes_it_panic_or_changes_what_it_refuses(numbers in any_numbers(), how in any_calculation()) {
        let mut invoice = made_of(&numbers);
        let before = invoice.clone();
        if calculate_with(&mut invoice, &how).is_err() {
            prop_assert_eq!(&invoice, &before);
        }
        let _ = tax_differences(&invoice);
        let (a, b) = (numbers[0], numbers[1]);
        let _ = (allowance_amount(a, b, Currency::NGN), line_amount(a, b, numbers[2], &[], &[], Currency::NGN));
    }

    #[test]
    fn inclusive_prices_come_to_what_the_buyer_was_told(seed: u64, how in any_calculation()) {
        let mut invoice = Maker::new(seed).invoice();
        let told = |lines: &[InvoiceLine], parts: [&[AllowanceCharge]; 2]| {
            let sum = |parts: &[AllowanceCharge]| parts.iter().map(|p| p.amount).sum::<Decimal>();
            lines.iter().map(|l| l.net_amount).sum::<Decimal>() - sum(parts[0]) + sum(parts[1])
        };
        let told = told(&invoice.lines, [&invoice.allowances, &invoice.charges]);
        let due = told - invoice.totals.prepaid_amount + invoice.totals.rounding_amount;
        let how = Calculation {
            prices: Prices::WithTax,
            line_amounts: LineAmounts::Stated,
            payable: PayableRounding::Stated,
            ..how
        };
        calculate_with(&mut invoice, &how).unwrap();
        prop_assert_eq!(invoice.totals.payable_amount, due);
        if how.leftover == Leftover::InTax {
            prop_assert_eq!(invoice.totals.tax_inclusive_amount, told);
        }
        // Without tax now: calculated again, it stays as it is.
        let once = invoice.clone();
        calculate_with(&mut invoice, &Calculation { prices: Prices::WithoutTax, ..how }).unwrap();
        prop_assert_eq!(invoice, once);
    }
}

/// Decimals of any size and scale, many of them small or next to a limit.
fn any_numbers() -> impl Strategy<Value = Vec<Decimal>> {
    let any = (any::<i128>(), 0..29_u32).prop_map(|(mantissa, scale)| {
        Decimal::from_i128_with_scale(mantissa % 79_228_162_514_264_337_593_543_950_335, scale)
    });
    let small = (-500_i64..1000, 0..4_u32).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale));
    let edge = prop::sample::select(vec![
        Decimal::ZERO,
        Decimal::MAX,
        Decimal::MIN,
        Decimal::new(1, 28),
        Decimal::ONE_HUNDRED,
        decimal("99999999999999999999.99"),
    ]);
    prop::collection::vec(prop_oneof![1 => any, 6 => small, 1 => edge], 20)
}

fn any_calculation() -> impl Strategy<Value = Calculation> {
    let step = prop::sample::select(vec!["0.05", "0", "-1", "0.001", "5", "79228162514264337593543950335"]);
    let payable = (step, prop::sample::select(Rounding::ALL))
        .prop_map(|(step, rounding)| PayableRounding::ToStep { step: decimal(step), rounding });
    (
        prop::sample::select(vec![LineAmounts::Stated, LineAmounts::FromPrices]),
        prop::sample::select(vec![Prices::WithoutTax, Prices::WithTax]),
        prop::sample::select(TaxRounding::ALL),
        prop::sample::select(Rounding::ALL),
        prop::sample::select(Leftover::ALL),
        prop_oneof![4 => Just(PayableRounding::Stated), 1 => payable],
    )
        .prop_map(|(line_amounts, prices, tax, rounding, leftover, payable)| Calculation {
            line_amounts,
            prices,
            tax,
            rounding,
            leftover,
            payable,
        })
}

/// An invoice with these numbers wherever one can stand.
fn made_of(numbers: &[Decimal]) -> Invoice {
    let [quantity, price, base, net, allowance, charge, rate, other_rate, stated, prepaid, rounding, ..] =
        *numbers
    else {
        panic!("eleven numbers")
    };
    let taxed = |percent, amount| Tax { category: TaxCategory::S, percent, amount, ..Tax::default() };
    let part = |amount, tax| AllowanceCharge { amount, tax, ..AllowanceCharge::default() };
    let mut first = line("1", taxed(rate, None));
    (first.quantity, first.unit_price, first.base_quantity, first.net_amount) = (quantity, price, base, net);
    (first.allowances, first.charges) = (vec![part(allowance, None)], vec![part(charge, None)]);
    let second = InvoiceLine { tax: taxed(rate, Some(stated)), ..first.clone() };
    let third = InvoiceLine { net_amount: numbers[11], tax: taxed(other_rate, None), ..first.clone() };
    let mut invoice = invoice("NGN", vec![first, second, third]);
    invoice.allowances.push(part(numbers[12], Some(taxed(rate, None))));
    invoice.charges.push(part(numbers[13], Some(taxed(other_rate, Some(numbers[14])))));
    (invoice.totals.prepaid_amount, invoice.totals.rounding_amount) = (prepaid, rounding);
    invoice
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

#[test]
fn a_sum_no_amount_gives_with_its_tax_goes_where_the_rule_says() {
    let told = || invoice("NGN", vec![line("0.07", tax(TaxCategory::S, "7.5", None))]);
    for (leftover, net, tax, rounding) in
        [(Leftover::InTax, "0.07", "0.00", "0.00"), (Leftover::InRounding, "0.07", "0.01", "-0.01")]
    {
        let mut invoice = told();
        let how = Calculation { prices: Prices::WithTax, leftover, ..Calculation::default() };
        calculate_with(&mut invoice, &how).unwrap();
        let totals = invoice.totals;
        let found = (totals.tax_exclusive_amount, totals.tax_amount, totals.rounding_amount);
        assert_eq!(found, (decimal(net), decimal(tax), decimal(rounding)), "{leftover:?}");
        assert_eq!(totals.payable_amount, decimal("0.07"));
    }
}

#[test]
fn tax_out_of_many_small_amounts_is_spread_by_the_largest_remainder() {
    let mut lines = vec![line("1.00", tax(TaxCategory::S, "7.5", None)); 3];
    lines[1].net_amount = decimal("2.00");
    let mut invoice = invoice("NGN", lines);
    calculate_with(&mut invoice, &Calculation { prices: Prices::WithTax, ..Calculation::default() }).unwrap();
    // 4.00 × 7.5 ÷ 107.5 = 0.279 → 0.28, so 3.72 net of 0.9302, 1.8604 and 0.9302.
    let nets: Vec<_> = invoice.lines.iter().map(|l| l.net_amount).collect();
    assert_eq!(nets, ["0.93", "1.86", "0.93"].map(decimal));
    assert_eq!(invoice.totals.tax_amount, decimal("0.28"));
    let stated: Vec<_> = invoice.lines.iter().map(|l| l.tax.amount.unwrap()).collect();
    assert_eq!(stated, ["0.07", "0.14", "0.07"].map(decimal));
}

#[test]
fn a_line_still_is_quantity_times_price_without_its_tax() {
    for (currency, quantity, price) in [("NGN", "3", "9.99"), ("JPY", "7", "108"), ("KWD", "1.250", "19.995")]
    {
        let mut one = line("0", tax(TaxCategory::S, "7.5", None));
        (one.quantity, one.unit_price) = (decimal(quantity), decimal(price));
        let mut invoice = invoice(currency, vec![one]);
        let how = Calculation {
            prices: Prices::WithTax,
            line_amounts: LineAmounts::FromPrices,
            ..Calculation::default()
        };
        calculate_with(&mut invoice, &how).unwrap();
        let [one] = invoice.lines.as_slice() else { panic!("one line") };
        let product = round_half_up(one.quantity * one.unit_price, 2);
        assert_eq!(product, one.net_amount, "{currency}: {} × {}", one.quantity, one.unit_price);
    }
}

#[test]
fn a_tax_half_way_goes_the_way_the_rule_says() {
    for (rounding, expected) in
        [(Rounding::HalfUp, "0.59"), (Rounding::HalfEven, "0.58"), (Rounding::Down, "0.58")]
    {
        let mut invoice = invoice("USD", vec![line("6.00", tax(TaxCategory::S, "9.75", None))]);
        calculate_with(&mut invoice, &Calculation { rounding, ..Calculation::default() }).unwrap();
        assert_eq!(invoice.totals.tax_amount, decimal(expected), "{rounding:?}");
    }
}

#[test]
fn tax_per_line_is_the_sum_of_each_line_s_own() {
    let lines = vec![line("0.10", tax(TaxCategory::S, "5", None)); 4];
    for (rule, expected) in [(TaxRounding::PerGroup, "0.02"), (TaxRounding::PerLine, "0.04")] {
        let mut invoice = invoice("NGN", lines.clone());
        calculate_with(&mut invoice, &Calculation { tax: rule, ..Calculation::default() }).unwrap();
        assert_eq!(invoice.totals.tax_amount, decimal(expected), "{rule:?}");
    }
}

#[test]
fn cash_is_rounded_to_the_smallest_coin_in_the_rounding_amount() {
    let pay = |step: &str, rounding, currency| {
        let mut invoice = invoice(currency, vec![line("9.97", tax(TaxCategory::Z, "0", None))]);
        let payable = PayableRounding::ToStep { step: decimal(step), rounding };
        let done = calculate_with(&mut invoice, &Calculation { payable, ..Calculation::default() });
        done.map(|()| (invoice.totals.payable_amount, invoice.totals.rounding_amount))
    };
    assert_eq!(pay("0.05", Rounding::HalfUp, "NGN"), Ok((decimal("9.95"), decimal("-0.02"))));
    assert_eq!(pay("0.10", Rounding::HalfUp, "NGN"), Ok((decimal("10.00"), decimal("0.03"))));
    assert_eq!(pay("5.00", Rounding::Down, "NGN"), Ok((decimal("5"), decimal("-4.97"))));
    for (step, currency) in [("0", "NGN"), ("-0.05", "NGN"), ("0.005", "KWD"), ("0.05", "JPY")] {
        let refusal = pay(step, Rounding::HalfUp, currency).unwrap_err().to_string();
        assert!(refusal.contains(&format!("steps of {step}; the step must be above zero")), "{refusal}");
    }
}

#[test]
fn a_price_for_no_units_is_refused_by_name() {
    let mut invoice = invoice("NGN", vec![line("10", tax(TaxCategory::S, "7.5", None)); 2]);
    invoice.lines[1].base_quantity = Decimal::ZERO;
    let how = Calculation { line_amounts: LineAmounts::FromPrices, ..Calculation::default() };
    let refusal = calculate_with(&mut invoice, &how).unwrap_err().to_string();
    assert!(refusal.starts_with("lines[1].base_quantity: is zero"), "{refusal}");
    assert_eq!(calculate(&mut invoice), Ok(()));
}

#[test]
fn included_tax_wants_a_rate_from_0_to_100() {
    for percent in ["-1", "100.01"] {
        let mut invoice = invoice("NGN", vec![line("10", tax(TaxCategory::S, percent, None))]);
        let how = Calculation { prices: Prices::WithTax, ..Calculation::default() };
        assert_eq!(calculate_with(&mut invoice, &how), Err(Error::RateOutOfRange(decimal(percent))));
    }
}

#[test]
fn every_rate_is_found_among_ten_thousand() {
    let rated = |n: i64, scale| tax(TaxCategory::S, &Decimal::new(n, scale).to_string(), None);
    let lines = (1..=10_000).flat_map(|n| [line("1", rated(n, 3)), line("2", rated(n * 10, 4))]).collect();
    let mut invoice = invoice("NGN", lines);
    calculate(&mut invoice).unwrap();
    assert_eq!(invoice.tax_subtotals.len(), 10_000);
    assert!(invoice.tax_subtotals.iter().all(|s| s.taxable_amount == decimal("3.00")));
    assert!(invoice.tax_subtotals.is_sorted_by_key(|s| s.percent));
}

#[test]
fn totals_have_the_decimals_of_the_document_whatever_the_inputs_had() {
    for (currency, expected) in [("NGN", "10.00"), ("JPY", "10"), ("KWD", "10.00")] {
        let mut invoice = invoice(currency, vec![line("10", tax(TaxCategory::Z, "0", None))]);
        calculate(&mut invoice).unwrap();
        assert_eq!(invoice.totals.payable_amount.to_string(), expected, "{currency}");
        assert_eq!(invoice.tax_subtotals[0].taxable_amount.to_string(), expected, "{currency}");
    }
}

#[test]
fn a_share_stays_a_share_where_the_tax_is_taken_out() {
    let part = |tax| AllowanceCharge {
        amount: decimal("107.50"),
        base_amount: Some(decimal("1075.00")),
        percent: Some(decimal("10")),
        reason: Some("Ten off".into()),
        tax,
        ..AllowanceCharge::default()
    };
    let vat = tax(TaxCategory::S, "7.5", None);
    let mut sold = line("967.50", vat.clone());
    (sold.unit_price, sold.allowances) = (decimal("1075.00"), vec![part(None)]);
    (sold.gross_price, sold.price_discount) = (Some(decimal("1182.50")), Some(decimal("107.50")));
    let mut invoice = invoice("NGN", vec![sold]);
    invoice.charges = vec![part(Some(vat))];
    calculate_with(&mut invoice, &Calculation { prices: Prices::WithTax, ..Calculation::default() }).unwrap();
    for part in [&invoice.lines[0].allowances[0], &invoice.charges[0]] {
        assert_eq!((part.amount, part.base_amount), (decimal("100.00"), Some(decimal("1000.00"))));
    }
    let line = &invoice.lines[0];
    assert_eq!(line.unit_price, decimal("1000"));
    assert_eq!((line.gross_price, line.price_discount), (Some(decimal("1100")), Some(decimal("100"))));
}
