//! The totals of a document.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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
