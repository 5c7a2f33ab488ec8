//! Reads what the authority says is wrong: which field of ours, and a sentence for a bookkeeper.
//!
//! `details` names fields as the server's own structs do, lower-cased and without underscores:
//! `invoicerequest.invoice.taxtotal[0].taxsubtotal[0].taxcategory.id must be …`.

use super::sentences;

/// One complaint of the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Our path, `tax_total/0/tax_subtotal/0/tax_category/id`; empty where no field is named.
    pub(super) field: String,
    /// What to tell a person.
    pub(super) sentence: String,
}

const PREFIX: &str = "invoicerequest.";

/// The complaints in `details`, at least one; `about` is what was refused, `the document`.
pub(super) fn complaints(details: &str, about: &str) -> Vec<Complaint> {
    // Same length and same character borders, so that places in one are places in the other.
    let lower = details.to_ascii_lowercase();
    let starts: Vec<usize> = lower.match_indices(PREFIX).map(|(at, _)| at).collect();
    if starts.is_empty() {
        return vec![plain(details, about).unwrap_or_else(|| general(details, about))];
    }
    let ends = starts.iter().skip(1).copied().chain([details.len()]);
    starts.iter().zip(ends).map(|(start, end)| of_field(&details[*start..end], about)).collect()
}

fn of_field(text: &str, about: &str) -> Complaint {
    let (path, rule) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    complaint(path, rule, about)
}

/// `tin must be …`: a field of a small request, named without the prefix.
fn plain(text: &str, about: &str) -> Option<Complaint> {
    let (path, rule) = text.trim().split_once(' ')?;
    let verb = rule.split_whitespace().next()?;
    let known = path.split('.').all(|part| name_of(part.split('[').next().unwrap_or_default()).is_some());
    (known && ["is", "must", "should", "cannot", "has"].contains(&verb)).then(|| complaint(path, rule, about))
}

fn general(details: &str, about: &str) -> Complaint {
    let (field, sentence) = sentences::general(details, about);
    Complaint { field: field.to_owned(), sentence }
}

/// A complaint given as a server path and a rule.
pub(super) fn complaint(path: &str, rule: &str, about: &str) -> Complaint {
    let field = field(path);
    if field.is_empty() {
        return general(rule, about);
    }
    let sentence = sentences::sentence(&sentences::label(&field), rule);
    Complaint { field, sentence }
}

/// The server's path as ours.
pub(in crate::firs) fn field(path: &str) -> String {
    let path = path.trim().trim_matches(['\'', '"', ':', ',', ';']);
    let path = without(path, PREFIX);
    let path = without(path, "invoice.");
    let mut parts: Vec<String> = Vec::new();
    for part in path.split(['.', '/']).filter(|part| !part.is_empty()) {
        let mut pieces = part.split('[');
        let name = pieces.next().unwrap_or_default();
        parts.extend(Some(name).filter(|name| !name.is_empty()).map(ours));
        parts.extend(pieces.map(|index| index.trim_end_matches(']').to_owned()));
    }
    parts.join("/")
}

fn without<'a>(path: &'a str, prefix: &str) -> &'a str {
    match path.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &path[prefix.len()..],
        _ => path,
    }
}

fn ours(name: &str) -> String {
    name_of(name).unwrap_or(name).to_owned()
}

/// Our name of a field that the server writes without underscores.
fn name_of(name: &str) -> Option<&'static str> {
    let squeezed = name.replace('_', "").to_ascii_lowercase();
    NAMES.iter().copied().find(|ours| ours.bytes().filter(|b| *b != b'_').eq(squeezed.bytes()))
}

/// Field names of the authority's schema v1.1, and below them those of its smaller requests.
const NAMES: &[&str] = &[
    "business_id",
    "irn",
    "issue_date",
    "due_date",
    "issue_time",
    "invoice_type_code",
    "invoice_kind",
    "payment_status",
    "note",
    "payment_terms_note",
    "tax_point_date",
    "document_currency_code",
    "tax_currency_code",
    "accounting_cost",
    "buyer_reference",
    "order_reference",
    "invoice_delivery_period",
    "start_date",
    "end_date",
    "billing_reference",
    "dispatch_document_reference",
    "receipt_document_reference",
    "originator_document_reference",
    "contract_document_reference",
    "additional_document_reference",
    "accounting_supplier_party",
    "accounting_customer_party",
    "payee_party",
    "bill_party",
    "ship_party",
    "tax_representative_party",
    "party_name",
    "tin",
    "email",
    "telephone",
    "business_description",
    "postal_address",
    "street_name",
    "city_name",
    "postal_zone",
    "lga",
    "state",
    "country",
    "actual_delivery_date",
    "payment_means",
    "payment_means_code",
    "payment_due_date",
    "allowance_charge",
    "charge_indicator",
    "amount",
    "tax_total",
    "tax_amount",
    "tax_subtotal",
    "taxable_amount",
    "tax_category",
    "id",
    "percent",
    "legal_monetary_total",
    "line_extension_amount",
    "tax_exclusive_amount",
    "tax_inclusive_amount",
    "payable_amount",
    "invoice_line",
    "hsn_code",
    "product_category",
    "isic_code",
    "service_category",
    "discount_rate",
    "discount_amount",
    "fee_rate",
    "fee_amount",
    "invoiced_quantity",
    "item",
    "name",
    "description",
    "sellers_item_identification",
    "price",
    "price_amount",
    "base_quantity",
    "price_unit",
    "reference",
    "invoice_reference",
    "integrator_service_id",
    "entity_id",
    "password",
    "agent_tin",
    "base_amount",
    "beneficiary_tin",
    "currency",
    "item_description",
    "other_taxes",
    "total_amount",
    "transaction_date",
    "vat_calculated",
    "vat_rate",
    "vat_status",
];
