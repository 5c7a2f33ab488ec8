//! An amount given back without saying for what, spread over the tax rates of the order it was paid for.

use crate::{
    book::{Book, OneCurrency, Tally, add, refuse},
    wire::Record,
};
use rust_decimal::Decimal;
use taxpoynt_core::{
    Result,
    model::{AppliedTax, Disagreement, Item, ItemTax, Sale},
};
use taxpoynt_ubl::{Quantity, round_half_up};

/// What the refunded order sold under one set of taxes.
#[derive(Debug)]
struct Group {
    voucher: bool,
    tax: ItemTax,
    net: Decimal,
    bindings: Vec<(&'static str, usize)>,
}

impl Group {
    fn taxes(&self) -> &[AppliedTax] {
        match &self.tax {
            ItemTax::Applied(taxes) => taxes,
            _ => &[],
        }
    }

    fn gross(&self) -> Result<Decimal> {
        self.taxes()
            .iter()
            .try_fold(self.net, |sum, tax| add(sum, tax.amount.unwrap_or_default(), "source_order"))
    }

    fn joins(&self, voucher: bool, tax: &ItemTax) -> bool {
        let same = |a: &[AppliedTax], b: &[AppliedTax]| {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| (&a.id, &a.name, a.rate) == (&b.id, &b.name, b.rate))
        };
        match (&self.tax, tax) {
            (ItemTax::Applied(own), ItemTax::Applied(other)) => self.voucher == voucher && same(own, other),
            (own, other) => self.voucher == voucher && own == other,
        }
    }

    fn take(&mut self, net: Decimal, tax: &ItemTax) -> Result<()> {
        self.net = add(self.net, net, "source_order")?;
        if let (ItemTax::Applied(own), ItemTax::Applied(more)) = (&mut self.tax, tax) {
            for (own, more) in own.iter_mut().zip(more) {
                let amount =
                    add(own.amount.unwrap_or_default(), more.amount.unwrap_or_default(), "source_order")?;
                own.amount = Some(amount);
            }
        }
        Ok(())
    }
}

/// What the refunded order came to.
struct Source {
    groups: Vec<Group>,
    goods: Decimal,
    tip: Decimal,
    rounding: Decimal,
    disagreements: Vec<Disagreement>,
}

/// Fills `sale` with one item for each set of taxes of the refunded order; together they are `amount`, to the last
/// minor unit. A refund of everything copies the order's own sums, tip and rounding. Less than everything is taken
/// from the goods first, from the tip last.
pub(crate) fn spread(
    sale: &mut Sale,
    record: &Record,
    currency: OneCurrency,
    amount: Decimal,
    amount_at: &str,
    name: Option<&str>,
) -> Result<()> {
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(refuse(format_args!("{amount_at}.amount"), "a refund cannot be negative"));
    }
    let source = source(record, currency)?;
    let everything = add(add(source.goods, source.tip, amount_at)?, source.rounding, amount_at)?;
    sale.disagreements = source.disagreements;
    let goods = if amount == everything {
        sale.tip = source.tip;
        sale.rounding = source.rounding;
        source.goods
    } else {
        sale.tip = add(amount, -source.goods, amount_at)?.clamp(Decimal::ZERO, source.tip.max(Decimal::ZERO));
        add(amount, -sale.tip, amount_at)?
    };
    if goods > source.goods {
        sale.disagreements.push(Disagreement {
            path: amount_at.to_owned(),
            stated: amount,
            computed: everything,
            parts: "lines, service charges, tip and rounding of the refunded order".to_owned(),
        });
    }
    sale.items = shares(source.groups, source.goods, goods, currency, name.unwrap_or_default())?;
    sale.total = Some(add(amount, -sale.tip, amount_at)?);
    Ok(())
}

/// Fills `sale` with one untaxed item: nothing says what this money was for.
pub(crate) fn unlinked(sale: &mut Sale, amount: Decimal) {
    sale.items = vec![item("", amount, ItemTax::Untaxed, false, Vec::new())];
    sale.total = Some(amount);
}

