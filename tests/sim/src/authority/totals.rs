//! Recomputes the sums of a payload. The live server seems not to; the simulator does, so that a test notices.

use super::check::{Fault, Path, decimal};
use rust_decimal::Decimal;
use serde_json::Value;

/// The largest difference that passes: one kobo.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Every sum that does not add up.
pub(crate) fn faults(invoice: &Value) -> Vec<Fault> {
    let root = Path::root();
    let totals = &invoice["legal_monetary_total"];
    let total = |name: &str| amount(&totals[name]);
    let lines = sum(&invoice["invoice_line"], "line_extension_amount");
    let taxable: Decimal =
        each(&invoice["tax_total"]).map(|tax| sum(&tax["tax_subtotal"], "taxable_amount")).sum();
    let tax = sum(&invoice["tax_total"], "tax_amount");
    let exclusive = total("line_extension_amount") + adjustments(&invoice["allowance_charge"]);
    let place = root.member("legal_monetary_total");
    let mut faults = Vec::new();
    let mut expect = |path: Path, found: Decimal, expected: Decimal, of: &str| {
        if (found - expected).abs() > TOLERANCE {
            faults.push(path.fault(format!("must be {expected}, {of}, not {found}")));
        }
    };
    expect(
        place.member("line_extension_amount"),
        total("line_extension_amount"),
        lines,
        "the sum of the lines",
    );
    expect(
        place.member("tax_exclusive_amount"),
        total("tax_exclusive_amount"),
        exclusive,
        "the lines less allowances plus charges",
    );
    expect(
        place.member("tax_inclusive_amount"),
        total("tax_inclusive_amount"),
        total("tax_exclusive_amount") + tax,
        "the amount without tax plus the tax",
    );
    for (at, tax) in each(&invoice["tax_total"]).enumerate() {
        expect(
            root.member("tax_total").element(at).member("tax_amount"),
            amount(&tax["tax_amount"]),
            sum(&tax["tax_subtotal"], "tax_amount"),
            "the sum of its subtotals",
        );
    }
    expect(
        root.member("tax_total"),
        taxable,
        total("tax_exclusive_amount"),
        "the amount without tax, as the taxable amounts together",
    );
    faults
}

fn amount(value: &Value) -> Decimal {
    decimal(value).unwrap_or_default()
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn sum(list: &Value, member: &str) -> Decimal {
    each(list).map(|element| amount(&element[member])).sum()
}

/// Charges less allowances of the document.
fn adjustments(list: &Value) -> Decimal {
    each(list)
        .map(|entry| match entry["charge_indicator"].as_bool() {
            Some(true) => amount(&entry["amount"]),
            _ => -amount(&entry["amount"]),
        })
        .sum()
}
