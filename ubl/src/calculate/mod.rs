//! From the lines to the payable amount, in one fixed order, with exact arithmetic.

mod groups;
mod inclusive;
mod lines;
mod rules;
mod tolerance;
mod units;

pub(crate) use groups::needs_reason;
pub use lines::{allowance_amount, line_amount};
pub use rules::{Leftover, PayableRounding, Rounding, RoundingRule, TaxRounding};
pub use tolerance::{TaxDifference, tax_differences};
pub(crate) use tolerance::{round_half_to_positive, tax_fits_rate, tax_near};

use crate::{AllowanceCharge, Currency, Error, Invoice, InvoiceLine, Result, Tax, Totals, round_half_up};
use groups::{Groups, Member};
use inclusive::Excluded;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use units::Units;

/// Decimals of every amount of a document: the currency's minor unit, but never more than two, which is all EN 16931
/// allows (BR-DEC-01 and its siblings). A dinar amount is therefore rounded to two of its three decimals. Prices may
/// have more.
///
/// ```
/// use taxpoynt_ubl::{Currency, amount_decimals};
/// let decimals = ["JPY", "NGN", "KWD"].map(|code| Currency::parse(code).map(amount_decimals));
/// assert_eq!(decimals, [Ok(0), Ok(2), Ok(2)]);
/// ```
#[must_use]
pub fn amount_decimals(currency: Currency) -> u32 {
    currency.minor_units().min(2)
}

/// Where the net amounts of the lines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineAmounts {
    /// `net_amount` is stated, as by a till that has sold at it.
    #[default]
    Stated,
    /// `net_amount` is quantity × price ÷ base quantity, rounded, less the line's allowances, plus its charges.
    FromPrices,
}

/// Whether the document's amounts have the tax in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prices {
    /// All are without tax, as EN 16931 has them.
    #[default]
    WithoutTax,
    /// `unit_price`, `net_amount` and the amounts of all allowances and charges include the tax of their line or their
    /// own. It is taken out of each of them: the document is without tax afterwards, as its fields say, so whoever
    /// calculates it a second time must say [`Prices::WithoutTax`].
    WithTax,
}

/// How [`calculate_with`] is to go about it. The default is what [`calculate`] does and EN 16931 describes.
///
/// Its fields are small, so that each can be kept as a setting: each rule has a name and a source
/// ([`Rounding::rule`] and its siblings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Calculation {
    /// Where the net amounts of the lines come from.
    pub line_amounts: LineAmounts,
    /// Whether amounts include tax.
    pub prices: Prices,
    /// How often tax is rounded.
    pub tax: TaxRounding,
    /// Which way every amount is rounded.
    pub rounding: Rounding,
    /// Where what inclusive prices leave over goes.
    pub leftover: Leftover,
    /// How the amount to pay is rounded.
    pub payable: PayableRounding,
}

/// Fills every total and the VAT breakdown of `invoice` from the net amounts of its lines, its document allowances and
/// charges, `totals.prepaid_amount` and `totals.rounding_amount`: [`calculate_with`] by the rules of EN 16931.
///
/// # Errors
/// `Document` where an allowance or charge of the document has no tax; `Overflow` where an amount is beyond 10²⁰. The
/// invoice is unchanged then.
pub fn calculate(invoice: &mut Invoice) -> Result<()> {
    calculate_with(invoice, &Calculation::default())
}

