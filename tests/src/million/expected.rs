//! What a document must come to, worked out with fractions from the words of `calculate_with` and its rules.

use super::fraction::Fraction;
use rust_decimal::Decimal;
use taxpoynt_ubl::{
    AllowanceCharge, Calculation, Invoice, InvoiceLine, Leftover, LineAmounts, PayableRounding, Prices,
    Rounding, Tax, TaxCategory, TaxRounding, amount_decimals,
};

/// A line, or an allowance or charge of the document.
struct Member {
    /// Its amount; an allowance is below zero.
    amount: Fraction,
    before: Fraction,
    category: TaxCategory,
    percent: Fraction,
    stated: Option<Fraction>,
}

/// One step after the other, as the documentation numbers them.
struct Work<'a> {
    invoice: &'a Invoice,
    how: &'a Calculation,
    places: u32,
    members: Vec<Member>,
    left_over: Fraction,
}

/// What was found where something else was due; nothing where all is as it must be.
#[derive(Debug, Default)]
pub struct Differences(pub Vec<String>);

impl Differences {
    fn compare(&mut self, what: impl FnOnce() -> String, found: Decimal, due: Fraction) {
        if Fraction::of(found) != due {
            self.0.push(format!("{} is {found}, due is {due:?}", what()));
        }
    }
}

/// Compares `calculated` with what `how` makes of `invoice`.
#[must_use]
pub fn differences(invoice: &Invoice, how: &Calculation, calculated: &Invoice) -> Differences {
    let mut work = Work {
        invoice,
        how,
        places: amount_decimals(invoice.currency),
        members: Vec::new(),
        left_over: Fraction::ZERO,
    };
    work.gather();
    if how.prices == Prices::WithTax {
        work.take_tax_out();
    }
    let mut differences = Differences::default();
    work.compare_members(calculated, &mut differences);
    work.compare_totals(calculated, &mut differences);
    differences
}

