//! The authority's JSON as types: field names and their order, schema v1.1.

use super::json::Writer;
use crate::Result;
use bytes::Bytes;
use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use taxpoynt_ubl::Currency;

/// About what the parts of a body take, so that it is written without moving it.
const BYTES_OF_A_HEAD: usize = 2500;
const BYTES_OF_A_LINE: usize = 600;

/// An invoice in the authority's field names and order; serialize it with serde_json, or take `to_bytes`.
#[derive(Debug, Clone)]
pub struct MbsInvoice<'a> {
    pub(super) business_id: &'a str,
    pub(super) irn: &'a str,
    pub(super) issue_date: NaiveDate,
    pub(super) due_date: Option<NaiveDate>,
    pub(super) issue_time: Option<NaiveTime>,
    pub(super) invoice_type_code: &'static str,
    pub(super) invoice_kind: &'static str,
    pub(super) payment_status: &'static str,
    pub(super) note: Option<&'a str>,
    pub(super) tax_point_date: Option<NaiveDate>,
    pub(super) document_currency_code: Currency,
    pub(super) tax_currency_code: &'static str,
    pub(super) buyer_reference: Option<&'a str>,
    pub(super) order_reference: Option<&'a str>,
    pub(super) billing_reference: Vec<Reference<'a>>,
    pub(super) accounting_supplier_party: MbsParty<'a>,
    pub(super) accounting_customer_party: Option<MbsParty<'a>>,
    pub(super) payment_means: Vec<Means>,
    pub(super) payment_terms_note: Option<&'a str>,
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
        Ok(Bytes::from(self.json()))
    }

    fn json(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(BYTES_OF_A_HEAD + BYTES_OF_A_LINE * self.invoice_line.len());
        writer.braces(|w| self.write(w));
        writer.into_bytes()
    }

    fn write(&self, w: &mut Writer) {
        w.text("business_id", self.business_id);
        w.text("irn", self.irn);
        w.date("issue_date", self.issue_date);
        w.maybe_date("due_date", self.due_date);
        if let Some(time) = self.issue_time {
            w.time("issue_time", time);
        }
        w.text("invoice_type_code", self.invoice_type_code);
        w.text("invoice_kind", self.invoice_kind);
        w.text("payment_status", self.payment_status);
        w.maybe_text("note", self.note);
        w.maybe_date("tax_point_date", self.tax_point_date);
        w.text("document_currency_code", self.document_currency_code.code());
        w.text("tax_currency_code", self.tax_currency_code);
        w.maybe_text("buyer_reference", self.buyer_reference);
        w.maybe_text("order_reference", self.order_reference);
        w.some("billing_reference", &self.billing_reference, Reference::write);
        w.object("accounting_supplier_party", |w| self.accounting_supplier_party.write(w));
        if let Some(customer) = &self.accounting_customer_party {
            w.object("accounting_customer_party", |w| customer.write(w));
        }
        w.some("payment_means", &self.payment_means, Means::write);
        w.maybe_text("payment_terms_note", self.payment_terms_note);
        w.some("allowance_charge", &self.allowance_charge, Charge::write);
        w.list("tax_total", &self.tax_total, TaxTotal::write);
        w.object("legal_monetary_total", |w| self.legal_monetary_total.write(w));
        w.list("invoice_line", &self.invoice_line, |line, w| {
            line.write(w, self.document_currency_code.code());
        });
    }
}

impl Serialize for MbsInvoice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let json = String::from_utf8(self.json()).map_err(serde::ser::Error::custom)?;
        RawValue::from_string(json).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Reference<'a> {
    pub(super) irn: &'a str,
    pub(super) issue_date: NaiveDate,
}

impl Reference<'_> {
    fn write(&self, w: &mut Writer) {
        w.text("irn", self.irn);
        w.date("issue_date", self.issue_date);
    }
}

#[derive(Debug, Clone)]
pub(super) struct MbsParty<'a> {
    pub(super) party_name: &'a str,
    pub(super) tin: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) telephone: Option<Cow<'a, str>>,
    pub(super) business_description: Option<&'a str>,
    pub(super) postal_address: Option<MbsAddress<'a>>,
}

impl MbsParty<'_> {
    fn write(&self, w: &mut Writer) {
        w.text("party_name", self.party_name);
        w.maybe_text("tin", self.tin);
        w.maybe_text("email", self.email);
        w.maybe_text("telephone", self.telephone.as_deref());
        w.maybe_text("business_description", self.business_description);
        if let Some(address) = &self.postal_address {
            w.object("postal_address", |w| address.write(w));
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct MbsAddress<'a> {
    pub(super) street_name: Option<&'a str>,
    pub(super) city_name: Option<&'a str>,
    pub(super) postal_zone: Option<&'a str>,
    pub(super) lga: Option<&'a str>,
    pub(super) state: Option<&'a str>,
    pub(super) country: Option<Cow<'a, str>>,
}

impl MbsAddress<'_> {
    fn write(&self, w: &mut Writer) {
        w.maybe_text("street_name", self.street_name);
        w.maybe_text("city_name", self.city_name);
        w.maybe_text("postal_zone", self.postal_zone);
        w.maybe_text("lga", self.lga);
        w.maybe_text("state", self.state);
        w.maybe_text("country", self.country.as_deref());
    }
}

