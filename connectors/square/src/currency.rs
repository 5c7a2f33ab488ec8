//! Every amount of a record is in one currency: also those that nothing is computed from.

use crate::{
    book::{At, OneCurrency},
    wire::{Amounts, Discount, LineItem, Money, Record, ServiceCharge},
};
use std::fmt;
use taxpoynt_core::Result;

/// Refuses a record in which an amount has another currency, naming it. What is copied is checked where it is copied;
/// this looks at the rest.
pub(crate) fn check(record: &Record, currency: OneCurrency) -> Result<()> {
    let order = &record.order;
    for (i, line) in order.line_items.iter().enumerate() {
        line_prices(line, At("order.line_items", i), currency)?;
    }
    for (i, discount) in order.discounts.iter().enumerate() {
        one_discount(discount, At("order.discounts", i), currency)?;
    }
    for (i, charge) in order.service_charges.iter().enumerate() {
        one_charge(charge, At("order.service_charges", i), currency)?;
    }
    for (i, entry) in order.returns.iter().enumerate() {
        let at = At("order.returns", i);
        for (i, line) in entry.return_line_items.iter().enumerate() {
            line_prices(line, At(&format!("{at}.return_line_items"), i), currency)?;
        }
        for (i, discount) in entry.return_discounts.iter().enumerate() {
            one_discount(discount, At(&format!("{at}.return_discounts"), i), currency)?;
        }
        for (i, charge) in entry.return_service_charges.iter().enumerate() {
            one_charge(charge, At(&format!("{at}.return_service_charges"), i), currency)?;
        }
        rollup(entry.return_amounts.as_ref(), format_args!("{at}.return_amounts"), currency)?;
    }
    rollup(order.return_amounts.as_ref(), format_args!("order.return_amounts"), currency)?;
    rollup(order.net_amounts.as_ref(), format_args!("order.net_amounts"), currency)?;
    all([(order.net_amount_due_money, "net_amount_due_money")], "order", currency)?;
    own_payments(record, currency)
}

fn all<const N: usize>(
    amounts: [(Option<Money>, &str); N],
    at: impl fmt::Display + Copy,
    currency: OneCurrency,
) -> Result<()> {
    amounts.into_iter().try_for_each(|(money, name)| {
        currency.optional(money, format_args!("{at}.{name}"))?;
        Ok(())
    })
}

fn line_prices(line: &LineItem, at: At<'_>, currency: OneCurrency) -> Result<()> {
    let prices = [
        (line.base_price_money, "base_price_money"),
        (line.variation_total_price_money, "variation_total_price_money"),
        (line.gross_sales_money, "gross_sales_money"),
    ];
    all(prices, at, currency)?;
    line.modifiers.iter().enumerate().try_for_each(|(i, modifier)| {
        let prices = [
            (modifier.base_price_money, "base_price_money"),
            (modifier.total_price_money, "total_price_money"),
        ];
        all(prices, format_args!("{at}.modifiers[{i}]"), currency)
    })
}

fn one_discount(discount: &Discount, at: At<'_>, currency: OneCurrency) -> Result<()> {
    all([(discount.amount_money, "amount_money"), (discount.applied_money, "applied_money")], at, currency)
}

fn one_charge(charge: &ServiceCharge, at: At<'_>, currency: OneCurrency) -> Result<()> {
    let amounts = [
        (charge.amount_money, "amount_money"),
        (charge.applied_money, "applied_money"),
        (charge.total_money, "total_money"),
        (charge.total_tax_money, "total_tax_money"),
    ];
    all(amounts, at, currency)
}

fn rollup(amounts: Option<&Amounts>, at: fmt::Arguments<'_>, currency: OneCurrency) -> Result<()> {
    let Some(amounts) = amounts else { return Ok(()) };
    let amounts = [
        (amounts.total_money, "total_money"),
        (amounts.tax_money, "tax_money"),
        (amounts.discount_money, "discount_money"),
        (amounts.tip_money, "tip_money"),
        (amounts.service_charge_money, "service_charge_money"),
    ];
    all(amounts, at, currency)
}

/// The payments of this order; that of a refunded order is its own business.
fn own_payments(record: &Record, currency: OneCurrency) -> Result<()> {
    for (list, i, payment) in record.payments() {
        if payment.order_id.as_ref().is_some_and(|order| *order != record.order.id) {
            continue;
        }
        let amounts = [
            (payment.amount_money, "amount_money"),
            (payment.tip_money, "tip_money"),
            (payment.total_money, "total_money"),
        ];
        if list == "payment" {
            all(amounts, list, currency)?;
        } else {
            all(amounts, At(list, i), currency)?;
        }
    }
    Ok(())
}
