//! Taking the tax out of amounts that include it.

use super::Calculation;
use super::groups::{Groups, Member};
use super::lines;
use super::rules::{Leftover, Rounding, TaxRounding};
use super::units::{Units, power};
use crate::{AllowanceCharge, Error, InvoiceLine, Result};
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// Prices are written with so many decimals.
const PRICES: Units = Units { places: 10, rounding: Rounding::HalfUp };

/// A line is compared with its price to the hundredth, whatever the currency.
const HUNDREDTHS: Units = Units { places: 2, rounding: Rounding::HalfUp };

/// What changes beside the members' amounts.
pub(super) struct Excluded {
    pub(super) lines: Vec<NetLine>,
    /// In units, for the rounding amount.
    pub(super) left_over: i128,
}

/// Price, allowances and charges of a line without tax.
pub(super) struct NetLine {
    pub(super) price: Decimal,
    pub(super) parts: Vec<Decimal>,
}

/// Takes the tax out of `members` and of the prices and parts of the lines.
pub(super) fn exclude(
    lines: &[InvoiceLine],
    units: Units,
    how: &Calculation,
    groups: &Groups<'_>,
    members: &mut [Member],
) -> Result<Excluded> {
    let rates = groups.list.iter().map(|group| Included::of(group.percent)).collect::<Result<Vec<_>>>()?;
    let gross: Vec<i128> = members.iter().take(lines.len()).map(|m| m.amount).collect();
    let mut sets: Vec<Vec<usize>> = vec![Vec::new(); rates.len()];
    for (at, member) in members.iter_mut().enumerate() {
        match member.stated {
            Some(stated) => {
                let tax = units.of(stated)?;
                member.amount -= tax;
                member.stated = Some(units.amount(tax)?);
            }
            None if rates[member.group].rate == 0 => {}
            None => sets[member.group].push(at),
        }
    }
    let mut left_over = 0;
    for (rate, set) in rates.iter().zip(&sets) {
        let each = if how.tax == TaxRounding::PerLine { 1 } else { set.len().max(1) };
        for set in set.chunks(each) {
            left_over += rate.take_out(set, members, units, how.leftover)?;
        }
    }
    let net_line = |((line, member), gross): ((&InvoiceLine, &Member), &i128)| {
        let by_rate = line.tax.amount.is_none() || *gross == 0;
        let share =
            if by_rate { rates[member.group].share() } else { Share { net: member.amount, gross: *gross } };
        share.of_line(line, *gross, member.amount, units)
    };
    let lines = lines.iter().zip(&*members).zip(&gross).map(net_line).collect::<Result<_>>()?;
    Ok(Excluded { lines, left_over })
}

/// A rate of included tax: of `hundred + rate` parts, `rate` are tax.
struct Included {
    percent: Decimal,
    hundred: i128,
    rate: i128,
}

