//! The authority's JSON as types: field names and their order, schema v1.1.

use crate::Result;
use bytes::Bytes;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A decimal written as a JSON number, digit by digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(pub(super) Decimal);

impl Number {
    pub(super) const ZERO: Self = Self(Decimal::ZERO);
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        // A normalised negative zero would be written "-0".
        let text = if self.0.is_zero() { "0".to_owned() } else { self.0.normalize().to_string() };
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// An invoice in the authority's field names and order; serialize it, or take `to_bytes`.
#[derive(Debug, Clone, Serialize)]
pub struct MbsInvoice<'a> {
    pub(super) business_id: &'a str,
    pub(super) irn: &'a str,
    pub(super) issue_date: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issue_time: Option<String>,
    pub(super) invoice_type_code: &'static str,
    pub(super) invoice_kind: &'static str,
    pub(super) payment_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tax_point_date: Option<NaiveDate>,
    pub(super) document_currency_code: String,
    pub(super) tax_currency_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) billing_reference: Vec<Reference<'a>>,
    pub(super) accounting_supplier_party: MbsParty<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accounting_customer_party: Option<MbsParty<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) payment_means: Vec<Means>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_terms_note: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) allowance_charge: Vec<Charge>,
    pub(super) tax_total: [TaxTotal; 1],
    pub(super) legal_monetary_total: MonetaryTotal,
    pub(super) invoice_line: Vec<Line<'a>>,
}

impl MbsInvoice<'_> {
    /// As JSON bytes.
    ///
    /// # Errors
    /// None for an invoice that `to_mbs` accepted.
    pub fn to_bytes(&self) -> Result<Bytes> {
        crate::json::write("firs.mbs", self).map(Bytes::from)
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Reference<'a> {
    pub(super) irn: &'a str,
    pub(super) issue_date: NaiveDate,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct MbsParty<'a> {
    pub(super) party_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tin: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) telephone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) business_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postal_address: Option<MbsAddress<'a>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct MbsAddress<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) street_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) city_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postal_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lga: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Means {
    pub(super) payment_means_code: &'static str,
    pub(super) payment_due_date: NaiveDate,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Charge {
    pub(super) charge_indicator: bool,
    pub(super) amount: Number,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct TaxTotal {
    pub(super) tax_amount: Number,
    pub(super) tax_subtotal: Vec<Subtotal>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Subtotal {
    pub(super) taxable_amount: Number,
    pub(super) tax_amount: Number,
    pub(super) tax_category: Category,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Category {
    pub(super) id: &'static str,
    pub(super) percent: Number,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct MonetaryTotal {
    pub(super) line_extension_amount: Number,
    pub(super) tax_exclusive_amount: Number,
    pub(super) tax_inclusive_amount: Number,
    pub(super) payable_amount: Number,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hsn_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) isic_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_category: Option<&'a str>,
    pub(super) discount_rate: Number,
    pub(super) discount_amount: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dicount_rate: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dicount_amount: Option<Number>,
    pub(super) fee_rate: Number,
    pub(super) fee_amount: Number,
    pub(super) invoiced_quantity: Number,
    pub(super) line_extension_amount: Number,
    pub(super) item: Item<'a>,
    pub(super) price: Price,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sellers_item_identification: Option<&'a str>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Price {
    pub(super) price_amount: Number,
    pub(super) base_quantity: Number,
    pub(super) price_unit: String,
}