impl Work<'_> {
    fn round(&self, amount: Fraction) -> Fraction {
        amount.rounded(self.places, self.how.rounding)
    }

    fn input(&self, amount: Decimal) -> Fraction {
        self.round(Fraction::of(amount))
    }

    fn unit(&self) -> Fraction {
        Fraction::new(1, 10_i128.pow(self.places))
    }

    /// Steps 1 and 2.
    fn gather(&mut self) {
        for line in &self.invoice.lines {
            let amount = match self.how.line_amounts {
                LineAmounts::Stated => self.input(line.net_amount),
                LineAmounts::FromPrices => self.by_price(line),
            };
            self.members.push(member(amount, &line.tax, false));
        }
        let untaxed = "the maker gives each part of a document a tax";
        for part in &self.invoice.allowances {
            let amount = -self.input(part.amount);
            self.members.push(member(amount, part.tax.as_ref().expect(untaxed), true));
        }
        for part in &self.invoice.charges {
            let amount = self.input(part.amount);
            self.members.push(member(amount, part.tax.as_ref().expect(untaxed), false));
        }
    }

    fn by_price(&self, line: &InvoiceLine) -> Fraction {
        let exact =
            Fraction::of(line.quantity) * Fraction::of(line.unit_price) / Fraction::of(line.base_quantity);
        self.round(exact) - self.inputs(&line.allowances) + self.inputs(&line.charges)
    }

    fn inputs(&self, parts: &[AllowanceCharge]) -> Fraction {
        parts.iter().map(|part| self.input(part.amount)).sum()
    }

    /// The categories and rates there are, in the order of the breakdown.
    fn groups(&self) -> Vec<(TaxCategory, Fraction)> {
        let mut groups: Vec<_> = self.members.iter().map(|m| (m.category, m.percent)).collect();
        groups.sort();
        groups.dedup();
        groups
    }

    fn of_group(&self, group: (TaxCategory, Fraction)) -> Vec<usize> {
        (0..self.members.len())
            .filter(|at| (self.members[*at].category, self.members[*at].percent) == group)
            .collect()
    }

    /// Step 3.
    fn take_tax_out(&mut self) {
        for group in self.groups() {
            let (stated, calculated): (Vec<_>, Vec<_>) =
                self.of_group(group).into_iter().partition(|at| self.members[*at].stated.is_some());
            for at in stated {
                let tax = self.members[at].stated.map(|tax| self.round(tax));
                self.members[at].stated = tax;
                self.members[at].amount = self.members[at].before - tax.unwrap_or(Fraction::ZERO);
            }
            if group.1 == Fraction::ZERO {
                continue;
            }
            match self.how.tax {
                TaxRounding::PerLine => calculated.iter().for_each(|at| self.split(&[*at], group.1)),
                _ => self.split(&calculated, group.1),
            }
        }
    }

    fn split(&mut self, set: &[usize], percent: Fraction) {
        let gross: Fraction = set.iter().map(|at| self.members[*at].before).sum();
        let whole = Fraction::HUNDRED + percent;
        let net = match self.how.leftover {
            Leftover::InTax => gross - self.round(gross * percent / whole),
            _ => self.closest(gross, percent),
        };
        if self.how.leftover != Leftover::InTax {
            self.left_over = self.left_over + gross - net - self.round(net * percent / Fraction::HUNDRED);
        }
        self.spread(net, set, Fraction::HUNDRED / whole);
    }

    /// The amount that with its tax comes closest to `gross`; of several that nearest the exact one, then the smaller.
    fn closest(&self, gross: Fraction, percent: Fraction) -> Fraction {
        let exact = gross * Fraction::HUNDRED / (Fraction::HUNDRED + percent);
        let start = (exact / self.unit()).floor() * self.unit();
        let around = (-4..=4).map(|steps| start + Fraction::whole(steps) * self.unit());
        let left_over = |net: Fraction| gross - net - self.round(net * percent / Fraction::HUNDRED);
        around
            .min_by_key(|net| (left_over(*net).abs(), (*net - exact).abs(), *net))
            .expect("there are nine to choose from")
    }

    /// Largest remainder, ties to the first.
    fn spread(&mut self, net: Fraction, set: &[usize], share: Fraction) {
        let unit = self.unit();
        let exact = |members: &[Member], at: usize| members[at].before * share / unit;
        let mut rest = net / unit;
        let mut order = Vec::new();
        for &at in set {
            let exact = exact(&self.members, at);
            self.members[at].amount = exact.floor() * unit;
            rest = rest - exact.floor();
            order.push((at, exact - exact.floor()));
        }
        order.sort_by(|(_, a), (_, b)| b.cmp(a));
        for (at, _) in order {
            if rest > Fraction::ZERO {
                self.members[at].amount = self.members[at].amount + unit;
                rest = rest - Fraction::whole(1);
            }
        }
        assert_eq!(rest, Fraction::ZERO, "a spread amount keeps every unit");
        if self.how.leftover == Leftover::InTax {
            for &at in set {
                self.members[at].stated = Some(self.members[at].before - self.members[at].amount);
            }
        }
    }

    fn compare_members(&self, calculated: &Invoice, differences: &mut Differences) {
        let (lines, parts) = self.members.split_at(self.invoice.lines.len());
        for (at, (due, line)) in lines.iter().zip(&calculated.lines).enumerate() {
            differences.compare(|| format!("lines[{at}].net_amount"), line.net_amount, due.amount);
            compare_stated(differences, at, due.stated, line.tax.amount);
            self.compare_line(at, due, line, differences);
        }
        let allowances = calculated.allowances.iter().map(|part| (part, Fraction::whole(-1)));
        let charges = calculated.charges.iter().map(|part| (part, Fraction::whole(1)));
        for (at, (due, (part, sign))) in parts.iter().zip(allowances.chain(charges)).enumerate() {
            differences.compare(|| format!("document part {at}"), part.amount, due.amount * sign);
            let found = part.tax.as_ref().and_then(|tax| tax.amount);
            compare_stated(differences, lines.len() + at, due.stated.map(|stated| stated * sign), found);
        }
    }

    /// Price, allowances and charges of a line.
    fn compare_line(&self, at: usize, due: &Member, line: &InvoiceLine, differences: &mut Differences) {
        let given = &self.invoice.lines[at];
        let with_tax = self.how.prices == Prices::WithTax;
        let share = if !with_tax {
            Fraction::whole(1)
        } else if given.tax.amount.is_some() && due.before != Fraction::ZERO {
            due.amount / due.before
        } else {
            Fraction::HUNDRED / (Fraction::HUNDRED + due.percent)
        };
        let mut net_parts = [Fraction::ZERO; 2];
        let parts = [(&given.allowances, &line.allowances), (&given.charges, &line.charges)];
        for (sum, (given, found)) in net_parts.iter_mut().zip(parts) {
            for (given, found) in given.iter().zip(found) {
                let due = self.round(self.input(given.amount) * share);
                differences.compare(|| format!("a part of lines[{at}]"), found.amount, due);
                *sum = *sum + due;
            }
        }
        let [allowances, charges] = net_parts;
        let price = Fraction::of(given.unit_price);
        let due_price = if with_tax {
            self.net_price(given, due, price * share, due.amount + allowances - charges)
        } else {
            price
        };
        differences.compare(|| format!("lines[{at}].unit_price"), line.unit_price, due_price);
    }

    fn net_price(
        &self,
        given: &InvoiceLine,
        due: &Member,
        price: Fraction,
        before_parts: Fraction,
    ) -> Fraction {
        let half_up = |value: Fraction, places| value.rounded(places, Rounding::HalfUp);
        let price = half_up(price, 10);
        let (quantity, base) = (Fraction::of(given.quantity), Fraction::of(given.base_quantity));
        let followed_its_price = self.by_price(given) == due.before;
        let fits = half_up(quantity * price / base, 2) == before_parts;
        if !followed_its_price || fits || quantity == Fraction::ZERO || price == Fraction::ZERO {
            return price;
        }
        let divided = half_up(before_parts * base / quantity, 10);
        if (divided < Fraction::ZERO) == (price < Fraction::ZERO) { divided } else { price }
    }

    /// Steps 4 to 7.
    fn compare_totals(&self, calculated: &Invoice, differences: &mut Differences) {
        let sum = |members: &[Member]| members.iter().map(|m| m.amount).sum::<Fraction>();
        let (lines, parts) = self.members.split_at(self.invoice.lines.len());
        let (allowances, charges) = parts.split_at(self.invoice.allowances.len());
        let (lines, allowances, charges) = (sum(lines), -sum(allowances), sum(charges));
        let tax = self.compare_breakdown(calculated, differences);
        let exclusive = lines - allowances + charges;
        let inclusive = exclusive + tax;
        let prepaid = self.input(self.invoice.totals.prepaid_amount);
        let due = inclusive - prepaid + self.input(self.invoice.totals.rounding_amount) + self.left_over;
        let payable = match self.how.payable {
            PayableRounding::ToStep { step, rounding } => {
                (due / Fraction::of(step)).rounded(0, rounding) * Fraction::of(step)
            }
            _ => due,
        };
        let totals = &calculated.totals;
        for (name, found, due) in [
            ("line_extension_amount", totals.line_extension_amount, lines),
            ("allowance_total", totals.allowance_total, allowances),
            ("charge_total", totals.charge_total, charges),
            ("tax_exclusive_amount", totals.tax_exclusive_amount, exclusive),
            ("tax_amount", totals.tax_amount, tax),
            ("tax_inclusive_amount", totals.tax_inclusive_amount, inclusive),
            ("prepaid_amount", totals.prepaid_amount, prepaid),
            ("rounding_amount", totals.rounding_amount, payable - (inclusive - prepaid)),
            ("payable_amount", totals.payable_amount, payable),
        ] {
            differences.compare(|| format!("totals.{name}"), found, due);
            if found.scale() != self.places {
                differences.0.push(format!("totals.{name} is {found}, due are {} decimals", self.places));
            }
        }
        self.compare_inclusive_sum(inclusive, differences);
    }

    /// What the buyer was told with tax in it is what the document comes to.
    fn compare_inclusive_sum(&self, inclusive: Fraction, differences: &mut Differences) {
        let told: Fraction = self.members.iter().map(|m| m.before).sum();
        if self.how.prices == Prices::WithTax && inclusive + self.left_over != told {
            differences.0.push(format!("inclusive amounts of {told:?} come to {inclusive:?}"));
        }
    }

    fn compare_breakdown(&self, calculated: &Invoice, differences: &mut Differences) -> Fraction {
        let groups = self.groups();
        if groups.len() != calculated.tax_subtotals.len() {
            differences
                .0
                .push(format!("{} tax subtotals, due are {groups:?}", calculated.tax_subtotals.len()));
        }
        let mut total = Fraction::ZERO;
        for (group, found) in groups.into_iter().zip(&calculated.tax_subtotals) {
            let members: Vec<&Member> =
                self.of_group(group).into_iter().map(|at| &self.members[at]).collect();
            let taxable = members.iter().map(|m| m.amount).sum();
            let stated: Fraction = members.iter().filter_map(|m| m.stated).sum();
            let unstated = members.iter().filter(|m| m.stated.is_none());
            let of = |amount: Fraction| self.round(amount * group.1 / Fraction::HUNDRED);
            let by_rate = match self.how.tax {
                TaxRounding::PerLine => unstated.map(|m| of(m.amount)).sum(),
                _ => of(unstated.map(|m| m.amount).sum()),
            };
            let tax = self.round(stated) + by_rate;
            if (found.category, Fraction::of(found.percent)) != group {
                differences
                    .0
                    .push(format!("a subtotal of {:?} {}, due is {group:?}", found.category, found.percent));
            }
            differences.compare(|| format!("taxable amount of {group:?}"), found.taxable_amount, taxable);
            differences.compare(|| format!("tax of {group:?}"), found.tax_amount, tax);
            total = total + tax;
        }
        total
    }
}

fn member(amount: Fraction, tax: &Tax, negated: bool) -> Member {
    let stated = tax.amount.map(|stated| if negated { -Fraction::of(stated) } else { Fraction::of(stated) });
    Member { amount, before: amount, category: tax.category, percent: Fraction::of(tax.percent), stated }
}

fn compare_stated(differences: &mut Differences, at: usize, due: Option<Fraction>, found: Option<Decimal>) {
    if found.map(Fraction::of) != due {
        differences.0.push(format!("the stated tax of member {at} is {found:?}, due is {due:?}"));
    }
}
