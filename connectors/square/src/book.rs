//! One set of lines with the taxes, discounts and charges they refer to: a sale's, a return's, or a refunded order's.

use crate::wire::{AppliedTax as WireTax, Discount, LineItem, Money, Order, Return, ServiceCharge, Tax};
use rust_decimal::Decimal;
use std::fmt;
use taxpoynt_core::{
    Error, Result,
    model::{AppliedTax, Disagreement, ItemTax},
};
use taxpoynt_ubl::{Currency, Money as Exact, Rate};

/// The operation that every error of `normalize` names.
pub(crate) const OPERATION: &str = "square.normalize";

/// A malformed value at `field`.
pub(crate) fn refuse(field: impl fmt::Display, message: impl fmt::Display) -> Error {
    let field = field.to_string();
    let message = format!("{field}: {message}");
    Error::payload(OPERATION, field, message)
}

/// The element of a list, as error paths write it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a>(pub(crate) &'a str, pub(crate) usize);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.0, self.1)
    }
}

/// A sum that the decimal type cannot hold is hostile input, not a sale.
pub(crate) fn add(a: Decimal, b: Decimal, at: impl fmt::Display) -> Result<Decimal> {
    a.checked_add(b).ok_or_else(|| refuse(at, "the amounts add up to more than 28 digits"))
}

/// One currency for a whole record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneCurrency(pub(crate) Currency);

impl OneCurrency {
    /// The amount in major units.
    pub(crate) fn amount(self, money: Money, at: impl fmt::Display) -> Result<Decimal> {
        if money.currency != self.0 {
            let message = format!("the order is in {}, this amount is in {}", self.0, money.currency);
            return Err(refuse(format_args!("{at}.currency"), message));
        }
        Ok(Exact::from_minor(money.amount.0, self.0).amount())
    }

    /// The amount in major units, where there is one.
    pub(crate) fn optional(self, money: Option<Money>, at: impl fmt::Display) -> Result<Option<Decimal>> {
        money.map(|money| self.amount(money, at)).transpose()
    }
}

/// What the lines and charges of a book add up to, and where the platform's own numbers contradict that.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Sum of line totals and of charges beside the lines.
    pub(crate) total: Decimal,
    /// Sum of their taxes.
    pub(crate) tax: Decimal,
    /// Sum of line discounts, as stated.
    pub(crate) discount: Decimal,
    /// By tax: what lines and charges say it came to; none where one does not say.
    pub(crate) by_tax: Vec<Option<Decimal>>,
    /// The contradictions.
    pub(crate) disagreements: Vec<Disagreement>,
}

impl Tally {
    /// Records a contradiction; `stated` is what the platform says at `path`.
    pub(crate) fn compare(
        &mut self,
        path: impl fmt::Display,
        stated: Option<Decimal>,
        computed: Decimal,
        parts: &str,
    ) {
        if let Some(stated) = stated.filter(|stated| *stated != computed) {
            self.disagreements.push(Disagreement {
                path: path.to_string(),
                stated,
                computed,
                parts: parts.to_owned(),
            });
        }
    }

    fn count_tax(&mut self, index: usize, amount: Option<Decimal>) {
        if self.by_tax.len() <= index {
            self.by_tax.resize(index + 1, Some(Decimal::ZERO));
        }
        if let Some(sum) = self.by_tax.get_mut(index) {
            *sum = sum.zip(amount).and_then(|(sum, amount)| sum.checked_add(amount));
        }
    }
}

/// The names a rule binds to: a path of members, indexes left out. `outer` is the element of the list around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lists {
    pub(crate) lines: &'static str,
    pub(crate) taxes: &'static str,
    pub(crate) charges: &'static str,
    pub(crate) outer: Option<(&'static str, usize)>,
}

impl Lists {
    /// The bindings of an element of `list` and of the tax on it.
    pub(crate) fn bind(
        &self,
        list: &'static str,
        index: usize,
        tax: Option<usize>,
    ) -> Vec<(&'static str, usize)> {
        let tax = tax.map(|tax| (self.taxes, tax));
        self.outer.into_iter().chain([(list, index)]).chain(tax).collect()
    }
}

/// A set of lines.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    pub(crate) currency: OneCurrency,
    pub(crate) lists: Lists,
    /// Paths for errors: of the lines, the taxes and the charges.
    pub(crate) lines_at: String,
    pub(crate) taxes_at: String,
    pub(crate) charges_at: String,
    pub(crate) lines: &'a [LineItem],
    pub(crate) taxes: &'a [Tax],
    pub(crate) discounts: &'a [Discount],
    pub(crate) charges: &'a [ServiceCharge],
}

impl<'a> Book<'a> {
    /// What an order sells.
    pub(crate) fn of_order(order: &'a Order, currency: OneCurrency) -> Self {
        let lists = Lists {
            lines: "order.line_items",
            taxes: "order.taxes",
            charges: "order.service_charges",
            outer: None,
        };
        Self::of_sale(order, currency, lists)
    }

    /// What the refunded order sold.
    pub(crate) fn of_source(order: &'a Order, currency: OneCurrency) -> Self {
        let lists = Lists {
            lines: "source_order.line_items",
            taxes: "source_order.taxes",
            charges: "source_order.service_charges",
            outer: None,
        };
        Self::of_sale(order, currency, lists)
    }