/// Fills every total and the VAT breakdown of `invoice`, and what else `how` asks for. Always in this order:
///
/// 1. The inputs are rounded to [`amount_decimals`] by `how.rounding`, as is everything below.
/// 2. Net amounts of lines are computed where they come [from prices](LineAmounts::FromPrices).
/// 3. Tax is taken out where amounts [include it](Prices::WithTax).
///    - A member that states its tax loses that, rounded.
///    - Of the others, each sum of a category and rate (each member by itself, by [`TaxRounding::PerLine`]) is split into
///      net and tax by [`Leftover`]. Its net goes to the members by the largest remainder, ties to the first, so that
///      each is less than one unit beside its own share. By [`Leftover::InTax`] each then states the rest as its tax.
///    - Allowances and charges of a line are reduced by its rate, or where it states its tax as its amount was.
///    - So is its price, to ten decimals, half up. Where the line followed its price before, and by the new one would be
///      another amount to the hundredth, the price is what the amount gives divided: quantity × price ÷ base quantity
///      still is the line. A price of zero stays, and so does one whose sign would turn (BR-27).
/// 4. Line extension amount = Σ line net amounts (BR-CO-10); allowance and charge totals likewise (BR-CO-11, BR-CO-12).
/// 5. Tax exclusive amount = lines − allowances + charges (BR-CO-13).
/// 6. Lines, allowances (subtracted) and charges are grouped by category and rate, sorted by both. The tax of a group is
///    the sum of what its members state as [`Tax::amount`], copied and never recomputed, plus rate × the taxable amount
///    of those that state none: the sum of each rounded once, or each of the latter by [`TaxRounding::PerLine`].
/// 7. Tax amount = Σ groups (BR-CO-14); tax inclusive = exclusive + tax (BR-CO-15);
///    payable = inclusive − prepaid + rounding (BR-CO-16), brought to a step by [`PayableRounding::ToStep`].
///
/// A shop's shelf prices, and a customer who pays in coins of five:
///
/// ```
/// # use taxpoynt_ubl::*;
/// # let text = r#"{"type":"invoice","kind":"B2C","number":"1","issue_date":"2026-11-02","currency":"NGN",
/// #   "supplier":{"name":"Mama Put Ltd","address":{"country":"NG"}},"lines":[{"id":"1","name":"Jollof rice","quantity":"3",
/// #   "unit":"C62","unit_price":"9.99","net_amount":"0","tax":{"category":"S","percent":"7.5"}}],
/// #   "totals":{"line_extension_amount":"0","allowance_total":"0","charge_total":"0","tax_exclusive_amount":"0",
/// #   "tax_amount":"0","tax_inclusive_amount":"0","prepaid_amount":"0","rounding_amount":"0","payable_amount":"0"},
/// #   "tax_subtotals":[]}"#;
/// # let mut invoice: Invoice = serde_json::from_str(text).unwrap();
/// // One line: 3 × 9.99 with 7.5 % in it.
/// let cash = PayableRounding::ToStep { step: "0.05".parse().unwrap(), rounding: Rounding::HalfUp };
/// let how = Calculation {
///     line_amounts: LineAmounts::FromPrices,
///     prices: Prices::WithTax,
///     payable: cash,
///     ..Calculation::default()
/// };
/// calculate_with(&mut invoice, &how)?;
/// let totals = invoice.totals;
/// assert_eq!((totals.tax_exclusive_amount.to_string(), totals.tax_amount.to_string()), ("27.88".into(), "2.09".into()));
/// assert_eq!(totals.tax_inclusive_amount.to_string(), "29.97");
/// assert_eq!((totals.rounding_amount.to_string(), totals.payable_amount.to_string()), ("-0.02".into(), "29.95".into()));
/// assert_eq!(invoice.lines[0].unit_price.to_string(), "9.2930232558");
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// `Document` where an allowance or charge of the document has no tax, or a line that is computed from its price a base
/// quantity of zero; `Overflow` where an amount is beyond 10²⁰; `RateOutOfRange` where included tax has a rate outside 0
/// to 100; `RoundingStep` where the step is no amount. The invoice is unchanged then.
pub fn calculate_with(invoice: &mut Invoice, how: &Calculation) -> Result<()> {
    let units = Units::new(invoice.currency, how.rounding);
    let mut groups = Groups::default();
    let mut members = members(invoice, units, how.line_amounts, &mut groups)?;
    let excluded = match how.prices {
        Prices::WithoutTax => None,
        Prices::WithTax => Some(inclusive::exclude(&invoice.lines, units, how, &groups, &mut members)?),
    };
    let left_over = excluded.as_ref().map_or(0, |excluded| excluded.left_over);
    for member in &members {
        groups.add(member, units, how.tax)?;
    }
    let (subtotals, tax) = groups.subtotals(units)?;
    let sums = Sums::of(invoice, &members, tax);
    let totals = sums.totals(invoice, units, left_over, how.payable)?;
    let computed = excluded.is_some() || how.line_amounts == LineAmounts::FromPrices;
    let computed = if computed { Some(Computed::of(&members, units, excluded)?) } else { None };
    // Nothing fails from here on.
    (invoice.totals, invoice.tax_subtotals) = (totals, subtotals);
    round_inputs(invoice, units);
    if let Some(computed) = computed {
        computed.write(invoice);
    }
    Ok(())
}

