//! The authority's code lists and how ours map to them, one place each.

pub use taxpoynt_ubl::nigeria::{
    STATES, is_email, is_hsn_code, is_isic_code, is_lga_code, is_phone, phone, state_code,
};
use taxpoynt_ubl::{DocumentType, InvoiceKind, PaymentStatus, TaxCategory};

/// The authority's code of a document type. It swaps UNTDID 1001: here 381 is the invoice and 380 the credit note.
///
/// Source: the authority's `invoice-types` list. `None` for a type the list lacks.
#[must_use]
pub fn document_type_code(document_type: DocumentType) -> Option<&'static str> {
    match document_type {
        DocumentType::Invoice => Some("381"),
        DocumentType::CreditNote => Some("380"),
        DocumentType::DebitNote => Some("384"),
        _ => None,
    }
}

/// The way back of `document_type_code`.
#[must_use]
pub fn document_type(code: &str) -> Option<DocumentType> {
    match code {
        "381" => Some(DocumentType::Invoice),
        "380" => Some(DocumentType::CreditNote),
        "384" => Some(DocumentType::DebitNote),
        _ => None,
    }
}

/// `B2B`, `B2C` or `B2G`.
#[must_use]
pub fn kind_code(kind: InvoiceKind) -> &'static str {
    match kind {
        InvoiceKind::B2B => "B2B",
        InvoiceKind::B2G => "B2G",
        _ => "B2C",
    }
}

/// The way back of `kind_code`.
#[must_use]
pub fn kind(code: &str) -> Option<InvoiceKind> {
    match code {
        "B2B" => Some(InvoiceKind::B2B),
        "B2C" => Some(InvoiceKind::B2C),
        "B2G" => Some(InvoiceKind::B2G),
        _ => None,
    }
}

/// `PENDING`, `PAID` or `REJECTED`.
#[must_use]
pub fn payment_status_code(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Paid => "PAID",
        PaymentStatus::Rejected => "REJECTED",
        _ => "PENDING",
    }
}

/// The way back of `payment_status_code`. Older lists call the third one `CANCELED`.
#[must_use]
pub fn payment_status(code: &str) -> Option<PaymentStatus> {
    match code.trim().to_ascii_uppercase().as_str() {
        "PENDING" => Some(PaymentStatus::Pending),
        "PAID" => Some(PaymentStatus::Paid),
        "REJECTED" | "CANCELED" | "CANCELLED" => Some(PaymentStatus::Rejected),
        _ => None,
    }
}

/// What the authority's list says for supplies without tax that are not zero rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExemptCode {
    /// `EXEMPTED`, in the list since March 2026. A zero-rated seller recovers input VAT and an exempt one does not, so
    /// the two are told apart wherever the list can.
    #[default]
    Listed,
    /// A deployment whose list lacks `EXEMPTED`: `ZERO_VAT`, as clients did in 2025.
    FallBackToZero,
}

/// The authority's tax category. Exports are zero rated there; outside the scope (O) has no code of its own and goes
/// as exempt, since no input VAT is recovered on it either. `None`: the category has no counterpart in Nigeria.
#[must_use]
pub fn tax_category_code(category: TaxCategory, exempt: ExemptCode) -> Option<&'static str> {
    match (category, exempt) {
        (TaxCategory::S, _) => Some("STANDARD_VAT"),
        (TaxCategory::Z | TaxCategory::G, _) => Some("ZERO_VAT"),
        (TaxCategory::E | TaxCategory::O, ExemptCode::Listed) => Some("EXEMPTED"),
        (TaxCategory::E | TaxCategory::O, ExemptCode::FallBackToZero) => Some("ZERO_VAT"),
        _ => None,
    }
}

/// The VAT category of an authority's code; `None` for taxes that are not VAT.
#[must_use]
pub fn tax_category(code: &str) -> Option<TaxCategory> {
    match code {
        "STANDARD_VAT" | "REDUCED_VAT" => Some(TaxCategory::S),
        "ZERO_VAT" => Some(TaxCategory::Z),
        "EXEMPTED" => Some(TaxCategory::E),
        _ => None,
    }
}

/// The authority's payment means for a UNTDID 4461 code. Several equal numbers mean different things (58 is a SEPA
/// transfer in UNTDID and a banker's draft here), so only what is known to agree keeps its number; the rest is 97, Other.
#[must_use]
pub fn payment_means_code(untdid: &str) -> &'static str {
    match untdid.trim() {
        "10" => "10",
        "20" => "20",
        "30" | "58" => "30",
        "31" => "31",
        "48" | "54" | "55" => "48",
        "49" | "59" => "49",
        _ => "97",
    }
}

/// The UNTDID 4461 code of an authority's means of payment, by meaning and not by number; `1`, not defined, for Other
/// and for what the list lacks.
///
/// Source: the authority's `payment-means` list.
#[must_use]
pub fn payment_means(code: &str) -> &'static str {
    match code.trim() {
        "10" => "10",
        "20" => "20",
        "30" => "30",
        "31" => "31",
        // ACH credit and debit, credit card, banker's draft.
        "42" => "2",
        "43" => "3",
        "50" => "54",
        "58" => "21",
        "48" => "48",
        "49" => "49",
        "ZZZ" => "ZZZ",
        _ => "1",
    }
}

/// Whether `text` can be a TIN: 5 to 20 characters (the server checks no more than the length).
#[must_use]
pub fn is_tin(text: &str) -> bool {
    (5..=20).contains(&text.trim().chars().count())
}
