//! Returns of goods, and refunds of a mere amount, which are spread over the tax rates of the refunded order.

use crate::{
    book::{At, Book, OneCurrency, Tally, add, refuse},
    normalize::{common, state},
    prorata,
    wire::{Amounts, Order, PaymentRefund, Record, Return},
};
use rust_decimal::Decimal;
use taxpoynt_core::{
    Result,
    model::{Refund, Sale, SaleState, Tender, TenderMethod},
};

impl Return {
    /// Whether it says how much came back but not what: no lines, or untaxed custom amounts that name no custom
    /// amount of the refunded order.
    pub(crate) fn is_amount_only(&self, source: Option<&Order>) -> bool {
        self.return_line_items.iter().all(|line| {
            let custom = line.item_type.as_deref() == Some("CUSTOM_AMOUNT");
            let taxed =
                !line.applied_taxes.is_empty() || line.total_tax_money.is_some_and(|tax| tax.amount.0 != 0);
            let names_a_line = line.source_line_item_uid.is_some()
                && source.is_some_and(|source| {
                    source.line_items.iter().any(|sold| {
                        sold.uid == line.source_line_item_uid
                            && sold.item_type.as_deref() == Some("CUSTOM_AMOUNT")
                    })
                });
            custom && !taxed && !names_a_line
        })
    }
}

/// What a record takes back: one refund for each return, or one for a refund that made no return.
pub(crate) fn refunds(record: &Record) -> Result<Vec<Refund>> {
    let order = &record.order;
    if !order.returns.is_empty() {
        let returns = order.returns.iter().enumerate();
        return returns.map(|(index, entry)| of_return(record, index, entry)).collect();
    }
    if order.line_items.is_empty() && own_refunds(record).next().is_some() {
        return Ok(vec![without_return(record)?]);
    }
    Ok(Vec::new())
}

/// The payment refunds that belong to this order. `PaymentRefund.order_id` is the return order.
fn own_refunds(record: &Record) -> impl Iterator<Item = &PaymentRefund> {
    record.refunds().filter(|refund| refund.order_id.as_ref().is_none_or(|id| *id == record.order.id))
}

fn of_return(record: &Record, index: usize, entry: &Return) -> Result<Refund> {
    let at = At("order.returns", index).to_string();
    let amounts = entry.return_amounts.as_ref();
    let only = record.order.returns.len() == 1;
    let amounts = amounts.or_else(|| record.order.return_amounts.as_ref().filter(|_| only));
    let currency = currency(record, entry, amounts, &at)?;
    let original = original(record, entry.source_order_id.as_ref());
    let mut sale = common(record, currency);
    if !entry.is_amount_only(record.source_order.as_ref()) {
        itemised(&mut sale, &Book::of_return(entry, index, currency), entry, amounts, &at)?;
        return refund(record, currency, original, sale);
    }
    let amount = amount_of(record, currency, entry, amounts, &at)?;
    if original.is_some() {
        let name = entry.return_line_items.iter().find_map(|line| line.name.as_deref());
        prorata::spread(
            &mut sale,
            record,
            currency,
            amount,
            &format!("{at}.return_amounts.total_money"),
            name,
        )?;
    } else if entry.return_line_items.is_empty() {
        prorata::unlinked(&mut sale, amount);
    } else {
        // Nothing to spread it over: Square's own line, which states no tax, is all there is.
        itemised(&mut sale, &Book::of_return(entry, index, currency), entry, amounts, &at)?;
    }
    refund(record, currency, original, sale)
}

fn without_return(record: &Record) -> Result<Refund> {
    let first = own_refunds(record).find_map(|refund| refund.amount_money);
    let money = first.ok_or_else(|| refuse("refunds[0].amount_money", "missing: how much was refunded?"))?;
    let currency = OneCurrency(money.currency);
    let amount = sum_of_refunds(record, currency)?.unwrap_or_default();
    let original = original(record, None);
    let mut sale = common(record, currency);
    if original.is_some() {
        prorata::spread(&mut sale, record, currency, amount, "refunds[0].amount_money", None)?;
    } else {
        prorata::unlinked(&mut sale, amount);
    }
    refund(record, currency, original, sale)
}

fn refund(
    record: &Record,
    currency: OneCurrency,
    original_id: Option<String>,
    mut sale: Sale,
) -> Result<Refund> {
    crate::currency::check(record, currency)?;
    let state = refund_state(record);
    sale.paid = state == SaleState::Completed;
    sale.tenders = tenders(record, currency)?;
    let reason = own_refunds(record).find_map(|refund| crate::party::text(refund.reason.as_ref()));
    Ok(Refund { sale, state, original_id, reason })
}

/// The refunds' own states decide where the record has any: the money can still be on its way when the order is
/// closed. The old `order.refunds[]` says APPROVED for COMPLETED.
fn refund_state(record: &Record) -> SaleState {
    let mut states =
        own_refunds(record).map(|refund| refund.status.as_deref().unwrap_or_default()).peekable();
    if states.peek().is_none() {
        return state(&record.order);
    }
    let states: Vec<_> = states.filter(|state| !matches!(*state, "REJECTED" | "FAILED")).collect();
    if states.is_empty() {
        SaleState::Canceled
    } else if states.iter().all(|state| matches!(*state, "COMPLETED" | "APPROVED")) {
        SaleState::Completed
    } else {
        SaleState::Open
    }
}