/// The members of the tax breakdown as they stand: lines, allowances, charges.
fn members<'a>(
    invoice: &'a Invoice,
    units: Units,
    from: LineAmounts,
    groups: &mut Groups<'a>,
) -> Result<Vec<Member>> {
    let count = invoice.lines.len() + invoice.allowances.len() + invoice.charges.len();
    let mut members = Vec::with_capacity(count);
    for (index, line) in invoice.lines.iter().enumerate() {
        for part in line.allowances.iter().chain(&line.charges) {
            units.of(part.amount)?;
        }
        let amount = match from {
            LineAmounts::Stated => units.of(line.net_amount)?,
            LineAmounts::FromPrices if line.base_quantity.is_zero() => return Err(no_base_quantity(index)),
            LineAmounts::FromPrices => lines::from_price(units, line)?,
        };
        members.push(Member { amount, group: groups.of(&line.tax), stated: line.tax.amount });
    }
    for (index, part) in invoice.allowances.iter().enumerate() {
        let tax = tax_of(part, "allowances", index)?;
        let stated = tax.amount.map(|stated| -stated);
        members.push(Member { amount: -units.of(part.amount)?, group: groups.of(tax), stated });
    }
    for (index, part) in invoice.charges.iter().enumerate() {
        let tax = tax_of(part, "charges", index)?;
        members.push(Member { amount: units.of(part.amount)?, group: groups.of(tax), stated: tax.amount });
    }
    // Stated taxes are held to the limit, too.
    members.iter().filter_map(|m| m.stated).try_for_each(|stated| units.of(stated).map(drop))?;
    Ok(members)
}

fn no_base_quantity(line: usize) -> Error {
    Error::Document {
        path: format!("lines[{line}].base_quantity"),
        message: "is zero; say how many units the price is for, usually 1".into(),
    }
}

fn tax_of<'a>(part: &'a AllowanceCharge, field: &str, index: usize) -> Result<&'a Tax> {
    part.tax.as_ref().ok_or_else(|| Error::Document {
        path: format!("{field}[{index}].tax"),
        message: "is missing; an allowance or charge of the whole document needs its tax category".into(),
    })
}

/// What the members come to, in units.
struct Sums {
    lines: i128,
    allowances: i128,
    charges: i128,
    tax: i128,
}

impl Sums {
    fn of(invoice: &Invoice, members: &[Member], tax: i128) -> Self {
        let (lines, parts) = members.split_at(invoice.lines.len());
        let (allowances, charges) = parts.split_at(invoice.allowances.len());
        let sum = |members: &[Member]| members.iter().map(|m| m.amount).sum::<i128>();
        Self { lines: sum(lines), allowances: -sum(allowances), charges: sum(charges), tax }
    }

    fn totals(
        &self,
        invoice: &Invoice,
        units: Units,
        left_over: i128,
        payable: PayableRounding,
    ) -> Result<Totals> {
        let exclusive = self.lines - self.allowances + self.charges;
        let inclusive = exclusive + self.tax;
        let prepaid = units.of(invoice.totals.prepaid_amount)?;
        let due = inclusive - prepaid;
        let rounded = due + units.of(invoice.totals.rounding_amount)? + left_over;
        let payable = match payable {
            PayableRounding::Stated => rounded,
            PayableRounding::ToStep { step, rounding } => to_step(rounded, units, step, rounding)?,
        };
        Ok(Totals {
            line_extension_amount: units.amount(self.lines)?,
            allowance_total: units.amount(self.allowances)?,
            charge_total: units.amount(self.charges)?,
            tax_exclusive_amount: units.amount(exclusive)?,
            tax_amount: units.amount(self.tax)?,
            tax_inclusive_amount: units.amount(inclusive)?,
            prepaid_amount: units.amount(prepaid)?,
            rounding_amount: units.amount(payable - due)?,
            payable_amount: units.amount(payable)?,
        })
    }
}

