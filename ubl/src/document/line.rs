//! What was sold.

use super::{AllowanceCharge, Identifier, Period, Rest, Tax};
use crate::codes::UNIT_ONE;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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

/// A classification of an item in a list of codes (BT-158).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemClassification {
    /// The code.
    pub code: String,
    /// The list, UNTDID 7143.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The list's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_version: Option<String>,
    /// The code in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// A property of an item (BG-32).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemAttribute {
    /// What it is.
    pub name: String,
    /// How it is.
    pub value: String,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
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
    /// Remarks after the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_notes: Vec<String>,
    /// The buyer's accounting reference (BT-133).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounting_reference: Option<String>,
    /// When it was delivered (BG-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The line of the order it bills (BT-132).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line: Option<String>,
    /// What it is about, such as a meter (BT-128).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Identifier>,
    /// The buyer's own number for the item (BT-156).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyers_item_id: Option<String>,
    /// The item's number in a standard scheme, such as a GTIN (BT-157).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_item_id: Option<Identifier>,
    /// Classifications beside `classification` (BT-158).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classifications: Vec<ItemClassification>,
    /// Where it comes from, ISO 3166-1 alpha-2 (BT-159).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_country: Option<String>,
    /// Its attributes (BG-32).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<ItemAttribute>,
    /// Price before `price_discount` (BT-148).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_price: Option<Decimal>,
    /// Taken off the gross price (BT-147).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_discount: Option<Decimal>,
    /// Unit of `base_quantity` where it is not `unit` (BT-150).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_unit: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

impl Default for InvoiceLine {
    /// A line of nothing yet: every field empty, the price for one unit.
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            description: None,
            sku: None,
            quantity: Decimal::ZERO,
            unit: UNIT_ONE.to_owned(),
            unit_price: Decimal::ZERO,
            base_quantity: Decimal::ONE,
            net_amount: Decimal::ZERO,
            tax: Tax::default(),
            allowances: Vec::new(),
            charges: Vec::new(),
            classification: None,
            note: None,
            further_notes: Vec::new(),
            accounting_reference: None,
            period: None,
            order_line: None,
            object: None,
            buyers_item_id: None,
            standard_item_id: None,
            classifications: Vec::new(),
            origin_country: None,
            attributes: Vec::new(),
            gross_price: None,
            price_discount: None,
            base_unit: None,
            rest: Rest::default(),
        }
    }
}

fn one() -> Decimal {
    Decimal::ONE
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_one(value: &Decimal) -> bool {
    *value == Decimal::ONE
}
