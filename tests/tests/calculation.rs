//! What the command `million` shows on a million invoices, on some thousands of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use rust_decimal::Decimal;
use std::sync::atomic::AtomicU64;
use taxpoynt_tests::million::{Plan, broken_rules, calculated, case, differences, run};
use taxpoynt_ubl::{Invoice, to_xml};

#[test]
fn every_invoice_comes_to_what_exact_fractions_give_and_breaks_no_rule() {
    let plan = Plan { seed: 1, count: 3000, threads: 2, keep: None };
    let report = run(&plan, &AtomicU64::new(0));
    assert_eq!((report.differing, report.broken), (0, 0), "{:#?}", report.failures);
    assert_eq!(report.invoices, 3000);
    let missing: Vec<_> = report.had.iter().filter(|(_, count)| **count == 0).collect();
    assert!(missing.is_empty(), "no invoice had {missing:?}");
}

#[test]
fn a_kobo_too_much_anywhere_is_found() {
    let case = case(1, 0);
    let right = calculated(&case).unwrap();
    let found = |invoice: &Invoice| differences(&case.invoice, &case.how, invoice).0;
    assert_eq!(found(&right), Vec::<String>::new());
    let kobo = Decimal::new(1, 2);
    let amounts: [fn(&mut Invoice) -> &mut Decimal; 6] = [
        |invoice| &mut invoice.lines[0].net_amount,
        |invoice| &mut invoice.lines[0].unit_price,
        |invoice| &mut invoice.tax_subtotals[0].tax_amount,
        |invoice| &mut invoice.tax_subtotals[0].taxable_amount,
        |invoice| &mut invoice.totals.rounding_amount,
        |invoice| &mut invoice.totals.payable_amount,
    ];
    for amount in amounts {
        let mut wrong = right.clone();
        *amount(&mut wrong) += kobo;
        assert!(!found(&wrong).is_empty());
    }
    let mut wrong = right;
    wrong.totals.payable_amount += Decimal::ONE;
    assert!(broken_rules(&to_xml(&wrong).unwrap()).iter().any(|rule| rule.starts_with("BR-CO-16")));
}

#[test]
fn the_same_seed_makes_the_same_invoices() {
    for number in 0..50 {
        assert_eq!(case(7, number).invoice, case(7, number).invoice);
        assert_ne!(case(7, number).invoice, case(8, number).invoice);
    }
}