/// The multiple of `step` that stands for `amount`.
fn to_step(amount: i128, units: Units, step: Decimal, rounding: Rounding) -> Result<i128> {
    let whole = Some(step.normalize()).filter(|s| s.scale() <= units.places && *s > Decimal::ZERO);
    let step = units.of(whole.ok_or(Error::RoundingStep { step, decimals: units.places })?)?;
    rounding.quotient(amount, step).and_then(|times| times.checked_mul(step)).ok_or(Error::Overflow)
}

fn round_inputs(invoice: &mut Invoice, units: Units) {
    let round = |part: &mut AllowanceCharge| part.amount = units.rounded(part.amount);
    for line in &mut invoice.lines {
        line.net_amount = units.rounded(line.net_amount);
        line.allowances.iter_mut().chain(&mut line.charges).for_each(round);
    }
    invoice.allowances.iter_mut().chain(&mut invoice.charges).for_each(round);
}

/// What takes the place of inputs.
struct Computed {
    /// Amount and stated tax of each member.
    members: Vec<(Decimal, Option<Decimal>)>,
    excluded: Option<Excluded>,
}

impl Computed {
    fn of(members: &[Member], units: Units, excluded: Option<Excluded>) -> Result<Self> {
        let members = members.iter().map(|m| Ok((units.amount(m.amount)?, m.stated)));
        Ok(Self { members: members.collect::<Result<_>>()?, excluded })
    }

    fn write(self, invoice: &mut Invoice) {
        let decimals = amount_decimals(invoice.currency);
        let mut members = self.members.into_iter();
        for (line, (amount, tax)) in invoice.lines.iter_mut().zip(&mut members) {
            (line.net_amount, line.tax.amount) = (amount, tax);
        }
        let allowances = invoice.allowances.iter_mut().map(|part| (part, true));
        let charges = invoice.charges.iter_mut().map(|part| (part, false));
        for ((part, negated), (amount, stated)) in allowances.chain(charges).zip(members) {
            set_part(part, if negated { -amount } else { amount }, decimals);
            if let Some(tax) = &mut part.tax {
                tax.amount = stated.map(|stated| if negated { -stated } else { stated });
            }
        }
        for (line, without_tax) in
            invoice.lines.iter_mut().zip(self.excluded.into_iter().flat_map(|e| e.lines))
        {
            set_price(line, without_tax.price);
            let parts = line.allowances.iter_mut().chain(&mut line.charges);
            parts.zip(without_tax.parts).for_each(|(part, amount)| set_part(part, amount, decimals));
        }
    }
}

/// Sets the amount of an allowance or charge; what it is a share of changes with it.
fn set_part(part: &mut AllowanceCharge, amount: Decimal, decimals: u32) {
    let before = std::mem::replace(&mut part.amount, amount);
    part.base_amount = part.base_amount.map(|base| in_proportion(base, before, amount, decimals));
}

/// Sets the price of a line; what was taken off it, and the price before, change with it.
fn set_price(line: &mut InvoiceLine, price: Decimal) {
    let before = std::mem::replace(&mut line.unit_price, price);
    let discount = line.price_discount.map(|discount| in_proportion(discount, before, price, PRICE_DECIMALS));
    line.price_discount = discount;
    line.gross_price = line.gross_price.map(|gross| match discount.and_then(|d| price.checked_add(d)) {
        Some(sum) => sum,
        None => in_proportion(gross, before, price, PRICE_DECIMALS),
    });
}

/// Prices are written with so many decimals.
const PRICE_DECIMALS: u32 = 10;

/// `value`, changed as `before` changed to `now`, rounded half up; as it was where that cannot be told.
fn in_proportion(value: Decimal, before: Decimal, now: Decimal, decimals: u32) -> Decimal {
    if before == now {
        return value;
    }
    let scaled = value.checked_mul(now).and_then(|product| product.checked_div(before));
    scaled.map_or(value, |scaled| round_half_up(scaled, decimals))
}
