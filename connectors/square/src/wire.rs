//! Square's own shapes, as far as they are read. Unknown members and unknown enum values are let through.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::Error as _};
use taxpoynt_core::json::{Exact, or_default};
use taxpoynt_ubl::Currency;

/// A record: the order and what belongs to it (contract: records).
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) order: Order,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) payments: Vec<Payment>,
    pub(crate) payment: Option<Payment>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) refunds: Vec<PaymentRefund>,
    pub(crate) refund: Option<PaymentRefund>,
    pub(crate) customer: Option<Customer>,
    pub(crate) location: Option<Location>,
    pub(crate) source_order: Option<Order>,
}

impl Record {
    /// The payments, however the record spells them.
    pub(crate) fn payments(&self) -> impl Iterator<Item = (&'static str, usize, &Payment)> {
        let many = self.payments.iter().enumerate().map(|(i, p)| ("payments", i, p));
        many.chain(self.payment.iter().map(|p| ("payment", 0, p)))
    }

    /// The refunds, however the record spells them.
    pub(crate) fn refunds(&self) -> impl Iterator<Item = &PaymentRefund> {
        self.refunds.iter().chain(&self.refund)
    }
}

/// Just enough to name a record.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    pub(crate) order: OrderHead,
}

/// An order's identity.
#[derive(Debug, Deserialize)]
pub(crate) struct OrderHead {
    pub(crate) id: String,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// An amount in the currency's minor units.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Money {
    pub(crate) amount: Minor,
    pub(crate) currency: Currency,
}

/// A whole number of minor units. Square sends a JSON integer; its Node SDK turns it into a string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minor(pub(crate) i64);

impl<'de> Deserialize<'de> for Minor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Exact(value) = Exact::deserialize(deserializer)?;
        let whole = value.is_integer().then(|| i64::try_from(value.trunc()).ok()).flatten();
        whole
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{value} is not a whole number of minor units")))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) location_id: Option<String>,
    pub(crate) reference_id: Option<String>,
    pub(crate) ticket_name: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) line_items: Vec<LineItem>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) taxes: Vec<Tax>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) discounts: Vec<Discount>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) service_charges: Vec<ServiceCharge>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) returns: Vec<Return>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tenders: Vec<Tender>,
    pub(crate) rounding_adjustment: Option<RoundingAdjustment>,
    pub(crate) total_money: Option<Money>,
    pub(crate) total_tax_money: Option<Money>,
    pub(crate) total_discount_money: Option<Money>,
    pub(crate) total_tip_money: Option<Money>,
    pub(crate) total_service_charge_money: Option<Money>,
    pub(crate) return_amounts: Option<Amounts>,
    pub(crate) net_amounts: Option<Amounts>,
    pub(crate) net_amount_due_money: Option<Money>,
}

/// A line of a sale, or of a return, which has other names for two of the members.
#[derive(Debug, Deserialize)]
pub(crate) struct LineItem {
    pub(crate) uid: Option<String>,
    pub(crate) source_line_item_uid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) variation_name: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) catalog_object_id: Option<String>,
    pub(crate) item_type: Option<String>,
    pub(crate) quantity: Exact,
    pub(crate) quantity_unit: Option<QuantityUnit>,
    pub(crate) base_price_money: Option<Money>,
    pub(crate) variation_total_price_money: Option<Money>,
    #[serde(alias = "gross_return_money")]
    pub(crate) gross_sales_money: Option<Money>,
    #[serde(default, alias = "return_modifiers", deserialize_with = "or_default")]
    pub(crate) modifiers: Vec<Modifier>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) applied_taxes: Vec<AppliedTax>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) applied_discounts: Vec<AppliedDiscount>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) applied_service_charges: Vec<AppliedServiceCharge>,
    pub(crate) total_discount_money: Option<Money>,
    pub(crate) total_tax_money: Option<Money>,
    pub(crate) total_service_charge_money: Option<Money>,
    pub(crate) total_money: Money,
}

