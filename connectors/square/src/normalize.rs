//! A Square record in the engine's words: a sale, a refund, or both for an exchange. Pure.

use crate::{
    book::{Book, OPERATION, OneCurrency, Tally, add, refuse},
    currency, party, refund,
    wire::{Head, Order, Record},
};
use bytes::Bytes;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use taxpoynt_core::{
    Result, json,
    model::{RawRecord, RecordKind, Sale, SaleState, SourceDocument, SourceKey, Transaction},
};
use taxpoynt_ubl::Currency;

/// Reads a record.
pub(crate) fn normalize(body: &[u8]) -> Result<Vec<SourceDocument>> {
    let record: Record = read(OPERATION, body)?;
    let refunds = refund::refunds(&record)?;
    let mut documents = Vec::with_capacity(1 + refunds.len());
    if !record.order.line_items.is_empty() || refunds.is_empty() {
        documents.push(SourceDocument::Transaction(transaction(&record)?));
    }
    documents.extend(refunds.into_iter().map(SourceDocument::Refund));
    Ok(documents)
}

/// Names a record that a host hands in.
pub(crate) fn identify(body: &[u8]) -> Result<RawRecord> {
    let head: Head = read("square.identify", body)?;
    Ok(RawRecord {
        key: SourceKey::new(RecordKind::Order, head.order.id),
        modified_at: head.order.updated_at,
        body: Bytes::copy_from_slice(body),
    })
}

/// By what an order is recognised when it is handed in alone.
const MARKS: &[&str] = &["id", "location_id", "line_items", "returns", "total_money", "state"];

fn read<T: DeserializeOwned>(operation: &'static str, body: &[u8]) -> Result<T> {
    json::read_rooted(operation, body, "order", MARKS)
}

fn transaction(record: &Record) -> Result<Transaction> {
    let order = &record.order;
    let currency = of_order(order)?;
    let book = Book::of_order(order, currency);
    let mut tally = Tally::default();
    let items = book.lines.iter().enumerate().map(|(i, line)| book.item(i, line, &mut tally));
    let items = items.collect::<Result<Vec<_>>>()?;
    let charges = book.charges(&mut tally)?;
    let rounding = order.rounding_adjustment.as_ref().and_then(|rounding| rounding.amount_money);
    let rounding = currency.optional(rounding, "order.rounding_adjustment.amount_money")?.unwrap_or_default();
    let tip = tip(order, currency)?;
    let total = if items.is_empty() {
        let total = currency.optional(order.total_money, "order.total_money")?;
        total.map(|total| add(total, -tip, "order.total_money")).transpose()?
    } else {
        compare_sums(&book, order, &mut tally)?;
        compare_total(order, currency, tip, rounding, &mut tally)?
    };
    currency::check(record, currency)?;
    let state = state(order);
    let mut sale = common(record, currency);
    sale.tenders = party::tenders(record, currency)?;
    sale.paid = state == SaleState::Completed;
    let sale = Sale { items, charges, tip, rounding, total, disagreements: tally.disagreements, ..sale };
    Ok(Transaction { sale, state })
}

/// What a sale and a refund of one record share; amounts and items are left empty.
pub(crate) fn common(record: &Record, currency: OneCurrency) -> Sale {
    let order = &record.order;
    let receipt = record.payments().find_map(|(_, _, payment)| party::text(payment.receipt_number.as_ref()));
    let reference = party::text(order.reference_id.as_ref()).or(receipt);
    Sale {
        id: order.id.clone(),
        reference: reference.or_else(|| party::text(order.ticket_name.as_ref())),
        description: None,
        currency: Some(currency.0),
        created_at: order.created_at,
        closed_at: order.closed_at,
        location: party::location(record),
        customer: record.customer.as_ref().and_then(party::customer),
        items: Vec::new(),
        charges: Vec::new(),
        discounts: Vec::new(),
        tip: Decimal::ZERO,
        rounding: Decimal::ZERO,
        total: None,
        tenders: Vec::new(),
        paid: false,
        disagreements: Vec::new(),
    }
}

/// The order's currency. An order with neither a total nor lines says nothing at all.
fn of_order(order: &Order) -> Result<OneCurrency> {
    let total = order.total_money.as_ref().map(|money| money.currency);
    let known: Option<Currency> =
        total.or_else(|| order.line_items.first().map(|line| line.total_money.currency));
    known.map(OneCurrency).ok_or_else(|| {
        refuse("order.total_money", "missing, and the order has no line_items: there is nothing to invoice")
    })
}

/// Whether the order is final; states that Square adds later are not.
pub(crate) fn state(order: &Order) -> SaleState {
    match order.state.as_deref() {
        Some("COMPLETED") => SaleState::Completed,
        Some("CANCELED") => SaleState::Canceled,
        _ => SaleState::Open,
    }
}

/// The order's tip, or the tips of its tenders.
fn tip(order: &Order, currency: OneCurrency) -> Result<Decimal> {
    if let Some(tip) = currency.optional(order.total_tip_money, "order.total_tip_money")? {
        return Ok(tip);
    }
    order.tenders.iter().enumerate().try_fold(Decimal::ZERO, |sum, (i, tender)| {
        let at = format_args!("order.tenders[{i}].tip_money");
        let tip = currency.optional(tender.tip_money, at)?.unwrap_or_default();
        add(sum, tip, at)
    })
}

/// Taxes, discounts and service charges of the whole order against those of its lines and charges.
fn compare_sums(book: &Book<'_>, order: &Order, tally: &mut Tally) -> Result<()> {
    let currency = book.currency;
    book.compare_taxes(tally)?;
    let tax = currency.optional(order.total_tax_money, "order.total_tax_money")?;
    tally.compare("order.total_tax_money", tax, tally.tax, "taxes of lines and service charges");
    let discount = currency.optional(order.total_discount_money, "order.total_discount_money")?;
    tally.compare("order.total_discount_money", discount, tally.discount, "discounts of lines");
    let stated = currency.optional(order.total_service_charge_money, "order.total_service_charge_money")?;
    let mut charges = Some(Decimal::ZERO);
    for (i, charge) in order.service_charges.iter().enumerate() {
        let at = format_args!("order.service_charges[{i}].applied_money");
        let applied = currency.optional(charge.applied_money, at)?;
        charges = charges.zip(applied).map(|(sum, applied)| add(sum, applied, at)).transpose()?;
    }
    if let Some(charges) = charges {
        tally.compare("order.total_service_charge_money", stated, charges, "applied service charges");
    }
    Ok(())
}

/// The order's total without the tip. Whether Square's total holds the tip is not documented for every kind of order:
/// either reading that comes out is taken, and neither coming out is a contradiction.
fn compare_total(
    order: &Order,
    currency: OneCurrency,
    tip: Decimal,
    rounding: Decimal,
    tally: &mut Tally,
) -> Result<Option<Decimal>> {
    let path = "order.total_money";
    let Some(stated) = currency.optional(order.total_money, path)? else { return Ok(None) };
    let without_tip = add(tally.total, rounding, path)?;
    let with_tip = add(without_tip, tip, path)?;
    if stated == without_tip {
        return Ok(Some(stated));
    }
    tally.compare(path, Some(stated), with_tip, "lines, service charges, tip and rounding");
    add(stated, -tip, path).map(Some)
}
