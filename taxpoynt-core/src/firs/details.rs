//! Reads what the authority says is wrong: which field of ours, and a sentence for a bookkeeper.
//!
//! `details` names fields as the server's own structs do, lower-cased and without underscores:
//! `invoicerequest.invoice.taxtotal[0].taxsubtotal[0].taxcategory.id must be …`.

/// One complaint of the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Our path, `tax_total/0/tax_subtotal/0/tax_category/id`; empty where no field is named.
    pub(super) field: String,
    /// What to tell a person.
    pub(super) sentence: String,
}

const PREFIX: &str = "invoicerequest.";

/// The complaints in `details`, at least one.
pub(super) fn complaints(details: &str) -> Vec<Complaint> {
    let starts: Vec<usize> = details.match_indices(PREFIX).map(|(at, _)| at).collect();
    if starts.is_empty() {
        return vec![Complaint { field: String::new(), sentence: general(details) }];
    }
    let ends = starts.iter().skip(1).copied().chain([details.len()]);
    starts.iter().zip(ends).map(|(start, end)| of_field(&details[*start..end])).collect()
}

fn of_field(text: &str) -> Complaint {
    let (path, rule) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    complaint(path, rule.trim().trim_end_matches([',', ';']))
}

/// A complaint given as a server path and a rule.
pub(super) fn complaint(path: &str, rule: &str) -> Complaint {
    let field = field(path);
    let sentence = sentence(&label(&field), rule);
    Complaint { field, sentence }
}

/// The server's path as ours.
pub(super) fn field(path: &str) -> String {
    let path = path.trim().trim_matches(['\'', '"', ':', ',']);
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    let path = path.strip_prefix("invoice.").unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (name, index) = match part.split_once('[') {
            Some((name, rest)) => (name, Some(rest.trim_end_matches(']'))),
            None => (part, None),
        };
        parts.push(ours(name));
        parts.extend(index.map(str::to_owned));
    }
    parts.join("/")
}

fn ours(name: &str) -> String {
    let squeezed = name.replace('_', "").to_ascii_lowercase();
    let known = NAMES.iter().find(|ours| ours.bytes().filter(|b| *b != b'_').eq(squeezed.bytes()));
    known.map_or_else(|| name.to_owned(), |ours| (*ours).to_owned())
}

/// `the seller's country`, `the HS code of line 2`, `the tax category`.
fn label(field: &str) -> String {
    let parts: Vec<&str> = field.split('/').collect();
    let named: Vec<&str> = parts.iter().copied().filter(|p| p.parse::<usize>().is_err()).collect();
    let last = match named.as_slice() {
        [.., outer, "id"] => outer,
        [.., last] => last,
        [] => "document",
    };
    let words = match last {
        "tin" => "TIN".to_owned(),
        "irn" => "IRN".to_owned(),
        "hsn_code" => "HS code".to_owned(),
        "isic_code" => "ISIC code".to_owned(),
        "lga" => "local government area".to_owned(),
        "business_id" => "business id".to_owned(),
        other => other.replace('_', " "),
    };
    match parts.as_slice() {
        ["accounting_customer_party", _, ..] => format!("the buyer's {words}"),
        ["accounting_supplier_party", _, ..] => format!("the seller's {words}"),
        ["invoice_line", index, _, ..] => match index.parse::<usize>() {
            Ok(index) => format!("the {words} of line {}", index.saturating_add(1)),
            Err(_) => format!("the {words}"),
        },
        _ => format!("the {words}"),
    }
}

fn sentence(label: &str, rule: &str) -> String {
    let lower = rule.to_ascii_lowercase();
    if lower.contains("is required") {
        return format!("The authority needs {label}, which is missing.");
    }
    if lower.contains("valid tax category") {
        return format!(
            "The authority does not take {label} sent: its list of tax categories may have changed; refresh it."
        );
    }
    if lower.contains("valid country code") {
        return format!("The authority wants {label} as a two-letter code in capitals, such as NG.");
    }
    if lower.contains("valid date value") {
        return format!("The authority wants {label} as a date such as 2026-11-02.");
    }
    if let Some(least) = lower.split("at least in length or value ").nth(1) {
        let least: String = least.chars().take_while(char::is_ascii_digit).collect();
        return format!("The authority wants {label} with at least {least} characters.");
    }
    match rule {
        "" => format!("The authority refused {label}."),
        rule => format!("The authority refused {label}: it {}.", rule.trim_end_matches('.')),
    }
}

fn general(details: &str) -> String {
    let details = details.trim().trim_end_matches('.');
    let lower = details.to_ascii_lowercase();
    if details.is_empty() {
        "The authority refused the document without saying why.".to_owned()
    } else if lower.contains("irn validation failed") {
        "The authority does not take the IRN: compare the tenant's service_id with the IRN template on the dashboard."
            .to_owned()
    } else if lower.contains("terminal state") {
        "The authority has closed this document (it is paid or rejected there), so it can no longer change."
            .to_owned()
    } else if lower.contains("have been signed") {
        "The authority has not signed this document yet, so its payment status cannot change.".to_owned()
    } else {
        format!("The authority refused the document: {details}.")
    }
}

/// Field names of the authority's schema v1.1.
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
];