fn source(record: &Record, currency: OneCurrency) -> Result<Source> {
    let order = record.source_order.as_ref().ok_or_else(|| {
        refuse(
            "source_order",
            "missing: this refund has no items, so the order it refunds must say at which tax rates",
        )
    })?;
    let book = Book::of_source(order, currency);
    let mut tally = Tally::default();
    let mut groups: Vec<Group> = Vec::new();
    for (i, line) in book.lines.iter().enumerate() {
        let item = book.item(i, line, &mut tally)?;
        collect(&mut groups, item.voucher, item.net_amount, item.tax, item.bindings)?;
    }
    for charge in book.charges(&mut tally)? {
        collect(&mut groups, false, charge.amount, charge.tax, charge.bindings)?;
    }
    let tip = currency.optional(order.total_tip_money, "source_order.total_tip_money")?.unwrap_or_default();
    let rounding = order.rounding_adjustment.as_ref().and_then(|rounding| rounding.amount_money);
    let rounding = currency.optional(rounding, "source_order.rounding_adjustment.amount_money")?;
    if tally.total <= Decimal::ZERO {
        return Err(refuse("source_order.total_money", "the refunded order came to nothing"));
    }
    Ok(Source {
        groups,
        goods: tally.total,
        tip,
        rounding: rounding.unwrap_or_default(),
        disagreements: tally.disagreements,
    })
}

fn collect(
    groups: &mut Vec<Group>,
    voucher: bool,
    net: Decimal,
    tax: ItemTax,
    bindings: Vec<(&'static str, usize)>,
) -> Result<()> {
    if let ItemTax::Applied(taxes) = &tax
        && taxes.iter().any(|tax| tax.amount.is_none())
    {
        return Err(refuse(
            "source_order.line_items",
            "an applied tax states no amount, so it cannot be split",
        ));
    }
    match groups.iter_mut().find(|group| group.joins(voucher, &tax)) {
        Some(group) => group.take(net, &tax),
        None => {
            groups.push(Group { voucher, tax, net, bindings });
            Ok(())
        }
    }
}

/// Each group's share is rounded to the minor unit; the last takes the remainder, so that the sum is exact.
fn shares(
    groups: Vec<Group>,
    goods: Decimal,
    amount: Decimal,
    currency: OneCurrency,
    name: &str,
) -> Result<Vec<Item>> {
    let places = currency.0.minor_units();
    let part = |of: Decimal, numerator: Decimal, denominator: Decimal| {
        let product = of.checked_mul(numerator)?;
        Some(round_half_up(product.checked_div(denominator)?, places))
    };
    let too_large = || refuse("source_order.total_money", "the amounts are too large to split");
    let mut rest = amount;
    let mut items = Vec::with_capacity(groups.len());
    let last = groups.len().saturating_sub(1);
    for (i, group) in groups.into_iter().enumerate() {
        let gross = group.gross()?;
        let share =
            if i == last { rest } else { part(amount, gross, goods).ok_or_else(too_large)?.min(rest) };
        rest = add(rest, -share, "source_order")?;
        let mut net = share;
        let mut tax = group.tax.clone();
        if let ItemTax::Applied(taxes) = &mut tax {
            for tax in taxes {
                let of = tax.amount.unwrap_or_default();
                let split = if gross.is_zero() { Some(Decimal::ZERO) } else { part(share, of, gross) };
                let split = split.ok_or_else(too_large)?.min(net);
                net = add(net, -split, "source_order")?;
                tax.amount = Some(split);
            }
        }
        if !share.is_zero() {
            items.push(item(name, net, tax, group.voucher, group.bindings));
        }
    }
    Ok(items)
}

fn item(name: &str, net: Decimal, tax: ItemTax, voucher: bool, bindings: Vec<(&'static str, usize)>) -> Item {
    Item {
        id: None,
        name: name.to_owned(),
        description: None,
        sku: None,
        product_id: None,
        voucher,
        quantity: Quantity::ONE,
        unit: None,
        unit_price: net,
        discounts: Vec::new(),
        charges: Vec::new(),
        net_amount: net,
        tax,
        bindings,
    }
}
