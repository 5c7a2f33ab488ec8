//! Where `normalize` reads what an invoice copies, for people who ask where a value came from.

use taxpoynt_core::connector::{Copied, CopiedFrom};

/// Every field that is copied.
pub(crate) fn copied() -> Vec<CopiedFrom<'static>> {
    Copied::told(COPIED)
}

const NET: &str = "in minor units: the total less its tax";
const PRICE: &str =
    "in minor units, with modifiers; or the line without tax and discounts, divided by the quantity";
const PARTS: &str = "in minor units: what was applied to this line, without tax";
const SHARE: &str =
    "the refund states an amount and no items: its share by what the lines of the sale came to";
const ONE: &str = "the refund states an amount and no items: one of it";

#[rustfmt::skip]
const COPIED: &[Copied] = &[
    Copied::as_is("sale.id", &["order.id"]),
    Copied::as_is("sale.reference", &["order.reference_id"]),
    Copied::as_is("sale.reference", &["payments[0].receipt_number"]),
    Copied::as_is("sale.reference", &["order.ticket_name"]),
    Copied::as_is("sale.currency", &["order.total_money.currency"]),
    Copied::as_is("sale.currency", &["order.line_items[0].total_money.currency"]),
    Copied::as_is("sale.currency", &["order.returns[0].return_amounts.total_money.currency"]),
    Copied::as_is("sale.currency", &["order.return_amounts.total_money.currency"]),
    Copied::as_is("sale.currency", &["order.returns[0].return_line_items[0].total_money.currency"]),
    Copied::as_is("sale.currency", &["refunds[0].amount_money.currency"]),
    Copied::as_is("sale.closed_at", &["order.closed_at"]),
    Copied::as_is("sale.created_at", &["order.created_at"]),
    Copied::made("sale.paid", &["order.state"], "a COMPLETED order is paid"),
    Copied::made("refund.paid", &["refunds[0].status"], "refunds that are all COMPLETED are paid back"),
    Copied::made("refund.paid", &["order.state"], "a COMPLETED order is paid"),
    Copied::made("sale.tip", &["order.total_tip_money.amount"], "in minor units"),
    Copied::made("sale.tip", &["order.tenders[0].tip_money.amount"], "in minor units, the tips of all tenders"),
    Copied::made("sale.tip", &["order.returns[0].return_amounts.tip_money.amount"], "in minor units"),
    Copied::made("sale.rounding", &["order.rounding_adjustment.amount_money.amount"], "in minor units"),
    Copied::made("sale.rounding", &["order.returns[0].rounding_adjustment.amount_money.amount"], "in minor units"),
    Copied::made("customer.kind", &["customer.company_name"], "a customer with a company name is an organisation"),
    Copied::made("customer.kind", &["customer.id"], "a customer without a company name is a person"),
    Copied::as_is("customer.name", &["customer.company_name"]),
    Copied::made("customer.name", &["customer.given_name", "customer.family_name"], "both names"),
    Copied::as_is("customer.email", &["customer.email_address"]),
    Copied::as_is("customer.phone", &["customer.phone_number"]),
    Copied::made("customer.contact.name", &["customer.given_name", "customer.family_name"], "both names"),
    Copied::as_is("customer.contact.email", &["customer.email_address"]),
    Copied::as_is("customer.contact.phone", &["customer.phone_number"]),
    Copied::made("customer.address.street", &["customer.address.address_line_1", "customer.address.address_line_2", "customer.address.address_line_3"], "joined by commas"),
    Copied::as_is("customer.address.city", &["customer.address.locality"]),
    Copied::as_is("customer.address.postal_code", &["customer.address.postal_code"]),
    Copied::as_is("customer.address.state", &["customer.address.administrative_district_level_1"]),
    Copied::as_is("customer.address.country", &["customer.address.country"]),
    Copied::as_is("tender.id", &["order.tenders[*].id"]),
    Copied::as_is("tender.id", &["payments[*].id"]),
    Copied::as_is("tender.id", &["refunds[*].id"]),
    Copied::made("tender.method", &["order.tenders[*].type", "payments[*].external_details.type"], "what Square calls it; of an OTHER what its payment says"),
    Copied::made("tender.method", &["payments[*].source_type", "payments[*].external_details.type"], "what Square calls it; of an EXTERNAL what it was"),
    Copied::made("tender.method", &["refunds[*].destination_type"], "what Square calls it"),
    Copied::made("tender.method", &["refunds[*].id"], "the refund does not say how it was paid back"),
    Copied::made("item.voucher", &["order.line_items[].item_type"], "a GIFT_CARD is one"),
    Copied::as_is("item.name", &["order.line_items[].name"]),
    Copied::as_is("item.name", &["order.line_items[].variation_name"]),
    Copied::as_is("item.name", &["order.returns[].return_line_items[].name"]),
    Copied::made("item.description", &["order.line_items[].variation_name", "order.line_items[].modifiers[0].name", "order.line_items[].note"], "variation, modifiers and note"),
    Copied::made("item.description", &["order.line_items[].modifiers[0].name", "order.line_items[].note"], "modifiers and note"),
    Copied::made("item.description", &["order.line_items[].note"], "the note"),
    Copied::as_is("item.product_id", &["order.line_items[].catalog_object_id"]),
    Copied::as_is("item.product_id", &["order.returns[].return_line_items[].catalog_object_id"]),
    Copied::made("item.unit", &["order.line_items[].quantity_unit.measurement_unit.weight_unit"], "as a code of UN/ECE recommendation 20"),
    Copied::as_is("item.quantity", &["order.line_items[].quantity"]),
    Copied::as_is("item.quantity", &["order.returns[].return_line_items[].quantity"]),
    Copied::made("item.quantity", &["source_order.line_items[].uid"], ONE),
    Copied::made("item.net_amount", &["order.line_items[].total_money.amount", "order.line_items[].total_tax_money.amount"], NET),
    Copied::made("item.net_amount", &["order.returns[].return_line_items[].total_money.amount", "order.returns[].return_line_items[].total_tax_money.amount"], NET),
    Copied::made("item.net_amount", &["source_order.line_items[].total_money.amount", "refunds[0].amount_money.amount"], SHARE),
    Copied::made("item.unit_price", &["order.line_items[].base_price_money.amount", "order.line_items[].modifiers[0].base_price_money.amount"], PRICE),
    Copied::made("item.unit_price", &["order.returns[].return_line_items[].base_price_money.amount"], PRICE),
    Copied::made("item.unit_price", &["order.line_items[].total_money.amount", "order.line_items[].quantity"], PRICE),
    Copied::made("item.unit_price", &["source_order.line_items[].total_money.amount", "refunds[0].amount_money.amount"], SHARE),
    Copied::made("item.discounts.amount", &["order.line_items[].total_discount_money.amount"], PARTS),
    Copied::made("item.discounts.amount", &["order.returns[].return_line_items[].total_discount_money.amount"], PARTS),
    Copied::made("item.discounts.name", &["order.line_items[].applied_discounts[0].discount_uid"], "the name of that discount in order.discounts"),
    Copied::made("item.discounts.name", &["order.returns[].return_line_items[].applied_discounts[0].discount_uid"], "the name of that discount in the return"),
    Copied::made("item.charges.amount", &["order.line_items[].total_service_charge_money.amount"], PARTS),
    Copied::made("item.charges.name", &["order.line_items[].applied_service_charges[0].service_charge_uid"], "the name of that charge in order.service_charges"),
    Copied::made("item.tax.rate", &["order.taxes[].percentage"], "the rate that was applied to this line, in percent"),
    Copied::made("item.tax.rate", &["order.returns[].return_taxes[].percentage"], "the rate that was applied to this line, in percent"),
    Copied::as_is("charge.name", &["order.service_charges[].name"]),
    Copied::made("charge.amount", &["order.service_charges[].total_money.amount", "order.service_charges[].total_tax_money.amount"], NET),
    Copied::made("charge.amount", &["order.service_charges[].applied_money.amount"], "in minor units, without tax"),
    Copied::made("charge.amount", &["order.returns[].return_service_charges[].total_money.amount", "order.returns[].return_service_charges[].total_tax_money.amount"], NET),
    Copied::made("charge.tax.rate", &["order.taxes[].percentage"], "the rate that was applied to this charge, in percent"),
];
