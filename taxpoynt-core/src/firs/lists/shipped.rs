//! The lists this version was built with. Codes are facts that the authority publishes.

use super::{Code, CodeList, ListName, Origin};
use chrono::NaiveDate;
use taxpoynt_ubl::{country, nigeria};

/// The shipped form of a list.
pub(super) fn list(name: ListName) -> CodeList {
    let rows = |rows: &[(&str, &str)]| rows.iter().map(|(code, name)| row(code, name)).collect();
    let codes: Vec<Code> = match name {
        ListName::TaxCategories => rows(TAX_CATEGORIES),
        ListName::PaymentMeans => rows(PAYMENT_MEANS),
        ListName::DocumentTypes => rows(DOCUMENT_TYPES),
        ListName::States => nigeria::STATES.iter().map(|(name, code)| row(code, name)).collect(),
        ListName::ServiceCodes => nigeria::services().map(|code| row(code, "")).collect(),
        ListName::Currencies => nigeria::currencies().map(|code| row(code, "")).collect(),
        ListName::Countries => country::countries().map(|(code, name)| row(code, name)).collect(),
        ListName::Lgas | ListName::HsCodes => Vec::new(),
    };
    CodeList::new(name, Origin::Shipped(date(name)), codes)
}

fn row(code: &str, name: &str) -> Code {
    Code { code: code.to_owned(), name: name.to_owned(), state: None }
}

/// The day of which a list is.
fn date(name: ListName) -> NaiveDate {
    let (year, month, day) = match name {
        // Answers of the authority's resources, recorded then.
        ListName::DocumentTypes
        | ListName::Currencies
        | ListName::Countries
        | ListName::ServiceCodes
        | ListName::HsCodes
        | ListName::Lgas => (2025, 5, 20),
        // Three categories were added in March 2026.
        ListName::TaxCategories => (2026, 3, 1),
        // The documentation of schema v1.1, as it stood then.
        ListName::PaymentMeans | ListName::States => (2026, 11, 1),
    };
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// `tax-categories`. Source: the official list of 24, and three seen in use since March 2026 (the last three).
const TAX_CATEGORIES: &[(&str, &str)] = &[
    ("STANDARD_VAT", "Standard value-added tax"),
    ("REDUCED_VAT", "Reduced value-added tax"),
    ("ZERO_VAT", "Zero value-added tax"),
    ("STANDARD_GST", "Standard goods and services tax"),
    ("REDUCED_GST", "Reduced goods and services tax"),
    ("ZERO_GST", "Zero goods and services tax"),
    ("STATE_SALES_TAX", "State sales tax"),
    ("LOCAL_SALES_TAX", "Local sales tax"),
    ("ALCOHOL_EXCISE_TAX", "Excise on alcohol"),
    ("TOBACCO_EXCISE_TAX", "Excise on tobacco"),
    ("FUEL_EXCISE_TAX", "Excise on fuel"),
    ("CORPORATE_INCOME_TAX", "Corporate income tax"),
    ("PERSONAL_INCOME_TAX", "Personal income tax"),
    ("SOCIAL_SECURITY_TAX", "Social security tax"),
    ("MEDICARE_TAX", "Medicare tax"),
    ("REAL_ESTATE_TAX", "Real estate tax"),
    ("PERSONAL_PROPERTY_TAX", "Personal property tax"),
    ("CARBON_TAX", "Carbon tax"),
    ("PLASTIC_TAX", "Plastic tax"),
    ("IMPORT_DUTY", "Import duty"),
    ("EXPORT_DUTY", "Export duty"),
    ("LUXURY_TAX", "Luxury tax"),
    ("SERVICE_TAX", "Service tax"),
    ("TOURISM_TAX", "Tourism tax"),
    ("WITHHOLDING_TAX", "Withholding tax"),
    ("STAMP_DUTY", "Stamp duty"),
    ("EXEMPTED", "Exempt from tax"),
];

/// `payment-means`.
const PAYMENT_MEANS: &[(&str, &str)] = &[
    ("10", "Cash"),
    ("20", "Cheque"),
    ("30", "Credit transfer"),
    ("31", "Debit transfer"),
    ("42", "ACH credit"),
    ("43", "ACH debit"),
    ("48", "Bank card"),
    ("49", "Direct debit"),
    ("50", "Credit card"),
    ("58", "Banker's draft"),
    ("97", "Other"),
    ("ZZZ", "Mutually defined"),
];

/// `invoice-types`.
const DOCUMENT_TYPES: &[(&str, &str)] = &[
    ("380", "Credit note"),
    ("381", "Commercial invoice"),
    ("384", "Debit note"),
    ("385", "Self-billed invoice"),
    ("386", "Factored invoice"),
    ("388", "Statement of account"),
    ("389", "Purchase order"),
    ("390", "Proforma invoice"),
    ("392", "Consignment invoice"),
    ("393", "Self-billed credit note"),
    ("394", "Self-billed invoice"),
    ("395", "Credit note request"),
    ("396", "Invoice request"),
    ("397", "Final settlement"),
    ("399", "Bill of lading"),
    ("400", "Waybill"),
    ("402", "Shipping instructions"),
    ("404", "Certificate of origin"),
    ("406", "Customs declaration"),
    ("408", "Packing list"),
];
