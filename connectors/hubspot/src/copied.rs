//! Where `normalize` reads what an invoice copies, for people who ask where a value came from.

use taxpoynt_core::connector::{Copied, CopiedFrom};

/// Every field that is copied.
pub(crate) fn copied() -> Vec<CopiedFrom<'static>> {
    Copied::told(COPIED)
}

#[rustfmt::skip]
const COPIED: &[Copied] = &[
    Copied::as_is("sale.id", &["deal.id"]),
    Copied::as_is("sale.id", &["deal.properties.hs_object_id"]),
    Copied::as_is("sale.description", &["deal.properties.description"]),
    Copied::as_is("sale.currency", &["deal.properties.deal_currency_code"]),
    Copied::as_is("sale.currency", &["line_items[0].properties.hs_line_item_currency_code"]),
    Copied::as_is("sale.closed_at", &["deal.properties.closedate"]),
    Copied::as_is("sale.created_at", &["deal.properties.createdate"]),
    Copied::as_is("deal.title", &["deal.properties.dealname"]),
    Copied::made("customer.kind", &["companies[0].properties.name"], "the buyer of a deal with a company is an organisation"),
    Copied::made("customer.kind", &["contacts[0].id"], "the buyer of a deal without a company is a person"),
    Copied::as_is("customer.id", &["companies[*].id"]),
    Copied::as_is("customer.id", &["contacts[*].id"]),
    Copied::as_is("customer.name", &["companies[*].properties.name"]),
    Copied::as_is("customer.name", &["companies[*].properties.domain"]),
    Copied::made("customer.name", &["contacts[*].properties.firstname", "contacts[*].properties.lastname"], "both names"),
    Copied::as_is("customer.name", &["contacts[*].properties.email"]),
    Copied::made("customer.contact.name", &["contacts[*].properties.firstname", "contacts[*].properties.lastname"], "both names"),
    Copied::as_is("customer.contact.name", &["contacts[*].properties.email"]),
    Copied::as_is("customer.contact.id", &["contacts[*].id"]),
    Copied::as_is("customer.contact.email", &["contacts[*].properties.email"]),
    Copied::as_is("customer.contact.phone", &["contacts[*].properties.phone"]),
    Copied::as_is("customer.contact.phone", &["contacts[*].properties.mobilephone"]),
    Copied::as_is("customer.email", &["companies[*].properties.email"]),
    Copied::as_is("customer.phone", &["companies[*].properties.phone"]),
    Copied::as_is("customer.phone", &["companies[*].properties.mobilephone"]),
    Copied::as_is("customer.address.city", &["companies[*].properties.city"]),
    Copied::as_is("customer.address.postal_code", &["companies[*].properties.zip"]),
    Copied::as_is("customer.address.state", &["companies[*].properties.state"]),
    Copied::as_is("customer.address.country", &["companies[*].properties.country"]),
    Copied::made("customer.address.street", &["companies[*].properties.address", "companies[*].properties.address2"], "joined by a comma"),
    Copied::as_is("customer.email", &["contacts[*].properties.email"]),
    Copied::as_is("customer.phone", &["contacts[*].properties.phone"]),
    Copied::as_is("customer.phone", &["contacts[*].properties.mobilephone"]),
    Copied::as_is("customer.address.city", &["contacts[*].properties.city"]),
    Copied::as_is("customer.address.postal_code", &["contacts[*].properties.zip"]),
    Copied::as_is("customer.address.state", &["contacts[*].properties.state"]),
    Copied::as_is("customer.address.country", &["contacts[*].properties.country"]),
    Copied::made("customer.address.street", &["contacts[*].properties.address", "contacts[*].properties.address2"], "joined by a comma"),
    Copied::as_is("item.name", &["line_items[].properties.name"]),
    Copied::made("item.name", &["line_items[].properties.hs_sku"], "the SKU stands in for a name"),
    Copied::as_is("item.description", &["line_items[].properties.description"]),
    Copied::as_is("item.sku", &["line_items[].properties.hs_sku"]),
    Copied::as_is("item.product_id", &["line_items[].properties.hs_product_id"]),
    Copied::as_is("item.quantity", &["line_items[].properties.quantity"]),
    Copied::as_is("item.unit_price", &["line_items[].properties.price"]),
    Copied::made("item.unit_price", &["line_items[].properties.amount", "line_items[].properties.quantity"], "the amount divided by the quantity"),
    Copied::made("item.net_amount", &["line_items[].properties.amount"], "rounded half up to the minor unit"),
    Copied::made("item.net_amount", &["line_items[].properties.price", "line_items[].properties.quantity", "line_items[].properties.hs_total_discount", "line_items[].properties.discount", "line_items[].properties.hs_discount_percentage"], "price times quantity less the discount"),
    Copied::made("item.discounts.amount", &["line_items[].properties.price", "line_items[].properties.quantity", "line_items[].properties.amount"], "what the amount leaves of price times quantity"),
    Copied::made("item.discounts.name", &["line_items[].properties.hs_discount_percentage"], "as a percentage"),
    Copied::as_is("item.tax.rate", &["tax_rates[].percentageRate"]),
];
