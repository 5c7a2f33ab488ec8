//! Totals and the VAT breakdown.

use crate::calculate::{round_half_to_positive, tax_fits_rate};
use crate::rules::engine::Check::{Present, Test, TwoDecimals};
use crate::rules::engine::{
    Facts, Finding, Group, amount, anywhere, at_top, fatal, is_charge, is_vat, normalized, parent_is, sum,
};
use crate::rules::number::decimal;
use crate::vocabulary::{Path, name, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;

const AT_MOST_TWO: &str = "round it to at most two decimals";

/// Rules about totals.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:LegalMonetaryTotal"),
        when: anywhere,
        rules: &[
            fatal("BR-12", Present(&[path!("cbc:LineExtensionAmount")]), "give the sum of the lines"),
            fatal("BR-13", Present(&[path!("cbc:TaxExclusiveAmount")]), "give the total without tax"),
            fatal("BR-14", Present(&[path!("cbc:TaxInclusiveAmount")]), "give the total with tax"),
            fatal("BR-15", Present(&[path!("cbc:PayableAmount")]), "give the amount to pay"),
            fatal("BR-CO-10", Test(lines_add_up), "make it the sum of the line net amounts"),
            fatal("BR-CO-11", Test(allowances_add_up), "make it the sum of the document allowances"),
            fatal("BR-CO-12", Test(charges_add_up), "make it the sum of the document charges"),
            fatal("BR-CO-13", Test(exclusive_adds_up), "make it lines − allowances + charges"),
            fatal("BR-CO-16", Test(payable_adds_up), "make it tax inclusive − prepaid + rounding"),
            fatal("BR-DEC-09", TwoDecimals(path!("cbc:LineExtensionAmount")), AT_MOST_TWO),
            fatal("BR-DEC-10", TwoDecimals(path!("cbc:AllowanceTotalAmount")), AT_MOST_TWO),
            fatal("BR-DEC-11", TwoDecimals(path!("cbc:ChargeTotalAmount")), AT_MOST_TWO),
            fatal("BR-DEC-12", TwoDecimals(path!("cbc:TaxExclusiveAmount")), AT_MOST_TWO),
            fatal("BR-DEC-14", TwoDecimals(path!("cbc:TaxInclusiveAmount")), AT_MOST_TWO),
            fatal("BR-DEC-16", TwoDecimals(path!("cbc:PrepaidAmount")), AT_MOST_TWO),
            fatal("BR-DEC-17", TwoDecimals(path!("cbc:PayableRoundingAmount")), AT_MOST_TWO),
            fatal("BR-DEC-18", TwoDecimals(path!("cbc:PayableAmount")), AT_MOST_TWO),
        ],
    },
    Group {
        name: name!("cac:TaxTotal"),
        when: at_top,
        rules: &[fatal("BR-CO-14", Test(subtotals_add_up), "make it the sum of the tax of the subtotals")],
    },
    Group {
        name: name!("cac:TaxSubtotal"),
        when: |e| parent_is(e, name!("cac:TaxTotal")),
        rules: &[
            fatal("BR-45", Present(&[path!("cbc:TaxableAmount")]), "give what the tax is on"),
            fatal("BR-46", Present(&[path!("cbc:TaxAmount")]), "give the tax"),
            fatal("BR-47", Test(has_category), "give the VAT category"),
            fatal("BR-48", Test(has_rate), "give the rate, unless outside the scope of VAT (O)"),
            fatal(
                "BR-CO-17",
                Test(tax_is_rate_of_base),
                "make it less than 1.00 away from taxable amount × rate",
            ),
            fatal("BR-DEC-19", TwoDecimals(path!("cbc:TaxableAmount")), AT_MOST_TWO),
            fatal("BR-DEC-20", TwoDecimals(path!("cbc:TaxAmount")), AT_MOST_TWO),
        ],
    },
];

/// Rounded to two decimals as the rules do it: halves go up, also below zero.
pub(super) fn rounded(value: Decimal) -> Option<Decimal> {
    Some(round_half_to_positive(value.checked_mul(Decimal::ONE_HUNDRED)?) / Decimal::ONE_HUNDRED)
}

/// What is said where an amount is not what it should be.
pub(super) fn differs(what: &str, found: Option<Decimal>, wanted: Option<Decimal>) -> String {
    let text = |value: Option<Decimal>| value.map_or("not a number".to_owned(), |v| v.to_string());
    format!("{what} is {} where its parts give {}", text(found), text(wanted))
}

fn equal(what: &str, found: Option<Decimal>, wanted: Option<Decimal>) -> Finding {
    if found.is_some() && found == wanted { Ok(()) } else { Err(differs(what, found, wanted)) }
}

fn lines_add_up(facts: &Facts<'_>, total: Element<'_>) -> Finding {
    let wanted = facts.line_total().and_then(rounded);
    equal("the sum of the lines", amount(total, path!("cbc:LineExtensionAmount")), wanted)
}

