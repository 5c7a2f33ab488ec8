//! What the authority says is wrong with a field, as a sentence for a bookkeeper.

/// `the seller's country`, `the HS code of line 2`, `the tax category`; `field` is a path such as
/// `invoice_line/1/hsn_code`.
pub(super) fn label(field: &str) -> String {
    let parts: Vec<&str> = field.split('/').filter(|part| !part.is_empty()).collect();
    let Some((first, rest)) = parts.split_first() else { return "the document".to_owned() };
    if let Some((_, party)) = PARTIES.iter().find(|(name, _)| name == first) {
        return match named(rest) {
            Some(words) => format!("{party}'s {words}"),
            None => (*party).to_owned(),
        };
    }
    let number = rest.first().and_then(|index| index.parse::<usize>().ok()).map(|i| i.saturating_add(1));
    match (*first, number, named(rest)) {
        ("invoice_line", Some(number), Some(words)) => format!("the {words} of line {number}"),
        ("invoice_line", Some(number), None) => format!("line {number}"),
        ("allowance_charge", Some(number), Some(words)) => {
            format!("the {words} of discount or charge {number}")
        }
        ("billing_reference", _, Some(words)) => format!("the {words} of the invoice that is corrected"),
        ("invoice_delivery_period", _, Some(words)) => format!("the {words} of the delivery"),
        (_, _, Some(words)) => format!("the {words}"),
        (first, _, None) => format!("the {}", words("", first)),
    }
}

const PARTIES: &[(&str, &str)] = &[
    ("accounting_customer_party", "the buyer"),
    ("accounting_supplier_party", "the seller"),
    ("payee_party", "the payee"),
    ("bill_party", "the billed party"),
    ("ship_party", "the receiver"),
    ("tax_representative_party", "the tax representative"),
];

/// The words for the last name of a path; none where it has only indexes.
fn named(path: &[&str]) -> Option<String> {
    let named: Vec<&str> = path.iter().copied().filter(|part| part.parse::<usize>().is_err()).collect();
    let (name, outer) = named.split_last()?;
    Some(words(outer.last().copied().unwrap_or_default(), name))
}

/// What a bookkeeper calls it.
fn words(outer: &str, name: &str) -> String {
    let known = match (outer, name) {
        ("tax_category", "id") => "tax category",
        ("tax_category", "percent") => "tax rate",
        (_, "tin") => "TIN",
        (_, "agent_tin") => "seller's TIN",
        (_, "beneficiary_tin") => "buyer's TIN",
        (_, "irn") => "IRN",
        (_, "hsn_code") => "HS code",
        (_, "isic_code") => "ISIC code",
        (_, "lga") => "local government area",
        (_, "party_name") => "name",
        (_, "email") => "e-mail address",
        (_, "telephone") => "telephone number",
        (_, "postal_address") => "address",
        (_, "street_name") => "street",
        (_, "city_name") => "city",
        (_, "postal_zone") => "postal code",
        (_, "invoice_line") => "list of lines",
        (_, "invoiced_quantity") => "quantity",
        (_, "price_amount") => "price",
        (_, "sellers_item_identification") => "item number",
        (_, "invoice_type_code") => "document type",
        (_, "invoice_kind") => "kind of document (B2B, B2C, B2G)",
        (_, "document_currency_code") => "currency",
        (_, "tax_currency_code") => "tax currency",
        (_, "payment_means_code") => "payment means",
        (_, "payment_due_date") => "due date of the payment",
        (_, "billing_reference") => "reference to the invoice that is corrected",
        (_, "line_extension_amount") => "net amount",
        (_, "price_unit") => "unit of the price",
        (_, "legal_monetary_total") => "total of the document",
        (_, "tax_total") => "total of the tax",
        (_, "tax_subtotal") => "tax by category",
        _ => return name.replace('_', " "),
    };
    known.to_owned()
}

/// The authority's rule as a sentence about what `label` names.
pub(super) fn sentence(label: &str, rule: &str) -> String {
    let rule = rule.trim().trim_end_matches(['.', ',', ';']).trim_end();
    let lower = rule.to_ascii_lowercase();
    let says = |text: &str| lower.contains(text);
    let bound = |text: &str| {
        let rest = lower.split(text).nth(1)?;
        let number: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        (!number.is_empty()).then_some(number)
    };
    let is_number = ["amount", "quantity", "percent", "price", "rate", "total"]
        .iter()
        .any(|word| label.split([' ', '\'']).any(|part| part == *word));
    if says("is required") || says("are required") || says("'required'") {
        format!("The authority needs {label}, which is missing.")
    } else if says("valid tax category") {
        format!(
            "The authority does not take {label} sent: its list of categories may have changed; refresh it."
        )
    } else if says("valid country code") {
        format!("The authority wants {label} as a two-letter code in capitals, such as NG.")
    } else if says("valid currency") {
        format!("The authority wants {label} as a three-letter code in capitals, such as NGN.")
    } else if says("valid state code") {
        format!("The authority wants {label} as a code of its list of states, such as NG-LA.")
    } else if says("valid lga code") {
        format!("The authority wants {label} as a code of its list, such as NG-LA-IKJ.")
    } else if says("refer to the invoice resource") {
        format!("The authority does not find {label} in its list: choose one that is listed.")
    } else if says("valid date") {
        format!("The authority wants {label} as a date such as 2026-11-02.")
    } else if says("valid time") {
        format!("The authority wants {label} as a time such as 14:05:00.")
    } else if says("valid email") {
        format!("The authority wants {label} in a form such as accounts@example.com.")
    } else if says("valid phone") {
        format!("The authority wants {label} with its country code, such as +2348010000001.")
    } else if let Some(least) = bound("at least in length or value") {
        if is_number {
            format!("The authority wants {label} to be {least} or more.")
        } else {
            format!("The authority wants {label} with at least {least} characters.")
        }
    } else if let Some(most) = bound("at most in length or value") {
        if is_number {
            format!("The authority wants {label} to be {most} or less.")
        } else {
            format!("The authority wants {label} with at most {most} characters.")
        }
    } else if rule.is_empty() {
        format!("The authority refused {label}.")
    } else {
        format!("The authority refused {label}: it {rule}.")
    }
}

/// A cause that names no field: which field it is about all the same, and the sentence.
pub(super) fn general(cause: &str, about: &str) -> (&'static str, String) {
    let cause = cause.trim().trim_end_matches('.');
    let lower = cause.to_ascii_lowercase();
    if lower.contains("irn validation failed") {
        let sentence = "The authority does not take the IRN: compare the tenant's service_id with the IRN template on the \
                        authority's dashboard.";
        ("irn", sentence.to_owned())
    } else if lower.contains("terminal state") {
        let sentence = "The authority has closed this document (it is paid or rejected there), so it can no longer change.";
        ("", sentence.to_owned())
    } else if lower.contains("have been signed") {
        let sentence = "The authority has not signed this document yet, so its payment status cannot change: submit it first.";
        ("", sentence.to_owned())
    } else {
        ("", format!("The authority refused {about}: {cause}."))
    }
}
