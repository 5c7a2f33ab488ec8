//! Rules about lines: their amounts, units, periods and references.

use super::setting::Bound;
use super::values::{any_is, decimal_or, minutes, normalized_is, quoted, require, stated, within_slack};
use crate::rules::engine::Check::{AtMost, Test};
use crate::rules::engine::{Facts, Finding, Group, Rule, anywhere, fatal, parent_is, sum};
use crate::rules::number::decimal;
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;
use rust_decimal::{Decimal, RoundingStrategy};

/// Rules about lines.
pub(super) const GROUPS: &[Group] = &[
    Group { name: name!("cac:InvoiceLine"), when: anywhere, rules: LINE },
    Group { name: name!("cac:CreditNoteLine"), when: anywhere, rules: LINE },
    Group {
        name: name!("cbc:BaseQuantity"),
        when: |e| parent_is(e, name!("cac:Price")) && e.attribute("unitCode").is_some(),
        rules: &[fatal(
            "PEPPOL-EN16931-R130",
            Test(unit_is_that_of_the_line),
            "price and line must count in the same unit",
        )],
    },
    Group {
        name: name!("cbc:StartDate"),
        when: |e| line_document(e).is_some(),
        rules: &[fatal(
            "PEPPOL-EN16931-R110",
            Test(starts_within_period),
            "begin the line's period no earlier than that of the invoice",
        )],
    },
    Group {
        name: name!("cbc:EndDate"),
        when: |e| line_document(e).is_some(),
        rules: &[fatal(
            "PEPPOL-EN16931-R111",
            Test(ends_within_period),
            "end the line's period no later than that of the invoice",
        )],
    },
];

const LINE: &[Rule] = &[
    fatal(
        "PEPPOL-EN16931-R120",
        Test(amount_is_calculated),
        "make cbc:LineExtensionAmount the quantity times the price per base quantity, plus charges, less allowances, give or take 0.02",
    ),
    fatal("PEPPOL-EN16931-R121", Test(base_quantity_is_positive), "state a base quantity above zero"),
    fatal(
        "PEPPOL-EN16931-R100",
        AtMost(1, path!("cac:DocumentReference")),
        "a line can be about one object only",
    ),
    fatal(
        "PEPPOL-EN16931-R101",
        Test(reference_is_object),
        "refer only to the invoiced object, with cbc:DocumentTypeCode 130",
    ),
];

fn quantity_of(facts: &Facts<'_>) -> Path {
    if facts.root.is(Name::Invoice) { path!("cbc:InvoicedQuantity") } else { path!("cbc:CreditedQuantity") }
}

fn amount_is_calculated(facts: &Facts<'_>, line: Element<'_>) -> Finding {
    let stated_amount = decimal_or(line, path!("cbc:LineExtensionAmount"), Decimal::ZERO);
    let calculated = calculated_amount(facts, line);
    if let (Some(amount), Some(calculated)) = (stated_amount, calculated)
        && within_slack(amount, calculated)
    {
        return Ok(());
    }
    let found = stated(line, path!("cbc:LineExtensionAmount"));
    Err(match calculated {
        Some(calculated) => {
            format!("{found} where quantity and price make {}", calculated.round_dp(4).normalize())
        }
        None => format!("{found} and something it is calculated from is no number"),
    })
}

fn calculated_amount(facts: &Facts<'_>, line: Element<'_>) -> Option<Decimal> {
    let quantity = decimal_or(line, quantity_of(facts), Decimal::ONE)?;
    let price = decimal_or(line, path!("cac:Price/cbc:PriceAmount"), Decimal::ZERO)?;
    let base = decimal_or(line, path!("cac:Price/cbc:BaseQuantity"), Decimal::ONE)?;
    let base = if base.is_zero() { Decimal::ONE } else { base };
    let per_unit = if base == Decimal::ONE { price } else { divided(price, base)? };
    let [charges, allowances] = ["true", "false"].map(|indicator| parts_total(line, indicator));
    quantity.checked_mul(per_unit)?.checked_add(charges?)?.checked_sub(allowances?)
}

