//! VAT: categories, rates, the breakdown, and allowances and charges with theirs.

use super::Rest;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A VAT category of UNCL 5305 as EN 16931 uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TaxCategory {
    /// Standard rate.
    #[default]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// The same as a code of the VATEX list (BT-121).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// One row of the VAT breakdown: one per category and rate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// The same as a code of the VATEX list (BT-121).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// An amount taken off or put on, at a line or at the document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AllowanceCharge {
    /// Always positive.
    pub amount: Decimal,
    /// Why (BT-97, BT-104, BT-139, BT-144).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The tax; only at the document, where it is required. A line's allowance is taxed as the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
    /// The same as a code: UNTDID 5189 for an allowance, 7161 for a charge (BT-98, BT-105, BT-140, BT-145).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What `percent` is taken of (BT-93, BT-100, BT-137, BT-142).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_amount: Option<Decimal>,
    /// The share of `base_amount` in percent (BT-94, BT-101, BT-138, BT-143).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Decimal>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}
