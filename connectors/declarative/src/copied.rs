//! Where the field map reads what an invoice copies, for people who ask where a value came from.

use crate::plan::Plan;
use std::borrow::Cow;
use taxpoynt_core::{
    connector::CopiedFrom,
    mapping::{Fields, Part, Record},
};

/// Fields of the engine's model, each with the part and field of the map that sets it.
const MODEL: &[(&str, Part, &str)] = &[
    ("sale.id", Part::Sale, "id"),
    ("sale.reference", Part::Sale, "reference"),
    ("sale.description", Part::Sale, "description"),
    ("sale.currency", Part::Sale, "currency"),
    ("sale.created_at", Part::Sale, "created_at"),
    ("sale.closed_at", Part::Sale, "closed_at"),
    ("sale.total", Part::Sale, "total"),
    ("sale.tip", Part::Sale, "tip"),
    ("sale.rounding", Part::Sale, "rounding"),
    ("sale.paid", Part::Sale, "paid"),
    ("sale.location.id", Part::Sale, "location.id"),
    ("sale.location.name", Part::Sale, "location.name"),
    ("deal.title", Part::Sale, "title"),
    ("deal.stage", Part::Sale, "stage"),
    ("deal.pipeline", Part::Sale, "pipeline"),
    ("deal.won", Part::Sale, "won"),
    ("deal.amount", Part::Sale, "amount"),
    ("refund.original_id", Part::Sale, "refund_of"),
    ("refund.reason", Part::Sale, "refund_reason"),
    ("customer.id", Part::Customer, "id"),
    ("customer.kind", Part::Customer, "kind"),
    ("customer.name", Part::Customer, "name"),
    ("customer.trading_name", Part::Customer, "trading_name"),
    ("customer.tin", Part::Customer, "tin"),
    ("customer.registration_number", Part::Customer, "registration_number"),
    ("customer.email", Part::Customer, "email"),
    ("customer.phone", Part::Customer, "phone"),
    ("customer.address.street", Part::Customer, "address.street"),
    ("customer.address.city", Part::Customer, "address.city"),
    ("customer.address.postal_code", Part::Customer, "address.postal_code"),
    ("customer.address.lga", Part::Customer, "address.lga"),
    ("customer.address.state", Part::Customer, "address.state"),
    ("customer.address.country", Part::Customer, "address.country"),
    ("customer.contact.id", Part::Contact, "id"),
    ("customer.contact.name", Part::Contact, "name"),
    ("customer.contact.email", Part::Contact, "email"),
    ("customer.contact.phone", Part::Contact, "phone"),
    ("item.id", Part::Item, "id"),
    ("item.name", Part::Item, "name"),
    ("item.description", Part::Item, "description"),
    ("item.sku", Part::Item, "sku"),
    ("item.product_id", Part::Item, "product_id"),
    ("item.quantity", Part::Item, "quantity"),
    ("item.unit", Part::Item, "unit"),
    ("item.tax.rate", Part::Item, "tax.percent"),
    ("charge.name", Part::Charge, "name"),
    ("charge.amount", Part::Charge, "amount"),
    ("tender.id", Part::Payment, "id"),
    ("tender.method", Part::Payment, "method"),
    ("tender.amount", Part::Payment, "amount"),
];

/// Of a line, what is made of several fields of the map; the first of them decides whether a row fits.
const MADE: &[(&str, &[&str], &str)] = &[
    ("item.unit_price", &["unit_price", "tax.percent"], "without the tax, where the price holds it"),
    ("item.unit_price", &["sum", "quantity"], "the sum divided by the quantity"),
    (
        "item.net_amount",
        &["sum", "tax.percent"],
        "rounded to the minor unit, without the tax where the sum holds it",
    ),
    (
        "item.net_amount",
        &["unit_price", "quantity", "discount.percent", "discount.amount", "discount.each", "tax.percent"],
        "price times quantity less the discount, without the tax where they hold it",
    ),
    (
        "item.discounts.amount",
        &["unit_price", "quantity", "discount.percent", "discount.amount", "discount.each", "sum"],
        "what the discount, or the sum, takes off price times quantity",
    ),
    ("item.discounts.name", &["discount.percent"], "as a percentage"),
];

/// What is said of a value that is not taken as it is.
fn how(as_is: bool) -> &'static str {
    if as_is { "" } else { "as the platform's template converts it" }
}

/// Each of them with what its rules read, in the order they are tried.
pub(crate) fn copied(fields: &Fields) -> Vec<CopiedFrom<'_>> {
    let of = |&(field, part, name): &(&'static str, Part, &'static str)| {
        let borrowed = |paths: Vec<_>| paths.into_iter().map(Cow::Borrowed).collect();
        let rows = fields.reads(part, name).into_iter();
        rows.map(move |(paths, as_is)| CopiedFrom { field, paths: borrowed(paths), how: how(as_is) })
    };
    let made = |&(field, names, how): &(&'static str, &'static [&'static str], &'static str)| {
        let first = names.first().filter(|name| fields.sets(Part::Item, name))?;
        let others = names.iter().filter(|name| *name != first);
        let read = |name: &&str| fields.reads(Part::Item, name).into_iter().flat_map(|(paths, _)| paths);
        let mut paths: Vec<&str> = read(first).collect();
        paths.extend(others.flat_map(read));
        paths.dedup();
        Some(CopiedFrom { field, paths: paths.into_iter().map(Cow::Borrowed).collect(), how })
    };
    MODEL.iter().flat_map(of).chain(MADE.iter().filter_map(made)).collect()
}

/// As `copied`; of what a record says once, the rule that decides in this record comes first.
pub(crate) fn copied_in<'p>(plan: &'p Plan, body: &[u8]) -> Vec<CopiedFrom<'p>> {
    let all = copied(&plan.fields);
    let Ok(record) = Record::new(body, &plan.info.record) else { return all };
    let reader = plan.fields.reader(plan.operations.normalize, &record, None);
    let once = MODEL.iter().filter(|(_, part, _)| !part.is_each());
    let decided = once.filter_map(|&(field, part, name)| {
        let (paths, as_is) = reader.origin(part, name)?;
        Some(CopiedFrom { field, paths: paths.into_iter().map(Cow::Owned).collect(), how: how(as_is) })
    });
    decided.chain(all).collect()
}
