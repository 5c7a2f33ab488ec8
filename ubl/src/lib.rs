#![doc = include_str!("../README.md")]

mod currency;
mod document;
mod error;
mod irn;
mod money;

pub use currency::Currency;
pub use document::{
    Address, AllowanceCharge, Classification, Contact, DocumentReference, DocumentType, ElectronicAddress,
    Invoice, InvoiceKind, InvoiceLine, Party, PaymentMeans, PaymentStatus, Tax, TaxCategory, TaxSubtotal,
    Totals,
};
pub use error::{Error, Result};
pub use irn::{Irn, IrnError};
pub use money::{Money, Quantity, Rate, round_half_up};
