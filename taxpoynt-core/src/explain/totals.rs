//! Amounts that are worked out, each with the figures it was worked out from.

use super::{
    place::Place,
    subject::{Explainer, Made, Told, calculated, fixed},
};
use rust_decimal::Decimal;
use taxpoynt_ubl::{AllowanceCharge, Tax, TaxSubtotal};

/// So many figures of a sum are shown; a person adds no more up.
const FIGURES: usize = 20;

/// A line, discount or charge as the tax breakdown sees it.
struct Member<'i> {
    tax: &'i Tax,
    /// Below zero for a discount.
    amount: Decimal,
    stated: Option<Decimal>,
    /// The target of the rule that decided its tax.
    target: String,
}

impl Explainer<'_> {
    pub(super) fn totals(&self, place: &Place<'_>) -> Option<Told> {
        let invoice = self.subject.invoice;
        let totals = &invoice.totals;
        match place.names().as_slice() {
            ["TaxTotal", "TaxAmount"] if place.nth(0) > 0 => self.accounted(),
            ["TaxTotal", "TaxAmount"] => {
                let taxes = invoice.tax_subtotals.iter().map(|subtotal| subtotal.tax_amount);
                Some(self.sum("the tax of every rate", taxes, totals.tax_amount))
            }
            ["TaxTotal", "TaxSubtotal", rest @ ..] => {
                self.subtotal(invoice.tax_subtotals.get(place.nth(1))?, rest)
            }
            ["LegalMonetaryTotal", name] => self.total(name),
            _ => None,
        }
    }

    fn total(&self, name: &str) -> Option<Told> {
        let invoice = self.subject.invoice;
        let totals = &invoice.totals;
        let amounts =
            |parts: &[AllowanceCharge]| -> Vec<Decimal> { parts.iter().map(|p| p.amount).collect() };
        Some(match name {
            "LineExtensionAmount" => {
                let what = match invoice.lines.len() {
                    1 => "the net amount of the only line".to_owned(),
                    n => format!("the net amounts of lines 1 to {n}"),
                };
                let nets = invoice.lines.iter().map(|line| line.net_amount);
                self.sum(&what, nets, totals.line_extension_amount)
            }
            "AllowanceTotalAmount" => self.sum(
                "the discounts on the whole document",
                amounts(&invoice.allowances),
                totals.allowance_total,
            ),
            "ChargeTotalAmount" => {
                self.sum("the charges on the whole document", amounts(&invoice.charges), totals.charge_total)
            }
            "TaxExclusiveAmount" => {
                let adjusted = !invoice.allowances.is_empty() || !invoice.charges.is_empty();
                let what = if adjusted { "the lines, less discounts, plus charges" } else { "the lines" };
                let parts = [totals.line_extension_amount, -totals.allowance_total, totals.charge_total];
                self.sum(what, there(parts), totals.tax_exclusive_amount)
            }
            "TaxInclusiveAmount" => self.sum(
                "the total without tax, plus the tax",
                [totals.tax_exclusive_amount, totals.tax_amount],
                totals.tax_inclusive_amount,
            ),
            "PrepaidAmount" => self.copied("sale.prepaid"),
            "PayableRoundingAmount" => match self.subject.made {
                Made::TakesBack(original) | Made::AddsTo(original) => self.taken_over(original),
                Made::FromRecord(_) => self.copied("sale.rounding"),
            },
            "PayableAmount" => {
                let parts = [totals.tax_inclusive_amount, -totals.prepaid_amount, totals.rounding_amount];
                let mut what = "the total with tax".to_owned();
                if !totals.prepaid_amount.is_zero() {
                    what.push_str(", less what was paid before");
                }
                if !totals.rounding_amount.is_zero() {
                    what.push_str(", rounded as the platform rounds it");
                }
                self.sum(&what, there(parts), totals.payable_amount)
            }
            _ => return None,
        })
    }

    fn subtotal(&self, subtotal: &TaxSubtotal, rest: &[&str]) -> Option<Told> {
        let all = self.members();
        let of = |m: &&Member<'_>| {
            m.tax.category == subtotal.category && m.tax.percent.normalize() == subtotal.percent.normalize()
        };
        let members: Vec<&Member<'_>> = all.iter().filter(of).collect();
        let rate = format!("{:?} {} %", subtotal.category, subtotal.percent.normalize());
        Some(match rest {
            ["TaxableAmount"] => {
                let what = format!("the amounts that are taxed {rate}, discounts taken off");
                self.sum(&what, members.iter().map(|m| m.amount), subtotal.taxable_amount)
            }
            ["TaxAmount"] => self.tax_amount(subtotal, &members),
            ["TaxCategory", "TaxScheme", "ID"] => {
                fixed("the tax of an invoice is VAT (EN 16931: BT-95-1, BT-102-1, BT-118-1, BT-151-1)")
            }
            ["TaxCategory", "TaxExemptionReason"] => {
                let with_reason = members.iter().find(|m| m.tax.reason.is_some());
                match (subtotal.reason.is_some(), with_reason) {
                    (true, Some(member)) => self.tax_of(&member.target, "TaxExemptionReason")?,
                    _ => fixed(format!(
                        "category {:?} needs a reason (BR-{0:?}-10) and no rule gives one",
                        subtotal.category
                    )),
                }
            }
            ["TaxCategory", name] => self.tax_of(&members.first()?.target, name)?,
            _ => return None,
        })
    }

    /// What decided the tax of a line or charge.
    fn tax_of(&self, target: &str, name: &str) -> Option<Told> {
        match self.subject.made {
            Made::FromRecord(_) if target == "tip_tax" => Some(match self.tax(target, name) {
                Some(told) => told,
                None => fixed("nothing says how a tip is taxed, so it is exempt as a gratuity (policy.tips)"),
            }),
            Made::FromRecord(_) => self.tax(target, name),
            Made::TakesBack(original) => Some(self.taken_over(original)),
            Made::AddsTo(original) => Some(
                super::entry::Origin::Asked {
                    what: format!("the debit note to {} that was asked for", original.number),
                }
                .into(),
            ),
        }
    }

    /// What the platform applied is copied; the rest is worked out at its rate.
    fn tax_amount(&self, subtotal: &TaxSubtotal, members: &[&Member<'_>]) -> Told {
        let stated: Vec<Decimal> = members.iter().filter_map(|m| m.stated).collect();
        let open: Vec<Decimal> = members.iter().filter(|m| m.stated.is_none()).map(|m| m.amount).collect();
        let result = subtotal.tax_amount;
        if open.is_empty() {
            return self.sum("the tax that the platform applied to each, copied", stated, result);
        }
        let taxable: Decimal = open.iter().copied().sum();
        let product = format!("{} x {} %", self.money(taxable), subtotal.percent.normalize());
        if stated.is_empty() {
            return calculated(format!("the taxable amount at its rate: {product} = {}", self.money(result)));
        }
        let copied = self.added(stated);
        calculated(format!(
            "the tax that the platform applied, copied, plus the rest at its rate: {copied} + {product} = {}",
            self.money(result)
        ))
    }

    fn accounted(&self) -> Option<Told> {
        let invoice = self.subject.invoice;
        let rate = invoice.tax_exchange_rate.as_ref()?;
        let converted = invoice.tax_amount_in_tax_currency?;
        Some(calculated(format!(
            "the tax at the rate of exchange: {} {} x {} = {converted} {}",
            self.money(invoice.totals.tax_amount),
            rate.from.code(),
            rate.rate,
            rate.to.code()
        )))
    }

    fn members(&self) -> Vec<Member<'_>> {
        let invoice = self.subject.invoice;
        let lines = invoice.lines.iter().enumerate().map(|(at, line)| Member {
            tax: &line.tax,
            amount: line.net_amount,
            stated: line.tax.amount,
            target: format!("lines[{at}].tax"),
        });
        let of_line = |tax: &Tax| {
            let mut lines = invoice.lines.iter();
            lines.position(|l| l.tax.category == tax.category && l.tax.percent == tax.percent)
        };
        let discounts = invoice.allowances.iter().filter_map(|part| {
            let tax = part.tax.as_ref()?;
            let target = format!("lines[{}].tax", of_line(tax)?);
            Some(Member { tax, amount: -part.amount, stated: tax.amount.map(|amount| -amount), target })
        });
        let charged = self.sale().map_or(invoice.charges.len(), |sale| sale.charges.len());
        let charges = invoice.charges.iter().enumerate().filter_map(move |(at, part)| {
            let tax = part.tax.as_ref()?;
            let target = if at < charged { format!("charges[{at}].tax") } else { "tip_tax".to_owned() };
            Some(Member { tax, amount: part.amount, stated: tax.amount, target })
        });
        lines.chain(discounts).chain(charges).collect()
    }

    /// `what: 100.00 + 50.00 = 150.00`; one figure is its own sum.
    fn sum(&self, what: &str, parts: impl IntoIterator<Item = Decimal>, result: Decimal) -> Told {
        let parts: Vec<Decimal> = parts.into_iter().collect();
        let result = self.money(result);
        match parts.as_slice() {
            [only] if self.money(*only) == result => calculated(format!("{what}: {result}")),
            _ => calculated(format!("{what}: {} = {result}", self.added(parts))),
        }
    }

    fn added(&self, parts: Vec<Decimal>) -> String {
        let more = parts.len().saturating_sub(FIGURES);
        let mut text = String::new();
        for (at, part) in parts.into_iter().take(FIGURES).enumerate() {
            let sign = match (at, part.is_sign_negative() && !part.is_zero()) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            text.push_str(sign);
            text.push_str(&self.money(part.abs()));
        }
        if more > 0 {
            text.push_str(&format!(" + … ({more} more)"));
        }
        text
    }
}

/// The first figure, and those of the others that are not nothing.
fn there(parts: [Decimal; 3]) -> impl Iterator<Item = Decimal> {
    parts.into_iter().enumerate().filter(|(at, part)| *at == 0 || !part.is_zero()).map(|(_, part)| part)
}
