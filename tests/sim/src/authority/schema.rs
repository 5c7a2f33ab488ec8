//! The invoice's fields as data: which there are, which must be there, and what each may hold (schema v1.1).

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// A UUID of 36 characters.
    Uuid,
    /// Text with a least and a greatest length in characters.
    Text(usize, usize),
    /// `YYYY-MM-DD`, a day that exists.
    Date,
    /// `HH:MM:SS`, 24 hours.
    Time,
    /// Text of a shape; the second member says what it should be.
    Shape(fn(&str) -> bool, &'static str),
    /// A JSON number, at least this.
    AtLeast(i64),
    /// A JSON number over zero.
    Positive,
    /// A JSON number between 0 and 100.
    Percent,
    /// Any JSON number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A nested object.
    Object(&'static [Field]),
    /// A list with a least length.
    List(usize, &'static Rule),
}

/// One member of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) rule: Rule,
}

const fn must(name: &'static str, rule: Rule) -> Field {
    Field { name, required: true, rule }
}

const fn may(name: &'static str, rule: Rule) -> Field {
    Field { name, required: false, rule }
}

use super::{lists, shapes};
use Rule::{AtLeast, Bool, Date, List, Number, Object, Percent, Positive, Shape, Text, Time, Uuid};

const ANY: Rule = Text(0, usize::MAX);
const SOME: Rule = Text(1, usize::MAX);
const CURRENCY: Rule = Shape(
    |code| lists::listed(lists::CURRENCIES, code),
    "must be a valid currency code, refer to the invoice resource apis",
);
const INVOICE_TYPE: Rule = Shape(
    |code| lists::has(lists::INVOICE_TYPES, code),
    "must be a valid invoice type, refer to the invoice resource apis",
);
const PAYMENT_MEANS_CODE: Rule = Shape(
    |code| lists::has(lists::PAYMENT_MEANS, code),
    "must be a valid payment means, refer to the invoice resource apis",
);
const TAX_CATEGORY: Rule = Shape(
    |code| lists::TAX_CATEGORIES.ever(code),
    "must be a valid tax category, refer to the invoice resource apis",
);
const COUNTRY: Rule = Shape(
    |code| lists::listed(lists::COUNTRIES, code),
    "must be a valid country code, refer to the invoice resource apis",
);
const STATE: Rule = Shape(
    |code| lists::has(lists::STATES, code),
    "must be a valid state code, refer to the invoice resource apis",
);
const LGA: Rule = Shape(shapes::lga, "must be a valid lga code, refer to the invoice resource apis");
const KIND: Rule = Shape(|kind| matches!(kind, "B2B" | "B2C" | "B2G"), "must be one of B2B B2C B2G");
const PAYMENT_STATUS: Rule = Shape(payment_status, "must be one of PENDING PAID REJECTED");
const IRN: Rule =
    Shape(shapes::irn, "must be a valid irn: invoice number, service id and date joined by hyphens");
const PHONE: Rule = Shape(shapes::phone, "must be a valid phone number that starts with +");
const EMAIL: Rule = Shape(shapes::email, "must be a valid email of at most 100 characters");
const HSN: Rule = Shape(shapes::hsn, "must be a valid hs code, refer to the invoice resource apis");
const ISIC: Rule = Shape(shapes::isic, "must be a valid service code, refer to the invoice resource apis");

/// The statuses an invoice can be sent with or updated to.
pub(crate) fn payment_status(status: &str) -> bool {
    matches!(status, "PENDING" | "PAID" | "REJECTED")
}

/// The whole invoice.
pub(crate) const INVOICE: &[Field] = &[
    must("business_id", Uuid),
    must("irn", IRN),
    must("issue_date", Date),
    may("due_date", Date),
    may("issue_time", Time),
    must("invoice_type_code", INVOICE_TYPE),
    may("invoice_kind", KIND),
    may("integrator_service_id", ANY),
    may("payment_status", PAYMENT_STATUS),
    may("note", ANY),
    may("tax_point_date", Date),
    must("document_currency_code", CURRENCY),
    must("tax_currency_code", CURRENCY),
    may("accounting_cost", ANY),
    may("buyer_reference", ANY),
    may("invoice_delivery_period", Object(&[must("start_date", Date), must("end_date", Date)])),
    may("order_reference", ANY),
    may("billing_reference", List(1, &REFERENCE)),
    may("dispatch_document_reference", REFERENCE),
    may("receipt_document_reference", REFERENCE),
    may("originator_document_reference", REFERENCE),
    may("contract_document_reference", REFERENCE),
    may("additional_document_reference", List(0, &REFERENCE)),
    must("accounting_supplier_party", Object(SUPPLIER)),
    may("accounting_customer_party", Object(CUSTOMER)),
    may("payee_party", Object(PARTY)),
    may("bill_party", Object(PARTY)),
    may("ship_party", Object(PARTY)),
    may("tax_representative_party", Object(PARTY)),
    may("actual_delivery_date", Date),
    may("payment_means", List(0, &PAYMENT_MEANS)),
    may("payment_terms_note", ANY),
    may("allowance_charge", List(0, &ALLOWANCE_CHARGE)),
    must("tax_total", List(1, &TAX_TOTAL)),
    must("legal_monetary_total", Object(TOTALS)),
    must("invoice_line", List(1, &Object(LINE))),
];

const REFERENCE: Rule = Object(&[must("irn", SOME), must("issue_date", Date)]);

const PAYMENT_MEANS: Rule =
    Object(&[must("payment_means_code", PAYMENT_MEANS_CODE), must("payment_due_date", Date)]);

const ALLOWANCE_CHARGE: Rule = Object(&[must("charge_indicator", Bool), must("amount", AtLeast(0))]);

const TAX_TOTAL: Rule =
    Object(&[must("tax_amount", AtLeast(0)), must("tax_subtotal", List(1, &TAX_SUBTOTAL))]);

const TAX_SUBTOTAL: Rule = Object(&[
    must("taxable_amount", AtLeast(0)),
    must("tax_amount", AtLeast(0)),
    must("tax_category", Object(&[must("id", TAX_CATEGORY), must("percent", Percent)])),
]);

/// All four; a credit note's amounts are positive like an invoice's.
const TOTALS: &[Field] = &[
    must("line_extension_amount", AtLeast(0)),
    must("tax_exclusive_amount", AtLeast(0)),
    must("tax_inclusive_amount", AtLeast(0)),
    must("payable_amount", AtLeast(0)),
];

const SUPPLIER: &[Field] = &[
    may("id", Uuid),
    must("party_name", Text(2, 100)),
    must("tin", Text(5, 20)),
    must("email", EMAIL),
    may("telephone", PHONE),
    may("business_description", Text(5, 255)),
    must("postal_address", Object(SUPPLIER_ADDRESS)),
];

const CUSTOMER: &[Field] = &[
    may("id", Uuid),
    must("party_name", Text(2, 100)),
    must("tin", Text(5, 20)),
    must("email", EMAIL),
    may("telephone", PHONE),
    may("business_description", Text(5, 255)),
    must("postal_address", Object(ADDRESS)),
];

/// A party other than supplier and customer.
pub(crate) const PARTY: &[Field] = &[
    may("id", Uuid),
    must("party_name", Text(2, 100)),
    must("tin", Text(5, 20)),
    must("email", EMAIL),
    may("telephone", PHONE),
    may("business_description", Text(5, 255)),
    may("postal_address", Object(ADDRESS)),
];

/// v1.1 wants the state and the local government area of a supplier; elsewhere they are welcome.
const SUPPLIER_ADDRESS: &[Field] = &[
    must("street_name", Text(1, 150)),
    must("city_name", Text(1, 100)),
    may("postal_zone", Text(1, 20)),
    must("lga", LGA),
    must("state", STATE),
    must("country", COUNTRY),
];

const ADDRESS: &[Field] = &[
    must("street_name", Text(1, 150)),
    must("city_name", Text(1, 100)),
    may("postal_zone", Text(1, 20)),
    may("lga", LGA),
    may("state", STATE),
    must("country", COUNTRY),
];

const LINE: &[Field] = &[
    may("hsn_code", HSN),
    may("product_category", SOME),
    may("isic_code", ISIC),
    may("service_category", SOME),
    may("discount_rate", AtLeast(0)),
    may("discount_amount", AtLeast(0)),
    may("fee_rate", AtLeast(0)),
    may("fee_amount", AtLeast(0)),
    must("invoiced_quantity", Positive),
    must("line_extension_amount", Number),
    must("item", Object(ITEM)),
    must("price", Object(PRICE)),
];

const ITEM: &[Field] =
    &[must("name", SOME), must("description", ANY), may("sellers_item_identification", ANY)];

const PRICE: &[Field] =
    &[must("price_amount", AtLeast(0)), must("base_quantity", Positive), must("price_unit", SOME)];