fn allowances_add_up(_: &Facts<'_>, total: Element<'_>) -> Finding {
    parts_add_up(total, false, path!("cbc:AllowanceTotalAmount"))
}

fn charges_add_up(_: &Facts<'_>, total: Element<'_>) -> Finding {
    parts_add_up(total, true, path!("cbc:ChargeTotalAmount"))
}

fn parts_add_up(total: Element<'_>, charge: bool, path: Path) -> Finding {
    let parts: Vec<_> = total
        .parent()
        .into_iter()
        .flat_map(|p| p.all(path!("cac:AllowanceCharge")))
        .filter(|e| is_charge(*e, charge))
        .collect();
    if !total.has(path) && parts.is_empty() {
        return Ok(());
    }
    equal(path.text, amount(total, path), sum(parts.into_iter(), path!("cbc:Amount")).and_then(rounded))
}

fn exclusive_adds_up(_: &Facts<'_>, total: Element<'_>) -> Finding {
    let lines = amount(total, path!("cbc:LineExtensionAmount"));
    let part = |path| if total.has(path) { amount(total, path) } else { Some(Decimal::ZERO) };
    let (charges, allowances) =
        (part(path!("cbc:ChargeTotalAmount")), part(path!("cbc:AllowanceTotalAmount")));
    let any = total.has(path!("cbc:ChargeTotalAmount")) || total.has(path!("cbc:AllowanceTotalAmount"));
    let exact = lines.zip(charges).zip(allowances).and_then(|((l, c), a)| l.checked_add(c)?.checked_sub(a));
    let wanted = if any { exact.and_then(rounded) } else { exact };
    equal("the tax exclusive amount", amount(total, path!("cbc:TaxExclusiveAmount")), wanted)
}

fn payable_adds_up(_: &Facts<'_>, total: Element<'_>) -> Finding {
    let inclusive = amount(total, path!("cbc:TaxInclusiveAmount"));
    let payable = amount(total, path!("cbc:PayableAmount"));
    let less = |a: Option<Decimal>, path| {
        a.zip(amount(total, path)).and_then(|(a, b)| a.checked_sub(b)).and_then(rounded)
    };
    let wanted = if total.has(path!("cbc:PrepaidAmount")) {
        less(inclusive, path!("cbc:PrepaidAmount"))
    } else {
        inclusive
    };
    let found = if total.has(path!("cbc:PayableRoundingAmount")) {
        less(payable, path!("cbc:PayableRoundingAmount"))
    } else {
        payable
    };
    equal("the amount to pay, without rounding,", found, wanted)
}

fn subtotals_add_up(_: &Facts<'_>, total: Element<'_>) -> Finding {
    if !total.has(path!("cac:TaxSubtotal")) {
        return Ok(());
    }
    let wanted = sum(total.all(path!("cac:TaxSubtotal")), path!("cbc:TaxAmount")).and_then(rounded);
    equal("the tax total", amount(total, path!("cbc:TaxAmount")), wanted)
}

fn vat_category(subtotal: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    subtotal.all(path!("cac:TaxCategory")).filter(|c| is_vat(*c))
}

fn has_category(_: &Facts<'_>, subtotal: Element<'_>) -> Finding {
    let known = vat_category(subtotal).any(|c| c.has(path!("cbc:ID")));
    if known { Ok(()) } else { Err("cac:TaxCategory has no cbc:ID under the scheme VAT".into()) }
}

fn has_rate(_: &Facts<'_>, subtotal: Element<'_>) -> Finding {
    let outside = |c: Element<'_>| c.first(path!("cbc:ID")).is_some_and(|id| normalized(&id.text()) == "O");
    let known = vat_category(subtotal).any(|c| c.has(path!("cbc:Percent")) || outside(c));
    if known { Ok(()) } else { Err("cac:TaxCategory has no cbc:Percent under the scheme VAT".into()) }
}

fn tax_is_rate_of_base(_: &Facts<'_>, subtotal: Element<'_>) -> Finding {
    let percent =
        vat_category(subtotal).find_map(|c| c.first(path!("cbc:Percent"))).map(|p| decimal(&p.text()));
    let tax = amount(subtotal, path!("cbc:TaxAmount"));
    let base = amount(subtotal, path!("cbc:TaxableAmount"));
    let fits = match (tax, percent) {
        (Some(tax), Some(Some(rate))) if !round_half_to_positive(rate).is_zero() => {
            base.is_some_and(|base| tax_fits_rate(tax, base, Some(rate)))
        }
        (Some(tax), None | Some(Some(_))) => tax_fits_rate(tax, Decimal::ZERO, None),
        _ => false,
    };
    let text = |value: Option<Decimal>| value.map_or("nothing readable".to_owned(), |v| v.to_string());
    if fits {
        Ok(())
    } else {
        Err(format!("the tax is {} on {} at {} %", text(tax), text(base), text(percent.flatten())))
    }
}
