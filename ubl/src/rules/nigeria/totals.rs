//! Totals, tax breakdown, and what is taken off or put on the whole document.
//!
//! The server seems not to add up, but access points do and refuse what differs by more than a kobo.

use super::{all_of, currency, in_currency, not_negative, optional, required, text};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Rule, fatal, is_charge, shorten, warning};
use crate::vocabulary::{Name, Path, path};
use crate::xml::tree::Element;
use crate::{TaxCategory, round_half_up, tax_category};
use rust_decimal::Decimal;

/// Rules about the document as a whole.
pub(super) const ROOT: &[Rule] = &[
    fatal(
        "NG-TOT-01",
        Test(four_totals_are_stated),
        "state all four totals as numbers in cac:LegalMonetaryTotal",
    ),
    fatal(
        "NG-TOT-02",
        Test(totals_are_not_negative),
        "write a credit note for what is given back: its amounts are positive too",
    ),
    fatal("NG-TOT-03", Test(other_totals_are_numbers), "write it as a plain number or leave it out"),
    fatal("NG-TOT-04", Test(lines_add_up), "make it the sum of cbc:LineExtensionAmount of all lines"),
    fatal(
        "NG-TOT-05",
        Test(exclusive_adds_up),
        "make it the lines less document allowances plus document charges",
    ),
    fatal("NG-TOT-06", Test(inclusive_adds_up), "make it the amount without tax plus the tax"),
    fatal(
        "NG-TOT-07",
        Test(payable_adds_up),
        "make it the amount with tax less what is prepaid plus rounding",
    ),
    fatal(
        "NG-TAX-01",
        Test(has_breakdown),
        "state tax by category and rate in cac:TaxTotal/cac:TaxSubtotal, also where it is 0",
    ),
    fatal("NG-TAX-10", Test(taxable_adds_up), "tax each part of the document in one category"),
];

/// Rules about what is taken off or put on the whole document.
pub(super) const ALLOWANCE: &[Rule] = &[
    fatal(
        "NG-TOT-08",
        Test(is_allowance),
        "write cbc:ChargeIndicator true for a charge or false for a discount, and an amount not below 0",
    ),
    fatal("NG-TOT-09", Test(allowance_has_known_tax), "use S, Z, E, G or O and a rate from 0 to 100"),
];

/// Rules about a tax total in the document's currency.
pub(super) const TAX: &[Rule] = &[
    fatal("NG-TAX-02", Test(tax_is_stated), "write the tax as a number not below 0"),
    fatal("NG-TAX-09", Test(tax_adds_up), "make it the sum of the tax of its cac:TaxSubtotal"),
];

/// Rules about a row of the tax breakdown.
pub(super) const SUBTOTAL: &[Rule] = &[
    fatal("NG-TAX-03", Test(row_is_stated), "write what is taxed and the tax as numbers not below 0"),
    fatal(
        "NG-TAX-04",
        Test(category_has_a_counterpart),
        "use S for standard VAT, Z zero rated, E exempt, G export or O outside the scope; the authority's own names such as \
         STANDARD_VAT are put in when the document is sent",
    ),
    fatal("NG-TAX-05", Test(rate_is_a_percentage), "write a rate from 0 to 100"),
    warning(
        "NG-TAX-06",
        Test(standard_rate_is_the_law),
        "check the rate: standard VAT is 7.5 percent and there is no reduced rate",
    ),
    warning("NG-TAX-07", Test(untaxed_is_untaxed), "charge no tax in it, or use category S"),
    warning("NG-TAX-08", Test(tax_follows_the_rate), "check the tax against taxable amount and rate"),
];

const LINES: Path = path!("cac:LegalMonetaryTotal/cbc:LineExtensionAmount");
const EXCLUSIVE: Path = path!("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount");
const INCLUSIVE: Path = path!("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount");
const PAYABLE: Path = path!("cac:LegalMonetaryTotal/cbc:PayableAmount");
const PREPAID: Path = path!("cac:LegalMonetaryTotal/cbc:PrepaidAmount");
const ROUNDING: Path = path!("cac:LegalMonetaryTotal/cbc:PayableRoundingAmount");
const OTHERS: [Path; 4] = [
    path!("cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount"),
    path!("cac:LegalMonetaryTotal/cbc:ChargeTotalAmount"),
    PREPAID,
    ROUNDING,
];
const TAX_AMOUNT: Path = path!("cbc:TaxAmount");
const TAXABLE: Path = path!("cbc:TaxableAmount");

/// One kobo: the difference that access points let pass.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// VAT under the 2025 Act.
const STANDARD_RATE: Decimal = Decimal::from_parts(75, 0, 0, false, 1);

fn four_totals_are_stated(_: &Facts<'_>, root: Element<'_>) -> Finding {
    all_of([LINES, EXCLUSIVE, INCLUSIVE, PAYABLE].map(|path| required(root, path).map(|_| ())))
}