impl Included {
    fn of(percent: Decimal) -> Result<Self> {
        if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
            return Err(Error::RateOutOfRange(percent));
        }
        let percent = percent.normalize();
        Ok(Self { percent, hundred: power(percent.scale() + 2)?, rate: percent.mantissa() })
    }

    fn share(&self) -> Share {
        Share { net: self.hundred, gross: self.hundred + self.rate }
    }

    /// Splits the sum of a set into net and tax, spreads the net over its members, and returns what is left over.
    fn take_out(
        &self,
        set: &[usize],
        members: &mut [Member],
        units: Units,
        leftover: Leftover,
    ) -> Result<i128> {
        let gross = set.iter().map(|&at| members[at].amount).sum();
        let (net, left_over) = self.split(gross, units, leftover)?;
        for (&at, net) in set.iter().zip(self.spread(net, set, members)?) {
            let tax = members[at].amount - net;
            members[at].amount = net;
            if leftover == Leftover::InTax {
                members[at].stated = Some(units.amount(tax)?);
            }
        }
        Ok(left_over)
    }

    /// The net amount in `gross`, and what it and its tax leave of it.
    fn split(&self, gross: i128, units: Units, leftover: Leftover) -> Result<(i128, i128)> {
        let Share { gross: whole, .. } = self.share();
        let times = |a: i128, b: i128| a.checked_mul(b).ok_or(Error::Overflow);
        if leftover == Leftover::InTax {
            let tax = units.rounding.quotient(times(gross, self.rate)?, whole).ok_or(Error::Overflow)?;
            return Ok((gross - tax, 0));
        }
        // What fits is less than one unit beside the exact share, so it is one of these.
        let exact = times(gross, self.hundred)?;
        let mut best = None;
        for net in exact / whole - 1..=exact / whole + 1 {
            let left_over = gross - net - units.share(net, self.percent)?;
            let distance = (left_over.abs(), (times(net, whole)? - exact).abs());
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, (net, left_over)));
            }
        }
        best.map(|(_, split)| split).ok_or(Error::Overflow)
    }

    /// The parts of `net` in proportion to the members of a set, by the largest remainder, ties to the first.
    fn spread(&self, net: i128, set: &[usize], members: &[Member]) -> Result<Vec<i128>> {
        let Share { net: hundred, gross: whole } = self.share();
        let mut parts = Vec::with_capacity(set.len());
        let mut rests = Vec::with_capacity(set.len());
        for (place, &at) in set.iter().enumerate() {
            let exact = members[at].amount.checked_mul(hundred).ok_or(Error::Overflow)?;
            parts.push(exact.div_euclid(whole));
            rests.push((Reverse(exact.rem_euclid(whole)), place));
        }
        rests.sort_unstable();
        let missing = net - parts.iter().sum::<i128>();
        let missing = usize::try_from(missing).map_err(|_| Error::Overflow)?;
        rests.iter().take(missing).for_each(|(_, place)| parts[*place] += 1);
        Ok(parts)
    }
}

/// What of an inclusive amount is without tax.
#[derive(Clone, Copy)]
struct Share {
    net: i128,
    gross: i128,
}

impl Share {
    fn of_line(self, line: &InvoiceLine, gross: i128, net: i128, units: Units) -> Result<NetLine> {
        let part = |part: &AllowanceCharge| self.of(units.of(part.amount)?, units);
        let allowances = line.allowances.iter().map(part).collect::<Result<Vec<_>>>()?;
        let charges = line.charges.iter().map(part).collect::<Result<Vec<_>>>()?;
        let before_parts = net + allowances.iter().sum::<i128>() - charges.iter().sum::<i128>();
        let from_price = lines::from_price(units, line).is_ok_and(|amount| amount == gross);
        let price = self.of_price(line.unit_price)?;
        let price = if from_price { fitting(price, line, units.amount(before_parts)?)? } else { price };
        let parts = allowances.iter().chain(&charges).map(|part| units.amount(*part));
        Ok(NetLine { price, parts: parts.collect::<Result<_>>()? })
    }

    fn of(self, amount: i128, units: Units) -> Result<i128> {
        let share = |numerator| units.rounding.quotient(numerator, self.gross);
        units.within(amount.checked_mul(self.net).and_then(share))
    }

    fn of_price(self, price: Decimal) -> Result<Decimal> {
        let whole = |n: i128| Decimal::try_from_i128_with_scale(n, 0).map_err(|_| Error::Overflow);
        PRICES.amount(PRICES.multiply_divide(price, whole(self.net)?, whole(self.gross)?)?)
    }
}

/// `price` where quantity × price gives the line's `amount` before allowances and charges, else that amount divided.
fn fitting(price: Decimal, line: &InvoiceLine, amount: Decimal) -> Result<Decimal> {
    let gives = HUNDREDTHS.multiply_divide(line.quantity, price, line.base_quantity)?;
    if gives == HUNDREDTHS.of(amount)? || line.quantity.is_zero() || price.is_zero() {
        return Ok(price);
    }
    let divided = PRICES.amount(PRICES.multiply_divide(amount, line.base_quantity, line.quantity)?)?;
    // Where a spread unit would turn the price of something almost free, it stays (BR-27).
    Ok(if divided.is_sign_negative() == price.is_sign_negative() { divided } else { price })
}