    fn of_sale(order: &'a Order, currency: OneCurrency, lists: Lists) -> Self {
        Self {
            currency,
            lists,
            lines_at: lists.lines.to_owned(),
            taxes_at: lists.taxes.to_owned(),
            charges_at: lists.charges.to_owned(),
            lines: &order.line_items,
            taxes: &order.taxes,
            discounts: &order.discounts,
            charges: &order.service_charges,
        }
    }

    /// What entry `index` of `order.returns` takes back.
    pub(crate) fn of_return(entry: &'a Return, index: usize, currency: OneCurrency) -> Self {
        let at = At("order.returns", index);
        Self {
            currency,
            lists: Lists {
                lines: "order.returns.return_line_items",
                taxes: "order.returns.return_taxes",
                charges: "order.returns.return_service_charges",
                outer: Some(("order.returns", index)),
            },
            lines_at: format!("{at}.return_line_items"),
            taxes_at: format!("{at}.return_taxes"),
            charges_at: format!("{at}.return_service_charges"),
            lines: &entry.return_line_items,
            taxes: &entry.return_taxes,
            discounts: &entry.return_discounts,
            charges: &entry.return_service_charges,
        }
    }
}

/// The taxes applied to one line or charge.
#[derive(Debug)]
pub(crate) struct Applied {
    taxes: Vec<(usize, AppliedTax)>,
    /// What they come to together.
    pub(crate) total: Decimal,
    /// How much of it is inside the stated prices.
    pub(crate) inclusive: Decimal,
    /// The rates that are inside the stated prices.
    pub(crate) inclusive_percent: Decimal,
    /// Whether any is inside the stated prices.
    pub(crate) is_inclusive: bool,
}

impl Applied {
    /// The tax a rule binds to.
    pub(crate) fn first(&self) -> Option<usize> {
        self.taxes.first().map(|(index, _)| *index)
    }

    /// As the model says it: Square always carries taxes, so none applied means untaxed.
    pub(crate) fn into_item_tax(self) -> ItemTax {
        if self.taxes.is_empty() {
            return ItemTax::Untaxed;
        }
        ItemTax::Applied(self.taxes.into_iter().map(|(_, tax)| tax).collect())
    }
}

impl Book<'_> {
    /// Joins applied taxes to the order's; `stated` is the total tax of the line or charge at `at`.
    pub(crate) fn applied(
        &self,
        wire: &[WireTax],
        stated: Option<Decimal>,
        at: At<'_>,
        tally: &mut Tally,
    ) -> Result<Applied> {
        let mut applied = Applied {
            taxes: Vec::with_capacity(wire.len()),
            total: Decimal::ZERO,
            inclusive: Decimal::ZERO,
            inclusive_percent: Decimal::ZERO,
            is_inclusive: false,
        };
        let mut sum = Some(Decimal::ZERO);
        for (i, one) in wire.iter().enumerate() {
            let own = self
                .currency
                .optional(one.applied_money, format_args!("{at}.applied_taxes[{i}].applied_money"))?;
            // With a single tax, the line's total tax is that tax.
            let amount = own.or_else(|| stated.filter(|_| wire.len() == 1));
            let (index, tax) =
                self.join(&one.tax_uid, amount, format_args!("{at}.applied_taxes[{i}].tax_uid"))?;
            if self.taxes.get(index).is_some_and(|tax| tax.kind.as_deref() == Some("INCLUSIVE")) {
                applied.is_inclusive = true;
                applied.inclusive = add(applied.inclusive, amount.unwrap_or_default(), at)?;
                applied.inclusive_percent = add(applied.inclusive_percent, tax.rate.get(), at)?;
            }
            sum = sum.zip(amount).map(|(sum, amount)| add(sum, amount, at)).transpose()?;
            tally.count_tax(index, amount);
            applied.taxes.push((index, tax));
        }
        if let Some(sum) = sum {
            tally.compare(format_args!("{at}.total_tax_money"), stated, sum, "applied taxes");
        }
        applied.total = stated.or(sum).ok_or_else(|| {
            refuse(format_args!("{at}.total_tax_money"), "missing, and the applied taxes state no amounts")
        })?;
        tally.tax = add(tally.tax, applied.total, at)?;
        Ok(applied)
    }

    fn join(&self, uid: &str, amount: Option<Decimal>, at: impl fmt::Display) -> Result<(usize, AppliedTax)> {
        let found = self.taxes.iter().enumerate().find(|(_, tax)| tax.uid.as_deref() == Some(uid));
        let (index, tax) =
            found.ok_or_else(|| refuse(at, format_args!("{} has no tax {uid:?}", self.taxes_at)))?;
        let tax_at = At(&self.taxes_at, index);
        let percentage_at = format_args!("{tax_at}.percentage");
        let percent = tax
            .percentage
            .ok_or_else(|| refuse(percentage_at, "missing: an invoice states the rate of each tax"))?;
        let rate = Rate::percent(percent.0).map_err(|e| refuse(percentage_at, e))?;
        let applied = AppliedTax { id: tax.catalog_object_id.clone(), name: tax.name.clone(), rate, amount };
        Ok((index, applied))
    }

    /// Compares what the order says of each tax with what its lines and charges say.
    pub(crate) fn compare_taxes(&self, tally: &mut Tally) -> Result<()> {
        for (i, tax) in self.taxes.iter().enumerate() {
            let path = format!("{}.applied_money", At(&self.taxes_at, i));
            let stated = self.currency.optional(tax.applied_money, &path)?;
            if let Some(sum) = tally.by_tax.get(i).copied().unwrap_or(Some(Decimal::ZERO)) {
                tally.compare(path, stated, sum, "shares of the lines and service charges");
            }
        }
        Ok(())
    }
}
