//! From a field as a complaint names it to the elements of the document it is written in.

use super::{Entry, place::Place};

/// The elements that a field is written in: of the authority's JSON (`invoice_line/0/item/name`) or, as rules of UBL name
/// it, a path into the document itself.
pub(super) fn elements_of(field: &str, elements: &[Entry]) -> Vec<Entry> {
    if field.starts_with("/Invoice") || field.starts_with("/CreditNote") {
        // A rule names the element it looks at, which may hold what is at fault.
        let exact = elements.iter().filter(|entry| entry.path == field && entry.value.is_some());
        return exact.cloned().collect();
    }
    let steps: Vec<&str> = field.split('/').filter(|step| !step.is_empty()).collect();
    let Some(wanted) = Wanted::of(&steps) else { return Vec::new() };
    elements.iter().filter(|entry| wanted.is(entry)).cloned().collect()
}

/// A pattern of a path, and the position it must have.
struct Wanted {
    patterns: Vec<String>,
    nth: Option<usize>,
}

impl Wanted {
    fn of(steps: &[&str]) -> Option<Self> {
        let nth = steps.iter().rev().find_map(|step| step.parse::<usize>().ok());
        let names: Vec<&str> = steps.iter().copied().filter(|step| step.parse::<usize>().is_err()).collect();
        let patterns = match names.as_slice() {
            ["accounting_supplier_party", rest @ ..] => party("seller", rest)?,
            ["accounting_customer_party", rest @ ..] => party("buyer", rest)?,
            ["invoice_line", rest @ ..] => line(rest)?,
            rest => header(rest)?,
        };
        let nth = nth.filter(|_| !names.starts_with(&["tax_total"]) || names.len() > 2);
        Some(Self { patterns, nth })
    }

    fn is(&self, entry: &Entry) -> bool {
        let place = Place::of(&entry.path);
        if !self.patterns.contains(&place.pattern()) {
            return false;
        }
        // A breakdown of the tax is one below its total.
        let depth = usize::from(place.names().first() == Some(&"TaxTotal"));
        self.nth.is_none_or(|nth| place.nth(depth) == nth)
    }
}

fn header(names: &[&str]) -> Option<Vec<String>> {
    let all = |patterns: &[&str]| Some(patterns.iter().map(|pattern| (*pattern).to_owned()).collect());
    match names {
        ["business_id"] => all(&["seller/Party/PartyIdentification/ID"]),
        ["irn"] => all(&["ID", "IssueDate"]),
        ["due_date"] | ["payment_means", "payment_due_date"] => {
            all(&["DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"])
        }
        ["invoice_type_code"] => all(&["type"]),
        ["payment_terms_note"] => all(&["PaymentTerms/Note"]),
        ["order_reference"] => all(&["OrderReference/ID"]),
        ["billing_reference", "irn"] => all(&["BillingReference/InvoiceDocumentReference/ID"]),
        ["billing_reference", "issue_date"] => all(&["BillingReference/InvoiceDocumentReference/IssueDate"]),
        [] => None,
        names => Some(vec![names.iter().map(|name| camel(name)).collect::<Vec<_>>().join("/")]),
    }
}

fn party(role: &str, rest: &[&str]) -> Option<Vec<String>> {
    let below: &[&str] = match rest {
        [] | ["party_name"] => &["Party/PartyLegalEntity/RegistrationName"],
        ["tin"] => &["Party/PartyTaxScheme/CompanyID"],
        ["email"] => &["AccountingContact/ElectronicMail", "Party/Contact/ElectronicMail"],
        ["telephone"] => &["AccountingContact/Telephone", "Party/Contact/Telephone"],
        ["business_description"] => &["Party/IndustryClassificationCode/@name"],
        ["postal_address"] | ["postal_address", "street_name"] => &["Party/PostalAddress/StreetName"],
        ["postal_address", "city_name"] => &["Party/PostalAddress/CityName"],
        ["postal_address", "postal_zone"] => &["Party/PostalAddress/PostalZone"],
        ["postal_address", "lga"] => &["Party/PostalAddress/District"],
        ["postal_address", "state"] => &["Party/PostalAddress/CountrySubentity"],
        ["postal_address", "country"] => &["Party/PostalAddress/Country/IdentificationCode"],
        _ => return None,
    };
    Some(below.iter().map(|below| format!("{role}/{below}")).collect())
}

fn line(rest: &[&str]) -> Option<Vec<String>> {
    let below: &[&str] = match rest {
        ["hsn_code" | "isic_code"] => &["Item/CommodityClassification/ItemClassificationCode"],
        ["product_category" | "service_category"] => {
            &["Item/CommodityClassification/ItemClassificationCode/@name"]
        }
        ["item", "name"] => &["Item/Name"],
        ["item", "description"] => &["Item/Description"],
        ["item", "sellers_item_identification"] => &["Item/SellersItemIdentification/ID"],
        ["invoiced_quantity"] => &["quantity"],
        ["price", "price_unit"] => &["quantity/@unitCode"],
        ["price", "price_amount"] => &["Price/PriceAmount"],
        ["price", "base_quantity"] => &["Price/BaseQuantity"],
        ["line_extension_amount"] => &["LineExtensionAmount"],
        ["discount_amount" | "discount_rate" | "fee_amount" | "fee_rate"] => &["AllowanceCharge/Amount"],
        _ => return None,
    };
    Some(below.iter().map(|below| format!("line/{below}")).collect())
}

/// `payable_amount` as `PayableAmount`.
fn camel(name: &str) -> String {
    let capitalised = |word: &str| match word {
        "id" => "ID".to_owned(),
        word => {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
        }
    };
    name.split('_').map(capitalised).collect()
}
