//! The document: what an invoice, credit note or debit note says. Amounts are in `Invoice::currency`, major units.

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

/// Whether the document is paid, in the authority's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum PaymentStatus {
    /// Not paid, or not fully.
    #[default]
    Pending,
    /// Paid in full.
    Paid,
    /// The buyer refused it.
    Rejected,
}

/// A VAT category of UNCL 5305 as EN 16931 uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TaxCategory {
    /// Standard rate.
    S,
    /// Zero rated.
    Z,
    /// Exempt; needs a reason.
    E,
    /// Reverse charge.
    AE,
    /// Intra-community supply.
    K,
    /// Export, zero rated because the goods leave; needs a reason.
    G,
    /// Outside the scope of VAT; cannot share a document with other categories.
    O,
    /// Canary Islands.
    L,
    /// Ceuta and Melilla.
    M,
    /// Transferred VAT (Italy).
    B,
}

/// A tax as it applies to a line, an allowance or a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// The VAT category.
    pub category: TaxCategory,
    /// The rate in percent; zero for Z, E, G and O.
    pub percent: Decimal,
    /// Why no tax is charged (E, G, O, AE, K).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The tax the platform itself applied here. Present: it is copied into the tax subtotal. Absent: the subtotal
    /// is calculated from the rate. Not part of UBL, so lost in XML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Local government area, `NG-LA-IKJ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lga: Option<String>,
    /// State: an ISO 3166-2 code for Nigeria (`NG-LA`), else as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// A person who can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone, E.164 where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Where a party receives electronic documents (BT-34, BT-49).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectronicAddress {
    /// Electronic Address Scheme code (CEF EAS).
    pub scheme: String,
    /// The address in that scheme.
    pub id: String,
}

/// The seller or the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    /// Legal name (BT-27, BT-44).
    pub name: String,
    /// Name it trades under, where different.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trading_name: Option<String>,
    /// Tax identification number, without country prefix: `12345678-0001`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Company registration number (CAC RC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// E-mail of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What the business does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_description: Option<String>,
    /// Electronic address, only where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<ElectronicAddress>,
    /// The person to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Where it is.
    pub address: Address,
}

/// What the authority wants to know about a line's goods or service: exactly one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Classification {
    /// Goods: an HS code and its category.
    Goods {
        /// `5208.52`
        hsn_code: String,
        /// The category's name.
        product_category: String,
    },
    /// A service: an ISIC class and its category.
    Service {
        /// Four digits, leading zeros kept.
        isic_code: String,
        /// The category's name.
        service_category: String,
    },
}

/// An amount taken off or put on, at a line or at the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceCharge {
    /// Always positive.
    pub amount: Decimal,
    /// Why (BT-97, BT-104, BT-139, BT-144).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The tax; only at the document, where it is required. A line's allowance is taxed as the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
}

/// One thing sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Unique in the document, usually `1`, `2`, …
    pub id: String,
    /// Item name.
    pub name: String,
    /// More about the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The seller's own number for the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// How many.
    pub quantity: Decimal,
    /// UN/ECE recommendation 20 code: `C62` one, `KGM` kilogram.
    pub unit: String,
    /// Price of `base_quantity` units, without tax.
    pub unit_price: Decimal,
    /// Units the price is for; 1 unless said.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub base_quantity: Decimal,
    /// quantity × price ÷ base quantity − allowances + charges, without tax.
    pub net_amount: Decimal,
    /// The tax of the line.
    pub tax: Tax,
    /// Taken off.
    #[serde(default)]
    pub allowances: Vec<AllowanceCharge>,
    /// Put on.
    #[serde(default)]
    pub charges: Vec<AllowanceCharge>,
    /// HS or ISIC code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
    /// A free remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn one() -> Decimal {
    Decimal::ONE
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_one(value: &Decimal) -> bool {
    *value == Decimal::ONE
}

/// How the document is or was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMeans {
    /// UNTDID 4461: `10` cash, `30` credit transfer, `48` bank card, `ZZZ` agreed between the parties.
    pub code: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The payment's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
}

/// A document this one corrects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentReference {
    /// Its number.
    pub number: String,
    /// Its IRN, as its issuer wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub irn: Option<String>,
    /// Its issue date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<NaiveDate>,
}

/// One row of the VAT breakdown: one per category and rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxSubtotal {
    /// The category.
    pub category: TaxCategory,
    /// The rate in percent.
    pub percent: Decimal,
    /// What the tax is on.
    pub taxable_amount: Decimal,
    /// The tax.
    pub tax_amount: Decimal,
    /// Why none is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The totals of EN 16931 (BG-22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of line net amounts (BT-106).
    pub line_extension_amount: Decimal,
    /// Sum of document allowances (BT-107).
    pub allowance_total: Decimal,
    /// Sum of document charges (BT-108).
    pub charge_total: Decimal,
    /// Without tax (BT-109).
    pub tax_exclusive_amount: Decimal,
    /// The tax (BT-110).
    pub tax_amount: Decimal,
    /// With tax (BT-112).
    pub tax_inclusive_amount: Decimal,
    /// Paid before (BT-113).
    pub prepaid_amount: Decimal,
    /// Rounding of the amount to pay (BT-114), such as cash rounding.
    pub rounding_amount: Decimal,
    /// To pay (BT-115).
    pub payable_amount: Decimal,
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
}