/// Division as the published rules' engine does it: to 18 decimals, or as many as its operands have, half down.
fn divided(number: Decimal, by: Decimal) -> Option<Decimal> {
    let decimals = number.scale().max(by.scale()).max(18);
    let quotient = number.checked_div(by)?;
    Some(quotient.round_dp_with_strategy(decimals, RoundingStrategy::MidpointTowardZero))
}

/// The sum of the line's allowances or charges in cents, half a cent up.
fn parts_total(line: Element<'_>, indicator: &str) -> Option<Decimal> {
    let is_one = |part: &Element<'_>| normalized_is(*part, path!("cbc:ChargeIndicator"), indicator);
    let total = sum(line.all(path!("cac:AllowanceCharge")).filter(is_one), path!("cbc:Amount"))?;
    let cents = total.checked_mul(Decimal::ONE_HUNDRED)?.checked_add(Decimal::new(5, 1))?.floor();
    cents.checked_div(Decimal::ONE_HUNDRED)
}

fn base_quantity_is_positive(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let path = path!("cac:Price/cbc:BaseQuantity");
    let Some(quantity) = line.first(path) else { return Ok(()) };
    require(decimal(&quantity.text()).is_some_and(|q| q > Decimal::ZERO), || stated(line, path))
}

fn reference_is_object(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let of_object = any_is(line, path!("cac:DocumentReference/cbc:DocumentTypeCode"), "130");
    require(of_object || !line.has(path!("cac:DocumentReference")), || {
        stated(line, path!("cac:DocumentReference/cbc:DocumentTypeCode"))
    })
}

fn unit_is_that_of_the_line(facts: &Facts<'_>, base: Element<'_>) -> Finding {
    let Some(line) = base.parent().and_then(Element::parent) else { return Ok(()) };
    if !line.has(path!("cbc:InvoicedQuantity")) && !line.has(path!("cbc:CreditedQuantity")) {
        return Ok(());
    }
    let unit = base.attribute("unitCode");
    let mut units = line.all(quantity_of(facts)).filter_map(|quantity| quantity.attribute("unitCode"));
    require(units.any(|of_line| Some(of_line) == unit), || {
        let of_line = line.all(quantity_of(facts)).find_map(|quantity| quantity.attribute("unitCode"));
        format!(
            "the unit of cbc:BaseQuantity is {}, that of the line {}",
            quoted(unit.unwrap_or_default()),
            of_line.map_or_else(|| "missing".into(), quoted)
        )
    })
}

/// The invoice or credit note of a date in the period of one of its lines.
fn line_document<'t>(date: Element<'t>) -> Option<Element<'t>> {
    let period = date.parent().filter(|e| e.is(name!("cac:InvoicePeriod")))?;
    let line = period.parent()?;
    let document = line.parent()?;
    let fits = match document.name() {
        Name::Invoice => line.is(name!("cac:InvoiceLine")),
        Name::CreditNote => line.is(name!("cac:CreditNoteLine")),
        _ => false,
    };
    fits.then_some(document)
}

/// The date of the invoice period that a date of a line is held against.
fn bound(facts: &Facts<'_>, date: Element<'_>, path: Path, of_root: Bound) -> Bound {
    match line_document(date) {
        Some(document) if document.id() != facts.root.id() => Bound::of(document.all(path)),
        _ => of_root,
    }
}

fn starts_within_period(facts: &Facts<'_>, date: Element<'_>) -> Finding {
    let bound = bound(facts, date, path!("cac:InvoicePeriod/cbc:StartDate"), facts.setting().period_start);
    let found = minutes(date.own_text());
    let fits = match bound {
        Bound::Missing => true,
        Bound::Unreadable => false,
        Bound::At(start) => found.is_some_and(|found| found >= start),
    };
    require(fits, || format!("cbc:StartDate is {}", quoted(&date.text())))
}

fn ends_within_period(facts: &Facts<'_>, date: Element<'_>) -> Finding {
    let bound = bound(facts, date, path!("cac:InvoicePeriod/cbc:EndDate"), facts.setting().period_end);
    let found = minutes(date.own_text());
    let fits = match bound {
        Bound::Missing => true,
        Bound::Unreadable => false,
        Bound::At(end) => found.is_some_and(|found| found <= end),
    };
    require(fits, || format!("cbc:EndDate is {}", quoted(&date.text())))
}