#[derive(Debug, Deserialize)]
pub(crate) struct QuantityUnit {
    pub(crate) measurement_unit: Option<MeasurementUnit>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MeasurementUnit {
    pub(crate) area_unit: Option<String>,
    pub(crate) length_unit: Option<String>,
    pub(crate) volume_unit: Option<String>,
    pub(crate) weight_unit: Option<String>,
    pub(crate) time_unit: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Modifier {
    pub(crate) name: Option<String>,
    pub(crate) quantity: Option<Exact>,
    pub(crate) base_price_money: Option<Money>,
    pub(crate) total_price_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AppliedTax {
    pub(crate) tax_uid: String,
    pub(crate) applied_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AppliedDiscount {
    pub(crate) discount_uid: Option<String>,
    pub(crate) applied_money: Money,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AppliedServiceCharge {
    pub(crate) service_charge_uid: Option<String>,
    pub(crate) applied_money: Money,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tax {
    pub(crate) uid: Option<String>,
    pub(crate) catalog_object_id: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) percentage: Option<Exact>,
    pub(crate) applied_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Discount {
    pub(crate) uid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) amount_money: Option<Money>,
    pub(crate) applied_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ServiceCharge {
    pub(crate) uid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) calculation_phase: Option<String>,
    pub(crate) treatment_type: Option<String>,
    pub(crate) amount_money: Option<Money>,
    pub(crate) applied_money: Option<Money>,
    pub(crate) total_money: Option<Money>,
    pub(crate) total_tax_money: Option<Money>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) applied_taxes: Vec<AppliedTax>,
}

impl ServiceCharge {
    /// Whether it is spread over the lines, so that their totals hold it already.
    pub(crate) fn is_apportioned(&self) -> bool {
        match (self.treatment_type.as_deref(), self.calculation_phase.as_deref()) {
            (Some(treatment), _) => treatment == "APPORTIONED_TREATMENT",
            (None, Some(phase)) => phase.starts_with("APPORTIONED_"),
            (None, None) => false,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct RoundingAdjustment {
    pub(crate) amount_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Amounts {
    pub(crate) total_money: Option<Money>,
    pub(crate) tax_money: Option<Money>,
    pub(crate) discount_money: Option<Money>,
    pub(crate) tip_money: Option<Money>,
    pub(crate) service_charge_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Return {
    pub(crate) source_order_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) return_line_items: Vec<LineItem>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) return_service_charges: Vec<ServiceCharge>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) return_taxes: Vec<Tax>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) return_discounts: Vec<Discount>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) return_tips: Vec<ReturnTip>,
    pub(crate) rounding_adjustment: Option<RoundingAdjustment>,
    pub(crate) return_amounts: Option<Amounts>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ReturnTip {
    pub(crate) applied_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tender {
    pub(crate) id: Option<String>,
    pub(crate) payment_id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) amount_money: Option<Money>,
    pub(crate) tip_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: Option<String>,
    pub(crate) order_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) source_type: Option<String>,
    pub(crate) external_details: Option<ExternalDetails>,
    pub(crate) receipt_number: Option<String>,
    pub(crate) amount_money: Option<Money>,
    pub(crate) tip_money: Option<Money>,
    pub(crate) total_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ExternalDetails {
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PaymentRefund {
    pub(crate) id: Option<String>,
    pub(crate) order_id: Option<String>,
    pub(crate) payment_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) destination_type: Option<String>,
    pub(crate) amount_money: Option<Money>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) nickname: Option<String>,
    pub(crate) company_name: Option<String>,
    pub(crate) email_address: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) address: Option<Address>,
    pub(crate) tax_ids: Option<TaxIds>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TaxIds {
    pub(crate) eu_vat: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Address {
    pub(crate) address_line_1: Option<String>,
    pub(crate) address_line_2: Option<String>,
    pub(crate) address_line_3: Option<String>,
    pub(crate) locality: Option<String>,
    pub(crate) administrative_district_level_1: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Location {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) status: Option<String>,
}