fn totals_are_not_negative(_: &Facts<'_>, root: Element<'_>) -> Finding {
    all_of([LINES, EXCLUSIVE, INCLUSIVE, PAYABLE].map(|path| match required(root, path) {
        Ok(total) if total < Decimal::ZERO => Err(format!("{path} is {total}")),
        _ => Ok(()),
    }))
}

fn other_totals_are_numbers(_: &Facts<'_>, root: Element<'_>) -> Finding {
    all_of(OTHERS.map(|path| optional(root, path).map(|_| ())))
}

/// The amount a path leads to, with as many decimals as are sent; none where it is missing or no number.
fn sent(element: Element<'_>, path: Path, root: Element<'_>) -> Option<Decimal> {
    let places = currency(root).map_or(2, |currency| currency.minor_units().max(2));
    required(element, path).ok().map(|amount| round_half_up(amount, places))
}

/// The sum of what `path` leads to in each element; none where one is missing or no number.
fn sum<'t>(elements: impl Iterator<Item = Element<'t>>, path: Path, root: Element<'_>) -> Option<Decimal> {
    let places = currency(root).map_or(2, |currency| currency.minor_units().max(2));
    let mut total = Decimal::ZERO;
    for element in elements {
        total = total.checked_add(round_half_up(required(element, path).ok()?, places))?;
    }
    Some(total)
}

/// Says so where `stated` and `computed` are known and differ.
fn agree(path: Path, stated: Option<Decimal>, computed: Option<Decimal>) -> Finding {
    match (stated, computed) {
        (Some(stated), Some(computed)) if (stated - computed).abs() > TOLERANCE => {
            Err(format!("{path} is {stated} and comes to {computed}"))
        }
        _ => Ok(()),
    }
}

fn lines_add_up(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let lines =
        if root.is(Name::CreditNote) { path!("cac:CreditNoteLine") } else { path!("cac:InvoiceLine") };
    let computed = sum(root.all(lines), path!("cbc:LineExtensionAmount"), root);
    agree(LINES, sent(root, LINES, root), computed.filter(|_| root.has(lines)))
}

fn exclusive_adds_up(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let Some(mut computed) = sent(root, LINES, root) else { return Ok(()) };
    for part in root.all(path!("cac:AllowanceCharge")) {
        let Some(amount) = sent(part, path!("cbc:Amount"), root) else { return Ok(()) };
        match (is_charge(part, false), is_charge(part, true)) {
            (true, _) => computed -= amount,
            (_, true) => computed += amount,
            // What it is, another rule asks.
            _ => return Ok(()),
        }
    }
    agree(EXCLUSIVE, sent(root, EXCLUSIVE, root), Some(computed))
}

/// The tax of the document: that of the first tax total in its currency, none where there is none.
fn tax(root: Element<'_>) -> Option<Decimal> {
    let currency = currency(root);
    match root.all(path!("cac:TaxTotal")).find(|e| in_currency(*e, currency)) {
        Some(total) => sent(total, TAX_AMOUNT, root),
        None => Some(Decimal::ZERO),
    }
}

fn inclusive_adds_up(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let computed = sent(root, EXCLUSIVE, root).zip(tax(root)).map(|(exclusive, tax)| exclusive + tax);
    agree(INCLUSIVE, sent(root, INCLUSIVE, root), computed)
}

fn payable_adds_up(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let (Ok(prepaid), Ok(rounding)) = (optional(root, PREPAID), optional(root, ROUNDING)) else {
        return Ok(());
    };
    let inclusive = sent(root, INCLUSIVE, root);
    let computed =
        inclusive.map(|amount| amount - prepaid.unwrap_or_default() + rounding.unwrap_or_default());
    agree(PAYABLE, sent(root, PAYABLE, root), computed)
}

fn rows<'t>(root: Element<'t>) -> impl Iterator<Item = Element<'t>> {
    let currency = currency(root);
    root.all(path!("cac:TaxTotal/cac:TaxSubtotal")).filter(move |e| in_currency(*e, currency))
}

fn has_breakdown(_: &Facts<'_>, root: Element<'_>) -> Finding {
    if rows(root).next().is_some() { Ok(()) } else { Err("the document has no tax category at all".into()) }
}

fn taxable_adds_up(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let taxable = if rows(root).next().is_some() { sum(rows(root), TAXABLE, root) } else { None };
    match (taxable, sent(root, EXCLUSIVE, root)) {
        (Some(taxable), Some(exclusive)) if (taxable - exclusive).abs() > TOLERANCE => {
            Err(format!("the taxable amounts come to {taxable} and the amount without tax is {exclusive}"))
        }
        _ => Ok(()),
    }
}

