#![doc = include_str!("../README.md")]

mod calculate;
mod codes;
mod currency;
mod document;
mod error;
mod irn;
mod money;
mod rules;
mod vocabulary;
mod xml;

pub use calculate::{
    Calculation, Leftover, LineAmounts, PayableRounding, Prices, Rounding, RoundingRule, TaxDifference,
    TaxRounding, allowance_amount, amount_decimals, calculate, calculate_with, line_amount, tax_differences,
};
pub use codes::{
    UNIT_ONE, country, document_type, document_type_code, nigeria, tax_category, tax_category_code, unit_code,
};
pub use currency::Currency;
pub use document::{
    Address, AllowanceCharge, Attachment, Classification, Contact, Content, Delivery, DocumentReference,
    DocumentType, ElectronicAddress, ExchangeRate, ForeignAttribute, ForeignElement, Identifier, Invoice,
    InvoiceKind, InvoiceLine, ItemAttribute, ItemClassification, Kept, Party, PaymentAccount, PaymentCard,
    PaymentMandate, PaymentMeans, PaymentStatus, Period, Piece, Rest, SupportingDocument, Tax, TaxCategory,
    TaxRegistration, TaxSubtotal, Totals,
};
pub use error::{Error, Result};
pub use irn::{Irn, IrnError};
pub use money::{Money, Quantity, Rate, round_half_up};
pub use rules::{Explanation, Fault, Ruleset, Severity, explain, rule_ids, validate};
#[cfg(fuzzing)]
pub use xml::difference;
pub use xml::{MAX_BYTES, Part, parse, parts, to_xml};