/// The order that is taken back: the return names it, or the refunded payment does.
fn original(record: &Record, source_order_id: Option<&String>) -> Option<String> {
    let paid_order = || {
        let payment_ids = own_refunds(record).filter_map(|refund| refund.payment_id.as_ref());
        let mut payments = payment_ids.filter_map(|id| {
            record.payments().find(|(_, _, p)| p.id.as_ref() == Some(id)).map(|(_, _, payment)| payment)
        });
        payments.find_map(|payment| payment.order_id.clone()).filter(|id| *id != record.order.id)
    };
    let source = || record.source_order.as_ref().map(|order| order.id.clone());
    source_order_id.cloned().or_else(paid_order).or_else(source)
}

fn currency(record: &Record, entry: &Return, amounts: Option<&Amounts>, at: &str) -> Result<OneCurrency> {
    let total = record.order.total_money.or_else(|| amounts.and_then(|amounts| amounts.total_money));
    let line = || entry.return_line_items.first().map(|line| line.total_money);
    let refund = || own_refunds(record).find_map(|refund| refund.amount_money);
    let money = total.or_else(line).or_else(refund);
    money.map(|money| OneCurrency(money.currency)).ok_or_else(|| {
        refuse(
            format_args!("{at}.return_amounts.total_money"),
            "missing, and nothing else says how much came back",
        )
    })
}

/// How much a return without items gave back.
fn amount_of(
    record: &Record,
    currency: OneCurrency,
    entry: &Return,
    amounts: Option<&Amounts>,
    at: &str,
) -> Result<Decimal> {
    let path = format!("{at}.return_amounts.total_money");
    if let Some(total) = currency.optional(amounts.and_then(|amounts| amounts.total_money), &path)? {
        return Ok(total);
    }
    if entry.return_line_items.is_empty() {
        let refunded = sum_of_refunds(record, currency)?;
        return refunded
            .ok_or_else(|| refuse(path, "missing, and the record has no refund that says how much"));
    }
    entry.return_line_items.iter().enumerate().try_fold(Decimal::ZERO, |sum, (i, line)| {
        let path = format!("{at}.return_line_items[{i}].total_money");
        add(sum, currency.amount(line.total_money, &path)?, &path)
    })
}

fn sum_of_refunds(record: &Record, currency: OneCurrency) -> Result<Option<Decimal>> {
    let mut sum = None;
    for (i, refund) in own_refunds(record).enumerate() {
        let at = format!("{}.amount_money", At("refunds", i));
        if let Some(amount) = currency.optional(refund.amount_money, &at)? {
            sum = Some(add(sum.unwrap_or_default(), amount, &at)?);
        }
    }
    Ok(sum)
}

/// Copies the returned lines and compares their sums with what the return says of itself.
fn itemised(
    sale: &mut Sale,
    book: &Book<'_>,
    entry: &Return,
    amounts: Option<&Amounts>,
    at: &str,
) -> Result<()> {
    let mut tally = Tally::default();
    let currency = book.currency;
    let items = book.lines.iter().enumerate().map(|(i, line)| book.item(i, line, &mut tally));
    sale.items = items.collect::<Result<Vec<_>>>()?;
    sale.charges = book.charges(&mut tally)?;
    book.compare_taxes(&mut tally)?;
    sale.tip = tips(entry, amounts, currency, at)?;
    let rounding = entry.rounding_adjustment.as_ref().and_then(|rounding| rounding.amount_money);
    let path = format!("{at}.rounding_adjustment.amount_money");
    sale.rounding = currency.optional(rounding, path)?.unwrap_or_default();

    let path = format!("{at}.return_amounts.tax_money");
    let tax = currency.optional(amounts.and_then(|amounts| amounts.tax_money), &path)?;
    tally.compare(path, tax, tally.tax, "taxes of lines and service charges");
    let path = format!("{at}.return_amounts.total_money");
    let stated = currency.optional(amounts.and_then(|amounts| amounts.total_money), &path)?;
    let without_tip = add(tally.total, sale.rounding, &path)?;
    sale.total = Some(without_tip);
    if stated.is_some_and(|stated| stated != without_tip) {
        let with_tip = add(without_tip, sale.tip, &path)?;
        sale.total = stated.map(|stated| add(stated, -sale.tip, &path)).transpose()?;
        tally.compare(path, stated, with_tip, "lines, service charges, tip and rounding");
    }
    sale.disagreements = tally.disagreements;
    Ok(())
}

fn tips(entry: &Return, amounts: Option<&Amounts>, currency: OneCurrency, at: &str) -> Result<Decimal> {
    if entry.return_tips.is_empty() {
        let tip = amounts.and_then(|amounts| amounts.tip_money);
        let path = format_args!("{at}.return_amounts.tip_money");
        return Ok(currency.optional(tip, path)?.unwrap_or_default());
    }
    entry.return_tips.iter().enumerate().try_fold(Decimal::ZERO, |sum, (i, tip)| {
        let path = format!("{at}.return_tips[{i}].applied_money");
        add(sum, currency.optional(tip.applied_money, &path)?.unwrap_or_default(), &path)
    })
}

/// How the money went back. Square names the destination where the source was outside its own network.
fn tenders(record: &Record, currency: OneCurrency) -> Result<Vec<Tender>> {
    let mut tenders = Vec::new();
    for (i, refund) in own_refunds(record).enumerate() {
        let path = format!("{}.amount_money", At("refunds", i));
        let Some(amount) = currency.optional(refund.amount_money, path)? else { continue };
        let method = match refund.destination_type.as_deref() {
            Some("CASH") => TenderMethod::Cash,
            Some("CARD") => TenderMethod::Card,
            Some("BANK_ACCOUNT") => TenderMethod::Transfer,
            _ => TenderMethod::Other,
        };
        tenders.push(Tender { id: refund.id.clone(), method, amount });
    }
    Ok(tenders)
}