/// Whether an allowance or charge says which it is and how much.
pub(super) fn is_allowance(_: &Facts<'_>, element: Element<'_>) -> Finding {
    let told = is_charge(element, true) || is_charge(element, false);
    let indicator =
        if told { Ok(()) } else { Err("cbc:ChargeIndicator is neither true nor false".to_owned()) };
    all_of([indicator, not_negative(element, path!("cbc:Amount")).map(|_| ())])
}

fn allowance_has_known_tax(_: &Facts<'_>, element: Element<'_>) -> Finding {
    element
        .first(path!("cac:TaxCategory"))
        .map_or(Ok(()), |category| all_of([has_counterpart(category), is_percentage(category)]))
}

fn tax_is_stated(_: &Facts<'_>, total: Element<'_>) -> Finding {
    not_negative(total, TAX_AMOUNT).map(|_| ())
}

/// All rows of the document are sent under its one total.
fn tax_adds_up(facts: &Facts<'_>, total: Element<'_>) -> Finding {
    let root = facts.root;
    let computed = if rows(root).next().is_some() { sum(rows(root), TAX_AMOUNT, root) } else { None };
    agree(TAX_AMOUNT, sent(total, TAX_AMOUNT, root), computed)
}

fn row_is_stated(_: &Facts<'_>, row: Element<'_>) -> Finding {
    all_of([TAXABLE, TAX_AMOUNT].map(|path| not_negative(row, path).map(|_| ())))
}

fn category(row: Element<'_>) -> Option<TaxCategory> {
    tax_category(text(row, path!("cac:TaxCategory/cbc:ID"))?.trim())
}

/// Whether a tax category has a counterpart in Nigeria.
pub(super) fn has_counterpart(category: Element<'_>) -> Finding {
    use TaxCategory::{E, G, O, S, Z};
    match text(category, path!("cbc:ID")) {
        None => Err("the tax category is missing".into()),
        Some(code) if matches!(tax_category(code.trim()), Some(S | Z | E | G | O)) => Ok(()),
        Some(code) => Err(format!("the tax category {:?} does not exist in Nigeria", shorten(&code))),
    }
}

/// Whether the rate of a tax category is one, if it has any.
pub(super) fn is_percentage(category: Element<'_>) -> Finding {
    match optional(category, path!("cbc:Percent"))? {
        Some(rate) if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&rate) => {
            Err(format!("the rate is {rate} percent"))
        }
        _ => Ok(()),
    }
}

fn category_has_a_counterpart(_: &Facts<'_>, row: Element<'_>) -> Finding {
    match row.first(path!("cac:TaxCategory")) {
        Some(category) => has_counterpart(category),
        None => Err("the tax category is missing".into()),
    }
}

fn rate_is_a_percentage(_: &Facts<'_>, row: Element<'_>) -> Finding {
    row.first(path!("cac:TaxCategory")).map_or(Ok(()), is_percentage)
}

/// The rate of a row, 0 where it has none; none where it is no percentage, which another rule says.
fn rate(row: Element<'_>) -> Option<Decimal> {
    let rate = optional(row, path!("cac:TaxCategory/cbc:Percent")).ok()?.unwrap_or_default();
    (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&rate).then_some(rate)
}

fn standard_rate_is_the_law(_: &Facts<'_>, row: Element<'_>) -> Finding {
    match (category(row), rate(row)) {
        (Some(TaxCategory::S), Some(rate)) if rate != STANDARD_RATE => {
            Err(format!("the standard rate is {} percent", rate.normalize()))
        }
        _ => Ok(()),
    }
}

fn untaxed_is_untaxed(_: &Facts<'_>, row: Element<'_>) -> Finding {
    let untaxed =
        matches!(category(row), Some(TaxCategory::Z | TaxCategory::E | TaxCategory::G | TaxCategory::O));
    match (rate(row), required(row, TAX_AMOUNT)) {
        (Some(rate), Ok(tax)) if untaxed && !(rate.is_zero() && tax.is_zero()) => {
            Err(format!("an untaxed category has a rate of {rate} percent and a tax of {tax}"))
        }
        _ => Ok(()),
    }
}

/// A platform that taxes item by item differs by some kobo, hence the tolerance of the European rules.
fn tax_follows_the_rate(_: &Facts<'_>, row: Element<'_>) -> Finding {
    let (Some(TaxCategory::S), Some(rate)) = (category(row), rate(row)) else { return Ok(()) };
    let (Ok(taxable), Ok(tax)) = (required(row, TAXABLE), required(row, TAX_AMOUNT)) else { return Ok(()) };
    let Some(computed) = taxable.checked_mul(rate).map(|tax| round_half_up(tax / Decimal::ONE_HUNDRED, 2))
    else {
        return Ok(());
    };
    if tax.checked_sub(computed).is_some_and(|difference| difference.abs() <= Decimal::ONE) {
        Ok(())
    } else {
        Err(format!("the tax is {tax} and {rate} percent of {taxable} is {computed}"))
    }
}