#[derive(Debug, Clone)]
pub(super) struct Means {
    pub(super) payment_means_code: &'static str,
    pub(super) payment_due_date: NaiveDate,
}

impl Means {
    fn write(&self, w: &mut Writer) {
        w.text("payment_means_code", self.payment_means_code);
        w.date("payment_due_date", self.payment_due_date);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub(super) charge_indicator: bool,
    pub(super) amount: Decimal,
}

impl Charge {
    fn write(&self, w: &mut Writer) {
        w.truth("charge_indicator", self.charge_indicator);
        w.number("amount", self.amount);
    }
}

#[derive(Debug, Clone)]
pub(super) struct TaxTotal {
    pub(super) tax_amount: Decimal,
    pub(super) tax_subtotal: Vec<Subtotal>,
}

impl TaxTotal {
    fn write(&self, w: &mut Writer) {
        w.number("tax_amount", self.tax_amount);
        w.list("tax_subtotal", &self.tax_subtotal, Subtotal::write);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Subtotal {
    pub(super) taxable_amount: Decimal,
    pub(super) tax_amount: Decimal,
    pub(super) tax_category: Category,
}

impl Subtotal {
    fn write(&self, w: &mut Writer) {
        w.number("taxable_amount", self.taxable_amount);
        w.number("tax_amount", self.tax_amount);
        w.object("tax_category", |w| self.tax_category.write(w));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) id: &'static str,
    pub(super) percent: Decimal,
}

impl Category {
    fn write(&self, w: &mut Writer) {
        w.text("id", self.id);
        w.number("percent", self.percent);
    }
}

#[derive(Debug, Clone)]
pub(super) struct MonetaryTotal {
    pub(super) line_extension_amount: Decimal,
    pub(super) tax_exclusive_amount: Decimal,
    pub(super) tax_inclusive_amount: Decimal,
    pub(super) payable_amount: Decimal,
}

impl MonetaryTotal {
    fn write(&self, w: &mut Writer) {
        w.number("line_extension_amount", self.line_extension_amount);
        w.number("tax_exclusive_amount", self.tax_exclusive_amount);
        w.number("tax_inclusive_amount", self.tax_inclusive_amount);
        w.number("payable_amount", self.payable_amount);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) hsn_code: Option<&'a str>,
    pub(super) product_category: Option<&'a str>,
    pub(super) isic_code: Option<&'a str>,
    pub(super) service_category: Option<&'a str>,
    pub(super) discount_rate: Decimal,
    pub(super) discount_amount: Decimal,
    /// Whether the discount goes under the official sample's misspelt names as well.
    pub(super) misspelt_discount: bool,
    pub(super) fee_rate: Decimal,
    pub(super) fee_amount: Decimal,
    pub(super) invoiced_quantity: Decimal,
    pub(super) line_extension_amount: Decimal,
    pub(super) item: Item<'a>,
    pub(super) price: Price,
}

impl Line<'_> {
    fn write(&self, w: &mut Writer, currency: &str) {
        w.maybe_text("hsn_code", self.hsn_code);
        w.maybe_text("product_category", self.product_category);
        w.maybe_text("isic_code", self.isic_code);
        w.maybe_text("service_category", self.service_category);
        w.number("discount_rate", self.discount_rate);
        w.number("discount_amount", self.discount_amount);
        if self.misspelt_discount {
            w.number("dicount_rate", self.discount_rate);
            w.number("dicount_amount", self.discount_amount);
        }
        w.number("fee_rate", self.fee_rate);
        w.number("fee_amount", self.fee_amount);
        w.number("invoiced_quantity", self.invoiced_quantity);
        w.number("line_extension_amount", self.line_extension_amount);
        w.object("item", |w| self.item.write(w));
        w.object("price", |w| self.price.write(w, currency));
    }
}

#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) sellers_item_identification: Option<&'a str>,
}

impl Item<'_> {
    fn write(&self, w: &mut Writer) {
        w.text("name", self.name);
        w.text("description", self.description);
        w.maybe_text("sellers_item_identification", self.sellers_item_identification);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Price {
    pub(super) price_amount: Decimal,
    pub(super) base_quantity: Decimal,
}

impl Price {
    fn write(&self, w: &mut Writer, currency: &str) {
        w.number("price_amount", self.price_amount);
        w.number("base_quantity", self.base_quantity);
        w.text_and_number("price_unit", [currency, " per "], self.base_quantity);
    }
}
