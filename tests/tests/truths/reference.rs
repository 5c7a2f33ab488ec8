//! The reference sales, to the kobo.

use crate::as_xml_says;
use serde_json::Value;
use taxpoynt_core::{
    pipeline::{ConvertOptions, Outcome, convert},
    tenant::Tenant,
};
use taxpoynt_tests::{dec, platforms, reference};
use taxpoynt_ubl::{Invoice, InvoiceKind, TaxCategory, parse, to_xml};

/// The seller that the reference data give for a platform.
fn seller(platform: &str) -> Tenant {
    let tenants: Value = serde_json::from_slice(&reference("peer-inputs/tenants.json")).unwrap();
    Tenant::from_json(tenants[platform].to_string().as_bytes()).unwrap()
}

fn invoice(platform: &str, file: &str) -> Invoice {
    let registry = platforms();
    let connector = registry.get(platform).unwrap();
    let outcomes =
        convert(&**connector, &reference(file), &seller(platform), &ConvertOptions::default()).unwrap();
    match &outcomes[..] {
        [Outcome::Document(document)] => document.invoice.clone(),
        other => panic!("{file}: {other:?}"),
    }
}

fn nets(invoice: &Invoice) -> Vec<String> {
    invoice.lines.iter().map(|line| line.net_amount.to_string()).collect()
}

fn subtotals(invoice: &Invoice) -> Vec<(TaxCategory, String, String, String)> {
    let text = |subtotal: &taxpoynt_ubl::TaxSubtotal| {
        let percent = subtotal.percent.normalize().to_string();
        (subtotal.category, percent, subtotal.taxable_amount.to_string(), subtotal.tax_amount.to_string())
    };
    invoice.tax_subtotals.iter().map(text).collect()
}

fn row(
    category: TaxCategory,
    percent: &str,
    taxable: &str,
    tax: &str,
) -> (TaxCategory, String, String, String) {
    (category, percent.into(), taxable.into(), tax.into())
}

#[test]
fn the_till_sale_in_naira_and_in_dollars_comes_out_to_the_kobo() {
    for currency in ["ngn", "usd"] {
        let invoice = invoice("square", &format!("peer-inputs/square_payment_order_{currency}.json"));
        assert_eq!(invoice.currency.code().to_lowercase(), currency);
        assert_eq!(nets(&invoice), ["13500.00", "8523.63", "6666.66"]);
        assert_eq!(
            subtotals(&invoice),
            [row(TaxCategory::S, "7.5", "22023.63", "1651.77"), row(TaxCategory::E, "0", "6666.66", "0.00")]
        );
        let totals = &invoice.totals;
        assert_eq!(totals.line_extension_amount, dec("28690.29"));
        assert_eq!(totals.tax_exclusive_amount, dec("28690.29"));
        assert_eq!(totals.tax_amount, dec("1651.77"));
        assert_eq!(totals.payable_amount, dec("30342.06"), "the tip of 500.00 stays outside");
        assert_eq!(totals.prepaid_amount, dec("0"));
        assert_eq!(invoice.kind, InvoiceKind::B2B);
        assert_eq!(invoice.customer.as_ref().unwrap().name, "Okafor Catering Ltd");
        assert_eq!(invoice.number, "INV000001");
        assert_eq!(invoice.tax_point_date, Some("2026-10-14".parse().unwrap()));
        assert_eq!(parse(&to_xml(&invoice).unwrap()).unwrap(), as_xml_says(invoice));
    }
}

#[test]
fn the_deal_comes_out_to_the_kobo() {
    let invoice = invoice("hubspot", "peer-inputs/hubspot_deal_with_line_items.json");
    assert_eq!(nets(&invoice), ["833333.75", "356999.94", "59666.66"]);
    assert_eq!(
        subtotals(&invoice),
        [row(TaxCategory::S, "7.5", "1190333.69", "89275.03"), row(TaxCategory::Z, "0", "59666.66", "0.00")]
    );
    assert_eq!(invoice.totals.tax_exclusive_amount, dec("1250000.35"));
    assert_eq!(invoice.totals.payable_amount, dec("1339275.38"));
    assert_eq!(parse(&to_xml(&invoice).unwrap()).unwrap(), as_xml_says(invoice));
}

#[test]
fn squares_own_paid_order_comes_out_to_the_cent() {
    let invoice = invoice("square", "platforms/square/order_pay_response.json");
    assert_eq!(invoice.totals.payable_amount, dec("20.00"));
    assert_eq!(invoice.currency.code(), "USD");
    assert_eq!(invoice.customer, None);
    assert_eq!(parse(&to_xml(&invoice).unwrap()).unwrap(), as_xml_says(invoice));
}
