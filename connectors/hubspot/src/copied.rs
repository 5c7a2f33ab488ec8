//! Where `normalize` reads what an invoice copies, for people who ask where a value came from.

use taxpoynt_core::connector::CopiedFrom;

/// Field, paths, what is made of them.
type Row = (&'static str, &'static [&'static str], &'static str);

const fn as_is(field: &'static str, paths: &'static [&'static str]) -> Row {
    (field, paths, "")
}

const fn made(field: &'static str, paths: &'static [&'static str], how: &'static str) -> Row {
    (field, paths, how)
}

/// Every field that is copied.
pub(crate) fn copied() -> Vec<CopiedFrom<'static>> {
    COPIED.iter().map(|&(field, paths, how)| CopiedFrom { field, paths: paths.to_vec(), how }).collect()
}

#[rustfmt::skip]
const COPIED: &[Row] = &[
    as_is("sale.id", &["deal.id"]),
    as_is("sale.id", &["deal.properties.hs_object_id"]),
    as_is("sale.description", &["deal.properties.description"]),
    as_is("sale.currency", &["deal.properties.deal_currency_code"]),
    as_is("sale.currency", &["line_items[0].properties.hs_line_item_currency_code"]),
    as_is("sale.closed_at", &["deal.properties.closedate"]),
    as_is("sale.created_at", &["deal.properties.createdate"]),
    as_is("deal.title", &["deal.properties.dealname"]),
    made("customer.kind", &["companies[0].properties.name"], "the buyer of a deal with a company is an organisation"),
    made("customer.kind", &["contacts[0].id"], "the buyer of a deal without a company is a person"),
    as_is("customer.id", &["companies[*].id"]),
    as_is("customer.id", &["contacts[*].id"]),
    as_is("customer.name", &["companies[*].properties.name"]),
    as_is("customer.name", &["companies[*].properties.domain"]),
    made("customer.name", &["contacts[*].properties.firstname", "contacts[*].properties.lastname"], "both names"),
    as_is("customer.name", &["contacts[*].properties.email"]),
    made("customer.contact.name", &["contacts[*].properties.firstname", "contacts[*].properties.lastname"], "both names"),
    as_is("customer.contact.name", &["contacts[*].properties.email"]),
    as_is("customer.contact.id", &["contacts[*].id"]),
    as_is("customer.contact.email", &["contacts[*].properties.email"]),
    as_is("customer.contact.phone", &["contacts[*].properties.phone"]),
    as_is("customer.contact.phone", &["contacts[*].properties.mobilephone"]),
    as_is("customer.email", &["companies[*].properties.email"]),
    as_is("customer.phone", &["companies[*].properties.phone"]),
    as_is("customer.phone", &["companies[*].properties.mobilephone"]),
    as_is("customer.address.city", &["companies[*].properties.city"]),
    as_is("customer.address.postal_code", &["companies[*].properties.zip"]),
    as_is("customer.address.state", &["companies[*].properties.state"]),
    as_is("customer.address.country", &["companies[*].properties.country"]),
    made("customer.address.street", &["companies[*].properties.address", "companies[*].properties.address2"], "joined by a comma"),
    as_is("customer.email", &["contacts[*].properties.email"]),
    as_is("customer.phone", &["contacts[*].properties.phone"]),
    as_is("customer.phone", &["contacts[*].properties.mobilephone"]),
    as_is("customer.address.city", &["contacts[*].properties.city"]),
    as_is("customer.address.postal_code", &["contacts[*].properties.zip"]),
    as_is("customer.address.state", &["contacts[*].properties.state"]),
    as_is("customer.address.country", &["contacts[*].properties.country"]),
    made("customer.address.street", &["contacts[*].properties.address", "contacts[*].properties.address2"], "joined by a comma"),
    made("item.name", &["line_items[].properties.name"], ""),
    made("item.name", &["line_items[].properties.hs_sku"], "the SKU stands in for a name"),
    as_is("item.description", &["line_items[].properties.description"]),
    as_is("item.sku", &["line_items[].properties.hs_sku"]),
    as_is("item.product_id", &["line_items[].properties.hs_product_id"]),
    as_is("item.quantity", &["line_items[].properties.quantity"]),
    as_is("item.unit_price", &["line_items[].properties.price"]),
    made("item.unit_price", &["line_items[].properties.amount", "line_items[].properties.quantity"], "the amount divided by the quantity"),
    made("item.net_amount", &["line_items[].properties.amount"], "rounded half up to the minor unit"),
    made("item.net_amount", &["line_items[].properties.price", "line_items[].properties.quantity", "line_items[].properties.hs_total_discount", "line_items[].properties.discount", "line_items[].properties.hs_discount_percentage"], "price times quantity less the discount"),
    made("item.discounts.amount", &["line_items[].properties.price", "line_items[].properties.quantity", "line_items[].properties.amount"], "what the amount leaves of price times quantity"),
    made("item.discounts.name", &["line_items[].properties.hs_discount_percentage"], "as a percentage"),
    as_is("item.tax.rate", &["tax_rates[].percentageRate"]),
];
