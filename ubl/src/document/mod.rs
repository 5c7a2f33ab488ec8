//! The document: what an invoice, credit note or debit note says. Amounts are in `Invoice::currency`, major units.

mod exchange;
mod line;
mod party;
mod payment;
mod references;
mod rest;
mod tax;
mod totals;

pub use exchange::ExchangeRate;
pub use line::{Classification, InvoiceLine, ItemAttribute, ItemClassification};
pub use party::{Address, Contact, ElectronicAddress, Identifier, Party, TaxRegistration};
pub use payment::{PaymentAccount, PaymentCard, PaymentMandate, PaymentMeans, PaymentStatus};
pub use references::{Attachment, Delivery, DocumentReference, Period, SupportingDocument};
pub use rest::{Content, ForeignAttribute, ForeignElement, Kept, Piece, Rest};
pub use tax::{AllowanceCharge, Tax, TaxCategory, TaxSubtotal};
pub use totals::Totals;

use crate::{Currency, Irn};
use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What kind of document this is. The codes differ by audience (UNTDID 1001 in UBL, the authority's own in its
/// JSON), so neither is stored here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DocumentType {
    /// A commercial invoice.
    #[default]
    Invoice,
    /// Takes back all or part of an invoice; amounts are positive.
    CreditNote,
    /// Adds to an invoice; amounts are positive.
    DebitNote,
}

/// Who buys, as the authority distinguishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum InvoiceKind {
    /// The buyer is an organisation or gave a TIN: cleared before the buyer gets it.
    B2B,
    /// Everyone else: reported within 24 hours.
    #[default]
    B2C,
    /// The buyer is the government: as B2B.
    B2G,
}

/// An invoice, credit note or debit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Which of the three.
    #[serde(rename = "type")]
    pub document_type: DocumentType,
    /// B2B, B2C or B2G.
    pub kind: InvoiceKind,
    /// The seller's number of the document.
    pub number: String,
    /// The invoice reference number; absent for a seller without a service id and in foreign documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub irn: Option<Irn>,
    /// The seller's id at the authority, a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    /// When it was issued, in the seller's or the location's time zone.
    pub issue_date: NaiveDate,
    /// The time of that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_time: Option<NaiveTime>,
    /// When it is to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<NaiveDate>,
    /// When the tax became due: the day of the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_point_date: Option<NaiveDate>,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// The platform's id of the record it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Whether it is paid.
    #[serde(default)]
    pub payment_status: PaymentStatus,
    /// A remark for the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The buyer's own reference (BT-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// The order or deal it bills (BT-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_reference: Option<String>,
    /// Payment terms in words (BT-20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<String>,
    /// The seller.
    pub supplier: Party,
    /// The buyer; none for a walk-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Party>,
    /// What was sold, at least one.
    pub lines: Vec<InvoiceLine>,
    /// Taken off the whole document.
    #[serde(default)]
    pub allowances: Vec<AllowanceCharge>,
    /// Put on the whole document.
    #[serde(default)]
    pub charges: Vec<AllowanceCharge>,
    /// How it is or was paid.
    #[serde(default)]
    pub payment_means: Vec<PaymentMeans>,
    /// The totals.
    pub totals: Totals,
    /// The VAT breakdown.
    pub tax_subtotals: Vec<TaxSubtotal>,
    /// What it corrects.
    #[serde(default)]
    pub references: Vec<DocumentReference>,
    /// Specification the document follows (BT-24); none: Peppol BIS Billing 3.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customization_id: Option<String>,
    /// Business process (BT-23); none: that of Peppol BIS Billing 3.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    /// UNTDID 1001 code (BT-3) where it is not that of `document_type`: 380, 381, 383.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_code: Option<String>,
    /// Remarks after the first (BG-1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_notes: Vec<String>,
    /// Currency the tax is accounted in, where another (BT-6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_currency: Option<Currency>,
    /// The tax in that currency (BT-111).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_amount_in_tax_currency: Option<Decimal>,
    /// The rate it was converted at (`cac:TaxExchangeRate`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_exchange_rate: Option<ExchangeRate>,
    /// The period it bills (BG-14), and the event that makes the tax due (BT-8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The buyer's accounting reference (BT-19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounting_reference: Option<String>,
    /// The seller's number of the order (BT-14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_order_reference: Option<String>,
    /// The despatch advice (BT-16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despatch_reference: Option<String>,
    /// The receiving advice (BT-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_reference: Option<String>,
    /// The tender or lot (BT-17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tender_reference: Option<String>,
    /// The contract (BT-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_reference: Option<String>,
    /// The project (BT-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_reference: Option<String>,
    /// Supporting documents (BG-24) and the invoiced object (BT-18).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<SupportingDocument>,
    /// Who is paid, where not the seller (BG-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Party>,
    /// Who represents the seller for tax (BG-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_representative: Option<Party>,
    /// Where and when it was delivered (BG-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// Whether the document came from elsewhere: it is then written as it was, and nothing that the standard wants is put in
    /// where it had none. [`parse`](crate::parse) sets this for every document that [`to_xml`](crate::to_xml) would not
    /// have written so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_received: bool,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

impl Default for Invoice {
    /// A document of nothing yet, dated 1970-01-01, in no currency (`XXX`): set number, date, currency, seller and lines.
    fn default() -> Self {
        Self {
            document_type: DocumentType::default(),
            kind: InvoiceKind::default(),
            number: String::new(),
            irn: None,
            business_id: None,
            issue_date: NaiveDate::default(),
            issue_time: None,
            due_date: None,
            tax_point_date: None,
            currency: Currency::NONE,
            source_id: None,
            payment_status: PaymentStatus::default(),
            note: None,
            buyer_reference: None,
            order_reference: None,
            payment_terms: None,
            supplier: Party::default(),
            customer: None,
            lines: Vec::new(),
            allowances: Vec::new(),
            charges: Vec::new(),
            payment_means: Vec::new(),
            totals: Totals::default(),
            tax_subtotals: Vec::new(),
            references: Vec::new(),
            customization_id: None,
            profile_id: None,
            type_code: None,
            further_notes: Vec::new(),
            tax_currency: None,
            tax_amount_in_tax_currency: None,
            tax_exchange_rate: None,
            period: None,
            accounting_reference: None,
            sales_order_reference: None,
            despatch_reference: None,
            receipt_reference: None,
            tender_reference: None,
            contract_reference: None,
            project_reference: None,
            documents: Vec::new(),
            payee: None,
            tax_representative: None,
            delivery: None,
            as_received: false,
            rest: Rest::default(),
        }
    }
}
